package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// check fails the test with what was tried.
func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// hostile is text that would do harm where it were not escaped.
const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&` + "`{{7*7}}`"

// row is the version of the row that a page's forms were made from.
func row(t *testing.T, page string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, `name="version" value="`)
	if !ok {
		t.Fatalf("the page has no form: %.1000s", text(page))
	}
	return after[:strings.IndexByte(after, '"')]
}

// TestTheWholePathByForms walks a report from the inbox to a closed case in the
// way of somebody without script.
func TestTheWholePathByForms(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		anaCtx := h.As(t, "ana", "analyst", "manager")
		ana, eve, bob := s.as(anaCtx), s.as(h.As(t, "eve", "engineer")), s.as(h.As(t, "bob", "engineer"))
		check(t, "product", h.Products.Save(anaCtx, product.Product{Name: "forge", Title: "Forge", Public: true, Lines: []product.Line{{Name: "18.7", Supported: true}}}))
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Export can be read", Product: "forge", Summary: "It can.", Severity: "high", Credit: "named", CreditName: "Owl"})
		check(t, "submit", err)
		at := "/inbox/" + string(got.ID)
		ana.get("/inbox").is(t, 200, "Export can be read", string(got.ID), "First response")
		ana.get(at).is(t, 200, "Decide about this report", "Accept into a case…", "Owl")
		ana.get(at+"?do=report.decline&disposition=informative").is(t, 200, "They read exactly this", `<option value="informative" selected>`)
		page := ana.get(at+"?do=report.accept").is(t, 200, "Title of the case")
		accepted := ana.post(at+"/decide", "version", row(t, page.body), "verb", "report.accept", "title", "Project export can be read", "component", "export", "cwe", "863").is(t, 303)
		to := accepted.header.Get("Location")

		ana.get(to).is(t, 200, "Project export can be read", "The report is accepted", "3 things are missing", "CWE-863 Incorrect Authorization")
		ana.post(to+"/move", "verb", "case.assess").is(t, 422, "the completeness check", "an owner")
		triage := []string{"provisional", "high", "version", "0"}
		for _, c := range h.Rules.Completeness {
			triage = append(triage, "complete", c.Name)
		}
		ana.post(to+"/triage", triage...).leads(t, to+"#triage")
		ana.post(to+"/people", "owner", "person-eve", "side", "assessment").leads(t, to+"#people")
		ana.post(to+"/move", "verb", "case.assess").leads(t, to)

		eve.get(to).is(t, 200, "Your turn: confirm the vulnerability")
		eve.post(to+"/reproduction", "reproduction.verdict", "reproduced", "reproduction.steps", "as reported").leads(t, to+"#reproduction")
		eve.post(to+"/environments", "environments.0.verdict", "affected", "environments.0.ranges", "18.7 < 18.6", "environments.1.verdict", "not_affected").
			is(t, 422, "reads as no range of versions", "18.7 &lt; 18.6")
		eve.post(to+"/environments", "environments.0.verdict", "affected", "environments.0.ranges", ">= 17.2, < 18.7.2", "environments.2.verdict", "not_affected").
			is(t, 422, `id="f-environments.2.reason-error"`, "say why it is not affected there")
		eve.post(to+"/environments", "environments.0.verdict", "affected", "environments.0.ranges", ">= 17.2, < 18.7.2", "environments.1.verdict", "affected", "environments.1.ranges", "< 18.8",
			"environments.2.verdict", "not_affected", "environments.2.justification", "component_not_present").leads(t, to+"#environments")
		eve.get(to+"?edit=weakness&cwe=cross-site+scripting").is(t, 200, "CWE-79 ", `name="pick"`)
		eve.post(to+"/weakness", "cwe", "export", "pick", "CWE-863", "stride", "information-disclosure").leads(t, to+"#weakness")
		eve.post(to+"/score", "cvss31", "CVSS:3.1/AV:N", "cvss31.was", "").is(t, 422, `id="f-cvss31-says"`)
		radios := []string{"cvss31", "", "cvss31.was", ""}
		for _, m := range []string{"AV:N", "AC:L", "PR:L", "UI:N", "S:C", "C:H", "I:N", "A:N"} {
			k, v, _ := strings.Cut(m, ":")
			radios = append(radios, "cvss31."+k, v)
		}
		eve.post(to+"/score", radios...).leads(t, to+"#score")
		eve.get(to).is(t, 200, "7.7", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "2 more votes")
		for _, b := range []*browser{ana, bob} {
			b.post(to+"/votes", "agrees", "yes").leads(t, to+"#votes")
		}
		eve.post(to+"/move", "verb", "case.confirm").leads(t, to)

		eve.post(to+"/fixes", "line", "18.7", "state", "ready", "link", "javascript:alert(1)").is(t, 422, "must be an address that starts with https://")
		eve.post(to+"/fixes", "line", "18.7", "state", "ready", "link", "https://code.example/1", "fixed", "18.7.2").leads(t, to+"/fixes#fixes")
		eve.post(to+"/move", "verb", "case.submit").leads(t, to)
		eve.get(to+"?move=case.inadequate").is(t, 200, "For those who read this later")
		eve.post(to+"/move", "verb", "case.inadequate").is(t, 422, "wants a reason")
		eve.post(to+"/validation", "validation.verdict", "adequate", "reconfirmed", "yes").leads(t, to+"/fixes#validation")
		eve.post(to+"/move", "verb", "case.validate").leads(t, to)
		ana.post(to+"/release", "release.date", "2026-11-23T09:00", "release.versions", "18.7.2").leads(t, to+"/fixes#release")
		ana.post(to+"/advisory", "no_advisory", "a hosted service alone").leads(t, to+"/advisory#advisory")
		ana.post(to+"/move", "verb", "case.release").leads(t, to)
		ana.post(to+"/messages", "out-text", "It is out. Thank you.").leads(t, to+"/messages#messages")
		ana.post(to+"/credit", "choice", "named", "name", "Owl").is(t, 422, "only with the person")
		ana.post(to+"/credit", "choice", "named", "name", "Owl", "consent", "yes").leads(t, to+"/advisory#credit")
		ana.post(to+"/move", "verb", "case.close").leads(t, to)
		ana.get(to).is(t, 200, "Nothing is left to do here")
		told := text(between(ana.get(to+"/history").is(t, 200, "moved it: Close", "provisional", "recorded a fix", "wrote to the reporter").body, `class="timeline"`, "</ol>"))
		for _, word := range []string{"message-", "said", "* or", "_"} {
			if strings.Contains(told, word) {
				t.Errorf("the history says %q, a word of the store: %s", word, told)
			}
		}
		ana.get(at).is(t, 200, "Accepted", "The work goes on in")
	})
}

