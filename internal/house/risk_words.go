package house

import "tocsin/internal/profile"

// riskVerbs are the verbs of the register.
var riskVerbs = []string{
	"risk.read", "risk.raise", "risk.edit", "risk.score", "risk.override", "risk.validate-score", "risk.evidence",
	"risk.aggregate", "risk.assign", "risk.note", "risk.attach", "risk.label", "risk.link", "risk.share",
	"risk.mark", "risk.respond", "risk.agree-monitor", "risk.treat", "risk.control", "risk.approve-plan", "risk.request-acceptance", "risk.approve-acceptance",
	"risk.review", "risk.escalate", "risk.propose", "risk.dismiss", "risk.quantify", "risk.sync", "risk.block",
	"risk.unblock", "risk.plan", "risk.start", "risk.monitor", "risk.accept", "risk.replan", "risk.close",
	"risk.reject", "risk.reopen", "kri.read", "kri.edit", "kri.record", "observation.read", "observation.open",
	"observation.edit", "observation.validate", "observation.start", "observation.stall", "observation.block", "observation.accept", "observation.resume",
	"observation.remediate", "observation.confirm", "observation.reopen", "observation.upgrade", "appetite.set", "appetite.answer", "meeting.read",
	"meeting.hold", "meeting.close", "register.import", "register.export", "hygiene.run", "strategy.choose", "strategy.approve",
}

// riskWords lists what the register knows: the needs and effects of the life
// cycles of risks and observations, and its verbs.
func riskWords() profile.Words {
	return profile.Words{
		Needs: []string{
			"articulated", "in-scope", "scored", "owners", "owner-level", "raci", "scope", "parent", "response-remediate", "response-monitor", "monitor-agreed",
			"response-accept", "path", "plan", "milestones-dated", "plan-smart", "plan-approved", "kri", "within-tolerance",
			"acceptance-approved", "validated", "closure", "rejection", "not-blocked",
			"described", "rated", "owner", "evidence", "second-person",
		},
		Effects: []string{"tell:owner", "tell:team", "event:closed", "review:schedule"},
		Verbs:   riskVerbs,
	}
}
