package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// agendaStep is one screen of a meeting: who is there, a risk with everything that
// put it on the agenda, the register, or the end.
type agendaStep struct {
	Title    string
	Item     *review.Item // of a risk; nil is of none
	Sections []string     // that the risk stands in
	Why      []string
}

// ReviewRun is a meeting on a projector: which of its screens is shown.
type ReviewRun struct {
	ReviewPage
	Steps []agendaStep
	At    int
	Risk  *RiskPage // of this screen; nil is none, or one that the reader may not see any more
}

func reviewRunShow(w *Web, r *http.Request) (Answer, error) { return w.reviewRun(r, nil) }

func (w *Web) reviewRun(r *http.Request, wrong *fault.Fault) (Answer, error) {
	full, err := w.Reviews.Get(r.Context(), ref.ID(r.PathValue("id")))
	if err != nil {
		return Answer{}, err
	}
	p := ReviewRun{ReviewPage: ReviewPage{Head: w.reviewHead(r, full.Title), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Me: visitOf(r).actor.ID, Full: full,
		Given: docForm{r.PostForm}, Wrong: wrong}}
	p.Steps = agendaSteps(full.Sections)
	n, _ := strconv.Atoi(or(r.PathValue("step"), r.FormValue("step"))) // what is no number is the first
	p.At = min(max(n, 0), len(p.Steps)-1)
	if it := p.now().Item; it != nil {
		p.On = it.Risk
		sheet, err := w.Risks.Page(r.Context(), it.Risk, false)
		if err == nil {
			p.Risk = &RiskPage{Rules: w.Rules, Names: p.Names, Me: visitOf(r).actor, Now: p.Now, Head: p.Head, Sheet: sheet}
		} else if !errors.Is(err, fault.NotFound) {
			return Answer{}, err
		}
	}
	p.Step = strconv.Itoa(p.At)
	p.Head.Wide = true
	return show(statusFor(wrong), reviewRunView(p))
}

// agendaSteps are the screens of a meeting: a risk that stands in several sections
// has one.
func agendaSteps(sections []review.Section) []agendaStep {
	out := []agendaStep{{Title: "Who is here"}}
	for _, s := range sections {
		for i := range s.Items {
			it := &s.Items[i]
			at := slices.IndexFunc(out, func(x agendaStep) bool { return x.Item != nil && x.Item.Risk == it.Risk })
			if at < 0 {
				at = len(out)
				out = append(out, agendaStep{Title: it.Title, Item: it})
			}
			out[at].Sections = append(out[at].Sections, s.Title)
			for _, why := range it.Why {
				if !slices.Contains(out[at].Why, why) {
					out[at].Why = append(out[at].Why, why)
				}
			}
		}
	}
	return append(out, agendaStep{Title: "The register, and open actions"}, agendaStep{Title: "The end"})
}

func (p ReviewRun) now() agendaStep { return p.Steps[p.At] }

// worst are the indicators that are not green, of the risk of this screen.
func (p ReviewRun) worst() (out []risk.Indicator) {
	for _, x := range p.Risk.live() {
		if x.Light != string(riskscore.Green) {
			out = append(out, x)
		}
	}
	return out
}

// step is the address of the nth screen.
func (p ReviewRun) step(n int) string { return p.at("/run/" + strconv.Itoa(n)) }

// recorded is what was decided and asked for about the risk of this screen, or on
// the screen of the register, which lists open actions above it, about no risk.
func (p ReviewRun) recorded() (out []*review.Point) {
	for _, x := range slices.Concat(p.Decisions, p.Actions) {
		if x.Risk == p.On && !(p.register() && x.State == review.Asked) {
			out = append(out, x)
		}
	}
	return out
}

// waiting are the actions that wait, whatever they are about.
func (p ReviewRun) waiting() (out []*review.Point) {
	for _, x := range p.Actions {
		if x.State == review.Asked {
			out = append(out, x)
		}
	}
	return out
}

// last tells whether this is the screen that ends the meeting.
func (p ReviewRun) last() bool { return p.At == len(p.Steps)-1 }

// register tells whether this is the screen of the register.
func (p ReviewRun) register() bool { return p.At == len(p.Steps)-2 }

// ways lead to the screens before and behind.
func (p ReviewRun) ways() (out []ui.Action) {
	if p.At > 0 {
		out = append(out, ui.Action{Text: "Previous", Href: p.step(p.At - 1), Hot: "p"})
	}
	if !p.last() {
		out = append(out, ui.Action{Text: "Next", Href: p.step(p.At + 1), Hot: "n", Kind: "primary"})
	}
	return out
}
