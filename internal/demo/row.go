package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
)

//go:embed cases.yaml
var caseText []byte

//go:embed reports.yaml
var reportText []byte

//go:embed weaknesses.yaml
var weaknessText []byte

// Row is one story of the tables: what was reported, and what is told besides the
// usual course of things.
type Row struct {
	Key       string  `yaml:"key"`
	Title     string  `yaml:"title"` // in our words
	Says      string  `yaml:"says"`  // in the reporter's, where they differ
	Product   string  `yaml:"product"`
	Component string  `yaml:"component"`
	CWE       string  `yaml:"cwe"`
	V31       string  `yaml:"v31"` // the base metrics alone
	V40       string  `yaml:"v40"`
	Ago       float64 `yaml:"ago"`  // days since it came in
	From      string  `yaml:"from"` // sources by preference: the first that the profile knows
	By        string  `yaml:"by"`   // who outside reported it; empty is somebody inside
	Claim     int     `yaml:"claim"`
	Summary   string  `yaml:"summary"`
	Steps     string  `yaml:"steps"`  // where they are not the usual ones of the weakness
	Impact    string  `yaml:"impact"` // likewise
	Since     string  `yaml:"since"`  // the first affected version; else of the oldest line
	Newer     bool    `yaml:"newer"`  // the oldest line that gets fixes never had it

	Pace  map[string]float64 `yaml:"pace"`  // days of a step, where they differ from the usual
	Stays string             `yaml:"stays"` // before this step it stays for now
	Also  []Also             `yaml:"also"`

	Guide      bool    `yaml:"guide"`    // its reporter is whom a visitor can be
	Named      bool    `yaml:"named"`    // need to know
	Deadline   float64 `yaml:"deadline"` // days after the report: the reporter's own
	AI         string  `yaml:"ai"`
	Files      int     `yaml:"files"`
	Loops      int     `yaml:"loops"`
	Doubt      string  `yaml:"doubt"`       // why a voter disagreed at first
	Votes      int     `yaml:"votes"`       // how many are given; 0 is all that are wanted, -1 none
	NotHere    string  `yaml:"not_here"`    // why environments that are not shipped are not affected
	Justify    string  `yaml:"justify"`     // the VEX justification that goes with it
	Reject     string  `yaml:"reject"`      // a disposition
	AcceptRisk string  `yaml:"accept_risk"` // the note
	NoAdvisory string  `yaml:"no_advisory"`
	NoCVE      bool    `yaml:"no_cve"`
	NoConsent  bool    `yaml:"no_consent"` // no answer about the credit yet
	Silent     bool    `yaml:"silent"`     // nobody writes to the reporter meanwhile
	Dependency bool    `yaml:"dependency"`
	Advisory   string  `yaml:"advisory"` // how far the advisory gets: draft, review, approved, stale
	Revise     string  `yaml:"revise"`
	Withdraw   string  `yaml:"withdraw"`
	Workaround string  `yaml:"workaround"`
	Variant    string  `yaml:"variant"` // key of the case that it is a variant of
	Related    string  `yaml:"related"`
	RCA        *Lesson `yaml:"rca"` // of what its root cause is

	Then        string  `yaml:"then"` // of a report: decline, duplicate, ask; empty waits
	After       float64 `yaml:"after"`
	Disposition string  `yaml:"disposition"`
	Of          string  `yaml:"of"`
	Answer      string  `yaml:"answer"` // of the reporter, when asked
	Question    string  `yaml:"question"`
}

// Also is something besides the usual course: one deed of alsos at a moment.
type Also struct {
	At   float64 `yaml:"at"` // days after the report
	Do   string  `yaml:"do"`
	Who  string  `yaml:"who"`
	Text string  `yaml:"text"`
	Name string  `yaml:"name"` // of the clock, label, file or person that it is about
	Span string  `yaml:"span"`
}

// bound is what a story got hold of on its way.
type bound struct {
	reporter access.Actor
	secret   string
	report   ref.ID
	id       ref.ID // of the case
	adv      ref.ID
	severity string
	shared   bool
}

// weakness is what the usual report of a weakness says.
type weakness struct {
	Steps  string   `yaml:"steps"`
	Impact string   `yaml:"impact"`
	Stride []string `yaml:"stride"`
}

func read(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	return d.Decode(into)
}

