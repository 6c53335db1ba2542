package risk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestEveryWayToCountTheRegisterAgrees reads a register with every filter as a list
// page by page, as a picture and as a board, and counts in the test what a filter
// leaves: what reads where risks stand, what reads the risks, and what joins them
// may not differ.
func TestEveryWayToCountTheRegisterAgrees(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		all := filled(t, h, mia)
		asked := func(text string) risk.Filter {
			q, err := risk.Vocabulary(h.Rules).Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			return risk.Filter{Query: q}
		}
		for name, x := range map[string]struct {
			filter risk.Filter
			keep   func(*risk.Risk) bool
		}{
			"all":        {risk.Filter{}, func(*risk.Risk) bool { return true }},
			"score":      {risk.Filter{Order: "score"}, func(*risk.Risk) bool { return true }},
			"newest":     {risk.Filter{Order: "newest"}, func(*risk.Risk) bool { return true }},
			"due":        {risk.Filter{Order: "due"}, func(*risk.Risk) bool { return true }},
			"department": {risk.Filter{Department: "Plan"}, func(r *risk.Risk) bool { return r.Department == "Plan" }},
			"outside":    {risk.Filter{Standing: "outside"}, func(r *risk.Risk) bool { return r.Standing.State == "above" || r.Standing.State == "beyond" }},
			"unset":      {risk.Filter{Rating: "unset"}, func(r *risk.Risk) bool { return r.Standing.Rating == "" }},
			"both": {risk.Filter{Department: "Plan", Standing: "outside", Order: "newest"}, func(r *risk.Risk) bool {
				return r.Department == "Plan" && (r.Standing.State == "above" || r.Standing.State == "beyond")
			}},
			"cell":                 {risk.Filter{Likelihood: 3, Impact: 4}, func(r *risk.Risk) bool { return r.Standing.Likelihood == 3 && r.Standing.Impact == 4 }},
			"text":                 {risk.Filter{Text: "seven"}, func(r *risk.Risk) bool { return r.Title == "Check seven fails" }},
			"asked for open":       {asked("is:open"), func(*risk.Risk) bool { return true }},
			"asked for closed":     {asked("is:closed"), func(*risk.Risk) bool { return false }},
			"asked for not closed": {asked("-is:closed"), func(*risk.Risk) bool { return true }},
			"asked for either":     {asked("is:closed,open"), func(*risk.Risk) bool { return true }},
			"asked for held":       {asked("is:open is:held"), func(r *risk.Risk) bool { return r.Standing.Held }},
			"asked for what stands so": {asked("is:open standing:above,beyond department:Plan"), func(r *risk.Risk) bool {
				return r.Department == "Plan" && (r.Standing.State == "above" || r.Standing.State == "beyond")
			}},
		} {
			t.Run(name, func(t *testing.T) {
				want := slices.DeleteFunc(slices.Clone(all), func(r *risk.Risk) bool { return !x.keep(r) })
				agree(t, h, mia, x.filter, want)
			})
		}
	})
}

// filled is a register of scored, unscored and hidden risks, as mia reads it.
func filled(t *testing.T, h *rig.House, mia context.Context) (all []*risk.Risk) {
	t.Helper()
	other := h.As(t, "olaf", "manager")
	for i := range 24 {
		who, title := mia, fmt.Sprintf("Check %d fails", i)
		if i == 7 {
			title = "Check seven fails"
		}
		if i%8 == 5 {
			who = other
		}
		id, err := h.Risks.Raise(who, risk.Raising{Title: title, Scope: h.Rules.Register.Scopes[i%2].Name, Department: []string{"Create", "Plan", ""}[i%3], Named: i%8 == 5})
		if err == nil && i%4 != 0 {
			err = h.Risks.Judge(who, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 1 + i%6, Impact: 1 + i/6%5})
		}
		if err != nil {
			t.Fatal(err)
		}
		if i%8 == 5 {
			continue // mia may not see it
		}
		f, err := h.Risks.Get(mia, id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f.Risk)
	}
	return all
}

