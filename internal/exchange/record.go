package exchange

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Record is one risk as files hold it: what people say of it. An export that is
// imported elsewhere gives the same record again. What the house made of it stands
// in Here; an import keeps that as history and puts none of it in force.
type Record struct {
	ID         string            `json:"id,omitempty"`     // here, or in the house that the file is from
	Ref        string            `json:"ref_id,omitempty"` // its name in the register that it was imported from
	Title      string            `json:"title"`
	Kind       string            `json:"kind,omitempty"`
	Scope      string            `json:"scope,omitempty"`
	Department string            `json:"department,omitempty"`
	TLP        string            `json:"tlp,omitempty"`
	Named      bool              `json:"named,omitempty"` // need to know: only named people may see it
	Parent     string            `json:"parent,omitempty"`
	Statement  risk.Statement    `json:"statement,omitzero"`
	Scoping    Scoping           `json:"scoping,omitzero"`
	Origin     risk.Origin       `json:"origin,omitzero"`
	Owner      Person            `json:"owner,omitzero"`
	Security   Person            `json:"security,omitzero"`
	Replace    bool              `json:"replace,omitempty"` // the business owner is to be replaced
	People     []Part            `json:"people,omitempty"`
	Response   string            `json:"response,omitempty"`
	Path       string            `json:"path,omitempty"`
	Plan       Plan              `json:"plan,omitzero"`
	Controls   []Control         `json:"controls,omitempty"`
	Scores     Scores            `json:"scores,omitzero"`
	Labels     map[string]string `json:"labels,omitempty"` // that people set: their notes
	Health     map[string]string `json:"health,omitempty"`
	Links      map[string]string `json:"links,omitempty"`  // names in other systems: address
	Fields     map[string]string `json:"fields,omitempty"` // that the house asks for besides
	Committed  string            `json:"committed,omitempty"`
	Led        bool              `json:"security_led,omitempty"`
	Evidence   []Item            `json:"evidence,omitempty"` // named in other systems; cases stand in Here
	Kept       map[string]string `json:"kept,omitempty"`     // of imports: what no field has
	Here       *Here             `json:"here,omitempty"`
}

// Person is somebody as files name them: by handle, or by a name that one has.
type Person struct {
	Name   string `json:"name,omitempty"`
	Handle string `json:"handle,omitempty"`
}

// Scoping is why the risk belongs into the register.
type Scoping struct {
	Test     string `json:"test,omitempty"`
	Out      string `json:"out,omitempty"`
	Override string `json:"override,omitempty"`
}

// Part is somebody's part in a risk besides its two owners.
type Part struct {
	Who  Person `json:"who"`
	As   string `json:"as,omitempty"`
	RACI string `json:"raci"`
	Note string `json:"note,omitempty"`
}

// Plan is how the risk is treated, without what approved it.
type Plan struct {
	Summary    string      `json:"summary,omitempty"`
	Document   string      `json:"document,omitempty"`
	Public     bool        `json:"public,omitempty"`
	Cost       float64     `json:"cost,omitempty"`
	Why        string      `json:"why,omitempty"` // it replaces one that was approved
	Milestones []Milestone `json:"milestones,omitempty"`
}

// Milestone is one step of a plan.
type Milestone struct {
	ID        string    `json:"id,omitempty"`
	Title     string    `json:"title"`
	Owner     Person    `json:"owner,omitzero"`
	Due       time.Time `json:"due,omitzero"`
	Was       time.Time `json:"was,omitzero"`
	After     []string  `json:"after,omitempty"`
	Success   string    `json:"success,omitempty"`
	KeyResult bool      `json:"key_result,omitempty"`
	Step      float64   `json:"step,omitempty"`
	Why       string    `json:"why,omitempty"`
	Done      time.Time `json:"done,omitzero"`
	Proof     string    `json:"proof,omitempty"`
}

// Control is something that lowers likelihood or impact.
type Control struct {
	ID        string    `json:"id,omitempty"`
	Title     string    `json:"title"`
	Domain    string    `json:"domain,omitempty"`
	Factor    string    `json:"factor"`
	Lowers    float64   `json:"lowers"`
	State     string    `json:"state"`
	Effective string    `json:"effective,omitempty"`
	Owner     Person    `json:"owner,omitzero"`
	Link      string    `json:"link,omitempty"`
	Since     time.Time `json:"since,omitzero"`
}

