package casework

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/passage"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// RCA is the root cause analysis of a case: what happened, why, by which words its
// causes are sorted, and what is done so that it does not happen again. Which cases
// have one, and what it must hold, is the profile's rca.yaml. It outlives its case.
type RCA struct {
	State    string            `json:"state"`            // todo, done
	Reason   string            `json:"reason,omitempty"` // why it was opened, where none was required
	Opened   time.Time         `json:"opened,omitzero"`
	Owner    ref.ID            `json:"owner,omitempty"` // who answers for it; at first the case's owner
	Happened string            `json:"happened,omitempty"`
	Why      string            `json:"why,omitempty"`
	Factors  []string          `json:"factors,omitempty"` // what contributed
	Causes   map[string]string `json:"causes,omitempty"`  // a word of each set of the profile
	Review   string            `json:"review,omitempty"`  // of these words: needed, done
	Reviewer ref.ID            `json:"reviewer,omitempty"`
	Invited  time.Time         `json:"invited,omitzero"` // everybody was asked to take part
	Filed    time.Time         `json:"filed,omitzero"`   // the actions stand, each with owner and date
	Done     time.Time         `json:"done,omitzero"`
	Actions  []RCAAction       `json:"actions,omitempty"`
	Last     int               `json:"last,omitempty"` // number of the newest action there ever was
}

// RCAAction is something to be done so that a cause goes away.
type RCAAction struct {
	Number int       `json:"number"`
	Title  string    `json:"title"`
	Owner  ref.ID    `json:"owner,omitempty"`
	Due    time.Time `json:"due,omitzero"`
	Link   string    `json:"link,omitempty"`   // where the work is kept
	State  string    `json:"state"`            // open, done, declined
	Reason string    `json:"reason,omitempty"` // why its owner declined it
	By     ref.ID    `json:"by,omitempty"`     // who settled it
	At     time.Time `json:"at,omitzero"`
}

// The states of an analysis, of the review of its words, and of an action.
const (
	RCATodo        = "todo"
	RCADone        = "done"
	ReviewNeeded   = "needed"
	ReviewDone     = "done"
	ActionOpen     = "open"
	ActionDone     = "done"
	ActionDeclined = "declined"
)

// Limits of an analysis.
const (
	MaxFactors = 20
	MaxActions = 50
)

// learnt is the analysis for the search.
func (c *Case) learnt() passage.Passage {
	r := c.RCA
	said := append([]string{r.Happened, r.Why, r.Reason}, r.Factors...)
	for _, a := range r.Actions {
		said = append(said, a.Title, a.Reason)
	}
	return passage.Passage{ID: string(c.ID) + ":cause", Kind: passage.Cause, Guard: c.ID, Audience: c.Audience, About: c.ID, At: r.Opened, Text: passage.Lines(said...)}
}

// rcaNeeds is every word that the profile may ask for before an analysis is done.
var rcaNeeds = map[string]need{
	"happened": {func(s *Sight) bool { return s.RCA.Happened != "" }, text("what happened"), "#rca"},
	"why":      {func(s *Sight) bool { return s.RCA.Why != "" }, text("why it could happen"), "#rca"},
	"factors":  {func(s *Sight) bool { return len(s.RCA.Factors) > 0 }, text("at least one contributing factor"), "#rca"},
	"causes":   {func(s *Sight) bool { return len(s.openSets()) == 0 }, saysCauses, "#rca"},
	"review":   {func(s *Sight) bool { return s.RCA.Review == ReviewDone }, text("a review of the words by which its causes are sorted"), "#rca"},
	"actions":  {hasActions, saysActions, "#rca-actions"},
	"settled":  {func(s *Sight) bool { return len(s.RCA.Open()) == 0 }, saysSettled, "#rca-actions"},
}

// openSets lists the titles of the required sets without a word.
func (s *Sight) openSets() []string {
	var open []string
	for _, set := range s.Profile.RCA.Sets {
		if set.Required && s.RCA.Causes[set.Name] == "" {
			open = append(open, set.Title)
		}
	}
	return open
}

func saysCauses(s *Sight) string { return "a word for " + strings.Join(s.openSets(), ", ") }

// hasActions reports whether there are actions, each with who does it and until when.
func hasActions(s *Sight) bool {
	return len(s.RCA.Actions) > 0 && len(s.RCA.loose()) == 0
}

func saysActions(s *Sight) string {
	if len(s.RCA.Actions) == 0 {
		return "at least one action, with its owner and date"
	}
	return "owner and date of " + strings.Join(s.RCA.loose(), ", ")
}

// loose lists the open actions that lack an owner or a date.
func (r RCA) loose() []string {
	var out []string
	for _, a := range r.Actions {
		if a.State == ActionOpen && (a.Owner == "" || a.Due.IsZero()) {
			out = append(out, fmt.Sprintf("action %d", a.Number))
		}
	}
	return out
}

// Open lists the actions that are neither done nor declined.
func (r RCA) Open() []string {
	var out []string
	for _, a := range r.Actions {
		if a.State == ActionOpen {
			out = append(out, fmt.Sprintf("action %d", a.Number))
		}
	}
	return out
}

func saysSettled(s *Sight) string {
	return "an end of " + strings.Join(s.RCA.Open(), ", ") + ": done, or declined by its owner"
}

// NeedsRCA reports whether the profile asks for an analysis of the case: by its
// severity, once it is resolved. What was imported was analysed elsewhere, if at all.
func (c *Case) NeedsRCA(p *profile.Profile) bool {
	return c.Origin.Format == "" && slices.Contains(p.RCA.Required, c.Severity) &&
		slices.ContainsFunc(c.events, func(e clock.Event) bool { return slices.Contains(p.RCA.After, e.Name) })
}

