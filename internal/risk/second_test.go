package risk_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// script is a token with the roles of one person that another made.
func script(id, maker ref.ID) context.Context {
	return access.With(context.Background(), access.Actor{ID: id, Kind: access.Token, Name: "script", Maker: maker})
}

func TestATokenIsNoSecondPersonOnAScore(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		low := risk.Score{Likelihood: 1, Impact: 1, Reason: "It is fenced off"}
		w.check("a token asks", r.Override(script("person-mia", "person-lea"), w.id, low))
		w.want("who made the token approves", r.ApproveOverride(w.lea, w.id), fault.Forbidden, "you asked")
		w.want("a token approves", r.ApproveOverride(script("person-sue", "person-bo"), w.id), fault.Forbidden, "token")
		if f := w.get(); f.Override.Active() {
			t.Error("the override is in force without a second person")
		}
		w.check("another person approves", r.ApproveOverride(w.sue, w.id))
		w.want("a token validates", r.Validate(script("person-sue", "person-bo"), w.id, "It stands"), fault.Forbidden, "token")
	})
}

func TestWhoMadeTheTokenThatWroteAPlanReviewsItNot(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		_, err := r.SetPlan(script("person-mia", "person-lea"), w.id, w.planning())
		w.check("plan", err)
		w.want("who made the token answers", r.AnswerSmart(w.lea, w.id, risk.Smart{Answers: w.smart()}), fault.Forbidden, "wrote")
		w.check("smart", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}))
		w.want("who made the token approves", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner"}), fault.Forbidden, "wrote")
		w.check("another approves", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: "security-owner"}))
	})
}

func TestAnOldAcceptanceTakesNoNewerOneWithIt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.bearing()
		old := w.ask()
		w.check("approve", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: old}))
		title := "Checks of membership may reveal exports to people who left a group"
		w.check("it falls", r.Edit(w.mia, w.id, risk.Patch{Title: &title}))
		id := w.ask()
		w.check("approve the newer", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		w.want("the old one is renewed beside it", r.ReviewAcceptance(w.sue, w.id, risk.Look{Decision: old, Answers: w.questions(), Outcome: risk.Holds}), fault.Conflict)
		w.check("end the old one", r.EndAcceptance(w.mia, w.id, old, "It is overtaken"))
		if f, d := w.get(), w.newest(risk.DecideAccept); d.ID != id || d.State != risk.StateActive || !f.Has("risk-accepted") {
			t.Errorf("the newer acceptance is %s, label %v; want it in force", d.State, f.Has("risk-accepted"))
		}
	})
}

func TestARequestFallsWithTheResponse(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.bearing()
		id := w.ask()
		w.check("treat it after all", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		w.want("approved all the same", r.ApproveAcceptance(w.vic, w.id, risk.Approve{Decision: id}), fault.Conflict)
		if f := w.get(); f.Has("risk-accepted") {
			t.Error("a risk that is remediated is accepted")
		}
	})
}

func TestAnImportThatTakesTheResponseAwayEndsTheAcceptance(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.bearing()
		id := w.ask()
		w.check("approve", h.Risks.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		w.check("import", h.Gate.Act(w.mia, risk.VerbEdit, w.id, func(tx *gate.Tx) error {
			_, err := h.Risks.BringIn(tx, w.id, risk.Imports{Response: &risk.Response{}})
			return err
		}))
		if f, d := w.get(), w.newest(risk.DecideAccept); d.State != risk.StateEnded || f.Has("risk-accepted") {
			t.Errorf("without a response the acceptance is %s, label %v", d.State, f.Has("risk-accepted"))
		}
	})
}

func TestEvidenceThatIsLinkedAgainSaysWhatItSaysNow(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		kind := h.Rules.Register.Evidence.Kinds[0].Name
		old := h.Clock().AddDate(-9, 0, 0).Truncate(24 * time.Hour)
		w.check("link", r.Link(w.mia, w.id, risk.Adding{About: "WATCH-1", Kind: kind, At: old, Severity: "low"}))
		it := w.get().Items[0]
		w.check("drop", r.Drop(w.mia, w.id, it.ID, "The date is wrong"))
		day := h.Clock().AddDate(0, -1, 0).Truncate(24 * time.Hour)
		w.check("link again", r.Link(w.mia, w.id, risk.Adding{About: "WATCH-1", Kind: kind, At: day, Severity: "high"}))
		f := w.get()
		if it := f.Items[0]; len(f.Items) != 1 || it.Dropped || !it.At.Equal(day) || it.Severity != "high" || f.Standing.Items != 1 {
			t.Errorf("%d items, the first of %v, %s, dropped %v, and %d count; want it as it was linked last, and counted", len(f.Items), it.At, it.Severity, it.Dropped, f.Standing.Items)
		}
	})
}

