package web

import (
	"archive/zip"
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/web/ui"
)

// reviewRoutes are the meetings in which the register is looked at.
var reviewRoutes = []Route{
	{Pattern: "GET /reviews", Do: reviewList},
	{Pattern: "POST /reviews", Verb: review.VerbHold, Do: reviewOpen},
	{Pattern: "GET /reviews/{id}", Do: reviewShow},
	{Pattern: "GET /reviews/{id}/run/{step}", Do: reviewRunShow},
	{Pattern: "POST /reviews/{id}/minutes", Verb: review.VerbHold, Do: reviewMinutes},
	{Pattern: "POST /reviews/{id}/decide", Verb: review.VerbHold, Do: reviewDecide},
	{Pattern: "POST /reviews/{id}/ask", Verb: review.VerbHold, Do: reviewAsk},
	{Pattern: "POST /reviews/{id}/finish", Verb: review.VerbRead, Do: reviewFinish},
	{Pattern: "POST /reviews/{id}/look", Verb: review.VerbReview, Do: reviewLook},
	{Pattern: "POST /reviews/{id}/close", Verb: review.VerbClose, Do: reviewClose},
	{Pattern: "GET /reviews/{id}/pack/{file}", Do: reviewPack},
	{Pattern: "GET /reviews/top/{file}", Do: reviewTop},
}

// reviewStyle are the style sheets of the pages of reviews.
const reviewStyle = registerStyle + " review.css"

func (w *Web) reviewHead(r *http.Request, title string) ui.PageHead {
	h := w.registerHead(r, title)
	h.Style = reviewStyle
	return h
}

// ReviewListPage is every meeting, what the next one would look at, and the figures.
type ReviewListPage struct {
	Head     ui.PageHead
	Rules    *profile.Profile
	Names    book
	Now      time.Time
	Meetings []*review.Meeting
	Figures  *review.Figures
	Given    docForm
	Wrong    *fault.Fault
	may      func(access.Verb) bool
}

func reviewList(w *Web, r *http.Request) (Answer, error) { return w.reviewList(r, nil) }

func (w *Web) reviewList(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := ReviewListPage{Head: w.reviewHead(r, "Reviews"), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Given: docForm{r.PostForm}, Wrong: wrong, may: w.rights(r)}
	var err error
	if p.Meetings, err = w.Reviews.List(r.Context()); err != nil {
		return Answer{}, err
	}
	if p.Figures, err = w.Reviews.Figures(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), reviewListView(p))
}

// open is the meeting that is open, if one is.
func (p ReviewListPage) open() *review.Meeting {
	if len(p.Meetings) > 0 && p.Meetings[0].State == review.Opened {
		return p.Meetings[0]
	}
	return nil
}

func reviewOpen(w *Web, r *http.Request) (Answer, error) {
	in := review.Opening{Title: r.FormValue("title")}
	var err error
	if in.From, err = dayOf("from", r.FormValue("from")); err == nil {
		var id ref.ID
		if id, err = w.Reviews.Open(r.Context(), in); err == nil {
			return lead("/reviews/"+string(id), "meeting-open")
		}
	}
	if f, ok := formFault(err); ok {
		return w.reviewList(r, f)
	}
	return Answer{}, err
}

// dayOf reads a day that a form sent; none is the zero time.
func dayOf(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fault.At(field, "%q is no day; write it as 2026-11-23", s)
	}
	return t, nil
}

// concentrated is the title of a word by which the open risks are counted.
func concentrated(rules *profile.Profile, field, word string) string {
	switch {
	case word == "":
		return "not set"
	case field == "scope":
		return titleOf(rules.Register.Scopes, word)
	case field == "rating":
		return ratingTitle(rules, word)
	case field == "response":
		return capital(word)
	case field == "stage":
		return stageOf(rules, "risk", word)
	}
	return word
}

// ReviewPage is one meeting.
type ReviewPage struct {
	Head  ui.PageHead
	Rules *profile.Profile
	Names book
	Now   time.Time
	Me    ref.ID
	*review.Full
	On    ref.ID // the risk that is decided about; "" is the register
	Step  string // the screen of a meeting that is run; "" is the page
	Given docForm
	Wrong *fault.Fault
}

func reviewShow(w *Web, r *http.Request) (Answer, error) { return w.reviewPage(r, nil) }

