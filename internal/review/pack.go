package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/chart"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// Pack is what a meeting is held from: the register in one document, computed for
// its reader.
type Pack struct{ Document }

// report is a document under construction with what it is written from.
type report struct {
	Document
	profile  *profile.Profile
	facts    []*facts // open and closed
	open     []*facts // the highest scores first
	names    map[ref.ID]string
	period   period
	scales   risk.Scales
	appetite risk.Appetite
}

// Pack writes the pack of a meeting for the reader. The agenda of a closed one is
// that which it had; all else is as it stands now.
func (s *Reviews) Pack(ctx context.Context, meeting ref.ID) (p *Pack, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, meeting); err != nil {
			return err
		}
		m, err := getMeeting(v, meeting)
		if err != nil {
			return err
		}
		r, err := s.report(v, period{m.From, m.Until(v.Now)})
		if err != nil {
			return err
		}
		full, err := s.full(v, m, r.facts)
		if err != nil {
			return err
		}
		groups, err := s.Recurrence.AnswerIn(v, recurrence.Ask{Groups: topGroups, Dots: 1})
		if err != nil {
			return err
		}
		r.name, r.title = "review-"+m.At.Format(time.DateOnly), m.Title
		r.forWhom(v, full.World)
		for _, part := range []func(){r.top, r.distribution, r.changes, r.progress, r.indicators, r.acceptances} {
			part()
		}
		r.recurrence(groups)
		r.agenda(full)
		r.minutes(full)
		p = &Pack{r.Document}
		return nil
	})
	return p, err
}

// topGroups is how many recurring groups a pack names.
const topGroups = 5

func (s *Reviews) report(v *gate.View, p period) (*report, error) {
	r := &report{profile: s.Profile, period: p, scales: risk.ScalesOf(s.Profile)}
	var err error
	if r.facts, err = s.gather(v, s.own(v), risk.Filter{}); err != nil {
		return nil, err
	}
	for _, f := range r.facts {
		if !f.Closed {
			r.open = append(r.open, f)
		}
	}
	if r.names, err = names(v); err != nil {
		return nil, err
	}
	r.appetite, err = s.Risks.AppetiteIn(v)
	return r, err
}

// forWhom says for whom the document was computed, and from what.
func (r *report) forWhom(v *gate.View, world string) {
	says := "with the evidence that all staff may open"
	if world == risk.WorldAll {
		says = "with all evidence, that which they may not open included"
	}
	r.say("Period from %s to %s. Computed on %s for %s: of the %d risks that they may see, %d of them open, %s. Somebody else's pack may differ.",
		day(r.period.from), day(r.period.now), v.Now.Format("2 Jan 2006 15:04 MST"), v.Actor.Name, len(r.facts), len(r.open), says)
}

func (r *report) who(id ref.ID) string {
	if id == "" {
		return "nobody"
	}
	return cmp.Or(r.names[id], string(id))
}

// top lists the top risks, and where nobody set any the highest scores.
func (r *report) top() {
	r.heading(2, "Top risks")
	list := topOf(r.open)
	if len(list) == 0 {
		r.say("No risk has a place among the top risks; these are the highest scores.")
		list = r.open[:min(len(r.open), 2*r.profile.Register.Top)]
	}
	var rows [][]string
	for _, f := range list {
		place := ""
		if f.Escalated.Top > 0 {
			place = strconv.Itoa(f.Escalated.Top)
		}
		rows = append(rows, []string{place, string(f.ID), f.Title, r.who(f.Owner), f.now().String(), arrow(f.trend()), r.stage(f), cmp.Or(f.Response, "not decided"), f.Parent})
	}
	r.table("The register has no open risk.", []string{"Place", "Risk", "Statement", "Owner", "Score", "Since last review", "Stage", "Response", "Parent"}, rows)
}

// topOf lists the risks that have a place, in its order.
func topOf(fs []*facts) (out []*facts) {
	for _, f := range fs {
		if f.Escalated.Top > 0 {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *facts) int { return cmp.Compare(a.Escalated.Top, b.Escalated.Top) })
	return out
}

func (r *report) stage(f *facts) string {
	s, _ := r.profile.Lifecycle(r.profile.Register.Lifecycle).Stage(f.Stage)
	return cmp.Or(s.Title, f.Stage)
}

// arrow tells a trend in words.
func arrow(m riskscore.Move) string { return cmp.Or(m.Says, string(m.Arrow)) }

