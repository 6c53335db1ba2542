package kri

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// Look does what the night asks for: it counts what indicators ask of the house's
// cases, notes what has become stale, asks for values that are due, and keeps the
// recurring tasks of risks that are watched.
func (s *KRIs) Look(ctx context.Context) error {
	return errors.Join(s.lookAll(ctx), s.rounds(ctx))
}

// lookAll goes through the indicators that want a look, each of them once, in the
// order of their ids: one that still wants a look afterwards waits for the next night.
func (s *KRIs) lookAll(ctx context.Context) error {
	var bad error
	for last := ref.ID(""); ; {
		var ids []ref.ID
		if err := s.Gate.View(ctx, func(v *gate.View) (err error) {
			ids, err = toLook(v, last, s.batch())
			return err
		}); err != nil {
			return errors.Join(bad, err)
		}
		for _, id := range ids {
			if err := s.lookOne(ctx, id); err != nil { // one that cannot be looked at holds up no other
				bad = errors.Join(bad, fmt.Errorf("look at %s: %w", id, err))
			}
		}
		if len(ids) < s.batch() {
			return bad
		}
		last = ids[len(ids)-1]
	}
}

// batch is how many indicators or risks the house looks at in one round.
func (s *KRIs) batch() int { return cmp.Or(s.Batch, 500) }

// lookOne brings one indicator up to the moment.
func (s *KRIs) lookOne(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		k, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if k.Asks() && k.State == Active {
			if err := s.answer(tx, id, k); err != nil {
				return err
			}
			if k, err = get(&tx.View, id); err != nil {
				return err
			}
		}
		return s.notice(tx, k)
	})
}

// notice notes a light that time has changed, and asks for a value that is due. What
// has not changed leaves no trace.
func (s *KRIs) notice(tx *gate.Tx, k *KRI) error {
	if k.State == Active && !k.Asks() && old(k.Next, tx.Now) {
		if _, err := putTask(tx, Task{Guard: k.Risk, Kind: TaskValue, About: k.ID, Who: k.Owner, Due: k.Next}, k.audience); err != nil {
			return err
		}
	}
	was, look := k.noticed, k.look
	k.plan(tx.Now)
	k.noticed = k.Light
	if k.noticed == was && (k.look.Equal(look) || k.Asks()) {
		return nil
	}
	var what any
	if was != k.noticed {
		what = gate.Change{Field: "light of " + k.Title, Old: was, New: k.noticed, Staff: k.Counts()}
	}
	if err := update(tx, k, what); err != nil {
		return err
	}
	return s.turned(tx, k, was)
}

// Told is what the job carries that tells the owner of a risk: no title and no
// text, since authority is asked again when it is sent.
type Told struct {
	Risk ref.ID `json:"risk"`
	What string `json:"what"`
	From ref.ID `json:"from,omitempty"` // whose doing it was

	Staff bool `json:"staff,omitempty"` // it is told to nobody from outside
}

// turned follows from a light that has turned to red or stale: a task, word to the
// owner of each risk that it tells of, and whatever the register does with it. Of a
// risk that whoever recorded the value may not see, its owner is told and no more.
func (s *KRIs) turned(tx *gate.Tx, k *KRI, was string) error {
	kind := map[string]string{string(riskscore.Red): TaskRed, string(riskscore.Stale): TaskStale}[k.noticed]
	if kind == "" || k.noticed == was || k.State == Retired {
		return nil
	}
	if _, err := putTask(tx, Task{Guard: k.Risk, Kind: kind, About: k.ID, Who: k.Owner, Due: tx.Now, counted: k.Counts()}, k.audience); err != nil {
		return err
	}
	risks, err := s.alarmed(tx, k)
	if err != nil {
		return err
	}
	for _, risk := range risks {
		if err := tx.Later("tell:risk-owner", tx.Now, "", Told{Risk: risk, What: kind, From: tx.Actor.ID, Staff: k.Counts()}); err != nil {
			return err
		}
		if s.Breached != nil && tx.Sees(risk) == nil {
			if err := s.Breached(tx, risk, gate.Change{Field: "indicator", New: k.noticed, Staff: k.Counts()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// alarmed lists the risks that an indicator's light touches: its own, and those that it
// tells of besides where all staff may see it. What a hidden indicator says changes
// nothing on a risk that others see.
func (s *KRIs) alarmed(tx *gate.Tx, k *KRI) ([]ref.ID, error) {
	risks := []ref.ID{k.Risk}
	if k.audience != access.Staff {
		return risks, nil
	}
	err := tx.AsHouse(func(v *gate.View) error {
		more, err := linkedTo(v, k.ID)
		risks = append(risks, more...)
		return err
	})
	return risks, err
}

// rounds keeps the recurring tasks: a risk that is watched has its indicators looked
// at and its score, each by the profile's cadence: handbook 3.3.
func (s *KRIs) rounds(ctx context.Context) error {
	for {
		most := 0
		err := s.Gate.Act(ctx, VerbRecord, "", func(tx *gate.Tx) error {
			n, err := s.dropNeedless(tx)
			most = n
			for _, r := range s.recurring() {
				if err == nil {
					n, err = s.round(tx, r.kind, tx.Now.AddDate(0, 0, r.days))
					most = max(most, n)
				}
			}
			return err
		})
		if err != nil || most < s.batch() {
			return err
		}
	}
}

// cadence is how often a kind of task comes again.
type cadence struct {
	kind string
	days int
}

func (s *KRIs) recurring() []cadence {
	c := s.Profile.Register.Cadence
	return []cadence{{TaskReview, c.KRIDays}, {TaskScore, c.ScoreDays}}
}

// dropNeedless ends the tasks of risks that are closed, and the recurring ones of risks
// that are no longer watched; it tells how many there were.
func (s *KRIs) dropNeedless(tx *gate.Tx) (int, error) {
	gone, err := needless(&tx.View, s.batch())
	for _, t := range gone {
		if err != nil {
			break
		}
		t.State, t.Done, t.DoneBy = Dropped, tx.Now, tx.Actor.ID
		err = updateTask(tx, t, gate.Change{Field: "task " + t.Kind, New: Dropped})
	}
	return len(gone), err
}

// round leaves a task of the kind on the watched risks that have none, and tells how
// many there were.
func (s *KRIs) round(tx *gate.Tx, kind string, due time.Time) (int, error) {
	risks, err := unasked(&tx.View, kind, s.batch())
	for _, w := range risks {
		if err != nil {
			break
		}
		who := w.Owner
		if kind == TaskScore {
			who = w.Security
		}
		_, err = putTask(tx, Task{Guard: w.Risk, Kind: kind, About: w.Risk, Who: who, Due: due}, w.Audience)
	}
	return len(risks), err
}
