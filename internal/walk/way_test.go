package walk

import (
	"fmt"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"tocsin/internal/access"
	"tocsin/internal/casework"
)

// stays tells whether the document still is the one that was marked, and which page it shows.
const stays = `(window.marked ?? "new") + " " + location.pathname + " " + document.querySelector("h1").innerText`

// mark opens the list of cases, and marks its document.
func (v *talk) mark() {
	v.open("/cases")
	js[bool](v.visitor, `(window.marked = "same", true)`)
}

// follows a link from a list to a record in place, types there, and goes back and on.
func (v *talk) links() {
	title := "A way on " + string(v.id)
	ctx := access.With(v.Context(), access.Actor{ID: v.people.All["priya"], Kind: access.Person, Name: "Priya"})
	check(v.T, "edit", v.house.Cases.Edit(ctx, v.id, casework.Patch{Title: &title}))
	v.mark()
	row := `[...document.querySelectorAll("table[data-rows] .lead a")].find(a => a.pathname === ` + quoted(v.at) + `)`
	js[bool](v.visitor, `(() => { const a = `+row+`; a.closest("tr").querySelector("[name=id]").click(); scrollTo(0, 120); dispatchEvent(new Event("scroll")); a.focus(); return true })()`)
	v.hit("\r")
	v.becomes(stays, "same "+v.at+" "+title)
	v.becomes(`document.title.startsWith(`+quoted(string(v.id))+`) + " " + document.activeElement.id + " " + scrollY + " " + document.querySelectorAll("[data-going]").length`, "true main 0 0")
	// What is there lives as on a page that was loaded: it follows its record, keeps what is typed, and answers to keys.
	v.run("to the messages", click(`.tabs a[href$="/messages"]`))
	v.becomes(stays, "same "+v.at+"/messages "+title)
	v.typed("note-text", "Typed on a page that a link brought")
	_, err := v.house.Cases.Note(access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"}), v.id, "Said meanwhile.")
	check(v.T, "note", err)
	v.becomes(`document.querySelector("#messages").innerText.includes("Said meanwhile.") + " " + document.querySelector("[name=note-text]").value`, "true Typed on a page that a link brought")
	js[bool](v.visitor, `(history.go(-2), true)`)
	v.becomes(stays+` + " " + document.querySelector("#bulk .n").innerText + " " + Math.abs(scrollY - 120) + " " + document.activeElement.pathname`, "same /cases Cases 1 chosen 0 "+v.at)
	js[bool](v.visitor, `(history.go(2), true)`)
	v.becomes(stays+` + " " + document.querySelector("[name=note-text]")?.value`, "same "+v.at+"/messages "+title+" Typed on a page that a link brought")
	// After the page is loaded anew the way back is loaded, too.
	v.run("reload", chromedp.Reload())
	v.becomes(`document.querySelector("[name=note-text]").value`, "Typed on a page that a link brought")
	was := js[float64](v.visitor, `performance.timeOrigin`)
	js[bool](v.visitor, `(history.back(), true)`)
	v.becomes(`performance.timeOrigin !== `+fmt.Sprint(was)+` && document.readyState + " " + `+stays, "complete new "+v.at+" "+title)
	js[bool](v.visitor, `(Object.keys(localStorage).forEach(k => localStorage.removeItem(k)), true)`)
}

// wears goes to a place that has a style sheet and a script of its own, and away.
func (v *talk) wears() {
	const sheets = `[...document.styleSheets].filter(s => s.media.mediaText !== "not all" && /\/(part-board|register)\./.test(s.href)).map(s => s.href.match(/assets\/([\w-]+)/)[1]).join()`
	v.mark()
	v.run("to the board", click(`a[href^="/cases/board"]`))
	v.becomes(stays+` + " " + `+sheets, "same /cases/board Board part-board")
	v.hit("j")
	v.hit("m")
	v.becomes(`document.querySelector("dialog.moving")?.open ?? false`, "true") // the board's own script is at work
	v.hit("\x1b")
	v.run("to the register", click(`.nav a[href^="/register"]`))
	v.becomes(`(window.marked ?? "new") + " " + location.pathname + " " + `+sheets, "same /register part-board,register")
	v.run("away", click(`.nav a[href="/inbox"]`))
	v.becomes(`(window.marked ?? "new") + " " + location.pathname + " " + `+sheets, "same /inbox part-board") // what a part says stays
}

// strays follows links on a network that is slow, then away, and as somebody else.
func (v *talk) strays() {
	v.mark()
	v.network(network.Conditions{Latency: 600, DownloadThroughput: 80 << 10, UploadThroughput: 80 << 10})
	js[bool](v.visitor, `(() => {
		new MutationObserver(() => { if (document.documentElement.matches("[data-going]")) window.busy = location.pathname }).observe(document.documentElement, { attributes: true });
		document.querySelector("table[data-rows] .lead a").click();
		document.querySelector(".nav a[href='/inbox']").click();
		return true;
	})()`)
	v.becomes(`window.busy`, "/cases")    // it says that it is at work
	v.becomes(stays, "same /inbox Inbox") // the last one is meant
	v.network(network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	v.run("in vain", click(".nav a[href='/cases']"))
	v.becomes(`document.querySelector(".toast")?.innerText`, "There is no answer from the server, so this page stays. Try again.")
	v.becomes(stays, "same /inbox Inbox")
	v.network(whole)
	v.run("again", click(".nav a[href='/cases']"))
	v.becomes(stays, "same /cases Cases")
	v.forget()
	v.run("after the end", click(".nav a[href='/inbox']"))
	v.becomes(stays, "new /inbox Inbox") // the demonstration signs somebody else in, whose page is loaded whole
	v.as("priya")
}
