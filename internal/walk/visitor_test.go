package walk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// visitor is somebody with a window of their own, which knows nothing of the others':
// no cookie, no cache, nothing that was kept.
type visitor struct {
	*place
	ctx    context.Context
	secret string // of the session, once the visitor is signed in by as

	expected []string // what the browser may say
	plain    bool     // script is off
}

// session is the name of the cookie.
const session = "tocsin_session"

// chromium is the one that all visitors share: to start it takes longer than to open a
// context in it. It ends with TestMain.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en-GB"))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(ctx)
	quit = func() { leave(); cancel() }
	return ctx, chromedp.Do(ctx)
})

// quit ends Chromium, where it was started.
var quit = func() {}

// browser opens a window for a visitor; what it complains about fails the test.
func (p *place) browser() *visitor {
	p.Helper()
	root, err := chromium()
	if errors.Is(err, exec.ErrNotFound) {
		p.Skip("chromium is not installed: make test installs it")
	}
	check(p.T, "chromium", err)
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	p.Cleanup(cancel)
	v := &visitor{place: p, ctx: ctx}
	v.listen()
	v.run("a window", focused, chromedp.EmulateViewport(1280, 900), media("light")) // without motion, so that nothing is still moving where it is pressed
	return v
}

// focused has the page take itself for the one that is looked at, whatever other
// visitors do in their windows.
var focused = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
})

func (v *visitor) listen() {
	var mu sync.Mutex
	var said []string
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, fmt.Sprintf(format, args...))
	}
	check(v.T, "listen", chromedp.Listen(v.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			say("%s line %d: %+v", ev.ExceptionDetails.Text, ev.ExceptionDetails.LineNumber, ev.ExceptionDetails.Exception)
		case *runtime.EventConsoleAPICalled:
			if slices.Contains([]string{"error", "warning", "assert"}, string(ev.Type)) {
				say("console.%s %v", ev.Type, ev.Args)
			}
		case *cdplog.EventEntryAdded:
			if ev.Entry.Level == cdplog.EntryLevelError || ev.Entry.Level == cdplog.EntryLevelWarning {
				say("%s %s", ev.Entry.Text, ev.Entry.URL)
			}
		}
	}))
	v.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, s := range said {
			if slices.ContainsFunc(v.expected, func(e string) bool { return strings.Contains(s, e) }) {
				continue
			}
			v.Errorf("the browser says: %s", s)
		}
	})
}

// patience is how long a visitor waits for a page.
const patience = time.Minute

func (v *visitor) run(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.Fatalf("%s: %v\n%s", what, err, v.words())
	}
}

// settle is a step that waits until the page that is shown is whole, its scripts have run and no other is
// under way: a machine that is slow shows what can be pressed before anything listens there.
var settle = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	for ; ; time.Sleep(10 * time.Millisecond) {
		is, err := chromedp.Evaluate[bool](`document.readyState === "complete" && !globalThis.tocsin?.going`)(ctx, t)
		if err == nil && is {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the page does not settle: %w", cmp.Or(err, ctx.Err()))
		}
	}
})

// js asks the page, once it is settled.
func js[T any](v *visitor, script string) T {
	v.Helper()
	v.run("a page", settle)
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	x, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		v.Fatalf("%s: %v", script, err)
	}
	return x
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always can be
	return string(b)
}

// as signs the visitor in as one of the people.
func (v *visitor) as(handle string) {
	v.Helper()
	secret, err := v.house.Parties.SessionFor(v.Context(), v.people.All[handle])
	check(v.T, "session of "+handle, err)
	v.secret = string(secret)
	v.run("cookie", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: session, Value: v.secret, URL: v.base})
		return err
	}))
}

// open goes to an address.
func (v *visitor) open(path string) {
	v.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.base + path
	}
	v.load(path, chromedp.Navigate(path))
}

// load does what leads to another page, and looks at its status.
func (v *visitor) load(what string, step chromedp.Action[chromedp.Void]) {
	v.Helper()
	v.run("the page before", settle) // or what it still does would be taken for the way
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		png, _ := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
		_ = os.WriteFile(filepath.Join(v.images, "stuck.png"), png, 0o644)
		v.Fatalf("%s: %v\n%s", what, err, v.words())
	}
	if answer != nil && answer.Status != 200 {
		v.Fatalf("%s: status %d\n%s", what, answer.Status, v.words())
	}
	if v.plain {
		return // without script nothing on the page can say that it is painted
	}
	_, _ = chromedp.Run(ctx, chromedp.Evaluate[any](looked, chromedp.EvalAwaitPromise)) // a page that gives way to another has no more to show
}

// looked ends when a page of ours is there and painted, and what waited for that is done.
const looked = `document.querySelector("main") && new Promise(done => {
	const look = () => globalThis.tocsin?.going ? setTimeout(look, 5) : requestAnimationFrame(() => setTimeout(() => setTimeout(done, 1)));
	look();
	setTimeout(done, 2000);
})`

