package web_test

import (
	"path/filepath"
	"strings"
	"testing"

	"tocsin/internal/house"
	"tocsin/internal/rig"
)

// TestFirstRun walks from the one-time link to the end without script.
func TestFirstRun(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		b := open(t, h).nobody()
		link, err := h.Parties.Setup(rig.System())
		check(t, "link", err)
		b.get("/setup?link="+string(link)).is(t, 200, "Your name")
		b.post("/setup", "link", string(link), "name", "Ada", "password", "short").is(t, 422, "15 characters")
		b.post("/setup", "link", string(link), "name", "Ada", "password", "correct horse battery").leads(t, "/first-run")
		b.get("/first-run").leads(t, "/first-run/organisation")
		b.get("/").is(t, 200, "Finish setting up", "the first product", "/first-run")
		b.get("/first-run/done").is(t, 200, "What comes next</h1>", "Still open: your organisation, the process, the first product")
		b.get("/first-run/mail").is(t, 200, " No mail server is set")
		for _, at := range []string{"/setup", "/setup?link=" + string(link), "/invite/NOBODYS"} {
			if strings.Contains(open(t, h).nobody().get(at).is(t, 403, "does not work any more", "/sign-in").body, "<form") {
				t.Errorf("%s shows a form that can only fail", at)
			}
			if strings.Contains(b.get(at).is(t, 403, "does not work any more", `href="/">Home</a>`).body, `name="password"`) {
				t.Errorf("%s shows somebody who is signed in a form that can only fail", at)
			}
		}

		b.get("/first-run/organisation").is(t, 200, "Your organisation", "Later", "autofocus")
		b.post("/first-run/organisation", "name", "", "namespace", "ours").is(t, 422, "write the organisation", "is no address", `value="ours"`)
		b.post("/first-run/organisation", "name", "Ours Ltd", "namespace", "https://ours.example").leads(t, "/first-run/profile")
		b.get("/first-run/profile").is(t, 200, "tocsin serve --profile gitlab", "in force", "Your own")
		b.post("/first-run/profile").leads(t, "/first-run/product")
		b.post("/first-run/product", "title", "Forge", "name", "No Good").is(t, 422, `value="No Good"`)
		b.post("/first-run/product", "title", "Forge", "name", "forge", "public", "yes").leads(t, "/first-run/colleague")
		b.post("/first-run/colleague", "name", "").is(t, 422)
		page := b.post("/first-run/colleague", "name", "Eve", "roles", "engineer").is(t, 200, "The link for Eve", "/invite/", "is shown here only now")
		if strings.Contains(b.get("/first-run/colleague").is(t, 200).body, "/invite/") {
			t.Error("the link is shown again")
		}
		b.get("/first-run").leads(t, "/first-run/mail")
		b.post("/first-run/mail", "do", "later").leads(t, "/first-run/done")
		b.get("/first-run").leads(t, "/first-run/done")
		b.get("/first-run/done").is(t, 200, "The house stands", "put off", "/health-check")
		b.get("/first-run/nothing").is(t, 404)
		b.get("/health-check").is(t, 200, "from the next start", "No mail server is set", "There is one administrator")
		if strings.Contains(b.get("/health-check").body, "correct horse") || !strings.Contains(page.body, "http") {
			t.Error("a secret is told, or none")
		}
		b.get("/").is(t, 200, "/health-check")
	})
}

func TestTheOrganisationCountsFromTheNextStart(t *testing.T) {
	dir := t.TempDir()
	store, key := filepath.Join(dir, "store.db"), filepath.Join(dir, "key")
	h, err := house.Open(t.Context(), house.Config{Store: store, KeyFile: key})
	check(t, "open", err)
	link, err := h.Parties.Setup(rig.System())
	check(t, "link", err)
	b := open(t, &rig.House{House: h}).nobody()
	b.post("/setup", "link", string(link), "name", "Ada", "password", "correct horse battery").leads(t, "/first-run")
	b.post("/first-run/organisation", "name", "Ours Ltd", "namespace", "https://ours.example", "contact", "Write to us.").leads(t, "/first-run/profile")
	b.get("/health-check").is(t, 200, "counts from the next start")
	check(t, "close", h.Close())
	h, err = house.Open(t.Context(), house.Config{Store: store, KeyFile: key})
	check(t, "open", err)
	t.Cleanup(func() { h.Close() })
	if p := h.Rules.Publisher; p.Name != "Ours Ltd" || p.Namespace != "https://ours.example" || p.Contact != "Write to us." || p.Policy != "" || p.Category == "" {
		t.Errorf("the publisher is %+v", p)
	}
	b.site = open(t, &rig.House{House: h})
	b.get("/health-check").is(t, 200, "Ours Ltd.")
}

func TestHealthIsForWhoeverSetsTheHouseUp(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ana, adm := s.as(h.As(t, "ana", "analyst", "manager")), s.as(h.As(t, "adm", "admin"))
		for _, path := range []string{"/health-check", "/first-run", "/first-run/product"} {
			ana.get(path).is(t, 403, "house.setup")
		}
		ana.post("/health-check/verify").is(t, 403)
		ana.post("/first-run/organisation", "name", "Mine", "namespace", "https://mine.example").is(t, 403)
		if strings.Contains(ana.get("/").body, "/health-check") {
			t.Error("the way is offered to somebody who may not")
		}
		_, err := h.Sealer.Step(t.Context())
		check(t, "seal", err)
		adm.get("/health-check").is(t, 200, "Nobody has proven", "in order", "missing")
		adm.post("/health-check/verify").leads(t, "/health-check#audit")
		adm.get("/health-check").is(t, 200, "The whole audit log is proven", "The whole log was proven on")
	})
}
