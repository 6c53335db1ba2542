package gate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestPostgresItselfLeavesOutWhatTheReaderMayNotSee asks the engine past gate's
// own guard, as an ordinary role: the second wall stands without the first.
func TestPostgresItselfLeavesOutWhatTheReaderMayNotSee(t *testing.T) {
	url := rig.PostgresAs(t, "tocsin_ordinary")
	d := rig.OpenDB(t, url)
	g := house(d)
	setup := access.With(t.Context(), access.System("setup"))
	if err := g.Act(setup, give, "", func(tx *gate.Tx) error {
		for i, audience := range []string{access.Staff, access.Named} {
			id := ref.ID([]string{"CASE-OPEN", "CASE-HIDDEN"}[i])
			if err := tx.Exec(id, nil, `insert into {cases} (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe, product,
				component, owner, source, cve, labels, due_at, due, breached, look_at, events, body)
				values ($1, $1, $2, 1, $3, 1, 'x', false, 'x', '', -1, '', '', '', '', '', '', '', 0, '', false, 0, '[]', '{}')`, string(id), audience, int64(i)); err != nil {
				return err
			}
		}
		for _, m := range [][2]string{{"person-in", access.Staff}, {"person-team", "team-a"}} {
			if err := tx.Exec("", nil, `insert into {membership} (holder, principal) values ($1, $2)`, m[0], m[1]); err != nil {
				return err
			}
		}
		if err := tx.Show("CASE-HIDDEN", "team-a", "", 1); err != nil {
			return err
		}
		return tx.Show("CASE-HIDDEN", "person-named", "", 1)
	}); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]int{"": 2, "person-in": 1, "person-out": 0, "person-named": 1, "person-team": 1} {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			rows, err := tx.Query(t.Context(), `select set_config('tocsin.reader', $1, true)`, who)
			if err != nil {
				return err
			}
			rows.Next()
			rows.Close()
			rows, err = tx.Query(t.Context(), `select c.id from cases c`)
			if err != nil {
				return err
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				n++
			}
			if n != want {
				t.Errorf("reader %q: the engine gave %d cases, want %d", who, n, want)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tellsWhoReads(t, g)
}

// tellsWhoReads holds that every view of somebody names them to the engine, and
// that what is read as the house in between does not stay.
func tellsWhoReads(t *testing.T, g *gate.Gate) {
	t.Helper()
	reader := func(v *gate.View) string {
		who, err := gate.One(v, gate.Value[string], `select coalesce(current_setting('tocsin.reader', true), '')`)
		if err != nil {
			t.Fatal(err)
		}
		return who
	}
	for _, a := range []access.Actor{{ID: "person-in", Kind: access.Person}, {ID: "token-a", Kind: access.Token}, {ID: "reporter-a", Kind: access.Reporter}, access.Public()} {
		if err := g.View(access.With(context.Background(), a), func(v *gate.View) error {
			if have := reader(v); have != string(a.ID) {
				t.Errorf("%s reads as %q", a.ID, have)
			}
			if err := v.AsHouse(func(h *gate.View) error {
				if have := reader(h); have != "" {
					t.Errorf("the house reads as %q", have)
				}
				return nil
			}); err != nil {
				return err
			}
			if have := reader(v); have != string(a.ID) {
				t.Errorf("%s reads as %q after the house", a.ID, have)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAStatementThatTakesTooLongIsGivenUp(t *testing.T) {
	g := house(rig.OpenDB(t, rig.Postgres(t)))
	slow := fault.New(fault.Unavailable, "that takes too long")
	begin := time.Now()
	err := g.View(as("person-a"), func(v *gate.View) error {
		if err := v.Within(20*time.Millisecond, slow); err != nil {
			return err
		}
		_, err := gate.All(v, gate.Value[string], `select cast(pg_sleep(20) as text)`)
		return err
	})
	if !errors.Is(err, fault.Unavailable) || fault.Of(err).Says != slow.Says || time.Since(begin) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	if slow.Err != nil {
		t.Error("the sentence of the caller was changed")
	}
	if err := g.View(as("person-a"), func(v *gate.View) error {
		_, err := gate.All(v, gate.Value[string], `select cast(pg_sleep(0.1) as text)`)
		return err
	}); err != nil {
		t.Errorf("the limit stays with the connection: %v", err)
	}
}
