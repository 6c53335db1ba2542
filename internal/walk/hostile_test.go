package walk

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
)

// TestHostileUse has one person at work in one browser while everything goes against
// them: there is no mouse, too much is pasted, titles are made to deceive, the
// network is slow, and then away. Nothing may be lost, and a sentence has to help.
func TestHostileUse(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := start(t)
	v := p.browser()
	v.expected = []string{"status of 413", "status of 422", "ERR_INTERNET_DISCONNECTED"} // the page of what is too long, and an address without a network
	v.as("priya")
	for _, one := range []struct {
		name string
		do   func(*talk)
	}{
		{"ten reports are decided with the keyboard alone", (*talk).keyboard},
		{"a note of 1 MB comes back whole with a sentence", (*talk).pastes},
		{"a title that is made to deceive is marked, and no page scrolls sideways", (*talk).deceives},
		{"on a slow network a button says that it is at work, and sends once", (*talk).slow},
		{"a closed laptop loses nothing, and the page catches up", (*talk).away},
		{"a link leads on in place, and the way back shows the list as it was left", (*talk).links},
		{"a place brings its own style and script", (*talk).wears},
		{"a link on a bad network says what happens, and one to the page of somebody else loads it", (*talk).strays},
	} {
		t.Run(one.name, func(t *testing.T) { one.do(v.within(t)) })
	}
}

// within is the visitor in a part of the test, at a case of its own.
func (v *visitor) within(t *testing.T) *talk {
	mine := *v
	mine.place = v.place.at(t)
	inside := access.With(t.Context(), access.Actor{ID: v.people.All["priya"], Kind: access.Person, Name: "Priya"})
	id, err := v.house.Cases.Open(inside, casework.Opening{Title: "Exports of siblings can be read", Summary: "They can.", Product: "fernhollow-gateway", Component: "export", Severity: "high"})
	check(t, "open", err)
	return &talk{visitor: &mine, id: id, at: "/cases/" + string(id)}
}

// hit presses keys, whatever has the focus.
func (v *talk) hit(keys string) {
	v.Helper()
	v.run("keys "+fmt.Sprintf("%q", keys), settle, chromedp.KeyEvent(keys))
}

// tab goes on from field to field until one fits.
func (v *talk) tab(selector string) {
	v.Helper()
	for range 80 {
		v.hit("\t")
		if js[bool](v.visitor, `document.activeElement.matches(`+quoted(selector)+`)`) {
			return
		}
	}
	v.Fatalf("no number of tabs leads to %s; the page says:\n%s", selector, v.words())
}

// keyboard decides ten reports: from the inbox, by keys that the browser gets as from
// a keyboard. The page is only ever looked at, and nothing is pressed by script.
func (v *talk) keyboard() {
	var sent []ref.ID
	for i := range 10 {
		reporter := access.With(v.Context(), access.Actor{ID: ref.New("reporter"), Kind: access.Reporter, Name: "the reporter"})
		got, err := v.house.Reports.Submit(reporter, intake.Submission{Title: fmt.Sprintf("Finding %d of a long night", i), Summary: "It can be read.", Product: "fernhollow-gateway"})
		check(v.T, "submit", err)
		sent = append(sent, got.ID)
	}
	v.open("/")
	for i := range sent {
		id := sent[len(sent)-1-i] // the newest stands first
		const there = `location.pathname + " " + document.readyState`
		v.hit("gi")
		if _, ok := v.comes(5*time.Second, there, "/inbox complete"); !ok {
			v.hit("gi") // as people do: on a slow machine the second key may come too late for the first
		}
		v.becomes(there, "/inbox complete")
		v.hit("jjk")
		v.becomes(`document.activeElement.pathname`, "/inbox/"+string(id))
		v.hit([]string{"o", "\r"}[i%2])
		v.becomes(`location.pathname + " " + document.readyState`, "/inbox/"+string(id)+" complete")
		switch i % 3 {
		case 0:
			v.accept(i)
		case 1:
			v.decline(id)
		case 2:
			v.repeats(id, sent[len(sent)-i])
		}
	}
	for _, id := range sent {
		full, err := v.house.Reports.Get(v.inside(), id)
		check(v.T, "report", err)
		if s, _ := v.house.Rules.Lifecycle("report").Stage(full.Stage); !s.Terminal {
			v.Errorf("%s still waits in the stage %s", id, full.Stage)
		}
	}
}