// openRCA begins the analysis.
func (c *Case) openRCA(reason string, now time.Time) {
	c.RCA = RCA{State: RCATodo, Reason: reason, Opened: now, Owner: c.Owner, Review: ReviewNeeded}
	c.record(now, "rca:opened", nil)
}

// RCAPatch changes the fields of an analysis that it names; a nil field stays as it
// is.
type RCAPatch struct {
	Version  int               `json:"version,omitempty"` // of the case's row that the caller saw
	Owner    *ref.ID           `json:"owner,omitempty"`
	Happened *string           `json:"happened,omitempty"`
	Why      *string           `json:"why,omitempty"`
	Factors  *[]string         `json:"factors,omitempty"`
	Causes   map[string]string `json:"causes,omitempty"` // the named sets alone change; "" takes the word away
}

// apply changes the analysis. Another word wants another review.
func (in RCAPatch) apply(fs *fault.Fields, p *profile.Profile, r *RCA) {
	text := func(field string, to, from *string) {
		if from != nil {
			*to = thread.Cleaned(fs, field, *from, MaxSummary)
		}
	}
	text("happened", &r.Happened, in.Happened)
	text("why", &r.Why, in.Why)
	if in.Factors != nil {
		if len(*in.Factors) > MaxFactors {
			fs.Add("factors", "there are %d of them; list at most %d", len(*in.Factors), MaxFactors)
		} else {
			r.Factors = trimmed(fs, "factors", *in.Factors)
		}
	}
	was := r.Causes
	r.Causes = maps.Clone(r.Causes)
	for _, name := range slices.Sorted(maps.Keys(in.Causes)) {
		r.sort(fs, p, name, in.Causes[name])
	}
	if !maps.Equal(was, r.Causes) {
		r.Review, r.Reviewer = ReviewNeeded, ""
	}
}

// sort gives the analysis its word of a set.
func (r *RCA) sort(fs *fault.Fields, p *profile.Profile, name, word string) {
	set, ok := p.RCA.Set(name)
	if !ok {
		fs.Add("causes."+name, "the profile has no set of causes %q", name)
		return
	}
	if word == "" {
		delete(r.Causes, name)
		return
	}
	if _, ok := set.Word(word); !ok {
		thread.Word(fs, "causes."+name, word, names(set.Words))
		return
	}
	if r.Causes == nil {
		r.Causes = map[string]string{}
	}
	r.Causes[name] = word
}

// plan puts an action into the analysis: a new one where it has no number. What was
// settled stays settled.
func (r *RCA) plan(fs *fault.Fields, a RCAAction) {
	a.Title = thread.Cleaned(fs, "title", a.Title, MaxTitle)
	fs.Want("title", a.Title, "say in a sentence what is to be done")
	thread.SetLine(fs, "link", &a.Link, &a.Link, 2000)
	if a.Link != "" && !advisory.IsWebURL(a.Link) {
		fs.Add("link", "the link must be an address that starts with https:// or http://")
	}
	thread.SetTime(fs, "due", &a.Due, &a.Due)
	r.Actions = slices.Clone(r.Actions)
	if a.Number == 0 {
		if len(r.Actions) >= MaxActions {
			fs.Add("title", "an analysis has at most %d actions", MaxActions)
		}
		r.Last++
		a.Number, a.State, a.Reason, a.By, a.At = r.Last, ActionOpen, "", "", time.Time{}
		r.Actions = append(r.Actions, a)
		return
	}
	i := r.action(a.Number)
	if i < 0 {
		fs.Add("number", "there is no action %d", a.Number)
		return
	}
	old := r.Actions[i]
	old.Title, old.Owner, old.Due, old.Link = a.Title, a.Owner, a.Due, a.Link
	r.Actions[i] = old
}

func (r RCA) action(number int) int {
	return slices.IndexFunc(r.Actions, func(a RCAAction) bool { return a.Number == number })
}

// Outcome says how an action ended.
type Outcome struct {
	State  string `json:"state"` // done, declined, or open again
	Reason string `json:"reason,omitempty"`
}

// settle ends an action, or opens it again. Its owner alone may decline it, and says
// why.
func (r *RCA) settle(number int, o Outcome, by access.Actor, now time.Time) error {
	i := r.action(number)
	if i < 0 {
		return fault.New(fault.NotFound, "there is no action %s in this analysis", strconv.Itoa(number))
	}
	r.Actions = slices.Clone(r.Actions)
	a := &r.Actions[i]
	switch {
	case !slices.Contains([]string{ActionOpen, ActionDone, ActionDeclined}, o.State):
		return fault.At("state", "an action ends as %s or %s, or is %s again", ActionDone, ActionDeclined, ActionOpen)
	case o.State == a.State:
		return fault.New(fault.Conflict, "action %d is %s already", number, o.State)
	case o.State == ActionDeclined && a.Owner != by.ID:
		return fault.New(fault.Forbidden, "an action is declined by its own owner; hand it to somebody else, or ask them")
	case o.State == ActionDeclined && o.Reason == "":
		return fault.At("reason", "an action is declined only for a reason; write a sentence for those who asked for it")
	}
	a.State, a.Reason, a.By, a.At = o.State, o.Reason, by.ID, now
	if o.State == ActionOpen {
		a.By, a.At = "", time.Time{}
	}
	return nil
}
