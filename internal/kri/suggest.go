package kri

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// Suggestion is a kind of indicator that fits a situation, and why.
type Suggestion struct {
	Kind      string   `json:"kind"`
	Title     string   `json:"title"`
	About     string   `json:"about,omitempty"`
	Situation []string `json:"situation"` // titles of the situations that ask for it
	Why       []string `json:"why"`
}

// The situations that facts about a risk can tell; others are for people to say.
const (
	isNew    = "new"
	frequent = "frequent"
)

// Suggest tells which kinds fit the situations, by the profile's guide: those first
// that most of them ask for.
func Suggest(p *profile.Profile, situations ...string) []Suggestion {
	var out []Suggestion
	for _, advice := range p.Register.KRI.Guide {
		if !slices.Contains(situations, advice.Name) {
			continue
		}
		for _, name := range advice.Kinds {
			at := slices.IndexFunc(out, func(s Suggestion) bool { return s.Kind == name })
			if at < 0 {
				kind, _ := kindOf(p, name)
				out = append(out, Suggestion{Kind: name, Title: kind.Title, About: kind.About})
				at = len(out) - 1
			}
			out[at].Situation, out[at].Why = append(out[at].Situation, advice.Title), append(out[at].Why, advice.Why)
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return len(b.Why) - len(a.Why) })
	return out
}

// SuggestFor suggests kinds by what the evidence of a risk that all staff may open
// tells, besides what the caller says of the situation: nothing has happened, or so
// often in a quarter that the profile calls it recurring.
func (s *KRIs) SuggestFor(ctx context.Context, risk ref.ID, situations ...string) (out []Suggestion, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, risk); err != nil {
			return err
		}
		out, err = s.suggest(v, risk, situations)
		return err
	})
	return out, err
}

func (s *KRIs) suggest(v *gate.View, risk ref.ID, situations []string) ([]Suggestion, error) {
	recent, all, err := lately(v, risk, v.Now.AddDate(0, -3, 0))
	if err != nil {
		return nil, err
	}
	return Suggest(s.Profile, append(s.told(recent, all), situations...)...), nil
}

// Watch lists the indicators that tell of a risk, those in use first, with the kinds
// that fit it, read at one moment.
func (s *KRIs) Watch(ctx context.Context, risk ref.ID, situations ...string) (list []*KRI, fit []Suggestion, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, risk); err != nil {
			return err
		}
		if list, err = onRisk(v, risk); err != nil {
			return err
		}
		fit, err = s.suggest(v, risk, situations)
		return err
	})
	return list, fit, err
}

func (s *KRIs) told(recent, all int) []string {
	switch {
	case all == 0:
		return []string{isNew}
	case recent >= s.Profile.Register.Recurrence.Count:
		return []string{frequent}
	}
	return nil
}

func kindNames(p *profile.Profile) string {
	var out []string
	for _, k := range p.Register.KRI.Kinds {
		out = append(out, k.Name)
	}
	return strings.Join(out, ", ")
}
