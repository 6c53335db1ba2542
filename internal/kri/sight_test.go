package kri_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/kri"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func TestNeedToKnowRisksHideTheirIndicators(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
		hidden, plain := raise(t, h, ana, "A hidden risk", true), raise(t, h, ana, "A risk for all", false)
		o := coverage()
		id := open(t, h, ana, hidden, o)
		shared := open(t, h, ana, plain, o)
		if _, err := h.KRIs.Record(ana, id, kri.Manual, kri.Point{At: h.Clock(), Value: 0.1}); err != nil {
			t.Fatal(err)
		}
		s, err := h.KRIs.Draw(ana, id, kri.Drawing{Frame: []string{"a", "b"}, N: 1})
		if err != nil {
			t.Fatal(err)
		}
		tasks, _ := h.KRIs.Tasks(ana, kri.TaskFilter{Risk: hidden})
		if len(tasks) != 1 {
			t.Fatalf("%d tasks, want 1", len(tasks))
		}
		var b strings.Builder
		for name, err := range map[string]error{
			"open":     second(h.KRIs.Open(bob, hidden, o)),
			"get":      second(h.KRIs.Get(bob, id)),
			"edit":     h.KRIs.Edit(bob, id, kri.Patch{}),
			"record":   second(h.KRIs.Record(bob, id, kri.Manual, kri.Point{At: h.Clock(), Value: 1})),
			"import":   second(h.KRIs.Import(bob, id, strings.NewReader("at,value\n2026-10-01,1\n"), true)),
			"export":   h.KRIs.Export(bob, id, &b),
			"retire":   h.KRIs.Retire(bob, id, 0, "x"),
			"draw":     second(h.KRIs.Draw(bob, id, kri.Drawing{Frame: []string{"a"}, N: 1})),
			"results":  second(h.KRIs.Results(bob, s.ID, []kri.Result{{ID: "a"}})),
			"frame":    second(h.KRIs.Frame(bob, s.ID)),
			"on risk":  second(h.KRIs.OnRisk(bob, hidden)),
			"suggest":  second(h.KRIs.SuggestFor(bob, hidden)),
			"link to":  h.KRIs.Link(bob, shared, hidden),
			"link of":  h.KRIs.Link(bob, id, plain),
			"done":     h.KRIs.Done(bob, tasks[0].ID, ""),
			"reassign": h.KRIs.Reassign(bob, tasks[0].ID, "person-Bob", time.Time{}),
			"nothing":  second(h.KRIs.Get(bob, "kri-0000000000000000")),
		} {
			if !errors.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want as if it did not exist", name, err)
			}
		}
		if l, err := h.KRIs.List(bob, kri.Filter{}, kri.Page{}); err != nil || len(l.KRIs) != 1 || l.KRIs[0].ID != shared {
			t.Errorf("Bob's list is %v, %v", l, err)
		}
		if ts, err := h.KRIs.Tasks(bob, kri.TaskFilter{}); err != nil || len(ts) != 0 {
			t.Errorf("Bob's tasks are %v, %v", ts, err)
		}
		if err := h.KRIs.Reassign(ana, tasks[0].ID, "person-Bob", time.Time{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("given to somebody who may not see it: %v", err)
		}
		read := h.As(t, "Aud", "auditor")
		if _, err := h.KRIs.Get(read, shared); err != nil {
			t.Errorf("an auditor reads: %v", err)
		}
		if _, err := h.KRIs.Record(read, shared, kri.Manual, kri.Point{At: h.Clock(), Value: 1}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an auditor records: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// For somebody who may not see a risk, nothing that is done with its indicators
// changes anything: not a list, not a page, not the trail, not the jobs.
func TestTwoWorldsOfIndicators(t *testing.T) {
	var shared, hidden, plain ref.ID
	const person = "person-Ana"
	as := func(name string) context.Context {
		return access.With(context.Background(), access.Actor{ID: ref.ID("person-" + name), Kind: access.Person, Name: name})
	}
	rig.Twins(t, "gitlab", func(h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		h.As(t, "Bob", "manager", "auditor", "admin")
		plain, hidden = raise(t, h, ana, "A risk for all", false), raise(t, h, ana, "A hidden risk", true)
		o := coverage()
		o.Owner = person
		shared = open(t, h, ana, plain, o)
		count := coverage()
		count.Title, count.Query, count.Better, count.Bands, count.Target, count.Baseline = "Cases", &kri.Query{Measure: kri.Count}, "lower", nil, nil, nil
		open(t, h, ana, plain, count)
	}, func(t *testing.T, a, b *rig.House) {
		ana, bob := as("Ana"), as("Bob")
		id := open(t, b, ana, hidden, coverage())
		if err := b.KRIs.Link(ana, shared, hidden); err != nil {
			t.Fatal(err)
		}
		if err := b.KRIs.Link(ana, id, plain); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Open(ana, casework.Opening{Title: "An embargoed case", Named: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.KRIs.Record(ana, id, kri.Manual, kri.Point{At: b.Clock(), Value: 0.1}); err != nil {
			t.Fatal(err)
		}
		start := b.Clock().Add(40 * 24 * time.Hour)
		for _, h := range []*rig.House{a, b} {
			h.Set(start)
			if err := h.KRIs.Look(rig.System()); err != nil {
				t.Fatal(err)
			}
		}
		look := func(h *rig.House) string {
			h.Set(start.Add(time.Hour))
			var out []any
			add := func(x any, err error) {
				if err != nil {
					out = append(out, fault.KindOf(err))
					return
				}
				out = append(out, x)
			}
			add(h.KRIs.List(bob, kri.Filter{}, kri.Page{}))
			add(h.KRIs.List(bob, kri.Filter{Risk: plain}, kri.Page{}))
			add(h.KRIs.List(bob, kri.Filter{Risk: hidden}, kri.Page{}))
			add(h.KRIs.OnRisk(bob, plain))
			add(h.KRIs.OnRisk(bob, hidden))
			add(h.KRIs.Get(bob, shared))
			add(h.KRIs.Get(bob, id))
			f, err := h.Risks.Get(bob, plain)
			add(f, err)
			add(h.Trail.On(bob, plain))
			add(h.Trail.On(bob, shared))
			ts, err := h.KRIs.Tasks(bob, kri.TaskFilter{})
			for _, x := range ts {
				x.ID = "" // each house draws its own
			}
			add(ts, err)
			js, err := h.Queue.List(bob, "", 100, "")
			if err == nil {
				add(len(js.Jobs), nil)
			}
			text, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		have, want := look(b), look(a)
		if x, y := strip(have), strip(want); x != y {
			i := 0
			for i < min(len(x), len(y)) && x[i] == y[i] {
				i++
			}
			t.Errorf("with hidden indicators Bob sees\n%.600s\nwithout\n%.600s", x[max(0, i-200):], y[max(0, i-200):])
		}
		if strings.Contains(have, string(hidden)) && !strings.Contains(want, string(hidden)) || strings.Contains(have, string(id)) {
			t.Error("a hidden name stands in what Bob sees")
		}
	})
}

// strip takes out what each house draws by chance: names and the moments between.
func strip(s string) string {
	var out []string
	for _, part := range strings.Split(s, `"`) {
		if strings.HasPrefix(part, "audit-") || strings.HasPrefix(part, "task-") || strings.HasPrefix(part, "2027-") || strings.HasPrefix(part, "2026-") {
			part = "…"
		}
		out = append(out, part)
	}
	return strings.Join(out, `"`)
}

func TestTheHouseCountsItsOwnOpenCases(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		on := raise(t, h, ana, "Cases may pile up", false)
		var ids []ref.ID
		for _, m := range []string{kri.Count, kri.InTime, kri.Overdue} {
			o := coverage()
			o.Title, o.Unit, o.Kind = m, "cases", "exposure"
			o.Better, o.Target, o.Baseline = "", nil, nil
			o.Query = &kri.Query{Measure: m, Component: "parser"}
			ids = append(ids, open(t, h, ana, on, o))
		}
		for i := range 4 {
			in := casework.Opening{Title: "A case", Component: "parser", Named: i == 3}
			if i == 2 {
				in.Component = "other"
			}
			if _, err := h.Cases.Open(ana, in); err != nil {
				t.Fatal(err)
			}
		}
		h.Pass(10 * 24 * time.Hour) // 2026-12-03
		look := func() {
			t.Helper()
			if err := h.KRIs.Look(rig.System()); err != nil {
				t.Fatal(err)
			}
		}
		look()
		k, err := h.KRIs.Get(ana, ids[0])
		if err != nil || len(k.Points) != 12 || k.Points[11].Value != 2 || !k.Points[11].At.Equal(day("2026-11-30")) || k.Points[10].Value != 0 {
			t.Fatalf("counted %+v, %v; want 2 in November, the embargoed one not among them", k.Points, err)
		}
		version := k.Version
		look()
		if k, _ = h.KRIs.Get(ana, ids[0]); k.Version != version {
			t.Error("counting again changed something")
		}
		if k, _ = h.KRIs.Get(ana, ids[1]); len(k.Points) != 0 || k.Light != "unknown" {
			t.Errorf("a share of no closed case is %+v, %s; want no value, unknown", k.Points, k.Light)
		}
		if k, _ = h.KRIs.Get(ana, ids[2]); len(k.Points) != 1 || k.Points[0].Value < 0 || k.Points[0].Value > 2 {
			t.Errorf("overdue: %+v", k.Points)
		}
		if _, err := h.KRIs.Record(ana, ids[0], kri.Manual, kri.Point{At: h.Clock(), Value: 1}); !errors.Is(err, fault.Conflict) {
			t.Errorf("a value by hand beside the query: %v", err)
		}
		ts, err := h.KRIs.Tasks(ana, kri.TaskFilter{State: "open"})
		for _, x := range ts {
			if x.Kind != kri.TaskRed { // two cases where there were none
				t.Errorf("people are asked for what the house counts: %+v", x)
			}
		}
		if err != nil || len(ts) != 1 {
			t.Errorf("%d tasks, %v; want one about the red light", len(ts), err)
		}
	})
}

func TestWatchedRisksHaveRecurringTasks(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		on := raise(t, h, ana, "Secrets may leak", false)
		other := raise(t, h, ana, "Builds may be changed", false)
		watch(t, h, on, "monitor")
		look := func() []*kri.Task {
			t.Helper()
			if err := h.KRIs.Look(rig.System()); err != nil {
				t.Fatal(err)
			}
			ts, err := h.KRIs.Tasks(ana, kri.TaskFilter{State: "open"})
			if err != nil {
				t.Fatal(err)
			}
			return ts
		}
		look()
		ts := look()
		if len(ts) != 2 || ts[0].Kind != kri.TaskReview || ts[1].Kind != kri.TaskScore || ts[0].Guard != on {
			t.Fatalf("tasks %+v; want the indicators' and the score's of the watched risk, and none of %s", ts, other)
		}
		c := h.Rules.Register.Cadence
		if days := int(ts[0].Due.Sub(rig.Start).Hours() / 24); days != c.KRIDays {
			t.Errorf("the indicators are due in %d days, want %d", days, c.KRIDays)
		}
		if err := h.KRIs.Done(ana, ts[0].ID, "all as it should be"); err != nil {
			t.Fatal(err)
		}
		if again := look(); len(again) != 2 || again[0].ID == ts[0].ID && again[1].ID == ts[0].ID {
			t.Errorf("after one is done there are %+v", again)
		}
		watch(t, h, on, "remediate")
		if left := look(); len(left) != 0 {
			t.Errorf("of a risk that is no longer watched is asked: %+v", left)
		}
	})
}

func TestARestrictedRiskTakesItsIndicatorsAlong(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager", "coordinator"), h.As(t, "Bob", "manager")
		on := raise(t, h, ana, "Secrets may leak", false)
		id := open(t, h, ana, on, coverage())
		if _, err := h.KRIs.Get(bob, id); err != nil {
			t.Fatal(err)
		}
		if err := h.Risks.Restrict(ana, on, "it names a supplier"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.KRIs.Get(bob, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("after the risk was restricted: %v", err)
		}
		if _, err := h.KRIs.Record(ana, id, kri.Manual, kri.Point{At: h.Clock(), Value: 0.1}); err != nil {
			t.Fatal(err)
		}
		if ts, err := h.KRIs.Tasks(bob, kri.TaskFilter{}); err != nil || len(ts) != 0 {
			t.Errorf("Bob sees tasks of it: %+v, %v", ts, err)
		}
		if err := h.Risks.Lift(ana, on, "the contract is public"); err != nil {
			t.Fatal(err)
		}
		if k, err := h.KRIs.Get(bob, id); err != nil || len(k.Points) != 1 || len(k.Tasks) != 1 {
			t.Errorf("after it was lifted: %+v, %v", k, err)
		}
	})
}

