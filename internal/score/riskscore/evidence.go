package riskscore

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
)

// Item is one piece of evidence: an incident, a case, an observation, a bounty
// report. Points are what its kind and severity give (handbook 3.4, step 4).
type Item struct {
	Ref       string    `json:"ref"` // the record's ID, empty where it stands outside
	Kind      string    `json:"kind"`
	Title     string    `json:"title,omitempty"`
	Date      time.Time `json:"date,omitzero"` // when it happened; zero is undated
	Severity  string    `json:"severity,omitempty"`
	Points    int       `json:"points"`
	Source    string    `json:"source,omitempty"`
	Link      string    `json:"link,omitempty"`
	Withdrawn bool      `json:"withdrawn,omitempty"`
}

// name is how sentences call the item.
func (i Item) name() string { return cmp.Or(i.Ref, i.Link) }

// EvidenceRules say how evidence moves a score.
type EvidenceRules struct {
	Months         int             `json:"months"` // how far back it counts
	Counts         []Modifier      `json:"counts"` // of items: moves likelihood
	Points         []Modifier      `json:"points"` // of severity points: moves impact
	Contradictions []Contradiction `json:"contradictions"`
}

// Modifier moves a factor by Add where the number is at least From.
type Modifier struct {
	From int `json:"from"`
	Add  int `json:"add"`
}

// Contradiction holds a rating for a person where the base says little and the
// evidence much (handbook 3.4, step 6).
type Contradiction struct {
	Factor string `json:"factor"` // likelihood or impact
	AtMost int    `json:"at_most"`
	Number string `json:"number"` // items or points
	From   int    `json:"from"`
	Says   string `json:"says"`
}

// Why evidence does not count.
const (
	TooOld    = "too-old"
	Undated   = "undated"
	Duplicate = "duplicate"
	Future    = "future"
	Withdrawn = "withdrawn"
)

// Excluded is evidence that does not count, with the reason.
type Excluded struct {
	Item Item   `json:"item"`
	Why  string `json:"why"`          // one of the constants
	Says string `json:"says"`         // a sentence
	Of   string `json:"of,omitempty"` // what a duplicate repeats
}

// Ledger is the evidence of one risk as of one day.
type Ledger struct {
	From     time.Time  `json:"from"` // the first day that counts
	To       time.Time  `json:"to"`   // the last: the day of the count
	Counted  []Item     `json:"counted"`
	Excluded []Excluded `json:"excluded"`
	Count    int        `json:"count"`
	Points   int        `json:"points"`
}

// maxPoints bounds one item's points, so that no sum overflows.
const maxPoints = 1_000_000

// Collect counts the evidence inside the window of so many months up to now,
// both ends included by day. What is withdrawn, undated, in the future, too old
// or a repetition is set aside with its reason. Two items are the same when they
// name the same record or the same link, also by way of a third; the one with more
// points counts, then the newer. The order of items changes nothing.
func Collect(items []Item, months int, now time.Time) (Ledger, error) {
	if err := checkItems(items, months, now); err != nil {
		return Ledger{}, err
	}
	l := Ledger{From: day(Months(day(now), -months)), To: day(now)}
	var live []Item
	for _, it := range items {
		if why, says := l.refuse(it); why != "" {
			l.Excluded = append(l.Excluded, Excluded{Item: it, Why: why, Says: says})
			continue
		}
		live = append(live, it)
	}
	for _, group := range same(live) {
		first := slices.MinFunc(group, better)
		l.Counted = append(l.Counted, first)
		l.Points += first.Points
		slices.SortFunc(group, better)
		for _, it := range group[1:] {
			l.Excluded = append(l.Excluded, Excluded{Item: it, Why: Duplicate, Of: first.name(), Says: "it repeats " + first.name() + ", which counts"})
		}
	}
	l.Count = len(l.Counted)
	slices.SortFunc(l.Counted, newest)
	slices.SortFunc(l.Excluded, func(a, b Excluded) int { return cmp.Or(newest(a.Item, b.Item), cmp.Compare(a.Why, b.Why)) })
	return l, nil
}

func checkItems(items []Item, months int, now time.Time) error {
	var fs fault.Fields
	if months < 1 || months > 1200 {
		fs.Add("months", "the window of evidence is 1 to 1200 months long, not %d", months)
	}
	if now.IsZero() {
		fs.Add("now", "evidence is counted as of a day: name it")
	}
	for i, it := range items {
		at := fmt.Sprintf("evidence.%d", i)
		if it.name() == "" {
			fs.Add(at+".ref", "evidence names its record or its link")
		}
		if it.Points < 0 || it.Points > maxPoints {
			fs.Add(at+".points", "%d is no number of severity points: write 0 to %d", it.Points, maxPoints)
		}
	}
	return fs.Err()
}

