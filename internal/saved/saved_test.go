package saved_test

import (
	"errors"
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/saved"
)

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestViewsAreOnesOwnOrEverybodys saves, replaces, shares and deletes filters.
func TestViewsAreOnesOwnOrEverybodys(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, ana := h.As(t, "lea", "manager"), h.As(t, "ana", "analyst")
		own, err := h.Views.Save(ana, saved.View{Surface: "register", Name: "Mine", Query: "?rating=high&after=xyz"})
		done(t, err)
		again, err := h.Views.Save(ana, saved.View{Surface: "register", Name: "Mine", Query: "rating=low"})
		done(t, err)
		_, err = h.Views.Save(lea, saved.View{Surface: "register", Name: "Ours", Query: "standing=above", Shared: true})
		done(t, err)
		mine, err := h.Views.List(ana, "register")
		done(t, err)
		if own != again || len(mine) != 2 || mine[0].Query != "rating=low" {
			t.Errorf("views %+v of %s and %s, want one of ana's own and one for everybody", mine, own, again)
		}
		if theirs, _ := h.Views.List(lea, ""); len(theirs) != 1 {
			t.Errorf("lea sees %+v, want the shared one alone", theirs)
		}
		if err := h.Views.Delete(lea, own); !errors.Is(err, fault.NotFound) {
			t.Errorf("deleting somebody's own: %v, want that there is none", err)
		}
		if err := h.Views.Delete(ana, mine[1].ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an analyst deletes a shared one: %v, want it forbidden", err)
		}
		done(t, h.Views.Delete(ana, own))
		for _, v := range []saved.View{{Surface: "home", Name: "x"}, {Surface: "register"}, {Surface: "register", Name: "x", Query: "%zz"}} {
			if _, err := h.Views.Save(ana, v); !errors.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v, want it refused", v, err)
			}
		}
	})
}

// TestAViewIsRenamedAndChosen renames, chooses and forgets.
func TestAViewIsRenamedAndChosen(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, ana := h.As(t, "lea", "manager"), h.As(t, "ana", "analyst")
		ours, err := h.Views.Save(lea, saved.View{Surface: "cases", Name: "Ours", Query: "q=sev%3E%3Dhigh&after=x", Shared: true})
		done(t, err)
		mine, err := h.Views.Save(ana, saved.View{Surface: "cases", Name: "Mine", Query: "q=owner%3Ame"})
		done(t, err)
		if err := h.Views.Rename(ana, mine, "Ours"); err != nil {
			t.Errorf("a name that only somebody else uses: %v, want it taken", err)
		}
		_, err = h.Views.Save(ana, saved.View{Surface: "cases", Name: "Second", Query: "q="})
		done(t, err)
		if err := h.Views.Rename(ana, mine, "Second"); !errors.Is(err, fault.Invalid) {
			t.Errorf("a name twice: %v, want it refused", err)
		}
		if err := h.Views.Rename(lea, mine, "Hers"); !errors.Is(err, fault.NotFound) {
			t.Errorf("renaming somebody's own: %v, want that there is none", err)
		}
		done(t, h.Views.First(ana, "cases", ours))
		for who, want := range map[string]bool{"ana": true, "lea": false} {
			ctx := ana
			if who == "lea" {
				ctx = lea
			}
			all, err := h.Views.List(ctx, "cases")
			done(t, err)
			first := false
			for _, x := range all {
				first = first || x.First && x.ID == ours
			}
			if first != want {
				t.Errorf("the list opens with it for %s: %v, want %v", who, first, want)
			}
		}
		done(t, h.Views.Delete(lea, ours))
		if all, err := h.Views.List(ana, "cases"); err != nil || len(all) != 2 || all[0].First || all[1].First {
			t.Errorf("views %+v (%v), want two of which none is first", all, err)
		}
		if err := h.Views.First(lea, "cases", mine); !errors.Is(err, fault.NotFound) {
			t.Errorf("choosing somebody's own: %v, want that there is none", err)
		}
		done(t, h.Views.First(ana, "cases", mine))
		done(t, h.Views.First(ana, "cases", ""))
		guest := h.As(t, "gus")
		if all, err := h.Views.List(guest, ""); err != nil || len(all) != 0 {
			t.Errorf("who may read no list has views %+v (%v), want none", all, err)
		}
	})
}
