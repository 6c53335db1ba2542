package profile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/lifecycle"
	"tocsin/profiles"
)

// older is a folder as the release before the register knew it.
func older(t *testing.T) fstest.MapFS {
	t.Helper()
	fsys := base(t)
	for _, name := range []string{"register.yaml", "lifecycle/risk.yaml", "lifecycle/observation.yaml", "messages/late.md"} {
		delete(fsys, name)
	}
	edit(t, fsys, `clocks.yaml:   - name: risk\n    title: Risk\n    on: risk\n    kind: slo\n    start: opened\n    stop: [planned, closed]\n    calendar: days\n    target: {high: 5d, any: 10d}\n => `)
	edit(t, fsys, `grants.yaml:   risk.close: [manager]\n  observation.confirm: [manager]\n => `)
	return fsys
}

func TestAFolderWithoutARegisterBorrowsOne(t *testing.T) {
	words := few
	words.Verbs = append(slices.Clone(few.Verbs), "risk.read", "risk.edit")
	p, err := Load(older(t), words)
	if err != nil {
		t.Fatal(err)
	}
	g := load(t, "generic")
	if p.Register.Borrowed != "generic" || p.Register.Acceptance.Name != g.Register.Acceptance.Name {
		t.Errorf("register of %q, acceptance %q, want those of generic", p.Register.Borrowed, p.Register.Acceptance.Name)
	}
	if diff := cmp.Diff(g.Ratings, p.Ratings); diff != "" {
		t.Errorf("ratings: want (-), have (+):\n%s", diff)
	}
	for _, name := range []string{"risk", "risk-seven", "observation"} {
		if p.Lifecycle(name) == nil {
			t.Errorf("no life cycle %s", name)
		}
	}
	for _, name := range p.Register.messages() {
		if _, body, err := p.Messages[name].Render(Vars{Title: "T"}); err != nil || !strings.Contains(body, `"T"`) {
			t.Errorf("message %s reads %q (%v)", name, body, err)
		}
	}
	if have := p.Register.Evidence.Kinds[0].Points; !cmp.Equal(have, map[string]int{"high": 3, "low": 2}) {
		t.Errorf("points %v, want those of the two highest severities on high and low", have)
	}
	var granted []string
	for _, row := range p.Grants {
		granted = append(granted, row.Verb)
	}
	if !slices.Contains(granted, "risk.read") || !slices.IsSorted(granted) || slices.Contains(granted, "risk.share") {
		t.Errorf("grants %v, want the verbs that the code knows, in order", granted)
	}
	if !slices.ContainsFunc(p.Roles, func(r Named) bool { return r.Name == "risk-owner" }) {
		t.Errorf("roles %v, want risk-owner among them", p.Roles)
	}
	if text := shown(t, p); !strings.Contains(text, "the folder has no register.yaml") {
		t.Error("the text says nothing of the register being borrowed")
	}
	if p.Draw() == "" {
		t.Error("a profile that draws nothing")
	}
}

func TestTheVersionOfABorrowedRegisterIsPartOfTheVersion(t *testing.T) {
	p, err := Load(older(t), few)
	if err != nil {
		t.Fatal(err)
	}
	q, err := Load(base(t), few)
	if err != nil || p.Version == q.Version {
		t.Errorf("versions %s and %s (%v), want two", p.Version, q.Version, err)
	}
}

// TestTheOtherLifeCycleIsOneWordAway picks the seven stages in a copy of each preset.
func TestTheOtherLifeCycleIsOneWordAway(t *testing.T) {
	for _, name := range Names() {
		dir := t.TempDir()
		sub, err := fs.Sub(profiles.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, sub); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, registerFile)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		other := strings.Replace(string(text), "\nlifecycle: risk", "\nlifecycle: risk-seven", 1)
		if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Load(os.DirFS(dir), known)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if have := p.Lifecycle(p.Register.Lifecycle).Name; have != "risk-seven" {
			t.Errorf("%s: life cycle %s, want risk-seven", name, have)
		}
	}
}

func TestRiskLifeCyclesSetTheLabelsOfTheirStages(t *testing.T) {
	for _, name := range Names() {
		p := load(t, name)
		for _, machine := range []string{"risk", "risk-seven"} {
			for _, mv := range p.Lifecycle(machine).Moves {
				accepts, blocks := mv.Verb == "risk.accept", mv.Verb == "risk.block"
				if accepts != slices.Contains(mv.Sets, "risk-accepted") || blocks != slices.Contains(mv.Sets, "blocked") {
					t.Errorf("%s %s: %s sets %v", name, machine, mv.Verb, mv.Sets)
				}
				if mv.To == "closed" != slices.Contains(mv.Does, "event:closed") {
					t.Errorf("%s %s: %s to %s does %v", name, machine, mv.Verb, mv.To, mv.Does)
				}
			}
		}
	}
}

func TestRiskStagesOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	stages := func(name string) (out []string) {
		for _, s := range p.Lifecycle(name).Stages {
			out = append(out, s.Name)
			if !slices.Contains(lifecycle.RiskPhases, s.Phase) {
				t.Errorf("%s: the stage %s is in the phase %s", name, s.Name, s.Phase)
			}
		}
		return out
	}
	for name, want := range map[string]string{
		"risk":        "finding-identified, remediation-plan, monitoring, monitored, closed",
		"risk-seven":  "identified, treatment-plan-defined, in-progress, blocked, monitored, risk-accepted, closed",
		"observation": "identified, validated, in-progress, stalled, blocked, risk-accepted, remediated, remediation-accepted",
	} {
		if have := words(stages(name)); have != want {
			t.Errorf("%s: stages %s, want %s", name, have, want)
		}
	}
	want := "finding-identified: risk.plan > remediation-plan, risk.monitor > monitored, risk.accept > finding-identified, risk.reject > closed\n" +
		"remediation-plan: risk.start > monitoring, risk.monitor > monitored, risk.accept > remediation-plan\n" +
		"monitoring: risk.monitor > monitored, risk.accept > monitoring, risk.replan > remediation-plan, risk.close > closed\n" +
		"monitored: risk.accept > monitored, risk.replan > remediation-plan, risk.close > closed\n" +
		"closed: risk.reopen > finding-identified\n"
	if have := moves(p, "risk"); have != want {
		t.Errorf("moves\n%swant\n%s", have, want)
	}
}

// bandOf is what the bands add at a number.
func bandOf(bands []Modifier, n int) (add int) {
	for _, b := range bands {
		if n >= b.From {
			add = b.Add
		}
	}
	return add
}

// TestEvidenceOfTheHandbook computes its eight vectors from the profile's values.
func TestEvidenceOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	e := p.Register.Evidence
	for _, row := range [][6]int{
		{3, 3, 0, 0, 4}, {3, 3, 4, 4, 9}, {3, 3, 5, 5, 16}, {4, 3, 12, 9, 24}, {4, 4, 10, 10, 30}, {6, 5, 0, 0, 20}, {1, 1, 0, 0, 1}, {5, 4, 9, 12, 30},
	} {
		l := min(6, max(1, row[0]+bandOf(e.CountBands, row[2])))
		i := min(5, max(1, row[1]+bandOf(e.PointBands, row[3])))
		if l*i != row[4] {
			t.Errorf("base %d x %d with %d items and %d points scores %d, want %d", row[0], row[1], row[2], row[3], l*i, row[4])
		}
	}
	for _, k := range e.Kinds {
		if !cmp.Equal(k.Points, map[string]int{"critical": 3, "high": 2}) {
			t.Errorf("points of %s are %v", k.Name, k.Points)
		}
	}
	if e.Months != 24 || p.Register.Recurrence.Count != 5 || p.Register.Recurrence.Months != 24 {
		t.Errorf("window %d months, recurrence %+v", e.Months, p.Register.Recurrence)
	}
}

// TestAuthorityOfTheHandbook walks sections 1.8, 2.1, 2.3 and 2.5.
func TestAuthorityOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	r := &p.Register
	storm := r.Presets[0]
	for _, row := range []struct{ rating, priority, level, usrm, storm, days string }{
		{"low", "P4", "manager", "manager every 24", " every 12", "0"},
		{"medium", "P3", "director", "director every 18", "vp every 12", "120"},
		{"high", "P2", "vp", "vp every 12", "vp every 12", "90"},
		{"critical", "P1", "vp", "vp every 6", "vp, executive every 12", "30"},
	} {
		a, ok := r.AuthorityOf(row.rating)
		if !ok || a.Priority != row.priority || a.Business != row.level || a.Security != row.level || fmt.Sprint(a.Days) != row.days {
			t.Errorf("authority of %s is %+v", row.rating, a)
		}
		for want, acc := range map[string]Acceptance{row.usrm: r.Acceptance, row.storm: storm} {
			by, ok := acc.ApprovalOf(row.rating)
			if have := fmt.Sprintf("%s every %d", words(by.Levels), acc.Review[row.rating]); !ok || !by.Owner || have != want {
				t.Errorf("%s: %s is approved by %s, want %s", acc.Name, row.rating, have, want)
			}
		}
	}
	if r.Acceptance.MaxMonths != 24 || len(r.Acceptance.Questions) != 6 {
		t.Errorf("%d months and %d questions, want 24 and 6", r.Acceptance.MaxMonths, len(r.Acceptance.Questions))
	}
	if low, high := r.LevelRank("manager"), r.LevelRank("executive"); low != 1 || high != 4 || r.LevelRank("king") != 0 {
		t.Errorf("levels from %d to %d, king %d", low, high, r.LevelRank("king"))
	}
	if _, ok := r.AuthorityOf("purple"); ok {
		t.Error("somebody may own what is rated purple")
	}
	if _, ok := storm.ApprovalOf("purple"); ok {
		t.Error("somebody accepts what is rated purple")
	}
}

