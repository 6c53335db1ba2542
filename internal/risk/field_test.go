package risk_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// own are fields of every kind, as a house may have them.
var own = []profile.RiskField{
	{Name: "program", Title: "Programme", Kind: "text", Before: []string{"risk.plan"}},
	{Name: "effort", Title: "Effort", Kind: "number"},
	{Name: "audit", Title: "Next audit", Kind: "date"},
	{Name: "roadmap", Title: "Roadmap", Kind: "choice", Choices: []profile.Named{{Name: "planned", Title: "Planned"}, {Name: "open", Title: "Open"}}},
	{Name: "insured", Title: "Insured", Kind: "yes-no"},
	{Name: "vendor", Title: "Vendor", Kind: "text", Kinds: []string{"supplier"}},
}

// TestAHouseAsksForFieldsOfItsOwn fills fields of every kind in, refuses what they
// cannot be, asks the list for them, and keeps the change in the trail.
func TestAHouseAsksForFieldsOfItsOwn(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		h.Rules.Register.Fields = own
		lea := h.As(t, "lea", "manager")
		raise := func(title string, fields map[string]string) ref.ID {
			id, err := h.Risks.Raise(lea, risk.Raising{Title: title})
			if err == nil {
				err = h.Risks.Edit(lea, id, risk.Patch{Fields: fields})
			}
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		a := raise("Exports may reveal data", map[string]string{"program": "Gate", "effort": "12.50", "audit": "2026-12-01", "roadmap": "Planned", "insured": "Yes"})
		b := raise("Keys may be lost", map[string]string{"effort": "3", "roadmap": "open", "insured": "no"})
		f, err := h.Risks.Get(lea, a)
		if want := map[string]string{"program": "Gate", "effort": "12.5", "audit": "2026-12-01", "roadmap": "planned", "insured": "yes"}; err != nil || !maps.Equal(f.Fields, want) {
			t.Fatalf("fields %v, %v, want %v", f.Fields, err, want)
		}
		for _, x := range []struct{ field, value, says string }{
			{"effort", "much", `Effort is a number from 0 up to 1000000000000, and "much" is none; write it as 12 or 12.5`},
			{"effort", "-1", "is a number from 0 up"}, {"effort", "NaN", "is a number from 0 up"}, {"effort", "1.23456", "is kept to four decimals"},
			{"audit", "2026-02-30", "write a day that exists as 2027-03-31"}, {"roadmap", "maybe", "choose one of: planned, open"}, {"insured", "perhaps", "is yes or no"},
			{"vendor", "Acme", "is asked of risks of the kinds supplier alone"}, {"program", strings.Repeat("x", profile.MaxField+1), "shorten"},
			{"colour", "red", `the profile has no field "colour"; it has program, effort, audit, roadmap, insured, vendor`},
		} {
			err := h.Risks.Edit(lea, a, risk.Patch{Fields: map[string]string{x.field: x.value}})
			if f := fault.Of(err); !errors.Is(err, fault.Invalid) || len(f.Fields) != 1 || f.Fields[0].Name != "fields."+x.field || !strings.Contains(f.Fields[0].Says, x.says) {
				t.Errorf("%s %.20s: %v, want the field with %q", x.field, x.value, err, x.says)
			}
		}
		for q, want := range map[string][]ref.ID{"field.effort>=12": {a}, "field.effort:3": {b}, "field.roadmap:planned": {a}, "-field.roadmap:planned": {b}, "field.audit<2027-01-01": {a}, "field.audit:none": {b},
			"field.insured:no": {b}, "field.program:Gate": {a}, "field.effort:none": nil} {
			parsed, err := risk.Vocabulary(h.Rules).Parse(q)
			if err != nil {
				t.Errorf("%s: %v", q, err)
				continue
			}
			l, err := h.Risks.List(lea, risk.Filter{Query: parsed}, risk.Page{})
			var have []ref.ID
			if err == nil {
				for _, r := range l.Risks {
					have = append(have, r.ID)
				}
			}
			if err != nil || fmt.Sprint(have) != fmt.Sprint(want) {
				t.Errorf("%s: %v, %v, want %v", q, have, err, want)
			}
		}
		if err := h.Risks.Edit(lea, a, risk.Patch{Fields: map[string]string{"effort": ""}}); err != nil {
			t.Fatal(err)
		}
		if f, err = h.Risks.Get(lea, a); err != nil || f.Fields["effort"] != "" || f.Fields["program"] != "Gate" {
			t.Errorf("fields %v, %v, want the effort taken away and the rest as it was", f.Fields, err)
		}
		trail, err := h.Trail.On(lea, a)
		if said := fmt.Sprint(trail); err != nil || !strings.Contains(said, "fields") || !strings.Contains(said, "12.5") {
			t.Errorf("trail %.600s, %v, want what the fields were", said, err)
		}
	})
}

// TestAMoveWaitsForAField refuses a move before which a field must be filled in, and
// names the field.
func TestAMoveWaitsForAField(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		h.Rules.Register.Fields = own
		lea := h.As(t, "lea", "manager")
		id, err := h.Risks.Raise(lea, risk.Raising{Title: "Exports may reveal data"})
		if err != nil {
			t.Fatal(err)
		}
		lacks := func() bool {
			f := fault.Of(h.Risks.Move(lea, id, "risk.plan", risk.Step{}))
			for _, n := range f.Needs {
				if n.Word == "field.program" && n.Says == "the field Programme, filled in" && n.Link == "#fields" {
					return true
				}
			}
			return false
		}
		if !lacks() {
			t.Error("the move does not ask for the field")
		}
		if err := h.Risks.Edit(lea, id, risk.Patch{Fields: map[string]string{"program": "Gate"}}); err != nil {
			t.Fatal(err)
		}
		if lacks() {
			t.Error("the move asks for a field that is filled in")
		}
	})
}
