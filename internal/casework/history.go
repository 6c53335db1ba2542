package casework

import (
	"context"

	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
)

// History returns a case with its audit trail, newest first. Its files are left
// out.
func (s *Cases) History(ctx context.Context, id ref.ID) (f *Full, trail []insight.Entry, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err = v.Allow(VerbRead, id); err != nil {
			return err
		}
		if f, err = s.most(v, id); err != nil {
			return err
		}
		trail, err = insight.OnRecord(v, id)
		return err
	})
	return f, trail, err
}

// Answer fills the canned answer of a disposition for a person to review, as the
// first of the case's reporters would read it. Without a reporter it is empty.
func (s *Cases) Answer(f *Full, disposition string) (string, error) {
	d, ok := s.Profile.Disposition(disposition)
	m, said := s.Profile.Messages[d.Message]
	if !ok || !said || len(f.Reports) == 0 {
		return "", nil
	}
	r := f.Reports[0]
	_, text, err := m.Render(s.vars(f.Case, &f.Around, r, ""))
	return text, err
}
