package portal_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/evidence"
	"tocsin/internal/intake"
	"tocsin/internal/portal"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/thread"
)

func TestAReportWithFilesBecomesAConversation(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w, s := staff(t, h), open(h)
		proof := bytes.Repeat([]byte("proof\n"), 300_000)
		link, id := s.report(t, good(), upload{"../../etc/proof.py", proof}, upload{"log.txt", []byte("<script>alert(1)</script>")})

		full, err := h.Reports.Get(w.ana, id)
		check(t, "get", err)
		if full.CWE != "CWE-863" || full.Severity != "high" || full.AI != "assisted" || full.Deadline.Format("2006-01-02") != "2027-03-01" || full.Contact != "owl@example.org" {
			t.Errorf("the report is %+v", full.Report)
		}
		if len(full.Files) != 2 || full.Files[0].Side != thread.In {
			t.Fatalf("the files are %+v", full.Files)
		}
		slices.SortFunc(full.Files, func(a, b evidence.File) int { return cmp.Compare(b.Size, a.Size) })

		lead := s.get(t, link)
		own := lead.Header().Get("Location")
		if lead.Code != http.StatusSeeOther || own != "/portal/r/"+string(id) {
			t.Fatalf("the link leads with %d to %q", lead.Code, own)
		}
		c := lead.Result().Cookies()[0]
		if !c.HttpOnly || c.Path != own || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie is %+v", c)
		}
		page := s.get(t, own)
		says(t, page, http.StatusOK, "We have your report and are reading it.", "proof.py", "A member of a sibling group reads every export.", "By name or alias: Night Owl", "1 Mar 2027")
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "X-Content-Type-Options": "nosniff"} {
			if have := page.Header().Get(name); have != want {
				t.Errorf("%s is %q, want %q", name, have, want)
			}
		}
		if strings.Contains(page.Body.String(), link) {
			t.Error("the page repeats the secret")
		}

		reply := s.post(t, own+"/reply", url.Values{"text": {"It also works in **18.7.0**. [look](javascript:alert(1)) <img src=x onerror=alert(1)>"}}, upload{"two.bin", []byte{0, 1, 2}})
		if reply.Code != http.StatusSeeOther {
			t.Fatalf("reply: %d %s", reply.Code, plain(reply))
		}
		_, err = h.Reports.Decide(w.ana, id, intake.VerbAsk, intake.Decision{Disposition: "needs-info", Answer: "Which plan was it?"})
		check(t, "ask", err)
		page = s.get(t, own)
		says(t, page, http.StatusOK, "<strong>18.7.0</strong>", "two.bin", "Which plan was it?", "We have a question for you")
		for _, bad := range []string{"href=\"javascript:", "<img", "<script>alert"} {
			if strings.Contains(page.Body.String(), bad) {
				t.Errorf("the page holds %s", bad)
			}
		}
		says(t, s.post(t, own+"/reply", url.Values{"text": {" "}}, upload{"three.bin", []byte{3}}), http.StatusSeeOther)
		says(t, s.get(t, own), http.StatusOK, "Files added: <code>three.bin</code>")

		file := s.get(t, own+"/files/"+string(full.Files[1].ID))
		if file.Code != 200 || file.Body.String() != "<script>alert(1)</script>" || !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment") ||
			file.Header().Get("Content-Type") != "application/octet-stream" || !strings.Contains(file.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("the file comes with %d, %v", file.Code, file.Header())
		}
		got, body, err := h.Files.Open(w.ana, full.Files[0].ID, false)
		check(t, "open", err)
		if !bytes.Equal(body, proof) || got.Name != "proof.py" {
			t.Errorf("the stored file %s differs from the one sent", got.Name)
		}
	})
}

// Where the browser takes no cookie, the link with ?stay does all of it.
func TestTheLinkWorksWithoutCookies(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "generic")
	staff(t, h)
	s := open(h)
	link, _ := s.report(t, good())
	s.cookies = map[string]string{}
	says(t, s.get(t, link+"?stay"), http.StatusOK, link+"/reply")
	to := s.post(t, link+"/reply", url.Values{"text": {"hello"}}).Header().Get("Location")
	if to != link+"?done=sent&stay#newest" {
		t.Errorf("it leads to %q", to)
	}
	says(t, s.get(t, link+"?stay"), http.StatusOK, "<p>hello</p>")
}

func TestFindOpensThePageOfAPastedLink(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(h)
	link, id := s.report(t, good())
	s.cookies = map[string]string{}
	for _, pasted := range []string{"http://tocsin.test" + link, " " + strings.ToLower(link) + "\n", strings.TrimPrefix(link, "/portal/r/")} {
		if to := s.post(t, "/portal/find", url.Values{"link": {pasted}}).Header().Get("Location"); to != "/portal/r/"+string(id) {
			t.Errorf("%q leads to %q", pasted, to)
		}
	}
	wrong := s.post(t, "/portal/find", url.Values{"link": {ref.Secret()}})
	says(t, wrong, http.StatusUnprocessableEntity, "No report has this link")
	says(t, s.post(t, "/portal/find", url.Values{"link": {string(id)}}), http.StatusUnprocessableEntity, "A tracking number alone opens nothing")
}

