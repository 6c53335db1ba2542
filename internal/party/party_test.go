package party_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

const password = "correct horse battery"

// founded makes the first account and returns its session.
func founded(t *testing.T, h *rig.House) party.Secret {
	t.Helper()
	link, err := h.Parties.Setup(t.Context())
	if err != nil || link == "" {
		t.Fatalf("setup: %q %v", link, err)
	}
	s, err := h.Parties.Found(t.Context(), link, party.Person{Name: "Ada", Email: "ada@example.org"}, password, "test")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signIn(h *rig.House, login, pass, code string) (party.Secret, error) {
	return h.Parties.SignIn(rig.System(), party.Credentials{Login: login, Password: pass, Code: code, From: "192.0.2.1"})
}

func TestTheSetUpLinkWorksOnceAndOnlyWhileNobodyHasAnAccount(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		old, err := h.Parties.Setup(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		link, err := h.Parties.Setup(t.Context())
		if err != nil || link == old {
			t.Fatalf("%v %v", link, err)
		}
		ada := party.Person{Name: "Ada"}
		if _, err := h.Parties.Found(t.Context(), old, ada, password, ""); !errors.Is(err, fault.NotFound) {
			t.Errorf("the older link: %v", err)
		}
		if _, err := h.Parties.Found(t.Context(), link, ada, "short", ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("a short password: %v", err)
		}
		s, err := h.Parties.Found(t.Context(), link, ada, password, "")
		if err != nil {
			t.Fatal(err)
		}
		if a, err := h.Parties.Session(t.Context(), s); err != nil || a.Name != "Ada" {
			t.Errorf("%+v %v", a, err)
		}
		if _, err := h.Parties.Found(t.Context(), link, party.Person{Name: "Eve"}, password, ""); !errors.Is(err, fault.NotFound) {
			t.Errorf("the link again: %v", err)
		}
		if again, err := h.Parties.Setup(t.Context()); err != nil || again != "" {
			t.Errorf("a new link after the first account: %q %v", again, err)
		}
	})
}

func TestEveryFailedSignInGetsOneAnswerAndGuessingIsSlowed(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		founded(t, h)
		_, unknown := signIn(h, "nobody", password, "")
		_, wrong := signIn(h, "ada", "wrong horse battery", "")
		if fault.Of(unknown).Says != fault.Of(wrong).Says || !errors.Is(wrong, fault.Unknown) {
			t.Errorf("have %v and %v", unknown, wrong)
		}
		for range 4 {
			if _, err := signIn(h, "ada", "wrong horse battery", ""); !errors.Is(err, fault.Unknown) {
				t.Errorf("a wrong password: %v", err)
			}
		}
		if _, err := signIn(h, "ada", password, ""); !errors.Is(err, fault.TooMany) || fault.Of(err).After <= 0 {
			t.Errorf("after five failures: %v", err)
		}
		h.Pass(16 * time.Minute)
		if _, err := signIn(h, "ADA@example.org ", password, ""); err != nil {
			t.Errorf("a quarter of an hour later, by mail address: %v", err)
		}
	})
}

func TestOneTimeCodesWorkOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		a, err := h.Parties.Session(t.Context(), founded(t, h))
		if err != nil {
			t.Fatal(err)
		}
		me := access.With(t.Context(), a.Actor)
		e := h.Parties.Enrol("ada", "Tocsin")
		if err := h.Parties.Confirm(me, e.Secret, "000000"); !errors.Is(err, fault.Invalid) {
			t.Errorf("a wrong code: %v", err)
		}
		code := func() string { c, _ := totp.GenerateCode(e.Secret, h.Clock()); return c }
		if err := h.Parties.Confirm(me, e.Secret, code()); err != nil {
			t.Fatal(err)
		}
		if _, err := signIn(h, "ada", password, ""); !errors.Is(err, fault.Unknown) {
			t.Errorf("without a code: %v", err)
		}
		if _, err := signIn(h, "ada", password, code()); !errors.Is(err, fault.Unknown) {
			t.Errorf("the code that was used: %v", err)
		}
		h.Pass(time.Minute)
		used := code()
		if _, err := signIn(h, "ada", password, used); err != nil {
			t.Errorf("a fresh code: %v", err)
		}
		if _, err := signIn(h, "ada", password, used); !errors.Is(err, fault.Unknown) {
			t.Errorf("the same code again: %v", err)
		}
	})
}

