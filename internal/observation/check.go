package observation

import (
	"regexp"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/thread"
)

// Limits of the fields, in bytes.
const (
	MaxTitle = 300
	MaxLine  = 200
	MaxText  = 64 << 10
	MaxNote  = 4000
)

// causeKey is how a root cause is named, so that those who share it find each other.
var causeKey = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,79}$`)

// check cleans the texts of an observation and lists all that is wrong with it.
func (o *Observation) check(now time.Time) error {
	var fs fault.Fields
	thread.LineField(&fs, "title", &o.Title, MaxTitle)
	fs.Want("title", o.Title, "an observation needs a title; one sentence that says what was found")
	for _, x := range []struct {
		field string
		text  *string
	}{{"source", &o.Source}, {"department", &o.Department}, {"control", &o.Control}, {"external", &o.External}} {
		thread.LineField(&fs, x.field, x.text, MaxLine)
	}
	for _, x := range []struct {
		field string
		text  *string
	}{{"condition", &o.Condition}, {"criteria", &o.Criteria}, {"root_cause", &o.RootCause}, {"consequence", &o.Consequence}, {"recommendation", &o.Recommendation}} {
		thread.CleanField(&fs, x.field, x.text, MaxText)
	}
	thread.CleanField(&fs, "due_why", &o.DueWhy, MaxNote)
	thread.LineField(&fs, "link", &o.Link, 2000)
	if o.Link != "" && !strings.HasPrefix(o.Link, "https://") && !strings.HasPrefix(o.Link, "http://") {
		fs.Add("link", "the link must be an address that starts with https:// or http://")
	}
	if o.Cause = strings.ToLower(strings.TrimSpace(o.Cause)); o.Cause != "" && !causeKey.MatchString(o.Cause) {
		fs.Add("cause", "%.80q is no key of a root cause; use small letters, digits, dots and hyphens: missing-review", o.Cause)
	}
	o.checkTimes(&fs, now)
	return fs.Err()
}

func (o *Observation) checkTimes(fs *fault.Fields, now time.Time) {
	thread.SensibleTime(fs, "found", &o.Found)
	thread.SensibleTime(fs, "due", &o.Due)
	if o.Found.After(now) {
		fs.Add("found", "an observation cannot have been made in the future; give the day on which it was")
	}
	if o.DueWhy != "" && !o.Due.IsZero() && o.Due.Before(o.Found) {
		fs.Add("due", "it would be due before it was found; give a later day")
	}
}

// because reads why something is done, which has to be said.
func because(why string) (string, error) {
	why, err := thread.Clean("reason", why, MaxNote)
	if err == nil && why == "" {
		err = fault.At("reason", "say why; whoever reads this later will ask")
	}
	return why, err
}
