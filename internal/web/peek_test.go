package web_test

import (
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/observation"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestPeek looks at a record of each kind from its list.
func TestPeek(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		id, _ := aCase(t, h, ana, casework.Opening{Title: "Export can be read", Summary: "Any member **can**."})
		_, err := h.Cases.Note(ana, id, "Look at the *cache*.")
		check(t, "note", err)
		adv, err := h.Advisories.Draft(ana, id)
		check(t, "draft", err)
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Import hangs", Summary: "For ever."})
		check(t, "report", err)
		raised, err := h.Risks.Raise(ana, risk.Raising{Title: "Keys may be kept alive", Statement: risk.Statement{Problem: "Rotation is skipped."}})
		check(t, "risk", err)
		found, err := h.Observations.Open(ana, observation.Opening{Title: "Reviews are skipped", Condition: "12 of 40 had none.", Likelihood: 2, Impact: 3})
		check(t, "observation", err)
		b := open(t, h).as(ana)
		for _, c := range []struct {
			name, list, id string
			says           []string
		}{
			{"a case", "/cases", string(id), []string{"Any member <strong>can</strong>.", "Look at the <em>cache</em>.", "Triage", `href="/cases/` + string(id)}},
			{"a report", "/inbox", string(got.ID), []string{"For ever.", "Decide about this report", "anonymous"}},
			{"an advisory", "/advisory", string(adv), []string{"Written by", `href="/cases/` + string(id) + `"`}},
			{"a risk", "/register", string(raised), []string{"Rotation is skipped.", "Business owner"}},
			{"an observation", "/observations", string(found), []string{"12 of 40 had none."}},
			{"a person", "/people", "person-ana", []string{"@ana", "active"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				b.get(c.list).is(t, 200, `/`+c.id+`">`, `data-peek=""`)
				b.get("/peek/"+c.id).is(t, 200, c.says...).lacks(t, "<html")
			})
		}
		for _, none := range []string{"CASE-00000000", "RISK-00000000", "kri-none", "person-nobody", "x"} {
			b.get("/peek/"+none).is(t, 404)
		}
	})
}

// TestPeekIsGuarded asks for a case that is need to know as somebody who is not named,
// and is answered as for one that does not exist.
func TestPeekIsGuarded(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		id, err := h.Cases.Open(ana, casework.Opening{Title: "Export can be read", Named: true})
		check(t, "open", err)
		eve := open(t, h).as(h.As(t, "eve", "engineer"))
		eve.get("/peek/"+string(id)).is(t, 404).lacks(t, "Export can be read")
		open(t, h).nobody().get("/peek/"+string(id)).leads(t, "/sign-in?next=%2Fpeek%2F"+string(id))
	})
}
