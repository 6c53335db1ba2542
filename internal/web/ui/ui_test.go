package ui

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"tocsin/internal/fault"
)

// page renders c as a string.
func page(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// clean fails where html breaks the policy of the pages: it reads it as a browser
// does, tag by tag.
func clean(t *testing.T, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
			continue
		}
		attrs := map[string]string{}
		for _, a := range tok.Attr {
			attrs[a.Key] = a.Val
			cleanAttr(t, tok.Data, a.Key, a.Val)
		}
		switch tok.Data {
		case "script":
			if !strings.HasPrefix(attrs["src"], "/assets/") {
				t.Errorf("the page has an inline script: %s", tok)
			}
		case "iframe", "object", "embed", "base", "img":
			t.Errorf("the page has a %s: %s", tok.Data, tok)
		}
	}
}

var badScheme = regexp.MustCompile(`(?i)^\s*(javascript|data|vbscript):`)

func cleanAttr(t *testing.T, tag, key, value string) {
	t.Helper()
	switch {
	case key == "style", strings.HasPrefix(key, "on"):
		t.Errorf("the page has <%s %s=%q>", tag, key, value)
	case key == "href" || key == "src" || key == "action" || key == "formaction":
		if badScheme.MatchString(value) {
			t.Errorf("the page has <%s %s=%q>", tag, key, value)
		}
		if tag == "link" || tag == "script" {
			if !strings.HasPrefix(value, "/") && value != string(templ.FailedSanitizationURL) || strings.HasPrefix(value, "//") {
				t.Errorf("the page fetches %s from elsewhere", value)
			}
		}
	}
}

func TestStyleShowsEveryPartCleanly(t *testing.T) {
	for _, theme := range []string{"", "light", "dark"} {
		have := page(t, Style(theme))
		clean(t, have)
		clean(t, page(t, StylePublic(theme)))
		if n := strings.Count(have, "<h1"); n < 1 {
			t.Errorf("the gallery has %d h1", n)
		}
		for _, part := range []string{"class=\"rail\"", "class=\"turn\"", "class=\"clocks\"", "<tocsin-cvss", "class=\"msg note\"", "class=\"msg out\"", "class=\"timeline\"", "class=\"errors\"", "<dialog id=\"keys\""} {
			if !strings.Contains(have, part) {
				t.Errorf("the gallery does not show %s", part)
			}
		}
	}
}

// A page is a function of its structs: rendered twice it is the same, byte for byte.
func TestPagesRenderAlikeTwice(t *testing.T) {
	for name, c := range map[string]templ.Component{"Style": Style(""), "StylePublic": StylePublic(""), "StyleAlone": StyleAlone(), "ErrorPage": ErrorPage(Failures[404])} {
		clean(t, page(t, c))
		if first, second := page(t, c), page(t, c); first != second {
			t.Errorf("%s renders differently the second time", name)
		}
	}
}

// A page of the public has no word of the team.
func TestPublicHasNothingOfTheTeam(t *testing.T) {
	have := page(t, StylePublic(""))
	for _, word := range []string{"Tocsin", "Inbox", "/cases", "Sign out", "/search", "audit"} {
		if strings.Contains(have, word) {
			t.Errorf("the public page says %s", word)
		}
	}
}

// Every id of the gallery is there once, and every label and description points
// at something.
func TestIdsMeet(t *testing.T) {
	have := page(t, Style(""))
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(have, -1) {
		ids[m[1]]++
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("the id %s is there %d times", id, n)
		}
	}
	for _, m := range regexp.MustCompile(`\s(?:for|aria-describedby|aria-labelledby|data-open)="([^"]+)"`).FindAllStringSubmatch(have, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if ids[id] == 0 {
				t.Errorf("%s points at nothing", m[0])
			}
		}
	}
}

const hostile = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202egnp.exe\x07"

