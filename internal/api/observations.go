package api

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/house"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// observationRoutes are the rows about observations: single findings about controls.
var observationRoutes = []Route{
	{"observation.list", "GET", "/observations", observation.VerbRead, "Observations that you may see, the newest first unless another order is asked for", read(listObservations)},
	{"observation.open", "POST", "/observations", observation.VerbOpen, "Open an observation", create(openObservation)},
	{"observation.board", "GET", "/observation-board", observation.VerbRead, "Open observations in columns", read(boardObservations)},
	{"observation.proposals", "GET", "/observation-proposals", observation.VerbRead, "Observations that together ask for a risk", read(proposedObservations)},
	{"observation.upgrade", "POST", "/observations/{id}/upgrade", observation.VerbUpgrade, "Raise a risk from an observation, and from others with it; they become its evidence", create(upgradeObservations)},
	{"observation.import", "POST", "/observation-imports", observation.VerbOpen, "Bring findings of another source in, all of them or none, with the priority that they have here", respond(importObservations)},
	{"observation.read", "GET", "/observations/{id}", observation.VerbRead, "One observation, with its rating and why, and what each next move still needs", read(readObservation)},
	{"observation.edit", "PATCH", "/observations/{id}", observation.VerbEdit, "Change what is said of an observation, or rate it; only the fields that are sent change", change(editObservation)},
	{"observation.move", "POST", "/observations/{id}/moves", "", "Take an observation one step along its life cycle, or learn all that is missing", change(moveObservation)},
	{"observation.note", "POST", "/observations/{id}/notes", observation.VerbEdit, "Write a note on an observation", create(noteObservation)},
	{"observation.attach", "POST", "/observations/{id}/files", observation.VerbEdit, "Put a file of at most 50 MiB on an observation", upload(attachToObservation)},
	{"risk.attach", "POST", "/risks/{id}/files", risk.VerbAttach, "Put a file of at most 50 MiB on a risk", upload(attachToRisk)},
	{"observation.request-acceptance", "POST", "/observations/{id}/acceptances", observation.VerbEdit, "Ask for the acceptance of an observation", change(askObservation)},
	{"observation.approve-acceptance", "POST", "/observations/{id}/acceptances/approvals", observation.VerbAccept, "Approve or decline an acceptance", change(approveObservation)},
	{"observation.label.set", "PUT", "/observations/{id}/labels/{label}", observation.VerbEdit, "Set a label", change(labelObservation)},
	{"observation.label.clear", "DELETE", "/observations/{id}/labels/{label}", observation.VerbEdit, "Clear a label", change(unlabelObservation)},
	{"observation.restrict", "PUT", "/observations/{id}/restriction", observation.VerbEdit, "Make an observation need-to-know", change(restrictObservation)},
	{"observation.lift", "DELETE", "/observations/{id}/restriction", observation.VerbEdit, "Open an observation to all staff again", change(liftObservation)},
	{"observation.share", "PUT", "/observations/{id}/shares/{with}", observation.VerbEdit, "Let a person or a team see an observation", change(shareObservation)},
	{"observation.unshare", "DELETE", "/observations/{id}/shares/{with}", observation.VerbEdit, "Take that sight away again, at once", change(unshareObservation)},
}

// ObservationFilter is the part of a query by which observations are chosen.
type ObservationFilter struct {
	Stage         string    `query:"stage" doc:"Name of a stage of the life cycle."`
	State         string    `query:"state" enum:"open,closed" doc:"Open or closed ones alone."`
	Rating        string    `query:"rating" doc:"Rating: a word of the profile."`
	Priority      string    `query:"priority" doc:"Priority by the profile's table of equivalents."`
	Cause         string    `query:"cause" doc:"Key of the root cause that several share."`
	Source        string    `query:"source" doc:"Where it was found."`
	Department    string    `query:"department" doc:"Department of the owner."`
	Label         string    `query:"label" doc:"Name of a label."`
	Owner         ref.ID    `query:"owner" doc:"ID of the owner."`
	Entity        bool      `query:"entity" doc:"Of a control of the whole organisation."`
	Overdue       bool      `query:"overdue" doc:"Open, and past its date."`
	Unowned       bool      `query:"unowned" doc:"Nobody's."`
	TouchedBefore time.Time `query:"touched_before" doc:"Nobody touched it since."`
	Q             string    `query:"q" doc:"A query: rating>=high cause:missing-review due<3w -label:stale, and words that all occur, \"phrases\" in quotes, word* for beginnings. See docs/queries.md."`
}

func (in ObservationFilter) filter(h *house.House) (observation.Filter, error) {
	q, err := observation.Vocabulary(h.Rules).Parse(in.Q)
	return observation.Filter{Stage: in.Stage, Rating: in.Rating, Priority: in.Priority, Cause: in.Cause, Source: in.Source, Department: in.Department, Label: in.Label,
		Owner: in.Owner, State: in.State, Entity: in.Entity, Overdue: in.Overdue, Unowned: in.Unowned, TouchedBefore: in.TouchedBefore, Query: q}, err
}

func listObservations(ctx context.Context, h *house.House, in struct {
	ObservationFilter
	Order string `query:"order" enum:"newest,score,age,due" doc:"newest (the default), the highest score, what was found longest ago, or what is due first."`
	page
}) (*Page[*observation.Observation], error) {
	f, err := in.filter(h)
	if err != nil {
		return nil, err
	}
	f.Order = in.Order
	l, err := h.Observations.List(ctx, f, observation.Page{Limit: in.limit(), After: in.After})
	if err != nil {
		return nil, err
	}
	return pageOf(l.Observations, l.Next, same[*observation.Observation]), nil
}