// addStories adds every row of the tables.
func (t *town) addStories() error {
	var cases, reports []Row
	for _, f := range []struct {
		name string
		text []byte
		into any
	}{{"cases.yaml", caseText, &cases}, {"reports.yaml", reportText, &reports}, {"weaknesses.yaml", weaknessText, &t.weaknesses}} {
		if err := read(f.text, f.into); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	for i := range cases {
		if err := t.addStory(&cases[i], i, (*story).handle); err != nil {
			return err
		}
	}
	for i := range reports {
		if err := t.addStory(&reports[i], len(cases)+i, (*story).noCase); err != nil {
			return err
		}
	}
	return nil
}

// addStory adds one row, and what is told besides it as stories of their own.
func (t *town) addStory(r *Row, n int, run func(*story)) error {
	s := &story{what: "story " + r.Key, begin: t.end.Add(-span(r.Ago)), row: r, n: n}
	if r.By == "" {
		s.begin = workday(s.begin, n)
	}
	if _, err := t.ware(r.Product); err != nil {
		return fmt.Errorf("%s: %w", r.Key, err)
	}
	if _, ok := t.weaknesses[r.CWE]; r.CWE != "" && !ok {
		return fault.New(fault.Invalid, "%s: weaknesses.yaml has no row for %s", r.Key, r.CWE)
	}
	t.stories, t.byKey[r.Key] = append(t.stories, s), s
	t.tell(s, run)
	for i := range r.Also {
		a := &r.Also[i]
		if _, ok := alsos[a.Do]; !ok {
			return fault.New(fault.Invalid, "%s: nothing is called %q", r.Key, a.Do)
		}
		t.tell(&story{what: fmt.Sprintf("%s: %s", s.what, a.Do), begin: s.begin, row: r, n: n + i}, func(side *story) { side.also(s, a) })
	}
	return nil
}

// vectors are the row's vectors in full.
func (r *Row) vectors() []string {
	var out []string
	if r.V31 != "" {
		out = append(out, "CVSS:3.1/"+r.V31)
	}
	if r.V40 != "" {
		out = append(out, "CVSS:4.0/"+r.V40)
	}
	return out
}

// usual is what the usual report of the row's weakness says, with what the row
// says otherwise.
func (t *town) usual(r *Row) weakness {
	w := t.weaknesses[r.CWE]
	if r.Steps != "" {
		w.Steps = r.Steps
	}
	if r.Impact != "" {
		w.Impact = r.Impact
	}
	return w
}

// rate finds the severity that the row will have in the end.
func (t *town) rate(r *Row) (string, error) {
	scores := map[string]float64{}
	for _, text := range r.vectors() {
		v, err := cvss.Parse(text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", r.Key, err)
		}
		scores["cvss-"+v.Version()] = v.Score().Score
	}
	word, _ := t.h.Rules.SeverityFrom(scores)
	return word, nil
}

// paces are the usual days of each step, from the lowest severity to the highest;
// they follow what published records of vendors show.
var paces = map[string][4]float64{
	"accept":   {0.9, 0.8, 0.6, 0.2},
	"triage":   {2.2, 2, 1.6, 0.6},
	"assess":   {14, 11, 5, 2},
	"fix":      {95, 40, 11, 5},
	"validate": {4, 3, 1.5, 1},
	"verdict":  {4, 3, 1.5, 1},
	"release":  {20, 12, 4, 2},
	"publish":  {0.2, 0.2, 0.1, 0.1},
	"close":    {22, 20, 10, 9},
}

// days is how long a step of this story takes.
func (s *story) days(step string) float64 {
	if d, ok := s.row.Pace[step]; ok {
		return d
	}
	words := s.t.h.Rules.SeverityWords()
	i := max(0, slices.Index(words, s.severity))
	if len(words) > 1 {
		i = i * 3 / (len(words) - 1)
	}
	jitter := 0.88 + 0.06*float64((s.n*7+len(step)*3)%5)
	return paces[step][i] * jitter
}

// step waits until the step's day, counted from the one before.
func (s *story) step(name string) {
	if s.row.Stays == name && s.err == nil {
		s.err = errOver
	}
	s.passed += s.days(name)
	s.office(s.passed)
}

// within is a moment inside the coming step, as a part of it.
func (s *story) within(name string, part float64) {
	s.office(s.passed + s.days(name)*part)
}