func TestClosedRisksAskForNothing(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		on := raise(t, h, ana, "Secrets may leak", false)
		id := open(t, h, ana, on, coverage())
		if _, err := h.KRIs.Record(ana, id, kri.Manual, kri.Point{At: h.Clock(), Value: 0.1}); err != nil {
			t.Fatal(err)
		}
		change(t, h, on, `update {risks} set closed = true, owner = $2 where id = $1`, "person-Ana")
		if ts, _ := h.KRIs.Tasks(ana, kri.TaskFilter{Mine: true}); len(ts) != 1 {
			t.Errorf("the owner has %d tasks, want the red light's", len(ts))
		}
		h.Pass(100 * 24 * time.Hour)
		if err := h.KRIs.Look(rig.System()); err != nil {
			t.Fatal(err)
		}
		if ts, _ := h.KRIs.Tasks(ana, kri.TaskFilter{State: "open"}); len(ts) != 0 {
			t.Errorf("a closed risk asks for %+v", ts[0])
		}
	})
}

func watch(t *testing.T, h *rig.House, id ref.ID, response string) {
	t.Helper()
	change(t, h, id, `update {risks} set response = $2 where id = $1`, response)
}

// change sets what else would take a risk's whole life.
func change(t *testing.T, h *rig.House, id ref.ID, q, value string) {
	t.Helper()
	if err := h.Gate.Act(rig.System(), "risk.respond", id, func(tx *gate.Tx) error { return tx.Exec(id, nil, q, string(id), value) }); err != nil {
		t.Fatal(err)
	}
}

