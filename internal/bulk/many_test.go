package bulk_test

import (
	"testing"
	"time"

	"tocsin/internal/bulk"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// copies makes so many more cases like one that is there.
func copies(t *testing.T, h *rig.House, of ref.ID, n int) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `with recursive n(i) as (select 1 union all select i + 1 from n where i < $2)
			insert into cases (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe, product, component, owner, source, cve, labels, due_at, due, breached, look_at, events, body, barred, rca)
			select 'CASE-' || (10000000 + n.i), 'CASE-' || (10000000 + n.i), c.audience, c.at, c.doc - n.i, c.version, c.stage, c.closed, c.title, c.severity, c.score, c.cwe, c.product, c.component,
				c.owner, c.source, c.cve, c.labels, c.due_at, c.due, c.breached, c.look_at, c.events, c.body, c.barred, c.rca from cases c, n where c.id = $1`, string(of), n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// work runs the waiting jobs until there is none.
func work(t *testing.T, h *rig.House) (jobs int) {
	t.Helper()
	for {
		more, err := h.Jobs.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return jobs
		}
		jobs++
	}
}

func TestTenThousandAreChangedAndSetBackInBatches(t *testing.T) {
	const many = 10_000
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bo, eve := h.As(t, "ana", "manager"), h.As(t, "bo", "analyst"), h.As(t, "eve", "manager")
		copies(t, h, open(t, h, ana, "One")[0], many-1)
		hidden, err := h.Cases.Open(eve, casework.Opening{Title: "Hidden", Named: true})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		b := begin(t, h, ana, bulk.Asked{Surface: "cases", Act: "assign", Input: bulk.Input{Value: string(actor(t, bo))}, All: true, Query: "is:open"})
		if b.State != bulk.Collecting || b.Counts[bulk.RowDone] != 0 {
			t.Fatalf("have %+v, want that it begins and is not waited for", b)
		}
		read := func() *bulk.Bulk {
			t.Helper()
			b, err := h.Bulks.Get(ana, b.ID)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		for range 20 { // in the midst of it, what is said to be done is done, and nothing else
			if _, err := h.Jobs.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		b = read()
		if owned := rig.Count(t, h.DB, "cases where owner = 'person-bo'"); owned != b.Counts[bulk.RowDone] || owned == 0 || owned == many {
			t.Errorf("%d cases are owned and %d are said to be done, want as many, and neither none nor all", owned, b.Counts[bulk.RowDone])
		}
		jobs := work(t, h)
		if b = read(); b.State != bulk.Finished || b.Counts[bulk.RowDone] != many || b.Total() != many {
			t.Fatalf("have %s with %v, want all %d", b.State, b.Counts, many)
		}
		t.Logf("%d changed in %v and %d more jobs", many, time.Since(began).Round(time.Millisecond), jobs)
		for q, want := range map[string]int{"cases where owner = 'person-bo' and version = 2": many, "audit where verb = 'case.assign' and subject like 'CASE-%'": many,
			"notices where person = 'person-bo'": 1, "cases where id = '" + string(hidden) + "' and owner = ''": 1} {
			if have := rig.Count(t, h.DB, q); have != want {
				t.Errorf("%s: have %d, want %d", q, have, want)
			}
		}

		if err := h.Cases.Assign(eve, "CASE-10000007", actor(t, eve)); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		if err := h.Bulks.Undo(ana, b.ID); err != nil {
			t.Fatal(err)
		}
		work(t, h)
		if b = read(); b.State != bulk.Undone || b.Counts[bulk.RowUndone] != many-1 || b.Counts[bulk.RowLeft] != 1 || b.Why[0].IDs[0] != "CASE-10000007" {
			t.Fatalf("have %s with %v and %+v, want all but the one that eve changed", b.State, b.Counts, b.Why)
		}
		t.Logf("set back in %v", time.Since(began).Round(time.Millisecond))
		if have := rig.Count(t, h.DB, "cases where owner = ''"); have != many {
			t.Errorf("%d cases without an owner, want %d and the hidden one", have, many)
		}
	})
}

func TestAStoppedWorkIsDoneAsFarAsItSaysAndIsSetBackAsFar(t *testing.T) {
	const many = 1500
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "manager")
		copies(t, h, open(t, h, ana, "One")[0], many-1)
		b := begin(t, h, ana, bulk.Asked{Surface: "cases", Act: "severity", Input: bulk.Input{Value: "high"}, All: true})
		for range 3 {
			if _, err := h.Jobs.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Bulks.Undo(ana, b.ID); err == nil {
			t.Error("it is undone while it is at work")
		}
		if err := h.Bulks.Stop(ana, b.ID); err != nil {
			t.Fatal(err)
		}
		work(t, h)
		b, err := h.Bulks.Get(ana, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		done := rig.Count(t, h.DB, "cases where severity = 'high'")
		if b.State != bulk.Stopped || b.Counts[bulk.RowDone] != done || done == 0 || b.Counts[bulk.RowWaiting] != many-done {
			t.Fatalf("have %s with %v and %d changed, want a part of them and the rest waiting", b.State, b.Counts, done)
		}
		if err := h.Bulks.Undo(ana, b.ID); err != nil {
			t.Fatal(err)
		}
		work(t, h)
		if n := rig.Count(t, h.DB, "cases where severity = 'high'"); n != 0 {
			t.Errorf("%d are left as they were changed, want none", n)
		}
	})
}

func TestWhoLeavesDoesNothingMore(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "manager")
		copies(t, h, open(t, h, ana, "One")[0], 299)
		b := begin(t, h, ana, bulk.Asked{Surface: "cases", Act: "severity", Input: bulk.Input{Value: "high"}, All: true})
		if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update people set state = 'left' where id = $1`, "person-ana")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		work(t, h)
		if n := rig.Count(t, h.DB, "cases where severity = 'high'"); n != 0 {
			t.Errorf("%d were changed for somebody who is not there any more", n)
		}
		if n := rig.Count(t, h.DB, "bulks where state = 'stopped' and id = '"+string(b.ID)+"'"); n != 1 {
			t.Error("the work of somebody who is not there any more goes on")
		}
	})
}
