package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"tocsin/bench/load"
	"tocsin/internal/party"
)

// pagesOf starts the house with its pages on a store of its own, and signs
// somebody in. It is called "pages" so that no other measurement shares it.
func (r *run) pagesOf() (*process, party.Secret, error) {
	if p := r.procs["pages"]; p != nil {
		return p, r.cookie, nil
	}
	store, err := r.copyTo("pages")
	if err != nil {
		return nil, "", err
	}
	if r.cookie, err = session(r.ctx, store, r); err != nil {
		return nil, "", err
	}
	p, err := start(r.ctx, r.options, "real", store)
	if err == nil {
		r.procs["pages"] = p
	}
	return p, r.cookie, err
}

// html measures the list of cases as a page beside the same page from html/template
// (bench/bare/page.go). The two are held against each other first.
func (r *run) html() error {
	p, cookie, err := r.pagesOf()
	if err != nil {
		return err
	}
	list := pageOf("/cases?state=any", cookie)
	page, err := answer(p.addr, list(nil, 0))
	if err != nil {
		return err
	}
	if r.page, err = frame(r.folder, string(page)); err != nil {
		return err
	}
	b, err := start(r.ctx, r.options, "bare", r.file("pages")) // the same store: the session is there
	if err != nil {
		return err
	}
	r.procs["bare pages"] = b
	other, err := answer(b.addr, pageOf("/page", cookie)(nil, 0))
	if err != nil {
		return err
	}
	if err := samePage(string(page), string(other)); err != nil {
		return err
	}
	s, err := r.closed(clients, turn{"bare pages", pageOf("/page", cookie)}, turn{"pages", list})
	if err != nil {
		return err
	}
	ratio := s[1].Rate / s[0].Rate
	r.add(row{What: "page of 50 cases, as HTML", Ours: s[1], Other: s[0], Than: "html/template", Ratio: ratio,
		Value: fmt.Sprintf("%.2f times html/template (by CPU %.2f)", ratio, float64(s[0].CPU)/float64(max(1, s[1].CPU))), Goal: "at least 2 times", OK: ratio >= 2})
	return nil
}

// pageOf asks for a page as somebody who is signed in.
func pageOf(path string, cookie party.Secret) load.Next {
	ask := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: bench\r\nCookie: tocsin_session=%s\r\n\r\n", path, cookie)
	return func(b []byte, _ int) []byte { return append(b, ask...) }
}

// answer is the body of a request that must succeed.
func answer(addr string, request []byte) ([]byte, error) {
	status, _, body, err := load.Once(addr, request)
	if err != nil || status != 200 {
		return nil, fmt.Errorf("%.60q answers with status %d, %v", request, status, err)
	}
	return bytes.Clone(body), nil
}

// places are where the frame around the rows shows what was read: the text between
// two others, and the action that stands for it.
var places = []struct{ after, before, action string }{
	{`<summary aria-label="You are `, `"`, `{{.Me.Name}}`},
	{`<span class="face `, `"`, `{{.Me.Hue}}`},
	{`aria-hidden="true">`, `</span></summary>`, `{{.Me.Initials}}`},
	{`<div class="who"><b>`, `</b>`, `{{.Me.Name}}`},
	{`data-me="`, `"`, `{{.Me.ID}}`},
	{` aria-current="page">All </a>`, `</nav>`, `{{range .Views}}<a href="/cases?{{.Query}}">{{.Name}}{{if .Shared}} <b>shared</b>{{end}}</a>{{end}}`},
	{`<option value="none">Nobody</option>`, `</select>`, `{{range .People}}<option value="{{.Handle}}">{{.Name}}</option>{{end}}`},
	{`<span class="end">`, ` cases`, `{{.Count}}`},
	{`<tbody>`, `</tbody>`, `{{template "rows" .}}`},
	{`after=`, `&`, `{{.Next}}`},
}

// frame makes of the house's own page the frame of the bare program's: its text, with
// the places for what was read, and for the rows. It returns the template's file.
func frame(folder, page string) (file string, err error) {
	var b strings.Builder
	for _, x := range places {
		head, rest, ok := strings.Cut(page, x.after)
		_, rest, ok2 := strings.Cut(rest, x.before)
		if !ok || !ok2 {
			return "", fmt.Errorf("the page of cases has nothing between %q and %q; bench/pages.go says where it shows what", x.after, x.before)
		}
		b.WriteString(literally(head) + x.after + x.action)
		page = x.before + rest
	}
	b.WriteString(literally(page))
	file = filepath.Join(folder, "page.tmpl")
	return file, os.WriteFile(file, []byte(b.String()), 0o600)
}

// literally keeps text from being read as actions.
func literally(s string) string { return strings.ReplaceAll(s, "{{", `{{"{{"}}`) }

var (
	space  = regexp.MustCompile(`\s*([<>])\s*|\s+`)
	marker = regexp.MustCompile(`after=[^"&]+`)
)

// normal is a page without the space that nobody sees, and without the marker of the
// next page, which the house signs. html/template writes a plus as a number.
func normal(page string) string {
	page = strings.ReplaceAll(page, "&#43;", "+")
	page = marker.ReplaceAllString(page, "after=")
	page = space.ReplaceAllStringFunc(page, func(s string) string {
		if t := strings.TrimSpace(s); t != "" {
			return t
		}
		return " "
	})
	return strings.Replace(page, "<!doctype", "<!DOCTYPE", 1)
}

// samePage tells where two pages differ.
func samePage(a, b string) error {
	a, b = normal(a), normal(b)
	if a == b {
		return nil
	}
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Errorf("the two pages differ: %q against %q; bring bench/bare/rows.html into line", a[from:min(len(a), i+100)], b[from:min(len(b), i+100)])
}

// lighthouse has Lighthouse look at the list and at one case, where the tests' set-up has
// installed it.
func (r *run) lighthouse() error {
	p, cookie, err := r.pagesOf()
	if err != nil {
		return err
	}
	root, err := moduleRoot(r.ctx)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "tools", "oracle", "web")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "lighthouse")); err != nil {
		say("lighthouse: it is not installed (tools/setup does that), nothing is measured")
		return nil
	}
	c := exec.CommandContext(r.ctx, "node", filepath.Join(dir, "lighthouse.js"), "http://"+p.addr, "tocsin_session="+string(cookie), "5", "/", "/cases", "/cases/"+string(r.facts.IDs[0]), "/register")
	if chromium, err := exec.LookPath("chromium"); err == nil {
		c.Env = append(os.Environ(), "CHROME_PATH="+chromium)
	}
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return err
	}
	var pages []struct {
		Path                                         string
		Performance, Accessibility, Practices, Shift float64
	}
	if err := json.Unmarshal(out, &pages); err != nil {
		return err
	}
	for _, x := range pages {
		r.add(row{What: "Lighthouse, " + strings.Replace(x.Path, string(r.facts.IDs[0]), "one", 1), Goal: "at least 95, 100, 100, 0",
			Value: fmt.Sprintf("performance %.0f, accessibility %.0f, best practices %.0f, layout shift %g", x.Performance*100, x.Accessibility*100, x.Practices*100, x.Shift),
			OK:    x.Performance >= 0.95 && x.Accessibility == 1 && x.Practices == 1 && x.Shift == 0})
	}
	return nil
}
