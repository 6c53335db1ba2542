package kri_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

func f(x float64) *float64 { return &x }

// day is a date before the moment of the test house, 2026-11-23.
func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// raise raises a risk that all staff may see, or that only named people may.
func raise(t *testing.T, h *rig.House, ctx context.Context, title string, named bool) ref.ID {
	t.Helper()
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: title, Named: named})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func open(t *testing.T, h *rig.House, ctx context.Context, on ref.ID, o kri.Opening) ref.ID {
	t.Helper()
	id, err := h.KRIs.Open(ctx, on, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func coverage() kri.Opening {
	return kri.Opening{Title: "Repositories with secret detection", Kind: "implementation", Unit: "share", Baseline: f(0.4), Target: f(0.95),
		Factor: "likelihood", How: "a secret that is found at once is not used"}
}

func TestLightsComeFromValues(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		id := open(t, h, ctx, raise(t, h, ctx, "Secrets may leak", false), coverage())
		light := func(want string) *kri.Full {
			t.Helper()
			k, err := h.KRIs.Get(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if k.Light != want || k.Says == "" {
				t.Fatalf("light %q (%s), want %q with a reason", k.Light, k.Says, want)
			}
			return k
		}
		light("unknown")
		record := func(at string, value float64) {
			t.Helper()
			if _, err := h.KRIs.Record(ctx, id, kri.Manual, kri.Point{At: day(at), Value: value}); err != nil {
				t.Fatal(err)
			}
		}
		record("2026-10-31", 0.8)
		light("yellow")
		record("2026-11-20", 0.97)
		k := light("green")
		if !k.OnTarget || !k.Below.Equal(day("2026-10-31")) || !k.Tied() || !k.Next.Equal(day("2026-12-20")) {
			t.Errorf("on target %v, better than the baseline since %v, tied %v, next %v", k.OnTarget, k.Below, k.Tied(), k.Next)
		}
		h.Pass(50 * 24 * time.Hour)
		if k = light("stale"); k.Was != "green" || k.OnTarget {
			t.Errorf("was %q, on target %v; want green once, and not on target", k.Was, k.OnTarget)
		}
	})
}

func TestTheSameValueAgainChangesNothing(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		id := open(t, h, ctx, raise(t, h, ctx, "Secrets may leak", false), coverage())
		p := []kri.Point{{At: day("2026-10-01"), Value: 0.5}, {At: day("2026-11-01"), Value: 0.6, Note: "after the scan"}}
		for i, want := range []kri.Recorded{{New: 2}, {Same: 2}} {
			got, err := h.KRIs.Record(ctx, id, kri.API, p...)
			if err != nil || got.New != want.New || got.Same != want.Same || got.Changed != 0 {
				t.Errorf("push %d: %+v, %v; want %+v", i+1, got, err, want)
			}
		}
		before, _ := h.KRIs.Get(ctx, id)
		p[0].Value = 0.55
		if got, err := h.KRIs.Record(ctx, id, kri.API, p...); err != nil || got.Changed != 1 || got.Same != 1 {
			t.Errorf("correction: %+v, %v", got, err)
		}
		after, _ := h.KRIs.Get(ctx, id)
		if after.Version != before.Version+1 || len(after.Points) != 2 || after.Points[0].Value != 0.55 {
			t.Errorf("version %d after %d, values %+v", after.Version, before.Version, after.Points)
		}
	})
}

