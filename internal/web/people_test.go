package web_test

import (
	"fmt"
	"testing"

	"tocsin/internal/party"
	"tocsin/internal/rig"
)

// TestPeopleAreAList asks the list of people as every other list is asked.
func TestPeopleAreAList(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ana := s.as(h.As(t, "ana", "manager"))
		h.As(t, "eve", "engineer")
		guest := s.as(h.As(t, "gus", "guest"))
		t.Run("a query leaves those whom it asks for, and stands beside the box as chips", func(t *testing.T) {
			ana.get("/people?q=role%3Aengineer").is(t, 200, "@eve", "1 person", "Role: Security engineer", `aria-label="Remove Role: Security engineer"`).lacks(t, "@gus")
			ana.get("/people?q=is%3Amfa").is(t, 200, "Nobody fits")
		})
		t.Run("a wrong query says how to mend it", func(t *testing.T) {
			ana.get("/people?q=role%3Aenginer").is(t, 422, "did you mean engineer?", "What this list can be asked")
		})
		t.Run("the box completes", func(t *testing.T) {
			ana.get("/people/complete?q=is%3A&at=3").is(t, 200, "with one-time codes", "guest")
			guest.get("/people/complete?q=is%3A&at=3").is(t, 403)
		})
		t.Run("a view is saved", func(t *testing.T) {
			ana.post("/views", "surface", "people", "query", "q=role%3Aengineer", "name", "Engineers").leads(t, "/people?q=role%3Aengineer")
			ana.get("/people").is(t, 200, "Engineers")
		})
		t.Run("a long list has pages", func(t *testing.T) {
			for i := range 60 {
				_, _, err := h.Parties.Invite(h.As(t, "ana", "manager"), party.Person{Name: fmt.Sprintf("Person %02d", i)}, false)
				check(t, "invite", err)
			}
			page := ana.get("/people?q=is%3Ainvited").is(t, 200, "60 people", "Person 00", "Person 49", "Older →")
			page.lacks(t, "Person 50")
		})
	})
}