func openObservation(ctx context.Context, h *house.House, in struct{ Body observation.Opening }) (*Made, error) {
	id, err := h.Observations.Open(ctx, in.Body)
	return &Made{id, "/observations/" + string(id)}, err
}

func boardObservations(ctx context.Context, h *house.House, in struct {
	ObservationFilter
	By string `query:"by" enum:"stage,rating,cause" doc:"What the columns are; stage is the default."`
}) (*Page[observation.Column], error) {
	f, err := in.filter(h)
	if err != nil {
		return nil, err
	}
	out, err := h.Observations.Board(ctx, f, in.By)
	return listOf(out, same[observation.Column]), err
}

func proposedObservations(ctx context.Context, h *house.House, _ struct{}) (*Page[observation.Proposal], error) {
	out, err := h.Observations.Proposals(ctx)
	return listOf(out, same[observation.Proposal]), err
}

// Upgrade is what observations become.
type Upgrade struct {
	With   []ref.ID `json:"with,omitempty"`   // other observations that become the same risk
	Title  string   `json:"title"`            // of the risk
	Reason string   `json:"reason,omitempty"` // wanted where the profile's rule does not ask for it
}

func upgradeObservations(ctx context.Context, h *house.House, in struct {
	record
	Body Upgrade
}) (*Made, error) {
	id, err := h.Observations.Upgrade(ctx, observation.Upgrading{IDs: append([]ref.ID{in.ID}, in.Body.With...), Title: in.Body.Title, Reason: in.Body.Reason})
	return &Made{id, "/risks/" + string(id)}, err
}

// Findings are what another source found.
type Findings struct {
	Found  []observation.Foreign `json:"found"`
	DryRun bool                  `json:"dry_run,omitempty"` // change nothing, and report what would come in
}

func importObservations(ctx context.Context, h *house.House, in struct{ Body Findings }) (*Page[observation.Row], error) {
	out, err := h.Observations.Import(ctx, in.Body.Found, in.Body.DryRun)
	return listOf(out, same[observation.Row]), err
}

// Observation is one observation with all that its page shows.
type Observation struct {
	*observation.Full
	Last string `json:"said,omitempty"` // the reason of the last move
}

func (o *Observation) rowVersion() int { return o.Version }

func readObservation(ctx context.Context, h *house.House, in record) (*Observation, error) {
	f, err := h.Observations.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &Observation{f, f.Observation.Said}, nil
}

func editObservation(ctx context.Context, h *house.House, in struct {
	record
	Body observation.Patch
}) error {
	return h.Observations.Edit(ctx, in.ID, in.Body)
}

// ObservationMove is one step of an observation.
type ObservationMove struct {
	Move access.Verb `json:"move"` // a verb of the life cycle, as the observation's moves list it
	observation.Step
}

func moveObservation(ctx context.Context, h *house.House, in struct {
	record
	Body ObservationMove
}) error {
	return h.Observations.Move(ctx, in.ID, in.Body.Move, in.Body.Step)
}

func noteObservation(ctx context.Context, h *house.House, in struct {
	record
	Body Text
}) (*Made, error) {
	id, err := h.Observations.Note(ctx, in.ID, in.Body.Text)
	return &Made{id, "/observations/" + string(in.ID)}, err
}

func attachToObservation(ctx context.Context, h *house.House, in struct{ Upload }) (*evidence.File, error) {
	f, err := h.Observations.Attach(ctx, in.ID, in.Name, in.file)
	return &f, err
}

func attachToRisk(ctx context.Context, h *house.House, in struct{ Upload }) (*evidence.File, error) {
	f, err := h.Risks.Attach(ctx, in.ID, in.Name, in.file)
	return &f, err
}

func askObservation(ctx context.Context, h *house.House, in struct {
	record
	Body observation.Asking
}) error {
	return h.Observations.Ask(ctx, in.ID, in.Body)
}

// Word is somebody's word on an acceptance.
type Word struct {
	Version int    `json:"version,omitempty"`
	Note    string `json:"note,omitempty"` // wanted where it is a no
	No      bool   `json:"no,omitempty"`   // declined
}

func approveObservation(ctx context.Context, h *house.House, in struct {
	record
	Body Word
}) error {
	return h.Observations.Approve(ctx, in.ID, in.Body.Version, in.Body.Note, in.Body.No)
}

// labelled is the part of an input by which the address names a label of a record.
type labelled struct {
	record
	Label string `path:"label" doc:"The label's name."`
}

func labelObservation(ctx context.Context, h *house.House, in struct {
	labelled
	Body Reason
}) error {
	return h.Observations.Label(ctx, in.ID, in.Label, true, in.Body.Reason)
}

func unlabelObservation(ctx context.Context, h *house.House, in labelled) error {
	return h.Observations.Label(ctx, in.ID, in.Label, false, "")
}

func restrictObservation(ctx context.Context, h *house.House, in struct {
	record
	Body Reason
}) error {
	return h.Observations.Restrict(ctx, in.ID, true, in.Body.Reason)
}

func liftObservation(ctx context.Context, h *house.House, in record) error {
	return h.Observations.Restrict(ctx, in.ID, false, "")
}

// shownTo is the part of an input by which the address names who is to see a record.
type shownTo struct {
	record
	With ref.ID `path:"with" doc:"ID of a person or a team."`
}

func shareObservation(ctx context.Context, h *house.House, in shownTo) error {
	return h.Observations.Share(ctx, in.ID, in.With)
}

func unshareObservation(ctx context.Context, h *house.House, in shownTo) error {
	return h.Observations.Unshare(ctx, in.ID, in.With)
}
