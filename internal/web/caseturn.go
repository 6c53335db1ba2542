package web

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/web/ui"
)

// rail is the life cycle with the time spent in each stage, of its target where
// there is one.
func (p CasePage) rail() []ui.Stage {
	m, took := p.Rules.Lifecycle("case"), spent(p.Events(), p.Now)
	now := slices.IndexFunc(m.Stages, func(s lifecycle.Stage) bool { return s.Name == p.Stage })
	var out []ui.Stage
	for i, s := range m.Stages {
		x := ui.Stage{Title: s.Title}
		target, late := p.target(s.Name)
		time, was := took[s.Name]
		switch {
		case i == now && s.Terminal:
			x.State = "done"
		case i == now:
			x.State, x.Note = "now", length(time)
			if target != "" {
				x.Note += " of " + target
			}
			if late {
				x.State = "late"
			}
		case i < now && was:
			x.State, x.Note = "done", length(time)
			if target != "" {
				x.Note += " of " + target
			}
		case i < now:
			x.State, x.Note = "left-out", "left out"
		case target != "":
			x.Note = "target " + target
		}
		out = append(out, x)
	}
	return out
}

// target is the time that a stage may take, by the clock that starts with it.
func (p CasePage) target(stage string) (words string, late bool) {
	for _, k := range p.Rules.Clocks {
		if k.On != "case" || !slices.Contains(k.Start, "enter:"+stage) {
			continue
		}
		i := slices.IndexFunc(p.Clocks, func(s clock.State) bool { return s.Name == k.Name })
		span, ok := k.TargetFor(p.Severity)
		if !ok || i < 0 {
			return "", false
		}
		return shortSpan(span), p.Clocks[i].Over > 0 && p.Clocks[i].Phase() == clock.Running
	}
	return "", false
}

// shortSpan writes a span for a narrow place: "5 d", "1 bd".
func shortSpan(s profile.Span) string { return strings.Replace(s.String(), s.Unit, " "+s.Unit, 1) }

// Way is a move as the turn panel offers it.
type Way struct {
	casework.Next
	Needs   []ui.Need
	Missing int  // needs that only the page can mend
	Form    bool // asks for something itself: a reason, an answer
}

// asked are the needs that the form of a move fills in by itself.
var asked = map[string]bool{"disposition": true, "answer": true, "acceptance": true}

// ways are the moves that leave the stage, the one that leads on first.
func (p CasePage) ways() (main *Way, others []Way) {
	for _, n := range p.Moves {
		w := p.way(n)
		if main == nil && !n.Loop && n.May && !p.ends(n) {
			main = &w
			continue
		}
		others = append(others, w)
	}
	if main == nil { // none that the reader may take: show what the next one waits for
		if i := slices.IndexFunc(others, func(w Way) bool { return !w.Loop && !p.ends(w.Next) }); i >= 0 {
			w := others[i]
			main, others = &w, slices.Delete(others, i, i+1)
		}
	}
	return main, others
}

// ends tells whether a move closes the case early: it leads to the end, and is not
// the only one that leads on.
func (p CasePage) ends(n casework.Next) bool {
	s, _ := p.Rules.Lifecycle("case").Stage(n.To)
	others := slices.ContainsFunc(p.Moves, func(m casework.Next) bool { return m.To != n.To && !m.Loop })
	return s.Terminal && others
}

