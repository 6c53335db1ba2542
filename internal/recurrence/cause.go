package recurrence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// Cause is a word of one of the profile's sets, by which the root cause of a case was
// sorted.
type Cause struct{ Set, Word string }

// In is the key of the cause's group: its cases of one product, whatever component.
func (c Cause) In(product string) Key { return Key{Weakness: c.text(), Product: product} }

// text names a cause in the store and in keys: "origin:unsafe-default".
func (c Cause) text() string { return c.Set + ":" + c.Word }

func causeOf(text string) Cause {
	set, word, _ := strings.Cut(text, ":")
	return Cause{set, word}
}

// CauseFact is what the root cause analysis of a case says that counts depend on.
// Without causes it counts nowhere.
type CauseFact struct {
	Causes   []Cause
	Product  string
	Audience string
	Severity string
	At       time.Time // opened; zero is unknown, and in no window
}

func (f CauseFact) equal(o CauseFact) bool {
	return slices.Equal(f.Causes, o.Causes) && (len(f.Causes) == 0 ||
		f.Product == o.Product && f.Audience == o.Audience && f.Severity == o.Severity && f.At.Equal(o.At))
}

func (f CauseFact) in() []string { return Fact{Audience: f.Audience}.in() }

// NoteCauses tells that the root cause analysis of a case said something else, or
// nothing, before this act, and reports whether that changed any count. The sums are
// put right in the same transaction.
func NoteCauses(tx *gate.Tx, id ref.ID, was, now CauseFact) (changed bool, err error) {
	if was.equal(now) {
		return false, nil
	}
	if len(was.Causes) > 0 {
		if err := deleteCauses(tx, id); err != nil {
			return true, err
		}
		if err := putCauseSums(tx, id, was, -1); err != nil {
			return true, err
		}
	}
	if len(now.Causes) > 0 {
		if err := insertCauses(tx, id, now); err != nil {
			return true, err
		}
		return true, putCauseSums(tx, id, now, 1)
	}
	return true, nil
}

// CauseGroup is a root cause in a product, with all that its reader may know of it. Its
// weakness is the cause as its key has it, its name the title of the word.
type CauseGroup struct {
	Set      string `json:"set"`  // of the profile's sets of causes
	Word     string `json:"word"` // of the set
	SetTitle string `json:"set_title"`
	Group
}

// counted are the profile's sets whose words are counted, by name.
func counted(sets []profile.CauseSet) map[string]profile.CauseSet {
	out := map[string]profile.CauseSet{}
	for _, s := range sets {
		if s.Recurs {
			out[s.Name] = s
		}
	}
	return out
}

// causeRow is what a statement counts of a cause in a product, at one severity.
type causeRow struct {
	audience   string
	key        Key
	severity   string
	n, earlier int
}

// causesIn counts root causes for a reader: the sums of what all staff see, and with
// the grant those of everything; what names the reader on restricted cases besides.
func (r *Recurrence) causesIn(v *gate.View, w Window, s *sight) error {
	cond, _, err := v.Where(readCases, "c", 1)
	if err != nil {
		return err
	}
	s.visible, s.all = map[Key]tally{}, map[Key]tally{}
	s.aggregate = v.Actor.IsSystem() || v.May(VerbAggregate, "")
	whole := v.IsStaff() && cond == "" // who may read but what names them has no sums
	if whole || s.aggregate {
		read := func(h *gate.View) error {
			rows, err := causeSums(h, w, s.aggregate)
			r.gatherCauses(s, rows, whole)
			return err
		}
		if s.aggregate {
			err = v.AsHouse(read)
		} else {
			err = read(v)
		}
		if err != nil {
			return err
		}
	}
	if v.Actor.IsSystem() {
		s.visible = s.all
		return nil
	}
	rows, err := causeRows(v, w, whole)
	r.gatherCauses(s, rows, true)
	return err
}

// gatherCauses adds rows to what the reader sees, where they do, and to what there is.
func (r *Recurrence) gatherCauses(s *sight, rows []causeRow, seen bool) {
	sets := counted(r.Rules.Sets)
	for _, x := range rows {
		if _, ok := sets[causeOf(x.key.Weakness).Set]; !ok {
			continue
		}
		to := s.visible
		if x.audience == everyone {
			to = s.all
		} else if !seen {
			continue
		}
		t := to[x.key]
		t.add(tally{n: x.n, earlier: x.earlier, points: x.n * r.Rules.Points[x.severity]})
		to[x.key] = t
	}
}