// The published example: 30 events in 6 months at a mean exposure of 500 predict
// 6.5 a month at an exposure of 650.
func TestPredictionAsPublished(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		id := open(t, h, ctx, raise(t, h, ctx, "Tokens may be replayed", false), kri.Opening{Title: "Incidents", Kind: "effectiveness",
			Unit: "events a month", Baseline: f(5), NextExposure: f(650)})
		var points []kri.Point
		for i, x := range []struct{ events, exposure float64 }{{7, 400}, {3, 450}, {6, 500}, {4, 500}, {5, 550}, {5, 600}} {
			points = append(points, kri.Point{At: time.Date(2026, time.Month(5+i), 31, 0, 0, 0, 0, time.UTC), Value: x.events, Exposure: f(x.exposure)})
		}
		if _, err := h.KRIs.Record(ctx, id, kri.Manual, points...); err != nil {
			t.Fatal(err)
		}
		k, err := h.KRIs.Get(ctx, id)
		if err != nil || k.Forecast == nil {
			t.Fatalf("no prediction: %v", err)
		}
		if k.Forecast.Mean != 6.5 || *k.Forecast.Ratio != 1.3 || k.Light != "yellow" {
			t.Errorf("mean %v, ratio %v, light %s; want 6.5, 1.3, yellow", k.Forecast.Mean, *k.Forecast.Ratio, k.Light)
		}
		if !(k.Forecast.Low < 6.5 && 6.5 < k.Forecast.High) {
			t.Errorf("interval %v to %v does not hold the mean", k.Forecast.Low, k.Forecast.High)
		}
	})
}

func TestBadInputIsRefusedWithTheField(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		on := raise(t, h, ctx, "Secrets may leak", false)
		with := func(change func(o *kri.Opening)) func() error {
			return func() error {
				o := coverage()
				change(&o)
				_, err := h.KRIs.Open(ctx, on, o)
				return err
			}
		}
		id := open(t, h, ctx, on, coverage())
		events := open(t, h, ctx, on, kri.Opening{Title: "Incidents", Kind: "effectiveness", Unit: "events"})
		point := func(id ref.ID, p kri.Point) func() error {
			return func() error {
				_, err := h.KRIs.Record(ctx, id, kri.Manual, p)
				return err
			}
		}
		for name, x := range map[string]struct {
			do    func() error
			field string
		}{
			"no unit":                       {with(func(o *kri.Opening) { o.Unit = " " }), "unit"},
			"no title":                      {with(func(o *kri.Opening) { o.Title = "" }), "title"},
			"an unknown kind":               {with(func(o *kri.Opening) { o.Kind = "mood" }), "kind"},
			"an unknown direction":          {with(func(o *kri.Opening) { o.Better = "up" }), "better"},
			"yellow that asks for more":     {with(func(o *kri.Opening) { o.Bands = &profile.Bands{Green: f(0.7), Yellow: f(0.9)} }), "bands.yellow"},
			"a limit that is no number":     {with(func(o *kri.Opening) { o.Bands = &profile.Bands{Green: f(math.NaN())} }), "bands.green"},
			"a target worse than the start": {with(func(o *kri.Opening) { o.Target = f(0.1) }), "target"},
			"an owner who is not here":      {with(func(o *kri.Opening) { o.Owner = "person-nobody" }), "owner"},
			"a cadence of years":            {with(func(o *kri.Opening) { o.Cadence = 5000 }), "cadence_days"},
			"a control character":           {with(func(o *kri.Opening) { o.Title = "a\x00b" }), "title"},
			"a query of an unknown measure": {with(func(o *kri.Opening) { o.Query = &kri.Query{Measure: "select 1"} }), "query.measure"},
			"a value that is no number":     {point(id, kri.Point{At: day("2026-10-01"), Value: math.NaN()}), "points.0.value"},
			"a value without end":           {point(id, kri.Point{At: day("2026-10-01"), Value: math.Inf(1)}), "points.0.value"},
			"a date in the future":          {point(id, kri.Point{At: day("2027-10-01"), Value: 1}), "points.0.at"},
			"a date before computers":       {point(id, kri.Point{At: day("1066-10-14"), Value: 1}), "points.0.at"},
			"no date":                       {point(id, kri.Point{Value: 1}), "points.0.at"},
			"half an event":                 {point(events, kri.Point{At: day("2026-10-01"), Value: 1.5}), "points.0.value"},
			"an exposure under nothing":     {point(events, kri.Point{At: day("2026-10-01"), Value: 1, Exposure: f(-1)}), "points.0.exposure"},
			"10 MB of note":                 {point(id, kri.Point{At: day("2026-10-01"), Value: 1, Note: strings.Repeat("x", 10<<20)}), "points.0.note"},
			"an experiment with more bad": {func() error {
				_, err := h.KRIs.Tried(ctx, id, kri.Outcome{At: day("2026-10-01"), What: "a test", Tried: 3, Bad: 4})
				return err
			}, "bad"},
			"an experiment of nothing": {func() error {
				_, err := h.KRIs.Tried(ctx, id, kri.Outcome{At: day("2026-10-01"), What: "a test"})
				return err
			}, "tried"},
			"a sample larger than its frame": {func() error {
				_, err := h.KRIs.Draw(ctx, id, kri.Drawing{Frame: []string{"a"}, N: 2, Seed: 1})
				return err
			}, "n"},
			"a frame of nobody":   {func() error { _, err := h.KRIs.Draw(ctx, id, kri.Drawing{N: 2}); return err }, "frame"},
			"a page of thousands": {func() error { _, err := h.KRIs.List(ctx, kri.Filter{}, kri.Page{Limit: 5000}); return err }, "limit"},
		} {
			err := x.do()
			if err == nil {
				t.Errorf("%s: taken, want a refusal at %s", name, x.field)
				continue
			}
			if at := fault.Of(err); !hasField(at.Fields, x.field) {
				t.Errorf("%s: %v with fields %v, want %s", name, err, at.Fields, x.field)
			}
		}
	})
}