// aCase opens a case and returns its address.
func aCase(t *testing.T, h *rig.House, ctx context.Context, o casework.Opening) (ref.ID, string) {
	t.Helper()
	id, err := h.Cases.Open(ctx, o)
	check(t, "open", err)
	return id, "/cases/" + string(id)
}

func TestTextFromPeopleIsEscaped(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "ana", "analyst", "manager")
		b := open(t, h).as(ctx)
		id, to := aCase(t, h, ctx, casework.Opening{Title: hostile, Summary: hostile, Product: hostile, Component: hostile})
		_, err := h.Cases.Note(ctx, id, hostile)
		check(t, "note", err)
		check(t, "label", h.Cases.SetLabel(ctx, id, "blocked", true, hostile))
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: hostile, Product: hostile, Component: hostile, Summary: hostile, Steps: hostile, Impact: hostile, Versions: hostile, Name: hostile, CreditName: hostile})
		check(t, "submit", err)
		for _, path := range []string{"/cases", "/cases/board", to, to + "/fixes", to + "/advisory", to + "/messages", to + "/files", to + "/clocks", to + "/record", to + "/history",
			to + "?edit=details", "/inbox", "/inbox/" + string(got.ID), "/inbox/" + string(got.ID) + "?do=report.accept", "/inbox/" + string(got.ID) + "/compare?with=" + string(id)} {
			page := b.get(path).is(t, 200)
			for _, harm := range []string{"<script>alert", "<img src=x", "onerror=alert(2)>", " style="} {
				if strings.Contains(page.body, harm) && !strings.Contains(page.body, "&lt;img src=x "+harm) {
					t.Errorf("%s holds %q", path, harm)
				}
			}
		}
	})
}

func TestWhoIsSlowerSeesTheOthersChange(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s, ctx := open(t, h), h.As(t, "ana", "analyst")
		ana, eve := s.as(ctx), s.as(h.As(t, "eve", "engineer"))
		_, to := aCase(t, h, ctx, casework.Opening{Title: "Export can be read"})
		seen := ana.get(to+"?edit=details").is(t, 200).body
		_, at, _ := strings.Cut(seen, `name="at" value="`)
		at = at[:strings.IndexByte(at, '"')]
		eve.post(to+"/details", "version", row(t, seen), "title", "Export can be read by a guest").leads(t, to+"/record#details")
		page := ana.post(to+"/details", "version", row(t, seen), "at", at, "title", "My own words", "summary", "A long text that must not be lost.")
		page.is(t, 409, "Meanwhile", "eve", "Export can be read by a guest", `value="My own words"`, "A long text that must not be lost.")
		ana.post(to+"/details", "version", row(t, page.body), "title", "My own words").leads(t, to+"/record#details")
	})
}

