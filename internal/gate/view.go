package gate

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// View is a reader that sees only what its actor may see.
type View struct {
	Actor access.Actor
	Now   time.Time // of the transaction, UTC, whole microseconds
	Roles []access.Role

	staff      bool
	principals []string // what a record may name to be seen: the actor and its teams
	seen       map[ref.ID]sight
	slow       *fault.Fault // what to say of a statement that took too long, where the time is limited
	wall       bool         // the engine is told who reads, and leaves out what they may not see
	ctx        context.Context
	until      context.Context // when it ends, no further statement is run
	tx         *db.Tx
	gate       *Gate
}

// sight is what the actor may know of one record, asked once a transaction.
type sight struct {
	sees bool
	as   []access.Role
}

// View runs fn as a reader in one snapshot. The engine refuses to write in it.
func (g *Gate) View(ctx context.Context, fn func(*View) error) error {
	a, err := access.From(ctx)
	if err != nil {
		return err
	}
	return g.db.Read(ctx, func(tx *db.Tx) error {
		v := g.view(ctx, a, tx)
		v.wall = tx.Engine == db.Postgres
		if tx.Engine == db.SQLite {
			v.ctx = context.WithoutCancel(ctx)
		}
		if err := v.enter(); err != nil {
			return err
		}
		return v.gaveUp(fn(v))
	})
}

// view begins a View. Where SQLite reads, ctx is asked before each statement and
// now and then between rows, and not within one: to watch it there costs two
// goroutines a statement, a quarter of a small request, and no statement of the
// house is long.
func (g *Gate) view(ctx context.Context, a access.Actor, tx *db.Tx) *View {
	return &View{Actor: a, Now: g.now().UTC().Truncate(time.Microsecond), ctx: ctx, until: ctx, tx: tx, gate: g}
}

// enter reads what the actor is at this moment: its roles and memberships.
func (v *View) enter() error {
	v.principals = []string{string(v.Actor.ID)}
	switch v.Actor.Kind {
	case access.Machine:
		v.staff = true
		return nil
	case access.Reporter:
		v.Roles = []access.Role{access.Role(access.Reporter)}
		return v.reads(v.Actor.ID)
	case access.Public().Kind:
		return v.reads(v.Actor.ID)
	}
	q := selectMembership
	if v.wall {
		q += andReads
	}
	rows, err := v.ask(q, string(v.Actor.ID))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return err
		}
		v.join(p)
	}
	return rows.Err()
}

func (v *View) join(principal string) {
	role, isRole := strings.CutPrefix(principal, "role:")
	switch {
	case isRole:
		v.Roles = append(v.Roles, access.Role(role))
	case principal == access.Staff:
		v.staff = true
	case strings.HasPrefix(principal, "reads:"): // the answer of andReads
	default:
		v.principals = append(v.principals, principal)
	}
}

// AsHouse runs fn as the house itself in the same snapshot, for a fact about a
// record that the actor may not open: fn must hand on nothing but that fact.
func (v *View) AsHouse(fn func(*View) error) error {
	h := *v
	h.Actor, h.staff, h.seen = access.System(string(v.Actor.Kind)), true, nil
	if err := v.reads(""); err != nil {
		return err
	}
	if err := fn(&h); err != nil {
		return err
	}
	return v.reads(v.Actor.ID)
}

// reads tells PostgreSQL who reads from here on in this transaction; "" is the
// house itself. See the policies in schema/0050_wall.postgres.sql.
func (v *View) reads(who ref.ID) error {
	if !v.wall || v.Actor.IsSystem() {
		return nil
	}
	return v.tell(tellReader, string(who))
}

