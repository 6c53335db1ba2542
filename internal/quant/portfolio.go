package quant

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/fair"
)

// Asking is what a run of several risks is asked with.
type Asking struct {
	Options
	Unit        string            `json:"unit,omitempty"`     // that losses are added up in; empty is that of most scenarios
	Appetite    []float64         `json:"appetite,omitempty"` // losses of a year whose probability is asked
	Correlation *fair.Correlation `json:"correlation,omitempty"`
}

// Portfolio is what several risks cost together: of the risks that the reader may
// see and that have a scenario.
type Portfolio struct {
	Unit     string    `json:"unit,omitempty"`
	Members  []Member  `json:"members"`
	LeftOut  []LeftOut `json:"left_out,omitempty"`
	Without  int       `json:"without"`           // risks that have no scenario
	Run      *Run      `json:"run,omitempty"`     // of exactly these, with its result when it is done
	Earlier  []*Run    `json:"earlier,omitempty"` // the reader's own runs, newest first, without results
	MayRun   bool      `json:"may_run"`
	scenario fair.Portfolio
}

// Member is a risk whose scenario is added up.
type Member struct {
	Risk  ref.ID `json:"risk"`
	Title string `json:"title"`
	N     int    `json:"n"` // version of its scenario
}

// LeftOut is a risk whose scenario cannot be added up, and why.
type LeftOut struct {
	Risk  ref.ID `json:"risk"`
	Title string `json:"title"`
	Why   string `json:"why"`
}

// Portfolio tells which risks would be added up, with the result where they were.
func (q *Quants) Portfolio(ctx context.Context, f risk.Filter, in Asking) (p *Portfolio, err error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	err = q.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		if p, err = q.gather(v, f, in); err != nil {
			return err
		}
		if p.Earlier, err = mine(v, shown); err != nil {
			return err
		}
		p.MayRun = v.May(VerbQuantify, "")
		have, err := same(v, key(p.scenario, in.Options), "")
		if len(have) > 0 {
			p.Run = have[0]
		}
		return err
	})
	return p, err
}

// RunPortfolio asks for a run of all risks that the actor may see and that have a
// scenario. Its result is the actor's alone.
func (q *Quants) RunPortfolio(ctx context.Context, f risk.Filter, in Asking) (id ref.ID, err error) {
	if err := in.check(); err != nil {
		return "", err
	}
	err = q.Gate.Act(ctx, VerbQuantify, "", func(tx *gate.Tx) error {
		p, err := q.gather(&tx.View, f, in)
		if err != nil {
			return err
		}
		if len(p.Members) == 0 {
			return fault.New(fault.Conflict, "none of these risks has a scenario; describe one first")
		}
		if err := p.scenario.Check(); err != nil {
			return err
		}
		id, err = q.ask(tx, &Run{}, access.Named, p.scenario, in.Options)
		return err
	})
	return id, err
}

// gather reads the scenarios of the risks that the reader may see. Only a filter that
// narrows them asks for the risks themselves.
func (q *Quants) gather(v *gate.View, f risk.Filter, in Asking) (*Portfolio, error) {
	if err := v.Allow(VerbRead, ""); err != nil {
		return nil, err
	}
	if f.State == "" {
		f.State = "open"
	}
	if reflect.DeepEqual(f, risk.Filter{State: "open"}) {
		titles, all, err := newestOpen(v)
		if err != nil {
			return nil, err
		}
		n, err := openRisks(v)
		return together(titles, n, all, in), err
	}
	all, err := newest(v)
	if err != nil {
		return nil, err
	}
	rs, err := q.Risks.ListIn(v, f, maxRisks)
	if err != nil {
		return nil, err
	}
	titles := map[ref.ID]string{}
	for _, r := range rs {
		titles[r.ID] = r.Title
	}
	return together(titles, len(rs), all, in), nil
}

// maxRisks is how many risks are looked at for a portfolio.
const maxRisks = 20_000

// together adds the scenarios up that stand in one unit, of n risks.
func together(titles map[ref.ID]string, n int, all []*Scenario, in Asking) *Portfolio {
	all = slices.DeleteFunc(all, func(s *Scenario) bool { _, ok := titles[s.Risk]; return !ok })
	p := &Portfolio{Unit: cmp.Or(in.Unit, commonUnit(all)), Without: n - len(all)}
	p.scenario = fair.Portfolio{Unit: p.Unit, Appetite: in.Appetite, Correlation: in.Correlation}
	for _, s := range all {
		switch {
		case s.Read.Unit != p.Unit:
			p.LeftOut = append(p.LeftOut, LeftOut{s.Risk, titles[s.Risk], fmt.Sprintf("its losses are in %s, and amounts of two units are not added up", cmp.Or(s.Read.Unit, "no unit"))})
		case len(p.Members) == fair.MaxRisks:
			p.LeftOut = append(p.LeftOut, LeftOut{s.Risk, titles[s.Risk], fmt.Sprintf("a run adds up at most %d risks; narrow the list", fair.MaxRisks)})
		default:
			p.Members = append(p.Members, Member{s.Risk, titles[s.Risk], s.N})
			p.scenario.Scenarios = append(p.scenario.Scenarios, s.Read.Scenarios[0])
		}
	}
	return p
}

// commonUnit is the unit of most scenarios; of as many, the first by the alphabet.
func commonUnit(all []*Scenario) (unit string) {
	n := map[string]int{}
	for _, s := range all {
		n[s.Read.Unit]++
	}
	for u, k := range n {
		if k > n[unit] || k == n[unit] && u < unit {
			unit = u
		}
	}
	return unit
}

// stillSeen answers Conflict where a result tells of a risk that the reader does not
// see any more.
func stillSeen(v *gate.View, r *fair.Result) error {
	all, err := newest(v)
	if err != nil {
		return err
	}
	sees := map[string]bool{}
	for _, s := range all {
		sees[string(s.Risk)] = true
	}
	for _, x := range r.Risks {
		if !sees[x.ID] {
			return fault.New(fault.Conflict, "you no longer see every risk that this run added up; run it again")
		}
	}
	return nil
}
