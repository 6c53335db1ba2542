package web

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/lifecycle"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// rail is the life cycle of the risk, with the time spent in each stage.
func (p RiskPage) rail() []ui.Stage {
	m, took := riskMachine(p.Rules), spent(p.Events(), p.Now)
	now := slices.IndexFunc(m.Stages, func(s lifecycle.Stage) bool { return s.Name == p.Stage })
	var out []ui.Stage
	for i, s := range m.Stages {
		x := ui.Stage{Title: s.Title}
		time, was := took[s.Name]
		switch {
		case i == now && s.Terminal:
			x.State = "done"
		case i == now:
			x.State, x.Note = "now", length(time)
		case i < now && was:
			x.State, x.Note = "done", length(time)
		case i < now:
			x.State, x.Note = "left-out", "left out"
		}
		out = append(out, x)
	}
	return out
}

// RiskWay is a move as the turn panel offers it.
type RiskWay struct {
	risk.Next
	Needs   []ui.Need
	Missing int  // needs that only the page can mend
	Form    bool // asks for something itself: a reason
}

// leads are the moves that a response aims at, the farthest last.
var leads = map[string][]string{
	risk.Remediate: {"risk.plan", "risk.start", "risk.close"}, risk.Monitor: {"risk.monitor", "risk.close"}, risk.Accept: {"risk.accept"},
}

// ways are the moves that leave the stage, the one that leads on first.
func (p RiskPage) ways() (main *RiskWay, others []RiskWay) {
	at := slices.IndexFunc(p.Moves, func(n risk.Next) bool { return slices.Contains(leads[p.Response], n.Verb) })
	if p.accepted() != nil {
		at = -1
	} else if at < 0 {
		at = slices.IndexFunc(p.Moves, func(n risk.Next) bool { return !n.Loop && !n.Stays() && !n.Reason })
	}
	for i, n := range p.Moves {
		w := p.way(n)
		switch {
		case i == at:
			main = &w
		case n.Stays() && p.accepted() != nil: // it is in force already
		default:
			others = append(others, w)
		}
	}
	return main, others
}

// accepted is the acceptance in force, or nil.
func (p RiskPage) accepted() *risk.Decision {
	i := slices.IndexFunc(p.Decisions, func(d *risk.Decision) bool {
		return d.Kind == risk.DecideAccept && d.Quarter == "" && d.State == risk.StateActive
	})
	if i < 0 {
		return nil
	}
	return p.Decisions[i]
}

func (p RiskPage) way(n risk.Next) RiskWay {
	w := RiskWay{Next: n, Form: n.Reason}
	for _, h := range n.Needs {
		if h.Word == "rejection" {
			w.Form = true
			continue
		}
		x := ui.Need{Done: h.Holds, Text: capital(riskNeedWords(h))}
		if h.Word == "closure" && !h.Holds {
			x.Text = p.unclosed()
		}
		if !h.Holds {
			w.Missing++
			x.Link = ui.Link{Text: "fill in", Href: p.fill(h.Link)}
			if s := strings.TrimPrefix(h.Link, "#"); !p.offers(s) {
				x.Link.Text = "look"
			}
		}
		w.Needs = append(w.Needs, x)
	}
	return w
}

// unclosed says how many conditions of a closure do not hold, and the first of them;
// all of them stand one by one where the closure is written.
func (p RiskPage) unclosed() string {
	open := slices.DeleteFunc(slices.Clone(p.Closes), func(c risk.Condition) bool { return c.Holds })
	if len(open) == 0 {
		return ""
	}
	return strconv.Itoa(len(open)) + " of " + plural(len(p.Closes), "condition", "conditions") + " of a closure, first: " + open[0].Says
}

// fill is where a need is filled in: the section, open as a form where the reader
// may send it.
func (p RiskPage) fill(link string) string {
	word := strings.TrimPrefix(link, "#")
	if s, ok := findRiskSection(word); !ok || s.plain || !p.offers(word) {
		return p.anchor(link)
	}
	return p.open(word)
}

// riskNeedDone are the words of a need that is there, where those of what is
// missing would not do.
var riskNeedDone = map[string]string{
	"articulated": "the statement is well articulated", "in-scope": "it belongs into this register", "scored": "it is scored", "owner-level": "the owners have the authority",
	"parent": "it has its parent", "plan": "the plan can be approved", "plan-smart": "the plan passed its checklist", "plan-approved": "the plan is approved",
	"within-tolerance": "the score is within tolerance", "acceptance-approved": "the acceptance is approved", "validated": "the security owner validated the evidence",
	"closure": "everything that a closure wants holds", "not-blocked": "nothing blocks it", "kri": "it has an indicator", "raci": "somebody is named for each part in it", "monitor-agreed": "it is agreed that the risk is only watched",
}

func riskNeedWords(h risk.Held) string {
	if done := riskNeedDone[h.Word]; h.Holds && done != "" {
		return done
	}
	return h.Says
}

