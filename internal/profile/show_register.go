package profile

import (
	"fmt"
	"slices"
	"strings"
)

// register writes what the risk register runs on.
func (s *show) register(p *Profile) {
	r := &p.Register
	s.head("risk register")
	if r.Borrowed != "" {
		s.row("from", "the profile "+r.Borrowed, "with its scales, life cycles, messages and grants: the folder has no register.yaml")
	}
	s.row("life cycle", r.Lifecycle)
	s.row("currency", r.Currency)
	s.row("lists", fmt.Sprintf("%d top risks, %d for each functional leader", r.Top, r.Slots))
	s.row("what leaders choose", "approved from the level "+r.Strategy.Level, states(r.Strategy.States))
	s.row("parent", r.Parent.Title, yes("required", r.Parent.Required), r.Parent.Label)
	s.wording(r)
	s.scoring(r)
	s.owning(r)
	s.accepting("acceptance in force", r.Acceptance)
	for _, a := range r.Presets {
		s.accepting("acceptance preset", a)
	}
	s.watching(r)
	s.keeping(r)
	s.observing(p)
}

// states are words with how they are called.
func states(list []Named) string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name+": "+n.Title)
	}
	return strings.Join(out, "; ")
}

func (s *show) wording(r *Register) {
	s.head("kinds of risk")
	for _, k := range r.Kinds {
		var fields []string
		for _, f := range sortedKeys(k.Template) {
			fields = append(fields, f+": "+k.Template[f])
		}
		s.row(k.Name, k.Title, k.About, strings.Join(fields, "; "))
	}
	if len(r.Fields) > 0 {
		s.head("fields of risks")
	}
	for _, f := range r.Fields {
		s.row(f.Name, f.Title, f.Kind, states(f.Choices), words(f.Kinds), "before "+words(f.Before), f.Help)
	}
	s.named("scopes of risks", r.Scopes)
	s.named("channels", r.Channels)
	s.named("sources of threat", r.Threats)
	s.named("in scope, any of", r.InScope)
	s.named("out of scope", r.OutOfScope)
	s.named("confidence", r.Confidences)
	s.head("what a statement is asked")
	for _, x := range r.Lint {
		s.row(x.Name, x.Level, x.Field+" "+x.Check+count(x.Count)+": "+words(x.Words), x.Says, x.Mend)
	}
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %d", n)
}

func (s *show) scoring(r *Register) {
	s.head("evidence")
	s.row("recurrence", fmt.Sprintf("%d cases in %d months, counted for %d generations of weaknesses; proposed from %d missed clocks, %d causes",
		r.Recurrence.Count, r.Recurrence.Months, r.Recurrence.RollUp, r.Recurrence.Misses, r.Recurrence.Causes))
	s.row("window", fmt.Sprintf("%d months", r.Evidence.Months))
	for _, k := range r.Evidence.Kinds {
		var points []string
		for _, word := range sortedKeys(k.Points) {
			points = append(points, fmt.Sprintf("%s %d", word, k.Points[word]))
		}
		s.row("kind", k.Name, k.Title, "points: "+words(points))
	}
	s.row("items to likelihood", modifiers(r.Evidence.CountBands))
	s.row("points to impact", modifiers(r.Evidence.PointBands))
	for _, c := range r.Evidence.Contradictions {
		s.row("hold", fmt.Sprintf("%s up to %d, %s from %d", c.Factor, c.AtMost, c.Number, c.From), c.Says)
	}
	s.head("survey of appetite")
	for _, st := range r.Survey.Statements {
		s.row(st.Name, st.Title, strings.Join(st.Answers, "; "))
	}
	for _, o := range r.Survey.Outcomes {
		s.row("average up to", fmt.Sprint(o.UpTo), o.Appetite)
	}
}

func modifiers(bands []Modifier) string {
	var out []string
	for _, b := range bands {
		out = append(out, fmt.Sprintf("from %d %+d", b.From, b.Add))
	}
	return words(out)
}

func (s *show) owning(r *Register) {
	s.named("levels of management", r.Levels)
	s.head("authority")
	for _, a := range r.Authority {
		due := "no target"
		if a.Days > 0 {
			due = fmt.Sprintf("%d days", a.Days)
		}
		s.row(a.Rating, a.Priority, "business owner "+a.Business, "security owner "+a.Security, due, a.Notify)
	}
	s.head("RACI")
	for _, x := range r.RACI {
		s.row(x.Letter, x.Name, x.Title, yes("required", x.Required), x.About)
	}
	s.named("paths of remediation", r.Paths)
	s.named("effects of controls", r.Effects)
	if r.Monitor.By != "" {
		s.head("monitoring")
		s.row("agreed by", r.Monitor.By)
	}
	s.head("treatment plan")
	s.row("milestones", fmt.Sprintf("within %d years", r.Plan.Years), yes("a quarter without a key result wants an acceptance", r.Plan.Skip))
	for _, c := range r.Plan.Smart {
		s.row("asked", c.Name, c.Title, yes("required", c.Required), c.About)
	}
	for _, a := range r.Plan.Approval {
		s.row("approved by", a.Name, a.Title, a.About)
	}
}

