package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestObservationsAreChangedTogether has rows of the list chosen, and all that a filter
// leaves.
func TestObservationsAreChangedTogether(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "mia", "manager")
		var ids []ref.ID
		for _, title := range []string{"Restores had no rehearsal", "Alerts reach nobody"} {
			id, err := h.Observations.Open(ctx, observation.Opening{Title: title})
			check(t, "open an observation", err)
			ids = append(ids, id)
		}
		m := open(t, h).as(ctx)
		m.get("/observations?order=score").is(t, 200, `aria-sort="descending"`, "order=age", "order=due")
		m.get("/observations?order=loudest").is(t, 422, "is no order of observations")
		m.get("/observations?q=rehearsal").is(t, 200, `name="id" form="bulk" value="`+string(ids[0])+`"`, "the one that matches", `value="assign"`)
		to := m.post("/bulk", "surface", "observations", "back", "/observations?q=rehearsal", "act", "label", "value", "stale", "all", "yes").is(t, 303).header.Get("Location")
		for more := true; more; {
			var err error
			more, err = h.Jobs.Step(t.Context())
			check(t, "work", err)
		}
		m.get(to).is(t, 200, "1 changed", "Undo")
		for i, id := range ids {
			if o, err := h.Observations.Get(ctx, id); err != nil || slices.Contains(o.Labels, "stale") != (i == 0) {
				t.Errorf("labels of %s are %v, %v", id, o.Labels, err)
			}
		}
	})
}

func TestRowsAreChangedTogetherByPlainForms(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "mia", "manager")
		a, err := h.Cases.Open(ctx, casework.Opening{Title: "First", Product: "gateway"})
		if err != nil {
			t.Fatal(err)
		}
		b, err := h.Cases.Open(ctx, casework.Opening{Title: "Second", Product: "gateway"})
		if err != nil {
			t.Fatal(err)
		}
		m := open(t, h).as(ctx)
		m.get("/cases").is(t, 200, `name="id" form="bulk" value="`+string(a)+`"`, "all 2 cases that match", `value="assign"`)
		open(t, h).as(h.As(t, "aud", "auditor")).get("/cases").is(t, 200, "First").lacks(t, `form="bulk"`)

		chosen := []string{"surface", "cases", "back", "/cases?q=is%3Aopen", "act", "label", "id", string(a), "id", string(b)}
		m.post("/bulk/ask", chosen...).is(t, 200, "Add a label: 2 cases", "Blocked (wants a reason)")
		m.post("/bulk/ask", "surface", "cases", "act", "label", "back", "/cases").is(t, 422, "nothing is chosen")
		chosen = append(chosen, "value", "blocked")
		m.post("/bulk", chosen...).is(t, 422, "wants a reason", `value="`+string(b)+`"`)
		to := m.post("/bulk", append(chosen, "reason", "waits for the vendor")...).header.Get("Location")
		if !regexp.MustCompile(`^/cases\?did=bulk-\w+&q=is%3Aopen$`).MatchString(to) {
			t.Fatalf("led to %q, want the list with what was done", to)
		}
		m.get(to).is(t, 200, "Label added: Blocked", "2 changed", "Undo")
		id := regexp.MustCompile(`bulk-\w+`).FindString(to)
		m.get("/bulk").is(t, 200, "Label added: Blocked")
		m.get("/bulk/"+id).is(t, 200, string(a), string(b), "changed")
		m.get("/bulk/"+id+"/news?back=/cases").is(t, 200, "2 changed")
		open(t, h).as(h.As(t, "max", "manager")).get("/bulk/"+id).is(t, 404)
		to = m.post("/bulk/"+id+"/undo", "back", "/cases?q=is%3Aopen").header.Get("Location")
		m.get(to).is(t, 200, "Undone", "2 set back")
		if f, err := h.Cases.Get(ctx, a); err != nil || f.Has("blocked") {
			t.Errorf("labels %v, %v, want none", f.Labels, err)
		}
		if back := m.post("/bulk", "surface", "cases", "back", "https://elsewhere.example/", "act", "assign", "all", "yes").header.Get("Location"); !strings.HasPrefix(back, "/bulk/") {
			t.Errorf("led to %q, want this site", back)
		}
	})
}

// TestAdvisoriesAndPeopleAreChangedTogether has the rows of both lists chosen by plain
// forms, by whoever may change one of them.
func TestAdvisoriesAndPeopleAreChangedTogether(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "mia", "manager")
		id, err := h.Cases.Open(ctx, casework.Opening{Title: "First", Product: "gateway"})
		check(t, "open a case", err)
		adv, err := h.Advisories.Draft(ctx, id)
		check(t, "draft", err)
		h.As(t, "bo", "analyst")
		m, aud := open(t, h).as(ctx), open(t, h).as(h.As(t, "aud", "auditor"))
		m.get("/advisory?q=stage%3Adraft").is(t, 200, `name="id" form="bulk" value="`+string(adv)+`"`, "the one that matches", `value="submit"`, `value="mark"`, string(adv))
		m.get("/people?q=role%3Aanalyst").is(t, 200, `name="id" form="bulk" value="person-bo"`, "the one that matches", `value="give"`, `value="disable"`)
		for _, list := range []string{"/advisory", "/people"} {
			aud.get(list).is(t, 200).lacks(t, `form="bulk"`)
		}
		aud.post("/bulk", "surface", "people", "back", "/people", "act", "give", "value", "manager", "id", "person-aud").is(t, 403)

		m.post("/bulk/ask", "surface", "advisories", "act", "mark", "id", string(adv), "back", "/advisory").is(t, 200, "Mark: 1 advisory", "AMBER+STRICT")
		m.post("/bulk/ask", "surface", "people", "act", "take", "id", "person-bo", "back", "/people").is(t, 200, "Take a role away: 1 person", "Security analyst")
		m.get(m.post("/bulk", "surface", "advisories", "act", "mark", "value", "AMBER", "id", string(adv), "back", "/advisory").header.Get("Location")).is(t, 200, "Marked TLP:AMBER", "1 changed", "Undo")
		m.post("/bulk", "surface", "advisories", "act", "publish", "id", string(adv), "back", "/advisory").is(t, 422, "cannot be done to many")
		m.post("/bulk", "surface", "people", "act", "give", "value", "emperor", "id", "person-bo", "back", "/people").is(t, 422, "no role &#34;emperor&#34;")
		to := m.post("/bulk", "surface", "people", "act", "give", "value", "engineer", "all", "yes", "back", "/people?q=role%3Aanalyst").is(t, 303).header.Get("Location")
		m.get(to).is(t, 200, "Role given: Security engineer", "1 changed", "Security engineer</span>")
		to = m.post("/bulk/"+regexp.MustCompile(`bulk-\w+`).FindString(to)+"/undo", "back", "/people").header.Get("Location")
		m.get(to).is(t, 200, "Undone", "1 set back").lacks(t, `Security engineer</span>`)
	})
}
