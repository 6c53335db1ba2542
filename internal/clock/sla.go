package clock

import (
	"fmt"
	"slices"
	"time"

	"tocsin/internal/profile"
)

// Facts is what the due date of a vulnerability depends on. Its zero values are
// what is not known yet.
type Facts struct {
	Code       string               // whose code it is: "own" or "dependency"
	First      map[string]time.Time // when each recorded event happened first: "opened", "fix:available" …
	Severity   string               // the word now
	ChangedAt  time.Time            // when the severity last changed from one known word to another
	Extensions []Extension
	Releases   []time.Time // planned releases, in order; nil: those of the profile's schedule
}

// FactsOf reads the facts from the events until now. Extensions are those that
// name the clock.
func FactsOf(code, clock string, events []Event, now time.Time) Facts {
	events = order(events, now)
	f := Facts{Code: code, First: firsts(events)}
	for _, e := range events {
		if x, ok := extension(e); ok && e.Data["clock"] == clock {
			f.Extensions = append(f.Extensions, x)
		}
		if word, ok := e.Data["severity"]; ok && e.Name == EventSeverity && word != f.Severity {
			if f.Severity != "" {
				f.ChangedAt = e.At
			}
			f.Severity = word
		}
	}
	return f
}

// DueDates is by when a vulnerability must be mitigated and remediated.
type DueDates struct {
	Start    time.Time // when the time began to run; zero: not yet, and nothing is due
	Mitigate time.Time // zero: no mitigation is promised
	SLA      time.Time // start + time to remediate + extensions

	Release    time.Time // the last release that keeps the SLA date; zero: none, or none needed
	ReleaseDue time.Time // when the fix must be ready for it

	Due  time.Time // the earlier of SLA and ReleaseDue, or what a severity change left: see Past
	Past bool      // a severity change put the due date into the past, so that the next security release is due
	Why  []string  // how it was found, in sentences
}

// Due finds the due dates by the profile's service levels: the SLA date, the
// release-aware date, and the earlier of them.
func Due(p *profile.Profile, f Facts) DueDates {
	var out DueDates
	row, ok := p.SLA.Rows[f.Severity]
	cal := p.Calendars[p.SLA.Calendar]
	switch {
	case !ok:
		out.say("%s: no time to remediate is promised", known(f.Severity))
		return out
	case !Works(cal):
		out.say("calendar %q has no working day, so nothing is due", p.SLA.Calendar)
		return out
	case !out.start(p.SLA, f):
		return out
	}
	out.count(cal, row, f)
	out.release(p.SLA, f)
	out.overtaken(p.SLA, f)
	return out
}

func (d *DueDates) say(format string, args ...any) {
	d.Why = append(d.Why, fmt.Sprintf(format, args...))
}

// start is the latest of the events that the rule for this code waits for.
func (d *DueDates) start(sla profile.SLA, f Facts) bool {
	rule, ok := ruleFor(sla, f.Code)
	if !ok {
		d.say("no rule says when the time begins for code %q", f.Code)
		return false
	}
	on, waits := latest(rule.After, f.First)
	if on == "" {
		d.say("the time has not begun: it waits for %s", waits)
		return false
	}
	d.Start = f.First[on]
	d.say("began %s on %s", moment(d.Start), on)
	return true
}

// kindSLA is the kind of clock that begins by the rule for the code.
const kindSLA = "sla"

func ruleFor(sla profile.SLA, code string) (profile.StartRule, bool) {
	i := slices.IndexFunc(sla.Start, func(r profile.StartRule) bool { return r.Code == code })
	if i < 0 {
		return profile.StartRule{}, false
	}
	return sla.Start[i], true
}

// latest returns the last of the named events to happen for the first time, or
// else the first of them that has not.
func latest(names []string, first map[string]time.Time) (on, waits string) {
	for _, name := range names {
		at, ok := first[name]
		if !ok {
			return "", name
		}
		if on == "" || at.After(first[on]) {
			on = name
		}
	}
	return on, ""
}

// lastOf returns the event that starts a clock which waits for all of the names;
// none, as long as one is missing.
func lastOf(names []string, events []Event) []string {
	if on, _ := latest(names, firsts(events)); on != "" {
		return []string{on}
	}
	return nil
}

// firsts returns when each ordered event happened first.
func firsts(events []Event) map[string]time.Time {
	first := map[string]time.Time{}
	for _, e := range events {
		if _, ok := first[e.Name]; !ok {
			first[e.Name] = e.At
		}
	}
	return first
}

