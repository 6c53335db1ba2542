package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"path"
	"slices"
	"strings"

	"tocsin/internal/lifecycle"
)

// The limits of a profile's folder.
const (
	maxFiles = 200
	maxFile  = 256 << 10
)

// raw is the profile as its files spell it: one field a file.
type raw struct {
	profile struct {
		Name      string    `json:"name" need:"true"`
		Title     string    `json:"title" need:"true"`
		About     string    `json:"about" need:"true"`
		Publisher Publisher `json:"publisher" need:"true"`
		Releases  Releases  `json:"releases" need:"true"`
		Roles     []Named   `json:"roles" need:"true"`
		TLP       []string  `json:"tlp" need:"true"`
	}
	severity struct {
		Sources []string       `json:"sources" need:"true"`
		Bands   []Band         `json:"bands" need:"true"`
		Votes   map[string]int `json:"votes" need:"true"`
		Rules   []CVSSRule     `json:"cvss_rules"`
	}
	calendars struct {
		Calendars map[string]rawCalendar `json:"calendars" need:"true"`
	}
	clocks struct {
		Clocks     []rawClock `json:"clocks" need:"true"`
		Disclosure Disclosure `json:"disclosure" need:"true"`
	}
	sla   SLA
	words struct {
		Environments []Environment `json:"environments" need:"true"`
		Dispositions []Disposition `json:"dispositions" need:"true"`
		Completeness []Check       `json:"completeness" need:"true"`
		Sources      []Named       `json:"sources" need:"true"`
		Stride       []Named       `json:"stride" need:"true"`
		Remediations []Named       `json:"remediations" need:"true"`
		Verdicts     []Named       `json:"verdicts" need:"true"`
		Validations  []Named       `json:"validations" need:"true"`
		Credits      []Named       `json:"credits" need:"true"`
	}
	grants struct {
		Grants map[string][]string `json:"grants" need:"true"`
	}
	risk struct {
		Scales    []Scale   `json:"scales" need:"true"`
		Matrix    Matrix    `json:"matrix" need:"true"`
		Ratings   []Rating  `json:"ratings" need:"true"`
		Tolerance Tolerance `json:"tolerance" need:"true"`
	}
	register   Register
	rca        RCA
	lifecycles map[string]*rawMachine
	messages   map[string]*rawMessage
}

// The files of a profile.
const (
	profileFile   = "profile.yaml"
	severityFile  = "severity.yaml"
	calendarsFile = "calendars.yaml"
	clocksFile    = "clocks.yaml"
	slaFile       = "sla.yaml"
	wordsFile     = "words.yaml"
	grantsFile    = "grants.yaml"
	riskFile      = "risk.yaml"
	registerFile  = "register.yaml"
	rcaFile       = "rca.yaml"
	lifecycleDir  = "lifecycle"
	messagesDir   = "messages"
)

// files maps each file to the part of raw that it fills.
func (r *raw) files() map[string]any {
	return map[string]any{
		profileFile: &r.profile, severityFile: &r.severity, calendarsFile: &r.calendars, clocksFile: &r.clocks,
		slaFile: &r.sla, wordsFile: &r.words, grantsFile: &r.grants, riskFile: &r.risk, registerFile: &r.register, rcaFile: &r.rca,
	}
}

// machines are the life cycles that every profile has.
var machines = []string{"report", "case", "advisory"}

// Load reads the profile in fsys and checks it against the words that the code
// knows. A bad profile comes back as Problems: every mistake with its place.
func Load(fsys fs.FS, words Words) (*Profile, error) {
	names, err := list(fsys)
	if err != nil {
		return nil, fmt.Errorf("read the profile's folder: %w", err)
	}
	l := &loader{source: source{at: map[string]place{}, unread: map[string]bool{}}, fsys: fsys, words: words, sum: sha256.New()}
	l.raw.lifecycles, l.raw.messages = map[string]*rawMachine{}, map[string]*rawMessage{}
	for _, name := range names {
		if err := l.file(name); err != nil {
			return nil, err
		}
	}
	l.missing(names)
	l.own = slices.Contains(names, registerFile)
	p := l.build()
	l.check(p)
	if len(l.out) > 0 {
		return nil, l.out.sorted()
	}
	if err := l.lent(p); err != nil {
		return nil, err
	}
	p.Version = p.Name + "-" + hex.EncodeToString(l.sum.Sum(nil))[:12]
	return p, nil
}

