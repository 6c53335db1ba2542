package web

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"

	"tocsin/internal/exchange"
	"tocsin/internal/fault"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// exchangeRoutes are the register as files.
var exchangeRoutes = []Route{
	{Pattern: "GET /register/export", Do: exportPage},
	{Pattern: "GET /register/export/file", Do: exportFile},
	{Pattern: "GET /register/import", Do: importPage},
	{Pattern: "POST /register/import", Verb: exchange.VerbImport, Do: importTry, Max: maxImportForm},
	{Pattern: "POST /register/import/columns", Verb: exchange.VerbImport, Do: importMap, Max: maxImportForm},
	{Pattern: "POST /register/import/confirm", Verb: exchange.VerbImport, Do: importDo, Max: maxImportForm},
}

// What a page takes in: a file is sent once to be tried, and once more with the
// confirmation. Longer ones come in by the API or the command line.
const (
	maxImport     = 8 << 20
	maxImportForm = 12 << 20 // as the confirmation carries it
)

// ExportPage chooses the form of an export and tells what it cannot hold.
type ExportPage struct {
	Head   ui.PageHead
	Format string
	State  string
	Said   *exchange.Exported // what a strict form leaves out; nil before it was asked
	Wrong  *fault.Fault
}

// exportOf is the export that the address asks for.
func exportOf(r *http.Request) exchange.Asking {
	q := r.URL.Query()
	a := exchange.Asking{Format: q.Get("format"), Filter: risk.Filter{State: q.Get("state")}}
	if a.Format == "" {
		a.Format = exchange.Formats[0].Name
	}
	return a
}

func exportPage(w *Web, r *http.Request) (Answer, error) {
	if err := w.Exchange.MayExport(r.Context()); err != nil {
		return Answer{}, err
	}
	a := exportOf(r)
	p := ExportPage{Head: w.registerHead(r, "Export the register"), Format: a.Format, State: a.Filter.State}
	if r.URL.Query().Get("format") == "" {
		return show(200, exportView(p))
	}
	var err error
	if p.Said, err = w.Exchange.Export(r.Context(), a, io.Discard); err != nil {
		f, ok := formFault(err)
		if !ok {
			return Answer{}, err
		}
		p.Wrong = f
		return show(statusOf(f), exportView(p))
	}
	return show(200, exportView(p))
}

func exportFile(w *Web, r *http.Request) (Answer, error) {
	a := exportOf(r)
	f, err := exchange.FormatOf(a.Format)
	if err != nil {
		return Answer{}, err
	}
	var b bytes.Buffer
	if _, err := w.Exchange.Export(r.Context(), a, &b); err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{Name: "risks-" + f.Name + f.Ext, Body: b.Bytes()}}, nil
}

func (p ExportPage) formats() (out []ui.Option) {
	for _, f := range exchange.Formats {
		out = append(out, ui.Option{Value: f.Name, Text: f.Title, Help: f.About})
	}
	return out
}

// ImportPage takes a file, shows what it would change, and then lets it in.
type ImportPage struct {
	Head     ui.PageHead
	Mappings []exchange.Mapping
	Mapping  string
	Name     string // of the file
	Kept     string // the file, as the confirmation carries it
	Heads    []exchange.Head
	Called   string // the name under which a mapping is kept
	Report   *exchange.Report
	Wrong    *fault.Fault
}

func (w *Web) importPage(r *http.Request) (ImportPage, error) {
	p := ImportPage{Head: w.registerHead(r, "Import risks"), Mapping: r.FormValue("mapping"), Name: r.FormValue("name")}
	var err error
	p.Mappings, err = w.Exchange.Mappings(r.Context())
	return p, err
}

func importPage(w *Web, r *http.Request) (Answer, error) {
	p, err := w.importPage(r)
	if err != nil {
		return Answer{}, err
	}
	return show(200, importView(p))
}