func TestWhatWasValidatedTellsNothingOfHiddenEvidence(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("judge", r.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 1, Impact: 4, Reason: "Nobody gets there", Proof: []string{"a test"}}))
		w.check("approve", r.ApproveDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, "seen"))
		for range 5 {
			c, err := h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Severity: "low", Named: true})
			w.check("case", err)
			w.check("link", r.Link(w.mia, w.id, risk.Adding{About: string(c), Kind: h.Rules.Register.Evidence.Kinds[0].Name}))
		}
		if f := w.get(); !f.Standing.Held {
			t.Fatalf("%+v is not held", f.Standing)
		}
		w.check("validate", r.Validate(w.lea, w.id, "They are all of one campaign"))
		if f := w.get(); f.Standing.Held {
			t.Error("who counts all validated it, and it is held all the same")
		}
		x, err := r.Page(h.As(t, "eve", "engineer"), w.id, true)
		w.check("page", err)
		b, err := json.Marshal([]any{x.Hold, x.Trail})
		w.check("write", err)
		if strings.Contains(string(b), `"on":"`) || strings.Contains(string(b), `\"on\"`) {
			t.Errorf("the numbers that were validated show, if only as a hash: %s", b)
		}
	})
}

func TestSharingWithTheOwnerLeavesThemOwner(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.want("share with the owner", h.Risks.Share(w.mia, w.id, "person-bo", ""), fault.Conflict, "owner")
		w.check("the owner still answers for it", h.Risks.Respond(w.bo, w.id, risk.Response{Response: risk.Accept, Reason: "It costs more than it saves"}))
	})
}