// Scores are what people judged last, by kind; nil is unset, which is never low.
type Scores struct {
	Inherent *Score `json:"inherent,omitempty"`
	Residual *Score `json:"residual,omitempty"`
	Target   *Score `json:"target,omitempty"`
}

// Score is one judgement on the profile's scales. Where there are categories the
// impact follows from them.
type Score struct {
	Likelihood float64        `json:"likelihood"`
	Impact     float64        `json:"impact"`
	Categories map[string]int `json:"categories,omitempty"`
	Confidence string         `json:"confidence,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Controls   []string       `json:"controls,omitempty"`
	NoControls string         `json:"no_controls,omitempty"`
}

// Item is a piece of evidence with a name in another system.
type Item struct {
	About    string    `json:"about"`
	Kind     string    `json:"kind"`
	At       time.Time `json:"at,omitzero"`
	Severity string    `json:"severity,omitempty"`
	Title    string    `json:"title,omitempty"`
	Source   string    `json:"source,omitempty"`
	Link     string    `json:"link,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// Here is what a house made of a risk: its place in the life cycle, the score in
// force with the evidence that the reader may count, and what was decided on it.
type Here struct {
	Stage       string             `json:"stage"`
	Closed      bool               `json:"closed"`
	Raised      time.Time          `json:"raised"`
	Touched     time.Time          `json:"touched"`
	Due         time.Time          `json:"due,omitzero"`
	Review      time.Time          `json:"review,omitzero"`
	Standing    risk.Standing      `json:"standing"`
	Hidden      int                `json:"hidden,omitempty"` // items that count and that the reader may not open
	Labels      []string           `json:"labels,omitempty"` // that follow from decisions
	Rejection   string             `json:"rejection,omitempty"`
	Similar     []ref.ID           `json:"similar,omitempty"`
	Skips       map[string]string  `json:"skips,omitempty"`
	Items       []risk.Item        `json:"evidence,omitempty"` // all that the reader may open
	Links       []risk.Link        `json:"links,omitempty"`
	Evaluations []*risk.Evaluation `json:"evaluations,omitempty"`
	Decisions   []*risk.Decision   `json:"decisions,omitempty"`
	Indicators  []risk.Indicator   `json:"indicators,omitempty"`
	Approvals   []risk.Approval    `json:"approvals,omitempty"` // of the plan
	Paths       []risk.Path        `json:"paths,omitempty"`
	Smart       map[string]string  `json:"smart,omitempty"`
	Syncs       []risk.Sync        `json:"syncs,omitempty"`
	Blocked     *risk.Blocked      `json:"blocked,omitempty"`
	Hold        *risk.Hold         `json:"hold,omitempty"`
	Override    *risk.Override     `json:"override,omitempty"`
	Closing     *risk.Closing      `json:"closing,omitempty"`
	Escalated   *risk.Escalated    `json:"escalated,omitempty"`
	Events      []clock.Event      `json:"events,omitempty"`
	Notes       []Note             `json:"notes,omitempty"`
	People      map[string]Person  `json:"people,omitempty"` // who the ids above are
}

// Note is something said on the risk.
type Note struct {
	At   time.Time `json:"at"`
	Name string    `json:"name"`
	Text string    `json:"text"`
}

// The names under which an import keeps what it was called and what stood Here in
// the house that it came from.
const (
	keptRef  = "ref_id"
	keptID   = "id"
	keptHere = "here"
)

// recordOf reads a risk as files hold it.
func (k known) recordOf(f *risk.Full) Record {
	r := f.Risk
	out := Record{ID: string(r.ID), Title: r.Title, Kind: r.Kind, Scope: r.Scope, Department: r.Department, TLP: r.TLP, Named: r.Audience == "named",
		Parent: r.Parent, Statement: r.Statement, Scoping: Scoping{r.Scoping.Test, r.Scoping.Out, r.Scoping.Override}, Origin: r.Origin, Owner: k.person(r.Owner),
		Security: k.person(r.Security), Replace: r.Replace, Response: r.Response, Path: r.Path, Committed: r.Committed, Led: r.SecurityLed,
		Labels: k.labels(r), Health: some(r.Health), Links: some(r.Body.Links), Fields: some(r.Fields)}
	out.Plan = Plan{Summary: r.Plan.Summary, Document: r.Plan.Document, Public: r.Plan.Public, Cost: r.Plan.Cost, Why: r.Plan.Why}
	for _, p := range r.Body.People {
		out.People = append(out.People, Part{k.person(p.Who), p.As, p.RACI, p.Note})
	}
	for _, m := range r.Plan.Milestones {
		out.Plan.Milestones = append(out.Plan.Milestones, Milestone{m.ID, m.Title, k.person(m.Owner), m.Due, m.Was, m.After, m.Success, m.KeyResult, m.Step, m.Why, m.Done, m.Proof})
	}
	for _, c := range r.Body.Controls {
		out.Controls = append(out.Controls, Control{c.ID, c.Title, c.Domain, c.Factor, c.Lowers, c.State, c.Effective, k.person(c.Owner), c.Link, c.Since})
	}
	out.Scores = scoresOf(f.Evaluations)
	for _, it := range f.Items {
		if !it.Dropped && ref.Read(it.About).Kind() != "case" {
			out.Evidence = append(out.Evidence, Item{it.About, it.Kind, it.At, it.Severity, it.Title, it.Source, it.Link, it.Note})
		}
	}
	slices.SortFunc(out.Evidence, func(a, b Item) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.About, b.About)) })
	out.Ref = r.Imported[keptRef]
	kept := maps.Clone(r.Imported)
	delete(kept, keptRef)
	out.Kept = some(kept)
	out.Here = k.hereOf(f)
	return out
}

