package api

import (
	"context"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// riskActs are the rows that change a risk.
var riskActs = []Route{
	{"risk.edit", "PATCH", "/risks/{id}", risk.VerbEdit, "Change what is said of a risk; only the fields that are sent change", change(editRisk)},
	{"risk.move", "POST", "/risks/{id}/moves", "", "Take a risk one step along its life cycle, or learn all that is missing", change(moveRisk)},
	{"risk.score", "PUT", "/risks/{id}/score", risk.VerbScore, "Judge a risk on the profile's scales; a new evaluation is added, none is changed", change(judgeRisk)},
	{"risk.override", "PUT", "/risks/{id}/override", risk.VerbOverride, "Ask for another score than the computed one, which stays beside it", change(overrideRisk)},
	{"risk.override.end", "DELETE", "/risks/{id}/override", risk.VerbOverride, "Take an override back", change(endOverride)},
	{"risk.override.ended", "POST", "/risks/{id}/override/end", risk.VerbOverride, "Take an override back, with the reason; where the rating falls with it, another person reviews it first", change(overEnded)},
	{"risk.override.approve", "POST", "/risks/{id}/override/approval", risk.VerbValidate, "Put an override in force, as another person than who asked", change(approveOverride)},
	{"risk.validate-score", "POST", "/risks/{id}/validation", risk.VerbValidate, "Confirm a rating on which base and evidence disagree", change(validateRisk)},
	{"risk.downgrade.approve", "POST", "/risks/{id}/downgrades/{decision}/approval", risk.VerbValidate, "Approve a lower rating after a look at its evidence, as another person", change(approveDowngrade)},
	{"risk.downgrade.refuse", "POST", "/risks/{id}/downgrades/{decision}/refusal", risk.VerbValidate, "Refuse a lower rating, with the reason", change(refuseDowngrade)},
	{"risk.evidence", "POST", "/risks/{id}/evidence", risk.VerbEvidence, "Add evidence to a risk's ledger; the same thing counts once", change(addEvidence)},
	{"risk.evidence.drop", "POST", "/risks/{id}/evidence/{item}/dropped", risk.VerbEvidence, "Take evidence back, with the reason; it stays on record", change(dropEvidence)},
	{"risk.cover", "POST", "/risks/{id}/groups", risk.VerbEvidence, "Let a risk stand for a group of cases, present and future", change(coverGroup)},
	{"risk.uncover", "POST", "/risks/{id}/groups/left", risk.VerbEvidence, "End that; what is evidence stays evidence", change(uncoverGroup)},
	{"risk.respond", "PUT", "/risks/{id}/response", risk.VerbRespond, "Choose the response: monitor, remediate by one path, or accept", change(respondRisk)},
	{"risk.monitor.agree", "POST", "/risks/{id}/monitoring/{decision}/approval", risk.VerbAgree, "Agree that a risk is only watched, as another person than who asked", change(agreeMonitor)},
	{"risk.monitor.refuse", "POST", "/risks/{id}/monitoring/{decision}/refusal", risk.VerbAgree, "Refuse that, with the reason; the response is open again", change(refuseMonitor)},
	{"risk.assign", "PUT", "/risks/{id}/owners", risk.VerbAssign, "Name the business owner, the security owner and the department", change(assignRisk)},
	{"risk.people", "PUT", "/risks/{id}/people", risk.VerbAssign, "Say who else has a part in the risk (RACI)", change(peopleRisk)},
	{"risk.sync", "POST", "/risks/{id}/syncs", risk.VerbSync, "Record a sync with the owner", change(syncRisk)},
	{"risk.health", "PUT", "/risks/{id}/health", risk.VerbLabel, "Set the three health labels; the derived values stay beside them", change(healthRisk)},
	{"risk.smart", "PUT", "/risks/{id}/plan/smart", risk.VerbApprove, "Answer the checklist of a plan, as its reviewer", change(smartRisk)},
	{"risk.approve-plan", "POST", "/risks/{id}/plan/approvals", risk.VerbApprove, "Approve or decline exactly this plan in a role", change(approvePlan)},
	{"risk.milestone.done", "POST", "/risks/{id}/plan/done", risk.VerbTreat, "Say that a milestone is reached, with the proof", change(milestoneDone)},
	{"risk.milestone.reopen", "POST", "/risks/{id}/plan/reopened", risk.VerbTreat, "Say that a milestone was not reached after all", change(milestoneReopened)},
	{"risk.approve-acceptance", "POST", "/risks/{id}/acceptances/{decision}/approvals", risk.VerbGrant, "Approve an acceptance on exactly the state that it was asked on", change(approveAcceptance)},
	{"risk.refuse-acceptance", "POST", "/risks/{id}/acceptances/{decision}/refusal", risk.VerbGrant, "Refuse an acceptance, with the reason", change(refuseAcceptance)},
	{"risk.end-acceptance", "POST", "/risks/{id}/acceptances/{decision}/end", risk.VerbAsk, "Withdraw a request, or end an acceptance", change(endAcceptance)},
	{"risk.review-acceptance", "POST", "/risks/{id}/acceptances/{decision}/reviews", risk.VerbReview, "Answer the questions of an acceptance's review", change(reviewAcceptance)},
	{"risk.block", "PUT", "/risks/{id}/block", risk.VerbBlock, "Say what blocks a risk, and until when", change(blockRisk)},
	{"risk.unblock", "DELETE", "/risks/{id}/block", risk.VerbUnblock, "Say that nothing blocks a risk any more", change(unblockRisk)},
	{"risk.parent", "PUT", "/risks/{id}/parent", risk.VerbEscalate, "Name the risk of the register above, and the place among the top risks", change(parentRisk)},
	{"risk.escalate", "POST", "/risks/{id}/escalation", risk.VerbEscalate, "Propose a risk for the register above; or take or refuse what was proposed", change(escalateRisk)},
	{"risk.close.validate", "PUT", "/risks/{id}/closure", risk.VerbReview, "Validate the evidence of a closure, as the security owner", change(validateClosure)},
	{"risk.label.set", "PUT", "/risks/{id}/labels/{label}", risk.VerbLabel, "Set a side label", change(labelRisk)},
	{"risk.label.clear", "DELETE", "/risks/{id}/labels/{label}", risk.VerbLabel, "Clear a side label", change(unlabelRisk)},
	{"risk.restrict", "PUT", "/risks/{id}/restriction", risk.VerbMark, "Make a risk need-to-know: only those who are named see it", change(restrictRisk)},
	{"risk.lift", "DELETE", "/risks/{id}/restriction", risk.VerbMark, "Open a risk to all staff again", change(liftRisk)},
	{"risk.share", "PUT", "/risks/{id}/shares/{with}", risk.VerbShare, "Let a person or a team see a risk", change(shareRisk)},
	{"risk.unshare", "DELETE", "/risks/{id}/shares/{with}", risk.VerbShare, "Take that sight away again, at once", change(unshareRisk)},
	{"risk.link", "PUT", "/risks/{id}/links/{kind}/{to}", risk.VerbLink, "Link a risk to another, or to a case; dependencies have no circles", change(linkRisk)},
	{"risk.unlink", "DELETE", "/risks/{id}/links/{kind}/{to}", risk.VerbLink, "Take a link away", change(unlinkRisk)},
}

// RiskMove is one step of a risk.
type RiskMove struct {
	Move access.Verb `json:"move"` // a verb of the life cycle, as the risk's moves list it
	risk.Step
}

// Evidence is what is added to a ledger.
type Evidence struct {
	Items []risk.Adding `json:"items"`
}

// Group is a group of cases: one weakness in one place.
type Group recurrence.Key

// Noted is a note that goes with what is done.
type Noted struct {
	Note string `json:"note,omitempty"`
}

// Parts are people with their parts in a risk.
type Parts struct {
	Version int         `json:"version,omitempty"`
	People  []risk.Part `json:"people"`
}

// Health is what people say of the care for a risk: owner, treatment and kri, each
// green, yellow or red.
type Health struct {
	Version int               `json:"version,omitempty"`
	Health  map[string]string `json:"health"`
}

// Reopened is a milestone that was not reached after all.
type Reopened struct {
	Version   int    `json:"version,omitempty"`
	Milestone string `json:"milestone"`
	Reason    string `json:"reason"`
}

// Approved is a yes to exactly one state.
type Approved struct {
	Hash string `json:"hash"` // of the decision's snapshot, as it was read
	Note string `json:"note,omitempty"`
}

// Look is a review of an acceptance.
type Look struct {
	Answers map[string]string `json:"answers"` // by question of the profile
	Outcome string            `json:"outcome"` // holds, changed, remediate
	Note    string            `json:"note,omitempty"`
}

// ParentRisk names a risk of the register above.
type ParentRisk struct {
	Version int     `json:"version,omitempty"`
	Parent  *string `json:"parent,omitempty"`
	Top     *int    `json:"top,omitempty"` // place among the top risks; 0 is none
}

// Escalation is a step of a proposal for the register above.
type Escalation struct {
	Step   string `json:"step"` // propose, take, refuse
	Reason string `json:"reason,omitempty"`
	Parent string `json:"parent,omitempty"` // of what is taken
	Top    int    `json:"top,omitempty"`
}

func parentOf(ctx context.Context, h *house.House, id ref.ID, p ParentRisk) error {
	if p.Parent != nil {
		if err := h.Risks.SetParent(ctx, id, p.Version, *p.Parent); err != nil {
			return err
		}
		p.Version = 0
	}
	if p.Top == nil {
		return nil
	}
	return h.Risks.SetTop(ctx, id, p.Version, *p.Top)
}

func escalation(ctx context.Context, h *house.House, id ref.ID, e Escalation) error {
	switch e.Step {
	case "propose":
		return h.Risks.ProposeParent(ctx, id, e.Reason)
	case "take":
		return h.Risks.TakeParent(ctx, id, e.Parent, e.Top, e.Reason)
	case "refuse":
		return h.Risks.RefuseParent(ctx, id, e.Reason)
	}
	return fault.At("step", "%q is no step of an escalation; its steps are propose, take and refuse", e.Step)
}

// decided is the part of an input by which the address names a decision on a risk.
type decided struct {
	record
	Decision ref.ID `path:"decision" doc:"The decision's ID."`
}

func editRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Patch
}) error {
	return h.Risks.Edit(ctx, in.ID, in.Body)
}