// tell runs a statement whose answer says nothing.
func (v *View) tell(q string, args ...any) error {
	rows, err := v.ask(q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// gaveUp says of a statement that took too long what Within was told to say.
func (v *View) gaveUp(err error) error {
	if v.slow == nil || !db.GaveUp(err) {
		return err
	}
	f := *v.slow
	f.Err = err
	return &f
}

// Within limits the time that PostgreSQL may take over each further statement of
// this view; slow is what the view answers when one takes longer. SQLite reads in
// the process itself and is asked for pages that cost little at any size.
func (v *View) Within(d time.Duration, slow *fault.Fault) error {
	if !v.wall {
		return nil
	}
	v.slow = slow
	return v.tell(limitTime, strconv.FormatInt(d.Milliseconds(), 10))
}

// IsStaff reports whether the actor is one of those inside.
func (v *View) IsStaff() bool { return v.staff }

// Has reports whether the actor holds the role in general.
func (v *View) Has(r access.Role) bool { return slices.Contains(v.Roles, r) }

// May reports whether the actor's roles cover the verb on a record that it sees,
// counting the role that it has on the record. It is for showing what is
// possible; Act decides by itself.
func (v *View) May(verb access.Verb, subject ref.ID) bool {
	sees, on, err := v.sees(subject)
	if err != nil || !sees {
		return false
	}
	g := v.gate.grants
	return v.Actor.IsSystem() || v.Actor.InScope(verb) && (g.Holds(verb, v.Roles) || g.Holds(verb, on))
}

// Can reports whether the actor's roles cover the verb in general, whatever it is on a
// record. It is for showing what is possible without a look at each.
func (v *View) Can(verb access.Verb) bool {
	return v.Actor.IsSystem() || v.Actor.InScope(verb) && v.gate.grants.Holds(verb, v.Roles)
}

// Sees answers NotFound for a record that the actor may not know of.
func (v *View) Sees(subject ref.ID) error {
	ok, _, err := v.sees(subject)
	if err == nil && !ok {
		err = access.NoRecord()
	}
	return err
}

// Allow answers as Act would: nil, NotFound or Forbidden. A read that is not for
// everybody who sees the record asks it first.
func (v *View) Allow(verb access.Verb, subject ref.ID) error { return v.allow(verb, subject) }

// Reads answers as Act would for the verb that covers reading a record of the
// subject's kind. To see a record is to know of it; to read it takes a role. What
// is inside is never a reporter's to read, whatever a profile grants them.
func (v *View) Reads(subject ref.ID) error {
	verb := access.Reads(subject.Kind())
	if v.Actor.Kind == access.Reporter {
		return access.NoRecord()
	}
	if verb == "" {
		return v.Sees(subject)
	}
	return v.allow(verb, subject)
}

// Covers reports whether the actor may itself do, on the record, everything about
// the nouns that the role lets its bearer do: nobody hands on more than they hold.
func (v *View) Covers(role access.Role, subject ref.ID, nouns ...string) bool {
	for verb, roles := range v.gate.grants {
		noun, _, _ := strings.Cut(string(verb), ".")
		if slices.Contains(nouns, noun) && slices.Contains(roles, role) && !v.May(verb, subject) {
			return false
		}
	}
	return true
}

// Where narrows a list, whose guarded table has the alias, to the records on which
// the actor's roles cover the verb: it returns a condition and its arguments, from
// number n on. The condition is empty where the roles cover it in general. A token
// whose scopes leave the verb out is Forbidden.
func (v *View) Where(verb access.Verb, alias string, n int) (cond string, args []any, err error) {
	if !v.Actor.InScope(verb) {
		return "", nil, v.gate.grants.Decide(v.Actor, verb, nil, true)
	}
	roles := v.gate.grants[verb]
	if v.Actor.IsSystem() || v.gate.grants.Holds(verb, v.Roles) {
		return "", nil, nil
	}
	if len(roles) == 0 {
		return none, nil, nil
	}
	for _, p := range v.principals {
		args = append(args, p)
	}
	for _, r := range roles {
		args = append(args, string(r))
	}
	return heldOn(alias, numbers(n, len(v.principals)), numbers(n+len(v.principals), len(roles))), args, nil
}

func (v *View) allow(verb access.Verb, subject ref.ID) error {
	sees, on, err := v.sees(subject)
	if err != nil {
		return err
	}
	roles := v.Roles
	if len(on) > 0 {
		roles = slices.Concat(roles, on)
	}
	return v.gate.grants.Decide(v.Actor, verb, roles, sees)
}

// sees reports whether the actor may know of the record, and as what.
func (v *View) sees(subject ref.ID) (bool, []access.Role, error) {
	if subject == "" {
		return true, nil, nil
	}
	table, known := v.gate.kinds[subject.Kind()]
	if !known {
		return v.Actor.IsSystem() || v.staff, nil, nil
	}
	if s, ok := v.seen[subject]; ok {
		return s.sees, s.as, nil
	}
	s, err := v.look(table, subject)
	if err == nil {
		if v.seen == nil {
			v.seen = map[ref.ID]sight{}
		}
		v.seen[subject] = s
	}
	return s.sees, s.as, err
}

func (v *View) look(table string, subject ref.ID) (s sight, err error) {
	q, args := selectSeen(table, v.principals), []any{string(subject)}
	for _, p := range v.principals {
		args = append(args, p)
	}
	rows, err := v.ask(q, args...)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var audience string
		var role *string
		if err := rows.Scan(&audience, &role); err != nil {
			return s, err
		}
		s.sees = s.sees || v.Actor.IsSystem() || role != nil || (v.staff && audience == access.Staff)
		if role != nil && *role != "" {
			s.as = append(s.as, access.Role(*role))
		}
	}
	return s, rows.Err()
}

// Query reads rows. Every table stands in braces and carries an alias:
// "from {cases} c" is the part of cases that the actor may see, and
// "from {cases:newest} c" is the same with a column newest to order a list by, and
// "from {cases:merged} c" is that for a list without any other condition or join.
// "from {cases:named} c" is what of it not all staff see.
func (v *View) Query(q string, args ...any) (*sql.Rows, error) {
	text, more := v.gate.expand(q, v)
	for _, p := range more {
		args = append(args, p)
	}
	return v.ask(text, args...)
}

// ask runs a statement that is expanded, unless the caller has gone.
func (v *View) ask(q string, args ...any) (*sql.Rows, error) {
	if err := v.until.Err(); err != nil {
		return nil, err
	}
	return v.tx.Query(v.ctx, q, args...)
}

// rowsAtOnce is how many rows are read before the caller is asked for again.
const rowsAtOnce = 256

// Engine tells which engine runs, for the few texts that differ (full text).
func (v *View) Engine() db.Engine { return v.tx.Engine }

// Profile returns the version of the profile in force.
func (v *View) Profile() string { return v.gate.profile }

// All reads every row of a query with scan.
func All[T any](v *View, scan func(row func(...any) error) (T, error), q string, args ...any) ([]T, error) {
	rows, err := v.Query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		x, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		if out = append(out, x); len(out)%rowsAtOnce == 0 && v.until.Err() != nil {
			return nil, v.until.Err()
		}
	}
	return out, rows.Err()
}

