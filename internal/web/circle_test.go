package web_test

import (
	"testing"

	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestFormsRefuseACircleAndAnIndicatorWithoutUnit sends what can never be: risks that
// wait for each other, and a number of nothing. The page says so beside the field.
func TestFormsRefuseACircleAndAnIndicatorWithoutUnit(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		m := open(t, h).as(mia)
		var ids []string
		for _, title := range []string{"Exports may reveal data", "Keys may be lost", "Logs may hold secrets"} {
			id, err := h.Risks.Raise(mia, risk.Raising{Title: title})
			check(t, "raise", err)
			ids = append(ids, string(id))
		}
		link := func(from, to string) reply {
			return m.post("/risks/"+from+"/links", "kind", risk.LinkDepends, "to", to)
		}
		link(ids[0], ids[1]).is(t, 303)
		link(ids[1], ids[2]).is(t, 303)
		link(ids[2], ids[0]).is(t, 422, ids[0]+" depends on "+ids[2]+" already, directly or through others; a circle of dependencies can never be worked off", ids[0])
		link(ids[1], ids[0]).is(t, 422, "a circle of dependencies can never be worked off")
		link(ids[0], ids[0]).is(t, 422, "a risk is linked to another risk or to a case")
		m.post("/risks/"+ids[2]+"/links", "kind", "related", "to", ids[0]).is(t, 303)

		m.post("/risks/"+ids[0]+"/kris", "title", "Repositories with the check", "kind", h.Rules.Register.KRI.Kinds[0].Name, "better", "higher", "unit", "").
			is(t, 422, "an indicator needs a unit, or its values mean nothing", "Repositories with the check")
		if f, err := h.Risks.Get(mia, ref.ID(ids[0])); err != nil || len(f.Indicators) != 0 {
			t.Errorf("indicators %+v, %v, want none", f, err)
		}
	})
}

// TestTheFieldsOfAHouseAreFilledInOnThePage writes what the profile asks for besides
// into the form of a risk, and finds the risk by it.
func TestTheFieldsOfAHouseAreFilledInOnThePage(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		m := open(t, h).as(mia)
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Exports may reveal data"})
		check(t, "raise", err)
		at := "/risks/" + string(id)
		m.get(at+"/record?edit=fields").is(t, 200, "Also asked for", "Estimated effort", "In weeks of one person.", `name="fields.roadmap"`)
		m.post(at+"/fields", "fields.effort", "much", "fields.roadmap", "planned").is(t, 422, "Estimated effort is a number from 0 up", `value="much"`)
		m.post(at+"/fields", "fields.effort", "12.5", "fields.roadmap", "planned").is(t, 303)
		m.get(at+"/record").is(t, 200, "12.5", "Planned")
		m.get("/register?q=field.effort%3E12+field.roadmap%3Aplanned").is(t, 200, "Exports may reveal data")
		absent(t, m.get("/register?q=field.effort%3E13"), "Exports may reveal data")
	})
}
