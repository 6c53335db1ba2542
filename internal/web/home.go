package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/notice"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/setup"
	"tocsin/internal/web/ui"
)

var homeRoutes = []Route{
	{Pattern: "GET /{$}", Do: home},
	{Pattern: "GET /notices", Do: noticeList},
	{Pattern: "POST /notices/read", Verb: "notice.read", Do: noticesRead},
	{Pattern: "POST /cases/{id}/take", Verb: casework.VerbAssign, Do: dealt(takeCase)},
	{Pattern: "POST /cases/{id}/answer", Verb: casework.VerbMessage, Do: dealt(answerCase)},
	{Pattern: "POST /inbox/{id}/answer", Verb: intake.VerbReply, Do: dealt(answerReport)},
	{Pattern: "POST /advisory/{id}/sign", Verb: advisory.VerbApprove, Do: dealt(signAdvisory)},
	{Pattern: "POST /risks/{id}/sign", Verb: risk.VerbApprove, Do: dealt(signRisk)},
	{Pattern: "POST /register/strategy/{id}/sign", Verb: review.VerbApprove, Do: dealt(signChoice)},
	{Pattern: "GET /search", Do: searchPage},
}

// HomePage is what waits for the one who asks.
type HomePage struct {
	Head ui.PageHead
	house.Desk
	Groups []ChoreGroup // what needs the reader now
	Focus  string       // the chore that the focus is on
	Wrong  *fault.Fault // of the form that was sent
	Form   url.Values   // what it held
	Me     ref.ID
	Rules  *profile.Profile
	Known  book
	Unread int
	Box    *RegisterBox // what waits in the register; nil is nothing of it
	may    func(access.Verb) bool
	Offer  string // where the tour begins or goes on; "" is not offered
	Undone string // the steps of the first run that are open, where its reader takes them and nothing else waits
}

func home(w *Web, r *http.Request) (Answer, error) { return w.home(r, nil) }

// home is the desk; wrong is what was wrong with a form of it.
func (w *Web) home(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := HomePage{Head: w.head(r, "Home", "home"), Rules: w.Rules, Known: w.who(r), Me: visitOf(r).actor.ID, Focus: r.FormValue("next"), Wrong: wrong, Form: r.PostForm, may: w.rights(r)}
	var err error
	if p.Desk, err = w.Desk(r.Context()); err != nil {
		return Answer{}, err
	}
	p.Box = registerBox(p.Risks)
	for _, n := range p.Notices {
		if n.Read.IsZero() {
			p.Unread++
		}
	}
	p.Offer = w.tourOffer(r)
	p.desk()
	p.blame()
	if len(p.Groups) == 0 && len(p.Known.byID) < 2 && p.may(setup.Verb) { // whoever is alone here is new; nobody else pays for the question
		run, err := w.SetUp(r.Context())
		if err != nil {
			return Answer{}, err
		}
		p.Undone = undone(run)
	}
	return show(statusFor(wrong), homeView(p))
}

// undone names the steps of the first run that are open.
func undone(run setup.Run) string {
	var open []string
	for _, s := range run.Steps {
		if s.State == setup.Open {
			open = append(open, lowerFirst(s.Title))
		}
	}
	return strings.Join(open, ", ")
}

// blame says on top what went wrong with a chore that does not stand here any more.
func (p *HomePage) blame() {
	if p.Wrong == nil {
		return
	}
	p.Focus = p.Form.Get("key")
	for _, g := range p.Groups {
		if slices.ContainsFunc(g.Chores, func(c *Chore) bool { return c.Key == p.Focus }) {
			return
		}
	}
	p.Head.Flash = append(p.Head.Flash, ui.Notice{Tone: ui.Bad, Text: capital(p.Wrong.Says)})
}

// wrongOf is what is wrong with the form of an act, "" where that was not sent.
func (p HomePage) wrongOf(c *Chore, a Act) string {
	if p.Wrong == nil || p.Form.Get("key") != c.Key || p.Form.Get("act") != a.Key {
		return ""
	}
	if len(p.Wrong.Fields) > 0 {
		return capital(p.Wrong.Fields[0].Says)
	}
	says := p.Wrong.Says
	for _, n := range p.Wrong.Needs {
		says += "; " + n.Says
	}
	return capital(says)
}

// dealt is a form of the desk: it does one thing to one record, and leads back to
// the desk with the focus on what comes next.
func dealt(do func(*Web, *http.Request, ref.ID) error) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		err := do(w, r, ref.Read(r.PathValue("id")))
		err = unlessSent(err)
		if f, ok := formFault(err); ok {
			return w.home(r, f)
		}
		if err != nil {
			return Answer{}, err
		}
		return lead(deskAt(r.PostFormValue("next")), "dealt")
	}
}

// deskAt is the address of the desk with the focus on a chore.
func deskAt(key string) string {
	if key == "" {
		return "/"
	}
	return "/?" + url.Values{"next": {key}}.Encode() + "#" + url.PathEscape("w-"+key)
}

func takeCase(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Assign(r.Context(), id, visitOf(r).actor.ID)
}

func answerCase(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Message(once(r), id, r.PostFormValue("out-text"))
}

func answerReport(w *Web, r *http.Request, id ref.ID) error {
	return w.Reports.Reply(once(r), id, r.PostFormValue("out-text"))
}

