package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// sideCauses is the side of a case on which its root cause is analysed.
const sideCauses = "causes"

// rcaSections are the parts of the root cause analysis.
func rcaSections() []section {
	return []section{
		{word: "rca-steps", title: "Where it stands", side: sideCauses, verb: casework.VerbRead, save: saveRCAStep, read: rcaStepsRead, form: rcaStepsForm},
		{word: "rca", title: "What happened, and why", side: sideCauses, verb: casework.VerbRCAEdit, save: saveRCA, read: rcaRead, form: rcaForm},
		{word: "rca-actions", title: "Actions", side: sideCauses, verb: casework.VerbRCAEdit, save: saveRCAAction, read: rcaActionsRead, form: rcaActionsForm},
	}
}

// rcaRoutes are their forms. Which step is taken says the form.
var rcaRoutes = []Route{
	{Pattern: "POST /cases/{id}/rca-steps", Verb: "case.rca", Do: saveSection("rca-steps")},
	{Pattern: "POST /cases/{id}/rca", Verb: casework.VerbRCAEdit, Do: saveSection("rca")},
	{Pattern: "POST /cases/{id}/rca-actions", Verb: casework.VerbRCAEdit, Do: saveSection("rca-actions")},
}

func saveRCAStep(w *Web, r *http.Request, id ref.ID) error {
	verb := access.Verb(r.PostFormValue("step"))
	if verb == "" {
		return fault.At("step", "choose a step")
	}
	return w.Cases.StepRCA(r.Context(), id, verb, casework.RCAStep{Version: rowVersion(r), Reason: r.PostFormValue("reason")})
}

func saveRCA(w *Web, r *http.Request, id ref.ID) error {
	owner, factors := ref.ID(r.PostFormValue("owner")), lines(r.PostFormValue("factors"))
	in := casework.RCAPatch{Version: rowVersion(r), Owner: &owner, Happened: sent(r, "happened"), Why: sent(r, "why"), Factors: &factors, Causes: map[string]string{}}
	for _, set := range w.Rules.RCA.Sets {
		in.Causes[set.Name] = r.PostFormValue("causes." + set.Name)
	}
	return w.Cases.EditRCA(r.Context(), id, in)
}

// saveRCAAction plans an action, or ends one where the form says how it ended.
func saveRCAAction(w *Web, r *http.Request, id ref.ID) error {
	number, _ := strconv.Atoi(r.PostFormValue("number")) // none is a new action
	if state := r.PostFormValue("state"); state != "" {
		return w.Cases.SettleRCA(r.Context(), id, number, casework.Outcome{State: state, Reason: r.PostFormValue("reason")})
	}
	var fs fault.Fields
	due := sentMoment(&fs, r, "due")
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Cases.PlanRCA(r.Context(), id, casework.RCAAction{Number: number, Title: r.PostFormValue("title"), Owner: ref.ID(r.PostFormValue("owner")),
		Due: *due, Link: r.PostFormValue("link")})
}

// rcaOpen tells whether an analysis is under way.
func (p CasePage) rcaOpen() bool { return p.RCA.State == casework.RCATodo }

// rcaTurn says whose turn it is once only the analysis is left.
func (p CasePage) rcaTurn() (title, says string, wait bool) {
	says = join(" ", p.closedWords(), "Its root cause analysis is under way.")
	switch owner := p.RCA.Owner; owner {
	case p.Me.ID:
		return "Your turn: finish the root cause analysis", says, false
	case "":
		return "Nobody owns the root cause analysis yet", says, false
	default:
		return p.rcaPerson(owner) + "’s turn: finish the root cause analysis", says, true
	}
}

// rcaOffers tells whether the form of a part of the analysis is offered.
func (p CasePage) rcaOffers(word string) bool {
	if word == "rca-steps" {
		return len(p.rcaSteps()) > 0
	}
	return p.rcaOpen() && p.may(casework.VerbRCAEdit)
}

// rcaWords are the steps of an analysis as the reader takes them, in the order of the
// work.
var rcaWords = []struct {
	verb  access.Verb
	text  string
	quick bool // wants no reason
	fits  func(p CasePage) bool
}{
	{casework.VerbRCAOpen, "Open an analysis", false, func(p CasePage) bool { return p.RCA.State == "" }},
	{casework.VerbRCAInvite, "Everybody is invited", true, func(p CasePage) bool { return p.rcaOpen() && p.RCA.Invited.IsZero() }},
	{casework.VerbRCAFile, "The actions are filed", true, func(p CasePage) bool { return p.rcaOpen() && p.RCA.Filed.IsZero() }},
	{casework.VerbRCAReview, "The words are right", true, func(p CasePage) bool { return p.rcaOpen() && p.RCA.Review != casework.ReviewDone }},
	{casework.VerbRCADone, "The analysis is done", true, CasePage.rcaOpen},
	{casework.VerbRCAWaive, "Do without an analysis", false, func(p CasePage) bool { return p.rcaOpen() && !p.NeedsRCA(p.Rules) }},
	{casework.VerbRCAReopen, "Open it again", false, func(p CasePage) bool { return p.RCA.State == casework.RCADone }},
}

