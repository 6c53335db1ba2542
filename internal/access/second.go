package access

import (
	"slices"

	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// Hands are all who had a hand in something: people, tokens, and the people who made
// those tokens. Whoever made a token did what it does, so that neither a second token
// nor the person behind it is somebody else. An empty name is nobody.
type Hands []ref.ID

// Hands are the actor's own: who acts, and of a token whoever made it.
func (a Actor) Hands() Hands { return Hands{}.And(a.ID, a.Maker) }

// And are the hands with those of others, each once.
func (h Hands) And(who ...ref.ID) Hands {
	out := slices.Clone(h)
	for _, id := range who {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// Has reports whether somebody had a hand in it.
func (h Hands) Has(who ref.ID) bool { return who != "" && slices.Contains(h, who) }

// Second is the rule of the second person, which every approval, review, vote and
// validation follows: it is given by a person, never by a token or by the house, and
// by one who had no hand in what it is given on. There is no other place that
// compares who acts with who asked, wrote or scored.
type Second struct {
	Gives string // what is given: an approval, a review, a vote, a validation
	Did   string // what those did who may not give it: "you asked for this decision"
	First Hands  // those who did; none where any person will do
}

// Refuse says why the actor may not give it, or nil.
func (s Second) Refuse(a Actor) error {
	if a.Kind != Person {
		return fault.New(fault.Forbidden, "%s is a person's to give; a token has none", s.Gives)
	}
	for _, id := range a.Hands() {
		if s.First.Has(id) {
			return fault.New(fault.Forbidden, "%s, so %s is somebody else's to give", s.Did, s.Gives)
		}
	}
	return nil
}
