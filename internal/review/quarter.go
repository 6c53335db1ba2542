package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/chart"
	"tocsin/internal/gate"
	"tocsin/internal/kri"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// Quarterly is the quarter's report on the top risks: where each stands, where its
// plan leads, and what of it is done.
type Quarterly struct{ Document }

// Quarter writes the report of the quarter in which a moment lies, for the reader.
func (s *Reviews) Quarter(ctx context.Context, at time.Time) (q *Quarterly, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		from, to := quarterOf(at)
		r, err := s.report(v, period{from, earlier(to, v.Now)})
		if err != nil {
			return err
		}
		r.name, r.title = "top-"+from.Format("2006")+"-Q"+strconv.Itoa(quarterNumber(from)), fmt.Sprintf("Top %d risks, %s", s.Profile.Register.Top, quarterName(from))
		r.forWhom(v, risk.WorldOf(v))
		r.tops()
		q = &Quarterly{r.Document}
		return nil
	})
	return q, err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func quarterNumber(t time.Time) int { return (int(t.UTC().Month())-1)/3 + 1 }

func quarterName(t time.Time) string {
	return fmt.Sprintf("%d Q%d", t.UTC().Year(), quarterNumber(t))
}

// quarterOf is the quarter of a moment: from its first day up to the next one's.
func quarterOf(t time.Time) (from, to time.Time) {
	from = time.Date(t.UTC().Year(), time.Month(3*quarterNumber(t)-2), 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 3, 0)
}

// tops writes each top risk.
func (r *report) tops() {
	list := topOf(r.open)
	if len(list) == 0 {
		r.say("No risk that you may see has a place among the top risks.")
		return
	}
	var rows [][]string
	for _, f := range list {
		rows = append(rows, []string{strconv.Itoa(f.Escalated.Top), string(f.ID), f.Title, r.who(f.Owner), f.at(r.period.from).String(), f.at(r.period.now).String(),
			mark(f.Standing.Target), arrow(f.trend())})
	}
	r.heading(2, "Where they stand")
	r.table("", []string{"Place", "Risk", "Statement", "Owner", "When the quarter began", "Now", "Target", "Since last review"}, rows)
	for _, f := range list {
		r.one(f)
	}
}

// mark tells a number that may be unset.
func mark(x float64) string {
	if x < 0 {
		return "none"
	}
	return riskscore.Number(x)
}

// one writes a top risk with its planned and its actual way down.
func (r *report) one(f *facts) {
	r.heading(2, fmt.Sprintf("%d. %s", f.Escalated.Top, f.Title))
	r.say("%s, owned by %s. %s", f.ID, r.who(f.Owner), cmp.Or(f.Plan.Summary, "There is no plan."))
	if n := len(f.Plan.Paths); n > 0 {
		r.picture(r.burnDown(f))
	}
	var rows [][]string
	for _, m := range f.Plan.Milestones {
		if !m.KeyResult {
			continue
		}
		state := "open"
		switch {
		case !m.Done.IsZero():
			state = "done on " + day(m.Done)
		case m.Due.Before(r.period.now):
			state = days(m.Due, r.period.now) + " late"
		}
		rows = append(rows, []string{quarterName(m.Due), m.Title, r.who(m.Owner), date(m.Due), planned(f, m.Due), state})
	}
	r.table("The plan has no key results.", []string{"Quarter", "Key result", "Owner", "Due", "Planned score after it", "State"}, rows)
	for _, why := range isBlocked(f, r.period) {
		r.say("Blocked %s.", why)
	}
}

// planned is the score that the newest path plans after a moment.
func planned(f *facts, at time.Time) string {
	if len(f.Plan.Paths) == 0 {
		return "not planned"
	}
	path := f.Plan.Paths[len(f.Plan.Paths)-1]
	score := path.From
	for _, p := range path.Points {
		if !p.At.After(at) {
			score = p.Score
		}
	}
	return riskscore.Number(score)
}

func (r *report) burnDown(f *facts) chart.BurnDown {
	b := chart.BurnDown{Title: "Planned and actual score of " + string(f.ID), About: "The planned way down and the score in force.", Tolerance: float64(r.appetite.UpTo),
		Now: r.period.now, Max: float64(len(r.scales.Likelihood().Levels) * len(r.scales.Impact().Levels))}
	for i, p := range f.Plan.Paths {
		course := []chart.Score{{At: p.At, Value: p.From}}
		for _, x := range p.Points {
			course = append(course, chart.Score{At: x.At, Value: x.Score, Reason: x.What})
		}
		if i == len(f.Plan.Paths)-1 {
			b.Plan = course
		} else {
			b.Earlier = append(b.Earlier, course)
		}
	}
	for _, d := range f.course {
		b.Actual = append(b.Actual, chart.Score{At: d.At, Value: d.Score})
	}
	return b
}

// TaskRefresh asks the owner of a top risk to look at it anew, once a year.
const TaskRefresh = "top.refresh"

// Refresh leaves, for each top risk, the task of the year to look at its place and its
// plan anew, and returns how many are new. The house does it at night.
func (s *Reviews) Refresh(ctx context.Context) (n int, err error) {
	var due []ref.ID
	var about string
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(risk.VerbRead, ""); err != nil {
			return err
		}
		about = "top-" + strconv.Itoa(v.Now.Year())
		fs, err := s.gather(v, s.openly(), risk.Filter{State: "open"})
		if err != nil {
			return err
		}
		asked, err := askedFor(v, TaskRefresh, about)
		for _, f := range topOf(fs) {
			if !asked[f.ID] {
				due = append(due, f.ID)
			}
		}
		return err
	}); err != nil {
		return 0, err
	}
	for _, id := range due {
		bad := s.Gate.Act(access.With(ctx, access.System("review")), VerbReview, id, func(tx *gate.Tx) error {
			_, err := kri.PutTask(tx, kri.Task{Guard: id, Kind: TaskRefresh, About: ref.ID(about), Due: tx.Now.AddDate(0, 0, s.Profile.Register.Cadence.ScoreDays)})
			return err
		})
		if err = errors.Join(err, bad); bad == nil {
			n++
		}
	}
	return n, err
}