func hasField(fs []fault.Field, name string) bool {
	for _, f := range fs {
		if f.Name == name && f.Says != "" {
			return true
		}
	}
	return false
}

func TestAFileOfValues(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		id := open(t, h, ctx, raise(t, h, ctx, "Secrets may leak", false), coverage())
		read := func(text string, dry bool) (kri.Imported, error) {
			return h.KRIs.Import(ctx, id, strings.NewReader(text), dry)
		}
		good := "\ufeffat,value,exposure,note\n2026-09-30,0.7,120,\"first, by hand\"\n2026-10-31,0.8,,=HYPERLINK(A1)\n"
		got, err := read(good, true)
		if err != nil || got.New != 2 || len(got.Errors) > 0 || !got.Dry {
			t.Fatalf("dry run: %+v, %v", got, err)
		}
		if k, _ := h.KRIs.Get(ctx, id); len(k.Points) != 0 {
			t.Fatalf("a dry run recorded %d values", len(k.Points))
		}
		if got, err = read(good, false); err != nil || got.New != 2 {
			t.Fatalf("import: %+v, %v", got, err)
		}
		var out strings.Builder
		if err := h.KRIs.Export(ctx, id, &out); err != nil || !strings.Contains(out.String(), `'=HYPERLINK`) {
			t.Errorf("export %q, %v: want a note that no spreadsheet works out", out.String(), err)
		}
		if got, err = read(out.String(), false); err != nil || got.Same != 2 {
			t.Errorf("what was exported comes back as %+v, %v; want nothing new", got, err)
		}
		got, err = read("at,value\n2026-13-01,0.5\n2026-10-01,\"1,5\"\n2027-10-01,0.5\n2026-10-02,NaN\n2026-10-03,=1+1\n2026-10-04\n", false)
		var where []string
		for _, e := range got.Errors {
			where = append(where, fmt.Sprintf("%d %s", e.Line, e.Column))
		}
		if want := "[2 at 3 value 4 at 5 value 6 value 7 ]"; err != nil || fmt.Sprint(where) != want || got.New != 0 {
			t.Errorf("mistakes at %v, %v; want %s", where, err, want)
		}
		for name, text := range map[string]string{
			"an empty file":      "",
			"an unknown column":  "at,value,mood\n",
			"a missing column":   "at,note\n",
			"a column twice":     "at,value,value\n",
			"an open quote":      "at,value\n\"2026-10-01,1\n",
			"a million rows":     "at,value\n" + strings.Repeat("2026-10-01,1\n", 1_000_000),
			"megabytes of cells": "at,value,note\n2026-10-01,1,\"" + strings.Repeat("x", 10<<20),
			"no value at all":    "at,value\n",
		} {
			if _, err := read(text, false); err == nil || fault.KindOf(err) == fault.Internal {
				t.Errorf("%s: %v, want a refusal with a sentence", name, err)
			}
		}
	})
}

