package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestAMeetingIsHeldWithoutScript(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		mia, eve := h.As(t, "mia", "manager"), h.As(t, "eve", "engineer")
		m, e := open(t, h).as(mia), open(t, h).as(eve)
		m.get("/reviews").is(t, 200, "There was no meeting yet", "Open the next meeting")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may reveal data", Department: "Create"})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5}))
		h.Pass(time.Hour)
		m.post("/reviews", "title", "", "from", "soon").is(t, 422, "is no day")
		e.post("/reviews", "title", "Mine").is(t, 403)
		at := m.post("/reviews", "title", "November").is(t, 303).header.Get("Location")
		page := m.get(at).is(t, 200, "The meeting is open", "November", "Exports may reveal data", "Raised on", "About the register", "16 medium").body
		if strings.Contains(page, "style=") || strings.Contains(page, "<script>") {
			t.Error("the page has a style attribute or a script in it, which the policy forbids")
		}
		if page := e.get(at).is(t, 200, "Exports may reveal data", "evidence that all staff may open").body; strings.Contains(page, "Record the decision") {
			t.Error("who holds no meetings is offered to decide")
		}
		on := "?on=" + string(id)
		m.get(at+on).is(t, 200, "About "+string(id), "Record the review of this risk")
		m.post(at+"/decide", "what", "decide", "on", string(id), "text", "").is(t, 422, "write what was decided")
		m.post(at+"/decide", "what", "decide", "on", string(id), "text", "Remediate it.").is(t, 303)
		m.post(at+"/ask", "what", "ask", "text", "Plan it.", "who", "", "due", "2026-12-24").is(t, 422, "one owner", "Plan it.")
		m.post(at+"/ask", "what", "ask", "on", string(id), "text", "Plan it.", "who", "person-mia", "due", "2026-12-24").is(t, 303)
		m.post(at+"/look", "what", "look", "on", string(id), "outcome", "escalate", "reason", "").is(t, 422, "write why")
		m.post(at+"/look", "what", "look", "on", string(id), "outcome", "escalate", "reason", "Nobody works on it").is(t, 303)
		m.post(at+"/minutes", "what", "minutes", "version", versionOf(t, page), "text", "All went well.", "present", "mia, chair\nA guest").is(t, 303)
		m.post(at+"/minutes", "what", "minutes", "version", "1", "text", "Lost?", "present", "").is(t, 409, "Lost?")
		page = m.get(at).is(t, 200, "Remediate it.", "Plan it.", "by 24 Dec 2026", "All went well.", "mia, chair", "Escalated by a review").body
		point := between(page, `name="point" value="`, `"`)
		m.post(at+"/finish", "point", point, "note", "planned").is(t, 303)
		m.get(at).is(t, 200, "done", "planned")
		m.post(at+"/close", "version", versionOf(t, page)).is(t, 303)
		m.get(at).is(t, 200, "The next meeting is on", "The meeting is closed", "Exports may reveal data")
		m.post(at+"/decide", "what", "decide", "text", "Late.").is(t, 409, "was closed")
		m.get("/reviews").is(t, 200, "November", "closed", "Days since found", "Velocity", `href="/register?department=Create"`)
	})
}

// between is the text between two marks.
func between(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}

