package api

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
)

// caseRoutes are the rows about cases.
var caseRoutes = []Route{
	{"case.list", "GET", "/cases", casework.VerbRead, "Cases that you may see, newest first", read(listCases)},
	{"case.open", "POST", "/cases", casework.VerbOpen, "Open a case", create(openCase)},
	{"case.read", "GET", "/cases/{id}", casework.VerbRead, "One case, with clocks, next moves and what each still needs, messages and files", read(readCase)},
	{"case.edit", "PATCH", "/cases/{id}", casework.VerbEdit, "Change what is known of a case; only the fields that are sent change", change(editCase)},
	{"case.move", "POST", "/cases/{id}/moves", "", "Take a case one step along its life cycle, or learn all that is missing", change(moveCase)},
	{"case.assign", "PUT", "/cases/{id}/owner", casework.VerbAssign, "Hand a case to a person, or to nobody", change(assignCase)},
	{"case.score", "PUT", "/cases/{id}/score", casework.VerbScore, "Set the CVSS vectors, one for each version that is sent", change(scoreCase)},
	{"case.vote", "POST", "/cases/{id}/votes", casework.VerbVote, "Agree or disagree with the vectors in force, as somebody who did not choose them", change(voteCase)},
	{"case.fix", "PUT", "/cases/{id}/fixes", casework.VerbFix, "Set the state of the remediation on one release line", change(fixCase)},
	{"case.credit", "PUT", "/cases/{id}/credit", casework.VerbCredit, "Record how the reporter is thanked", change(creditCase)},
	{"case.note", "POST", "/cases/{id}/notes", casework.VerbNote, "Write an internal note; @names are told", create(noteCase)},
	{"case.message", "POST", "/cases/{id}/messages", casework.VerbMessage, "Write to the reporters of a case", change(messageCase)},
	{"case.clock.pause", "POST", "/cases/{id}/clocks/pause", casework.VerbPause, "Pause a clock, or every clock, for a reason", change(pauseCase)},
	{"case.clock.resume", "POST", "/cases/{id}/clocks/resume", casework.VerbPause, "Let a clock, or every clock, go on", change(resumeCase)},
	{"case.clock.extend", "POST", "/cases/{id}/clocks/extend", casework.VerbExtend, "Add time to a clock, for a reason", change(extendCase)},
	{"case.label.set", "PUT", "/cases/{id}/labels/{label}", "case.label", "Set a side label", change(labelCase)},
	{"case.label.clear", "DELETE", "/cases/{id}/labels/{label}", "case.label", "Clear a side label", change(unlabelCase)},
	{"case.embargo", "PUT", "/cases/{id}/embargo", casework.VerbEmbargo, "Restrict a case, its reports and all that hangs on them to those who are named", change(embargoCase)},
	{"case.lift", "DELETE", "/cases/{id}/embargo", casework.VerbEmbargo, "Open a restricted case to all staff again", change(liftCase)},
	{"case.share", "PUT", "/cases/{id}/shares/{with}", casework.VerbShare, "Let a person or a team see a case and its reports", change(shareCase)},
	{"case.unshare", "DELETE", "/cases/{id}/shares/{with}", casework.VerbShare, "Take that sight away again, at once", change(unshareCase)},
	{"case.mark", "PUT", "/cases/{id}/mark", casework.VerbMark, "Set the TLP mark", change(markCase)},
	{"case.link", "PUT", "/cases/{id}/links/{kind}/{to}", casework.VerbLink, "Link a case to another", change(linkCase)},
	{"case.unlink", "DELETE", "/cases/{id}/links/{kind}/{to}", casework.VerbLink, "Take a link away", change(unlinkCase)},
	{"case.history", "GET", "/cases/{id}/history", casework.VerbRead, "What happened to a case, newest first: its audit trail", read(caseHistory)},
}

