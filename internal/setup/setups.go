package setup

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
)

// Setups are the operations on what the house keeps of itself.
type Setups struct{ Gate *gate.Gate }

// The names of what is kept.
const (
	organisationName = "organisation"
	stepsName        = "first-run"
	backupName       = "backup-at"
	verifiedName     = "audit-verified-at"
)

// Kept is what the house keeps of itself.
type Kept struct {
	Organisation     Organisation
	Steps            map[string]string // step -> done or put off, where it was said
	Backup, Verified time.Time
}

// Read returns what is kept.
func (s *Setups) Read(ctx context.Context) (k Kept, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(Verb, ""); err != nil {
			return err
		}
		k, err = read(v)
		return err
	})
	return k, err
}

func read(v *gate.View) (k Kept, err error) {
	for name, into := range map[string]any{organisationName: &k.Organisation, stepsName: &k.Steps} {
		text, err := setting(v, name)
		if err != nil {
			return k, err
		}
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return k, err
		}
	}
	if k.Backup, err = moment(v, backupName); err != nil {
		return k, err
	}
	k.Verified, err = moment(v, verifiedName)
	return k, err
}

func moment(v *gate.View, name string) (time.Time, error) {
	text, err := setting(v, name)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	at, err := strconv.ParseInt(text, 10, 64)
	return gate.Time(at), err
}

// Name says who runs the house. It counts from the next start on, since the profile
// is read then.
func (s *Setups) Name(ctx context.Context, o Organisation) error {
	o, err := o.check()
	if err != nil {
		return err
	}
	return s.keep(ctx, Verb, organisationName, func(*gate.Tx) (any, error) { return o, nil })
}

// Mark says of a step of the first run that it is done, or put off.
func (s *Setups) Mark(ctx context.Context, step, state string) error {
	if !slices.ContainsFunc(Steps, func(x Step) bool { return x.Word == step }) || state != Done && state != PutOff {
		return fault.New(fault.NotFound, "there is no step %q of the first run", step)
	}
	return s.keep(ctx, Verb, stepsName, func(tx *gate.Tx) (any, error) {
		k, err := read(&tx.View)
		if k.Steps == nil {
			k.Steps = map[string]string{}
		}
		k.Steps[step] = state
		return k.Steps, err
	})
}

// keep writes one of the words as JSON.
func (s *Setups) keep(ctx context.Context, verb access.Verb, name string, fn func(*gate.Tx) (any, error)) error {
	return s.Gate.Act(ctx, verb, "", func(tx *gate.Tx) error {
		x, err := fn(tx)
		if err != nil {
			return err
		}
		b, err := json.Marshal(x)
		if err != nil {
			return err
		}
		return set(tx, name, string(b))
	})
}

// BackedUp notes that a backup is being made, for whoever holds the machine.
func (s *Setups) BackedUp(ctx context.Context) error { return s.now(ctx, "house.backup", backupName) }

// Verified notes that the whole audit log was proven.
func (s *Setups) Verified(ctx context.Context) error { return s.now(ctx, Verb, verifiedName) }

func (s *Setups) now(ctx context.Context, verb access.Verb, name string) error {
	return s.keep(ctx, verb, name, func(tx *gate.Tx) (any, error) { return gate.Micros(tx.Now), nil })
}
