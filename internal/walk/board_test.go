package walk

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/ref"
)

// TestBoard has cards go from column to column, by the pointer and by keys alone.
func TestBoard(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := start(t)
	v := p.browser()
	v.expected = []string{"status of 422"} // what a step that lacks something answers
	v.as("ines")
	for _, one := range []struct {
		name string
		do   func(*hand)
	}{
		{"a card that is dropped goes where a step leads, and the board says so", (*hand).drags},
		{"a card that is dropped where no step leads stays, and the board says what leads elsewhere", (*hand).misses},
		{"a card that lacks something opens what is missing", (*hand).lacks},
		{"a card is let go by Escape", (*hand).lets},
		{"a card goes by keys alone, gives its reason and comes back", (*hand).keyed},
		{"without script the same card goes by a plain form", (*hand).plain},
	} {
		t.Run(one.name, func(t *testing.T) { one.do(v.hand(t)) })
	}
}

// hand is a visitor at the board, with a card of their own that lacks nothing and one
// that lacks everything.
type hand struct {
	*talk
	card, bare ref.ID
	query      string // that leaves these two cards
}

func (v *visitor) hand(t *testing.T) *hand {
	mine := *v
	mine.place = v.place.at(t)
	h := &hand{talk: &talk{visitor: &mine}}
	inside := access.With(t.Context(), access.Actor{ID: v.people.All["ines"], Kind: access.Person, Name: "Ines"})
	component := string(ref.New("component"))
	h.query = "/cases/board?q=component%3A" + component
	open := func(title string) ref.ID {
		id, err := v.house.Cases.Open(inside, casework.Opening{Title: title, Summary: "s", Product: "fernhollow-gateway", Component: component, Severity: "high"})
		check(t, "open", err)
		return id
	}
	h.card, h.bare = open("A lever of the gateway sticks"), open("A lever of the gateway is missing")
	check(t, "assign", v.house.Cases.Assign(inside, h.card, v.people.All["ines"]))
	all, high := map[string]bool{}, "high"
	for _, c := range v.house.Rules.Completeness {
		all[c.Name] = true
	}
	check(t, "triage", v.house.Cases.Edit(inside, h.card, casework.Patch{Complete: all, Provisional: &high}))
	h.open(h.query)
	return h
}

// stands fails where the case is not in the stage.
func (h *hand) stands(id ref.ID, stage string) {
	h.Helper()
	full, err := h.house.Cases.Get(access.With(h.Context(), access.Actor{ID: h.people.All["ines"], Kind: access.Person, Name: "Ines"}), id)
	check(h.T, "case", err)
	if full.Stage != stage {
		h.Fatalf("%s stands in %s, want %s", id, full.Stage, stage)
	}
}

// mouse sends what a mouse does at a place of the window.
func (h *hand) mouse(kind input.DispatchMouseEventType, x, y float64) {
	h.Helper()
	h.run(fmt.Sprintf("%s at %.0f, %.0f", kind, x, y), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1}
		if kind == input.DispatchMouseEventTypeMouseReleased {
			p.Buttons = 0
		}
		_, err := cdp.Call(ctx, t, input.DispatchMouseEvent, p)
		return err
	}))
}

// at is the middle of what the selector names.
func (h *hand) at(selector string) (x, y float64) {
	h.Helper()
	box := js[[]float64](h.visitor, `(() => { const e = document.querySelector(`+quoted(selector)+`); e.scrollIntoView({ block: "nearest", inline: "nearest" }); const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + Math.min(b.height / 2, 40)] })()`)
	return box[0], box[1]
}

// carry lifts a card and holds it over a column.
func (h *hand) carry(id ref.ID, stage string) (x, y float64) {
	h.Helper()
	x, y = h.at("#k-" + string(id))
	h.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	h.mouse(input.DispatchMouseEventTypeMouseMoved, x+9, y+9)
	x, y = h.at(`[data-stage="` + stage + `"] h2`)
	h.mouse(input.DispatchMouseEventTypeMouseMoved, x, y+30)
	return x, y + 30
}

func (h *hand) drags() {
	x, y := h.carry(h.card, "assessment")
	h.becomes(`document.querySelector('[data-stage="assessment"]').className`, "may aimed")
	h.becomes(`document.querySelector('[data-stage="assessment"] .drop').innerText`, "→ Hand over to assessment")
	h.becomes(`document.querySelector('[data-stage="release"]').className + ": " + document.querySelector('[data-stage="release"] .drop').innerText`, "may-not: No step leads here")
	h.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
	h.becomes(`document.querySelector("#moved").innerText.replace(/\s+/g, " ").trim()`, "Moved. "+string(h.card)+" went from Triage to Assessment. No step of the life cycle leads back.")
	h.becomes(`document.querySelector("#k-`+string(h.card)+`").closest("section").dataset.stage`, "assessment")
	h.becomes(`document.activeElement.closest("li")?.id`, "k-"+string(h.card))
	h.becomes(`document.querySelectorAll(".in-hand, .drop, .may, .may-not").length`, "0")
	h.stands(h.card, "assessment")
}

