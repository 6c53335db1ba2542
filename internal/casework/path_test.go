package casework_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/product"
	"tocsin/internal/rig"
)

func ptr[T any](x T) *T { return &x }

// check fails the test with what was tried.
func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// lacks asserts that a move is refused for exactly the words.
func lacks(t *testing.T, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, fault.Missing) {
		t.Fatalf("have %v, want a refusal that lists %v", err, words)
	}
	var have []string
	for _, n := range fault.Of(err).Needs {
		have = append(have, n.Word)
		if n.Says == "" || !strings.HasPrefix(n.Link, "#") {
			t.Errorf("need %s has sentence %q and link %q", n.Word, n.Says, n.Link)
		}
	}
	if !slices.Equal(have, words) {
		t.Errorf("lacks %v, want %v", have, words)
	}
}

// TestAReportBecomesAPublishedAdvisory walks the whole path by the operations,
// with every refusal on the way.
func TestAReportBecomesAPublishedAdvisory(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, max := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "max", "manager")
		bob, rel := h.As(t, "bob", "engineer"), h.As(t, "rel", "release-manager")
		check(t, "product", h.Products.Save(ana, product.Product{Name: "gateway", Title: "Gateway", Public: true, Lines: []product.Line{{Name: "18.7", Supported: true}, {Name: "18.6", Supported: true}, {Name: "17.0"}}}))

		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Export can be read by others", Product: "gateway", Summary: "A member of a sibling group reads the export.",
			Steps: "1. export 2. read", Severity: "high", Contact: "owl@example.org", Credit: "named", CreditName: "Night Owl"})
		check(t, "submit", err)
		id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Component: "export", CWE: "CWE-863"}})
		check(t, "accept", err)

		lacks(t, h.Cases.Move(ana, id, "case.assess", casework.Step{}), "complete", "provisional-severity", "owner")
		done := map[string]bool{}
		for _, c := range h.Rules.Completeness {
			done[c.Name] = true
		}
		check(t, "triage", h.Cases.Edit(ana, id, casework.Patch{Complete: done, Provisional: ptr("high")}))
		check(t, "assign", h.Cases.Assign(ana, id, "person-eve"))
		check(t, "assess", h.Cases.Move(ana, id, "case.assess", casework.Step{}))

		lacks(t, h.Cases.Move(eve, id, "case.confirm", casework.Step{}), "reproduced", "environments", "scored", "stride", "votes")
		envs := []casework.Environment{
			{Name: "self-managed", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}},
			{Name: "gitlab-com", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.8"}}},
			{Name: "dedicated", Verdict: "not_affected", Reason: "The export service is not there."}}
		check(t, "edit", h.Cases.Edit(eve, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced", Steps: "as reported"},
			Environments: envs, Stride: ptr([]string{"information-disclosure"})}))
		check(t, "score", h.Cases.Score(eve, id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"))
		if err := h.Cases.Vote(eve, id, true, ""); !errors.Is(err, fault.Forbidden) {
			t.Errorf("the scorer voted: %v", err)
		}
		check(t, "vote", h.Cases.Vote(bob, id, true, ""))
		lacks(t, h.Cases.Move(eve, id, "case.confirm", casework.Step{}), "votes")
		check(t, "vote", h.Cases.Vote(max, id, true, ""))
		check(t, "confirm", h.Cases.Move(eve, id, "case.confirm", casework.Step{}))

		lacks(t, h.Cases.Move(eve, id, "case.submit", casework.Step{}), "fixes")
		for _, line := range []string{"18.7", "18.6"} {
			check(t, "fix", h.Cases.Fixed(rel, id, casework.Fix{Line: line, State: "ready", Link: "https://code.example/1", Fixed: line + ".2"}))
		}
		check(t, "submit", h.Cases.Move(eve, id, "case.submit", casework.Step{}))
		check(t, "inadequate", h.Cases.Move(eve, id, "case.inadequate", casework.Step{Reason: "the second path is open"}))
		check(t, "submit again", h.Cases.Move(eve, id, "case.submit", casework.Step{}))
		lacks(t, h.Cases.Move(eve, id, "case.validate", casework.Step{}), "verdict", "reconfirmed")
		check(t, "validation", h.Cases.Edit(eve, id, casework.Patch{Validation: &casework.Validation{Verdict: "adequate", Reconfirmed: "yes"}}))
		check(t, "validate", h.Cases.Move(eve, id, "case.validate", casework.Step{}))

		lacks(t, h.Cases.Move(rel, id, "case.release", casework.Step{}), "release-date", "release-versions", "advisory-approved")
		check(t, "release data", h.Cases.Edit(ana, id, casework.Patch{Release: &casework.Release{Date: h.Clock(), Versions: []string{"18.7.2", "18.6.2"}}, CVE: ptr("CVE-1900-0001")}))
		adv, err := h.Advisories.Draft(ana, id)
		check(t, "draft", err)
		full, err := h.Advisories.Get(ana, adv)
		check(t, "advisory", err)
		for _, f := range full.Findings {
			if f.Level == advisory.Error {
				t.Errorf("finding: %+v", f)
			}
		}
		check(t, "advisory.submit", h.Advisories.Move(ana, adv, "advisory.submit", 0, ""))
		lacks(t, h.Advisories.Move(ana, adv, "advisory.approve", 0, ""), "second-person")
		check(t, "advisory.approve", h.Advisories.Move(eve, adv, "advisory.approve", 0, ""))
		lacks(t, h.Advisories.Move(ana, adv, "advisory.publish", 0, ""), "released")
		check(t, "release", h.Cases.Move(rel, id, "case.release", casework.Step{}))

		changed := full.Document
		changed.Summary = "Changed after the approval."
		check(t, "edit", h.Advisories.Edit(ana, adv, 0, changed, ""))
		lacks(t, h.Advisories.Move(ana, adv, "advisory.publish", 0, ""), "approval-current")
		check(t, "return", h.Advisories.Move(ana, adv, "advisory.return", 0, "changed"))
		check(t, "submit", h.Advisories.Move(ana, adv, "advisory.submit", 0, ""))
		check(t, "approve", h.Advisories.Move(eve, adv, "advisory.approve", 0, ""))
		check(t, "publish", h.Advisories.Move(ana, adv, "advisory.publish", 0, ""))

		lacks(t, h.Cases.Move(ana, id, "case.close", casework.Step{}), "reporter-told")
		check(t, "message", h.Cases.Message(ana, id, "It is out. Thank you."))
		check(t, "close", h.Cases.Move(ana, id, "case.close", casework.Step{}))

		c, err := h.Cases.Get(max, id)
		check(t, "get", err)
		if !c.Closed || c.Loops != 1 || c.Severity != "high" || c.Score != 7.7 || c.Profile != h.Rules.Version {
			t.Errorf("closed %v, loops %d, severity %s %v, profile %s", c.Closed, c.Loops, c.Severity, c.Score, c.Profile)
		}
		pub, err := h.Advisories.Published(t.Context(), full.Name)
		check(t, "published", err)
		if pub.Document.Status != advisory.Final || pub.Document.Version != "1" || pub.Document.Summary != changed.Summary {
			t.Errorf("published %+v", pub.Document)
		}
	})
}
