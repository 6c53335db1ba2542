package insight_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// fillCases puts cases number first to first+n-1 into the store, in the order of
// lists. Every one holds "common", every hundredth "middling"; the newest 60 hold
// "recent" and number 0 holds "oldest".
func fillCases(t *testing.T, h *rig.House, audience string, first, n, recent int) {
	t.Helper()
	words := map[db.Engine]string{
		db.SQLite:   `insert into search (rowid, title, body) select c.doc, c.title, '' from cases c where c.doc between $1 and $2`,
		db.Postgres: `insert into search (doc, words) select c.doc, to_tsvector('simple', c.title) from cases c where c.doc between $1 and $2`,
	}[h.DB.Engine]
	err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		for i := first; i < first+n; i++ {
			title := fmt.Sprintf("common %d", i)
			for word, is := range map[string]bool{"middling": i%100 == 0, "recent": i >= recent, "oldest": i == 0} {
				if is {
					title += " " + word
				}
			}
			id := fmt.Sprintf("CASE-%08d", i)
			if _, err := tx.Exec(t.Context(), `insert into cases (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe, product, component, owner,
				source, cve, labels, due_at, due, breached, look_at, events, body)
				values ($1, $1, $2, 1, $3, 1, $4, false, $5, '', -1, '', '', '', '', '', '', '', $6, '', false, 0, '[]', '{}')`,
				id, audience, int64(i+1), []string{"triage", "assessment"}[i%2], title, int64(i+1)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), words, int64(first+1), int64(first+n))
		return err
	})
	check(t, "fill", err)
}

// pages lists every page of a search and says which numbers stand on them.
func pages(t *testing.T, h *rig.House, who context.Context, f casework.Filter, limit int) (ids []ref.ID) {
	t.Helper()
	for after := ""; ; {
		l, err := h.Cases.List(who, f, casework.Page{Limit: limit, After: after})
		check(t, "list", err)
		for _, c := range l.Cases {
			ids = append(ids, c.ID)
		}
		if after = l.Next; after == "" {
			return ids
		}
	}
}

func TestASearchFindsTheSameHoweverFarBackItLies(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		const all = 2600
		fillCases(t, h, access.Staff, 0, all, all-60)
		ana := h.As(t, "ana", "analyst")
		even := func(i int) bool { return i%2 == 0 }
		for _, c := range []struct {
			f     casework.Filter
			holds func(i int) bool
			count string
		}{
			{casework.Filter{Text: "oldest"}, func(i int) bool { return i == 0 }, "1"},
			{casework.Filter{Text: "absent"}, func(int) bool { return false }, "0"},
			{casework.Filter{Text: "recent"}, func(i int) bool { return i >= all-60 }, "60"},
			{casework.Filter{Text: "middling"}, func(i int) bool { return i%100 == 0 }, "26"},
			{casework.Filter{Text: "common"}, func(int) bool { return true }, "1,000+"},
			{casework.Filter{Text: "common middling", Stage: "triage"}, func(i int) bool { return i%100 == 0 }, "26"},
			{casework.Filter{Text: "common", Stage: "assessment"}, func(i int) bool { return !even(i) }, "1,000+"},
			{casework.Filter{Text: "middling", Source: "mail"}, func(int) bool { return false }, "0"},
		} {
			var want []ref.ID
			for i := all - 1; i >= 0; i-- {
				if c.holds(i) {
					want = append(want, ref.ID(fmt.Sprintf("CASE-%08d", i)))
				}
			}
			if have := pages(t, h, ana, c.f, 150); !slices.Equal(have, want) {
				t.Errorf("%+v: %d rows, want %d", c.f, len(have), len(want))
			}
			c.f.Order = "due"
			slices.Reverse(want)
			if have := pages(t, h, ana, c.f, 150); !slices.Equal(have, want) {
				t.Errorf("%+v: %d rows, want %d", c.f, len(have), len(want))
			}
			c.f.Order = ""
			l, err := h.Cases.List(ana, c.f, casework.Page{Counted: true})
			check(t, "count", err)
			if l.Count != c.count {
				t.Errorf("%+v: counted %s, want %s", c.f, l.Count, c.count)
			}
		}
	})
}

