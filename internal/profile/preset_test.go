package profile

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
)

// known is what the presets may ask for and cause. The verbs are checked where the
// domains come together.
var known = Words{
	Needs: []string{
		"complete", "provisional-severity", "owner", "reproduced", "environments", "versions", "cwe", "scored", "stride", "votes",
		"fixes", "verdict", "fixed-versions", "reconfirmed", "acceptance", "release-date", "release-versions", "advisory-approved",
		"advisory-published", "credit-settled", "reporter-told", "disposition", "answer", "original",
		"valid", "second-person", "approval-current", "released", "embargo-over", "credit-agreed",
		"articulated", "in-scope", "owners", "owner-level", "scope", "parent", "response-remediate", "response-monitor", "response-accept", "raci", "monitor-agreed",
		"path", "plan", "milestones-dated", "plan-smart", "plan-approved", "kri", "within-tolerance", "acceptance-approved", "validated",
		"closure", "rejection", "not-blocked", "described", "rated", "evidence",
	},
	Effects: []string{
		"tell:reporter", "tell:owner", "tell:team", "event:released", "event:published", "event:closed", "lift:embargo", "refresh:due",
		"review:schedule",
	},
}

func TestPresetsLoadClean(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			p, err := Embedded(name, known)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != name {
				t.Errorf("name %s, want %s", p.Name, name)
			}
		})
	}
}

