package clock

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/profile"
)

// promises are the service levels of the handbook's tables.
func promises(t testing.TB) *profile.Profile {
	month, quarter, half := span(t, "30d"), span(t, "90d"), span(t, "180d")
	return &profile.Profile{
		Calendars: map[string]*profile.Calendar{"calendar": civil(time.UTC)},
		SLA: profile.SLA{
			Calendar: "calendar",
			Rows: map[string]profile.SLARow{
				"critical": {Mitigate: span(t, "24h"), Remediate: month}, "high": {Remediate: month},
				"medium": {Remediate: quarter}, "low": {Remediate: half},
			},
			Start: []profile.StartRule{
				{Code: "own", After: []string{"opened"}},
				{Code: "dependency", After: []string{"opened", "fix:available"}},
			},
			LeadHours:  48,
			ForRelease: []string{"high", "medium", "low"},
			Extensions: map[string][]profile.Span{"high": {month, span(t, "60d"), quarter}},
			AtRisk:     span(t, "14d"),
		},
	}
}

func releases(t testing.TB, dates ...string) []time.Time {
	out := []time.Time{}
	for _, d := range dates {
		out = append(out, at(t, d))
	}
	return out
}

func TestDue(t *testing.T) {
	t.Parallel()
	opened := map[string]time.Time{"opened": at(t, "2026-01-01")}
	fixed := map[string]time.Time{"opened": at(t, "2026-01-01"), "fix:available": at(t, "2026-01-15")}
	october := map[string]time.Time{"opened": at(t, "2026-10-01")}
	week := []Extension{{By: "Ann", Span: span(t, "7d")}}
	for _, c := range []struct {
		name                             string
		facts                            Facts
		sla, mitigate, release, due, why string
		past                             bool
	}{
		{"the handbook's example: the later of detection and fix, and an extension",
			Facts{Code: "dependency", First: fixed, Severity: "high", Extensions: week, Releases: releases(t)},
			"2026-02-21 00:00", "", "", "2026-02-21 00:00", "began 2026-01-15 00:00 UTC on fix:available", false},
		{"the handbook's example of a release",
			Facts{Code: "own", First: october, Severity: "high", Releases: releases(t, "2026-09-28", "2026-10-28", "2026-11-28")},
			"2026-10-31 00:00", "", "2026-10-28 00:00", "2026-10-26 00:00", "less 48 h", false},
		{"own code begins at detection", Facts{Code: "own", First: fixed, Severity: "high", Releases: releases(t)},
			"2026-01-31 00:00", "", "", "2026-01-31 00:00", "on opened", false},
		{"a dependency waits for its fix", Facts{Code: "dependency", First: opened, Severity: "high"},
			"", "", "", "", "it waits for fix:available", false},
		{"detection after the fix counts", Facts{Code: "dependency", First: map[string]time.Time{"opened": at(t, "2026-02-01"), "fix:available": at(t, "2026-01-15")}, Severity: "high", Releases: releases(t)},
			"2026-03-03 00:00", "", "", "2026-03-03 00:00", "on opened", false},
		{"critical is mitigated in a day and bound to no release", Facts{Code: "own", First: october, Severity: "critical", Releases: releases(t, "2026-10-28")},
			"2026-10-31 00:00", "2026-10-02 00:00", "", "2026-10-31 00:00", "mitigate within 24 hours", false},
		{"of several releases the last counts", Facts{Code: "own", First: october, Severity: "medium", Releases: releases(t, "2027-01-28", "2026-11-28", "2026-10-28", "2026-12-28")},
			"2026-12-30 00:00", "", "2026-12-28 00:00", "2026-12-26 00:00", "", false},
		{"a release on the SLA date keeps it", Facts{Code: "own", First: october, Severity: "high", Releases: releases(t, "2026-10-31")},
			"2026-10-31 00:00", "", "2026-10-31 00:00", "2026-10-29 00:00", "", false},
		{"a release too soon to be ready for is none", Facts{Code: "own", First: october, Severity: "high", Releases: releases(t, "2026-10-02")},
			"2026-10-31 00:00", "", "", "2026-10-31 00:00", "no release", false},
		{"unknown severity promises nothing", Facts{Code: "own", First: october}, "", "", "", "", "unknown severity: no time", false},
		{"unknown code has no rule", Facts{Code: "theirs", First: october, Severity: "high"}, "", "", "", "", "no rule", false},
		{"past when the severity rose: the next security release",
			Facts{Code: "own", First: october, Severity: "high", ChangedAt: at(t, "2026-12-01"), Releases: releases(t, "2026-10-28", "2026-11-28", "2026-12-28")},
			"2026-10-31 00:00", "", "2026-10-28 00:00", "2026-12-28 00:00", "next security release", true},
		{"past when the severity rose, and no release planned",
			Facts{Code: "own", First: october, Severity: "high", ChangedAt: at(t, "2026-12-01"), Releases: releases(t)},
			"2026-10-31 00:00", "", "", "2026-10-31 00:00", "no release is planned", true},
		{"not past when the severity rose", Facts{Code: "own", First: october, Severity: "high", ChangedAt: at(t, "2026-10-05"), Releases: releases(t, "2026-10-28")},
			"2026-10-31 00:00", "", "2026-10-28 00:00", "2026-10-26 00:00", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Due(promises(t), c.facts)
			for _, x := range []struct{ what, have, want string }{
				{"SLA date", stamp(d.SLA), c.sla}, {"mitigation", stamp(d.Mitigate), c.mitigate},
				{"release", stamp(d.Release), c.release}, {"due date", stamp(d.Due), c.due},
			} {
				if x.have != x.want {
					t.Errorf("%s %q, want %q\n%s", x.what, x.have, x.want, strings.Join(d.Why, "\n"))
				}
			}
			if why := strings.Join(d.Why, "\n"); d.Past != c.past || !strings.Contains(why, c.why) {
				t.Errorf("past %v, want %v; why %q, want %q in it", d.Past, c.past, why, c.why)
			}
		})
	}
}