// words is the text that stands on the page, or why there is none.
func (v *visitor) words() string {
	text, err := v.text()
	if err != nil {
		return err.Error()
	}
	return text
}

func (v *visitor) text() (string, error) {
	ctx, cancel := context.WithTimeout(v.ctx, 10*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](`document.title + "\n" + (document.querySelector("main") || document.body).innerText`))
}

// sees waits until the page says all of it, and fails where it does not.
func (v *visitor) sees(says ...string) {
	v.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		have := plain(v.words())
		lacks := slices.IndexFunc(says, func(s string) bool { return !strings.Contains(have, plain(s)) })
		if lacks < 0 {
			return
		}
		if time.Now().After(end) {
			v.Fatalf("the page does not say %q; it says:\n%s", says[lacks], v.words())
		}
	}
}

// misses fails where the page says any of it.
func (v *visitor) misses(says ...string) {
	v.Helper()
	text, err := v.text()
	check(v.T, "words", err)
	have := plain(text)
	for _, s := range says {
		if strings.Contains(have, plain(s)) {
			v.Fatalf("the page says %q:\n%s", s, v.words())
		}
	}
}

func plain(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// find marks the first thing in sight that can be pressed and reads as said.
const find = `(() => {
	const plain = s => (s || "").replace(/\s+/g, " ").trim().toLowerCase();
	const want = plain(%s);
	document.querySelectorAll("[data-walk]").forEach(e => e.removeAttribute("data-walk"));
	const all = [...document.querySelectorAll(%s)].filter(e => e.getClientRects().length && !e.disabled && e.getAttribute("aria-disabled") !== "true");
	const is = all.find(e => plain(e.innerText) === want || plain(e.getAttribute("aria-label")) === want) || all.find(e => plain(e.innerText).startsWith(want));
	if (!is) return "";
	is.setAttribute("data-walk", "here");
	is.scrollIntoView({ block: "center" });
	return is.tagName;
})()`

// press presses the button or link that reads as said, and waits for the page that
// it leads to. within is the part of the page where it stands; empty is all of it.
func (v *visitor) press(text, within string) {
	v.Helper()
	var sel []string
	for _, tag := range []string{"button", "a", "summary"} {
		sel = append(sel, strings.TrimSpace(within+" "+tag))
	}
	if tag := js[string](v, fmt.Sprintf(find, quoted(text), quoted(strings.Join(sel, ", ")))); tag == "" {
		v.Fatalf("there is nothing to press that reads %q in %q; the page says:\n%s", text, within, v.words())
	}
	v.load("press "+text, chromedp.Click(chromedp.CSS(`[data-walk="here"]`)))
}

// fill writes into a field.
func (v *visitor) fill(name, text string) {
	v.Helper()
	sel := fmt.Sprintf("[name=%q]:not([type=hidden])", name)
	v.run("a page", settle)
	v.becomes(fmt.Sprintf(`(() => { const e = document.querySelector(%s); if (!e) return "no such field"; e.focus(); if (e.select) e.select(); return "at it" })()`, quoted(sel)), "at it")
	v.run("fill "+name, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
	if have := js[string](v, fmt.Sprintf(`document.querySelector(%s)?.value ?? "no such field"`, quoted(sel))); have != text {
		v.Fatalf("the field %s holds %q, want %q; the page says:\n%s", name, have, text, v.words())
	}
}

// choose chooses an answer of a group, ticks a box, or picks from a list.
func (v *visitor) choose(name, value string) {
	v.Helper()
	script := fmt.Sprintf(`(() => {
		const list = document.querySelector("select[name=" + JSON.stringify(%[1]s) + "]");
		if (list) { list.value = %[2]s; list.dispatchEvent(new Event("change", { bubbles: true })); return list.value === %[2]s }
		const one = [...document.getElementsByName(%[1]s)].find(e => e.value === %[2]s);
		if (one && !one.checked) one.click();
		return Boolean(one && one.checked);
	})()`, quoted(name), quoted(value))
	if !js[bool](v, script) {
		v.Fatalf("%s cannot be set to %q; the page says:\n%s", name, value, v.words())
	}
}

// tick ticks a box.
func (v *visitor) tick(name string) {
	v.Helper()
	script := fmt.Sprintf(`(() => { const e = document.querySelector("[type=checkbox][name=" + %s + "]"); if (e && !e.checked) e.click(); return Boolean(e && e.checked) })()`, quoted(quoted(name)))
	if !js[bool](v, script) {
		v.Fatalf("%s cannot be ticked; the page says:\n%s", name, v.words())
	}
}

// date writes into a field for a date, which takes no text as it is typed.
func (v *visitor) date(name, value string) {
	v.Helper()
	if have := js[string](v, fmt.Sprintf(`(() => { const e = document.getElementsByName(%s)[0]; e.value = %s; e.dispatchEvent(new Event("input", { bubbles: true })); return e.value })()`, quoted(name), quoted(value))); have != value {
		v.Fatalf("the field %s holds %q, want %q", name, have, value)
	}
}

// keys types on the keyboard, at whatever has the focus.
func (v *visitor) keys(focus, keys string) {
	v.Helper()
	js[bool](v, fmt.Sprintf(`(document.querySelector(%s).focus(), true)`, quoted(focus)))
	v.run("keys "+keys, chromedp.KeyEvent(keys))
}

// script switches scripts off or on, from the next page on.
func (v *visitor) script(on bool) {
	v.plain = !on
	v.run("script", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

// view is how a picture is taken.
type view struct {
	width, height int64
	dark          bool
}

var (
	desk  = view{width: 1280, height: 900}
	night = view{width: 1280, height: 900, dark: true}
	phone = view{width: 390, height: 844}
)

// picture takes pictures from the top of the page as it stands, one a view.
func (v *visitor) picture(name string, views ...view) {
	v.Helper()
	v.pictureAt(name, "body", views...)
}

// pictureAt takes pictures from a part of the page on.
func (v *visitor) pictureAt(name, part string, views ...view) {
	v.Helper()
	for _, at := range views {
		scheme, file := "light", name
		if at.dark {
			scheme, file = "dark", file+"-dark"
		}
		if at.width < 600 {
			file += "-phone"
		}
		v.run("view", chromedp.EmulateViewport(at.width, at.height), media(scheme))
		js[bool](v, fmt.Sprintf(`(document.activeElement?.blur(), document.querySelector(%s).scrollIntoView(), true)`, quoted(part)))
		if over := js[string](v, reachOver); over != "" {
			v.Errorf("%s: these reach over the edge: %s", file, over)
		}
		png, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
		check(v.T, "picture "+file, err)
		check(v.T, "picture "+file, os.WriteFile(filepath.Join(v.images, file+".png"), png, 0o644))
	}
	v.run("view", chromedp.EmulateViewport(desk.width, desk.height), media("light"))
}

func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	})
}

// reachOver names what stands out of the window and does not scroll by itself.
const reachOver = `[...document.querySelectorAll("main *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
	!e.closest(".rail, .scroll, .tabs, pre, .sr, .nav, .board")).map(e => e.outerHTML.slice(0, 80)).slice(0, 3).join(" ; ")`

// setFiles puts files into a field for files.
func setFiles(name string, files ...string) chromedp.Action[chromedp.Void] {
	return chromedp.SetUploadFiles(chromedp.CSS(fmt.Sprintf("input[type=file][name=%q]", name)), files)
}

// submitDemo presses the switch of the demonstration.
func submitDemo(role string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		script := fmt.Sprintf(`(() => { const b = [...document.querySelectorAll("form[action='/demo/as'] [name=role]")].find(e => e.value === %s); if (!b) throw new Error("no switch"); b.form.requestSubmit(b) })()`, quoted(role))
		_, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: script, UserGesture: new(bool)})
		return err
	})
}

