package web_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"

	"tocsin/internal/rig"
)

// dot is a picture of one point.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// picture sends a file as a picture for a note.
func (b *browser) picture(path, name string, content []byte) reply {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("files", name)
	check(b.t, "form", err)
	_, err = part.Write(content)
	check(b.t, "form", err)
	check(b.t, "form", m.Close())
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

func TestAPictureInANoteIsSeenByThoseWhoSeeTheRecord(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		anaCtx := h.As(t, "ana", "analyst", "manager")
		s := open(t, h)
		ana, eve := s.as(anaCtx), s.as(h.As(t, "eve", "engineer"))
		id := opened(t, h, anaCtx, "Export can be read")
		at := "/cases/" + string(id)
		png, err := base64.StdEncoding.DecodeString(dot)
		check(t, "picture", err)
		var sent struct{ Href string }
		check(t, "answer", json.Unmarshal([]byte(ana.picture(at+"/pictures", "dot.png", png).is(t, 200).body), &sent))
		ana.picture(at+"/pictures", "evil.png", []byte("<svg onload=alert(1)>")).is(t, 422, "is no picture that a note can show")
		ana.post(at+"/note", "note-text", "Look: ![dot]("+sent.Href+") and ![theirs](https://evil.example/p.png)").is(t, 303)
		page := eve.get(at+"/messages").is(t, 200, `<img src="`+sent.Href+`?show" alt="dot"`, "picture: ")
		if strings.Contains(page.body, `src="https://evil`) {
			t.Error("a picture from elsewhere is fetched")
		}
		shown := eve.get(sent.Href+"?show").is(t, 200)
		for name, want := range map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment; filename=dot.png"} {
			if have := shown.header.Get(name); have != want {
				t.Errorf("%s: %q, want %q", name, have, want)
			}
		}
		if have := eve.get(sent.Href).is(t, 200).header.Get("Content-Type"); have != "application/octet-stream" {
			t.Errorf("saved as %q", have)
		}
		check(t, "embargo", h.Cases.Embargo(anaCtx, id, rig.Start.AddDate(0, 1, 0), "serious"))
		eve.get(sent.Href+"?show").is(t, 404)
		eve.picture(at+"/pictures", "dot.png", png).is(t, 404)
	})
}

func TestThePreviewIsWhatTheNoteWillBe(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h)
	s.as(h.As(t, "ana", "analyst")).post("/preview", "text", "**bold** <script>x</script> [a](javascript:x)").is(t, 200, "<strong>bold</strong>", "&lt;script&gt;")
	s.nobody().post("/preview", "text", "**bold**").is(t, 401)
}

// TestNamesAreOfThoseWhoMayReadTheRecord holds that a completion offers nobody who
// may not know of the record, and nothing to who may not themselves.
func TestNamesAreOfThoseWhoMayReadTheRecord(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		anaCtx := h.As(t, "ana", "analyst", "manager")
		s := open(t, h)
		ana, eve, gus := s.as(anaCtx), s.as(h.As(t, "eve", "engineer")), s.as(h.As(t, "gus", "guest"))
		id := string(opened(t, h, anaCtx, "Export can be read"))
		offers := func(b *browser, q string, want ...string) {
			t.Helper()
			var have []struct{ Handle, Name string }
			check(t, "answer", json.Unmarshal([]byte(b.get("/mention?on="+id+"&q="+q).is(t, 200).body), &have))
			var names []string
			for _, p := range have {
				names = append(names, p.Handle)
			}
			if strings.Join(names, " ") != strings.Join(want, " ") {
				t.Errorf("%q offers %v, want %v", q, names, want)
			}
		}
		offers(ana, "", "ana", "eve")
		offers(ana, "EV", "eve")
		offers(ana, "gus")
		offers(ana, "zz")
		gus.get("/mention?on="+id+"&q=a").is(t, 404)
		check(t, "embargo", h.Cases.Embargo(anaCtx, caseID("/cases/"+id), rig.Start.AddDate(0, 1, 0), "serious"))
		offers(ana, "", "ana")
		absent := eve.get("/mention?on=CASE-00000000&q=a").is(t, 404)
		if hidden := eve.get("/mention?on="+id+"&q=a").is(t, 404); hidden.all() != absent.all() {
			t.Error("hidden and absent differ")
		}
	})
}
