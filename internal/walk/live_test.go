package walk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/ref"
)

// TestNothingTypedIsLost has people at one record, in browsers of their own, and
// what happens to them: another is faster, the page is loaded anew, the session ends
// in the middle of a text, a button is pressed twice, and the way goes back.
func TestNothingTypedIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := start(t)
	inside := access.With(t.Context(), access.Actor{ID: p.people.All["priya"], Kind: access.Person, Name: "Priya"})
	id, err := p.house.Cases.Open(inside, casework.Opening{Title: "Exports of siblings can be read", Summary: "They can.", Product: "fernhollow-gateway", Component: "export", Severity: "high"})
	check(t, "open", err)
	v := &talk{visitor: p.browser(), id: id, at: "/cases/" + string(id)}
	v.expected = []string{"status of 401", "status of 409"} // the pages of a session that ended, and of who is slower
	v.as("priya")
	for _, step := range []struct {
		name string
		do   func(*talk)
	}{
		{"a text survives loading the page anew", (*talk).reloads},
		{"a text that is thrown away stays away", (*talk).discards},
		{"what another changes appears, and what is being typed stays", (*talk).follows},
		{"who is slower keeps their text and sees the other's", (*talk).collides},
		{"a page of which a part went leads on", (*talk).leadsOn},
		{"a session that ends in the middle of a text loses nothing of it", (*talk).expires},
		{"a button that is pressed twice sends once", (*talk).doubles},
		{"the way back shows what is so now", (*talk).back},
		{"the way back shows nothing as unsent that was sent, and no text to who signs in next", (*talk).returns},
		{"a note is written with a preview, a name, a picture and Ctrl+Enter", (*talk).composes},
		{"a second window keeps its own text when the first has sent one", (*talk).windows},
		{"nothing is sent in the name of who has signed in since", (*talk).changesHands},
		{"signing out forgets what the browser kept", (*talk).leaves},
	} {
		t.Log(step.name)
		step.do(v)
	}
}

// talk is one person at one case.
type talk struct {
	*visitor
	id ref.ID
	at string
}

const kept = `Object.keys(localStorage).filter(k => k.startsWith("draft:")).length`

// typed is in the field as a person types: the page hears of it.
func (v *talk) typed(name, text string) {
	v.Helper()
	v.fill(name, text)
	v.becomes(`Object.values(localStorage).some(x => x.includes(`+quoted(text)+`))`, "true")
}

func (v *talk) reloads() {
	v.open(v.at + "/messages")
	v.typed("note-text", "Half a thought about siblings")
	v.open(v.at + "/messages")
	v.sees("Your unsent text from", "was kept")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Half a thought about siblings")
	v.open(v.at)
	v.sees("Your unsent text from", "Go on")
}

func (v *talk) discards() {
	v.open(v.at + "/messages")
	v.run("discard", click(".draft button"))
	v.becomes(`document.querySelector("[name=note-text]").value`, "")
	v.becomes(kept, "0")
	v.open(v.at + "/messages")
	v.misses("was kept")
}

func (v *talk) follows() {
	ctx := access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"})
	v.open(v.at + "/messages")
	v.typed("note-text", "I am still writing")
	_, err := v.house.Cases.Note(ctx, v.id, "I looked at the routes.")
	check(v.T, "note", err)
	v.becomes(`document.querySelector("#messages").innerText.includes("I looked at the routes")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value`, "I am still writing")
	v.sees("wrote a note")
	v.run("discard", click(`#note button[class=primary], #note .primary`))
	v.becomes(`document.querySelector("#messages")?.innerText.includes("I am still writing") ?? false`, "true")
	v.becomes(kept, "0")
}

func (v *talk) collides() {
	ctx := access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"})
	v.open(v.at + "/record?edit=details#details")
	v.typed("summary", "My own longer words about it.")
	theirs := "Their words about it."
	check(v.T, "edit", v.house.Cases.Edit(ctx, v.id, casework.Patch{Summary: &theirs}))
	v.becomes(`document.querySelector("output.live")?.innerText.includes("changed What it is") ?? false`, "true")
	v.becomes(`document.querySelector("[name=summary]").value`, "My own longer words about it.")
	v.run("show", click("output.live button"))
	v.becomes(`document.querySelector("#details .stored")?.innerText.includes("Their words about it") ?? false`, "true")
	v.run("save", click("#details .submit .primary"))
	v.becomes(`document.querySelector(".meanwhile") !== null`, "true")
	v.becomes(`document.querySelector("[name=summary]").value`, "My own longer words about it.")
	v.sees(theirs)
	v.run("save again", click("#details .submit .primary"))
	v.becomes(`document.querySelector(".meanwhile") === null && document.body.innerText.includes("Saved.")`, "true")
	v.becomes(kept, "0")
}

// leadsOn has the line of a notice go, because another did something, and follows a link then.
func (v *talk) leadsOn() {
	ctx := access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"})
	v.open(v.at + "/record?edit=details#details")
	v.typed("summary", "Words that are saved.")
	v.run("save", click("#details .submit .primary"))
	v.becomes(`document.readyState + " " + document.querySelector("main").innerText.includes("Saved.")`, "complete true")
	js[bool](v.visitor, `(window.marked = "same", document.querySelector("#details").dataset.stood = 1, true)`)
	theirs := "A title that another gave it"
	check(v.T, "edit", v.house.Cases.Edit(ctx, v.id, casework.Patch{Title: &theirs}))
	v.becomes(`document.querySelector("output.live").innerText !== "" && !document.querySelector("main").innerText.includes("Saved.")`, "true")
	v.becomes(`document.querySelector("#details").dataset.stood`, "1") // what did not change was left alone
	v.run("away", click(`.nav a[href="/cases"]`))
	v.becomes(stays, "same /cases Cases")
}