// TestCareOfTheHandbook walks sections 2.4, 3.5 to 3.7 and 5.
func TestCareOfTheHandbook(t *testing.T) {
	r := load(t, "gitlab").Register
	bands := map[string]string{}
	for _, k := range r.KRI.Kinds {
		bands[k.Name] = k.Better + ": " + k.Bands.words()
	}
	want := map[string]string{
		"implementation": "higher: green 0.95, yellow 0.75, green rate -0.2, yellow rate 0",
		"exposure":       "lower: green rate -0.2, yellow rate 0",
		"effectiveness":  "lower: ",
		"efficiency":     "higher: green 0.95, yellow 0.75",
		"sampling":       "lower: green 0.05, yellow 0.15, green itself is yellow",
		"experiment":     "lower: green 0.05, yellow 0.15, green itself is yellow",
	}
	if diff := cmp.Diff(want, bands); diff != "" {
		t.Errorf("bands: want (-), have (+):\n%s", diff)
	}
	if diff := cmp.Diff([]Light{{1, "green"}, {1.5, "yellow"}, {2, "yellow"}, {0, "red"}}, r.KRI.Ratio); diff != "" {
		t.Errorf("lights: want (-), have (+):\n%s", diff)
	}
	after := map[string]string{}
	for _, x := range r.Policies {
		after[x.Name] = x.After.String()
	}
	for name, want := range map[string]string{"stale": "30d", "no-assignee": "48h", "overdue": "", "no-due-date": "7d", "missing-labels": ""} {
		if have, ok := after[name]; !ok || have != want {
			t.Errorf("%s after %q, want %q", name, have, want)
		}
	}
	if r.Closure != (Closure{90, 0.95}) || !r.Parent.Required || r.Slots != 1 || r.Top != 5 || r.Plan.Years != 4 {
		t.Errorf("closure %+v, parent %+v, slots %d, top %d, plan %d years", r.Closure, r.Parent, r.Slots, r.Top, r.Plan.Years)
	}
	months := map[string]string{}
	for _, x := range r.Observations.Ratings {
		months[x.Word] = fmt.Sprintf("%d-%d: %d", x.From, x.To, x.Months)
	}
	if diff := cmp.Diff(map[string]string{"low": "1-3: 18", "medium": "4-11: 12", "high": "12-15: 6", "critical": "16-16: 3"}, months); diff != "" {
		t.Errorf("observations: want (-), have (+):\n%s", diff)
	}
}

// TestRiskClocksOfTheHandbook walks the service commitments of section 2.2.
func TestRiskClocksOfTheHandbook(t *testing.T) {
	p := load(t, "gitlab")
	for name, want := range map[string]string{"risk-statement": "1bd", "risk-owners": "2bd", "risk-plan": "4bd", "risk-monitoring": "2bd", "risk-update": "30d"} {
		c, ok := p.Clock(name)
		if have, _ := c.TargetFor("medium"); !ok || c.On != "risk" || have.String() != want {
			t.Errorf("%s on %s within %s, want %s on risk", name, c.On, have, want)
		}
	}
}

func TestRatingsAreFoundByTheirWord(t *testing.T) {
	p := load(t, "gitlab")
	if have, want := words(p.RatingWords()), "low, medium, high, critical"; have != want {
		t.Errorf("ratings %s, want %s", have, want)
	}
	if r, ok := p.Rating("high"); !ok || r.From != 21 {
		t.Errorf("high is %+v (%t), want from 21", r, ok)
	}
	if r, ok := p.Rating("purple"); ok {
		t.Errorf("purple is %+v, want none", r)
	}
}

func TestTheLabelsOfDecisions(t *testing.T) {
	for _, c := range []struct {
		name, labels, says string
	}{
		{"left out, those of the lender", "", ""},
		{"a label that the life cycle lacks", "labels: {accepted: borne, blocked: stale, proposed: raised}", "borne"},
		{"one label for two", "labels: {accepted: stale, blocked: stale, proposed: stale}", "two things"},
		{"one is left out", "labels: {accepted: stale}", "blocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := base(t)
			fsys["register.yaml"] = &fstest.MapFile{Data: append(slices.Clone(fsys["register.yaml"].Data), "\n"+c.labels+"\n"...)}
			p, err := Load(fsys, few)
			switch {
			case c.says == "" && err != nil:
				t.Fatal(err)
			case c.says == "":
				if g := load(t, "generic"); p.Register.Labels != g.Register.Labels || p.Register.Labels.Blocked == "" {
					t.Errorf("labels %+v, want those of generic, %+v", p.Register.Labels, g.Register.Labels)
				}
			case err == nil || !strings.Contains(err.Error(), c.says):
				t.Errorf("%v, want it to speak of %q", err, c.says)
			}
		})
	}
}
