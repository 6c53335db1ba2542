package risk

import (
	"time"

	"tocsin/internal/score/riskscore"
)

// Moved tells where the score went since the last review, as the reader counts
// evidence; ok is whether there was a score at one.
func (s Standing) Moved() (m riskscore.Move, ok bool) {
	if !s.Scored() || s.Was < 0 {
		return riskscore.Move{Arrow: riskscore.NewScore}, false
	}
	return riskscore.Trend([]riskscore.Dated{{At: s.WasAt, Score: s.Was}, {At: s.WasAt.Add(time.Microsecond), Score: s.Score}}, []time.Time{s.WasAt}), true
}

// rank is the place of the arrow in the order of the register (R37): score, then
// trend, then age.
func (s Standing) rank() int64 {
	m, _ := s.Moved()
	return m.Arrow.Rank()
}
