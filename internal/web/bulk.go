package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tocsin/internal/access"
	"tocsin/internal/bulk"
	"tocsin/internal/fault"
	"tocsin/internal/lifecycle"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// bulkRoutes do one thing to many records of a list, tell how far it is, and undo it.
var bulkRoutes = []Route{
	{Pattern: "GET /bulk", Do: bulkLatest},
	{Pattern: "POST /bulk", Do: beginBulk},
	{Pattern: "POST /bulk/ask", Do: askBulk},
	{Pattern: "GET /bulk/{id}", Do: bulkShown},
	{Pattern: "GET /bulk/{id}/news", Do: bulkNews, Quiet: true},
	{Pattern: "POST /bulk/{id}/undo", Do: undoBulk},
	{Pattern: "POST /bulk/{id}/stop", Do: stopBulk},
}

// bulkWord is how people call what is done to many records of a list.
type bulkWord struct {
	Title, Hot string // of the button
	Label      string // of the field that says with what; "" is a field of its own kind
	None       string // what no value means; "" is that there is always one
}

var bulkWords = map[string]bulkWord{
	"assign":    {"Assign", "a", "Owner", "nobody"},
	"security":  {"Security owner", "s", "Security owner", "nobody"},
	"label":     {"Add a label", "l", "Label", ""},
	"unlabel":   {"Take a label off", "t", "Label", ""},
	"severity":  {"Severity", "s", "Severity, until a vector is chosen", "unknown"},
	"decline":   {"Decline", "d", "Why", ""},
	"duplicate": {"Duplicates", "u", "", ""},
	"submit":    {"Submit for review", "s", "", ""},
	"mark":      {"Mark", "m", "TLP mark", ""},
	"give":      {"Give a role", "r", "Role", ""},
	"take":      {"Take a role away", "t", "Role", ""},
	"level":     {"Level", "l", "Level of management", "none"},
	"disable":   {"Disable", "d", "", ""},
	"enable":    {"Enable", "e", "", ""},
}

// bulkNouns are the records of a list, one and many.
var bulkNouns = map[string][2]string{"cases": {"case", "cases"}, "inbox": {"report", "reports"}, "register": {"risk", "risks"}, "observations": {"observation", "observations"},
	"advisories": {"advisory", "advisories"}, "people": {"person", "people"}}

// bulkBar is what can be done with the rows of a list that are chosen.
type bulkBar struct {
	Surface string
	Address string     // of the list, which is also its query
	Count   string     // how many the query leaves, in words: "1,000+ cases"
	Acts    []bulk.Act // that the reader's roles cover
	News    *bulkReport
}

// bulkOn makes the bar of a list, and reads what came of the last change that led here.
func (w *Web) bulkOn(r *http.Request, head *ui.PageHead, surface, address, count string) bulkBar {
	b := bulkBar{Surface: surface, Address: address, Count: count}
	may := w.rights(r)
	for _, a := range bulk.Acts(surface) {
		if may(a.Verb) {
			b.Acts = append(b.Acts, a)
		}
	}
	if did := r.URL.Query().Get("did"); did != "" {
		if x, err := w.Bulks.Get(r.Context(), ref.ID(did)); err == nil && x.Surface == surface {
			b.News = w.bulkReport(r, x, address)
		}
	}
	if len(b.Acts) > 0 || b.News != nil {
		head.Style = strings.TrimSpace(head.Style + " part-select.css")
	}
	return b
}

// columns are those of the list, behind the one in which rows are chosen.
func (b bulkBar) columns(all []ui.Column) []ui.Column {
	if len(b.Acts) == 0 {
		return all
	}
	return append([]ui.Column{{Text: "Choose", Hidden: true}}, all...)
}

// rowPick is the cell in which a row is chosen. A list has many: it is written in Go, as
// the leaves of package ui are.
func rowPick(b bulkBar, id ref.ID) templ.Component {
	if len(b.Acts) == 0 {
		return templ.NopComponent
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		is := templ.EscapeString(string(id))
		_, err := io.WriteString(w, `<td class="tick"><label><input type="checkbox" name="id" form="bulk" value="`+is+`" aria-label="Choose `+is+`" data-act="x" autocomplete="off"></label></td>`)
		return err
	})
}

// AskPage asks with what something is done to the chosen records.
type AskPage struct {
	Head  ui.PageHead
	Asked bulk.Asked
	Word  bulkWord
	Back  string
	Count string
	Field ui.Choice
	Form  url.Values
	Wrong *fault.Fault
}

