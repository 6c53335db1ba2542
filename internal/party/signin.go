package party

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Parties are the operations on people and on what they sign in with.
type Parties struct {
	Gate      *gate.Gate
	Key       seal.Key
	Passwords *seal.Passwords
	Roles     []string // that the profile knows
	Levels    []string // of management, that the profile knows
}

// How long things last.
const (
	sessionIdle = 12 * time.Hour  // without being used
	sessionSeen = 5 * time.Minute // how often the use of a session is noted
	inviteLasts = 7 * 24 * time.Hour
	forget      = 15 * time.Minute // after which failed sign-ins no longer count
	maxFailed   = 5                // failed sign-ins of an account
	maxFrom     = 50               // failed sign-ins from one address
)

// Secret is shown once: the cookie's value, the token, the link.
type Secret string

// Credentials are what somebody signs in with.
type Credentials struct {
	Login    string // handle or mail address
	Password string
	Code     string // of the authenticator, where one is set up
	From     string // network address, for the rate limit
	Agent    string // the browser, as it calls itself
}

// system is the house itself, which finds out who somebody is.
func system(ctx context.Context) context.Context { return access.With(ctx, access.System("sign-in")) }

// wrong is the one answer to every failed sign-in.
func wrong() error {
	return fault.New(fault.Unknown, "name, password or code is not right; try again")
}

// SignIn checks the credentials and begins a session. Every way of failing gets
// the same answer and costs the same work.
func (s *Parties) SignIn(ctx context.Context, c Credentials) (Secret, error) {
	login := strings.ToLower(strings.TrimSpace(c.Login))
	keys := [2]string{"account " + seal.Hash([]byte(login)), "from " + seal.Hash([]byte(c.From))}
	var a account
	err := s.Gate.View(system(ctx), func(v *gate.View) error {
		if err := slow(v, keys); err != nil {
			return err
		}
		found, err := accountByLogin(v, login)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		a = found
		return err
	})
	if err != nil {
		return "", err
	}
	right, _, err := s.Passwords.Check(ctx, a.password, c.Password)
	if err != nil {
		return "", err
	}
	if !right || a.state != Active {
		return "", s.failed(ctx, keys)
	}
	return s.begin(ctx, a, c, keys)
}

func slow(v *gate.View, keys [2]string) error {
	for i, limit := range []int{maxFailed, maxFrom} {
		a, err := attempts(v, keys[i])
		if err != nil {
			return err
		}
		if a.failed >= limit {
			after := gate.Time(a.last).Add(forget).Sub(v.Now).Round(time.Second)
			return &fault.Fault{Kind: fault.TooMany, Says: "there were too many failed sign-ins; wait a quarter of an hour and try again", After: after}
		}
	}
	return nil
}

