package house

import (
	"slices"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/profile"
)

// Verbs lists what grants may speak of and life cycles may call their moves.
var Verbs = []string{
	"report.accept", "report.decline", "report.duplicate", "report.ask", "report.reopen",
	"case.assess", "case.confirm", "case.reject", "case.submit", "case.inadequate", "case.validate", "case.accept-risk", "case.release", "case.close", "case.reopen",
	"advisory.submit", "advisory.approve", "advisory.return", "advisory.publish", "advisory.revise", "advisory.withdraw",
	"report.submit", "report.read", "report.reply", "report.note",
	"case.open", "case.read", "case.edit", "case.assign", "case.note", "case.message", "case.attach", "case.score", "case.vote", "case.fix",
	"case.label", "case.clock.pause", "case.clock.extend", "case.share", "case.embargo", "case.mark", "case.link", "case.credit", "case.product",
	"case.rca-open", "case.rca-edit", "case.rca-invite", "case.rca-file", "case.rca-review", "case.rca-act", "case.rca-done", "case.rca-reopen", "case.rca-waive",
	"advisory.read", "advisory.draft", "advisory.edit",
	"person.invite", "person.edit", "grant.give", "grant.take", "token.create", "token.revoke", "team.edit",
	"product.edit", "profile.read", "house.setup", "job.read", "job.retry", "audit.read", "archive.import", "export.run", "outbox.read", "insight.read",
	"hook.keep",
}

// Words lists what the code knows and a profile may name.
func Words() profile.Words {
	join := func(lists ...[]string) []string {
		all := slices.Concat(lists...)
		slices.Sort(all)
		return slices.Compact(all)
	}
	risk := riskWords()
	return profile.Words{
		Needs:   join(casework.Needs(), intake.Needs(), advisory.Needs(), risk.Needs),
		Effects: join(casework.Effects(), intake.Effects(), advisory.Effects(), risk.Effects),
		Verbs:   slices.Concat(Verbs, risk.Verbs),
	}
}
