// Package party keeps people inside and what they sign in with: accounts, teams,
// roles, sessions, API tokens and one-time codes. It finds out who somebody is
// and hands an access.Actor to the surfaces; what that actor may do is decided
// elsewhere. OpenID Connect and passkeys will come in beside SignIn, as other ways
// to the same Session.
package party

import (
	"regexp"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The verbs of party.
const (
	VerbInvite      access.Verb = "person.invite"
	VerbEdit        access.Verb = "person.edit"
	VerbGive        access.Verb = "grant.give"
	VerbTake        access.Verb = "grant.take"
	VerbTeam        access.Verb = "team.edit"
	VerbCreateToken access.Verb = "token.create"
	VerbRevokeToken access.Verb = "token.revoke"
)

// Person is somebody inside.
type Person struct {
	ID       ref.ID    `json:"id"`
	Name     string    `json:"name"`
	Handle   string    `json:"handle"` // for mentions: @ada
	Email    string    `json:"email,omitempty"`
	Level    string    `json:"level,omitempty"` // of management, a word of the profile
	State    string    `json:"state"`           // invited, active, disabled
	Roles    []string  `json:"roles"`
	Teams    []ref.ID  `json:"teams"`
	Staff    bool      `json:"staff"` // sees every record that is not need-to-know
	Password bool      `json:"password"`
	TOTP     bool      `json:"totp"`
	Made     time.Time `json:"made"`
	Seen     time.Time `json:"seen,omitzero"`
	Version  int       `json:"version"`
}

// The states of a person.
const (
	Invited  = "invited"
	Active   = "active"
	Disabled = "disabled"
)

// Team is a group that records can be shared with.
type Team struct {
	ID      ref.ID   `json:"id"`
	Name    string   `json:"name"`
	Members []ref.ID `json:"members"`
	Version int      `json:"version"`
}

// Token lets a program in. Its secret is shown once and stored hashed.
type Token struct {
	ID      ref.ID    `json:"id"`
	Name    string    `json:"name"`
	Roles   []string  `json:"roles"`
	Scopes  []string  `json:"scopes"` // verbs that it is limited to; null is no limit
	MadeBy  ref.ID    `json:"made_by"`
	Made    time.Time `json:"made"`
	Until   time.Time `json:"until,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
	Seen    time.Time `json:"seen,omitzero"`
}

// MinPassword is how short a password may be, in characters: NIST SP 800-63B-4,
// section 3.1.1, for a password that is one of two factors or alone.
const (
	MinPassword = 15
	MaxPassword = 256
)

var (
	handleText = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	emailText  = regexp.MustCompile(`^[^@\s<>"(),:;\\\[\]]+@[A-Za-z0-9.-]+$`)
)

// check cleans what is known of a person and lists all that is wrong with it.
func (p *Person) check() error {
	var fs fault.Fields
	name, err := thread.Line("name", p.Name, 200)
	if err != nil {
		fs.Add("name", "%s", fault.Of(err).Says)
	}
	p.Name = name
	fs.Want("name", p.Name, "a person needs a name")
	p.Handle = strings.ToLower(strings.TrimSpace(p.Handle))
	if p.Handle == "" {
		p.Handle = handleOf(p.Name)
	}
	if !handleText.MatchString(p.Handle) {
		fs.Add("handle", "%q is no handle; use lower-case letters, digits, dots and dashes, such as ada or ada.l", p.Handle)
	}
	p.Email = strings.ToLower(strings.TrimSpace(p.Email))
	if p.Email != "" && (len(p.Email) > 254 || !emailText.MatchString(p.Email)) {
		fs.Add("email", "this is no mail address; write it like name@example.org")
	}
	return fs.Err()
}

// handleOf makes a handle of a name: "Ada Lovelace" is ada.lovelace.
func handleOf(name string) string {
	h := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r == ' ':
			return '.'
		}
		return -1
	}, strings.ToLower(name))
	return strings.Trim(h, ".-_")
}

// checkPassword refuses what is too easy to guess.
func checkPassword(p, name, email string) error {
	n := len([]rune(p))
	low := strings.ToLower(p)
	switch {
	case n < MinPassword:
		return fault.At("password", "the password has %d characters; use at least %d, a few words are easy to keep in mind", n, MinPassword)
	case len(p) > MaxPassword:
		return fault.At("password", "the password is longer than %d bytes; shorten it", MaxPassword)
	case strings.Count(p, p[:1]) == len(p):
		return fault.At("password", "the password is one character over and over; choose another")
	case name != "" && strings.ReplaceAll(low, strings.ToLower(name), "") == "", email != "" && low == email:
		return fault.At("password", "the password is your own name; choose another")
	}
	return nil
}
