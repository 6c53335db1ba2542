package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/product"
	"tocsin/internal/profile"
	"tocsin/internal/setup"
	"tocsin/internal/web/ui"
)

var firstRunRoutes = []Route{
	{Pattern: "GET /first-run", Verb: setup.Verb, Do: firstRun},
	{Pattern: "GET /first-run/{step}", Verb: setup.Verb, Do: firstRunShow},
	{Pattern: "POST /first-run/{step}", Verb: setup.Verb, Do: firstRunSave},
}

// lastStep is the word of the end.
const lastStep = "done"

// FirstRunPage is one step of the first run. Each step is kept by itself, so the run
// can be left and taken up at any of them.
type FirstRunPage struct {
	Head ui.PageHead
	setup.Run
	Step    setup.Step // zero at the end
	Rules   *profile.Profile
	BuiltIn []*profile.Profile // that come with the program
	InUse   string             // how the profile in force was named at the start
	Given   docForm            // what was sent, when a form comes back
	Wrong   *fault.Fault
	Secret  Once // the link of the colleague, shown once
}

// firstRun leads to the first step that is open.
func firstRun(w *Web, r *http.Request) (Answer, error) {
	run, err := w.SetUp(r.Context())
	if err != nil {
		return Answer{}, err
	}
	return lead("/first-run/"+or(run.Next(), lastStep), "")
}

func (w *Web) firstRunPage(r *http.Request) (*FirstRunPage, error) {
	word := r.PathValue("step")
	i := slices.IndexFunc(setup.Steps, func(s setup.Step) bool { return s.Word == word })
	if i < 0 && word != lastStep {
		return nil, access.NoRecord()
	}
	p := &FirstRunPage{Head: w.head(r, "First run", "health"), Rules: w.Rules, InUse: w.Config.Profile, Given: docForm{r.PostForm}}
	if i >= 0 {
		p.Step = setup.Steps[i]
		p.Head.Title = p.Step.Title
	}
	var err error
	if p.BuiltIn, err = comeWith(); err != nil {
		return nil, err
	}
	p.Run, err = w.SetUp(r.Context())
	return p, err
}

// comeWith are the profiles that come with the program, read once and changed by nobody.
var comeWith = sync.OnceValues(func() (all []*profile.Profile, err error) {
	for _, name := range profile.Names() {
		known, err := house.LoadProfile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, known)
	}
	return all, nil
})

func firstRunShow(w *Web, r *http.Request) (Answer, error) {
	p, err := w.firstRunPage(r)
	if err != nil {
		return Answer{}, err
	}
	return show(200, firstRunView(p))
}

// firstRunSave does what a step is for, or puts it off, and leads to the next one.
func firstRunSave(w *Web, r *http.Request) (Answer, error) {
	p, err := w.firstRunPage(r)
	if err != nil {
		return Answer{}, err
	}
	state := setup.Done
	if r.PostFormValue("do") == "later" {
		state = setup.PutOff
	} else if err = w.firstRunDo(r, p); err == nil && p.Secret.Text != "" {
		return show(200, firstRunView(p))
	}
	if err == nil {
		err = w.Setups.Mark(r.Context(), p.Step.Word, state)
	}
	if f, ok := formFault(err); ok {
		p.Wrong = f
		return show(statusOf(f), firstRunView(p))
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/first-run/"+p.after(), "")
}

// firstRunDo carries out a step; the profile and mail are set where the program is
// started, so there is nothing to do but to have read it.
func (w *Web) firstRunDo(r *http.Request, p *FirstRunPage) error {
	get := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	switch p.Step.Word {
	case "organisation":
		if !p.builtIn() {
			return nil
		}
		return w.Setups.Name(r.Context(), setup.Organisation{Name: get("name"), Namespace: get("namespace"), Contact: get("contact"), Policy: get("policy")})
	case "product":
		return w.Products.Save(r.Context(), product.Product{Name: get("name"), Title: get("title"), Public: get("public") != ""})
	case "colleague":
		_, secret, err := w.Parties.Invite(r.Context(), party.Person{Name: get("name"), Email: get("email"), Roles: r.PostForm["roles"]}, false)
		if err != nil {
			return err
		}
		w.forget()
		p.Secret = Once{Title: "The link for " + get("name"), Text: w.URL + "/invite/" + string(secret),
			Says: "Hand it over by a way that you trust: whoever opens it chooses the password of this account. It works once, for seven days, and is shown here only now."}
	}
	return nil
}

func (p *FirstRunPage) builtIn() bool { return slices.Contains(profile.Names(), p.InUse) }

// after is the step that follows.
func (p *FirstRunPage) after() string {
	i := slices.Index(setup.Steps, p.Step) + 1
	if i < len(setup.Steps) {
		return setup.Steps[i].Word
	}
	return lastStep
}

// value is what stands in a field: what was sent, else what is kept.
func (p *FirstRunPage) value(name, known string) string {
	if p.Wrong != nil && p.Given.Has(name) {
		return p.Given.Get(name)
	}
	return known
}

func (p *FirstRunPage) input(name, label, known, help string) ui.Input {
	return ui.Input{Name: name, Label: label, Help: help}.For(p.value(name, known), p.Wrong)
}

// row is the row of the health page that a step is about.
func (p *FirstRunPage) row(word string) setup.Row {
	for _, r := range p.Rows {
		if r.Word == word {
			return r
		}
	}
	return setup.Row{}
}

// roles are the answers to what a colleague does: the reporter's role is none.
func (p *FirstRunPage) roles() (out []ui.Option) {
	for _, x := range p.Rules.Roles {
		if x.Name != string(access.Reporter) {
			out = append(out, ui.Option{Value: x.Name, Text: x.Title, Help: x.About})
		}
	}
	return out
}

// stepWords are the states of a step in words, with a tone.
var stepWords = map[string]ui.Tone{setup.Done: ui.Good, setup.PutOff: ui.Quiet, setup.Open: ui.Warn}