// CaseQuery narrows the list of cases.
type CaseQuery struct {
	Stage        string    `query:"stage" doc:"Name of a stage of the life cycle."`
	State        string    `query:"state" enum:"open,closed" doc:"Open or closed cases alone."`
	Severity     string    `query:"severity" doc:"The severity word in force."`
	CWE          string    `query:"cwe" doc:"Weakness, such as CWE-79."`
	CVE          string    `query:"cve" doc:"CVE ID."`
	Product      string    `query:"product" doc:"Short name of the product."`
	Component    string    `query:"component" doc:"Name of the component."`
	Source       string    `query:"source" doc:"Where it came from: a word of the profile."`
	Label        string    `query:"label" doc:"Name of a side label."`
	Owner        ref.ID    `query:"owner" doc:"ID of the person who handles it."`
	Breached     bool      `query:"breached" doc:"Only those of which a clock was late at some time."`
	DueBefore    time.Time `query:"due_before" doc:"Open, with a clock that is due before."`
	OpenedBefore time.Time `query:"opened_before" doc:"Opened before this moment."`
	OpenedAfter  time.Time `query:"opened_after" doc:"Opened at this moment or after it."`
	Undated      bool      `query:"undated" doc:"Only those whose opening is unknown."`
	RCA          string    `query:"rca" enum:"todo,done" doc:"Only those whose root cause analysis is under way, or done."`
	Q            string    `query:"q" doc:"A query: stage:triage sev>=high due<3d -label:dup, and words that all occur, \"phrases\" in quotes, word* for beginnings. See docs/queries.md."`
	Order        string    `query:"order" enum:"newest,due" doc:"newest (the default), or what is due first."`
	page
}

func listCases(ctx context.Context, h *house.House, in CaseQuery) (*Page[CaseRow], error) {
	q, err := casework.Vocabulary(h.Rules).Parse(in.Q)
	if err != nil {
		return nil, err
	}
	f := casework.Filter{Stage: in.Stage, Severity: in.Severity, CWE: in.CWE, Product: in.Product, Component: in.Component, Source: in.Source, CVE: in.CVE, Label: in.Label,
		Owner: in.Owner, State: in.State, Breached: in.Breached, DueBefore: in.DueBefore, OpenedBefore: in.OpenedBefore, OpenedAfter: in.OpenedAfter,
		Undated: in.Undated, RCA: in.RCA, Query: q, Order: in.Order}
	l, err := h.Cases.List(ctx, f, casework.Page{Limit: in.limit(), After: in.After})
	if err != nil {
		return nil, err
	}
	return pageOf(l.Cases, l.Next, caseRow), nil
}

func openCase(ctx context.Context, h *house.House, in struct{ Body casework.Opening }) (*Made, error) {
	id, err := h.Cases.Open(ctx, in.Body)
	return &Made{id, "/cases/" + string(id)}, err
}

func readCase(ctx context.Context, h *house.House, in record) (*Case, error) {
	f, err := h.Cases.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return caseOf(f), nil
}

func editCase(ctx context.Context, h *house.House, in struct {
	record
	Body casework.Patch
}) error {
	return h.Cases.Edit(ctx, in.ID, in.Body)
}

// CaseMove is one step of a case.
type CaseMove struct {
	Move access.Verb `json:"move"` // a verb of the life cycle, as the case's moves list it
	casework.Step
}

func moveCase(ctx context.Context, h *house.House, in struct {
	record
	Body CaseMove
}) error {
	return h.Cases.Move(ctx, in.ID, in.Body.Move, in.Body.Step)
}

// Owner says who handles a case.
type Owner struct {
	Owner ref.ID `json:"owner"` // ID of a person; empty is nobody
}

func assignCase(ctx context.Context, h *house.House, in struct {
	record
	Body Owner
}) error {
	return h.Cases.Assign(ctx, in.ID, in.Body.Owner)
}

// Vectors are CVSS vectors, at most one of each version.
type Vectors struct {
	Vectors []string `json:"vectors"`
}

func scoreCase(ctx context.Context, h *house.House, in struct {
	record
	Body Vectors
}) error {
	return h.Cases.Score(ctx, in.ID, 0, in.Body.Vectors...)
}

// Ballot is a word on the vectors in force.
type Ballot struct {
	Agrees bool     `json:"agrees"`
	Note   string   `json:"note,omitempty"`
	Own    []string `json:"own,omitempty"` // CVSS vectors that you would have chosen, at most one of each version
}

func voteCase(ctx context.Context, h *house.House, in struct {
	record
	Body Ballot
}) error {
	return h.Cases.Vote(ctx, in.ID, in.Body.Agrees, in.Body.Note, in.Body.Own...)
}

// FixState is the state of the remediation on one release line.
type FixState struct {
	Line  string `json:"line"`            // name of the release line
	State string `json:"state"`           // a word of the profile
	Link  string `json:"link,omitempty"`  // to the change
	Fixed string `json:"fixed,omitempty"` // the version that has it
}

func fixCase(ctx context.Context, h *house.House, in struct {
	record
	Body FixState
}) error {
	return h.Cases.Fixed(ctx, in.ID, casework.Fix{Line: in.Body.Line, State: in.Body.State, Link: in.Body.Link, Fixed: in.Body.Fixed})
}

func creditCase(ctx context.Context, h *house.House, in struct {
	record
	Body casework.Credit
}) error {
	return h.Cases.SetCredit(ctx, in.ID, in.Body)
}

// Text is something to say, in Markdown.
type Text struct {
	Text string `json:"text"`
}

func noteCase(ctx context.Context, h *house.House, in struct {
	record
	Body Text
}) (*Made, error) {
	id, err := h.Cases.Note(ctx, in.ID, in.Body.Text)
	return &Made{id, "/cases/" + string(in.ID)}, err
}

func messageCase(ctx context.Context, h *house.House, in struct {
	record
	Body Text
}) error {
	return h.Cases.Message(ctx, in.ID, in.Body.Text)
}

// Hold is which clock is held or let go, and why.
type Hold struct {
	Clock  string `json:"clock,omitempty"` // its name; empty is every clock
	Reason string `json:"reason"`
}

func pauseCase(ctx context.Context, h *house.House, in struct {
	record
	Body Hold
}) error {
	return h.Cases.Pause(ctx, in.ID, in.Body.Clock, in.Body.Reason)
}

func resumeCase(ctx context.Context, h *house.House, in struct {
	record
	Body Hold
}) error {
	return h.Cases.Resume(ctx, in.ID, in.Body.Clock, in.Body.Reason)
}

// Extend is time to add to a clock.
type Extend struct {
	Clock  string `json:"clock"`
	Span   string `json:"span"` // 7d, 48h or 5bd (business days)
	Reason string `json:"reason"`
}

func extendCase(ctx context.Context, h *house.House, in struct {
	record
	Body Extend
}) error {
	return h.Cases.Extend(ctx, in.ID, in.Body.Clock, in.Body.Span, in.Body.Reason)
}

// Reason is why something is done.
type Reason struct {
	Reason string `json:"reason,omitempty"`
}

func labelCase(ctx context.Context, h *house.House, in struct {
	record
	Label string `path:"label" doc:"Name of the label."`
	Body  Reason
}) error {
	return h.Cases.SetLabel(ctx, in.ID, in.Label, true, in.Body.Reason)
}

func unlabelCase(ctx context.Context, h *house.House, in struct {
	record
	Label string `path:"label" doc:"Name of the label."`
}) error {
	return h.Cases.SetLabel(ctx, in.ID, in.Label, false, "")
}

// Embargo is until when and why a case is restricted.
type Embargo struct {
	Until  time.Time `json:"until,omitzero"` // absent is until somebody opens it
	Reason string    `json:"reason,omitempty"`
}

func embargoCase(ctx context.Context, h *house.House, in struct {
	record
	Body Embargo
}) error {
	return h.Cases.Embargo(ctx, in.ID, in.Body.Until, in.Body.Reason)
}

func liftCase(ctx context.Context, h *house.House, in struct {
	record
	Reason string `query:"reason" doc:"Why, for the audit trail."`
}) error {
	return h.Cases.Lift(ctx, in.ID, in.Reason)
}

// Share is as what somebody sees a case.
type Share struct {
	Role access.Role `json:"role,omitempty"` // on this case; empty is to see it, and no more than their roles allow
}

func shareCase(ctx context.Context, h *house.House, in struct {
	record
	With ref.ID `path:"with" doc:"ID of a person or a team."`
	Body Share
}) error {
	return h.Cases.Share(ctx, in.ID, in.With, in.Body.Role)
}

func unshareCase(ctx context.Context, h *house.House, in struct {
	record
	With ref.ID `path:"with" doc:"ID of a person or a team."`
}) error {
	return h.Cases.Unshare(ctx, in.ID, in.With)
}

// Mark is a TLP label.
type Mark struct {
	TLP string `json:"tlp"` // TLP 2.0; empty is none
}

func markCase(ctx context.Context, h *house.House, in struct {
	record
	Body Mark
}) error {
	return h.Cases.Mark(ctx, in.ID, in.Body.TLP)
}

type link struct {
	record
	Kind string `path:"kind" doc:"duplicate-of, related, variant-of, caused-by or chained-with."`
	To   ref.ID `path:"to" doc:"ID of the other case."`
}

func linkCase(ctx context.Context, h *house.House, in link) error {
	return h.Cases.LinkTo(ctx, in.ID, in.Kind, in.To, true)
}

func unlinkCase(ctx context.Context, h *house.House, in link) error {
	return h.Cases.LinkTo(ctx, in.ID, in.Kind, in.To, false)
}

func caseHistory(ctx context.Context, h *house.House, in record) (*Page[insight.Entry], error) {
	entries, err := h.Trail.On(ctx, in.ID)
	return pageOf(entries, "", same[insight.Entry]), err
}
