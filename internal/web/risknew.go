package web

import (
	"net/http"
	"net/url"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// NewRiskPage is the form that raises a risk, with what is to be said of its text
// so far.
type NewRiskPage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Form     url.Values
	Wrong    *fault.Fault
	Flaws    []risk.Flaw
	Similar  []risk.Like
	Proposal string // key of the proposal that it begins from
	From     string // what it begins from, in words
	Cases    []ref.ID
	Copy     ref.ID // the risk whose words it begins with
	Checked  bool   // the text was looked at
}

func newRisk(w *Web, r *http.Request) (Answer, error) {
	p := NewRiskPage{Rules: w.Rules, Form: url.Values{}, Proposal: r.FormValue("proposal")}
	p.begin(r.FormValue("kind"))
	if err := w.draftRisk(r, &p); err != nil {
		return Answer{}, err
	}
	return w.newRiskPage(r, p)
}

// begin fills in the template of a kind of risk.
func (p *NewRiskPage) begin(kind string) {
	for _, k := range p.Rules.Register.Kinds {
		if k.Name != kind {
			continue
		}
		p.Form.Set("kind", kind)
		for field, text := range k.Template {
			p.Form.Set("statement."+field, text+"\n")
		}
	}
}

// draftRisk fills in what a proposal, a case or another risk says already.
func (w *Web) draftRisk(r *http.Request, p *NewRiskPage) error {
	if p.Proposal != "" {
		d, err := w.Recurrence.Draft(r.Context(), p.Proposal)
		if err != nil {
			return err
		}
		for name, text := range map[string]string{"title": d.Title, "statement.problem": d.Problem, "statement.impact": d.Impact, "statement.evidence": d.Evidence, "statement.scale": d.Scale,
			"statement.asset": d.Asset, "statement.event": d.Event, "statement.source": d.Source, "statement.consequence": d.Consequence} {
			p.Form.Set(name, text)
		}
		p.From, p.Cases = "what keeps coming back in the cases", d.Cases
		return nil
	}
	if of := ref.Read(r.FormValue("copy")); of.Kind() == "risk" {
		return w.copyRisk(r, p, of)
	}
	id := ref.Read(r.FormValue("case"))
	if id.Kind() != "case" {
		return nil
	}
	c, err := w.Cases.Get(r.Context(), id)
	if err != nil {
		return err
	}
	p.Form.Set("case", string(c.ID))
	p.Form.Set("statement.asset", join(" of ", c.Component, c.Product))
	p.From, p.Cases = "the case "+string(c.ID), []ref.ID{c.ID}
	return nil
}

// copyRisk fills in what another risk says of itself: its words, and where it belongs. What
// was judged, decided and found of the other stays with it.
func (w *Web) copyRisk(r *http.Request, p *NewRiskPage, of ref.ID) error {
	f, err := w.Risks.Get(r.Context(), of)
	if err != nil {
		return err
	}
	s := f.Statement
	for name, text := range map[string]string{"title": f.Title, "kind": f.Kind, "scope": f.Scope, "department": f.Department, "statement.problem": s.Problem, "statement.impact": s.Impact,
		"statement.evidence": s.Evidence, "statement.scale": s.Scale, "statement.asset": s.Asset, "statement.event": s.Event, "statement.source": s.Source, "statement.consequence": s.Consequence,
		"statement.threat": s.Threat, "scoping.test": f.Scoping.Test, "origin.from": string(of)} {
		p.Form.Set(name, text)
	}
	if f.Audience == access.Named {
		p.Form.Set("named", "yes")
	}
	p.Copy = of
	return nil
}

func (w *Web) newRiskPage(r *http.Request, p NewRiskPage) (Answer, error) {
	p.Head = w.registerHead(r, "Raise a risk")
	if p.Checked {
		if err := w.advise(r, &p); err != nil {
			return Answer{}, err
		}
	}
	return show(statusFor(p.Wrong), newRiskView(p))
}

// advise looks at the text: what should be said otherwise, and which risks are
// like it.
func (w *Web) advise(r *http.Request, p *NewRiskPage) error {
	title, st := p.Form.Get("title"), sentStatement(p.Form)
	p.Flaws = risk.Lint(w.Rules, title, st)
	var err error
	p.Similar, err = w.Risks.Similar(r.Context(), title, st, "")
	if fault.KindOf(err) == fault.Forbidden {
		return nil // who may not read the register is shown nothing of it
	}
	return err
}