func TestWhatOneMayNotSeeIsNotThere(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s, ctx := open(t, h), h.As(t, "ana", "analyst")
		out := s.as(h.As(t, "bob", "engineer"))
		id, to := aCase(t, h, ctx, casework.Opening{Title: "Under embargo", Named: true})
		c, err := h.Files.Store(ctx, strings.NewReader("proof"))
		check(t, "store", err)
		f, err := h.Cases.Attach(ctx, id, "proof.txt", c, false)
		check(t, "attach", err)
		absent := "/cases/" + string(ref.New("case"))
		want := out.get(absent).is(t, 404).body
		for _, path := range []string{to, to + "/messages", to + "/history", to + "/files/" + string(f.ID), to + "?edit=score", "/inbox/" + string(ref.New("report"))} {
			if have := out.get(path).is(t, 404).body; have != want {
				t.Errorf("%s is another page than what does not exist: %s", path, text(have))
			}
		}
		for _, route := range web.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if method != "POST" || !strings.HasPrefix(path, "/cases/{id}/") {
				continue
			}
			path = strings.TrimPrefix(path, "/cases/{id}")
			hidden := out.post(to+path, "verb", "case.assess", "text", "x", "title", "x", "agrees", "yes", "reason", "x")
			missing := out.post(absent+path, "verb", "case.assess", "text", "x", "title", "x", "agrees", "yes", "reason", "x")
			if hidden.status != missing.status || strings.ReplaceAll(hidden.body, to, absent) != missing.body {
				t.Errorf("%s: a hidden case answers %d, an absent one %d", path, hidden.status, missing.status)
			}
		}
		for _, list := range []string{"/cases?state=any", "/cases/board", "/cases?q=embargo"} {
			if page := out.get(list).is(t, 200); strings.Contains(page.body, string(id)) || strings.Contains(page.body, "Under embargo") {
				t.Errorf("%s tells of the case", list)
			}
		}
	})
}

// most is how many statements a page may cost.
const most = 8

func TestStatementsOfAPage(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ctx := h.As(t, "ana", "analyst", "manager")
	var n atomic.Int64
	h.DB.Watch = func(string) { n.Add(1) }
	id, to := aCase(t, h, ctx, casework.Opening{Title: "Export can be read"})
	got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Export can be read", Product: "forge", Summary: "It can."})
	check(t, "submit", err)
	report := "/inbox/" + string(got.ID)
	for _, path := range []string{"/cases", "/cases?q=export&order=due", "/cases/board", "/cases/new", to, to + "/fixes", to + "/advisory", to + "/messages", to + "/files", to + "/clocks", to + "/record",
		to + "/history", to + "?edit=score", to + "?move=case.reject&disposition=informative", "/inbox", "/inbox/new", report, report + "?do=report.decline&disposition=informative",
		report + "/compare?with=" + string(id), "/account", "/account/codes", "/search?q=export", "/search?q=export&in=note"} {
		b := open(t, h).as(ctx) // a fresh site: nothing is remembered yet
		n.Store(0)
		b.get(path).is(t, 200)
		if have := n.Load(); have > most {
			t.Errorf("%s costs %d statements, want at most %d", path, have, most)
		}
	}
}

func TestTheCaseListIsSmall(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ctx := h.As(t, "ana", "analyst")
	b := open(t, h).as(ctx)
	words := strings.Fields("export runner wiki token group invite import path session markdown table password reset header cache")
	for i := range 60 {
		title := fmt.Sprintf("The %s of a %s can be read by whoever holds the %s of another %s", words[i%15], words[(i*7+3)%15], words[(i*4+1)%15], words[(i*11+5)%15])
		_, _ = aCase(t, h, ctx, casework.Opening{Title: title, Product: "forge", Component: words[i%15], CWE: "CWE-" + []string{"79", "863", "22", "400"}[i%4], Severity: "high"})
	}
	r := httptest.NewRequest("GET", "/cases", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	page := b.send(r).is(t, 200)
	z, err := gzip.NewReader(strings.NewReader(page.body))
	check(t, "gzip", err)
	var plain bytes.Buffer
	_, err = plain.ReadFrom(z)
	check(t, "gzip", err)
	if have := strings.Count(plain.String(), `class="lead"`); have != 50 {
		t.Errorf("%d rows, want 50", have)
	}
	if len(page.body) > 10_000 {
		t.Errorf("the list weighs %d bytes compressed, want at most 10,000", len(page.body))
	}
	t.Logf("50 rows: %d bytes, compressed %d", plain.Len(), len(page.body))
}

func TestFilesAreSavedAndNeverShown(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "ana", "analyst")
		b := open(t, h).as(ctx)
		_, to := aCase(t, h, ctx, casework.Opening{Title: "Export can be read"})
		b.post(to+"/files").is(t, 422, "no file was chosen")
		var form bytes.Buffer
		m := multipart.NewWriter(&form)
		part, err := m.CreateFormFile("files", `../../evil".html`)
		check(t, "form", err)
		fmt.Fprint(part, "<script>alert(1)</script>")
		m.Close()
		r := httptest.NewRequest("POST", to+"/files", &form)
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		b.send(r).leads(t, to+"/files#files")
		page := b.get(to+"/files").is(t, 200, "sha256:").body
		_, href, _ := strings.Cut(page, `href="`+to+`/files/`)
		href = to + "/files/" + href[:strings.IndexByte(href, '"')]
		file := b.get(href).is(t, 200, "<script>alert(1)</script>")
		for name, want := range map[string]string{"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"} {
			if have := file.header.Get(name); have != want {
				t.Errorf("%s: %q, want %q", name, have, want)
			}
		}
		if have := file.header.Get("Content-Disposition"); !strings.HasPrefix(have, "attachment; filename=") || strings.Contains(have, "..") {
			t.Errorf("Content-Disposition %q", have)
		}
	})
}

