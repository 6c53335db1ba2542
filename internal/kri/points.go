package kri

import (
	"context"
	"slices"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// The sources of values.
const (
	Manual     = "manual"
	CSV        = "csv"
	API        = "api"
	fromQuery  = "query"
	fromSample = "sample"
	fromTrial  = "experiment"
)

// MaxPoints is how many values an indicator has, and so how many are recorded at
// once: daily for more than ten years.
const MaxPoints = 5000

// Recorded is what recording values did.
type Recorded struct {
	New     int    `json:"new"`
	Changed int    `json:"changed"` // corrected
	Same    int    `json:"same"`    // that were there already
	Light   string `json:"light"`   // afterwards
	Says    string `json:"says"`
}

// Record puts values on an indicator. A value of a moment that has one corrects it;
// the same value again changes nothing, so that a program may push what it has as
// often as it likes.
func (s *KRIs) Record(ctx context.Context, id ref.ID, source string, points ...Point) (out Recorded, err error) {
	if source != Manual && source != API {
		return out, fault.At("source", "%q is no source; values come by: %s, %s", source, Manual, API)
	}
	err = s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		out, err = s.recordOn(tx, id, source, points)
		return err
	})
	return out, err
}

func (s *KRIs) recordOn(tx *gate.Tx, id ref.ID, source string, points []Point) (Recorded, error) {
	k, err := get(&tx.View, id)
	if err != nil {
		return Recorded{}, err
	}
	if k.State == Retired {
		return Recorded{}, fault.New(fault.Conflict, "the indicator is retired; take it into use again before you record values")
	}
	if k.Asks() && source != fromQuery {
		return Recorded{}, fault.New(fault.Conflict, "the values of this indicator are counted by the house every night; take its query away to record values by hand")
	}
	return s.record(tx, k, source, points)
}

// record checks and stores the values, lights the indicator anew, and settles what
// was asked of people.
func (s *KRIs) record(tx *gate.Tx, k *KRI, source string, points []Point) (Recorded, error) {
	if len(points) == 0 {
		return Recorded{}, fault.At("points", "there is no value; record at least one")
	}
	if len(points) > MaxPoints {
		return Recorded{}, tooMany()
	}
	var fs fault.Fields
	for i := range points {
		if points[i].check(&fs, k, tx.Now, place(i)); len(fs) > maxErrors {
			break
		}
	}
	if err := fs.Err(); err != nil {
		return Recorded{}, err
	}
	was, err := pointsOf(&tx.View, k.ID)
	if err != nil {
		return Recorded{}, err
	}
	now, fresh, out := merge(was, points)
	if len(now) > MaxPoints {
		return Recorded{}, tooMany()
	}
	for i := range fresh {
		fresh[i].Source, fresh[i].Author, fresh[i].Made = source, tx.Actor.ID, tx.Now
		if at, there := slices.BinarySearchFunc(now, fresh[i], byTime); there {
			now[at] = fresh[i]
		}
	}
	if len(fresh) > 0 {
		if err := s.keep(tx, k, fresh, was, now); err != nil {
			return Recorded{}, err
		}
	}
	out.Light, out.Says = k.Light, k.Says
	return out, nil
}

// maxErrors is how many mistakes one answer lists.
const maxErrors = 50

func tooMany() error {
	return fault.New(fault.TooLarge, "an indicator has at most %d values; record those of the last years, one a day at most", MaxPoints)
}

// keep stores fresh values, saves what they say, and ends what was asked for.
func (s *KRIs) keep(tx *gate.Tx, k *KRI, fresh, was, now []Point) error {
	if err := putPoints(tx, k, fresh); err != nil {
		return err
	}
	if err := s.settle(tx, k, now, recorded(fresh, was)); err != nil {
		return err
	}
	if old(k.Next, tx.Now) {
		return nil
	}
	return endAbout(tx, k.Risk, k.ID, Done, TaskValue, TaskStale)
}

// recorded tells the trail of new values and of corrections; of many, how many.
func recorded(fresh, was []Point) []gate.Change {
	if len(fresh) > 20 {
		return []gate.Change{{Field: "values", New: len(fresh), Staff: slices.ContainsFunc(fresh, Point.counted)}}
	}
	var out []gate.Change
	for _, p := range fresh {
		c := gate.Change{Field: "value of " + p.At.Format("2006-01-02"), New: p.Value, Staff: p.counted()}
		if i, ok := slices.BinarySearchFunc(was, p, byTime); ok {
			c.Old, c.Staff = was[i].Value, c.Staff || was[i].counted()
		}
		out = append(out, c)
	}
	return out
}

func byTime(a, b Point) int { return a.At.Compare(b.At) }

// merge puts values among those that are there: all of them in order of time, those
// that are new or differ, and their numbers. Of several of one moment the last counts.
func merge(was, points []Point) (now, fresh []Point, n Recorded) {
	points = slices.Clone(points)
	slices.SortStableFunc(points, byTime)
	now = slices.Clone(was)
	for i, p := range points {
		if i+1 < len(points) && points[i+1].At.Equal(p.At) {
			n.Same++
			continue
		}
		switch at, there := slices.BinarySearchFunc(now, p, byTime); {
		case there && same(now[at], p):
			n.Same++
		case there:
			now[at] = p
			fresh = append(fresh, p)
			n.Changed++
		default:
			now = slices.Insert(now, at, p)
			fresh = append(fresh, p)
			n.New++
		}
	}
	return now, fresh, n
}

// same tells whether two values say the same.
func same(a, b Point) bool {
	return a.Value == b.Value && equal(a.Exposure, b.Exposure) && a.Note == b.Note && equal(a.Low, b.Low) && equal(a.High, b.High)
}

func equal(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
