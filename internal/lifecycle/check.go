package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake of a table. Part and Index say which row it is about,
// Key which column, and Item which word of a list; an Item of -1 is the column as
// a whole.
type Problem struct {
	Part  string // "stages", "moves", "labels"
	Index int
	Key   string // "from", "needs", …; "" is the row as a whole
	Item  int
	Says  string // what is wrong
	Mend  string // how to put it right
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s row %d: %s; %s", p.Part, p.Index+1, p.Says, p.Mend)
}

// Check reports every mistake of the table: words that nobody defines, stages
// that are named twice, not at all or never reached, stages without a way out,
// and a verb that leaves one stage twice. A nil list of words is not checked.
func (m *Machine) Check(needs, does []string) []Problem {
	c := &checker{m: m}
	if len(m.Stages) == 0 {
		c.add("stages", 0, "", -1, "the life cycle has no stage", "list at least two stages")
		return c.out
	}
	c.stages()
	for i, mv := range m.Moves {
		c.move(i, mv)
		c.words(i, "needs", mv.Needs, needs, "need")
		c.words(i, "does", mv.Does, does, "effect")
	}
	c.labels()
	c.reach()
	return c.out
}

type checker struct {
	m   *Machine
	out []Problem
}

func (c *checker) add(part string, index int, key string, item int, says, mend string) {
	c.out = append(c.out, Problem{part, index, key, item, says, mend})
}

func (c *checker) stages() {
	seen := map[string]bool{}
	for i, s := range c.m.Stages {
		if seen[s.Name] {
			c.add("stages", i, "name", -1, fmt.Sprintf("the stage %q is listed twice", s.Name), "remove one of the two rows, or rename it")
		}
		seen[s.Name] = true
		if of, known := c.m.phases(); !slices.Contains(known, s.Phase) {
			c.add("stages", i, "phase", -1, fmt.Sprintf("%q is no phase of %s", s.Phase, of), "use one of: "+list(known))
		}
	}
}

// phases returns the phases that the stages belong to, and their standard.
func (m *Machine) phases() (standard string, all []Phase) {
	if m.Risk {
		return "ISO 31000", RiskPhases
	}
	return "ISO/IEC 30111", Phases
}

func list(phases []Phase) string {
	var out []string
	for _, p := range phases {
		out = append(out, string(p))
	}
	return strings.Join(out, ", ")
}

func (c *checker) stageNames() string {
	var out []string
	for _, s := range c.m.Stages {
		out = append(out, s.Name)
	}
	return strings.Join(out, ", ")
}

func (c *checker) known(part string, i int, key string, item int, stage string) {
	if _, ok := c.m.Stage(stage); !ok {
		c.add(part, i, key, item, fmt.Sprintf("nothing defines the stage %q", stage), "use one of: "+c.stageNames()+"; or add it to the stages")
	}
}

func (c *checker) move(i int, mv Move) {
	c.known("moves", i, "from", -1, mv.From)
	c.known("moves", i, "to", -1, mv.To)
	for _, other := range c.m.Moves[:i] {
		if other.From == mv.From && other.Verb == mv.Verb {
			c.add("moves", i, "verb", -1, fmt.Sprintf("%s leaves the stage %q twice", mv.Verb, mv.From), "keep one of the two rows, or give one another verb")
			break
		}
	}
	c.marks(i, "sets", mv.Sets)
	c.marks(i, "clears", mv.Clears)
}

func (c *checker) marks(i int, key string, labels []string) {
	for k, l := range labels {
		if _, ok := c.m.Label(l); !ok {
			c.add("moves", i, key, k, fmt.Sprintf("nothing defines the label %q", l), "add it to the labels, or remove it here")
		}
	}
}

func (c *checker) words(i int, key string, have, known []string, kind string) {
	for k, w := range have {
		if slices.Contains(have[:k], w) {
			c.add("moves", i, key, k, fmt.Sprintf("the %s %q is listed twice", kind, w), "remove one")
		}
		if known != nil && !slices.Contains(known, w) {
			c.add("moves", i, key, k, fmt.Sprintf("nobody defines the %s %q", kind, w), "use one of: "+strings.Join(slices.Sorted(slices.Values(known)), ", "))
		}
	}
}

func (c *checker) labels() {
	seen := map[string]bool{}
	for i, l := range c.m.Labels {
		if seen[l.Name] {
			c.add("labels", i, "name", -1, fmt.Sprintf("the label %q is listed twice", l.Name), "remove one of the two rows, or rename it")
		}
		seen[l.Name] = true
		for k, s := range l.Stages {
			c.known("labels", i, "stages", k, s)
		}
	}
}

// reach reports stages that no way leads to and stages that no way leads out of.
func (c *checker) reach() {
	var start, ends []string
	start = append(start, c.m.Start())
	for _, s := range c.m.Stages {
		if s.Terminal {
			ends = append(ends, s.Name)
		}
	}
	reached := c.walk(start, func(mv Move) (string, string) { return mv.From, mv.To })
	ending := c.walk(ends, func(mv Move) (string, string) { return mv.To, mv.From })
	for i, s := range c.m.Stages {
		switch {
		case !reached[s.Name]:
			c.add("stages", i, "name", -1, fmt.Sprintf("no move reaches the stage %q", s.Name), "add a move to it, or remove the stage")
		case !ending[s.Name]:
			c.add("stages", i, "name", -1, fmt.Sprintf("no way leads from the stage %q to an end", s.Name), "add a move out of it, or say terminal: true")
		}
	}
}

// walk returns every stage that can be reached from the given ones along the
// moves, in the direction that step gives them.
func (c *checker) walk(todo []string, step func(Move) (from, to string)) map[string]bool {
	seen := map[string]bool{}
	for _, s := range todo {
		seen[s] = true
	}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, mv := range c.m.Moves {
			if from, to := step(mv); from == s && !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	return seen
}
