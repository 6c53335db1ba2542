package web_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"tocsin/internal/api"
	"tocsin/internal/casework"
	"tocsin/internal/exchange"
	"tocsin/internal/outside"
	"tocsin/internal/portal"
	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// harmful are texts that no page, file, feed or mail may let out of the place where
// they stand, in kinds: a form is sent one of each kind, in turn. Each holds "zqx", by
// which what became of it is found again.
var harmful = []struct {
	name  string
	texts []string
}{
	{"markup", []string{`zqx"'></textarea></title></style><script>zqx()</script><img src=x onerror=zqx()><svg onload=zqx()>{{zqx}}${7*7}<%=7*7%>`}},
	{"Markdown that runs script", []string{"zqx [a](javascript:zqx()) ![b](javascript:zqx()) [c](data:text/html,<script>zqx()</script>) <javascript:zqx()> [d](JaVa&#x53;cript&colon;zqx()) [e][zqx]\n\n[zqx]: vbscript:zqx()\n\n<a href=\"javascript:zqx()\" onclick=zqx()>f</a><iframe srcdoc=\"<script>zqx()</script>\">"}},
	{"an address that runs script", []string{"javascript:zqx()//https://zqx.example", "data:text/html,<script>zqx()</script>", `https://zqx.example/"onmouseover="zqx()" x='`}},
	{"a formula", []string{`=HYPERLINK("https://zqx.example","zqx")`, "+zqx|' /C calc'!A0", "-zqx(1)", "@zqx(1)"}},
	{"more headers", []string{"zqx\r\nBcc: zqx@evil.example\r\nContent-Type: text/html\r\n\r\n<b>zqx</b>"}},
	{"what is no text", []string{"zqx\x00\x1b[2J\x07\x7f\u0085zqx", "zqx\xff\xfe\xed\xa0\x80zqx"}},
	{"text that turns around", []string{"zqx\u202Egnp.exe\u2066zqx"}},
	{"text that nobody sees", []string{"zqx\u200Bpass\u2060word\uFEFF\u00ADzqx\U000E0041"}},
	{"a long word", []string{"zqx" + strings.Repeat("W", 10_000)}},
	{"a megabyte", []string{strings.Repeat("zqx ", 1<<18)}},
}

// sent is a form as a page shows it.
type sent struct {
	at, action string
	key        string // the same when the page comes again
	files      string // the name of its field for files
	fixed      url.Values
	texts      []*html.Node // its fields with room for words
}

// name is what a field is called when it is sent.
func name(field *html.Node) string { return attr(field, "name") }

// wordy are the types of fields that take any text.
var wordy = []string{"", "text", "search", "email", "url", "tel"}

// forms are the forms of a page by which something is done.
func formsOf(at string, page *html.Node) (out []sent) {
	for n := range page.Descendants() {
		if n.Data != "form" || !strings.EqualFold(attr(n, "method"), "post") {
			continue
		}
		f := sent{at: at, action: cmp.Or(attr(n, "action"), at), fixed: url.Values{}}
		key := []string{f.action}
		for x := range n.Descendants() {
			f.take(x)
			if x.Data == "input" && attr(x, "type") == "hidden" && !changing.MatchString(name(x)) {
				key = append(key, name(x)+"="+attr(x, "value"))
			}
		}
		for _, x := range f.texts {
			key = append(key, name(x))
		}
		f.key = strings.Join(key, " ")
		out = append(out, f)
	}
	return out
}

