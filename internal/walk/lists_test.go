package walk

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tocsin/internal/access"
	"tocsin/internal/casework"
)

// TestListsByKeyboard works in lists without a mouse.
func TestListsByKeyboard(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := start(t)
	inside := access.With(t.Context(), access.Actor{ID: p.people.All["priya"], Kind: access.Person, Name: "Priya"})
	id, err := p.house.Cases.Open(inside, casework.Opening{Title: "Zebra exports of siblings can be read", Summary: "They can.", Product: "fernhollow-gateway", Component: "export", Severity: "high"})
	check(t, "open", err)
	v := &lister{talk: talk{visitor: p.browser(), id: id, at: "/cases/" + string(id)}}
	v.as("priya")
	for _, step := range []struct {
		name string
		do   func(*lister)
	}{
		{"the palette finds places, what the page can do, records and people", (*lister).palette},
		{"a quick look at one row after the other", (*lister).looks},
		{"a quick look by the pointer, and at the foot of a small window", (*lister).looksBelow},
		{"a menu that Escape closes gives the focus back", (*lister).menu},
	} {
		t.Log(step.name)
		step.do(v)
	}
}

// lister is one person at the list of cases.
type lister struct {
	talk
}

// strike types keys at whatever has the focus.
func (v *lister) strike(keys string, mods ...chromedp.KeyOption) {
	v.Helper()
	v.run("keys", settle, chromedp.KeyEvent(keys, mods...))
}

func (v *lister) menu() {
	v.open("/cases")
	js[bool](v.visitor, `(document.querySelector("details.menu summary").focus(), true)`)
	v.strike(kb.Enter)
	v.strike("\t")
	v.becomes(`Boolean(document.activeElement.closest("details.menu[open]")) + document.activeElement.localName`, "truea")
	v.strike(kb.Escape)
	v.becomes(`document.querySelectorAll("details.menu[open]").length + document.activeElement.localName`, "0summary")
}

// first is what the palette would take.
const first = `document.querySelector("#palette [aria-selected=true]")?.textContent.replace(/\s+/g, " ").trim()`

func (v *lister) palette() {
	v.open("/cases")
	control := chromedp.KeyModifiers(2)
	v.strike("k", control)
	v.becomes(`document.querySelector("#palette").open && document.activeElement.role`, "combobox")
	v.strike("open a case")
	v.becomes(first, "Open a casehere · c")
	v.run("window", chromedp.EmulateViewport(phone.width, phone.height))
	v.becomes(`(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector("#palette").getBoundingClientRect())`, "true")
	v.run("window", chromedp.EmulateViewport(desk.width, desk.height))
	v.strike(kb.Escape)
	v.becomes(`document.querySelector("#palette").open`, "false")
	v.strike("k", control)
	v.strike("zebra sib")
	v.becomes(`[...document.querySelectorAll("#palette small")].some(s => s.textContent === `+quoted(string(v.id))+`)`, "true")
	v.strike(kb.Enter)
	v.becomes(`document.readyState + location.pathname`, "complete"+v.at)
	v.strike("k", control)
	v.strike("inbox")
	v.becomes(first, "Inboxgo to · g i")
	v.strike(kb.Enter)
	v.becomes(`document.readyState + location.pathname`, "complete/inbox")
	v.strike("k", control)
	v.strike("samuel")
	v.becomes(`[...document.querySelectorAll("#palette small")].some(s => s.textContent === "person")`, "true")
	v.becomes(`document.querySelector("#palette input").getAttribute("aria-activedescendant")`, "palette-0")
	v.strike(kb.Escape)
}

// Where the panel stands, what has the focus in it, and what of the list it shows.
const (
	looking = `document.querySelector("dialog.peek[open]")?.getAttribute("aria-labelledby") + " " + document.activeElement.id`
	shown   = `document.querySelector(".peek[open]:not([aria-busy]) .peek-id .mono")?.textContent`
	rowAt   = `document.activeElement.closest("tr:has([data-peek])")` + itsID
	itsID   = `?.querySelector(".lead a").pathname.split("/").pop()`
)

func (v *lister) looks() {
	v.open("/cases")
	v.strike("j")
	v.becomes(rowAt, string(v.id))
	v.strike(" ")
	v.becomes(looking, "peek-title peek-title")
	v.becomes(shown, string(v.id))
	v.becomes(`document.querySelector(".peek .peek-of").innerText.includes("They can.")`, "true")
	second := js[string](v.visitor, `document.querySelectorAll("tr:has([data-peek])")[1]`+itsID)
	v.strike("j")
	v.becomes(shown, second)
	v.becomes(`document.querySelector("[data-peeked]")`+itsID, second)
	v.strike(kb.Escape)
	v.becomes(`String(document.querySelector(".peek").open)`, "false")
	v.becomes(rowAt, second)
	v.strike("p")
	v.becomes(shown, second)
	v.strike("k")
	v.becomes(shown, string(v.id))
	v.strike(kb.Enter)
	v.becomes(`document.readyState + location.pathname`, "complete"+v.at)
}

func (v *lister) looksBelow() {
	v.run("window", chromedp.EmulateViewport(phone.width, phone.height))
	v.open("/cases")
	v.run("quick look", chromedp.Click(chromedp.CSS(`[data-peek]`)))
	v.becomes(shown, string(v.id))
	v.becomes(`(r => r.left === 0 && r.right <= innerWidth && Math.abs(r.bottom - innerHeight) < 1)(document.querySelector(".peek").getBoundingClientRect())`, "true")
	v.becomes(`(r => r.bottom <= document.querySelector(".peek").getBoundingClientRect().top)(document.querySelector("[data-peeked]").getBoundingClientRect())`, "true")
	v.run("close", chromedp.Click(chromedp.CSS(`.peek [aria-label="Close"]`)))
	v.becomes(rowAt, string(v.id))
	v.run("window", chromedp.EmulateViewport(desk.width, desk.height))
}
