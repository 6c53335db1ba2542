package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

const oneDay = 24 * time.Hour

func done(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// raise raises a risk of a department and scores it.
func raise(t *testing.T, h *rig.House, ctx context.Context, title string, l, i int, named bool) ref.ID {
	t.Helper()
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: title, Department: "Platform", Named: named})
	done(t, "raise", err)
	judge(t, h, ctx, id, l, i)
	return id
}

func judge(t *testing.T, h *rig.House, ctx context.Context, id ref.ID, l, i int) {
	t.Helper()
	done(t, "judge", h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: l, Impact: i}))
}

// on lists the risks of a section.
func on(f *review.Full, section string) (out []ref.ID) {
	for _, s := range f.Sections {
		if s.Name == section {
			for _, it := range s.Items {
				out = append(out, it.Risk)
			}
		}
	}
	return out
}

func hold(t *testing.T, h *rig.House, ctx context.Context) ref.ID {
	t.Helper()
	id, err := h.Reviews.Open(ctx, review.Opening{})
	done(t, "open the meeting", err)
	return id
}

// TestAMeetingLooksAtWhatChanged walks two meetings: what is new, what worsened, what
// was decided and asked, and what is carried over.
func TestAMeetingLooksAtWhatChanged(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", 2, 2, false)
		h.Pass(oneDay)
		first := hold(t, h, lea)
		f, err := h.Reviews.Get(lea, first)
		done(t, "get", err)
		if got := on(f, "new"); len(got) != 1 || got[0] != id {
			t.Errorf("new %v, want %s", got, id)
		}
		text := "We looked at one risk."
		done(t, "minutes", h.Reviews.Record(lea, first, review.Minutes{Version: f.Version, Text: &text, Present: []review.Present{{Name: "Guest", Part: "guest"}}}))
		_, err = h.Reviews.Decide(lea, first, review.Deciding{Risk: id, Text: "Remediate it this quarter."})
		done(t, "decide", err)
		who := me(t, h, lea)
		action, err := h.Reviews.Ask(lea, first, review.Asking{Risk: id, Text: "Write the plan.", Who: who, Due: h.Clock().Add(10 * oneDay)})
		done(t, "ask", err)
		next, err := h.Reviews.Close(lea, first, 0)
		done(t, "close", err)
		if want := h.Clock().AddDate(0, 0, h.Rules.Register.Cadence.MeetingDays); next.After(want) || next.Before(want.Add(-time.Minute)) {
			t.Errorf("next %v, want %v", next, want)
		}
		h.Pass(20 * oneDay)
		judge(t, h, lea, id, 6, 5)
		second := hold(t, h, lea)
		f, err = h.Reviews.Get(lea, second)
		done(t, "get", err)
		if len(on(f, "new")) != 0 || len(on(f, "worsened")) != 1 {
			t.Errorf("sections %+v, want the risk as worsened and not as new", f.Sections)
		}
		if it := f.Sections[0].Items[0]; it.Arrow != "worse" || it.Now.Score <= it.Then.Score {
			t.Errorf("item %+v, want a rise", it)
		}
		if len(f.Actions) != 1 || !f.Actions[0].Carried || !f.Actions[0].Late(h.Clock()) {
			t.Errorf("actions %+v, want the open one carried over and late", f.Actions)
		}
		done(t, "finish", h.Reviews.Finish(lea, action, review.Ending{Note: "written"}))
		_, err = h.Reviews.Close(lea, second, 0)
		done(t, "close", err)
		old, err := h.Reviews.Get(lea, first)
		done(t, "get the first", err)
		if len(on(old, "new")) != 1 || old.Minutes != text || len(old.Decisions) != 1 {
			t.Errorf("the first meeting reads %+v, want it as it was closed", old)
		}
	})
}

func me(t *testing.T, h *rig.House, ctx context.Context) ref.ID {
	t.Helper()
	m, err := h.Parties.Me(ctx)
	done(t, "me", err)
	return m.ID
}