// count adds the promise and the extensions to the start.
func (d *DueDates) count(cal *profile.Calendar, row profile.SLARow, f Facts) {
	m := machine{days: newDays(cal)} // for its words
	if !row.Mitigate.Zero() {
		d.Mitigate = Add(cal, d.Start, row.Mitigate)
		d.say("%s: mitigate within %s, by %s", f.Severity, m.words(row.Mitigate), moment(d.Mitigate))
	}
	spans := []profile.Span{row.Remediate}
	for _, x := range f.Extensions {
		spans = append(spans, x.Span)
		d.say("extended by %s", m.words(x.Span))
	}
	d.SLA = Add(cal, d.Start, spans...)
	d.Due = d.SLA
	d.say("%s: remediate within %s, SLA date %s", f.Severity, m.words(row.Remediate), moment(d.SLA))
}

// release finds the last release that a fix can still be in by the SLA date.
func (d *DueDates) release(sla profile.SLA, f Facts) {
	if !slices.Contains(sla.ForRelease, f.Severity) {
		return
	}
	lead := time.Duration(sla.LeadHours) * time.Hour
	in := f.releases(sla, d.Start.Add(lead), d.SLA)
	if len(in) == 0 {
		d.say("no release lies between the start and the SLA date")
		return
	}
	d.Release = in[len(in)-1]
	d.ReleaseDue = d.Release.Add(-lead)
	d.Due = earlier(d.SLA, d.ReleaseDue)
	d.say("last release by then %s, less %d h: due %s", moment(d.Release), sla.LeadHours, moment(d.Due))
}

// overtaken handles a due date that lay in the past when the severity changed.
func (d *DueDates) overtaken(sla profile.SLA, f Facts) {
	if f.ChangedAt.IsZero() || !d.Due.Before(f.ChangedAt) {
		return
	}
	d.Past = true
	next := f.releases(sla, f.ChangedAt, f.ChangedAt.AddDate(1, 0, 0))
	if len(next) == 0 {
		d.say("that was past when the severity changed %s, and no release is planned", moment(f.ChangedAt))
		return
	}
	d.Due = next[0]
	d.say("that was past when the severity changed %s: due with the next security release, %s", moment(f.ChangedAt), moment(d.Due))
}

// releases lists the releases from one moment to another, both included.
func (f Facts) releases(sla profile.SLA, from, to time.Time) []time.Time {
	if f.Releases == nil {
		return sla.ReleasesBetween(from, to)
	}
	out := slices.Clone(f.Releases)
	slices.SortFunc(out, time.Time.Compare)
	return slices.DeleteFunc(out, func(r time.Time) bool { return r.Before(from) || r.After(to) })
}

// Trim cuts an extension that is asked for to the longest allowed at the severity,
// counted from the due date that it would move; cut tells that it did. Where
// nothing is allowed, the zero Span.
func Trim(p *profile.Profile, severity string, due time.Time, asked profile.Span) (span profile.Span, cut bool) {
	cal := p.Calendars[p.SLA.Calendar]
	for _, x := range p.SLA.Extensions[severity] {
		if span.Zero() || Add(cal, due, span).Before(Add(cal, due, x)) {
			span = x
		}
	}
	if span.Zero() || Add(cal, due, span).Before(Add(cal, due, asked)) {
		return span, true
	}
	return asked, false
}

// AtRisk tells that something open is due soon: within the profile's span, and not
// past yet.
func AtRisk(p *profile.Profile, due, now time.Time) bool {
	if due.IsZero() || p.SLA.AtRisk.Zero() || due.Before(now) {
		return false
	}
	return !Before(p.Calendars[p.SLA.Calendar], due, p.SLA.AtRisk).After(now)
}

// Item is a vulnerability as the SLA figures see it. They go by the SLA date: the
// release-aware date is for planning, and missing it breaks no promise.
type Item struct {
	Due    time.Time // the SLA date; zero: nothing is due, and it counts in no figure
	Closed time.Time // zero: open
}

// Share is so many of so many.
type Share struct{ Part, Of int }

// Percent returns the share in percent; false where there is nothing to share.
func (s Share) Percent() (float64, bool) {
	if s.Of == 0 {
		return 0, false
	}
	return 100 * float64(s.Part) / float64(s.Of), true
}

// InSLA returns how many of all closed by now were closed by their due date.
func InSLA(items []Item, now time.Time) (s Share) {
	for _, x := range items {
		if x.Due.IsZero() || x.Closed.IsZero() || x.Closed.After(now) {
			continue
		}
		s.Of++
		if !x.Closed.After(x.Due) {
			s.Part++
		}
	}
	return s
}

// OpenOverdue returns how many of all open at now are past their due date.
func OpenOverdue(items []Item, now time.Time) (s Share) {
	for _, x := range items {
		if x.Due.IsZero() || !x.Closed.IsZero() && !x.Closed.After(now) {
			continue
		}
		s.Of++
		if x.Due.Before(now) {
			s.Part++
		}
	}
	return s
}
