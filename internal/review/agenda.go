package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/profile"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// period is the time that a meeting looks at.
type period struct{ from, now time.Time }

// part is one rule that puts open risks on an agenda: it answers with the reasons,
// none where the risk does not belong there.
type part struct {
	name, title string
	why         func(f *facts, p period) []string
}

// parts are the sections of every agenda, in order; those of the profile's
// escalation rules follow.
var parts = []part{
	{"new", "New", isNew},
	{"worsened", "Worsened", hasWorsened},
	{"fell", "Rating fell by evidence", hasFallen},
	{"escalated", "Escalated by a review", isEscalated},
	{"overdue", "Overdue", isOverdue},
	{"indicator", "Indicators red or stale", hasAlarm},
	{"lapsed", "Acceptance lapsed", hasLapsed},
	{"blocked", "Blocked", isBlocked},
	{"held", "Rating held for a person", isHeld},
}

func isNew(f *facts, p period) []string {
	if f.Raised.Before(p.from) {
		return nil
	}
	return []string{"raised on " + day(f.Raised)}
}

func hasWorsened(f *facts, p period) []string {
	then, now := f.at(p.from), f.now()
	if !then.Set() || !now.Set() || now.Score <= then.Score {
		return nil
	}
	return []string{fmt.Sprintf("the score rose from %s to %s", then, now)}
}

// hasFallen tells of a rating that fell by itself, as long as the review that it made
// due is.
func hasFallen(f *facts, p period) []string {
	fall, ok := risk.FallOf(f.events)
	if !ok || f.Standing.World == "" || f.Review.IsZero() || f.Review.After(p.now) {
		return nil
	}
	return []string{fmt.Sprintf("fell from %s to %s on %s, by the evidence that all staff may open; nobody asked for it", fall.From, fall.To, day(fall.At))}
}

func isEscalated(f *facts, p period) (why []string) {
	for _, l := range f.looked {
		if l.outcome == Escalate && !l.at.Before(p.from) {
			why = append(why, "the review of "+day(l.at)+" escalates it: "+l.reason)
		}
	}
	return why
}

func isOverdue(f *facts, p period) (why []string) {
	for _, m := range f.Plan.Milestones {
		if m.Done.IsZero() && !m.Due.IsZero() && m.Due.Before(p.now) {
			why = append(why, fmt.Sprintf("milestone %q was due on %s, %s late", m.Title, day(m.Due), days(m.Due, p.now)))
		}
	}
	if !f.Due.IsZero() && f.Due.Before(p.now) && f.DueWhat != "milestone" {
		why = append(why, fmt.Sprintf("the clock “%s” was due on %s, %s late", f.clock, day(f.Due), days(f.Due, p.now)))
	}
	if !f.Review.IsZero() && f.Review.Before(p.now) {
		why = append(why, "its review was due on "+day(f.Review))
	}
	return why
}

func hasAlarm(f *facts, _ period) (why []string) {
	for _, l := range f.lights {
		if l.color == string(riskscore.Red) || l.color == string(riskscore.Stale) {
			why = append(why, fmt.Sprintf("%q is %s", l.title, l.color))
		}
	}
	return why
}

func hasLapsed(f *facts, _ period) []string {
	if !f.lapsed {
		return nil
	}
	return []string{"an acceptance is past its review or its end: it needs a decision"}
}

func isBlocked(f *facts, p period) []string {
	if f.Blocked.Reason == "" {
		return nil
	}
	says := "for " + days(f.Blocked.At, p.now) + ": " + strings.TrimRight(f.Blocked.Reason, ". \n")
	if !f.Blocked.Until.IsZero() {
		says += "; to be unblocked by " + day(f.Blocked.Until)
	}
	if f.Blocked.To != "" {
		says += "; escalated to " + f.Blocked.To
	}
	return []string{says}
}

func isHeld(f *facts, _ period) []string {
	if !f.Standing.Held {
		return nil
	}
	return []string{"base and evidence disagree: a named person must validate the rating"}
}

