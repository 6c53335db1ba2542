package party

import (
	"encoding/json"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

const columns = `p.id, p.name, p.handle, p.email, p.state, p.password <> '', p.totp <> '', p.made_at, p.seen_at, p.version, p.level`

func scanPerson(row func(...any) error) (*Person, error) {
	p, made, seen := new(Person), int64(0), int64(0)
	err := row(&p.ID, &p.Name, &p.Handle, &p.Email, &p.State, &p.Password, &p.TOTP, &made, &seen, &p.Version, &p.Level)
	p.Made, p.Seen = gate.Time(made), gate.Time(seen)
	return p, err
}

func person(v *gate.View, id ref.ID) (*Person, error) {
	p, err := gate.One(v, scanPerson, `select `+columns+` from {people} p where p.id = $1`, string(id))
	if err != nil {
		return nil, err
	}
	return p, belong(v, []*Person{p}, string(id))
}

func people(v *gate.View) ([]*Person, error) {
	ps, err := gate.All(v, scanPerson, `select `+columns+` from {people} p order by p.name, p.id limit 5000`)
	if err != nil {
		return nil, err
	}
	return ps, belong(v, ps)
}

// belongThese reads the roles and teams of a page of people.
func belongThese(v *gate.View, ps []*Person) error {
	if len(ps) == 0 {
		return nil
	}
	var only []string
	for _, p := range ps {
		only = append(only, string(p.ID))
	}
	return belong(v, ps, only...)
}

// belong reads the roles and teams of people in one statement; only are the ids of
// whom it is asked for, where it is not everybody.
func belong(v *gate.View, ps []*Person, only ...string) error {
	at := map[ref.ID]*Person{}
	for _, p := range ps {
		at[p.ID] = p
	}
	type pair struct {
		holder    ref.ID
		principal string
	}
	q, args := `select m.holder, m.principal from {membership} m order by m.holder, m.principal`, []any(nil)
	if len(only) > 0 {
		var places []string
		for i, id := range only {
			places, args = append(places, "$"+strconv.Itoa(i+1)), append(args, id)
		}
		q = `select m.holder, m.principal from {membership} m where m.holder in (` + strings.Join(places, ", ") + `) order by m.holder, m.principal`
	}
	pairs, err := gate.All(v, func(row func(...any) error) (x pair, err error) {
		err = row(&x.holder, &x.principal)
		return x, err
	}, q, args...)
	for _, x := range pairs {
		p := at[x.holder]
		if p == nil {
			continue
		}
		if role, ok := strings.CutPrefix(x.principal, "role:"); ok {
			p.Roles = append(p.Roles, role)
		} else if x.principal == access.Staff {
			p.Staff = true
		} else {
			p.Teams = append(p.Teams, ref.ID(x.principal))
		}
	}
	return err
}

// account is what a sign-in needs of a person.
type account struct {
	id                    ref.ID
	name, state, password string
	totp                  string
	step                  int64
}

func scanAccount(row func(...any) error) (a account, err error) {
	err = row(&a.id, &a.name, &a.state, &a.password, &a.totp, &a.step)
	return a, err
}

const accountColumns = `p.id, p.name, p.state, p.password, p.totp, p.totp_step`

func accountByLogin(v *gate.View, login string) (account, error) {
	return gate.One(v, scanAccount, `select `+accountColumns+` from {people} p where p.handle = $1 or (p.email = $1 and p.email <> '') limit 1`, login)
}

func accountByID(v *gate.View, id ref.ID) (account, error) {
	return gate.One(v, scanAccount, `select `+accountColumns+` from {people} p where p.id = $1`, string(id))
}

func accountByInvite(v *gate.View, hash string) (account, error) {
	return gate.One(v, scanAccount, `select `+accountColumns+` from {people} p where p.invite = $1 and p.invite_until > $2 and p.state <> 'disabled'`, hash, gate.Micros(v.Now))
}

func insertPerson(tx *gate.Tx, p *Person, password, invite string, until int64) error {
	return tx.Exec(p.ID, gate.Change{Field: "person", New: map[string]any{"name": p.Name, "handle": p.Handle, "state": p.State}},
		`insert into {people} (id, name, handle, email, state, password, totp, totp_step, invite, invite_until, made_at, seen_at, version)
		values ($1, $2, $3, $4, $5, $6, '', 0, $7, $8, $9, 0, 1)`,
		string(p.ID), p.Name, p.Handle, p.Email, p.State, password, invite, until, gate.Micros(tx.Now))
}

func updatePerson(tx *gate.Tx, p *Person, what any) error {
	return tx.Exec(p.ID, what, `update {people} set name = $2, handle = $3, email = $4, state = $5, version = version + 1 where id = $1 and version = $6`,
		string(p.ID), p.Name, p.Handle, p.Email, p.State, p.Version)
}

func setLevel(tx *gate.Tx, p *Person, level string) error {
	return tx.Exec(p.ID, gate.Change{Field: "level", Old: p.Level, New: level}, `update {people} set level = $2, version = version + 1 where id = $1 and version = $3`,
		string(p.ID), level, p.Version)
}

func setPassword(tx *gate.Tx, id ref.ID, hash string) error {
	return tx.Exec(id, gate.Change{Field: "password"}, `update {people} set password = $2, state = 'active', invite = '', version = version + 1 where id = $1`, string(id), hash)
}

func setInvite(tx *gate.Tx, id ref.ID, hash string, until int64) error {
	return tx.Exec(id, gate.Change{Field: "invite"}, `update {people} set invite = $2, invite_until = $3 where id = $1`, string(id), hash, until)
}

func setTOTP(tx *gate.Tx, id ref.ID, sealed string, step int64) error {
	return tx.Exec(id, gate.Change{Field: "totp", New: sealed != ""}, `update {people} set totp = $2, totp_step = $3 where id = $1`, string(id), sealed, step)
}

func setTaste(tx *gate.Tx, id ref.ID, t Taste) error {
	text := ""
	if t != (Taste{}) {
		b, err := json.Marshal(t)
		if err != nil {
			return err
		}
		text = string(b)
	}
	return tx.Exec(id, gate.Change{Field: "taste", New: t}, `update {people} set taste = $2 where id = $1`, string(id), text)
}

// useStep marks a time step as used; a step that is not later than the last one
// changes nothing.
func useStep(tx *gate.Tx, id ref.ID, step int64) (bool, error) {
	n, err := tx.Maybe(id, nil, `update {people} set totp_step = $2 where id = $1 and totp_step < $2`, string(id), step)
	return n == 1, err
}

func join(tx *gate.Tx, holder ref.ID, principal string) error {
	_, err := tx.Maybe(holder, gate.Change{Field: "member", New: principal}, `insert into {membership} (holder, principal) values ($1, $2) on conflict do nothing`, string(holder), principal)
	return err
}

func leave(tx *gate.Tx, holder ref.ID, principal string) error {
	_, err := tx.Maybe(holder, gate.Change{Field: "member", Old: principal}, `delete from {membership} where holder = $1 and principal = $2`, string(holder), principal)
	return err
}

// oneAtATime lets one act after the other take away administrators, so that two at the
// same moment do not each leave the other's.
func oneAtATime(tx *gate.Tx) error {
	return tx.Derive(`insert into {settings} (name, value) values ('administrators', '') on conflict (name) do update set value = excluded.value`)
}

func countAdmins(v *gate.View) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from {people} p join {membership} m on m.holder = p.id where m.principal = 'role:admin' and p.state = 'active'`)
}

func anybody(v *gate.View) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p limit 1`)
	return len(n) > 0, err
}

