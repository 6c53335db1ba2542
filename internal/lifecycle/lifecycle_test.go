package lifecycle

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/fault"
)

// desk is a small life cycle: something comes in, is worked on, may go back, ends.
func desk() *Machine {
	return &Machine{
		Name: "desk",
		Stages: []Stage{
			{Name: "in", Title: "In-tray", Phase: Receipt},
			{Name: "work", Title: "At work", Phase: Verification},
			{Name: "out", Phase: PostRelease, Terminal: true},
		},
		Moves: []Move{
			{From: "in", To: "work", Verb: "desk.take", Needs: []string{"owner", "pen", "paper"}, Does: []string{"tell"}},
			{From: "in", To: "in", Verb: "desk.ask", Sets: []string{"waiting"}},
			{From: "in", To: "out", Verb: "desk.drop"},
			{From: "work", To: "out", Verb: "desk.finish", Clears: []string{"waiting"}},
			{From: "work", To: "in", Verb: "desk.drop", Loop: true, Reason: true},
			{From: "out", To: "work", Verb: "desk.reopen"},
		},
		Labels: []Label{{Name: "waiting", Title: "Waiting", Stages: []string{"in"}}},
	}
}

func TestTakeListsAllThatIsMissing(t *testing.T) {
	mv, missing, err := desk().Take("in", "desk.take", func(need string) bool { return need == "pen" })
	if !errors.Is(err, fault.Missing) {
		t.Fatalf("error %v, want %s", err, fault.Missing)
	}
	if want := []string{"owner", "paper"}; !slices.Equal(missing, want) {
		t.Errorf("missing %v, want %v", missing, want)
	}
	if f := fault.Of(err); len(f.Needs) != 2 || f.Needs[0].Word != "owner" || f.Needs[1].Word != "paper" {
		t.Errorf("needs %v, want owner and paper", f.Needs)
	}
	if mv.To != "work" {
		t.Errorf("the refused move would lead to %q, want work", mv.To)
	}
}

func TestTakeGivesTheMoveWhenNothingIsMissing(t *testing.T) {
	mv, missing, err := desk().Take("in", "desk.take", func(string) bool { return true })
	if err != nil || missing != nil || mv.To != "work" || !slices.Equal(mv.Does, []string{"tell"}) {
		t.Errorf("move %+v, missing %v, error %v", mv, missing, err)
	}
}

func TestTheSameVerbLeadsElsewhereFromElsewhere(t *testing.T) {
	for from, want := range map[string]string{"in": "out", "work": "in"} {
		mv, _, err := desk().Take(from, "desk.drop", nil)
		if err != nil || mv.To != want {
			t.Errorf("desk.drop from %s leads to %q (%v), want %q", from, mv.To, err, want)
		}
	}
}

func TestAMoveOutOfOrderNamesItsStages(t *testing.T) {
	for _, row := range []struct{ name, stage, verb, says string }{
		{"one stage", "out", "desk.take", "desk.take is not possible in the stage out; it is possible in: In-tray"},
		{"two stages", "out", "desk.drop", "desk.drop is not possible in the stage out; it is possible in: In-tray, At work"},
		{"no stage", "in", "desk.burn", `desk.burn is no move of the life cycle "desk"`},
	} {
		_, missing, err := desk().Take(row.stage, row.verb, func(string) bool { return true })
		if !errors.Is(err, fault.Conflict) || fault.Of(err).Says != row.says || missing != nil {
			t.Errorf("%s: %v, want %s", row.name, err, row.says)
		}
	}
}

func TestAllowed(t *testing.T) {
	for stage, want := range map[string]string{"in": "desk.take desk.ask desk.drop", "work": "desk.finish desk.drop", "out": "desk.reopen", "none": ""} {
		var have []string
		for _, mv := range desk().Allowed(stage) {
			have = append(have, mv.Verb)
		}
		if strings.Join(have, " ") != want {
			t.Errorf("from %s: %v, want %s", stage, have, want)
		}
	}
}

func TestLookingUp(t *testing.T) {
	m := desk()
	if m.Start() != "in" || (&Machine{}).Start() != "" {
		t.Errorf("start %q, want in", m.Start())
	}
	if want := []string{"desk.take", "desk.ask", "desk.drop", "desk.finish", "desk.reopen"}; !slices.Equal(m.Verbs(), want) {
		t.Errorf("verbs %v, want %v", m.Verbs(), want)
	}
	if s, ok := m.Stage("work"); !ok || s.Phase != Verification {
		t.Errorf("stage %+v, %t", s, ok)
	}
	if _, ok := m.Stage("none"); ok {
		t.Error("found a stage that is not there")
	}
	if l, ok := m.Label("waiting"); !ok || l.Title != "Waiting" {
		t.Errorf("label %+v, %t", l, ok)
	}
	if _, ok := m.Label("none"); ok {
		t.Error("found a label that is not there")
	}
	if !m.Moves[1].Stays() || m.Moves[0].Stays() {
		t.Error("desk.ask stays and desk.take does not")
	}
}