// signAdvisory approves an advisory at the version that was shown, or returns it.
func signAdvisory(w *Web, r *http.Request, id ref.ID) error {
	verb := advisory.VerbApprove
	if r.PostFormValue("do") == "decline" {
		verb = advisory.VerbReturn
	}
	version, _ := strconv.Atoi(r.PostFormValue("version")) // none is none that stands
	return w.Advisories.Move(r.Context(), id, verb, max(version, 1), r.PostFormValue("reason"))
}

// signRisk gives the reader's word on a plan, an acceptance or a lower rating.
func signRisk(w *Web, r *http.Request, id ref.ID) error {
	v, no := r.PostFormValue, r.PostFormValue("do") == "decline"
	of := ref.ID(v("decision"))
	switch {
	case v("kind") == risk.DecideAccept && no:
		return w.Risks.RefuseAcceptance(r.Context(), id, of, v("reason"))
	case v("kind") == risk.DecideAccept:
		return w.Risks.ApproveAcceptance(r.Context(), id, risk.Approve{Decision: of, Hash: v("hash")})
	case v("kind") == risk.DecideDowngrade && no:
		return w.Risks.RefuseDowngrade(r.Context(), id, of, v("reason"))
	case v("kind") == risk.DecideDowngrade:
		return w.Risks.ApproveDowngrade(r.Context(), id, of, "")
	}
	return w.Risks.ApprovePlan(r.Context(), id, risk.Approving{Role: v("role"), Hash: v("hash"), No: no, Note: v("reason")})
}

// signChoice approves what a leader chose, as it was shown, or sends it back.
func signChoice(w *Web, r *http.Request, _ ref.ID) error {
	v := r.PostFormValue
	return w.Reviews.Answer(r.Context(), ref.ID(r.PathValue("id")), review.Answer{Hash: v("hash"), Note: v("reason"), No: v("do") == "decline"})
}

// deskShown is how many of each kind the desk shows.
const deskShown = 8

// capped says a number that was counted only so far.
func capped(n, most int) string {
	if n >= most {
		return strconv.Itoa(most) + "+"
	}
	return strconv.Itoa(n)
}

// some is a number that was counted only so far, and nothing for none.
func some(n, most int) string {
	if n == 0 {
		return ""
	}
	return capped(n, most)
}

// unreadWords says how many notices are not read yet.
func unreadWords(n int) string {
	if n == 0 {
		return ""
	}
	return capped(n, deskShown) + " unread"
}

func (p HomePage) overdue(b insight.Brief) bool { return !b.Due.IsZero() && b.Due.Before(p.At) }

// briefStage is how the stage of a record is called in its life cycle.
func briefStage(p *profile.Profile, b insight.Brief) string {
	name := b.ID.Kind()
	switch name {
	case "adv":
		name = "advisory"
	case "risk":
		name = p.Register.Lifecycle
	case "obs":
		name = p.Register.Observations.Lifecycle
	}
	if s, ok := p.Lifecycle(name).Stage(b.Stage); ok {
		return s.Title
	}
	return b.Stage
}

// clockTitle is what a clock is called.
func clockTitle(p *profile.Profile, name string) string {
	if c, ok := p.Clock(name); ok {
		return c.Title
	}
	return name
}

// NoticePage lists what the reader was told.
type NoticePage struct {
	Head    ui.PageHead
	Notices []notice.Notice
	Known   book
	Rules   *profile.Profile
}

func noticeList(w *Web, r *http.Request) (Answer, error) {
	p := NoticePage{Head: w.head(r, "Notices", "notices"), Known: w.who(r), Rules: w.Rules}
	p.Head.Narrow = true
	var err error
	if p.Notices, err = w.Notices.Mine(r.Context(), 100); err != nil {
		return Answer{}, err
	}
	return show(200, noticeView(p))
}

func (p NoticePage) unread() bool {
	return slices.ContainsFunc(p.Notices, func(n notice.Notice) bool { return n.Read.IsZero() })
}

// noticesRead marks one notice as read, or all; from a notice it leads to its record.
func noticesRead(w *Web, r *http.Request) (Answer, error) {
	if err := w.Notices.MarkRead(r.Context(), ref.ID(r.PostFormValue("id"))); err != nil {
		return Answer{}, err
	}
	return lead(local(r.PostFormValue("to")), "")
}

// noticeSays is the sentence of a notice; its record stands above it.
func noticeSays(p *profile.Profile, known book, n notice.Notice) string {
	name, clock := strings.CutPrefix(n.What, "clock:")
	noun, _, _ := strings.Cut(n.What, ".")
	k, isPerson := known.byID[n.Actor]
	switch {
	case clock:
		return clockTitle(p, name) + " wants attention"
	case n.What == "mention":
		return or(k.Name, "Somebody") + " mentioned you"
	case n.What == "advisory":
		return "News about its advisory"
	case n.What == "rating:fell":
		return "Evidence weakened, and the rating fell"
	case n.What == "rating:rose":
		return "The rating rose, and asks for more than before"
	case isPerson:
		return k.Name + " " + deed(p, n.What)
	case n.Actor.Kind() == "reporter":
		return "The reporter " + deed(p, n.What)
	case moveTitle(p, n.What) != "":
		return "The " + noun + " moved on: " + lowerFirst(moveTitle(p, n.What))
	}
	return "Somebody " + deed(p, n.What)
}
