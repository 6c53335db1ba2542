// Package hygiene sees to the register by itself: by the policies of the profile it
// labels what is stale, unowned, late or incomplete, asks for it in notes from the
// profile's messages, takes what stays so up a ladder, and clears its labels once a
// policy is met again. It runs at night, or when somebody asks, and first as a dry
// run if they like.
//
// It decides nothing about a risk and changes nothing but labels and notes; when
// somebody last touched the record stays as it was. What it writes is computed from
// what all staff may see, so that hidden evidence leaves no trace. Running twice is
// running once.
package hygiene

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/clock"
	"tocsin/internal/gate"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// VerbRun lets somebody run the policies.
const VerbRun access.Verb = "hygiene.run"

// Hygiene runs the policies of the profile.
type Hygiene struct {
	Gate         *gate.Gate
	Profile      *profile.Profile
	Risks        *risk.Risks
	Observations *observation.Observations
	URL          string // of the house, for links in notes
}

// The records that a policy is about.
const (
	OnRisk        = "risk"
	OnObservation = "observation"
)

// Finding is a policy that a record does not meet, with what is done about it.
type Finding struct {
	Record ref.ID    `json:"record"`
	On     string    `json:"on"` // risk, observation
	Title  string    `json:"title"`
	Owner  ref.ID    `json:"owner,omitempty"`
	Policy string    `json:"policy"`
	Says   string    `json:"says"`             // the policy's title
	Since  time.Time `json:"since"`            // from when on it was not met
	Days   int       `json:"days"`             // that the message speaks of
	Detail []string  `json:"detail,omitempty"` // what is missing, and what is there
	Label  string    `json:"label"`
	Exempt string    `json:"exempt,omitempty"` // the label that keeps the house quiet
	Rung   string    `json:"rung,omitempty"`   // of the ladder
	Act    []string  `json:"act"`              // label, say, escalate, clear: done, or in a dry run to be done

	policy profile.Policy
	rung   profile.Rung
}

// record is what the policies ask of a risk or an observation.
type record struct {
	id       ref.ID
	on       string
	title    string
	audience string
	owner    ref.ID
	labels   []string
	made     time.Time
	touched  time.Time       // or last spoken of by somebody
	due      time.Time       // what is due next
	dated    bool            // it has a date that somebody set, or wants none
	differs  []string        // labels of health that say what the facts do not
	has      map[string]bool // words of policies that ask what is set: labels, fields, parts
	cares    map[string]care // what is known of earlier runs, by policy
}

// care is what an earlier run noticed and said.
type care struct {
	since, said time.Time
	rung        string
}

func (r *record) carries(label string) bool { return slices.Contains(r.labels, label) }

// lapse is when a policy began not to be met, with what is missing. ok is false
// where it is met.
type lapse struct {
	since  time.Time // the policy has not been met since then
	from   time.Time // what the days of its message count from
	detail []string
}

// check is one way in which a policy looks at a record.
type check func(r *record, p profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool)

// checks are the words that a policy may use; PolicyChecks lists them.
var checks = map[string]check{
	"stale": func(r *record, _ profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		at := after(r.touched)
		return lapse{since: at, from: r.touched}, !at.After(now)
	},
	"no-assignee": func(r *record, _ profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		at := after(r.made)
		return lapse{since: at, from: r.made}, r.owner == "" && !at.After(now)
	},
	"overdue": func(r *record, _ profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		at := after(r.due)
		return lapse{since: at, from: r.due}, !r.due.IsZero() && at.Before(now)
	},
	"no-due-date": func(r *record, _ profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		at := after(r.made)
		return lapse{since: at, from: r.made}, !r.dated && !at.After(now)
	},
	"missing-labels": func(r *record, p profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		return r.lacks(p.Labels, after, now)
	},
	"missing-fields": func(r *record, p profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		return r.lacks(p.Fields, after, now)
	},
	"health-differs": func(r *record, _ profile.Policy, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
		at := after(r.touched)
		return lapse{since: at, from: r.touched, detail: r.differs}, len(r.differs) > 0 && !at.After(now)
	},
}

// lacks lists which of the words are set and which are not.
func (r *record) lacks(words []string, after func(time.Time) time.Time, now time.Time) (lapse, bool) {
	var there, missing []string
	for _, w := range words {
		if r.has[w] {
			there = append(there, w)
		} else {
			missing = append(missing, w)
		}
	}
	at := after(r.made)
	l := lapse{since: at, from: r.made, detail: []string{"missing: " + strings.Join(missing, ", ")}}
	if len(there) > 0 {
		l.detail = append(l.detail, "there: "+strings.Join(there, ", "))
	}
	return l, len(missing) > 0 && !at.After(now)
}