// TestMeetingsRefuse lists what nobody may write down.
func TestMeetingsRefuse(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, ana := h.As(t, "lea", "manager"), h.As(t, "ana", "analyst")
		id := raise(t, h, lea, "Exports may reveal data", 2, 2, false)
		m := hold(t, h, lea)
		ask := func(in review.Asking) error { _, err := h.Reviews.Ask(lea, m, in); return err }
		_, second := h.Reviews.Open(lea, review.Opening{})
		_, future := h.Reviews.Open(lea, review.Opening{From: h.Clock().Add(oneDay)})
		_, empty := h.Reviews.Decide(lea, m, review.Deciding{})
		_, analyst := h.Reviews.Decide(ana, m, review.Deciding{Text: "Done."})
		for _, x := range []struct {
			name string
			err  error
			kind fault.Kind
			says string
		}{
			{"a second open meeting", second, fault.Conflict, "still open"},
			{"a period of the future", future, fault.Conflict, "still open"},
			{"an empty decision", empty, fault.Invalid, "write what was decided"},
			{"a decision of somebody who holds no meetings", analyst, fault.Forbidden, ""},
			{"an action without an owner", ask(review.Asking{Text: "x", Due: h.Clock().Add(oneDay)}), fault.Invalid, "one owner"},
			{"an action of yesterday", ask(review.Asking{Text: "x", Who: me(t, h, lea), Due: h.Clock().Add(-oneDay)}), fault.Invalid, "lies ahead"},
			{"a stale version", h.Reviews.Record(lea, m, review.Minutes{Version: 9}), fault.Conflict, "version 9"},
			{"a review without a reason", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.StillValid}), fault.Invalid, "write why"},
			{"an outcome that is none", h.Reviews.Review(lea, id, review.Reviewing{Outcome: "fine", Reason: "x"}), fault.Invalid, "not one of"},
			{"a next review in the past", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.StillValid, Reason: "x", Next: h.Clock().Add(-oneDay)}), fault.Invalid, "lies ahead"},
			{"control characters", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.StillValid, Reason: "a\x00b"}), fault.Invalid, ""},
		} {
			if !errors.Is(x.err, x.kind) || !strings.Contains(says(x.err), x.says) {
				t.Errorf("%s: %v, want %s with %q", x.name, x.err, x.kind, x.says)
			}
		}
		_, err := h.Reviews.Close(lea, m, 0)
		done(t, "close", err)
		if _, err := h.Reviews.Decide(lea, m, review.Deciding{Text: "late"}); !errors.Is(err, fault.Conflict) {
			t.Errorf("a decision of a closed meeting: %v, want a conflict", err)
		}
	})
}

func says(err error) string {
	f := fault.Of(err)
	b, _ := json.Marshal(f)
	return string(b) + f.Error()
}

// TestAReviewSaysWhatCameOfIt plans the next look, wants a new score where it says
// so, and gives each review the numbers then and before.
func TestAReviewSaysWhatCameOfIt(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", 2, 2, false)
		h.Pass(oneDay)
		done(t, "review", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.StillValid, Reason: "nothing new"}))
		r, err := h.Risks.Get(lea, id)
		done(t, "get", err)
		if want := h.Clock().AddDate(0, 0, h.Rules.Register.Cadence.ReviewDays["low"]); r.Review.Before(want.Add(-time.Minute)) || r.Review.After(want) {
			t.Errorf("next review %v, want that of a low risk, %v", r.Review, want)
		}
		if err := h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.Rescored, Reason: "x"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("re-scored without a score: %v, want it refused", err)
		}
		h.Pass(oneDay)
		judge(t, h, lea, id, 6, 5)
		done(t, "review", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.Rescored, Reason: "it spread"}))
		h.Pass(oneDay)
		done(t, "review", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.Escalate, Reason: "nobody works on it"}))
		got, err := h.Reviews.ReviewsOf(lea, id)
		done(t, "reviews", err)
		if len(got) != 3 || got[0].Outcome != review.Escalate || got[1].Is.Score <= got[1].Was.Score || got[2].Was.Set() {
			t.Errorf("reviews %+v, want three, newest first, the second with a rise, the first with nothing before", got)
		}
		f, err := h.Reviews.Preview(lea)
		done(t, "preview", err)
		if len(on(f, "escalated")) != 1 {
			t.Errorf("sections %+v, want the escalated risk", f.Sections)
		}
	})
}

// picture is all that a reader is told of meetings.
func picture(t *testing.T, h *rig.House, ctx context.Context, meetings ...ref.ID) string {
	t.Helper()
	var all []any
	for _, id := range meetings {
		f, err := h.Reviews.Get(ctx, id)
		done(t, "get", err)
		all = append(all, f)
	}
	p, err := h.Reviews.Preview(ctx)
	done(t, "preview", err)
	hits := h.Reviews.Suspected(t, ctx)
	st, err := h.Reviews.Strategy(ctx, "2027")
	done(t, "strategy", err)
	list, err := h.Reviews.List(ctx)
	done(t, "list", err)
	b, err := json.Marshal(append(all, p.Sections, p.Actions, hits, st, list))
	done(t, "write", err)
	return string(b)
}

