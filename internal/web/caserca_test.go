package web_test

import (
	"net/url"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestARootCauseIsAnalysedOnThePageOfItsCase walks the forms without script, from the
// opening of an analysis to the proposal that three of them make.
func TestARootCauseIsAnalysedOnThePageOfItsCase(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		m := open(t, h).as(mia)
		var ids []ref.ID
		for range 3 {
			id, err := h.Cases.Open(mia, casework.Opening{Title: "Export shows too much", Product: "gateway", Severity: "high"})
			check(t, "open", err)
			ids = append(ids, id)
		}
		at := "/cases/" + string(ids[0])
		side := at + "/causes"
		m.get(side).is(t, 200, "Root cause", "No root cause analysis", "Next step")
		m.get(side+"?edit=rca-steps").is(t, 200, "Open an analysis", `name="reason"`)
		m.post(at+"/rca-steps", "reason", "it came back").is(t, 422, "choose a step", "it came back")
		m.post(at+"/rca-steps", "step", "case.rca-open", "reason", " ").is(t, 422, "write it down")
		m.post(at+"/rca", "happened", "x").is(t, 409)
		m.post(at+"/rca-steps", "step", "case.rca-open", "reason", "it came back").leads(t, side+"#rca-steps")
		m.get(side).is(t, 200, "Opened because", "it came back", "Everybody invited", "due ", "Before it is done", "What happened", "Everybody is invited")
		m.post(at+"/rca-steps", "step", "case.rca-done").is(t, 422, "lacks something yet", "why it could happen")
		m.post(at+"/rca-steps", "step", "case.rca-invite").leads(t, side+"#rca-steps")
		m.post(at+"/rca", "owner", "person-mia", "happened", "A member read **it**.", "why", "One path of two checks.", "factors", "haste\nno test", "causes.origin", "luck").is(t, 422, "is not one of", "One path of two checks.")
		for _, id := range ids {
			if id != ids[0] {
				m.post("/cases/"+string(id)+"/rca-steps", "step", "case.rca-open", "reason", "the same").is(t, 303)
			}
			form := []string{"owner", "person-mia", "happened", "A member read it.", "why", "One path of two checks.", "factors", "haste\nno test"}
			for _, set := range h.Rules.RCA.Sets {
				form = append(form, "causes."+set.Name, set.Words[0].Name)
			}
			m.post("/cases/"+string(id)+"/rca", form...).is(t, 303)
			m.get("/cases/"+string(id)+"/causes").is(t, 200, "to be reviewed")
			m.post("/cases/"+string(id)+"/rca-steps", "step", "case.rca-review").is(t, 303)
		}
		m.get(side).is(t, 200, "haste", "reviewed by mia", h.Rules.RCA.Sets[0].Words[0].Title)
		m.post(at+"/rca-actions", "title", "").is(t, 422, "say in a sentence")
		m.post(at+"/rca-actions", "title", "Check in one place", "owner", "person-mia", "due", "2027-01-10", "link", "https://code.example/7").leads(t, side+"#rca-actions")
		m.get(side).is(t, 200, "Check in one place", "10 Jan 2027", "Decline…")
		m.get(side+"?edit=rca-actions&number=1").is(t, 200, `value="2027-01-10"`)
		m.post(at+"/rca-actions", "number", "1", "state", "declined", "reason", "").is(t, 422, "declined only for a reason", `name="state" value="declined"`)
		m.post(at+"/rca-steps", "step", "case.rca-file").is(t, 303)
		m.post(at+"/rca-actions", "number", "1", "state", "done").is(t, 303)
		m.post(at+"/rca-steps", "step", "case.rca-done").is(t, 303)
		m.get(side).is(t, 200, "done", "Next step")
		m.get(at+"/history").is(t, 200, "finished the root cause analysis", "filed the actions")

		word := h.Rules.RCA.Sets[0]
		page := m.get("/register/recurrence/others").is(t, 200, "By root cause", word.Words[0].Title+" may keep letting vulnerabilities into gateway", "proposed", string(ids[0])).body
		if !strings.Contains(page, `value="causes/`) {
			t.Fatalf("no proposal of a root cause: %s", text(page))
		}
		key := "causes/" + url.PathEscape("category:"+word.Words[0].Name) + "/gateway/"
		m.post("/register/recurrence/dismiss", "key", key, "reason", " ").is(t, 422, "dismissed only for a reason")
		m.post("/register/recurrence/raise", "key", key).is(t, 303)
		m.get("/register/recurrence/others").is(t, 200, "RISK-")
	})
}

// TestAClosedCaseSaysThatItsAnalysisIsOpen reads the panel that says whose turn it is.
func TestAClosedCaseSaysThatItsAnalysisIsOpen(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, ben := h.As(t, "mia", "manager", "analyst"), h.As(t, "ben", "manager")
		id, err := h.Cases.Open(mia, casework.Opening{Title: "Export shows too much"})
		check(t, "open", err)
		check(t, "assign", h.Cases.Assign(mia, id, "person-mia"))
		check(t, "analysis", h.Cases.StepRCA(mia, id, casework.VerbRCAOpen, casework.RCAStep{Reason: "it came back"}))
		check(t, "reject", h.Cases.Move(mia, id, "case.reject", casework.Step{Disposition: "informative", Answer: "It is meant to be so.", Reason: "as designed"}))
		s, at := open(t, h), "/cases/"+string(id)
		panel := func(b *browser) string {
			_, rest, _ := strings.Cut(b.get(at).is(t, 200).body, `aria-labelledby="turn"`)
			turn, _, _ := strings.Cut(rest, "</section>")
			return turn
		}
		turn := panel(s.as(mia))
		for _, want := range []string{"Your turn: finish the root cause analysis", "Closed as: ", "Why it could happen", `href="` + at + `/causes"`} {
			if !strings.Contains(turn, want) {
				t.Errorf("the panel lacks %q: %s", want, text(turn))
			}
		}
		if turn := panel(s.as(ben)); !strings.Contains(turn, "mia’s turn") {
			t.Errorf("the panel tells another than the owner: %s", text(turn))
		}
		check(t, "waive", h.Cases.StepRCA(mia, id, casework.VerbRCAWaive, casework.RCAStep{Reason: "nothing to learn"}))
		if turn := panel(s.as(mia)); strings.Contains(turn, "analysis") {
			t.Errorf("the panel tells of an analysis that there is not: %s", text(turn))
		}
		for q, want := range map[string]string{"rca:open": "", "rca:done": "", "rca:none": string(id), "-rca:none": ""} {
			page := s.as(mia).get("/cases?q="+url.QueryEscape(q)).is(t, 200)
			if have := strings.Contains(page.body, string(id)); have != (want != "") {
				t.Errorf("%s lists the case: %t", q, have)
			}
		}
	})
}

func TestWhoMayNotAnalyseIsOfferedNoForm(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, ruth := h.As(t, "mia", "manager"), h.As(t, "ruth", "auditor")
		id, err := h.Cases.Open(mia, casework.Opening{Title: "Export shows too much"})
		check(t, "open", err)
		side := "/cases/" + string(id) + "/causes"
		page := open(t, h).as(ruth).get(side).is(t, 200, "No root cause analysis").body
		if strings.Contains(page, "Next step") {
			t.Error("an auditor is offered a step")
		}
		open(t, h).as(ruth).post("/cases/"+string(id)+"/rca-steps", "step", "case.rca-open", "reason", "x").is(t, 403)
	})
}
