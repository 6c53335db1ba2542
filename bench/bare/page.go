package bare

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	_ "embed" // the rows
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Words are the titles that a page shows for the words of the store. The program
// is told them when it begins.
type Words struct {
	Stages, Labels, Clocks map[string]string
	First                  string // the stage in which a case begins
}

//go:embed rows.html
var rowsHTML string

// pages is the list of cases as a page: the same rows with the same facts as those
// of the house, made with html/template by somebody who prepares what is shown in
// Go and lets the template say it. The frame around the rows is text.
type pages struct {
	Words
	frame   *template.Template
	session *sql.Stmt
	views   *sql.Stmt
	count   *sql.Stmt
	people  map[string]*person
	order   []*person
}

// person is somebody inside, as the page shows them. The program reads them once,
// as it does the tokens.
type person struct{ ID, Name, Handle, Initials, Hue string }

// view is a saved query.
type view struct {
	Name, Query string
	Shared      bool
}

// day is a moment as the page shows it.
type day struct{ Machine, Time, Date string }

// about is one of the words under a title; names stay on one line.
type about struct {
	Dot, Text string
	Name      bool
}

// line is a row of the page.
type line struct {
	ID, Title, Level, Severity, Score, Stage, Tone string
	About                                          []about
	Closed, Named, WasLate                         bool
	Labels                                         []string
	Owner                                          *person
	Over, Soon, Clock                              string
	Due, Opened                                    *day
}

// shown is the page.
type shown struct {
	Me     *person
	People []*person
	Views  []view
	Count  string
	Next   int64
	Rows   []line
}

// Paint reads the frame of the page, a template with the places for what it shows.
func (s *Server) Paint(file string, w Words) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	p := &pages{Words: w, people: map[string]*person{}}
	if p.frame, err = template.New("page").Parse(rowsHTML + string(b)); err != nil {
		return err
	}
	for _, x := range []struct {
		to   **sql.Stmt
		text string
	}{{&p.session, selectSession}, {&p.views, selectViews}, {&p.count, countList}} {
		if *x.to, err = s.read.Prepare(x.text); err != nil {
			return err
		}
	}
	rows, err := s.read.Query(selectPeople)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		x := new(person)
		if err := rows.Scan(&x.ID, &x.Name, &x.Handle); err != nil {
			return err
		}
		x.Initials, x.Hue = initials(x.Name), hue(x.Name)
		p.people[x.ID], p.order = x, append(p.order, x)
	}
	s.pages = p
	return rows.Err()
}

// initials are the first letters of the first and the last word.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := func(s string) string {
		r, _ := utf8.DecodeRuneInString(s)
		return string(unicode.ToUpper(r))
	}
	if len(words) == 1 {
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

// hue is one of the five colours of a face.
func hue(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // a hash takes everything
	return fmt.Sprintf("h%d", h.Sum32()%5)
}

// getPage answers with the list as a page, to whom the session in the cookie is of.
func (s *Server) getPage(w http.ResponseWriter, q *http.Request) {
	c, err := q.Cookie("tocsin_session")
	if err != nil {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	now := time.Now().UTC()
	sum := sha256.Sum256([]byte("tocsin token\n" + c.Value))
	var who, name string
	if err := s.pages.session.QueryRowContext(q.Context(), hex.EncodeToString(sum[:]), now.UnixMicro()).Scan(&who, &name); err != nil {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	var b bytes.Buffer
	p, err := s.show(q, who, now)
	if err == nil {
		err = s.pages.frame.Execute(&b, p)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes()) // the reader has gone away
}

func (s *Server) show(q *http.Request, who string, now time.Time) (*shown, error) {
	p := &shown{Me: s.pages.people[who], People: s.pages.order}
	rows, err := s.pages.views.QueryContext(q.Context(), who)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v view
		if err := rows.Scan(&v.Name, &v.Query, &v.Shared); err != nil {
			return nil, err
		}
		p.Views = append(p.Views, v)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var n int
	if err := s.pages.count.QueryRowContext(q.Context(), who).Scan(&n); err != nil {
		return nil, err
	}
	if p.Count = strconv.Itoa(n); n > 1000 {
		p.Count = "1,000+"
	}
	l, err := s.getList(nil, q, who)
	if err != nil {
		return nil, err
	}
	list := l.(page)
	p.Next, p.Rows = list.Next, make([]line, 0, len(list.Items))
	for i := range list.Items {
		p.Rows = append(p.Rows, s.pages.line(&list.Items[i], now))
	}
	return p, nil
}

// line is a case as its row shows it.
func (p *pages) line(c *Case, now time.Time) line {
	x := line{ID: c.ID, Title: c.Title, Level: c.Severity, Severity: "Unknown", Closed: c.Closed, Named: c.Audience == "named", Owner: p.people[c.Owner],
		Stage: p.Stages[c.Stage], Tone: "status now"}
	if c.Severity == "" {
		x.Level = "unknown"
	} else {
		x.Severity = strings.ToUpper(c.Severity[:1]) + c.Severity[1:]
	}
	if c.Score >= 0 {
		x.Score = strconv.FormatFloat(c.Score, 'f', 1, 64)
	}
	for _, s := range []string{c.Product, c.Component, c.CWE, c.CVE} {
		if s == "" {
			continue
		}
		a := about{Text: s, Name: strings.HasPrefix(s, "CWE-") || strings.HasPrefix(s, "CVE-")}
		if len(x.About) > 0 {
			a.Dot = " · "
		}
		x.About = append(x.About, a)
	}
	for _, l := range c.Labels {
		x.Labels = append(x.Labels, p.Labels[l])
	}
	switch {
	case c.Closed:
		x.Tone = "status off"
	case c.Stage == p.First:
		x.Tone = "status"
	}
	x.Opened = dayOf(c.Opened)
	p.due(&x, c, now)
	return x
}

// due says how the case stands to its due moment.
func (p *pages) due(x *line, c *Case, now time.Time) {
	x.WasLate = c.Breached
	if x.Due = dayOf(c.Due); x.Due == nil {
		return
	}
	x.Clock = p.Clocks[c.DueWhat]
	switch left := c.Due.Sub(now); {
	case left < 0:
		x.Over, x.WasLate = length(-left), false
	case left < 72*time.Hour:
		x.Soon = "in " + length(left)
	}
}

func dayOf(t time.Time) *day {
	if t.UnixMicro() == 0 {
		return nil
	}
	return &day{t.Format(time.RFC3339), t.Format("15:04:05 UTC"), t.Format("2 Jan 2006")}
}

// length is how long something takes, in its largest unit.
func length(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return strconv.Itoa(int(d/(24*time.Hour))) + " d"
	case d >= time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/time.Minute)) + " min"
}
