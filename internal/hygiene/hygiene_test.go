package hygiene_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/hygiene"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
)

const oneDay = 24 * time.Hour

func done(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func raise(t *testing.T, h *rig.House, ctx context.Context, title string, named bool) ref.ID {
	t.Helper()
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: title, Named: named})
	done(t, "raise", err)
	return id
}

func run(t *testing.T, h *rig.House, dry bool) []hygiene.Finding {
	t.Helper()
	fs, err := h.Hygiene.Run(rig.System(), dry)
	done(t, "run", err)
	return fs
}

// policies names the policies that a record does not meet.
func policies(fs []hygiene.Finding, id ref.ID) (out []string) {
	for _, f := range fs {
		if f.Record == id && f.Policy != "" && f.Exempt == "" {
			out = append(out, f.Policy)
		}
	}
	slices.Sort(out)
	return out
}

// picture is a risk as a reader has it.
func picture(t *testing.T, h *rig.House, ctx context.Context, id ref.ID) string {
	t.Helper()
	f, err := h.Risks.Get(ctx, id)
	done(t, "get", err)
	b, err := json.Marshal([]any{f.Version, f.Touched, f.Labels, f.LabelNotes, len(f.Said), f.Said})
	done(t, "write", err)
	return string(b)
}

func TestPoliciesHoldFromTheirDayOn(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", false)
		for _, x := range []struct {
			after time.Duration
			want  string
		}{
			{time.Hour, "missing-labels"},
			{oneDay, "missing-fields missing-labels"},
			{oneDay, "missing-fields missing-labels no-assignee"},
			{6 * oneDay, "missing-fields missing-labels no-assignee no-due-date"},
			{23 * oneDay, "missing-fields missing-labels no-assignee no-due-date stale"},
		} {
			h.Pass(x.after)
			if got := strings.Join(slices.DeleteFunc(policies(run(t, h, true), id), func(p string) bool { return p == "overdue" }), " "); got != x.want {
				t.Errorf("after %v more: %s, want %s", x.after, got, x.want)
			}
		}
		if f, _ := h.Risks.Get(lea, id); len(f.Labels) != 0 || len(f.Said) != 0 {
			t.Errorf("a dry run left labels %v and %d notes", f.Labels, len(f.Said))
		}
	})
}

func TestWhatIsMetAgainIsClearedAndWhatIsExemptIsQuiet(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", false)
		touched := func() time.Time { f, _ := h.Risks.Get(lea, id); return f.Touched }
		was := touched()
		h.Pass(31 * oneDay)
		run(t, h, false)
		f, err := h.Risks.Get(lea, id)
		done(t, "get", err)
		for _, label := range []string{"stale", "missing-assignee", "missing-due-date", "missing-labels", "missing-fields", "escalated-1"} {
			if !f.Has(label) {
				t.Errorf("labels %v, want %s among them", f.Labels, label)
			}
		}
		if !touched().Equal(was) {
			t.Errorf("touched %v, want it as it was, %v", touched(), was)
		}
		if !slices.ContainsFunc(f.Said, func(m thread.Message) bool {
			return strings.Contains(m.Text, "asset") && strings.Contains(m.Text, "missing")
		}) {
			t.Errorf("notes %+v, want one that names the missing fields", f.Said)
		}
		done(t, "label", h.Risks.SetLabel(lea, id, "ignore", true, "a known one"))
		me, err := h.Parties.Me(lea)
		done(t, "me", err)
		done(t, "assign", h.Risks.Assign(lea, id, risk.Owners{Owner: &me.ID}))
		fs := run(t, h, false)
		f, err = h.Risks.Get(lea, id)
		done(t, "get", err)
		if f.Has("stale") || f.Has("missing-assignee") || !f.Has("missing-labels") {
			t.Errorf("labels %v, want stale and missing-assignee cleared and missing-labels kept", f.Labels)
		}
		if !slices.ContainsFunc(fs, func(f hygiene.Finding) bool { return f.Label == "missing-assignee" && slices.Contains(f.Act, "clear") }) {
			t.Errorf("findings %+v, want that a label was cleared", fs)
		}
	})
}

