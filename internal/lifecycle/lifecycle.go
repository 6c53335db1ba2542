// Package lifecycle holds life cycles as tables: the stages that a record can be
// in and the moves between them. A table is data. It is the same rows that the
// code runs, the pages turn into buttons, the docs draw as a picture and an
// administrator may replace, so no stage has a name in Go.
//
// The package only knows tables: package profile reads them from files, and the
// domains (intake, casework, advisory) own the words that stand under needs and
// does. It stores nothing and does nothing; Take says whether a move may happen
// and what it still lacks, and the caller carries it out.
package lifecycle

import (
	"fmt"
	"strings"

	"tocsin/internal/fault"
)

// Phase is a phase of vulnerability handling (ISO/IEC 30111:2019, clause 7), or of
// risk management (ISO 31000:2018, clause 6).
type Phase string

// The phases of vulnerability handling, in their order.
const (
	Preparation  Phase = "preparation"
	Receipt      Phase = "receipt"
	Verification Phase = "verification"
	Remediation  Phase = "remediation-development"
	Release      Phase = "release"
	PostRelease  Phase = "post-release"
)

// Phases lists every phase of vulnerability handling in order.
var Phases = []Phase{Preparation, Receipt, Verification, Remediation, Release, PostRelease}

// The phases of risk management, in their order.
const (
	Identification Phase = "identification"
	Analysis       Phase = "analysis"
	Evaluation     Phase = "evaluation"
	Treatment      Phase = "treatment"
	Monitoring     Phase = "monitoring"
	Recording      Phase = "recording"
)

// RiskPhases lists every phase of risk management in order.
var RiskPhases = []Phase{Identification, Analysis, Evaluation, Treatment, Monitoring, Recording}

// Stage is where a record can stand.
type Stage struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Phase    Phase  `json:"phase"`
	Terminal bool   `json:"terminal,omitempty"` // a record may rest here for ever
	Plain    string `json:"plain,omitempty"`    // what the reporter's page says of it
}

// Move is one row of the table: the way from one stage to another. The same verb
// may leave several stages, and lead to different ones.
type Move struct {
	From   string   `json:"from"`
	To     string   `json:"to"`
	Verb   string   `json:"verb"`
	Title  string   `json:"title"`            // what the button says
	Needs  []string `json:"needs,omitempty"`  // what must hold before it
	Does   []string `json:"does,omitempty"`   // what follows from it
	Sets   []string `json:"sets,omitempty"`   // labels that it puts on the record
	Clears []string `json:"clears,omitempty"` // labels that it takes off the record
	Loop   bool     `json:"loop,omitempty"`   // going round again, which is counted
	Reason bool     `json:"reason,omitempty"` // a reason must be given
}

// Stays tells whether the move leaves the record in its stage. Such a move is
// recorded, but the record neither leaves nor enters a stage by it.
func (m Move) Stays() bool { return m.From == m.To }

// Label is a side label: it can be set and cleared without moving.
type Label struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Reason bool     `json:"reason,omitempty"` // a reason must be given when it is set
	Stages []string `json:"stages,omitempty"` // where it may be set; none listed means everywhere
	Ends   []string `json:"ends,omitempty"`   // recorded events that take it away
}

// Machine is a whole life cycle. Its first stage is where a record starts.
type Machine struct {
	Name   string  `json:"name"`
	Title  string  `json:"title"`
	Risk   bool    `json:"risk,omitempty"` // its phases are those of risk management
	Stages []Stage `json:"stages"`
	Moves  []Move  `json:"moves"`
	Labels []Label `json:"labels,omitempty"`
}

// Start returns the name of the stage in which a record begins.
func (m *Machine) Start() string {
	if len(m.Stages) == 0 {
		return ""
	}
	return m.Stages[0].Name
}

// Stage finds a stage by name.
func (m *Machine) Stage(name string) (Stage, bool) {
	for _, s := range m.Stages {
		if s.Name == name {
			return s, true
		}
	}
	return Stage{}, false
}

// Label finds a side label by name.
func (m *Machine) Label(name string) (Label, bool) {
	for _, l := range m.Labels {
		if l.Name == name {
			return l, true
		}
	}
	return Label{}, false
}

// Allowed lists the moves that leave a stage, in the table's order.
func (m *Machine) Allowed(stage string) []Move {
	var out []Move
	for _, mv := range m.Moves {
		if mv.From == stage {
			out = append(out, mv)
		}
	}
	return out
}

// Verbs lists every verb of the table once, in the table's order.
func (m *Machine) Verbs() []string {
	var out []string
	seen := map[string]bool{}
	for _, mv := range m.Moves {
		if !seen[mv.Verb] {
			seen[mv.Verb] = true
			out = append(out, mv.Verb)
		}
	}
	return out
}

// Take finds the move that verb makes out of stage and asks has about each of its
// needs. What the record lacks comes back in missing, all of it and in the
// table's order, together with a Missing fault whose Needs hold the bare words:
// the domain adds the sentences and links; the move is then the one that would be
// made. A verb that leads nowhere from this
// stage is a Conflict that names the stages in which it is possible.
func (m *Machine) Take(stage, verb string, has func(need string) bool) (mv Move, missing []string, err error) {
	mv, ok := m.find(stage, verb)
	if !ok {
		return Move{}, nil, m.wrongStage(stage, verb)
	}
	for _, need := range mv.Needs {
		if !has(need) {
			missing = append(missing, need)
		}
	}
	if len(missing) == 0 {
		return mv, nil, nil
	}
	f := fault.New(fault.Missing, "%s still needs: %s", verb, strings.Join(missing, ", "))
	for _, need := range missing {
		f.Needs = append(f.Needs, fault.Need{Word: need, Says: need + " is missing"})
	}
	return mv, missing, f
}

func (m *Machine) find(stage, verb string) (Move, bool) {
	for _, mv := range m.Moves {
		if mv.From == stage && mv.Verb == verb {
			return mv, true
		}
	}
	return Move{}, false
}

func (m *Machine) wrongStage(stage, verb string) error {
	var from []string
	for _, mv := range m.Moves {
		if mv.Verb == verb {
			from = append(from, m.title(mv.From))
		}
	}
	if len(from) == 0 {
		return fault.New(fault.Conflict, "%s is no move of the life cycle %q", verb, m.Name)
	}
	return fault.New(fault.Conflict, "%s is not possible in the stage %s; it is possible in: %s",
		verb, m.title(stage), strings.Join(from, ", "))
}

// title returns how people call a stage: its title, or its name where it has none.
func (m *Machine) title(stage string) string {
	if s, ok := m.Stage(stage); ok && s.Title != "" {
		return s.Title
	}
	return stage
}

// Mermaid draws the life cycle as a Mermaid stateDiagram-v2.
func (m *Machine) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	id := func(s string) string { return strings.NewReplacer("-", "_", ".", "_", ":", "_").Replace(s) }
	for _, s := range m.Stages {
		fmt.Fprintf(&b, "  state %q as %s\n", m.title(s.Name), id(s.Name))
	}
	fmt.Fprintf(&b, "  [*] --> %s\n", id(m.Start()))
	for _, mv := range m.Moves {
		verb := mv.Verb
		if mv.Loop {
			verb += " (loop)"
		}
		fmt.Fprintf(&b, "  %s --> %s: %s\n", id(mv.From), id(mv.To), verb)
	}
	for _, s := range m.Stages {
		if s.Terminal {
			fmt.Fprintf(&b, "  %s --> [*]\n", id(s.Name))
		}
	}
	return b.String()
}
