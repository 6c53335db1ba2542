package casework_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// town is the people of the path.
type town struct{ ana, eve, bob, max context.Context }

func people(t *testing.T, h *rig.House) town {
	return town{h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "bob", "engineer"), h.As(t, "max", "manager")}
}

// inAssessment is a case that an analyst handed over.
func (w town) inAssessment(t *testing.T, h *rig.House) (ref.ID, intake.Receipt) {
	t.Helper()
	id, got := accepted(t, h, w.ana, false)
	done := map[string]bool{}
	for _, c := range h.Rules.Completeness {
		done[c.Name] = true
	}
	check(t, "triage", h.Cases.Edit(w.ana, id, casework.Patch{Complete: done, Provisional: ptr("medium"), CWE: ptr("863")}))
	check(t, "assign", h.Cases.Assign(w.ana, id, "person-eve"))
	check(t, "assess", h.Cases.Move(w.ana, id, "case.assess", casework.Step{}))
	return id, got
}

func verdicts(h *rig.House, verdict string) (out []casework.Environment) {
	for _, e := range h.Rules.Environments {
		x := casework.Environment{Name: e.Name, Verdict: verdict, Reason: "It is so."}
		if verdict == "affected" {
			x.Ranges = []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}
		}
		out = append(out, x)
	}
	return out
}

// inValidation is a case whose fix waits for a verdict.
func (w town) inValidation(t *testing.T, h *rig.House) ref.ID {
	t.Helper()
	id, _ := w.inAssessment(t, h)
	check(t, "edit", h.Cases.Edit(w.eve, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced"}, Environments: verdicts(h, "affected"), Stride: ptr([]string{"tampering"})}))
	check(t, "score", h.Cases.Score(w.eve, id, 0, vector))
	check(t, "vote", h.Cases.Vote(w.bob, id, true, ""))
	check(t, "vote", h.Cases.Vote(w.max, id, true, ""))
	check(t, "confirm", h.Cases.Move(w.eve, id, "case.confirm", casework.Step{}))
	check(t, "fix", h.Cases.Fixed(w.eve, id, casework.Fix{Line: "18.7", State: "ready", Link: "https://code.example/1", Fixed: "18.7.2"}))
	check(t, "submit", h.Cases.Move(w.eve, id, "case.submit", casework.Step{}))
	return id
}

// inRelease is a case whose fix is validated.
func (w town) inRelease(t *testing.T, h *rig.House) ref.ID {
	t.Helper()
	id := w.inValidation(t, h)
	check(t, "validation", h.Cases.Edit(w.eve, id, casework.Patch{Validation: &casework.Validation{Verdict: "adequate", Reconfirmed: "yes"}}))
	check(t, "validate", h.Cases.Move(w.eve, id, "case.validate", casework.Step{}))
	check(t, "no advisory", h.Cases.Edit(w.ana, id, casework.Patch{NoAdvisory: ptr("Nobody installs it.")}))
	return id
}

func TestAReleaseIsRecordedWhenItsDateHasCome(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := people(t, h)
		id := w.inRelease(t, h)
		out := rig.Start.AddDate(0, 0, 3)
		check(t, "plan", h.Cases.Edit(w.ana, id, casework.Patch{Release: &casework.Release{Date: out, Versions: []string{"18.7.2"}}}))
		lacks(t, h.Cases.Move(w.ana, id, "case.release", casework.Step{}), "release-date")
		h.Pass(5 * 24 * time.Hour)
		check(t, "release", h.Cases.Move(w.ana, id, "case.release", casework.Step{}))
		full, err := h.Cases.Get(w.ana, id)
		check(t, "get", err)
		events := full.Events()
		if last := events[len(events)-1]; last.Name != "released" || !last.At.Equal(out) {
			t.Errorf("the release counts as %s at %v, want %v", last.Name, last.At, out)
		}
	})
}

func TestAScoreThatChangesLateIsVotedAgain(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := people(t, h)
		id := w.inRelease(t, h)
		check(t, "release data", h.Cases.Edit(w.ana, id, casework.Patch{Release: &casework.Release{Date: h.Clock(), Versions: []string{"18.7.2"}}}))
		check(t, "score", h.Cases.Score(w.eve, id, 0, "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"))
		lacks(t, h.Cases.Move(w.ana, id, "case.release", casework.Step{}), "reconfirmed", "votes")
	})
}

