package quant_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func done(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func raise(t *testing.T, h *rig.House, ctx context.Context, title string, named bool) ref.ID {
	t.Helper()
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: title, Named: named})
	done(t, "raise", err)
	return id
}

// scenario is three events a year of exactly 100,000.
func scenario(id ref.ID) string {
	return "unit: EUR\nappetite: [500000]\nscenarios:\n  - id: " + string(id) + "\n    loss_event_frequency: {kind: constant, value: 3}\n" +
		"    loss_magnitude: {kind: constant, value: 100000}\n    treatment: {name: fewer, annual_cost: 10000, changes: [{factor: loss_event_frequency, scale: 0.5}]}\n"
}

func set(t *testing.T, h *rig.House, ctx context.Context, id ref.ID) {
	t.Helper()
	_, err := h.Quants.SetScenario(ctx, id, quant.Setting{Text: scenario(id)})
	done(t, "set the scenario", err)
}

// work does all jobs that are ready.
func work(t *testing.T, h *rig.House) {
	t.Helper()
	for {
		more, err := h.Jobs.Step(context.Background())
		done(t, "a job", err)
		if !more {
			return
		}
	}
}

func TestARunIsAJobAndSaysHowItWasMade(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		id := raise(t, h, ana, "Exports may reveal data", false)
		if _, err := h.Quants.Run(ana, id, quant.Options{}); !errors.Is(err, fault.Conflict) {
			t.Errorf("without a scenario: %v, want a conflict", err)
		}
		set(t, h, ana, id)
		first, err := h.Quants.Run(ana, id, quant.Options{Trials: 20_000, Seed: 7})
		done(t, "run", err)
		q, err := h.Quants.Of(ana, id)
		done(t, "of", err)
		if u := q.Under(); u == nil || u.ID != first || u.State != quant.Waiting || q.Latest != nil {
			t.Fatalf("before the job: %+v", q)
		}
		work(t, h)
		q, err = h.Quants.Of(ana, id)
		done(t, "of", err)
		r := q.Latest
		if r == nil || r.State != quant.Done || r.Result.Seed != 7 || r.Result.Trials != 20_000 || r.Result.Engine != r.Engine || r.Result.InputHash == "" {
			t.Fatalf("after the job: %+v", r)
		}
		if m := r.Result.Mean; m < 295_000 || m > 305_000 {
			t.Errorf("mean %v, want 300,000", m)
		}
		if r.Result.After == nil || r.Result.After.Mean >= r.Result.Mean || len(r.Result.Exceedance) != 1 {
			t.Errorf("after %+v, exceedance %v", r.Result.After, r.Result.Exceedance)
		}
		again, err := h.Quants.Run(ana, id, quant.Options{Trials: 20_000, Seed: 7})
		if err != nil || again != first {
			t.Errorf("the same again is %s, %v; want the result that stands", again, err)
		}
		other, err := h.Quants.Run(ana, id, quant.Options{Trials: 20_000, Seed: 8})
		if err != nil || other == first {
			t.Errorf("another seed is %s, %v; want a run of its own", other, err)
		}
	})
}

func TestAScenarioIsKeptAsVersions(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		id := raise(t, h, ana, "Exports may reveal data", false)
		set(t, h, ana, id)
		set(t, h, ana, id)
		if q, _ := h.Quants.Of(ana, id); len(q.History) != 1 {
			t.Fatalf("the same text twice made %d versions", len(q.History))
		}
		text := strings.Replace(scenario(id), "100000}", "200000}", 1)
		s, err := h.Quants.SetScenario(ana, id, quant.Setting{Version: 1, Text: text, Why: "we asked finance"})
		if err != nil || s.N != 2 {
			t.Fatalf("second: %+v, %v", s, err)
		}
		if _, err := h.Quants.SetScenario(ana, id, quant.Setting{Version: 1, Text: scenario(id)}); !errors.Is(err, fault.Conflict) {
			t.Errorf("of an old version: %v, want a conflict", err)
		}
		q, err := h.Quants.Of(ana, id)
		done(t, "of", err)
		if len(q.History) != 2 || q.Scenario.Text != strings.TrimSpace(text) && q.Scenario.Text != text || q.History[1].N != 1 || q.Scenario.Why != "we asked finance" {
			t.Errorf("history %+v", q.History)
		}
		p, err := h.Quants.SetScenario(ana, id, quant.Setting{Text: quant.Template(id, `A "title" with \ signs`)})
		if err != nil || p.Read.Scenarios[0].Name != `A "title" with \ signs` {
			t.Errorf("the template: %+v, %v", p, err)
		}
	})
}

