package gate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const (
	selectMembership = `select m.principal from membership m where m.holder = $1`
	andReads         = ` union all select 'reads:' || set_config('tocsin.reader', $1, true)`
	tellReader       = `select set_config('tocsin.reader', $1, true)`
	limitTime        = `select set_config('statement_timeout', $1, true)`
	upsertVisibility = `insert into {visibility} (subject, principal, role, kind, doc) values ($1, $2, $3, $4, $5)
		on conflict (subject, principal) do update set role = excluded.role, doc = excluded.doc`
	unlessTaken      = ` on conflict (id) do nothing`
	deleteVisibility = `delete from {visibility} where subject = $1 and principal = $2`
	insertJob        = `insert into {jobs} (id, kind, args, once, state, run_at, tries, lease_until, worker, last_error, made_at, done_at, subject)
		values ($1, $2, $3, $4, 'ready', $5, 0, 0, '', '', $6, 0, $7) on conflict do nothing`
	insertAudit = `insert into audit (id, at, actor, verb, subject, outcome, reason, detail, profile, salt)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	// insertOnce takes a key down, or takes over one that is older than $4.
	insertOnce = `insert into {idempotency} as i (key, hash, at, subject, status, answer) values ($1, $2, $3, '', 0, '')
		on conflict (key) do update set hash = excluded.hash, at = excluded.at, subject = '', status = 0, answer = '' where i.at < $4`
	selectOnce        = `select i.hash, i.status, i.answer, i.subject from {idempotency} i where i.key = $1`
	selectSpent       = `select i.subject from {idempotency} i where i.key = $1 and i.hash = $2`
	updateOnceSubject = `update {idempotency} set subject = $2 where key = $1`
	updateOnceAnswer  = `update {idempotency} set status = $2, answer = $3 where key = $1`
	deleteOnce        = `delete from {idempotency} where at < $1`
)

// selectVersion locks the record, so that nobody changes it in between.
func selectVersion(table string) string {
	return `select t.version from ` + table + ` t where t.id = $1 for update`
}

// selectSeen asks for the audience of a record and the roles that the principals
// ($2 and on) have on it.
func selectSeen(table string, principals []string) string {
	return `select t.audience, s.role from ` + table + ` t left join visibility s on s.subject = t.guard and s.principal in (` +
		numbers(2, len(principals)) + `) where t.id = $1`
}

// none is the condition that no record meets.
const none = `1 = 0`

// heldOn is the condition that one of the principals has one of the roles on a record.
func heldOn(alias, principals, roles string) string {
	return `exists (select 1 from {visibility} h where h.subject = ` + alias + `.guard and h.principal in (` + principals + `) and h.role in (` + roles + `))`
}

// setAudience changes the audience of every row of a table that a record guards.
func setAudience(table string) string {
	return `update {` + table + `} set audience = $1 where guard = $2 and audience <> $1`
}

// numbers returns "$2, $3, $4" for 2 and 3.
func numbers(from, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(out, ", ")
}

var (
	braces  = regexp.MustCompile(`\{(\w+)(:newest|:merged|:named)?\}`)
	bareRef = regexp.MustCompile(`(?i)\b(from|join|into|update)\s+[a-z]\w*`)
	number  = regexp.MustCompile(`\$(\d+)`)
	writing = regexp.MustCompile(`(?i)^\s*(insert|update|delete)\b`)
)

// textKey is all that the expansion of a statement depends on.
type textKey struct {
	q      string
	all    bool // the system: no filter
	staff  bool
	owners int
}

// expand rewrites "{cases} c" into the part of cases that the actor may see. It
// returns the text and the arguments that it adds at the end. A table that is
// named without braces is a mistake of the programmer, met at once.
func (g *Gate) expand(q string, v *View) (string, []string) {
	k := textKey{q, v.Actor.IsSystem(), v.staff, len(v.principals)}
	if !strings.Contains(q, "{") {
		mustBrace(q)
		return q, nil
	}
	e, ok := g.texts.Load(k)
	if !ok {
		e = g.expansion(k)
		g.texts.Store(k, e)
	}
	x := e.(expanded)
	if x.guarded {
		return x.text, v.principals
	}
	return x.text, nil
}

type expanded struct {
	text    string
	guarded bool // takes the principals as arguments
}

func (g *Gate) expansion(k textKey) expanded {
	mustBrace(k.q)
	var x expanded
	first := highest(k.q) + 1
	x.text = braces.ReplaceAllStringFunc(k.q, func(m string) string {
		f := braces.FindStringSubmatch(m)
		name, newest := f[1], f[2] != ""
		table, guarded := g.guarded[name]
		if !guarded {
			return name
		}
		if k.all && f[2] == ":named" {
			return restricted(name)
		}
		if k.all {
			return everything(name, newest)
		}
		x.guarded = true
		who := numbers(first, k.owners)
		if f[2] == ":named" {
			return restPart(name, table.Kind, who, k.owners)
		}
		if k.staff && f[2] == ":merged" && g.merges {
			return mergedPart(name, table.Kind, who, k.owners)
		}
		if k.staff {
			return staffPart(name, who, newest)
		}
		return namedPart(name, table.Kind, who, k.owners, newest)
	})
	return x
}

func everything(table string, newest bool) string {
	if newest {
		return `(select t.*, t.doc as newest from ` + table + ` t)`
	}
	return table
}

// staffPart costs staff an indexed column; only the rest costs a look-up.
func staffPart(table, who string, newest bool) string {
	extra := ""
	if newest {
		extra = ", t.doc as newest"
	}
	return fmt.Sprintf(`(select t.*%s from %s t where t.audience = 'staff' or exists (select 1 from visibility s
		where s.subject = t.guard and s.principal in (%s)))`, extra, table, who)
}

// mergedPart is staffPart for a list that nothing narrows, newest first: what all
// staff see and what names the actor are each read in the order of the list, so
// that the rest costs nothing, however much of it there is. SQLite merges the two;
// PostgreSQL (15) would sort them whole, and gets staffPart.
func mergedPart(table, kind, who string, owners int) string {
	return fmt.Sprintf(`(select t.*, t.doc as newest from %s t where t.audience = 'staff' union all %s)`, table, strings.Trim(restPart(table, kind, who, owners), "()"))
}

// restPart is what staff see and not all staff see: it starts from what names the
// actor, and costs as much as there is of it.
func restPart(table, kind, who string, owners int) string {
	return strings.TrimSuffix(namedPart(table, kind, who, owners, true), ")") + ` and t.audience <> 'staff')`
}

// restricted is restPart for those who see everything.
func restricted(table string) string {
	return fmt.Sprintf(`(select t.*, t.doc as newest from %s t where t.audience <> 'staff')`, table)
}

// namedPart is for somebody who may see little: a list starts from what names
// them, in the order of the list.
func namedPart(table, kind, who string, owners int, newest bool) string {
	if !newest {
		return fmt.Sprintf(`(select t.* from %s t where exists (select 1 from visibility s where s.subject = t.guard and s.principal in (%s)))`, table, who)
	}
	once := ""
	if owners > 1 {
		once = fmt.Sprintf(` and not exists (select 1 from visibility z where z.subject = s.subject and z.principal in (%s) and z.principal < s.principal)`, who)
	}
	return fmt.Sprintf(`(select t.*, s.doc as newest from visibility s join %s t on t.id = s.subject
		where s.kind = '%s' and s.principal in (%s)%s)`, table, kind, who, once)
}

// bare takes the braces off, for a write: what may be written was decided on the
// record before. A statement is looked through once.
func (g *Gate) bare(q string) string {
	if text, ok := g.plain.Load(q); ok {
		return text.(string)
	}
	mustBrace(q)
	text := braces.ReplaceAllString(q, "$1")
	g.plain.Store(q, text)
	return text
}

func mustBrace(q string) {
	if m := bareRef.FindString(q); m != "" && !allowed[strings.ToLower(strings.Fields(m)[1])] {
		panic(fmt.Sprintf("gate: write tables in braces, not %q", m))
	}
	if writing.MatchString(q) && !strings.Contains(q, "{") {
		panic(fmt.Sprintf("gate: write tables in braces: %q", q))
	}
}

// allowed are the words that may follow "update", "from" and the like without
// being tables: "for update skip locked", "do update set".
var allowed = map[string]bool{"set": true, "skip": true, "select": true, "lateral": true, "unnest": true, "of": true, "excluded": true}

func highest(q string) int {
	top := 0
	for _, m := range number.FindAllStringSubmatch(q, -1) {
		if n, _ := strconv.Atoi(m[1]); n > top {
			top = n
		}
	}
	return top
}