// What may not be known is answered as what does not exist.
func TestWrongSecretsAreUnknownPages(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(h)
		link, id := s.report(t, good(), upload{"a.txt", []byte("x")})
		s.cookies = map[string]string{}
		other, theirs := s.report(t, good(), upload{"b.txt", []byte("y")})
		s.get(t, other)
		want := s.get(t, "/portal/no-such-page")
		says(t, want, http.StatusNotFound, "There is nothing here")
		full, err := h.Reports.Get(h.As(t, "ana", "analyst"), id)
		check(t, "get", err)
		for _, path := range []string{"/portal/r/" + ref.Secret(), "/portal/r/" + ref.Secret() + "?stay", "/portal/r/x", "/portal/r/" + string(id), "/portal/r/" + string(ref.New("report")),
			"/portal/r/" + string(id) + "/files/" + string(full.Files[0].ID), "/portal/r/" + string(theirs) + "/files/" + string(full.Files[0].ID),
			"/advisories/adv-00000000", "/advisories/" + strings.ToLower(string(id)), "/.well-known/other", strings.ToLower(link)} {
			have := s.get(t, path)
			if have.Code != want.Code || have.Body.String() != want.Body.String() {
				t.Errorf("%s is told from a page that is not there: %d %s", path, have.Code, plain(have))
			}
			for name := range want.Header() {
				if name != "X-Request-Id" && have.Header().Get(name) != want.Header().Get(name) {
					t.Errorf("%s: header %s is %q, want %q", path, name, have.Header().Get(name), want.Header().Get(name))
				}
			}
		}
		says(t, s.post(t, "/portal/r/"+string(id)+"/reply", url.Values{"text": {"not mine"}}), http.StatusNotFound, "There is nothing here")
	})
}

// The same form sent twice is one report; the same form with another text is another.
func TestAFormSentTwiceIsOneReport(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s, fields := open(h), good()
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(s.get(t, "/portal/report").Body.String())[1]
	fields.Set("key", key)
	link, id := s.report(t, fields)
	again, same := s.report(t, fields)
	if link != again || id != same {
		t.Errorf("the second receipt is %s %s, want %s %s", same, again, id, link)
	}
	fields.Set("summary", "Something else that I found.")
	if _, other := s.report(t, fields); other == id {
		t.Error("another text under the same form was lost")
	}
}

func TestWhatIsWrongComesBackWithAllThatWasTyped(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(h)
	megabyte := strings.Repeat("a line that was pasted\n", 45_000)
	big := bytes.Repeat([]byte{7}, evidence.MaxFile+1)
	many := []upload{}
	for i := range portal.MaxFiles + 1 {
		many = append(many, upload{fmt.Sprintf("%d.txt", i), []byte("x")})
	}
	cases := []struct {
		name, field, value string
		files              []upload
		says               string
	}{
		{"no title", "title", "", nil, "Give it a title"},
		{"a title of a kilobyte", "title", strings.Repeat("x", 1000), nil, "Title is longer than the limit"},
		{"a megabyte that was pasted", "steps", megabyte, nil, "Steps is longer than the limit; shorten it or attach a file."},
		{"a bidirectional override", "summary", "read \u202eme", nil, "the bidirectional control U+202E"},
		{"a nul", "summary", "a\x00b", nil, "the control character U+0000"},
		{"text that is no UTF-8", "impact", "caf\xe9", nil, "not valid UTF-8"},
		{"a mail address that is none", "contact", "Owl <owl@example.org>", nil, "This is no mail address"},
		{"a mail address with a second header", "contact", "owl@example.org\r\nBcc: all@example.org", nil, "This is no mail address"},
		{"a weakness that is none", "cwe", "CWE-99999999", nil, "no weakness that we know"},
		{"a day that is none", "deadline", "soon", nil, "This is no date"},
		{"a day that is over", "deadline", "2020-01-01", nil, "must lie in the next five years"},
		{"a credit that is no choice", "credit", "fame", nil, "is not one of the choices"},
		{"a severity that is no choice", "severity", "apocalyptic", nil, "is not one of the choices"},
		{"a file of 50 MiB and a byte", "impact", "Trade secrets.", []upload{{"dump.bin", big}}, "The file dump.bin is larger than 50 MiB"},
		{"eleven files", "impact", "Trade secrets.", many, "At most 10 files at a time"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fields := good()
			fields.Set(c.field, c.value)
			w := s.post(t, "/portal/report", fields, c.files...)
			says(t, w, http.StatusUnprocessableEntity, c.says, "18.6.1", "Night Owl")
			if c.files != nil && !strings.Contains(w.Body.String(), "50 MiB") {
				t.Error("the form does not say what a file may be")
			}
			if c.value == megabyte && !strings.Contains(w.Body.String(), megabyte[:len(megabyte)-1]) {
				t.Error("what was pasted is lost")
			}
		})
	}
	if n := rig.Count(t, h.DB, "reports"); n != 0 {
		t.Errorf("%d reports were taken", n)
	}
	if n := rig.Count(t, h.DB, "blobs"); n != 0 {
		t.Errorf("%d pieces of files are left of forms that came back", n)
	}
}

