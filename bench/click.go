package main

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// How many clicks are measured, and how many go before, which nobody counts.
const clicks, warm = 40, 5

const maxClick = 50 * time.Millisecond

// How long a hand rests on a link before it presses, and presses: people who mean to
// click take 200 to 500 ms over the first, and some 80 over the second.
const rest, press = 300 * time.Millisecond, 80 * time.Millisecond

// caseLink are the links of the list of cases to its cases.
const caseLink = "table[data-rows] tbody tr .lead a"

// click measures, in Chromium, how long it takes from a click on a case of the list
// until the case is painted, with a pointer that rested on it before and with one that
// did not, and the same on pages of plain text in turns: what the browser and the load
// of the machine cost whatever a page is.
func (r *run) click() error {
	path, err := exec.LookPath("chromium")
	if err != nil {
		say("click: chromium is not installed, nothing is measured")
		return nil
	}
	p, cookie, err := r.pagesOf()
	if err != nil {
		return err
	}
	plain, err := servePlain()
	if err != nil {
		return err
	}
	defer plain.Close()
	t, closes := openTab(r.ctx, path)
	defer closes()
	if err := t.cookie("http://"+p.addr, "tocsin_session", string(cookie)); err != nil {
		return err
	}
	var ours, least, sudden []float64
	for i := range warm + clicks {
		progress("clicking", i, warm+clicks)
		for _, x := range []struct {
			list, link string
			rest       time.Duration
			to         *[]float64
		}{{"http://" + plain.Addr + "/cases", "a", rest, &least}, {"http://" + p.addr + "/cases", caseLink, rest, &ours}, {"http://" + p.addr + "/cases", caseLink, 0, &sudden}} {
			c, err := t.click(x.list, x.link, i%20, x.rest)
			if err != nil {
				return err
			}
			if i >= warm {
				*x.to = append(*x.to, c)
			}
		}
	}
	r.add(tellClicks(ours, sudden, least))
	return nil
}

// tellClicks is the row of the table: the medians of all.
func tellClicks(ours, sudden, least []float64) row {
	median := func(all []float64) float64 {
		slices.Sort(all)
		return all[len(all)/2]
	}
	o, l := median(ours), median(least)
	return row{What: "click on a case until it is painted, median", Goal: "below 50 ms", OK: o < float64(maxClick.Milliseconds()), Ratio: o / l,
		Value: fmt.Sprintf("%.0f ms; %.0f ms where the pointer did not rest on the link before; pages of plain text take %.0f ms in the same run", o, median(sudden), l)}
}

// servePlain serves a list of links and pages of plain text, without style or script.
func servePlain() (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	const head = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Plain</title></head><body><h1>Plain</h1>`
	list, text := head+"<ul>", head+strings.Repeat("<p>What a page says, in plain words, without style or script.</p>", 40)
	for i := range 50 {
		list += fmt.Sprintf(`<li><a href="/cases/%d">Page %d</a></li>`, i, i)
	}
	say := func(page string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write([]byte(page)) // the reader has gone away
		}
	}
	m := http.NewServeMux()
	m.HandleFunc("GET /cases", say(list+"</ul></body></html>"))
	m.HandleFunc("GET /cases/{id}", say(text+"</body></html>"))
	s := &http.Server{Addr: l.Addr().String(), Handler: m, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // until it is closed
	return s, nil
}

// click opens the list, rests on its nth link, presses and lets go, and waits until the
// case is painted: as a page of its own, or in the page that stands, where the browser
// tells when it has painted the new heading (Element Timing). The instant of the click
// travels in the storage of the site, which outlives a page.
func (t *tab) click(list, link string, n int, rest time.Duration) (ms float64, err error) {
	if err := chromedp.Do(t.ctx, chromedp.Navigate(list)); err != nil {
		return 0, err
	}
	var at struct{ X, Y float64 }
	if err := t.seen(fmt.Sprintf(`(() => { const a = location.href === %q && document.readyState === "complete" && performance.now() > 300 && document.querySelectorAll(%q)[%d]; if (!a) return null
		delete localStorage.painted; const since = () => performance.timeOrigin + performance.now()
		addEventListener("click", () => { localStorage.clicked = since() }, true)
		new MutationObserver(() => { const h = !/\/cases$/.test(location.pathname) && document.querySelector("main h1"); if (h) h.setAttribute("elementtiming", "case") }).observe(document.body, {childList: true, subtree: true})
		new PerformanceObserver(l => { for (const e of l.getEntries()) localStorage.painted ??= performance.timeOrigin + (e.renderTime || e.loadTime) }).observe({type: "element"})
		a.scrollIntoView({block: "center", behavior: "instant"})
		const r = a.getClientRects()[0]; return {X: r.x + Math.min(20, r.width / 2), Y: r.y + r.height / 2} })()`, list, link, n), &at); err != nil {
		return 0, err
	}
	for _, e := range []struct {
		what  input.DispatchMouseEventType
		after time.Duration
	}{{input.DispatchMouseEventTypeMouseMoved, 0}, {input.DispatchMouseEventTypeMousePressed, rest}, {input.DispatchMouseEventTypeMouseReleased, press}} {
		time.Sleep(e.after) // as a hand does
		if err := t.mouse(e.what, at.X, at.Y); err != nil {
			return 0, err
		}
	}
	err = t.seen(`(() => { const p = performance.getEntriesByName("first-contentful-paint")[0], clicked = Number(localStorage.clicked)
		if (!/^\/cases\//.test(location.pathname)) return null
		if (localStorage.painted) return Number(localStorage.painted) - clicked
		return p && performance.timeOrigin > clicked ? performance.timeOrigin + p.startTime - clicked : null })()`, &ms)
	return ms, err
}