// hostileParts shows the hostile text wherever a part takes text from people, and
// a script address wherever one takes an address.
func hostileParts() map[string]templ.Component {
	bad, when := "javascript:alert(1)", time.Unix(0, 0)
	who := Person{Name: hostile, Role: hostile, Href: bad}
	link := Link{hostile, bad}
	in := Input{Name: "n", Label: "L", Value: hostile, Error: hostile, Hint: hostile}
	wrong := &fault.Fault{Says: hostile, Fields: []fault.Field{{Name: "n", Says: hostile}}, Needs: []fault.Need{{Says: hostile, Link: bad}}}
	return map[string]templ.Component{
		"Layout":     Layout(PageHead{Title: hostile, Actor: who, Role: hostile, Query: hostile, Back: bad, Flash: []Notice{{Text: hostile, Link: link}}, Demo: []DemoRole{{Title: hostile}}}),
		"Public":     Public(PublicHead{Title: hostile, Publisher: hostile, Links: []Link{link}, Feed: bad}),
		"Top":        Top(Heading{Crumbs: []Link{link}, ID: hostile, Title: hostile, Lede: hostile, Mark: Marking{TLP: hostile}}, nil),
		"Field":      Field(in),
		"TextArea":   TextArea(in),
		"Select":     Select(Choice{Input: in, Options: []Option{{Value: hostile, Text: hostile}}}),
		"RadioGroup": RadioGroup(Choice{Input: in, Options: []Option{{Value: hostile, Text: hostile, Help: hostile}}}),
		"Errors":     ErrorSummary(wrong),
		"Button":     Button(Action{Text: hostile, Name: hostile, Value: hostile, To: bad, Confirm: hostile}),
		"LinkButton": LinkButton(Action{Text: hostile, Href: bad}),
		"PostButton": PostButton(Action{Text: hostile, Href: bad}),
		"Filters":    Filters(Filtering{Action: bad, Query: hostile, Set: []Link{link}, Clear: bad}),
		"Facts":      DefinitionList([]Fact{{Term: "t", Text: hostile, Href: bad, Small: hostile}, {Term: "t", Text: hostile}}),
		"FixMatrix":  FixMatrix([]FixRow{{Line: hostile, Support: hostile, State: hostile, Change: link, Fixed: hostile, When: hostile, Edit: bad}}),
		"Stats":      Stats([]Stat{{Number: hostile, Label: hostile, Note: hostile, Href: bad}}),
		"Chip":       Chip(Tag{Text: hostile, Href: bad}),
		"Severity":   Severity(hostile, hostile),
		"People":     People([]Person{who}),
		"Tabs":       Tabs(hostile, []Tab{{Text: hostile, Href: bad, Count: hostile}}),
		"Vector":     Vector(hostile),
		"Code":       Code(hostile),
		"Turn":       TurnPanel(Turn{Title: hostile, Says: hostile, Needs: []Need{{Text: hostile, Link: link}}, Moves: []Action{{Text: hostile, Name: "v", Href: bad}, {Text: hostile, Href: bad}}, Why: hostile}),
		"Clocks":     Clocks([]Clock{{Title: hostile, Left: hostile, Says: hostile, State: hostile}}),
		"Timeline":   Timeline([]Entry{{At: when, Actor: who, Verb: hostile, Link: link, Reason: hostile, Changes: []Change{{hostile, hostile, hostile}}, Tag: Tag{Text: hostile}}}),
		"Thread":     Thread([]Message{{ID: hostile, Side: Out, Author: who, Text: hostile, Reader: hostile, State: hostile}, {Side: "?", Text: hostile}}),
		"Compose":    Compose([]Composer{{Side: Out, Action: bad, Reader: hostile, Value: hostile, Error: hostile}}),
		"Files":      Files([]File{{Name: hostile, Href: bad, By: hostile, Note: hostile, SHA256: hostile}}),
		"CVSS":       CVSSCalculator(CVSS{Name: "c", Version: "3.1", Vector: hostile, Error: hostile, Warnings: []string{hostile}, Severity: hostile, Score: hostile, Differs: map[string]string{"AV": hostile}}),
		"VectorDiff": VectorDiff(Scored{By: hostile, Vector: "CVSS:3.1/AV:" + hostile}, Scored{By: hostile}),
		"Receipt":    ReceiptBox(Receipt{Number: hostile, Link: bad, Says: hostile}),
		"Steps":      Steps([]Step{{hostile, hostile, hostile}}),
		"Problem":    ErrorPage(Oops{Code: hostile, Title: hostile, Says: hostile, Back: link, Trace: hostile}),
		"Markdown":   Markdown(hostile + "\n\n[x](javascript:alert(1)) ![y](javascript:alert(2)) <a href=\"javascript:alert(3)\" onclick=x style=y>z</a>"),
		"Text":       Text(hostile),
	}
}