func TestTooMuchIsAnsweredWithASentence(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ctx := h.As(t, "ana", "analyst")
	b := open(t, h).as(ctx)
	_, to := aCase(t, h, ctx, casework.Opening{Title: "Export can be read"})
	b.post(to+"/details", "summary", strings.Repeat("x", web.MaxForm)).is(t, 413, "larger than the limit of 2 MiB")
	b.post(to+"/details", "title", "t", "summary", strings.Repeat("x", casework.MaxSummary+1)).is(t, 422, "summary is longer than the limit")
	if page := b.post(to+"/details", "title", "a\u202eb").is(t, 422, "bidirectional control U+202E"); strings.Contains(page.body, "needs a title") {
		t.Error("a title that is refused is said to be missing")
	}
	b.post(to+"/details", "title", "t", "detected", "soon").is(t, 422, "is no moment", `value="soon"`)
	r := httptest.NewRequest("POST", to+"/details", strings.NewReader("title=%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.send(r).is(t, 422, "cannot be read as a form")
}

func TestScoreOfAVector(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	b := open(t, h).nobody()
	b.get("/cvss?vector=CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N").is(t, 200, `"score":7.7`, `"severity":"high"`)
	b.get("/cvss?vector=CVSS:3.1/AV:N").is(t, 422, `"detail":`)
}

func TestPagesOfTheCaseList(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "ana", "analyst")
		b := open(t, h).as(ctx)
		for i := range 70 {
			h.Pass(time.Second)
			_, _ = aCase(t, h, ctx, casework.Opening{Title: "Case number " + strconv.Itoa(i)})
		}
		first := b.get("/cases").is(t, 200, "70 cases", "Case number 69").body
		_, next, ok := strings.Cut(first, `rel="next" href="`)
		if !ok {
			t.Fatal("there is no second page")
		}
		next = strings.ReplaceAll(next[:strings.IndexByte(next, '"')], "&amp;", "&")
		second := b.get(next).is(t, 200, "Case number 19", "Case number 0").body
		if strings.Contains(second, "Case number 20<") || strings.Contains(second, "Case number 69") {
			t.Error("the second page repeats rows of the first")
		}
		b.get("/cases?after=made-up").is(t, 422)
		b.get("/cases?severity=high").is(t, 200, "No case fits")
		b.get("/cases?q=%22%22").is(t, 422, "holds no word")
	})
}

func TestADemonstrationChangesItsVisitor(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	h.As(t, "ana", "analyst")
	h.As(t, "eve", "engineer")
	demo := &web.Demo{Roles: []web.DemoRole{{Role: "analyst", Title: "Analyst", Person: "person-ana"}, {Role: "engineer", Title: "Engineer", Person: "person-eve"}, {Role: "reporter", Title: "Reporter", Home: "/portal/r/x"}}}
	b := (&site{web.New(h.House, web.Options{Demo: demo}), t, h}).nobody()
	byItself := httptest.NewRequest(http.MethodGet, "/live?on=cases", nil)
	byItself.Header.Set("Sec-Fetch-Mode", "cors")
	if b.send(byItself); len(b.cookies) > 0 {
		t.Error("what a page asks for by itself signed somebody in")
	}
	b.get("/cases").leads(t, "/cases")
	b.get("/cases").is(t, 200, `value="analyst" aria-pressed="true"`)
	b.post("/demo/as", "role", "engineer", "back", "/inbox").leads(t, "/inbox")
	b.get("/cases").is(t, 200, `value="engineer" aria-pressed="true"`)
	b.post("/demo/as", "role", "reporter", "back", "//evil.example").leads(t, "/portal/r/x")
	b.post("/demo/as", "role", "king", "back", "/").is(t, 422)
	open(t, h).nobody().post("/demo/as", "role", "analyst").is(t, http.StatusNotFound)
}
