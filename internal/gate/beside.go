package gate

import (
	"context"

	"tocsin/internal/ref"
)

// Beside is what is done in the transaction of another act: whoever acts on many
// records keeps with each what became of it, and it is there if and only if the act is.
// It goes around no rule: the act is decided, carried out and audited as ever.
type Beside struct {
	Subject ref.ID                         // the acts on this record; others under the same ctx are left alone
	Why     string                         // stands in the audit entries, behind the actor's own reason
	Before  func(*Tx) error                // after the act is decided, before anything is changed; may be nil
	After   func(*Tx, []Change) error      // with what of the record was changed; an error undoes the act
	Holds   func(kind string) (holds bool) // whether a job that the act would leave is left out; may be nil
}

type besideKey struct{}

// WithBeside puts b into ctx for acts on its record.
func WithBeside(ctx context.Context, b Beside) context.Context {
	return context.WithValue(ctx, besideKey{}, b)
}

// besides is what is to be done besides the act.
func (t *Tx) besides() (Beside, bool) {
	b, ok := t.ctx.Value(besideKey{}).(Beside)
	return b, ok && b.Subject == t.subject
}

// with runs fn, and before and after it what is to be done besides.
func (t *Tx) with(fn func(*Tx) error) error {
	b, ok := t.besides()
	if !ok {
		return fn(t)
	}
	if b.Before != nil {
		if err := b.Before(t); err != nil {
			return err
		}
	}
	if err := fn(t); err != nil {
		return err
	}
	if t.reason != "" && b.Why != "" {
		t.reason += "; "
	}
	t.reason += b.Why
	return b.After(t, t.changes())
}

// changes are what the act has changed of its record so far.
func (t *Tx) changes() (out []Change) {
	for _, c := range t.touched {
		if c.subject != t.subject {
			continue
		}
		for _, x := range c.what {
			if ch, ok := x.(Change); ok {
				out = append(out, ch)
			}
		}
	}
	return out
}

// held tells whether a job is not left, since many acts leave one for all of them.
func (t *Tx) held(kind string) bool {
	b, ok := t.besides()
	return ok && b.Holds != nil && b.Holds(kind)
}