func TestSamplesAreDrawnAgainBySeedAndFrame(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		id := open(t, h, ctx, raise(t, h, ctx, "Old libraries may stay", false), kri.Opening{Title: "Sampled services", Kind: "sampling", Unit: "share"})
		var frame []string
		for i := range 200 {
			frame = append(frame, fmt.Sprintf("service-%03d", i))
		}
		s, err := h.KRIs.Draw(ctx, id, kri.Drawing{Frame: frame, N: 20})
		if err != nil {
			t.Fatal(err)
		}
		again, err := riskscore.Draw(frame, 20, s.Seed)
		if err != nil || fmt.Sprint(again.Chosen) != fmt.Sprint(s.Chosen) || again.FrameHash != s.Hash || s.Size != 200 {
			t.Errorf("seed %d draws %v, want %v", s.Seed, again.Chosen, s.Chosen)
		}
		kept, err := h.KRIs.Frame(ctx, s.ID)
		if err != nil || len(kept) != 1 || len(kept[0].Frame) != 200 {
			t.Errorf("the frame is not kept: %v", err)
		}
		var results []kri.Result
		for i, c := range s.Chosen {
			results = append(results, kri.Result{ID: c.ID, Bad: i < 2})
		}
		if out, err := h.KRIs.Results(ctx, s.ID, results[:15]); err != nil || out.New != 0 {
			t.Errorf("part of the results: %+v, %v", out, err)
		}
		if _, err := h.KRIs.Results(ctx, s.ID, []kri.Result{{ID: "somebody else"}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a result of what was not drawn: %v", err)
		}
		if out, err := h.KRIs.Results(ctx, s.ID, results[15:]); err != nil || out.New != 1 {
			t.Fatalf("all results: %+v, %v", out, err)
		}
		k, _ := h.KRIs.Get(ctx, id)
		p := k.Points[0]
		if p.Value != 0.1 || p.Low == nil || !(*p.Low < 0.1 && 0.1 < *p.High) || p.Sample != s.ID || k.Light != "yellow" {
			t.Errorf("value %+v, light %s; want 0.1 within its interval, yellow", p, k.Light)
		}
		if _, err := h.KRIs.Results(ctx, s.ID, results[:1]); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a result after the last: %v, want a conflict", err)
		}
	})
}