// some is the map, or nil where it is empty.
func some(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}

// labels are those that people set, with their notes.
func (k known) labels(r *risk.Risk) map[string]string {
	out := map[string]string{}
	for _, l := range r.Labels {
		if !k.derived(l) {
			out[l] = r.LabelNotes[l]
		}
	}
	return some(out)
}

// scoresOf are the newest judgements, by kind.
func scoresOf(es []*risk.Evaluation) (out Scores) {
	for _, e := range es {
		to := out.of(e.Kind)
		if e.World != risk.WorldBase || to == nil {
			continue
		}
		j := e.Judgement
		*to = &Score{e.Likelihood, e.Impact, j.Categories, j.Confidence, j.Reason, j.Controls, j.NoControls}
	}
	return out
}

// of is the place of a kind of score, nil for no kind that people judge.
func (s *Scores) of(kind string) **Score {
	switch kind {
	case risk.KindInherent:
		return &s.Inherent
	case risk.KindResidual:
		return &s.Residual
	case risk.KindTarget:
		return &s.Target
	}
	return nil
}

// judged are the kinds of score that people give, in order.
var judged = []string{risk.KindInherent, risk.KindResidual, risk.KindTarget}

func (k known) hereOf(f *risk.Full) *Here {
	r := f.Risk
	h := &Here{Stage: r.Stage, Closed: r.Closed, Raised: r.Raised, Touched: r.Touched, Due: r.Due, Review: r.Review, Standing: r.Standing, Hidden: f.Hidden,
		Rejection: r.Rejection, Similar: r.Similar, Skips: some(r.Skips), Items: f.Items, Links: f.Links, Evaluations: f.Evaluations, Decisions: f.Decisions,
		Indicators: f.Indicators, Approvals: r.Plan.Approvals, Paths: r.Plan.Paths, Smart: some(r.Plan.Smart), Syncs: r.Syncs, Blocked: given(r.Blocked),
		Hold: given(r.Hold), Override: given(r.Override), Closing: closing(r.Closing), Escalated: given(r.Escalated), Events: r.Events(), People: map[string]Person{}}
	for _, l := range r.Labels {
		if k.derived(l) {
			h.Labels = append(h.Labels, l)
		}
	}
	for _, m := range f.Said {
		h.Notes = append(h.Notes, Note{m.At, m.Name, m.Text})
	}
	for id, p := range f.Persons {
		h.People[string(id)] = Person{p.Name, k.person(id).Handle}
	}
	return h
}

func given[T comparable](x T) *T {
	var none T
	if x == none {
		return nil
	}
	return &x
}

func closing(c risk.Closing) *risk.Closing {
	if c.By == "" {
		return nil
	}
	return &c
}

// plain is the record without what only this house gives.
func (r Record) plain() Record {
	r.ID, r.Here = "", nil
	kept := maps.Clone(r.Kept)
	delete(kept, keptID)
	delete(kept, keptHere)
	r.Kept = some(kept)
	return r
}

// texts are the fields of the record as texts that can be compared, by name.
func (r Record) texts() map[string]string {
	r.ID, r.Here = "", nil
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // a record is texts, times and finite numbers
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		panic(err) // it was just written
	}
	out := map[string]string{}
	for name, raw := range parts {
		out[name] = string(raw)
	}
	return out
}
