package profile

import (
	"fmt"
	"slices"
	"strings"
)

// lender is the profile whose register serves a folder without one.
const lender = "generic"

// borrow gives a folder that was made before there was a register that of the
// lender: its life cycles, its messages, the scales that it speaks of, and the
// grants of its verbs. What the folder says itself stays, but for the scales: the
// register names their ratings and appetites.
func (l *loader) borrow(p *Profile) error {
	g, err := Embedded(lender, Words{})
	if err != nil {
		return fmt.Errorf("borrow a register: %w", err)
	}
	p.Register = g.Register
	p.Register.Borrowed = g.Name
	p.Scales, p.Matrix, p.Ratings, p.Tolerance = g.Scales, g.Matrix, g.Ratings, g.Tolerance
	p.Register.Evidence.Kinds = byRank(g.Register.Evidence.Kinds, g.SeverityWords(), p.SeverityWords())
	for name, m := range g.Lifecycles {
		if m.Risk && p.Lifecycles[name] == nil {
			p.Lifecycles[name] = m
		}
	}
	for _, name := range p.Register.messages() {
		if _, ok := p.Messages[name]; !ok {
			p.Messages[name] = g.Messages[name]
		}
	}
	l.borrowGrants(p, g)
	fmt.Fprintf(l.sum, "\x00%s", g.Version)
	return nil
}

// lent fills in what the folder was written too early to say: the register, or the
// labels of it that follow from decisions and who approves what leaders choose.
func (l *loader) lent(p *Profile) error {
	r := &p.Register
	switch {
	case !l.own:
		return l.borrow(p)
	case r.Labels != (Marks{}) && len(r.Strategy.States) > 0:
		return nil
	}
	g, err := Embedded(lender, Words{})
	if err != nil {
		return fmt.Errorf("borrow words of the register: %w", err)
	}
	if r.Labels == (Marks{}) {
		r.Labels = g.Register.Labels
	}
	if _, given := l.at[key(registerFile, "strategy")]; !given {
		r.lendStrategy(g.Register.Strategy)
	}
	return nil
}

// lendStrategy takes over who approves what leaders choose: the lender's level, or the
// highest where the folder has no such.
func (r *Register) lendStrategy(from StrategyRules) {
	r.Strategy = from
	if n := len(r.Levels); r.LevelRank(from.Level) == 0 && n > 0 {
		r.Strategy.Level = r.Levels[n-1].Name
	}
}

// byRank gives the points of each kind to the severities of the same rank from the
// top: a folder may call them otherwise, or have fewer.
func byRank(kinds []EvidenceKind, from, to []string) []EvidenceKind {
	out := slices.Clone(kinds)
	for i, k := range out {
		out[i].Points = map[string]int{}
		for r := 1; r <= min(len(from), len(to)); r++ {
			if n := k.Points[from[len(from)-r]]; n != 0 {
				out[i].Points[to[len(to)-r]] = n
			}
		}
	}
	return out
}

// registerNouns begin the verbs of the register.
var registerNouns = []string{"risk", "kri", "observation", "appetite", "meeting", "register", "hygiene", "strategy"}

// ofRegister tells whether the verb is one of the register's.
func ofRegister(verb string) bool {
	noun, _, _ := strings.Cut(verb, ".")
	return slices.Contains(registerNouns, noun)
}

// borrowGrants adds the rows of the register's verbs that the folder lacks, and the
// roles that they speak of.
func (l *loader) borrowGrants(p, g *Profile) {
	for _, row := range g.Grants {
		if !ofRegister(row.Verb) || l.raw.grants.Grants[row.Verb] != nil || l.words.Verbs != nil && !slices.Contains(l.words.Verbs, row.Verb) {
			continue
		}
		p.Grants = append(p.Grants, row)
		for _, role := range row.Roles {
			p.addRole(g, role)
		}
	}
	slices.SortFunc(p.Grants, func(a, b Grant) int { return strings.Compare(a.Verb, b.Verb) })
}

func (p *Profile) addRole(from *Profile, name string) {
	is := func(r Named) bool { return r.Name == name }
	if i := slices.IndexFunc(from.Roles, is); i >= 0 && !slices.ContainsFunc(p.Roles, is) {
		p.Roles = append(p.Roles, from.Roles[i])
	}
}

// messages lists the texts that the register names.
func (r *Register) messages() []string {
	var out []string
	for _, x := range r.Policies {
		out = append(out, x.Message)
	}
	for _, x := range r.Ladder {
		if x.Message != "" {
			out = append(out, x.Message)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