func TestHostileTextStaysText(t *testing.T) {
	for name, c := range hostileParts() {
		t.Run(name, func(t *testing.T) {
			clean(t, page(t, c))
		})
	}
}

// What people write is shown with its hidden characters spelled out, in text as in
// attributes. The values of fields go back as they came.
func TestHiddenCharactersAreSeen(t *testing.T) {
	evil, at := "a\u202eb", time.Unix(0, 0)
	who := Person{Name: evil, Role: evil}
	parts := map[string]templ.Component{
		"Top":        Top(Heading{Title: evil, Lede: evil, Crumbs: []Link{{evil, "/"}}}, nil),
		"Layout":     Layout(PageHead{Title: evil, Actor: who}),
		"Public":     Public(PublicHead{Title: evil, Publisher: evil}),
		"Flash":      Flash(Notice{Text: evil}),
		"Errors":     ErrorSummary(&fault.Fault{Says: evil, Fields: []fault.Field{{Name: "n", Says: evil}}}),
		"Select":     Select(Choice{Options: []Option{{Value: "x", Text: evil}}}),
		"Facts":      DefinitionList([]Fact{{Text: evil, Small: evil}, {Text: evil, Href: "/"}}),
		"FixMatrix":  FixMatrix([]FixRow{{Line: evil, Support: evil, State: evil, Change: Link{evil, "/"}, Fixed: evil, Edit: "/"}}),
		"Filters":    Filters(Filtering{Set: []Link{{evil, "/"}}}),
		"Chip":       Chip(Tag{Text: evil}),
		"Status":     Status(Plain, evil),
		"Person":     PersonChip(who),
		"Vector":     DefinitionList([]Fact{{Show: Text(evil)}}),
		"Turn":       TurnPanel(Turn{Title: evil, Says: evil, Needs: []Need{{Text: evil}}}),
		"Timeline":   Timeline([]Entry{{At: at, Actor: who, Verb: evil, Link: Link{evil, "/"}, Reason: evil, Changes: []Change{{"f", evil, evil}}, Tag: Tag{Text: evil}}}),
		"Thread":     Thread([]Message{{Side: Out, Author: who, Text: evil, Reader: evil}}),
		"Compose":    Compose([]Composer{{Side: Out, Reader: evil, Error: evil}}),
		"Files":      Files([]File{{Name: evil, By: evil, At: at}}),
		"VectorDiff": VectorDiff(Scored{By: evil}, Scored{By: evil}),
		"Steps":      Steps([]Step{{"s", evil, ""}}),
		"Problem":    Problem(Oops{Says: evil}),
		"Markdown":   Markdown(evil + " `" + evil + "` <b title=" + evil + ">"),
	}
	for name, c := range parts {
		have := page(t, c)
		if !strings.Contains(have, "U+202E") {
			t.Errorf("%s does not show that there is a bidirectional override", name)
		}
		if strings.ContainsRune(have, '\u202e') {
			t.Errorf("%s lets a bidirectional override through", name)
		}
	}
}