// importTry shows what a file would change.
func importTry(w *Web, r *http.Request) (Answer, error) {
	if err := w.Exchange.MayImport(r.Context()); err != nil {
		return Answer{}, err
	}
	p, err := w.importPage(r)
	if err != nil {
		return Answer{}, err
	}
	file, name, err := sentFile(r)
	if err == nil {
		p.Name, p.Kept = name, base64.StdEncoding.EncodeToString(file)
		p.heads(file)
		p.Report, err = w.bringIn(r, p, file, true)
	}
	return p.answer(err)
}

// importDo lets in the file that was tried.
func importDo(w *Web, r *http.Request) (Answer, error) {
	return w.withKept(r, func(p *ImportPage, file []byte) (err error) {
		p.Report, err = w.bringIn(r, *p, file, false)
		return err
	})
}

// withKept does something with the file that a form carries on, and shows the page again,
// or the register once the file is in.
func (w *Web) withKept(r *http.Request, do func(*ImportPage, []byte) error) (Answer, error) {
	if err := w.Exchange.MayImport(r.Context()); err != nil {
		return Answer{}, err
	}
	p, err := w.importPage(r)
	if err != nil {
		return Answer{}, err
	}
	file, err := base64.StdEncoding.DecodeString(r.FormValue("kept"))
	if err != nil || len(file) == 0 {
		return p.answer(fault.At("file", "the file did not arrive whole; choose it again"))
	}
	p.Kept = r.FormValue("kept")
	p.heads(file)
	if err = do(&p, file); err == nil && p.Report.Done {
		return lead("/register", "imported")
	}
	return p.answer(err)
}

func (p ImportPage) answer(err error) (Answer, error) {
	status := 200
	if err != nil {
		f, ok := formFault(err)
		if !ok {
			return Answer{}, err
		}
		p.Wrong, status = p.asked(f), statusOf(f)
	} else if len(p.Report.Errors) > 0 {
		status = 422
	}
	return show(status, importView(p))
}

func (w *Web) bringIn(r *http.Request, p ImportPage, file []byte, dry bool) (*exchange.Report, error) {
	return w.Exchange.Import(r.Context(), p.format(), bytes.NewReader(file), exchange.Options{DryRun: dry, Mapping: p.Mapping, File: p.Name})
}

// sentFile is the file that came with the form.
func sentFile(r *http.Request) ([]byte, string, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Filename == "" {
		return nil, "", fault.At("file", "no file was chosen; choose a CSV, XLSX or JSON file")
	}
	f := r.MultipartForm.File["file"][0]
	if f.Size > maxImport {
		return nil, "", fault.At("file", "the file is longer than %d MiB; bring it in by the API or the command line", maxImport>>20)
	}
	in, err := f.Open()
	if err != nil {
		return nil, "", fault.At("file", "the file did not arrive whole; send it again")
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, "", fault.At("file", "the file did not arrive whole; send it again")
	}
	return b, f.Filename, nil
}

func (p ImportPage) mappings() (out []ui.Option) {
	for _, m := range p.Mappings {
		out = append(out, ui.Option{Value: m.Name, Text: m.Title})
	}
	return out
}

// tones say at one look what becomes of a row.
var tones = map[string]ui.Tone{exchange.IsNew: ui.Good, exchange.IsChanged: ui.Warn, exchange.IsSame: ui.Quiet, exchange.IsRefused: ui.Bad}

// mostRows is how many rows of a report a page shows.
const mostRows = 500

func (p ImportPage) rows() []exchange.Brought {
	return p.Report.Risks[:min(len(p.Report.Risks), mostRows)]
}

// sum says in one sentence what a file comes to.
func (p ImportPage) sum() string {
	r := p.Report
	return strconv.Itoa(r.New) + " new, " + strconv.Itoa(r.Changed) + " changed, " + strconv.Itoa(r.Same) + " the same as before, " + strconv.Itoa(r.Refused) + " refused"
}
