package review_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// level puts somebody at a level of management.
func level(t *testing.T, h *rig.House, by, who context.Context, word string) {
	t.Helper()
	done(t, "level", h.Parties.SetLevel(by, me(t, h, who), word))
}

// chosen is the one choice of the department for 2027, as the reader sees it.
func chosen(t *testing.T, h *rig.House, ctx context.Context) *review.Candidate {
	t.Helper()
	ds, err := h.Reviews.Strategy(ctx, "2027")
	done(t, "strategy", err)
	if len(ds) != 1 || len(ds[0].Chosen) != 1 {
		t.Fatalf("departments %+v, want one with one choice", ds)
	}
	return ds[0].Chosen[0]
}

func choose(t *testing.T, h *rig.House, ctx context.Context, id ref.ID, why string) ref.ID {
	t.Helper()
	k, err := h.Reviews.Choose(ctx, review.Choice{Department: "Platform", Period: "2027", Risk: id, Reason: why})
	done(t, "choose", err)
	return k
}

// stands is where the register says that the choice of a risk stands.
func stands(t *testing.T, h *rig.House, ctx context.Context, id ref.ID) string {
	t.Helper()
	f, err := h.Risks.Get(ctx, id)
	done(t, "get", err)
	return f.Choice
}

// TestAChoiceStandsWithTheApprovalOfAnother walks a choice to its approval and out of
// it again: sent back, chosen anew, approved, the risk titled anew, withdrawn.
func TestAChoiceStandsWithTheApprovalOfAnother(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, vera := h.As(t, "lea", "manager"), h.As(t, "vera", "leader")
		id := raise(t, h, lea, "Exports may reveal data", 5, 5, false)
		first := choose(t, h, lea, id, "the gravest")
		if k := chosen(t, h, lea); k.State != review.Chosen || k.Answers || stands(t, h, lea, id) != review.Chosen {
			t.Errorf("%+v, want a candidate that its chooser may not answer", k)
		}
		for name, x := range map[string]struct {
			err  error
			kind fault.Kind
			says string
		}{
			"its chooser":                 {h.Reviews.Answer(lea, first, review.Answer{}), fault.Forbidden, "you chose it"},
			"somebody below the level":    {h.Reviews.Answer(vera, first, review.Answer{}), fault.Forbidden, "from the level"},
			"somebody without the grant":  {h.Reviews.Answer(h.As(t, "eve", "analyst"), first, review.Answer{}), fault.Forbidden, ""},
			"a return without the reason": {h.Reviews.Answer(vera, first, review.Answer{No: true}), fault.Invalid, "say why it is sent back"},
		} {
			if !errors.Is(x.err, x.kind) || !strings.Contains(x.err.Error(), x.says) {
				t.Errorf("%s: %v, want %v with %q", name, x.err, x.kind, x.says)
			}
		}
		level(t, h, lea, vera, "vp")
		k := chosen(t, h, vera)
		if !k.Answers {
			t.Errorf("%+v, want it to be answered by a vice president", k)
		}
		done(t, "send back", h.Reviews.Answer(vera, first, review.Answer{Hash: k.Hash, Note: "Say what it costs.", No: true}))
		if k := chosen(t, h, lea); k.State != review.Returned || k.Word().Note != "Say what it costs." || stands(t, h, lea, id) != review.Returned {
			t.Errorf("%+v, want it sent back with the reason", k)
		}
		h.Pass(oneDay)
		second := choose(t, h, lea, id, "the gravest, for two months of work")
		if k := chosen(t, h, lea); k.ID != second || k.State != review.Chosen {
			t.Errorf("%+v, want the new choice in the place of the one that was sent back", k)
		}
		if err := h.Reviews.Answer(vera, second, review.Answer{Hash: k.Hash}); !errors.Is(err, fault.Conflict) {
			t.Errorf("approved as another was seen: %v, want a conflict", err)
		}
		done(t, "approve", h.Reviews.Answer(vera, second, review.Answer{Hash: chosen(t, h, vera).Hash}))
		if k := chosen(t, h, lea); k.State != review.Approved || k.Word().Level != "vp" || stands(t, h, lea, id) != review.Approved {
			t.Errorf("%+v, want it approved", k)
		}
		if err := h.Reviews.Answer(vera, second, review.Answer{}); !errors.Is(err, fault.Conflict) {
			t.Errorf("approved twice: %v, want a conflict", err)
		}
		title := "Exports may reveal data of every customer"
		done(t, "retitle", h.Risks.Edit(lea, id, risk.Patch{Title: &title}))
		if k := chosen(t, h, vera); k.State != review.Chosen || !k.Lapsed() || !k.Answers || stands(t, h, lea, id) != review.Chosen {
			t.Errorf("%+v, want a candidate again: another title was approved", k)
		}
		done(t, "approve again", h.Reviews.Answer(vera, second, review.Answer{}))
		done(t, "withdraw", h.Reviews.Withdraw(lea, second, "the roadmap changed"))
		if have := stands(t, h, lea, id); have != "" {
			t.Errorf("a choice that was withdrawn stands as %q, want none", have)
		}
		if err := h.Reviews.Answer(vera, second, review.Answer{}); !errors.Is(err, fault.Conflict) {
			t.Errorf("approved what was withdrawn: %v, want a conflict", err)
		}
		trail, err := h.Trail.On(h.As(t, "aud", "auditor"), id)
		done(t, "trail", err)
		var verbs []string
		for _, e := range trail {
			verbs = append(verbs, string(e.Verb))
		}
		if said := strings.Join(verbs, " "); strings.Count(said, "strategy.approve") < 3 || strings.Count(said, "strategy.choose") < 3 {
			t.Errorf("trail %s, want every choice and every word in it", said)
		}
	})
}