// TestHiddenRowsDoNotNarrowTheWindow counts the statements of a search: they are
// as many with and without rows that its reader may not see.
func TestHiddenRowsDoNotNarrowTheWindow(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		const all = 2200
		fillCases(t, h, access.Staff, 0, all, all-60)
		ana := h.As(t, "ana", "analyst")
		var n atomic.Int64
		h.DB.Watch = func(q string) {
			if strings.Contains(q, "search") {
				n.Add(1)
			}
		}
		defer func() { h.DB.Watch = nil }()
		asked := func(text string) (int64, []ref.ID) {
			n.Store(0)
			l, err := h.Cases.List(ana, casework.Filter{Text: text}, casework.Page{})
			check(t, "list", err)
			var ids []ref.ID
			for _, c := range l.Cases {
				ids = append(ids, c.ID)
			}
			return n.Load(), ids
		}
		type answer struct {
			n   int64
			ids []ref.ID
		}
		before := map[string]answer{}
		for _, text := range []string{"recent", "oldest", "common", "absent"} {
			n, ids := asked(text)
			before[text] = answer{n, ids}
		}
		if h.DB.Engine == db.Postgres && (before["recent"].n != 1 || before["oldest"].n != 2) {
			t.Errorf("a recent word took %d statements, want 1; one of long ago %d, want 2", before["recent"].n, before["oldest"].n)
		}
		fillCases(t, h, access.Named, all, 2200, all)
		for text, was := range before {
			if n, ids := asked(text); n != was.n || !slices.Equal(ids, was.ids) {
				t.Errorf("%s: %d statements, %d rows beside hidden cases, %d and %d without", text, n, len(ids), was.n, len(was.ids))
			}
		}
	})
}

// TestWhoSeesLittleFindsAllOfIt searches as somebody from outside to whom one case of
// fifty is shown, below and beside more hidden ones than a window has.
func TestWhoSeesLittleFindsAllOfIt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		const all = 2600
		fillCases(t, h, access.Named, 0, all, all-60)
		gus := h.As(t, "gus", "guest")
		check(t, "show", h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into visibility (subject, principal, role, kind, doc)
				select c.id, 'person-gus', 'analyst', 'case', c.doc from cases c where c.doc % 50 = 1`)
			return err
		}))
		for _, c := range []struct {
			f     casework.Filter
			holds func(i int) bool
			count string
		}{
			{casework.Filter{Text: "common"}, func(i int) bool { return true }, "52"},
			{casework.Filter{Text: "common", Stage: "assessment"}, func(i int) bool { return i%2 == 1 }, "0"},
			{casework.Filter{Text: "common middling"}, func(i int) bool { return i%100 == 0 }, "26"},
			{casework.Filter{Text: "recent"}, func(i int) bool { return i >= all-60 }, "1"},
			{casework.Filter{Text: "oldest"}, func(i int) bool { return i == 0 }, "1"},
			{casework.Filter{Text: "absent"}, func(int) bool { return false }, "0"},
		} {
			var want []ref.ID
			for i := all - 1; i >= 0; i-- {
				if i%50 == 0 && c.holds(i) {
					want = append(want, ref.ID(fmt.Sprintf("CASE-%08d", i)))
				}
			}
			if have := pages(t, h, gus, c.f, 20); !slices.Equal(have, want) {
				t.Errorf("%+v: %v, want %v", c.f, have, want)
			}
			l, err := h.Cases.List(gus, c.f, casework.Page{Counted: true})
			check(t, "count", err)
			if l.Count != c.count {
				t.Errorf("%+v: counted %s, want %s", c.f, l.Count, c.count)
			}
		}
	})
}
