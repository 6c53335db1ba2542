package portal_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/format/all"
	"tocsin/internal/portal"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

var download = regexp.MustCompile(`href="(/advisories/[^"/]+/[^"/]+/([^"/]+))" type="[^"]+">[^<]+</a>`)

func TestAPublishedAdvisoryIsAPageAndFourForms(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w, s := staff(t, h), open(h)
		name := w.advisoryFrom(t, h, "Project export can be read by members of a sibling group", 1)
		page := s.get(t, "/advisories/"+name)
		says(t, page, http.StatusOK, "Project export can be read by members of a sibling group", "≥ 17.2 and &lt; 18.6.2", "≥ 18.7.0 and &lt; 18.7.2", "Not affected",
			"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "Privileges Required", "CWE-863 Incorrect Authorization", "Night Owl", "CVE-1900-0001", "Initial publication.",
			`<link rel="alternate" type="application/json" title="CSAF 2.0"`)
		inOrder(t, page.Body.String(), "<h1>", "Revision 1", "Whoever is signed in can do it", "What to do", "CVE-1900-0001", "Affected versions", "CVSS 3.1", "Weakness", "Credit", "Revision history", "For machines")

		forms := map[string]bool{}
		for _, m := range download.FindAllStringSubmatch(page.Body.String(), -1) {
			file := s.get(t, m[1])
			if file.Code != http.StatusOK || file.Header().Get("Access-Control-Allow-Origin") != "*" || file.Header().Get("Content-Type") != "application/json" ||
				file.Header().Get("Cache-Control") != "public, max-age=300" {
				t.Errorf("%s: %d %v", m[1], file.Code, file.Header())
			}
			report := all.Check(m[2], file.Body.Bytes())
			if !report.Valid {
				t.Errorf("%s: %+v", m[1], report.Findings)
			}
			forms[report.Format] = true
			if strings.Contains(m[1], "/csaf/") { // its canonical URL is where it was found; only https is missing here
				says(t, file, http.StatusOK, `"url": "http://tocsin.test`+m[1]+`"`, `"category": "self"`)
			}
			sum := sha256.Sum256(file.Body.Bytes())
			says(t, page, http.StatusOK, "sha256:"+hex.EncodeToString(sum[:]))
			notAgain(t, s, m[1], file.Header())
		}
		if len(forms) != len(all.Formats) {
			t.Errorf("the forms are %v, want %d", forms, len(all.Formats))
		}
		notAgain(t, s, "/advisories/"+name, page.Header())
	})
}

// inOrder fails unless the texts follow each other.
func inOrder(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		_, after, ok := strings.Cut(page, text)
		if !ok {
			t.Fatalf("%q does not follow what stands before it", text)
		}
		page = after
	}
}

// notAgain asks once more for what is known already.
func notAgain(t *testing.T, s *site, path string, had http.Header) {
	t.Helper()
	if w := s.get(t, path, "If-None-Match", had.Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("%s by its ETag: %d, %d bytes", path, w.Code, w.Body.Len())
	}
	if at := had.Get("Last-Modified"); at != "" {
		if w := s.get(t, path, "If-Modified-Since", at); w.Code != http.StatusNotModified {
			t.Errorf("%s by its time: %d", path, w.Code)
		}
	}
	small := s.get(t, path, "Accept-Encoding", "br, gzip")
	if small.Header().Get("Content-Encoding") != "gzip" || small.Header().Get("ETag") == had.Get("ETag") {
		t.Fatalf("%s compressed: %v", path, small.Header())
	}
	z, err := gzip.NewReader(small.Body)
	check(t, "gzip", err)
	whole, err := io.ReadAll(z)
	check(t, "gzip", err)
	if string(whole) != s.get(t, path).Body.String() {
		t.Errorf("%s compressed is another", path)
	}
}

type atom struct {
	XMLName xml.Name  `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string    `xml:"id"`
	Updated time.Time `xml:"updated"`
	Entries []struct {
		ID    string `xml:"id"`
		Title string `xml:"title"`
		Links []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func TestTheFeedLeadsToPagesAndForms(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w, s := staff(t, h), open(h)
	var empty, full atom
	check(t, "empty feed", xml.Unmarshal(s.get(t, "/advisories/feed.atom").Body.Bytes(), &empty))
	if len(empty.Entries) != 0 || empty.Updated.IsZero() {
		t.Errorf("the empty feed is %+v", empty)
	}
	w.advisoryFrom(t, h, "The first", 1)
	name := w.advisoryFrom(t, h, "The second & last", 2)
	feed := s.get(t, "/advisories/feed.atom")
	if have := feed.Header().Get("Content-Type"); have != "application/atom+xml; charset=utf-8" {
		t.Errorf("the feed is %s", have)
	}
	check(t, "feed", xml.Unmarshal(feed.Body.Bytes(), &full))
	if len(full.Entries) != 2 || full.Entries[0].Title != "The second & last" || full.Entries[0].ID != "http://tocsin.test/advisories/"+name || full.ID != "http://tocsin.test/advisories/feed.atom" {
		t.Fatalf("the feed is %+v", full)
	}
	for _, l := range full.Entries[0].Links {
		says(t, s.get(t, strings.TrimPrefix(l.Href, "http://tocsin.test")), http.StatusOK)
	}
	notAgain(t, s, "/advisories/feed.atom", feed.Header())
}

func TestWithdrawnAdvisoriesSaySo(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w, s := staff(t, h), open(h)
		name := w.advisoryFrom(t, h, "It was nothing", 1)
		page := s.get(t, "/advisories/"+name)
		h.Pass(48 * time.Hour)
		check(t, "withdraw", h.Advisories.Move(w.max, ref.ID(strings.ToUpper(name)), "advisory.withdraw", 0, "It was nothing."))
		if again := s.get(t, "/advisories/"+name, "If-None-Match", page.Header().Get("ETag")); again.Code != http.StatusOK {
			t.Errorf("who has the page is told that nothing changed: %d", again.Code)
		}
		says(t, s.get(t, "/advisories/"+name), http.StatusOK, "This advisory was withdrawn on 25 Nov 2026.")
		says(t, s.get(t, "/advisories"), http.StatusOK, "Withdrawn")
		says(t, s.get(t, "/advisories/"+name+"/osv/x_"+name+".json"), http.StatusOK, `"withdrawn": "2026-11-25T`)
		says(t, s.get(t, "/advisories/feed.atom"), http.StatusOK, "This advisory is withdrawn.")
		if strings.Contains(s.get(t, "/portal").Body.String(), "It was nothing") {
			t.Error("the first page still shows it")
		}
	})
}

