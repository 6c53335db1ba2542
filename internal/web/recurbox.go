package web

import (
	"net/http"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/recurrence"
)

// AskedBox is what the register asks of the reader and what it proposes, as the desk
// shows it. It comes after the page, so that the page does not wait for the count.
type AskedBox struct {
	Now      time.Time
	Tasks    []*kri.Task
	Proposed []recurrence.Group // the newest
	Systemic int                // without a risk, all of them
	may      func(access.Verb) bool
}

// How much of each the desk shows.
const (
	askedTasks    = 5
	askedProposed = 3
)

func askedBox(w *Web, r *http.Request) (Answer, error) {
	b := AskedBox{Now: w.Now().UTC(), may: w.rights(r)}
	var err error
	if b.Tasks, err = w.KRIs.Tasks(r.Context(), kri.TaskFilter{Mine: true, State: kri.Opened, Limit: askedTasks}); err != nil && fault.KindOf(err) != fault.Forbidden {
		return Answer{}, err
	}
	a, err := w.Recurrence.Answer(r.Context(), recurrence.Ask{Groups: recurGroups, Dots: 1})
	if err != nil {
		return Answer{}, err
	}
	for _, g := range a.Groups {
		if g.Proposal == recurrence.Open {
			b.Systemic++
			b.Proposed = append(b.Proposed, g)
		}
	}
	slices.SortStableFunc(b.Proposed, func(a, b recurrence.Group) int { return reached(b).Compare(reached(a)) })
	b.Proposed = b.Proposed[:min(len(b.Proposed), askedProposed)]
	return show(200, askedView(b))
}

// reached is when a group became systemic, the zero time where that is not known.
func reached(g recurrence.Group) (t time.Time) {
	if g.Reached != nil {
		t = *g.Reached
	}
	return t
}