// take fills in what a person would who wants no more than to send it.
func (f *sent) take(x *html.Node) {
	kind, value := attr(x, "type"), attr(x, "value")
	switch {
	case name(x) == "" || has(x, "disabled"):
	case x.Data == "textarea", x.Data == "input" && slices.Contains(wordy, kind) && !has(x, "readonly"):
		f.texts = append(f.texts, x)
	case x.Data == "select":
		for o := range x.Descendants() {
			if o.Data == "option" && (has(o, "selected") || f.fixed.Get(name(x)) == "") {
				f.fixed.Set(name(x), attr(o, "value"))
			}
		}
	case x.Data == "button" && f.fixed.Get(name(x)) == "":
		f.fixed.Set(name(x), value)
	case x.Data != "input":
	case kind == "file":
		f.files = name(x)
	case kind == "radio" && (has(x, "checked") || !f.fixed.Has(name(x))):
		f.fixed.Set(name(x), value)
	case kind == "checkbox" && (has(x, "checked") || has(x, "required")):
		f.fixed.Add(name(x), cmp.Or(value, "on"))
	case kind == "date":
		f.fixed.Set(name(x), cmp.Or(value, "2026-12-01"))
	case kind == "datetime-local":
		f.fixed.Set(name(x), cmp.Or(value, "2026-12-01T10:00"))
	case kind == "number", kind == "range":
		f.fixed.Set(name(x), cmp.Or(value, attr(x, "min"), "1"))
	case kind == "hidden":
		f.fixed.Add(name(x), value)
	}
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// content is what is written into a text area.
func content(n *html.Node) (out string) {
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			out += x.Data
		}
	}
	return out
}

// plainly is what somebody writes into a field who means no harm.
func plainly(field *html.Node) string {
	if value := cmp.Or(attr(field, "value"), content(field)); value != "" && !strings.Contains(value, "zqx") {
		return value
	}
	if attr(field, "type") == "email" {
		return "owl@example.org"
	}
	if !has(field, "required") && field.Data == "input" {
		return ""
	}
	return "Plain words"
}

// assault is one visitor who means harm.
type assault struct {
	*browser
	forms, posts, kept int
	kinds              map[string]int // of what was read
	tried              map[string]bool
}

// on sends one of each kind by a form, in all its fields; a field that refuses is given
// what it takes, until the rest is kept or refused as well. Each form begins with
// another kind, since of a field that is written again only the last is left.
func (a *assault) on(f sent) {
	a.t.Helper()
	a.forms++
	if now := a.find(f); now != nil {
		f = *now
	}
	for i := range harmful {
		x := harmful[(a.forms+i)%len(harmful)]
		if x.name == "a megabyte" && a.forms%4 > 0 {
			continue // which takes long
		}
		if !a.send1(f, x.name, x.texts[a.forms%len(x.texts)]) {
			continue
		}
		again := a.find(f)
		if again == nil {
			return // it served its purpose: a step was taken, or what it is about is gone
		}
		f = *again
	}
}

// send1 sends one text, and tells whether it was kept.
func (a *assault) send1(f sent, kind, bad string) bool {
	a.t.Helper()
	form, plain := maps.Clone(f.fixed), map[string]bool{}
	for range len(f.texts) + 1 {
		for i, field := range f.texts {
			if form.Set(name(field), bad); plain[name(field)] || i > 0 && len(bad) >= 1<<20 { // two of these no server takes
				form.Set(name(field), plainly(field))
			}
		}
		a.posts++
		where := f.at + ": " + f.action + " with " + kind
		r := a.submit(f, form)
		a.clean(where, r)
		if to := r.header.Get("Location"); r.status == http.StatusSeeOther {
			a.kept++
			a.clean(where+", then "+to, a.get(to))
			return true
		}
		before := len(plain)
		for _, field := range a.refusal(where, f, r) {
			plain[field] = true
		}
		if len(plain) == before {
			break
		}
	}
	return false
}

// find is the form as its page shows it now, nil where it does no more.
func (a *assault) find(f sent) *sent {
	a.t.Helper()
	r := a.get(f.at)
	a.clean("GET "+f.at, r)
	if r.status != http.StatusOK {
		return nil
	}
	page, err := html.Parse(strings.NewReader(r.body))
	check(a.t, "page", err)
	for _, other := range formsOf(f.at, page) {
		if other.key == f.key {
			return &other
		}
	}
	return nil
}

