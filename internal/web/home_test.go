package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/notice"
	"tocsin/internal/rig"
)

func TestTheDeskIsDealtWithInPlace(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Export can be read", Summary: "It can."})
		check(t, "submit", err)
		id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{})
		check(t, "accept", err)
		s, at := open(t, h), "/cases/"+string(id)
		b, key := s.as(ana), "clock-"+strings.ToLower(string(id))

		b.get("/").is(t, 200, "Nothing needs you now")
		h.Set(rig.Start.Add(4 * 24 * time.Hour))
		b = s.as(ana) // the session of the first day has ended
		b.get("/").is(t, 200, "Clocks that run out", `id="w-`+key+`"`, "Nobody handles it", "Take it", "It stops when it leaves")
		if page := s.as(eve).get("/"); strings.Contains(page.body, at+"/take") {
			t.Error("somebody who hands out no cases is offered one of nobody's")
		}
		s.as(eve).post(at+"/take").is(t, 403)

		next := "reporter-" + strings.ToLower(string(id))
		b.post(at+"/take", "key", key, "act", "t", "next", next).leads(t, "/?"+url.Values{"next": {next}}.Encode()+"#w-"+next)
		b.get("/").is(t, 200, "Your turn")

		outside, report, err := h.Reports.Reporter(t.Context(), got.Secret)
		check(t, "reporter", err)
		check(t, "write", h.Reports.ReplyOwn(access.With(t.Context(), outside), report, "Is anybody there?"))
		b.get("/?next="+next).is(t, 200, "Reporters who wait for a word", "Is anybody there?", "data-focus")
		b.post(at+"/answer", "key", next, "act", "r", "out-text", " ").is(t, 422, "aria-invalid")
		b.post(at+"/answer", "key", next, "act", "r", "out-text", "We are.", "next", "").leads(t, "/")
		if page := b.get("/"); strings.Contains(page.body, "Is anybody there?") {
			t.Error("the reporter who was answered waits still")
		}
	})
}

// TestWhatOneWroteWaitsForOthers holds for the approval of an advisory, which its
// author is refused.
func TestWhatOneWroteWaitsForOthers(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		_, adv := toRelease(t, h, ana, eve, h.As(t, "max", "manager"), h.As(t, "rel", "release-manager"))
		check(t, "submit", h.Advisories.Move(ana, adv, "advisory.submit", 0, ""))
		s, key := open(t, h), `id="w-advisory-`+strings.ToLower(string(adv))
		s.as(eve).get("/").is(t, 200, key, "/advisory/"+string(adv)+"/sign")
		if page := s.as(ana).get("/").is(t, 200); strings.Contains(page.body, key) {
			t.Error("the author of an advisory is asked to approve it")
		}
		check(t, "return", h.Advisories.Move(eve, adv, "advisory.return", 0, "one word is wrong"))
		if page := s.as(eve).get("/").is(t, 200); strings.Contains(page.body, key) {
			t.Error("what was returned waits for approval still")
		}
	})
}

func TestAMentionIsReadOnTheDesk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		id, at := aCase(t, h, ana, casework.Opening{Title: "Export can be read"})
		told := notice.Notice{Person: "person-eve", Subject: id, What: "mention", Actor: "person-ana"}
		check(t, "put", h.Notices.Put(access.With(t.Context(), access.System("test")), told, "job-1"))
		e := open(t, h).as(eve)
		page := e.get("/").is(t, 200, "Mentions", "mentioned you", `href="`+at+`"`, "Mark as read").body
		_, rest, _ := strings.Cut(page, `name="id" value="`)
		name, _, _ := strings.Cut(rest, `"`)
		e.post("/notices/read", "id", name, "to", "/").leads(t, "/")
		if page := e.get("/"); strings.Contains(page.body, `id="w-mention-`) {
			t.Error("a mention that was read stays on the desk")
		}
	})
}

func TestTheTourLeadsThroughRecordsThatThereAre(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, max, rel := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager"), h.As(t, "rel", "release-manager")
		id, adv := toRelease(t, h, ana, eve, max, rel)
		b := open(t, h).as(ana)
		for leg, to := range map[string]string{"1": "/?tour=1", "2": "/cases/" + string(id) + "?tour=2#turn", "3": "/calculators?tour=3", "4": "/advisory/" + string(adv) + "?tour=4", "5": "/register/recurrence?tour=5", "6": "/reviews?tour=6"} {
			b.get("/tour/"+leg).leads(t, to)
			page := b.get(strings.TrimSuffix(to, "#turn")).is(t, 200, "Tour, "+leg+" of 6", `role="dialog"`, `aria-modal="false"`, `action="/tour/end"`)
			if back := strings.Contains(page.body, `rel="prev"`); back != (leg != "1") {
				t.Errorf("step %s has a step before it: %v", leg, back)
			}
		}
		b.get("/tour/7").is(t, 404)
		if page := b.get("/?tour=7"); strings.Contains(page.body, "aria-modal") {
			t.Error("a step that there is not has a panel")
		}
		b.post("/tour/end", "to", "/cases").leads(t, "/cases")
		b.post("/tour/end", "to", "//elsewhere").leads(t, "/")
	})
}
