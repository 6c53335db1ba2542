package bulk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/bulk"
	"tocsin/internal/fault"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// account is somebody as they are kept.
func account(t *testing.T, h *rig.House, id ref.ID) *party.Person {
	t.Helper()
	all, err := h.Parties.People(rig.System())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(p *party.Person) bool { return p.ID == id })
	if i < 0 {
		t.Fatalf("nobody is %s", id)
	}
	return all[i]
}

// undone sets a bulk back, and reads it.
func undone(t *testing.T, h *rig.House, as context.Context, id ref.ID) *bulk.Bulk {
	t.Helper()
	if err := h.Bulks.Undo(as, id); err != nil {
		t.Fatal(err)
	}
	work(t, h)
	b, err := h.Bulks.Get(as, id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// says is what was said of a record that was not changed, or not set back.
func says(b *bulk.Bulk, id ref.ID) string {
	for _, w := range b.Why {
		if slices.Contains(w.IDs, id) {
			return w.Says
		}
	}
	return ""
}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestARoleThatManyGetIsTakenFromThoseWhoGotItByThis(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		root, mia, ann := h.As(t, "root", "admin"), h.As(t, "mia", "manager"), h.As(t, "ann", "analyst")
		h.As(t, "bo", "analyst")
		h.As(t, "cy", "engineer")
		ids := []ref.ID{"person-ann", "person-bo", "person-cy", "person-root", "person-nobody"}
		b := begin(t, h, root, bulk.Asked{Surface: "people", Act: "give", Input: bulk.Input{Value: "engineer"}, IDs: ids})
		if b.Counts[bulk.RowDone] != 2 || b.Counts[bulk.RowSame] != 1 || b.Counts[bulk.RowRefused] != 1 || len(b.Missing) != 1 || !strings.Contains(says(b, "person-root"), "your own account") {
			t.Fatalf("have %+v, want two given, one who had it, one's own account and nobody", b)
		}
		ok(t, "take", h.Parties.Take(mia, "person-bo", "engineer")) // somebody else thinks about it twice
		ok(t, "give", h.Parties.Give(mia, "person-bo", "engineer"))
		ok(t, "another role", h.Parties.Give(mia, "person-ann", "auditor")) // what is not this role is not of it
		ok(t, "their own taste", h.Parties.SetTaste(ann, party.Taste{Theme: "dark"}))
		b = undone(t, h, root, b.ID)
		if b.Counts[bulk.RowUndone] != 1 || b.Counts[bulk.RowLeft] != 1 || says(b, "person-bo") != "mia changed it since" {
			t.Fatalf("have %+v, want one set back and one left", b)
		}
		for id, want := range map[ref.ID][]string{"person-ann": {"analyst", "auditor"}, "person-bo": {"analyst", "engineer"}, "person-cy": {"engineer"}, "person-root": {"admin"}} {
			if have := account(t, h, id).Roles; !slices.Equal(have, want) {
				t.Errorf("%s has %v, want %v", id, have, want)
			}
		}
		if n := rig.Count(t, h.DB, "audit where verb = 'grant.take' and subject = 'person-ann' and reason like '%undone, as bulk-%'"); n != 1 {
			t.Errorf("%d entries of what was set back, want 1", n)
		}
	})
}

func TestTheLastAdministratorsAreNotTakenTogether(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, ids := h.As(t, "mia", "manager"), []ref.ID{}
		for _, name := range []string{"ada", "bea", "cem", "dan", "eli"} {
			h.As(t, name, "admin")
			ids = append(ids, ref.ID("person-"+name))
		}
		for act, input := range map[string]bulk.Input{"take": {Value: "admin"}, "disable": {}} {
			b := begin(t, h, mia, bulk.Asked{Surface: "people", Act: act, Input: input, IDs: slices.Clone(ids)})
			if b.Counts[bulk.RowDone] != len(ids)-1 || b.Counts[bulk.RowRefused] != 1 || !strings.Contains(b.Why[0].Says, "somebody has to be the administrator") {
				t.Fatalf("%s: have %+v with %+v, want that one stays", act, b.Counts, b.Why)
			}
			if n := rig.Count(t, h.DB, "people p join membership m on m.holder = p.id where m.principal = 'role:admin' and p.state = 'active'"); n != 1 {
				t.Errorf("%s: %d administrators, want 1", act, n)
			}
			if b = undone(t, h, mia, b.ID); b.Counts[bulk.RowUndone] != len(ids)-1 {
				t.Errorf("%s: have %v, want that all are back", act, b.Counts)
			}
		}
	})
}

func TestManyAreDisabledByAQueryAndSetBackToWhatEachWas(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		root := h.As(t, "root", "admin")
		h.As(t, "ann", "engineer")
		h.As(t, "out", "engineer")
		ok(t, "out", h.Parties.Disable(root, "person-out"))
		cy, _, err := h.Parties.Invite(root, party.Person{Name: "Cy", Roles: []string{"engineer"}}, false)
		ok(t, "invite", err)
		b := begin(t, h, root, bulk.Asked{Surface: "people", Act: "disable", All: true, Query: "role:engineer"})
		if b.Counts[bulk.RowDone] != 2 || b.Counts[bulk.RowSame] != 1 {
			t.Fatalf("have %+v, want two disabled and one who was", b)
		}
		if b = undone(t, h, root, b.ID); b.Counts[bulk.RowUndone] != 2 {
			t.Fatalf("have %+v, want both set back", b)
		}
		b = begin(t, h, root, bulk.Asked{Surface: "people", Act: "level", Input: bulk.Input{Value: "vp"}, All: true, Query: "role:engineer"})
		if b = undone(t, h, root, b.ID); b.Counts[bulk.RowUndone] != 3 {
			t.Errorf("levels: have %+v, want all set back", b)
		}
		for id, want := range map[ref.ID]string{"person-ann": party.Active, "person-out": party.Disabled, cy: party.Invited} {
			if have := account(t, h, id); have.State != want || have.Level != "" {
				t.Errorf("%s is %s at level %q, want %s at none", id, have.State, have.Level, want)
			}
		}
	})
}

func TestWhoMayNotChangePeopleChangesNotMany(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		h.As(t, "bo", "analyst")
		for name, role := range map[string][]string{"ana": {"analyst"}, "gus": {"manager", "guest"}} {
			if _, err := h.Bulks.Begin(h.As(t, name, role...), bulk.Asked{Surface: "people", Act: "give", Input: bulk.Input{Value: "admin"}, IDs: []ref.ID{"person-bo"}}); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v, want forbidden", name, err)
			}
		}
		if _, err := h.Bulks.Begin(h.As(t, "root", "admin"), bulk.Asked{Surface: "people", Act: "give", Input: bulk.Input{Value: "emperor"}, IDs: []ref.ID{"person-bo"}}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a role that is none: %v, want invalid", err)
		}
		if have := account(t, h, "person-bo").Roles; !slices.Equal(have, []string{"analyst"}) {
			t.Errorf("bo has %v", have)
		}
	})
}
