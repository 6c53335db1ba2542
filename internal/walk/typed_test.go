package walk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web"
)

// TestNothingIsLostAnywhere types into every form there is room to write in, and has
// what goes wrong go wrong besides on risks, on paths of its own, and with machines
// that sleep.
func TestNothingIsLostAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := start(t)
	v := p.browser()
	v.expected = []string{"status of 401", "status of 404", "status of 409", "ERR_INTERNET_DISCONNECTED", "ERR_BLOCKED_BY_CLIENT", "ERR_EMPTY_RESPONSE"}
	v.as("priya")
	for _, one := range []struct {
		name string
		do   func(*talk)
	}{
		{"what is longer than the server takes stays in the form, with a sentence", (*talk).tooLong},
		{"an arrow in a list of answers sends nothing, and Enter does", (*talk).arrows},
		{"the way to another page and back keeps a text", (*talk).wanders},
		{"two people at one risk: who is slower keeps their text and sees the other's", (*talk).collidesAtRisk},
		{"a laptop that slept shows what is so now, and keeps the text", (*talk).sleeps},
		{"a page that nothing new reaches says so, and catches up", (*talk).stale},
		{"a session that ended while the laptop was closed is said, and the text kept", (*talk).endsAway},
		{"a note whose answer the network swallowed is known to be taken", (*talk).swallowed},
		{"a record that goes out of sight says so to whoever looks at it", (*talk).vanishes},
		{"every text of every form survives loading the page anew", (*talk).everyText},
	} {
		t.Run(one.name, func(t *testing.T) { one.do(v.within(t)) })
	}
}

// samuel is the context of another person.
func (v *talk) samuel() context.Context {
	return access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"})
}

const noteError = `(document.querySelector("#note .large")?.innerText ?? "")`

func (v *talk) tooLong() {
	long := strings.Repeat("A line of a log that somebody copied; ", 5<<19/38)
	v.open(v.at + "/messages")
	v.run("wide open", chromedp.Evaluate[chromedp.Void](`document.querySelector("#note details").open = true`))
	v.fill("note-text", long)
	v.run("send", click("#note .primary"))
	v.becomes(noteError+`.includes("2 MiB can be sent at once. Nothing is sent and nothing is lost")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value.length + " " + location.pathname`, fmt.Sprint(len(long), " ", v.at+"/messages"))
	v.fill("note-text", "The log is too long, and shortened.")
	v.run("send", click("#note .primary"))
	v.becomes(`document.querySelector("#messages")?.innerText.includes("and shortened") ?? false`, "true")
	v.becomes(kept, "0")
}

func (v *talk) arrows() {
	v.open(v.at + "?move=case.reject#decide")
	v.becomes(`document.readyState`, "complete")
	v.typed("reason", "As designed")
	was := js[float64](v.visitor, `performance.timeOrigin`)
	js[bool](v.visitor, `(document.querySelector("#decide [name=disposition]").focus(), true)`)
	v.hit("i") // as an arrow, which a browser without windows keeps for itself
	v.becomes(`document.querySelector("#decide .pick [name=disposition]").value`, "informative")
	v.run("send what does not belong together", click("#decide form[method=post] .primary"))
	if now := js[float64](v.visitor, `performance.timeOrigin`); now != was {
		v.Fatalf("a letter in the list sent something:\n%s", v.words())
	}
	js[bool](v.visitor, `(document.querySelector("#decide .pick [name=disposition]").focus(), true)`)
	v.hit("\r")
	v.becomes(`performance.timeOrigin !== `+fmt.Sprint(was)+` && document.querySelector("#decide form[method=post] [name=disposition]")?.value`, "informative")
	v.becomes(`document.querySelector("#decide [name=reason]").value`, "As designed") // which was written before
	v.run("discard", click("#decide .draft button"))
	v.becomes(kept, "0")
	v.open(v.at)
}

func (v *talk) wanders() {
	v.open(v.at + "/record?edit=details#details")
	v.typed("summary", "Words on the way.")
	v.open("/cases")
	js[bool](v.visitor, `(history.back(), true)`)
	v.becomes(`location.pathname + " " + document.querySelector("[name=summary]")?.value`, v.at+"/record Words on the way.")
	v.sees("was kept")
	v.run("discard", click(".draft button"))
	v.becomes(kept, "0")
}

// raised is a risk of the visitor.
func (v *talk) raised() ref.ID {
	v.Helper()
	inside := access.With(v.Context(), access.Actor{ID: v.people.All["priya"], Kind: access.Person, Name: "Priya"})
	id, err := v.house.Risks.Raise(inside, risk.Raising{Title: "Exports may reveal code of others", Statement: risk.Statement{Event: "Exports reveal code", Source: "One path of two checks", Consequence: "Code is lost"}})
	check(v.T, "raise", err)
	return id
}