func TestAMoveTakesOnlyWhatItAsksFor(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := people(t, h)
		id := w.inValidation(t, h)
		check(t, "send back with a note", h.Cases.Move(w.eve, id, "case.inadequate", casework.Step{Reason: "no", Note: "We live with it.", Verdict: "adequate", Answer: "x"}))
		full, err := h.Cases.Get(w.eve, id)
		check(t, "get", err)
		if full.Acceptance.Note != "" || full.Validation.Verdict != "" || full.Answer != "" || full.Loops != 1 {
			t.Errorf("acceptance %+v, validation %+v, answer %q, loops %d", full.Acceptance, full.Validation, full.Answer, full.Loops)
		}
		check(t, "submit", h.Cases.Move(w.eve, id, "case.submit", casework.Step{}))
		check(t, "an inadequate verdict", h.Cases.Edit(w.eve, id, casework.Patch{Validation: &casework.Validation{Verdict: "inadequate", Reconfirmed: "yes"}}))
		lacks(t, h.Cases.Move(w.eve, id, "case.validate", casework.Step{}), "verdict")
		if err := h.Cases.Move(w.eve, id, "case.accept-risk", casework.Step{Reason: "x", Note: "x"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an engineer accepts the risk: %v", err)
		}
	})
}

func TestConfirmingWantsSomethingAffectedAndNothingOpen(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := people(t, h)
		id, _ := w.inAssessment(t, h)
		check(t, "edit", h.Cases.Edit(w.eve, id, casework.Patch{Reproduction: &casework.Reproduction{Verdict: "reproduced"}, Environments: verdicts(h, "not_affected"), Stride: ptr([]string{"tampering"})}))
		check(t, "score", h.Cases.Score(w.eve, id, 0, vector))
		check(t, "vote", h.Cases.Vote(w.bob, id, true, ""))
		check(t, "vote", h.Cases.Vote(w.max, id, true, ""))
		lacks(t, h.Cases.Move(w.eve, id, "case.confirm", casework.Step{}), "versions")
		check(t, "edit", h.Cases.Edit(w.eve, id, casework.Patch{Environments: verdicts(h, "under_investigation")}))
		lacks(t, h.Cases.Move(w.eve, id, "case.confirm", casework.Step{}), "environments")
	})
}

func TestARejectedCaseThatIsReopenedIsDecidedAnew(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := people(t, h)
		id, _ := w.inAssessment(t, h)
		if err := h.Cases.Move(w.ana, id, "case.reject", casework.Step{Disposition: "valid", Answer: "x", Reason: "x"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("rejected as valid: %v", err)
		}
		check(t, "reject", h.Cases.Move(w.ana, id, "case.reject", casework.Step{Disposition: "informative", Answer: "Thank you.", Reason: "by design"}))
		full, err := h.Cases.Get(w.ana, id)
		check(t, "get", err)
		if !full.Closed || !full.Due.IsZero() || full.DueWhat != "" {
			t.Errorf("closed %v, due %v %s", full.Closed, full.Due, full.DueWhat)
		}
		check(t, "reopen", h.Cases.Move(w.ana, id, "case.reopen", casework.Step{Reason: "new evidence"}))
		lacks(t, h.Cases.Move(w.ana, id, "case.reject", casework.Step{Reason: "again"}), "disposition", "answer")
		if full, err = h.Cases.Get(w.ana, id); err != nil || full.Closed || full.Due.IsZero() || full.Loops != 0 {
			t.Errorf("reopened: closed %v, due %v, loops %d, %v", full.Closed, full.Due, full.Loops, err)
		}
	})
}

