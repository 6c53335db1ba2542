package observation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func full() observation.Opening {
	return observation.Opening{Title: "Reviews are skipped on hot fixes", Source: "audit 2026", Condition: "12 of 40 hot fixes had no review",
		Criteria: "every change has a review", RootCause: "the rule has no exception that is tracked", Consequence: "a fault reaches production unseen",
		Control: "change review", Cause: "missing-review", Likelihood: 3, Impact: 4}
}

func open(t *testing.T, h *rig.House, ctx context.Context, in observation.Opening) ref.ID {
	t.Helper()
	id, err := h.Observations.Open(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func get(t *testing.T, h *rig.House, ctx context.Context, id ref.ID) *observation.Full {
	t.Helper()
	o, err := h.Observations.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestARatingGivesTheDay(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		in := full()
		in.Found = time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
		id := open(t, h, ctx, in)
		if !strings.HasPrefix(string(id), "OBS-") || len(id) != len("OBS-7QK3D9XB") || ref.Read(strings.ToLower(string(id))) != id {
			t.Errorf("the id %q cannot be said and typed", id)
		}
		o := get(t, h, ctx, id)
		if o.Score != 12 || o.Rating != "high" || o.Priority != "P2" || !o.Due.Equal(time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC)) || len(o.Steps) == 0 {
			t.Errorf("score %d %s %s due %s; want 12 high P2 2027-02-28", o.Score, o.Rating, o.Priority, o.Due)
		}
		four := 4
		if err := h.Observations.Edit(ctx, id, observation.Patch{Likelihood: &four}); err != nil {
			t.Fatal(err)
		}
		if o = get(t, h, ctx, id); o.Score != 16 || o.Rating != "critical" || !o.Due.Equal(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("score %d %s due %s; want 16 critical 2026-11-30", o.Score, o.Rating, o.Due)
		}
		later, why := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), "the tool is replaced in May"
		if err := h.Observations.Edit(ctx, id, observation.Patch{Due: &later}); !errors.Is(err, fault.Invalid) {
			t.Errorf("another day without a reason: %v", err)
		}
		if err := h.Observations.Edit(ctx, id, observation.Patch{Due: &later, DueWhy: &why}); err != nil {
			t.Fatal(err)
		}
		if o = get(t, h, ctx, id); !o.Due.Equal(later) {
			t.Errorf("due %s, want %s", o.Due, later)
		}
		if err := h.Observations.Edit(ctx, id, observation.Patch{Due: &time.Time{}}); err != nil {
			t.Fatal(err)
		}
		if o = get(t, h, ctx, id); !o.Due.Equal(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)) || o.DueWhy != "" {
			t.Errorf("due %s (%s), want the rating's again", o.Due, o.DueWhy)
		}
	})
}

func TestTheLifeOfAnObservation(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager")
		id := open(t, h, ana, observation.Opening{Title: "Reviews are skipped"})
		move := func(ctx context.Context, verb string, step observation.Step) error {
			return h.Observations.Move(ctx, id, access.Verb("observation."+verb), step)
		}
		lacks := func(err error, want ...string) {
			t.Helper()
			var have []string
			for _, n := range fault.Of(err).Needs {
				have = append(have, n.Word)
				if n.Says == "" || n.Link == "" {
					t.Errorf("the need %s says nothing", n.Word)
				}
			}
			if err == nil || !slices.Equal(have, want) {
				t.Errorf("lacks %v (%v), want %v", have, err, want)
			}
		}
		lacks(move(ana, "validate", observation.Step{}), "described", "rated")
		in := full()
		owner := ref.ID("person-Ana")
		if err := h.Observations.Edit(ana, id, observation.Patch{Condition: &in.Condition, Criteria: &in.Criteria, RootCause: &in.RootCause,
			Consequence: &in.Consequence, Likelihood: &in.Likelihood, Impact: &in.Impact}); err != nil {
			t.Fatal(err)
		}
		if err := move(ana, "validate", observation.Step{}); err != nil {
			t.Fatal(err)
		}
		lacks(move(ana, "start", observation.Step{}), "owner")
		if err := h.Observations.Edit(ana, id, observation.Patch{Owner: &owner}); err != nil {
			t.Fatal(err)
		}
		if err := move(ana, "start", observation.Step{}); err != nil {
			t.Fatal(err)
		}
		if err := move(ana, "stall", observation.Step{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("stalled without a reason: %v", err)
		}
		if err := move(ana, "stall", observation.Step{Reason: "the team moved"}); err != nil {
			t.Fatal(err)
		}
		if err := move(ana, "resume", observation.Step{}); err != nil {
			t.Fatal(err)
		}
		lacks(move(ana, "remediate", observation.Step{}), "evidence")
		if err := move(ana, "remediate", observation.Step{Proof: "the rule stands in the pipeline: change 4711"}); err != nil {
			t.Fatal(err)
		}
		lacks(move(ana, "confirm", observation.Step{}), "second-person")
		if err := move(bob, "confirm", observation.Step{}); err != nil {
			t.Fatal(err)
		}
		if o := get(t, h, bob, id); !o.Closed || o.Stage != "remediation-accepted" {
			t.Errorf("stage %s, closed %v", o.Stage, o.Closed)
		}
		if err := move(bob, "reopen", observation.Step{Reason: "it is back"}); err != nil {
			t.Fatal(err)
		}
		if o := get(t, h, bob, id); o.Closed {
			t.Error("a reopened observation is closed")
		}
		if err := h.Observations.Move(bob, id, "risk.close", observation.Step{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a move of something else: %v", err)
		}
	})
}