// refusal holds that what is refused is so with a sentence that names the field; it
// returns which fields are wrong.
func (a *assault) refusal(where string, f sent, r reply) (wrong []string) {
	a.t.Helper()
	if r.status == http.StatusOK {
		return nil // an answer in place, such as a preview
	}
	page, err := html.Parse(strings.NewReader(r.body))
	check(a.t, where, err)
	says := ""
	for n := range page.Descendants() {
		if has(n, "aria-invalid") && attr(n, "aria-invalid") == "true" {
			wrong = append(wrong, name(n))
		}
		if strings.Contains(attr(n, "class"), "error") || attr(n, "role") == "alert" {
			says += " " + words(n)
		}
	}
	if !strings.Contains(strings.TrimSpace(says), " ") {
		says = text(r.body)
	}
	if !strings.Contains(strings.TrimSpace(says), " ") {
		a.t.Errorf("%s: %d without a sentence: %.300s", where, r.status, text(r.body))
	}
	if r.status == http.StatusUnprocessableEntity && len(wrong) == 0 && !f.named(page, says) && !a.tried[f.action+says] {
		a.tried[f.action+says] = true
		a.t.Errorf("%s: refused without naming the field: %.300s", where, says)
	}
	return wrong
}

// named tells whether the sentence names one of the form's fields, by its label or as
// the house calls it.
func (f *sent) named(page *html.Node, says string) bool {
	for n := range page.Descendants() {
		if n.Data == "label" && words(n) != "" && strings.Contains(strings.ToLower(says), strings.ToLower(words(n))) {
			return true
		}
	}
	for field := range maps.Keys(f.all()) {
		last := field[strings.LastIndexAny(field, ".-_")+1:]
		if len(last) > 1 && strings.Contains(strings.ToLower(says), last) {
			return true
		}
	}
	return false
}

// all are all fields of the form.
func (f *sent) all() url.Values {
	out := maps.Clone(f.fixed)
	out.Set(f.files, "")
	for _, x := range f.texts {
		out.Add(name(x), "")
	}
	return out
}

// words is the text of a part of a page.
func words(n *html.Node) string { return strings.Join(strings.Fields(content(n)), " ") }

// harmfulPicture is a file that would do harm where a browser showed it as part of the site.
const harmfulPicture = `<svg xmlns="http://www.w3.org/2000/svg" onload="zqx()"><script>zqx()</script></svg>`

// submit sends a form as a browser does; one that takes files has a picture in it.
func (b *browser) submit(f sent, form url.Values) reply {
	b.t.Helper()
	var body bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	if f.files == "" {
		body.WriteString(form.Encode())
	} else {
		m := multipart.NewWriter(&body)
		for _, name := range sorted(form) {
			for _, value := range form[name] {
				check(b.t, "field", m.WriteField(name, value))
			}
		}
		part, err := m.CreateFormFile(f.files, "zqx.svg")
		check(b.t, "file", err)
		_, err = part.Write([]byte(harmfulPicture))
		check(b.t, "file", errors.Join(err, m.Close()))
		kind = m.FormDataContentType()
	}
	r := httptest.NewRequest("POST", f.action, &body)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// clean fails where something came out of an answer that should have stayed inside.
func (a *assault) clean(where string, r reply) {
	a.t.Helper()
	if r.status >= 500 {
		a.t.Errorf("%s: status %d: %.300s", where, r.status, text(r.body))
	}
	if r.kind() == ".svg" && r.header.Get("X-Content-Type-Options") != "nosniff" {
		a.t.Errorf("%s: a picture may be taken for a page", where)
	}
	for name, values := range r.header {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") || strings.EqualFold(name, "Bcc") {
			a.t.Errorf("%s: the header %s holds a line end: %q", where, name, values)
		}
	}
	if kind := r.kind(); kind == "text/html" {
		a.cleanPage(where, r.body)
	} else if check, ok := cleanFiles[kind]; ok {
		if err := check(r.body); err != nil {
			a.t.Errorf("%s: %s: %v", where, kind, err)
		}
	}
}

// kind is what an answer is: of a file to be saved, what its name ends with.
func (r reply) kind() string {
	if _, p, err := mime.ParseMediaType(r.header.Get("Content-Disposition")); err == nil && p["filename"] != "" {
		return path.Ext(p["filename"])
	}
	kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	return kind
}