func TestDisablingEndsEveryWayIn(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		a, err := h.Parties.Session(t.Context(), founded(t, h))
		if err != nil {
			t.Fatal(err)
		}
		admin := access.With(t.Context(), a.Actor)
		id, link, err := h.Parties.Invite(admin, party.Person{Name: "Eve Stone", Roles: []string{"engineer"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.Parties.Invite(admin, party.Person{Name: "Eve Stone"}, false); !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "called @eve") {
			t.Errorf("a second of the same name: %v, want who stands there already", err)
		}
		s, err := h.Parties.Accept(t.Context(), link, password, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Parties.Accept(t.Context(), link, password, ""); !errors.Is(err, fault.NotFound) {
			t.Errorf("the invitation again: %v", err)
		}
		if _, err := signIn(h, "eve.stone", password, ""); err != nil {
			t.Fatal(err)
		}
		people, err := h.Parties.People(admin)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			if p.ID == id {
				p.State = party.Disabled
				if err := h.Parties.Edit(admin, *p); err != nil {
					t.Fatal(err)
				}
			}
			if p.ID == a.ID {
				p.State = party.Disabled
				if err := h.Parties.Edit(admin, *p); !errors.Is(err, fault.Conflict) {
					t.Errorf("the last administrator was disabled: %v", err)
				}
			}
		}
		if _, err := h.Parties.Session(t.Context(), s); !errors.Is(err, fault.Unknown) {
			t.Errorf("the session: %v", err)
		}
		if _, err := signIn(h, "eve.stone", password, ""); !errors.Is(err, fault.Unknown) {
			t.Errorf("the password: %v", err)
		}
	})
}

func TestTokensHoldTheirRolesScopesAndTime(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		admin := h.As(t, "admin", "admin")
		tok, secret, err := h.Parties.CreateToken(admin, party.TokenRequest{Name: "scanner", Roles: []string{"analyst"}, Scopes: []string{"case.open"}, Lasts: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(secret), "tocsin_") {
			t.Errorf("secret %q", secret)
		}
		if n := rig.Count(t, h.DB, "tokens where hash like '%' || $1 || '%'", string(secret)); n != 0 {
			t.Error("the secret is stored")
		}
		a, err := h.Parties.Bearer(t.Context(), string(secret))
		if err != nil || a.Kind != access.Token || a.Name != "scanner" {
			t.Fatalf("%+v %v", a, err)
		}
		if _, err := h.Parties.Tokens(access.With(t.Context(), a)); !errors.Is(err, fault.Forbidden) {
			t.Errorf("beyond its scope: %v", err)
		}
		if _, _, err := h.Parties.CreateToken(h.As(t, "ana", "analyst"), party.TokenRequest{Name: "x", Roles: []string{"admin"}}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an analyst made a token: %v", err)
		}
		h.Pass(2 * time.Hour)
		if _, err := h.Parties.Bearer(t.Context(), string(secret)); !errors.Is(err, fault.Unknown) {
			t.Errorf("after its time: %v", err)
		}
		if err := h.Parties.RevokeToken(admin, tok.ID); err != nil {
			t.Fatal(err)
		}
	})
}

func TestASessionEndsWithoutUse(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := founded(t, h)
		for range 3 {
			h.Pass(10 * time.Hour)
			if _, err := h.Parties.Session(t.Context(), s); err != nil {
				t.Fatalf("in use: %v", err)
			}
		}
		h.Pass(13 * time.Hour)
		if _, err := h.Parties.Session(t.Context(), s); !errors.Is(err, fault.Unknown) {
			t.Errorf("after a night: %v", err)
		}
	})
}

