package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/all"
	"tocsin/internal/web/ui"
)

// FormFile is one file of a published form, or why there is none.
type FormFile struct {
	Form, Title string
	advisory.File
	SHA256   string
	Findings []advisory.Finding
	Wrong    *fault.Fault // why the form cannot be made
}

// formTitles are the published forms as people call them.
var formTitles = map[string]string{"csaf-2.0": "CSAF 2.0", "cve-5": "CVE record", "osv-1": "OSV", "openvex-0.2": "OpenVEX"}

func formTitle(name string) string {
	if t, ok := formTitles[name]; ok {
		return t
	}
	return name
}

// formFiles renders a Document in every published form and checks each file.
func formFiles(d advisory.Document) (out []FormFile, err error) {
	for _, f := range all.Formats {
		one := FormFile{Form: f.Name(), Title: formTitle(f.Name())}
		files, err := f.Render(d)
		if err != nil {
			one.Wrong = fault.Of(err)
			out = append(out, one)
		}
		for _, file := range files {
			one.File = file
			sum := sha256.Sum256(file.Body)
			one.SHA256 = hex.EncodeToString(sum[:])
			if one.Findings, err = f.Check(file.Body); err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// Path is where the file is looked at, below the advisory's own address.
func (f FormFile) Path() string {
	return "forms?" + url.Values{"form": {f.Form}, "file": {f.Name}}.Encode()
}

// Valid tells whether there is a file and no rule of its form is broken.
func (f FormFile) Valid() bool { return f.Wrong == nil && advisory.Valid(f.Findings) }

func advisoryForms(w *Web, r *http.Request) (Answer, error) {
	p, err := w.advisoryPage(r, "forms")
	if err != nil {
		return Answer{}, err
	}
	if p.Files, err = formFiles(p.Now); err != nil {
		return Answer{}, err
	}
	form, name := r.FormValue("form"), r.FormValue("file")
	for i, f := range p.Files {
		if i == 0 && form == "" || f.Form == form && (f.Name == name || name == "") {
			p.Shown = f
			return show(200, advisoryFormsView(p))
		}
	}
	return Answer{}, access.NoRecord()
}

// advisoryFile hands out one file of a published form.
func advisoryFile(w *Web, r *http.Request) (Answer, error) {
	p, err := w.advisoryPage(r, "forms")
	if err != nil {
		return Answer{}, err
	}
	files, err := formFiles(p.Now)
	if err != nil {
		return Answer{}, err
	}
	for _, f := range files {
		if f.Form == r.PathValue("form") && f.Name == r.PathValue("file") && f.Wrong == nil {
			return Answer{File: &File{Name: f.Name, Body: f.Body}}, nil
		}
	}
	return Answer{}, access.NoRecord()
}

// pointed says which field of the editor a finding of a published form speaks of,
// "" where none does. Pointers are taken apart from the left: the first row that
// fits decides, # stands for a number.
func pointed(f advisory.Finding, d advisory.Document) string {
	form, _, _ := strings.Cut(f.Rule, " ")
	parts := strings.Split(strings.TrimPrefix(f.Pointer, "/"), "/")
	for _, p := range pointers {
		if strings.HasPrefix(form, p.form) {
			if field, ok := p.fits(parts); ok {
				return onlyVuln(field, d)
			}
		}
	}
	return ""
}

// pointers says which part of a published form comes from which field.
var pointers = []pointer{
	{"csaf", "vulnerabilities/#/cve", "vulns.#.cve"},
	{"csaf", "vulnerabilities/#/cwe", "vulns.#.cwes"},
	{"csaf", "vulnerabilities/#/title", "vulns.#.title"},
	{"csaf", "vulnerabilities/#/notes", "vulns.#.description"},
	{"csaf", "vulnerabilities/#/scores/#", "vulns.#.scores.#.vector"},
	{"csaf", "vulnerabilities/#/remediations/#", "vulns.#.remediations.#.details"},
	{"csaf", "vulnerabilities/#/references/#", "vulns.#.references.#.url"},
	{"csaf", "vulnerabilities/#/acknowledgments/#", "vulns.#.credits.#.name"},
	{"csaf", "vulnerabilities/#", "vulns.#.affected.0.status"},
	{"csaf", "product_tree", "products.0.name"},
	{"csaf", "document/title", "title"},
	{"csaf", "document/notes/#", "notes.#.text"},
	{"csaf", "document/references/#", "references.#.url"},
	{"csaf", "document/acknowledgments/#", "credits.#.name"},
	{"csaf", "document/distribution", "tlp"},
	{"csaf", "document/aggregate_severity", "severity"},
	{"cve", "cveMetadata/cveId", "vulns.?.cve"},
	{"cve", "containers/cna/title", "vulns.?.title"},
	{"cve", "containers/cna/affected/#", "vulns.?.affected.#.status"},
	{"cve", "containers/cna/affected", "vulns.?.affected.0.status"},
	{"cve", "containers/cna/descriptions", "vulns.?.description"},
	{"cve", "containers/cna/metrics/#", "vulns.?.scores.#.vector"},
	{"cve", "containers/cna/problemTypes", "vulns.?.cwes"},
	{"cve", "containers/cna/references", "references.0.url"},
	{"osv", "affected", "vulns.?.affected.0.status"},
	{"osv", "severity", "vulns.?.scores.0.vector"},
	{"osv", "summary", "vulns.?.title"},
	{"osv", "details", "vulns.?.description"},
	{"osv", "references/#", "references.#.url"},
	{"openvex", "statements/#", "vulns.0.affected.0.status"},
}

// pointer is one row of pointers.
type pointer struct{ form, at, field string }

// fits reports the field with the numbers of the pointer in it.
func (p pointer) fits(parts []string) (field string, ok bool) {
	field = p.field
	want := strings.Split(p.at, "/")
	if len(parts) < len(want) {
		return "", false
	}
	for i, w := range want {
		switch {
		case w == "#":
			field = strings.Replace(field, "#", parts[i], 1)
		case w != parts[i]:
			return "", false
		}
	}
	return field, true
}

// onlyVuln puts the number of the vulnerability into a field of a form that has a
// file for each: known only where there is just one.
func onlyVuln(field string, d advisory.Document) string {
	if len(d.Vulns) != 1 {
		if strings.Contains(field, "?") {
			return ""
		}
		return field
	}
	return strings.Replace(field, "?", "0", 1)
}

// editAt is the address of a field in the editor.
func (p *AdvisoryPage) editAt(field string) string { return p.Path("edit") + "#" + ui.FieldID(field) }

// ruled is a finding with those of the same rule that came after it.
type ruled struct {
	advisory.Finding
	more []advisory.Finding
}

// apart takes errors and what stops nothing apart, and puts findings of one rule
// together.
func apart(all []advisory.Finding) (errors, others []ruled) {
	for _, f := range all {
		list := &others
		if f.Level == advisory.Error {
			list = &errors
		}
		if i := slices.IndexFunc(*list, func(x ruled) bool { return x.Rule == f.Rule && f.Level != advisory.Error }); i >= 0 {
			(*list)[i].more = append((*list)[i].more, f)
			continue
		}
		*list = append(*list, ruled{Finding: f})
	}
	return errors, others
}

func remarks(fs []ruled) string {
	n := len(fs)
	for _, f := range fs {
		n += len(f.more)
	}
	return counted(n, "remark", "remarks") + " that do not stop it"
}

// named are the findings of one form's file, as the checks of all forms have them.
func (f FormFile) named() (out []advisory.Finding) {
	for _, x := range f.Findings {
		x.Rule = f.Form + " " + x.Rule
		out = append(out, x)
	}
	return out
}

// refusals are the reasons for which a form cannot be made, as findings.
func (f FormFile) refusals() (out []advisory.Finding) {
	for _, x := range f.Wrong.Fields {
		out = append(out, advisory.Finding{Rule: f.Form, Level: advisory.Error, Pointer: x.Name, Message: x.Says})
	}
	return out
}
