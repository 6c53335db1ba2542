package portal

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/lifecycle"
	"tocsin/internal/locale"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

var ownRoutes = []Route{
	{"GET /portal/find", "", (*Portal).find},
	{"POST /portal/find", "", (*Portal).found},
	{"GET /portal/r/{key}", "", (*Portal).own},
	{"POST /portal/r/{key}/reply", intake.VerbReply, (*Portal).reply},
	{"GET /portal/r/{key}/files/{id}", "", (*Portal).download},
}

const ownPath = "/portal/r/"

// cookie holds the secret of one report, for the pages of that report alone. It
// ends with the browser's session.
func (p *Portal) cookie(id ref.ID, secret string) *http.Cookie {
	return &http.Cookie{Name: "tocsin_report", Value: secret, Path: ownPath + string(id), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(p.House.Portal, "https:")}
}

// holder is a reporter at their own page.
type holder struct {
	actor access.Actor
	id    ref.ID
	base  string // address of the page
	link  bool   // the secret stands in the address
}

// holder finds out whose page it is: by the secret in the address, or by the cookie
// of the report that the address names.
func (p *Portal) holder(r *http.Request) (h holder, err error) {
	key := r.PathValue("key")
	h = holder{base: ownPath + key, link: len(key) == len(ref.Secret())}
	secret := key
	if !h.link {
		c, err := r.Cookie("tocsin_report")
		if err != nil {
			return h, access.NoRecord()
		}
		secret = c.Value
	}
	if h.actor, h.id, err = p.Reports.Reporter(r.Context(), secret); err != nil {
		return h, err
	}
	if !h.link && string(h.id) != key {
		return h, access.NoRecord()
	}
	return h, nil
}

// ownPage is the reporter's own page.
type ownPage struct {
	Head   ui.PublicHead
	Base   string
	Own    *intake.Own
	Vendor string
	Steps  []ui.Step
	Talk   []ui.Message
	Files  []ui.File
	Credit string
	Said   string // what was typed and not taken
	Wrong  *fault.Fault
}

// own shows the page. Who comes with the link is led on to an address without the
// secret, with a cookie, unless the address says stay.
func (p *Portal) own(r *http.Request) (Answer, error) {
	h, err := p.holder(r)
	if err != nil {
		return Answer{}, err
	}
	if _, stay := r.URL.Query()["stay"]; h.link && !stay {
		return Answer{To: ownPath + string(h.id), Secret: true, Cookies: []*http.Cookie{p.cookie(h.id, r.PathValue("key"))}}, nil
	}
	return p.showOwn(r, h, "", nil)
}

func (p *Portal) showOwn(r *http.Request, h holder, said string, wrong *fault.Fault) (Answer, error) {
	own, err := p.Reports.Own(access.With(r.Context(), h.actor), h.id)
	if err != nil {
		return Answer{}, err
	}
	page := ownPage{Head: p.head(r, "Your report "+string(own.ID), "own"), Base: h.base, Own: own, Vendor: p.Rules.Publisher.Name,
		Steps: steps(own), Said: said, Wrong: spoken(wrong)}
	for _, c := range p.Rules.Credits {
		if c.Name == own.Credit {
			page.Credit = c.Title
		}
	}
	for _, m := range own.Said {
		page.Talk = append(page.Talk, ui.Message{Side: side(m), Author: ui.Person{Name: m.Name, Outside: m.Mine}, At: m.At, Text: m.Text})
	}
	for _, f := range own.Files {
		page.Files = append(page.Files, p.fileOf(h, f))
	}
	switch r.URL.Query().Get("done") {
	case "sent":
		page.Head.Flash = []ui.Notice{{Tone: ui.Good, Text: "Your message is with us."}}
	}
	a := Answer{Page: ownReport(page), Secret: true}
	if wrong != nil {
		a.Status, a.Wait = statuses[wrong.Kind], wrong.After
	}
	return a, nil
}

func side(m intake.Said) ui.Side {
	if m.Mine {
		return ui.In
	}
	return ui.Out
}

func (p *Portal) fileOf(h holder, f evidence.File) ui.File {
	by := p.Rules.Publisher.Name
	if f.Author == h.actor.ID {
		by = "You"
	}
	return ui.File{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Href: h.base + "/files/" + string(f.ID), By: by, At: f.At}
}

// way is the way of a report in the phases of ISO/IEC 30111, as a reporter sees it.
var way = []struct {
	phase       lifecycle.Phase
	title, soon string
}{
	{lifecycle.Receipt, "We read it", "A person reads it and decides how to go on."},
	{lifecycle.Verification, "We check it", "We try to see what you saw, and judge how serious it is."},
	{lifecycle.Remediation, "We work on a fix", "You hear from us while we do."},
	{lifecycle.Release, "The fix is released", "Everybody can update."},
	{lifecycle.PostRelease, "The details are published", "With credit to you, if you wish."},
}

