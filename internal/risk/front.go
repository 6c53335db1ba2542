package risk

import (
	"context"
	"reflect"

	"tocsin/internal/gate"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// JourneysMost is how many risks of a list have their way told.
const JourneysMost = 3

// Journey is how a risk went over the map of the scales: from the inherent score,
// which people judged, over the residual to the one in force.
type Journey struct {
	Risk  ref.ID    `json:"risk"`
	Title string    `json:"title"`
	Steps []Station `json:"steps"`
}

// Station is one cell on the way of a risk.
type Station struct {
	Kind       string `json:"kind"` // inherent, residual, adjusted
	Likelihood int    `json:"likelihood"`
	Impact     int    `json:"impact"`
}

// Front returns a page of the list and what the register's first page draws, read
// at one moment: over is the filter of the picture, list that of the list, which is
// counted already where it is the picture or a cell of it. The way
// of the list's first risks and the health of all of them stand beside the picture.
// What else the page shows may be read beside it, before it.
func (s *Risks) Front(ctx context.Context, over, filter Filter, p Page, beside ...func(*gate.View) error) (o *Overview, l *List, err error) {
	whole := filter
	whole.Likelihood, whole.Impact = 0, 0
	counted := p.Counted && reflect.DeepEqual(over, whole) && over.State != "" // a picture without a state is one of the open risks
	p.Counted = p.Counted && !counted
	err = s.Gate.View(ctx, func(v *gate.View) error {
		for _, read := range beside {
			if err := read(v); err != nil {
				return err
			}
		}
		if l, err = s.list(v, filter, p); err != nil {
			return err
		}
		if o, err = s.overview(v, over); err != nil {
			return err
		}
		if counted {
			l.Count = query.Tally(o.within(filter.Likelihood, filter.Impact))
		}
		if len(l.Risks) == 0 {
			return nil
		}
		return s.rows(v, o, l)
	})
	return o, l, err
}

// rows reads what the rows of a list tell besides: their health, and the way of the
// first that are scored.
func (s *Risks) rows(v *gate.View, o *Overview, l *List) error {
	var ids, scored []ref.ID
	for _, r := range l.Risks {
		ids = append(ids, r.ID)
		if r.Standing.Scored() && len(scored) < JourneysMost {
			scored = append(scored, r.ID)
		}
	}
	bodies, ways, err := beneath(v, ids, scored)
	if err != nil {
		return err
	}
	told := map[ref.ID][]Indicator{}
	if s.Indicators != nil {
		if told, err = s.Indicators(v, ids...); err != nil {
			return err
		}
	}
	o.Health, o.Moved = map[ref.ID][]Verdict{}, map[ref.ID]riskscore.Move{}
	for _, r := range l.Risks {
		full := *r
		full.Body = bodies[r.ID]
		if m, ok := r.Standing.Moved(); ok {
			o.Moved[r.ID] = m
		}
		o.Health[r.ID] = (&Sight{Risk: &full, Profile: s.Profile, Now: v.Now, Indicators: told[r.ID]}).health()
		if len(ways[r.ID]) > 0 {
			at := Station{KindAdjusted, cellOf(r.Standing.Likelihood), cellOf(r.Standing.Impact)}
			o.Journeys = append(o.Journeys, Journey{r.ID, r.Title, append(ways[r.ID], at)})
		}
	}
	return nil
}

// cellOf is the level that a score stands in: a fraction rounds half up.
func cellOf(x float64) int { return int(x + .5) }

// latest keeps the newest station of each kind, in the order of the way.
func latest(found []Station) (out []Station) {
	for _, kind := range [...]string{KindInherent, KindResidual} {
		for i := len(found) - 1; i >= 0; i-- {
			if found[i].Kind == kind {
				out = append(out, found[i])
				break
			}
		}
	}
	return out
}
