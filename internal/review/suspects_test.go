package review

import (
	"context"
	"testing"

	"tocsin/internal/gate"

	"github.com/google/go-cmp/cmp"
)

// Suspected compares, for tests, the risks that rules may hold for with the whole
// register read as agendas read it: both have the same hits.
func (s *Reviews) Suspected(t *testing.T, who context.Context) []Hit {
	t.Helper()
	var have, want []Hit
	err := s.Gate.View(who, func(v *gate.View) error {
		fs, err := s.glance(v, s.own(v))
		if err != nil {
			return err
		}
		want = hits(fs, s.Profile.Register.Escalations, period{v.Now, v.Now})
		have, err = s.EscalationsIn(v)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("escalations differ from those of the whole register: -whole +read\n%s", d)
	}
	return have
}

func TestEveryCheckHasTheConditionThatItNeeds(t *testing.T) {
	for check := range checks {
		if maybe[check] == "" {
			t.Errorf("the check %q of escalation rules has no condition: risks that it holds for are never read", check)
		}
	}
	for check := range maybe {
		if checks[check] == nil {
			t.Errorf("the condition %q belongs to no check", check)
		}
	}
}
