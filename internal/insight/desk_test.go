package insight_test

import (
	"context"
	"reflect"
	"testing"

	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestDeskAndSearchShowWhatTheActorMaySee(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, mary, gus := h.As(t, "ana", "analyst"), h.As(t, "mary", "communications"), h.As(t, "gus", "analyst", "guest")
		report := func(title string) intake.Receipt {
			t.Helper()
			got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: title, Summary: "A member reads the export."})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		first, secret := report("Export can be read"), report("Export of secret groups")
		opened, err := h.Reports.Decide(ana, secret.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Named: true}})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.Assign(ana, opened, "person-ana"); err != nil {
			t.Fatal(err)
		}
		w := insight.Waiting{Inbox: []string{h.Rules.Lifecycle("report").Start()}, Approval: []string{"review"}}
		d, err := h.Across.Desk(ana, w)
		if err != nil || len(d.Cases) != 1 || d.Cases[0].ID != opened || d.Inbox != 1 || len(d.Reports) != 1 || d.Reports[0].ID != first.ID || d.Oldest.IsZero() {
			t.Errorf("the analyst's desk: %+v, %v", d, err)
		}
		if d, err = h.Across.Desk(gus, w); err != nil || len(d.Cases)+d.Inbox+len(d.Reports) != 0 {
			t.Errorf("the guest's desk: %+v, %v", d, err)
		}
		if d, err = h.Across.Desk(mary, w); err != nil || d.Inbox != 0 || len(d.Reports) != 0 {
			t.Errorf("the desk of somebody who reads no reports: %+v, %v", d, err)
		}
		found := func(who string) map[string]int {
			t.Helper()
			ctx := map[string]func() ([]insight.Found, error){
				"ana":  func() ([]insight.Found, error) { return h.Across.Search(ana, "export", 10) },
				"mary": func() ([]insight.Found, error) { return h.Across.Search(mary, "export", 10) },
				"gus":  func() ([]insight.Found, error) { return h.Across.Search(gus, "export", 10) },
			}
			fs, err := ctx[who]()
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]int{}
			for _, f := range fs {
				out[f.Kind] = f.Many
			}
			return out
		}
		if have := found("ana"); have["case"] != 1 || have["report"] != 2 {
			t.Errorf("the analyst finds %v", have)
		}
		if have := found("gus"); have["case"]+have["report"] != 0 {
			t.Errorf("the guest finds %v", have)
		}
		if have := found("mary"); have["case"] != 0 {
			t.Errorf("somebody who is not named finds the case that is need to know: %v", have)
		}
		if _, has := found("mary")["report"]; has {
			t.Error("somebody who reads no reports finds them")
		}
	})
}

// TestASearchFindsRisksAndObservationsByTheirWords searches for words of a statement,
// as somebody who may read them, as somebody inside who is not named, and as a guest.
func TestASearchFindsRisksAndObservationsByTheirWords(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, ana, gus := h.As(t, "mia", "manager"), h.As(t, "ana", "analyst"), h.As(t, "gus", "guest")
		open, err := h.Risks.Raise(mia, risk.Raising{Title: "Keys may be kept alive", Statement: risk.Statement{Problem: "The quokka rotation is skipped."}})
		check(t, "raise", err)
		named, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may leak", Named: true, Statement: risk.Statement{Impact: "The quokka is lost."}})
		check(t, "raise", err)
		seen, err := h.Observations.Open(mia, observation.Opening{Title: "Reviews are skipped", Condition: "The quokka is not reviewed.", Likelihood: 2, Impact: 3})
		check(t, "open", err)
		for _, c := range []struct {
			name string
			who  context.Context
			want map[string][]ref.ID
		}{
			{"who raised them", mia, map[string][]ref.ID{"risk": {named, open}, "obs": {seen}}},
			{"somebody who is not named", ana, map[string][]ref.ID{"risk": {open}, "obs": {seen}}},
			{"a guest", gus, map[string][]ref.ID{}},
		} {
			t.Run(c.name, func(t *testing.T) {
				found, err := h.Across.Search(c.who, "quokka", 10)
				check(t, "search", err)
				have := map[string][]ref.ID{}
				for _, f := range found {
					for _, b := range f.Rows {
						have[f.Kind] = append(have[f.Kind], b.ID)
					}
				}
				if !reflect.DeepEqual(have, c.want) {
					t.Errorf("found %v, want %v", have, c.want)
				}
			})
		}
	})
}