// One reads the only row of a query, or answers that there is no such record.
func One[T any](v *View, scan func(row func(...any) error) (T, error), q string, args ...any) (T, error) {
	all, err := All(v, scan, q, args...)
	if err == nil && len(all) == 0 {
		err = access.NoRecord()
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// Value scans a single column.
func Value[T any](row func(...any) error) (x T, err error) {
	err = row(&x)
	return x, err
}

// Micros is how a moment is stored: microseconds since 1970 UTC; 0 is no moment.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time reads a stored moment.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// stale is the answer when a row version did not match.
func stale(subject ref.ID) error {
	return fault.New(fault.Conflict, "%s changed meanwhile; load it again, your text is kept", subject)
}

// epoch is where places in lists are counted from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// Doc returns a record's place in lists: a number that is greater for later moments and unique by
// chance. 41 bits are milliseconds; of the other 22, 12 are random, and 10 more where the moment is
// not told to the microsecond: what happens now is so in its order, as the full-text index likes it.
// A date without a time is somewhere in its day; no moment at all comes before all others.
func Doc(at time.Time) int64 {
	ms, us := int64(0), int64(at.Nanosecond()/1000%1000)
	switch {
	case at.IsZero():
		return -1<<62 - ref.Number(1<<60)
	case at.Equal(at.Truncate(24 * time.Hour)):
		ms = ref.Number(24 * 60 * 60 * 1000)
	}
	if us == 0 {
		us = ref.Number(1 << 10)
	}
	return (at.UnixMilli()-epoch+ms)<<22 | us<<12 | ref.Number(1<<12)
}

// DocOf is the lowest place in lists of a moment that begins a day: what is dated
// from there on has this place or a greater one.
func DocOf(day time.Time) int64 { return (day.UnixMilli() - epoch) << 22 }
