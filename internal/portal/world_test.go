package portal_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/portal"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func ptr[T any](x T) *T { return &x }

// check fails the test with what was tried.
func check(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// site is the portal over a house under test.
type site struct {
	*rig.House
	http.Handler
	cookies map[string]string
	address string
}

func open(h *rig.House) *site {
	return &site{House: h, Handler: portal.New(h.House, portal.Options{}), cookies: map[string]string{}, address: "192.0.2.7:4711"}
}

// ask sends a request as a browser of this site does, with the cookies of its path.
func (s *site) ask(t testing.TB, method, path string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://tocsin.test"+path, body)
	r.RemoteAddr = s.address
	for p, c := range s.cookies {
		if strings.HasPrefix(r.URL.Path, p) {
			r.Header.Add("Cookie", c)
		}
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		s.cookies[c.Path] = c.Name + "=" + c.Value
	}
	return w
}

func (s *site) get(t testing.TB, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return s.ask(t, http.MethodGet, path, nil, headers...)
}

// upload is a file in a form.
type upload struct {
	name string
	body []byte
}

// post sends a form with files.
func (s *site) post(t testing.TB, path string, fields url.Values, files ...upload) *httptest.ResponseRecorder {
	t.Helper()
	kind, body := form(t, fields, files...)
	return s.ask(t, http.MethodPost, path, body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
}

func form(t testing.TB, fields url.Values, files ...upload) (kind string, body *bytes.Buffer) {
	t.Helper()
	body = new(bytes.Buffer)
	m := multipart.NewWriter(body)
	for name, values := range fields {
		for _, v := range values {
			check(t, "field", m.WriteField(name, v))
		}
	}
	for _, f := range files {
		w, err := m.CreateFormFile("files", f.name)
		check(t, "file", err)
		_, err = w.Write(f.body)
		check(t, "file", err)
	}
	check(t, "form", m.Close())
	return m.FormDataContentType(), body
}

var privateLink = regexp.MustCompile(`http://tocsin\.test(/portal/r/([0-9A-Z]{32}))`)

// report sends a good report and returns the path of its private link, and its number.
func (s *site) report(t testing.TB, fields url.Values, files ...upload) (link string, id ref.ID) {
	t.Helper()
	w := s.post(t, "/portal/report", fields, files...)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, plain(w))
	}
	m := privateLink.FindStringSubmatch(w.Body.String())
	n := regexp.MustCompile(`REPORT-[0-9A-Z]{8}`).FindString(w.Body.String())
	if m == nil || n == "" {
		t.Fatalf("no link or number in: %s", plain(w))
	}
	return m[1], ref.ID(n)
}

func good() url.Values {
	return url.Values{"title": {"Exports can be read by members of another group"}, "product": {"gateway"}, "summary": {"A member of a sibling group reads every export."},
		"steps": {"1. Sign in\n2. Ask for the export of another group"}, "impact": {"Trade secrets."}, "versions": {"18.6.1"}, "cwe": {"863"}, "severity": {"high"},
		"contact": {"owl@example.org"}, "credit": {"named"}, "credit_name": {"Night Owl"}, "deadline": {"2027-03-01"}, "ai": {"assisted"}}
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// plain is what a person reads of a page, for messages of tests.
func plain(w *httptest.ResponseRecorder) string {
	text := strings.Join(strings.Fields(tags.ReplaceAllString(w.Body.String(), " ")), " ")
	return text[:min(len(text), 1500)]
}

// says fails unless every text stands on the page.
func says(t testing.TB, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d: %s", w.Code, status, plain(w))
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("the page does not say %q: %s", text, plain(w))
		}
	}
}

// team is who works in the house.
type team struct{ ana, eve, max, bob, rel context.Context }

