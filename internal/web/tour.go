package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// tourRoutes are the guided tour: each step is found among the records that there
// are, and shown beside the page that it explains.
var tourRoutes = []Route{
	{Pattern: "GET /tour/{leg}", Do: tourStep},
	{Pattern: "POST /tour/end", Do: tourEnd},
}

// tourCookie remembers how far somebody came on the tour, or that it is over.
const (
	tourCookie = "tocsin_tour"
	tourOver   = "done"
	tourLasts  = 365 * 24 * 3600
)

// leg is one step of the tour.
type leg struct {
	title, says string
	verb        access.Verb // whose page it is; who has it not is shown the step at home
	at          func(*Web, *http.Request) (string, error)
}

// here is a leg whose page has a fixed address.
func here(at string) func(*Web, *http.Request) (string, error) {
	return func(*Web, *http.Request) (string, error) { return at, nil }
}

var tourLegs = []leg{
	{"What needs you now", "Home lists what waits for you, most urgent first: clocks that run out, words that are asked of you, reporters who wait. Each is dealt with here: j and k move, the letters on the buttons act.",
		"", here("/")},
	{"A case says whose turn it is", "On top stands the next step and what it still lacks, each with the link that mends it. The bars beside it are the clocks: which one runs, until when, and what stops it.",
		casework.VerbRead, tourCase},
	{"How bad is it", "The calculators of CVSS 3.1 and 4.0 score as you choose, by keyboard or by pasting a vector, and say which single choice would change the severity.",
		"", here("/calculators")},
	{"What customers will read", "An advisory is one document in many forms. It goes out only after a second person approved exactly this content; any change takes the approval back.",
		advisory.VerbRead, tourAdvisory},
	{"What keeps coming back", "One line is a weakness in one place, one dot is a case. Where enough dots fall into the window the band begins that says systemic, and one press raises a risk with its evidence.",
		risk.VerbRead, here("/register/recurrence")},
	{"Once a month, together", "The review's agenda writes itself from the register: what worsened, what is late, what waits for a decision. It is held from the screen, and its pack is signed.",
		review.VerbRead, tourReview},
}

// tourCase is an open case that lacks something: one of the reader's own where there
// is one.
func tourCase(w *Web, r *http.Request) (string, error) {
	for _, f := range []casework.Filter{{State: "open", Owner: visitOf(r).actor.ID, Order: "due"}, {State: "open", Order: "due"}} {
		l, err := w.Cases.List(r.Context(), f, casework.Page{Limit: 1})
		if err != nil {
			return "", err
		}
		if len(l.Cases) > 0 {
			return caseAddress(l.Cases[0].ID, "") + "#turn", nil
		}
	}
	return "/cases", nil
}

// tourAdvisory is the newest advisory that waits for its approval, or the newest.
func tourAdvisory(w *Web, r *http.Request) (string, error) {
	for _, f := range append(approvals(w), advisory.Filter{}) {
		l, err := w.Advisories.List(r.Context(), f, 1, "")
		if err != nil {
			return "", err
		}
		if len(l.Advisories) > 0 {
			return "/advisory/" + url.PathEscape(string(l.Advisories[0].ID)), nil
		}
	}
	return "/advisory", nil
}

// approvals are the filters of the stages in which advisories wait for approval.
func approvals(w *Web) (out []advisory.Filter) {
	for _, stage := range w.Waiting(w.Now()).Approval {
		out = append(out, advisory.Filter{Stage: stage})
	}
	return out
}

// tourReview is the newest meeting.
func tourReview(w *Web, r *http.Request) (string, error) {
	all, err := w.Reviews.List(r.Context())
	if err != nil || len(all) == 0 {
		return "/reviews", err
	}
	return "/reviews/" + url.PathEscape(string(all[0].ID)), nil
}

// tourNumber reads the number of a step; 0 is none.
func tourNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(tourLegs) {
		return 0
	}
	return n
}

// tourStep leads to the page of a step.
func tourStep(w *Web, r *http.Request) (Answer, error) {
	n := tourNumber(r.PathValue("leg"))
	if n == 0 {
		return Answer{}, access.NoRecord()
	}
	l := tourLegs[n-1]
	at, err := "/", error(nil)
	if l.verb == "" || w.rights(r)(l.verb) {
		at, err = l.at(w, r)
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Forbidden || kind == fault.NotFound) {
		at, err = "/", nil
	}
	if err != nil {
		return Answer{}, err
	}
	path, part, _ := strings.Cut(at, "#")
	to := path + "?tour=" + strconv.Itoa(n)
	if part != "" {
		to += "#" + part
	}
	return Answer{To: to, Cookies: []*http.Cookie{w.cookie(tourCookie, strconv.Itoa(n), tourLasts)}}, nil
}

// tourEnd ends the tour, and remembers that.
func tourEnd(w *Web, r *http.Request) (Answer, error) {
	return Answer{To: local(r.PostFormValue("to")), Cookies: []*http.Cookie{w.cookie(tourCookie, tourOver, tourLasts)}}, nil
}

// tour is the step that the address asks for, nil where it asks for none.
func tour(r *http.Request) *ui.Tour {
	if r.Method != http.MethodGet {
		return nil
	}
	n := tourNumber(r.URL.Query().Get("tour"))
	if n == 0 {
		return nil
	}
	l := tourLegs[n-1]
	q := r.URL.Query()
	q.Del("tour")
	to := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	t := &ui.Tour{Step: n, Of: len(tourLegs), Title: l.title, Says: l.says, End: "/tour/end", Stay: to.RequestURI()}
	if n > 1 {
		t.Before = "/tour/" + strconv.Itoa(n-1)
	}
	if n < len(tourLegs) {
		t.Next = "/tour/" + strconv.Itoa(n+1)
	}
	return t
}

// tourOffer is where the tour begins or goes on, for whoever has not ended it; "" in
// a house that is no demonstration, where it stands in the menu alone.
func (w *Web) tourOffer(r *http.Request) string {
	if w.options.Demo == nil || r.URL.Query().Has("tour") {
		return ""
	}
	c, err := r.Cookie(tourCookie)
	switch {
	case err != nil:
		return "/tour/1"
	case c.Value == tourOver || tourNumber(c.Value) == 0:
		return ""
	}
	return "/tour/" + c.Value
}