func TestWhatIsSaidOnTheReportReachesTheClocksOfTheCase(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, got := accepted(t, h, ana, true)
		due := func() time.Time {
			t.Helper()
			full, err := h.Cases.Get(ana, id)
			check(t, "get", err)
			for _, c := range full.Clocks {
				if c.Name == "reporter-update" {
					return c.DueAt
				}
			}
			t.Fatal("no clock of updates to the reporter")
			return time.Time{}
		}
		first := due()
		h.Pass(10 * 24 * time.Hour)
		check(t, "reply on the report", h.Reports.Reply(ana, got.ID, "We are on it."))
		if second := due(); !second.After(first.AddDate(0, 0, 9)) {
			t.Errorf("the next update is due %v, and was due %v before the report was answered", second, first)
		}
		a, _, err := h.Reports.Reporter(t.Context(), got.Secret)
		check(t, "reporter", err)
		check(t, "pause", h.Cases.Pause(ana, id, "triage", "we wait for the reporter"))
		check(t, "label", h.Cases.SetLabel(ana, id, "waiting-for-reporter", true, ""))
		check(t, "label", h.Cases.SetLabel(ana, id, "blocked", true, "waits for a vendor"))
		check(t, "a reply of ours", h.Reports.Reply(ana, got.ID, "Which version?"))
		full, err := h.Cases.Get(ana, id)
		check(t, "get", err)
		if !full.Has("waiting-for-reporter") {
			t.Error("our own message took the label away")
		}
		check(t, "the reporter's answer", h.Reports.ReplyOwn(access.With(context.Background(), a), got.ID, "Here is more."))
		full, err = h.Cases.Get(ana, id)
		check(t, "get", err)
		if full.Has("waiting-for-reporter") || !full.Has("blocked") {
			t.Errorf("the reporter answered, and the labels are %v", full.Labels)
		}
		if !slices.ContainsFunc(full.Clocks, func(c clock.State) bool { return c.Name == "triage" && c.Phase() == "running" }) {
			t.Errorf("the reporter answered, and the clock stands still: %+v", full.Clocks)
		}
	})
}

func TestLabelsBelongToStagesAndAreFoundByName(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := people(t, h)
		id, _ := accepted(t, h, w.ana, false)
		if err := h.Cases.SetLabel(w.ana, id, "fix-in-public", true, "why not"); !errors.Is(err, fault.Conflict) {
			t.Errorf("a label of a later stage: %v", err)
		}
		if err := h.Cases.SetLabel(w.ana, id, "blocked", true, "a\u202eb"); !errors.Is(err, fault.Invalid) {
			t.Errorf("an override in the reason: %v", err)
		}
		if err := h.Cases.SetLabel(w.ana, id, "blocked", true, strings.Repeat("x", 5000)); !errors.Is(err, fault.TooLarge) {
			t.Errorf("a long reason: %v", err)
		}
		check(t, "label", h.Cases.SetLabel(w.ana, id, "blocked", true, "waits for a vendor"))
		for label, want := range map[string]int{"blocked": 1, "BLOCKED": 0, "_locked": 0, "%": 0, "block": 0, "heightened-watch": 0} {
			l, err := h.Cases.List(w.ana, casework.Filter{Label: label}, casework.Page{})
			if err != nil || len(l.Cases) != want {
				t.Errorf("label %q: %d cases, want %d, %v", label, len(l.Cases), want, err)
			}
		}
	})
}

func TestManyLinksLeaveNoReportOut(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, _ := accepted(t, h, ana, false)
		for i := range casework.MaxLinks {
			other, err := h.Cases.Open(ana, casework.Opening{Title: fmt.Sprint("other ", i)})
			check(t, "open", err)
			check(t, "link", h.Cases.LinkTo(ana, id, "related", other, true))
			check(t, "link back", h.Cases.LinkTo(ana, other, "related", id, true))
		}
		other, err := h.Cases.Open(ana, casework.Opening{Title: "one more"})
		check(t, "open", err)
		if err := h.Cases.LinkTo(ana, id, "related", other, true); !errors.Is(err, fault.TooLarge) {
			t.Errorf("one link more: %v", err)
		}
		full, err := h.Cases.Get(ana, id)
		check(t, "get", err)
		if len(full.Reports) != 1 || len(full.Links) != 2*casework.MaxLinks {
			t.Errorf("%d reports, %d links", len(full.Reports), len(full.Links))
		}
		if err := h.Cases.LinkTo(ana, id, "related", "CASE-00000000", false); !errors.Is(err, fault.NotFound) {
			t.Errorf("a link to nothing: %v", err)
		}
	})
}