func TestAPackIsHandedOutWithItsProof(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		m := open(t, h).as(mia)
		at := m.post("/reviews", "title", "November").is(t, 303).header.Get("Location")
		m.get(at+"/pack/report.html").is(t, 200, "<!doctype html>", "November")
		m.get(at+"/pack/report.md").is(t, 200, "# November")
		m.get(at+"/pack/other.html").is(t, 404)
		m.get("/reviews/top/report.md?at=2026-02-03").is(t, 200, "2026 Q1")
		m.get("/reviews/top/report.md?at=soon").is(t, 422)
		body := []byte(m.get(at+"/pack/signed.zip").is(t, 200).body)
		z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		check(t, "open the archive", err)
		files := map[string][]byte{}
		for _, f := range z.File {
			r, err := f.Open()
			check(t, "open", err)
			files[f.Name], err = io.ReadAll(r)
			check(t, "read", err)
		}
		for _, name := range []string{"review-2026-11-23.html", "review-2026-11-23.md"} {
			if _, err := review.Verify(string(files["register.pub"]), files[name], files[name+".sig"]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestLeadersChooseAndHygieneShowsItself(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		mia, eve := h.As(t, "mia", "manager"), h.As(t, "eve", "engineer")
		m := open(t, h).as(mia)
		m.get("/register/strategy").is(t, 200, "No department has an open risk")
		m.get("/register/hygiene").is(t, 200, "Every policy is met")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may reveal data", Department: "Create"})
		check(t, "raise", err)
		h.Pass(40 * 24 * time.Hour)
		m = open(t, h).as(mia)
		m.get("/register/strategy?period=2027").is(t, 200, "Create", "Not scored", "0 of 1 chosen for 2027")
		m.post("/register/strategy", "department", "Create", "period", "2027", "risk", string(id), "reason", "").is(t, 422, "say why this one")
		m.post("/register/strategy", "department", "Create", "period", "2027", "risk", string(id), "reason", "The gravest.").is(t, 303)
		page := m.get("/register/strategy?period=2027").is(t, 200, "1 of 1 chosen for 2027", "The gravest.", "Candidate", "from the level Vice president on who did not choose it").body
		m.post("/register/strategy/withdraw", "period", "2027", "candidate", between(page, `name="candidate" value="`, `"`), "reason", "Changed").is(t, 303)
		m.get("/register/strategy?period=2027").is(t, 200, "0 of 1 chosen", "Chosen before", "taken back")
		m.post("/register/strategy", "department", "Create", "period", "2027", "risk", string(id), "reason", "It pays.").is(t, 303)
		leaderAnswers(t, h, mia, id)
		m.get("/register/hygiene").is(t, 200, "No update for 30 days", "Set the label", "missing: asset", "Do it now")
		open(t, h).as(eve).get("/register/hygiene").is(t, 403)
		m.post("/register/hygiene").is(t, 303)
		m.get("/register/hygiene").is(t, 200, "Known, nothing to do now")
	})
}

// leaderAnswers has a vice president send a choice back from the page, and approve the
// next one at home.
func leaderAnswers(t *testing.T, h *rig.House, mia context.Context, id ref.ID) {
	t.Helper()
	vera := h.As(t, "vera", "leader")
	check(t, "level", h.Parties.SetLevel(mia, "person-vera", "vp"))
	m, v := open(t, h).as(mia), open(t, h).as(vera)
	answer := func(do, note string) reply {
		page := v.get("/register/strategy?period=2027").is(t, 200, "Approve", "Send back").body
		return v.post("/register/strategy/answer", "period", "2027", "candidate", between(page, `name="candidate" value="`, `"`), "hash", between(page, `name="hash" value="`, `"`), "do", do, "note", note)
	}
	answer("decline", "").is(t, 422, "say why it is sent back")
	answer("decline", "Say what it costs.").is(t, 303)
	m.get("/register/strategy?period=2027").is(t, 200, "Sent back", "(Vice president) sent it back on", "Say what it costs.", "Choose for 2027")
	m.post("/register/strategy", "department", "Create", "period", "2027", "risk", string(id), "reason", "It costs little.").is(t, 303)
	absent(t, m.get("/"), "What Create chose")
	home := v.get("/").is(t, 200, "What Create chose for 2027", "Exports may reveal data", "It costs little.").body
	sign := "/register/strategy/" + between(home, `action="/register/strategy/`, `"`)
	v.post(sign, "hash", between(home, `name="hash" value="`, `"`), "do", "approve").is(t, 303)
	absent(t, v.get("/"), "What Create chose")
	m.get("/risks/"+string(id)).is(t, 200, "VP-approved for 2027")
	m.get("/register?choice=approved").is(t, 200, "Exports may reveal data", "VP-approved")
	absent(t, m.get("/register?q=choice%3Anone"), "Exports may reveal data")
	m.get("/register/board?by=choice").is(t, 200, "Not chosen", "VP-approved", "Exports may reveal data")
}

// absent fails the test where the page says what it should not.
func absent(t *testing.T, r reply, words string) {
	t.Helper()
	if r.is(t, 200); strings.Contains(r.body, words) {
		t.Errorf("the page says %q: %.3000s", words, text(r.body))
	}
}
