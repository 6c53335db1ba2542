package quant

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/fair"
)

// steps is how often a long run notes how far it is, and looks whether it is still
// wanted; short is how many years are drawn too soon to tell.
const (
	steps = 20
	short = 500_000
)

// Handle is the handler of the job that a run is.
func (q *Quants) Handle(ctx context.Context, _ ref.ID, args json.RawMessage) error {
	var j job
	if err := json.Unmarshal(args, &j); err != nil {
		return err
	}
	err := q.Do(ctx, j.Run)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Do draws the years of a run and keeps what comes of it. It is the house's own, does
// nothing where the run has ended, and may be begun anew: the result is the same.
func (q *Quants) Do(ctx context.Context, id ref.ID) error {
	r, input, err := q.begin(ctx, id)
	if err != nil || r == nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	var unwanted atomic.Bool
	var failed error
	last := int64(0)
	result, err := fair.Run(run, input, fair.Options{Trials: r.Trials, Seed: r.Seed, Progress: func(done, all int64) {
		if all < short || done*steps/all == last || failed != nil {
			return
		}
		last = done * steps / all
		on, err := q.advance(ctx, id, done, all)
		if failed = err; err != nil || !on {
			unwanted.Store(!on)
			stop()
		}
	}})
	switch {
	case failed != nil:
		return failed
	case unwanted.Load():
		return nil
	}
	return q.end(ctx, r, result, err)
}

// begin takes a run up; none is one that has ended.
func (q *Quants) begin(ctx context.Context, id ref.ID) (r *Run, input fair.Portfolio, err error) {
	err = q.Gate.Act(ctx, VerbQuantify, id, func(tx *gate.Tx) error {
		on, err := begin(tx, id)
		if err != nil || !on {
			return err
		}
		text, err := inputOf(&tx.View, id)
		if err != nil {
			return err
		}
		if r, err = getRun(&tx.View, id); err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &input)
	})
	return r, input, err
}

func (q *Quants) advance(ctx context.Context, id ref.ID, done, all int64) (on bool, err error) {
	err = q.Gate.Act(ctx, VerbQuantify, id, func(tx *gate.Tx) error {
		on, err = advance(tx, id, done, all)
		return err
	})
	return on, err
}

// end keeps the result, or what was wrong with what was asked; anything else is
// tried again.
func (q *Quants) end(ctx context.Context, r *Run, result *fair.Result, err error) error {
	text := []byte{}
	switch {
	case err == nil:
		r.State = Done
		if text, err = json.Marshal(result); err != nil {
			return err
		}
	case errors.Is(err, fault.Invalid), errors.Is(err, fault.TooLarge):
		r.State, r.Says = Failed, fault.Of(err).Says
	default:
		return err
	}
	return q.Gate.Act(ctx, VerbQuantify, r.ID, func(tx *gate.Tx) error {
		_, err := settle(tx, r, string(text))
		return err
	})
}