func (v *talk) expires() {
	v.open(v.at + "/messages")
	long := "A long text that took an hour. " + strings.Repeat("And more of it. ", 60)
	v.typed("note-text", long)
	v.script(true)
	v.forget()
	v.run("send", click("#note .primary"))
	v.becomes(`document.body.innerText.includes("Your session has ended")`, "true")
	v.becomes(kept, "1")
	v.as("priya") // who signs in elsewhere finds the text on the page, too
	v.open(v.at + "/messages")
	v.becomes(`document.querySelector("[name=note-text]").value.length > 900`, "true")
	v.sees("was kept")
}

func (v *talk) doubles() {
	js[bool](v.visitor, `(b => { b.click(); b.click(); return true })(document.querySelector("#note .primary"))`)
	v.becomes(`document.querySelector("#messages")?.innerText.split("A long text that took an hour").length ?? 0`, "2")
	v.becomes(kept, "0")
}

func (v *talk) back() {
	v.open(v.at)
	v.open(v.at + "/messages")
	ctx := access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"})
	title := "Exports of siblings could be read"
	check(v.T, "edit", v.house.Cases.Edit(ctx, v.id, casework.Patch{Title: &title}))
	js[bool](v.visitor, `(history.back(), true)`)
	v.becomes(`location.pathname === `+quoted(v.at)+` && document.querySelector("h1").innerText`, title)
}

func (v *talk) returns() {
	v.open(v.at + "/messages")
	v.typed("note-text", "Sent before the way back")
	v.run("send", click("#note .primary"))
	v.becomes(`(document.querySelector("#messages")?.innerText.includes("Sent before the way back") ?? false) + " " + document.readyState`, "true complete")
	was := js[float64](v.visitor, `performance.timeOrigin`)
	js[bool](v.visitor, `(history.back(), true)`)
	v.becomes(`performance.timeOrigin !== `+fmt.Sprint(was)+` && document.readyState + document.querySelector("[name=note-text]")?.value`, "complete")

	v.typed("note-text", "Not for whoever comes next")
	js[bool](v.visitor, `(document.querySelector("form[action='/sign-out']").requestSubmit(), true)`)
	v.becomes(`location.pathname`, "/sign-in")
	v.as("samuel")
	js[bool](v.visitor, `(history.back(), true)`)
	v.becomes(`document.readyState + location.pathname + document.querySelector("[name=note-text]")?.value`, "complete"+v.at+"/messages")
	v.as("priya")
}

func (v *talk) windows() {
	v.open(v.at + "/messages")
	v.keys("[name=note-text]", "Mine")
	v.becomes(kept, "1")
	other := `(k => (localStorage.removeItem(k), dispatchEvent(new StorageEvent("storage", { key: k })), true))(Object.keys(localStorage).find(k => k.startsWith("draft:")))`
	js[bool](v.visitor, other) // what a window hears of another that has sent
	v.becomes(kept, "1")
}

func (v *talk) changesHands() {
	v.as("samuel")
	v.run("send", click("#note .primary"))
	v.becomes(`document.querySelector("h1").innerText + " " + `+kept, "Somebody else is signed in now 1")
	v.as("priya")
	v.open(v.at + "/messages")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Mine")
	v.run("throw away", click("#note .draft button"))
}

func (v *talk) leaves() {
	v.open(v.at + "/messages")
	v.typed("note-text", "Not for the next person")
	js[bool](v.visitor, `(document.querySelector("form[action='/sign-out']").requestSubmit(), true)`)
	v.becomes(`location.pathname + " " + `+kept, "/sign-in 0")
}

func (v *talk) composes() {
	v.open(v.at + "/messages")
	v.fill("note-text", "**Look** @sam")
	v.becomes(`document.querySelector("#note [role=listbox] [aria-selected=true]")?.innerText.startsWith("@samuel") ?? false`, "true")
	v.run("choose", chromedp.KeyEvent("\r"))
	v.becomes(`document.querySelector("[name=note-text]").value.startsWith("**Look** @samuel")`, "true")
	v.run("paste", chromedp.Evaluate[chromedp.Void](`(() => {
		const bytes = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), c => c.charCodeAt(0));
		const data = new DataTransfer();
		data.items.add(new File([bytes], "dot.png", { type: "image/png" }));
		document.querySelector("[name=note-text]").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
	})()`))
	v.becomes(`/!\[dot\.png\]\(\/cases\/.*\/files\/file-/.test(document.querySelector("[name=note-text]").value)`, "true")
	v.run("preview", click("#note .write button:nth-child(2)")) // by no pointer: the page may move just now, since the picture came to it as a file
	v.becomes(`document.querySelector("#note .preview strong")?.innerText + " " + document.querySelector("#note .preview img")?.naturalWidth`, "Look 1")
	v.run("write", click(`#note .write button`))
	v.keys("[name=note-text]", " ")
	v.run("send", chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	v.becomes(`document.querySelector("#messages .msg img")?.naturalWidth`, "1")
	v.becomes(kept, "0")
}