// turn says whose turn it is.
func (p RiskPage) turn(main *RiskWay) (title, says string, wait bool) {
	if d := p.accepted(); main == nil && d != nil {
		return "The risk is accepted", "Until " + p.Head.Reads.Date(d.Until) + "; it is looked at again by " + p.Head.Reads.Date(d.Review) + ".", true
	}
	if main == nil {
		return riskStage(p.Rules, p.Stage), p.endWords(), true
	}
	does := lowerFirst(main.Title)
	switch {
	case !main.May:
		return "Next: " + does, "Somebody with the role for it takes this step.", true
	case main.Missing == 0:
		return "Your turn: " + does, "", false
	}
	return "Next: " + does, "", true
}

func (p RiskPage) endWords() string {
	if p.Rejection != "" {
		return "Rejected: " + p.Rejection
	}
	if p.Closing.Rationale != "" {
		return p.Closing.Rationale
	}
	return "No step leads on from here by itself."
}

// button is a move as a button: sent at once, or leading to its form.
func (p RiskPage) button(w RiskWay, kind string) ui.Action {
	a := ui.Action{Text: w.Title, Kind: kind, Off: !w.May || w.Missing > 0}
	if w.Form {
		a.Text, a.Href = a.Text+"…", p.address()+"?move="+w.Verb+"#decide"
		return a
	}
	a.Href, a.Name, a.Value = p.action("move"), "verb", w.Verb
	return a
}

func riskWhy(w RiskWay) string {
	switch {
	case !w.May:
		return "your roles do not cover it"
	case w.Missing > 0:
		return plural(w.Missing, "thing is missing", "things are missing")
	}
	return ""
}

// held are the ways that the reader could take, were nothing missing.
func held(ways []RiskWay) []RiskWay {
	return slices.DeleteFunc(slices.Clone(ways), func(w RiskWay) bool { return !w.May || w.Missing == 0 })
}

// lacking are the needs that do not hold.
func (w RiskWay) lacking() []ui.Need {
	return slices.DeleteFunc(slices.Clone(w.Needs), func(n ui.Need) bool { return n.Done })
}

// opened is the move whose form is open.
func (p RiskPage) opened() (RiskWay, bool) {
	for _, n := range p.Moves {
		if n.Verb == p.Move && n.May {
			return p.way(n), true
		}
	}
	return RiskWay{}, false
}

// attention is what wants a person besides the next step, each with where.
func (p RiskPage) attention() []ui.Link {
	var out []ui.Link
	add := func(on bool, text, link string) {
		if on {
			out = append(out, ui.Link{Text: text, Href: p.anchor(link)})
		}
	}
	s := p.Standing
	add(s.Held, "Held for validation: base and evidence disagree on the rating", "#validate")
	add(s.State == string(riskscore.Beyond), "Above the ceiling of "+strconv.Itoa(p.Scales.Ceiling)+": no appetite tolerates it", "#score")
	add(p.Override.By != "" && !p.Override.Active(), "An override of the score waits for another person", "#override")
	add(p.Blocked.Reason != "", "Blocked: "+p.Blocked.Reason, "#blocked")
	if f := p.Fall; f != nil {
		add(true, "The rating fell from "+lowerFirst(ratingTitle(p.Rules, f.From))+" to "+lowerFirst(ratingTitle(p.Rules, f.To))+" on "+p.Head.Reads.Date(f.At)+", since evidence weakened: the next review looks at it", "#score")
	}
	for _, d := range p.Decisions {
		what := decisionKinds[d.Kind]
		switch {
		case d.State == risk.StateAsked && d.Kind == risk.DecideAccept, d.Renewing:
			add(true, "An acceptance waits for "+strings.Join(d.Wants(&p.Rules.Register, p.Owner), " and "), "#acceptance")
		case d.State == risk.StateAsked && d.Kind == risk.DecideDowngrade:
			add(true, "A lower rating waits for a second person", "#downgrade")
		case d.State == risk.StateAsked && d.Kind == risk.DecideMonitor:
			add(true, "The decision to monitor waits for the "+p.Rules.Register.Monitor.By, "#monitoring")
		case d.State == risk.StateStale && p.newest(d):
			add(true, capital(what)+" no longer stands: "+materialWords(d.Changed)+" changed", "#decisions")
		case d.State == risk.StateDue && p.newest(d):
			add(true, capital(what)+" is past its date and wants a decision", "#acceptance")
		}
	}
	return out
}

// newest tells whether no later decision of the kind was made.
func (p RiskPage) newest(d *risk.Decision) bool {
	for _, o := range p.Decisions { // newest first
		if o.Kind == d.Kind && o.Quarter == d.Quarter {
			return o == d
		}
	}
	return false
}

// tabs are the sides, with what is on them.
func (p RiskPage) tabs() []ui.Tab {
	count := map[string]string{"treatment": p.doneCount(), "notes": number(len(p.Said)), "files": number(len(p.Files))}
	var out []ui.Tab
	for _, s := range riskSides {
		out = append(out, ui.Tab{Text: s.title, Href: riskAddress(p.ID, s.word), Count: count[s.word], Now: p.Side == s.word})
	}
	return out
}

// doneCount is how many milestones are done.
func (p RiskPage) doneCount() string {
	if len(p.Plan.Milestones) == 0 {
		return ""
	}
	done := 0
	for _, m := range p.Plan.Milestones {
		if !m.Done.IsZero() {
			done++
		}
	}
	return strconv.Itoa(done) + " of " + strconv.Itoa(len(p.Plan.Milestones))
}