func TestARedLightAsksSomebody(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		on := raise(t, h, ctx, "Secrets may leak", false)
		other := raise(t, h, ctx, "Builds may be changed", false)
		o := coverage()
		o.Owner = "person-Ana"
		id := open(t, h, ctx, on, o)
		if err := h.KRIs.Link(ctx, id, other); err != nil {
			t.Fatal(err)
		}
		for range 2 { // red and still red: one task
			if _, err := h.KRIs.Record(ctx, id, kri.Manual, kri.Point{At: h.Clock().Add(-time.Hour), Value: 0.1}); err != nil {
				t.Fatal(err)
			}
		}
		mine, err := h.KRIs.Tasks(ctx, kri.TaskFilter{Mine: true, State: "open"})
		if err != nil || len(mine) != 1 || mine[0].Kind != kri.TaskRed || mine[0].About != id {
			t.Fatalf("tasks %+v, %v; want one about the red light", mine, err)
		}
		if n := rig.Count(t, h.DB, `jobs where kind = 'tell:risk-owner' and args like '%kri.red%'`); n != 2 {
			t.Errorf("%d owners are told, want those of both risks", n)
		}
		for _, r := range []ref.ID{on, other} {
			full, err := h.Risks.Get(ctx, r)
			if err != nil || full.Review.IsZero() || full.Review.After(h.Clock()) {
				t.Errorf("%s: review at %v, %v; want it due", r, full.Review, err)
			}
			if len(full.Indicators) != 1 || full.Indicators[0].Light != "red" || !full.Indicators[0].Tied {
				t.Errorf("%s: indicators %+v", r, full.Indicators)
			}
		}
		if err := h.KRIs.Done(ctx, mine[0].ID, "the scan was off; it runs again"); err != nil {
			t.Fatal(err)
		}
		if err := h.KRIs.Done(ctx, mine[0].ID, ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("done twice: %v, want a conflict", err)
		}
	})
}

func TestTheNightAsksForValuesAndNotesWhatIsStale(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		on := raise(t, h, ctx, "Secrets may leak", false)
		id := open(t, h, ctx, on, coverage())
		look := func() {
			t.Helper()
			if err := h.KRIs.Look(rig.System()); err != nil {
				t.Fatal(err)
			}
		}
		kinds := func() string {
			t.Helper()
			ts, err := h.KRIs.Tasks(ctx, kri.TaskFilter{Risk: on, State: "open"})
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, x := range ts {
				out = append(out, x.Kind)
			}
			return strings.Join(out, " ")
		}
		if _, err := h.KRIs.Record(ctx, id, kri.Manual, kri.Point{At: h.Clock(), Value: 0.99}); err != nil {
			t.Fatal(err)
		}
		look()
		if kinds() != "" {
			t.Errorf("at first it asks for %s, want nothing", kinds())
		}
		h.Pass(31 * 24 * time.Hour)
		look()
		look()
		if kinds() != kri.TaskValue {
			t.Errorf("after a month it asks for %q, want %s once", kinds(), kri.TaskValue)
		}
		h.Pass(20 * 24 * time.Hour)
		look()
		look()
		if kinds() != kri.TaskValue+" "+kri.TaskStale {
			t.Errorf("after the days of the profile it asks for %q", kinds())
		}
		if l, err := h.KRIs.List(ctx, kri.Filter{Light: "stale", Due: true}, kri.Page{}); err != nil || len(l.KRIs) != 1 {
			t.Errorf("%d are stale and due, %v; want 1", len(l.KRIs), err)
		}
		if l, _ := h.KRIs.List(ctx, kri.Filter{Light: "green"}, kri.Page{}); len(l.KRIs) != 0 {
			t.Error("what is stale is listed as green")
		}
		if _, err := h.KRIs.Record(ctx, id, kri.Manual, kri.Point{At: h.Clock(), Value: 0.99}); err != nil {
			t.Fatal(err)
		}
		if kinds() != "" {
			t.Errorf("after a new value it still asks for %s", kinds())
		}
	})
}

func TestVersionsAndStates(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		id := open(t, h, ctx, raise(t, h, ctx, "Secrets may leak", false), coverage())
		title := "Repositories that are scanned"
		if err := h.KRIs.Edit(ctx, id, kri.Patch{Version: 1, Title: &title}); err != nil {
			t.Fatal(err)
		}
		if err := h.KRIs.Edit(ctx, id, kri.Patch{Version: 1, Title: &title}); !errors.Is(err, fault.Conflict) {
			t.Errorf("an edit of an old version: %v, want a conflict", err)
		}
		if err := h.KRIs.Retire(ctx, id, 0, ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("retired without a reason: %v", err)
		}
		if err := h.KRIs.Retire(ctx, id, 0, "the scanner is gone"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.KRIs.Record(ctx, id, kri.Manual, kri.Point{At: h.Clock(), Value: 1}); !errors.Is(err, fault.Conflict) {
			t.Errorf("a value on a retired indicator: %v, want a conflict", err)
		}
		if err := h.KRIs.Reinstate(ctx, id, 0, "it came back"); err != nil {
			t.Fatal(err)
		}
		if err := h.KRIs.Edit(ctx, id, kri.Patch{Clear: []string{"baseline"}}); err != nil {
			t.Fatal(err)
		}
		k, _ := h.KRIs.Get(ctx, id)
		if k.Title != title || k.Baseline != nil || k.State != kri.Active || k.Why != "" {
			t.Errorf("the indicator is %+v", k.KRI)
		}
	})
}