func TestResolvedBeforeTheDueDateIsInSLA(t *testing.T) {
	t.Parallel()
	events := story(t, "2026-01-01 00:00 opened", "2026-01-01 00:00 severity severity=high", "2026-01-15 00:00 fix:available", "2026-01-20 00:00 extended clock=sla span=7d by=Ann")
	facts := FactsOf("dependency", "sla", events, at(t, "2026-02-18"))
	facts.Releases = releases(t)
	due := Due(promises(t), facts).Due
	if s := InSLA([]Item{{due, at(t, "2026-02-18")}}, at(t, "2026-03-01")); s != (Share{1, 1}) {
		t.Errorf("closed 2026-02-18 with due date %s: %v in SLA, want 1 of 1", due, s)
	}
}

func TestFactsOf(t *testing.T) {
	t.Parallel()
	events := story(t, "2026-01-09 00:00 severity severity=critical", "2026-01-01 00:00 opened", "2026-01-05 00:00 opened",
		"2026-01-02 00:00 severity severity=low", "2026-01-03 00:00 severity severity=high", "2026-01-03 00:00 extended clock=other span=7d",
		"2026-01-04 00:00 extended clock=sla span=30d by=Ann reason=parts")
	f := FactsOf("own", "sla", events, at(t, "2026-01-08"))
	if f.Severity != "high" || !f.ChangedAt.Equal(at(t, "2026-01-03")) || !f.First["opened"].Equal(at(t, "2026-01-01")) {
		t.Errorf("severity %s since %s, opened %s", f.Severity, f.ChangedAt, f.First["opened"])
	}
	if len(f.Extensions) != 1 || f.Extensions[0].Span != span(t, "30d") || f.Extensions[0].By != "Ann" {
		t.Errorf("extensions %v, want Ann's 30 days", f.Extensions)
	}
	if first := FactsOf("own", "sla", events, at(t, "2026-01-02")); !first.ChangedAt.IsZero() {
		t.Errorf("the first severity is a change at %s, want none", first.ChangedAt)
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, severity, asked, want string
		cut                         bool
	}{
		{"within the longest", "high", "45d", "45d", false},
		{"the longest itself", "high", "90d", "90d", false},
		{"too long is cut", "high", "91d", "90d", true},
		{"too long in hours is cut", "high", "2161h", "90d", true},
		{"nothing allowed", "low", "30d", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, cut := Trim(promises(t), c.severity, at(t, "2026-02-01"), span(t, c.asked))
			if have.String() != c.want || cut != c.cut {
				t.Errorf("trimmed to %q %v, want %q %v", have, cut, c.want, c.cut)
			}
		})
	}
}

func TestAtRisk(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]bool{"2026-02-06 23:59": false, "2026-02-07 00:00": true, "2026-02-21 00:00": true, "2026-02-21 00:01": false} {
		if have := AtRisk(promises(t), at(t, "2026-02-21"), at(t, now)); have != want {
			t.Errorf("due 2026-02-21, at %s: at risk %v, want %v", now, have, want)
		}
	}
	if AtRisk(promises(t), time.Time{}, at(t, "2026-02-07")) {
		t.Error("nothing due is at risk, want not")
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	feb := at(t, "2026-02-01")
	items := []Item{
		{Due: feb, Closed: feb},                       // in time, to the instant
		{Due: feb, Closed: feb.Add(time.Microsecond)}, // late
		{Due: feb},                               // open
		{Due: feb.AddDate(0, 1, 0)},              // open, not due yet
		{Due: feb, Closed: feb.AddDate(0, 2, 0)}, // still open in February
		{Closed: feb}, {},                        // nothing was due
		{Due: feb.AddDate(0, 1, 0), Closed: feb.AddDate(0, 0, -1)}, // in time
	}
	now := feb.AddDate(0, 0, 10)
	if have, want := InSLA(items, now), (Share{2, 3}); have != want {
		t.Errorf("in SLA %v, want %v", have, want)
	}
	if have, want := OpenOverdue(items, now), (Share{2, 3}); have != want {
		t.Errorf("open and overdue %v, want %v", have, want)
	}
	if percent, ok := (Share{3, 4}).Percent(); percent != 75 || !ok {
		t.Errorf("3 of 4 is %v %v, want 75", percent, ok)
	}
	if _, ok := (Share{}).Percent(); ok {
		t.Error("nothing of nothing has a percentage, want none")
	}
}