func TestVisible(t *testing.T) {
	cases := []struct{ name, have, want string }{
		{"plain text stays", "Grüße, 日本語\n\t— ok", "Grüße, 日本語\n\t— ok"},
		{"an override is spelled out", "a\u202eb", "a⟨U+202E⟩b"},
		{"an isolate is spelled out", "a\u2067b", "a⟨U+2067⟩b"},
		{"an escape is spelled out", "a\x1b[31mb", "a⟨U+001B⟩[31mb"},
		{"a zero-width space is spelled out", "pay\u200bpal", "pay⟨U+200B⟩pal"},
		{"a joiner in an emoji stays", "👩\u200d🚀", "👩\u200d🚀"},
		{"line ends of DOS become ours", "a\r\nb", "a\nb"},
		{"a lone carriage return is seen", "a\rb", "a⟨U+000D⟩b"},
		{"bytes that are no text are seen", "a\xffb", "a⟨U+FFFD⟩b"},
		{"a tag character is seen", "a\U000e0041", "a⟨U+E0041⟩"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if have := Visible(c.have); have != c.want {
				t.Errorf("%q, want %q", have, c.want)
			}
			marked := regexp.MustCompile(`<span class="ctl">(U\+[0-9A-F]+)</span>`).ReplaceAllString(page(t, Text(c.have)), "⟨$1⟩")
			if marked != c.want {
				t.Errorf("Text shows %q, want %q", marked, c.want)
			}
		})
	}
}

func TestMarkdownTellsNoStranger(t *testing.T) {
	cases := []struct{ name, src, want, not string }{
		{"a heading is below the page's own", "# T", "<h3>T</h3>", "<h1"},
		{"a picture becomes a link", "![p](https://x.example/p.png)", `<a href="https://x.example/p.png" rel="nofollow noreferrer`, "<img"},
		{"a link tells nobody where it was", "[t](https://x.example)", `rel="nofollow noreferrer`, "target"},
		{"a script address is dropped", "[t](javascript:alert)", "t", "javascript"},
		{"an address of this site is dropped", "[t](/sign-out)", "t", "href"},
		{"raw markup is shown as text", "a <b onclick=x>b</b> <iframe src=//x>", "&lt;b onclick=x&gt;b&lt;/b&gt;", "<iframe"},
		{"a payload stays evidence", "<script>alert(1)</script>\n\nafter", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<script"},
		{"a table has no style", "|a|\n|:-:|\n|b|", "<table>", "style"},
		{"an override is seen", "a\u202eb", "U+202E", "\u202e"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			have, err := MarkdownHTML(c.src)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(have, c.want) || strings.Contains(have, c.not) {
				t.Errorf("%s, want %s and not %s", have, c.want, c.not)
			}
		})
	}
}

func TestMarkdownOfAnAbsurdLengthIsShownAsWritten(t *testing.T) {
	have, err := MarkdownHTML(strings.Repeat("[", MarkdownLimit+1))
	if err != nil || !strings.HasPrefix(have, "<pre>[[[") {
		t.Errorf("%.20s, %v", have, err)
	}
}

// A note can never be taken for a message: they share no class, no sentence, no
// icon, and a message whose side is unknown counts as a note.
func TestNotesAndMessagesDiffer(t *testing.T) {
	note, out := page(t, Thread([]Message{{Side: Note, Text: "x"}})), page(t, Thread([]Message{{Side: Out, Text: "x", Reader: "owl"}}))
	for _, word := range []string{`class="msg note"`, "the reporter never sees it", icons["lock"]} {
		if !strings.Contains(note, word) || strings.Contains(out, word) {
			t.Errorf("%q does not tell a note from a message", word)
		}
	}
	for _, word := range []string{`class="msg out"`, "To owl", icons["send"]} {
		if !strings.Contains(out, word) || strings.Contains(note, word) {
			t.Errorf("%q does not tell a message from a note", word)
		}
	}
	if have := page(t, Thread([]Message{{Text: "x"}})); !strings.Contains(have, `class="msg note"`) {
		t.Errorf("a message without a side is not shown as a note: %s", have)
	}
}

