package web

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/hygiene"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// careRoutes are what functional leaders commit to, and what the house sees to by
// itself.
var careRoutes = []Route{
	{Pattern: "GET /register/strategy", Do: strategyShow},
	{Pattern: "POST /register/strategy", Verb: review.VerbChoose, Do: strategyChoose},
	{Pattern: "POST /register/strategy/withdraw", Verb: review.VerbChoose, Do: strategyWithdraw},
	{Pattern: "POST /register/strategy/answer", Verb: review.VerbApprove, Do: strategyAnswer},
	{Pattern: "GET /register/hygiene", Verb: hygiene.VerbRun, Do: hygieneShow},
	{Pattern: "POST /register/hygiene", Verb: hygiene.VerbRun, Do: hygieneRun},
}

// StrategyPage is the functional leaders' view.
type StrategyPage struct {
	Head        ui.PageHead
	Names       book
	Rules       *profile.Profile
	Now         time.Time
	Period      string
	Departments []review.Department
	Given       docForm
	Wrong       *fault.Fault
	may         func(access.Verb) bool
}

func strategyShow(w *Web, r *http.Request) (Answer, error) { return w.strategy(r, nil) }

func (w *Web) strategy(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := StrategyPage{Head: w.reviewHead(r, "What leaders choose"), Names: w.who(r), Rules: w.Rules, Now: w.Now().UTC(), Given: docForm{r.PostForm}, Wrong: wrong, may: w.rights(r)}
	p.Period = cmp.Or(r.FormValue("period"), strconv.Itoa(p.Now.Year()+1))
	var err error
	if p.Departments, err = w.Reviews.Strategy(r.Context(), p.Period); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), strategyView(p))
}

// periods are the tabs of the years around this one.
func (p StrategyPage) periods() (out []ui.Tab) {
	for y := p.Now.Year() - 1; y <= p.Now.Year()+1; y++ {
		name := strconv.Itoa(y)
		out = append(out, ui.Tab{Text: name, Href: "/register/strategy?period=" + name, Now: name == p.Period})
	}
	return out
}

// candidates are what a department can choose from.
func (p StrategyPage) candidates(d review.Department) (out []ui.Option) {
	for _, x := range append(d.Candidates, d.Unscored...) {
		out = append(out, ui.Option{Value: string(x.Risk), Text: string(x.Risk) + "  " + ui.Visible(x.Title)})
	}
	return out
}

// of is what was sent about a department.
func (p StrategyPage) of(d review.Department, name string) string {
	if p.Given.Get("department") != d.Name {
		return ""
	}
	return p.Given.Get(name)
}

func (p StrategyPage) wrong(d review.Department) *fault.Fault {
	if p.Wrong == nil || p.Given.Get("department") != d.Name {
		return nil
	}
	return p.Wrong
}

func strategyChoose(w *Web, r *http.Request) (Answer, error) {
	_, err := w.Reviews.Choose(r.Context(), review.Choice{Department: r.FormValue("department"), Period: r.FormValue("period"), Risk: ref.Read(r.FormValue("risk")),
		Alternative: r.FormValue("alternative"), Reason: r.FormValue("reason")})
	return w.chosen(r, err)
}

func strategyWithdraw(w *Web, r *http.Request) (Answer, error) {
	return w.chosen(r, w.Reviews.Withdraw(r.Context(), ref.ID(r.FormValue("candidate")), r.FormValue("reason")))
}

func strategyAnswer(w *Web, r *http.Request) (Answer, error) {
	return w.chosen(r, w.Reviews.Answer(r.Context(), ref.ID(r.FormValue("candidate")), review.Answer{Hash: r.FormValue("hash"), Note: r.FormValue("note"), No: r.FormValue("do") == "decline"}))
}

// choiceTones are how the states of a choice look; each is said in words besides.
var choiceTones = map[string]ui.Tone{review.Chosen: ui.Accent, review.Returned: ui.Warn, review.Approved: ui.Good}

// choiceTitle is how a state of a choice is called.
func choiceTitle(rules *profile.Profile, state string) string {
	if state == review.Withdrawn {
		return "Taken back"
	}
	return rules.Register.Strategy.StateOf(state)
}

// waits says whose word a choice waits for.
func (p StrategyPage) waits(k *review.Candidate) string {
	level := titleOf(p.Rules.Register.Levels, p.Rules.Register.Strategy.Level)
	switch {
	case k.State != review.Chosen || k.Answers:
		return ""
	case level == "":
		return "It waits for the approval of somebody who did not choose it."
	}
	return "It waits for the approval of somebody from the level " + level + " on who did not choose it."
}

