package risk

import (
	"context"
	"slices"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
	"tocsin/internal/score/riskscore"
)

// Overview is what the register's first page draws: how many risks stand where.
// Every number is of the risks that the reader may see and that the filter leaves.
type Overview struct {
	World    string   `json:"world"` // open, all: which evidence the scores count; "" are scores without evidence
	Total    int      `json:"total"`
	Cells    []Cell   `json:"cells"`    // of the score in force; a fraction stands in the cell that it rounds to, half up
	Unscored int      `json:"unscored"` // unset is a value: they stand in no cell
	Held     int      `json:"held"`     // ratings that wait for a person
	By       []Counts `json:"by"`       // rating, standing, stage, scope, response, department
	Appetite Appetite `json:"appetite"`
	Scales   Scales   `json:"-"`
	Overdue  int      `json:"overdue"`
	Review   int      `json:"review"` // whose review is due
	Blocked  int      `json:"blocked"`

	Journeys []Journey                 `json:"journeys,omitempty"` // of the first risks of the list that was read with it
	Health   map[ref.ID][]Verdict      `json:"-"`                  // of every risk of that list
	Moved    map[ref.ID]riskscore.Move `json:"-"`                  // where the scores of that list went since the last review
}

// Cell is one cell of the heat map.
type Cell struct {
	Likelihood int `json:"likelihood"`
	Impact     int `json:"impact"`
	Count      int `json:"count"`
}

// Counts are numbers by the words of one field.
type Counts struct {
	Field string  `json:"field"`
	Words []Count `json:"words"`
}

// Count is how many have a word; "" is not set.
type Count struct {
	Word  string `json:"word"`
	Count int    `json:"count"`
}

// Overview counts the register, with the appetite in force, in one statement.
func (s *Risks) Overview(ctx context.Context, f Filter) (o *Overview, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		o, err = s.overview(v, f)
		return err
	})
	return o, err
}

func (s *Risks) overview(v *gate.View, f Filter) (*Overview, error) {
	if f.State == "" {
		f.State = "open"
	}
	q, err := s.sifted(v, f)
	if err != nil {
		return nil, err
	}
	o := &Overview{World: world(v), Scales: ScalesOf(s.Profile)}
	t, err := q.Tally(v, s.labels().Blocked)
	o.Appetite = s.appetiteBy(Appetite{Name: t.Appetite.Name, From: t.Appetite.From, At: t.Appetite.At})
	o.sum(t)
	return o, err
}

// sum adds up what was counted.
func (o *Overview) sum(t roll.Tally) {
	for _, name := range []string{"rating", "standing", "stage", "scope", "response", "department"} {
		o.By = append(o.By, Counts{Field: name})
	}
	for _, c := range t.Cells {
		o.at(c.Likelihood, c.Impact, c.Count)
		o.count("rating", c.Rating, c.Count)
		o.count("standing", c.Standing, c.Count)
		if c.Held {
			o.Held += c.Count
		}
	}
	for _, f := range t.Facets {
		o.Total, o.Overdue, o.Review, o.Blocked = o.Total+f.Count, o.Overdue+f.Overdue, o.Review+f.Review, o.Blocked+f.Blocked
		o.count("stage", f.Stage, f.Count)
		o.count("scope", f.Scope, f.Count)
		o.count("response", f.Response, f.Count)
		o.count("department", f.Department, f.Count)
	}
	o.By = slices.DeleteFunc(o.By, func(c Counts) bool { return len(c.Words) == 0 })
}

// count adds n risks that have a word in a field.
func (o *Overview) count(field, word string, n int) {
	c := &o.By[slices.IndexFunc(o.By, func(c Counts) bool { return c.Field == field })]
	i := slices.IndexFunc(c.Words, func(x Count) bool { return x.Word == word })
	if i < 0 {
		i, c.Words = len(c.Words), append(c.Words, Count{Word: word})
	}
	c.Words[i].Count += n
}

// Of returns the counts of one field.
func (o *Overview) Of(field string) []Count {
	for _, c := range o.By {
		if c.Field == field {
			return c.Words
		}
	}
	return nil
}

// at puts n risks of a rounded likelihood and impact into their cell.
func (o *Overview) at(likelihood, impact int64, n int) {
	if likelihood < 0 || impact < 0 {
		o.Unscored += n
		return
	}
	l, i := int((likelihood+50)/100), int((impact+50)/100)
	k := slices.IndexFunc(o.Cells, func(c Cell) bool { return c.Likelihood == l && c.Impact == i })
	if k < 0 {
		o.Cells = append(o.Cells, Cell{Likelihood: l, Impact: i})
		k = len(o.Cells) - 1
	}
	o.Cells[k].Count += n
}

// within counts the risks of a cell; a level of 0 is any.
func (o *Overview) within(likelihood, impact int) (n int) {
	if likelihood == 0 && impact == 0 {
		return o.Total
	}
	for _, c := range o.Cells {
		if (likelihood == 0 || c.Likelihood == likelihood) && (impact == 0 || c.Impact == impact) {
			n += c.Count
		}
	}
	return n
}

// Rerating is a risk whose score stands on other scales than those in force, with
// what it would be on them: a proposal, until a person judges.
type Rerating struct {
	Risk     ref.ID             `json:"risk"`
	Title    string             `json:"title"`
	Owner    ref.ID             `json:"owner"`
	Scale    string             `json:"scale"` // version that it was judged on
	Proposal riskscore.Remapped `json:"proposal"`
}

// Reratings lists the open risks that were judged on other scales than those in
// force. Their scores stay on their own scale until somebody judges them anew.
func (s *Risks) Reratings(ctx context.Context) (out []Rerating, err error) {
	now := ScalesOf(s.Profile)
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		appetite, err := s.appetite(v)
		if err != nil {
			return err
		}
		rs, err := onOtherScales(v, now.Version)
		if err != nil {
			return err
		}
		for _, r := range rs {
			was, err := s.scales(v, r.scale)
			if err != nil {
				return err
			}
			old := was.rules(appetite)
			score, err := old.Score(r.Standing.Likelihood, r.Standing.Impact)
			if err != nil {
				return err
			}
			p, err := riskscore.Remap(now.rules(appetite), score, [2]riskscore.Scale{levels(was, was.Likelihood().Name), levels(now, now.Likelihood().Name)},
				[2]riskscore.Scale{levels(was, was.Impact().Name), levels(now, now.Impact().Name)})
			if err != nil {
				return err
			}
			out = append(out, Rerating{Risk: r.ID, Title: r.Title, Owner: r.Owner, Scale: r.scale, Proposal: p})
		}
		return nil
	})
	return out, err
}

// levels are a scale's words, from the lowest.
func levels(s Scales, name string) riskscore.Scale {
	out := riskscore.Scale{Version: s.Version}
	for _, l := range s.Scale(name).Levels {
		out.Words = append(out.Words, l.Word)
	}
	return out
}
