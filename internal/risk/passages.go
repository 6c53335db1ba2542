package risk

import (
	"tocsin/internal/passage"
	"tocsin/internal/ref"
)

// planned is the treatment for the search: the plan with its milestones.
func (r *Risk) planned() passage.Passage {
	p := r.Plan
	said := []string{p.Summary, p.Document, p.Why}
	for _, m := range p.Milestones {
		said = append(said, m.Title, m.Success, m.Why, m.Proof)
	}
	return passage.Passage{ID: string(r.ID) + ":plan", Kind: passage.Plan, Guard: r.ID, Audience: r.Audience, About: r.ID, At: r.Touched, Text: passage.Lines(said...)}
}

// passage is the decision for the search, with what was said of it since.
func (d *Decision) passage() passage.Passage {
	said := []string{d.Reason, d.Description, d.Justification, d.Controls}
	for _, a := range d.Approvals {
		said = append(said, a.Note)
	}
	for _, r := range d.Reviews {
		said = append(said, r.Note)
	}
	return passage.Passage{ID: string(d.ID), Kind: passage.Decision, Guard: d.guard, Audience: d.audience, About: d.Risk, At: d.At, Text: passage.Lines(said...)}
}

// passage is the evidence for the search, while it counts. What is linked to a record
// of the house is found by that record's own words.
func (it Item) passage(risk ref.ID) passage.Passage {
	p := passage.Passage{ID: string(it.ID), Kind: passage.Evidence, Guard: it.guard, Audience: it.audience, About: risk, At: it.Added}
	switch {
	case it.Dropped:
	case it.guard != risk:
		p.Text = it.Note
	default:
		p.Title, p.Text = it.Title, passage.Lines(it.Note, it.Source, it.About, it.Link)
	}
	return p
}