// refuse says why an item cannot count on its own.
func (l Ledger) refuse(it Item) (why, says string) {
	switch d := day(it.Date); {
	case it.Withdrawn:
		return Withdrawn, "it was withdrawn"
	case it.Date.IsZero():
		return Undated, "it has no date, so nobody can say that it lies in the window: date it"
	case d.After(l.To):
		return Future, "it is dated " + date(d) + ", after the day of the count"
	case d.Before(l.From):
		return TooOld, "it is of " + date(d) + ", before the window begins on " + date(l.From)
	}
	return "", ""
}

// better orders what stands for a group: more points, then newer, then by name.
func better(a, b Item) int {
	return cmp.Or(cmp.Compare(b.Points, a.Points), newest(a, b))
}

func newest(a, b Item) int {
	return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Title, b.Title), cmp.Compare(b.Points, a.Points))
}

// same groups items that share a ref or a link.
func same(items []Item) [][]Item {
	parent := make([]int, len(items))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[string]int{}
	for i, it := range items {
		for _, key := range keys(it) {
			if k, ok := first[key]; ok {
				parent[root(i)] = root(k)
			} else {
				first[key] = i
			}
		}
	}
	at := map[int]int{}
	var out [][]Item
	for i, it := range items {
		r := root(i)
		if _, ok := at[r]; !ok {
			at[r] = len(out)
			out = append(out, nil)
		}
		out[at[r]] = append(out[at[r]], it)
	}
	return out
}

// keys are what an item is known by.
func keys(it Item) (out []string) {
	if it.Ref != "" {
		out = append(out, "ref "+it.Ref)
	}
	if it.Link != "" {
		out = append(out, "link "+plainLink(it.Link))
	}
	return out
}

// plainLink takes away what does not change where a link leads: the case of the
// host, the slash at the end, the part after #. The query stays: it names records.
func plainLink(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	u.Scheme, u.Host, u.Fragment = strings.ToLower(u.Scheme), strings.ToLower(u.Host), ""
	u.Path = strings.TrimRight(u.Path, "/")
	return u.String()
}

// Modify is what the bands add for n: the Add of the highest From that n
// reaches, 0 where it reaches none.
func Modify(bands []Modifier, n int) int {
	add, from := 0, -1
	for _, b := range bands {
		if b.From <= n && b.From > from {
			add, from = b.Add, b.From
		}
	}
	return add
}

// Check finds what is wrong with the rules.
func (e EvidenceRules) Check() error {
	var fs fault.Fields
	checkBands(&fs, "count_bands", e.Counts)
	checkBands(&fs, "point_bands", e.Points)
	for i, c := range e.Contradictions {
		at := fmt.Sprintf("contradictions.%d", i)
		if c.Factor != factorLikelihood && c.Factor != factorImpact {
			fs.Add(at+".factor", "%q is no factor: write likelihood or impact", c.Factor)
		}
		if c.Number != "items" && c.Number != "points" {
			fs.Add(at+".number", "%q is no number of evidence: write items or points", c.Number)
		}
	}
	return fs.Err()
}

func checkBands(fs *fault.Fields, name string, bands []Modifier) {
	seen := map[int]bool{}
	for i, b := range bands {
		at := fmt.Sprintf("%s.%d", name, i)
		if b.From < 0 || seen[b.From] {
			fs.Add(at, "a band begins at 0 or more, and no two at the same number: %d does not fit", b.From)
		}
		if b.Add < -maxLevel || b.Add > maxLevel {
			fs.Add(at, "a band moves by at most %d levels, not by %d", maxLevel, b.Add)
		}
		seen[b.From] = true
	}
}

// Adjusted is a score that evidence moved.
type Adjusted struct {
	Base           Score    `json:"base"`
	Final          Score    `json:"final"`
	Ledger         Ledger   `json:"ledger"`
	LikelihoodAdd  int      `json:"likelihood_add"`
	ImpactAdd      int      `json:"impact_add"`
	Contradictions []string `json:"contradictions"` // sentences
	Held           bool     `json:"held"`           // a named person must validate the rating
	Steps          Steps    `json:"steps"`
}