func moveRisk(ctx context.Context, h *house.House, in struct {
	record
	Body RiskMove
}) error {
	return h.Risks.Move(ctx, in.ID, in.Body.Move, in.Body.Step)
}

func judgeRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Judgement
}) error {
	return h.Risks.Judge(ctx, in.ID, in.Body)
}

func overrideRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Score
}) error {
	return h.Risks.Override(ctx, in.ID, in.Body)
}

func endOverride(ctx context.Context, h *house.House, in record) error {
	return h.Risks.EndOverride(ctx, in.ID, "")
}

func overEnded(ctx context.Context, h *house.House, in struct {
	record
	Body Reason
}) error {
	return h.Risks.EndOverride(ctx, in.ID, in.Body.Reason)
}

func approveOverride(ctx context.Context, h *house.House, in record) error {
	return h.Risks.ApproveOverride(ctx, in.ID)
}

func validateRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Reason
}) error {
	return h.Risks.Validate(ctx, in.ID, in.Body.Reason)
}

func approveDowngrade(ctx context.Context, h *house.House, in struct {
	decided
	Body Noted
}) error {
	return h.Risks.ApproveDowngrade(ctx, in.ID, in.Decision, in.Body.Note)
}

func refuseDowngrade(ctx context.Context, h *house.House, in struct {
	decided
	Body Reason
}) error {
	return h.Risks.RefuseDowngrade(ctx, in.ID, in.Decision, in.Body.Reason)
}