// steps shows where the report stands and what comes next. A report that ends
// without a fix has no steps beyond that.
func steps(o *intake.Own) []ui.Step {
	out := []ui.Step{{Title: "You reported it", Says: locale.House.Exact(o.Received), State: "done"}}
	if o.Closed && (!o.Known || o.Advisory == "") {
		return append(out, ui.Step{Title: "Our work on it has ended", Says: o.Status, State: "done"})
	}
	before := true
	for _, w := range way {
		s := ui.Step{Title: w.title, Says: w.soon}
		switch {
		case o.Closed, w.phase == o.Phase && w.phase == lifecycle.PostRelease && o.Advisory != "":
			s.State = "done"
		case w.phase == o.Phase:
			s.State, before = "now", false
		case before:
			s.Says, s.State = "", "done"
		}
		out = append(out, s)
	}
	return out
}

// reply takes a message of the reporter, with files.
func (p *Portal) reply(r *http.Request) (Answer, error) {
	h, err := p.holder(r)
	if err != nil {
		return Answer{}, err
	}
	from, now := p.from(r), p.Now()
	wait, how := p.tries.wait(from, now), whole
	if !p.tries.take(from, now) {
		how = leading
	}
	s, err := p.read(r, how)
	defer s.drop()
	if how == leading {
		err = &fault.Fault{Kind: fault.TooMany, After: max(wait, time.Second), Says: "There were very many messages from your address, so this one was not taken. Send it again in " + minutes(max(wait, time.Second)) + ": your text is still here."}
	}
	if err == nil {
		err = p.say(r, h, s)
	}
	if f, ok := formFault(err); ok {
		return p.showOwn(r, h, s.text("text"), f)
	}
	if err != nil {
		return Answer{}, err
	}
	to := h.base + "?done=sent"
	if h.link {
		to += "&stay"
	}
	return Answer{To: to + "#newest", Secret: true}, nil
}

// say sends the message. Files without a word are announced by their names.
func (p *Portal) say(r *http.Request, h holder, s *sent) error {
	if err := s.wrong.Err(); err != nil {
		return err
	}
	text := s.Get("text")
	if strings.TrimSpace(text) == "" && len(s.files) > 0 {
		var names []string
		for _, f := range s.files {
			names = append(names, "`"+strings.ReplaceAll(f.name, "`", "'")+"`")
		}
		text = "Files added: " + strings.Join(names, ", ")
	}
	files, err := p.store(r.Context(), s)
	if err != nil {
		return err
	}
	return p.Reports.ReplyOwn(access.With(r.Context(), h.actor), h.id, text, files...)
}

// download hands out a file of the report, to be saved.
func (p *Portal) download(r *http.Request) (Answer, error) {
	h, err := p.holder(r)
	if err != nil {
		return Answer{}, err
	}
	f, body, err := p.Files.Open(access.With(r.Context(), h.actor), ref.ID(r.PathValue("id")), true)
	if err != nil {
		return Answer{}, err
	}
	if f.Subject != h.id {
		return Answer{}, access.NoRecord()
	}
	return Answer{Save: &attachment{f.Name, body}, Secret: true}, nil
}

// findPage is where a reporter pastes what they kept.
type findPage struct {
	Head  ui.PublicHead
	Wrong *fault.Fault
}

func (p *Portal) find(r *http.Request) (Answer, error) {
	return Answer{Page: find(findPage{Head: p.head(r, "Your report", "own")})}, nil
}

// secret is what a link ends in.
var secret = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{32}`)

// found leads to the page of the link. What was pasted is never shown again.
func (p *Portal) found(r *http.Request) (Answer, error) {
	if p.tries.wait(p.from(r), p.Now()) > 0 {
		return Answer{}, fault.New(fault.TooMany, "There were very many requests from your address. Try again in a few minutes.")
	}
	p.tries.take(p.from(r), p.Now())
	s, err := p.read(r, leading)
	if err != nil {
		return Answer{}, err
	}
	key := secret.FindString(strings.ToUpper(s.Get("link")))
	_, id, err := p.Reports.Reporter(r.Context(), key)
	if fault.KindOf(err) == fault.NotFound {
		page := findPage{p.head(r, "Your report", "own"), fault.At("link", "No report has this link. Look whether it is whole: it ends in 32 letters and digits. A tracking number alone opens nothing.")}
		return Answer{Status: http.StatusUnprocessableEntity, Page: find(page), Secret: true}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{To: ownPath + string(id), Secret: true, Cookies: []*http.Cookie{p.cookie(id, key)}}, nil
}
