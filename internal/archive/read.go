package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/shape"
)

// File is one file to import.
type File struct {
	Name string
	Size int64
	Open func() (io.ReadCloser, error)
}

// endings are how the files of a folder are told from what lies beside them.
var endings = map[string]string{"cve5": ".json", "osv": ".json", "csaf": ".json", Bounty: ".csv"}

// Files lists the files of the paths: a folder stands for all of its files of the
// kind, however deep, in the order of their names; a file stands for itself.
func Files(kind string, paths ...string) ([]File, error) {
	var out []File
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fault.New(fault.NotFound, "%s cannot be read; check the path and that you may read it", p)
		}
		if !info.IsDir() {
			out = append(out, File{p, info.Size(), func() (io.ReadCloser, error) { return os.Open(p) }})
			continue
		}
		in, err := FilesIn(kind, os.DirFS(p), ".")
		if err != nil {
			return nil, fault.New(fault.Invalid, "the folder %s cannot be read to its end: %v", p, err)
		}
		for i := range in {
			in[i].Name = filepath.Join(p, in[i].Name)
		}
		out = append(out, in...)
	}
	return out, nil
}

// FilesIn lists the files of the kind below a folder of a file system. Links out
// of it are not followed.
func FilesIn(kind string, in fs.FS, root string) ([]File, error) {
	var out []File
	err := fs.WalkDir(in, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.EqualFold(path.Ext(name), endings[kind]) {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out = append(out, File{name, info.Size(), func() (io.ReadCloser, error) { return in.Open(name) }})
		}
		return err
	})
	return out, err
}

// maxFile is how big a file may be, in bytes.
const maxFile = 64 << 20

func (f File) read() ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fault.New(fault.Invalid, "the file cannot be opened; check that you may read it")
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, fault.New(fault.Invalid, "the file cannot be read to its end; check the disk and try again")
	case len(b) > maxFile:
		return nil, fault.New(fault.TooLarge, "the file has more than %d MiB; split it", maxFile>>20)
	}
	return b, nil
}

// item is one record of a file, read, or the reason why it cannot be.
type item struct {
	file     string
	line     int
	end      int64 // where it ends in the file
	format   string
	name     string // unique in the format
	original []byte
	sum      string
	doc      *advisory.Document // nil where the record is no advisory
	parts    []part
	skip     bool // a row of another program
	err      error
}

func (it item) key() string { return it.format + "\x00" + it.name }

func (it *item) sign() {
	sum := sha256.Sum256(it.original)
	it.sum = hex.EncodeToString(sum[:])
	for i := range it.parts {
		r := &it.parts[i].Record
		r.Format, r.Name, r.SHA256 = it.format, it.name, it.sum
	}
}

// items reads every record of a file.
func (a *Archive) items(kind string, f File, o Options) iter.Seq[item] {
	return func(yield func(item) bool) {
		body, err := f.read()
		if err != nil {
			yield(item{file: f.Name, err: err})
			return
		}
		if kind == Bounty {
			for it := range rows(body, o.Program, a.Profile) {
				it.file = f.Name
				if !yield(it) {
					return
				}
			}
			return
		}
		it := readDocument(kind, a.Readers[kind], body, a.Profile)
		it.file = f.Name
		yield(it)
	}
}

// again reads an original that was kept, to learn what it stated.
func (a *Archive) again(format string, original []byte) (item, error) {
	if format != Bounty {
		it := readDocument(format, a.Readers[format], original, a.Profile)
		return it, it.err
	}
	for it := range rows(original, "", a.Profile) {
		return it, it.err
	}
	return item{}, fault.New(fault.Invalid, "the kept original holds no row")
}

func readDocument(kind string, form advisory.Reader, body []byte, p *profile.Profile) item {
	it := item{format: kind, original: body}
	decoded, err := shape.Decode(body)
	if err != nil {
		it.err = err
		return it
	}
	if o, ok := decoded.(map[string]any); !ok || !form.Is(o) {
		it.err = fault.New(fault.Invalid, "this is JSON, but no record of %s; import it as what it is, or leave it out", form.Name())
		return it
	}
	d, err := form.Parse(body)
	if err == nil {
		err = importable(&d)
	}
	if err != nil {
		it.err = err
		return it
	}
	it.doc, it.name = &d, d.ID
	if d.Publisher.Namespace != "" { // CSAF: an ID is unique for its publisher
		it.name = d.Publisher.Namespace + " " + d.ID
	}
	it.parts = partsOf(kind, &d, p)
	it.sign()
	return it
}

const maxName = 500

// importable refuses what is no published history.
func importable(d *advisory.Document) error {
	switch {
	case d.ID == "" || len(d.ID) > maxName || d.ID != line(d.ID, maxName):
		return fault.New(fault.Invalid, "the record has no usable name of its own (an ID in one line of at most %d bytes), by which it would be known again", maxName)
	case d.Status == advisory.Draft:
		return fault.New(fault.Invalid, "this document is a draft; only what was published is history")
	case len(d.Vulns) == 0:
		return fault.New(fault.Invalid, "the document speaks of no vulnerability, so there is no case to bring in")
	case len(d.Vulns) == 1 && d.Vulns[0].State == "RESERVED":
		return fault.New(fault.Invalid, "this CVE ID is only reserved; there is nothing published to bring in")
	}
	return nil
}

// unlinked is what an advisory's name in addresses has none of.
var unlinked = regexp.MustCompile(`[^A-Za-z0-9._:+-]+`)

// names are what the advisory can be published under: its own ID, else with the
// form behind it.
func (it item) names() []string {
	name := strings.Trim(unlinked.ReplaceAllString(it.doc.ID, "-"), "-.")
	if name == "" {
		name = it.sum[:16]
	}
	return []string{name, name + "-" + it.format}
}

var lineSaid = regexp.MustCompile(`^line (\d+), column \d+ \(`)

// failure says why a record was left out.
func (it item) failure() Failure {
	f := fault.Of(it.err)
	out := Failure{File: it.file, Line: it.line, Reason: f.Says}
	if f.Kind == fault.Internal && f.Err != nil {
		out.Reason = "the store does not take it: " + f.Err.Error()
	}
	if m := lineSaid.FindStringSubmatch(f.Says); m != nil {
		fmt.Sscan(m[1], &out.Line)
	}
	if len(f.Fields) > 0 && f.Fields[0].Name != "" && it.format != Bounty {
		out.Pointer = f.Fields[0].Name
		if !strings.HasPrefix(out.Pointer, "/") {
			out.Pointer = "/" + strings.ReplaceAll(out.Pointer, ".", "/")
		}
	}
	if len(f.Fields) > 1 {
		var says []string
		for _, x := range f.Fields[:min(3, len(f.Fields))] {
			says = append(says, x.Says)
		}
		out.Reason = strings.Join(slices.Compact(says), "; ")
	}
	return out
}