// becomes waits until the expression has the value, also across a page that gives way to
// another: while that happens the browser answers at once that there is none.
func (v *visitor) becomes(expression, want string) {
	v.Helper()
	if have, ok := v.comes(patience, expression, want); !ok {
		v.Fatalf("%s is %q, want %q; the page says:\n%s", expression, have, want, v.words())
	}
}

// comes tells whether the expression has the value in time, and what it has.
func (v *visitor) comes(within time.Duration, expression, want string) (have string, ok bool) {
	script, look := fmt.Sprintf(`new Promise(done => {
		const end = Date.now() + 3000;
		const look = () => { let have; try { have = String(%s) } catch (e) { have = String(e) } have === %s || Date.now() > end ? done(have) : setTimeout(look, 10) };
		look();
	})`, expression, quoted(want)), []chromedp.EvaluateOption{chromedp.EvalAwaitPromise}
	if v.plain { // nothing waits in a page without script
		script, look = fmt.Sprintf(`(() => { try { return String(%s) } catch (e) { return String(e) } })()`, expression), nil
	}
	for end := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(v.ctx, 10*time.Second)
		var err error
		if have, err = chromedp.Run(ctx, chromedp.Evaluate[string](script, look...)); err != nil {
			have = err.Error()
		}
		cancel()
		if ok = err == nil && have == want; ok || time.Now().After(end) {
			return have, ok
		}
	}
}

// click presses what the selector names, once the page is settled, without waiting for another.
func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := settle(ctx, t); err != nil {
			return err
		}
		_, err := chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%s).click()`, quoted(selector)))(ctx, t)
		return err
	})
}

// forget takes the visitor's session away, as its end does.
func (v *visitor) forget() {
	v.Helper()
	v.run("forget", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: "tocsin_session", Value: "ended", URL: v.base})
		return err
	}))
}
