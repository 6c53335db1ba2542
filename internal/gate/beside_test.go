package gate_test

import (
	"errors"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func TestWhatIsDoneBesideAnActIsThereIfAndOnlyIfTheActIs(t *testing.T) {
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		g, who := house(d), access.With(t.Context(), access.System("setup"))
		const b, c ref.ID = "person-b", "person-c"
		join := func(as ref.ID) func(*gate.Tx) error {
			return func(tx *gate.Tx) error {
				tx.Reason("asked for it")
				if err := tx.Later("held", tx.Now, "", nil); err != nil {
					return err
				}
				return tx.Exec(as, gate.Change{Field: "role", New: "analyst"}, `insert into {membership} (holder, principal) values ($1, $2)`, string(as), "role:analyst")
			}
		}
		no := errors.New("no")
		var saw []gate.Change
		beside := gate.Beside{Subject: b, Why: "with others", Holds: func(kind string) bool { return kind == "held" },
			After: func(_ *gate.Tx, changes []gate.Change) error {
				saw = changes
				return no
			}}
		if err := g.Act(gate.WithBeside(who, beside), give, b, join(b)); !errors.Is(err, no) {
			t.Errorf("have %v, want the error of what was done besides", err)
		}
		if n := count(t, d, "membership where holder = 'person-b'") + count(t, d, "audit where subject = 'person-b'"); n != 0 {
			t.Errorf("%d traces of an act that was taken back, want none", n)
		}
		if len(saw) != 1 || saw[0].Field != "role" {
			t.Errorf("changes %v, want that of the role", saw)
		}

		early := beside
		early.Before = func(*gate.Tx) error { return no }
		saw = nil
		if err := g.Act(gate.WithBeside(who, early), give, b, join(b)); !errors.Is(err, no) || saw != nil {
			t.Errorf("have %v after %v, want the error before anything was changed", err, saw)
		}
		beside.After = func(*gate.Tx, []gate.Change) error { return nil }
		for _, id := range []ref.ID{b, c} { // the second is none of its business
			if err := g.Act(gate.WithBeside(who, beside), give, id, join(id)); err != nil {
				t.Fatal(err)
			}
		}
		for q, want := range map[string]int{"audit where subject = 'person-b' and reason = 'asked for it; with others'": 1,
			"audit where subject = 'person-c' and reason = 'asked for it'": 1, "jobs where kind = 'held'": 1} {
			if have := count(t, d, q); have != want {
				t.Errorf("%s: have %d, want %d", q, have, want)
			}
		}
	})
}
