package advisory

import (
	"context"
	"strings"

	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// Vocabulary is what the list of advisories can be asked for, in the words of the
// profile.
func Vocabulary(p *profile.Profile) *query.Vocabulary {
	return &query.Vocabulary{Zone: p.Zone(), Fields: []query.Field{
		{Name: "stage", Title: "Stage", Values: profile.Stages(p.Lifecycle("advisory"))},
		{Name: "severity", Title: "Severity", Also: []string{"sev"}, Ordered: true, None: true, Values: p.Severities()},
		{Name: "is", Title: "Is", Bare: true, Values: []query.Value{{Name: "published", Title: "out"}, {Name: "approved", Title: "approved as it is"}, {Name: "named", Title: "need to know"}}},
		{Name: "tlp", Title: "TLP", None: true, Values: marks(p)},
		{Name: "case", Title: "Case", Kind: query.Text, None: true, Clean: func(s string) string { return string(ref.Read(strings.ToUpper(s))) }},
		{Name: "name", Title: "Tracking ID", Kind: query.Text, None: true},
		{Name: "published", Title: "Published", Kind: query.Date, None: true, Past: true},
		{Name: "drafted", Title: "Drafted", Kind: query.Date, None: true, Past: true},
	}}
}

// marks are the words of the profile for who may read something.
func marks(p *profile.Profile) (out []query.Value) {
	for _, t := range p.TLP {
		out = append(out, query.Value{Name: t, Title: "TLP:" + t})
	}
	return out
}

// Complete tells what could stand at a place of a query for advisories, in bytes.
func (s *Advisories) Complete(ctx context.Context, text string, at int) (query.Completion, error) {
	return insight.Complete(ctx, s.Gate, VerbRead, Vocabulary(s.Profile), text, at)
}
