package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/outside"
	"tocsin/internal/ref"
)

// Often is how often the log is looked at for events to tell.
const Often = 2 * time.Second

// batch is how many events one round tells one hook.
const batch = 50

// hold is for how long a round has a hook to itself: longer than a batch takes.
const hold = 15 * time.Minute

// mostFails is after how many tries a hook is stopped: about two days.
const mostFails = 18

// longest is the longest wait between two tries.
const longest = 6 * time.Hour

// Run tells what there is to tell until ctx ends.
func (h *Hooks) Run(ctx context.Context) {
	t := time.NewTicker(Often)
	defer t.Stop()
	for {
		if err := h.Round(ctx); err != nil && ctx.Err() == nil {
			h.Log.Warn("webhooks", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Round tells each hook that is due what it was not told yet, a batch at most.
// Replicas may all call it: one has a hook at a time.
func (h *Hooks) Round(ctx context.Context) error {
	if h.Caller == nil {
		return nil
	}
	house := access.With(ctx, access.System("hooks"))
	var all []Hook
	if err := h.Gate.View(house, func(v *gate.View) error {
		err := v.Allow(VerbKeep, "")
		if err == nil {
			all, err = due(v, h.Now())
		}
		return err
	}); err != nil {
		return err
	}
	var wrong []error
	for _, x := range all {
		wrong = append(wrong, h.tell(house, x))
	}
	return errors.Join(wrong...)
}

// tell tells one hook a batch, in order, up to the first that its address does not
// take.
func (h *Hooks) tell(ctx context.Context, x Hook) error {
	events, to, err := h.waiting(ctx, x)
	if errors.Is(err, fault.Forbidden) {
		return h.settle(ctx, func(tx *gate.Tx) error { return turn(tx, x.ID, Stopped, "its keeper may keep no webhooks any more") })
	}
	if err != nil || to == x.seq {
		return err
	}
	if len(events) == 0 {
		return h.settle(ctx, func(tx *gate.Tx) error { return move(tx, x, to) })
	}
	mine, err := h.claim(ctx, x, len(events))
	if err != nil || !mine {
		return err
	}
	for _, e := range events {
		if err := h.call(ctx, x, e); err != nil {
			return h.failed(ctx, x, err)
		}
		x.seq = e.Seq + 1
	}
	x.seq = to
	return h.settle(ctx, func(tx *gate.Tx) error { return told(tx, x) })
}

// waiting is what a hook was not told yet of what its keeper may read now, and the
// place behind it.
func (h *Hooks) waiting(ctx context.Context, x Hook) (events []insight.Event, to int64, err error) {
	keeper := access.With(ctx, access.Actor{ID: x.Owner, Kind: access.Person})
	if err := h.Gate.View(keeper, func(v *gate.View) error { return v.Allow(VerbKeep, "") }); err != nil {
		return nil, 0, err
	}
	return h.Trail.Events(keeper, x.seq, x.Kinds, batch)
}

// claim takes the hook for this round; false is that another has it.
func (h *Hooks) claim(ctx context.Context, x Hook, events int) (mine bool, err error) {
	err = h.settle(ctx, func(tx *gate.Tx) (err error) {
		mine, err = take(tx, x, events, tx.Now.Add(hold))
		return err
	})
	return mine, err
}

func (h *Hooks) settle(ctx context.Context, do func(*gate.Tx) error) error {
	return h.Gate.Act(context.WithoutCancel(ctx), VerbKeep, "", do)
}

// failed keeps how far the batch came, and tries again after twice as long each time.
func (h *Hooks) failed(ctx context.Context, x Hook, why error) error {
	if ctx.Err() != nil {
		return h.settle(ctx, func(tx *gate.Tx) error { return told(tx, x) }) // the program stops: nothing is wrong with the address
	}
	x.Fails++
	x.Note = fault.Of(why).Says
	x.Next = h.Now().Add(min(longest, 15*time.Second<<min(x.Fails, 20)))
	return h.settle(ctx, func(tx *gate.Tx) error {
		if err := again(tx, x); err != nil || x.Fails < mostFails {
			return err
		}
		return turn(tx, x.ID, Stopped, fmt.Sprintf("stopped after %d tries: %s", x.Fails, x.Note))
	})
}

// message is what is sent: Standard Webhooks, "type", "timestamp" and "data".
type message struct {
	Type      access.Verb `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      data        `json:"data"`
}

type data struct {
	ID     ref.ID   `json:"id"`
	Record ref.ID   `json:"record"`
	Kind   string   `json:"kind"`
	Actor  ref.ID   `json:"actor"`
	Fields []string `json:"fields"`
	URL    string   `json:"url,omitempty"`
}

// call asks once more, right before it sends, whether the keeper may read the record.
func (h *Hooks) call(ctx context.Context, x Hook, e insight.Event) error {
	keeper := access.With(ctx, access.Actor{ID: x.Owner, Kind: access.Person})
	err := h.Gate.View(keeper, func(v *gate.View) error { return v.Reads(e.Record) })
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.Forbidden) {
		return nil
	}
	if err != nil {
		return err
	}
	m := message{e.Verb, e.At, data{ID: e.ID, Record: e.Record, Kind: e.Kind, Actor: e.Actor, Fields: e.Fields}}
	if h.Page != nil {
		m.Data.URL = h.Page(e.Record)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return h.Caller.Call(ctx, outside.Call{ID: string(e.ID), Address: x.Address, At: h.Now(), Secret: h.secret(x.ID), Body: b})
}
