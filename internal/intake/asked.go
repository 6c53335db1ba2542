package intake

import (
	"context"
	"strings"

	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Vocabulary is what the inbox can be asked for, in the words of the profile.
func Vocabulary(p *profile.Profile) *query.Vocabulary {
	return &query.Vocabulary{Zone: p.Zone(), Fields: []query.Field{
		{Name: "stage", Title: "Stage", Values: profile.Stages(p.Lifecycle("report"))},
		{Name: "severity", Title: "Severity as claimed", Also: []string{"sev"}, Ordered: true, None: true, Values: p.Severities()},
		{Name: "is", Title: "Is", Bare: true, Values: []query.Value{{Name: "undecided", Title: "waiting for a decision"}, {Name: "decided", Title: "decided"}, {Name: "overdue", Title: "over its due date"},
			{Name: "breached", Title: "late at some time"}, {Name: "named", Title: "need to know"}}},
		{Name: "due", Title: "Due", Kind: query.Date, None: true},
		{Name: "product", Title: "Product", Kind: query.Text, None: true},
		{Name: "component", Title: "Component", Kind: query.Text, None: true},
		{Name: "cwe", Title: "Weakness", Kind: query.Text, None: true, Clean: query.Weakness},
		{Name: "source", Title: "Source", None: true, Values: profile.Values(p.Sources)},
		{Name: "case", Title: "Case", Kind: query.Text, None: true, Clean: func(s string) string { return string(ref.Read(strings.ToUpper(s))) }},
		{Name: "received", Title: "Received", Kind: query.Date, None: true, Past: true},
	}}
}

// Complete tells what could stand at a place of a query for reports, in bytes.
func (s *Reports) Complete(ctx context.Context, text string, at int) (query.Completion, error) {
	return insight.Complete(ctx, s.Gate, VerbRead, Vocabulary(s.Profile), text, at)
}
