package casework

import (
	"context"
	"strings"

	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/query"
)

// Vocabulary is what the list of cases can be asked for, in the words of the profile.
func Vocabulary(p *profile.Profile) *query.Vocabulary {
	m := p.Lifecycle("case")
	return &query.Vocabulary{Zone: p.Zone(), Fields: []query.Field{
		{Name: "stage", Title: "Stage", Values: profile.Stages(m)},
		{Name: "severity", Title: "Severity", Also: []string{"sev"}, Ordered: true, None: true, Values: p.Severities()},
		{Name: "is", Title: "Is", Bare: true, Values: []query.Value{{Name: "open", Title: "open"}, {Name: "closed", Title: "closed"}, {Name: "overdue", Title: "over its due date"},
			{Name: "breached", Title: "late at some time"}, {Name: "named", Title: "need to know"}}},
		{Name: "owner", Title: "Owner", Kind: query.Person, None: true},
		{Name: "due", Title: "Due", Kind: query.Date, None: true},
		{Name: "label", Title: "Label", None: true, Values: profile.Labels(m)},
		{Name: "product", Title: "Product", Kind: query.Text, None: true},
		{Name: "component", Title: "Component", Kind: query.Text, None: true},
		{Name: "cwe", Title: "Weakness", Kind: query.Text, None: true, Clean: query.Weakness},
		{Name: "cve", Title: "CVE ID", Kind: query.Text, None: true, Clean: strings.ToUpper},
		{Name: "rca", Title: "Root cause analysis", None: true, Values: []query.Value{{Name: "open", Title: "not done yet"}, {Name: RCADone, Title: "done"}}},
		{Name: "source", Title: "Source", None: true, Values: profile.Values(p.Sources)},
		{Name: "score", Title: "Score", Kind: query.Number, None: true},
		{Name: "opened", Title: "Opened", Kind: query.Date, None: true, Past: true},
	}}
}

// Complete tells what could stand at a place of a query for cases, in bytes.
func (s *Cases) Complete(ctx context.Context, text string, at int) (query.Completion, error) {
	return insight.Complete(ctx, s.Gate, VerbRead, Vocabulary(s.Profile), text, at)
}
