// Package hook tells programs of others that something was done: webhooks. Each
// belongs to a person and is told what that person may see at the moment of telling,
// by which records, when and what was done, never what a record says. It follows the
// sealed audit log, so that nothing is passed over and nothing waits in a queue of its
// own: an event is told at least once, in the order of the log, and under the same id.
// The same events can be asked for by a program that rather asks than listens. It makes
// no connection: a Caller does.
package hook

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/outside"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
	"tocsin/internal/thread"
)

// VerbKeep is to keep webhooks of one's own, and to end those of others.
const VerbKeep access.Verb = "hook.keep"

// The states of a hook.
const (
	On      = "on"
	Stopped = "stopped" // by a person, by too many failures, or because its keeper may keep none any more
)

// Hook is an address that is told.
type Hook struct {
	ID      ref.ID    `json:"id"`
	Owner   ref.ID    `json:"owner"` // what this person may not see is not told
	Name    string    `json:"name"`
	Address string    `json:"address"`
	Kinds   []string  `json:"kinds"` // of records: case, report, adv, risk, obs, kri
	Made    time.Time `json:"made"`
	State   string    `json:"state"`          // on, stopped
	Note    string    `json:"note,omitempty"` // what the last try said, or why it was stopped
	Fails   int       `json:"fails"`          // tries since one last went well
	Next    time.Time `json:"next,omitzero"`  // when a failed try is made again
	Sent    time.Time `json:"sent,omitzero"`  // when one last went well
	seq     int64
}

// Hooks are the operations on webhooks.
type Hooks struct {
	Gate   *gate.Gate
	Trail  *insight.Trail
	Key    seal.Key
	Caller outside.Caller      // nil: this house calls nobody
	Page   func(ref.ID) string // where a record is shown
	Now    func() time.Time
	Log    *slog.Logger
}

// MaxHooks is how many hooks one person keeps.
const MaxHooks = 20

const maxName, maxAddress = 80, 500

// Add keeps a hook for the actor, who is a person. It is told what is done from now
// on. The secret with which the receiver checks signatures can be asked for again by
// its keeper.
func (h *Hooks) Add(ctx context.Context, in Hook) (id ref.ID, err error) {
	_, end, err := h.Trail.Events(access.With(ctx, access.System("hooks")), -1, nil, 1)
	if err != nil {
		return "", err
	}
	err = h.Gate.Act(ctx, VerbKeep, "", func(tx *gate.Tx) error {
		if err := h.check(tx, &in); err != nil {
			return err
		}
		in.ID, in.Owner, in.Made, in.State, in.seq = ref.New("hook"), tx.Actor.ID, tx.Now, On, end
		id = in.ID
		return insert(tx, in)
	})
	return id, err
}

func (h *Hooks) check(tx *gate.Tx, in *Hook) error {
	var fs fault.Fields
	if tx.Actor.Kind != access.Person {
		return fault.New(fault.Forbidden, "a webhook is told what its keeper may see, so a person keeps it; sign in and make it on the page Webhooks")
	}
	if h.Caller == nil {
		return fault.New(fault.Conflict, "this house calls no other program")
	}
	if thread.LineField(&fs, "name", &in.Name, maxName); in.Name == "" && len(fs) == 0 {
		fs.Add("name", "give the webhook a name, such as which program listens")
	}
	in.Address = strings.TrimSpace(in.Address)
	if len(in.Address) > maxAddress {
		fs.Add("address", "an address has at most %d characters", maxAddress)
	} else if err := h.Caller.Check(in.Address); err != nil {
		fs.Add("address", "%s", fault.Of(err).Fields[0].Says)
	}
	slices.Sort(in.Kinds)
	in.Kinds = slices.Compact(in.Kinds)
	for _, k := range in.Kinds {
		if !slices.Contains(insight.Kinds, k) {
			fs.Add("kinds", "no events are told of the kind %q; choose of %s", k, strings.Join(insight.Kinds, ", "))
		}
	}
	if len(in.Kinds) == 0 {
		fs.Add("kinds", "choose at least one kind of records")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	return free(tx, in)
}

// free refuses a name that the keeper gave another hook, and one hook too many.
func free(tx *gate.Tx, in *Hook) error {
	mine, err := hooks(&tx.View, tx.Actor.ID)
	if err != nil {
		return err
	}
	if len(mine) >= MaxHooks {
		return fault.New(fault.Conflict, "you keep %d webhooks already; delete one that nobody listens at", len(mine))
	}
	if slices.ContainsFunc(mine, func(o Hook) bool { return o.Name == in.Name }) {
		return fault.At("name", "another of your webhooks is called %s; choose another name, or delete that one", in.Name)
	}
	return nil
}

// List lists all hooks, by name.
func (h *Hooks) List(ctx context.Context) (out []Hook, err error) {
	err = h.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbKeep, ""); err != nil {
			return err
		}
		out, err = hooks(v, "")
		return err
	})
	return out, err
}

