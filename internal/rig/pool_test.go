package rig

import (
	"database/sql"
	"testing"

	"tocsin/internal/db"
)

func TestADatabaseThatIsTakenAgainIsAsItWasMigrated(t *testing.T) {
	admin := server(t)
	defer admin.Close()
	admin.SetMaxOpenConns(1)
	name, err := take(t.Context(), admin)
	if err == nil {
		err = tidy(t.Context(), admin, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		change []string
		kept   bool // the database is emptied, and not made anew
	}{
		{"rows, also of the audit log, are gone", []string{
			"insert into membership (holder, principal) values ('a', 'b')",
			"insert into audit_new (at, id) values (1, 'x')"}, true},
		{"a column more is gone", []string{"alter table cases add column more text"}, false},
		{"a trigger that is off is on", []string{"alter table audit disable trigger audit_kept"}, false},
		{"a migration that nobody knows is forgotten", []string{"insert into schema_log (name, sum) values ('9999_future', '')"}, false},
		{"a table more is gone", []string{"create table more (a text)"}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			var was, is int
			age := func(to *int) {
				if err := admin.QueryRow("select oid from pg_database where datname = $1", name).Scan(to); err != nil {
					t.Fatal(err)
				}
			}
			age(&was)
			if err := within(name, func(own *sql.DB) error {
				for _, q := range c.change {
					if _, err := own.Exec(q); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if err := tidy(t.Context(), admin, name); err != nil {
				t.Fatal(err)
			}
			if age(&is); (was == is) != c.kept {
				t.Errorf("the database was kept: %v, want %v", was == is, c.kept)
			}
			d, err := db.Open(t.Context(), onServer(name))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if todo, err := d.Pending(t.Context()); err != nil || len(todo) > 0 {
				t.Errorf("migrations %v are to come (%v), want none", todo, err)
			}
			if n := Count(t, d, "membership") + Count(t, d, "audit_new"); n != 0 {
				t.Errorf("%d rows, want none", n)
			}
			if err := empty(t.Context(), name); err != nil {
				t.Errorf("its shape is not as it was migrated: %v", err)
			}
		})
	}
}
