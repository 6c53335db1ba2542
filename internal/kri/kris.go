package kri

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// Opening is what an indicator is set up with. What is left out is the kind's:
// direction and limits, and the profile's cadence.
type Opening struct {
	Title        string         `json:"title"`
	Kind         string         `json:"kind"`
	About        string         `json:"about,omitempty"`
	Unit         string         `json:"unit"`
	Better       string         `json:"better,omitempty"`
	Baseline     *float64       `json:"baseline,omitempty"`
	Target       *float64       `json:"target,omitempty"`
	Bands        *profile.Bands `json:"bands,omitempty"`
	Cadence      int            `json:"cadence_days,omitempty"`
	StaleDays    int            `json:"stale_days,omitempty"`
	Factor       string         `json:"factor,omitempty"`
	How          string         `json:"how,omitempty"`
	Owner        ref.ID         `json:"owner,omitempty"`
	Start        time.Time      `json:"start,omitzero"`
	Query        *Query         `json:"query,omitempty"`
	NextExposure *float64       `json:"next_exposure,omitempty"`
	Periods      int            `json:"periods,omitempty"`
}

// Open sets an indicator up for a risk.
func (s *KRIs) Open(ctx context.Context, risk ref.ID, o Opening) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbEdit, risk, func(tx *gate.Tx) error {
		id, err = s.open(tx, risk, o)
		return err
	})
	return id, err
}

func (s *KRIs) open(tx *gate.Tx, risk ref.ID, o Opening) (ref.ID, error) {
	audience, err := riskAudience(&tx.View, risk)
	if err != nil {
		return "", err
	}
	n, err := countOn(&tx.View, risk)
	if err != nil {
		return "", err
	}
	if n >= MaxOnRisk {
		return "", fault.New(fault.TooLarge, "a risk has at most %d indicators; retire what nobody looks at", MaxOnRisk)
	}
	k, err := s.start(o, tx.Now)
	if err != nil {
		return "", err
	}
	k.Risk, k.audience = risk, audience
	if err := s.owned(&tx.View, k); err != nil {
		return "", err
	}
	if k.newest, err = k.newestOf(s.Profile, nil); err != nil {
		return "", err
	}
	k.noticed = string(k.newest.Lamp.Light)
	k.plan(tx.Now)
	if err := insert(tx, k); err != nil {
		return "", err
	}
	if n == 0 && s.Tracked != nil {
		return k.ID, s.Tracked(tx, risk)
	}
	return k.ID, nil
}

// MaxOnRisk is how many indicators are set up for one risk.
const MaxOnRisk = 100

// start is an indicator as it is set up, with what its kind says where the opening
// does not.
func (s *KRIs) start(o Opening, now time.Time) (*KRI, error) {
	kind, ok := kindOf(s.Profile, o.Kind)
	if !ok {
		return nil, fault.At("kind", "%q is no kind of indicator; the profile has: %s", o.Kind, kindNames(s.Profile))
	}
	k := &KRI{ID: ref.New("kri"), Title: o.Title, Kind: o.Kind, State: Active, Owner: o.Owner, Made: now, Version: 1,
		Body: Body{About: o.About, Unit: o.Unit, Better: o.Better, Baseline: o.Baseline, Target: o.Target, Bands: kind.Bands, Cadence: o.Cadence,
			StaleDays: o.StaleDays, Factor: o.Factor, How: o.How, Start: o.Start, Query: o.Query, NextExposure: o.NextExposure, Periods: o.Periods}}
	if k.Better == "" {
		k.Better = kind.Better
	}
	if k.Better != kind.Better {
		k.Bands = profile.Bands{} // the kind's limits are for its own direction
	}
	if o.Bands != nil {
		k.Bands = *o.Bands
	}
	if k.Cadence == 0 {
		k.Cadence = s.Profile.Register.Cadence.KRIDays
	}
	if k.StaleDays == 0 {
		k.StaleDays = s.Profile.Register.KRI.Stale
	}
	return k, k.check(s.Profile)
}

// owned asks that whoever sees to the values is somebody who may see the risk. That
// there is nobody of the name and that they may not see it is one answer.
func (s *KRIs) owned(v *gate.View, k *KRI) error {
	if k.Owner == "" {
		return nil
	}
	ok, err := maySee(v, k.Risk, k.audience, k.Owner)
	if err == nil && !ok {
		err = fault.At("owner", "there is no such person who may see the risk; choose another, or share the risk with them first")
	}
	return err
}

// Patch changes the fields that it names; a nil field stays as it is. A number is
// taken away by naming it in Clear.
type Patch struct {
	Version      int            `json:"version,omitempty"`
	Title        *string        `json:"title,omitempty"`
	About        *string        `json:"about,omitempty"`
	Unit         *string        `json:"unit,omitempty"`
	Better       *string        `json:"better,omitempty"`
	Baseline     *float64       `json:"baseline,omitempty"`
	Target       *float64       `json:"target,omitempty"`
	Bands        *profile.Bands `json:"bands,omitempty"`
	Cadence      *int           `json:"cadence_days,omitempty"`
	StaleDays    *int           `json:"stale_days,omitempty"`
	Factor       *string        `json:"factor,omitempty"`
	How          *string        `json:"how,omitempty"`
	Owner        *ref.ID        `json:"owner,omitempty"`
	Start        *time.Time     `json:"start,omitempty"`
	Query        *Query         `json:"query,omitempty"`
	NextExposure *float64       `json:"next_exposure,omitempty"`
	Periods      *int           `json:"periods,omitempty"`
	Clear        []string       `json:"clear,omitempty"` // baseline, target, next_exposure, query
}