// TestTheBoardOfChoices lays the open risks out by where what leaders chose stands,
// and asks for them by it.
func TestTheBoardOfChoices(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, vera := h.As(t, "lea", "manager"), h.As(t, "vera", "leader")
		level(t, h, lea, vera, "vp")
		one, other := raise(t, h, lea, "Exports may reveal data", 5, 5, false), raise(t, h, lea, "Keys may be lost", 2, 2, false)
		done(t, "approve", h.Reviews.Answer(vera, choose(t, h, lea, one, "the gravest"), review.Answer{}))
		columns, err := h.Risks.Board(lea, risk.Filter{}, "choice")
		done(t, "board", err)
		have := map[string][]ref.ID{}
		var order []string
		for _, c := range columns {
			order = append(order, c.Name)
			for _, r := range c.Risks {
				have[c.Name] = append(have[c.Name], r.ID)
			}
		}
		if strings.Join(order, ",") != ",candidate,returned,approved" || len(have[""]) != 1 || have[""][0] != other || len(have["approved"]) != 1 || have["approved"][0] != one {
			t.Errorf("columns %v with %v, want %s approved and %s not chosen", order, have, one, other)
		}
		for word, want := range map[string]int{"approved": 1, "unset": 1, "returned": 0} {
			l, err := h.Risks.List(lea, risk.Filter{Choice: word}, risk.Page{Counted: true})
			done(t, "list", err)
			if len(l.Risks) != want {
				t.Errorf("choice %s: %d risks, want %d", word, len(l.Risks), want)
			}
		}
	})
}

// TestAChoiceOnAHiddenRiskIsNone shows that who may not know of a risk knows nothing
// of what was chosen and approved on it.
func TestAChoiceOnAHiddenRiskIsNone(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, vera := h.As(t, "lea", "manager"), h.As(t, "vera", "leader")
		level(t, h, lea, vera, "vp")
		open := raise(t, h, lea, "Exports may reveal data", 2, 2, false)
		hidden := raise(t, h, lea, "Keys may be lost", 5, 5, true)
		k := choose(t, h, lea, hidden, "the gravest")
		if err := h.Reviews.Answer(vera, k, review.Answer{}); !errors.Is(err, fault.NotFound) {
			t.Errorf("approved what is hidden: %v, want that it is not there", err)
		}
		ds, err := h.Reviews.Strategy(vera, "2027")
		done(t, "strategy", err)
		if len(ds[0].Chosen) != 0 || len(ds[0].Candidates) != 1 || ds[0].Candidates[0].Risk != open {
			t.Errorf("%+v, want no word of the hidden risk", ds[0])
		}
		waits := func(ctx context.Context) (ks []*review.Candidate) {
			done(t, "waiting", h.Gate.View(ctx, func(v *gate.View) (err error) {
				ks, err = h.Reviews.ChoicesIn(v)
				return err
			}))
			return ks
		}
		if ks := waits(vera); len(ks) != 0 {
			t.Errorf("%+v waits, want nothing", ks)
		}
		done(t, "share", h.Risks.Share(lea, hidden, me(t, h, vera), "leader"))
		if ks := waits(vera); len(ks) != 1 || ks[0].ID != k {
			t.Errorf("%+v waits, want the choice on the risk that was shared", ks)
		}
		if ks := waits(lea); len(ks) != 0 {
			t.Errorf("%+v waits for who chose, want nothing", ks)
		}
		done(t, "approve", h.Reviews.Answer(vera, k, review.Answer{}))
	})
}