func (s *Parties) failed(ctx context.Context, keys [2]string) error {
	err := s.Gate.Act(system(ctx), "session.fail", "", func(tx *gate.Tx) error {
		for _, k := range keys {
			if err := failedOnce(tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(wrong(), err)
}

// begin checks the second factor and starts the session.
func (s *Parties) begin(ctx context.Context, a account, c Credentials, keys [2]string) (secret Secret, err error) {
	bad := false
	err = s.Gate.Act(system(ctx), "session.begin", "", func(tx *gate.Tx) error {
		if a.totp != "" {
			ok, err := s.code(tx, a, c.Code)
			if bad = err == nil && !ok; bad {
				return wrong()
			}
			if err != nil {
				return err
			}
		}
		if err := forgive(tx, keys[0]); err != nil {
			return err
		}
		secret, err = newSession(tx, a.id, c.Agent)
		return err
	})
	if bad {
		return "", s.failed(ctx, keys)
	}
	return secret, err
}

func newSession(tx *gate.Tx, who ref.ID, agent string) (Secret, error) {
	secret := Secret(ref.Secret())
	if len(agent) > 200 {
		agent = agent[:200]
	}
	return secret, insertSession(tx, seal.Token(string(secret)), who, gate.Micros(tx.Now.Add(sessionIdle)), strings.ToValidUTF8(agent, ""))
}

// Session returns the person of a session. Its use is noted now and then, which
// lengthens it.
func (s *Parties) Session(ctx context.Context, secret Secret) (a Sitter, err error) {
	a, old, err := s.sitting(ctx, secret)
	if err == nil && old {
		hash := seal.Token(string(secret))
		err = s.Gate.Act(system(ctx), "session.use", "", func(tx *gate.Tx) error { return touchSession(tx, hash, gate.Micros(tx.Now.Add(sessionIdle))) })
	}
	if errors.Is(err, fault.Full) {
		err = nil // a full disk keeps nobody from reading
	}
	return a, err
}

// Still returns the person of a session as Session does, and lengthens nothing: for
// what a page does by itself while nobody touches it.
func (s *Parties) Still(ctx context.Context, secret Secret) (Sitter, error) {
	a, _, err := s.sitting(ctx, secret)
	return a, err
}

// sitting reads a session; old tells that its use was last noted a while ago.
func (s *Parties) sitting(ctx context.Context, secret Secret) (a Sitter, old bool, err error) {
	err = s.Gate.View(system(ctx), func(v *gate.View) error {
		se, err := sessionByHash(v, seal.Token(string(secret)))
		if err != nil {
			return err
		}
		old = v.Now.Sub(gate.Time(se.seen)) > sessionSeen
		a = Sitter{Actor: access.Actor{ID: se.who, Kind: access.Person, Name: se.name}, Taste: se.taste}
		return nil
	})
	if errors.Is(err, fault.NotFound) {
		err = fault.New(fault.Unknown, "you are not signed in, or your session has ended; sign in again")
	}
	return a, old, err
}

// SignOut ends a session.
func (s *Parties) SignOut(ctx context.Context, secret Secret) error {
	return s.Gate.Act(system(ctx), "session.end", "", func(tx *gate.Tx) error { return endSession(tx, seal.Token(string(secret))) })
}

// SessionFor begins a session for a person without asking who they are. Only the
// demonstration, whose people are fictional, uses it.
func (s *Parties) SessionFor(ctx context.Context, who ref.ID) (secret Secret, err error) {
	err = s.Gate.Act(system(ctx), "session.begin", "", func(tx *gate.Tx) error {
		secret, err = newSession(tx, who, "demonstration")
		return err
	})
	return secret, err
}

// Bearer returns the actor of an API token.
func (s *Parties) Bearer(ctx context.Context, secret string) (a access.Actor, err error) {
	err = s.Gate.View(system(ctx), func(v *gate.View) error {
		t, err := tokenByHash(v, seal.Token(secret))
		if err != nil {
			return err
		}
		a = access.Actor{ID: t.ID, Kind: access.Token, Name: t.Name, Maker: t.MadeBy, Scopes: t.Scopes}
		return nil
	})
	if errors.Is(err, fault.NotFound) {
		err = fault.New(fault.Unknown, "the token is not good: it is unknown, revoked or has expired; create another")
	}
	return a, err
}

// Enrolment is what an authenticator app needs to make one-time codes.
type Enrolment struct {
	Secret string // base 32
	URL    string // otpauth://
}

// Enrol begins the set-up of one-time codes for the actor: RFC 6238, six digits,
// 30 seconds, SHA-1, as every app knows them. Confirm ends it.
func (s *Parties) Enrol(name, issuer string) Enrolment {
	secret := strings.TrimRight(base32.StdEncoding.EncodeToString([]byte(ref.Secret()[:20])), "=")
	label := strings.NewReplacer(" ", "%20", ":", "", "/", "").Replace(issuer + " " + name)
	return Enrolment{secret, "otpauth://totp/" + label + "?secret=" + secret + "&issuer=" + strings.ReplaceAll(issuer, " ", "%20")}
}

// Confirm turns one-time codes on for the actor, who shows with a code that the
// app has the secret.
func (s *Parties) Confirm(ctx context.Context, secret, code string) error {
	return s.self(ctx, func(tx *gate.Tx, who ref.ID) error {
		step, ok := matches(secret, code, tx.Now, 0)
		if !ok {
			return fault.At("code", "this code does not fit; check that the clock of your device is right and try the next one")
		}
		return setTOTP(tx, who, s.Key.Seal("totp "+string(who), []byte(secret)), step)
	})
}

// DropCodes turns one-time codes off for the actor.
func (s *Parties) DropCodes(ctx context.Context, code string) error {
	return s.self(ctx, func(tx *gate.Tx, who ref.ID) error {
		a, err := accountByID(&tx.View, who)
		if err != nil {
			return err
		}
		if ok, err := s.code(tx, a, code); err != nil || !ok {
			return errors.Join(fault.At("code", "this code does not fit; try the next one"), err)
		}
		return setTOTP(tx, who, "", 0)
	})
}

// code checks a one-time code; each works once.
func (s *Parties) code(tx *gate.Tx, a account, code string) (bool, error) {
	secret, err := s.Key.Open("totp "+string(a.id), a.totp)
	if err != nil {
		return false, err
	}
	step, ok := matches(string(secret), code, tx.Now, a.step)
	if !ok {
		return false, nil
	}
	return useStep(tx, a.id, step)
}

// matches finds the time step of a code, one step before and after now included,
// that is later than the last used.
func matches(secret, code string, now time.Time, used int64) (int64, bool) {
	code = strings.ReplaceAll(code, " ", "")
	for step := now.Unix()/30 - 1; step <= now.Unix()/30+1; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && step > used && seal.Same(want, code) {
			return step, true
		}
	}
	return 0, false
}

// self lets the actor change their own account, as the house itself.
func (s *Parties) self(ctx context.Context, fn func(tx *gate.Tx, who ref.ID) error) error {
	a, err := access.From(ctx)
	if err != nil {
		return err
	}
	if a.Kind != access.Person {
		return fault.New(fault.Forbidden, "only a person has an account of their own")
	}
	return s.Gate.Act(system(ctx), "account.change", "", func(tx *gate.Tx) error { return fn(tx, a.ID) })
}
