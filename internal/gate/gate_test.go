package gate_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

const give access.Verb = "grant.give"

func house(d *db.DB) *gate.Gate {
	return gate.New(gate.Config{DB: d, Grants: access.Grants{give: {"admin"}}, Profile: "test-1", Now: func() time.Time { return rig.Start }})
}

func as(id ref.ID) context.Context {
	return access.With(context.Background(), access.Actor{ID: id, Kind: access.Person})
}

func count(t *testing.T, d *db.DB, q string, args ...any) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), "select count(*) from "+q, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.Next()
		return rows.Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestActDecidesWritesAndAuditsTogether(t *testing.T) {
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		g := house(d)
		join := func(tx *gate.Tx) error {
			return tx.Exec("person-b", gate.Change{Field: "role", New: "analyst"},
				`insert into {membership} (holder, principal) values ($1, $2)`, "person-b", "role:analyst")
		}
		err := g.Act(as("person-a"), give, "", join)
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("without the role: have %v, want forbidden", err)
		}
		if n := count(t, d, "audit where outcome = 'refused' and actor = 'person-a'"); n != 1 {
			t.Errorf("%d refusals audited, want 1", n)
		}
		if err := g.Act(access.With(t.Context(), access.System("setup")), give, "", func(tx *gate.Tx) error {
			return tx.Exec("person-a", nil, `insert into {membership} (holder, principal) values ($1, $2)`, "person-a", "role:admin")
		}); err != nil {
			t.Fatal(err)
		}
		if err := g.Act(as("person-a"), give, "", join); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, "audit where outcome = 'done' and subject = 'person-b' and detail like '%analyst%' and profile = 'test-1'"); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
		before := count(t, d, "audit")
		err = g.Act(as("person-a"), give, "", func(tx *gate.Tx) error {
			if err := join(tx); err == nil {
				t.Error("the same membership was inserted twice")
			}
			return fault.New(fault.Invalid, "no")
		})
		if !errors.Is(err, fault.Invalid) || count(t, d, "audit") != before {
			t.Errorf("a failed act left a trace: %v", err)
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		g := house(d)
		err := g.View(access.With(t.Context(), access.System("test")), func(v *gate.View) error {
			rows, err := v.Query(`insert into {membership} (holder, principal) values ('x', 'y') returning holder`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		})
		if err == nil {
			t.Error("a view wrote")
		}
		if n := count(t, d, "membership"); n != 0 {
			t.Errorf("%d rows, want 0", n)
		}
	})
}

func TestBareTableNamePanics(t *testing.T) {
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		defer func() {
			if recover() == nil {
				t.Error("a bare table name was accepted")
			}
		}()
		_ = house(d).View(as("person-a"), func(v *gate.View) error {
			_, err := v.Query("select a.id from audit a")
			return err
		})
	})
}

func TestWritersShareCommitsAndKeepApart(t *testing.T) {
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		const n = 200
		fail := errors.New("no")
		errs := make(chan error, n)
		for i := range n {
			go func() {
				errs <- d.Write(t.Context(), func(tx *db.Tx) error {
					if _, err := tx.Exec(t.Context(), `insert into membership (holder, principal) values ($1, $2)`, strconv.Itoa(i), "p"); err != nil {
						return err
					}
					if i%10 == 0 {
						return fail
					}
					return nil
				})
			}()
		}
		failed := 0
		for range n {
			if err := <-errs; errors.Is(err, fail) {
				failed++
			} else if err != nil {
				t.Error(err)
			}
		}
		if have := count(t, d, "membership"); have != n-failed || failed != n/10 {
			t.Errorf("%d rows and %d failures", have, failed)
		}
	})
}