// Edit changes what an indicator is, and lights it by its values anew.
func (s *KRIs) Edit(ctx context.Context, id ref.ID, p Patch) error {
	return s.change(ctx, VerbEdit, id, p.Version, func(tx *gate.Tx, k *KRI) error {
		if err := p.apply(k); err != nil {
			return err
		}
		if err := k.check(s.Profile); err != nil {
			return err
		}
		return s.owned(&tx.View, k)
	})
}

func (p *Patch) apply(k *KRI) error {
	set(&k.Title, p.Title)
	set(&k.About, p.About)
	set(&k.Unit, p.Unit)
	set(&k.Better, p.Better)
	set(&k.Bands, p.Bands)
	set(&k.Cadence, p.Cadence)
	set(&k.StaleDays, p.StaleDays)
	set(&k.Factor, p.Factor)
	set(&k.How, p.How)
	set(&k.Owner, p.Owner)
	set(&k.Start, p.Start)
	set(&k.Periods, p.Periods)
	keep(&k.Baseline, p.Baseline)
	keep(&k.Target, p.Target)
	keep(&k.NextExposure, p.NextExposure)
	keep(&k.Query, p.Query)
	for _, name := range p.Clear {
		switch name {
		case "baseline":
			k.Baseline = nil
		case "target":
			k.Target = nil
		case "next_exposure":
			k.NextExposure = nil
		case "query":
			k.Query = nil
		default:
			return fault.At("clear", "%q cannot be taken away; only: baseline, target, next_exposure, query", name)
		}
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func keep[T any](to **T, from *T) {
	if from != nil {
		x := *from
		*to = &x
	}
}

// change loads the indicator, lets fn change it, lights it anew and saves it.
func (s *KRIs) change(ctx context.Context, verb access.Verb, id ref.ID, version int, fn func(*gate.Tx, *KRI) error) error {
	return s.Gate.Act(ctx, verb, id, func(tx *gate.Tx) error {
		k, err := get(&tx.View, id)
		if err == nil {
			err = k.at(version)
		}
		if err != nil {
			return err
		}
		old := gate.Fields(described(k))
		if err := fn(tx, k); err != nil {
			return err
		}
		points, err := pointsOf(&tx.View, id)
		if err != nil {
			return err
		}
		return s.settle(tx, k, points, gate.Diff(old, gate.Fields(described(k))))
	})
}

// described is what of an indicator people set, for the trail.
func described(k *KRI) any {
	return struct {
		ID    ref.ID `json:"id"`
		Title string `json:"title"`
		State string `json:"state"`
		Owner ref.ID `json:"owner"`
		Body
	}{k.ID, k.Title, k.State, k.Owner, k.Body}
}

// settle lights the indicator by its values, saves it, and tells of a light that
// has turned.
func (s *KRIs) settle(tx *gate.Tx, k *KRI, points []Point, what any) (err error) {
	if k.newest, err = k.newestOf(s.Profile, points); err != nil {
		return err
	}
	k.plan(tx.Now)
	k.show(tx.Now)
	was := k.noticed
	k.noticed = k.Light
	if err := update(tx, k, what); err != nil {
		return err
	}
	return s.turned(tx, k, was)
}

// Retire ends an indicator: its values stay, and it no longer counts.
func (s *KRIs) Retire(ctx context.Context, id ref.ID, version int, why string) error {
	return s.change(ctx, VerbEdit, id, version, func(tx *gate.Tx, k *KRI) (err error) {
		if k.State == Retired {
			return fault.New(fault.Conflict, "the indicator is retired already")
		}
		if k.Why, err = reason(tx, why); err != nil {
			return err
		}
		k.State = Retired
		return dropAbout(tx, k.Risk, k.ID)
	})
}

// Reinstate takes a retired indicator into use again.
func (s *KRIs) Reinstate(ctx context.Context, id ref.ID, version int, why string) error {
	return s.change(ctx, VerbEdit, id, version, func(tx *gate.Tx, k *KRI) error {
		if k.State == Active {
			return fault.New(fault.Conflict, "the indicator is in use")
		}
		_, err := reason(tx, why)
		k.State, k.Why = Active, ""
		return err
	})
}

// Link lets an indicator tell of another risk too. Nothing of it changes for those
// who may not see that risk.
func (s *KRIs) Link(ctx context.Context, id, risk ref.ID) error {
	return s.Gate.Act(ctx, VerbEdit, risk, func(tx *gate.Tx) error {
		if err := tx.Allow(VerbEdit, id); err != nil {
			return err
		}
		audience, err := riskAudience(&tx.View, risk)
		if err != nil {
			return err
		}
		k, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if k.Risk == risk {
			return fault.At("risk", "the indicator was set up for %s; name another risk", risk)
		}
		return insertLink(tx, id, risk, audience)
	})
}

// Unlink takes an indicator off a risk that it was linked to.
func (s *KRIs) Unlink(ctx context.Context, id, risk ref.ID) error {
	return s.Gate.Act(ctx, VerbEdit, risk, func(tx *gate.Tx) error {
		if err := tx.Allow(VerbEdit, id); err != nil {
			return err
		}
		return deleteLink(tx, id, risk)
	})
}