// sentStatement reads the texts of a statement from a form.
func sentStatement(form url.Values) risk.Statement {
	v := func(name string) string { return strings.TrimSpace(form.Get("statement." + name)) }
	return risk.Statement{Asset: v("asset"), Event: v("event"), Source: v("source"), Consequence: v("consequence"), Problem: v("problem"), Impact: v("impact"),
		Evidence: v("evidence"), Scale: v("scale"), Threat: v("threat"), Diagram: v("diagram")}
}

// checkRisk answers, while somebody types, what is to be said of the text.
func checkRisk(w *Web, r *http.Request) (Answer, error) {
	p := NewRiskPage{Rules: w.Rules, Form: r.PostForm, Checked: true}
	if err := w.advise(r, &p); err != nil {
		return Answer{}, err
	}
	return show(200, adviceView(p))
}

func raiseRisk(w *Web, r *http.Request) (Answer, error) {
	p := NewRiskPage{Rules: w.Rules, Form: r.PostForm, Proposal: r.PostFormValue("proposal"), Checked: true}
	if r.PostFormValue("do") == "check" {
		return w.newRiskPage(r, p)
	}
	made, err := w.made(r)
	if err != nil {
		return Answer{}, err
	}
	if made.Kind() == "risk" {
		return lead(riskAddress(made, ""), "raised")
	}
	if r.PostFormValue("looked") == "" {
		if err := w.advise(r, &p); err != nil {
			return Answer{}, err
		}
		if len(p.Similar) > 0 {
			p.Wrong = fault.At("looked", "look at the risks that are like this one first; say that none of them is the same, or add to the one that is")
			return w.newRiskPage(r, p)
		}
	}
	id, err := w.raise(r, &p)
	id, err = firstMade("risk", id, err)
	if f, ok := formFault(err); ok {
		p.Wrong = f
		return w.newRiskPage(r, p)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(riskAddress(id, ""), "raised")
}

// raise raises the risk of the form, in one act: from its proposal, with the proposal's
// cases as evidence, or by itself, with the case that it is about.
func (w *Web) raise(r *http.Request, p *NewRiskPage) (ref.ID, error) {
	v := r.PostFormValue
	in := risk.Raising{Title: v("title"), Kind: v("kind"), Scope: v("scope"), Department: v("department"), Statement: sentStatement(r.PostForm), Scoping: *sentScoping(r),
		Origin: risk.Origin{Channel: v("origin.channel"), From: v("origin.from"), Note: v("origin.note")}, Named: v("named") != ""}
	for _, id := range r.PostForm["similar"] {
		in.Similar = append(in.Similar, ref.ID(id))
	}
	if p.Proposal != "" {
		return w.raiseProposed(r, p.Proposal, in)
	}
	about := ref.Read(v("case"))
	if about.Kind() != "case" {
		return w.Risks.Raise(once(r), in)
	}
	if in.Origin.From == "" {
		in.Origin.From = string(about)
	}
	return w.Risks.Raise(once(r), in, risk.Adding{About: string(about), Kind: about.Kind()})
}

func (w *Web) raiseProposed(r *http.Request, key string, in risk.Raising) (ref.ID, error) {
	patch := risk.Patch{Title: &in.Title, Kind: &in.Kind, Scope: &in.Scope, Department: &in.Department, Statement: statementOf(in.Statement)}
	if in.Scoping.Test != "" || in.Scoping.Out != "" {
		patch.Scoping = &in.Scoping
	}
	return w.Recurrence.Raise(once(r), key, func(tx *gate.Tx, id ref.ID) error { return w.Risks.EditIn(tx, id, patch) })
}

// in fills a field with what was typed and with what is wrong.
func (p NewRiskPage) in(in ui.Input) ui.Input { return in.For(p.Form.Get(in.Name), p.Wrong) }

// out is what the statement looks like of what is out of scope, "" for nothing.
func (p NewRiskPage) out() string {
	name := p.Form.Get("scoping.out")
	if name == "" || p.Form.Get("scoping.override") != "" {
		return ""
	}
	return titleOf(p.Rules.Register.OutOfScope, name) + ": " + lowerFirst(aboutOf(p.Rules.Register.OutOfScope, name))
}

// unsaid are the parts of the statement that are still empty.
func (p NewRiskPage) unsaid() []string {
	var out []string
	for _, x := range statementParts {
		if strings.TrimSpace(p.Form.Get("statement."+x.name)) == "" {
			out = append(out, lowerFirst(x.label))
		}
	}
	return out
}

// kindFacts say what each kind of risk is for.
func kindFacts(rules *profile.Profile) (out []ui.Fact) {
	for _, k := range rules.Register.Kinds {
		out = append(out, ui.Fact{Term: k.Title, Text: k.About})
	}
	return out
}
