package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/hook"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

var peopleRoutes = []Route{
	{Pattern: "GET /people", Do: peopleList},
	{Pattern: "GET /people/new", Do: personNew},
	{Pattern: "POST /people/new", Verb: party.VerbInvite, Do: personInvite},
	{Pattern: "GET /people/{id}", Do: personShow},
	{Pattern: "POST /people/{id}", Verb: party.VerbEdit, Do: personEdit},
	{Pattern: "POST /people/{id}/give", Verb: party.VerbGive, Do: roleGive},
	{Pattern: "POST /people/{id}/take", Verb: party.VerbTake, Do: roleTake},
	{Pattern: "POST /people/{id}/link", Verb: party.VerbInvite, Do: personLink},
	{Pattern: "GET /teams", Do: teamList},
	{Pattern: "GET /teams/{id}", Do: teamShow},
	{Pattern: "POST /teams/{id}", Verb: party.VerbTeam, Do: teamSave},
	{Pattern: "GET /tokens", Verb: party.VerbRevokeToken, Do: tokenList},
	{Pattern: "POST /tokens", Verb: party.VerbCreateToken, Do: tokenCreate},
	{Pattern: "POST /tokens/{id}/revoke", Verb: party.VerbRevokeToken, Do: tokenRevoke},
	{Pattern: "GET /people/roles", Verb: "profile.read", Do: roleTable},
}

// PeoplePage is one side of people and access. Which fields are filled depends on
// the side.
type PeoplePage struct {
	Head   ui.PageHead
	Side   string // people, new, person, teams, team, tokens, webhooks, roles
	Asked  asking
	Bulk   bulkBar
	List   *party.List
	Teams  []*party.Team
	Tokens []*party.Token
	Rules  *profile.Profile
	Known  book
	Now    time.Time
	may    func(access.Verb) bool

	Person *party.Person
	Team   *party.Team
	Given  docForm // what was sent, when a form comes back
	Wrong  *fault.Fault
	Secret Once
}

// Once is a secret that is shown one time and never again.
type Once struct{ Title, Says, Text string }

func (w *Web) peoplePage(r *http.Request, side, title string) *PeoplePage {
	return &PeoplePage{Head: w.head(r, title, "people"), Side: side, Rules: w.Rules, Known: w.who(r), Now: w.Now(), Given: docForm{r.PostForm}, may: w.rights(r)}
}

// May tells whether a button is offered; the operation decides by itself.
func (p *PeoplePage) May(v access.Verb) bool { return p.may(v) }

func (p *PeoplePage) tabs() []ui.Tab {
	tabs := []ui.Tab{{Text: "People", Href: "/people", Now: p.Side == "people"}, {Text: "Teams", Href: "/teams", Now: p.Side == "teams"}}
	if p.May(party.VerbRevokeToken) {
		tabs = append(tabs, ui.Tab{Text: "API tokens", Href: "/tokens", Now: p.Side == "tokens"})
	}
	if p.May(hook.VerbKeep) {
		tabs = append(tabs, ui.Tab{Text: "Webhooks", Href: "/webhooks", Now: p.Side == "webhooks"})
	}
	return append(tabs, ui.Tab{Text: "Who may do what", Href: "/people/roles", Now: p.Side == "roles"})
}

func (p *PeoplePage) roleTitle(name string) string {
	for _, x := range p.Rules.Roles {
		if x.Name == name {
			return x.Title
		}
	}
	return name
}

// roles are the roles that people can have: the reporter's is none.
func (p *PeoplePage) roles() (out []profile.Named) {
	for _, x := range p.Rules.Roles {
		if x.Name != string(access.Reporter) {
			out = append(out, x)
		}
	}
	return out
}

// peoplePlace is the people as a list that can be asked.
var peoplePlace = place{path: "/people", name: "people", words: party.Vocabulary,
	views: []ui.Link{{Text: "Everybody", Href: ""}, {Text: "Active", Href: "is:active"}, {Text: "Invited", Href: "is:invited"}, {Text: "Guests", Href: "is:guest -is:disabled"},
		{Text: "Without one-time codes", Href: "is:active -is:mfa"}, {Text: "Not seen for months", Href: "is:active seen>6m"}, {Text: "Disabled", Href: "is:disabled"}}}

