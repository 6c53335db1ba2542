package db_test

import (
	"errors"
	"testing"

	"tocsin/internal/db"
	"tocsin/internal/rig"
)

func TestLastRunsWithItsTransactionOrNotAtAll(t *testing.T) {
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		no := errors.New("no")
		put := func(holder string, after error) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				if err := tx.Last(t.Context(), `insert into membership (holder, principal) values ($1, $2)`, holder, "last"); err != nil {
					return err
				}
				if _, err := tx.Exec(t.Context(), `insert into membership (holder, principal) values ($1, $2)`, holder, "first"); err != nil {
					return err
				}
				return after
			})
		}
		if err := put("stays", nil); err != nil {
			t.Fatal(err)
		}
		if err := put("goes", no); !errors.Is(err, no) {
			t.Errorf("have %v, want the error of the write", err)
		}
		if err := put("stays too", nil); err != nil {
			t.Fatal(err)
		}
		if n := rig.Count(t, d, "membership where holder = 'goes'"); n != 0 {
			t.Errorf("%d rows of a write that failed, want 0", n)
		}
		if n := rig.Count(t, d, "membership where principal = 'last'"); n != 2 {
			t.Errorf("%d rows that were left for the end, want 2", n)
		}
		if err := put("stays", nil); err == nil {
			t.Error("a row that is there already was inserted at the end")
		}
	})
}
