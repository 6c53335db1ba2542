package review

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Figures are what reports count: how old, how fast, how bunched. Every number is of
// the risks that the reader may see, in the reader's world.
type Figures struct {
	At            time.Time       `json:"at"`
	World         string          `json:"world"`
	Open          Number          `json:"open"`
	Ageing        []Ageing        `json:"ageing"`
	Velocity      []Month         `json:"velocity"` // the last twelve months, oldest first
	Concentration []Concentration `json:"concentration"`
}

// Number is a count with the risks behind it.
type Number struct {
	Value int      `json:"value"`
	Risks []ref.ID `json:"risks,omitempty"`
	Query string   `json:"query,omitempty"` // opens them in the register's list; "" where the list has no such filter
}

func (n *Number) add(id ref.ID) { n.Value, n.Risks = n.Value+1, append(n.Risks, id) }

// Ageing is how long open risks have waited, in bands of a target T.
type Ageing struct {
	Since  string    `json:"since"`  // found, or the last review
	Target int       `json:"target"` // T, in days
	Days   []int     `json:"days"`   // of each, the oldest first
	Bands  [4]Number `json:"bands"`  // over 2T, T to 2T, T/2 to T, up to T/2
}

// Month is what moved in one month.
type Month struct {
	At     time.Time `json:"at"` // its first day
	Opened Number    `json:"opened"`
	Closed Number    `json:"closed"`
	Up     Number    `json:"up"`   // rated higher
	Down   Number    `json:"down"` // rated lower
}

// Concentration is how the open risks fall on the words of one field.
type Concentration struct {
	Field string `json:"field"`
	Words []Word `json:"words"` // most first
}

// Word is one word with its risks and the sum of their scores.
type Word struct {
	Word  string  `json:"word"`
	Score float64 `json:"score"`
	Number
}

// Figures counts the register for the reader.
func (s *Reviews) Figures(ctx context.Context) (f *Figures, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(risk.VerbRead, ""); err != nil {
			return err
		}
		fs, err := s.gather(v, s.own(v), risk.Filter{})
		if err != nil {
			return err
		}
		f = figures(fs, s.Profile, v.Now)
		f.World = risk.WorldOf(v)
		return nil
	})
	return f, err
}

func figures(fs []*facts, p *profile.Profile, now time.Time) *Figures {
	out := &Figures{At: now, Open: Number{Query: "state=open"}}
	found := Ageing{Since: "found", Target: slowest(p.Register.Authority)}
	looked := Ageing{Since: "the last review", Target: p.Register.Cadence.ScoreDays}
	for _, f := range fs {
		if f.Closed {
			continue
		}
		out.Open.add(f.ID)
		found.add(f.ID, number(f.found(), now))
		last := f.Raised
		if len(f.reviews) > 0 {
			last = f.reviews[len(f.reviews)-1]
		}
		looked.add(f.ID, number(last, now))
	}
	for _, a := range []*Ageing{&found, &looked} {
		slices.SortFunc(a.Days, func(a, b int) int { return cmp.Compare(b, a) })
		out.Ageing = append(out.Ageing, *a)
	}
	out.Velocity = velocity(fs, p, now, 12)
	for _, field := range []struct {
		name string
		of   func(*facts) string
	}{
		{"scope", func(f *facts) string { return f.Scope }}, {"department", func(f *facts) string { return f.Department }},
		{"rating", func(f *facts) string { return f.Standing.Rating }}, {"response", func(f *facts) string { return f.Response }},
		{"stage", func(f *facts) string { return f.Stage }},
	} {
		out.Concentration = append(out.Concentration, concentrate(fs, field.name, field.of))
	}
	return out
}

// slowest is the longest time that a rating may take to be resolved.
func slowest(rows []profile.Authority) (most int) {
	for _, a := range rows {
		most = max(most, a.Days)
	}
	return most
}

func (f *facts) found() time.Time {
	if f.Origin.Found.IsZero() {
		return f.Raised
	}
	return f.Origin.Found
}

func (a *Ageing) add(id ref.ID, n int) {
	a.Days = append(a.Days, n)
	band := 3
	switch {
	case n > 2*a.Target:
		band = 0
	case n > a.Target:
		band = 1
	case 2*n > a.Target:
		band = 2
	}
	a.Bands[band].add(id)
}

// velocity counts what moved in each of the last n months, this one included.
func velocity(fs []*facts, p *profile.Profile, now time.Time, n int) []Month {
	y, m, _ := now.UTC().Date()
	out := make([]Month, n)
	for i := range out {
		out[i].At = time.Date(y, m-time.Month(n-1-i), 1, 0, 0, 0, 0, time.UTC)
	}
	put := func(at time.Time, id ref.ID, to func(*Month) *Number) {
		for i := len(out) - 1; i >= 0; i-- {
			if !at.Before(out[i].At) {
				if !at.IsZero() && !at.After(now) {
					to(&out[i]).add(id)
				}
				return
			}
		}
	}
	for _, f := range fs {
		put(f.Raised, f.ID, func(m *Month) *Number { return &m.Opened })
		put(f.closedAt(), f.ID, func(m *Month) *Number { return &m.Closed })
		for i := 1; i < len(f.course); i++ {
			switch was, is := rank(p, f.course[i-1].rating), rank(p, f.course[i].rating); {
			case was == 0 || is == 0:
			case is > was:
				put(f.course[i].At, f.ID, func(m *Month) *Number { return &m.Up })
			case is < was:
				put(f.course[i].At, f.ID, func(m *Month) *Number { return &m.Down })
			}
		}
	}
	return out
}

// rank is the place of a rating from 1 for the lowest; 0 is none.
func rank(p *profile.Profile, rating string) int { return slices.Index(p.RatingWords(), rating) + 1 }

func concentrate(fs []*facts, field string, of func(*facts) string) Concentration {
	c := Concentration{Field: field}
	for _, f := range fs {
		if f.Closed {
			continue
		}
		word := of(f)
		i := slices.IndexFunc(c.Words, func(w Word) bool { return w.Word == word })
		if i < 0 {
			q := url.Values{field: {cmp.Or(word, "unset")}}
			c.Words, i = append(c.Words, Word{Word: word, Number: Number{Query: q.Encode()}}), len(c.Words)
		}
		c.Words[i].add(f.ID)
		c.Words[i].Score += max(f.Standing.Score, 0)
	}
	slices.SortStableFunc(c.Words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Word, b.Word))
	})
	return c
}
