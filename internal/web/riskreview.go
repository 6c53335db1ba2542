package web

import (
	"net/http"
	"time"

	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// saveReview records a review of the risk by itself, outside a meeting.
func saveReview(w *Web, r *http.Request, id ref.ID) error {
	next, err := dayOf("next", r.PostFormValue("next"))
	if err != nil {
		return err
	}
	return w.Reviews.Review(r.Context(), id, review.Reviewing{Outcome: r.PostFormValue("outcome"), Reason: r.PostFormValue("reason"), Next: next})
}

// outcomeTitle is what people call the outcome of a review.
func outcomeTitle(word string) string {
	for _, o := range lookOutcomes {
		if o.Value == word {
			return o.Text
		}
	}
	return word
}

// scoreAt is the score that was in force at a moment, as the reader counts evidence;
// ok is false where there was none.
func (p RiskPage) scoreAt(at time.Time) (score float64, ok bool) {
	for _, e := range p.Evaluations {
		if e.World != risk.WorldBase && !e.At.After(at) {
			score, ok = e.Score, true
		}
	}
	return score, ok
}

// reviewScores tells the score at the review of that place in the list, and at the one
// before where it was another.
func (p RiskPage) reviewScores(i int) string {
	is, ok := p.scoreAt(p.Reviews[i].At)
	if !ok {
		return "not scored"
	}
	if i+1 < len(p.Reviews) {
		if was, ok := p.scoreAt(p.Reviews[i+1].At); ok && was != is {
			return riskNumber(p.Head.Reads, was) + " → " + riskNumber(p.Head.Reads, is)
		}
	}
	return riskNumber(p.Head.Reads, is)
}

// moved is where the score in force went since the last review.
func (p RiskPage) moved() riskscore.Move {
	if len(p.Reviews) == 0 || !p.Standing.Scored() {
		return riskscore.Move{}
	}
	was, ok := p.scoreAt(p.Reviews[0].At)
	if !ok {
		return riskscore.Move{}
	}
	return riskscore.Trend([]riskscore.Dated{{At: p.Reviews[0].At, Score: was}, {At: p.Now, Score: p.Standing.Score}}, []time.Time{p.Reviews[0].At})
}

// reviewDue tells by when the risk is to be looked at next, and whether that is past.
func (p RiskPage) reviewDue() (says string, tone ui.Tone) {
	switch {
	case p.Closed:
		return "The risk is closed: nobody has to look at it.", ui.Plain
	case p.Review.IsZero():
		return "No review is planned. The first one plans the next by the rating.", ui.Plain
	case p.Review.Before(p.Now):
		return "It was to be reviewed by " + p.Head.Reads.Date(p.Review) + ".", ui.Warn
	}
	return "The next review is on " + p.Head.Reads.Date(p.Review) + ".", ui.Plain
}
