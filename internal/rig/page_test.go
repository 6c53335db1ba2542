package rig_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tocsin/internal/rig"
)

func TestUnsound(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ name, page, want string }{
		{"a page that is sound", `<h1>a</h1><nav aria-label=b></nav><section><h2>c</h2><table><tr></table></section><label>d <input></label><img alt=e><button>f</button>`, ""},
		{"no h1", `<h2>a</h2>`, "0 h1"},
		{"a level that is skipped", `<h1>a</h1><h3>b</h3>`, "level 3 after 1"},
		{"a heading without a word", `<h1>a</h1><h2></h2>`, "an empty heading"},
		{"two navs of which one has no name", `<h1>a</h1><nav aria-label=b></nav><nav></nav>`, "one nav of several has no name"},
		{"two navs of one name", `<h1>a</h1><nav aria-label=b></nav><nav aria-label=b></nav>`, `2 navs are called "b"`},
		{"a field that jumps the queue", `<h1>a</h1><input tabindex=1 aria-label=b>`, "tabindex 1"},
		{"a field without a label", `<h1>a</h1><input placeholder=b>`, "no label"},
		{"a label of another field", `<h1>a</h1><label for=c>b</label><input id=b>`, `for names "c"`},
		{"a table that nothing names", `<h1>a</h1><table><tr></table><h2>b</h2>`, "no caption and no heading"},
		{"an id twice", `<h1 id=a>a</h1><p id=a>`, "a second element has the id a"},
		{"a picture without words", `<h1>a</h1><svg></svg>`, "not hidden from readers"},
		{"a button without a name", `<h1>a</h1><button><svg aria-hidden=true></svg></button>`, "no name"},
		{"a card whose order is not that of the focus", `<h1>a</h1><table class=cards-table aria-label=b><tbody><tr><td><a href=c>c</a></td><td class=lead><a href=d>d</a></td></table>`, "reached after what stands below it"},
	} {
		page, err := html.Parse(strings.NewReader("<main>" + x.page + "</main>"))
		if err != nil {
			t.Fatal(err)
		}
		have := strings.Join(rig.Unsound(page), "; ")
		if x.want == "" && have != "" || !strings.Contains(have, x.want) {
			t.Errorf("%s: %q, want %q", x.name, have, x.want)
		}
	}
}
