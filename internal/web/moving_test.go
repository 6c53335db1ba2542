package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// ready is a case at its first stage from which nothing is missing.
func ready(t *testing.T, h *rig.House, ctx context.Context, title string) ref.ID {
	t.Helper()
	id, err := h.Cases.Open(ctx, casework.Opening{Title: title, Summary: "s", Severity: "high", Component: "export", Product: "forge"})
	check(t, "open", err)
	check(t, "assign", h.Cases.Assign(ctx, id, "person-ana"))
	all := map[string]bool{}
	for _, c := range h.Rules.Completeness {
		all[c.Name] = true
	}
	high := "high"
	check(t, "triage", h.Cases.Edit(ctx, id, casework.Patch{Complete: all, Provisional: &high}))
	return id
}

// TestACardIsMovedByPlainForms has somebody without script move cards on the board.
func TestACardIsMovedByPlainForms(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "ana", "analyst", "engineer", "manager")
		ana := s.as(ctx)
		bare, err := h.Cases.Open(ctx, casework.Opening{Title: "Bare", Summary: "s"})
		check(t, "open", err)
		id := ready(t, h, ctx, "Whole")
		moves := "/cases/" + string(id) + "/moves"
		back := "/cases/board?q=component%3Aexport"

		t.Run("a card says whose turn it is and leads to its moves", func(t *testing.T) {
			ana.get("/cases/board").is(t, 200, "Your turn", "nobody", `href="/cases/`+string(id)+`/moves?back=%2Fcases%2Fboard"`, `data-act="m"`, "Hand over to assessment", `data-stage="closed"`)
		})
		t.Run("a move that lacks something says what, each with where it is mended", func(t *testing.T) {
			ana.get("/cases/"+string(bare)+"/moves").is(t, 200, "things are missing first", "The completeness check", "/cases/"+string(bare)+"?edit=triage#triage", "An owner")
			ana.post("/cases/"+string(bare)+"/moves", "verb", "case.assess", "from", "triage").is(t, 422, "It stays in Triage", "An owner")
		})
		t.Run("a column to which no step leads says so, and what leads elsewhere", func(t *testing.T) {
			ana.get(moves+"?to=release").is(t, 200, "No step of the life cycle leads from Triage to Release", "From here lead: Hand over to assessment")
		})
		t.Run("one step that asks for nothing goes at once", func(t *testing.T) {
			ana.get(moves+"?to=assessment").is(t, 200, "data-go", `value="case.assess"`)
		})
		t.Run("a step that asks for a reason asks for it in its form", func(t *testing.T) {
			page := ana.get(moves+"?to=closed&back="+url.QueryEscape(back)).is(t, 200, `name="reason"`, `name="back" value="`+back+`"`, "Disposition")
			if strings.Contains(page.body, "data-go") {
				t.Error("a step with a reason goes without it")
			}
			ana.post(moves, "verb", "case.reject", "disposition", "not-applicable", "from", "triage").is(t, 422, "name=\"reason\"")
		})
		t.Run("after a move the board tells where the card stands and that no step leads back", func(t *testing.T) {
			to := ana.post(moves, "verb", "case.assess", "from", "triage", "back", back, "version", "0").is(t, 303).header.Get("Location")
			if u, err := url.Parse(to); err != nil || u.Path != "/cases/board" || u.Query().Get("q") != "component:export" || u.Query().Get("moved") != string(id) {
				t.Fatalf("led to %s", to)
			}
			ana.get(to).is(t, 200, string(id)+" went from Triage to Assessment.", "No step of the life cycle leads back.", `data-card="k-`+string(id)+`"`)
		})
		t.Run("a board elsewhere is not gone back to", func(t *testing.T) {
			ana.get(moves+"?back=https%3A%2F%2Felsewhere.example%2Fcases%2Fboard").is(t, 200, `<a href="/cases/board">Board</a>`).lacks(t, "elsewhere.example")
		})
		t.Run("a card that somebody else moved stays, and says so", func(t *testing.T) {
			ana.post(moves, "verb", "case.assess", "from", "triage").is(t, 409, "is not possible in the stage Assessment")
		})
	})
}