func TestAcceptanceWantsTheRightPeople(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		people := map[string]context.Context{}
		for _, l := range h.Rules.Register.Levels {
			people[l.Name] = h.As(t, "L"+l.Name, "manager")
			if err := h.Parties.SetLevel(h.As(t, "Adm"+l.Name, "admin"), ref.ID("person-L"+l.Name), l.Name); err != nil {
				t.Fatal(err)
			}
		}
		in := full()
		in.Owner = "person-Ana"
		id := open(t, h, ana, in)
		for _, verb := range []string{"validate", "start"} {
			if err := h.Observations.Move(ana, id, access.Verb("observation."+verb), observation.Step{}); err != nil {
				t.Fatal(err)
			}
		}
		accept := func() error {
			return h.Observations.Move(ana, id, observation.VerbAccept, observation.Step{Reason: "borne for a year"})
		}
		ask := func() error {
			return h.Observations.Ask(ana, id, observation.Asking{Reason: "the tool is replaced", Controls: "a weekly look", Months: 12})
		}
		if err := h.Observations.Ask(ana, id, observation.Asking{Reason: "x", Controls: "y", Months: 240}); !errors.Is(err, fault.Invalid) {
			t.Errorf("accepted for twenty years: %v", err)
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		if err := h.Observations.Approve(ana, id, 0, "", false); !errors.Is(err, fault.Forbidden) {
			t.Errorf("approved one's own request: %v", err)
		}
		if err := accept(); len(fault.Of(err).Needs) != 1 {
			t.Errorf("accepted without approval: %v", err)
		}
		all := func() {
			t.Helper()
			for _, ctx := range people {
				if err := h.Observations.Approve(ctx, id, 0, "", false); err != nil {
					t.Fatal(err)
				}
			}
		}
		all()
		five := 3
		if err := h.Observations.Edit(ana, id, observation.Patch{Impact: &five}); err != nil {
			t.Fatal(err)
		}
		if err := accept(); err == nil || !strings.Contains(fault.Of(err).Needs[0].Says, "changed") {
			t.Errorf("accepted what was not asked for: %v", err)
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		all()
		if err := accept(); err != nil {
			t.Fatal(err)
		}
		if o := get(t, h, ana, id); !o.Closed || o.Review.IsZero() {
			t.Errorf("closed %v, review at %v; want closed, with a review", o.Closed, o.Review)
		}
	})
}

