package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tocsin/internal/picture"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// decisionKinds are what decisions decide, in words.
var decisionKinds = map[string]string{
	risk.DecideAccept: "the acceptance", risk.DecidePlan: "the approval of the plan", risk.DecideMonitor: "the decision to monitor", risk.DecideClose: "the validation of the closure",
	risk.DecideEscalate: "the proposal for the register above", risk.DecideDowngrade: "the lower rating",
}

// decisionStates are the states of a decision in words, and the tone that they have.
var decisionStates = map[string]struct {
	Words string
	Tone  ui.Tone
}{
	risk.StateAsked: {"waits for approval", ui.Warn}, risk.StateActive: {"in force", ui.Good}, risk.StateStale: {"stale: the state changed", ui.Bad},
	risk.StateDue: {"past its date", ui.Bad}, risk.StateEnded: {"ended", ui.Quiet}, risk.StateRefused: {"refused", ui.Quiet},
}

// materialWords names material fields for people.
func materialWords(fields []string) string {
	if len(fields) == 0 {
		return "the state"
	}
	return strings.Join(fields, ", ")
}

// ofKind are the decisions of a kind, newest first.
func (p RiskPage) ofKind(kind string) []*risk.Decision {
	var out []*risk.Decision
	for _, d := range p.Decisions {
		if d.Kind == kind {
			out = append(out, d)
		}
	}
	return out
}

// chosen is the decision of a kind that the page has forms for: the one that the
// address or the form names, else the newest that is open.
func (p RiskPage) chosen(kind string) *risk.Decision {
	named := ref.ID(or(p.Form.Get("decision"), p.Query.Get("decision")))
	for _, d := range p.ofKind(kind) {
		if d.ID == named {
			return d
		}
	}
	for _, d := range p.ofKind(kind) {
		if d.State != risk.StateEnded && d.State != risk.StateRefused {
			return d
		}
	}
	return nil
}

// wanted tells whether approvals of a decision are asked for.
func wanted(d *risk.Decision) bool { return d.State == risk.StateAsked || d.Renewing }

// reviewable tells whether an acceptance can be looked at again.
func reviewable(d *risk.Decision) bool {
	return slices.Contains([]string{risk.StateActive, risk.StateStale, risk.StateDue}, d.State)
}

// snapshot is the state that a decision was taken on, field by field.
func (p RiskPage) snapshot(d *risk.Decision) []ui.Fact {
	var out []ui.Fact
	for _, k := range slices.Sorted(maps.Keys(d.Snapshot)) {
		text := fmt.Sprint(d.Snapshot[k])
		switch v := d.Snapshot[k].(type) {
		case float64:
			text = riskNumber(p.Head.Reads, v)
		case []any:
			var parts []string
			for _, x := range v {
				parts = append(parts, fmt.Sprint(x))
			}
			text = or(strings.Join(parts, "; "), "none")
		case string:
			text = or(v, "none")
			if k == "owner" || k == "security" {
				text = p.name(ref.ID(v))
			}
		}
		x := ui.Fact{Term: capital(k), Text: text}
		if slices.Contains(d.Changed, k) {
			x.Small = "changed since"
		}
		out = append(out, x)
	}
	return out
}

// dropped is the evidence that a lower rating takes back, for who may open it; who
// counts all evidence is told of another that there is one.
func (p RiskPage) dropped(d *risk.Decision) (says string, it *risk.Item) {
	if d.Drops == "" {
		return "", nil
	}
	for i := range p.Items {
		if x := &p.Items[i]; x.ID == d.Drops {
			return or(x.Title, x.About) + ", " + p.Head.Reads.Date(x.At), x
		}
	}
	if p.may(risk.VerbAggregate) {
		return "an item that you may not open", nil
	}
	return "", nil
}

// shortHash is the beginning of a hash, for people to compare.
func shortHash(h string) string { return h[:min(len(h), 12)] }

// acceptOutcomes are what a review of an acceptance comes to.
var acceptOutcomes = []ui.Option{{Value: risk.Holds, Text: "It holds", Help: "The approvals are asked for again, on the present state."},
	{Value: risk.Changes, Text: "It does not stand", Help: "It is to be asked for anew."}, {Value: risk.Treat, Text: "The risk is treated instead", Help: "The acceptance ends."}}

// groups are the conditions of a closure in their three groups.
type conditionGroup struct {
	Title      string
	Conditions []risk.Condition
}

// closing are the conditions of a closure, grouped.
func (p RiskPage) closing() []conditionGroup {
	titles := []struct{ word, title string }{{"score", "Score"}, {"indicators", "Indicators"}, {"validation", "Validation"}}
	var out []conditionGroup
	for _, t := range titles {
		g := conditionGroup{Title: t.title}
		for _, c := range p.Closes {
			if c.Group == t.word {
				g.Conditions = append(g.Conditions, c)
			}
		}
		if len(g.Conditions) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// draws are the pictures of the risk.
func (p RiskPage) draws() picture.Risks {
	return picture.Risks{Sheet: p.Sheet, Rules: p.Rules, Now: p.Now, Name: p.name, Reads: p.Head.Reads}
}

// file is the address of one of its pictures as a file, without the ending.
func (p RiskPage) file(name string) string { return riskAddress(p.ID, "pictures/"+name) }

// author is who gave a score.
func (p RiskPage) author(e *risk.Evaluation) string { return p.draws().Author(e) }
