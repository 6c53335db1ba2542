package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// ReportPage is one report: what was said, what it looks like, and what to do
// with it.
type ReportPage struct {
	*intake.Full
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Now   time.Time
	Do    string // the verb whose form is open
	Query url.Values
	Form  url.Values
	Wrong *fault.Fault
	Write string // the composer that came back: note, reply, files
}

func report(w *Web, r *http.Request) (Answer, error) {
	p, err := w.readReport(r)
	if err != nil {
		return Answer{}, err
	}
	p.Do = r.FormValue("do")
	return show(200, reportView(p))
}

func (w *Web) readReport(r *http.Request) (p ReportPage, err error) {
	p = ReportPage{Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Query: r.URL.Query()}
	if p.Full, err = w.Reports.Get(r.Context(), ref.ID(r.PathValue("id"))); err != nil {
		return p, err
	}
	p.Head = w.head(r, string(p.ID), "inbox")
	p.Head.Mark = ui.Marking{Embargod: p.Audience == access.Named}
	return p, nil
}

// reportAgain shows the report with what was typed and what is wrong with it.
func (w *Web) reportAgain(r *http.Request, do, write string, wrong *fault.Fault) (Answer, error) {
	p, err := w.readReport(r)
	if err != nil {
		return Answer{}, err
	}
	p.Do, p.Write, p.Form, p.Wrong = do, write, r.PostForm, wrong
	return show(statusOf(wrong), reportView(p))
}

func decideReport(w *Web, r *http.Request) (Answer, error) {
	v, id := r.PostFormValue, ref.ID(r.PathValue("id"))
	d := intake.Decision{Version: rowVersion(r), Disposition: v("disposition"), Answer: v("answer"), Reason: v("reason"),
		DuplicateOf: ref.ID(strings.ToUpper(strings.TrimSpace(v("duplicate_of")))),
		Opening:     intake.Opening{Title: v("title"), Component: v("component"), CWE: weaknessOf(v("cwe")), Named: v("named") != ""}}
	opened, err := w.Reports.Decide(r.Context(), id, access.Verb(v("verb")), d)
	if f, ok := formFault(err); ok {
		return w.reportAgain(r, v("verb"), "", f)
	}
	if err != nil {
		return Answer{}, err
	}
	if opened != "" {
		return lead(caseAddress(opened, ""), "accepted")
	}
	return lead(reportAddress(id), "decided")
}