func TestHTMLIsTextAndNamesOfFilesAreNames(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s, fields := open(h), good()
	fields.Set("title", `"><script>alert(1)</script> & <b>`)
	fields.Set("summary", "<iframe src=//evil.example></iframe>\n\n![x](https://evil.example/pixel.png)\n\n[click](javascript:alert(1)) [also](data:text/html,x)")
	link, _ := s.report(t, fields, upload{"..\\..\\windows\\evil.html", []byte("<html>")}, upload{"a\u202egnp.exe", []byte("MZ")}, upload{strings.Repeat("n", 900), []byte("x")})
	page := s.get(t, link+"?stay")
	says(t, page, http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;", "evil.html", "a_gnp.exe")
	for _, bad := range []string{"<script>alert", "<iframe", "<img", "href=\"javascript:", "href=\"data:", "windows", strings.Repeat("n", 300)} {
		if strings.Contains(page.Body.String(), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
}

func TestAFloodIsAnsweredHonestly(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(h)
	for range 10 {
		s.report(t, good())
	}
	w := s.post(t, "/portal/report", good(), upload{"a.txt", []byte("x")})
	says(t, w, http.StatusTooManyRequests, "more than 10 reports within an hour", "6 minutes", h.Rules.Publisher.Contact, "A member of a sibling group reads every export.", "choose your files again")
	if have := w.Header().Get("Retry-After"); have != "360" && have != "361" {
		t.Errorf("Retry-After is %q, want six minutes", have)
	}
	s.address = "[2001:db8:1:2::1]:9"
	s.report(t, good())
	s.address = "192.0.2.7:9"
	h.Pass(7 * 60 * 1e9)
	s.report(t, good())
	if n := rig.Count(t, h.DB, "reports"); n != 12 {
		t.Errorf("%d reports are there, want the 12 that were acknowledged", n)
	}
	s.address = "[2001:db8:9:9::1]:9"
	for range 10 {
		s.report(t, good())
	}
	s.address = "[2001:db8:9:9:ffff::2]:9" // another address of the same /64
	says(t, s.post(t, "/portal/report", good()), http.StatusTooManyRequests)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(h)
	link, _ := s.report(t, good())
	s.get(t, link)
	for _, route := range portal.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodPost {
			continue
		}
		path = strings.ReplaceAll(path, "{key}", strings.TrimPrefix(link, "/portal/r/"))
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			kind, body := form(t, good())
			w := s.ask(t, method, path, body, append([]string{"Content-Type", kind}, headers...)...)
			says(t, w, http.StatusForbidden, "sent from another site")
		}
	}
	if n := rig.Count(t, h.DB, "reports"); n != 1 {
		t.Errorf("%d reports, want the one that was sent from here", n)
	}
}

// Nothing that the team writes for itself reaches the reporter, at any stage.
func TestInternalWordsNeverReachTheReporter(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w, s := staff(t, h), open(h)
		link, id := s.report(t, good())
		check(t, "note", h.Reports.Note(w.ana, id, "SECRETWORD the reporter seems to be a competitor"))
		c := w.accepted(t, h, id, intake.Opening{Title: "SECRETWORD in our words", Named: true})
		_, err := h.Cases.Note(w.ana, c, "SECRETWORD blame")
		check(t, "note", err)
		stages := []func(){func() {}, func() { w.drafted(t, h, c, "CVE-1900-4711") }}
		for _, do := range stages {
			do()
			page := s.get(t, link+"?stay")
			says(t, page, http.StatusOK, "What happens next")
			for _, bad := range []string{"SECRETWORD", string(c), "person-", "CVE-1900-4711", "CVSS", "triage", "assessment", "adv-"} {
				if strings.Contains(page.Body.String(), bad) {
					t.Errorf("the page holds %q", bad)
				}
			}
		}
	})
}

func TestFilesOfTheTeamStayInside(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w, s := staff(t, h), open(h)
	link, id := s.report(t, good())
	c := w.accepted(t, h, id, intake.Opening{})
	content, err := h.Files.Store(rig.System(), strings.NewReader("for whom it is meant"))
	check(t, "store", err)
	inside, err := h.Cases.Attach(w.ana, c, "internal.txt", content, false)
	check(t, "attach", err)
	shared, err := h.Cases.Attach(w.ana, c, "patch.diff", content, true)
	check(t, "attach", err)
	page := s.get(t, link+"?stay")
	says(t, page, http.StatusOK, "patch.diff")
	if strings.Contains(page.Body.String(), "internal.txt") {
		t.Error("the page names a file of the team")
	}
	says(t, s.get(t, link+"/files/"+string(inside.ID)), http.StatusNotFound)
	says(t, s.get(t, link+"/files/"+string(shared.ID)), http.StatusOK, "for whom it is meant")
}
