package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// appetiteRoutes are how much risk is tolerated: the survey, what is in force, what
// was before, and the risks to be judged again.
var appetiteRoutes = []Route{
	{Pattern: "GET /register/appetite", Do: appetitePage},
	{Pattern: "POST /register/appetite/open", Verb: risk.VerbAppetite, Do: appetiteOpen},
	{Pattern: "POST /register/appetite/answer", Verb: risk.VerbAnswer, Do: appetiteAnswer},
	{Pattern: "POST /register/appetite/decide", Verb: risk.VerbAppetite, Do: appetiteDecide},
}

// AppetitePage is the appetite in force with the surveys that led to it.
type AppetitePage struct {
	Head    ui.PageHead
	Rules   *profile.Profile
	Names   book
	Me      ref.ID
	Now     time.Time
	Force   risk.Appetite
	Surveys []*risk.Survey
	Again   []risk.Rerating // judged on other scales than those in force
	Form    url.Values
	Wrong   *fault.Fault
	may     func(access.Verb) bool
}

func appetitePage(w *Web, r *http.Request) (Answer, error) { return w.appetite(r, nil) }

// appetite shows the page, with a form as it was sent where wrong says what is wrong
// with it.
func (w *Web) appetite(r *http.Request, wrong error) (Answer, error) {
	f, ok := formFault(wrong)
	if wrong != nil && !ok {
		return Answer{}, wrong
	}
	p := AppetitePage{Head: w.keepHead(r, "Risk appetite"), Rules: w.Rules, Names: w.who(r), Me: visitOf(r).actor.ID, Now: w.Now().UTC(), Wrong: f, may: w.rights(r)}
	p.Head.Wide = true
	if f != nil {
		p.Form = r.PostForm
	}
	var err error
	if p.Surveys, p.Force, err = w.Risks.Surveys(r.Context()); err != nil {
		return Answer{}, err
	}
	if p.Again, err = w.Risks.Reratings(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(f), appetiteView(p))
}

func appetiteOpen(w *Web, r *http.Request) (Answer, error) {
	year, err := strconv.Atoi(r.PostFormValue("year"))
	if err != nil {
		return w.appetite(r, w.afterFirst(r, risk.VerbAppetite, "", fault.At("year", "“%s” is no year; write it like 2026", r.PostFormValue("year"))))
	}
	if _, err := w.Risks.OpenSurvey(r.Context(), year); err != nil {
		return w.appetite(r, err)
	}
	return lead("/register/appetite", "saved")
}

func appetiteAnswer(w *Web, r *http.Request) (Answer, error) {
	answers := map[string]int{}
	for _, s := range w.Rules.Register.Survey.Statements {
		if n, err := strconv.Atoi(r.PostFormValue("answers." + s.Name)); err == nil && n > 0 {
			answers[s.Name] = n
		}
	}
	if err := w.Risks.AnswerSurvey(r.Context(), ref.ID(r.PostFormValue("survey")), answers); err != nil {
		return w.appetite(r, err)
	}
	return lead("/register/appetite", "answered")
}

func appetiteDecide(w *Web, r *http.Request) (Answer, error) {
	if err := w.Risks.DecideSurvey(r.Context(), ref.ID(r.PostFormValue("survey")), r.PostFormValue("appetite"), r.PostFormValue("reason")); err != nil {
		return w.appetite(r, err)
	}
	w.Jobs.Wake()
	return lead("/register/appetite", "in-force")
}

// open is the survey that asks now; nil is none.
func (p AppetitePage) open() *risk.Survey {
	for _, s := range p.Surveys {
		if s.State == "open" {
			return s
		}
	}
	return nil
}

// nextYear is the year to ask about: the first without a survey.
func (p AppetitePage) nextYear() int {
	year := p.Now.Year()
	for _, s := range p.Surveys {
		year = max(year, s.Year+1)
	}
	return year
}

// mine are the reader's answers to a survey.
func (p AppetitePage) mine(s *risk.Survey) map[string]int {
	for _, r := range s.Replies {
		if r.By == p.Me {
			return r.Answers
		}
	}
	return nil
}

// question is a statement of the survey as a form asks for it.
func (p AppetitePage) question(s *risk.Survey, st profile.Statement) ui.Choice {
	name := "answers." + st.Name
	c := ui.Choice{Input: ui.Input{Name: name, Label: st.Title, Silent: true}, Cards: true}
	for i, a := range st.Answers {
		c.Options = append(c.Options, ui.Option{Value: strconv.Itoa(i + 1), Text: a})
	}
	if n := p.mine(s)[st.Name]; n > 0 {
		c.Value = strconv.Itoa(n)
	}
	if p.Form.Has(name) {
		c.Value = p.Form.Get(name)
	}
	c.Error = ui.ErrorFor(p.Wrong, name)
	return c
}

// appetites are the answers to which appetite is in force.
func (p AppetitePage) appetites() []ui.Option {
	var out []ui.Option
	for _, a := range p.Rules.Tolerance.Appetites {
		out = append(out, ui.Option{Value: a.Name, Text: a.Title, Help: "scores up to " + strconv.Itoa(a.UpTo)})
	}
	return out
}

func (p AppetitePage) appetiteTitle(name string) string {
	for _, a := range p.Rules.Tolerance.Appetites {
		if a.Name == name {
			return a.Title
		}
	}
	return name
}

// since says where the appetite in force comes from.
func (p AppetitePage) since() string {
	if p.Force.From == "profile" || p.Force.At.IsZero() {
		return "By the profile: no survey was decided yet."
	}
	return "By the survey that was decided on " + p.Head.Reads.Date(p.Force.At) + "."
}

// mean writes an average of answers.
func mean(reads *ui.Reader, x float64) string { return reads.Decimal(x, 2) }

// scoreWords write a score with what it is made of and its rating.
func scoreWords(reads *ui.Reader, x riskscore.Score) string {
	return riskNumber(reads, x.Likelihood) + " × " + riskNumber(reads, x.Impact) + " = " + riskNumber(reads, x.Score)
}

// stepNote is why a step of an arithmetic is as it is. Notes of figures alone are made
// of nothing else; in the others a person may have spoken of a release 7.14.
func stepNote(reads *ui.Reader, s riskscore.Step) string {
	of, _, _ := strings.Cut(s.Key, ".")
	if slices.Contains([]string{"kri", "survey", "score", "impact", "likelihood", "plan", "standing", "inherent"}, of) {
		return reads.Said(s.Note)
	}
	return reads.Days(s.Note)
}
