package web

import (
	"net/http"
	"slices"
	"time"

	"tocsin/internal/picture"
	"tocsin/internal/recurrence"
)

// NewestBox is what was proposed to the register last, as the desk shows it. It comes
// after the page, so that the page does not wait for the count.
type NewestBox struct {
	Proposed []recurrence.Group // the newest
	All      int
}

// askedProposed is how many of them the desk shows.
const askedProposed = 3

func recurNewest(w *Web, r *http.Request) (Answer, error) {
	a, err := w.Recurrence.Answer(r.Context(), recurrence.Ask{Groups: picture.Lines, Dots: 1})
	if err != nil {
		return Answer{}, err
	}
	var b NewestBox
	for _, g := range a.Groups {
		if g.Proposal == recurrence.Open {
			b.Proposed = append(b.Proposed, g)
		}
	}
	slices.SortStableFunc(b.Proposed, func(a, b recurrence.Group) int { return reached(b).Compare(reached(a)) })
	b.All, b.Proposed = len(b.Proposed), b.Proposed[:min(len(b.Proposed), askedProposed)]
	return show(200, newestView(b))
}

// reached is when a group became systemic, the zero time where that is not known.
func reached(g recurrence.Group) (t time.Time) {
	if g.Reached != nil {
		t = *g.Reached
	}
	return t
}