func (r *report) distribution() {
	r.heading(2, "Distribution")
	r.picture(r.heat())
	for _, c := range figures(r.facts, r.profile, r.period.now).Concentration {
		if c.Field == "stage" {
			continue
		}
		var rows [][]string
		for _, w := range c.Words {
			rows = append(rows, []string{cmp.Or(w.Word, "not set"), strconv.Itoa(w.Value), riskscore.Number(w.Score)})
		}
		r.heading(3, "By "+c.Field)
		r.table("There is no open risk.", []string{capital(c.Field), "Risks", "Sum of scores"}, rows)
	}
	r.heading(3, "By health, as set")
	r.table("There is no open risk.", []string{"Domain", "Green", "Yellow", "Red", "Not set"}, r.health())
}

func (r *report) health() (rows [][]string) {
	for _, l := range r.profile.Register.Health.Labels {
		n := map[string]int{}
		for _, f := range r.open {
			n[f.Health[l.Name]]++
		}
		rows = append(rows, []string{l.Title, strconv.Itoa(n["green"]), strconv.Itoa(n["yellow"]), strconv.Itoa(n["red"]), strconv.Itoa(n[""])})
	}
	return rows
}

// heat is the heat map of the open risks.
func (r *report) heat() chart.HeatMap {
	count := map[[2]int]int{}
	for _, f := range r.open {
		if f.Standing.Scored() {
			count[[2]int{int(f.Standing.Likelihood + 0.5), int(f.Standing.Impact + 0.5)}]++
		}
	}
	about := fmt.Sprintf("Open risks by likelihood and impact of the score in force; the line is the tolerance of %d.", r.appetite.UpTo)
	return Heat("Heat map", about, r.scales, r.appetite, func(likelihood, impact int) int { return count[[2]int{likelihood, impact}] })
}

// changes lists what is different since the period began.
func (r *report) changes() {
	r.heading(2, "Changes since the last review")
	var rows [][]string
	for _, f := range r.facts {
		then, now, closed := f.at(r.period.from), f.now(), f.closedAt()
		what := ""
		switch {
		case f.Closed && closed.After(r.period.from):
			what = "closed on " + day(closed)
		case f.Closed:
		case f.Raised.After(r.period.from):
			what = "raised on " + day(f.Raised)
		case then.Set() && now.Score > then.Score:
			what = "rose"
		case then.Set() && now.Set() && now.Score < then.Score:
			what = "fell"
		case !then.Set() && now.Set():
			what = "scored"
		}
		if what != "" {
			rows = append(rows, []string{string(f.ID), f.Title, what, then.String(), now.String()})
		}
	}
	r.table("Nothing was raised, closed or rated otherwise.", []string{"Risk", "Statement", "What", "Then", "Now"}, rows)
}

// progress is velocity, milestones and blockers.
func (r *report) progress() {
	r.heading(2, "Progress of the treatment")
	v := chart.Velocity{Title: "Velocity", About: "Risks opened, closed, rated up and rated down, by month."}
	for _, m := range velocity(r.facts, r.profile, r.period.now, 12) {
		v.Months = append(v.Months, chart.Month{At: m.At, Opened: m.Opened.Value, Closed: m.Closed.Value, Up: m.Up.Value, Down: m.Down.Value})
	}
	r.picture(v)
	r.heading(3, "Milestones")
	var rows [][]string
	for _, f := range r.open {
		for _, m := range f.Plan.Milestones {
			if state := r.milestone(m); state != "" {
				rows = append(rows, []string{string(f.ID), m.Title, r.who(m.Owner), date(m.Due), state})
			}
		}
	}
	r.table("No milestone was done in the period, is late, or is due before the next review.", []string{"Risk", "Milestone", "Owner", "Due", "State"}, rows)
	r.heading(3, "Blockers")
	rows = nil
	for _, f := range r.open {
		for _, why := range isBlocked(f, r.period) {
			rows = append(rows, []string{string(f.ID), f.Title, why})
		}
	}
	r.table("Nothing is blocked.", []string{"Risk", "Statement", "Blocked"}, rows)
}

// milestone tells how a milestone stands, where it matters to the period.
func (r *report) milestone(m risk.Milestone) string {
	switch next := r.period.now.AddDate(0, 0, r.profile.Register.Cadence.MeetingDays); {
	case m.Done.After(r.period.from):
		return "done on " + day(m.Done)
	case !m.Done.IsZero() || m.Due.IsZero():
		return ""
	case m.Due.Before(r.period.now):
		return days(m.Due, r.period.now) + " late"
	case m.Due.Before(next):
		return "due before the next review"
	}
	return ""
}

