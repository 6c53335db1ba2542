package web_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// sendFile sends a file as the form of the import does.
func (b *browser) sendFile(name, content, mapping string) reply {
	b.t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", name)
	check(b.t, "form", err)
	_, err = part.Write([]byte(content))
	check(b.t, "form", err)
	check(b.t, "form", m.WriteField("mapping", mapping))
	check(b.t, "form", m.Close())
	r := httptest.NewRequest("POST", "/register/import", &form)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// TestAFileOfManyMiBComesIn goes with the confirmation as it came: a form that is not in
// parts may have 2 MiB, as the script of the page says.
func TestAFileOfManyMiBComesIn(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	m := s.as(h.As(t, "mia", "manager"))
	sheet := "ref_id,title\nA,Tokens may leak\n" + strings.Repeat("\n", 3<<20)
	page := m.sendFile("long.csv", sheet, "").is(t, 200, "1 new, 0 changed").body
	for _, to := range []string{"columns", "confirm"} {
		if !strings.Contains(page, `method="post" action="/register/import/`+to+`" enctype="multipart/form-data"`) {
			t.Errorf("the form of %s is not in parts", to)
		}
	}
	form := func(to string, fields map[string]string) reply {
		var body bytes.Buffer
		parts := multipart.NewWriter(&body)
		fields["kept"], fields["name"] = base64.StdEncoding.EncodeToString([]byte(sheet)), "long.csv"
		for name, value := range fields {
			check(t, "form", parts.WriteField(name, value))
		}
		check(t, "form", parts.Close())
		r := httptest.NewRequest("POST", "/register/import/"+to, &body)
		r.Header.Set("Content-Type", parts.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return m.send(r)
	}
	form("confirm", map[string]string{"hand": "person-another"}).is(t, 409, "Somebody else is signed in now")
	form("columns", map[string]string{"column-0": "ref_id", "column-1": "title", "called": "Long sheet"}).is(t, 200, `value="long-sheet" selected`)
	form("confirm", map[string]string{}).leads(t, "/register")
}

// TestColumnsOfAFileAreNamedOnItsPage maps a sheet that nobody knows, keeps that by name,
// and reads the next sheet of that kind by it.
func TestColumnsOfAFileAreNamedOnItsPage(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, joe := h.As(t, "mia", "manager"), h.As(t, "joe", "engineer")
		s := open(t, h)
		m := s.as(mia)
		const sheet = "nr,What happens,Colour\nA,Tokens may leak,red\n"
		page := m.sendFile("old.csv", sheet, "").is(t, 422, "How its columns are read", "what is “colour”?", "Choose what it is").body
		kept := html.UnescapeString(regexp.MustCompile(`name="kept" value="([^"]+)"`).FindStringSubmatch(page)[1])
		form := func(called string, more ...string) []string {
			return append([]string{"kept", kept, "name", "old.csv", "column-0", "ref_id", "column-1", "title", "called", called}, more...)
		}
		const to = "/register/import/columns"
		m.post(to, form("Old sheet")...).is(t, 422, "nobody has said what “colour” is", `value="Old sheet"`, `value="ref_id" selected`)
		m.post(to, form("77", "column-2", "-")...).is(t, 422, "kept under a name")
		m.post(to, form("Список", "column-2", "-")...).is(t, 422, "with a letter from a to z in it")
		m.post(to, form("CISO Assistant", "column-2", "-")...).is(t, 422, "is kept already")
		m.post(to, form("CISO Assistant", "column-2", "-", "mapping", "ciso-assistant")...).is(t, 422, "is kept already", `href="#f-called"`)
		m.post(to, form("Old sheet", "column-2", "owner")...).is(t, 422, "nobody here is called")
		m.post(to, form("Old sheet", "column-2", "-", "mapping", "old-sheet")...).is(t, 200, "1 new, 0 changed", `value="old-sheet" selected`)
		m.post(to, form("Old sheet", "column-2", "-")...).is(t, 422, "is kept already")
		m.sendFile("next.csv", sheet, "old-sheet").is(t, 200, "1 new, 0 changed")
		s.as(joe).post(to, form("Mine", "column-2", "-")...).is(t, 403)
	})
}

func TestTheRegisterGoesOutAndComesInThroughItsPages(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, joe := h.As(t, "mia", "manager"), h.As(t, "joe", "engineer")
		s := open(t, h)
		m, j := s.as(mia), s.as(joe)
		m.get("/register/import").is(t, 200, "CISO Assistant", `accept=".csv,.xlsx,.json"`)
		m.sendFile("bad.csv", "title,owner\nTokens may leak,Zoe\n", "").is(t, 422, "nobody here is called", "0 new, 0 changed, 0 the same as before, 1 refused")
		m.sendFile("odd.csv", "title,colour\nTokens may leak,red\n", "").is(t, 422, "columns that nobody here knows")
		m.sendFile("x.csv", "", "").is(t, 422, "the file is empty")
		page := m.sendFile("good.csv", "ref_id,title\nA,Tokens may leak\n", "").is(t, 200, "1 new, 0 changed", "Tokens may leak").body
		if l, err := h.Risks.List(mia, risk.Filter{}, risk.Page{}); err != nil || len(l.Risks) != 0 {
			t.Fatalf("a try left %d risks, %v", len(l.Risks), err)
		}
		kept := html.UnescapeString(regexp.MustCompile(`name="kept" value="([^"]+)"`).FindStringSubmatch(page)[1])
		m.post("/register/import/confirm", "kept", kept, "name", "good.csv", "mapping", "").leads(t, "/register")
		m.sendFile("good.csv", "ref_id,title\nA,Tokens may leak\n", "").is(t, 200, "0 new, 0 changed, 1 the same as before")
		m.post("/register/import/confirm", "kept", "%%%", "name", "good.csv").is(t, 422, "did not arrive whole")

		m.get("/register/export").is(t, 200, "NIST IR 8286 register", "OSCAL")
		m.get("/register/export?format=ir8286").is(t, 200, "Tokens may leak", "no response is decided")
		m.get("/register/export/file?format=csv").is(t, 200, "Tokens may leak")
		m.get("/register/export?format=odd").is(t, 422, "there is no format")
		j.get("/register/export").is(t, 403)
		j.get("/register/export/file?format=csv").is(t, 403)
		j.get("/register/import").is(t, 403)
		j.sendFile("good.csv", "title\nTokens may leak\n", "").is(t, 403)
	})
}