func askBulk(w *Web, r *http.Request) (Answer, error) { return w.askPage(r, nil) }

func (w *Web) askPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := AskPage{Head: w.head(r, "Change several at once", r.PostFormValue("surface")), Asked: w.bulkAsked(r), Back: local(r.PostFormValue("back")), Form: r.PostForm, Wrong: wrong}
	p.Head.Narrow, p.Head.Live = true, ""
	p.Word = bulkWords[p.Asked.Act]
	if !slices.ContainsFunc(bulk.Acts(p.Asked.Surface), func(a bulk.Act) bool { return a.Name == p.Asked.Act }) {
		return Answer{}, fault.New(fault.Invalid, "this cannot be done to many records at once; go back to the list and choose again")
	}
	if len(p.Asked.IDs) == 0 && !p.Asked.All && wrong == nil {
		p.Wrong = fault.New(fault.Invalid, "nothing is chosen; go back and tick rows of the list")
	}
	p.Count = howMany(p.Head.Reads, len(p.Asked.IDs), p.Asked.Surface)
	if p.Asked.All {
		p.Count = bulkBar{Count: r.PostFormValue("count")}.all()
	}
	p.Field = w.bulkField(r, p)
	return show(statusFor(p.Wrong), askBulkView(p))
}

// bulkAsked reads what a form asks for.
func (w *Web) bulkAsked(r *http.Request) bulk.Asked {
	v := r.PostFormValue
	in := bulk.Asked{Surface: v("surface"), Act: v("act"), All: v("all") != "",
		Input: bulk.Input{Value: v("value"), Reason: v("reason"), Answer: v("answer"), Original: ref.ID(strings.TrimSpace(v("original")))}}
	if !in.All {
		for _, id := range r.PostForm["id"] {
			in.IDs = append(in.IDs, ref.ID(id))
		}
		return in
	}
	return w.bulkQuery(r, in)
}

// bulkQuery reads the query of the list whose address the form carries.
func (w *Web) bulkQuery(r *http.Request, in bulk.Asked) bulk.Asked {
	u, err := url.Parse(local(r.PostFormValue("back")))
	if err != nil {
		u = &url.URL{}
	}
	list := r.Clone(r.Context())
	list.URL = u
	q := u.Query()
	in.Order = q.Get("order")
	switch in.Surface {
	case casePlace.name:
		in.Query = w.ask(list, casePlace).text
	case inboxPlace.name:
		in.Query = w.ask(list, inboxPlace).text
	case advisoryPlace.name:
		in.Query = w.ask(list, advisoryPlace).text
	case peoplePlace.name:
		in.Query = w.ask(list, peoplePlace).text
	case registerPlace.name:
		p := RegisterPage{Query: q, Asked: w.ask(list, registerPlace)}
		f := p.filter()
		in.Query, f.Query = p.Asked.text, query.Query{} // whose words are read again
		in.Filter, _ = json.Marshal(f)                  // a filter is text and times
	case obsName:
		in.Query = w.ask(list, obsPlace).text
	}
	return in
}

// bulkField is the list of answers from which the value is chosen.
func (w *Web) bulkField(r *http.Request, p AskPage) ui.Choice {
	c := ui.Choice{Input: ui.Input{Name: "value", Label: p.Word.Label, Required: p.Word.None == "", Focus: true, Silent: p.Word.None != ""}.For(p.Form.Get("value"), p.Wrong), Blank: or(p.Word.None, "choose")}
	switch p.Asked.Act {
	case "assign", "security":
		for _, k := range w.who(r).all {
			if !k.Team && k.Staff && k.Active {
				c.Options = append(c.Options, ui.Option{Value: string(k.ID), Text: k.Name})
			}
		}
	case "severity":
		c.Options = severities(w.Rules)
	case "decline":
		for _, d := range w.Rules.Dispositions {
			if slices.Contains(d.Verbs, "report.decline") {
				c.Options = append(c.Options, ui.Option{Value: d.Name, Text: d.Title})
			}
		}
	case "label", "unlabel":
		c.Options = w.labelsOf(p.Asked.Surface)
	case "mark":
		c.Options = plainOptions(w.Rules.TLP)
	case "give", "take":
		c.Options = plainRoles(&PeoplePage{Rules: w.Rules})
	case "level":
		c.Options = choices(w.Rules.Register.Levels)
	}
	return c
}

