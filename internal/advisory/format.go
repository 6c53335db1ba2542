package advisory

// File is one file of a published form.
type File struct {
	Name  string // as published: "adv-7qk3d9xb.json"
	Media string // media type
	Body  []byte
}

// Format turns a Document into the files of one published form.
type Format interface {
	Name() string                    // "csaf-2.0", "cve-5", "osv-1", "openvex-0.2"
	Render(Document) ([]File, error) // a form that knows one vulnerability a file gives several
}

// Reader is a Format that can be read back into a Document.
type Reader interface {
	Format
	Is(body map[string]any) bool          // whether a JSON object claims to be of this form
	Parse(body []byte) (Document, error)  // a fault that says where, when it cannot
	Check(body []byte) ([]Finding, error) // every rule that the file breaks; error only when it is no JSON at all
}

// Level is how bad a finding is. Only errors make a file invalid.
type Level string

// The levels of a finding.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Info    Level = "info"
)

// Finding is one failing rule in a file.
type Finding struct {
	Rule    string `json:"rule"` // "6.1.1" (CSAF 2.0, section 6), "schema", "cve.…"
	Level   Level  `json:"level"`
	Pointer string `json:"pointer"` // JSON pointer, RFC 6901
	Message string `json:"message"`
}

// Valid reports whether none of the findings is an error.
func Valid(fs []Finding) bool {
	for _, f := range fs {
		if f.Level == Error {
			return false
		}
	}
	return true
}
