package ui

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAPageThatReadsItselfAgainTakesOverWhatDiffers: what stands on a page, what somebody
// does there, what the server says of it next, and what the page is like then.
func TestAPageThatReadsItselfAgainTakesOverWhatDiffers(t *testing.T) {
	ctx := browser(t, "favicon.ico")
	const cols = `<div class="cols"><section class="csec" id="a"><form method="post"><input name="x"></form></section></div>`
	const typed = `document.querySelector("[name=x]").value = "mine", document.querySelector("form").dataset.typed = 1, document.querySelector(".cols").mark = 1`
	for _, c := range []struct{ name, was, do, comes, tell, want string }{
		{"a notice goes, and what is typed stays", `<div class="flash">Saved</div><div class="top">Head</div>` + cols, typed, `<div class="top">Head 2</div>` + cols,
			`document.querySelector("main").innerText.trim() + document.querySelectorAll(".cols").length + document.querySelector(".cols").mark + document.querySelector("[name=x]").value`, "Head 211mine"},
		{"a part comes, and its likes stay", `<div class="b">B</div><div class="b">B2</div>`, `document.querySelectorAll(".b")[1].mark = 1`, `<div class="c">C</div><div class="b">B</div><div class="b">B2</div>`,
			`[...document.querySelectorAll("main > div:not(.live)")].map(e => e.textContent + (e.mark ?? "")).join()`, "C,B,B21"},
		{"what somebody types in does not go", `<div class="top">Head</div>` + cols, typed, `<div class="top">Head</div><p>Gone</p>`,
			`document.querySelector("[name=x]")?.value`, "mine"},
		{"what was polled is not any more", `<section id="state" data-poll="/part">3 %</section>`, `0`, `<section id="state">Done</section>`,
			`document.querySelectorAll("[data-poll]").length + document.querySelector("#state").textContent`, "0Done"},
		{"words beside elements are read", `<div class="x">1 of <b>2</b></div>`, `0`, `<div class="x">2 of <b>2</b></div>`, `document.querySelector(".x").textContent`, "2 of 2"},
		{"a form that only was made anew stays", `<section class="sheet"><form method="post" action="/a"><input type="hidden" name="at" value="17"><button name="b">Go</button></form></section>`, `document.querySelector("[name=b]").focus(), document.querySelector(".sheet").mark = 1`,
			`<section class="sheet"><form method="post" action="/a"><input type="hidden" name="at" value="18"><button name="b">Go</button></form></section>`,
			`document.querySelector(".sheet").mark + document.activeElement.name + document.querySelector("[name=at]").value`, "1b17"},
		{"main stays", `<p>1</p>`, `document.querySelector("main").mark = 1`, `<section>2</section>`, `document.querySelector("main").mark + document.querySelector("main section").textContent`, "12"},
	} {
		address := func(html string) string {
			return "/again?html=" + strings.ReplaceAll(url.QueryEscape(html), "+", "%20")
		}
		here, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.origin`))
		if err != nil {
			t.Fatal(err)
		}
		run(t, ctx, chromedp.Navigate(here+address(c.was)))
		becomes(t, ctx, `typeof tocsin?.again`, "function")
		eval(t, ctx, fmt.Sprintf(`%s, history.replaceState(null, "", %q), tocsin.again().then(() => { document.title = "read" }), 0`, c.do, address(c.comes)))
		becomes(t, ctx, `document.title`, "read")
		t.Log(c.name)
		becomes(t, ctx, c.tell, c.want)
	}
}

// TestAPollThatGetsNothingAsksMoreSeldom has the waits of a page go by at once.
func TestAPollThatGetsNothingAsksMoreSeldom(t *testing.T) {
	ctx := browser(t, "status of 410")
	eval(t, ctx, `(() => {
		const later = setTimeout;
		window.waits = [];
		window.setTimeout = (f, ms, ...of) => ms < 1000 ? later(f, ms, ...of) : (waits.push(ms), later(f, 0, ...of));
		const el = document.createElement("div");
		el.dataset.poll = "/part?gone";
		document.querySelector("main").append(el);
		document.dispatchEvent(new Event("tocsin:swap"));
	})()`)
	becomes(t, ctx, `waits.slice(0, 7).join()`, "1000,2000,4000,8000,16000,30000,30000")
	eval(t, ctx, `document.querySelector("[data-poll]").dataset.poll = "/part"`)
	becomes(t, ctx, `document.querySelectorAll("[data-poll]").length`, "0")
}