func staff(t testing.TB, h *rig.House) team {
	all := team{h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager"), h.As(t, "bob", "engineer"), h.As(t, "rel", "release-manager")}
	check(t, "product", h.Products.Save(all.ana, product.Product{Name: "gateway", Title: "Harbor Gateway", Vendor: "Larkfield", Public: true,
		Lines: []product.Line{{Name: "18.7", Supported: true}, {Name: "18.6", Supported: true}, {Name: "17.0"}}}))
	return all
}

// drafted takes an accepted report to an approved advisory that waits for release.
func (w team) drafted(t testing.TB, h *rig.House, id ref.ID, cve string) (adv ref.ID) {
	t.Helper()
	done := map[string]bool{}
	for _, c := range h.Rules.Completeness {
		done[c.Name] = true
	}
	check(t, "triage", h.Cases.Edit(w.ana, id, casework.Patch{Complete: done, Provisional: ptr("high")}))
	check(t, "assign", h.Cases.Assign(w.ana, id, "person-eve"))
	check(t, "assess", h.Cases.Move(w.ana, id, "case.assess", casework.Step{}))
	check(t, "edit", h.Cases.Edit(w.eve, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced", Steps: "as reported"},
		Environments: []casework.Environment{
			{Name: "self-managed", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.6.2"}, {Introduced: "18.7.0", Fixed: "18.7.2"}}},
			{Name: "gitlab-com", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.8"}}},
			{Name: "dedicated", Verdict: "not_affected", Reason: "The export service is not there."}}, Stride: ptr([]string{"information-disclosure"})}))
	check(t, "score", h.Cases.Score(w.eve, id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"))
	check(t, "vote", h.Cases.Vote(w.bob, id, true, ""))
	check(t, "vote", h.Cases.Vote(w.max, id, true, ""))
	check(t, "confirm", h.Cases.Move(w.eve, id, "case.confirm", casework.Step{}))
	for _, line := range []string{"18.7", "18.6"} {
		check(t, "fix", h.Cases.Fixed(w.rel, id, casework.Fix{Line: line, State: "ready", Link: "https://code.example/1", Fixed: line + ".2"}))
	}
	check(t, "submit", h.Cases.Move(w.eve, id, "case.submit", casework.Step{}))
	check(t, "validation", h.Cases.Edit(w.eve, id, casework.Patch{Validation: &casework.Validation{Verdict: "adequate", Reconfirmed: "yes"}}))
	check(t, "validate", h.Cases.Move(w.eve, id, "case.validate", casework.Step{}))
	check(t, "release data", h.Cases.Edit(w.ana, id, casework.Patch{Release: &casework.Release{Date: h.Clock(), Versions: []string{"18.7.2", "18.6.2"}}, CVE: &cve}))
	adv, err := h.Advisories.Draft(w.ana, id)
	check(t, "draft", err)
	check(t, "advisory.submit", h.Advisories.Move(w.ana, adv, "advisory.submit", 0, ""))
	check(t, "advisory.approve", h.Advisories.Move(w.eve, adv, "advisory.approve", 0, ""))
	return adv
}

// published takes it out, and returns the name that it is published under.
func (w team) published(t testing.TB, h *rig.House, id, adv ref.ID) string {
	t.Helper()
	check(t, "release", h.Cases.Move(w.rel, id, "case.release", casework.Step{}))
	check(t, "publish", h.Advisories.Move(w.ana, adv, "advisory.publish", 0, ""))
	return strings.ToLower(string(adv))
}

func (w team) accepted(t testing.TB, h *rig.House, report ref.ID, o intake.Opening) ref.ID {
	t.Helper()
	o.Component, o.CWE = "export", "CWE-863"
	id, err := h.Reports.Decide(w.ana, report, intake.VerbAccept, intake.Decision{Opening: o})
	check(t, "accept", err)
	if o.Named {
		for _, name := range []ref.ID{"person-eve", "person-max", "person-bob", "person-rel"} {
			check(t, "share", h.Cases.Share(w.ana, id, name, ""))
		}
	}
	return id
}

// advisoryFrom publishes one advisory from a report of the title.
func (w team) advisoryFrom(t testing.TB, h *rig.House, title string, n int) string {
	t.Helper()
	got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: title, Product: "gateway", Summary: title + ". Whoever is signed in can do it.", Credit: "named", CreditName: "Night Owl"})
	check(t, "submit", err)
	id := w.accepted(t, h, got.ID, intake.Opening{})
	return w.published(t, h, id, w.drafted(t, h, id, fmt.Sprintf("CVE-1900-%04d", n)))
}

// marked is a report with a word that stands nowhere else.
func marked() url.Values {
	f := good()
	f.Set("title", "ZEBRAFISH in the title")
	f.Set("summary", "ZEBRAFISH in the summary")
	f.Set("steps", "ZEBRAFISH in the steps")
	return f
}

func intakeOpening() intake.Opening { return intake.Opening{Named: true} }
