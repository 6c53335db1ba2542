// Package intake takes vulnerability reports in and keeps them until they are
// accepted into a case, found to be duplicates, or declined. What happens to the
// vulnerability afterwards is package casework's. The reporter's own page reads
// through here too, and never gets an internal word.
package intake

import (
	"slices"
	"time"

	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/cwe"
	"tocsin/internal/thread"
)

// Report is a vulnerability report as it came in.
type Report struct {
	ID        ref.ID    `json:"id"` // the tracking number
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Product   string    `json:"product"`
	Component string    `json:"component"`
	CWE       string    `json:"cwe"`
	Severity  string    `json:"severity"` // as the reporter put it; "" is not stated
	Source    string    `json:"source"`
	Reporter  ref.ID    `json:"reporter"`
	Case      ref.ID    `json:"case,omitempty"`
	Audience  string    `json:"audience"`
	Received  time.Time `json:"received"`
	Due       time.Time `json:"due,omitzero"`
	DueWhat   string    `json:"due_what,omitempty"`
	Breached  bool      `json:"breached"`
	Version   int       `json:"version"`
	Body

	doc    int64
	look   time.Time
	events []clock.Event
}

// Body is what a report holds besides what lists show.
type Body struct {
	Summary     string    `json:"summary"`
	Steps       string    `json:"steps,omitempty"`
	Impact      string    `json:"impact,omitempty"`
	Versions    string    `json:"versions,omitempty"` // in the reporter's words
	Name        string    `json:"name,omitempty"`     // how the reporter calls themself
	Contact     string    `json:"contact,omitempty"`  // mail address; "" is none
	Credit      string    `json:"credit,omitempty"`   // a word of the profile: how they wish to be named
	CreditName  string    `json:"credit_name,omitempty"`
	Deadline    time.Time `json:"deadline,omitzero"` // their own disclosure date
	AI          string    `json:"ai,omitempty"`      // declared use of AI: none, assisted, generated; "" is not stated
	Disposition string    `json:"disposition,omitempty"`
	Answer      string    `json:"answer,omitempty"`
	DuplicateOf ref.ID    `json:"duplicate_of,omitempty"`
	Labels      []string  `json:"labels,omitempty"`
}

// Submission is what a report is made of.
type Submission struct {
	Title      string    `json:"title"`
	Product    string    `json:"product"`
	Component  string    `json:"component,omitempty"`
	Summary    string    `json:"summary"`
	Steps      string    `json:"steps,omitempty"`
	Impact     string    `json:"impact,omitempty"`
	Versions   string    `json:"versions,omitempty"`
	CWE        string    `json:"cwe,omitempty"`
	Severity   string    `json:"severity,omitempty"`
	Source     string    `json:"source,omitempty"` // staff only; the portal's is set by it
	Name       string    `json:"name,omitempty"`
	Contact    string    `json:"contact,omitempty"`
	Credit     string    `json:"credit,omitempty"`
	CreditName string    `json:"credit_name,omitempty"`
	Deadline   time.Time `json:"deadline,omitzero"`
	AI         string    `json:"ai,omitempty"`
	Received   time.Time `json:"received,omitzero"` // staff only: when it reached us
}

// Limits of a report's texts, in bytes.
const (
	MaxLine = 300
	MaxText = 64 << 10
)

// AI are the words for a declared use of AI.
var AI = []string{"none", "assisted", "generated"}

// Check cleans the submission and lists all that is wrong with it.
func (s *Submission) Check(p *profile.Profile, now time.Time) error {
	var fs fault.Fields
	s.texts(&fs)
	fs.Want("title", s.Title, "give it a title: one sentence that says what is wrong")
	fs.Want("summary", s.Summary, "describe what you found; a few sentences are enough to begin with")
	word(&fs, "severity", s.Severity, p.SeverityWords())
	word(&fs, "credit", s.Credit, named(p.Credits))
	word(&fs, "source", s.Source, named(p.Sources))
	word(&fs, "ai", s.AI, AI)
	if s.CWE != "" {
		if _, ok := cwe.Get(s.CWE); !ok {
			fs.Add("cwe", "%s is no weakness of the CWE list; write it like CWE-79, or leave it empty", s.CWE)
		}
	}
	if s.Contact != "" && !IsAddress(s.Contact) {
		fs.Add("contact", "this is no mail address; write it like name@example.org, or leave it empty to stay anonymous")
	}
	if y := s.Received.Year(); !s.Received.IsZero() && (y < 1990 || y > 2100) {
		fs.Add("received", "the year %d makes no sense here; use one from 1990 to 2100", y)
	}
	if !s.Deadline.IsZero() && (s.Deadline.Before(now) || s.Deadline.After(now.AddDate(5, 0, 0))) {
		fs.Add("deadline", "your disclosure date must lie in the next five years; leave it empty if you have none")
	}
	return fs.Err()
}

func (s *Submission) texts(fs *fault.Fields) {
	for _, f := range []struct {
		name string
		text *string
		line bool
	}{{"title", &s.Title, true}, {"product", &s.Product, true}, {"component", &s.Component, true}, {"versions", &s.Versions, false},
		{"name", &s.Name, true}, {"credit_name", &s.CreditName, true}, {"contact", &s.Contact, true},
		{"summary", &s.Summary, false}, {"steps", &s.Steps, false}, {"impact", &s.Impact, false}} {
		read, max := thread.Clean, MaxText
		if f.line {
			read, max = thread.Line, MaxLine
		}
		text, err := read(f.name, *f.text, max)
		if err != nil {
			fs.Add(f.name, "%s", fault.Of(err).Says)
		}
		*f.text = text
	}
}

func word(fs *fault.Fields, field, w string, of []string) {
	if w != "" && !slices.Contains(of, w) {
		fs.Add(field, "%q is not one of the choices; pick one or leave it empty", w)
	}
}

func named(list []profile.Named) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

// record adds an event. Events are only ever added.
func (r *Report) record(at time.Time, name string, data map[string]string) {
	r.events = append(r.events, clock.Event{At: at, Name: name, Data: data})
}

// Events returns the recorded events, oldest first.
func (r *Report) Events() []clock.Event { return slices.Clone(r.events) }

// Clocks returns what the report's clocks say at the moment.
func (r *Report) Clocks(p *profile.Profile, now time.Time) []clock.State {
	return clock.Run(p, "report", r.events, now)
}

// tick brings the columns that lists sort by up to the moment.
func (r *Report) tick(p *profile.Profile, now time.Time) {
	stage, _ := p.Lifecycle("report").Stage(r.Stage)
	states := r.Clocks(p, now)
	r.Due, r.DueWhat, r.look = time.Time{}, "", time.Time{}
	if next, ok := clock.Next(states); ok && !stage.Terminal {
		r.Due, r.DueWhat = next.DueAt, next.Name
	}
	for _, s := range states {
		r.Breached = r.Breached || s.Breached
		if !s.NextAt.IsZero() && !stage.Terminal && (r.look.IsZero() || s.NextAt.Before(r.look)) {
			r.look = s.NextAt
		}
	}
}
