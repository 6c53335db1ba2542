package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// tab is the one window of a browser of its own.
type tab struct{ ctx context.Context }

// openTab starts a browser, which close ends.
func openTab(ctx context.Context, path string) (t *tab, closes func()) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	ctx, leave := chromedp.NewContext(ctx)
	return &tab{ctx}, func() { leave(); end() }
}

// cookie gives the site at url a cookie.
func (t *tab) cookie(url, name, value string) error {
	return chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, to *chromedp.Target) error {
		_, err := cdp.Call(ctx, to, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url})
		return err
	}))
}

// mouse does what a hand does to a mouse, at a place of the window.
func (t *tab) mouse(what input.DispatchMouseEventType, x, y float64) error {
	return chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, to *chromedp.Target) error {
		_, err := cdp.Call(ctx, to, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: what, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1})
		return err
	}))
}

// seen asks the page for the value of an expression until it has one, for at most ten
// seconds, also while it gives way to another.
func (t *tab) seen(expression string, value any) error {
	var wrong error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var text string
		text, wrong = chromedp.Run(t.ctx, chromedp.Evaluate[string](`JSON.stringify(`+expression+`) ?? "null"`))
		if wrong == nil && text != "null" {
			return json.Unmarshal([]byte(text), value)
		}
		time.Sleep(20 * time.Millisecond) // a person would not see sooner that the page is there
	}
	return fmt.Errorf("the page does not have %.60s (%w)", expression, wrong)
}
