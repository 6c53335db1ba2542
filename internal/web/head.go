package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/live"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/setup"
	"tocsin/internal/web/ui"
)

// notices are what a page can say about the change that led to it.
var notices = map[string]ui.Notice{
	"saved":          {Tone: ui.Good, Text: "Saved."},
	"proven":         {Tone: ui.Good, Text: "The whole audit log is proven."},
	"imported":       {Tone: ui.Good, Text: "The file is imported."},
	"taste":          {Tone: ui.Good, Text: "Kept: every page of yours is made that way from now on."},
	"signed-in":      {Tone: ui.Good, Text: "You are signed in."},
	"password":       {Tone: ui.Good, Text: "Your password is changed; your other sessions have ended."},
	"totp-on":        {Tone: ui.Good, Text: "One-time codes are on: signing in asks for one from now on."},
	"totp-off":       {Tone: ui.Good, Text: "One-time codes are off."},
	"ended":          {Tone: ui.Good, Text: "The session has ended."},
	"drafted":        {Tone: ui.Good, Text: "The advisory is drafted from the case. Nothing of it is public."},
	"accepted":       {Tone: ui.Good, Text: "The report is accepted: this is its case."},
	"dealt":          {Tone: ui.Good, Text: "Dealt with. What comes next has the focus."},
	"decided":        {Tone: ui.Good, Text: "It is decided."},
	"case-moved":     {Tone: ui.Good, Text: "The step is taken."},
	"raised":         {Tone: ui.Good, Text: "The risk is raised. What it still lacks stands below."},
	"covered":        {Tone: ui.Good, Text: "The risk stands for the group: its cases become evidence within a moment, and so do those that come later."},
	"dismissed":      {Tone: ui.Good, Text: "The proposal is dismissed. It comes back when it has grown as much again."},
	"tracked":        {Tone: ui.Good, Text: "The indicator is set up. Record its first value."},
	"recorded":       {Tone: ui.Good, Text: "The value is recorded, and the light follows it."},
	"drawn":          {Tone: ui.Good, Text: "The sample is drawn; seed, frame and members are kept."},
	"observed":       {Tone: ui.Good, Text: "The observation is open. What it still lacks stands below."},
	"answered":       {Tone: ui.Good, Text: "Your answers count from now on; you may change them until it is decided."},
	"in-force":       {Tone: ui.Good, Text: "The appetite is in force. Where the risks stand is being computed again."},
	"task-done":      {Tone: ui.Good, Text: "The task is done."},
	"meeting-open":   {Tone: ui.Good, Text: "The meeting is open. Its agenda follows the register until it is closed."},
	"meeting-closed": {Tone: ui.Good, Text: "The meeting is closed, its agenda is kept, and the next one is planned."},
	"hygiene":        {Tone: ui.Good, Text: "Done: labels are set and cleared, and what is missing is asked for."},
	"moved":          {Tone: ui.Good, Text: "The advisory moved on."},
	"retried":        {Tone: ui.Good, Text: "The job runs again, with all its tries."},
}

// head is the head of a page: who is signed in, where we are, what just happened.
func (w *Web) head(r *http.Request, title, place string) ui.PageHead {
	v := visitOf(r)
	h := ui.PageHead{Title: title, Current: place, Back: r.URL.RequestURI(), About: w.options.About, Demo: w.options.Demo.Switch(v.actor.ID),
		Places: HouseNav, Nav: MainNav, House: w.Rules.Publisher.Name}
	h.Actor, h.Me, h.Live = ui.Person{Name: v.actor.Name}, string(v.actor.ID), liveTopic(r)
	if liveLists[h.Live] == "" {
		h.Since = live.Since(v.began)
	}
	h.Made, h.Tour, h.Reads = w.Now().UTC(), tour(r), v.reads
	if w.rights(r)(setup.Verb) {
		h.Places = append(slices.Clone(HouseNav), ui.NavItem{Word: "health", Text: "Health", Href: "/health-check", Key: "y"})
	}
	h.Theme, h.More, h.Still = v.taste.Theme, v.taste.Contrast != "", v.taste.Motion != ""
	h.Role = w.roleWords(w.who(r).get(v.actor.ID).Roles)
	if c, err := r.Cookie(noticeCookie); err == nil && !quiet(r) {
		if n, ok := notices[c.Value]; ok {
			h.Flash = append(h.Flash, n)
		}
	}
	return h
}

// MainNav are the places of the team, in the order of the work.
var MainNav = []ui.NavItem{
	{Word: "home", Text: "Home", Href: "/", Key: "h"},
	{Word: "inbox", Text: "Inbox", Href: "/inbox", Key: "i"},
	{Word: "cases", Text: "Cases", Href: "/cases", Key: "c"},
	{Word: "board", Text: "Board", Href: "/cases/board", Key: "b"},
	{Word: "advisories", Text: "Advisories", Href: "/advisory", Key: "a"},
	{Word: "register", Text: "Register", Href: "/register", Key: "r"},
	{Word: "reports", Text: "Reports", Href: "/reports", Key: "m"},
}

// HouseNav are the places that keep the house; they stand in the menu of the person.
var HouseNav = append([]ui.NavItem{{Word: "account", Text: "Your account", Href: "/account", Key: "u"}, {Word: "tour", Text: "Tour in six steps", Href: "/tour/1"}}, ui.HouseNav...)

func (w *Web) roleWords(roles []string) string {
	var out []string
	for _, r := range w.Rules.Roles {
		if slices.Contains(roles, r.Name) {
			out = append(out, r.Title)
		}
	}
	return strings.Join(out, ", ")
}

// directory remembers for a moment who is inside, since every page says names.
type directory struct {
	mu   sync.Mutex
	at   time.Time
	book book
}

// book is everybody inside, by id and in the order of their names.
type book struct {
	all  []party.Known
	byID map[ref.ID]party.Known

	rules *profile.Profile
	reads *ui.Reader // who reads the names, also reads the moments beside them
}

func (b book) get(id ref.ID) party.Known { return b.byID[id] }

// name is how somebody is called; one that is not known any more is shown by id.
func (b book) name(id ref.ID) string {
	if k, ok := b.byID[id]; ok {
		return k.Name
	}
	return string(id)
}

const directoryLasts = 10 * time.Second

// rights tells what the reader's roles cover, wherever no record gives them more. It
// decides only what a page offers; each operation decides by itself.
func (w *Web) rights(r *http.Request) func(access.Verb) bool {
	var roles []access.Role
	for _, name := range w.who(r).get(visitOf(r).actor.ID).Roles {
		roles = append(roles, access.Role(name))
	}
	return func(v access.Verb) bool { return w.grants.Holds(v, roles) }
}

// who returns who is inside. Where the store does not answer, nobody is: the page's
// own operation will say so.
func (w *Web) who(r *http.Request) book {
	b := w.everybody(r)
	b.reads, b.rules = visitOf(r).reads, w.Rules
	return b
}

func (w *Web) everybody(r *http.Request) book {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	now := w.Now()
	if w.known.book.byID != nil && now.Sub(w.known.at) < directoryLasts {
		return w.known.book
	}
	all, err := w.Parties.Directory(r.Context())
	if err != nil {
		w.Log.Warn("directory", "err", err)
		return w.known.book
	}
	b := book{all: all, byID: map[ref.ID]party.Known{}}
	for _, k := range all {
		b.byID[k.ID] = k
	}
	w.known.book, w.known.at = b, now
	return b
}
