package web_test

import (
	"context"
	"strings"
	"testing"

	"tocsin/internal/quant"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// workAll does every job that is ready.
func workAll(t *testing.T, h *rig.House) {
	t.Helper()
	for {
		more, err := h.Jobs.Step(context.Background())
		check(t, "a job", err)
		if !more {
			return
		}
	}
}

func TestARiskInMoney(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, aud := h.As(t, "mia", "manager"), h.As(t, "aud", "auditor")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may reveal data"})
		check(t, "raise", err)
		m, page := open(t, h).as(mia), "/risks/"+string(id)+"/quant"
		m.get(page).is(t, 200, "Nobody has described", "loss_event_frequency", string(id))
		text := quant.Template(id, "Exports")
		m.post(page, "text", strings.Replace(text, "min: 0.1", "min: 7", 1), "version", "0", "do", "keep").is(t, 422, "scenario:10:12", "min 7 is above max 2")
		for range 2 { // the second is the same form, sent again
			m.post(page, "at", "17", "text", text, "version", "0", "do", "run", "trials", "many").is(t, 422, "is no number of years")
		}
		refused := m.post(page, "at", "18", "text", text, "version", "1", "do", "run", "trials", "many").is(t, 422)
		if have := fields(refused.body, page).Get("version"); have != "1" {
			t.Errorf("the form that comes back asks for version %q, want 1", have)
		}
		m.post(page, "text", text, "version", "1", "do", "run", "trials", "5000", "seed", "3").leads(t, page)
		m.get(page).is(t, 200, "5,000 years are being drawn", "Cancel the run")
		workAll(t, h)
		done := m.get(page).is(t, 200, "Loss exceedance", "What moves it", "Mean of the worst 1 %", "seed 3", "as treated", "a return of").body
		if strings.Contains(done, "style=") || strings.Contains(done, "being drawn") {
			t.Error("the page of a result has a style attribute, or a run under way")
		}
		m.get(page+"?loss1=1.000&odds1=10&loss2=20000&odds2=0,5").is(t, 200, "“1.000” is 1000 to some")
		m.get("/risks/"+string(id)+"/pictures/loss.svg").is(t, 200, "<svg")
		m.get("/risks/"+string(id)+"/pictures/loss.png").is(t, 200, "PNG")
		m.post(page+"/run", "trials", "-5").is(t, 422, "-5 years cannot be drawn")
		m.post(page+"/run", "trials", "2000").leads(t, page+"#result")
		q, err := h.Quants.Of(mia, id)
		check(t, "of", err)
		m.post(page+"/cancel", "run", string(q.Under().ID)).leads(t, page)
		m.get(page).is(t, 200, "cancelled")
		open(t, h).as(aud).get(page).is(t, 200, "Loss exceedance")
		open(t, h).as(aud).post(page+"/run", "trials", "10").is(t, 403)

		all := "/register/portfolio"
		m.get(all).is(t, 200, "1 risk is added up", "Draw years")
		m.post(all, "trials", "x").is(t, 422, "is no number of years")
		m.get(all+"?appetite=1000,2000").is(t, 422, "“1000,2000” is no amount")
		m.post(all, "trials", "3000", "appetite", "1000, 1e6").leads(t, all+"?appetite=1000%2C+1e6&trials=3000")
		m.get(all+"?trials=3000&appetite=1000,+1e6").is(t, 200, "3,000 years are being drawn")
		workAll(t, h)
		m.get(all+"?trials=3000&appetite=1000,+1e6").is(t, 200, "What each risk brings", "Above 1,000", "Of the worst years", page)
		open(t, h).as(h.As(t, "gus", "guest")).get(all).is(t, 403)
	})
}
