package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tocsin/internal/score/cvss"
	"tocsin/internal/web/assets"
)

// browser opens the gallery in Chromium under the policy of all pages. What the
// browser complains about, other than what is expected, fails the test at its end.
func browser(t *testing.T, expected ...string) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: make test installs it")
	}
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.HandleFunc("/cvss", scoreHere)
	mux.HandleFunc("/part", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.RawQuery {
		case "script":
			fmt.Fprint(w, "<b>three</b><script>document.title = 'run'</script>")
		case "gone":
			http.Error(w, "gone", http.StatusGone)
		default:
			fmt.Fprint(w, "<b>one <i id=inner>two</i></b>")
		}
	})
	mux.HandleFunc("/again", func(w http.ResponseWriter, r *http.Request) {
		assets.SetPageHeaders(w.Header())
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>Before</title><script type="module" src="%s"></script></head><body><main data-me="user-1">%s</main></body></html>`, assets.Path("app.js"), r.FormValue("html"))
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		assets.SetPageHeaders(w.Header())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := Style("").Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 900))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	complain(t, ctx, append(expected, "status of 422")) // the browser logs the answer to a bad vector
	run(t, ctx, chromedp.Navigate(server.URL))
	becomes(t, ctx, `document.querySelectorAll("tocsin-cvss[data-live]").length`, "2")
	return ctx
}

// scoreHere answers as the score page does, by the bands of the standard.
func scoreHere(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	c := CVSS{Version: r.FormValue("version"), Vector: r.FormValue("vector")}.Judge(standard)
	if c.Error != "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(map[string]string{"detail": c.Error}) // the browser has gone: the test says so
		return
	}
	var more strings.Builder
	_ = CVSSMore(c).Render(r.Context(), &more) // into memory
	score, _ := strconv.ParseFloat(c.Score, 64)
	_ = json.NewEncoder(w).Encode(CVSSAnswer{Vector: c.Vector, Score: score, Severity: c.Severity, More: more.String()})
}

// standard are the bands of the standard.
func standard(score float64) string {
	switch {
	case score >= 9:
		return "critical"
	case score >= 7:
		return "high"
	case score >= 4:
		return "medium"
	case score > 0:
		return "low"
	}
	return "none"
}

// complain collects what the browser says about the page: exceptions, refusals of
// the policy.
func complain(t *testing.T, ctx context.Context, expected []string) {
	t.Helper()
	var mu sync.Mutex
	var said []string
	err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			said = append(said, fmt.Sprintf("%s line %d: %+v", ev.ExceptionDetails.Text, ev.ExceptionDetails.LineNumber, ev.ExceptionDetails.Exception))
		case *cdplog.EventEntryAdded:
			said = append(said, ev.Entry.Text+" "+ev.Entry.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, s := range said {
			if slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(s, e) }) {
				continue
			}
			t.Errorf("the browser says: %s", s)
		}
	})
}

func run(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval does what the script says.
func eval(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	run(t, ctx, chromedp.Evaluate[chromedp.Void](script))
}

// becomes waits until the expression has the value, also across a page that gives way to another.
func becomes(t *testing.T, ctx context.Context, expression, want string) {
	t.Helper()
	script := fmt.Sprintf(`new Promise(done => {
		const end = Date.now() + 3000;
		const look = () => { let have; try { have = String(%s) } catch (e) { have = String(e) } have === %q || Date.now() > end ? done(have) : setTimeout(look, 10) };
		look();
	})`, expression, want)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		have, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if err == nil && have == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is %q, want %q: %v", expression, have, want, err)
		}
	}
}

const (
	v31 = `document.querySelector("#f-cvss31").value`
	v40 = `document.querySelector("#f-cvss40").value`
	s31 = `document.querySelector("[data-prefix='CVSS:3.1'] .score").innerText.replace(/\s+/g, " ")`
	s40 = `document.querySelector("[data-prefix='CVSS:4.0'] .score").innerText.replace(/\s+/g, " ")`
)

func focus(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	eval(t, ctx, fmt.Sprintf("document.querySelector(%q).focus()", selector))
}

func TestCalculatorInABrowser(t *testing.T) {
	ctx := browser(t)

	// Letters fill the metrics one after the other.
	focus(t, ctx, `[name="cvss31.AV"]:checked`)
	run(t, ctx, chromedp.KeyEvent("phnrchlh"))
	becomes(t, ctx, v31, "CVSS:3.1/AV:P/AC:H/PR:N/UI:R/S:C/C:H/I:L/A:H")
	becomes(t, ctx, s31, "Medium 6.9")
	becomes(t, ctx, `document.querySelector("[data-prefix='CVSS:3.1'] .turns summary").innerText.includes("to High") || document.querySelector("[data-prefix='CVSS:3.1'] .turns summary").innerText`, "true")

	// The arrows of the browser choose too, and the keyboard goes back.
	focus(t, ctx, `[name="cvss31.PR"]:checked`)
	run(t, ctx, chromedp.KeyEvent(kb.ArrowRight))
	becomes(t, ctx, v31, "CVSS:3.1/AV:P/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:H")
	becomes(t, ctx, s31, "Medium 6.8")
	run(t, ctx, chromedp.KeyEvent(kb.Backspace))
	becomes(t, ctx, "document.activeElement.name", "cvss31.AC")

	// A pasted vector chooses, threat metrics too; one of another version finds its calculator.
	paste := `(() => { const f = document.querySelector("#f-cvss31"); f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true })) })()`
	eval(t, ctx, fmt.Sprintf(paste, "CVSS:4.0/AV:A/AC:H/AT:P/PR:N/UI:A/VC:L/VI:L/VA:L/SC:L/SI:L/SA:L/E:P"))
	becomes(t, ctx, `document.querySelector('[name="cvss40.E"]:checked').value`, "P")
	becomes(t, ctx, v40, "CVSS:4.0/AV:A/AC:H/AT:P/PR:N/UI:A/VC:L/VI:L/VA:L/SC:L/SI:L/SA:L/E:P")
	becomes(t, ctx, s40, "Low 1.1")
	becomes(t, ctx, `document.querySelectorAll("[data-prefix='CVSS:4.0'] [data-set]")[0].textContent`, "Exploit maturity Proof of concept")
	becomes(t, ctx, `document.querySelector("[data-prefix='CVSS:4.0'] [data-copy]").dataset.copy`, "CVSS:4.0/AV:A/AC:H/AT:P/PR:N/UI:A/VC:L/VI:L/VA:L/SC:L/SI:L/SA:L/E:P")

	// A vector that makes no sense says why; one that is not whole says what is open.
	eval(t, ctx, fmt.Sprintf(paste, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N/ZZ:1"))
	becomes(t, ctx, `document.querySelector("#f-cvss31-says").textContent`, `CVSS 3.1 has no metric "ZZ" (position 46); it has AV, AC, PR, UI, S, C, I, A, E, RL, RC, CR, IR, AR, MAV, MAC, MPR, MUI, MS, MC, MI and MA`)
	eval(t, ctx, fmt.Sprintf(paste, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H"))
	becomes(t, ctx, `document.querySelector("#f-cvss31-says").textContent`, "the CVSS 3.1 vector lacks the metrics I (Integrity) and A (Availability); add them")
}

// What is chosen by hand is scored as the engine scores it, a metric that is still
// open is named, and the sentence of the choice stands below it.
func TestCalculatorFollowsTheEngineInABrowser(t *testing.T) {
	ctx := browser(t)
	eval(t, ctx, `(() => { const f = document.querySelector("#f-cvss40"); f.value = ""; f.dispatchEvent(new Event("input", { bubbles: true })); document.querySelector('[name="cvss40.AV"]').click() })()`)
	becomes(t, ctx, `document.querySelector("#f-cvss40-says").textContent.slice(0, 50)`, "Still open: Attack complexity, Attack requirements")
	becomes(t, ctx, s40, "Not scored –")
	random := rand.New(rand.NewPCG(4, 0))
	for range 40 {
		var press []string
		for _, m := range cvss.Catalogue("4.0") {
			c := m.Choices[random.IntN(len(m.Choices))]
			press = append(press, fmt.Sprintf("[name='cvss40.%s'][value='%s']", m.Abbrev, c.Value))
		}
		list, err := json.Marshal(press)
		if err != nil {
			t.Fatal(err)
		}
		eval(t, ctx, fmt.Sprintf("%s.forEach(s => document.querySelector(s).click())", list))
		vector, err := chromedp.Run(ctx, chromedp.Evaluate[string](v40))
		if err != nil {
			t.Fatal(err)
		}
		c := CVSS{Version: "4.0", Vector: vector}.Judge(standard)
		if c.Error != "" {
			t.Fatalf("%s: %s", vector, c.Error)
		}
		becomes(t, ctx, s40, severityWord(c.Severity)+" "+c.Score)
	}
	becomes(t, ctx, `[...document.querySelectorAll("[data-prefix='CVSS:4.0'] .metric")].filter(m => [...m.querySelectorAll(".means p")].filter(p => getComputedStyle(p).visibility === "visible").length !== 1).length`, "0")
	becomes(t, ctx, `(() => { const r = document.querySelector("[name='cvss40.AV']:checked"); return document.getElementById(r.getAttribute("aria-describedby")).textContent.length > 10 })()`, "true")
}

func TestKeysInABrowser(t *testing.T) {
	ctx := browser(t)
	eval(t, ctx, "document.activeElement.blur()")

	run(t, ctx, chromedp.KeyEvent("j"), chromedp.KeyEvent("j"))
	becomes(t, ctx, `document.activeElement.closest("tr").querySelector(".id").innerText`, "CASE-2M8TW5RA")
	run(t, ctx, chromedp.KeyEvent("k"))
	becomes(t, ctx, `document.activeElement.closest("tr").querySelector(".id").innerText`, "CASE-7QK3D9XB")

	run(t, ctx, chromedp.KeyEvent("?"))
	becomes(t, ctx, `document.querySelector("#keys").open`, "true")
	run(t, ctx, chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Escape))
	becomes(t, ctx, `document.querySelector("#keys").open`, "false")

	run(t, ctx, chromedp.KeyEvent("n"))
	becomes(t, ctx, `document.querySelector("details.note").open`, "true")
	becomes(t, ctx, "document.activeElement.name", "note-text")
	becomes(t, ctx, `document.querySelector("details.out").open`, "false")
	eval(t, ctx, `document.activeElement.value = ""`) // a synthetic key also types, where a real one is taken
	run(t, ctx, chromedp.KeyEvent("jk?"), chromedp.KeyEvent(kb.Escape))
	becomes(t, ctx, `document.querySelector("#f-note-text").value`, "jk?")

	eval(t, ctx, `document.querySelector('[data-confirm]').click()`)
	becomes(t, ctx, `document.querySelector("dialog:modal p")?.textContent`, "Delete this draft? It cannot be brought back.")
	run(t, ctx, chromedp.KeyEvent(kb.Escape))
	becomes(t, ctx, `document.querySelector("dialog:modal")`, "null")
}

// A part that is fetched stands where it belongs, under Trusted Types; markup with a
// script of its own is refused.
func TestPartsUnderTrustedTypes(t *testing.T) {
	ctx := browser(t, "'default' policy failed", "/part?gone")
	for _, address := range []string{"/part", "/part#inner", "/part?script", "/part?gone"} {
		eval(t, ctx, fmt.Sprintf(`document.querySelector("main").append(Object.assign(document.createElement("div"), { className: "came" })), document.querySelector(".came:last-child").dataset.load = %q`, address))
	}
	eval(t, ctx, `tocsin.swapped()`)
	becomes(t, ctx, `[...document.querySelectorAll(".came")].filter(e => e.ariaBusy === "false").length`, "4")
	becomes(t, ctx, `[...document.querySelectorAll(".came")].map(e => e.textContent).join("|")`, "one two|two||")
	becomes(t, ctx, `(() => { try { document.createElement("p").innerHTML = "<script>1<" + "/script>"; return "taken" } catch (e) { return e.name } })()`, "TypeError")
	becomes(t, ctx, `document.querySelectorAll("[style]").length`, "0")
}

// reachOver names what stands out of the window and does not scroll by itself.
const reachOver = `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
	!e.closest(".rail, .scroll, .tabs, pre, .sr, .nav")).map(e => e.outerHTML.slice(0, 80)).slice(0, 3).join(" ; ")`

// The page fits every width without scrolling sideways.
func TestNoWidthScrollsSideways(t *testing.T) {
	ctx := browser(t)
	for _, width := range []int64{320, 390, 768, 1024, 1280, 1920, 2560} {
		run(t, ctx, chromedp.EmulateViewport(width, 900))
		over, err := chromedp.Run(ctx, chromedp.Evaluate[string](reachOver))
		if err != nil {
			t.Fatal(err)
		}
		if over != "" {
			t.Errorf("at %d px these reach over the edge: %s", width, over)
		}
	}
}
