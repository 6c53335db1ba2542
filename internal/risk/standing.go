package risk

import (
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
)

// VerbAggregate lets somebody count evidence that they may not open.
const VerbAggregate access.Verb = "risk.aggregate"

// The worlds that a score is computed in.
const (
	WorldBase = "base" // what people judged
	WorldOpen = "open" // with the evidence that all staff may open
	WorldAll  = "all"  // with all of it
)

// Standing is where a risk stands: the score in force and what it came from.
// Numbers are -1 while they are unset; unset is never low.
type Standing struct {
	World      string    `json:"world"`      // open: from the evidence that all staff may open; all: hidden evidence counts too
	Kind       string    `json:"kind"`       // of the score in force: inherent, residual, adjusted, override
	Likelihood float64   `json:"likelihood"` // on the profile's scale
	Impact     float64   `json:"impact"`
	Score      float64   `json:"score"`
	Rating     string    `json:"rating"` // "" is unset
	Held       bool      `json:"held"`   // base and evidence disagree: a person must look
	Items      int       `json:"items"`  // of evidence that count
	Points     int       `json:"points"`
	Inherent   float64   `json:"inherent"`
	Residual   float64   `json:"residual"`
	Target     float64   `json:"target"`
	State      string    `json:"state"`                // within, above, ceiling; "" is unset
	AboveSince time.Time `json:"above_since,omitzero"` // since when it is out of tolerance
	At         time.Time `json:"at,omitzero"`          // of the newest evaluation

	Was   float64   `json:"-"` // the score at the last review; -1 is none
	WasAt time.Time `json:"-"` // of that review
}

// OpenStanding is where a risk stands by the evidence that all staff may open. It
// alone may be written on the risk and on what hangs on it, where others read it; a
// Standing is that of whoever reads, and is shown to them. A type of its own keeps
// hidden evidence out of what everybody sees.
type OpenStanding struct{ Standing }

// Scored reports whether there is a score in force.
func (s Standing) Scored() bool { return s.Score >= 0 }

// unset is the standing of a risk that nobody scored.
func unset() Standing {
	return Standing{Likelihood: -1, Impact: -1, Score: -1, Inherent: -1, Residual: -1, Target: -1, Was: -1}
}

// unsetIn is unset in one world.
func unsetIn(world string) Standing {
	n := unset()
	n.World = world
	return n
}

// world names the world whose numbers the reader may have in lists. Somebody from
// outside has neither: their numbers are computed from what they may open.
func world(v *gate.View) string {
	switch {
	case v.May(VerbAggregate, ""):
		return WorldAll
	case v.IsStaff():
		return WorldOpen
	}
	return ""
}