func TestCheckFindsEveryMistake(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(m *Machine)
		want   string
	}{
		{"nothing is wrong", func(m *Machine) {}, ""},
		{"a need that nobody defines", func(m *Machine) { m.Moves[0].Needs[2] = "papre" }, `moves row 1: nobody defines the need "papre"; use one of: owner, paper, pen`},
		{"an effect that nobody defines", func(m *Machine) { m.Moves[0].Does[0] = "yell" }, `moves row 1: nobody defines the effect "yell"; use one of: tell`},
		{"a need twice", func(m *Machine) { m.Moves[0].Needs[2] = "pen" }, `moves row 1: the need "pen" is listed twice; remove one`},
		{"a stage that nothing reaches", func(m *Machine) { m.Moves[0].To, m.Moves[5].To = "in", "in" }, `stages row 2: no move reaches the stage "work"; add a move to it, or remove the stage`},
		{"a stage without a way to an end", func(m *Machine) { m.Moves[2].To = "work"; m.Moves[3].To = "in" }, "stages row 1: no way leads from the stage \"in\" to an end; add a move out of it, or say terminal: true\n" +
			"stages row 2: no way leads from the stage \"work\" to an end; add a move out of it, or say terminal: true\n" +
			"stages row 3: no move reaches the stage \"out\"; add a move to it, or remove the stage"},
		{"a verb that leaves a stage twice", func(m *Machine) { m.Moves[1].Verb = "desk.take" }, `moves row 2: desk.take leaves the stage "in" twice; keep one of the two rows, or give one another verb`},
		{"unknown stages", func(m *Machine) { m.Moves[5].From, m.Labels[0].Stages = "gone", []string{"up"} }, "moves row 6: nothing defines the stage \"gone\"; use one of: in, work, out; or add it to the stages\n" +
			"labels row 1: nothing defines the stage \"up\"; use one of: in, work, out; or add it to the stages"},
		{"labels that nobody defines", func(m *Machine) { m.Labels = nil }, "moves row 2: nothing defines the label \"waiting\"; add it to the labels, or remove it here\n" +
			"moves row 4: nothing defines the label \"waiting\"; add it to the labels, or remove it here"},
		{"two stages of one name", func(m *Machine) { m.Stages = append(m.Stages, m.Stages[1]) }, `stages row 4: the stage "work" is listed twice; remove one of the two rows, or rename it`},
		{"a phase that is none", func(m *Machine) { m.Stages[0].Phase = "lunch" }, `stages row 1: "lunch" is no phase of ISO/IEC 30111; use one of: preparation, receipt, verification, remediation-development, release, post-release`},
		{"no stage at all", func(m *Machine) { m.Stages = nil }, "stages row 1: the life cycle has no stage; list at least two stages"},
	} {
		m := desk()
		row.change(m)
		var have []string
		for _, p := range m.Check([]string{"owner", "pen", "paper"}, []string{"tell"}) {
			have = append(have, p.Error())
		}
		if got := strings.Join(have, "\n"); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", row.name, got, row.want)
		}
	}
}

func TestWordsThatAreNotGivenAreNotChecked(t *testing.T) {
	if have := desk().Check(nil, nil); len(have) != 0 {
		t.Errorf("mistakes %v, want none", have)
	}
}

func TestMermaid(t *testing.T) {
	m := desk()
	m.Stages[1].Name, m.Moves = "at-work", []Move{
		{From: "in", To: "at-work", Verb: "desk.take"},
		{From: "at-work", To: "in", Verb: "desk.drop", Loop: true},
		{From: "at-work", To: "out", Verb: "desk.finish"},
	}
	want := `stateDiagram-v2
  state "In-tray" as in
  state "At work" as at_work
  state "out" as out
  [*] --> in
  in --> at_work: desk.take
  at_work --> in: desk.drop (loop)
  at_work --> out: desk.finish
  out --> [*]
`
	if have := m.Mermaid(); have != want {
		t.Errorf("drawn\n%s\nwant\n%s", have, want)
	}
}

func TestPhasesAreThoseOfOneStandard(t *testing.T) {
	for _, row := range []struct {
		name  string
		risk  bool
		phase Phase
		says  string
	}{
		{"a case in a phase of risks", false, Treatment, `"treatment" is no phase of ISO/IEC 30111`},
		{"a risk in a phase of cases", true, Verification, `"verification" is no phase of ISO 31000`},
		{"a risk in a phase of risks", true, Treatment, ""},
	} {
		m := desk()
		m.Risk = row.risk
		for i := range m.Stages {
			m.Stages[i].Phase = Receipt
			if row.risk {
				m.Stages[i].Phase = Monitoring
			}
		}
		m.Stages[1].Phase = row.phase
		var have string
		for _, pr := range m.Check(nil, nil) {
			have += pr.Says
		}
		if have != row.says {
			t.Errorf("%s: %q, want %q", row.name, have, row.says)
		}
	}
}