// noteOf is what was written into the answer of a choice that came back.
func (p StrategyPage) noteOf(k *review.Candidate) string {
	if p.Wrong == nil || p.Given.Get("candidate") != string(k.ID) {
		return ""
	}
	return p.Given.Get("note")
}

// said is somebody's word on a choice.
func (p StrategyPage) said(reader *ui.Reader, k *review.Candidate, w risk.Approval) string {
	as := titleOf(p.Rules.Register.Levels, w.Level)
	if as != "" {
		as = " (" + as + ")"
	}
	did := "approved it"
	if w.No {
		did = "sent it back"
	}
	out := p.Names.name(w.By) + as + " " + did + " on " + reader.Date(w.At)
	if w.Note != "" {
		out += ": " + ui.Visible(w.Note)
	}
	if !w.No && w.Hash != k.Hash {
		out += ". That was for another title of the risk."
	}
	return out
}

func (w *Web) chosen(r *http.Request, err error) (Answer, error) {
	if f, ok := formFault(err); ok {
		return w.strategy(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/register/strategy?period="+strings.ReplaceAll(r.FormValue("period"), " ", "+"), "saved")
}

// HygienePage is what the policies would do now.
type HygienePage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Found []hygiene.Finding
}

func hygieneShow(w *Web, r *http.Request) (Answer, error) {
	found, err := w.Hygiene.Run(r.Context(), true)
	if err != nil {
		return Answer{}, err
	}
	return show(200, hygieneView(HygienePage{w.reviewHead(r, "Hygiene"), w.Rules, w.who(r), found}))
}

func hygieneRun(w *Web, r *http.Request) (Answer, error) {
	if _, err := w.Hygiene.Run(r.Context(), false); err != nil {
		return Answer{}, err
	}
	return lead("/register/hygiene", "hygiene")
}

// due is how many findings have something to be done.
func (p HygienePage) due() (n int) {
	for _, f := range p.Found {
		if len(f.Act) > 0 {
			n++
		}
	}
	return n
}

// lede says how much there is, and that it needs nobody.
func (p HygienePage) lede() string {
	if len(p.Found) == 0 {
		return "What the policies of the profile ask of every risk and observation. The house looks every night."
	}
	return plural(len(p.records()), "record does", "records do") + " not meet a policy of the profile. The house sees to it every night."
}

// records are the findings, those of one record together.
func (p HygienePage) records() (out [][]hygiene.Finding) {
	at := map[ref.ID]int{}
	for _, f := range p.Found {
		i, ok := at[f.Record]
		if !ok {
			i, out = len(out), append(out, nil)
			at[f.Record] = i
		}
		out[i] = append(out[i], f)
	}
	return out
}

// acts are what would be done about a record, each said once, with the labels.
func (p HygienePage) acts(rec []hygiene.Finding) (out []string) {
	labels := map[string][]string{}
	for _, f := range rec {
		says := does(f)
		if _, ok := labels[says]; !ok {
			out = append(out, says)
		}
		if f.Label != "" {
			labels[says] = append(labels[says], p.label(f))
		}
	}
	for i, says := range out {
		if all := labels[says]; len(all) > 0 {
			out[i] += ": " + strings.Join(all, ", ")
		}
	}
	return out
}

// label is how the label of a finding is called.
func (p HygienePage) label(f hygiene.Finding) string {
	if f.On == hygiene.OnObservation {
		return labelIn(obsMachine(p.Rules), f.Label)
	}
	return riskLabel(p.Rules, f.Label)
}

// detailWords say what is missing, in words; what is there is not told.
func detailWords(f hygiene.Finding) string {
	var out []string
	for _, d := range f.Detail {
		if !strings.HasPrefix(d, "there: ") {
			out = append(out, strings.ReplaceAll(d, "-", " "))
		}
	}
	return strings.Join(out, "; ")
}

// actWords say what a policy does.
var actWords = map[string]string{"label": "set the label", "say": "ask for it in a note", "escalate": "take it up the ladder", "clear": "clear the label"}

// does tells what would be done about a finding.
func does(f hygiene.Finding) string {
	if f.Exempt != "" {
		return "quiet, since it is labelled " + f.Exempt
	}
	var out []string
	for _, a := range f.Act {
		out = append(out, actWords[a])
	}
	return capital(cmp.Or(strings.Join(out, ", "), "known, nothing to do now"))
}

// findingAddress is the page of a risk or an observation.
func findingAddress(f hygiene.Finding) string {
	if f.On == hygiene.OnObservation {
		return "/observations/" + string(f.Record)
	}
	return "/risks/" + string(f.Record)
}
