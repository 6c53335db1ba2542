// Package access decides who may do what. It is pure: no SQL, no HTTP. The
// grants are a table of the profile, verbs down, roles across; this package
// reads it and answers. Who may see a record is kept in the store and asked by
// package gate, which hands the answer to Decide.
package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// Verb names one thing that can be done. The same word is the permission, the
// audit action, the API operation, the CLI command and the metric label.
type Verb string

// Role is what an actor is, in general or on one record.
type Role string

// Kind says what sort of actor it is.
type Kind string

// The kinds of actors.
const (
	Person   Kind = "person"
	Token    Kind = "token"    // a service token: acts with its own roles
	Reporter Kind = "reporter" // whoever holds the secret link of one report
	Machine  Kind = "system"   // background work; sees everything, is audited like anyone
)

// Staff is the principal of everyone inside: a record whose audience is Staff
// is seen by all of them. Any other record is seen only by those it names.
const Staff = "staff"

// Named is the audience of a record that only named people and teams may see.
const Named = "named"

// Actor is who acts. What it may do is not in here: roles and memberships are
// read from the store inside each transaction, so that a change takes effect at
// once.
type Actor struct {
	ID     ref.ID
	Kind   Kind
	Name   string   // as people know it
	Maker  ref.ID   // of a token: who made it, and so answers for what it does
	Scopes []string // verbs that a token is limited to, "case.*" or "*.read" included; nil means no limit
	Demo   Role     // in the demonstration alone: the one role that the visitor plays
}

// System is the actor of background work. It is audited as anyone else is.
func System(name string) Actor {
	return Actor{ID: ref.ID("system-" + name), Kind: Machine, Name: name}
}

// Public is everybody: it holds no role and is named on no record.
func Public() Actor { return Actor{ID: "public-everybody", Kind: "public", Name: "everybody"} }

// IsSystem reports whether a is background work.
func (a Actor) IsSystem() bool { return a.Kind == Machine }

// InScope reports whether the actor's token covers the verb.
func (a Actor) InScope(v Verb) bool {
	if a.Scopes == nil {
		return true
	}
	return slices.ContainsFunc(a.Scopes, func(s string) bool { return covers(s, string(v)) })
}

func covers(scope, verb string) bool {
	if scope == "*" || scope == verb {
		return true
	}
	sNoun, sDo, _ := strings.Cut(scope, ".")
	vNoun, vDo, _ := strings.Cut(verb, ".")
	return (sNoun == "*" || sNoun == vNoun) && (sDo == "*" || sDo == vDo)
}

// reads are the verbs that cover reading a record, by its kind.
var reads = map[string]Verb{"case": "case.read", "report": "report.read", "adv": "advisory.read", "risk": "risk.read", "obs": "observation.read", "kri": "kri.read", "meeting": "meeting.read"}

// Reads is the verb that covers reading a record of the kind; "" is a kind that
// has none of its own.
func Reads(kind string) Verb { return reads[kind] }

type key struct{}

// With puts the actor into ctx; the surfaces call it once per request.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From returns the actor in ctx. Without one nothing can be done.
func From(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(key{}).(Actor)
	if !ok {
		return Actor{}, fault.New(fault.Unknown, "nobody is signed in; sign in and try again")
	}
	return a, nil
}

// Grants says which roles may use a verb.
type Grants map[Verb][]Role

// Holds reports whether one of the roles may use the verb.
func (g Grants) Holds(v Verb, roles []Role) bool {
	return slices.ContainsFunc(g[v], func(r Role) bool { return slices.Contains(roles, r) })
}

// Decide answers whether a, holding the roles it has in general and on the
// record, may use the verb. sees says whether a may know that the record
// exists; where it may not, the answer is that of a record that does not exist.
func (g Grants) Decide(a Actor, v Verb, roles []Role, sees bool) error {
	switch {
	case !sees:
		return NoRecord()
	case a.IsSystem():
		return nil
	case !a.InScope(v):
		return fault.New(fault.Forbidden, "this token's scopes do not cover %s; create one with that scope", v)
	case g.Holds(v, roles):
		return nil
	}
	return &fault.Fault{Kind: fault.Forbidden, Err: Refused{v},
		Says: fmt.Sprintf("you may see this, but your roles do not cover %s; ask an administrator for a role that does", v)}
}

// Refused is the cause of a refusal: the verb that the actor's roles do not cover.
type Refused struct{ Verb Verb }

func (r Refused) Error() string { return "no role for " + string(r.Verb) }

// NoRecord is the one answer for a record that does not exist and for one that
// the asker may not know of, the same to the last byte.
func NoRecord() error { return fault.New(fault.NotFound, "no such record") }