func TestObservationsBecomeARisk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager", "coordinator")
		var ids []ref.ID
		for i := range 3 {
			in := full()
			in.Title = fmt.Sprintf("Reviews are skipped in team %d", i)
			if i == 2 {
				in.Impact, in.Likelihood = 4, 4
			}
			ids = append(ids, open(t, h, ctx, in))
			ps, err := h.Observations.Proposals(ctx)
			if want := i / 2; err != nil || len(ps) != want {
				t.Fatalf("after %d there are %d proposals, %v; want %d", i+1, len(ps), err, want)
			}
		}
		if _, err := h.Observations.Upgrade(ctx, observation.Upgrading{IDs: ids[:2], Title: "Faults may reach production"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("two became a risk without a reason: %v", err)
		}
		id, err := h.Observations.Upgrade(ctx, observation.Upgrading{IDs: ids, Title: "Faults may reach production because reviews are skipped"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := h.Risks.Get(ctx, id)
		if err != nil || len(r.Items) != 3 || !strings.Contains(r.Statement.Problem, "12 of 40") || r.Origin.Channel != "observation" {
			t.Fatalf("the risk has %d pieces of evidence, %+v, %v", len(r.Items), r.Statement, err)
		}
		for _, o := range ids {
			if x := get(t, h, ctx, o); len(x.Risks) != 1 || x.Risks[0].ID != id || !x.Has(h.Rules.Register.Observations.Upgrade.Label) {
				t.Errorf("%s: risks %v, labels %v", o, x.Risks, x.Labels)
			}
		}
		if ps, _ := h.Observations.Proposals(ctx); len(ps) != 0 {
			t.Errorf("what was taken up is proposed again: %+v", ps)
		}
		if _, err := h.Observations.Upgrade(ctx, observation.Upgrading{IDs: ids, Title: "Again"}); !errors.Is(err, fault.Conflict) {
			t.Errorf("taken up twice: %v", err)
		}
		one := full()
		one.Cause, one.Entity = "", true
		open(t, h, ctx, one)
		if ps, _ := h.Observations.Proposals(ctx); len(ps) != 1 || !ps[0].Entity {
			t.Errorf("a control of the whole organisation is not proposed: %+v", ps)
		}
	})
}

func TestImportMapsByEquivalents(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		n := func(x float64) *float64 { return &x }
		obs := 16
		named := func(name string, f observation.Foreign) observation.Foreign {
			f.Title, f.Source, f.External = "From "+name, "scanner", name
			return f
		}
		found := []observation.Foreign{
			named("a", observation.Foreign{CVSS: n(9.8)}), named("b", observation.Foreign{CVSS: n(7.0)}), named("c", observation.Foreign{CVSS: n(4.1)}),
			named("d", observation.Foreign{Observed: &obs}), named("e", observation.Foreign{Rating: "high"}), named("f", observation.Foreign{RiskScore: n(30)}),
			named("g", observation.Foreign{}), named("a", observation.Foreign{CVSS: n(2)}),
		}
		want := []string{"P1 critical", "P2 high", "P3 medium", "P1 critical", "P2 high", "P1 critical", " ", "P4 low"}
		for _, dry := range []bool{true, false} {
			rows, err := h.Observations.Import(ctx, slices.Clone(found), dry)
			if err != nil || len(rows) != len(want) {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			for i, r := range rows {
				if have := r.Priority + " " + r.Rating; have != want[i] || len(r.Errors) > 0 {
					t.Errorf("%s: %q %v, want %q", r.Title, have, r.Errors, want[i])
				}
			}
			if !rows[7].Known {
				t.Error("a name that comes twice is opened twice")
			}
		}
		l, err := h.Observations.List(ctx, observation.Filter{}, observation.Page{})
		if err != nil || len(l.Observations) != 7 {
			t.Errorf("%d observations, %v; want 7", len(l.Observations), err)
		}
		if rows, _ := h.Observations.Import(ctx, found, false); !rows[0].Known || rows[0].ID != "" {
			t.Errorf("the same import again opens %+v", rows[0])
		}
		rows, err := h.Observations.Import(ctx, []observation.Foreign{named("x", observation.Foreign{CVSS: n(11)}), named("y", observation.Foreign{CVSS: n(5)})}, false)
		if err != nil || len(rows[0].Errors) != 1 || rows[0].Errors[0].Name != "cvss" {
			t.Errorf("a score of 11: %+v, %v", rows, err)
		}
		if l, _ := h.Observations.List(ctx, observation.Filter{}, observation.Page{}); len(l.Observations) != 7 {
			t.Error("an import with a mistake opened something")
		}
		if _, err := h.Observations.Import(ctx, make([]observation.Foreign, 1_000_000), false); !errors.Is(err, fault.TooLarge) {
			t.Errorf("a million findings: %v", err)
		}
	})
}

