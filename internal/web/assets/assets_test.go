package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// What a first load fetches, compressed; the limits are those of the product.
func TestFirstLoadIsSmall(t *testing.T) {
	sizes := Sizes()
	if have := sizes["app.css"] + sizes["app.js"]; have == 0 || have > 40_000 {
		t.Errorf("script and style weigh %d bytes, want at most 40,000", have)
	}
	t.Logf("script and style of a first load weigh %d bytes", sizes["app.css"]+sizes["app.js"])
	if have := sizes["inter-latin.woff2"]; have == 0 || have > 60_000 {
		t.Errorf("the font weighs %d bytes, want at most 60,000", have)
	}
}

// All script that there is, also what is fetched when it is first wanted.
func TestScriptIsSmall(t *testing.T) {
	have := 0
	for name, size := range Sizes() {
		if strings.HasSuffix(name, ".js") {
			have += size
		}
	}
	if have == 0 || have > 30_000 {
		t.Errorf("all script weighs %d bytes, want at most 30,000", have)
	}
	t.Logf("all script weighs %d bytes", have)
}

// A hint of keys alone is hidden where there are none; any other says what has to be known.
func TestHintsAreNotHidden(t *testing.T) {
	css := string(byName["app.css"].plain)
	if hides := regexp.MustCompile(`[{}\s]\.hint\s*\{\s*display:\s*none`).FindString(css); hides != "" {
		t.Errorf("app.css hides every hint: %s", hides)
	}
}

func TestHandlerServesForEver(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, Path("app.css"), nil)
	r.Header.Set("Accept-Encoding", "gzip;q=0.8")
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	want := map[string]string{
		"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable",
		"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
	}
	for name, value := range want {
		if have := w.Header().Get(name); have != value {
			t.Errorf("%s is %q, want %q", name, have, value)
		}
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if string(plain) != string(byName["app.css"].plain) {
		t.Error("the compressed style sheet is another than the plain one")
	}
	best, err := io.ReadAll(brotli.NewReader(bytes.NewReader(byName["app.css"].brotli())))
	if err != nil || string(best) != string(byName["app.css"].plain) {
		t.Errorf("the style sheet in Brotli is another than the plain one (%v)", err)
	}
}

func TestHandlerAnswers(t *testing.T) {
	cases := []struct {
		name, path, accept string
		status             int
		encoding           string
	}{
		{"plain to whoever takes no gzip", Path("app.js"), "", 200, ""},
		{"plain to whoever refuses gzip", Path("app.js"), "gzip;q=0, identity", 200, ""},
		{"Brotli to whoever takes it", Path("app.js"), "gzip, br", 200, "br"},
		{"gzip to whoever refuses Brotli", Path("app.js"), "gzip, br;q=0", 200, "gzip"},
		{"a font is not compressed twice", Path("inter-latin.woff2"), "gzip", 200, ""},
		{"a name without its hash is not there", Prefix + "app.css", "gzip", 404, ""},
		{"an old hash is not there", Prefix + "app.000000000000.css", "gzip", 404, ""},
		{"a licence is not served", Prefix + "inter.LICENSE", "gzip", 404, ""},
		{"a path upwards is not there", Prefix + "../assets.go", "gzip", 404, ""},
	}
	Sizes() // after which all is there in Brotli
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			r.Header.Set("Accept-Encoding", c.accept)
			w := httptest.NewRecorder()
			Handler().ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if have := w.Header().Get("Content-Encoding"); have != c.encoding {
				t.Errorf("encoding %q, want %q", have, c.encoding)
			}
		})
	}
}

func TestTheIconIsFoundWhereBrowsersLook(t *testing.T) {
	w := httptest.NewRecorder()
	Icon().ServeHTTP(w, httptest.NewRequest(http.MethodGet, IconPath, nil))
	if have := w.Header().Get("Location"); w.Code != http.StatusFound || have != Path("bell.svg") {
		t.Errorf("%d to %q", w.Code, have)
	}
}

func TestPathHasTheHashOfTheContent(t *testing.T) {
	if have := Path("app.css"); !regexp.MustCompile(`^/assets/app\.[\w-]{12}\.css$`).MatchString(have) {
		t.Errorf("the path is %s", have)
	}
	if newFile("a.css", []byte("a")).url == newFile("a.css", []byte("b")).url {
		t.Error("two contents have one address")
	}
	for name, f := range byName {
		if strings.Contains(string(f.plain), "asset:") {
			t.Errorf("%s names an asset without its hash", name)
		}
	}
}

// The policy of the pages: nothing comes from elsewhere, nothing is inline.
func TestPolicyIsStrict(t *testing.T) {
	for _, weak := range []string{"unsafe", "http:", "https:", "*", "blob:"} {
		if strings.Contains(CSP, weak) {
			t.Errorf("the policy allows %s", weak)
		}
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(CSP, want) {
			t.Errorf("the policy does not say %s", want)
		}
	}
}

// The scripts write no markup and evaluate nothing: what becomes nodes goes through the
// parser, in which nothing runs.
func TestScriptsUseNoSink(t *testing.T) {
	sink := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTMLUnsafe|\.style\b`)
	for name, f := range byName {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, found := range sink.FindAllString(string(f.plain), -1) {
			t.Errorf("%s uses %s", name, found)
		}
	}
}

// Every weight of the typeface is shaped and drawn anew, which a click waits for.
func TestWeightsAreThree(t *testing.T) {
	faces := regexp.MustCompile(`@font-face *{[^}]*}`) // a face says which it has
	weight := regexp.MustCompile(`font(?:-weight)?: *(\d{3}|bold\w*)[ ;}]`)
	for name, f := range byName {
		if !strings.HasSuffix(name, ".css") {
			continue
		}
		for _, found := range weight.FindAllStringSubmatch(faces.ReplaceAllString(string(f.plain), ""), -1) {
			t.Errorf("%s: weight %s is none of --w1, --w2, --w3", name, found[1])
		}
	}
}

// What stays on at every place must say nothing of what is there.
func TestPartsOwnTheirClasses(t *testing.T) {
	class, inside := regexp.MustCompile(`\.[a-z][\w-]*`), regexp.MustCompile(`{[^{}]*:[^{}]*}`)
	elsewhere := map[string]bool{}
	heads := map[string][]string{} // of the rules of each part
	for name, f := range byName {
		switch css := inside.ReplaceAllString(string(f.plain), "{}"); {
		case !strings.HasSuffix(name, ".css"):
		case strings.HasPrefix(name, "part-"):
			heads[name] = regexp.MustCompile(`[^{}@;]+{`).FindAllString(css, -1)
		default:
			for _, c := range class.FindAllString(css, -1) {
				elsewhere[c] = elsewhere[c] || name != "print.css" // which speaks of all
			}
		}
	}
	if len(heads) < 2 {
		t.Errorf("style sheets of %d parts", len(heads))
	}
	for name, all := range heads {
		for _, head := range all {
			for _, selector := range selectors(strings.TrimSuffix(head, "{")) {
				has := class.FindAllString(selector, -1)
				if len(has) > 0 && !slices.ContainsFunc(has, func(c string) bool { return !elsewhere[c] }) {
					t.Errorf("%s: %s has no class of its own", name, selector)
				}
			}
		}
	}
}

// selectors are those of a rule, between the commas that stand in no brackets.
func selectors(head string) []string {
	depth := 0
	return strings.FieldsFunc(head, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ',' && depth == 0
	})
}