func (r *report) indicators() {
	r.heading(2, "Key risk indicators")
	n, without := map[string]int{}, 0
	seen := map[ref.ID]bool{}
	var rows [][]string
	for _, f := range r.open {
		if len(f.lights) == 0 {
			without++
		}
		for _, l := range f.lights {
			if !seen[l.id] {
				seen[l.id] = true
				n[l.color]++
			}
		}
		for _, why := range hasAlarm(f, r.period) {
			rows = append(rows, []string{string(f.ID), f.Title, why})
		}
	}
	r.say("%d green, %d yellow, %d red, %d stale, %d without a value. %d open risks have no indicator.", n["green"], n["yellow"], n["red"], n["stale"], n["unknown"], without)
	r.table("No indicator is red or stale.", []string{"Risk", "Statement", "Indicator"}, rows)
}

func (r *report) acceptances() {
	r.heading(2, "Acceptances")
	var rows [][]string
	for _, f := range r.open {
		if f.lapsed {
			rows = append(rows, []string{string(f.ID), f.Title, "lapsed: needs a decision", date(f.borne)})
		} else if !f.borne.IsZero() {
			rows = append(rows, []string{string(f.ID), f.Title, "in force", date(f.borne)})
		}
	}
	r.table("No risk is accepted.", []string{"Risk", "Statement", "State", "Until"}, rows)
}

func (r *report) recurrence(a *recurrence.Answer) {
	r.heading(2, "What keeps coming back")
	r.say("%s: %d cases of one weakness in one place are systemic.", a.Window, a.Threshold)
	var rows [][]string
	for _, g := range a.Groups {
		state := "below the threshold"
		switch {
		case g.Risk != "":
			state = string(g.Risk)
		case g.Proposal != "":
			state = "proposal " + g.Proposal
		case g.Systemic:
			state = "systemic"
		}
		rows = append(rows, []string{g.Weakness + " " + g.Name, g.Place, strconv.Itoa(g.Count), strconv.Itoa(g.Points), string(g.Trend.Word), state})
	}
	r.table("No group of cases reaches the threshold.", []string{"Weakness", "Place", "Cases", "Points", "Trend", "Risk"}, rows)
}

func (r *report) agenda(f *Full) {
	r.heading(2, "Agenda")
	if len(f.Sections) == 0 {
		r.say("No rule puts a risk on the agenda.")
	}
	for _, s := range f.Sections {
		r.heading(3, fmt.Sprintf("%s (%d)", s.Title, len(s.Items)))
		var rows [][]string
		for _, it := range s.Items {
			rows = append(rows, []string{string(it.Risk), it.Title, r.who(it.Owner), sentence(it.Why), it.Then.String(), it.Now.String()})
		}
		r.table("", []string{"Risk", "Statement", "Owner", "Why", "Then", "Now"}, rows)
	}
}

func (r *report) minutes(f *Full) {
	r.heading(2, "Minutes")
	var present []string
	for _, p := range f.Present {
		name := cmp.Or(p.Name, r.who(p.Who))
		if p.Part != "" {
			name += " (" + p.Part + ")"
		}
		present = append(present, name)
	}
	if len(present) > 0 {
		r.say("Present: %s.", strings.Join(present, ", "))
	}
	r.text(cmp.Or(f.Minutes, "There are no minutes yet."))
	r.heading(3, "Decisions")
	var rows [][]string
	for _, p := range f.Decisions {
		rows = append(rows, []string{cmp.Or(string(p.Risk), "the register"), p.Text, r.who(p.Author), day(p.At)})
	}
	r.table("Nothing was decided.", []string{"On", "Decision", "Recorded by", "Date"}, rows)
	r.heading(3, "Actions")
	rows = nil
	for _, p := range f.Actions {
		state := p.State
		if p.Late(r.period.now) {
			state = "late"
		}
		if p.Carried {
			state += ", carried over"
		}
		rows = append(rows, []string{cmp.Or(string(p.Risk), "the register"), p.Text, r.who(p.Who), date(p.Due), state})
	}
	r.table("There is no action.", []string{"On", "Action", "Owner", "Due", "State"}, rows)
	if !f.Next.IsZero() {
		r.say("Next meeting: %s.", day(f.Next))
	}
}

// date tells a day, or that there is none.
func date(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return day(t)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
