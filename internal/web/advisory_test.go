package web_test

import (
	"context"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// toRelease walks a case by the operations until its release may be recorded, and
// returns it with the advisory drafted from it.
func toRelease(t *testing.T, h *rig.House, ana, eve, max, rel context.Context) (id, adv ref.ID) {
	t.Helper()
	check(t, "product", h.Products.Save(ana, product.Product{Name: "gateway", Title: "Gateway", Lines: []product.Line{{Name: "18.7", Supported: true}}}))
	id, err := h.Cases.Open(ana, casework.Opening{Title: "Export can be read by others", Summary: "A member of a sibling group reads the export.", Product: "gateway", Component: "export", CWE: "CWE-863", Severity: "high"})
	check(t, "open", err)
	done, high, cve := map[string]bool{}, "high", "CVE-1900-0001"
	for _, c := range h.Rules.Completeness {
		done[c.Name] = true
	}
	check(t, "triage", h.Cases.Edit(ana, id, casework.Patch{Complete: done, Provisional: &high, CVE: &cve}))
	check(t, "assign", h.Cases.Assign(ana, id, "person-eve"))
	check(t, "assess", h.Cases.Move(ana, id, "case.assess", casework.Step{}))
	var envs []casework.Environment
	for _, e := range h.Rules.Environments {
		envs = append(envs, casework.Environment{Name: e.Name, Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}})
	}
	check(t, "assessment", h.Cases.Edit(eve, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced", Steps: "as reported"}, Environments: envs, Stride: &[]string{"information-disclosure"}}))
	check(t, "score", h.Cases.Score(eve, id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"))
	for _, who := range []context.Context{ana, max} {
		check(t, "vote", h.Cases.Vote(who, id, true, ""))
	}
	check(t, "confirm", h.Cases.Move(eve, id, "case.confirm", casework.Step{}))
	check(t, "fix", h.Cases.Fixed(rel, id, casework.Fix{Line: "18.7", State: "ready", Link: "https://code.example/1", Fixed: "18.7.2"}))
	check(t, "submit", h.Cases.Move(eve, id, "case.submit", casework.Step{}))
	check(t, "validation", h.Cases.Edit(eve, id, casework.Patch{Validation: &casework.Validation{Verdict: "adequate", Reconfirmed: "yes"}}))
	check(t, "validate", h.Cases.Move(eve, id, "case.validate", casework.Step{}))
	check(t, "release data", h.Cases.Edit(ana, id, casework.Patch{Release: &casework.Release{Date: h.Clock(), Versions: []string{"18.7.2"}}}))
	adv, err = h.Advisories.Draft(ana, id)
	check(t, "draft", err)
	return id, adv
}

var (
	fieldTag  = regexp.MustCompile(`(?s)<(input|textarea|select)\b([^>]*)>`)
	attribute = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
	chosen    = regexp.MustCompile(`<option value="([^"]*)" selected`)
)

// fields reads what a form on a page would send, as a browser does.
func fields(page, action string) url.Values {
	_, form, _ := strings.Cut(page, `action="`+action+`"`)
	form, _, _ = strings.Cut(form, "</form>")
	out := url.Values{}
	for _, at := range fieldTag.FindAllStringSubmatchIndex(form, -1) {
		tag, a := form[at[2]:at[3]], map[string]string{}
		_, ticked := a["checked"]
		for _, m := range attribute.FindAllStringSubmatch(form[at[4]:at[5]], -1) {
			a[m[1]] = html.UnescapeString(m[2])
			ticked = ticked || m[1] == "checked"
		}
		rest := form[at[1]:]
		switch {
		case a["name"] == "", (a["type"] == "checkbox" || a["type"] == "radio") && !ticked:
			continue
		case tag == "textarea":
			text, _, _ := strings.Cut(rest, "</textarea>")
			a["value"] = html.UnescapeString(text)
		case tag == "select":
			list, _, _ := strings.Cut(rest, "</select>")
			a["value"] = ""
			if m := chosen.FindStringSubmatch(list); m != nil {
				a["value"] = html.UnescapeString(m[1])
			}
		}
		out.Add(a["name"], a["value"])
	}
	return out
}

// sendForm sends a form with some fields changed: pairs of a name and a value.
func (b *browser) sendForm(page, action string, changes ...string) reply {
	b.t.Helper()
	f := fields(page, action)
	for i := 0; i < len(changes); i += 2 {
		f.Set(changes[i], changes[i+1])
	}
	var pairs []string
	for name, values := range f {
		for _, v := range values {
			pairs = append(pairs, name, v)
		}
	}
	return b.post(action, pairs...)
}

func TestAnAdvisoryIsEditedApprovedAndPublishedByForms(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, max, rel := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager"), h.As(t, "rel", "release-manager")
		id, adv := toRelease(t, h, ana, eve, max, rel)
		s, to := open(t, h), "/advisory/"+string(adv)
		a, e, edit := s.as(ana), s.as(eve), to+"/edit"

		a.get("/advisory").is(t, 200, "Export can be read by others", string(adv), "Draft")
		a.get(to).is(t, 200, "Your turn: submit for review", "valid in every form", "17.2", "CWE-863")

		// Saving what the editor shows changes nothing: the form loses no field.
		full, err := h.Advisories.Get(ana, adv)
		check(t, "get", err)
		a.sendForm(a.get(edit).is(t, 200).body, edit, "do", "save").leads(t, edit)
		same, err := h.Advisories.Get(ana, adv)
		check(t, "get", err)
		if same.Hash != full.Hash {
			t.Error("saving the form as it was changed the content")
		}

		// Rows come and go without saving; what was typed stays, and so do errors.
		page := a.sendForm(a.get(edit).body, edit, "do", "add:products", "title", "Typed and not saved").is(t, 200, "Typed and not saved", `name="products.3.name"`).body
		page = a.sendForm(page, edit, "do", "drop:products.3").is(t, 200, "Typed and not saved").body
		if strings.Contains(page, `name="products.3.name"`) {
			t.Error("the row that was taken away is still there")
		}
		bad := a.sendForm(page, edit, "do", "save", "vulns.0.affected.0.ranges", "from the beginning", "vulns.0.cve", "CVE-1", "vulns.0.cwes", "CWE-863, CWE-0").
			is(t, 422, "Typed and not saved", "from the beginning&#34; is no range of versions", "CWE-0&#34; is no weakness", `href="#f-vulns.0.affected.0.ranges"`)
		a.sendForm(bad.body, edit, "do", "save", "vulns.0.affected.0.ranges", ">= 18.0, < 17.0").is(t, 422, "no version is in it")
		a.sendForm(bad.body, edit, "do", "save", "vulns.0.affected.0.ranges", ">= 16.9, < 18.7.2", "vulns.0.cwes", "CWE-863").is(t, 422, "is no CVE ID")
		a.sendForm(bad.body, edit, "do", "leave", "vulns.0.affected.0.ranges", ">= 16.9, < 18.7.2\r\n>= 18.8, < 18.8.1", "vulns.0.cwes", "863", "vulns.0.cve", "cve-1900-0001").leads(t, to)
		a.get(to).is(t, 200, "Typed and not saved", "&gt;= 16.9, &lt; 18.7.2", "&gt;= 18.8, &lt; 18.8.1")

		// Who is slower keeps the text and hears of the other's change.
		a.sendForm(page, edit, "do", "save", "title", "Slower").is(t, 409, "changed meanwhile", `value="Slower"`)

		submit := to + "/do/advisory.submit"
		a.sendForm(a.get(to).body, submit, "version", version(t, a.get(to).body, submit)).leads(t, to)
		a.get(to).is(t, 200, "Somebody who did not write it", "Next: approve")
		approve := to + "/do/advisory.approve"
		e.get(approve).is(t, 200, "exactly the content of now", to+"/forms", "SHA-256 <code>")
		e.post(approve, "version", version(t, e.get(to).body, approve)).leads(t, to)
		a.get(to).is(t, 200, "counts", "Next: publish", "The release of the fix, recorded on the case")
		check(t, "release", h.Cases.Move(rel, id, "case.release", casework.Step{}))

		// A change of the content makes the approval stale, and nothing goes out.
		a.sendForm(a.get(edit).body, edit, "do", "save", "summary", "Changed after the approval.").leads(t, edit)
		if changed, err := h.Advisories.Get(ana, adv); err != nil || changed.Document.Vulns[0].Description != "Changed after the approval." {
			t.Errorf("the description still says what the summary said: %q, %v", changed.Document.Vulns[0].Description, err)
		}
		a.sendForm(a.get(edit).body, edit, "do", "save", "notes.0.title", "Sum\u202emary").is(t, 422, "U+202E")
		a.get(to).is(t, 200, "stale: the content changed", "An approval of exactly this content")
		publish := to + "/do/advisory.publish"
		a.sendForm(a.get(publish).is(t, 200, "Exactly this goes out").body, publish, "confirm", "yes").is(t, 422, "an approval of exactly this content")
		a.get(to+"/do/advisory.return").is(t, 200, "Reason")
		a.sendForm(a.get(to+"/do/advisory.return").body, to+"/do/advisory.return").is(t, 422, "wants a reason")
		a.sendForm(a.get(to+"/do/advisory.return").body, to+"/do/advisory.return", "reason", "the summary changed").leads(t, to)
		a.post(submit, "version", version(t, a.get(to).body, submit)).leads(t, to)
		e.get(approve).is(t, 200, "exactly the content of now", to+"/forms", "SHA-256 <code>")
		e.post(approve, "version", version(t, e.get(to).body, approve)).leads(t, to)

		page = a.get(publish).is(t, 200, "Exactly this goes out", "CSAF 2.0", "CVE-1900-0001.json", "The reporter is told.", "Changed after the approval.").body
		a.sendForm(page, publish).is(t, 422, "nothing goes out by accident")
		if _, err := h.Advisories.Published(t.Context(), full.Name); err == nil {
			t.Fatal("it is out without a word of agreement")
		}
		a.sendForm(page, publish, "confirm", "yes").leads(t, to)
		a.get(to).is(t, 200, "Published: revision 1", "counts")
		out, err := h.Advisories.Published(t.Context(), full.Name)
		check(t, "published", err)
		if out.Document.Summary != "Changed after the approval." || out.Document.Vulns[0].Affected[0].Ranges[0].Introduced != "16.9" {
			t.Errorf("out is %+v", out.Document)
		}
		a.get(edit).is(t, 409, "begin a new revision")

		// What is downloaded is what was shown, and of every form.
		for _, path := range []string{"csaf-2.0/" + full.Name + ".json", "cve-5/CVE-1900-0001.json", "openvex-0.2/" + full.Name + ".openvex.json"} {
			file := a.get(to+"/forms/"+path).is(t, 200)
			if !json.Valid([]byte(file.body)) || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("%s is handed out as %s: %.80s", path, file.header.Get("Content-Disposition"), file.body)
			}
		}
		a.get(to+"/forms").is(t, 200, "As they are out.", "SHA-256", "OpenVEX")
		a.get(to+"/forms?form=nothing").is(t, 404)

		// A new revision says what it changes, field by field.
		revise := to + "/do/advisory.revise"
		a.sendForm(a.get(revise).body, revise, "reason", "more versions").leads(t, to)
		a.sendForm(a.get(edit).body, edit, "do", "save", "title", "A better title").leads(t, edit)
		a.get(to+"/changes").is(t, 200, "Against revision 1", "<del>Typed and not saved</del>", "<ins>A better title</ins>")
		full, err = h.Advisories.Get(ana, adv)
		check(t, "get", err)
		approved := full.Approvals[0].Hash
		history := a.get(to+"/history").is(t, 200, "published it", "began a new revision", "more versions", "approved exactly this content", approved[:12])
		if strings.Contains(history.body, approved) || strings.Contains(history.body, "approvals ") {
			t.Error("the history says an approval as the store holds it")
		}
	})
}

// version is the version that a button on the page speaks of.
func version(t *testing.T, page, action string) string {
	t.Helper()
	_, form, found := strings.Cut(page, `action="`+action+`"`)
	_, value, ok := strings.Cut(form, `name="version" value="`)
	if value, _, _ = strings.Cut(value, `"`); found && ok {
		return value
	}
	t.Fatalf("no button %s: %s", action, text(page))
	return ""
}

func TestFindingsLeadToTheirFields(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana, eve, max, rel := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager"), h.As(t, "rel", "release-manager")
	_, adv := toRelease(t, h, ana, eve, max, rel)
	full, err := h.Advisories.Get(ana, adv)
	check(t, "get", err)
	d := full.Document
	d.Vulns[0].Title, d.Vulns[0].Description, d.Vulns[0].Affected = "", "", nil
	check(t, "edit", h.Advisories.Edit(ana, adv, 0, d, ""))
	s, to := open(t, h), "/advisory/"+string(adv)
	s.as(ana).get(to).is(t, 200, "not valid yet", `href="`+to+`/edit#f-vulns.0.`, "mend it")
	s.as(rel).get(to).is(t, 200, "not valid yet")
	if page := s.as(rel).get(to); strings.Contains(page.body, "mend it") {
		t.Error("somebody who may not edit is led to the editor")
	}
}

func TestStatementsOfTheOtherPages(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana, eve, max, rel := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager", "admin"), h.As(t, "rel", "release-manager")
	_, adv := toRelease(t, h, ana, eve, max, rel)
	s, n := open(t, h), atomic.Int32{}
	b, to := s.as(max), "/advisory/"+string(adv)
	b.get("/account").is(t, 200)
	h.DB.Watch = func(string) { n.Add(1) }
	defer func() { h.DB.Watch = nil }()
	for _, path := range []string{"/", "/advisory", to, to + "/edit", to + "/forms", to + "/changes", to + "/history", to + "/do/advisory.submit", "/people", "/people/new", "/people/person-ana", "/people/roles",
		"/teams", "/teams/new", "/tokens", "/products", "/products/gateway", "/products/_new", "/profile", "/profile/lifecycles", "/profile/time", "/profile/words", "/profile/grants", "/profile/risk",
		"/jobs", "/outbox", "/audit", "/notices", "/search?q=export"} {
		n.Store(0)
		b.get(path).is(t, 200)
		if have := n.Load(); have > most {
			t.Errorf("%s costs %d statements, want at most %d", path, have, most)
		}
	}
}

func TestAdvisoriesAreNotThereForThoseOutside(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, max, rel := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager"), h.As(t, "rel", "release-manager")
		_, adv := toRelease(t, h, ana, eve, max, rel)
		gus := open(t, h).as(h.As(t, "gus", "analyst", "guest"))
		to := "/advisory/" + string(adv)
		nothing := gus.get("/advisory/ADV-00000000").is(t, 404).body
		for _, path := range []string{to, to + "/edit", to + "/forms", to + "/forms/csaf-2.0/x.json", to + "/changes", to + "/history", to + "/do/advisory.publish"} {
			if have := gus.get(path).is(t, 404); have.body != nothing {
				t.Errorf("%s tells that there is something", path)
			}
		}
		for _, path := range []string{"/", "/advisory", "/search?q=export", "/notices"} {
			if have := gus.get(path).is(t, 200); strings.Contains(have.body, "Export can be read") {
				t.Errorf("%s shows it", path)
			}
		}
		gus.get("/search?q="+strings.ToLower(string(adv))).leads(t, to)
	})
}