func (w *Web) reviewPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	full, err := w.Reviews.Get(r.Context(), ref.ID(r.PathValue("id")))
	if err != nil {
		return Answer{}, err
	}
	p := ReviewPage{Head: w.reviewHead(r, full.Title), Rules: w.Rules, Names: w.who(r), Now: w.Now().UTC(), Me: visitOf(r).actor.ID, Full: full,
		Given: docForm{r.PostForm}, Wrong: wrong}
	for _, s := range full.Sections {
		for _, it := range s.Items {
			if string(it.Risk) == r.FormValue("on") {
				p.On = it.Risk
			}
		}
	}
	p.Head.Wide = true
	return show(statusFor(wrong), reviewView(p))
}

// at is the address of the page, with a place on it.
func (p ReviewPage) at(rest string) string { return "/reviews/" + string(p.ID) + rest }

// runKind makes running the meeting the first thing to do while it is open.
func (p ReviewPage) runKind() string {
	if p.held() {
		return "primary"
	}
	return ""
}

// held reports whether things can still be written down.
func (p ReviewPage) held() bool { return p.State == review.Opened && p.May[string(review.VerbHold)] }

// people are those who can be given an action.
func (p ReviewPage) people() (out []ui.Option) {
	for _, k := range p.Names.all {
		out = append(out, ui.Option{Value: string(k.ID), Text: k.Name})
	}
	return out
}

