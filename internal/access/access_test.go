package access_test

import (
	"errors"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/fault"
)

func TestDecide(t *testing.T) {
	grants := access.Grants{"case.edit": {"engineer"}, "case.read": {"engineer", "auditor"}}
	person := access.Actor{ID: "person-a", Kind: access.Person}
	token := access.Actor{ID: "token-a", Kind: access.Token, Scopes: []string{"case.read"}}
	for _, c := range []struct {
		name  string
		actor access.Actor
		verb  access.Verb
		roles []access.Role
		sees  bool
		want  error
	}{
		{"a role that covers the verb may", person, "case.edit", []access.Role{"engineer"}, true, nil},
		{"a role that does not is forbidden", person, "case.edit", []access.Role{"auditor"}, true, fault.Forbidden},
		{"no role at all is forbidden", person, "case.edit", nil, true, fault.Forbidden},
		{"without sight the record does not exist, whatever the role", person, "case.edit", []access.Role{"engineer"}, false, fault.NotFound},
		{"a verb that nobody is granted is forbidden", person, "case.burn", []access.Role{"engineer"}, true, fault.Forbidden},
		{"a token within its scopes may", token, "case.read", []access.Role{"engineer"}, true, nil},
		{"a token beyond its scopes may not, whatever its role", token, "case.edit", []access.Role{"engineer"}, true, fault.Forbidden},
		{"the house itself may", access.System("test"), "case.burn", nil, true, nil},
		{"the public may not", access.Public(), "case.read", nil, true, fault.Forbidden},
	} {
		if err := grants.Decide(c.actor, c.verb, c.roles, c.sees); !errors.Is(err, c.want) {
			t.Errorf("%s: have %v, want %v", c.name, err, c.want)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, c := range []struct {
		scopes []string
		verb   access.Verb
		want   bool
	}{
		{nil, "case.edit", true}, {[]string{}, "case.edit", false}, {[]string{"*"}, "case.edit", true}, {[]string{"case.*"}, "case.edit", true},
		{[]string{"case.*"}, "report.read", false}, {[]string{"*.read"}, "report.read", true}, {[]string{"*.read"}, "report.accept", false},
		{[]string{"case.clock.*"}, "case.clock.pause", false}, {[]string{"case.clock.pause"}, "case.clock.pause", true}, {[]string{"case"}, "case.edit", false},
	} {
		if have := (access.Actor{Scopes: c.scopes}).InScope(c.verb); have != c.want {
			t.Errorf("%v covers %s: %v, want %v", c.scopes, c.verb, have, c.want)
		}
	}
}

func TestNobodyCanDoNothing(t *testing.T) {
	if _, err := access.From(t.Context()); !errors.Is(err, fault.Unknown) {
		t.Errorf("have %v, want unknown", err)
	}
}