func insertSession(tx *gate.Tx, hash string, who ref.ID, until int64, agent string) error {
	if _, err := tx.Maybe("", nil, `update {people} set seen_at = $2 where id = $1`, string(who), gate.Micros(tx.Now)); err != nil {
		return err
	}
	return tx.Exec(who, gate.Change{Field: "session"}, `insert into {sessions} (hash, person, made_at, seen_at, until, agent) values ($1, $2, $3, $3, $4, $5)`,
		hash, string(who), gate.Micros(tx.Now), until, agent)
}

type session struct {
	who   ref.ID
	name  string
	seen  int64
	until int64
	taste Taste
}

func sessionByHash(v *gate.View, hash string) (session, error) {
	return gate.One(v, func(row func(...any) error) (s session, err error) {
		taste := ""
		if err = row(&s.who, &s.name, &s.seen, &s.until, &taste); err == nil && taste != "" {
			err = json.Unmarshal([]byte(taste), &s.taste)
		}
		return s, err
	},
		`select p.id, p.name, s.seen_at, s.until, p.taste from {sessions} s join {people} p on p.id = s.person where s.hash = $1 and s.until > $2 and p.state = 'active'`,
		hash, gate.Micros(v.Now))
}

func touchSession(tx *gate.Tx, hash string, until int64) error {
	if _, err := tx.Maybe("", nil, `update {people} set seen_at = $2 where id in (select s.person from {sessions} s where s.hash = $1)`, hash, gate.Micros(tx.Now)); err != nil {
		return err
	}
	_, err := tx.Maybe("", nil, `update {sessions} set seen_at = $2, until = $3 where hash = $1`, hash, gate.Micros(tx.Now), until)
	return err
}

