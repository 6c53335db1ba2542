package demo

import (
	"context"
	"errors"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
)

// prepare drafts the advisory and gets it approved, as far as the row says.
func (s *story) prepare() {
	if s.row.NoAdvisory != "" {
		return
	}
	s.within("release", 0.3)
	s.do(s.analyst(), "draft", func(ctx context.Context) (err error) {
		s.adv, err = s.t.h.Advisories.Draft(ctx, s.id)
		return err
	})
	if s.row.Workaround != "" {
		s.rewrite("Workaround added.", func(d *advisory.Document) {
			d.Vulns[0].Remediations = append(d.Vulns[0].Remediations, advisory.Remediation{Category: "workaround", Details: s.row.Workaround})
		})
	}
	s.stay("draft")
	s.within("release", 0.5)
	s.advise(s.analyst(), advisory.VerbSubmit, "")
	s.stay("review")
	s.within("release", 0.75)
	s.advise(s.approver(), advisory.VerbApprove, "")
	if s.row.Advisory == "stale" {
		s.rewrite("One more sentence.", func(d *advisory.Document) {
			d.Summary += " Customers of the hosted service need do nothing."
		})
	}
	s.stay("approved")
	s.stay("stale")
}

// stay ends the story where its advisory has come as far as the row says.
func (s *story) stay(at string) {
	if s.row.Advisory == at && s.err == nil {
		s.err = errOver
	}
}

// approver is somebody who did not write it.
func (s *story) approver() string {
	if s.n%3 == 0 {
		return s.t.first("communications").Handle
	}
	return s.voters()[0]
}

func (s *story) advise(who string, verb access.Verb, reason string) {
	s.do(who, string(verb), func(ctx context.Context) error { return s.t.h.Advisories.Move(ctx, s.adv, verb, 0, reason) })
}

// rewrite changes the advisory's Document, as its writer.
func (s *story) rewrite(summary string, change func(*advisory.Document)) {
	s.do(s.analyst(), "rewrite", func(ctx context.Context) error {
		a, err := s.t.h.Advisories.Get(ctx, s.adv)
		if err != nil {
			return err
		}
		if len(a.Document.Vulns) == 0 {
			return errors.New("the draft has no vulnerability")
		}
		change(&a.Document)
		return s.t.h.Advisories.Edit(ctx, s.adv, 0, a.Document, summary)
	})
}

// publish puts the advisory out, and later changes or withdraws it where the row
// says so, as a story of its own.
func (s *story) publish() {
	if s.adv == "" {
		return
	}
	s.step("publish")
	s.advise(s.analyst(), advisory.VerbPublish, "")
	if s.err != nil || (s.row.Revise == "" && s.row.Withdraw == "") {
		return
	}
	later := &story{what: s.what + ": later", begin: s.at, row: s.row, n: s.n, bound: s.bound}
	s.t.tell(later, (*story).revise)
}

func (s *story) revise() {
	s.office(9)
	if s.row.Withdraw != "" {
		s.advise(s.t.first("manager").Handle, advisory.VerbWithdraw, s.row.Withdraw)
		return
	}
	s.advise(s.analyst(), advisory.VerbRevise, s.row.Revise)
	s.rewrite(s.row.Revise, func(d *advisory.Document) { d.Summary += " " + s.row.Revise })
	s.advise(s.analyst(), advisory.VerbSubmit, "")
	s.office(10)
	s.advise(s.approver(), advisory.VerbApprove, "")
	s.advise(s.analyst(), advisory.VerbPublish, "")
}