func peopleList(w *Web, r *http.Request) (Answer, error) {
	p := w.peoplePage(r, "people", "People and access")
	p.Head.Wide, p.Asked, p.List = true, w.ask(r, peoplePlace), &party.List{}
	if to, err := p.Asked.loadViews(w, r); err != nil || to != "" {
		return Answer{To: to}, err
	}
	var err error
	if p.Asked.wrong == nil {
		var list *party.List
		list, err = w.Parties.List(r.Context(), p.Asked.query, party.Page{After: p.Asked.params.Get("after"), Counted: true})
		if list != nil {
			p.List = list
		}
	}
	if err = p.Asked.refused(err, &p.Wrong); err != nil {
		return Answer{}, err
	}
	p.Bulk = w.bulkOn(r, &p.Head, peoplePlace.name, p.Asked.with("after", p.Asked.params.Get("after")), p.count())
	return show(p.Asked.status(p.Wrong), peopleView(p))
}

// more are the lists of answers from which a term can be put together.
func (p *PeoplePage) more() []ui.Choice {
	var roles []ui.Option
	for _, x := range p.roles() {
		roles = append(roles, ui.Option{Value: x.Name, Text: x.Title})
	}
	var teams []ui.Option
	for _, k := range p.Known.all {
		if k.Team {
			teams = append(teams, ui.Option{Value: k.Name, Text: k.Name})
		}
	}
	none := ui.Option{Value: "none", Text: "None"}
	return []ui.Choice{p.Asked.choice("role", "Role", append(roles, none)), p.Asked.choice("team", "Team", append(teams, none))}
}

// count says how many people the query leaves.
func (p *PeoplePage) count() string { return inAll(p.List.Count, peoplePlace.name) }

// personStates are the states of a person in words, and the tone that they have.
var personStates = map[string]struct {
	Words string
	Tone  ui.Tone
}{party.Active: {"active", ui.Good}, party.Invited: {"invited", ui.Accent}, party.Disabled: {"disabled", ui.Quiet}}

func personNew(w *Web, r *http.Request) (Answer, error) {
	return show(200, personNewView(w.peoplePage(r, "new", "Invite somebody")))
}

func personInvite(w *Web, r *http.Request) (Answer, error) {
	p := w.peoplePage(r, "new", "Invite somebody")
	x := party.Person{Name: r.PostFormValue("name"), Handle: r.PostFormValue("handle"), Email: r.PostFormValue("email"), Roles: r.PostForm["roles"]}
	id, secret, err := w.Parties.Invite(r.Context(), x, r.PostFormValue("sees") == "guest")
	if f, ok := formFault(err); ok {
		p.Wrong = f
		return show(statusOf(f), personNewView(p))
	}
	if err != nil {
		return Answer{}, err
	}
	w.forget()
	return w.showLink(p, id, secret, x.Name)
}

// showLink shows the link by which somebody chooses a password, once.
func (w *Web) showLink(p *PeoplePage, id ref.ID, secret party.Secret, name string) (Answer, error) {
	p.Head.Title = "The link for " + name
	p.Secret = Once{Title: "The link for " + name, Text: w.URL + "/invite/" + string(secret),
		Says: "Whoever opens it chooses the password of this account. It works once and for a few days, and is shown here only now: hand it over by a way that you trust."}
	p.Person = &party.Person{ID: id, Name: name}
	return show(200, onceView(p, "/people/"+string(id), "To "+name))
}

// forget makes the directory be read again: somebody changed it.
func (w *Web) forget() {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	w.known.book = book{}
}

// personPage loads one person and the teams.
func (w *Web) personPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p, err := w.readPerson(r)
	if err != nil {
		return Answer{}, err
	}
	p.Wrong = wrong
	return show(statusFor(wrong), personView(p))
}

// readPerson reads the person of the address.
func (w *Web) readPerson(r *http.Request) (*PeoplePage, error) {
	p := w.peoplePage(r, "person", "Person")
	people, err := w.Parties.People(r.Context())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(people, func(x *party.Person) bool { return string(x.ID) == r.PathValue("id") })
	if i < 0 {
		return nil, access.NoRecord()
	}
	p.Person = people[i]
	p.Head.Title = p.Person.Name
	return p, nil
}

func personShow(w *Web, r *http.Request) (Answer, error) { return w.personPage(r, nil) }

