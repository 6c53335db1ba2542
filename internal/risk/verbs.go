package risk

import "tocsin/internal/access"

// The verbs of the register that are not moves of a life cycle.
const (
	VerbRead     access.Verb = "risk.read"
	VerbRaise    access.Verb = "risk.raise"
	VerbEdit     access.Verb = "risk.edit"
	VerbScore    access.Verb = "risk.score"
	VerbOverride access.Verb = "risk.override"
	VerbValidate access.Verb = "risk.validate-score"
	VerbEvidence access.Verb = "risk.evidence"
	VerbAssign   access.Verb = "risk.assign"
	VerbNote     access.Verb = "risk.note"
	VerbAttach   access.Verb = "risk.attach"
	VerbLabel    access.Verb = "risk.label"
	VerbLink     access.Verb = "risk.link"
	VerbShare    access.Verb = "risk.share"
	VerbMark     access.Verb = "risk.mark"
	VerbRespond  access.Verb = "risk.respond"
	VerbAgree    access.Verb = "risk.agree-monitor"
	VerbTreat    access.Verb = "risk.treat"
	VerbControl  access.Verb = "risk.control"
	VerbApprove  access.Verb = "risk.approve-plan"
	VerbAsk      access.Verb = "risk.request-acceptance"
	VerbGrant    access.Verb = "risk.approve-acceptance"
	VerbReview   access.Verb = "risk.review"
	VerbEscalate access.Verb = "risk.escalate"
	VerbQuantify access.Verb = "risk.quantify"
	VerbSync     access.Verb = "risk.sync"
	VerbBlock    access.Verb = "risk.block"
	VerbUnblock  access.Verb = "risk.unblock"
	VerbAppetite access.Verb = "appetite.set"
	VerbAnswer   access.Verb = "appetite.answer"
)

var verbs = []access.Verb{VerbRead, VerbRaise, VerbEdit, VerbScore, VerbOverride, VerbValidate, VerbEvidence, VerbAggregate, VerbAssign, VerbNote,
	VerbAttach, VerbLabel, VerbLink, VerbShare, VerbMark, VerbRespond, VerbAgree, VerbTreat, VerbControl, VerbApprove, VerbAsk, VerbGrant, VerbReview,
	VerbEscalate, VerbQuantify, VerbSync, VerbBlock, VerbUnblock, "kri.read", "kri.edit", "kri.record"}

// LinkDepends is the kind of link that says one risk depends on another.
const LinkDepends = "depends-on"