func addEvidence(ctx context.Context, h *house.House, in struct {
	record
	Body Evidence
}) error {
	return h.Risks.Link(ctx, in.ID, in.Body.Items...)
}

func dropEvidence(ctx context.Context, h *house.House, in struct {
	record
	Item ref.ID `path:"item" doc:"ID of the evidence."`
	Body Reason
}) error {
	return h.Risks.Drop(ctx, in.ID, in.Item, in.Body.Reason)
}

func coverGroup(ctx context.Context, h *house.House, in struct {
	record
	Body Group
}) error {
	return h.Risks.Cover(ctx, in.ID, recurrence.Key(in.Body))
}

func uncoverGroup(ctx context.Context, h *house.House, in struct {
	record
	Body Group
}) error {
	return h.Risks.Uncover(ctx, in.ID, recurrence.Key(in.Body))
}

func respondRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Response
}) error {
	return h.Risks.Respond(ctx, in.ID, in.Body)
}

func agreeMonitor(ctx context.Context, h *house.House, in struct {
	decided
	Body Noted
}) error {
	return h.Risks.AgreeMonitor(ctx, in.ID, in.Decision, in.Body.Note)
}

func refuseMonitor(ctx context.Context, h *house.House, in struct {
	decided
	Body Reason
}) error {
	return h.Risks.RefuseMonitor(ctx, in.ID, in.Decision, in.Body.Reason)
}

func assignRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Owners
}) error {
	return h.Risks.Assign(ctx, in.ID, in.Body)
}

func peopleRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Parts
}) error {
	return h.Risks.SetPeople(ctx, in.ID, in.Body.Version, in.Body.People)
}

func syncRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Noted
}) error {
	return h.Risks.Sync(ctx, in.ID, in.Body.Note)
}

func healthRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Health
}) error {
	return h.Risks.SetHealth(ctx, in.ID, in.Body.Version, in.Body.Health)
}

func smartRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Smart
}) error {
	return h.Risks.AnswerSmart(ctx, in.ID, in.Body)
}

func approvePlan(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Approving
}) error {
	return h.Risks.ApprovePlan(ctx, in.ID, in.Body)
}

func milestoneDone(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Done
}) error {
	return h.Risks.FinishMilestone(ctx, in.ID, in.Body)
}

func milestoneReopened(ctx context.Context, h *house.House, in struct {
	record
	Body Reopened
}) error {
	return h.Risks.ReopenMilestone(ctx, in.ID, in.Body.Version, in.Body.Milestone, in.Body.Reason)
}

func approveAcceptance(ctx context.Context, h *house.House, in struct {
	decided
	Body Approved
}) error {
	return h.Risks.ApproveAcceptance(ctx, in.ID, risk.Approve{Decision: in.Decision, Hash: in.Body.Hash, Note: in.Body.Note})
}

func refuseAcceptance(ctx context.Context, h *house.House, in struct {
	decided
	Body Reason
}) error {
	return h.Risks.RefuseAcceptance(ctx, in.ID, in.Decision, in.Body.Reason)
}

func endAcceptance(ctx context.Context, h *house.House, in struct {
	decided
	Body Reason
}) error {
	return h.Risks.EndAcceptance(ctx, in.ID, in.Decision, in.Body.Reason)
}

func reviewAcceptance(ctx context.Context, h *house.House, in struct {
	decided
	Body Look
}) error {
	return h.Risks.ReviewAcceptance(ctx, in.ID, risk.Look{Decision: in.Decision, Answers: in.Body.Answers, Outcome: in.Body.Outcome, Note: in.Body.Note})
}

func blockRisk(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Blocking
}) error {
	return h.Risks.Block(ctx, in.ID, in.Body)
}

func unblockRisk(ctx context.Context, h *house.House, in record) error {
	return h.Risks.Unblock(ctx, in.ID, 0, "")
}

func parentRisk(ctx context.Context, h *house.House, in struct {
	record
	Body ParentRisk
}) error {
	return parentOf(ctx, h, in.ID, in.Body)
}

func escalateRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Escalation
}) error {
	return escalation(ctx, h, in.ID, in.Body)
}

func validateClosure(ctx context.Context, h *house.House, in struct {
	record
	Body risk.Validation
}) error {
	return h.Risks.ValidateClosure(ctx, in.ID, in.Body)
}

func labelRisk(ctx context.Context, h *house.House, in struct {
	record
	Label string `path:"label" doc:"Name of a side label."`
	Body  Reason
}) error {
	return h.Risks.SetLabel(ctx, in.ID, in.Label, true, in.Body.Reason)
}

func unlabelRisk(ctx context.Context, h *house.House, in struct {
	record
	Label string `path:"label" doc:"Name of a side label."`
}) error {
	return h.Risks.SetLabel(ctx, in.ID, in.Label, false, "")
}

func restrictRisk(ctx context.Context, h *house.House, in struct {
	record
	Body Reason
}) error {
	return h.Risks.Restrict(ctx, in.ID, in.Body.Reason)
}

func liftRisk(ctx context.Context, h *house.House, in record) error {
	return h.Risks.Lift(ctx, in.ID, "")
}

func shareRisk(ctx context.Context, h *house.House, in struct {
	record
	With ref.ID `path:"with" doc:"ID of a person or a team."`
	Body Share
}) error {
	return h.Risks.Share(ctx, in.ID, in.With, in.Body.Role)
}

func unshareRisk(ctx context.Context, h *house.House, in struct {
	record
	With ref.ID `path:"with" doc:"ID of a person or a team."`
}) error {
	return h.Risks.Unshare(ctx, in.ID, in.With)
}

func linkRisk(ctx context.Context, h *house.House, in link) error {
	return h.Risks.SetLink(ctx, in.ID, in.Kind, in.To)
}

func unlinkRisk(ctx context.Context, h *house.House, in link) error {
	return h.Risks.Unlink(ctx, in.ID, in.Kind, in.To)
}