func TestListsAndLabels(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		var first ref.ID
		for i := range 5 {
			in := full()
			in.Title = fmt.Sprintf("Finding number%d", i)
			if id := open(t, h, ctx, in); i == 0 {
				first = id
			}
		}
		var seen []ref.ID
		for p := (observation.Page{Limit: 2}); ; {
			l, err := h.Observations.List(ctx, observation.Filter{State: "open", Cause: "missing-review"}, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range l.Observations {
				seen = append(seen, o.ID)
			}
			if p.After = l.Next; l.Next == "" {
				break
			}
		}
		if slices.Sort(seen); len(slices.Compact(seen)) != 5 {
			t.Errorf("pages show %d, want 5 once each", len(seen))
		}
		if l, err := h.Observations.List(ctx, observation.Filter{Text: "number3"}, observation.Page{}); err != nil || len(l.Observations) != 1 {
			t.Errorf("search finds %v, %v", l, err)
		}
		for _, by := range observation.Boards {
			cols, err := h.Observations.Board(ctx, observation.Filter{}, by)
			n := 0
			for _, c := range cols {
				n += c.Count
			}
			if err != nil || n != 5 {
				t.Errorf("board by %s has %d, %v", by, n, err)
			}
		}
		if err := h.Observations.Label(ctx, first, "bot-ignore", true, ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("a label without its reason: %v", err)
		}
		if err := h.Observations.Label(ctx, first, "overdue", true, ""); err != nil {
			t.Fatal(err)
		}
		if l, err := h.Observations.List(ctx, observation.Filter{Label: "overdue"}, observation.Page{}); err != nil || len(l.Observations) != 1 {
			t.Errorf("labelled: %v, %v", l, err)
		}
		h.Pass(400 * 24 * time.Hour)
		if l, _ := h.Observations.List(ctx, observation.Filter{Overdue: true}, observation.Page{}); len(l.Observations) != 5 {
			t.Errorf("%d overdue, want 5", len(l.Observations))
		}
	})
}

func TestBadInputIsRefusedWithTheField(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ana", "manager")
		for name, x := range map[string]struct {
			change func(*observation.Opening)
			field  string
		}{
			"no title":               {func(o *observation.Opening) { o.Title = " \t" }, "title"},
			"a score off the scale":  {func(o *observation.Opening) { o.Likelihood = 5 }, "likelihood"},
			"half a rating":          {func(o *observation.Opening) { o.Impact = 0 }, "impact"},
			"found tomorrow":         {func(o *observation.Opening) { o.Found = rig.Start.AddDate(0, 0, 1) }, "found"},
			"found in the year 1066": {func(o *observation.Opening) { o.Found = time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC) }, "found"},
			"a key with blanks":      {func(o *observation.Opening) { o.Cause = "no review at all" }, "cause"},
			"a link that runs":       {func(o *observation.Opening) { o.Link = "javascript:alert(1)" }, "link"},
			"10 MB of text":          {func(o *observation.Opening) { o.Condition = strings.Repeat("x", 10<<20) }, "condition"},
			"a control character":    {func(o *observation.Opening) { o.Criteria = "a\x07" }, "criteria"},
			"an owner of nowhere":    {func(o *observation.Opening) { o.Owner = "person-nobody" }, "owner"},
		} {
			in := full()
			x.change(&in)
			_, err := h.Observations.Open(ctx, in)
			if err == nil || !slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool { return f.Name == x.field && f.Says != "" }) {
				t.Errorf("%s: %v, want a refusal at %s", name, err, x.field)
			}
		}
	})
}

