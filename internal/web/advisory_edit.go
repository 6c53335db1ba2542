package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
	"tocsin/internal/web/ui"
)

// docWords are the answers that the editor offers.
type docWords struct {
	Severities, TLP []ui.Option
}

func (w *Web) docWords() docWords {
	var d docWords
	for _, b := range w.Rules.Severity.Bands {
		d.Severities = append([]ui.Option{{Value: b.Word, Text: b.Title}}, d.Severities...)
	}
	for _, t := range w.Rules.TLP {
		d.TLP = append(d.TLP, ui.Option{Value: t, Text: t})
	}
	return d
}

func advisoryEditor(w *Web, r *http.Request) (Answer, error) {
	p, err := w.advisoryPage(r, "edit")
	if err != nil {
		return Answer{}, err
	}
	p.Form = fillDoc(p.Document, p.Summary)
	p.Form.Set("version", strconv.Itoa(p.Version))
	p.Form.Set(baseField, baseOf(docFields(p.Form)))
	return w.editorPage(p)
}

// editorPage shows the editor; an advisory that cannot be edited now says why.
func (w *Web) editorPage(p *AdvisoryPage) (Answer, error) {
	if p.terminal() {
		return Answer{}, fault.New(fault.Conflict, "%s rests as it is; begin a new revision to change it", p.Name)
	}
	p.Words, p.Head.Wide = w.docWords(), true
	return show(statusFor(p.Wrong), advisoryEditView(p))
}

// advisoryEdit takes the editor's form: to save it, or to add or take away a row,
// which changes the form alone.
func advisoryEdit(w *Web, r *http.Request) (Answer, error) {
	f := docForm{r.PostForm}
	do := f.Get("do")
	f.Del("do")
	settle(r)
	if word, at, ok := strings.Cut(do, ":"); ok {
		return w.changeRows(r, f, word, at)
	}
	f.tidy(true)
	err := w.saveDoc(r, f)
	if wrong, ok := formFault(err); ok {
		return w.editAgain(r, f, wrong, "")
	}
	if err != nil {
		return Answer{}, err
	}
	if do == "leave" {
		return lead("/advisory/"+r.PathValue("id"), "saved")
	}
	return lead("/advisory/"+r.PathValue("id")+"/edit", "saved")
}

func (w *Web) saveDoc(r *http.Request, f docForm) error {
	id := ref.Read(r.PathValue("id"))
	if err := w.first(r, advisory.VerbEdit); err != nil {
		return err
	}
	a, err := w.Advisories.Get(r.Context(), id)
	if err != nil {
		return err
	}
	d, err := f.read(a.Document)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return fault.New(fault.Invalid, "the form does not say which version it changes; load the page again")
	}
	return w.Advisories.Edit(r.Context(), id, version, d, strings.TrimSpace(f.Get("revision")))
}

// changeRows adds a row to the form or takes one away, and shows it again.
func (w *Web) changeRows(r *http.Request, f docForm, word, at string) (Answer, error) {
	f.tidy(false)
	switch word {
	case "add":
		return w.editAgain(r, f, nil, f.add(at))
	case "drop":
		f.drop(at)
	}
	return w.editAgain(r, f, nil, "")
}

// editAgain shows what was typed; fresh is the row that was just added.
func (w *Web) editAgain(r *http.Request, f docForm, wrong *fault.Fault, fresh string) (Answer, error) {
	p, err := w.advisoryPage(r, "edit")
	if err != nil {
		return Answer{}, err
	}
	p.Form, p.Wrong, p.Fresh = f, wrong, fresh
	if wrong != nil && wrong.Kind == fault.Conflict {
		if err := w.editorClash(r, p); err != nil {
			return Answer{}, err
		}
	}
	return w.editorPage(p)
}

// editorClash holds what was typed against the advisory that somebody saved meanwhile;
// saving again saves over theirs.
func (w *Web) editorClash(r *http.Request, p *AdvisoryPage) error {
	trail, err := w.Trail.On(r.Context(), p.ID)
	if err != nil {
		return err
	}
	stored := docFields(fillDoc(p.Document, p.Summary))
	p.Form.Values, p.Clash = meet(p.Form.Values, stored, trail)
	p.Form.Set("version", strconv.Itoa(p.Version))
	p.Form.Set(baseField, baseOf(stored))
	return nil
}

