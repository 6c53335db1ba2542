package profile

import (
	"slices"
	"time"
)

// SLA is the vendor's promise of how soon a vulnerability is mitigated and
// remediated, and what may be done when that cannot be kept.
type SLA struct {
	Calendar string            `json:"calendar" need:"true"`
	Rows     map[string]SLARow `json:"rows" need:"true"`  // by severity word
	Start    []StartRule       `json:"start" need:"true"` // by whose code it is

	LeadHours  int                 `json:"lead_hours" need:"true"` // so long before its release a fix must be ready
	ForRelease []string            `json:"release_due"`            // severities whose due date is bound to a release
	Schedules  map[string]Schedule `json:"schedules" need:"true"`  // of releases, by name
	Schedule   string              `json:"schedule" need:"true"`   // the one in force

	Extensions map[string][]Span `json:"extensions" need:"true"` // allowed lengths by severity word
	Kinds      []ExtensionKind   `json:"extension_kinds" need:"true"`
	AtRisk     Span              `json:"at_risk" need:"true"` // due within this: on the list of what is at risk
}

// SLARow is the promise at one severity.
type SLARow struct {
	Mitigate  Span `json:"mitigate,omitzero"` // zero: nothing is promised
	Remediate Span `json:"remediate" need:"true"`
}

// StartRule says when the time begins to run: once all of After have happened.
type StartRule struct {
	Code  string   `json:"code" need:"true"`  // "own" or "dependency"
	After []string `json:"after" need:"true"` // recorded events; the latest of them counts
}

// ExtensionKind is a reason for which an extension may be given.
type ExtensionKind struct {
	Name      string `json:"name" need:"true"`
	Title     string `json:"title" need:"true"`
	About     string `json:"about,omitempty"`
	Permanent bool   `json:"permanent"` // it may be given for ever
}

// Schedule says when releases are: by rules, and on dates that no rule gives.
type Schedule struct {
	Title string        `json:"title" need:"true"`
	Zone  string        `json:"zone" need:"true"` // IANA name
	Rules []ReleaseRule `json:"rules,omitempty"`
	Dates []string      `json:"dates,omitempty"` // "2026-11-04"
	Skip  []string      `json:"skip,omitempty"`  // dates on which a rule's release does not happen

	zone  *time.Location
	dates []time.Time
	skip  []time.Time
}

// ReleaseRule names one day in every month: the day Day, or the Week-th Weekday,
// moved by Plus days.
type ReleaseRule struct {
	Day     int    `json:"day,omitempty"`
	Week    int    `json:"week,omitempty"`
	Weekday string `json:"weekday,omitempty"`
	Plus    int    `json:"plus,omitempty"`
}

// ReleasesBetween lists the releases of the schedule in force from the first
// instant to the second, both included, in order. A release counts as midnight at
// the beginning of its day in the schedule's zone.
func (s SLA) ReleasesBetween(from, to time.Time) []time.Time {
	return s.Schedules[s.Schedule].between(from, to)
}

// ReleaseDue returns the instant at which a fix must be ready for the last
// release between start and due; false when there is no release in time or the
// severity is not bound to releases.
func (s SLA) ReleaseDue(severity string, start, due time.Time) (time.Time, bool) {
	if !slices.Contains(s.ForRelease, severity) {
		return time.Time{}, false
	}
	lead := time.Duration(s.LeadHours) * time.Hour
	releases := s.ReleasesBetween(start.Add(lead), due)
	if len(releases) == 0 {
		return time.Time{}, false
	}
	return releases[len(releases)-1].Add(-lead), true
}

// between walks the months around the window, one more on each side because a
// rule may move its day out of its month.
func (s Schedule) between(from, to time.Time) []time.Time {
	if s.zone == nil || to.Before(from) {
		return nil
	}
	days := slices.Clone(s.dates)
	first, last := from.In(s.zone), to.In(s.zone)
	for m := time.Date(first.Year(), first.Month()-1, 1, 0, 0, 0, 0, s.zone); !m.After(last.AddDate(0, 1, 0)); m = m.AddDate(0, 1, 0) {
		for _, r := range s.Rules {
			if day, ok := r.in(m); ok {
				days = append(days, day)
			}
		}
	}
	days = slices.DeleteFunc(days, func(d time.Time) bool {
		return d.Before(from) || d.After(to) || slices.ContainsFunc(s.skip, d.Equal)
	})
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

// in returns the rule's day in the month that begins at first; a day that the
// month does not have (the 31st of June) is none.
func (r ReleaseRule) in(first time.Time) (time.Time, bool) {
	n := r.Day
	if r.Week > 0 {
		wd, _ := weekday(r.Weekday)
		n = 1 + (int(wd)-int(first.Weekday())+7)%7 + 7*(r.Week-1)
	}
	day := first.AddDate(0, 0, n-1)
	if day.Month() != first.Month() {
		return time.Time{}, false
	}
	return day.AddDate(0, 0, r.Plus), true
}

// weekday reads a weekday as profiles spell it: "mon".
func weekday(s string) (time.Weekday, bool) {
	for d := range time.Weekday(7) {
		if dayName(d) == s {
			return d, true
		}
	}
	return 0, false
}
