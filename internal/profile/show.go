package profile

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Draw returns a Markdown text with a Mermaid diagram of every life cycle.
func (p *Profile) Draw() string {
	var b strings.Builder
	for i, name := range sortedKeys(p.Lifecycles) {
		if i > 0 {
			b.WriteString("\n")
		}
		m := p.Lifecycles[name]
		fmt.Fprintf(&b, "## %s (%s)\n\n```mermaid\n%s```\n", m.Title, name, m.Mermaid())
	}
	return b.String()
}

// ShowJSON writes the whole profile as one JSON object.
func (p *Profile) ShowJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(p)
}

// Show writes everything that the profile says, for people.
func (p *Profile) Show(w io.Writer) error {
	s := &show{w: tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
	s.line("%s (%s)", p.Title, p.Version)
	s.line("%s", p.About)
	for _, part := range []func(*Profile){
		s.publisher, s.severity, s.lifecycles, s.calendars, s.clocks, s.sla, s.words, s.rca, s.messages, s.grants, s.risk, s.register,
	} {
		part(p)
	}
	if s.err == nil {
		s.err = s.w.Flush()
	}
	return s.err
}

// show writes lines of columns and remembers the first error.
type show struct {
	w   *tabwriter.Writer
	err error
}

func (s *show) line(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format+"\n", args...)
	}
}

func (s *show) head(title string) { s.line("\n%s", strings.ToUpper(title)) }

// row writes a line of columns.
func (s *show) row(columns ...string) { s.line("  %s", strings.Join(columns, "\t")) }

// words joins words as people list them.
func words(all []string) string { return strings.Join(all, ", ") }

func yes(word string, is bool) string {
	if is {
		return word
	}
	return ""
}

func (s *show) named(title string, list []Named) {
	s.head(title)
	for _, n := range list {
		s.row(n.Name, n.Title, n.About)
	}
}

func (s *show) publisher(p *Profile) {
	s.head("publisher")
	s.row("name", p.Publisher.Name)
	s.row("namespace", p.Publisher.Namespace)
	s.row("category", p.Publisher.Category)
	s.row("contact", p.Publisher.Contact)
	s.row("policy", p.Publisher.Policy)
	s.row("CVE organisation", p.Publisher.OrgID, p.Publisher.CNA)
	s.row("languages", words(p.Publisher.Languages))
	s.row("supported release lines", fmt.Sprint(p.Releases.Supported), yes("and the main branch", p.Releases.Main))
	s.named("kinds of release", p.Releases.Kinds)
	s.named("roles", p.Roles)
	s.head("TLP labels")
	s.row(words(p.TLP))
}

func (s *show) severity(p *Profile) {
	s.head("severity")
	s.row("decided by the first of", words(p.Severity.Sources))
	for _, b := range p.Severity.Bands {
		s.row(b.Word, b.Title, fmt.Sprintf("%.1f to %.1f", b.From, b.To), fmt.Sprintf("votes of others: %d", p.Votes[b.Word]), b.Label, b.Priority)
	}
	for _, r := range p.CVSSRules {
		s.row("warn on", fmt.Sprintf("%s:%s of CVSS %s when %s", r.Metric, r.Value, r.Version, r.When), r.Says)
	}
}

func (s *show) lifecycles(p *Profile) {
	for _, name := range sortedKeys(p.Lifecycles) {
		m := p.Lifecycles[name]
		s.head("life cycle: " + name)
		for _, st := range m.Stages {
			s.row(st.Name, st.Title, string(st.Phase), yes("end", st.Terminal), st.Plain)
		}
		s.line("")
		for _, mv := range m.Moves {
			s.row(mv.Verb, mv.From+" > "+mv.To, yes("loop", mv.Loop), yes("with a reason", mv.Reason), "needs: "+words(mv.Needs), "does: "+words(mv.Does))
		}
		s.line("")
		for _, l := range m.Labels {
			s.row("label", l.Name, l.Title, yes("with a reason", l.Reason), words(l.Stages))
		}
	}
}

func (s *show) calendars(p *Profile) {
	s.head("calendars")
	for _, name := range sortedKeys(p.Calendars) {
		c := p.Calendars[name]
		var days []string
		for _, d := range c.weekdays() {
			days = append(days, dayName(d))
		}
		s.row(name, c.Title, c.Kind, c.Zone.String(), words(days), c.hours())
		for _, date := range sortedKeys(c.Holidays) {
			s.row("", "holiday", date, c.Holidays[date])
		}
	}
}

func (s *show) clocks(p *Profile) {
	s.head("clocks")
	for _, c := range p.Clocks {
		s.row(c.Name, c.Title, c.On, c.Kind, c.Calendar, p.targets(c))
		s.row("", "starts on "+words(c.Start)+yes(" (anew each time)", c.Resets)+stops(c))
		if len(c.Pause) > 0 {
			s.row("", "held from "+words(c.Pause)+" to "+words(c.Resume))
		}
		s.row("", "warns before: "+spans(c.Warn))
	}
	s.head("disclosure")
	s.row(fmt.Sprintf("%d days, warning %d days before; choices: %s", p.Disclosure.Days, p.Disclosure.WarnDays, strings.Trim(fmt.Sprint(p.Disclosure.Choices), "[]")))
}

