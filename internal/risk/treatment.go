package risk

import (
	"slices"
	"strings"

	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// tooLow names the owners whose level of management is below what the rating
// wants: handbook 2.1.
func (s *Sight) tooLow() []string {
	var out []string
	for _, a := range s.Profile.Register.Authority {
		if a.Rating != s.Standing.Rating {
			continue
		}
		if !s.atLeast(s.Owner, a.Business) {
			out = append(out, "the business owner, who must be "+a.Business+" or above")
		}
		if !s.atLeast(s.Security, a.Security) {
			out = append(out, "the security owner, who must be "+a.Security+" or above")
		}
	}
	return out
}

// atLeast reports whether a person stands at a level of management or above it.
func (s *Sight) atLeast(who ref.ID, level string) bool {
	order := names(s.Profile.Register.Levels)
	return who != "" && slices.Index(order, s.Persons[who].Level) >= slices.Index(order, level)
}

func saysLevels(s *Sight) string {
	return "owners with the authority that the rating wants: " + strings.Join(s.tooLow(), "; ")
}

// unSmart names the questions of the checklist that nobody answered with yes.
func (s *Sight) unSmart() []string {
	var out []string
	for _, c := range s.Profile.Register.Plan.Smart {
		if c.Required && s.Plan.Smart[c.Name] != "yes" {
			out = append(out, c.Title)
		}
	}
	return out
}

func saysSmart(s *Sight) string { return "a yes to: " + strings.Join(s.unSmart(), ", ") }

// unapproved names the roles whose approval of exactly this plan is missing.
func (s *Sight) unapproved() []string {
	var out []string
	hash := s.Plan.Hash()
	for _, role := range s.Profile.Register.Plan.Approval {
		if !slices.ContainsFunc(s.Plan.Approvals, func(a Approval) bool { return a.Role == role.Name && a.Hash == hash && !a.No }) {
			out = append(out, role.Title)
		}
	}
	return out
}

func saysApproved(s *Sight) string {
	return "the approval of exactly this plan by: " + strings.Join(s.unapproved(), ", ")
}

// accepted returns the acceptance in force, or nil.
func (s *Sight) accepted() *Decision {
	for _, d := range s.Decisions {
		if d.Kind == "accept" && d.State == "active" {
			return d
		}
	}
	return nil
}

// unclosed names what a closure still lacks: handbook 3.7.
func (s *Sight) unclosed() []string {
	var out []string
	if s.Standing.State != string(riskscore.Within) {
		out = append(out, "a final score within tolerance")
	}
	if s.Closing.Rationale == "" {
		out = append(out, "the rationale")
	}
	return out
}

func saysClosure(s *Sight) string {
	return "all that a closure wants: " + strings.Join(s.unclosed(), "; ")
}

// health derives the three health values from the facts.
func (s *Sight) health() []Verdict { return nil }
