package api_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"tocsin/internal/rig"
)

// TestFiles: a file goes in as it is or in a form, and comes out as a download
// that no browser shows, whatever it is.
func TestFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		ana := s.person(t, "ana", "analyst")
		path := "/cases/" + ana.want(201, "POST", "/cases", `{"title":"One"}`).text(t, "id") + "/files"
		page := `<html><script>alert(1)</script></html>`
		raw := ana.with("Content-Type", "text/html").want(201, "POST", path+"?name=..%2F..%2Fevil%22%0d%0a.html", page)
		if name := raw.text(t, "name"); strings.ContainsAny(name, "/\\\"\r\n") {
			t.Errorf("the name is %q", name)
		}
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		ok(t, w.WriteField("comment", "before the file"))
		part, err := w.CreateFormFile("file", "poc.svg")
		ok(t, err)
		_, err = part.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		ok(t, err)
		ok(t, w.Close())
		if g := ana.with("Content-Type", w.FormDataContentType()).want(201, "POST", path, form.Bytes()); g.text(t, "name") != "poc.svg" {
			t.Errorf("the name is %s, want poc.svg", g.text(t, "name"))
		}
		at := strings.TrimPrefix(raw.Header.Get("Location"), "/api/v1")
		g := ana.want(200, "GET", at, nil)
		if string(g.body) != page {
			t.Errorf("have %q, want %q", g.body, page)
		}
		for name, want := range map[string]string{"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store"} {
			if have := g.Header.Get(name); have != want {
				t.Errorf("%s is %q, want %q", name, have, want)
			}
		}
		if d := g.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || strings.ContainsAny(d, "\r\n") {
			t.Errorf("Content-Disposition %q", d)
		}
		ana.with("If-None-Match", g.Header.Get("ETag")).want(304, "GET", at, nil)
		ana.with("Content-Type", "multipart/form-data; boundary=x").want(400, "POST", path, "--x--").problem(t)
		ana.with("Content-Type", "multipart/form-data").want(400, "POST", path, "x").problem(t)
		ana.with("Content-Type", "no type").want(415, "POST", path, "x").problem(t)
	})
}

// TestAFileThatIsTooLarge is refused with a sentence, and what nobody may attach is
// not stored at all.
func TestAFileThatIsTooLarge(t *testing.T) {
	t.Parallel()
	s := one(t)
	ana, gus := s.person(t, "ana", "analyst"), s.person(t, "gus", "guest")
	path := "/cases/" + ana.want(201, "POST", "/cases", `{"title":"One"}`).text(t, "id") + "/files"
	for _, size := range []int{50<<20 + 1, 52 << 20} {
		p := ana.with("Content-Type", "application/octet-stream").want(413, "POST", path, make([]byte, size)).problem(t)
		if !strings.Contains(p.Detail, "50 MiB") && !strings.Contains(p.Detail, "limit") {
			t.Errorf("%q tells no limit", p.Detail)
		}
	}
	before := rig.Count(t, s.DB, "blobs")
	gus.with("Content-Type", "application/octet-stream").want(404, "POST", path, "not for a guest")
	if n := rig.Count(t, s.DB, "blobs"); n != before {
		t.Errorf("%d pieces were stored of a refused file", n-before)
	}
}