// addresses are attributes that hold one.
var addresses = []string{"href", "src", "action", "formaction", "srcset", "poster", "data", "cite", "background", "xlink:href", "data-load", "data-poll", "data-advice"}

var script = regexp.MustCompile(`^[\x00-\x20]*(?i:javascript|vbscript|data):`)

// uninvited are elements that no page of ours has.
var uninvited = []string{"iframe", "object", "embed", "base", "plaintext", "frame", "applet", "marquee"}

func (a *assault) cleanPage(where, body string) {
	a.t.Helper()
	if !utf8.ValidString(body) || strings.ContainsRune(body, 0) {
		a.t.Errorf("%s: the page is no UTF-8, or holds NUL", where)
	}
	page, err := html.Parse(strings.NewReader(body))
	check(a.t, where, err)
	for n := range page.Descendants() {
		switch {
		case n.Type == html.TextNode && (n.Parent.Data == "script" || n.Parent.Data == "style") && strings.Contains(n.Data, "zqx"):
			a.t.Errorf("%s: a text stands in <%s>: %.200q", where, n.Parent.Data, n.Data)
		case n.Type == html.TextNode && n.Parent.Data != "textarea" && unseen.MatchString(n.Data):
			a.t.Errorf("%s: characters that nobody sees stand on the page: %.200q", where, n.Data)
		case n.Type == html.ElementNode:
			a.cleanElement(where, n)
		}
	}
}

// unseen are characters that turn text around or are not seen.
var unseen = regexp.MustCompile("[\u200B\u2060\uFEFF\u00AD\u202A-\u202E\u2066-\u2069\U000E0001-\U000E007F\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0085]")

func (a *assault) cleanElement(where string, n *html.Node) {
	a.t.Helper()
	if strings.Contains(n.Data, "zqx") || slices.Contains(uninvited, n.Data) {
		a.t.Errorf("%s: the page has an element <%s>", where, n.Data)
	}
	for _, x := range n.Attr {
		switch {
		case strings.Contains(x.Key, "zqx") || strings.HasPrefix(x.Key, "on"):
			a.t.Errorf("%s: <%s> has an attribute %s=%.80q", where, n.Data, x.Key, x.Val)
		case slices.Contains(addresses, x.Key) && script.MatchString(x.Val) && !strings.HasPrefix(x.Val, "data:image/"):
			a.t.Errorf("%s: <%s> leads to %s=%.80q", where, n.Data, x.Key, x.Val)
		case x.Key != "value" && !strings.HasPrefix(x.Key, "data-") && unseen.MatchString(x.Val):
			a.t.Errorf("%s: <%s> has characters that nobody sees in %s=%.120q", where, n.Data, x.Key, x.Val)
		}
	}
}

// everybody are all duties in one person.
var everybody = []string{"analyst", "engineer", "manager", "leader", "component-owner", "release-manager", "communications", "auditor", "admin"}

// TestHostileTextStaysText sends texts that are made to do harm by every form that
// somebody of every duty is led to, and then reads every page, file, feed and mail.
func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	post := &postbox{t: t}
	h.Effects.Mailer = post
	w := visible(t, h)
	publish(t, h, casework.Opening{Title: harmful[0].texts[0], Summary: harmful[1].texts[0]})
	h.As(t, "zoe", everybody...)
	s := whole(t, h)
	a := &assault{browser: s.as(h.As(t, "ana", everybody...)), tried: map[string]bool{}}
	seeds := []string{"/", "/portal/report", "/portal/r/" + w.reporter, "/observations/" + string(w.observations[0]), "/kri/" + string(w.kris[0]), "/reviews/" + string(w.meetings[1])}
	all, pages := a.scouts(seeds)
	texts := 0
	for _, f := range all {
		texts += len(f.texts)
		a.on(f)
	}
	doWork(t, h)
	for _, f := range exchange.Formats {
		pages = append(pages, "/register/export/file?format="+f.Name)
	}
	zoe := &assault{browser: s.as(h.As(t, "zoe", everybody...)), kinds: map[string]int{}}
	read := zoe.reads(append(append(seeds, "/advisories", "/.well-known/security.txt", "/api/v1/cases", "/api/v1/risks", "/api/v1/reports"), pages...))
	t.Logf("%d forms with %d texts were sent %d times, %d times with success; then %d addresses were read, %v, and %d mails", len(all), texts, a.posts, a.kept, read, zoe.kinds, post.n)
	if len(all) < 90 || texts < 250 || a.kept < 400 || read < 500 || post.n < 5 {
		t.Errorf("the walk has become short")
	}
	for _, kind := range []string{".csv", ".xlsx", ".json", ".md", "image/svg+xml", "application/atom+xml", "application/json"} {
		if zoe.kinds[kind] == 0 {
			t.Errorf("no %s was read", kind)
		}
	}
}