// checks are what an escalation rule of the profile can look at. The limit of a rule
// is in days, reviews or score, as its check counts.
var checks = map[string]func(f *facts, p period, limit int) []string{
	"dwell": func(f *facts, p period, limit int) []string {
		since := f.Standing.AboveSince
		if since.IsZero() || number(since, p.now) < limit {
			return nil
		}
		return []string{fmt.Sprintf("out of tolerance for %s, since %s", days(since, p.now), day(since))}
	},
	"worsened": func(f *facts, p period, limit int) []string {
		n := riskscore.Worsened(f.history(), append(slices.Clone(f.reviews), p.now))
		if n < max(limit, 1) {
			return nil
		}
		return []string{fmt.Sprintf("worse at %d reviews in a row, this one included", n)}
	},
	"lapsed": func(f *facts, p period, _ int) []string { return hasLapsed(f, p) },
	"blocked": func(f *facts, p period, limit int) []string {
		if f.Blocked.Reason == "" || number(f.Blocked.At, p.now) < limit {
			return nil
		}
		return isBlocked(f, p)
	},
	"above": func(f *facts, _ period, limit int) []string {
		if f.Standing.Score <= float64(limit) {
			return nil
		}
		return []string{fmt.Sprintf("scores %s, above %d", riskscore.Number(f.Standing.Score), limit)}
	},
}

// agenda puts the open risks into sections by the rules. A section without a risk is
// left out.
func agenda(fs []*facts, rules []profile.Escalation, p period) []Section {
	var out []Section
	add := func(s Section, why func(*facts) []string) {
		for _, f := range fs {
			if reasons := why(f); len(reasons) > 0 && !f.Closed {
				s.Items = append(s.Items, f.item(reasons, p))
			}
		}
		if len(s.Items) > 0 {
			out = append(out, s)
		}
	}
	for _, x := range parts {
		add(Section{Name: x.name, Title: x.title}, func(f *facts) []string { return x.why(f, p) })
	}
	for _, r := range rules {
		add(Section{Name: "rule:" + r.Name, Title: r.Title, Rule: true}, func(f *facts) []string { return checks[r.Check](f, p, r.Limit) })
	}
	return out
}

// item is the risk as an agenda shows it.
func (f *facts) item(why []string, p period) Item {
	return Item{Risk: f.ID, Title: f.Title, Owner: f.Owner, Department: f.Department, Why: why, Then: f.at(p.from), Now: f.now(), Arrow: string(f.trend().Arrow)}
}

// sections puts kept items back into the order of an agenda.
func sections(kept map[string][]Item, rules []profile.Escalation) []Section {
	var out []Section
	take := func(s Section) {
		if s.Items = kept[s.Name]; len(s.Items) > 0 {
			slices.SortStableFunc(s.Items, func(a, b Item) int { return cmp.Compare(b.Now.Score, a.Now.Score) })
			out = append(out, s)
			delete(kept, s.Name)
		}
	}
	for _, x := range parts {
		take(Section{Name: x.name, Title: x.title})
	}
	for _, r := range rules {
		take(Section{Name: "rule:" + r.Name, Title: r.Title, Rule: true})
	}
	for name := range kept { // of a rule that the profile no longer has
		take(Section{Name: name, Title: strings.TrimPrefix(name, "rule:"), Rule: true})
	}
	return out
}

// hits are the escalation rules that hold for open risks.
func hits(fs []*facts, rules []profile.Escalation, p period) (out []Hit) {
	for _, r := range rules {
		for _, f := range fs {
			if why := checks[r.Check](f, p, r.Limit); len(why) > 0 && !f.Closed {
				out = append(out, Hit{Rule: r.Name, Title: r.Title, Risk: f.ID, RiskTitle: f.Title, Why: sentence(why)})
			}
		}
	}
	return out
}

// String writes the score for people: "12 medium".
func (m Mark) String() string {
	switch {
	case !m.Set():
		return "not scored"
	case m.Rating == "":
		return riskscore.Number(m.Score)
	}
	return riskscore.Number(m.Score) + " " + m.Rating
}

// number is how many whole days lie between two moments.
func number(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// days tells a number of days.
func days(from, to time.Time) string {
	if n := number(from, to); n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "1 day"
}

// day tells a date.
func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }
