package api

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// rcaRoutes are the operations on the root cause analysis of a case, which is read
// with the case.
var rcaRoutes = []Route{
	{"case.rca-edit", "PATCH", "/cases/{id}/rca", casework.VerbRCAEdit, "Change what the root cause analysis says; only the fields that are sent change", change(editRCA)},
	{"case.rca.step", "POST", "/cases/{id}/rca/steps", "", "Open the root cause analysis, tell a milestone, have its words reviewed, end it, open it again or do without it", change(stepRCA)},
	{"case.rca.plan", "POST", "/cases/{id}/rca/actions", casework.VerbRCAEdit, "Add an action to the root cause analysis, or change the one of the number", change(planRCA)},
	{"case.rca-act", "POST", "/cases/{id}/rca/outcomes", casework.VerbRCAAct, "End an action, open it again, or as its owner decline it with a reason", change(settleRCA)},
}

func editRCA(ctx context.Context, h *house.House, in struct {
	record
	Body casework.RCAPatch
}) error {
	return h.Cases.EditRCA(ctx, in.ID, in.Body)
}

// RCAMove is one step of a root cause analysis.
type RCAMove struct {
	Step access.Verb `json:"step"` // case.rca-open, -invite, -file, -review, -done, -reopen or -waive
	casework.RCAStep
}

func stepRCA(ctx context.Context, h *house.House, in struct {
	record
	Body RCAMove
}) error {
	return h.Cases.StepRCA(ctx, in.ID, in.Body.Step, in.Body.RCAStep)
}

// RCAPlan is an action of a root cause analysis as it is planned.
type RCAPlan struct {
	Number int       `json:"number,omitempty"` // of the action that changes; absent is a new one
	Title  string    `json:"title"`
	Owner  ref.ID    `json:"owner,omitempty"` // ID of a person who may see the case
	Due    time.Time `json:"due,omitzero"`
	Link   string    `json:"link,omitempty"` // where the work is kept
}

func planRCA(ctx context.Context, h *house.House, in struct {
	record
	Body RCAPlan
}) error {
	b := in.Body
	return h.Cases.PlanRCA(ctx, in.ID, casework.RCAAction{Number: b.Number, Title: b.Title, Owner: b.Owner, Due: b.Due, Link: b.Link})
}

// RCAOutcome says how an action of a root cause analysis ended.
type RCAOutcome struct {
	Number int `json:"number"` // of the action
	casework.Outcome
}

func settleRCA(ctx context.Context, h *house.House, in struct {
	record
	Body RCAOutcome
}) error {
	return h.Cases.SettleRCA(ctx, in.ID, in.Body.Number, in.Body.Outcome)
}
