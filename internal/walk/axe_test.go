package walk

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tocsin/internal/web"
)

// violation is what axe says is wrong with a page.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// judge asks axe for every rule of WCAG 2.0 to 2.2, A and AA, and its best practices.
const judge = `axe.run(%s, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]})
	.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.target.join(" ") + " " + n.html.slice(0, 120))}))))`

// axe has the page that is open judged.
func (v *visitor) axe(script string) []violation {
	v.Helper()
	return v.axeOf(script, "document")
}

// axeOf has a part of the page judged.
func (v *visitor) axeOf(script, part string) (out []violation) {
	v.Helper()
	if !js[bool](v, `"axe" in window`) {
		v.run("axe", chromedp.Evaluate[chromedp.Void](script))
	}
	said, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](fmt.Sprintf(judge, part), chromedp.EvalAwaitPromise))
	check(v.T, "axe", err)
	check(v.T, "axe", json.Unmarshal([]byte(said), &out))
	return out
}

// TestAxeFindsNothing follows every link of the demonstration to one page of each
// kind, and has axe judge each, wide and light, narrow and dark.
func TestAxeFindsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("the judging takes a while")
	}
	t.Parallel()
	script, err := os.ReadFile(oracle(t, "node_modules/axe-core/axe.min.js"))
	check(t, "axe", err)
	v := start(t).browser()
	v.as("helena")
	kinds := v.kinds("/")
	if len(kinds) < 100 {
		t.Errorf("%d pages are judged, want at least 100", len(kinds))
	}
	for half := range 2 { // in two browsers, side by side
		t.Run([]string{"one half", "the other half"}[half], func(t *testing.T) {
			t.Parallel()
			v := v.at(t).browser()
			v.as("helena")
			seen := 0
			for i := half; i < len(kinds); i += 2 {
				v.judged(string(script), kinds[i])
				seen += len(judgedAt)
			}
			t.Logf("report: axe judged %d views of pages, wide and light, narrow and dark", seen)
		})
	}
}

// judgedAt are the views in which each page is judged.
var judgedAt = []view{desk, {width: 390, height: 844, dark: true}}

// judged opens a page and has axe judge it, wide and light, narrow and dark.
func (v *visitor) judged(script, page string) {
	v.Helper()
	v.open(page)
	for _, at := range judgedAt {
		scheme := "light"
		if at.dark {
			scheme = "dark"
		}
		v.run("view", chromedp.EmulateViewport(at.width, at.height), media(scheme))
		v.run("the top", chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`)) // where the bar, which stays in sight, covers no half of a link
		for _, bad := range v.axe(script) {
			v.Errorf("%s, %d wide, %s: %s (%s)\n\t%s", page, at.width, scheme, bad.Help, bad.ID, strings.Join(bad.Nodes, "\n\t"))
		}
		if over := js[string](v, reachOver); over != "" {
			v.Errorf("%s, %d wide: these reach over the edge: %s", page, at.width, over)
		}
	}
}

// kinds follows links from an address on, and returns one address for each route
// and form that the pages lead to.
func (v *visitor) kinds(from string) (out []string) {
	v.Helper()
	mux := http.NewServeMux()
	for _, r := range web.Routes() {
		mux.HandleFunc(r.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	kind := func(address string) string {
		u, err := url.Parse(address)
		check(v.T, address, err)
		_, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: u, Host: u.Host})
		if pattern == "" {
			return ""
		}
		keys := []string{pattern}
		for k, values := range u.Query() {
			switch k {
			case "edit", "do", "show", "view":
				keys = append(keys, k+"="+values[0])
			default:
				keys = append(keys, "?") // all filters of a list are one kind
			}
		}
		slices.Sort(keys[1:])
		return strings.Join(slices.Compact(keys), " ")
	}
	known := map[string]bool{kind(from): true}
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		page := v.page(todo[0])
		if page == "" {
			continue
		}
		out = append(out, todo[0])
		for _, m := range linked.FindAllStringSubmatch(page, -1) {
			link, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if k := kind(link); k != "" && !known[k] {
				known[k] = true
				todo = append(todo, link)
			}
		}
	}
	return out
}

var linked = regexp.MustCompile(`<a [^>]*href="(/[^"/][^"]*)"`)

// page reads what an address says to this visitor; "" is no whole page.
func (v *visitor) page(address string) string {
	v.Helper()
	r, err := http.NewRequestWithContext(v.Context(), http.MethodGet, v.base+address, nil)
	check(v.T, address, err)
	r.AddCookie(&http.Cookie{Name: session, Value: v.secret})
	answer, err := http.DefaultTransport.RoundTrip(r)
	check(v.T, address, err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	check(v.T, address, err)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Disposition") != "" || !strings.HasPrefix(strings.ToLower(string(b[:min(len(b), 15)])), "<!doctype html") {
		return ""
	}
	return string(b)
}