func endSession(tx *gate.Tx, hash string) error {
	_, err := tx.Maybe("", nil, `delete from {sessions} where hash = $1`, hash)
	return err
}

func endSessions(tx *gate.Tx, who ref.ID) error {
	_, err := tx.Maybe(who, gate.Change{Field: "sessions"}, `delete from {sessions} where person = $1`, string(who))
	return err
}

func insertToken(tx *gate.Tx, t *Token, hash string) error {
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return err
	}
	return tx.Exec(t.ID, gate.Change{Field: "token", New: t.Name}, `insert into {tokens} (id, hash, name, scopes, made_by, made_at, until, revoked_at, seen_at)
		values ($1, $2, $3, $4, $5, $6, $7, 0, 0)`, string(t.ID), hash, t.Name, string(scopes), string(t.MadeBy), gate.Micros(tx.Now), gate.Micros(t.Until))
}

const tokenColumns = `t.id, t.name, t.scopes, t.made_by, t.made_at, t.until, t.revoked_at, t.seen_at`

func scanToken(row func(...any) error) (*Token, error) {
	t, scopes, made, until, revoked, seen := new(Token), "", int64(0), int64(0), int64(0), int64(0)
	if err := row(&t.ID, &t.Name, &scopes, &t.MadeBy, &made, &until, &revoked, &seen); err != nil {
		return nil, err
	}
	t.Made, t.Until, t.Revoked, t.Seen = gate.Time(made), gate.Time(until), gate.Time(revoked), gate.Time(seen)
	err := json.Unmarshal([]byte(scopes), &t.Scopes)
	return t, err
}

func tokenByHash(v *gate.View, hash string) (*Token, error) {
	return gate.One(v, scanToken, `select `+tokenColumns+` from {tokens} t where t.hash = $1 and t.revoked_at = 0 and (t.until = 0 or t.until > $2)`, hash, gate.Micros(v.Now))
}

func tokens(v *gate.View) ([]*Token, error) {
	ts, err := gate.All(v, scanToken, `select `+tokenColumns+` from {tokens} t order by t.made_at desc, t.id limit 1000`)
	if err != nil {
		return nil, err
	}
	at := map[ref.ID]*Token{}
	for _, t := range ts {
		at[t.ID] = t
	}
	_, err = gate.All(v, func(row func(...any) error) (struct{}, error) {
		var holder ref.ID
		var principal string
		err := row(&holder, &principal)
		if t := at[holder]; t != nil {
			t.Roles = append(t.Roles, strings.TrimPrefix(principal, "role:"))
		}
		return struct{}{}, err
	}, `select m.holder, m.principal from {membership} m join {tokens} t on t.id = m.holder where m.principal like 'role:%' order by 1, 2`)
	return ts, err
}

func revokeToken(tx *gate.Tx, id ref.ID) error {
	return tx.Exec(id, gate.Change{Field: "revoked", New: true}, `update {tokens} set revoked_at = $2 where id = $1 and revoked_at = 0`, string(id), gate.Micros(tx.Now))
}

// attempt is how often something was guessed at.
type attempt struct {
	failed int
	last   int64
}

func attempts(v *gate.View, id string) (attempt, error) {
	as, err := gate.All(v, func(row func(...any) error) (a attempt, err error) {
		err = row(&a.failed, &a.last)
		return a, err
	},
		`select a.failed, a.last_at from {attempts} a where a.id = $1 and a.last_at > $2`, id, gate.Micros(v.Now.Add(-forget)))
	if err != nil || len(as) == 0 {
		return attempt{}, err
	}
	return as[0], nil
}