func TestItIsSaidAgainAfterItsDaysAndTakenUpTheLadderOnce(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", false)
		notes := func() (n, up int) {
			f, err := h.Risks.Get(lea, id)
			done(t, "get", err)
			for _, m := range f.Said {
				if strings.Contains(m.Text, "Escalation:") {
					up++
				}
			}
			return len(f.Said), up
		}
		h.Pass(3 * oneDay)
		run(t, h, false)
		first, _ := notes()
		h.Pass(6 * oneDay)
		run(t, h, false)
		h.Pass(3 * oneDay)
		run(t, h, false)
		second, up := notes()
		if second <= first || up == 0 {
			t.Errorf("%d notes, then %d, %d of them escalations; want reminders and an escalation", first, second, up)
		}
		run(t, h, false)
		if third, _ := notes(); third != second {
			t.Errorf("%d notes after another run, want %d", third, second)
		}
	})
}

func TestTheOwnerOfAnObservationIsToldOfTheNote(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		h.As(t, "bob", "engineer")
		id, err := h.Observations.Open(lea, observation.Opening{Title: "Reviews are skipped", Owner: "person-bob"})
		done(t, "open", err)
		h.Pass(60 * oneDay)
		told := func() int {
			for more := true; more; {
				var err error
				more, err = h.Jobs.Step(t.Context())
				done(t, "step", err)
			}
			return rig.Count(t, h.DB, `notices where person = 'person-bob' and subject = $1`, string(id))
		}
		before := told()
		run(t, h, false)
		o, err := h.Observations.Get(lea, id)
		done(t, "get", err)
		if after := told(); len(o.Said) == 0 || after <= before {
			t.Errorf("%d notes on the observation, and its owner was told %d times, before %d", len(o.Said), after, before)
		}
	})
}

// TestTwiceIsOnce is the property of every run: on whatever register, a second run at
// the same moment changes nothing.
func TestTwiceIsOnce(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
				rnd := rand.New(rand.NewPCG(seed, 1))
				lea := h.As(t, "lea", "manager")
				var ids []ref.ID
				for i := range 5 {
					id := raise(t, h, lea, fmt.Sprintf("Risk %d may grow", i), rnd.IntN(3) == 0)
					ids = append(ids, id)
					if rnd.IntN(2) == 0 {
						done(t, "label", h.Risks.SetLabel(lea, id, []string{"ignore", "bot-ignore", "backlog", "stale"}[rnd.IntN(4)], true, "why"))
					}
					if rnd.IntN(2) == 0 {
						done(t, "judge", h.Risks.Judge(lea, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 1 + rnd.IntN(6), Impact: 1 + rnd.IntN(5)}))
					}
					h.Pass(time.Duration(rnd.IntN(400)) * time.Hour)
				}
				o, err := h.Observations.Open(lea, observation.Opening{Title: "Keys are not rotated"})
				done(t, "observe", err)
				h.Pass(time.Duration(rnd.IntN(900)) * time.Hour)
				run(t, h, false)
				all := func() (out []string) {
					for _, id := range ids {
						out = append(out, picture(t, h, lea, id))
					}
					f, err := h.Observations.Get(lea, o)
					done(t, "get", err)
					return append(out, fmt.Sprint(f.Version, f.Labels, f.Touched))
				}
				before := all()
				for _, f := range run(t, h, false) {
					if len(f.Act) > 0 {
						t.Errorf("the second run does %v for %s", f.Act, f.Policy)
					}
				}
				if after := all(); !slices.Equal(before, after) {
					t.Errorf("the second run changed\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
				}
			})
		})
	}
}

// TestHiddenEvidenceMovesNoLabel: a rating that hidden evidence holds up is still
// there for all staff, and nothing is written about it.
func TestHiddenEvidenceMovesNoLabel(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, eve := h.As(t, "lea", "manager"), h.As(t, "eve", "engineer")
		id := raise(t, h, lea, "Exports may reveal data", false)
		done(t, "judge", h.Risks.Judge(lea, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 1, Impact: 1}))
		run(t, h, false)
		before := picture(t, h, eve, id)
		for range 12 {
			c, err := h.Cases.Open(lea, casework.Opening{Title: "Hidden", Severity: "critical", Named: true})
			done(t, "open", err)
			done(t, "link", h.Risks.Link(lea, id, risk.Adding{About: string(c), Kind: "case"}))
		}
		if f, err := h.Risks.Get(lea, id); err != nil || !f.Standing.Held {
			t.Fatalf("standing %+v, %v; want it held for who counts all", f.Standing, err)
		}
		run(t, h, false)
		if after := picture(t, h, eve, id); after != before {
			t.Errorf("the outsider's picture changed:\n%s\nwas\n%s", after, before)
		}
	})
}

