package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"tocsin/internal/party"
)

// How many clicks are measured, and how many go before, which nobody counts.
const clicks, warm = 40, 5

const maxClick = 50 * time.Millisecond

// click measures, in Chromium, how long it takes from a click on a case of the list
// until the case is painted, and the same on pages of plain text in turns: what the
// browser and the load of the machine cost whatever a page is.
func (r *run) click() error {
	chromium, err := exec.LookPath("chromium")
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
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1280, 900), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	ctx, cancel := chromedp.NewExecAllocator(r.ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, signedIn("http://"+p.addr, cookie)); err != nil {
		return err
	}
	var ours, least []clicked
	for i := range warm + clicks {
		progress("clicking", i, warm+clicks)
		for _, x := range []struct {
			list, link string
			to         *[]clicked
		}{{"http://" + plain.Addr + "/cases", "a", &least}, {"http://" + p.addr + "/cases", "table[data-rows] tbody tr .lead a", &ours}} {
			c, err := clickOn(ctx, x.list, x.link, i%20)
			if err != nil {
				return err
			}
			if i >= warm {
				*x.to = append(*x.to, c)
			}
		}
	}
	r.add(tellClicks(ours, least))
	return nil
}

// tellClicks is the row of the table: the medians of both, and where the time went.
func tellClicks(ours, least []clicked) row {
	median := func(all []clicked, of func(clicked) float64) float64 {
		var xs []float64
		for _, c := range all {
			xs = append(xs, of(c))
		}
		slices.Sort(xs)
		return xs[len(xs)/2]
	}
	painted := func(c clicked) float64 { return c.Painted }
	o, l := median(ours, painted), median(least, painted)
	return row{What: "click on a case until it is painted, median", Goal: "below 50 ms", OK: o < float64(maxClick.Milliseconds()), Ratio: o / l,
		Value: fmt.Sprintf("%.0f ms (asked for after %.0f, answered %.0f, read %.0f); pages of plain text take %.0f ms in the same run", o, median(ours, func(c clicked) float64 { return c.Asked }),
			median(ours, func(c clicked) float64 { return c.Answered }), median(ours, func(c clicked) float64 { return c.Read }), l)}
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

func signedIn(base string, cookie party.Secret) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: "tocsin_session", Value: string(cookie), URL: base})
		return err
	})
}

// clicked is how many milliseconds after a click the browser asked for the next page,
// had the first of its answer, had read it, and had painted content of it.
type clicked struct{ Asked, Answered, Read, Painted float64 }

// clickOn opens the list, clicks on its nth link and waits until the next page is
// painted. The instant of the click travels in the name of the window, which outlives
// the page.
func clickOn(ctx context.Context, list, link string, n int) (clicked, error) {
	var none clicked
	if err := chromedp.Do(ctx, chromedp.Navigate(list)); err != nil {
		return none, err
	}
	const script = `(() => { const a = document.querySelectorAll(%q)[%d]; window.name = String(performance.timeOrigin + performance.now()); a.click() })()`
	if _, err := chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(script, link, n))); err != nil {
		return none, err
	}
	const painted = `new Promise(done => { const look = () => { const p = performance.getEntriesByName("first-contentful-paint")[0], n = performance.getEntriesByType("navigation")[0],
		after = t => performance.timeOrigin + t - Number(window.name);
		p && /^\/cases\//.test(location.pathname) ? done({Asked: after(n.requestStart), Answered: after(n.responseStart), Read: after(n.domInteractive), Painted: after(p.startTime)}) : setTimeout(look, 5) }; look() })`
	return chromedp.Run(ctx, chromedp.Evaluate[clicked](painted, chromedp.EvalAwaitPromise))
}