func TestReadTakesTheTextThatChangedOrTheChoices(t *testing.T) {
	const was = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"
	c := CVSS{Name: "c", Version: "3.1", Vector: was}
	cases := []struct {
		name, form, want string
		sent             bool
	}{
		{"nothing was sent", "", "", false},
		{"a text that was changed wins", "c=CVSS:3.1/AV:P&c.was=" + was + "&c.AV=N", "CVSS:3.1/AV:P", true},
		{"a text that was taken away wins", "c=&c.was=" + was + "&c.AV=N", "", true},
		{"else the choices do, in the order of the standard", "c=" + was + "&c.was=" + was + "&c.AC=L&c.AV=P&c.E=X&c.CR=H", "CVSS:3.1/AV:P/AC:L/CR:H", true},
		{"a text without choices stays", "c=" + was + "&c.was=" + was, was, true},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			form, err := url.ParseQuery(x.form)
			if err != nil {
				t.Fatal(err)
			}
			have, sent := c.Read(form)
			if have != x.want || sent != x.sent {
				t.Errorf("%q %t, want %q %t", have, sent, x.want, x.sent)
			}
		})
	}
}

func TestMetricsAreThoseOfTheStandards(t *testing.T) {
	want := map[string]string{
		"3.1": "AV AC PR UI S C I A | E RL RC | CR IR AR MAV MAC MPR MUI MS MC MI MA",
		"4.0": "AV AC AT PR UI VC VI VA SC SI SA | E | CR IR AR MAV MAC MAT MPR MUI MVC MVI MVA MSC MSI MSA | S AU R V RE U",
	}
	for version, keys := range want {
		var groups []string
		for _, g := range Metrics(version) {
			var k []string
			for _, m := range g.Metrics {
				k = append(k, m.Key)
			}
			groups = append(groups, strings.Join(k, " "))
		}
		if have := strings.Join(groups, " | "); have != keys {
			t.Errorf("%s has %s, want %s", version, have, keys)
		}
	}
	for _, version := range []string{"3.1", "4.0"} {
		for _, g := range Metrics(version) {
			for _, m := range g.Metrics {
				for _, v := range append(m.Values, Option{Text: "the question", Help: m.Help}) {
					if v.Help == "" {
						t.Errorf("CVSS %s %s does not say what %s means", version, m.Key, v.Text)
					}
				}
			}
		}
	}
	if have := Words("CVSS:4.0/AV:P/MSI:S/XX:1"); len(have) != 2 || have[0].Text != "Physical" || have[1].Text != "Safety" {
		t.Errorf("the words are %v", have)
	}
}

func TestEveryFailureHasASentenceAndAWayBack(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507} {
		o := Failures[status]
		if o.Title == "" || o.Says == "" || o.Back.Text == "" {
			t.Errorf("%d says %+v", status, o)
		}
		clean(t, page(t, ErrorPage(o)))
	}
}

func TestSmallWords(t *testing.T) {
	for name, want := range map[string]string{"Ada Winter": "AW", "quietowl": "Q", "": "?", "ÉMILE du Pont": "ÉP", "@#": "?"} {
		if have := Initials(name); have != want {
			t.Errorf("the initials of %q are %q, want %q", name, have, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1830: "1.8 kB", 52428800: "52 MB", 999_999: "1.0 MB"} {
		if have := Size(nil, n); have != want {
			t.Errorf("%d bytes are %q, want %q", n, have, want)
		}
	}
	if have := page(t, Instant(time.Date(2026, 12, 14, 10, 0, 0, 0, time.FixedZone("", 3600)))); !strings.Contains(have, `datetime="2026-12-14T09:00:00Z"`) || !strings.Contains(have, "14 Dec 2026 09:00 UTC") {
		t.Errorf("the instant is %s", have)
	}
}
