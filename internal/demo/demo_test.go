package demo_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/audit"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/db"
	"tocsin/internal/demo"
	"tocsin/internal/house"
	"tocsin/internal/intake"
	"tocsin/internal/notice"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
)

// The moments from which the year is told: in the middle of a working week, and
// in the night of a Sunday.
var (
	monday = time.Date(2026, 11, 23, 10, 20, 0, 0, time.UTC)
	sunday = time.Date(2027, 3, 28, 2, 10, 0, 0, time.UTC)
)

// build fills a house with the demonstration by a profile.
func build(t *testing.T, base string, at time.Time) (*house.House, *demo.People) {
	t.Helper()
	dir := t.TempDir()
	rules, err := demo.WriteProfile(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	h, err := house.Open(t.Context(), house.Config{Store: filepath.Join(dir, "demo.db") + db.Throwaway, Profile: rules, Now: func() time.Time { return at },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	people, err := demo.Build(t.Context(), h, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the demonstration with the profile %s was ready in %s", base, time.Since(began).Round(time.Millisecond))
	return h, people
}

// TestBuild tells the year by each profile, and looks at what came of it.
func TestBuild(t *testing.T) {
	for _, from := range []struct {
		base, day string
		at        time.Time
	}{{"gitlab", "monday", monday}, {"generic", "monday", monday}, {"gitlab", "sunday", sunday}} {
		t.Run(from.base+" "+from.day, func(t *testing.T) {
			t.Parallel()
			h, people := build(t, from.base, from.at)
			d := &told{h, people, access.With(context.Background(), access.System("test")), from.at}
			t.Run("everything that a page can show happens", d.everything)
			t.Run("times are plausible", d.times)
			t.Run("each can be played and sees what is theirs", d.roles)
			t.Run("nothing is left over", d.leftOver)
			t.Run("the log verifies", d.log)
		})
	}
}

// told is a demonstration that was told to its end.
type told struct {
	*house.House
	people *demo.People
	ctx    context.Context
	at     time.Time
}

func (d *told) cases(t *testing.T) []*casework.Full {
	t.Helper()
	l, err := d.Cases.List(d.ctx, casework.Filter{}, casework.Page{Limit: casework.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	var out []*casework.Full
	for _, c := range l.Cases {
		f, err := d.Cases.Get(d.ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func (d *told) reports(t *testing.T) []*intake.Report {
	t.Helper()
	l, err := d.Reports.List(d.ctx, intake.Filter{}, intake.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range l.Reports {
		f, err := d.Reports.Get(d.ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		l.Reports[i] = f.Report
	}
	return l.Reports
}

func (d *told) advisories(t *testing.T) (out []*advisory.Full) {
	t.Helper()
	l, err := d.Advisories.List(d.ctx, advisory.Filter{}, 200, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range l.Advisories {
		f, err := d.Advisories.Get(d.ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// want fails the test for every word that was not seen.
func want(t *testing.T, what string, seen map[string]int, words ...string) {
	t.Helper()
	for _, w := range words {
		if seen[w] == 0 {
			t.Errorf("%s: %q never happens; there are %v", what, w, seen)
		}
	}
}

func stages(p *profile.Profile, machine string) []string {
	var out []string
	for _, s := range p.Lifecycle(machine).Stages {
		out = append(out, s.Name)
	}
	return out
}

func (d *told) everything(t *testing.T) {
	cases := d.cases(t)
	if n := len(cases); n < 40 || n > 70 {
		t.Errorf("%d cases, want 40 to 70", n)
	}
	inStage, about := map[string]int{}, map[string]int{}
	for _, c := range cases {
		inStage[c.Stage]++
		for _, w := range happened(c) {
			about[w]++
		}
	}
	want(t, "cases", inStage, stages(d.Rules, "case")...)
	want(t, "cases", about, "late", "in time", "paused", "extended", "named", "embargoed", "looped", "doubt", "votes missing", "loose credit",
		"credited", "anonymous", "risk accepted", "rejected", "no advisory", "dependency", "deadline", "note", "in", "out", "file", "label heightened-watch", "label blocked",
		"label fix-in-public", "link variant-of", "link related", "no reporter", "tlp")
	for _, s := range d.Rules.Remediations {
		want(t, "fixes", about, "fix "+s.Name)
	}
	if len(d.Rules.Environments) > 1 {
		want(t, "environments", about, "justified", "not affected")
	}
	for _, b := range d.Rules.SeverityWords() {
		want(t, "severity", about, "severity "+b)
	}
	d.checkReports(t)
	d.checkAdvisories(t)
	d.checkRegister(t)
}

// happened lists what a case has to show.
func happened(c *casework.Full) (out []string) {
	for w, is := range map[string]bool{
		"late": c.Breached, "in time": !c.Breached, "named": c.Audience == access.Named, "embargoed": !c.Embargo.IsZero(), "looped": c.Loops > 0,
		"votes missing": len(c.Vectors) > 0 && len(c.Votes) == 0, "risk accepted": c.Acceptance.Note != "", "rejected": c.Disposition != "", "no advisory": c.NoAdvisory != "",
		"dependency": c.Dependency, "deadline": !c.Deadline.IsZero(), "credited": c.Credit.Consent && c.Credit.Name != "", "anonymous": c.Credit.Choice == "anonymous",
		"loose credit": len(c.Reports) > 0 && len(c.Fixes) > 0 && !c.Closed && len(c.Release.Versions) > 0, "no reporter": len(c.Reports) == 0, "tlp": c.TLP != "",
		"file": len(c.Files) > 0, "severity " + c.Severity: true,
	} {
		if is {
			out = append(out, w)
		}
	}
	for _, s := range c.Clocks {
		if s.Phase() == clock.Paused {
			out = append(out, "paused")
		}
	}
	for _, e := range c.Events() {
		out = append(out, e.Name)
	}
	for _, v := range c.Votes {
		if !v.Agrees && v.Note != "" {
			out = append(out, "doubt")
		}
	}
	for _, e := range c.Environments {
		if e.Justification != "" {
			out = append(out, "justified")
		}
		if e.Verdict == casework.VerdictNotAffected {
			out = append(out, "not affected")
		}
	}
	for _, f := range c.Fixes {
		out = append(out, "fix "+f.State)
	}
	for _, l := range c.Labels {
		out = append(out, "label "+l)
	}
	for _, l := range c.Links {
		out = append(out, "link "+l.Kind)
	}
	for _, m := range c.Said {
		out = append(out, string(m.Side))
	}
	return out
}

func (d *told) checkReports(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	for _, r := range d.reports(t) {
		seen[r.Stage]++
		seen[r.Disposition]++
		seen["ai "+r.AI]++
		if len(r.Labels) > 0 {
			seen["waiting"]++
		}
		if r.Contact == "" {
			seen["anonymous"]++
		}
		if r.DuplicateOf != "" {
			seen["repeats"]++
		}
	}
	want(t, "reports", seen, stages(d.Rules, "report")...)
	want(t, "reports", seen, "waiting", "anonymous", "repeats", "ai assisted", "ai generated")
	for _, disposition := range d.Rules.Dispositions {
		if slices.Contains(disposition.Verbs, string(intake.VerbDecline)) {
			want(t, "dispositions", seen, disposition.Name)
		}
	}
}

func (d *told) checkAdvisories(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	for _, a := range d.advisories(t) {
		seen[a.Stage]++
		if a.Revision > 1 {
			seen["revised"]++
		}
		if len(a.Approvals) > 0 && !a.Approved {
			seen["stale"]++
		}
		if len(a.Document.Vulns) == 1 && !strings.HasPrefix(a.Document.Vulns[0].CVE, "CVE-1900-") {
			t.Errorf("%s: CVE ID %q, want one of a year that never was", a.Name, a.Document.Vulns[0].CVE)
		}
		if !advisory.Valid(a.Findings) {
			t.Errorf("%s is not valid: %v", a.Name, a.Findings)
		}
	}
	want(t, "advisories", seen, stages(d.Rules, "advisory")...)
	want(t, "advisories", seen, "revised", "stale")
}

// checkRegister looks for a risk and an observation in every stage, for a word that is
// asked of everybody who gives one, and for a review that is open.
func (d *told) checkRegister(t *testing.T) {
	t.Helper()
	risks, found, asked := map[string]int{}, map[string]int{}, map[string]int{}
	l, err := d.Risks.List(d.ctx, risk.Filter{}, risk.Page{Limit: risk.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range l.Risks {
		risks[r.Stage]++
		full, err := d.Risks.Get(d.ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range full.Decisions {
			asked[x.Kind+" "+x.State]++
		}
		if s := r.Standing; s.Inherent >= 0 && s.Residual >= 0 && s.Target >= 0 {
			asked["three scores"]++ // NIST IR 8286 asks for all of them
		}
		if len(full.Plan.Smart) > 0 && len(full.Plan.Approvals) == 0 {
			asked["plan"]++
		}
	}
	want(t, "risks", risks, stages(d.Rules, d.Rules.Register.Lifecycle)...)
	want(t, "words", asked, "accept asked", "accept active", "plan active", "plan", "three scores")
	obs, err := d.Observations.List(d.ctx, observation.Filter{}, observation.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range obs.Observations {
		found[o.Stage]++
	}
	want(t, "observations", found, stages(d.Rules, "observation")...)
	meetings, err := d.Reviews.List(d.ctx)
	if err != nil || len(meetings) == 0 || meetings[0].State != review.Opened {
		t.Errorf("no review of the register is open (%v)", err)
	}
}

// times looks at what has a time: nothing lies in the future, what
// happened stands in its order, and notes were written when people work.
func (d *told) times(t *testing.T) {
	first := d.at.AddDate(0, 0, -400)
	work, at := 0, 0
	for _, c := range d.cases(t) {
		last := first
		for _, e := range c.Events() {
			if e.Name == "released" {
				continue // has the date of the release, not that of its entry
			}
			if e.At.Before(last) || e.At.After(d.at) {
				t.Errorf("%s: %s at %s, want between %s and %s", c.ID, e.Name, e.At, last, d.at)
			}
			last = e.At
		}
		for _, m := range c.Said {
			if m.Side == thread.Note {
				if at++; m.At.Weekday() != time.Saturday && m.At.Weekday() != time.Sunday && m.At.Hour() >= 8 && m.At.Hour() < 18 {
					work++
				}
			}
		}
	}
	if at == 0 || work != at {
		t.Errorf("%d of %d notes were written when people work, want all", work, at)
	}
}

// log seals what happened and verifies it, as "tocsin audit verify"
// does after a demonstration.
func (d *told) log(t *testing.T) {
	for {
		n, err := d.Sealer.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	r, err := audit.Verify(t.Context(), d.DB, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Errorf("the log is not in order: %v", r.Sentences())
	}
}

// roles looks at who can be played, and whether each sees what is theirs.
func (d *told) roles(t *testing.T) {
	h, people := d.House, d.people
	var roles []string
	for _, r := range people.Roles {
		roles = append(roles, r.Role)
		if r.Title == "" || (r.Person == "") == (r.Home == "") {
			t.Errorf("%+v: want a title, and a person or a home", r)
		}
	}
	if want := []string{"analyst", "engineer", "manager", "leader", "risk-owner", "reporter", "outsider"}; !slices.Equal(roles, want) {
		t.Errorf("roles %v, want %v", roles, want)
	}
	for _, r := range h.Rules.Roles {
		if r.Name != string(access.Reporter) && !slices.ContainsFunc(slices.Collect(maps.Keys(people.All)), func(who string) bool { return has(t, h, people, who, r.Name) }) {
			t.Errorf("nobody is a %s", r.Name)
		}
	}
	actor, id, err := h.Reports.Reporter(t.Context(), people.Reporter)
	if err != nil {
		t.Fatal(err)
	}
	own, err := h.Reports.Own(access.With(t.Context(), actor), id)
	if err != nil {
		t.Fatal(err)
	}
	if mine := slices.ContainsFunc(own.Said, func(s intake.Said) bool { return s.Mine }); !mine || len(own.Said) < 4 || own.Status == "" {
		t.Errorf("the reporter's page says %q and has %d messages, own among them %v; want a conversation", own.Status, len(own.Said), mine)
	}
}

func has(t *testing.T, h *house.House, p *demo.People, who, role string) bool {
	t.Helper()
	known, err := h.Parties.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range known {
		if k.ID == p.All[who] {
			return k.Active && slices.Contains(k.Roles, role)
		}
	}
	return false
}

// leftOver looks for work that the year left undone.
func (d *told) leftOver(t *testing.T) {
	h, people := d.House, d.people
	more, err := h.Jobs.Step(t.Context())
	if more || err != nil {
		t.Errorf("a job is left (%v)", err)
	}
	manager := access.With(t.Context(), access.Actor{ID: people.All["helena"], Kind: access.Person, Name: "Helena Brandvold"})
	all, err := h.Parties.People(manager)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Seen.Before(d.at.AddDate(0, -1, 0)) {
			t.Errorf("%s was last seen on %s, want the last month: the demonstration should look alive", p.Name, p.Seen.Format(time.DateOnly))
		}
	}
	mine, err := h.Notices.Mine(manager, 100)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(mine, func(n notice.Notice) bool { return n.What == "mention" }) {
		t.Errorf("nobody mentioned the manager: %+v", mine)
	}
	if strings.Contains(h.Rules.Publisher.Name+h.Rules.Title, "GitLab") {
		t.Error("the demonstration speaks in a real vendor's name")
	}
}