func load(t testing.TB, name string) *Profile {
	t.Helper()
	p, err := Embedded(name, known)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// span reads a span that the test itself wrote.
func span(t *testing.T, text string) Span {
	t.Helper()
	if text == "" {
		return Span{}
	}
	s, err := ParseSpan(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTargetsOfTheHandbook walks sections 7.3, 8.2, 8.3, 11 and 13.
func TestTargetsOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	for _, row := range []struct{ clock, calendar, critical, high, medium, low string }{
		{"triage", "days", "5d", "5d", "5d", "5d"},
		{"assessment", "days", "10d", "10d", "20d", "20d"},
		{"post-release", "days", "15d", "15d", "30d", "30d"},
		{"first-response", "business", "1bd", "1bd", "1bd", "1bd"},
		{"report-triage", "business", "5bd", "5bd", "5bd", "5bd"},
		{"reporter-update", "days", "30d", "30d", "30d", "30d"},
		{"mitigation", "days", "24h", "", "", ""},
		{"remediation", "days", "30d", "30d", "90d", "180d"},
		{"disclosure", "days", "90d", "90d", "90d", "90d"},
	} {
		c, ok := p.Clock(row.clock)
		if !ok {
			t.Errorf("no clock %s", row.clock)
			continue
		}
		if c.Calendar != row.calendar {
			t.Errorf("%s counts in %s, want %s", c.Name, c.Calendar, row.calendar)
		}
		for word, want := range map[string]string{"critical": row.critical, "high": row.high, "medium": row.medium, "low": row.low} {
			if have, ok := c.TargetFor(word); have != span(t, want) || ok != (want != "") {
				t.Errorf("%s of %s is %q, want %q", c.Name, word, have, want)
			}
		}
	}
}

func TestExtensionsOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	for word, want := range map[string]string{
		"critical": "30 days", "high": "30 days, 60 days, 90 days",
		"medium": "30 days, 60 days, 90 days, 365 days", "low": "30 days, 60 days, 90 days, 365 days",
	} {
		if have := spans(p.SLA.Extensions[word]); have != want {
			t.Errorf("extensions of %s are %s, want %s", word, have, want)
		}
	}
	permanent := map[string]bool{}
	for _, k := range p.SLA.Kinds {
		permanent[k.Name] = k.Permanent
	}
	want := map[string]bool{"remediate": false, "mitigate-remediate": false, "mitigate-accept": true, "false-positive": true, "operational": false, "accept": true}
	if diff := cmp.Diff(want, permanent); diff != "" {
		t.Errorf("permanent extensions: want (-), have (+):\n%s", diff)
	}
	if have := p.SLA.AtRisk.String(); have != "14d" {
		t.Errorf("at risk within %s, want 14d", have)
	}
}

func TestSeverityOfScores(t *testing.T) {
	for _, name := range Names() {
		p := load(t, name)
		for score, want := range map[float64]string{
			0: "", 0.04: "", 0.05: "low", 0.1: "low", 3.9: "low", 3.95: "medium", 4: "medium", 6.9: "medium", 7: "high", 8.9: "high", 9: "critical", 10: "critical",
			-1: "", 10.1: "", math.Inf(1): "", math.NaN(): "",
		} {
			band, ok := p.SeverityOf(score)
			if band.Word != want || ok != (want != "") {
				t.Errorf("%s: %v is %q, want %q", name, score, band.Word, want)
			}
		}
	}
}

func TestWhichScoreDecides(t *testing.T) {
	for _, row := range []struct {
		name, profile string
		scores        map[string]float64
		word, source  string
	}{
		{"gitlab takes 3.1 before 4.0", "gitlab", map[string]float64{"cvss-3.1": 7.5, "cvss-4.0": 9.3}, "high", "cvss-3.1"},
		{"generic takes 4.0 before 3.1", "generic", map[string]float64{"cvss-3.1": 7.5, "cvss-4.0": 9.3}, "critical", "cvss-4.0"},
		{"gitlab takes 2.0 before the scanner", "gitlab", map[string]float64{"scanner": 9.9, "cvss-2.0": 5}, "medium", "cvss-2.0"},
		{"gitlab takes 4.0 where there is nothing else", "gitlab", map[string]float64{"cvss-4.0": 2}, "low", "cvss-4.0"},
		{"a score of zero decides for no severity", "gitlab", map[string]float64{"cvss-3.1": 0, "cvss-2.0": 5}, "", "cvss-3.1"},
		{"no score decides nothing", "generic", nil, "", ""},
	} {
		word, source := load(t, row.profile).SeverityFrom(row.scores)
		if word != row.word || source != row.source {
			t.Errorf("%s: %q from %q, want %q from %q", row.name, word, source, row.word, row.source)
		}
	}
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func dates(all []time.Time) string {
	var out []string
	for _, t := range all {
		out = append(out, t.Format(time.DateOnly))
	}
	return words(out)
}

// TestDueDateOfTheHandbook is its worked example: opened 1 October, 30 days, so
// the release of the 28th, so due on the 26th.
func TestDueDateOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	due, ok := p.SLA.ReleaseDue("high", day("2026-10-01"), day("2026-10-31"))
	if !ok || !due.Equal(day("2026-10-26")) {
		t.Errorf("due %v (%t), want 2026-10-26", due, ok)
	}
	if due, ok := p.SLA.ReleaseDue("low", day("2026-10-01"), day("2026-10-31")); ok {
		t.Errorf("due %v for low, which is bound to no release", due)
	}
	if due, ok := p.SLA.ReleaseDue("high", day("2026-10-27"), day("2026-11-20")); ok {
		t.Errorf("due %v, but no release can be made in time", due)
	}
}

func TestReleasesOfTheSchedules(t *testing.T) {
	p := load(t, "gitlab")
	for _, row := range []struct{ name, schedule, from, to, want string }{
		{"monthly, both ends included", "monthly-28", "2026-01-28", "2026-03-28", "2026-01-28, 2026-02-28, 2026-03-28"},
		{"monthly, none between", "monthly-28", "2026-01-29", "2026-02-27", ""},
		{"backwards is nothing", "monthly-28", "2026-03-28", "2026-01-28", ""},
		// Third Thursdays: 15 October, 19 November, 17 December 2026.
		{"the Wednesdays around the third Thursday", "twice-monthly", "2026-10-01", "2026-12-31",
			"2026-10-07, 2026-10-21, 2026-11-11, 2026-11-25, 2026-12-09, 2026-12-23"},
	} {
		t.Run(row.name, func(t *testing.T) {
			sla := p.SLA
			sla.Schedule = row.schedule
			if have := dates(sla.ReleasesBetween(day(row.from), day(row.to))); have != row.want {
				t.Errorf("releases %s, want %s", have, row.want)
			}
		})
	}
}

func TestScheduleKeepsItsDatesAndSkips(t *testing.T) {
	fsys := base(t)
	edit(t, fsys, `sla.yaml: dates: ["2026-11-04"] => dates: ["2026-11-04"]\n    skip: ["2026-11-28"]`)
	p, err := Load(fsys, few)
	if err != nil {
		t.Fatal(err)
	}
	if have, want := dates(p.SLA.ReleasesBetween(day("2026-10-01"), day("2026-12-31"))), "2026-10-28, 2026-11-04, 2026-12-28"; have != want {
		t.Errorf("releases %s, want %s", have, want)
	}
}

func TestARuleWithoutItsDayHasNoRelease(t *testing.T) {
	if at, ok := (ReleaseRule{Day: 31}).in(day("2026-06-01")); ok {
		t.Errorf("the 31st of June is %s", at.Format(time.DateOnly))
	}
	if at, ok := (ReleaseRule{Week: 5, Weekday: "mon"}).in(day("2026-07-01")); ok {
		t.Errorf("the fifth Monday of July 2026 is %s", at.Format(time.DateOnly))
	}
}

// TestRiskValuesOfTheHandbook walks sections 1.3 and 1.5 to 1.7.
func TestRiskValuesOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	if have, want := fmt.Sprint(p.riskScores()), "[1 2 3 4 5 6 8 9 10 12 15 16 18 20 24 25 30]"; have != want {
		t.Errorf("scores %s, want %s", have, want)
	}
	cells := map[string]int{}
	for i := 1; i <= 6; i++ {
		for k := 1; k <= 5; k++ {
			r, _ := p.RatingOf(float64(i * k))
			cells[r.Word]++
		}
	}
	if diff := cmp.Diff(map[string]int{"low": 18, "medium": 9, "high": 2, "critical": 1}, cells); diff != "" {
		t.Errorf("cells: want (-), have (+):\n%s", diff)
	}
	for score, want := range map[float64]string{10.49: "low", 10.5: "medium", 20.5: "high", 25.4: "high", 25.5: "critical", 0: "", 31: ""} {
		if r, _ := p.RatingOf(score); r.Word != want {
			t.Errorf("the score %v is %q, want %q", score, r.Word, want)
		}
	}
	ceilings := map[string]int{}
	for _, a := range p.Tolerance.Appetites {
		ceilings[a.Name] = a.UpTo
	}
	if diff := cmp.Diff(map[string]int{"averse": 5, "neutral": 10, "receptive": 15, "seeking": 20}, ceilings); diff != "" {
		t.Errorf("appetites: want (-), have (+):\n%s", diff)
	}
	if p.Tolerance.Chosen != "neutral" || p.Tolerance.Ceiling != 20 {
		t.Errorf("tolerance %s under %d, want neutral under 20", p.Tolerance.Chosen, p.Tolerance.Ceiling)
	}
}

func TestMovesOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	want := "triage: case.assess > assessment, case.reject > closed\n" +
		"assessment: case.confirm > remediation, case.reject > closed\n" +
		"remediation: case.submit > validation\n" +
		"validation: case.inadequate > remediation, case.validate > release, case.accept-risk > post-release\n" +
		"release: case.release > post-release\n" +
		"post-release: case.close > closed\n" +
		"closed: case.reopen > assessment\n"
	if have := moves(p, "case"); have != want {
		t.Errorf("moves\n%swant\n%s", have, want)
	}
}

func moves(p *Profile, machine string) string {
	var b strings.Builder
	m := p.Lifecycle(machine)
	for _, s := range m.Stages {
		var out []string
		for _, mv := range m.Allowed(s.Name) {
			out = append(out, mv.Verb+" > "+mv.To)
		}
		fmt.Fprintf(&b, "%s: %s\n", s.Name, words(out))
	}
	return b.String()
}

// TestPresetsShareTheirVerbs holds the presets to one set of moves: pages, routes
// and commands are made for the verbs, whatever the stages are called.
func TestPresetsShareTheirVerbs(t *testing.T) {
	a, b := load(t, "gitlab"), load(t, "generic")
	for _, m := range slices.Concat(machines, []string{"risk", "risk-seven", "observation"}) {
		if diff := cmp.Diff(a.Lifecycle(m).Verbs(), b.Lifecycle(m).Verbs()); diff != "" {
			t.Errorf("%s: gitlab (-), generic (+):\n%s", m, diff)
		}
	}
	if diff := cmp.Diff(sortedKeys(a.Messages), sortedKeys(b.Messages)); diff != "" {
		t.Errorf("messages: gitlab (-), generic (+):\n%s", diff)
	}
}