// Adjust moves the base by the evidence: the number of items moves likelihood,
// their points move impact, both are kept on their scales, and the product is
// the score (handbook 3.4). "Items" in the source's table of points means points
// (19, point 8).
func (r Rules) Adjust(e EvidenceRules, likelihood, impact float64, l Ledger) (Adjusted, error) {
	if err := e.Check(); err != nil {
		return Adjusted{}, err
	}
	base, err := r.Score(likelihood, impact)
	if err != nil {
		return Adjusted{}, err
	}
	a := Adjusted{Base: base, Ledger: l, LikelihoodAdd: Modify(e.Counts, l.Count), ImpactAdd: Modify(e.Points, l.Points)}
	a.Final, err = r.Score(
		clamp(base.Likelihood+float64(a.LikelihoodAdd), 1, float64(r.Likelihood)),
		clamp(base.Impact+float64(a.ImpactAdd), 1, float64(r.Impact)))
	if err != nil {
		return Adjusted{}, err
	}
	a.Contradictions = contradict(e.Contradictions, base, l)
	a.Held = len(a.Contradictions) > 0
	a.Steps = r.explainEvidence(a)
	return a, nil
}

// contradict compares the base, as its level is read aloud (half up, so that 1.3
// is still the lowest level), with the evidence.
func contradict(rules []Contradiction, base Score, l Ledger) (out []string) {
	for _, c := range rules {
		level, n := base.Likelihood, l.Count
		if c.Factor == factorImpact {
			level = base.Impact
		}
		if c.Number == "points" {
			n = l.Points
		}
		if halfUp(level) <= c.AtMost && n >= c.From {
			out = append(out, cmp.Or(c.Says, fmt.Sprintf("the base %s is %s, the evidence has %d %s", c.Factor, Number(level), n, c.Number)))
		}
	}
	return out
}

func (r Rules) explainEvidence(a Adjusted) (s Steps) {
	l := a.Ledger
	s.add("likelihood.base", "Likelihood, base", Number(a.Base.Likelihood), "on a scale of 1 to %d", r.Likelihood)
	s.add("impact.base", "Impact, base", Number(a.Base.Impact), "on a scale of 1 to %d", r.Impact)
	s.add("evidence.window", "Evidence counts", date(l.From)+" to "+date(l.To), "%s set aside", plural(len(l.Excluded), "item is", "items are"))
	s.add("evidence.count", "Items", fmt.Sprint(l.Count), "%s", names(l.Counted))
	s.add("evidence.points", "Severity points", fmt.Sprint(l.Points), "%s", pointed(l.Counted))
	s.add("likelihood.modifier", "Likelihood moves by", signed(a.LikelihoodAdd), "for %s", plural(l.Count, "item", "items"))
	s.add("impact.modifier", "Impact moves by", signed(a.ImpactAdd), "for %s", plural(l.Points, "point", "points"))
	s.add("likelihood.final", "Likelihood", Number(a.Final.Likelihood), "%s", kept(a.Base.Likelihood, a.LikelihoodAdd, a.Final.Likelihood))
	s.add("impact.final", "Impact", Number(a.Final.Impact), "%s", kept(a.Base.Impact, a.ImpactAdd, a.Final.Impact))
	s = append(s, a.Final.Steps...)
	for _, c := range a.Contradictions {
		s.add("contradiction", "Held for a person", "validate the rating", "%s", c)
	}
	return s
}

func kept(base float64, add int, final float64) string {
	note := fmt.Sprintf("%s %s", Number(base), signed(add))
	if snap(base+float64(add)) != snap(final) {
		note += ", kept on its scale"
	}
	return note
}

// names are the items by name: the exact evidence of R32.
func names(items []Item) string {
	var out []string
	for _, it := range items {
		out = append(out, it.name())
	}
	return strings.Join(out, ", ")
}

func pointed(items []Item) string {
	var out []string
	for _, it := range items {
		if it.Points > 0 {
			out = append(out, fmt.Sprintf("%s: %d", it.name(), it.Points))
		}
	}
	return strings.Join(out, ", ")
}

// Unproven is the most that a risk without any evidence can score. With the
// published bands it is 5 x 4 = 20: an unproven risk is never High (handbook 3.4,
// consequence, and 19 point 16, kept as published; a person may overrule it).
func (r Rules) Unproven(e EvidenceRules) (Score, error) {
	a, err := r.Adjust(e, float64(r.Likelihood), float64(r.Impact), Ledger{})
	return a.Final, err
}