// docFields are the fields of the editor's form in the order of their names.
func docFields(f docForm) (out []formField) {
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if _, last, _ := cutLast(name); name != "version" && name != baseField && last != "was" && last != "id" {
			out = append(out, formField{name: name, label: capital(spaced(strings.ReplaceAll(name, ".", " "))), values: f.Values[name]})
		}
	}
	return out
}

// Input is a field of the editor with what stands in it and what is wrong with it.
func (p *AdvisoryPage) Input(name, label string) ui.Input {
	in := ui.Input{Name: name, Label: label, Silent: true, Auto: "off"}.For(p.Form.Get(name), p.Wrong)
	if at, field, ok := cutLast(name); ok && p.Fresh != "" {
		in.Focus = at == p.Fresh && firstField[field]
	}
	return in
}

// cutLast takes the last part of a field's name off.
func cutLast(name string) (before, last string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

// choice is a field of the editor with a fixed list of answers. An answer that the
// list does not have, from an imported document, is offered besides.
func (p *AdvisoryPage) choice(name, label, blank string, options []ui.Option) ui.Choice {
	c := ui.Choice{Input: p.Input(name, label), Options: options, Blank: blank}
	for _, o := range options {
		if o.Value == c.Value {
			return c
		}
	}
	if c.Value != "" {
		c.Options = append(append([]ui.Option{}, options...), ui.Option{Value: c.Value, Text: c.Value})
	}
	return c
}

// firstField are the fields that a new row begins with.
var firstField = map[string]bool{"category": true, "vendor": true, "cve": true, "vector": true, "product": true, "url": true, "name": true}

// scored says what a vector scores, as the calculator does.
func scored(vector string) (word, score string) {
	v, err := cvss.Parse(strings.TrimSpace(vector))
	if err != nil {
		return "", ""
	}
	s := v.Score()
	return s.Severity, fmt.Sprintf("%.1f", s.Score)
}

// productOptions are the products of the form, for the rows that speak of one.
func (p *AdvisoryPage) productOptions() (out []ui.Option) {
	for _, at := range p.Form.rows("products") {
		get := func(name string) string { return strings.TrimSpace(p.Form.Get(at + "." + name)) }
		x := advisory.Product{Vendor: get("vendor"), Name: get("name"), Package: get("package")}
		name := x.Names()
		if platform := get("platform"); platform != "" {
			name += " on " + platform
		}
		if name == "" {
			name = "product " + rowNumber(at)
		}
		out = append(out, ui.Option{Value: get("id"), Text: name})
	}
	return out
}

func options(pairs ...string) (out []ui.Option) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, ui.Option{Value: pairs[i], Text: pairs[i+1]})
	}
	return out
}

// The words of CSAF 2.0, VEX and CVE that the editor offers.
var (
	statusOptions = options("known_affected", "affected", "known_not_affected", "not affected", "fixed", "fixed", "under_investigation", "under investigation",
		"first_affected", "first affected", "first_fixed", "first fixed", "last_affected", "last affected", "recommended", "recommended")
	justificationOptions = options("component_not_present", "component not present", "vulnerable_code_not_present", "vulnerable code not present",
		"vulnerable_code_not_in_execute_path", "vulnerable code is never executed", "vulnerable_code_cannot_be_controlled_by_adversary", "code cannot be controlled by an adversary",
		"inline_mitigations_already_exist", "mitigations exist inline")
	remedyOptions = options("vendor_fix", "fix from the vendor", "mitigation", "mitigation", "workaround", "workaround", "no_fix_planned", "no fix planned", "none_available", "none available")
	noteOptions   = options("summary", "summary", "description", "description", "details", "details", "general", "general", "faq", "questions and answers", "legal_disclaimer", "legal disclaimer", "other", "other")
	linkOptions   = options("self", "this advisory", "external", "elsewhere")
	creditOptions = options("finder", "finder", "reporter", "reporter", "analyst", "analyst", "coordinator", "coordinator", "remediation developer", "remediation developer",
		"remediation reviewer", "remediation reviewer", "remediation verifier", "remediation verifier", "tool", "tool", "sponsor", "sponsor", "other", "other")
)

// weaknesses names the CWE entries that a field lists.
func weaknesses(text string) (out []string) {
	for _, word := range wordList(text) {
		id := "CWE-" + strings.TrimPrefix(strings.ToUpper(word), "CWE-")
		if w, ok := cwe.Get(id); ok {
			out = append(out, id+" "+w.Name)
		}
	}
	return out
}