func (p CasePage) way(n casework.Next) Way {
	w := Way{Next: n, Form: n.Reason}
	for _, h := range n.Needs {
		if asked[h.Word] {
			w.Form = w.Form || !h.Holds
			continue
		}
		x := ui.Need{Done: h.Holds, Text: capital(needWords(h.Need, h.Holds))}
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

// fill is where a need is filled in: the section, open as a form where the reader
// may send it.
func (p CasePage) fill(link string) string {
	s, ok := findSection(strings.TrimPrefix(link, "#"))
	if !ok || s.plain || !p.offers(s.word) {
		return p.anchor(link)
	}
	return p.open(s.word)
}

// needDone are the words of a need that is there, where those of what is missing
// would not do.
var needDone = map[string]string{
	"complete": "the completeness check is done", "environments": "every environment has its verdict", "votes": "the votes of others are there",
	"fixes": "every release line is ready", "reproduced": "the reproduction record", "scored": "the CVSS vector", "stride": "the STRIDE impacts",
	"owner": "an owner", "advisory-approved": "the advisory is settled", "advisory-published": "the advisory is out, or none is needed",
	"reporter-told": "the reporter is told", "credit-settled": "the credit is settled",
}

func needWords(n fault.Need, holds bool) string {
	if done := needDone[n.Word]; holds && done != "" {
		return done
	}
	return n.Says
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// turn says whose turn it is.
func (p CasePage) turn(main *Way) (title, says string, wait bool) {
	if main == nil && p.rcaOpen() {
		return p.rcaTurn()
	}
	if main == nil {
		return stageTitle(p.Rules, p.Stage), p.closedWords(), true
	}
	does := strings.ToLower(main.Title[:1]) + main.Title[1:]
	mine := p.Owner == p.Me.ID
	switch {
	case !main.May:
		return "Next: " + does, or(p.owner(), "Somebody with the role for it") + " takes this step.", true
	case mine:
		return "Your turn: " + does, "", false
	case p.Owner == "":
		return "Nobody handles this yet: " + does, "", false
	}
	return p.owner() + "’s turn: " + does, "", true
}

func (p CasePage) closedWords() string {
	if d, ok := p.Rules.Disposition(p.Disposition); ok {
		return "Closed as: " + d.Title + "."
	}
	if p.Origin.Format != "" {
		return "Imported history, from " + strings.ToUpper(p.Origin.Format) + "."
	}
	if p.rcaOpen() {
		return ""
	}
	return "Nothing is left to do here."
}

// button is a move as a button: sent at once, or leading to its form.
func (p CasePage) button(w Way, kind string) ui.Action {
	a := ui.Action{Text: w.Title, Kind: kind, Off: !w.May || w.Missing > 0}
	if w.Form {
		a.Text, a.Href = a.Text+"…", p.address()+"?move="+w.Verb+"#decide"
		return a
	}
	a.Href, a.Name, a.Value = caseAddress(p.ID, "")+"/move", "verb", w.Verb
	return a
}

// why says why a move cannot be taken now, or "".
func why(w Way) string {
	switch {
	case !w.May:
		return "your roles do not cover it"
	case w.Missing == 1:
		return "one thing is missing"
	case w.Missing > 1:
		return plural(w.Missing, "thing is missing", "things are missing")
	}
	return ""
}

// tabs are the sides, with what is on them.
func (p CasePage) tabs() []ui.Tab {
	count := map[string]string{sideCauses: number(len(p.RCA.Open())), "fixes": p.fixCount(), "messages": number(len(p.Said)), "files": number(len(p.Files))}
	if p.Side == "history" {
		count["files"] = ""
	}
	var out []ui.Tab
	for _, s := range sides {
		out = append(out, ui.Tab{Text: s.title, Href: caseAddress(p.ID, s.word), Count: count[s.word], Now: p.Side == s.word})
	}
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// fixCount is how many release lines are done, of those that get fixes.
func (p CasePage) fixCount() string {
	rows := p.fixLines()
	if len(rows) == 0 {
		return ""
	}
	done := 0
	for _, f := range rows {
		if f.State == casework.FixReady || f.State == casework.FixNotNeeded {
			done++
		}
	}
	return strconv.Itoa(done) + " of " + strconv.Itoa(len(rows))
}

// fixLines are the supported release lines and those that have a record, each with
// its state.
func (p CasePage) fixLines() []casework.Fix {
	var out []casework.Fix
	for _, l := range p.Lines {
		out = append(out, p.fixOf(l))
	}
	for _, f := range p.Fixes {
		if !slices.Contains(p.Lines, f.Line) {
			out = append(out, f)
		}
	}
	return out
}

func (p CasePage) fixOf(line string) casework.Fix {
	for _, f := range p.Fixes {
		if f.Line == line {
			return f
		}
	}
	return casework.Fix{Line: line}
}