// TestABoardOffersTheWayBack has the life cycle lead back, and other roles take it.
func TestABoardOffersTheWayBack(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "mia", "manager", "leader", "analyst")
		id, err := h.Risks.Raise(ctx, risk.Raising{Title: "Incomplete checks may leak exports", Kind: "design"})
		check(t, "raise", err)
		m, out := s.as(ctx), s.as(h.As(t, "out", "engineer"))
		m.get("/register/board").is(t, 200, "Incomplete checks may leak exports", `data-stage="finding-identified"`, "/risks/"+string(id)+"/moves?back=")
		m.get("/risks/"+string(id)+"/moves").is(t, 200, "Plan the treatment", "things are missing first", "Reject")
		m.get("/register/board?by=department").is(t, 200, "Incomplete checks").lacks(t, "/moves?back=")
		m.post("/risks/"+string(id)+"/moves", "verb", "risk.reject", "from", "finding-identified", "reason", "no").is(t, 422)
		to := m.post("/risks/"+string(id)+"/moves", "verb", "risk.reject", "from", "finding-identified", "reason", "no", "rejection", "A single case.").is(t, 303).header.Get("Location")
		m.get(to).is(t, 200, "went from Finding Identified to Closed", "Undo: reopen…", "to=finding-identified")
		out.get(to).is(t, 200, "The way back, reopen, is for other roles.")
	})
}

// TestAnObservationIsMovedOnItsBoard has the board of the observations obey their life
// cycle, say what is missing, and offer the one step that leads back.
func TestAnObservationIsMovedOnItsBoard(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "mia", "manager")
		m, aud := s.as(ctx), s.as(h.As(t, "aud", "auditor"))
		bare, err := h.Observations.Open(ctx, observation.Opening{Title: "Bare"})
		check(t, "open", err)
		id := noticed(t, h, observation.Opening{Title: "Nobody reviews exports", Owner: "person-mia"})
		moves, back := "/observations/"+string(id)+"/moves", "/observations/board?q=cause%3Amissing-review"
		m.get("/observations/board").is(t, 200, `href="/observations/`+string(id)+`/moves?back=%2Fobservations%2Fboard"`, `data-stage="validated"`, `data-stage="remediation-accepted"`, "Your turn", ">List</a>")
		m.get("/observations/board?by=cause").is(t, 200, "missing-review").lacks(t, "/moves?back=")
		aud.get("/observations/board").is(t, 200, "Nobody reviews exports").lacks(t, "/moves?back=")
		m.get("/observations/"+string(bare)+"/moves").is(t, 200, "things are missing first", "/observations/"+string(bare)+"?edit=rating#rating")
		m.post("/observations/"+string(bare)+"/moves", "verb", "observation.validate", "from", "identified").is(t, 422, "It stays in Identified", "A rating by likelihood and impact")
		m.get(moves+"?to=remediated").is(t, 200, "No step of the life cycle leads from Identified to Remediated")
		m.get(moves+"?to=validated").is(t, 200, "data-go", `value="observation.validate"`)
		step := func(verb, from string, more ...string) string {
			t.Helper()
			return m.post(moves, append([]string{"verb", "observation." + verb, "from", from, "back", back}, more...)...).is(t, 303).header.Get("Location")
		}
		m.get(step("validate", "identified")).is(t, 200, string(id)+" went from Identified to Validated.", "No step of the life cycle leads back.", `value="cause:missing-review"`, `data-card="k-`+string(id)+`"`)
		step("start", "validated")
		m.get(moves+"?to=stalled").is(t, 200, `name="reason"`, `name="back"`).lacks(t, "data-go")
		m.post(moves, "verb", "observation.stall", "from", "in-progress").is(t, 422, "wants a reason", `name="reason"`)
		m.get(step("stall", "in-progress", "reason", "The tool comes in May.")).is(t, 200, "went from In progress to Stalled", "Undo: resume", "to=in-progress")
		m.post(moves, "verb", "observation.start", "from", "validated").is(t, 409)
		m.get(step("resume", "stalled")).is(t, 200, "went from Stalled to In progress")
		m.get(moves+"?back=https%3A%2F%2Felsewhere.example%2Fobservations%2Fboard").is(t, 200, `<a href="/observations/board">Board</a>`)
	})
}

