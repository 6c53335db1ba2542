package api

import (
	"context"
	"encoding/json"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/format/all"
	"tocsin/internal/house"
	"tocsin/internal/insight"
)

// advisoryRoutes are the rows about advisories and what is published.
var advisoryRoutes = []Route{
	{"advisory.list", "GET", "/advisories", advisory.VerbRead, "Advisories that you may see, newest first", read(listAdvisories)},
	{"advisory.draft", "POST", "/cases/{id}/advisories", advisory.VerbDraft, "Draft an advisory from a case", create(draftAdvisory)},
	{"advisory.read", "GET", "/advisories/{id}", advisory.VerbRead, "One advisory, with the findings of all its published forms", read(readAdvisory)},
	{"advisory.edit", "PUT", "/advisories/{id}", advisory.VerbEdit, "Replace the content of an advisory; approvals of the old content no longer count", change(editAdvisory)},
	{"advisory.move", "POST", "/advisories/{id}/moves", "", "Take an advisory one step along its life cycle: submit, approve, publish, revise", change(moveAdvisory)},
	{"advisory.form", "GET", "/advisories/{id}/forms/{format}", advisory.VerbRead, "An advisory in one published form, as it would go out now", read(formOfAdvisory)},
	{"advisory.history", "GET", "/advisories/{id}/history", advisory.VerbRead, "What happened to an advisory, newest first: its audit trail", read(advisoryHistory)},
	{"advisory.check", "POST", "/advisory-check", "", "Check a CSAF, CVE, OSV or OpenVEX file; nothing is stored", write(200, checkAdvisory, checkedType)},
	{"publication.list", "GET", "/publications", "", "What is published, newest first", read(listPublications)},
	{"publication.read", "GET", "/publications/{name}", "", "The newest revision that is out under a tracking ID", read(readPublication)},
}

func listAdvisories(ctx context.Context, h *house.House, in struct {
	Stage string `query:"stage" doc:"Name of a stage of the life cycle."`
	Q     string `query:"q" doc:"A query: stage:draft is:approved published<30d, and words of the text. See docs/queries.md."`
	page
}) (*Page[AdvisoryRow], error) {
	q, err := advisory.Vocabulary(h.Rules).Parse(in.Q)
	if err != nil {
		return nil, err
	}
	l, err := h.Advisories.List(ctx, advisory.Filter{Stage: in.Stage, Query: q}, in.limit(), in.After)
	if err != nil {
		return nil, err
	}
	return pageOf(l.Advisories, l.Next, advisoryRow), nil
}

func draftAdvisory(ctx context.Context, h *house.House, in record) (*Made, error) {
	id, err := h.Advisories.Draft(ctx, in.ID)
	return &Made{id, "/advisories/" + string(id)}, err
}

func readAdvisory(ctx context.Context, h *house.House, in record) (*Advisory, error) {
	f, err := h.Advisories.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return advisoryOf(f), nil
}

// Content is the content of an advisory.
type Content struct {
	Version  int               `json:"version,omitempty"` // of the row that you saw
	Document advisory.Document `json:"document"`
	Summary  string            `json:"summary,omitempty"` // what this revision changes
}

func editAdvisory(ctx context.Context, h *house.House, in struct {
	record
	Body Content
}) error {
	return h.Advisories.Edit(ctx, in.ID, in.Body.Version, in.Body.Document, in.Body.Summary)
}

// AdvisoryMove is one step of an advisory.
type AdvisoryMove struct {
	Move    access.Verb `json:"move"`              // a verb of the life cycle, as the advisory's moves list it
	Version int         `json:"version,omitempty"` // of the row that you saw
	Reason  string      `json:"reason,omitempty"`
}

func moveAdvisory(ctx context.Context, h *house.House, in struct {
	record
	Body AdvisoryMove
}) error {
	return h.Advisories.Move(ctx, in.ID, in.Body.Move, in.Body.Version, in.Body.Reason)
}

// Forms are the files of one published form; a form that knows one vulnerability
// a file has several.
type Forms struct {
	Format string `json:"format"`
	Files  []Form `json:"files"`
}

// Form is one file of a published form.
type Form struct {
	Name     string          `json:"name"`
	Media    string          `json:"media"`
	Document json.RawMessage `json:"document"` // the file itself
}

func formOfAdvisory(ctx context.Context, h *house.House, in struct {
	record
	Format string `path:"format" doc:"csaf-2.0, cve-5, osv-1 or openvex-0.2."`
}) (*Forms, error) {
	f, err := h.Advisories.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	form, err := all.Named(in.Format)
	if err != nil {
		return nil, err
	}
	files, err := form.Render(f.Issue(h.Now()))
	out := &Forms{Format: form.Name()}
	for _, file := range files {
		out.Files = append(out.Files, Form{file.Name, file.Media, file.Body})
	}
	return out, err
}

func advisoryHistory(ctx context.Context, h *house.House, in record) (*Page[insight.Entry], error) {
	entries, err := h.Trail.On(ctx, in.ID)
	return pageOf(entries, "", same[insight.Entry]), err
}

// Checked is what a check says of a file.
type Checked struct {
	Format   string             `json:"format"` // empty where the file is of no known form
	Valid    bool               `json:"valid"`
	Findings []advisory.Finding `json:"findings"`
}

func checkAdvisory(_ context.Context, _ *house.House, in struct {
	File string `query:"file" doc:"Name of the file, for the forms' rules about names."`
	Body json.RawMessage
}) (reply, error) {
	r := all.Check(in.File, in.Body)
	return made(200, &Checked{r.Format, r.Valid, r.Findings})
}

func listPublications(ctx context.Context, h *house.House, in page) (*Page[Publication], error) {
	ps, next, err := h.Advisories.Feed(ctx, in.limit(), in.After)
	return pageOf(ps, next, publicationOf), err
}

func readPublication(ctx context.Context, h *house.House, in struct {
	Name string `path:"name" doc:"The tracking ID."`
}) (*Publication, error) {
	p, err := h.Advisories.Published(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	out := publicationOf(p)
	return &out, nil
}