// Secret is with what the receiver checks signatures, as Standard Webhooks writes
// it; for the hook's keeper alone.
func (h *Hooks) Secret(ctx context.Context, id ref.ID) (secret string, err error) {
	err = h.Gate.Act(ctx, VerbKeep, "", func(tx *gate.Tx) error {
		x, err := one(&tx.View, id)
		if err != nil {
			return err
		}
		if x.Owner != tx.Actor.ID {
			return fault.New(fault.Forbidden, "only who keeps a webhook reads its secret; make one of your own")
		}
		tx.Touch(id, gate.Change{Field: "secret", New: "read"})
		secret = "whsec_" + base64.StdEncoding.EncodeToString(h.secret(id))
		return nil
	})
	return secret, err
}

// secret follows from the house's key, so that no store holds it.
func (h *Hooks) secret(id ref.ID) []byte { return h.Key.Sub("webhook " + string(id)) }

// Drop deletes a hook: what was told stays told.
func (h *Hooks) Drop(ctx context.Context, id ref.ID) error {
	return h.Gate.Act(ctx, VerbKeep, "", func(tx *gate.Tx) error { return remove(tx, id) })
}

// Stop lets a hook rest; it is told later what happened meanwhile.
func (h *Hooks) Stop(ctx context.Context, id ref.ID) error {
	return h.Gate.Act(ctx, VerbKeep, "", func(tx *gate.Tx) error { return turn(tx, id, Stopped, "stopped by "+tx.Actor.Name) })
}

// Start lets a stopped hook, or one that waits after a failure, go on at once. Only
// its keeper does: it is told what they may see.
func (h *Hooks) Start(ctx context.Context, id ref.ID) error {
	return h.Gate.Act(ctx, VerbKeep, "", func(tx *gate.Tx) error {
		x, err := one(&tx.View, id)
		if err != nil {
			return err
		}
		if x.Owner != tx.Actor.ID {
			return fault.New(fault.Forbidden, "only who keeps a webhook starts it again: it is told what they may see")
		}
		return turn(tx, id, On, "")
	})
}

// Events returns what was done since a place to records that the actor may read,
// oldest first, and the place to go on from, whose text is of one length however
// much happened. The place "" is the beginning of the log, "now" its end.
func (h *Hooks) Events(ctx context.Context, after string, kinds []string, limit int) (out []insight.Event, next string, err error) {
	a, err := access.From(ctx)
	if err != nil {
		return nil, "", err
	}
	where, from := "events of "+string(a.ID), int64(0)
	switch after {
	case "":
	case "now":
		from = -1
	default:
		b, err := h.Key.Open(where, after)
		if err == nil {
			from, err = strconv.ParseInt(string(b), 10, 64)
		}
		if err != nil {
			return nil, "", fault.At("after", "this place is not one that was handed out to you here; leave it out to begin at the oldest event, or write now")
		}
	}
	out, to, err := h.Trail.Events(ctx, from, kinds, limit)
	if err != nil {
		return nil, "", err
	}
	return out, h.Key.Seal(where, fmt.Appendf(nil, "%019d", to)), nil
}
