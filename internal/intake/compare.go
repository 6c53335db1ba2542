package intake

import (
	"context"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Other is the record that a report is compared with: another report, or a case.
type Other struct {
	ID        ref.ID    `json:"id"`
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Product   string    `json:"product"`
	Component string    `json:"component"`
	CWE       string    `json:"cwe"`
	Severity  string    `json:"severity"`
	At        time.Time `json:"at"`
	Summary   string    `json:"summary"`
	Steps     string    `json:"steps,omitempty"`
	Impact    string    `json:"impact,omitempty"`
	Versions  string    `json:"versions,omitempty"`
}

// Compare returns a report and another record that the actor may see, to lay them
// side by side.
func (s *Reports) Compare(ctx context.Context, id, with ref.ID) (r *Report, o *Other, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Reads(id); err != nil {
			return err
		}
		if err := v.Reads(with); err != nil {
			return err
		}
		if r, err = get(v, id); err == nil {
			o, err = other(v, with)
		}
		return err
	})
	return r, o, err
}

// Answer fills the canned answer of a disposition for a person to review.
func (s *Reports) Answer(r *Report, disposition string) (string, error) {
	d, ok := s.Profile.Disposition(disposition)
	if !ok {
		return "", fault.At("disposition", "%q is no disposition of the profile", disposition)
	}
	_, text, err := s.say(d.Message, r, "")
	return text, err
}
