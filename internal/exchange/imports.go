package exchange

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// pending makes a lower score that waits for its review part of the record, so that
// the same file imported again asks for nothing twice.
func (r *Record) pending(f *risk.Full) {
	for _, d := range f.Decisions {
		if d.Kind != risk.DecideDowngrade || d.State != risk.StateAsked || d.Pending == nil {
			continue
		}
		if at := r.Scores.of(d.Pending.Kind); at != nil {
			j := d.Pending.Judgement
			*at = &Score{d.Pending.Likelihood, d.Pending.Impact, j.Categories, j.Confidence, j.Reason, j.Controls, j.NoControls}
		}
	}
}

// imports turns what differs into what the operations of a risk take. was is the id
// that the file gives.
func (b *bringing) imports(cur, next Record, was string, diff []Change, line int) (in risk.Imports, bad []RowError) {
	w := &wording{b: b, cur: cur, next: next, line: line, in: &in}
	differs := func(name string) bool {
		return slices.ContainsFunc(diff, func(c Change) bool { return c.Field == name })
	}
	if cur.ID == "" {
		w.fresh(was)
	} else {
		w.patch(differs)
	}
	for _, part := range []struct {
		name string
		say  func()
	}{{"owner", w.owners}, {"security", w.owners}, {"replace", w.owners}, {"people", w.people}, {"controls", w.controls}, {"plan", w.plan},
		{"scores", w.scores}, {"response", w.response}, {"path", w.response}, {"parent", func() { in.Parent = &next.Parent }},
		{"labels", func() { labels := next.Labels; in.Labels = &labels }}, {"health", w.health}, {"evidence", w.evidence}} {
		if differs(part.name) {
			part.say()
		}
	}
	in.Patch.Links, in.Patch.Committed, in.Patch.Led = w.links(differs("links")), nil, nil
	if differs("fields") {
		in.Patch.Fields = w.fields()
	}
	if differs("committed") {
		in.Patch.Committed = &next.Committed
	}
	if differs("security_led") {
		in.Patch.Led = &next.Led
	}
	return in, w.bad
}

// wording turns one record into the words of the operations.
type wording struct {
	b         *bringing
	cur, next Record
	line      int
	in        *risk.Imports
	bad       []RowError
}

func (w *wording) wrong(column, format string, args ...any) {
	w.bad = append(w.bad, RowError{Line: w.line, Column: column, Says: fmt.Sprintf(format, args...)})
}

func (w *wording) who(column string, p Person) ref.ID {
	id, err := w.b.people.find(p)
	if err != nil {
		w.wrong(column, "%v", err)
	}
	return id
}

// fresh is a risk that is not here yet.
func (w *wording) fresh(was string) {
	n := w.next
	w.in.New = &risk.Raising{Title: n.Title, Kind: n.Kind, Scope: n.Scope, Department: n.Department, Statement: n.Statement,
		Scoping: risk.Scoping{Test: n.Scoping.Test, Out: n.Scoping.Out, Override: n.Scoping.Override}, Origin: n.Origin, TLP: n.TLP, Named: n.Named}
	w.in.Kept = joined(n.Kept, nil)
	for _, k := range [][2]string{{keptRef, n.Ref}, {keptID, was}} {
		if k[1] != "" {
			w.in.Kept = with(w.in.Kept, k[0], k[1])
		}
	}
	if text := w.in.Kept[keptHere]; text != "" {
		w.history(text)
	}
}

// history counts a risk that was further on elsewhere.
func (w *wording) history(text string) {
	var here struct {
		Stage string `json:"stage"`
	}
	var asText map[string]string
	if json.Unmarshal([]byte(text), &here) != nil && json.Unmarshal([]byte(text), &asText) == nil {
		here.Stage = asText["stage"]
	}
	if m := w.b.Profile.Lifecycle(w.b.Profile.Register.Lifecycle); here.Stage != "" && here.Stage != m.Start() {
		w.b.begun++
	}
}

// patch is what differs in the words of a risk that is here.
func (w *wording) patch(differs func(string) bool) {
	n, p := &w.next, &w.in.Patch
	for _, f := range []struct {
		name string
		to   **string
		from *string
	}{{"title", &p.Title, &n.Title}, {"kind", &p.Kind, &n.Kind}, {"scope", &p.Scope, &n.Scope}, {"department", &p.Department, &n.Department}, {"tlp", &p.TLP, &n.TLP}} {
		if differs(f.name) {
			*f.to = f.from
		}
	}
	if differs("statement") {
		s := n.Statement
		p.Statement = map[string]string{"asset": s.Asset, "event": s.Event, "source": s.Source, "consequence": s.Consequence, "problem": s.Problem,
			"impact": s.Impact, "evidence": s.Evidence, "scale": s.Scale, "diagram": s.Diagram, "threat": s.Threat}
	}
	if differs("scoping") {
		p.Scoping = &risk.Scoping{Test: n.Scoping.Test, Out: n.Scoping.Out, Override: n.Scoping.Override}
	}
	if differs("origin") {
		p.Origin = &n.Origin
	}
	if differs("kept") {
		w.in.Kept = n.Kept
	}
	if differs("ref_id") {
		w.in.Kept = with(w.in.Kept, keptRef, n.Ref)
	}
}

