package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// kriRoutes are key risk indicators: those of a risk, all of them, and one.
var kriRoutes = []Route{
	{Pattern: "GET /kris", Do: kriList},
	{Pattern: "GET /risks/{id}/kris", Do: kriOnRisk},
	{Pattern: "POST /risks/{id}/kris", Verb: kri.VerbEdit, Do: kriOpen},
	{Pattern: "GET /kri/{id}", Do: kriPage},
	{Pattern: "GET /kri/{id}/values", Do: kriExport},
	{Pattern: "POST /kri/{id}/record", Verb: kri.VerbRecord, Do: kriRecord},
	{Pattern: "POST /kri/{id}/import", Verb: kri.VerbRecord, Do: kriImport, Max: 2 * kri.MaxCSV},
	{Pattern: "POST /kri/{id}/draw", Verb: kri.VerbRecord, Do: kriDraw, Max: maxFrame},
	{Pattern: "POST /kri/{id}/results", Verb: kri.VerbRecord, Do: kriResults},
	{Pattern: "POST /kri/{id}/tried", Verb: kri.VerbRecord, Do: kriTried},
	{Pattern: "POST /kri/{id}/edit", Verb: kri.VerbEdit, Do: kriEdit},
	{Pattern: "POST /kri/{id}/retire", Verb: kri.VerbEdit, Do: kriRetire},
	{Pattern: "POST /kri/{id}/link", Verb: kri.VerbEdit, Do: kriLink},
	{Pattern: "GET /tasks", Do: taskList},
	{Pattern: "POST /tasks/{id}/done", Verb: kri.VerbRecord, Do: taskDone},
}

// maxFrame is how long the form of a sample may be, in bytes.
const maxFrame = 24 << 20

// KRIListPage is every indicator that the reader may see, as a filter leaves them.
type KRIListPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Now   time.Time
	Query url.Values
	List  *kri.List
	Wrong *fault.Fault
}

// kriView is a filter of indicators with a name.
type kriView struct {
	word, title, none string
	filter            kri.Filter
}

// kriViews are the tabs of the list, in their order.
var kriViews = []kriView{
	{"", "In use", "Indicators are set up on the page of a risk.", kri.Filter{State: kri.Active}},
	{"red", "Red", "No indicator is red.", kri.Filter{State: kri.Active, Light: "red"}},
	{"stale", "Stale", "Every newest value is young enough to say something.", kri.Filter{State: kri.Active, Light: "stale"}},
	{"due", "Value due", "No value is due.", kri.Filter{Due: true}},
	{"unknown", "Without a value", "Every indicator has a value.", kri.Filter{State: kri.Active, Light: "unknown"}},
	{"retired", "Retired", "No indicator was retired.", kri.Filter{State: kri.Retired}},
}

func (p KRIListPage) view() kriView {
	for _, v := range kriViews {
		if v.word == p.Query.Get("view") {
			return v
		}
	}
	return kriViews[0]
}

