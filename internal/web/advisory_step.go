package web

import (
	"net/http"
	"slices"
	"strconv"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// advisoryStep is the page of one move: what it still needs, what follows from it,
// and what exactly goes out by it.
func advisoryStep(w *Web, r *http.Request) (Answer, error) { return w.stepPage(r, nil) }

func (w *Web) stepPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p, err := w.advisoryPage(r, "step")
	if err != nil {
		return Answer{}, err
	}
	p.Wrong = wrong
	for _, n := range p.Moves {
		if n.Verb == r.PathValue("verb") {
			p.Next = &n
		}
	}
	if p.Next == nil {
		return w.noStep(p, r, wrong)
	}
	p.Given = map[string]string{"reason": r.PostFormValue("reason")}
	if p.publishes() {
		if p.Files, err = formFiles(p.Now); err != nil {
			return Answer{}, err
		}
	}
	return show(statusFor(wrong), advisoryStepView(p))
}

// noStep answers for a move that does not leave the present stage: what was asked
// for is refused, and a link that is too old leads to the advisory.
func (w *Web) noStep(p *AdvisoryPage, r *http.Request, wrong *fault.Fault) (Answer, error) {
	switch {
	case wrong != nil:
		return Answer{}, wrong
	case slices.Contains(p.Cycle.Verbs(), r.PathValue("verb")):
		return lead(p.Path(""), "")
	}
	return Answer{}, access.NoRecord()
}

// publishes tells whether the move puts content out, withdraws whether it takes it back.
func (p *AdvisoryPage) publishes() bool { return access.Verb(p.Next.Verb) == advisory.VerbPublish }
func (p *AdvisoryPage) withdraws() bool { return access.Verb(p.Next.Verb) == advisory.VerbWithdraw }
func (p *AdvisoryPage) approves() bool  { return access.Verb(p.Next.Verb) == advisory.VerbApprove }

// asks tells whether the move wants to be agreed to besides being pressed.
func (p *AdvisoryPage) asks() bool { return p.publishes() || p.withdraws() && p.Revision > 0 }

// follows are the effects of a move, in words.
var follows = map[string]string{
	"event:published": "The case records the publication; clocks that wait for it stop.",
	"lift:embargo":    "The embargo of the case ends.",
	"tell:reporter":   "The reporter is told.",
	"tell:owner":      "The owner of the case is told.",
	"tell:team":       "Those who worked on the case are told.",
	"refresh:due":     "Due dates are computed again.",
}

// advisoryMove takes the advisory one step, at the version that was looked at.
func advisoryMove(w *Web, r *http.Request) (Answer, error) {
	id, verb := ref.Read(r.PathValue("id")), access.Verb(r.PathValue("verb"))
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || version < 1 {
		return w.stepPage(r, fault.New(fault.Invalid, "the form does not say which version it is about; look at it and press again"))
	}
	if (verb == advisory.VerbPublish || verb == advisory.VerbWithdraw && r.PostFormValue("out") == "yes") && r.PostFormValue("confirm") == "" {
		return w.stepPage(r, fault.At("confirm", "say that you have looked at it; nothing goes out by accident"))
	}
	err = w.Advisories.Move(r.Context(), id, verb, version, r.PostFormValue("reason"))
	if wrong, ok := formFault(err); ok {
		return w.stepPage(r, wrong)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/advisory/"+string(id), "moved")
}