func (s *show) accepting(title string, a Acceptance) {
	s.head(title + ": " + a.Name)
	s.row(a.Title, fmt.Sprintf("for %d months at most", a.MaxMonths))
	for _, x := range a.Approvals {
		by := slices.Clone(x.Levels)
		if x.Owner {
			by = append([]string{"the owner"}, by...)
		}
		s.row(x.Rating, "approved by "+words(by), fmt.Sprintf("reviewed every %d months", a.Review[x.Rating]))
	}
	for _, q := range a.Questions {
		s.row("asked", q.Title)
	}
	s.row("rests on", words(a.Material))
}

func (s *show) watching(r *Register) {
	s.head("key risk indicators")
	for _, k := range r.KRI.Kinds {
		s.row(k.Name, k.Title, k.Better+" is better", k.Bands.words(), k.About)
	}
	for _, g := range r.KRI.Guide {
		s.row("advice", g.Title, words(g.Kinds), g.Why)
	}
	var lights []string
	for _, x := range r.KRI.Ratio {
		if x.UpTo == 0 {
			lights = append(lights, x.Light+" above")
			continue
		}
		lights = append(lights, fmt.Sprintf("%s up to %v", x.Light, x.UpTo))
	}
	s.row("predicted over baseline", words(lights), yes("green only while events fall", r.KRI.Falling))
	s.row("prior", fmt.Sprintf("gamma(%v, %v)", r.KRI.Prior.Shape, r.KRI.Prior.Rate), fmt.Sprintf("intervals of %v", r.KRI.Level), fmt.Sprintf("stale after %d days", r.KRI.Stale))
	s.head("health and closure")
	s.row("owner", fmt.Sprintf("a sync within %d days", r.Health.OwnerDays))
	s.row("treatment", fmt.Sprintf("late by %d days at most", r.Health.DelayDays))
	for _, n := range r.Health.Labels {
		s.row("label", n.Name, n.Title)
	}
	s.row("closed after", fmt.Sprintf("%d days below the baseline", r.Closure.Days), fmt.Sprintf("coverage of %v", r.Closure.Coverage))
}

// words writes the bands as people read them.
func (b Bands) words() string {
	var out []string
	for _, x := range []struct {
		word  string
		value *float64
	}{{"green", b.Green}, {"yellow", b.Yellow}, {"green rate", b.GreenRate}, {"yellow rate", b.YellowRate}} {
		if x.value != nil {
			out = append(out, fmt.Sprintf("%s %v", x.word, *x.value))
		}
	}
	if b.Strict {
		out = append(out, "green itself is yellow")
	}
	return words(out)
}

func (s *show) keeping(r *Register) {
	s.head("hygiene")
	for _, x := range r.Policies {
		after := "at once"
		if !x.After.Zero() {
			after = "after " + x.After.Words()
		}
		s.row(x.Name, x.Title, x.On, x.Check, after, "label "+x.Label, "exempt: "+words(x.Exempt), fmt.Sprintf("message %s, again after %d days", x.Message, x.Repeat), words(slices.Concat(x.Labels, x.Fields)))
	}
	for _, x := range r.Ladder {
		s.row(x.Name, x.Title, fmt.Sprintf("after %d days", x.After), x.Level, x.Message)
	}
	s.head("escalations")
	for _, x := range r.Escalations {
		s.row(x.Name, x.Title, x.Check+count(x.Limit))
	}
	s.head("cadence")
	c := r.Cadence
	s.row("days", fmt.Sprintf("indicators %d, scores %d, meetings %d", c.KRIDays, c.ScoreDays, c.MeetingDays), "recomputed at "+c.Recompute+" UTC")
	for _, word := range sortedKeys(c.ReviewDays) {
		s.row("review of", word, fmt.Sprintf("every %d days", c.ReviewDays[word]))
	}
}

func (s *show) observing(p *Profile) {
	o := p.Register.Observations
	for _, sc := range []Scale{o.Likelihood, o.Impact} {
		s.scale("scale of observations: "+sc.Name, sc)
	}
	s.head("ratings of observations (life cycle " + o.Lifecycle + ")")
	for _, r := range o.Ratings {
		s.row(r.Word, r.Title, fmt.Sprintf("%d to %d", r.From, r.To), fmt.Sprintf("remediate in %d months", r.Months))
	}
	s.row("becomes a risk", fmt.Sprintf("%d of one cause", o.Upgrade.Shared), yes("or one of the whole organisation", o.Upgrade.Entity), o.Upgrade.Label)
	s.head("priorities beside other scales")
	for _, e := range p.Register.Equivalents {
		s.row(e.Priority, "rating "+e.Rating, "severity "+e.Severity, fmt.Sprintf("CVSS %.1f to %.1f", e.CVSS[0], e.CVSS[1]), fmt.Sprintf("observation %d to %d", e.Observed[0], e.Observed[1]))
	}
}
