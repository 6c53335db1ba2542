package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"tocsin/internal/rig"
)

func TestPagesAreMadeForTheirReader(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		link, err := h.Parties.Setup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := s.nobody()
		b.post("/setup", "link", string(link), "name", "Ada Winter", "password", "five words are easy to keep").leads(t, "/first-run")
		b.get("/account").is(t, 200, "Times in <a href=\"/account#taste\">UTC</a>", "<html lang=\"en\" data-theme=\"\">")

		b.cookies["tocsin_zone"] = "Asia/Kolkata"
		b.get("/account").is(t, 200, "Asia/Kolkata</a>", "UTC+5:30</strong>")
		b.cookies["tocsin_zone"] = "../../etc/passwd"
		b.get("/account").is(t, 200, ">UTC</a>")

		r := httptest.NewRequest("GET", "/account", nil)
		r.Header.Set("Accept-Language", "en-US,en;q=0.9")
		if page := b.send(r).is(t, 200); !strings.Contains(page.body, h.Clock().Format("Jan 2, 2006 15:04 UTC")) {
			t.Errorf("the month comes not first: %.2000s", text(page.body))
		}

		b.post("/account/taste", "zone", "Moon/Sea", "locale", "de").is(t, 422, "is no time zone; use an IANA name", `value="Moon/Sea"`)
		b.post("/account/taste", "zone", "Local").is(t, 422, "is no time zone")
		b.post("/account/taste", "theme", "pink").is(t, 422, "choose one of: light dark")
		b.post("/account/taste", "times", "sometimes").is(t, 422, "choose one of: exact")
		b.post("/account/taste", "zone", "America/New_York", "locale", "de", "times", "exact", "theme", "dark", "contrast", "more", "motion", "less").leads(t, "/account")
		b.cookies["tocsin_zone"] = "Asia/Kolkata"
		b.get("/account").is(t, 200, "America/New_York</a>", `data-theme="dark" data-still`, `.css"><script`, "Kept: every page")
		again := s.nobody()
		again.post("/sign-in", "login", "ada.winter", "password", "five words are easy to keep").leads(t, "/")
		again.get("/account").is(t, 200, "America/New_York</a>", `data-theme="dark" data-still`, `.css"><script`)
		b.post("/account/taste").leads(t, "/account")
		b.get("/account").is(t, 200, "Asia/Kolkata</a>", `data-theme="">`)
	})
}