func (v *talk) collidesAtRisk() {
	id := v.raised()
	at := "/risks/" + string(id)
	v.open(at + "?edit=statement#statement")
	v.typed("statement.event", "Exports reveal code, said at more length by me.")
	theirs := risk.Patch{Statement: map[string]string{"event": "Exports reveal secrets"}}
	check(v.T, "edit", v.house.Risks.Edit(v.samuel(), id, theirs))
	v.becomes(`document.querySelector("output.live")?.innerText.includes("changed") ?? false`, "true")
	v.becomes(`document.querySelector("[name='statement.event']").value`, "Exports reveal code, said at more length by me.")
	v.run("save", click("#statement .submit .primary"))
	v.becomes(`document.querySelector(".meanwhile") !== null`, "true")
	v.becomes(`document.querySelector("[name='statement.event']").value`, "Exports reveal code, said at more length by me.")
	v.sees("Exports reveal secrets", "Meanwhile")
	v.run("save again", click("#statement .submit .primary"))
	v.becomes(`document.querySelector(".meanwhile") === null && document.body.innerText.includes("said at more length by me")`, "true")
	v.becomes(kept, "0")
}

// sleeps has the machine sleep with nothing but a dead connection left: what the
// browser tells a page when it wakes is all that there is.
func (v *talk) sleeps() {
	v.blocked(v.base + `/live\?*`)
	defer v.blocked()
	v.open(v.at + "/messages")
	v.typed("note-text", "Begun before the lid closed")
	_, err := v.house.Cases.Note(v.samuel(), v.id, "Said while you slept.")
	check(v.T, "note", err)
	v.blocked()
	js[bool](v.visitor, `document.dispatchEvent(new Event("resume"))`)
	v.becomes(`document.querySelector("#messages").innerText.includes("Said while you slept.")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Begun before the lid closed")
	_, err = v.house.Cases.Note(v.samuel(), v.id, "And once you were back.")
	check(v.T, "note", err)
	v.becomes(`document.querySelector("#messages").innerText.includes("And once you were back.")`, "true")
	v.run("send", click("#note .primary"))
	v.becomes(`document.querySelector("#messages")?.innerText.includes("before the lid closed") ?? false`, "true")
	v.becomes(kept, "0")
}

// blocked keeps addresses from the browser.
func (v *talk) blocked(patterns ...string) {
	v.Helper()
	v.run("block", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		p := network.SetBlockedURLsParams{}
		for _, x := range patterns {
			p.URLPatterns = append(p.URLPatterns, &network.BlockPattern{URLPattern: x, Block: true})
		}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, p)
		return err
	}))
}

func (v *talk) stale() {
	v.blocked(v.base + `/live\?*`)
	defer v.blocked()
	v.open(v.at + "/messages")
	v.typed("note-text", "Nobody hears me")
	v.becomes(`document.querySelector("output.live")?.innerText.includes("Nothing new reaches this page now, so it may be out of date") ?? false`, "true")
	_, err := v.house.Cases.Note(v.samuel(), v.id, "Said behind your back.")
	check(v.T, "note", err)
	v.blocked()
	v.becomes(`document.querySelector("#messages").innerText.includes("Said behind your back.")`, "true")
	v.becomes(`document.querySelector("output.live").innerText.startsWith("Samuel Achterberg wrote a note")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Nobody hears me")
	v.run("send", click("#note .primary"))
	v.becomes(kept, "0")
}

func (v *talk) endsAway() {
	v.elsewhere(func(out http.ResponseWriter, r *http.Request, house http.Handler) { house.ServeHTTP(out, r) })
	v.open(v.at + "/messages")
	v.typed("note-text", "Written before the weekend")
	v.network(network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	v.forget()
	v.network(whole)
	v.becomes(`document.querySelector("output.live")?.innerText.includes("Your session has ended, so this page may be out of date") ?? false`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Written before the weekend")
	v.as("priya")
	v.open(v.at + "/messages")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Written before the weekend")
	v.run("send", click("#note .primary"))
	v.becomes(kept, "0")
}

func (v *talk) vanishes() {
	v.open(v.at + "/messages")
	v.typed("note-text", "Before it became a secret")
	helena := access.With(v.Context(), access.Actor{ID: v.people.All["helena"], Kind: access.Person, Name: "Helena"})
	check(v.T, "embargo", v.house.Cases.Embargo(helena, v.id, time.Now().AddDate(0, 1, 0), "serious"))
	v.becomes(`document.querySelector("output.live")?.innerText.startsWith("This is not here for you any more")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Before it became a secret")
	v.run("discard", chromedp.Evaluate[chromedp.Void](`localStorage.clear()`))
}

// elsewhere is the same house at another address, where nobody becomes one of the people
// by coming, and whose answers go through an ear.
func (v *talk) elsewhere(ear func(out http.ResponseWriter, r *http.Request, house http.Handler)) {
	demo := v.place
	other := *demo
	house := web.New(v.house, web.Options{About: "Tocsin"})
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { ear(out, r, house) }))
	v.Cleanup(func() {
		v.place = demo // before the other server goes
		v.open(v.at)
		server.Close()
	})
	other.base, v.place = server.URL, &other
	v.as("priya")
}

// swallowed has the server take a note and a change, and the connection die before it can say so.
func (v *talk) swallowed() {
	var dead atomic.Bool
	v.elsewhere(func(out http.ResponseWriter, r *http.Request, house http.Handler) {
		if r.Method == http.MethodPost && dead.Load() { // a browser tries twice by itself
			house.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		house.ServeHTTP(out, r)
	})
	const once = `document.querySelector("#messages")?.innerText.split("In a dead spot").length ?? 0`
	v.open(v.at + "/messages")
	v.fill("note-text", "In a dead spot\nof the valley")
	v.becomes(kept, "1")
	dead.Store(true)
	v.run("send", click("#note .primary"))
	v.becomes(`location.protocol`, "chrome-error:")
	dead.Store(false)
	v.open(v.at + "/messages")
	v.becomes(`document.querySelector("#note .draft")?.innerText.includes("has arrived; only the answer was lost")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value + " " + `+kept+` + " " + (`+once+`)`, " 0 2")
	v.typed("note-text", "Never sent at all")
	v.open(v.at + "/messages")
	v.sees("was kept")
	v.run("discard", click("#note .draft button"))
	v.becomes(kept, "0")

	v.open(v.at + "/record?edit=details#details")
	v.typed("summary", "Changed in a dead spot.")
	dead.Store(true)
	v.run("save", click("#details .submit .primary"))
	v.becomes(`location.protocol`, "chrome-error:")
	dead.Store(false)
	v.open(v.at + "/record?edit=details#details")
	v.becomes(`document.querySelector("[name=summary]").value + " " + `+kept, "Changed in a dead spot. 0")

	v.as("helena") // a scenario, of which the form says another version by the time it comes back
	defer v.as("priya")
	scenario := "/risks/" + string(v.raised()) + "/quant"
	v.open(scenario + "?edit=yes")
	v.typed("why", "Measured in a dead spot")
	dead.Store(true)
	v.run("keep", click(`#scenario [name=do][value=keep]`))
	v.becomes(`location.protocol`, "chrome-error:")
	dead.Store(false)
	v.open(scenario + "?edit=yes")
	v.becomes(`document.querySelector("#scenario .draft")?.innerText.includes("has arrived; only the answer was lost")`, "true")
	v.becomes(`document.querySelector("[name=why]").value + " " + `+kept, " 0")
}

// everyText writes into every text of the pages on which most is written, and loads
// each anew.
func (v *talk) everyText() {
	id := v.raised()
	inside := access.With(v.Context(), access.Actor{ID: v.people.All["helena"], Kind: access.Person, Name: "Helena"})
	o, err := v.house.Observations.Open(inside, observation.Opening{Title: "Nobody reviews exports"})
	check(v.T, "observe", err)
	v.as("helena")
	defer v.as("priya")
	seen := 0
	for _, at := range []string{"/observations/" + string(o), "/observations/" + string(o) + "?edit=statement", "/observations/new", "/risks/new", "/risks/" + string(id) + "?edit=statement", "/risks/" + string(id) + "/treatment",
		"/risks/" + string(id) + "/decisions", "/reviews", v.at + "/causes?edit=rca-steps", v.at + "/record?edit=details", "/cases/new", "/inbox/new", "/register/appetite"} {
		v.open(at)
		const write = `(() => {
			const all = [...document.querySelectorAll("main form[method=post] textarea:not([readonly], [disabled])")];
			all.forEach((t, i) => { t.value = "Kept word " + i; t.dispatchEvent(new Event("input", { bubbles: true })) });
			return all.length;
		})()`
		n := js[int](v.visitor, write)
		v.open(at)
		const read = `[...document.querySelectorAll("main form[method=post] textarea:not([readonly], [disabled])")].filter((t, i) => t.value !== "Kept word " + i).map(t => t.form.action + " " + t.name).join("; ")`
		if lost := js[string](v.visitor, read); lost != "" {
			v.Errorf("%s lost what was written in %s", at, lost)
		}
		seen += n
		js[bool](v.visitor, `(document.querySelectorAll(".draft button").forEach(b => b.click()), true)`)
		v.becomes(kept, "0")
	}
	if seen < 15 {
		v.Errorf("%d texts were written, want 15 at least", seen)
	}
}

// TestWorkWithoutScript has a person at a case and at a risk in a browser that runs no
// script: what they write is taken, what is too long is theirs still, and a button
// that is pressed twice does what it says once.
func TestWorkWithoutScript(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := start(t)
	v := p.browser()
	v.expected = []string{"status of 413"}
	v.as("priya")
	w := v.within(t)
	w.script(false)
	w.open(w.at + "/messages")
	w.unfold()
	w.fill("note-text", "Written **without** any script.")
	w.press("Add note", "#note")
	w.sees("Written without any script.")
	w.tooLongWithoutScript()
	w.moves()
}

// unfold opens the composer of notes.
func (v *talk) unfold() {
	v.Helper()
	js[bool](v.visitor, `(() => { const d = document.querySelector("#note details"); if (d) d.open = true; return true })()`)
}

// goes does what leads to another page, and tells its status.
func (v *talk) goes(what string, step chromedp.Action[chromedp.Void]) int64 {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	check(v.T, what, err)
	return answer.Status
}

func (v *talk) tooLongWithoutScript() {
	long := strings.Repeat("A line of a log that somebody copied; ", 5<<19/38)
	v.open(v.at + "/messages")
	v.unfold()
	v.fill("note-text", long)
	if status := v.goes("send", click("#note .primary")); status != 413 {
		v.Errorf("the answer has the status %d, want 413", status)
	}
	v.sees("That is too large", "larger than the limit of 2 MiB", "go back in your browser", "still holds what you typed")
	js[bool](v.visitor, `(history.back(), true)`)
	have := 0
	for end := time.Now().Add(patience); have != len(long) && time.Now().Before(end); time.Sleep(50 * time.Millisecond) { // no script of a page that has none can wait
		have, _ = chromedp.Run(v.ctx, chromedp.Evaluate[int](`document.querySelector("[name=note-text]")?.value.length ?? 0`)) // none between two pages
	}
	if have != len(long) {
		v.Fatalf("back on the form there are %d characters, want %d; the page says:\n%s", have, len(long), v.words())
	}
	v.open(v.at + "/messages")
	v.unfold()
	v.fill("note-text", "Shortened by hand.")
	v.press("Add note", "#note")
	v.sees("Shortened by hand.")
}

// moves takes the case and a risk one step, each by two presses of one button.
func (v *talk) moves() {
	inside := access.With(v.Context(), access.Actor{ID: v.people.All["priya"], Kind: access.Person, Name: "Priya"})
	done := map[string]bool{}
	for _, c := range v.house.Rules.Completeness {
		done[c.Name] = true
	}
	high := "high"
	check(v.T, "triage", v.house.Cases.Edit(inside, v.id, casework.Patch{Complete: done, Provisional: &high}))
	boss := access.With(v.Context(), access.Actor{ID: v.people.All["helena"], Kind: access.Person, Name: "Helena"})
	check(v.T, "assign", v.house.Cases.Assign(boss, v.id, v.people.All["priya"]))
	v.open(v.at)
	const twice = `(() => { const b = document.querySelector(".turn button.primary"); b.click(); b.click(); return true })()`
	v.goes("press twice", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: twice})
		return err
	}))
	v.misses("Somebody was faster", "Meanwhile")
	full, err := v.house.Cases.Get(v.inside(), v.id)
	check(v.T, "case", err)
	if full.Stage != "assessment" {
		v.Errorf("the case is in the stage %s, want assessment", full.Stage)
	}

	id := v.raised()
	at := "/risks/" + string(id)
	v.open(at + "/notes")
	v.unfold()
	v.fill("note-text", "A word on the risk.")
	v.press("Add note", "#note")
	v.sees("A word on the risk.")
	v.as("helena")
	v.open(at + "?move=risk.reject#decide")
	v.fill("rejection", "It is another house's risk.")
	if js[bool](v.visitor, `document.querySelector("#decide [name=reason]") !== null`) {
		v.fill("reason", "Agreed with those who own it.")
	}
	v.press(js[string](v.visitor, `document.querySelector("#decide .primary").innerText`), "#decide")
	v.sees("another house's risk")
}