// agree compares every way to read what a filter leaves.
func agree(t *testing.T, h *rig.House, who context.Context, f risk.Filter, want []*risk.Risk) {
	t.Helper()
	f.State = "open"
	ids := func(rs []*risk.Risk) (out []ref.ID) {
		for _, r := range rs {
			out = append(out, r.ID)
		}
		return slices.Sorted(slices.Values(out))
	}
	var pages []*risk.Risk
	p := risk.Page{Limit: 3, Counted: true}
	for {
		over := f
		over.Likelihood, over.Impact = 0, 0
		_, front, err := h.Risks.Front(who, over, f, p)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.Risks.List(who, f, p)
		if err != nil {
			t.Fatal(err)
		}
		if have, want := list.Count, fmt.Sprint(len(want)); p.After == "" && (have != want || front.Count != want) {
			t.Errorf("the list counts %s, the first page %s, want %s", have, front.Count, want)
		}
		pages = append(pages, list.Risks...)
		if p.After = list.Next; p.After == "" {
			break
		}
	}
	if have, want := ids(pages), ids(want); !slices.Equal(have, want) {
		t.Errorf("pages give %v, want %v", have, want)
	}
	if f.Order == "" || f.Order == "score" {
		if !slices.IsSortedFunc(pages, func(a, b *risk.Risk) int { return int(b.Standing.Score*100) - int(a.Standing.Score*100) }) {
			t.Error("the pages are not in the order of their scores")
		}
	}
	o, err := h.Risks.Overview(who, f)
	if err != nil {
		t.Fatal(err)
	}
	inCells := o.Unscored
	for _, c := range o.Cells {
		inCells += c.Count
	}
	if o.Total != len(want) || inCells != len(want) {
		t.Errorf("the overview counts %d, its cells %d, want %d", o.Total, inCells, len(want))
	}
	for _, by := range risk.Boards {
		board, err := h.Risks.Board(who, f, by)
		if err != nil {
			t.Fatal(err)
		}
		n, shown := 0, []*risk.Risk{}
		for _, c := range board {
			n, shown = n+c.Count, append(shown, c.Risks...)
			if len(c.Risks) != c.Count {
				t.Errorf("column %q of the board by %s shows %d of %d", c.Name, by, len(c.Risks), c.Count)
			}
		}
		if n != len(want) || !slices.Equal(ids(shown), ids(want)) {
			t.Errorf("the board by %s counts %d and shows %v, want %v", by, n, ids(shown), ids(want))
		}
	}
}

// TestCountsFollowTheRisk holds that what lists read of a risk moves with it: who may
// see it, and whether it is closed.
func TestCountsFollowTheRisk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, eve := h.As(t, "mia", "manager"), h.As(t, "eve", "manager")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "A check may be skipped", Named: true})
		if err != nil {
			t.Fatal(err)
		}
		want := func(when string, who context.Context, state string, want int) {
			t.Helper()
			o, err := h.Risks.Overview(who, risk.Filter{State: state})
			if err != nil || o.Total != want || o.Unscored != want {
				t.Errorf("%s: %d risks, %d unscored, %v, want %d", when, o.Total, o.Unscored, err, want)
			}
			l, err := h.Risks.List(who, risk.Filter{State: state}, risk.Page{})
			if err != nil || len(l.Risks) != want {
				t.Errorf("%s: a list of %d, %v, want %d", when, len(l.Risks), err, want)
			}
		}
		want("need to know, to who raised it", mia, "open", 1)
		want("need to know, to another", eve, "open", 0)
		if err := h.Risks.Lift(mia, id, "it is known"); err != nil {
			t.Fatal(err)
		}
		want("lifted", eve, "open", 1)
		if err := h.Risks.Move(mia, id, "risk.reject", risk.Step{Reason: "not ours", Rejection: "not ours"}); err != nil {
			t.Fatal(err)
		}
		want("closed, among the open", eve, "open", 0)
		want("closed", eve, "closed", 1)
	})
}
