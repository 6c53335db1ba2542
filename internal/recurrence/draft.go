package recurrence

import (
	"fmt"
	"strings"

	"tocsin/internal/ref"
	"tocsin/internal/score/cwe"
)

// Draft is the text of a risk as the facts give it: whoever raises it goes on from
// there. Numbers in it are of cases that all staff see, unless Restricted says that
// they are not: such a risk is for named people.
type Draft struct {
	Proposal    string   `json:"proposal"` // key of the proposal
	Kind        string   `json:"kind"`     // of the proposal
	Group       Key      `json:"group"`
	Title       string   `json:"title"`
	Problem     string   `json:"problem"`
	Impact      string   `json:"impact"`
	Evidence    string   `json:"evidence"`
	Scale       string   `json:"scale"`
	Asset       string   `json:"asset"`
	Event       string   `json:"event"`
	Source      string   `json:"source"`
	Consequence string   `json:"consequence"`
	Cases       []ref.ID `json:"cases"` // that the actor may open, oldest first
	Restricted  bool     `json:"restricted,omitempty"`
}

// short is a weakness as people call it: CWE has it between quotes, if at all.
func short(weakness string) string {
	w, ok := cwe.Get(weakness)
	if !ok {
		return weakness
	}
	if _, rest, ok := strings.Cut(w.Name, "('"); ok {
		name, _, _ := strings.Cut(rest, "')")
		return name
	}
	return w.Name
}

// in says a place: "wiki of harbor", or "harbor".
func (k Key) in() string {
	switch {
	case k.Component == "":
		return k.Product
	case k.Product == "":
		return k.Component
	}
	return k.Component + " of " + k.Product
}

func (g *Group) title() string { return short(g.Weakness) + " may keep coming back in " + g.in() }

// titles are the titles of the other kinds.
var titles = map[string]func(Key) string{
	Misses:      func(k Key) string { return "Vulnerabilities of " + k.in() + " may stay open longer than promised" },
	Unsupported: func(k Key) string { return "Vulnerabilities of " + k.in() + " may never be fixed" },
}

func (x *found) draft(r *Recurrence) Draft {
	d := Draft{Proposal: x.Key, Kind: x.Kind, Group: x.Group, Title: x.Title, Asset: x.Group.in(), Cases: []ref.ID{}}
	if x.group == nil {
		return x.plain(d, r)
	}
	g := x.group
	cases, name := g.Cases, fmt.Sprintf("%s (%s)", short(g.Weakness), g.Weakness)
	for _, c := range cases {
		d.Cases = append(d.Cases, c.Case)
	}
	if d.Restricted = x.open < r.threshold(x.Kind); !d.Restricted {
		cases = nil
		for _, c := range g.Cases {
			if c.open {
				cases = append(cases, c)
			}
		}
	}
	if x.cause != nil {
		return x.caused(d, cases)
	}
	n, earlier := len(cases), 0
	for _, c := range cases {
		if c.At.Before(g.Window.mid) {
			earlier++
		}
	}
	d.Problem = fmt.Sprintf("%s comes back in %s: %d cases from %s. Each was handled by itself; what they have in common was not.", name, g.in(), n, g.Window)
	d.Impact = fmt.Sprintf("By severity: %s. Each exposed those who run or use %s until its fix had reached them.", severities(cases), g.in())
	d.Evidence = fmt.Sprintf("%d cases in %d months, %.4g a year; %d in the second half of that time and %d in the first (%s).",
		n, g.Window.Months, rate(n, g.Window.Months), n-earlier, earlier, trend(earlier, n-earlier).Word)
	d.Scale = fmt.Sprintf("All of these are in %s. Whether other parts share the cause is not known from the cases alone.", g.in())
	d.Event = fmt.Sprintf("One more vulnerability of the kind %s is found in %s and used before it is fixed.", name, g.in())
	d.Source = fmt.Sprintf("What lets %s arise in %s: mending each case has not removed it. Its root cause is still to be named.", name, g.in())
	d.Consequence = fmt.Sprintf("Customers of %s are exposed again, and each case costs its handling, fix and advisory anew.", g.in())
	return d
}

// plain is the draft of the other kinds.
func (x *found) plain(d Draft, r *Recurrence) Draft {
	in := x.Group.in()
	d.Scale = fmt.Sprintf("The cases are those of %s.", in)
	d.Source = fmt.Sprintf("What keeps fixes of %s from being made; the root cause is still to be named.", in)
	if x.Kind == Misses {
		d.Problem = fmt.Sprintf("%d cases of %s opened in the last %d months missed a date that was promised for them.", x.Count, in, r.Rules.Months)
		d.Impact = fmt.Sprintf("Those who run or use %s stay exposed longer than they were told.", in)
		d.Evidence = fmt.Sprintf("%d cases of %s with a missed date.", x.Count, in)
		d.Event = fmt.Sprintf("A vulnerability of %s is used after the date by which its fix was due.", in)
		d.Consequence = fmt.Sprintf("Customers of %s are harmed by what should have been fixed.", in)
		return d
	}
	d.Problem = fmt.Sprintf("No release line of %s gets fixes any more, and %d of its cases are open.", in, x.Count)
	d.Impact = fmt.Sprintf("Those who still run %s stay exposed.", in)
	d.Evidence = fmt.Sprintf("%d open cases of %s, and no supported release line.", x.Count, in)
	d.Event = fmt.Sprintf("A known vulnerability of %s is used against somebody who still runs it.", in)
	d.Consequence = fmt.Sprintf("Customers of %s are harmed and no fix can be offered to them.", in)
	return d
}

// severities says how bad some cases are: "2 critical, 3 high, 1 of unknown severity".
func severities(cases []Dot) string {
	var order []string
	count := map[string]int{}
	for _, c := range cases {
		if count[c.Severity]++; count[c.Severity] == 1 {
			order = append(order, c.Severity)
		}
	}
	var out []string
	for _, s := range order {
		word := s
		if s == "" {
			word = "of unknown severity"
		}
		out = append(out, fmt.Sprintf("%d %s", count[s], word))
	}
	return strings.Join(out, ", ")
}