func TestGenericServiceLevels(t *testing.T) {
	p := load(t, "generic")
	for word, want := range map[string]string{"critical": "30d", "high": "60d", "medium": "90d", "low": "180d"} {
		if have := p.SLA.Rows[word].Remediate.String(); have != want {
			t.Errorf("%s within %s, want %s", word, have, want)
		}
	}
	if c, _ := p.Clock("disclosure"); c.Target[""] != span(t, "90d") || p.Disclosure.Days != 90 {
		t.Errorf("disclosure after %s, want 90d", c.Target[""])
	}
	var phases []string
	for _, s := range p.Lifecycle("case").Stages {
		phases = append(phases, string(s.Phase))
	}
	if have, want := words(phases), "receipt, verification, remediation-development, remediation-development, release, post-release, post-release"; have != want {
		t.Errorf("phases %s, want %s", have, want)
	}
}

// TestMessagesSayNothingInternal renders every message with nothing filled in and
// with everything, and looks for words that only the team uses.
func TestMessagesSayNothingInternal(t *testing.T) {
	full := Vars{Tracking: "REPORT-1", Title: "T", Link: "L", Vendor: "V", Credit: "C", Days: 90, Detail: "D", Advisory: "A", Versions: "1.2"}
	internal := []string{"triage", "assessment", "{{", "<no value>", "disposition", "embargo", "severity::"}
	for _, name := range Names() {
		p := load(t, name)
		for _, m := range p.Messages {
			for _, v := range []Vars{{}, full} {
				title, body, err := m.Render(v)
				if err != nil || title == "" || !strings.HasSuffix(body, "\n") || len(body) < 40 {
					t.Errorf("%s: message %s: %q, %v", name, m.Name, body, err)
				}
				for _, w := range internal {
					if strings.Contains(strings.ToLower(title+body), w) {
						t.Errorf("%s: message %s says %q", name, m.Name, w)
					}
				}
			}
		}
	}
}

func TestEveryReporterStageHasPlainWords(t *testing.T) {
	for _, name := range Names() {
		p := load(t, name)
		for _, s := range p.Lifecycle("case").Stages {
			if p.Plain[s.Name] == "" || p.Plain[s.Name] != s.Plain {
				t.Errorf("%s: the stage %s says %q to the reporter", name, s.Name, p.Plain[s.Name])
			}
		}
	}
}

// TestAdministratorsReadNoRecords keeps the running of the installation apart from
// what it holds.
func TestAdministratorsReadNoRecords(t *testing.T) {
	for _, name := range Names() {
		for _, g := range load(t, name).Grants {
			noun, _, _ := strings.Cut(g.Verb, ".")
			if slices.Contains([]string{"case", "report", "advisory", "risk", "kri", "observation", "appetite", "meeting"}, noun) && slices.Contains(g.Roles, "admin") {
				t.Errorf("%s: admin is granted %s", name, g.Verb)
			}
		}
	}
}

func TestEmbeddedKnowsItsNames(t *testing.T) {
	if have := words(Names()); have != "generic, gitlab" {
		t.Errorf("profiles %s, want generic, gitlab", have)
	}
	if _, err := Embedded("gitlap", known); fault.KindOf(err) != fault.Invalid {
		t.Errorf("gitlap: %v, want %s", err, fault.Invalid)
	}
}