// fields are those of the house that differ; one that is gone is taken away.
func (w *wording) fields() map[string]string {
	out := map[string]string{}
	for name := range w.cur.Fields {
		out[name] = ""
	}
	out = joined(out, w.next.Fields)
	for name, value := range w.cur.Fields {
		if out[name] == value {
			delete(out, name)
		}
	}
	return out
}

// links are those that differ; one that is gone is taken away.
func (w *wording) links(differ bool) map[string]string {
	if !differ {
		return nil
	}
	out := map[string]string{}
	for name := range w.cur.Links {
		out[name] = ""
	}
	return joined(out, w.next.Links)
}

func (w *wording) owners() {
	owner, security := w.who("owner", w.next.Owner), w.who("security_owner", w.next.Security)
	w.in.Owners = &risk.Owners{Owner: &owner, Security: &security, Replace: &w.next.Replace}
}

func (w *wording) people() {
	parts := []risk.Part{}
	for _, p := range w.next.People {
		parts = append(parts, risk.Part{Who: w.who("people", p.Who), As: p.As, RACI: p.RACI, Note: p.Note})
	}
	w.in.People = &parts
}

func (w *wording) controls() {
	list := []risk.Control{}
	for _, c := range w.next.Controls {
		list = append(list, risk.Control{ID: c.ID, Title: c.Title, Domain: c.Domain, Factor: c.Factor, Lowers: c.Lowers, State: c.State,
			Effective: c.Effective, Owner: w.who("controls", c.Owner), Link: c.Link, Since: c.Since})
	}
	w.in.Controls = &list
}

func (w *wording) plan() {
	p := w.next.Plan
	out := &risk.Planning{Summary: p.Summary, Document: p.Document, Public: p.Public, Cost: p.Cost, Why: p.Why}
	for _, m := range p.Milestones {
		out.Milestones = append(out.Milestones, risk.Milestone{ID: m.ID, Title: m.Title, Owner: w.who("milestones", m.Owner), Due: m.Due, Was: m.Was, After: m.After,
			Success: m.Success, KeyResult: m.KeyResult, Step: m.Step, Why: m.Why, Done: m.Done, Proof: m.Proof})
	}
	w.in.Plan = out
}

// scores are those that differ from what was judged last.
func (w *wording) scores() {
	for _, kind := range judged {
		now, was := *w.next.Scores.of(kind), *w.cur.Scores.of(kind)
		if now == nil || was != nil && compact(now) == compact(was) {
			continue
		}
		if was != nil && len(now.Categories) > 0 && compact(now.Categories) == compact(was.Categories) && now.Impact != was.Impact {
			w.wrong(kind+"_impact", "the impact follows from the categories; change those, or empty them to give one level")
			continue
		}
		j := risk.Judgement{Kind: kind, Categories: now.Categories, Confidence: now.Confidence, Reason: now.Reason, Controls: now.Controls, NoControls: now.NoControls,
			Proof: []string{fmt.Sprintf("%s, line %d", cmp.Or(w.b.opts.File, "the imported file"), w.line)}}
		w.in.Scores = append(w.in.Scores, risk.Given{Judgement: j, Likelihood: now.Likelihood, Impact: now.Impact})
	}
}

func (w *wording) response() {
	w.in.Response = &risk.Response{Response: w.next.Response, Path: w.next.Path}
}

func (w *wording) health() {
	w.in.Health = map[string]string{}
	for domain := range w.cur.Health {
		w.in.Health[domain] = ""
	}
	for domain, light := range w.next.Health {
		w.in.Health[domain] = light
	}
}

// evidence is what is new in the ledger: nothing is taken out of it by a file.
func (w *wording) evidence() {
	for _, it := range w.next.Evidence {
		if slices.ContainsFunc(w.cur.Evidence, func(o Item) bool { return o.About == it.About }) {
			continue
		}
		if ref.Read(it.About).Kind() == "case" {
			w.wrong("evidence", "%s is a case; cases are linked here, on the risk's page", it.About)
			continue
		}
		w.in.Evidence = append(w.in.Evidence, risk.Adding{About: it.About, Kind: it.Kind, At: it.At, Severity: it.Severity, Title: it.Title, Source: it.Source, Link: it.Link, Note: it.Note})
	}
}
