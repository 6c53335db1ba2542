package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/web/ui"
)

var profileRoutes = []Route{
	{Pattern: "GET /profile", Verb: "profile.read", Do: profileShow},
	{Pattern: "GET /profile/{part}", Verb: "profile.read", Do: profileShow},
}

// ProfilePage is one part of the profile in force, for people.
type ProfilePage struct {
	Head ui.PageHead
	*profile.Profile
	Part string
}

// profileParts are the parts of the profile, each with its own address.
var profileParts = []struct{ Word, Text string }{{"", "Vendor and severity"}, {"lifecycles", "Life cycles"}, {"time", "Clocks and calendars"}, {"words", "Words and messages"}, {"grants", "Grants"}, {"risk", "Risk scales"}}

func profileShow(w *Web, r *http.Request) (Answer, error) {
	p := ProfilePage{Head: w.head(r, "Profile", "profile"), Part: r.PathValue("part")}
	p.Head.Style = "profile.css"
	var err error
	if p.Profile, err = w.Process(r.Context()); err != nil {
		return Answer{}, err
	}
	for _, x := range profileParts {
		if x.Word == p.Part {
			return show(200, profileView(p))
		}
	}
	return Answer{}, access.NoRecord()
}

func (p ProfilePage) tabs() (out []ui.Tab) {
	for _, x := range profileParts {
		out = append(out, ui.Tab{Text: x.Text, Href: strings.TrimSuffix("/profile/"+x.Word, "/"), Now: x.Word == p.Part})
	}
	return out
}

// cycles are the life cycles in the order in which a vulnerability meets them.
func (p ProfilePage) cycles() (out []*lifecycle.Machine) {
	names := slices.Sorted(maps.Keys(p.Lifecycles))
	order := []string{"advisory", "case", "report"} // all others come after them
	slices.SortStableFunc(names, func(a, b string) int { return slices.Index(order, b) - slices.Index(order, a) })
	for _, n := range names {
		out = append(out, p.Lifecycles[n])
	}
	return out
}

// bands are the severities from the highest to the lowest.
func (p ProfilePage) bands() []profile.Band {
	out := slices.Clone(p.Severity.Bands)
	slices.Reverse(out)
	return out
}

// targets says a clock's targets, those of the highest severity first.
func (p ProfilePage) targets(c profile.Clock) (out []string) {
	for _, b := range p.bands() {
		if t, ok := c.Target[b.Word]; ok {
			out = append(out, b.Title+": "+t.Words())
		}
	}
	if t, ok := c.Target[""]; ok {
		word := "any other"
		if len(out) == 0 {
			word = "any severity"
		}
		out = append(out, word+": "+t.Words())
	}
	return out
}

// eventSays is a recorded event in words: "enter:triage" is "entering Triage".
func (p ProfilePage) eventSays(on, event string) string {
	word, stage, ok := strings.Cut(event, ":")
	m := p.Lifecycle(on)
	if !ok || m == nil {
		return event
	}
	s, known := m.Stage(stage)
	verb := map[string]string{"enter": "entering ", "leave": "leaving "}[word]
	if !known || verb == "" {
		return strings.ReplaceAll(event, ":", " ")
	}
	return verb + s.Title
}

func (p ProfilePage) events(on string, events []string) string {
	var out []string
	for _, e := range events {
		out = append(out, p.eventSays(on, e))
	}
	return strings.Join(out, ", ")
}

func spanWords(spans []profile.Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Words())
	}
	return strings.Join(out, ", ")
}

// week says on which days and hours a calendar works.
func week(c *profile.Calendar) string {
	if c.Kind != profile.KindBusiness {
		return "every day, all hours"
	}
	var days []string
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); c.Days[d] {
			days = append(days, d.String()[:3])
		}
	}
	out := strings.Join(days, ", ")
	if c.From > 0 || c.To < 24*time.Hour {
		out += fmt.Sprintf(", %s to %s", wall(c.From), wall(c.To))
	}
	return out
}

func wall(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// releaseRule says on which day of every month a release is.
func releaseRule(r profile.ReleaseRule) string {
	out := fmt.Sprintf("day %d of every month", r.Day)
	if r.Week > 0 {
		out = fmt.Sprintf("%s %s of every month", ordinal(r.Week), upperFirst(r.Weekday))
	}
	if r.Plus != 0 {
		out += fmt.Sprintf(", %+d days", r.Plus)
	}
	return out
}

func ordinal(n int) string {
	words := []string{"", "first", "second", "third", "fourth", "fifth"}
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprintf("%dth", n)
}

func (p ProfilePage) schedule(s profile.Schedule) string {
	var out []string
	for _, r := range s.Rules {
		out = append(out, releaseRule(r))
	}
	return strings.Join(append(out, s.Dates...), ", ")
}

// lists are the word lists that are no more than names with a title.
func (p ProfilePage) lists() []titled {
	return []titled{{"Where reports come from", p.Sources}, {"Verdicts on an environment", p.Verdicts}, {"States of a fix", p.Remediations}, {"Verdicts on a fix", p.Validations},
		{"Credit", p.Credits}, {"STRIDE", p.Stride}, {"Kinds of release", p.Releases.Kinds}}
}

// titled is a list of words with its heading.
type titled struct {
	Title string
	Words []profile.Named
}
