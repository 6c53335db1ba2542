package web_test

import (
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestACaseKnowsItsRisks(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, eng, own := h.As(t, "mia", "manager"), h.As(t, "eng", "engineer"), h.As(t, "own", "component-owner")
		id, err := h.Cases.Open(mia, casework.Opening{Title: "Export shows too much", CWE: "CWE-863", Product: "gateway", Component: "export", Severity: "high"})
		check(t, "open", err)
		known, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Statement: worded()})
		check(t, "raise", err)
		secret, err := h.Risks.Raise(mia, risk.Raising{Title: "A tender may fail by its exports", Named: true})
		check(t, "raise in secret", err)
		s, to := open(t, h), "/cases/"+string(id)
		m, e, o := s.as(mia), s.as(eng), s.as(own)
		m.get(to+"/record").is(t, 200, "Risks of the register", "evidence of no risk that you may see", `href="/risks/new?case=`+string(id)+`"`, "Add to a risk")
		m.get(to+"/record?edit=risks").is(t, 200, `name="risk"`, `action="`+to+`/risks"`)
		m.post(to+"/risks", "risk", "the one with the exports", "evidence", "case").is(t, 422, "write the risk by its ID", "the one with the exports")
		m.post(to+"/risks", "risk", "RISK-00000000", "evidence", "case").is(t, 422, "there is no risk RISK-00000000")
		m.post(to+"/risks", "risk", string(known), "evidence", "rumour").is(t, 422, `href="#f-evidence"`)
		e.post(to+"/risks", "risk", string(secret), "evidence", "case").is(t, 422, "there is no risk "+string(secret))
		for _, r := range []ref.ID{known, secret} {
			m.post(to+"/risks", "risk", " "+string(r)+" ", "evidence", "case", "note", "The same check again").leads(t, to+"/record#risks")
		}
		m.get("/risks/"+string(known)).is(t, 200, string(id), "Export shows too much")
		m.get(to+"/record").is(t, 200, string(known), "Incomplete checks may leak exports", string(secret))
		seen := e.get(to+"/record").is(t, 200, string(known))
		for _, word := range []string{string(secret), "tender"} {
			seen.lacks(t, word)
		}
		unread := o.get(to+"/record").is(t, 200, "Linked cases")
		unread.lacks(t, "Risks of the register")
		unread.lacks(t, string(known))
	})
}