// present writes who was there as the form has it: a line each.
func (p ReviewPage) present() string {
	var out []string
	for _, x := range p.Present {
		line := or(x.Name, p.Names.name(x.Who))
		if x.Part != "" {
			line += ", " + x.Part
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// given is what was sent, or else what stands.
func (p ReviewPage) given(name, stands string) string {
	if p.Given.Values.Has(name) {
		return p.Given.Get(name)
	}
	return stands
}

// presentOf reads who was there: a line each, the name and behind a comma the part.
func (w *Web) presentOf(r *http.Request) []review.Present {
	out := []review.Present{}
	for line := range strings.SplitSeq(strings.ReplaceAll(r.FormValue("present"), "\r", ""), "\n") {
		name, part, _ := strings.Cut(line, ",")
		x := review.Present{Name: strings.TrimSpace(name), Part: strings.TrimSpace(part)}
		if x.Name == "" {
			continue
		}
		for _, k := range w.who(r).all {
			if k.Name == x.Name {
				x.Who, x.Name = k.ID, ""
			}
		}
		out = append(out, x)
	}
	return out
}

// written shows the page again after something was written down, or with what is
// wrong.
func (w *Web) written(r *http.Request, err error, notice, place string) (Answer, error) {
	err = unlessSent(err)
	step := r.PostFormValue("step")
	if f, ok := formFault(err); ok {
		if step != "" {
			return w.reviewRun(r, f)
		}
		return w.reviewPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	if step != "" {
		return lead("/reviews/"+r.PathValue("id")+"/run/"+url.PathEscape(step), notice)
	}
	return lead("/reviews/"+r.PathValue("id")+place, notice)
}

func reviewMinutes(w *Web, r *http.Request) (Answer, error) {
	text := r.FormValue("text")
	err := w.Reviews.Record(r.Context(), ref.ID(r.PathValue("id")), review.Minutes{Version: rowVersion(r), Text: &text, Present: w.presentOf(r)})
	return w.written(r, err, "saved", "#minutes")
}

func reviewDecide(w *Web, r *http.Request) (Answer, error) {
	_, err := w.Reviews.Decide(once(r), ref.ID(r.PathValue("id")), review.Deciding{Risk: ref.Read(r.FormValue("on")), Text: r.FormValue("text")})
	return w.written(r, err, "decided", "#decisions")
}

func reviewAsk(w *Web, r *http.Request) (Answer, error) {
	due, err := dayOf("due", r.FormValue("due"))
	if err == nil {
		_, err = w.Reviews.Ask(once(r), ref.ID(r.PathValue("id")), review.Asking{Risk: ref.Read(r.FormValue("on")), Text: r.FormValue("text"), Who: ref.ID(r.FormValue("who")), Due: due})
	}
	return w.written(r, err, "saved", "#actions")
}

func reviewFinish(w *Web, r *http.Request) (Answer, error) {
	err := w.Reviews.Finish(r.Context(), ref.ID(r.FormValue("point")), review.Ending{Note: r.FormValue("note"), Dropped: r.FormValue("dropped") != ""})
	return w.written(r, err, "saved", "#actions")
}

func reviewLook(w *Web, r *http.Request) (Answer, error) {
	next, err := dayOf("next", r.FormValue("next"))
	if err == nil {
		err = w.Reviews.Review(once(r), ref.Read(r.FormValue("on")), review.Reviewing{Outcome: r.FormValue("outcome"), Reason: r.FormValue("reason"), Next: next, Meeting: ref.ID(r.PathValue("id"))})
	}
	return w.written(r, err, "saved", "")
}

func reviewClose(w *Web, r *http.Request) (Answer, error) {
	_, err := w.Reviews.Close(r.Context(), ref.ID(r.PathValue("id")), rowVersion(r))
	return w.written(r, err, "meeting-closed", "")
}

func reviewPack(w *Web, r *http.Request) (Answer, error) {
	p, err := w.Reviews.Pack(r.Context(), ref.ID(r.PathValue("id")))
	if err != nil {
		return Answer{}, err
	}
	return w.reportFile(r, &p.Document)
}

func reviewTop(w *Web, r *http.Request) (Answer, error) {
	at, err := dayOf("at", r.FormValue("at"))
	if err != nil {
		return Answer{}, err
	}
	if at.IsZero() {
		at = w.Now().UTC()
	}
	q, err := w.Reviews.Quarter(r.Context(), at)
	if err != nil {
		return Answer{}, err
	}
	return w.reportFile(r, &q.Document)
}

// reportFile hands a report out: as a page, as text, or both with their signatures.
func (w *Web) reportFile(r *http.Request, d *review.Document) (Answer, error) {
	switch r.PathValue("file") {
	case "report.html":
		return Answer{File: &File{Name: d.Name() + ".html", Body: d.HTML(visitOf(r).reads)}}, nil
	case "report.md":
		return Answer{File: &File{Name: d.Name() + ".md", Body: d.Markdown(visitOf(r).reads)}}, nil
	case "signed.zip":
		body, err := w.signed(r, d)
		return Answer{File: &File{Name: d.Name() + ".zip", Body: body}}, err
	}
	return Answer{}, access.NoRecord()
}

// signed packs both forms of a report with a signature beside each and the key that
// checks them.
func (w *Web) signed(r *http.Request, d *review.Document) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, body []byte) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.Now().UTC()})
		if err == nil {
			_, err = f.Write(body)
		}
		return err
	}
	key, err := w.Reviews.Public()
	if err != nil {
		return nil, err
	}
	if err := add("register.pub", []byte(key+"\n")); err != nil {
		return nil, err
	}
	for _, x := range []File{{Name: d.Name() + ".html", Body: d.HTML(visitOf(r).reads)}, {Name: d.Name() + ".md", Body: d.Markdown(visitOf(r).reads)}} {
		sig, err := w.Reviews.Sign(x.Name, x.Body)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(add(x.Name, x.Body), add(x.Name+".sig", sig)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// of is what was sent in one of the forms of the page.
func (p ReviewPage) of(form, name string) string {
	if p.Given.Get("what") != form {
		return ""
	}
	return p.Given.Get(name)
}

// wrong is what is wrong with one of the forms of the page.
func (p ReviewPage) wrong(form string) *fault.Fault {
	if p.Given.Get("what") != form {
		return nil
	}
	return p.Wrong
}

// minutes are those that were sent, or else those that stand.
func (p ReviewPage) minutes() string {
	if p.Given.Get("what") == "minutes" {
		return p.Given.Get("text")
	}
	return p.Minutes
}

// arrowWords tell where a score went since the risk's last review.
var arrowWords = map[string]string{"worse": "worse since its last review", "better": "better since its last review", "same": "the same since its last review", "new": "not reviewed before"}

// lookOutcomes are what a review of a risk can end with.
var lookOutcomes = []ui.Option{{Value: review.StillValid, Text: "Still valid"}, {Value: review.Rescored, Text: "Scored anew"}, {Value: review.Escalate, Text: "Escalate"}}

func actionWords(x *review.Point, now time.Time) string {
	if x.Late(now) {
		return "late"
	}
	return x.State
}

func actionTone(x *review.Point, now time.Time) ui.Tone {
	switch {
	case x.Late(now):
		return ui.Bad
	case x.State == review.Done:
		return ui.Good
	case x.State == review.Dropped:
		return ui.Quiet
	}
	return ui.Accent
}