// way is the key of a move: its place among those that the report offers.
func (v *talk) way(verb access.Verb) {
	v.Helper()
	key := js[string](v.visitor, `document.querySelector('.turn a[href*="do=`+string(verb)+`#"]')?.dataset.hot ?? ""`)
	if key == "" {
		v.Fatalf("no key leads to %s; the page says:\n%s", verb, v.words())
	}
	v.hit(key)
	v.becomes(`(document.querySelector("#decide [name=verb]") ?? document.querySelector("#decide [name=do]"))?.value + " " + document.readyState`, string(verb)+" complete")
}

func (v *talk) accept(i int) {
	v.way(intake.VerbAccept)
	v.tab("#decide [name=title]") // which chooses what stands there
	words := fmt.Sprintf("Finding %d in our words", i)
	v.hit(words)
	v.becomes(`document.activeElement.value`, words)
	v.tab("#decide .primary")
	v.hit("\r")
	v.becomes(`location.pathname.startsWith("/cases/") && document.querySelector("h1").innerText + " " + document.readyState`, words+" complete")
}

func (v *talk) decline(id ref.ID) {
	v.way(intake.VerbDecline)
	v.tab("#decide [name=disposition]")
	v.hit("i") // Informative
	v.hit("\r")
	v.becomes(`document.querySelector("#decide [name=answer]")?.value.length > 20 && document.readyState`, "complete")
	v.tab("#decide [name=reason]")
	v.hit("Nothing to act on")
	v.tab("#decide .primary")
	v.hit("\r")
	v.decided(id)
}

func (v *talk) repeats(id, of ref.ID) {
	v.way(intake.VerbDuplicate)
	v.tab("#decide [name=duplicate_of]")
	v.hit(string(of))
	v.tab("#decide .primary")
	v.hit("\r")
	v.decided(id)
}

// decided waits for the page of a report on which nothing is left to decide.
func (v *talk) decided(id ref.ID) {
	v.Helper()
	v.becomes(`location.pathname + location.search + " " + document.querySelectorAll("#decide").length + " " + document.querySelectorAll(".turn.wait").length + " " + document.readyState`, "/inbox/"+string(id)+" 0 1 complete")
}

