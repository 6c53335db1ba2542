package walk

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/risk"
)

// TestWhatOpensIsJudged opens by keys what lies over a page, has axe judge it, light and
// dark, and holds that the focus is in it, and back where it was once it closes. Then
// it reads pages that hold texts made to do harm.
func TestWhatOpensIsJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("the judging takes a while")
	}
	t.Parallel()
	script, err := os.ReadFile(oracle(t, "node_modules/axe-core/axe.min.js"))
	check(t, "axe", err)
	v := &lister{talk: talk{visitor: start(t).browser()}}
	v.as("priya")
	v.open("/cases")
	v.strike("j")
	row := js[string](v.visitor, rowAt)
	for _, x := range []struct{ name, keys, open, inside string }{
		{"the palette", "\x0bk", `String(document.querySelector("#palette").open)`, "#palette"},
		{"the palette with what it found", "\x0bcase", `String(document.querySelectorAll("#palette [role=option]").length > 3)`, "#palette"},
		{"a quick look", " ", `String(document.querySelector(".peek[open]:not([aria-busy])") !== null)`, ".peek"},
		{"the keys", "?", `String(document.querySelector("dialog[open]") !== null)`, "dialog[open]"},
	} {
		control := strings.HasPrefix(x.keys, "\x0b")
		if control {
			v.strike("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
			v.becomes(`document.querySelector("#palette").open`, "true")
			if rest := x.keys[1:]; rest != "k" {
				v.strike(rest)
			}
		} else {
			v.strike(x.keys)
		}
		v.becomes(x.open, "true")
		v.becomes(fmt.Sprintf(`document.activeElement.closest(%s) !== null`, quoted(x.inside)), "true")
		v.judgedNow(string(script), x.name, "document")
		v.strike(kb.Escape)
		v.becomes(`document.querySelectorAll("dialog[open]").length`, "0")
		if have := js[string](v.visitor, rowAt); have != row {
			t.Errorf("%s: once it is closed the focus is at %q, want %q", x.name, have, row)
		}
	}
	v.strike("x")
	v.becomes(chosenRows, "1 chosen")
	v.judgedNow(string(script), "the bar of what is chosen", "document")
	v.strike("s")
	v.becomes(askedFor, "value")
	v.judgedNow(string(script), "the question of the bar", "document")
	v.strike(kb.Escape)
	v.becomes(`document.querySelectorAll("dialog[open]").length`, "0")
	v.open("/cases")
	v.strike("/")
	v.strike(" sta")
	v.becomes(`[...document.querySelectorAll("main [role=listbox]")].some(e => e.checkVisibility())`, "true")
	v.judgedNow(string(script), "the completion of a query", quoted("form:has(#ask-list)"))
	v.open("/cases")
	for i := range js[int](v.visitor, `document.querySelectorAll("details.menu").length`) {
		js[bool](v.visitor, fmt.Sprintf(`(document.querySelectorAll("details.menu").forEach((d, i) => d.open = i === %d), true)`, i))
		v.judgedNow(string(script), fmt.Sprintf("menu %d", i), quoted("details.menu[open]"))
	}
	t.Log("report: axe judged what opens over a page: palette, quick look, keys, bar, question, completion and menus")
	v.harmless()
}

// judgedNow has axe judge what is open, light and dark: all of the page, or the part that
// covers another, which is not to be hit meanwhile.
func (v *visitor) judgedNow(script, what, part string) {
	v.Helper()
	for _, scheme := range []string{"light", "dark"} {
		v.run("view", media(scheme))
		for _, bad := range v.axeOf(script, part) {
			v.Errorf("%s, %s: %s (%s)\n\t%s", what, scheme, bad.Help, bad.ID, strings.Join(bad.Nodes, "\n\t"))
		}
	}
	v.run("view", media("light"))
}