// TestHiddenThingsLeaveNoTraceInMeetings is the two-worlds test: a hidden risk with
// points of its own, and hidden evidence on an open risk, change nothing for somebody
// who sees neither, while the meeting is open and after it was closed.
func TestHiddenThingsLeaveNoTraceInMeetings(t *testing.T) {
	var m, id ref.ID
	var lea, eve context.Context
	build := func(h *rig.House) {
		lea, eve = h.As(t, "lea", "manager"), h.As(t, "eve", "engineer")
		id = raise(t, h, lea, "Exports may reveal data", 3, 3, false)
		h.Pass(oneDay)
		m = hold(t, h, lea)
	}
	rig.Twins(t, "gitlab", build, func(t *testing.T, a, b *rig.House) {
		now := a.Clock().Add(time.Hour)
		same := func(when string, also ...ref.ID) {
			t.Helper()
			now = now.Add(time.Hour)
			a.Set(now)
			one := picture(t, a, eve, m)
			b.Set(now)
			if two := picture(t, b, eve, m); one != two {
				t.Errorf("%s the outsider can tell the worlds apart:\n%s\n%s", when, one, two)
			}
		}
		same("before")
		hide(t, b, lea, m, id)
		same("with hidden things")
		if own := picture(t, b, lea, m); !strings.Contains(own, "Keys may be lost") || !strings.Contains(own, `"world":"all"`) {
			t.Errorf("who may see it all reads %s, want the hidden risk", own)
		}
		now = now.Add(time.Hour)
		for _, h := range []*rig.House{a, b} {
			h.Set(now)
			_, err := h.Reviews.Close(lea, m, 0)
			done(t, "close", err)
		}
		same("after the meeting")
		f, err := b.Reviews.Get(lea, m)
		done(t, "get", err)
		if got := on(f, "new"); len(got) != 2 {
			t.Errorf("kept as new %v, want both risks for who may see both", got)
		}
	})
}

// hide adds a restricted risk with all that a meeting says of it, and restricted
// evidence that moves the score of an open one.
func hide(t *testing.T, h *rig.House, lea context.Context, m, open ref.ID) {
	t.Helper()
	id := raise(t, h, lea, "Keys may be lost", 6, 5, true)
	_, err := h.Reviews.Decide(lea, m, review.Deciding{Risk: id, Text: "Buy a vault."})
	done(t, "decide", err)
	_, err = h.Reviews.Ask(lea, m, review.Asking{Risk: id, Text: "Ask for offers.", Who: me(t, h, lea), Due: h.Clock().Add(oneDay)})
	done(t, "ask", err)
	done(t, "review", h.Reviews.Review(lea, id, review.Reviewing{Outcome: review.Escalate, Reason: "grave"}))
	_, err = h.Reviews.Choose(lea, review.Choice{Department: "Platform", Period: "2027", Risk: id, Reason: "the gravest"})
	done(t, "choose", err)
	for range 12 {
		c, err := h.Cases.Open(lea, casework.Opening{Title: "Hidden", Severity: "critical", Named: true})
		done(t, "open a case", err)
		done(t, "link", h.Risks.Link(lea, open, risk.Adding{About: string(c), Kind: "case"}))
	}
	_, err = h.Risks.Recompute(rig.System())
	done(t, "recompute", err)
}

// TestALeaderChoosesOne ranks the department's risks, leaves out what is under way,
// takes one choice a period and keeps what was withdrawn.
func TestALeaderChoosesOne(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		low, high := raise(t, h, lea, "Exports may reveal data", 2, 2, false), raise(t, h, lea, "Keys may be lost", 5, 5, false)
		busy := raise(t, h, lea, "Logs may hold secrets", 6, 5, false)
		under := "the logging programme"
		done(t, "commit", h.Risks.Edit(lea, busy, risk.Patch{Committed: &under}))
		ds, err := h.Reviews.Strategy(lea, "2027")
		done(t, "strategy", err)
		if len(ds) != 1 || len(ds[0].Candidates) != 2 || ds[0].Candidates[0].Risk != high || len(ds[0].LeftOut) != 1 {
			t.Fatalf("departments %+v, want two candidates, the highest first, and one left out", ds)
		}
		pick := func(c review.Choice) error {
			c.Department, c.Period, c.Reason = "Platform", "2027", "because"
			_, err := h.Reviews.Choose(lea, c)
			return err
		}
		for name, c := range map[string]review.Choice{"a committed risk": {Risk: busy}, "both": {Risk: high, Alternative: "x"}, "neither": {}} {
			if err := pick(c); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want it refused", name, err)
			}
		}
		done(t, "choose", pick(review.Choice{Alternative: "Finish what we began."}))
		if err := pick(review.Choice{Risk: low}); !errors.Is(err, fault.Conflict) {
			t.Errorf("a second choice: %v, want a conflict", err)
		}
		ds, err = h.Reviews.Strategy(lea, "2027")
		done(t, "strategy", err)
		done(t, "withdraw", h.Reviews.Withdraw(lea, ds[0].Chosen[0].ID, "the roadmap changed"))
		done(t, "choose again", pick(review.Choice{Risk: high}))
		ds, err = h.Reviews.Strategy(lea, "2027")
		done(t, "strategy", err)
		if len(ds[0].Chosen) != 1 || ds[0].Chosen[0].Risk != high || len(ds[0].History) != 1 {
			t.Errorf("%+v, want the risk as chosen and one choice in the history", ds[0])
		}
	})
}