// rules are the parts of a profile that the policies run on.
type rules struct {
	policies []profile.Policy
	ladder   []profile.Rung
	business *profile.Calendar
	rungs    map[string]bool // labels of the ladder that the record's life cycle has
}

// everyday is the calendar of spans that are no business days.
var everyday = &profile.Calendar{Kind: profile.KindCalendar, Zone: time.UTC}

// after counts a policy's span from a moment on: in business days by the calendar of
// the register's clocks, else as days and hours pass.
func (x rules) after(p profile.Policy) func(time.Time) time.Time {
	cal := everyday
	if p.After.Unit == "bd" && x.business != nil {
		cal = x.business
	}
	return func(t time.Time) time.Time {
		if p.After.Zero() {
			return t
		}
		return clock.Add(cal, t, p.After)
	}
}

// judge finds which policies a record does not meet, and what is to be done: to set
// or clear labels, to say something, to take it up the ladder.
func (x rules) judge(r *record, now time.Time) (found []Finding, todo work) {
	todo = work{record: r, set: map[string]string{}}
	keep := map[string]bool{}
	for _, p := range x.policies {
		if p.On != r.on && !(p.On == "" && r.on == OnRisk) {
			continue
		}
		l, lapsed := checks[p.Check](r, p, x.after(p), now)
		if !lapsed {
			todo.over(p.Name, r)
			continue
		}
		f := Finding{Record: r.id, On: r.on, Title: r.title, Owner: r.owner, Policy: p.Name, Says: p.Title, Since: l.since, Days: number(l.from, now),
			Detail: l.detail, Label: p.Label, Act: []string{}, policy: p}
		if f.Exempt = r.exempt(p); f.Exempt != "" {
			todo.over(p.Name, r)
			found = append(found, f)
			continue
		}
		x.pursue(&f, r, &todo, keep, now)
		found = append(found, f)
	}
	x.tidy(r, &todo, keep)
	return found, todo
}

// exempt names the label that keeps the house quiet.
func (r *record) exempt(p profile.Policy) string {
	for _, label := range p.Exempt {
		if r.carries(label) {
			return label
		}
	}
	return ""
}

// pursue decides what is done about a policy that is not met.
func (x rules) pursue(f *Finding, r *record, todo *work, keep map[string]bool, now time.Time) {
	known := r.cares[f.Policy]
	keep[f.Label] = true
	if !r.carries(f.Label) {
		f.Act = append(f.Act, "label")
		todo.set[f.Label] = strings.Join(f.Detail, "; ")
	}
	for _, rung := range x.ladder {
		if number(f.Since, now) >= rung.After && x.rungs[rung.Name] {
			f.Rung, f.rung = rung.Name, rung
			keep[rung.Name] = true
			if !r.carries(rung.Name) {
				todo.set[rung.Name] = f.Says
			}
		}
	}
	if f.Rung != "" && f.Rung != known.rung {
		f.Act = append(f.Act, "escalate")
	}
	if known.said.IsZero() || f.policy.Repeat > 0 && number(known.said, now) >= f.policy.Repeat {
		f.Act = append(f.Act, "say")
	}
	if len(f.Act) > 0 || known.since.IsZero() {
		todo.news = append(todo.news, *f)
	}
}

// tidy clears the labels of policies that are met again, and those of the ladder
// that nothing holds any more.
func (x rules) tidy(r *record, todo *work, keep map[string]bool) {
	ours := map[string]bool{}
	for _, p := range x.policies {
		ours[p.Label] = true
	}
	for _, rung := range x.ladder {
		ours[rung.Name] = true
	}
	for _, label := range r.labels {
		if ours[label] && !keep[label] {
			todo.clear = append(todo.clear, label)
		}
	}
}

// work is what is to be done on one record.
type work struct {
	*record
	set   map[string]string // labels, with why
	clear []string
	news  []Finding // with something to keep or to say
	gone  []string  // policies that are met again
}

// over forgets a policy that is met again.
func (w *work) over(policy string, r *record) {
	if _, known := r.cares[policy]; known {
		w.gone = append(w.gone, policy)
	}
}

// nothing reports whether the record stays as it is.
func (w *work) nothing() bool {
	return len(w.set) == 0 && len(w.clear) == 0 && len(w.news) == 0 && len(w.gone) == 0
}

// number is how many whole days lie between two moments.
func number(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }
