package risk

import (
	"context"
	"strings"

	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Vocabulary is what the register can be asked for, in the words of the profile.
func Vocabulary(p *profile.Profile) *query.Vocabulary {
	m := p.Lifecycle(p.Register.Lifecycle)
	kinds := []query.Value{}
	for _, k := range p.Register.Kinds {
		kinds = append(kinds, query.Value{Name: k.Name, Title: k.Title})
	}
	return &query.Vocabulary{Zone: p.Zone(), Fields: append([]query.Field{
		{Name: "stage", Title: "Stage", Values: profile.Stages(m)},
		{Name: "rating", Title: "Rating", Ordered: true, None: true, Values: p.Rated()},
		{Name: "is", Title: "Is", Bare: true, Values: []query.Value{{Name: "open", Title: "open"}, {Name: "closed", Title: "closed"}, {Name: "overdue", Title: "past a date"},
			{Name: "held", Title: "held for validation"}, {Name: "named", Title: "need to know"}}},
		{Name: "standing", Title: "Standing", Also: []string{"tolerance"}, None: true, Values: []query.Value{{Name: "within", Title: "within tolerance"}, {Name: "above", Title: "above tolerance"},
			{Name: "beyond", Title: "above the ceiling"}}},
		{Name: "owner", Title: "Business owner", Kind: query.Person, None: true},
		{Name: "security", Title: "Security owner", Kind: query.Person, None: true},
		{Name: "due", Title: "Due", Kind: query.Date, None: true},
		{Name: "review", Title: "Review", Kind: query.Date, None: true},
		{Name: "raised", Title: "Raised", Kind: query.Date, Past: true},
		{Name: "label", Title: "Label", None: true, Values: profile.Labels(m)},
		{Name: "kind", Title: "Kind", None: true, Values: kinds},
		{Name: "scope", Title: "Scope", None: true, Values: profile.Values(p.Register.Scopes)},
		{Name: "department", Title: "Department", Kind: query.Text, None: true},
		{Name: "response", Title: "Response", None: true, Values: []query.Value{{Name: "monitor", Title: "monitor"}, {Name: "remediate", Title: "remediate"}, {Name: "accept", Title: "accept"}}},
		{Name: "choice", Title: "Leader's choice", Also: []string{"strategy"}, None: true, Values: profile.Values(p.Register.Strategy.States)},
		{Name: "parent", Title: "Risk above", Kind: query.Text, None: true, Clean: func(s string) string { return string(ref.Read(strings.ToUpper(s))) }},
		{Name: "score", Title: "Score", Kind: query.Number, None: true},
	}, ownFields(p)...)}
}

// Complete tells what could stand at a place of a query for risks, in bytes.
func (s *Risks) Complete(ctx context.Context, text string, at int) (query.Completion, error) {
	return insight.Complete(ctx, s.Gate, VerbRead, Vocabulary(s.Profile), text, at)
}
