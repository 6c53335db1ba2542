package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/db"
	"tocsin/internal/rig"
)

func change(t *testing.T, h *rig.House, q string, args ...any) error {
	t.Helper()
	return h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q, args...)
		return err
	})
}

// rows reads a query as text.
func rows(t *testing.T, h *rig.House, q string, args ...any) (out [][]string) {
	t.Helper()
	check(t, "read", h.DB.Read(t.Context(), func(tx *db.Tx) error {
		rs, err := tx.Query(t.Context(), q, args...)
		if err != nil {
			return err
		}
		defer rs.Close()
		names, err := rs.Columns()
		if err != nil {
			return err
		}
		for rs.Next() {
			row, to := make([]any, len(names)), make([]any, len(names))
			for i := range row {
				to[i] = &row[i]
			}
			if err := rs.Scan(to...); err != nil {
				return err
			}
			out = append(out, texts(row))
		}
		return rs.Err()
	}))
	return out
}

func texts(row []any) (out []string) {
	for _, x := range row {
		if b, ok := x.([]byte); ok {
			x = string(b)
		}
		out = append(out, fmt.Sprint(x))
	}
	return out
}

// unwatched are tables that a refused request may write: what was refused, and
// what the house notes of a session.
var unwatched = []string{"audit", "sessions", "audit_new"}

// everything is all that the store holds, table by table.
func everything(t *testing.T, h *rig.House) map[string]string {
	t.Helper()
	q := `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'search_%'`
	if h.DB.Engine == db.Postgres {
		q = `select table_name from information_schema.tables where table_schema = 'public'`
	}
	out := map[string]string{}
	for _, name := range rows(t, h, q) {
		if slices.Contains(unwatched, name[0]) {
			continue
		}
		var lines []string
		for _, r := range rows(t, h, `select * from `+name[0]) {
			lines = append(lines, strings.Join(r, "|"))
		}
		slices.Sort(lines)
		out[name[0]] = strings.Join(lines, "\n")
	}
	return out
}

// changed lists the tables in which two states differ.
func changed(a, b map[string]string) (out []string) {
	for name := range b {
		if a[name] != b[name] {
			out = append(out, name)
		}
	}
	return out
}