func shipped(t *testing.T, name string) *profile.Profile {
	t.Helper()
	p, err := profile.Embedded(name, profile.Words{})
	if err != nil {
		t.Fatalf("profile %s: %v", name, err)
	}
	return p
}

func TestTheShippedProfileGivesTheHandbooksDates(t *testing.T) {
	t.Parallel()
	p := shipped(t, "gitlab")
	events := story(t, "2026-01-01 00:00 opened", "2026-01-01 00:00 severity severity=high", "2026-01-15 00:00 fix:available", "2026-01-20 00:00 extended clock=remediation span=7d by=Ann")
	due := Due(p, FactsOf("dependency", "remediation", events, at(t, "2026-02-18")))
	if have := stamp(due.SLA); have != "2026-02-21 00:00" {
		t.Errorf("SLA date %s, want 2026-02-21\n%s", have, strings.Join(due.Why, "\n"))
	}
	october := Due(p, FactsOf("own", "remediation", story(t, "2026-10-01 00:00 opened", "2026-10-01 00:00 severity severity=high"), at(t, "2026-10-02")))
	if stamp(october.SLA) != "2026-10-31 00:00" || stamp(october.Release) != "2026-10-28 00:00" || stamp(october.Due) != "2026-10-26 00:00" {
		t.Errorf("SLA %s, release %s, due %s; want Oct 31, Oct 28, Oct 26", october.SLA, october.Release, october.Due)
	}
}

func TestTheShippedClocksKeepTheHandbooksTargets(t *testing.T) {
	t.Parallel()
	p := shipped(t, "gitlab")
	for _, c := range []struct {
		clock, on, code string
		events          []string
		due             string
	}{
		{"first-response", "report", "", []string{"2026-11-13 15:00 opened"}, "2026-11-16 15:00"},
		{"report-triage", "report", "", []string{"2026-11-14 15:00 opened", "2026-11-14 15:00 enter:new"}, "2026-11-23 00:00"},
		{"triage", "case", "", []string{"2026-11-13 15:00 enter:triage"}, "2026-11-18 15:00"},
		{"assessment", "case", "", []string{"2026-11-13 15:00 severity severity=high", "2026-11-13 15:00 enter:assessment"}, "2026-11-23 15:00"},
		{"assessment", "case", "", []string{"2026-11-13 15:00 severity severity=low", "2026-11-13 15:00 enter:assessment"}, "2026-12-03 15:00"},
		{"post-release", "case", "", []string{"2026-11-13 15:00 severity severity=medium", "2026-11-13 15:00 enter:post-release"}, "2026-12-13 15:00"},
		{"mitigation", "case", "own", []string{"2026-11-13 15:00 opened", "2026-11-13 15:00 severity severity=critical"}, "2026-11-14 15:00"},
		{"remediation", "case", "own", []string{"2026-11-13 15:00 opened", "2026-11-13 15:00 severity severity=low"}, "2027-05-12 15:00"},
		{"remediation", "case", "dependency", []string{"2026-11-13 15:00 opened", "2026-11-13 15:00 severity severity=high"}, ""},
		{"remediation", "case", "dependency", []string{"2026-11-13 15:00 opened", "2026-11-13 15:00 severity severity=high", "2026-11-14 15:00 fix:available", "2026-11-15 15:00 opened"}, "2026-12-14 15:00"},
		{"disclosure", "case", "", []string{"2026-11-13 15:00 released"}, "2027-02-11 15:00"},
		{"disclosure", "case", "", []string{"2026-11-13 15:00 released", "2026-11-14 15:00 target clock=disclosure span=30d by=Ann"}, "2026-12-13 15:00"},
		{"reporter-update", "case", "", []string{"2026-11-01 15:00 opened", "2026-11-13 15:00 message:out"}, "2026-12-13 15:00"},
	} {
		t.Run(c.clock+" "+c.due, func(t *testing.T) {
			for _, s := range RunFor(p, c.on, c.code, story(t, c.events...), at(t, "2026-11-20")) {
				if s.Name == c.clock && stamp(s.DueAt) != c.due {
					t.Errorf("due %s, want %s\n%s", s.DueAt, c.due, strings.Join(s.Why, "\n"))
				}
			}
			if _, ok := p.Clock(c.clock); !ok {
				t.Errorf("the profile has no clock %s", c.clock)
			}
		})
	}
}
