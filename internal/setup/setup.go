// Package setup is about an installation that is new, or not whole yet: what is not
// set up and how that is mended, row by row, and the few words that the house keeps of
// itself: who the organisation is, which steps of the first run were put off, when it
// was last backed up and its audit log proven.
//
// It is not where anything is set up: accounts are package party's, products package
// product's, the process the profile's, addresses and mail the flags of the command
// line. It is not the liveness endpoint either. The pages First run and Health, the
// API and `tocsin doctor` show the same rows.
package setup

import (
	"net/url"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/thread"
)

// Verb is what one has to be allowed to see and do here.
const Verb access.Verb = "house.setup"

// State is how a row stands.
type State string

// The states, from the best to the worst.
const (
	Good    State = "good"    // nothing is to be done
	Later   State = "later"   // may wait, or cannot be told from here
	Look    State = "look"    // works, and should be looked at
	Missing State = "missing" // something does not work until this is mended
)

// Row is one thing that an installation needs, how it stands, and the mend.
type Row struct {
	Word    string `json:"word"` // "mail"
	Title   string `json:"title"`
	State   State  `json:"state"`
	Says    string `json:"says"`              // one sentence, or two
	Link    string `json:"link,omitempty"`    // the page that mends it
	Command string `json:"command,omitempty"` // the line that mends it
}

// Organisation is who runs the house, where a profile that comes with the program
// leaves that to be said. It stands in advisories as their publisher.
type Organisation struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"` // a URL under the organisation's control: CSAF 2.0, section 3.2.1.8.5
	Contact   string `json:"contact,omitempty"`   // how the team is reached, for people
	Policy    string `json:"policy,omitempty"`    // URL of the disclosure policy
}

// check cleans what was typed and says everything that is wrong with it.
func (o Organisation) check() (Organisation, error) {
	var fs fault.Fields
	thread.LineField(&fs, "name", &o.Name, 200)
	thread.LineField(&fs, "contact", &o.Contact, 500)
	for _, x := range []struct {
		field string
		text  *string
	}{{"namespace", &o.Namespace}, {"policy", &o.Policy}} {
		thread.LineField(&fs, x.field, x.text, 500)
		if u, err := url.Parse(*x.text); *x.text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			fs.Add(x.field, "%q is no address; write it like https://www.example.com", *x.text)
		}
	}
	fs.Want("name", o.Name, "write the organisation's name, as it should stand in advisories")
	fs.Want("namespace", o.Namespace, "write an address that your organisation holds, like https://www.example.com; advisories in CSAF want one")
	return o, fs.Err()
}

// Step is one step of the first run.
type Step struct {
	Word, Title, About string
}

// Steps are the steps of the first run, in their order. The account comes before
// them, the end after them.
var Steps = []Step{
	{"organisation", "Your organisation", "Its name stands on the portal and in every advisory."},
	{"profile", "The process", "Stages, clocks, roles and words come from a profile."},
	{"product", "The first product", "What reports are about, and what advisories name."},
	{"colleague", "The first colleague", "A score and an advisory want a second pair of eyes."},
	{"mail", "Mail", "Reporters and colleagues are told by mail; until then mails stay in the outbox."},
}

// Run is how an installation stands, and how far its first run is.
type Run struct {
	Rows  []Row
	Steps []StepState
	Kept  Kept
}

// RunOf puts the rows and the steps together.
func RunOf(f Facts, k Kept) Run {
	rows := Rows(f)
	return Run{Rows: rows, Steps: steps(rows, k.Steps), Kept: k}
}

// StepState is one step with how it stands: "done", "put off" or "open".
type StepState struct {
	Step
	State string
}

// The states of a step.
const (
	Done   = "done"
	PutOff = "put off"
	Open   = "open"
)

// Next is the first step that is open; "" is none.
func (r Run) Next() string {
	for _, s := range r.Steps {
		if s.State == Open {
			return s.Word
		}
	}
	return ""
}

// steps tells how the steps stand by the rows, and by what was put off or kept.
func steps(rows []Row, noted map[string]string) (out []StepState) {
	for _, s := range Steps {
		x := StepState{s, Open}
		for _, r := range rows {
			if r.Word == s.Word && r.State == Good {
				x.State = Done
			}
		}
		if at := noted[s.Word]; x.State == Open && (at == Done || at == PutOff) {
			x.State = at
		}
		out = append(out, x)
	}
	return out
}

// days says how long ago something was, in whole days.
func days(now, then time.Time) int { return int(now.Sub(then).Hours() / 24) }

// local tells whether an address leads to its own machine alone.
func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	h := u.Hostname()
	return h == "localhost" || h == "::1" || strings.HasPrefix(h, "127.")
}
