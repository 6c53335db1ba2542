package review

import (
	"strings"

	"tocsin/internal/passage"
)

// passage is the meeting for the search.
func (m *Meeting) passage() passage.Passage {
	var names []string
	for _, p := range m.Present {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	return passage.Passage{ID: string(m.ID), Kind: passage.Meeting, Guard: m.ID, Audience: m.audience, About: m.ID, At: m.At, Title: m.Title, Text: passage.Lines(m.Minutes, strings.Join(names, ", "))}
}

// passage is what the meeting decided or asked for, for the search. Whoever may not
// see the risk that it is about finds nothing of it.
func (p *Point) passage() passage.Passage {
	return passage.Passage{ID: string(p.ID), Kind: passage.Meeting, Guard: p.guard, Audience: p.audience, About: p.Meeting, At: p.At, Text: passage.Lines(p.Text, p.Note)}
}

// passage is the review for the search.
func (r *RiskReview) passage() passage.Passage {
	return passage.Passage{ID: string(r.ID), Kind: passage.Decision, Guard: r.Risk, Audience: r.audience, About: r.Risk, At: r.At, Text: r.Reason}
}

// passage is the choice for the search. It stands on the page on which leaders choose,
// with what was said of it.
func (k *Candidate) passage() passage.Passage {
	said := []string{k.Alternative, k.Reason, k.Back}
	for _, w := range k.Words {
		said = append(said, w.Note)
	}
	return passage.Passage{ID: string(k.ID), Kind: passage.Decision, Guard: k.guard(), Audience: k.audience, About: k.guard(), Verb: VerbRead, At: k.At, Text: passage.Lines(said...)}
}