// personDone leads back to a person after a change, or shows the person with what
// is wrong.
func (w *Web) personDone(r *http.Request, err error) (Answer, error) {
	w.forget()
	if f, ok := formFault(err); ok {
		return w.personPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/people/"+r.PathValue("id"), "saved")
}

func personEdit(w *Web, r *http.Request) (Answer, error) {
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return Answer{}, fault.New(fault.Invalid, "the form does not say which version it changes; load the page again")
	}
	return w.personDone(r, w.Parties.Edit(r.Context(), party.Person{ID: ref.ID(r.PathValue("id")), Name: r.PostFormValue("name"), Handle: r.PostFormValue("handle"),
		Email: r.PostFormValue("email"), State: r.PostFormValue("state"), Version: version}))
}

func roleGive(w *Web, r *http.Request) (Answer, error) {
	return w.personDone(r, w.Parties.Give(r.Context(), ref.ID(r.PathValue("id")), r.PostFormValue("role")))
}

func roleTake(w *Web, r *http.Request) (Answer, error) {
	return w.personDone(r, w.Parties.Take(r.Context(), ref.ID(r.PathValue("id")), r.PostFormValue("role")))
}

func personLink(w *Web, r *http.Request) (Answer, error) {
	p, id := w.peoplePage(r, "person", "Person"), ref.ID(r.PathValue("id"))
	secret, err := w.Parties.Reinvite(r.Context(), id)
	if err != nil {
		return w.personDone(r, err)
	}
	return w.showLink(p, id, secret, p.Known.name(id))
}

// value is what stands in a field of a person's form: what was sent, else what is known.
func (p *PeoplePage) value(name, known string) string {
	if p.Wrong != nil && p.Given.Has(name) {
		return p.Given.Get(name)
	}
	return known
}

func (p *PeoplePage) input(name, label, known string) ui.Input {
	return ui.Input{Name: name, Label: label}.For(p.value(name, known), p.Wrong)
}

// states are what a person can be set to.
func (p *PeoplePage) states() []ui.Option {
	now := ui.Option{Value: p.Person.State, Text: personStates[p.Person.State].Words}
	switch {
	case p.Person.State == party.Disabled && !p.Person.Password:
		return []ui.Option{now, {Value: party.Invited, Text: "invited"}}
	case p.Person.State == party.Disabled:
		return []ui.Option{now, {Value: party.Active, Text: "active"}}
	}
	return []ui.Option{now, {Value: party.Disabled, Text: "disabled: every way in ends at once"}}
}

// missing are the roles that the person does not have.
func (p *PeoplePage) missing() (out []ui.Option) {
	for _, x := range p.roles() {
		if !slices.Contains(p.Person.Roles, x.Name) {
			out = append(out, ui.Option{Value: x.Name, Text: x.Title})
		}
	}
	return out
}

func teamList(w *Web, r *http.Request) (Answer, error) {
	p := w.peoplePage(r, "teams", "Teams")
	var err error
	if p.Teams, err = w.Parties.Teams(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(200, teamsView(p))
}

// teamPage shows one team; "new" is one that is not yet there.
func (w *Web) teamPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := w.peoplePage(r, "team", "Team")
	teams, err := w.Parties.Teams(r.Context())
	if err != nil {
		return Answer{}, err
	}
	p.Team, p.Wrong = &party.Team{}, wrong
	if id := r.PathValue("id"); id != "new" {
		i := slices.IndexFunc(teams, func(t *party.Team) bool { return string(t.ID) == id })
		if i < 0 {
			return Answer{}, access.NoRecord()
		}
		p.Team = teams[i]
	}
	p.Head.Title = or(p.Team.Name, "New team")
	return show(statusFor(wrong), teamView(p))
}

func teamShow(w *Web, r *http.Request) (Answer, error) { return w.teamPage(r, nil) }

func teamSave(w *Web, r *http.Request) (Answer, error) {
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return Answer{}, fault.New(fault.Invalid, "the form does not say which version it changes; load the page again")
	}
	t := party.Team{Name: r.PostFormValue("name"), Version: version}
	if id := r.PathValue("id"); id != "new" {
		t.ID = ref.ID(id)
	}
	for _, m := range r.PostForm["members"] {
		t.Members = append(t.Members, ref.ID(m))
	}
	_, err = w.Parties.SaveTeam(r.Context(), t)
	w.forget()
	if f, ok := formFault(err); ok {
		return w.teamPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead("/teams", "saved")
}