func TestWhatACaseMayNotHold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, _ := accepted(t, h, ana, false)
		env := func(e casework.Environment) casework.Patch {
			e.Name, e.Verdict = "self-managed", "affected"
			return casework.Patch{Environments: []casework.Environment{e}}
		}
		for name, c := range map[string]struct {
			field string
			patch casework.Patch
		}{
			"a title of nothing":                     {"title", casework.Patch{Title: ptr(" ")}},
			"a control character":                    {"component", casework.Patch{Component: ptr("a\x00b")}},
			"a bidirectional override in a reason":   {"environments.0.reason", env(casework.Environment{Reason: "\u2066x"})},
			"a range in an override":                 {"environments.0.ranges.0", env(casework.Environment{Ranges: []advisory.Range{{Raw: "\u202ex"}}})},
			"a range that ends before it begins":     {"environments.0.ranges.0", env(casework.Environment{Ranges: []advisory.Range{{Introduced: "2.0", Fixed: "1.0"}}})},
			"ranges without end":                     {"environments.0.ranges", env(casework.Environment{Ranges: make([]advisory.Range, 1000)})},
			"a vector of another version":            {"environments.0.vectors.4.0", env(casework.Environment{Vectors: map[string]string{"4.0": vector}})},
			"a vector that is none":                  {"environments.0.vectors.3.1", env(casework.Environment{Vectors: map[string]string{"3.1": "CVSS:3.1/AV:X"}})},
			"more environments than there are":       {"environments", casework.Patch{Environments: make([]casework.Environment, 50)}},
			"more platforms than one can read":       {"platforms", casework.Patch{Platforms: ptr(make([]string, 200_000))}},
			"more STRIDE words than there are":       {"stride", casework.Patch{Stride: ptr(make([]string, 200_000))}},
			"a check that the profile does not have": {"complete", casework.Patch{Complete: map[string]bool{"luck": true}}},
			"a year that makes no sense":             {"detected", casework.Patch{Detected: ptr(time.Date(1200, 1, 1, 0, 0, 0, 0, time.UTC))}},
			"a release in the year 3000":             {"release.date", casework.Patch{Release: &casework.Release{Date: time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)}}},
			"a weakness that does not exist":         {"cwe", casework.Patch{CWE: ptr("CWE-99999")}},
			"a CVE ID that is none":                  {"cve", casework.Patch{CVE: ptr("CVE-26-1")}},
		} {
			err := h.Cases.Edit(ana, id, c.patch)
			if !errors.Is(err, fault.Invalid) || !slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool { return f.Name == c.field }) {
				t.Errorf("%s: have %v, want the field %s", name, err, c.field)
			}
		}
		for name, o := range map[string]casework.Opening{
			"an opening in the year 900":    {Title: "x", Received: time.Date(900, 1, 1, 0, 0, 0, 0, time.UTC)},
			"a credit with an override":     {Title: "x", Credit: casework.Credit{Name: "a\u202eb"}},
			"a credit that a browser runs":  {Title: "x", Credit: casework.Credit{Link: "javascript:alert(1)"}},
			"a credit of an unknown choice": {Title: "x", Credit: casework.Credit{Choice: "shouted"}},
		} {
			if _, err := h.Cases.Open(ana, o); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestANameIsPublishedOnlyWithConsentAndTheChoiceToBeNamed(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		for _, c := range []struct {
			choice, name string
			want         bool
		}{{"named", "Night Owl", true}, {"linked", "Night Owl", true}, {"anonymous", "Night Owl", false}, {"none", "Night Owl", false}, {"", "Night Owl", false}, {"named", "", false}} {
			got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "x", Summary: "y", Credit: c.choice, CreditName: c.name})
			check(t, "submit", err)
			id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{})
			check(t, "accept", err)
			adv, err := h.Advisories.Draft(ana, id)
			check(t, "draft", err)
			full, err := h.Advisories.Get(ana, adv)
			check(t, "get", err)
			if have := len(full.Document.Vulns[0].Credits) == 1; have != c.want {
				t.Errorf("%q, %q: credits %+v, want one: %v", c.choice, c.name, full.Document.Vulns[0].Credits, c.want)
			}
		}
	})
}

// TestANameThatIsTakenIsNoConflict: two random names may be the same one day, and the
// second case takes another inside the same act.
func TestANameThatIsTakenIsNoConflict(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "manager")
		first, err := h.Cases.Open(ana, casework.Opening{Title: "The first of the name"})
		check(t, "open", err)
		second, err := h.Cases.Again(ana, first, "The second of the name")
		check(t, "open under the same name", err)
		if second == first || second.Kind() != "case" {
			t.Fatalf("the second case is called %s, want a name of its own", second)
		}
		for id, title := range map[ref.ID]string{first: "The first of the name", second: "The second of the name"} {
			f, err := h.Cases.Get(ana, id)
			check(t, "get", err)
			if f.Title != title {
				t.Errorf("%s is %q, want %q", id, f.Title, title)
			}
		}
		trail, err := h.Trail.On(ana, first)
		check(t, "trail", err)
		if len(trail) != 1 {
			t.Errorf("the first case has %d entries, want only its own", len(trail))
		}
	})
}