// targets writes a clock's targets from the highest severity to the lowest.
func (p *Profile) targets(c Clock) string {
	var out []string
	known := p.SeverityWords()
	if c.On == ofRisks {
		known = p.RatingWords()
	}
	for _, word := range slices.Backward(known) {
		if t, ok := c.Target[word]; ok {
			out = append(out, word+" "+t.Words())
		}
	}
	if t, ok := c.Target[""]; ok {
		out = append(out, anySeverity+" "+t.Words())
	}
	return words(out)
}

func stops(c Clock) string {
	if len(c.Stop) == 0 {
		return ", runs until it is due"
	}
	return ", stops on " + words(c.Stop)
}

// words writes on which day of every month a rule's release is.
func (r ReleaseRule) words() string {
	out := fmt.Sprintf("day %d", r.Day)
	if r.Week > 0 {
		out = fmt.Sprintf("%s %d", r.Weekday, r.Week)
	}
	if r.Plus != 0 {
		out += fmt.Sprintf(" %+d days", r.Plus)
	}
	return out
}

func spans(all []Span) string {
	var out []string
	for _, s := range all {
		out = append(out, s.Words())
	}
	return words(out)
}

func (s *show) sla(p *Profile) {
	s.head("service levels (calendar " + p.SLA.Calendar + ")")
	for _, word := range p.SeverityWords() {
		row := p.SLA.Rows[word]
		mitigate := "-"
		if !row.Mitigate.Zero() {
			mitigate = row.Mitigate.Words()
		}
		s.row(word, "mitigate "+mitigate, "remediate "+row.Remediate.Words(), "extend by "+spans(p.SLA.Extensions[word]))
	}
	for _, r := range p.SLA.Start {
		s.row("start for "+r.Code+" code", "after all of "+words(r.After))
	}
	s.row("release schedule", p.SLA.Schedule, fmt.Sprintf("ready %d hours before, for %s", p.SLA.LeadHours, words(p.SLA.ForRelease)))
	for _, name := range sortedKeys(p.SLA.Schedules) {
		c := p.SLA.Schedules[name]
		var rules []string
		for _, r := range c.Rules {
			rules = append(rules, r.words())
		}
		s.row("schedule", name, c.Title, words(append(rules, c.Dates...)), c.Zone)
	}
	for _, k := range p.SLA.Kinds {
		s.row("extension", k.Name, k.Title, yes("may be permanent", k.Permanent))
	}
	s.row("at risk", "due within "+p.SLA.AtRisk.Words())
}

func (s *show) words(p *Profile) {
	s.named("sources", p.Sources)
	s.head("environments")
	for _, e := range p.Environments {
		s.row(e.Name, e.Title, yes("shipped", e.Shipped), e.About, strings.Join(e.Exclusions, "; "))
	}
	s.head("dispositions")
	for _, d := range p.Dispositions {
		s.row(d.Name, d.Title, "message "+d.Message, words(d.Verbs), yes("closes", d.Closes), d.Plain)
	}
	s.head("completeness")
	for _, c := range p.Completeness {
		s.row(c.Name, c.Title, yes("required", c.Required), c.About)
	}
	s.named("STRIDE", p.Stride)
	s.named("verdicts on an environment", p.Verdicts)
	s.named("states of a fix", p.Remediations)
	s.named("verdicts on a fix", p.Validations)
	s.named("credit", p.Credits)
}

// rca writes how root causes are analysed.
func (s *show) rca(p *Profile) {
	s.head("root cause analysis")
	r := &p.RCA
	if !r.Asked() {
		s.row("none: the folder has no " + rcaFile)
		return
	}
	s.row("always for", words(r.Required), "opened after "+words(r.After))
	s.row("done with", words(r.Needs))
	for _, set := range r.Sets {
		s.row(set.Name, set.Title, yes("required", set.Required), yes("counted", set.Recurs), set.About)
		for _, w := range set.Words {
			s.row("", w.Name, w.Title, w.About)
		}
	}
}

func (s *show) messages(p *Profile) {
	s.head("messages")
	for _, name := range sortedKeys(p.Messages) {
		s.row(name, p.Messages[name].Title)
	}
}

func (s *show) grants(p *Profile) {
	s.head("grants")
	for _, g := range p.Grants {
		s.row(g.Verb, words(g.Roles))
	}
}

func (s *show) risk(p *Profile) {
	for _, sc := range p.Scales {
		s.scale("scale: "+sc.Name, sc)
	}
	s.head("ratings of " + p.Matrix.Likelihood + " x " + p.Matrix.Impact)
	for _, r := range p.Ratings {
		s.row(r.Word, r.Title, fmt.Sprintf("%d to %d", r.From, r.To), r.Label)
	}
	s.head("tolerance")
	for _, a := range p.Tolerance.Appetites {
		s.row(a.Name, a.Title, fmt.Sprintf("up to %d", a.UpTo), yes("in force", a.Name == p.Tolerance.Chosen))
	}
	s.row("never above", fmt.Sprint(p.Tolerance.Ceiling))
}

func (s *show) scale(title string, sc Scale) {
	s.head(title)
	for _, l := range sc.Levels {
		s.row(fmt.Sprint(l.Score), l.Title, l.About)
	}
	for _, c := range sc.Categories {
		s.row("category", c.Title, strings.Join(c.Levels, "; "))
	}
}
