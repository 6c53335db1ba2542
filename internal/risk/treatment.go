package risk

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// Response is what is decided to do about a risk: handbook 1.8.
type Response struct {
	Version  int    `json:"version,omitempty"`
	Response string `json:"response"`       // monitor, remediate, accept
	Path     string `json:"path,omitempty"` // of remediation: exactly one, and only there
	Reason   string `json:"reason,omitempty"`
}

// Respond decides on the response. Monitoring is refused above the tolerance in
// force, and as a decision it is bound to the state that it was taken on.
func (s *Risks) Respond(ctx context.Context, id ref.ID, in Response) error {
	return s.change(ctx, VerbRespond, id, in.Version, func(tx *gate.Tx, r *Risk) error { return s.respond(tx, r, in) })
}

func (s *Risks) respond(tx *gate.Tx, r *Risk, in Response) error {
	if err := in.check(s); err != nil {
		return err
	}
	if r.Closed {
		return fault.New(fault.Conflict, "the risk is closed; reopen it before deciding on a response")
	}
	if in.Response == Monitor {
		if err := s.mayMonitor(tx, r); err != nil {
			return err
		}
	}
	tx.Reason(in.Reason)
	r.Response, r.Path = in.Response, in.Path
	if in.Response != Accept {
		r.clear(s.labels().Accepted)
	}
	r.record(tx.Now, "updated", nil)
	if in.Response != Monitor {
		return nil
	}
	if err := overtaken(tx, r, DecideMonitor); err != nil {
		return err
	}
	return s.watch(tx, r, in.Reason)
}

func (in *Response) check(s *Risks) error {
	var fs fault.Fields
	in.Reason = thread.Cleaned(&fs, "reason", in.Reason, MaxNote)
	if !slices.Contains(Responses, in.Response) {
		fs.Add("response", "%q is no response; choose one of: %s", in.Response, strings.Join(Responses, ", "))
	}
	paths := names(s.Profile.Register.Paths)
	switch {
	case in.Response == Remediate && in.Path == "":
		fs.Add("path", "remediation takes exactly one path; choose one of: %s", strings.Join(paths, ", "))
	case in.Response != Remediate && in.Path != "":
		fs.Add("path", "a path belongs to remediation alone; leave it out, or choose to remediate")
	default:
		thread.Word(&fs, "path", in.Path, paths)
	}
	return fs.Err()
}

// mayMonitor refuses to monitor what stands above the tolerance or the ceiling, by
// the score that everybody sees and by the one that the actor sees.
func (s *Risks) mayMonitor(tx *gate.Tx, r *Risk) error {
	open, err := openStanding(&tx.View, r.ID)
	if err != nil {
		return err
	}
	if !open.Scored() || open.Held {
		return fault.At("response", "the risk has no rating yet, and what is not rated is not within tolerance; score it first")
	}
	appetite, err := s.appetite(&tx.View)
	if err != nil {
		return err
	}
	rules := ScalesOf(s.Profile).rules(appetite)
	for _, score := range []float64{open.Score, r.Standing.Score} {
		if score < 0 {
			continue
		}
		if err := rules.MayMonitor(score); err != nil {
			return fault.At("response", "%s", fault.Of(err).Says)
		}
	}
	return nil
}

// tooLow names the owners whose level of management is below what the rating
// wants: handbook 2.1.
func (s *Sight) tooLow() []string {
	var out []string
	for _, a := range s.Profile.Register.Authority {
		if a.Rating != s.Standing.Rating {
			continue
		}
		if !s.atLeast(s.Owner, a.Business) {
			out = append(out, "the business owner, who must be "+levelTitle(s.Profile, a.Business)+" or above")
		}
		if !s.atLeast(s.Security, a.Security) {
			out = append(out, "the security owner, who must be "+levelTitle(s.Profile, a.Security)+" or above")
		}
	}
	return out
}

// atLeast reports whether a person stands at a level of management or above it.
func (s *Sight) atLeast(who ref.ID, level string) bool {
	rank := s.Profile.Register.LevelRank(s.Persons[who].Level)
	return who != "" && rank > 0 && rank >= s.Profile.Register.LevelRank(level)
}

func saysLevels(s *Sight) string {
	return "owners with the authority that the rating wants: " + strings.Join(s.tooLow(), "; ")
}

// accepted returns the acceptance in force, or nil. One that covers a skipped
// quarter accepts the delay alone.
func (s *Sight) accepted() *Decision {
	for _, d := range s.Decisions {
		if d.Kind == DecideAccept && d.State == StateActive && d.Quarter == "" {
			return d
		}
	}
	return nil
}