func TestTheListComesInPages(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w, s := staff(t, h), open(h)
	says(t, s.get(t, "/advisories"), http.StatusOK, "Nothing is published yet")
	const n = 30
	for i := range n {
		w.advisoryFrom(t, h, fmt.Sprintf("Weakness number %d.", i), i)
	}
	var seen []string
	for path := "/advisories"; path != ""; {
		page := s.get(t, path)
		says(t, page, http.StatusOK)
		for _, m := range regexp.MustCompile(`Weakness number (\d+)\.`).FindAllStringSubmatch(page.Body.String(), -1) {
			seen = append(seen, m[1])
		}
		m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page.Body.String())
		if path = ""; m != nil {
			path = m[1]
		}
	}
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint(n-1-i))
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %v, want the newest first", seen)
	}
	says(t, s.get(t, "/advisories?after=nonsense"), http.StatusUnprocessableEntity, "This page marker does not belong to this list")
}

func TestSecurityTxt(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w, s := staff(t, h), open(h)
	text := s.get(t, "/.well-known/security.txt")
	says(t, text, http.StatusOK, "Contact: http://tocsin.test/portal/report\n", "Expires: 2027-05-23T00:00:00Z\n", "Canonical: http://tocsin.test/.well-known/security.txt\n",
		"Policy: https://about.gitlab.com/security/disclosure/\n", "Preferred-Languages: en\n")
	if have := text.Header().Get("Content-Type"); have != "text/plain; charset=utf-8" {
		t.Errorf("it is %s", have)
	}
	if strings.Contains(text.Body.String(), "Acknowledgments") {
		t.Error("it speaks of thanks before there are any")
	}
	w.advisoryFrom(t, h, "Somebody is thanked", 1)
	says(t, s.get(t, "/.well-known/security.txt"), http.StatusOK, "Acknowledgments: http://tocsin.test/advisories\n")
}

// TestOutsider walks every address of the portal as somebody outside a record under
// embargo: nothing of it is in any byte, and each address of it is one that is not
// there. A world without the record answers the same.
func TestOutsider(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w, s := staff(t, h), open(h)
		public := w.advisoryFrom(t, h, "What everybody may know", 1)
		before := walk(t, s, public)

		link, id := s.report(t, marked())
		s.cookies = map[string]string{}
		c := w.accepted(t, h, id, intakeOpening())
		adv := w.drafted(t, h, c, "CVE-1900-4711")
		check(t, "secret product", h.Products.Save(w.ana, product.Product{Name: "hidden", Title: "ZEBRAFISH product", Public: false}))
		name := strings.ToLower(string(adv))
		after := walk(t, s, public)
		for path, body := range after {
			if body != before[path] {
				t.Errorf("%s changed with a record that nobody may know of", path)
			}
			for _, bad := range []string{"ZEBRAFISH", string(id), string(c), name, string(adv), "CVE-1900-4711", strings.TrimPrefix(link, "/portal/r/")} {
				if strings.Contains(body, bad) {
					t.Errorf("%s holds %q", path, bad)
				}
			}
		}
		for _, path := range addresses(name, string(id), "file-0000000000000000") {
			if strings.Contains(path, name) || strings.Contains(path, string(id)) {
				says(t, s.get(t, path), http.StatusNotFound)
			}
		}
		says(t, s.get(t, "/advisories/"+name+"/csaf/"+name+".json"), http.StatusNotFound)
		says(t, s.post(t, "/portal/r/"+string(id)+"/reply", map[string][]string{"text": {"x"}}), http.StatusNotFound)
		if _, err := h.Advisories.Published(t.Context(), name); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the draft is %v", err)
		}
		w.published(t, h, c, adv)
		says(t, s.get(t, "/advisories/"+name), http.StatusOK, "ZEBRAFISH")
	})
}

// addresses are all that can be read, with what stands for a name, a report and a file.
func addresses(name, key, file string) (out []string) {
	for _, route := range portal.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == http.MethodGet {
			out = append(out, strings.NewReplacer("{name}", name, "{key}", key, "{id}", file, "{form}", "csaf", "{file}", name+".json").Replace(path))
		}
	}
	return out
}

// walk reads every address; the key of a form and other words made by chance are left out.
func walk(t *testing.T, s *site, name string) map[string]string {
	t.Helper()
	chance := regexp.MustCompile(`name="key" value="[^"]+"`)
	out := map[string]string{}
	for _, path := range addresses(name, string(ref.New("report")), "file-0000000000000000") {
		w := s.get(t, path)
		out[regexp.MustCompile(`REPORT-\w+`).ReplaceAllString(path, "REPORT")] = fmt.Sprint(w.Code, w.Header().Get("ETag"), chance.ReplaceAllString(w.Body.String(), ""))
	}
	return out
}