func (w *Web) labelsOf(surface string) (out []ui.Option) {
	for _, l := range w.machineOf(surface).Labels {
		text := l.Title
		if l.Reason {
			text += " (wants a reason)"
		}
		out = append(out, ui.Option{Value: l.Name, Text: text})
	}
	return out
}

// machineOf is the life cycle of the records of a list.
func (w *Web) machineOf(surface string) *lifecycle.Machine {
	if surface == registerPlace.name {
		return riskMachine(w.Rules)
	}
	return w.Rules.Lifecycle(map[string]string{"cases": "case", "observations": "observation"}[surface])
}

// howMany is a number of the records of a list, in words.
func howMany(reads *ui.Reader, n int, surface string) string {
	if n == 1 {
		return "1 " + bulkNouns[surface][0]
	}
	return reads.Number(n) + " " + bulkNouns[surface][1]
}

// inAll says how many records of a list a query leaves, as far as it was counted.
func inAll(count, surface string) string {
	switch count {
	case "":
		return ""
	case "1":
		return "1 " + bulkNouns[surface][0]
	}
	return count + " " + bulkNouns[surface][1]
}

func beginBulk(w *Web, r *http.Request) (Answer, error) {
	id, err := w.Bulks.Begin(once(r), w.bulkAsked(r))
	w.forget() // people may be among what was changed
	if made, sent := twice(err); sent {
		id, err = made, nil
	}
	if f, ok := formFault(err); ok {
		return w.askPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(did(r.PostFormValue("back"), id), "")
}

// did is the address of a list that tells what was done to its records.
func did(back string, id ref.ID) string {
	to := local(back)
	if u, err := url.Parse(to); err != nil || u.Path == "/" {
		return "/bulk/" + string(id)
	}
	return readdressed(to, "did", string(id))
}

func undoBulk(w *Web, r *http.Request) (Answer, error) { return w.turnBulk(r, w.Bulks.Undo) }

func stopBulk(w *Web, r *http.Request) (Answer, error) { return w.turnBulk(r, w.Bulks.Stop) }

// bulkReport is what came of a change of many records.
type bulkReport struct {
	*bulk.Bulk
	Says  string // what was done: "Assigned to Ana"
	Back  string // the list
	reads *ui.Reader
}

func (w *Web) bulkReport(r *http.Request, b *bulk.Bulk, back string) *bulkReport {
	x := &bulkReport{Bulk: b, Says: w.bulkSays(w.who(r), b), Back: back, reads: visitOf(r).reads}
	if b.State == bulk.Undone {
		x.Says = "Undone · " + x.Says
	}
	return x
}

// bulkDeeds are what is done where what is given is no word of it.
var bulkDeeds = map[string]string{"submit": "Submitted for review", "disable": "Disabled", "enable": "Enabled"}

// bulkSays tells what was done.
func (w *Web) bulkSays(names book, b *bulk.Bulk) string {
	who := "nobody"
	if b.Input.Value != "" {
		who = names.name(ref.ID(b.Input.Value))
	}
	switch b.Act {
	case "assign":
		return "Assigned to " + who
	case "security":
		return "Security owner: " + who
	case "severity":
		return "Severity: " + or(capital(b.Input.Value), "unknown")
	case "decline":
		d, _ := w.Rules.Disposition(b.Input.Value)
		return "Declined: " + d.Title
	case "duplicate":
		return "Duplicates of " + string(b.Input.Original)
	case "mark":
		return "Marked TLP:" + b.Input.Value
	case "give":
		return "Role given: " + titleOf(w.Rules.Roles, b.Input.Value)
	case "take":
		return "Role taken away: " + titleOf(w.Rules.Roles, b.Input.Value)
	case "level":
		return "Level: " + or(titleOf(w.Rules.Register.Levels, b.Input.Value), "none")
	case "submit", "disable", "enable":
		return bulkDeeds[b.Act]
	}
	title := labelIn(w.machineOf(b.Surface), b.Input.Value)
	if b.Act == "unlabel" {
		return "Label taken off: " + title
	}
	return "Label added: " + title
}

// all says which records a query chooses.
func (b bulkBar) all() string {
	switch {
	case b.Count == "":
		return "all that match"
	case strings.HasPrefix(b.Count, "1 "):
		return "the one that matches"
	}
	return "all " + b.Count + " that match"
}

// summary is what became of the records: "37 changed, 2 not".
func (b *bulkReport) summary() string {
	var out []string
	for _, x := range [...]struct {
		state, one, many string
	}{{bulk.RowDone, "changed", "changed"}, {bulk.RowUndone, "set back", "set back"}, {bulk.RowSame, "was so already", "were so already"},
		{bulk.RowRefused, "not", "not"}, {bulk.RowLeft, "stays as it is", "stay as they are"}, {bulk.RowWaiting, "not done yet", "not done yet"}} {
		switch n := b.Counts[x.state]; n {
		case 0:
		case 1:
			out = append(out, "1 "+x.one)
		default:
			out = append(out, b.reads.Number(n)+" "+x.many)
		}
	}
	if len(out) == 0 {
		return "nothing was changed"
	}
	return strings.Join(out, ", ")
}

// far is how much of the present work is done, of how much.
func (b *bulkReport) far() (done, of int) {
	of = b.Total()
	if b.State == bulk.Undoing {
		of = b.Counts[bulk.RowDone] + b.Counts[bulk.RowUndone] + b.Counts[bulk.RowLeft]
		return of - b.Counts[bulk.RowDone], of
	}
	return of - b.Counts[bulk.RowWaiting], of
}

// working tells what goes on.
func (b *bulkReport) working() string {
	done, of := b.far()
	switch b.State {
	case bulk.Collecting:
		return "finding what matches, " + b.reads.Number(of) + " so far"
	case bulk.Stopping:
		return "stopping"
	case bulk.Undoing:
		return "setting back " + b.reads.Number(done) + " of " + b.reads.Number(of)
	}
	return b.reads.Number(done) + " of " + b.reads.Number(of)
}

// turnBulk carries an undo or a stop out, and leads back to the list.
func (w *Web) turnBulk(r *http.Request, do func(context.Context, ref.ID) error) (Answer, error) {
	id := ref.ID(r.PathValue("id"))
	err := do(r.Context(), id)
	w.forget()
	if err != nil {
		return Answer{}, err
	}
	return lead(did(r.PostFormValue("back"), id), "")
}

func bulkNews(w *Web, r *http.Request) (Answer, error) {
	b, err := w.Bulks.Get(r.Context(), ref.ID(r.PathValue("id")))
	if err != nil {
		return Answer{}, err
	}
	return show(200, bulkNewsView(*w.bulkReport(r, b, local(r.FormValue("back")))))
}

// BulkPage is one change of many records, with all of them.
type BulkPage struct {
	Head   ui.PageHead
	Report bulkReport
	List   *bulk.List
	After  int
}

const bulkRows = 200

func bulkShown(w *Web, r *http.Request) (Answer, error) {
	id := ref.ID(r.PathValue("id"))
	b, err := w.Bulks.Get(r.Context(), id)
	if err != nil {
		return Answer{}, err
	}
	p := BulkPage{Head: w.head(r, "Changed together", b.Surface), Report: *w.bulkReport(r, b, "/bulk/"+string(id))}
	p.Head.Style = "part-select.css"
	if after := r.FormValue("after"); after != "" {
		if p.After, err = strconv.Atoi(after); err != nil || p.After < 0 {
			return Answer{}, access.NoRecord()
		}
	}
	if p.List, err = w.Bulks.Rows(r.Context(), id, p.After, bulkRows); err != nil {
		return Answer{}, err
	}
	return show(200, bulkPageView(p))
}

// LatestPage is what the reader did to many records of late.
type LatestPage struct {
	Head ui.PageHead
	List []bulkReport
}

func bulkLatest(w *Web, r *http.Request) (Answer, error) {
	p := LatestPage{Head: w.head(r, "Changed together", "")}
	all, err := w.Bulks.Latest(r.Context())
	if err != nil {
		return Answer{}, err
	}
	for _, b := range all {
		p.List = append(p.List, *w.bulkReport(r, b, "/bulk"))
	}
	return show(200, bulkLatestView(p))
}

// rowWords are the states of one record, in words.
var rowWords = map[string]string{bulk.RowWaiting: "not done yet", bulk.RowDone: "changed", bulk.RowSame: "was so already", bulk.RowRefused: "not changed",
	bulk.RowUndone: "set back", bulk.RowLeft: "stays as it is"}