func failedOnce(tx *gate.Tx, id string) error {
	_, err := tx.Maybe("", nil, `insert into {attempts} as a (id, failed, first_at, last_at) values ($1, 1, $2, $2)
		on conflict (id) do update set failed = case when a.last_at > $3 then a.failed + 1 else 1 end, last_at = excluded.last_at`,
		id, gate.Micros(tx.Now), gate.Micros(tx.Now.Add(-forget)))
	return err
}

func forgive(tx *gate.Tx, id string) error {
	_, err := tx.Maybe("", nil, `delete from {attempts} where id = $1`, id)
	return err
}

func setting(v *gate.View, name string) (string, error) {
	vs, err := gate.All(v, gate.Value[string], `select s.value from {settings} s where s.name = $1`, name)
	if err != nil || len(vs) == 0 {
		return "", err
	}
	return vs[0], nil
}

func setSetting(tx *gate.Tx, name, value string) error {
	return tx.Exec("", gate.Change{Field: name}, `insert into {settings} (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`, name, value)
}

func scanTeam(row func(...any) error) (*Team, error) {
	t := new(Team)
	err := row(&t.ID, &t.Name, &t.Version)
	return t, err
}

func teams(v *gate.View) ([]*Team, error) {
	ts, err := gate.All(v, scanTeam, `select t.id, t.name, t.version from {teams} t order by t.name limit 1000`)
	if err != nil {
		return nil, err
	}
	at := map[string]*Team{}
	for _, t := range ts {
		at[string(t.ID)] = t
	}
	_, err = gate.All(v, func(row func(...any) error) (struct{}, error) {
		var holder ref.ID
		var principal string
		err := row(&holder, &principal)
		if t := at[principal]; t != nil {
			t.Members = append(t.Members, holder)
		}
		return struct{}{}, err
	}, `select m.holder, m.principal from {membership} m join {teams} t on t.id = m.principal order by 1, 2`)
	return ts, err
}

func saveTeam(tx *gate.Tx, t *Team) error {
	if t.Version == 0 {
		return tx.Exec(t.ID, gate.Change{Field: "team", New: t.Name}, `insert into {teams} (id, name, version) values ($1, $2, 1)`, string(t.ID), t.Name)
	}
	return tx.Exec(t.ID, gate.Change{Field: "team", New: t.Name}, `update {teams} set name = $2, version = version + 1 where id = $1 and version = $3`, string(t.ID), t.Name, t.Version)
}

func members(tx *gate.Tx, team ref.ID) ([]ref.ID, error) {
	return gate.All(&tx.View, gate.Value[ref.ID], `select m.holder from {membership} m where m.principal = $1`, string(team))
}

const directory = `select p.id, p.name, p.handle, p.state, coalesce(m.principal, '') as principal from {people} p left join {membership} m on m.holder = p.id
	union all select t.id, t.name, '', 'team', '' from {teams} t order by 2, 1, 5 limit 20000`

// sittings names a session by the beginning of its hash, of which the secret is not found.
func sittings(v *gate.View, who ref.ID, here string) ([]Sitting, error) {
	return gate.All(v, func(row func(...any) error) (s Sitting, err error) {
		var hash string
		var made, seen, until int64
		err = row(&hash, &s.Agent, &made, &seen, &until)
		s.ID, s.Here = hash[:min(16, len(hash))], hash == here
		s.Made, s.Seen, s.Until = gate.Time(made), gate.Time(seen), gate.Time(until)
		return s, err
	}, `select s.hash, s.agent, s.made_at, s.seen_at, s.until from {sessions} s where s.person = $1 and s.until > $2 order by s.seen_at desc, s.hash limit 100`,
		string(who), gate.Micros(v.Now))
}

func endOne(tx *gate.Tx, who ref.ID, id string) error {
	return tx.Exec(who, gate.Change{Field: "session", Old: "ended"}, `delete from {sessions} where person = $1 and substr(hash, 1, 16) = $2`, string(who), id)
}

// forgetSessions removes up to n sessions that have ended by themselves.
func forgetSessions(tx *gate.Tx, n int) (int64, error) {
	return tx.Maybe("", nil, `delete from {sessions} where hash in (select s.hash from {sessions} s where s.until <= $1 order by s.until limit $2)`, gate.Micros(tx.Now), n)
}

// forgetAttempts removes up to n counts of failed sign-ins that no longer count.
func forgetAttempts(tx *gate.Tx, n int) (int64, error) {
	return tx.Maybe("", nil, `delete from {attempts} where id in (select a.id from {attempts} a where a.last_at <= $1 order by a.last_at limit $2)`,
		gate.Micros(tx.Now.Add(-forget)), n)
}