// causeGroups are the groups of root causes that a question asks for, the largest
// first, with their cases and what became of their proposals.
func (r *Recurrence) causeGroups(v *gate.View, w Window, ask Ask, least int) ([]CauseGroup, error) {
	s := &sight{}
	if err := r.causesIn(v, w, s); err != nil {
		return nil, err
	}
	out, sets := []CauseGroup{}, counted(r.Rules.Sets)
	for k, t := range s.counted() {
		if ask.Key != nil && k != *ask.Key || ask.Key == nil && t.n < max(1, least) {
			continue
		}
		c, seen := causeOf(k.Weakness), s.visible[k]
		set := sets[c.Set]
		word, _ := set.Word(c.Word)
		g := Group{Key: k, Name: cmp.Or(word.Title, c.Word), Place: k.Product, Count: t.n, Window: w, Points: t.points, Rate: rate(t.n, r.Rules.Months),
			Trend: trend(seen.earlier, seen.n-seen.earlier), Cases: []Dot{}, Hidden: t.n - seen.n, Systemic: r.Rules.Causes > 0 && t.n >= r.Rules.Causes}
		out = append(out, CauseGroup{Set: c.Set, Word: c.Word, SetTitle: set.Title, Group: g})
	}
	slices.SortFunc(out, func(x, y CauseGroup) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(y.Points, x.Points), cmp.Compare(x.Weakness, y.Weakness), cmp.Compare(x.Product, y.Product))
	})
	if ask.Groups > 0 && len(out) > ask.Groups {
		out = out[:ask.Groups]
	}
	return out, dotGroups(v, w, byCause, causeList(out), r.Rules.Causes, ask.Dots)
}

// causeList are pointers to the groups, to be settled.
func causeList(groups []CauseGroup) []*Group {
	out := make([]*Group, len(groups))
	for i := range groups {
		out[i] = &groups[i].Group
	}
	return out
}

// causeFound is the open proposal of a group of root causes.
func (g *CauseGroup) found() *found {
	p := g.Group.proposal()
	p.Key, p.Kind, p.Title = keyOf(Caused, g.Key), Caused, g.title()
	return &found{Proposal: p, group: &g.Group, cause: g, open: g.seenByAll()}
}

func (g *CauseGroup) title() string {
	return fmt.Sprintf("%s may keep letting vulnerabilities into %s", g.Name, placeName(g.Product))
}

// placeName is a product as sentences say it: some cases name none.
func placeName(product string) string { return cmp.Or(product, "products that no case names") }

// caused is the draft of a risk about a root cause.
func (x *found) caused(d Draft, cases []Dot) Draft {
	g, in := x.cause, placeName(x.cause.Product)
	n, earlier := len(cases), 0
	for _, c := range cases {
		if c.At.Before(g.Window.mid) {
			earlier++
		}
	}
	what := fmt.Sprintf("“%s” (%s)", g.Name, lower(g.SetTitle))
	d.Asset = in
	d.Problem = fmt.Sprintf("The root cause analyses of %d cases of %s from %s come to the same: %s. Each was answered by itself; what they share was not.", n, in, g.Window, what)
	d.Impact = fmt.Sprintf("By severity: %s. Each exposed those who run or use %s until its fix had reached them.", severities(cases), in)
	d.Evidence = fmt.Sprintf("%d analysed cases in %d months, %.4g a year; %d in the second half of that time and %d in the first (%s).",
		n, g.Window.Months, rate(n, g.Window.Months), n-earlier, earlier, trend(earlier, n-earlier).Word)
	d.Scale = fmt.Sprintf("All of these are cases of %s. Cases that were not analysed may share the cause; they are not counted.", in)
	d.Event = fmt.Sprintf("One more vulnerability with the root cause %s gets into %s and is used before it is fixed.", what, in)
	d.Source = fmt.Sprintf("%s, as the analyses name it. Their actions have not removed it.", g.Name)
	d.Consequence = fmt.Sprintf("Customers of %s are exposed again, and each case costs its handling, fix and advisory anew.", in)
	return d
}

// lower begins a title as the middle of a sentence does.
func lower(title string) string {
	if title == "" {
		return "root cause"
	}
	return strings.ToLower(title[:1]) + title[1:]
}
