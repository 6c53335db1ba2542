package house

import (
	"context"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/roll"
)

// Desk is what waits for one person, of both towers.
type Desk struct {
	insight.Desk
	At    time.Time      // when it was looked at
	Risks *risk.Desk     // what waits in the register; nil is for who may not read it
	Asked []risk.Asked   // what the person may approve or decline now
	News  []roll.Notable // risks that worsened, and reviews that are due

	Choices []*review.Candidate // of leaders, that the person may approve or send back
}

// newsShown is how many risks that worsened a desk shows, and how many reviews.
const newsShown = 5

// Desk returns what waits for the actor, all of it of one moment.
func (h *House) Desk(ctx context.Context) (d Desk, err error) {
	d.At = h.Now()
	w := h.Waiting(d.At)
	w.Signs = h.Advisories.SignableIn
	d.Desk, err = h.Across.Desk(ctx, w, func(v *gate.View) (err error) {
		if d.Risks, err = h.Risks.DeskIn(v); err != nil {
			return err
		}
		if d.Asked, err = h.Risks.AskedIn(v); err != nil {
			return err
		}
		if d.Choices, err = h.Reviews.ChoicesIn(v); err != nil {
			return err
		}
		d.News, err = h.Risks.NewsIn(v, newsShown)
		return err
	})
	return d, err
}

// Waiting says which stages a desk looks at, as the profile has them, and how far
// ahead of now.
func (h *House) Waiting(now time.Time) (w insight.Waiting) {
	for _, s := range h.Rules.Lifecycle("report").Stages {
		if !s.Terminal {
			w.Inbox = append(w.Inbox, s.Name)
		}
	}
	for _, mv := range h.Rules.Lifecycle("advisory").Moves {
		if mv.Verb == string(advisory.VerbApprove) {
			w.Approval = append(w.Approval, mv.From)
		}
	}
	w.Soon = now
	for _, k := range h.Rules.Clocks {
		if at := now.Add(Ahead(h.Rules, k.Name)); at.After(w.Soon) {
			w.Soon = at
		}
	}
	return w
}

// Ahead is how long before its end a clock is told of: its longest warning.
func Ahead(p *profile.Profile, clock string) (longest time.Duration) {
	k, _ := p.Clock(clock)
	for _, s := range k.Warn {
		longest = max(longest, spanTime(s))
	}
	return longest
}

// spanTime is about how long a span lasts: a week of business days is a week.
func spanTime(s profile.Span) time.Duration {
	n := time.Duration(s.N) * time.Hour
	switch s.Unit {
	case "d":
		n *= 24
	case "bd":
		n = n * 24 * 7 / 5
	}
	return n
}
