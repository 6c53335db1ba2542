package measure

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strconv"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Note tells that a case was something else, or nothing, before this act. It writes
// the spans that changed, in the act.
func (r *Rules) Note(tx *gate.Tx, id ref.ID, was, now Fact) error {
	put, gone := changed(r.Spans(was), r.Spans(now))
	if err := deleteSpans(tx, id, gone); err != nil {
		return err
	}
	return putSpans(tx, id, put)
}

// verbMeasure is in no profile: the house alone does it.
const verbMeasure = "case.measure"

// all is how far everything is measured: it lies behind every ID.
const all = "~"

// batch is how many cases are measured in one act: few, so that those who write
// meanwhile do not wait, and since the engine's journal of an act costs more with
// every page in it.
const batch = 100

// Fold measures the cases of a store that was filled before there were spans, or
// under other rules, a batch at a time. It does nothing where nothing is to do. read
// hands the next cases in order of their IDs; none is the end.
func (m *Measures) Fold(ctx context.Context) error {
	for {
		b, err := m.base(ctx)
		if err != nil || b.upto == all && b.rules == m.Rules.text() {
			return err
		}
		if err := m.fold(ctx); err != nil {
			return err
		}
	}
}

func (m *Measures) fold(ctx context.Context) error {
	return m.Gate.Act(ctx, verbMeasure, "", func(tx *gate.Tx) error {
		b, err := baseOf(&tx.View)
		if err != nil {
			return err
		}
		if b.rules != m.Rules.text() {
			b = base{rules: m.Rules.text()}
		}
		cases, err := m.Read(&tx.View, ref.ID(b.upto), batch)
		if err != nil {
			return err
		}
		b.upto = all
		if len(cases) == batch {
			b.upto = string(cases[batch-1].ID)
		}
		if err := m.Rules.anew(tx, cases); err != nil {
			return err
		}
		return putBase(tx, b)
	})
}

// anew measures cases, whatever stands of them. It follows from what they are and
// changes none of them, so that their trails say nothing of it.
func (r *Rules) anew(tx *gate.Tx, cases []Case) error {
	var ids []ref.ID
	var spans []Span
	var of []ref.ID
	for _, c := range cases {
		ids = append(ids, c.ID)
		for _, s := range r.Spans(c.Fact) {
			spans, of = append(spans, s), append(of, c.ID)
		}
	}
	if err := forget(tx, ids); err != nil {
		return err
	}
	for len(spans) > 0 {
		n := min(len(spans), spansAtOnce)
		if err := addSpans(tx, of[:n], spans[:n]); err != nil {
			return err
		}
		spans, of = spans[n:], of[n:]
	}
	return nil
}

func (m *Measures) base(ctx context.Context) (b base, err error) {
	err = m.Gate.View(ctx, func(v *gate.View) error {
		b, err = baseOf(v)
		return err
	})
	return b, err
}

// text is what is measured, as a number: other rules measure otherwise.
func (r *Rules) text() string {
	h := fnv.New64a()
	for _, m := range r.made {
		spec := *m.spec
		b, err := json.Marshal(struct {
			What     string
			Clock    any
			Calendar any
		}{m.what, spec.Target, r.profile.Calendars[spec.Calendar]})
		if err != nil {
			panic(err) // words, numbers and days
		}
		h.Write(b)
		for _, words := range [][]string{spec.Start, spec.Stop, spec.Pause, spec.Resume, {strconv.FormatBool(spec.Resets)}} {
			for _, w := range words {
				h.Write([]byte(w + "\n"))
			}
		}
	}
	b, err := json.Marshal(r.profile.SLA.Start)
	if err != nil {
		panic(err)
	}
	h.Write(b)
	return strconv.FormatUint(h.Sum64(), 36)
}
