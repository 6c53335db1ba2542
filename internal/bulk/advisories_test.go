package bulk_test

import (
	"context"
	"strings"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/bulk"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// drafted is an advisory that is valid in every form.
func drafted(t *testing.T, h *rig.House, by context.Context, title string) ref.ID {
	t.Helper()
	id, err := h.Cases.Open(by, casework.Opening{Title: title, Summary: "A member reads the export.", Product: "gateway", CWE: "CWE-863"})
	ok(t, "open", err)
	cve := "CVE-1900-0001"
	ok(t, "edit", h.Cases.Edit(by, id, casework.Patch{CVE: &cve, Release: &casework.Release{Versions: []string{"18.7.2"}},
		Environments: []casework.Environment{{Name: "self-managed", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}}}}))
	ok(t, "score", h.Cases.Score(by, id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"))
	adv, err := h.Advisories.Draft(by, id)
	ok(t, "draft", err)
	return adv
}

// stands is the stage and the mark of an advisory.
func stands(t *testing.T, h *rig.House, id ref.ID) string {
	t.Helper()
	a, err := h.Advisories.Get(rig.System(), id)
	ok(t, "get", err)
	return a.Stage + " " + a.Document.TLP
}

func TestAdvisoriesAreSubmittedTogetherAndSetBack(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bo := h.As(t, "ana", "analyst"), h.As(t, "bo", "manager")
		var ids []ref.ID
		for _, title := range []string{"One", "Two", "Three", "Four"} {
			ids = append(ids, drafted(t, h, ana, title))
		}
		ok(t, "submit", h.Advisories.Move(ana, ids[1], advisory.VerbSubmit, 0, ""))
		full, err := h.Advisories.Get(ana, ids[2])
		ok(t, "get", err)
		full.Document.Vulns[0].Affected = nil // is valid in no form
		full.Document.Products = nil
		ok(t, "edit", h.Advisories.Edit(ana, ids[2], 0, full.Document, ""))
		b := begin(t, h, ana, bulk.Asked{Surface: "advisories", Act: "submit", All: true, Query: ""})
		if b.Counts[bulk.RowDone] != 2 || b.Counts[bulk.RowRefused] != 2 || !strings.Contains(says(b, ids[2]), "valid in every published form") {
			t.Fatalf("have %+v with %+v, want two submitted, one that is not valid and one that was", b.Counts, b.Why)
		}
		ok(t, "approve", h.Advisories.Move(bo, ids[3], advisory.VerbApprove, 0, ""))
		if b = undone(t, h, ana, b.ID); b.Counts[bulk.RowUndone] != 1 || says(b, ids[3]) != "bo changed it since" {
			t.Fatalf("have %+v with %+v, want one set back, and the one that bo approved left", b.Counts, b.Why)
		}
		for i, want := range []string{"draft", "review", "draft", "approved"} {
			if have, _, _ := strings.Cut(stands(t, h, ids[i]), " "); have != want {
				t.Errorf("advisory %d is in %s, want %s", i+1, have, want)
			}
		}
	})
}

func TestAMarkOfManyEndsNoApproval(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bo := h.As(t, "ana", "analyst"), h.As(t, "bo", "manager")
		one, two := drafted(t, h, ana, "One"), drafted(t, h, ana, "Two")
		was := stands(t, h, one)
		ok(t, "submit", h.Advisories.Move(ana, two, advisory.VerbSubmit, 0, ""))
		ok(t, "approve", h.Advisories.Move(bo, two, advisory.VerbApprove, 0, ""))
		approved := stands(t, h, two)
		b := begin(t, h, ana, bulk.Asked{Surface: "advisories", Act: "mark", Input: bulk.Input{Value: "AMBER"}, IDs: []ref.ID{one, two}})
		if b.Counts[bulk.RowDone] != 1 || !strings.Contains(says(b, two), "would end the approval") || stands(t, h, one) != "draft AMBER" || stands(t, h, two) != approved {
			t.Fatalf("have %+v with %+v, want the draft alone marked", b.Counts, b.Why)
		}
		q, err := advisory.Vocabulary(h.Rules).Parse("tlp:amber,AMBER+STRICT")
		ok(t, "query", err)
		if l, err := h.Advisories.Counted(ana, advisory.Filter{Query: q}, 10, ""); err != nil || l.Count != "1" || l.Advisories[0].ID != one {
			t.Errorf("marked AMBER: %+v, %v, want the first alone", l, err)
		}
		if b = undone(t, h, ana, b.ID); b.Counts[bulk.RowUndone] != 1 || stands(t, h, one) != was {
			t.Errorf("have %+v and %s, want %s", b.Counts, stands(t, h, one), was)
		}
	})
}

func TestAdvisoriesOfWhatFewMayKnowAreTheirsToChange(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "manager"), h.As(t, "eve", "manager")
		secret, err := h.Cases.Open(ana, casework.Opening{Title: "Secret", Product: "gateway", Named: true})
		ok(t, "open", err)
		var ids []ref.ID
		for range 2 { // of one case
			adv, err := h.Advisories.Draft(ana, secret)
			ok(t, "draft", err)
			ids = append(ids, adv)
		}
		in := bulk.Asked{Surface: "advisories", Act: "mark", Input: bulk.Input{Value: "RED"}, IDs: ids}
		if b := begin(t, h, eve, in); b.Total() != 0 || len(b.Missing) != 2 {
			t.Errorf("outside: have %+v, want that there are no such records", b)
		}
		b := begin(t, h, ana, in)
		if b.Counts[bulk.RowDone] != 2 {
			t.Fatalf("have %+v with %+v, want both changed", b.Counts, b.Why)
		}
		if b = undone(t, h, ana, b.ID); b.Counts[bulk.RowUndone] != 2 {
			t.Errorf("have %+v with %+v, want both set back", b.Counts, b.Why)
		}
	})
}

func TestAllAdvisoriesThatAQueryLeavesAreMarkedAndSetBack(t *testing.T) {
	const many = 450 // more than two pages
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "manager")
		one := drafted(t, h, ana, "One")
		ok(t, "copies", h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `with recursive n(i) as (select 1 union all select i + 1 from n where i < $2)
				insert into advisories (id, guard, audience, at, doc, version, stage, title, severity, case_id, name, published_at, approved, events, body, original, tlp)
				select 'adv-' || (10000000 + n.i), a.guard, a.audience, a.at, a.doc - n.i, a.version, a.stage, a.title, a.severity, a.case_id, 'adv-' || (10000000 + n.i), a.published_at, a.approved, a.events, a.body, a.original, a.tlp
				from advisories a, n where a.id = $1`, string(one), many-1)
			return err
		}))
		b := begin(t, h, ana, bulk.Asked{Surface: "advisories", Act: "mark", Input: bulk.Input{Value: "GREEN"}, All: true, Query: "stage:draft"})
		work(t, h)
		b, err := h.Bulks.Get(ana, b.ID)
		ok(t, "get", err)
		if b.State != bulk.Finished || b.Counts[bulk.RowDone] != many {
			t.Fatalf("have %s with %v, want all %d", b.State, b.Counts, many)
		}
		if b = undone(t, h, ana, b.ID); b.State != bulk.Undone || b.Counts[bulk.RowUndone] != many {
			t.Fatalf("have %s with %v, want all set back", b.State, b.Counts)
		}
	})
}
