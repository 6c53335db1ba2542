package bulk

import (
	"encoding/json"
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

const columns = `b.id, b.at, b.actor, b.who, b.surface, b.act, b.input, b.query, b.marker, b.missing, b.state, b.quiet, b.until`

func scan(row func(...any) error) (*Bulk, error) {
	b, at, until, input, missing := &Bulk{Counts: map[string]int{}}, int64(0), int64(0), "", ""
	if err := row(&b.ID, &at, &b.actor, &b.who, &b.Surface, &b.Act, &input, &b.query, &b.mark, &missing, &b.State, &b.quiet, &until); err != nil {
		return nil, err
	}
	b.At, b.Until = gate.Time(at), gate.Time(until)
	if err := json.Unmarshal([]byte(input), &b.Input); err != nil {
		return nil, err
	}
	return b, json.Unmarshal([]byte(missing), &b.Missing)
}

func get(v *gate.View, id ref.ID) (*Bulk, error) {
	return gate.One(v, scan, `select `+columns+` from {bulks} b where b.id = $1`, string(id))
}

// latest are the newest of one actor.
func latest(v *gate.View, n int) ([]*Bulk, error) {
	return gate.All(v, scan, `select `+columns+` from {bulks} b where b.actor = $1 order by b.at desc, b.id limit `+strconv.Itoa(n), string(v.Actor.ID))
}

func insert(tx *gate.Tx, b *Bulk, count int) error {
	input, err := json.Marshal(b.Input)
	if err != nil {
		return err
	}
	missing, err := json.Marshal(b.Missing)
	if err != nil {
		return err
	}
	return tx.Exec(b.ID, gate.Change{Field: "bulk", New: map[string]any{"surface": b.Surface, "act": b.Act, "with": b.Input.Value, "query": b.query, "records": count}},
		`insert into {bulks} (id, at, actor, who, surface, act, input, query, marker, missing, state, quiet, until)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(b.ID), gate.Micros(b.At), string(b.actor), b.who, b.Surface, b.Act, string(input), b.query, b.mark, string(missing), b.State, b.quiet, gate.Micros(b.Until))
}

// insertRows keeps records to be changed, from number n on. A record that is there
// already, since it moved in the list meanwhile, stays where it is.
func insertRows(tx *gate.Tx, id ref.ID, from int, rows []ref.ID) error {
	const most = 100 // in a statement
	for len(rows) > 0 {
		some := rows[:min(most, len(rows))]
		rows = rows[len(some):]
		args, values := []any{string(id)}, make([]string, len(some))
		for i, r := range some {
			n := strconv.Itoa(len(args))
			args = append(args, from, string(r))
			from++
			values[i] = `($1, $` + plus(n, 1) + `, $` + plus(n, 2) + `, ` + guardOf(r, `$`+plus(n, 2)) + `, ` + audienceOf(r, `$`+plus(n, 2)) + `, 'waiting', 0, '[]', '')`
		}
		if err := tx.Derive(`insert into {bulk_rows} (bulk, n, record, guard, audience, state, at, was, says) values `+strings.Join(values, ", ")+` on conflict do nothing`, args...); err != nil {
			return err
		}
	}
	return nil
}

// tables are the guarded tables by the kind of their records.
var tables = map[string]string{"case": `{cases}`, "report": `{reports}`, "risk": `{risks}`, "obs": `{observations}`, "adv": `{advisories}`, "person": `{people}`}

// unguarded are the kinds whose table all staff read, and nobody else.
var unguarded = map[string]bool{"person": true}

// guardOf is by what the record is guarded: itself, or what it belongs to.
func guardOf(id ref.ID, place string) string {
	if unguarded[id.Kind()] {
		return place
	}
	return `coalesce((select t.guard from ` + tables[id.Kind()] + ` t where t.id = ` + place + `), ` + place + `)`
}

// audienceOf is who may see the record at this moment, for what is kept about it.
func audienceOf(id ref.ID, place string) string {
	audience := `t.audience`
	if unguarded[id.Kind()] {
		audience = `'staff'`
	}
	return `coalesce((select ` + audience + ` from ` + tables[id.Kind()] + ` t where t.id = ` + place + `), 'named')`
}

func plus(n string, by int) string {
	x, _ := strconv.Atoi(n) // it was written by strconv
	return strconv.Itoa(x + by)
}

// lastRow is the number of the last record that was collected.
func lastRow(v *gate.View, id ref.ID) (int, error) {
	return gate.One(v, gate.Value[int], `select coalesce(max(r.n), 0) from {bulk_rows} r where r.bulk = $1`, string(id))
}

// advance moves the whole from one state to another, unless somebody else did.
func advance(tx *gate.Tx, id ref.ID, from, to, marker string) (bool, error) {
	return tx.Claim(`update {bulks} set state = $3, marker = $4 where id = $1 and state = $2`, string(id), from, to, marker)
}

// change is advance by the one whose it is, with an entry in the audit log.
func change(tx *gate.Tx, b *Bulk, to string) error {
	return tx.Exec(b.ID, gate.Change{Field: "state", Old: b.State, New: to}, `update {bulks} set state = $3 where id = $1 and state = $2`, string(b.ID), b.State, to)
}

func scanRow(row func(...any) error) (r Fate, err error) {
	var at int64
	var was string
	if err = row(&r.N, &r.ID, &r.State, &at, &was, &r.Says); err != nil {
		return r, err
	}
	r.at = gate.Time(at)
	return r, json.Unmarshal([]byte(was), &r.was)
}

// inState lists records in a state, behind a number.
func inState(v *gate.View, id ref.ID, state string, after, n int) ([]Fate, error) {
	return gate.All(v, scanRow, `select r.n, r.record, r.state, r.at, r.was, r.says from {bulk_rows} r where r.bulk = $1 and r.state = $2 and r.n > $3
		order by r.n limit `+strconv.Itoa(n), string(id), state, after)
}

// rowsOf lists records in any state, behind a number.
func rowsOf(v *gate.View, id ref.ID, after, n int) ([]Fate, error) {
	return gate.All(v, scanRow, `select r.n, r.record, r.state, r.at, r.was, r.says from {bulk_rows} r where r.bulk = $1 and r.n > $2
		order by r.n limit `+strconv.Itoa(n), string(id), after)
}

// count counts the records by their state, as far as the reader may see them.
func (b *Bulk) count(v *gate.View) error {
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var state string
		var n int
		err := row(&state, &n)
		b.Counts[state] = n
		return struct{}{}, err
	}, `select r.state, count(*) from {bulk_rows} r where r.bulk = $1 group by r.state order by r.state`, string(b.ID))
	return err
}

// reasons are the reasons why records were not changed, with the first records each.
func (b *Bulk) reasons(v *gate.View) (err error) {
	b.Why, err = gate.All(v, func(row func(...any) error) (w Why, err error) {
		err = row(&w.State, &w.Says, &w.Count)
		return w, err
	}, `select r.state, r.says, count(*) from {bulk_rows} r where r.bulk = $1 and r.state in ('refused', 'left', 'same')
		group by r.state, r.says order by 3 desc, 1, 2 limit 20`, string(b.ID))
	for i, w := range b.Why {
		if err != nil {
			return err
		}
		b.Why[i].IDs, err = gate.All(v, gate.Value[ref.ID], `select r.record from {bulk_rows} r where r.bulk = $1 and r.state = $2 and r.says = $3 order by r.n limit 10`,
			string(b.ID), w.State, w.Says)
	}
	return err
}

// claim says what became of a record, if the whole is still in the state in which it
// is changed and nobody has taken the record.
func claim(tx *gate.Tx, b *Bulk, r Fate, from, to string, was []gate.Change) (bool, error) {
	text, err := json.Marshal(was)
	if err != nil {
		return false, err
	}
	return tx.Claim(`update {bulk_rows} set state = $4, at = $5, was = $6, audience = `+audienceOf(r.ID, `bulk_rows.record`)+`
		where bulk = $1 and n = $2 and state = $3 and exists (select 1 from {bulks} b where b.id = $1 and b.state = $7)`,
		string(b.ID), r.N, from, to, gate.Micros(tx.Now), string(text), b.State)
}

// left says of a record why it stays as it is.
func left(tx *gate.Tx, id ref.ID, r Fate, from string) error {
	return tx.Derive(`update {bulk_rows} set state = $4, says = $5 where bulk = $1 and n = $2 and state = $3`, string(id), r.N, from, r.State, r.Says)
}

// seen are those of the records that the actor may see, in the order of their names.
func seen(v *gate.View, record string, ids []ref.ID) ([]ref.ID, error) {
	args, marks := make([]any, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		args[i], marks[i] = string(id), "$"+strconv.Itoa(i+1)
	}
	return gate.All(v, gate.Value[ref.ID], `select c.id from `+tables[record]+` c where c.id in (`+strings.Join(marks, ", ")+`) order by c.id`, args...)
}

// since names who changed a record after a moment: somebody else than the actor, and
// not the house. What was only said on it is no change of it; where about is given,
// neither is an entry that does not hold it.
func since(v *gate.View, id, but ref.ID, at int64, about string) ([]string, error) {
	return gate.All(v, gate.Value[string], `select coalesce(p.name, '') from {audit} a left join {people} p on p.id = a.actor
		where a.subject = $1 and a.at > $2 and a.outcome = 'done' and a.actor <> $3 and a.actor not like 'system-%'
		and a.detail <> '[]' and a.detail not like '[{"field":"said"%' and ($4 = '' or replace(a.detail, $4, '') <> a.detail)
		order by a.at, a.id limit 1`, string(id), at, string(but), about)
}

// alive reports whether who asked is still there to act: an active person, or a token
// that holds.
func alive(v *gate.View, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active'
		union all select 1 from {tokens} t where t.id = $1 and t.revoked_at = 0 and (t.until = 0 or t.until > $2)`, string(who), gate.Micros(v.Now))
	return len(n) > 0, err
}

// forget removes what is older than a moment: first the records of it, at most n.
func forget(tx *gate.Tx, before int64, n int) (int, error) {
	gone, err := tx.Maybe("", nil, `delete from {bulk_rows} where (bulk, n) in (select r.bulk, r.n from {bulk_rows} r join {bulks} b on b.id = r.bulk
		where b.at < $1 order by b.at limit `+strconv.Itoa(n)+`)`, before)
	if err != nil || gone > 0 {
		return int(gone), err
	}
	gone, err = tx.Maybe("", nil, `delete from {bulks} where id in (select b.id from {bulks} b where b.at < $1 order by b.at limit `+strconv.Itoa(n)+`)`, before)
	return int(gone), err
}