func TestNeedToKnow(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob, guest := h.As(t, "Ana", "manager"), h.As(t, "Bob", "manager"), h.As(t, "Gil", "guest")
		in := full()
		in.Named = true
		id := open(t, h, ana, in)
		plain := open(t, h, ana, full())
		for name, err := range map[string]error{
			"read":    second(h.Observations.Get(bob, id)),
			"edit":    h.Observations.Edit(bob, id, observation.Patch{}),
			"move":    h.Observations.Move(bob, id, "observation.validate", observation.Step{}),
			"note":    second(h.Observations.Note(bob, id, "x")),
			"approve": h.Observations.Approve(bob, id, 0, "", false),
			"upgrade": second(h.Observations.Upgrade(bob, observation.Upgrading{IDs: []ref.ID{plain, id}, Title: "x", Reason: "x"})),
			"guest":   second(h.Observations.Get(guest, plain)),
			"nobody":  second(h.Observations.Get(bob, "OBS-00000000")),
		} {
			if !errors.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want as if it did not exist", name, err)
			}
		}
		for _, f := range []observation.Filter{{}, {Cause: "missing-review"}, {Text: "reviews"}} {
			if l, err := h.Observations.List(bob, f, observation.Page{}); err != nil || len(l.Observations) != 1 {
				t.Errorf("Bob's list %+v has %d, %v; want 1", f, len(l.Observations), err)
			}
		}
		if err := h.Observations.Share(ana, id, "person-Bob"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Observations.Get(bob, id); err != nil {
			t.Errorf("shared with Bob: %v", err)
		}
		if err := h.Observations.Unshare(ana, id, "person-Bob"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Observations.Get(bob, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("taken from Bob: %v", err)
		}
		if err := h.Observations.Restrict(ana, plain, true, "it names a person"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Observations.Get(bob, plain); !errors.Is(err, fault.NotFound) {
			t.Errorf("restricted: %v", err)
		}
		if _, err := h.Observations.Get(ana, plain); err != nil {
			t.Errorf("whoever restricted it: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// For somebody who may not see them, observations change nothing: not a list, not a
// board, not what is proposed, not a search.
func TestTwoWorldsOfObservations(t *testing.T) {
	as := func(name string) context.Context {
		return access.With(context.Background(), access.Actor{ID: ref.ID("person-" + name), Kind: access.Person, Name: name})
	}
	rig.Twins(t, "generic", func(h *rig.House) {
		ana := h.As(t, "Ana", "manager", "coordinator")
		h.As(t, "Bob", "manager", "coordinator", "auditor")
		for range 2 {
			open(t, h, ana, full())
		}
	}, func(t *testing.T, a, b *rig.House) {
		ana, bob := as("Ana"), as("Bob")
		in := full()
		in.Named, in.Entity = true, true
		id := open(t, b, ana, in)
		if _, err := b.Observations.Note(ana, id, "it concerns the release key"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Observations.Upgrade(ana, observation.Upgrading{IDs: []ref.ID{id}, Title: "A hidden risk"}); err != nil {
			t.Fatal(err)
		}
		now := b.Clock()
		look := func(h *rig.House) string {
			h.Set(now)
			var out []any
			for _, f := range []observation.Filter{{}, {Cause: "missing-review"}, {Entity: true}, {Text: "reviews"}, {Overdue: true}} {
				l, err := h.Observations.List(bob, f, observation.Page{Limit: 2})
				out = append(out, l, err)
			}
			for _, by := range observation.Boards {
				c, err := h.Observations.Board(bob, observation.Filter{}, by)
				out = append(out, c, err)
			}
			ps, err := h.Observations.Proposals(bob)
			out = append(out, ps, err)
			_, err = h.Observations.Get(bob, id)
			out = append(out, fault.KindOf(err))
			e, _, err := h.Trail.Whole(bob, insight.Span{Limit: 100})
			for i := range e {
				e[i].ID = "" // each house draws its own
			}
			out = append(out, e, err)
			text, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		if have, want := look(b), look(a); have != want {
			t.Errorf("with a hidden observation Bob sees\n%s\nwithout\n%s", have, want)
		}
	})
}

func TestEveryCVSSScoreHasAPriorityAndNoneIsLessForMore(t *testing.T) {
	for _, name := range []string{"generic", "gitlab"} {
		p, err := house.LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		last := "P9"
		for tenth := 1; tenth <= 100; tenth++ {
			score := float64(tenth) / 10
			m, err := observation.Map(p, observation.Foreign{CVSS: &score})
			if err != nil || m.Priority > last || m.Word == "" {
				t.Errorf("%s: CVSS %.1f is %s %s after %s, %v", name, score, m.Priority, m.Word, last, err)
			}
			last = m.Priority
		}
		for l := range p.Register.Observations.Likelihood.Levels {
			for i := range p.Register.Observations.Impact.Levels {
				f := observation.Foreign{}
				f.Likelihood, f.Impact = l+1, i+1
				if m, err := observation.Map(p, f); err != nil || m.Priority == "" || m.Score != (l+1)*(i+1) {
					t.Errorf("%s: %d x %d is %+v, %v", name, l+1, i+1, m, err)
				}
			}
		}
	}
}

func TestTheOwnerIsTold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "Ana", "manager")
		h.As(t, "Bob", "engineer")
		in := full()
		in.Owner = "person-Bob"
		id := open(t, h, ana, in)
		if _, err := h.Observations.Note(ana, id, "@bob please look"); err != nil {
			t.Fatal(err)
		}
		for more := true; more; {
			var err error
			if more, err = h.Jobs.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := rig.Count(t, h.DB, `notices where person = 'person-Bob' and subject = $1`, string(id)); n != 2 {
			t.Errorf("Bob was told %d times, want of the observation and of the mention", n)
		}
		if n := rig.Count(t, h.DB, `jobs where state = 'parked'`); n != 0 {
			t.Errorf("%d jobs are parked", n)
		}
	})
}
