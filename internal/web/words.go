package web

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// deeds are verbs as a history says them: who did it stands before.
var deeds = map[string]string{
	"advisory.draft": "drafted the advisory", "advisory.edit": "changed the content", "advisory.submit": "submitted it for review", "advisory.approve": "approved exactly this content",
	"advisory.return": "returned it to the draft", "advisory.publish": "published it", "advisory.revise": "began a new revision", "advisory.withdraw": "withdrew it",
	"case.open": "opened the case", "case.edit": "edited the case", "case.assign": "handed the case over", "case.note": "wrote a note", "case.message": "wrote to the reporter",
	"case.attach": "added a file", "case.score": "scored the case", "case.vote": "voted on the score", "case.fix": "recorded a fix", "case.share": "changed who may see it",
	"case.embargo": "changed the embargo", "case.mark": "changed the marking", "case.link": "changed a link", "case.credit": "settled the credit", "case.label": "changed a label",
	"case.clock.pause": "held or released a clock", "case.clock.extend": "extended a clock",
	"case.rca-open": "opened the root cause analysis", "case.rca-edit": "changed the root cause analysis", "case.rca-invite": "invited everybody to the root cause analysis",
	"case.rca-file": "filed the actions of the root cause analysis", "case.rca-review": "reviewed the words of the root cause", "case.rca-act": "ended or opened an action of the root cause analysis",
	"case.rca-done": "finished the root cause analysis", "case.rca-reopen": "opened the root cause analysis again", "case.rca-waive": "did without a root cause analysis",
	"report.submit": "reported a vulnerability", "report.reply": "wrote on the report", "report.note": "wrote a note on the report", "archive.import": "imported history",
	"person.invite": "invited somebody", "person.edit": "changed an account", "person.accept": "accepted an invitation", "grant.give": "gave a role", "grant.take": "took a role away",
	"team.edit": "changed a team", "token.create": "made a token", "token.revoke": "revoked a token", "product.edit": "changed a product", "audit.read": "read the audit log",
	"session.begin": "signed in", "session.end": "signed out", "session.fail": "failed to sign in", "session.use": "came back", "house.setup": "set Tocsin up",
	"kri.edit": "changed an indicator", "kri.record": "recorded what an indicator says", "observation.open": "opened the observation", "observation.edit": "changed the observation",
	"observation.upgrade": "made observations a risk", "appetite.set": "asked for the appetite, or decided it", "appetite.answer": "answered the survey of the appetite", "risk.dismiss": "dismissed a proposal",
	"strategy.choose": "chose it for a period, or took the choice back", "strategy.approve": "approved a leader's choice, or sent it back",
	"risk.raise": "raised the risk", "risk.edit": "edited the risk", "risk.score": "scored the risk", "risk.validate-score": "validated the score", "risk.override": "set the score by hand, or took that back",
	"risk.assign": "named who has a part in the risk", "risk.evidence": "added evidence, or took some away", "risk.respond": "chose the response", "risk.treat": "changed the treatment", "risk.control": "changed a control",
	"risk.approve-plan": "decided about the plan", "risk.request-acceptance": "asked for the risk to be accepted", "risk.approve-acceptance": "decided about an acceptance", "risk.review": "reviewed the risk",
	"risk.escalate": "told those above", "risk.share": "changed who may see the risk", "risk.mark": "changed the marking", "risk.note": "wrote a note on the risk", "risk.attach": "added a file", "risk.link": "changed a link",
	"risk.label": "changed a label", "risk.block": "said what blocks the risk", "risk.unblock": "said that nothing blocks the risk any more", "risk.aggregate": "put the risk under one of the register above",
	"risk.quantify": "put the risk into money", "risk.sync": "brought the risk up to date", "recurrence.sum": "counted what keeps coming back",
	"meeting.hold": "wrote on a meeting", "meeting.close": "closed a meeting", "hook.keep": "changed a webhook", "bulk.go-on": "went on with many rows",
	"risk.agree-monitor": "agreed that the risk is only watched, or refused it", "decision:accept": "moved an acceptance on", "decision:plan": "moved the approval of the plan on",
	"decision:monitor": "asked to only watch the risk, or what that rests on changed", "decision:close": "moved the closure on", "decision:downgrade": "asked for a lower rating", "decision:lapsed": "let an acceptance lapse",
	"kri.red": "saw an indicator turn red", "kri.stale": "saw an indicator turn stale",
	"job.retry": "had a job tried again", "notice.put": "told somebody", "mail.post": "put a mail into the outbox", "mail.settle": "recorded how a mail went", "person.self": "changed their own account",
}

// deed says what a verb did; a move of a life cycle without words says its title.
func deed(rules *profile.Profile, verb string) string {
	if w, ok := deeds[verb]; ok {
		return w
	}
	noun, do, _ := strings.Cut(verb, ".")
	if title := moveTitle(rules, verb); title != "" {
		return "moved the " + noun + " on: " + lowerFirst(title)
	}
	return strings.ReplaceAll(do, ".", " ") + " (" + noun + ")"
}

// moveTitle is what the button of a move says, "" where the verb is no move.
func moveTitle(rules *profile.Profile, verb string) string {
	noun, _, _ := strings.Cut(verb, ".")
	if m := rules.Lifecycle(noun); m != nil {
		for _, mv := range m.Moves {
			if mv.Verb == verb {
				return mv.Title
			}
		}
	}
	return ""
}

// places are where records of each kind are looked at.
var places = map[string]string{"case": "/cases/", "report": "/inbox/", "adv": "/advisory/", "person": "/people/", "product": "/products/", "risk": "/risks/", "kri": "/kri/", "obs": "/observations/"}

// recordHref is the address of a record's page, "" where it has none.
func recordHref(id ref.ID) string {
	at, ok := places[id.Kind()]
	if !ok {
		return ""
	}
	if id.Kind() == "product" {
		return at + strings.TrimPrefix(string(id), "product-")
	}
	return at + string(id)
}

// addressed is an address with the named parameters of a question kept, and with those
// of the pairs, name and value, changed; "" takes one away.
func addressed(path string, question url.Values, names []string, pairs ...string) string {
	q := url.Values{}
	for _, name := range names {
		if v := question.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// rightly is a question that can be asked again: nothing of one that was wrong.
func rightly(question url.Values, wrong *fault.Fault) url.Values {
	if wrong != nil {
		return nil
	}
	return question
}

// readdressed is an address with parameters of its question changed; one that cannot be
// read stays as it is.
func readdressed(address string, pairs ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	return addressed(u.Path, q, slices.Collect(maps.Keys(q)), pairs...)
}

// openNeeds are the needs that do not hold, with addresses that lead there from anywhere:
// page is that of their record.
func openNeeds(needs []ui.Need, page string) (out []ui.Need) {
	for _, n := range needs {
		if n.Done {
			continue
		}
		if strings.HasPrefix(n.Link.Href, "#") {
			n.Link.Href = page + n.Link.Href
		}
		out = append(out, n)
	}
	return out
}