// harmless reads pages whose texts were made to do harm: nothing ran, nothing reaches
// over the edge of the smallest window, and what is written from right to left turns
// no word around it.
func (v *lister) harmless() {
	const harm = `<script>window.zqx = 1</script><img src=x onerror="window.zqx = 1"> [a](javascript:window.zqx=1) \u05E9\u05DC\u05D5\u05DD `
	title := strings.ReplaceAll(harm, `\u05E9\u05DC\u05D5\u05DD`, "\u05E9\u05DC\u05D5\u05DD") + strings.Repeat("W", 80)
	inside := access.With(v.Context(), access.Actor{ID: v.people.All["priya"], Kind: access.Person, Name: "Priya"})
	id, err := v.house.Cases.Open(inside, casework.Opening{Title: title, Summary: title + strings.Repeat("W", 10_000), Product: "fernhollow-gateway", Component: "export", Severity: "high"})
	check(v.T, "open", err)
	_, err = v.house.Cases.Note(inside, id, title)
	check(v.T, "note", err)
	about, err := v.house.Risks.Raise(inside, risk.Raising{Title: title, Statement: risk.Statement{Event: title, Source: title, Consequence: title}})
	check(v.T, "raise", err)
	v.run("the smallest", chromedp.EmulateViewport(320, 720))
	for _, at := range []string{"/cases", "/cases/board", "/cases/" + string(id), "/cases/" + string(id) + "/messages", "/risks/" + string(about), "/register"} {
		v.open(at)
		v.sees("<script>window.zqx")
		v.becomes(`window.zqx === undefined && document.documentElement.scrollWidth`, "320")
		if over := js[string](v.visitor, reachOver); over != "" {
			v.Errorf("%s: these reach over the edge: %s", at, over)
		}
		if turned := js[string](v.visitor, turnedAround); turned != "" {
			v.Errorf("%s: a text turns what stands beside it around: %s", at, turned)
		}
	}
}

// turnedAround is the first heading or link with the text in which the word before the
// Hebrew one does not stand to its left, or above it.
const turnedAround = `(() => {
	const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
	for (let n; n = walk.nextNode();) {
		const i = n.data.indexOf("\u05E9"), j = n.data.lastIndexOf("(java", i);
		if (i < 0 || j < 0 || !n.parentElement.checkVisibility() || n.parentElement.closest("textarea, .sr")) continue;
		const box = (from) => { const r = document.createRange(); r.setStart(n, from); r.setEnd(n, from + 1); return r.getBoundingClientRect() };
		const a = box(j), b = box(i);
		if (a.width && b.width && a.top === b.top && a.left > b.left) return n.parentElement.outerHTML.slice(0, 120);
	}
	return "";
})()`

// TestTextMayBeTwiceAsLarge doubles the text alone on pages of both halves, wide and on
// a small screen that lies: nothing scrolls sideways, and nothing covers the places.
func TestTextMayBeTwiceAsLarge(t *testing.T) {
	t.Parallel()
	v := start(t).browser()
	v.as("helena")
	const wide = `(() => { const d = document.documentElement, n = document.querySelector(".bar .nav"); d.style.fontSize = "200%";
		return [d.scrollWidth > innerWidth && "the page", n.scrollWidth > n.clientWidth && "the places",
			[...document.querySelectorAll(".rail b")].some(e => e.scrollWidth > e.clientWidth) && "a stage"].filter(Boolean).join(" and ") })()`
	pages := []string{"/", "/cases", "/reports", "/register", "/kris", "/observations", v.first("/register", "/risks/RISK-"), v.first("/kris", "/kri/"), v.first("/cases", "/cases/CASE-")}
	for _, page := range pages {
		for _, width := range []int64{1280, 1024, 900} {
			v.open(page)
			v.run("view", chromedp.EmulateViewport(width, 900))
			if over := js[string](v, wide); over != "" {
				t.Errorf("%s, %d wide, with text twice as large: %s would scroll sideways", page, width, over)
			}
		}
	}
}

// first is the first address on a page that begins so.
func (v *visitor) first(page, begins string) string {
	v.Helper()
	_, after, found := strings.Cut(v.page(page), `href="`+begins)
	if !found {
		v.Fatalf("%s leads to no %s", page, begins)
	}
	rest, _, _ := strings.Cut(after, `"`)
	return begins + rest
}