func TestSuggestionsFollowTheGuide(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		on := raise(t, h, ana, "Secrets may leak", false)
		got, err := h.KRIs.SuggestFor(ana, on)
		if err != nil || len(got) != 1 || got[0].Kind != "implementation" || len(got[0].Why) != 1 {
			t.Errorf("where nothing has happened: %+v, %v; want implementation", got, err)
		}
		got, _ = h.KRIs.SuggestFor(ana, on, "no-inventory", "frequent")
		if len(got) != 4 || got[0].Kind != "implementation" || len(got[0].Why) != 2 {
			t.Errorf("more situations: %+v; want what most of them ask for first", got)
		}
		for _, a := range h.Rules.Register.KRI.Guide {
			if len(kri.Suggest(h.Rules, a.Name)) != len(a.Kinds) {
				t.Errorf("the situation %s suggests not what the guide says", a.Name)
			}
		}
	})
}

func TestACaseThatWasFoundToBeNoneCountsNowhere(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		on := raise(t, h, ana, "Cases may pile up", false)
		o := coverage()
		o.Kind, o.Better, o.Target, o.Baseline = "exposure", "", nil, nil
		o.Query = &kri.Query{Measure: kri.Count, Component: "parser"}
		id := open(t, h, ana, on, o)
		var last ref.ID
		for range 3 {
			var err error
			if last, err = h.Cases.Open(ana, casework.Opening{Title: "A case", Component: "parser"}); err != nil {
				t.Fatal(err)
			}
		}
		h.Pass(10 * 24 * time.Hour)
		november := func() float64 {
			t.Helper()
			if err := h.KRIs.Look(rig.System()); err != nil {
				t.Fatal(err)
			}
			k, err := h.KRIs.Get(ana, id)
			if err != nil || len(k.Points) != 12 {
				t.Fatalf("%d values, %v; want twelve months", len(k.Points), err)
			}
			return k.Points[11].Value
		}
		if n := november(); n != 3 {
			t.Errorf("counted %v in November, want 3", n)
		}
		change(t, h, last, `update {cases} set barred = $2 where id = $1`, "duplicate")
		if n := november(); n != 2 {
			t.Errorf("counted %v in November once one was a duplicate, want 2", n)
		}
	})
}