func TestWhatIsWrongWithAScenarioIsSaidAtItsLine(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		id := raise(t, h, ana, "Exports may reveal data", false)
		for text, want := range map[string]string{
			strings.Replace(scenario(id), "value: 3", "value: -3", 1):                                       "scenario:5:",
			strings.Replace(scenario(id), string(id), "RISK-00000000", 1):                                   "write " + string(id),
			scenario(id) + strings.TrimPrefix(scenario("x"), "unit: EUR\nappetite: [500000]\nscenarios:\n"): "2 scenarios",
			"scenarios: [":                       "scenario:1:",
			"":                                   "empty",
			"a\x00b":                             "",
			strings.Repeat("x", quant.MaxText+1): "",
		} {
			_, err := h.Quants.SetScenario(ana, id, quant.Setting{Text: text})
			f := fault.Of(err)
			if f.Kind != fault.Invalid && f.Kind != fault.TooLarge || !strings.Contains(f.Says, want) || len(f.Fields) > 0 && f.Fields[0].Name != "text" {
				t.Errorf("%.60q: %v, want %q at text", text, err, want)
			}
		}
		set(t, h, ana, id)
		for _, n := range []int{-1, 20_000_000} {
			if _, err := h.Quants.Run(ana, id, quant.Options{Trials: n}); !errors.Is(err, fault.Invalid) {
				t.Errorf("%d trials: %v, want invalid", n, err)
			}
		}
	})
}

func TestARunCanBeCancelled(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		id := raise(t, h, ana, "Exports may reveal data", false)
		set(t, h, ana, id)
		run, err := h.Quants.Run(ana, id, quant.Options{Trials: 2_000_000})
		done(t, "run", err)
		done(t, "cancel", h.Quants.Cancel(ana, id, run))
		work(t, h)
		r, err := h.Quants.Get(ana, run)
		if err != nil || r.State != quant.Cancelled || r.Result != nil || r.Ended.IsZero() {
			t.Errorf("a cancelled run: %+v, %v", r, err)
		}
		if err := h.Quants.Cancel(ana, id, run); !errors.Is(err, fault.Conflict) {
			t.Errorf("cancelled twice: %v, want a conflict", err)
		}
		again, err := h.Quants.Run(ana, id, quant.Options{Trials: 2_000_000})
		if err != nil || again == run {
			t.Fatalf("asked again: %s, %v; want another run", again, err)
		}
		work(t, h)
		r, err = h.Quants.Get(ana, again)
		if err != nil || r.State != quant.Done || r.Percent() != 100 || r.Years == 0 || r.Total < r.Years {
			t.Errorf("the other run: %+v, %v", r, err)
		}
	})
}

