package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"tocsin/internal/intake"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/web/assets"
)

// TestPagesInABrowser opens every page in Chromium, wide and narrow, light and dark:
// the browser has nothing to complain about, and nothing is wider than the window.
// Pictures of all are kept where PORTAL_PICTURES names a folder.
func TestPagesInABrowser(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab")
	pages, kept := lived(t, h)
	mux := http.NewServeMux()
	mux.Handle("/", open(h))
	mux.HandleFunc("/kept/{name}", func(w http.ResponseWriter, r *http.Request) {
		assets.SetPageHeaders(w.Header())
		fmt.Fprint(w, kept[r.PathValue("name")])
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx := browser(t)
	for name, path := range pages {
		for _, width := range []int64{1280, 390} {
			look(t, ctx, server.URL+path, name, width)
		}
	}
}

// lived makes a house in which things have happened, and lists its pages; those
// that only a form leads to are kept as they came.
func lived(t *testing.T, h *rig.House) (pages, kept map[string]string) {
	w, s := staff(t, h), open(h)
	check(t, "product", h.Products.Save(w.ana, product.Product{Name: "beacon", Title: "Harbor Beacon", Public: true}))
	name := w.advisoryFrom(t, h, "Project export can be read by members of a sibling group", 1)
	w.advisoryFrom(t, h, "Stored script in the name of a milestone runs for whoever opens the board", 2)
	gone := w.advisoryFrom(t, h, "A path in an archive leads out of the upload folder", 3)
	check(t, "withdraw", h.Advisories.Move(w.max, ref.ID(strings.ToUpper(gone)), "advisory.withdraw", 0, "It was no vulnerability of ours."))
	link, id := s.report(t, good(), upload{"requests.har", []byte("{}")}, upload{"../../proof of concept.py", []byte("print('hi')")})
	c := w.accepted(t, h, id, intake.Opening{})
	check(t, "message", h.Cases.Message(w.ana, c, "Thank you. We could see what you saw with **18.6.1**:\n\n1. as you wrote\n2. also through the `GraphQL` interface\n\nWhich plan was the group on?"))
	says(t, s.post(t, link+"/reply", map[string][]string{"text": {"It was on the free plan. I add a recording.\n\n> also through the GraphQL interface\n\nI had not seen that one."}}, upload{"recording.webm", make([]byte, 2<<20)}), 303)
	wrong := good()
	wrong.Set("title", "")
	wrong.Set("contact", "owl")
	kept = map[string]string{"receipt": s.post(t, "/portal/report", good(), upload{"a.txt", []byte("x")}).Body.String(),
		"wrong": s.post(t, "/portal/report", wrong, upload{"a.txt", []byte("x")}).Body.String()}
	return map[string]string{"welcome": "/portal", "report": "/portal/report", "find": "/portal/find", "own": link + "?stay", "list": "/advisories",
		"advisory": "/advisories/" + name, "withdrawn": "/advisories/" + gone, "nothing": "/portal/nothing", "receipt": "/kept/receipt", "wrong": "/kept/wrong"}, kept
}

func browser(t *testing.T, flags ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: make test installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 900))
	options = append(options, flags...)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	check(t, "listen", chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the browser throws: %s %+v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception)
		case *cdplog.EventEntryAdded:
			if !strings.Contains(ev.Entry.Text, "status of 404") && !strings.Contains(ev.Entry.Text, "origin was untrustworthy") {
				t.Errorf("the browser says: %s %s", ev.Entry.Text, ev.Entry.URL)
			}
		}
	}))
	return ctx
}

func look(t *testing.T, ctx context.Context, address, name string, width int64) {
	t.Helper()
	check(t, name, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address)))
	for _, scheme := range []string{"light", "dark"} {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
		check(t, name, chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
			return err
		})))
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		check(t, name, err)
		if wide > width {
			t.Errorf("%s is %d wide in a window of %d", name, wide, width)
		}
		if dir := os.Getenv("PORTAL_PICTURES"); dir != "" {
			shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			check(t, name, err)
			check(t, name, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), shot, 0o600))
		}
	}
}