func TestSomebodyFromOutsideIsToldNoCountOfCasesThatTheyMayNotOpen(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, gus := h.As(t, "Ana", "manager"), h.As(t, "gus", "guest")
		on := raise(t, h, ana, "Cases may pile up", false)
		if err := h.Risks.Share(ana, on, "person-gus", "risk-owner"); err != nil {
			t.Fatal(err)
		}
		o := coverage()
		o.Kind, o.Better, o.Target, o.Baseline = "exposure", "", nil, nil
		o.Query = &kri.Query{Measure: kri.Count, Component: "parser"}
		id, plain := open(t, h, ana, on, o), open(t, h, ana, on, coverage())
		if _, err := h.KRIs.Record(ana, plain, kri.Manual, kri.Point{At: h.Clock(), Value: 0.5}); err != nil {
			t.Fatal(err)
		}
		picture := func() string {
			t.Helper()
			k, err := h.KRIs.Get(gus, id)
			if err != nil {
				t.Fatal(err)
			}
			k.Version, k.Tasks = 0, nil
			ks, err := h.KRIs.OnRisk(gus, on)
			if err != nil || len(ks) != 2 {
				t.Fatalf("%d indicators, %v; want two", len(ks), err)
			}
			for _, x := range ks {
				x.Version = 0
			}
			red, err := h.KRIs.List(gus, kri.Filter{Light: "red"}, kri.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var file strings.Builder
			if err := h.KRIs.Export(gus, id, &file); err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal([]any{k, ks, len(red.KRIs), file.String()})
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		h.Pass(10 * 24 * time.Hour)
		before := picture()
		for range 3 {
			if _, err := h.Cases.Open(ana, casework.Opening{Title: "A case", Component: "parser", Received: h.Clock().AddDate(0, -1, 0)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.KRIs.Look(rig.System()); err != nil {
			t.Fatal(err)
		}
		if after := picture(); after != before {
			t.Errorf("what somebody from outside is told changed with cases of the house:\n%s\nwas\n%s", after, before)
		}
		if k, err := h.KRIs.Get(ana, id); err != nil || k.Value == nil || len(k.Points) == 0 {
			t.Errorf("staff are told %+v, %v; want a value", k, err)
		}
		if k, err := h.KRIs.Get(gus, plain); err != nil || k.Value == nil {
			t.Errorf("a value that a person recorded is kept from somebody who may see the risk: %v", err)
		}
	})
}

// TestWhatTheHouseCountedIsToldToNobodyFromOutside: neither by the tasks that a light
// leaves, nor by the trail, nor once the indicator asks no more.
func TestWhatTheHouseCountedIsToldToNobodyFromOutside(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, gus := h.As(t, "Ana", "manager"), h.As(t, "gus", "guest")
		on := raise(t, h, ana, "Cases may pile up", false)
		if err := h.Risks.Share(ana, on, "person-gus", "risk-owner"); err != nil {
			t.Fatal(err)
		}
		o := coverage()
		o.Kind, o.Better, o.Target, o.Baseline = "exposure", "", nil, nil
		o.Query = &kri.Query{Measure: kri.Count, Component: "parser"}
		id := open(t, h, ana, on, o)
		for range 3 {
			if _, err := h.Cases.Open(ana, casework.Opening{Title: "A case", Component: "parser"}); err != nil {
				t.Fatal(err)
			}
		}
		h.Pass(10 * 24 * time.Hour)
		if err := h.KRIs.Look(rig.System()); err != nil {
			t.Fatal(err)
		}
		told := func(who context.Context) (tasks, lines int, k *kri.Full) {
			t.Helper()
			k, err := h.KRIs.Get(who, id)
			if err != nil {
				t.Fatal(err)
			}
			ts, err := h.KRIs.Tasks(who, kri.TaskFilter{Risk: on})
			if err != nil {
				t.Fatal(err)
			}
			trail, err := h.Trail.On(who, on)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range trail {
				for _, c := range e.Changes {
					if strings.HasPrefix(c.Field, "light of") || strings.HasPrefix(c.Field, "value") || c.Field == "review" || c.Field == "task" {
						lines++
					}
				}
			}
			return len(ts) + len(k.Tasks), lines, k
		}
		if tasks, lines, k := told(ana); tasks != 2 || lines == 0 || k.Light != "red" {
			t.Fatalf("staff have %d tasks, %d lines, %s; want the red light's, its lines, red", tasks, lines, k.Light)
		}
		if tasks, lines, _ := told(gus); tasks != 0 || lines != 0 {
			t.Errorf("somebody from outside has %d tasks and %d lines of what the house counted", tasks, lines)
		}
		if err := h.KRIs.Edit(ana, id, kri.Patch{Clear: []string{"query"}}); err != nil {
			t.Fatal(err)
		}
		if _, _, k := told(ana); k.Value == nil {
			t.Fatal("staff lost the value with the query")
		}
		if tasks, lines, k := told(gus); tasks != 0 || lines != 0 || k.Value != nil || k.Light == "red" || !k.At.IsZero() {
			t.Errorf("with the query gone somebody from outside has %d tasks, %d lines, %v, %s", tasks, lines, k.Value, k.Light)
		}
		h.Pass(time.Hour)
		if _, err := h.KRIs.Record(ana, id, kri.Manual, kri.Point{At: h.Clock(), Value: 7}); err != nil {
			t.Fatal(err)
		}
		if _, lines, k := told(gus); k.Value == nil || *k.Value != 7 || len(k.Points) != 1 || lines != 1 {
			t.Errorf("of a value that a person recorded they have %v, %d points, %d lines; want it", k.Value, len(k.Points), lines)
		}
	})
}