// TestABoardShowsWhatAColumnHolds counts what a column holds, as far as lists count, and shows
// more of it on demand; what is hidden is in no count.
func TestABoardShowsWhatAColumnHolds(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "ana", "analyst")
		ana := s.as(ctx)
		ana.get("/cases/board").is(t, 200, "No open case fits.")
		for i := range casework.BoardColumn + 6 {
			_, err := h.Cases.Open(ctx, casework.Opening{Title: fmt.Sprintf("Case %d", i), Summary: "s", Named: i == 0})
			check(t, "open", err)
		}
		out := s.as(h.As(t, "out", "engineer"))
		ana.get("/cases/board").is(t, 200, "25 of 31", `href="/cases/board?more=triage#s-triage"`)
		out.get("/cases/board").is(t, 200, "25 of 30")
		wide := ana.get("/cases/board?more=triage").is(t, 200, ">31<")
		if n := strings.Count(wide.body, `class="ticket`); n != 31 {
			t.Errorf("%d cards, want 31", n)
		}
	})
}

// TestTheRegisterSaysWhatIsSet has what was typed, chosen and pressed on the map stand
// as chips, each with the address without it.
func TestTheRegisterSaysWhatIsSet(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		ctx := h.As(t, "mia", "manager", "leader")
		_, err := h.Risks.Raise(ctx, risk.Raising{Title: "Incomplete checks may leak exports", Kind: "design"})
		check(t, "raise", err)
		m := s.as(ctx)
		page := m.get("/register?q=rating%3E%3Dhigh+is%3Aopen&stage=finding-identified&likelihood=3&impact=4&view=above").is(t, 200, "Remove Rating at least High", "Remove open", "Remove Stage: Finding Identified",
			"Remove Standing: above tolerance or above the ceiling", "Remove Cell 3 × 4", "Add a filter", `value="rating&gt;=high is:open standing:above,beyond stage:finding-identified"`,
			`href="/register?impact=4&amp;likelihood=3&amp;q=rating%3E%3Dhigh+is%3Aopen+stage%3Afinding-identified"`, `name="likelihood" value="3"`)
		if strings.Count(page.body, "Remove Cell") != 1 || strings.Contains(page.body, "Remove Impact") {
			t.Error("a cell is not one chip")
		}
		m.get("/register/board?by=rating&q=is%3Aopen&scope=unset").is(t, 200, "Remove open", "Remove Scope: none", "Add a filter", `name="by" value="rating"`, `value="is:open scope:none"`, `href="/register/board?by=rating&amp;q=is%3Aopen"`,
			`href="/register?q=is%3Aopen+scope%3Anone+rating%3Anone"`)
		m.post("/views", "surface", "register", "query", "view=above&order=due", "name", "Kept long ago").is(t, 303)
		for _, asked := range []string{"view=above&order=due", "q=is%3Aopen+standing%3Aabove%2Cbeyond&order=due"} {
			m.get("/register?"+asked).is(t, 200, `aria-current="page">Kept long ago`, "Delete this view")
		}
		m.get("/register?view=above").is(t, 200, "Kept long ago").lacks(t, `aria-current="page">Kept long ago`)
		for old, want := range map[string]string{"view=closed": "is:closed", "stage=closed": "stage:closed", "owner=mia": "is:open owner:mia", "view=mine&response=unset": "is:open owner:me response:none", "view=review": "is:open review&lt;0d"} {
			m.get("/register?"+old).is(t, 200, `value="`+want+`"`)
		}
	})
}
