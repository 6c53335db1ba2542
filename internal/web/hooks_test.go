package web_test

import (
	"regexp"
	"testing"

	"tocsin/internal/plug/webhook"
	"tocsin/internal/rig"
)

func TestAWebhookIsMadeStoppedAndDeleted(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		caller, err := webhook.New()
		if err != nil {
			t.Fatal(err)
		}
		h.Hooks.Caller = caller
		m := open(t, h).as(h.As(t, "max", "manager"))
		m.get("/webhooks").is(t, 200, "No webhook yet", "no title and no text", "Make the webhook")
		m.post("/webhooks", "name", "chat", "address", "https://127.0.0.1/in", "kinds", "risk").is(t, 422, "a network that webhooks may not reach", `value="chat"`, `value="https://127.0.0.1/in"`)
		m.post("/webhooks", "name", "chat", "address", "https://hooks.example.org/in").is(t, 422, "at least one kind")
		m.post("/webhooks", "name", "chat", "address", "https://hooks.example.org/in", "kinds", "risk", "kinds", "case").is(t, 200, "whsec_", "Standard Webhooks")
		list := m.get("/webhooks").is(t, 200, "chat", "https://hooks.example.org/in", "Cases, Risks", "nothing told yet").body
		at := regexp.MustCompile(`/webhooks/hook-[0-9A-Z]+`).FindString(list)
		m.post(at+"/secret").is(t, 200, "whsec_")
		m.post(at+"/stop").leads(t, "/webhooks")
		m.get("/webhooks").is(t, 200, "stopped by max")
		m.post(at+"/start").leads(t, "/webhooks")
		lea := open(t, h).as(h.As(t, "lea", "leader"))
		lea.post(at+"/secret").is(t, 403)
		lea.post(at+"/start").is(t, 403)
		m.post(at+"/delete").leads(t, "/webhooks")
		m.get("/webhooks").is(t, 200, "No webhook yet")
		m.post(at+"/delete").is(t, 404)
		open(t, h).as(h.As(t, "ana", "analyst")).get("/webhooks").is(t, 403)
	})
}
