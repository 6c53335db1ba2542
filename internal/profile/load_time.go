package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a calendar means the same on a machine without zone files
)

// rawCalendar is a calendar as the file spells it.
type rawCalendar struct {
	Title    string            `json:"title" need:"true"`
	Kind     string            `json:"kind" need:"true"`
	Zone     string            `json:"zone" need:"true"`
	Days     []string          `json:"days"`
	Hours    string            `json:"hours"`
	Holidays map[string]string `json:"holidays"`
}

// calendars makes the calendars, and says what is wrong with each on the way.
func (l *loader) calendars() map[string]*Calendar {
	out := map[string]*Calendar{}
	for _, name := range sortedKeys(l.raw.calendars.Calendars) {
		r, at := l.raw.calendars.Calendars[name], key(calendarsFile, "calendars", name)
		l.word(key(at, "@key"), name)
		c := &Calendar{Name: name, Title: r.Title, Kind: r.Kind, Zone: l.zone(key(at, "zone"), r.Zone), To: 24 * time.Hour, Holidays: r.Holidays}
		switch r.Kind {
		case KindBusiness:
			l.business(at, r, c)
		case KindCalendar:
			if r.Days != nil || r.Hours != "" || r.Holidays != nil {
				l.say(at, "remove days, hours and holidays, or say kind: business", "a calendar of the kind calendar counts every hour")
			}
		default:
			l.unknown(key(at, "kind"), "kind of calendar", r.Kind, []string{KindBusiness, KindCalendar})
		}
		out[name] = c
	}
	return out
}

func (l *loader) business(at string, r rawCalendar, c *Calendar) {
	c.Days = map[time.Weekday]bool{}
	for i, d := range r.Days {
		wd, ok := weekday(d)
		if !ok {
			l.say(key(at, "days", i), "use mon, tue, wed, thu, fri, sat or sun", "%q is no weekday", d)
		} else if c.Days[wd] {
			l.say(key(at, "days", i), "remove one", "the weekday %s is listed twice", d)
		}
		c.Days[wd] = c.Days[wd] || ok
	}
	if len(r.Days) == 0 {
		l.say(at, "add days: [mon, tue, wed, thu, fri]", "a business calendar without days never comes to an end")
	}
	if r.Hours != "" {
		var ok bool
		if c.From, c.To, ok = hours(r.Hours); !ok {
			l.say(key(at, "hours"), `write them as "09:00-17:30", the end after the beginning`, "%q are no working hours", r.Hours)
		}
	}
	for _, date := range sortedKeys(r.Holidays) {
		l.date(key(at, "holidays", date, "@key"), date, time.UTC)
	}
}

// hours reads "09:00-17:30"; "24:00" is the end of the day.
func hours(s string) (from, to time.Duration, ok bool) {
	a, b, ok := strings.Cut(s, "-")
	from, okA := clockTime(strings.TrimSpace(a))
	to, okB := clockTime(strings.TrimSpace(b))
	return from, to, ok && okA && okB && from < to
}

func clockTime(s string) (time.Duration, bool) {
	h, m, ok := strings.Cut(s, ":")
	hour, errH := strconv.Atoi(h)
	minute, errM := strconv.Atoi(m)
	ok = ok && errH == nil && errM == nil && len(h) == 2 && len(m) == 2 &&
		hour >= 0 && minute >= 0 && minute < 60 && hour*60+minute <= 24*60
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, ok
}

// zone reads an IANA zone name; "Local" would mean another zone on each machine.
func (l *loader) zone(at, name string) *time.Location {
	if name == "" {
		return time.UTC // the reader has said that it is missing
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		l.say(at, "use an IANA name such as UTC or Europe/Amsterdam", "%q is no time zone", name)
		return time.UTC
	}
	return zone
}

func (l *loader) date(at, text string, zone *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		l.say(at, "write a day that exists as YYYY-MM-DD", "%q is no date", text)
	}
	return t, err == nil
}

// rawClock is a clock as the file spells it.
type rawClock struct {
	Name     string   `json:"name" need:"true"`
	Title    string   `json:"title" need:"true"`
	On       string   `json:"on" need:"true"`
	Kind     string   `json:"kind" need:"true"`
	Start    []string `json:"start" need:"true"`
	Stop     []string `json:"stop"`
	Pause    []string `json:"pause"`
	Resume   []string `json:"resume"`
	Target   target   `json:"target" need:"true"`
	Calendar string   `json:"calendar" need:"true"`
	Warn     []Span   `json:"warn"`
	Resets   bool     `json:"resets"`
}

// target is a clock's target: one span, a word that says where the spans stand,
// or a span by severity with "any" for all others.
type target struct {
	word  string
	spans map[string]Span
}

// anySeverity is how files spell "at any other severity".
const anySeverity = "any"

func (l *loader) clocks(p *Profile) []Clock {
	var out []Clock
	for i, r := range l.raw.clocks.Clocks {
		c := Clock{Name: r.Name, Title: r.Title, On: r.On, Kind: r.Kind, Start: r.Start, Stop: r.Stop, Pause: r.Pause, Resume: r.Resume,
			Calendar: r.Calendar, Warn: r.Warn, Resets: r.Resets}
		c.Target = l.target(p, key(clocksFile, "clocks", i, "target"), r.Target)
		out = append(out, c)
	}
	return out
}

