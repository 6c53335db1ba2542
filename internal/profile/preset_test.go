package profile

import (
	"testing"
)

// known is what the house defines; the wiring collects the same lists from the
// domains.
var known = Words{
	Needs: []string{
		"complete", "provisional-severity", "owner", "reproduced", "environments", "versions", "cwe", "scored", "stride", "votes",
		"fixes", "verdict", "fixed-versions", "reconfirmed", "acceptance", "release-date", "release-versions", "advisory-approved",
		"advisory-published", "credit-settled", "reporter-told", "disposition", "answer", "original",
		"valid", "second-person", "approval-current", "released",
	},
	Effects: []string{
		"tell:reporter", "tell:owner", "tell:team", "event:released", "event:published", "event:closed", "lift:embargo", "refresh:due",
	},
	Verbs: []string{
		"report.submit", "report.read", "report.reply", "report.accept", "report.decline", "report.ask", "report.duplicate", "report.reopen",
		"case.open", "case.read", "case.edit", "case.assign", "case.note", "case.message", "case.attach", "case.score", "case.vote", "case.fix",
		"case.clock.pause", "case.clock.extend", "case.share", "case.embargo", "case.mark", "case.link", "case.credit", "case.product",
		"case.assess", "case.confirm", "case.reject", "case.submit", "case.inadequate", "case.validate", "case.accept-risk", "case.release",
		"case.close", "case.reopen",
		"advisory.draft", "advisory.edit", "advisory.read", "advisory.submit", "advisory.approve", "advisory.return", "advisory.publish",
		"advisory.revise", "advisory.withdraw",
		"person.invite", "person.edit", "grant.give", "grant.take", "token.create", "token.revoke", "product.edit", "profile.read",
		"job.read", "job.retry", "audit.read", "archive.import", "export.run", "outbox.read", "insight.read",
	},
}

func TestPresetsLoadClean(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			p, err := Embedded(name, known)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != name {
				t.Errorf("name %s, want %s", p.Name, name)
			}
		})
	}
}