func (h *hand) misses() {
	x, y := h.carry(h.card, "release")
	h.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
	h.becomes(`document.querySelector("#moved").innerText.includes("No step that you may take leads from Triage to Release. From there: Hand over to assessment, Reject.")`, "true")
	h.becomes(`location.pathname`, "/cases/board") // and letting go pressed nothing
	h.stands(h.card, "triage")
}

func (h *hand) lacks() {
	x, y := h.carry(h.bare, "assessment")
	h.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
	h.becomes(`document.querySelector("dialog.moving[open]")?.innerText.includes("things are missing first")`, "true")
	h.becomes(`document.activeElement.getAttribute("href")`, "/cases/"+string(h.bare)+"?edit=triage#triage")
	h.hit("\x1b")
	h.becomes(`document.querySelector("dialog.moving").open + " " + document.querySelectorAll(".going").length`, "false 0")
	h.stands(h.bare, "triage")
}

func (h *hand) lets() {
	x, y := h.carry(h.card, "assessment")
	h.hit("\x1b")
	h.becomes(`document.querySelectorAll(".in-hand, .drop").length`, "0")
	h.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
	h.stands(h.card, "triage")
}

// keyed uses nothing but keys: to the card, through its step, with a disposition and a
// reason to the end of the life cycle, and back by the one undo.
func (h *hand) keyed() {
	h.open(h.query + "+owner%3Ame")
	h.hit("j")
	h.becomes(`document.activeElement.closest("li")?.id`, "k-"+string(h.card))
	h.hit("m")
	h.becomes(`document.activeElement.textContent.trim()`, "Hand over to assessment")
	h.hit("\r")
	h.becomes(`document.querySelector("#moved").innerText.includes("went from Triage to Assessment")`, "true")
	h.becomes(`document.activeElement.closest("li")?.id`, "k-"+string(h.card)) // the focus went along
	h.hit("m")
	h.becomes(`document.activeElement.textContent.trim()`, "Reject…")
	h.hit("\r")
	h.becomes(`document.activeElement.name`, "disposition")
	h.hit("n\r") // the one that begins so
	h.becomes(`document.querySelector("dialog.moving [type=hidden][name=disposition]")?.value`, "not-applicable")
	h.becomes(`document.activeElement.name`, "disposition")                                                        // the answer has come, and the focus is back where it was
	h.becomes(`performance.getEntriesByType("resource").filter(r => r.name.includes("disposition=")).length`, "1") // a second answer would take what is typed by then
	h.tab("dialog.moving [name=reason]")
	h.hit("It does not hold.")
	h.becomes(kept, "1")
	h.run("away and back", chromedp.KeyEvent("\x1b"), chromedp.KeyEvent("\x1b")) // out of the field, out of the window
	h.becomes(`document.querySelector("dialog.moving").open`, "false")
	h.hit("m")
	h.becomes(`document.activeElement.textContent.trim()`, "Reject…")
	h.hit("\r")
	h.becomes(`document.activeElement.name`, "disposition")
	h.hit("n\r")
	h.becomes(`document.querySelector("dialog.moving [name=reason]")?.value`, "It does not hold.")
	h.tab("dialog.moving .primary")
	h.hit("\r")
	h.becomes(`document.querySelector("#moved").innerText.replace(/\s+/g, " ").trim()`, "Moved. "+string(h.card)+" went from Assessment to Closed. Undo: reopen…")
	h.stands(h.card, "closed")
	h.becomes(kept, "0") // what was sent is not put back
	h.tab("#moved a")
	h.hit("\r")
	h.becomes(`document.activeElement.name`, "reason")
	h.hit("It holds after all.")
	h.tab("dialog.moving .primary")
	h.hit("\r")
	h.becomes(`document.querySelector("#moved").innerText.includes("went from Closed to Assessment")`, "true")
	h.stands(h.card, "assessment")
}

func (h *hand) plain() {
	h.script(false)
	defer h.script(true)
	h.open(h.query)
	h.press("Move "+string(h.card), "#k-"+string(h.card))
	h.press("Hand over to assessment", ".waylist")
	h.sees(string(h.card) + " went from Triage to Assessment.")
	h.stands(h.card, "assessment")
}
