package access_test

import (
	"errors"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

func TestASecondPersonIsAPersonWithoutAHandInIt(t *testing.T) {
	mia := access.Actor{ID: "person-mia", Kind: access.Person}
	bo := access.Actor{ID: "person-bo", Kind: access.Person}
	bot := func(id, maker string) access.Actor {
		return access.Actor{ID: ref.ID(id), Kind: access.Token, Maker: ref.ID(maker)}
	}
	for _, c := range []struct {
		name  string
		first access.Hands
		who   access.Actor
		want  bool
	}{
		{"somebody else", mia.Hands(), bo, true},
		{"the same person", mia.Hands(), mia, false},
		{"nobody was first", nil, mia, true},
		{"nobody was first, and an empty name is nobody", access.Hands{""}, mia, true},
		{"who made the token that was first", bot("token-1", "person-mia").Hands(), mia, false},
		{"another than who made it", bot("token-1", "person-mia").Hands(), bo, true},
		{"a token of somebody else", mia.Hands(), bot("token-2", "person-bo"), false},
		{"a token of the same person", mia.Hands(), bot("token-2", "person-mia"), false},
		{"a second token of the same person", bot("token-1", "person-mia").Hands(), bot("token-2", "person-mia"), false},
		{"a token where nobody was first", nil, bot("token-1", "person-mia"), false},
		{"the house", mia.Hands(), access.System("night"), false},
		{"a reporter", mia.Hands(), access.Actor{ID: "report-1", Kind: access.Reporter}, false},
		{"everybody", nil, access.Public(), false},
		{"one of several who were first", mia.Hands().And("person-sue", "person-bo"), bo, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := access.Second{Gives: "an approval", Did: "you asked for this", First: c.first}.Refuse(c.who)
			if have := err == nil; have != c.want {
				t.Errorf("second person %v (%v), want %v", have, err, c.want)
			}
			if err != nil && !errors.Is(err, fault.Forbidden) {
				t.Errorf("refused as %v, want %v", fault.KindOf(err), fault.Forbidden)
			}
		})
	}
}

func TestHandsAreEachOnce(t *testing.T) {
	have := access.Actor{ID: "token-1", Kind: access.Token, Maker: "person-mia"}.Hands().And("person-mia", "", "person-bo", "person-bo")
	want := access.Hands{"token-1", "person-mia", "person-bo"}
	if len(have) != len(want) {
		t.Fatalf("hands %v, want %v", have, want)
	}
	for i := range want {
		if have[i] != want[i] || !have.Has(want[i]) {
			t.Errorf("hands %v, want %v", have, want)
		}
	}
	if have.Has("") || have.Has("person-sue") {
		t.Error("somebody has a hand in it who had none")
	}
}