func TestWhoMayRunIt(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, sam, eve := h.As(t, "lea", "manager"), h.As(t, "sam", "coordinator"), h.As(t, "eve", "engineer")
		hidden := raise(t, h, lea, "Keys may be lost", true)
		h.Pass(3 * oneDay)
		if _, err := h.Hygiene.Run(eve, true); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an engineer runs it: %v, want it forbidden", err)
		}
		fs, err := h.Hygiene.Run(sam, false)
		done(t, "run", err)
		if len(policies(fs, hidden)) != 0 {
			t.Errorf("the coordinator is told of %v on a risk that they may not see", policies(fs, hidden))
		}
		if f, _ := h.Risks.Get(lea, hidden); len(f.Labels) != 0 {
			t.Errorf("labels %v on a risk that who ran it may not see", f.Labels)
		}
	})
}

// TestANoteIsForThoseWhoMaySeeTheRecordWhenItIsWritten: a record that is restricted
// while the policies run gets its note for the people named on it alone.
func TestANoteIsForThoseWhoMaySeeTheRecordWhenItIsWritten(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		first, then := raise(t, h, lea, "A first risk may be forgotten", false), raise(t, h, lea, "A second risk may be forgotten", false)
		h.Pass(40 * 24 * time.Hour)
		gone := raise(t, h, lea, "A third risk may be forgotten", false)
		h.Pass(40 * 24 * time.Hour)
		done(t, "run", hygiene.Between(rig.System(), h.Hygiene, func() {
			done(t, "restrict", h.Risks.Restrict(lea, then, "It names a customer"))
			done(t, "close", h.Gate.Act(rig.System(), "risk.edit", gone, func(tx *gate.Tx) error {
				return tx.Exec(gone, nil, `update {risks} set closed = true where id = $1`, string(gone))
			}))
		}))
		if n := rig.Count(t, h.DB, `messages where subject = $1 and audience <> 'staff'`, string(first)); n != 0 {
			t.Errorf("%d notes of a risk for all are for named people", n)
		}
		if n := rig.Count(t, h.DB, `messages where subject = $1 and audience = 'staff'`, string(then)); n != 0 {
			t.Errorf("%d notes of a risk that was restricted meanwhile are for all staff, want none", n)
		}
		if n := rig.Count(t, h.DB, `messages where subject = $1 and audience = 'named'`, string(then)); n == 0 {
			t.Error("nothing was said on the restricted risk")
		}
		if n := rig.Count(t, h.DB, `messages where subject = $1`, string(gone)); n != 0 {
			t.Errorf("%d notes on a risk that was closed meanwhile, want none", n)
		}
	})
}

func TestALabelOfHealthThatTheFactsContradictIsFlagged(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		id := raise(t, h, mia, "Incomplete checks may leak exports", false)
		differs := func() bool { return slices.Contains(policies(run(t, h, true), id), "health-differs") }
		h.Pass(2 * oneDay)
		if differs() {
			t.Error("a label that nobody set is called wrong")
		}
		done(t, "set", h.Risks.SetHealth(mia, id, 0, map[string]string{"owner": "green"}))
		if differs() {
			t.Error("it is flagged before its day")
		}
		h.Pass(2 * oneDay)
		fs := run(t, h, false)
		i := slices.IndexFunc(fs, func(f hygiene.Finding) bool { return f.Record == id && f.Policy == "health-differs" })
		if i < 0 || len(fs[i].Detail) != 1 || !strings.Contains(fs[i].Detail[0], "the label says green, the facts say red") {
			t.Fatalf("a green owner without an owner is told as %+v", fs)
		}
		if f, err := h.Risks.Get(mia, id); err != nil || !f.Has("health-differs") {
			t.Errorf("the risk carries no label of it (%v)", err)
		}
		done(t, "set", h.Risks.SetHealth(mia, id, 0, map[string]string{"owner": "red"}))
		h.Pass(2 * oneDay)
		run(t, h, false)
		if f, err := h.Risks.Get(mia, id); err != nil || f.Has("health-differs") {
			t.Errorf("the label stays when it is true again (%v)", err)
		}
	})
}