func (l *loader) target(p *Profile, at string, t target) map[string]Span {
	out := map[string]Span{}
	switch t.word {
	case "":
		for word, s := range t.spans {
			out[strings.TrimSuffix(word, anySeverity)] = s
		}
	case "sla.remediate", "sla.mitigate":
		for word, row := range p.SLA.Rows {
			s := row.Remediate
			if t.word == "sla.mitigate" {
				s = row.Mitigate
			}
			if !s.Zero() {
				out[word] = s
			}
		}
	case "disclosure.days":
		if p.Disclosure.Days > 0 {
			out[""] = Span{p.Disclosure.Days, "d"}
		}
	default:
		s, err := ParseSpan(t.word)
		if err != nil {
			l.say(at, "write a span such as 5d, a table of spans by severity, or one of sla.remediate, sla.mitigate, disclosure.days", "%q is no target", t.word)
			break
		}
		out[""] = s
	}
	return out
}

// sla finishes what the reader filled in: zones and dates of the schedules.
func (l *loader) sla() SLA {
	s := l.raw.sla
	for _, name := range sortedKeys(s.Schedules) {
		c, at := s.Schedules[name], key(slaFile, "schedules", name)
		l.word(key(at, "@key"), name)
		c.zone = l.zone(key(at, "zone"), c.Zone)
		c.dates = l.dates(key(at, "dates"), c.Dates, c.zone)
		c.skip = l.dates(key(at, "skip"), c.Skip, c.zone)
		s.Schedules[name] = c
	}
	return s
}

func (l *loader) dates(at string, texts []string, zone *time.Location) []time.Time {
	var out []time.Time
	for i, text := range texts {
		t, ok := l.date(key(at, i), text, zone)
		if !ok {
			continue
		}
		if slices.ContainsFunc(out, t.Equal) {
			l.say(key(at, i), "remove one", "%s is listed twice", text)
		}
		out = append(out, t)
	}
	return out
}

func (l *loader) checkClocks(p *Profile) {
	seen := map[string]bool{}
	for i, c := range p.Clocks {
		at := key(clocksFile, "clocks", i)
		l.word(key(at, "name"), c.Name)
		if seen[c.Name] {
			l.say(key(at, "name"), "rename one", "two clocks are called %q", c.Name)
		}
		seen[c.Name] = true
		l.unknown(key(at, "on"), "life cycle", c.On, p.recorded())
		l.unknown(key(at, "kind"), "kind of clock", c.Kind, clockKinds)
		l.unknown(key(at, "calendar"), "calendar", c.Calendar, sortedKeys(p.Calendars))
		l.clockEvents(p, at, c)
		l.clockSpans(p, at, c)
	}
}

// recorded lists the kinds of record that clocks run on.
func (p *Profile) recorded() []string {
	return slices.DeleteFunc(sortedKeys(p.Lifecycles), func(name string) bool { return strings.HasPrefix(name, ofRisks+"-") })
}

// clockKinds are what a clock can be: a target of our own, a promise to customers,
// the day of disclosure, a promise to the reporter, work that follows a resolution
// and may outlive its record.
var clockKinds = []string{"slo", "sla", "disclosure", "promise", "followup"}

func (l *loader) clockEvents(p *Profile, at string, c Clock) {
	known := l.events(p, c.On)
	for _, part := range []struct {
		name   string
		events []string
	}{{"start", c.Start}, {"stop", c.Stop}, {"pause", c.Pause}, {"resume", c.Resume}} {
		for k, e := range part.events {
			if known != nil && !slices.Contains(known, e) {
				l.say(key(at, part.name, k), pick(e, known), "no life cycle can produce the event %q on a %s", e, c.On)
			}
		}
	}
	for k, e := range c.Stop {
		if slices.Contains(c.Start, e) {
			l.say(key(at, "stop", k), "remove it from one of the two", "the event %q both starts and stops the clock", e)
		}
	}
	switch {
	case len(c.Stop) == 0 && c.Kind != "disclosure":
		l.say(at, "add stop: and the events that end it; only a clock of the kind disclosure may run out", "the clock %q never stops", c.Name)
	case (len(c.Pause) == 0) != (len(c.Resume) == 0):
		l.say(at, "give both or neither", "the clock %q has one of pause and resume without the other", c.Name)
	}
}

func (l *loader) clockSpans(p *Profile, at string, c Clock) {
	cal := p.Calendars[c.Calendar]
	written := l.raw.clocks.Clocks[index(at)].Target.spans
	for _, word := range sortedKeys(written) {
		switch {
		case word == anySeverity:
		case c.On == ofRisks:
			l.unknown(key(at, "target", word, "@key"), "rating", word, p.RatingWords())
		default:
			l.severity(p, key(at, "target", word, "@key"), word)
		}
		l.unit(key(at, "target", word), written[word], cal)
	}
	if written == nil {
		for _, s := range c.Target {
			l.unit(key(at, "target"), s, cal)
		}
	}
	if t := l.raw.clocks.Clocks[index(at)].Target; t.word == "" && len(t.spans) == 0 {
		l.say(key(at, "target"), "add a span, such as any: 5d", "the clock %q has no target", c.Name)
	}
	for k, w := range c.Warn {
		l.unit(key(at, "warn", k), w, cal)
		for _, s := range c.Target {
			if w.approx() >= s.approx() && !w.Zero() && !s.Zero() {
				l.say(key(at, "warn", k), "warn less than the shortest target before it is due", "a warning %s before the end of %s comes before the beginning", w, s)
				break
			}
		}
	}
}

// unit refuses days that the calendar does not count.
func (l *loader) unit(at string, s Span, c *Calendar) {
	switch {
	case c == nil || s.Zero():
	case c.Kind == KindBusiness && s.Unit == "d":
		l.say(at, fmt.Sprintf("write %dbd, or use a calendar of the kind calendar", s.N), "the calendar %q counts business days, not days", c.Name)
	case c.Kind == KindCalendar && s.Unit == "bd":
		l.say(at, fmt.Sprintf("write %dd, or use a calendar of the kind business", s.N), "the calendar %q counts days, not business days", c.Name)
	}
}