func TestTheRateOfChangeAloneMayBeGreen(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		on := raise(t, h, ctx, "Secrets may leak", false)
		for name, x := range map[string]struct {
			exposure float64
			want     string
		}{"a quarter less in a quarter": {750, "green"}, "a tenth less": {900, "yellow"}, "more": {1100, "red"}} {
			id := open(t, h, ctx, on, coverage())
			if _, err := h.KRIs.Record(ctx, id, kri.Manual, kri.Point{At: day("2026-08-20"), Value: 0.4, Exposure: f(1000)},
				kri.Point{At: day("2026-11-20"), Value: 0.4, Exposure: f(x.exposure)}); err != nil {
				t.Fatal(err)
			}
			if k, _ := h.KRIs.Get(ctx, id); k.Light != x.want {
				t.Errorf("%s: %s (%s), want %s", name, k.Light, k.Says, x.want)
			}
		}
	})
}

func TestStrataAndExperiments(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		on := raise(t, h, ctx, "Old libraries may stay", false)
		id := open(t, h, ctx, on, kri.Opening{Title: "Sampled services", Kind: "sampling", Unit: "share"})
		strata := []riskscore.Stratum{{Name: "core", Frame: []string{"a", "b", "c", "d"}}, {Name: "edge", Frame: []string{"u", "x", "y", "z", "w", "v"}}}
		s, err := h.KRIs.Draw(ctx, id, kri.Drawing{Strata: strata, N: 5, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.KRIs.Draw(ctx, id, kri.Drawing{Strata: strata, N: 5, Seed: 7})
		if err != nil || fmt.Sprint(again.Chosen) != fmt.Sprint(s.Chosen) || len(s.Strata) != 2 {
			t.Errorf("the same seed draws %v, then %v, %v", s.Chosen, again.Chosen, err)
		}
		var results []kri.Result
		for _, c := range s.Chosen {
			results = append(results, kri.Result{ID: c.ID, Bad: c.Stratum == "core"})
		}
		if out, err := h.KRIs.Results(ctx, s.ID, results); err != nil || out.New != 1 {
			t.Fatalf("results: %+v, %v", out, err)
		}
		if k, _ := h.KRIs.Get(ctx, id); k.Points[0].Value != 0.4 || k.Light != "red" {
			t.Errorf("all of the core, 4 of 10, is %v, %s; want 0.4, red", k.Points[0].Value, k.Light)
		}
		trial := open(t, h, ctx, on, kri.Opening{Title: "Red team", Kind: "experiment", Unit: "share"})
		out, err := h.KRIs.Tried(ctx, trial, kri.Outcome{At: day("2026-11-20"), What: "a red team's week", Tried: 20, Bad: 1})
		if err != nil || out.Light != "yellow" { // 5 % itself is not under 5 %
			t.Errorf("1 of 20: %+v, %v; want yellow", out, err)
		}
		k, _ := h.KRIs.Get(ctx, trial)
		if p := k.Points[0]; p.Tried != 20 || p.Bad != 1 || !(*p.Low < 0.05 && 0.05 < *p.High) || p.Source != "experiment" {
			t.Errorf("the value is %+v", p)
		}
	})
}
