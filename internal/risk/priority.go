package risk

import (
	"fmt"
	"time"

	"tocsin/internal/profile"
	"tocsin/internal/score/riskscore"
)

// Priority is what the rating of a risk asks: how soon it is resolved, and who hears
// of it. It follows from the rating and from when the risk was raised, and is set by
// nobody.
type Priority struct {
	Name   string    `json:"name"`             // P1 to P4, or as the profile calls them
	Days   int       `json:"days,omitempty"`   // to resolve it; 0 is no target
	By     time.Time `json:"by,omitzero"`      // the end of them, counted from when it was raised
	Notify string    `json:"notify,omitempty"` // whom, and how soon
}

// priority is what a rating asks of the risk; without a rating it is nothing.
func (r *Risk) priority(p *profile.Profile, rating string) Priority {
	a, ok := p.Register.AuthorityOf(rating)
	if !ok {
		return Priority{}
	}
	out := Priority{Name: a.Priority, Days: a.Days, Notify: a.Notify}
	if a.Days > 0 {
		out.By = r.Raised.AddDate(0, 0, a.Days)
	}
	return out
}

// fits warns of a plan that ends later than the priority of the rating wants: handbook
// 2.2. A longer plan may be right; that it is longer is to be known when it is approved.
func (r *Risk) fits(p *profile.Profile, rating string) (out []riskscore.Warning) {
	want := r.priority(p, rating)
	var last Milestone
	for _, m := range r.Plan.Milestones {
		if m.Done.IsZero() && m.Due.After(last.Due) {
			last = m
		}
	}
	if r.Response != Remediate || want.By.IsZero() || !last.Due.After(want.By) {
		return nil
	}
	return []riskscore.Warning{{Key: "late", Says: fmt.Sprintf("the plan ends with %s on %s; %s is to be resolved within %d days, by %s",
		last.ID, last.Due.Format(time.DateOnly), want.Name, want.Days, want.By.Format(time.DateOnly))}}
}
