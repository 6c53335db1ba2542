package observation

import (
	"context"
	"slices"

	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/query"
)

// Vocabulary is what the list of observations can be asked for, in the words of the
// profile.
func Vocabulary(p *profile.Profile) *query.Vocabulary {
	r := p.Register
	m := p.Lifecycle(r.Observations.Lifecycle)
	var ratings, priorities []query.Value
	for _, x := range r.Observations.Ratings {
		ratings = append(ratings, query.Value{Name: x.Word, Title: x.Title})
	}
	for _, e := range slices.Backward(r.Equivalents) { // which begin with the most urgent
		priorities = append(priorities, query.Value{Name: e.Priority, Title: e.Priority})
	}
	return &query.Vocabulary{Zone: p.Zone(), Fields: []query.Field{
		{Name: "stage", Title: "Stage", Values: profile.Stages(m)},
		{Name: "rating", Title: "Rating", Ordered: true, None: true, Values: ratings},
		{Name: "is", Title: "Is", Bare: true, Values: []query.Value{{Name: "open", Title: "open"}, {Name: "closed", Title: "closed"}, {Name: "overdue", Title: "past its date"},
			{Name: "entity", Title: "of the whole organisation"}, {Name: "named", Title: "need to know"}}},
		{Name: "owner", Title: "Owner", Kind: query.Person, None: true},
		{Name: "due", Title: "Due", Kind: query.Date, None: true},
		{Name: "label", Title: "Label", None: true, Values: profile.Labels(m)},
		{Name: "cause", Title: "Root cause", Kind: query.Text, None: true},
		{Name: "priority", Title: "Priority", Ordered: true, None: true, Values: priorities},
		{Name: "source", Title: "Source", Kind: query.Text, None: true},
		{Name: "department", Title: "Department", Kind: query.Text, None: true},
		{Name: "score", Title: "Score", Kind: query.Number, None: true},
		{Name: "found", Title: "Found", Kind: query.Date, Past: true},
		{Name: "touched", Title: "Touched", Kind: query.Date, Past: true},
	}}
}

// Complete tells what could stand at a place of a query for observations, in bytes.
func (s *Observations) Complete(ctx context.Context, text string, at int) (query.Completion, error) {
	return insight.Complete(ctx, s.Gate, VerbRead, Vocabulary(s.Profile), text, at)
}
