package web_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestAMeetingIsRunOneThingOnAScreen(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		m := open(t, h).as(mia)
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may reveal data", Department: "Create"})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5}))
		h.Pass(time.Hour)
		at := m.post("/reviews", "title", "November").is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "Run the meeting", at+"/run/0")
		m.get(at+"/run/0").is(t, 200, "Who is here", "1 of 4", `data-hot="n"`, "Save the minutes")
		m.get(at+"/run/1").is(t, 200, "Exports may reveal data", "Raised on", `data-hot="p"`, `data-hot="d"`, "Record the review of this risk", "Response", "Not decided", "Health")
		m.post(at+"/decide", "what", "decide", "on", string(id), "step", "1", "text", "").is(t, 422, "write what was decided", "2 of 4")
		if to := m.post(at+"/decide", "what", "decide", "on", string(id), "step", "1", "text", "Remediate it.").is(t, 303).header.Get("Location"); to != at+"/run/1" {
			t.Errorf("what was recorded leads to %s, want the screen that it was recorded on", to)
		}
		m.get(at+"/run/1").is(t, 200, "Recorded", "Remediate it.")
		m.get(at+"/run/2").is(t, 200, "Open actions", "No action is open.")
		m.get(at+"/run/3").is(t, 200, "Close the meeting")
		m.get(at+"/run/99").is(t, 200, "The end") // past the end is the end
		m.get("/reviews/meeting-none/run/0").is(t, 404)
	})
}

func TestEveryPictureOfARiskHasItsFileBesideIt(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		m := open(t, h).as(mia)
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may reveal data"})
		check(t, "raise", err)
		at := "/risks/" + string(id)
		m.get(at+"/pictures/history.svg").is(t, 404, "nobody has scored it", at)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5}))
		m.get(at).is(t, 200, at+"/pictures/history.svg", at+"/pictures/movement.png")
		m.get(at+"/pictures/history.svg").is(t, 200, "<svg", "Score over time")
		m.get(at+"/pictures/history.gif").is(t, 404)
		if png := m.get(at+"/pictures/movement.png").is(t, 200).body; !strings.HasPrefix(png, "\x89PNG") {
			t.Error("the PNG is none")
		}
		m.get("/register").is(t, 200, "/register/pictures/heatmap.svg", "Owner", "adjusted")
		m.get("/register/pictures/heatmap.svg").is(t, 200, "<svg", "Exports may reveal data")
	})
}