func TestALevelOfManagementIsSetBySomebodyElse(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		ada, eve := h.As(t, "ada", "admin"), h.As(t, "eve", "engineer")
		if err := h.Parties.SetLevel(ada, "person-eve", "vp"); err != nil {
			t.Fatal(err)
		}
		if p, err := h.Parties.Me(eve); err != nil || p.Level != "vp" {
			t.Errorf("level %+v %v, want vp", p, err)
		}
		if err := h.Parties.Edit(ada, party.Person{ID: "person-eve", Name: "Eve", Version: 2}); err != nil {
			t.Fatal(err)
		}
		if p, err := h.Parties.Me(eve); err != nil || p.Level != "vp" || p.Name != "Eve" {
			t.Errorf("after an edit: %+v %v, want the level kept", p, err)
		}
		for says, c := range map[string]struct {
			err  error
			want fault.Kind
		}{
			"a word that no level has": {h.Parties.SetLevel(ada, "person-eve", "emperor"), fault.Invalid},
			"one's own level":          {h.Parties.SetLevel(ada, "person-ada", "vp"), fault.Forbidden},
			"without the grant":        {h.Parties.SetLevel(eve, "person-ada", "vp"), fault.Forbidden},
			"somebody who is not here": {h.Parties.SetLevel(ada, "person-nobody", "vp"), fault.NotFound},
		} {
			if !errors.Is(c.err, c.want) {
				t.Errorf("%s: %v, want %s", says, c.err, c.want)
			}
		}
		if err := h.Parties.SetLevel(ada, "person-eve", ""); err != nil {
			t.Errorf("no level: %v", err)
		}
	})
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestPeopleAreAsked asks the list of people for what is stored of them.
func TestPeopleAreAsked(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ada := h.As(t, "ada", "manager", "admin")
		eve, gus := h.As(t, "eve", "engineer"), h.As(t, "gus", "guest")
		_, err := h.Parties.SaveTeam(ada, party.Team{Name: "Blue Team", Members: []ref.ID{"person-eve"}})
		check(t, "team", err)
		_, _, err = h.Parties.Invite(ada, party.Person{Name: "Noor van Dijk", Handle: "noor"}, false)
		check(t, "invite", err)
		words := party.Vocabulary(h.Rules)
		ask := func(text string, p party.Page) (string, *party.List) {
			t.Helper()
			q, err := words.Parse(text)
			check(t, text, err)
			l, err := h.Parties.List(eve, q, p)
			check(t, text, err)
			var out []string
			for _, x := range l.People {
				out = append(out, x.Handle)
			}
			return strings.Join(out, " "), l
		}
		for text, want := range map[string]string{
			"": "noor ada eve gus", "role:engineer": "eve", "role:engineer,admin": "ada eve", "-role:engineer is:active is:staff": "ada", "role:none": "noor gus",
			`team:"blue team"`: "eve", "team:none is:guest": "gus", "is:invited": "noor", "is:mfa": "", "noor": "noor", "EVE": "eve", "@gus": "gus", "100%": "", "added<1d role:none is:staff": "noor", "seen:none is:invited": "noor",
		} {
			if have, _ := ask(text, party.Page{}); have != want {
				t.Errorf("%q finds %q, want %q", text, have, want)
			}
		}
		have, l := ask("", party.Page{Limit: 3, Counted: true})
		if have != "noor ada eve" || l.Count != "4" || l.Next == "" || len(l.People[2].Roles) != 1 {
			t.Errorf("the first page is %q of %s", have, l.Count)
		}
		if have, l = ask("", party.Page{Limit: 3, After: l.Next}); have != "gus" || l.Next != "" {
			t.Errorf("the second page is %q, and %q follows", have, l.Next)
		}
		q, err := words.Parse("")
		check(t, "query", err)
		if _, err := h.Parties.List(gus, q, party.Page{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a guest lists people: %v", err)
		}
		if _, err := h.Parties.Complete(gus, words, "team:", 5); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a guest completes people: %v", err)
		}
		c, err := h.Parties.Complete(eve, words, "team:bl", 7)
		if check(t, "complete", err); len(c.Offers) != 1 || c.Offers[0].Put != `"Blue Team"` {
			t.Errorf("offered %+v", c.Offers)
		}
	})
}