// said sends what was written and shows it, or the report again.
func (w *Web) said(r *http.Request, write string, err error) (Answer, error) {
	err = unlessSent(err)
	if f, ok := formFault(err); ok {
		return w.reportAgain(r, "", write, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(reportAddress(ref.ID(r.PathValue("id")))+"#messages", "saved")
}

func noteReport(w *Web, r *http.Request) (Answer, error) {
	return w.said(r, "note", w.Reports.Note(once(r), ref.ID(r.PathValue("id")), r.PostFormValue("note-text")))
}

func replyReport(w *Web, r *http.Request) (Answer, error) {
	return w.said(r, "reply", w.Reports.Reply(once(r), ref.ID(r.PathValue("id")), r.PostFormValue("out-text")))
}

func attachReport(w *Web, r *http.Request) (Answer, error) {
	return w.said(r, "files", w.eachFile(r, intake.VerbReply, func(name string, c content) error {
		_, err := w.Reports.Attach(r.Context(), ref.ID(r.PathValue("id")), name, c)
		return err
	}))
}

// ComparePage is a report beside another record.
type ComparePage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Mine  *intake.Report
	Other *intake.Other
	May   bool // the report waits for a decision
}

func compareReport(w *Web, r *http.Request) (Answer, error) {
	p := ComparePage{Rules: w.Rules}
	var err error
	if p.Mine, p.Other, err = w.Reports.Compare(r.Context(), ref.ID(r.PathValue("id")), ref.ID(r.FormValue("with"))); err != nil {
		return Answer{}, err
	}
	p.Head = w.head(r, "Compare", "inbox")
	for _, mv := range w.Rules.Lifecycle("report").Allowed(p.Mine.Stage) {
		p.May = p.May || mv.Verb == string(intake.VerbDuplicate)
	}
	return show(200, compareView(p))
}

// recordAddress is the page of a report or a case.
func recordAddress(id ref.ID) string {
	if id.Kind() == "report" {
		return reportAddress(id)
	}
	return caseAddress(id, "")
}

func (p ReportPage) address() string { return reportAddress(p.ID) }

func (p ReportPage) may(verb access.Verb) bool { return p.May[string(verb)] }

// val is what was typed, or what is stored.
func (p ReportPage) val(name, stored string) string {
	if p.Form != nil {
		return p.Form.Get(name)
	}
	return stored
}

func (p ReportPage) field(in ui.Input, stored string) ui.Input {
	return in.For(p.val(in.Name, stored), p.Wrong)
}

// who is how the reporter is called.
func (p ReportPage) who() ui.Person {
	return ui.Person{Name: or(p.Name, or(p.CreditName, "the reporter")), Outside: true}
}

func (p ReportPage) open() bool {
	s, _ := p.Rules.Lifecycle("report").Stage(p.Stage)
	return !s.Terminal
}

// opened is the move whose form is open.
func (p ReportPage) opened() (intake.Next, bool) {
	i := slices.IndexFunc(p.Moves, func(n intake.Next) bool { return n.Verb == p.Do && n.May })
	if i < 0 {
		return intake.Next{}, false
	}
	return p.Moves[i], true
}

func wants(n intake.Next, need string) bool { return slices.Contains(n.Needs, need) }

// disposition is what was chosen, or the only one that goes with the move.
func (p ReportPage) disposition() string {
	if list := dispositions(p.Rules, p.Do); len(list) == 1 {
		return list[0].Value
	}
	return or(p.Form.Get("disposition"), p.Query.Get("disposition"))
}

// picks tells whether there is a disposition to choose.
func (p ReportPage) picks() bool { return len(dispositions(p.Rules, p.Do)) > 1 }

// answer is the canned answer of the disposition.
func (p ReportPage) answer() string {
	d := p.disposition()
	if d == "" {
		return ""
	}
	text, err := (&intake.Reports{Profile: p.Rules}).Answer(p.Report, d)
	if err != nil {
		return ""
	}
	return text
}

// says is the sentence of the turn panel.
func (p ReportPage) says() (title, says string) {
	if p.Case != "" {
		return "Accepted", "The work goes on in " + string(p.Case) + "."
	}
	s, _ := p.Rules.Lifecycle("report").Stage(p.Stage)
	if !p.open() {
		d, _ := p.Rules.Disposition(p.Disposition)
		return s.Title, or(d.About, "Nothing is left to do here.")
	}
	if len(p.Labels) > 0 {
		return "Waits for the reporter", "They were asked something; decide when the answer is here, or without it."
	}
	return "Decide about this report", ""
}

func (p ReportPage) clocks() []ui.Clock {
	var out []ui.Clock
	for _, s := range pressing(p.Clocks) {
		out = append(out, clockView(s))
	}
	return out
}

// aiWords say what a reporter declared about the use of AI.
var aiWords = map[string]string{"none": "none, they say", "assisted": "used as a help", "generated": "the text is generated"}

func (p ReportPage) facts() []ui.Fact {
	stated := func(s string) string { return or(s, "not stated") }
	return []ui.Fact{{Term: "Reporter", Text: or(p.Name, "anonymous"), Small: p.Contact}, {Term: "Received", Show: ui.Instant(p.Received)},
		{Term: "Source", Text: or(titleOf(p.Rules.Sources, p.Source), "report form")}, {Term: "Credit", Text: stated(titleOf(p.Rules.Credits, p.Credit)), Small: p.CreditName},
		momentFact("Own deadline", p.Deadline, "none"), {Term: "AI", Text: stated(aiWords[p.AI])}}
}

func (p ReportPage) composers() []ui.Composer {
	var out []ui.Composer
	add := func(verb access.Verb, c ui.Composer, word string) {
		if !p.may(verb) {
			return
		}
		if c.Open = p.Write == word; c.Open {
			c.Value, c.Error = p.Form.Get(string(c.Side)+"-text"), ui.ErrorFor(p.Wrong, "text")
		}
		out = append(out, c)
	}
	add(intake.VerbReply, ui.Composer{Side: ui.Note, Action: p.address() + "/note", Hot: "n", At: p.Now, Record: string(p.ID)}, "note")
	add(intake.VerbReply, ui.Composer{Side: ui.Out, Action: p.address() + "/reply", Reader: p.who().Name, Hot: "m", At: p.Now, Record: string(p.ID)}, "reply")
	return out
}

func reportLabel(rules *profile.Profile, name string) string {
	l, ok := rules.Lifecycle("report").Label(name)
	if !ok {
		return name
	}
	return l.Title
}

// compared is what two records are compared by; what both share is said to be so.
func compared(id, product, component, weakness, severity, at string, p ComparePage) []ui.Fact {
	shared := func(a, b string) string {
		if a != "" && a == b {
			return "the same"
		}
		return ""
	}
	band, _ := p.Rules.Band(severity)
	return []ui.Fact{{Term: "Record", Text: id, Mono: true}, {Term: "Received", Text: at},
		{Term: "Product", Text: product, Small: shared(p.Mine.Product, p.Other.Product)}, {Term: "Component", Text: component, Small: shared(p.Mine.Component, p.Other.Component)},
		{Term: "Weakness", Text: join(" ", weakness, weaknessName(weakness)), Small: shared(p.Mine.CWE, p.Other.CWE)}, {Term: "Severity", Text: band.Title}}
}

func otherTime(reads *ui.Reader, o *intake.Other) string {
	if o.At.IsZero() {
		return ""
	}
	return reads.Exact(o.At)
}
