package portal_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"tocsin/internal/intake"
	"tocsin/internal/rig"
)

// A reporter goes the whole way in Chromium, with and without script, under a name
// without TLS: there the browser tells least about where a form comes from.
func TestAReporterInABrowser(t *testing.T) {
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script %v", script), func(t *testing.T) {
			h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab")
			w := staff(t, h)
			server := httptest.NewServer(open(h))
			t.Cleanup(server.Close)
			ctx := browser(t, chromedp.Flag("host-resolver-rules", "MAP tocsin.test "+strings.TrimPrefix(server.URL, "http://")))
			check(t, "browser", chromedp.Do(ctx)) // it lives as long as ctx
			walkTo(t, ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
				_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
				return err
			}))
			file := filepath.Join(t.TempDir(), "proof.txt")
			check(t, "file", os.WriteFile(file, []byte("proof"), 0o600))

			walkTo(t, ctx, chromedp.Navigate("http://tocsin.test/portal"), click(`a[href="/portal/report"].primary`), chromedp.WaitVisible(chromedp.CSS("#f-title")),
				chromedp.SendKeys(chromedp.CSS("#f-title"), "Exports can be read by others"), chromedp.SendKeys(chromedp.CSS("#f-summary"), "A member of a sibling group reads them."),
				chromedp.SetUploadFiles(chromedp.CSS("#f-files"), []string{file}), click("form.form button.primary"), chromedp.WaitVisible(chromedp.CSS(".receipt .number")))
			says := text(t, ctx, "main")
			for _, want := range []string{"We have your report", "Your file is with the report", "this link is the only way to read our answers"} {
				if !strings.Contains(says, want) {
					t.Errorf("the receipt does not say %q: %s", want, says)
				}
			}
			walkTo(t, ctx, click(".receipt a.primary"), chromedp.WaitVisible(chromedp.CSS("#f-text")))
			if at := location(t, ctx); !strings.HasPrefix(at, "http://tocsin.test/portal/r/REPORT-") {
				t.Errorf("the page is at %s", at)
			}
			walkTo(t, ctx, chromedp.SendKeys(chromedp.CSS("#f-text"), "One thing more."), click("#write button.primary"), chromedp.WaitVisible(chromedp.CSS(".flash.good")))
			if says := text(t, ctx, ".thread"); !strings.Contains(says, "One thing more.") {
				t.Errorf("the message is not there: %s", says)
			}
			list, err := h.Reports.List(w.ana, intake.Filter{}, intake.Page{})
			check(t, "list", err)
			if len(list.Reports) != 1 {
				t.Errorf("%d reports, want 1", len(list.Reports))
			}
		})
	}
}

func walkTo(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, step := range steps {
		soon, cancel := context.WithTimeout(ctx, 20*time.Second)
		err := chromedp.Do(soon, step, whole)
		cancel()
		if err != nil {
			at, _ := chromedp.Run(ctx, chromedp.Location())
			says, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 600)"))
			t.Fatalf("step %d at %s: %v\n%s", i, at, err, says)
		}
	}
}

// whole waits until all of the page has arrived, with script or without.
var whole = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	for ; ; time.Sleep(10 * time.Millisecond) {
		is, err := chromedp.Evaluate[bool](`document.readyState === "complete"`)(ctx, t)
		if err == nil && is {
			return nil
		}
		if ctx.Err() != nil {
			return cmp.Or(err, ctx.Err())
		}
	}
})

// click presses what leads to another page, also while the pages change over, when
// a press with the mouse reaches neither.
func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).click()", selector))
}

func text(t *testing.T, ctx context.Context, selector string) string {
	t.Helper()
	said, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	check(t, "text", err)
	return said
}

func location(t *testing.T, ctx context.Context) string {
	t.Helper()
	at, err := chromedp.Run(ctx, chromedp.Location())
	check(t, "location", err)
	return at
}