// handled finds people by their handles: everybody for staff, others themselves alone.
func handled(v *gate.View, handles []string) (map[string]string, error) {
	args, marks := []any{string(v.Actor.ID), v.IsStaff()}, make([]string, len(handles))
	for i, h := range handles {
		args = append(args, h)
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	out := map[string]string{}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var id, handle string
		err := row(&id, &handle)
		out[handle] = id
		return struct{}{}, err
	}, `select p.id, p.handle from {people} p where ($2 or p.id = $1) and p.handle in (`+strings.Join(marks, ", ")+`)`, args...)
	return out, err
}

// offered are people who can sign in, whose handle or name holds what was typed:
// everybody inside for staff, others themselves alone.
func offered(v *gate.View, typed string) ([]query.Value, error) {
	return gate.All(v, scanValue, `select p.handle, p.name from {people} p where ($2 or p.id = $1) and p.handle <> '' and p.state = 'active'
		and ($3 = '' or replace(lower(p.handle || ' ' || p.name), $3, '') <> lower(p.handle || ' ' || p.name)) order by p.name, p.id limit 20`,
		string(v.Actor.ID), v.IsStaff(), strings.ToLower(typed))
}

func offeredTeams(v *gate.View, typed string) ([]query.Value, error) {
	return gate.All(v, scanValue, `select t.name, '' from {teams} t where $1 = '' or replace(lower(t.name), $1, '') <> lower(t.name) order by t.name limit 20`, strings.ToLower(typed))
}

func scanValue(row func(...any) error) (x query.Value, err error) {
	err = row(&x.Name, &x.Title)
	return x, err
}

// asked are the columns of the list of people.
var asked = query.Columns{
	"role": {Holds: query.Asked, Expr: `case when ? = 'none' then not exists (select 1 from {membership} m where m.holder = p.id and m.principal like 'role:%')
		else exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'role:' || ?) end`},
	"team": {Holds: query.Asked, Expr: `case when lower(?) = 'none' then not exists (select 1 from {membership} m join {teams} t on t.id = m.principal where m.holder = p.id)
		else exists (select 1 from {membership} m join {teams} t on t.id = m.principal where m.holder = p.id and lower(t.name) = lower(?)) end`},
	"is": {Is: map[string]string{"active": `p.state = 'active'`, "invited": `p.state = 'invited'`, "disabled": `p.state = 'disabled'`, "mfa": `p.totp <> ''`,
		"staff": `exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')`,
		"guest": `not exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')`}},
	"level": {Expr: `p.level`},
	"seen":  {Expr: `p.seen_at`, Holds: query.Moment},
	"added": {Expr: `p.made_at`, Holds: query.Moment},
}

// narrowed is the list of people under construction.
type narrowed struct {
	where []string
	args  []any
}

// arg keeps an argument and returns its place.
func (n *narrowed) arg(x any) string {
	n.args = append(n.args, x)
	return "$" + strconv.Itoa(len(n.args))
}

// word asks for a word in the name or the handle; no character of it is a wildcard.
func (n *narrowed) word(x string) {
	at := n.arg(x)
	n.where = append(n.where, `replace(lower(p.name || ' ' || p.handle), `+at+`, '') <> lower(p.name || ' ' || p.handle)`)
}

// behind begins a page behind a person.
func (n *narrowed) behind(name, id string) {
	n.where = append(n.where, `(p.name, p.id) > (`+n.arg(name)+`, `+n.arg(id)+`)`)
}

func (n *narrowed) from() string {
	if len(n.where) == 0 {
		return ` from {people} p`
	}
	return ` from {people} p where (` + strings.Join(n.where, `) and (`) + `)`
}

func (n *narrowed) count(v *gate.View) (string, error) {
	k, err := gate.One(v, gate.Value[int], `select count(*) from (select 1`+n.from()+` limit `+strconv.Itoa(query.MaxCount+1)+`) x`, n.args...)
	return query.Tally(k), err
}

func (n *narrowed) page(v *gate.View, limit int) ([]*Person, error) {
	return gate.All(v, scanPerson, `select `+columns+n.from()+` order by p.name, p.id limit `+strconv.Itoa(limit), n.args...)
}
