package archive

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
)

// columns are the names that tables of disclosed reports give to what a case
// keeps. All other columns stay with the case under their own names.
var columns = map[string][]string{
	"title":     {"title"},
	"link":      {"link", "url", "report"},
	"program":   {"program", "team", "handle"},
	"weakness":  {"vuln_type", "weakness", "cwe", "vulnerability_type"},
	"disclosed": {"disclosed_at", "disclosed", "published", "date"},
	"severity":  {"severity", "severity_rating"},
	"vector":    {"cvss", "cvss_vector", "vector"},
	"component": {"component", "asset"},
	"cve":       {"cve", "cve_id"},
	"reporter":  {"reporter", "researcher", "credit"},
}

// channels are the profile's words for reports that came by such a platform.
var channels = []string{"bug-bounty", "platform"}

// table reads a table of disclosed reports row by row.
type table struct {
	body   []byte
	csv    *csv.Reader
	header []byte   // its bytes
	names  []string // its columns
	at     map[string]int
	rules  *profile.Profile
	only   string
}

const maxRow = 1 << 20

// rows reads every row of a CSV table (RFC 4180) whose first line names the
// columns. A row that cannot be read is an item that says why.
func rows(body []byte, program string, p *profile.Profile) iter.Seq[item] {
	return func(yield func(item) bool) {
		t, err := newTable(body, program, p)
		if err != nil {
			yield(item{format: Bounty, line: 1, err: err})
			return
		}
		for {
			it, more := t.next()
			if !more || !yield(it) {
				return
			}
		}
	}
}

func newTable(body []byte, program string, p *profile.Profile) (*table, error) {
	if !utf8.Valid(body) {
		return nil, fault.New(fault.Invalid, "the table is not UTF-8; save it as CSV in UTF-8")
	}
	t := &table{body: body, only: program, rules: p, at: map[string]int{}}
	t.csv = csv.NewReader(bytes.NewReader(body))
	t.csv.FieldsPerRecord = -1
	head, _, _ := bytes.Cut(body, []byte("\n"))
	if !bytes.ContainsRune(head, ',') && bytes.ContainsRune(head, ';') {
		t.csv.Comma = ';'
	}
	names, err := t.csv.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "the first line does not name the columns; a table begins with a line such as title,link,program,vuln_type")
	}
	t.header = body[:t.csv.InputOffset()]
	for i, n := range names {
		n = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(n, "\ufeff")))
		t.names = append(t.names, line(n, maxLine))
		for field, called := range columns {
			if _, twice := t.at[field]; !twice && slices.Contains(called, n) {
				t.at[field] = i
			}
		}
	}
	if _, ok := t.at["title"]; !ok {
		return nil, fault.New(fault.Invalid, "no column is named title; the first line names the columns, such as title,link,program,vuln_type")
	}
	return t, nil
}

// next reads the row that follows; false at the end.
func (t *table) next() (item, bool) {
	from := t.csv.InputOffset()
	fields, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return item{}, false
	}
	it := item{format: Bounty, end: t.csv.InputOffset()}
	it.line, _ = t.line(fields, err)
	if err == nil {
		it.original = slices.Concat(t.header, t.body[from:t.csv.InputOffset()])
		err = t.read(&it, fields)
	} else {
		err = fault.New(fault.Invalid, "the row cannot be read: %s; a field with quotes stands in quotes, and each of its own is doubled (RFC 4180)", reasonOf(err))
	}
	it.err = err
	return it, true
}

func (t *table) line(fields []string, err error) (int, int) {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return bad.StartLine, bad.Column
	}
	if len(fields) == 0 {
		return 0, 0
	}
	return t.csv.FieldPos(0)
}

func reasonOf(err error) string {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return bad.Err.Error()
	}
	return err.Error()
}

// read understands one row.
func (t *table) read(it *item, fields []string) error {
	if len(fields) != len(t.names) {
		return fault.New(fault.Invalid, "the row has %d fields and the first line names %d; add or remove the difference, and put a field with a comma in quotes", len(fields), len(t.names))
	}
	if len(it.original) > maxRow+len(t.header) {
		return fault.New(fault.TooLarge, "the row has more than %d MiB; shorten it", maxRow>>20)
	}
	get := func(field string) string {
		if i, ok := t.at[field]; ok {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	if t.only != "" && !strings.EqualFold(get("program"), t.only) {
		it.skip = true
		return nil
	}
	r, err := t.record(get)
	if err != nil {
		return err
	}
	it.name = line(first(r.URL, get("link"), get("program")+": "+get("title")), maxName)
	for i, name := range t.names {
		if says := strings.TrimSpace(fields[i]); !t.isField(i) {
			r.state(name, says)
		}
	}
	it.parts = []part{{"record", r}}
	it.sign()
	return nil
}

// own are the columns that a case has a field for; their words are not kept twice.
var own = []string{"title", "link", "disclosed", "component", "cve", "reporter"}

func (t *table) isField(i int) bool {
	return slices.ContainsFunc(own, func(f string) bool { at, ok := t.at[f]; return ok && at == i })
}

func (t *table) record(get func(string) string) (Record, error) {
	r := Record{Title: line(get("title"), maxTitle), Product: line(get("program"), maxLine), Component: line(get("component"), maxLine),
		Credit: line(get("reporter"), maxStated), Stated: map[string]string{}}
	if r.Title == "" {
		return r, fault.New(fault.Invalid, "the row has no title, so nobody would know what it is; give it one")
	}
	r.URL = address(get("link"))
	for _, c := range channels {
		if slices.ContainsFunc(t.rules.Sources, func(s profile.Named) bool { return s.Name == c }) && r.Source == "" {
			r.Source = c
		}
	}
	if id, ok := cwe.ByName(get("weakness")); ok {
		r.CWE = id
	}
	if cve := strings.ToUpper(get("cve")); advisory.IsCVE(cve) {
		r.CVE = cve
	} else {
		r.state("cve", get("cve"))
	}
	var err error
	if r.Opened, err = date(get("disclosed")); err != nil {
		return r, err
	}
	return r, r.rating(get("vector"), strings.ToLower(get("severity")), t.rules)
}

// rating takes the vector, else the bare severity word.
func (r *Record) rating(vector, word string, p *profile.Profile) error {
	if vector != "" {
		v, err := cvss.Parse(vector)
		if err != nil {
			return fault.New(fault.Invalid, "the CVSS vector cannot be read: %s", fault.Of(err).Says)
		}
		r.Scores = []advisory.Score{{Version: v.Version(), Vector: v.String(), Base: v.Score().Base}}
		return nil
	}
	if _, known := p.Band(word); known {
		r.Claimed = word
	}
	return nil
}

// address is a link as a browser takes it, or nothing.
func address(link string) string {
	if link != "" && !strings.Contains(link, "://") {
		link = "https://" + link
	}
	if !advisory.IsWebURL(link) || len(link) > maxName {
		return ""
	}
	return link
}

// dates are how tables write days; what is ambiguous is not among them.
var dates = []string{time.RFC3339, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05", time.DateOnly}

func date(says string) (time.Time, error) {
	if says == "" {
		return time.Time{}, nil
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, says); err == nil && t.Year() > 1 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no date that can be read for sure; write it like 2026-03-09 or 2026-03-09T14:30:00Z", line(says, 60))
}