func TestOneRiskThatCannotBeComputedHoldsUpNoOther(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		kind := h.Rules.Register.Evidence.Kinds[0].Name
		ids := []ref.ID{w.id}
		for _, title := range []string{"Imports may run code of strangers", "Tokens may outlive those who made them"} {
			id, err := r.Raise(w.mia, risk.Raising{Title: title})
			w.check("raise", err)
			w.check("judge", r.Judge(w.mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3}))
			ids = append(ids, id)
		}
		for _, id := range ids {
			w.check("link", r.Link(w.mia, id, risk.Adding{About: "WATCH-1", Kind: kind, At: h.Clock().AddDate(0, -1, 0)}))
		}
		h.Pass(3 * 365 * 24 * time.Hour)
		slices.Sort(ids)
		w.check("break the first", h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update risks set body = '-' where id = $1`, string(ids[0]))
			return err
		}))
		if moved, err := r.Recompute(rig.System()); err == nil || moved != 2 {
			t.Errorf("%d moved (%v), want two and a word of the one that cannot be read", moved, err)
		}
	})
}

func TestTheNextReviewIsByTheRatingThatAllSee(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		ada := h.As(t, "ada2", "admin")
		for _, who := range []ref.ID{"person-bo", "person-sue"} {
			w.check("level", h.Parties.SetLevel(ada, who, "vp"))
		}
		w.check("judge", r.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5, Reason: "It hurts"}))
		w.bearing()
		w.check("approve", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: w.ask()}))
		for range 5 {
			c, err := h.Cases.Open(w.mia, casework.Opening{Title: "An export was fetched", Severity: "critical", Named: true})
			w.check("case", err)
			w.check("link", r.Link(w.mia, w.id, risk.Adding{About: string(c), Kind: "case"}))
		}
		if f := w.get(); f.Standing.Rating == "medium" {
			t.Fatalf("%+v: want a rating that hidden evidence raised", f.Standing)
		}
		w.check("move", r.Move(w.mia, w.id, risk.VerbAccept, risk.Step{}))
		f := w.get()
		if want := f.Touched.AddDate(0, 0, h.Rules.Register.Cadence.ReviewDays["medium"]); !f.Review.Equal(want) {
			t.Errorf("the next review is on %v, want %v: whoever sees the day sees the rating behind it", f.Review, want)
		}
	})
}

func TestEverybodyWhoWroteThePlanIsItsAuthor(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		plan := w.planning()
		plan.Milestones[0].ID, plan.Milestones[1].ID = "m1", "m2"
		_, err := r.SetPlan(w.sue, w.id, plan)
		w.check("sue plans", err)
		plan.Cost = 10
		_, err = r.SetPlan(w.mia, w.id, plan)
		w.check("mia changes the cost", err)
		w.want("the first author answers", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}), fault.Forbidden, "wrote")
		w.want("the last author answers", r.AnswerSmart(w.mia, w.id, risk.Smart{Answers: w.smart()}), fault.Forbidden, "wrote")
		w.check("another answers", r.AnswerSmart(w.lea, w.id, risk.Smart{Answers: w.smart()}))
		w.want("the first author approves", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: "security-owner"}), fault.Forbidden, "wrote")
		w.check("another approves", r.ApprovePlan(w.lea, w.id, risk.Approving{Role: "security-owner"}))
		w.check("the owner acknowledges", r.ApprovePlan(w.bo, w.id, risk.Approving{Role: "business-owner"}))
		w.want("twice", r.ApprovePlan(w.bo, w.id, risk.Approving{Role: "business-owner"}), fault.Conflict, "already")
		if n := w.inForce(risk.DecidePlan); n != 1 {
			t.Errorf("%d approvals of a plan are in force, want 1", n)
		}

		plan.Cost, plan.Why = 20, "It costs more"
		_, err = r.SetPlan(w.mia, w.id, plan)
		w.check("mia plans anew", err)
		w.want("who planned anew answers", r.AnswerSmart(w.mia, w.id, risk.Smart{Answers: w.smart()}), fault.Forbidden, "wrote")
		w.check("whose part was approved before answers", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}))
	})
}

// inForce counts the decisions of a kind that are in force.
func (w *treated) inForce(kind string) (n int) {
	w.Helper()
	for _, d := range w.get().Decisions {
		if d.Kind == kind && d.State == risk.StateActive {
			n++
		}
	}
	return n
}

func TestAnOwnerWhoAsksByATokenHasAsked(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.bearing()
		id, err := r.RequestAcceptance(script("person-mia", "person-bo"), w.id, w.asking())
		w.check("a token of the owner asks", err)
		w.want("the owner approves what their token asked for", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}), fault.Forbidden, "you asked")
		d := w.newest(risk.DecideAccept)
		if wants := d.Wants(&h.Rules.Register, "person-bo"); slices.Contains(wants, "the business owner") {
			t.Errorf("the acceptance wants %v: nobody could give that", wants)
		}
	})
}

func TestAResponseIsDecidedOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("a low score", r.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 2, Impact: 2, Reason: "Looked at again", Proof: []string{"A test"}}))
		w.check("which another person saw", r.ApproveDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, ""))
		w.check("monitor", r.Respond(w.bo, w.id, risk.Response{Response: risk.Monitor, Reason: "It is low"}))
		w.check("monitor again", r.Respond(w.bo, w.id, risk.Response{Response: risk.Monitor, Reason: "It is still low"}))
		w.agreed()
		if n := w.inForce(risk.DecideMonitor); n != 1 {
			t.Errorf("%d decisions to monitor are in force, want 1", n)
		}
		if d := w.newest(risk.DecideMonitor); d.State != risk.StateActive || d.Reason != "It is still low" {
			t.Errorf("the decision in force is %q, %s, want the last one", d.Reason, d.State)
		}
		w.check("remediate", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		if n := w.inForce(risk.DecideMonitor); n != 0 {
			t.Errorf("%d decisions to monitor are in force beside a remediation, want 0", n)
		}
	})
}

// TestTheOwnerIsToldWhichClockWasLate: a milestone that is due next is no clock.
func TestTheOwnerIsToldWhichClockWasLate(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		w.check("respond", h.Risks.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		plan := w.planning()
		plan.Milestones = plan.Milestones[:1]
		plan.Milestones[0].Due = rig.Start.AddDate(0, 0, 1)
		_, err := h.Risks.SetPlan(w.bo, w.id, plan)
		w.check("plan", err)
		if f := w.get(); f.DueWhat != "milestone" || f.Breached {
			t.Fatalf("%s is due next, breached %v; want the milestone, and nothing late", f.DueWhat, f.Breached)
		}
		for range 200 {
			h.Pass(24 * time.Hour)
			_, err := h.Risks.Tick(rig.System(), 10)
			w.check("tick", err)
			if w.get().Breached {
				break
			}
		}
		f, want := w.get(), ""
		for _, c := range f.Clocks {
			if c.Breached {
				want = c.Name
			}
		}
		if want == "" {
			t.Fatal("no clock of the risk was ever late")
		}
		if n := rig.Count(t, h.DB, `jobs where kind = 'tell:risk-owner' and replace(args, $1, '') <> args`, `"what":"clock:`+want+`"`); n != 1 {
			t.Errorf("%d words that the clock %s was late, want one", n, want)
		}
		if n := rig.Count(t, h.DB, `jobs where replace(args, 'clock:milestone', '') <> args`); n != 0 {
			t.Errorf("%d words of a clock that there is not", n)
		}
	})
}