// members are the answers of a team's form, those who are in it ticked.
func (p *PeoplePage) members() ui.Choice {
	c := ui.Choice{Input: ui.Input{Name: "members", Label: "Members", Silent: true}, Values: []string{}}
	for _, k := range p.Known.all {
		if !k.Team && k.Active {
			c.Options = append(c.Options, ui.Option{Value: string(k.ID), Text: k.Name})
		}
	}
	for _, m := range p.Team.Members {
		c.Values = append(c.Values, string(m))
	}
	if p.Wrong != nil {
		c.Values = p.Given.Values["members"]
	}
	return c
}

func tokenList(w *Web, r *http.Request) (Answer, error) { return w.tokenPage(r, nil) }

func (w *Web) tokenPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := w.peoplePage(r, "tokens", "API tokens")
	p.Wrong = wrong
	var err error
	if p.Tokens, err = w.Parties.Tokens(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), tokensView(p))
}

func tokenCreate(w *Web, r *http.Request) (Answer, error) {
	q, err := tokenRequest(r)
	var t *party.Token
	var secret party.Secret
	if err == nil {
		t, secret, err = w.Parties.CreateToken(r.Context(), q)
	}
	if f, ok := formFault(err); ok {
		return w.tokenPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	p := w.peoplePage(r, "tokens", "The token")
	p.Secret = Once{Title: "The token " + t.Name, Text: string(secret), Says: "A program sends it as Authorization: Bearer … to the API. It is shown here only now and stored as a hash: keep it where the program finds it."}
	return show(200, onceView(p, "/tokens", "To the tokens"))
}

func tokenRequest(r *http.Request) (party.TokenRequest, error) {
	q := party.TokenRequest{Name: r.PostFormValue("name"), Roles: r.PostForm["roles"], Scopes: wordList(r.PostFormValue("scopes"))}
	days, err := strconv.Atoi(r.PostFormValue("days"))
	switch {
	case err != nil || days < 0 || days > 3650:
		return q, fault.At("days", "a token lasts 1 to 3650 days; 0 is for ever")
	case days == 0:
		q.Lasts = -1
	default:
		q.Lasts = time.Duration(days) * 24 * time.Hour
	}
	if len(q.Scopes) == 0 {
		q.Scopes = nil
	}
	return q, nil
}

func tokenRevoke(w *Web, r *http.Request) (Answer, error) {
	if err := w.Parties.RevokeToken(r.Context(), ref.ID(r.PathValue("id"))); err != nil {
		return Answer{}, err
	}
	return lead("/tokens", "saved")
}

// state says whether a token still opens anything.
func (p *PeoplePage) state(t *party.Token) (ui.Tone, string) {
	switch {
	case !t.Revoked.IsZero():
		return ui.Quiet, "revoked " + p.Head.Reads.Date(t.Revoked)
	case !t.Until.IsZero() && t.Until.Before(p.Now):
		return ui.Quiet, "expired " + p.Head.Reads.Date(t.Until)
	case t.Until.IsZero():
		return ui.Good, "valid for ever"
	}
	return ui.Good, "valid until " + p.Head.Reads.Date(t.Until)
}

func (p *PeoplePage) dead(t *party.Token) bool { tone, _ := p.state(t); return tone == ui.Quiet }

// deeds are the grants of the profile, those of one noun together.
type deedGroup struct {
	Noun   string
	Grants []profile.Grant
}

func (p *PeoplePage) grants() (out []deedGroup) {
	for _, g := range p.Rules.Grants {
		noun, _, _ := strings.Cut(g.Verb, ".")
		i := slices.IndexFunc(out, func(d deedGroup) bool { return d.Noun == noun })
		if i < 0 {
			i, out = len(out), append(out, deedGroup{Noun: noun})
		}
		out[i].Grants = append(out[i].Grants, g)
	}
	return out
}

func roleTable(w *Web, r *http.Request) (Answer, error) {
	p := w.peoplePage(r, "roles", "Who may do what")
	p.Head.Wide = true
	var err error
	p.Rules, err = w.Process(r.Context())
	if err != nil {
		return Answer{}, err
	}
	return show(200, rolesView(p))
}