func kriList(w *Web, r *http.Request) (Answer, error) {
	p := KRIListPage{Head: w.keepHead(r, "Key risk indicators"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Query: r.URL.Query(), List: &kri.List{}}
	p.Head.Wide = true
	f := p.view().filter
	f.Kind = p.Query.Get("kind")
	list, err := w.KRIs.List(r.Context(), f, kri.Page{After: p.Query.Get("after")})
	if f, ok := formFault(err); ok {
		p.Wrong = f
	} else if err != nil {
		return Answer{}, err
	} else {
		p.List = list
	}
	return show(statusFor(p.Wrong), kriListView(p))
}

// with is the address with one parameter changed, from its first page on.
func (p KRIListPage) with(name, value string) string {
	return addressed("/kris", p.Query, []string{"view", "kind"}, name, value)
}

func (p KRIListPage) tabs() []ui.Tab {
	var out []ui.Tab
	for _, v := range kriViews {
		out = append(out, ui.Tab{Text: v.title, Href: p.with("view", v.word), Now: v.word == p.view().word})
	}
	return out
}

func (p KRIListPage) paging() ui.Paging {
	g := ui.Paging{}
	if p.List.Next != "" {
		g.Older = addParam(p.with("", ""), "after", p.List.Next)
	}
	if p.Query.Get("after") != "" {
		g.Newer = p.with("", "")
	}
	return g
}

// KRIRiskPage is the indicators of a risk, and the form that sets one up.
type KRIRiskPage struct {
	Head    ui.PageHead
	Rules   *profile.Profile
	Names   book
	Now     time.Time
	Query   url.Values
	ID      ref.ID
	Risk    *risk.Risk // nil where only the indicators may be read
	KRIs    []*kri.KRI
	Suggest []kri.Suggestion
	Form    url.Values
	Wrong   *fault.Fault
	may     func(access.Verb) bool
}

func kriOnRisk(w *Web, r *http.Request) (Answer, error) {
	p, err := w.kriRisk(r)
	if err != nil {
		return Answer{}, err
	}
	if k := r.FormValue("kind"); k != "" {
		p.begin(k)
	}
	return show(200, kriRiskView(p))
}

// kriRisk reads the page of a risk's indicators.
func (w *Web) kriRisk(r *http.Request) (p KRIRiskPage, err error) {
	p = KRIRiskPage{Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Query: r.URL.Query(), ID: ref.Read(r.PathValue("id")), may: w.rights(r)}
	if p.KRIs, p.Suggest, err = w.KRIs.Watch(r.Context(), p.ID, p.Query["situation"]...); err != nil {
		return p, err
	}
	rs, err := w.Risks.Named(r.Context(), p.ID)
	if err != nil {
		return p, err
	}
	title := string(p.ID)
	if len(rs) == 1 {
		p.Risk, title = rs[0], rs[0].Title
	}
	p.Head = w.keepHead(r, "Indicators of "+title)
	return p, nil
}

// begin fills the form with what indicators of a kind start with.
func (p *KRIRiskPage) begin(kind string) {
	for _, k := range p.Rules.Register.KRI.Kinds {
		if k.Name != kind {
			continue
		}
		p.Form = url.Values{"kind": {kind}, "better": {k.Better}}
		setBands(p.Head.Reads, p.Form, k.Bands)
	}
}

// riskTitle is what the risk is called.
func (p KRIRiskPage) riskTitle() string {
	if p.Risk == nil {
		return string(p.ID)
	}
	return p.Risk.Title
}

// situations are the answers to what the risk is like.
func (p KRIRiskPage) situations() ui.Choice {
	c := ui.Choice{Input: ui.Input{Name: "situation", Label: "What is it like?", Silent: true}, Values: append([]string{}, p.Query["situation"]...), Inline: true}
	for _, a := range p.Rules.Register.KRI.Guide {
		c.Options = append(c.Options, ui.Option{Value: a.Name, Text: a.Title})
	}
	return c
}

// kindTitle is what a kind of indicator is called.
func kindTitle(rules *profile.Profile, name string) string {
	for _, k := range rules.Register.KRI.Kinds {
		if k.Name == name {
			return k.Title
		}
	}
	return name
}

func kriOpen(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	o, err := sentKRI(r)
	if err != nil {
		err = w.afterFirst(r, kri.VerbEdit, id, err)
	} else {
		var made ref.ID
		made, err = w.KRIs.Open(once(r), id, o)
		to := kriAddress(made)
		if _, sent := twice(err); sent { // it stands among those of the risk
			to = riskAddress(id, "kris")
		}
		if err = unlessSent(err); err == nil {
			return lead(to, "tracked")
		}
	}
	f, ok := formFault(err)
	if !ok {
		return Answer{}, err
	}
	p, err := w.kriRisk(r)
	if err != nil {
		return Answer{}, err
	}
	p.Form, p.Wrong = r.PostForm, f
	return show(statusFor(f), kriRiskView(p))
}

// afterFirst answers what a form that makes no sense is answered: first whether the
// sender may do the thing at all, then what is wrong with the form.
func (w *Web) afterFirst(r *http.Request, verb access.Verb, id ref.ID, wrong error) error {
	if err := w.asks(r, verb, id); err != nil {
		return err
	}
	return wrong
}

func kriAddress(id ref.ID) string { return "/kri/" + url.PathEscape(string(id)) }

// in fills a field of the form with what was typed and with what is wrong.
func (p KRIRiskPage) in(in ui.Input) ui.Input { return in.For(p.Form.Get(in.Name), p.Wrong) }

// TaskPage lists what the register asks of the reader.
type TaskPage struct {
	Head  ui.PageHead
	Names book
	Now   time.Time
	Tasks []*kri.Task
	State string
	Wrong *fault.Fault
	may   func(access.Verb) bool
}

func taskList(w *Web, r *http.Request) (Answer, error) { return w.tasks(r, nil) }

func (w *Web) tasks(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := TaskPage{Head: w.keepHead(r, "Your tasks"), Names: w.who(r), Now: w.Now().UTC(), State: kri.Opened, Wrong: wrong, may: w.rights(r)}
	if r.FormValue("state") == kri.Done {
		p.State = kri.Done
	}
	var err error
	if p.Tasks, err = w.KRIs.Tasks(r.Context(), kri.TaskFilter{Mine: true, State: p.State}); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), taskView(p))
}

func taskDone(w *Web, r *http.Request) (Answer, error) {
	err := w.KRIs.Done(r.Context(), ref.ID(r.PathValue("id")), r.PostFormValue("note"))
	if f, ok := formFault(err); ok {
		return w.tasks(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(local(or(r.PostFormValue("to"), "/tasks")), "task-done")
}

// taskKinds are what tasks ask for.
var taskKinds = map[string]string{kri.TaskValue: "Record the value that is due", kri.TaskRed: "It has turned red: look at the risk", kri.TaskStale: "Its newest value says nothing any more: record one",
	kri.TaskReview: "Look at the indicators of the risk", kri.TaskScore: "Look at the score of the risk"}

// taskWords say what a task asks for.
func taskWords(t *kri.Task) string {
	if s, ok := taskKinds[t.Kind]; ok {
		return s
	}
	return capital(strings.ReplaceAll(t.Kind, ".", " "))
}

// taskHref is where a task is worked on.
func taskHref(t *kri.Task) string {
	switch {
	case t.About.Kind() == "kri":
		return kriAddress(t.About)
	case t.Kind == kri.TaskReview:
		return riskAddress(t.Guard, "kris")
	case t.Guard.Kind() == "obs":
		return obsAddress(t.Guard)
	}
	return riskAddress(t.Guard, "")
}