// rcaSteps are the steps that the reader may take now.
func (p CasePage) rcaSteps() (out []ui.Option) {
	for _, x := range rcaWords {
		if x.fits(p) && p.may(x.verb) && p.Rules.RCA.Asked() {
			out = append(out, ui.Option{Value: string(x.verb), Text: x.text})
		}
	}
	return out
}

// rcaQuick are those of them that want no reason.
func (p CasePage) rcaQuick() (out []ui.Option) {
	for _, x := range rcaWords {
		if x.quick && x.fits(p) && p.may(x.verb) && (x.verb != casework.VerbRCADone || p.rcaWhole()) {
			out = append(out, ui.Option{Value: string(x.verb), Text: x.text})
		}
	}
	return out
}

// rcaWhole tells whether the analysis holds all that it must.
func (p CasePage) rcaWhole() bool {
	for _, n := range p.RCANeeds {
		if !n.Holds {
			return false
		}
	}
	return true
}

// rcaLacks are what the analysis must hold, and where that is filled in.
func (p CasePage) rcaLacks() (out []ui.Need) {
	for _, n := range p.RCANeeds {
		x := ui.Need{Done: n.Holds, Text: capital(n.Says)}
		if n.Holds {
			x.Text = capital(rcaHeld[n.Word])
		} else if n.Link != "" {
			x.Link = ui.Link{Text: "fill in", Href: p.open(strings.TrimPrefix(n.Link, "#"))}
			if n.Word == "review" {
				x.Link = ui.Link{}
			}
		}
		out = append(out, x)
	}
	return out
}

// rcaHeld are the needs of an analysis that are there, in words.
var rcaHeld = map[string]string{"happened": "what happened", "why": "why it could happen", "factors": "contributing factors", "causes": "a word of every set",
	"review": "the words are reviewed", "actions": "actions, each with owner and date", "settled": "every action has its end"}

// rcaFacts say where the analysis stands.
func (p CasePage) rcaFacts() []ui.Fact {
	r := p.RCA
	state := "under way"
	if r.State == casework.RCADone {
		state = "done"
	}
	out := []ui.Fact{{Term: "State", Text: state}, {Term: "Owner", Text: or(p.rcaPerson(r.Owner), "nobody yet")}}
	if r.Reason != "" {
		out = append(out, ui.Fact{Term: "Opened because", Text: r.Reason})
	}
	for _, m := range []struct {
		term, clock string
		at          time.Time
	}{{"Everybody invited", "rca-invite", r.Invited}, {"Actions filed", "rca-file", r.Filed}, {"Done", "rca", r.Done}} {
		out = append(out, p.rcaMilestone(m.term, m.clock, m.at))
	}
	return out
}

// rcaMilestone is when something was done, or until when it is to be done by the
// profile's clock of that name.
func (p CasePage) rcaMilestone(term, name string, at time.Time) ui.Fact {
	if !at.IsZero() {
		return momentFact(term, at, "")
	}
	for _, s := range p.Clocks {
		if s.Name == name && s.Phase() == clock.Running {
			if s.DueAt.Before(p.Now) {
				return ui.Fact{Term: term, Text: "was due " + p.Head.Reads.Date(s.DueAt)}
			}
			return ui.Fact{Term: term, Text: "due " + p.Head.Reads.Date(s.DueAt)}
		}
	}
	return ui.Fact{Term: term, Text: "not yet"}
}

func (p CasePage) rcaPerson(id ref.ID) string {
	if id == "" {
		return ""
	}
	return p.Names.name(id)
}

// rcaCauses are the words of the analysis, a fact a set.
func (p CasePage) rcaCauses() (out []ui.Fact) {
	for _, set := range p.Rules.RCA.Sets {
		word := p.RCA.Causes[set.Name]
		named, _ := set.Word(word)
		none := "not chosen"
		if !set.Required {
			none = "none"
		}
		out = append(out, ui.Fact{Term: set.Title, Text: or(or(named.Title, word), none)})
	}
	return out
}

// rcaReview says whether somebody reviewed the words.
func (p CasePage) rcaReview() (ui.Tone, string) {
	if p.RCA.Review == casework.ReviewDone {
		return ui.Good, "reviewed by " + p.Names.name(p.RCA.Reviewer) + ": they count"
	}
	return ui.Warn, "to be reviewed; until then they count nowhere"
}

// rcaSetHelp is the help below a set: what it asks, and whether it is counted.
func rcaSetHelp(s profile.CauseSet) string {
	if s.Recurs {
		return join(" ", s.About, "Counted by product.")
	}
	return s.About
}

// rcaAction is the action whose form is open, and how it is to end where the form is
// of that.
func (p CasePage) rcaAction() (a casework.RCAAction, ends string) {
	n, _ := strconv.Atoi(or(p.Form.Get("number"), p.Query.Get("number")))
	for _, x := range p.RCA.Actions {
		if x.Number == n {
			return x, p.Form.Get("state")
		}
	}
	return a, ""
}

var rcaStates = map[string]struct {
	tone ui.Tone
	text string
}{casework.ActionOpen: {ui.Accent, "open"}, casework.ActionDone: {ui.Good, "done"}, casework.ActionDeclined: {ui.Quiet, "declined"}}

// rcaLate tells whether an action is open after its date.
func (p CasePage) rcaLate(a casework.RCAAction) bool {
	return a.State == casework.ActionOpen && !a.Due.IsZero() && a.Due.Before(p.Now)
}