// list names every file of the folder in order, but those whose name begins with
// a dot. A link to a file counts as the file.
func list(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return nil
		case len(names) == maxFiles:
			return Problems{{name, 1, 1, fmt.Sprintf("the folder has more than %d files", maxFiles), "point at the profile's own folder"}}
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// loader reads files into raw and hashes them on the way.
type loader struct {
	source
	fsys  fs.FS
	words Words
	raw   raw
	own   bool // the folder has a register of its own
	sum   hash.Hash
}

func (l *loader) file(name string) error {
	text, err := l.read(name)
	if err != nil || text == nil {
		return err
	}
	fmt.Fprintf(l.sum, "%s\x00%d\x00%s", name, len(text), text)
	dir, base := path.Split(name)
	stem := strings.TrimSuffix(base, path.Ext(base))
	part, known := l.raw.files()[name]
	switch {
	case known:
		l.yaml(name, text, part)
	case dir == lifecycleDir+"/" && path.Ext(base) == ".yaml":
		m := &rawMachine{}
		l.raw.lifecycles[stem] = m
		l.yaml(name, text, m)
	case dir == messagesDir+"/" && path.Ext(base) == ".md":
		l.message(name, stem, text)
	case base != "README.md":
		l.put(name, place{}, pick(name, l.fileNames()), "nobody reads this file")
	}
	return nil
}

// read returns the file's text, or nil after noting that it is too large.
func (l *loader) read(name string) ([]byte, error) {
	info, err := fs.Stat(l.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	if info.Size() > maxFile {
		l.put(name, place{}, "split or shorten it", "the file is larger than %d KiB", maxFile>>10)
		return nil, nil
	}
	text, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	if text == nil {
		text = []byte{}
	}
	return text, nil
}

func (l *loader) fileNames() []string {
	out := []string{lifecycleDir + "/NAME.yaml", messagesDir + "/NAME.md"}
	for name := range l.raw.files() {
		out = append(out, name)
	}
	return out
}

// missing notes the files that are not there.
func (l *loader) missing(have []string) {
	var want []string
	for name := range l.raw.files() {
		if name != registerFile && name != rcaFile {
			want = append(want, name)
		}
	}
	for _, m := range machines {
		want = append(want, lifecycleDir+"/"+m+".yaml")
	}
	for _, name := range want {
		if !slices.Contains(have, name) {
			l.put(name, place{}, "add it; the profile generic shows what it holds", "the profile has no such file")
		}
	}
}

// build makes the profile of what was read; check then finds what is wrong.
func (l *loader) build() *Profile {
	r := &l.raw
	p := &Profile{
		Name: r.profile.Name, Title: r.profile.Title, About: r.profile.About,
		Publisher: r.profile.Publisher, Releases: r.profile.Releases, Roles: r.profile.Roles, TLP: r.profile.TLP,
		Severity: Severity{r.severity.Sources, r.severity.Bands}, Votes: r.severity.Votes, CVSSRules: r.severity.Rules,
		Disclosure: r.clocks.Disclosure, Environments: r.words.Environments, Dispositions: r.words.Dispositions,
		Completeness: r.words.Completeness, Sources: r.words.Sources, Stride: r.words.Stride, Remediations: r.words.Remediations,
		Verdicts: r.words.Verdicts, Validations: r.words.Validations, Credits: r.words.Credits,
		Scales: r.risk.Scales, Matrix: r.risk.Matrix, Ratings: r.risk.Ratings, Tolerance: r.risk.Tolerance, Register: r.register, RCA: r.rca,
		Lifecycles: map[string]*lifecycle.Machine{}, Plain: map[string]string{}, Messages: map[string]Message{},
	}
	l.lifecycles(p)
	p.Calendars = l.calendars()
	p.SLA = l.sla()
	p.Clocks = l.clocks(p)
	for _, verb := range sortedKeys(r.grants.Grants) {
		p.Grants = append(p.Grants, Grant{verb, r.grants.Grants[verb]})
	}
	for name, m := range r.messages {
		p.Messages[name] = m.made
	}
	return p
}