// pastes puts 1 MB into a note, which is sixteen times what one holds.
func (v *talk) pastes() {
	long := strings.Repeat("A line of a log that somebody copied; ", 1<<20/39)
	v.open(v.at + "/messages")
	v.run("wide open", chromedp.Evaluate[chromedp.Void](`document.querySelector("#note details").open = true`))
	v.typed("note-text", long)
	v.run("send", click("#note .primary"))
	v.becomes(`document.querySelector("#note .error, #note [id$=-error]")?.innerText.includes("shorten it or attach a file") ?? false`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value.length`, fmt.Sprint(len(long)))
	v.fill("note-text", "The log is too long for a note.")
	v.run("send", click("#note .primary"))
	v.becomes(`document.querySelector("#messages")?.innerText.includes("too long for a note") ?? false`, "true")
	v.becomes(kept, "0")
}

// deceives opens what the title of a case, and of a report, stands on.
func (v *talk) deceives() {
	v.open(v.at + "/record?edit=details#details")
	v.typed("title", "\u202Egnp.exe")
	v.run("save", click("#details .submit .primary"))
	v.becomes(`document.querySelector("#f-title-error")?.innerText.includes("U+202E, which makes it read otherwise than it is; remove it")`, "true")
	v.becomes(`document.querySelector("[name=title]").value`, "\u202Egnp.exe")
	title := "\u05E9\u05DC\u05D5\u05DD pass\u200Bword " + strings.Repeat("Wort", 50) // right to left, and a space without a width
	v.typed("title", title)
	v.run("save", click("#details .submit .primary"))
	v.becomes(`document.querySelector("h1").innerText.includes("U+200B") && document.body.innerText.includes("Saved.")`, "true")
	reporter := access.With(v.Context(), access.Actor{ID: ref.New("reporter"), Kind: access.Reporter, Name: "the reporter"})
	got, err := v.house.Reports.Submit(reporter, intake.Submission{Title: title, Summary: strings.Repeat("long", 400), Product: "fernhollow-gateway"})
	check(v.T, "submit", err)
	v.run("a phone", chromedp.EmulateViewport(phone.width, phone.height))
	for _, at := range []string{v.at, v.at + "/record", v.at + "/messages", v.at + "/history", "/cases", "/cases/board", "/inbox", "/inbox/" + string(got.ID)} {
		v.open(at)
		if wide := js[int](v.visitor, `document.documentElement.scrollWidth`); wide != int(phone.width) {
			v.Errorf("%s is %d wide, want %d: %s", at, wide, phone.width, js[string](v.visitor, reachOut))
		}
		if over := js[string](v.visitor, reachOver); over != "" {
			v.Errorf("%s: these reach over the edge: %s", at, over)
		}
		if raw := js[bool](v.visitor, `/[\u202E\u200B]/.test(document.title + document.body.innerText)`); raw {
			v.Errorf("%s shows characters that nobody sees", at)
		}
	}
	for _, at := range []string{v.at, "/cases", "/inbox"} {
		v.open(at)
		v.sees("\u05E9\u05DC\u05D5\u05DD", "pass", "U+200B")
	}
	v.run("a desk", chromedp.EmulateViewport(desk.width, desk.height))
}

// reachOut names what is wider than the window.
const reachOut = `[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90)).slice(0, 4).join(" ; ")`

// network makes the network as bad as said.
func (v *talk) network(is network.Conditions) {
	v.Helper()
	v.run("network", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&is}}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is.Offline, Latency: is.Latency, DownloadThroughput: is.DownloadThroughput, UploadThroughput: is.UploadThroughput})
		return err
	}))
}

// whole is a network with nothing wrong.
var whole = network.Conditions{DownloadThroughput: -1, UploadThroughput: -1}

func (v *talk) slow() {
	var sent atomic.Int32
	check(v.T, "listen", chromedp.Listen(v.ctx, func(ev any) {
		if ev, ok := ev.(*network.EventRequestWillBeSent); ok && ev.Request.Method == "POST" {
			sent.Add(1)
		}
	}))
	v.open(v.at + "/messages")
	v.typed("note-text", "Written on a train.")
	v.network(network.Conditions{Latency: 400, DownloadThroughput: 40 << 10, UploadThroughput: 40 << 10})
	defer v.network(whole)
	const thrice = `(() => { const b = document.querySelector("#note .primary"); for (let i = 0; i < 3; i++) b.click(); b.form.elements["note-text"].dispatchEvent(new Event("change", { bubbles: true })); return b.form.getAttribute("aria-busy") + " " + getComputedStyle(b).cursor })()`
	if busy := js[string](v.visitor, thrice); busy != "true progress" {
		v.Errorf("the button that was pressed says %q, want that it is at work: true progress", busy)
	}
	v.becomes(`document.querySelector("#messages")?.innerText.split("Written on a train.").length ?? 0`, "2")
	v.becomes(`performance.getEntriesByType("navigation")[0].duration > 400`, "true") // it was slow indeed
	v.becomes(kept, "0")
	if n := sent.Load(); n != 1 {
		v.Errorf("%d requests were sent, want 1", n)
	}
}

// away closes the laptop in the middle of a text.
func (v *talk) away() {
	v.open(v.at + "/messages")
	v.typed("note-text", "Begun at the gate")
	v.network(network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	v.becomes(`document.querySelector("output.live")?.innerText.includes("no network") ?? false`, "true")
	v.typed("note-text", "Begun at the gate, ended on board")
	v.run("send in vain", click("#note .primary"))
	v.becomes(`document.querySelector("[name=note-text]").value`, "Begun at the gate, ended on board")
	v.sees("What you type is kept in this browser")
	ctx := access.With(v.Context(), access.Actor{ID: v.people.All["samuel"], Kind: access.Person, Name: "Samuel"})
	_, err := v.house.Cases.Note(ctx, v.id, "Said while you were away.")
	check(v.T, "note", err)
	v.network(whole)
	v.becomes(`document.querySelector("#messages").innerText.includes("Said while you were away.")`, "true")
	v.becomes(`document.querySelector("[name=note-text]").value`, "Begun at the gate, ended on board")
	v.misses("no network")
	v.run("send", click("#note .primary"))
	v.becomes(`document.querySelector("#messages")?.innerText.includes("ended on board") ?? false`, "true")
	v.becomes(kept, "0")
	v.open("/cases/new") // which follows no record
	v.typed("title", "Begun in a tunnel")
	v.network(network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	v.run("send in vain", chromedp.Evaluate[chromedp.Void](`(f => { for (const e of f.elements) e.required = false; f.requestSubmit() })(document.querySelector("main [name=title]").form)`))
	v.becomes(`location.pathname + " " + document.querySelector("output.live")?.innerText.includes("no network")`, "/cases/new true")
	v.network(whole)
	js[bool](v.visitor, `(localStorage.clear(), true)`)
}
