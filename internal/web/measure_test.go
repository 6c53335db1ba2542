package web_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tocsin/internal/casework"
	"tocsin/internal/rig"
)

// plainCount is a text that counts rows: "12", "3 kept", "4 before", "1 of them is still
// not done". What is a share or a length of time counts none by itself.
var plainCount = regexp.MustCompile(`^([0-9]+)( (kept|missed|running|before|of them (is|are) still not done))?$`)

// TestEveryNumberOfTheReportsOpensItsRows follows every number of the page of reports
// and counts the rows behind it; in the tables behind the pictures every number leads
// to its rows.
func TestEveryNumberOfTheReportsOpensItsRows(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "mia", "manager", "analyst", "engineer")
		for i := range 12 {
			h.Pass(17 * 24 * time.Hour)
			id, err := h.Cases.Open(ctx, casework.Opening{Title: "Case " + strconv.Itoa(i), Summary: "s", Severity: []string{"high", "low", "critical"}[i%3], CWE: []string{"CWE-79", "CWE-89"}[i%2], Product: "forge", Component: "export"})
			check(t, "open", err)
			if i%3 == 1 {
				h.Pass(30 * time.Hour)
				check(t, "reject", h.Cases.Move(ctx, id, "case.reject", casework.Step{Reason: "none", Disposition: "not-applicable"}))
			}
			if i%6 == 1 {
				h.Pass(40 * 24 * time.Hour)
				check(t, "reopen", h.Cases.Move(ctx, id, "case.reopen", casework.Step{Reason: "it came back"}))
			}
		}
		h.Pass(time.Hour)
		m := open(t, h).as(ctx)
		for _, at := range []string{"/reports?period=quarter", "/reports?period=month"} {
			page, err := html.Parse(strings.NewReader(m.get(at).is(t, 200, "The same as a table").body))
			check(t, "parse", err)
			followed := 0
			seen := map[string]bool{}
			for n := range page.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				text := strings.TrimSpace(textIn(n))
				switch to := attr(n, "href"); {
				case n.Data == "a" && strings.HasPrefix(to, "/reports/rows?"):
					got := plainCount.FindStringSubmatch(text)
					if got == nil || seen[to+text] {
						continue
					}
					seen[to+text] = true
					followed++
					if have := len(rowsOf(t, m.get(to).is(t, 200).body)); strconv.Itoa(have) != got[1] {
						t.Errorf("%s: %q opens %d rows: %s", at, text, have, to)
					}
				case n.Data == "td" && slices.Contains(strings.Fields(attr(n, "class")), "n") && plainCount.MatchString(text) && text != "0":
					if !strings.Contains(innerHTML(n), `href="/reports/rows?`) {
						t.Errorf("%s: the number %s of a table opens nothing", at, text)
					}
				}
			}
			if followed < 20 {
				t.Errorf("%s: %d numbers were followed only", at, followed)
			}
		}
	})
}

// rowsOf are the rows of the list of cases on a page.
func rowsOf(t *testing.T, body string) (rows []*html.Node) {
	t.Helper()
	page, err := html.Parse(strings.NewReader(body))
	check(t, "parse", err)
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "tr" && n.Parent.Data == "tbody" {
			rows = append(rows, n)
		}
	}
	return rows
}

func innerHTML(n *html.Node) string {
	var b strings.Builder
	_ = html.Render(&b, n) // into memory
	return b.String()
}

// textIn is what a reader reads of a part of a page.
func textIn(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