// whole is the site with all its surfaces.
func whole(t *testing.T, h *rig.House) *site {
	mux := http.NewServeMux()
	public := portal.New(h.House, portal.Options{})
	for _, at := range []string{"/portal", "/portal/", "/advisories", "/advisories/", "/.well-known/"} {
		mux.Handle(at, public)
	}
	mux.Handle("/api/", api.New(h.House, api.Options{}))
	mux.Handle("/", web.New(h.House, web.Options{About: "Tocsin test"}))
	return &site{mux, t, h}
}

// postbox takes mails, and holds that nothing of a text stands in their heads.
type postbox struct {
	t *testing.T
	n int
}

func (p *postbox) Send(_ context.Context, m outside.Mail) error {
	p.n++
	if head := m.To + m.Subject; strings.ContainsAny(head, "\r\n\x00<>") || strings.Contains(head, "Bcc") || strings.Contains(m.Text, "zqx()") {
		p.t.Errorf("a mail lets a text out: %q %q %q", m.To, m.Subject, m.Text)
	}
	return nil
}

// last are forms after which others are gone: they take a step, or end something.
var last = regexp.MustCompile(`verb=|/decide |/retire |/closure |/move|/do/|/access |/mark `)

// scouts finds the forms that have room for words, one of each kind, in the order in
// which they are best tried, and the pages on the way.
func (a *assault) scouts(from []string) (forms []sent, pages []string) {
	a.t.Helper()
	known := map[string]bool{}
	crawl(a.browser, from, func(at string, page *html.Node) {
		pages = append(pages, at)
		for _, f := range formsOf(at, page) {
			shape := asOne.ReplaceAllString(recordID.ReplaceAllString(f.key, "ID"), "")
			if len(f.texts) > 0 && !known[shape] {
				known[shape] = true
				forms = append(forms, f)
			}
		}
	})
	slices.SortStableFunc(forms, func(a, b sent) int {
		return cmp.Compare(len(last.FindString(a.key)), len(last.FindString(b.key)))
	})
	return forms, pages
}

// asOne are hidden fields that make no other form.
var asOne = regexp.MustCompile(` (query|back|count|on|step)=\S*`)

// reads visits addresses, and what they lead to, three of each shape, and holds that
// all is clean.
func (a *assault) reads(from []string) (read int) {
	a.t.Helper()
	visited, shapes := map[string]bool{}, map[string]int{}
	for given := len(from); len(from) > 0; given-- {
		at, _, _ := strings.Cut(from[0], "#")
		from = from[1:]
		shape := asked.ReplaceAllString(recordID.ReplaceAllString(at, "ID"), "$1")
		if visited[at] || !strings.HasPrefix(at, "/") || strings.Contains(at, ".png") || given <= 0 && shapes[shape] > 2 {
			continue
		}
		visited[at] = true
		shapes[shape]++
		r := a.get(at)
		a.clean("GET "+at, r)
		a.kinds[r.kind()]++
		read++
		if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			continue
		}
		page, err := html.Parse(strings.NewReader(r.body))
		check(a.t, at, err)
		for n := range page.Descendants() {
			if n.Data == "a" || n.Data == "link" || n.Data == "img" {
				from = append(from, cmp.Or(attr(n, "href"), attr(n, "src")))
			}
		}
	}
	return read
}