func TestAPortfolioAddsUpWhatTheReaderSees(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
		a, b, hidden := raise(t, h, ana, "One", false), raise(t, h, ana, "Two", false), raise(t, h, ana, "A hidden risk", true)
		raise(t, h, ana, "Without", false)
		for _, id := range []ref.ID{a, b, hidden} {
			set(t, h, ana, id)
		}
		dollars := raise(t, h, ana, "In dollars", false)
		_, err := h.Quants.SetScenario(ana, dollars, quant.Setting{Text: strings.Replace(scenario(dollars), "EUR", "USD", 1)})
		done(t, "set", err)
		ask := quant.Asking{Options: quant.Options{Trials: 5000}, Appetite: []float64{1e6}}
		for _, who := range []struct {
			ctx  context.Context
			want int
		}{{ana, 3}, {bob, 2}} {
			run, err := h.Quants.RunPortfolio(who.ctx, risk.Filter{}, ask)
			done(t, "run", err)
			work(t, h)
			p, err := h.Quants.Portfolio(who.ctx, risk.Filter{}, ask)
			done(t, "portfolio", err)
			if len(p.Members) != who.want || p.Run == nil || p.Run.ID != run || len(p.Run.Result.Risks) != who.want || p.Without != 1 || len(p.LeftOut) != 1 || p.LeftOut[0].Risk != dollars {
				t.Errorf("portfolio %+v, want %d members", p, who.want)
			}
			share := 0.0
			for _, r := range p.Run.Result.Risks {
				share += r.Portion.Mean
			}
			if share < 0.999 || share > 1.001 || len(p.Run.Result.Exceedance) != 1 {
				t.Errorf("the risks bring %v of the mean, exceedance %v", share, p.Run.Result.Exceedance)
			}
			if who.want == 3 {
				if _, err := h.Quants.Get(bob, run); !errors.Is(err, fault.NotFound) {
					t.Errorf("Bob opens Ana's run: %v, want as if it did not exist", err)
				}
			}
		}
		if p, err := h.Quants.Portfolio(ana, risk.Filter{Department: "nowhere"}, ask); err != nil || len(p.Members) != 0 || p.Without != 0 {
			t.Errorf("of a department without risks: %+v, %v", p, err)
		}
		bad := ask
		bad.Appetite = []float64{-1}
		if _, err := h.Quants.RunPortfolio(ana, risk.Filter{}, bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("a negative appetite: %v", err)
		}
		if _, err := h.Quants.RunPortfolio(h.As(t, "Aud", "auditor"), risk.Filter{}, ask); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an auditor runs: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// For somebody who may not see a risk, its scenario and runs change nothing.
func TestTwoWorldsOfQuantification(t *testing.T) {
	var hidden, plain ref.ID
	as := func(name string) context.Context {
		return access.With(context.Background(), access.Actor{ID: ref.ID("person-" + name), Kind: access.Person, Name: name})
	}
	ask := quant.Asking{Options: quant.Options{Trials: 1000}}
	rig.Twins(t, "gitlab", func(h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		h.As(t, "Bob", "manager", "auditor", "admin")
		plain, hidden = raise(t, h, ana, "A risk for all", false), raise(t, h, ana, "A hidden risk", true)
		set(t, h, ana, plain)
		if _, err := h.Quants.RunPortfolio(as("Bob"), risk.Filter{}, ask); err != nil {
			t.Fatal(err)
		}
		work(t, h)
	}, func(t *testing.T, a, b *rig.House) {
		ana, bob := as("Ana"), as("Bob")
		set(t, b, ana, hidden)
		run, err := b.Quants.Run(ana, hidden, quant.Options{Trials: 1000})
		done(t, "run", err)
		total, err := b.Quants.RunPortfolio(ana, risk.Filter{}, ask)
		done(t, "run all", err)
		work(t, b)
		for name, err := range map[string]error{
			"of": second(b.Quants.Of(bob, hidden)), "get": second(b.Quants.Get(bob, run)), "get all": second(b.Quants.Get(bob, total)),
			"set": second(b.Quants.SetScenario(bob, hidden, quant.Setting{Text: scenario(hidden)})), "run": second(b.Quants.Run(bob, hidden, quant.Options{})),
			"cancel": b.Quants.Cancel(bob, hidden, run), "nothing": second(b.Quants.Get(bob, "quant-0000000000000000")),
		} {
			if !errors.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want as if it did not exist", name, err)
			}
		}
		see := func(h *rig.House) (out []string) {
			q, err := h.Quants.Of(bob, plain)
			done(t, "of", err)
			p, err := h.Quants.Portfolio(bob, risk.Filter{}, ask)
			done(t, "portfolio", err)
			jobs, err := h.Queue.List(bob, "", 50, "")
			done(t, "jobs", err)
			trail, err := h.Trail.On(bob, plain)
			done(t, "trail", err)
			for _, x := range []any{q, p, jobs, trail} {
				text, err := json.Marshal(x)
				done(t, "json", err)
				out = append(out, string(text))
			}
			return out
		}
		if x, y := see(a), see(b); !reflect.DeepEqual(x, y) {
			t.Errorf("Bob sees another world:\n%s\n%s", x, y)
		}
	})
}
