package risk

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/union"
)

// itemColumns read evidence; what is linked to a case takes its date and severity
// from the case as it is now.
var itemColumns = union.Columns{"e.id", "#coalesce(x.at, e.at)", "#e.made_at", "#case when e.dropped then 1 else 0 end", "#case when coalesce(x.closed, false) then 1 else 0 end",
	"e.about", "e.kind", "coalesce(x.severity, e.severity)", "e.author", "e.audience", "e.guard", "coalesce(x.title, '')", "coalesce(x.barred, '')", "e.body"}

func scanItem(row func(...any) error) (it Item, err error) {
	var at, added int64
	var title, barred, body string
	if err = row(&it.ID, &at, &added, &it.Dropped, &it.Closed, &it.About, &it.Kind, &it.Severity, &it.By, &it.audience, &it.guard, &title, &barred, &body); err != nil {
		return it, err
	}
	it.At, it.Added = gate.Time(at), gate.Time(added)
	if err = json.Unmarshal([]byte(body), &it.ItemBody); err != nil {
		return it, err
	}
	if title != "" {
		it.Title = title
	}
	if barred != "" && !it.Dropped {
		it.Dropped, it.Why = true, "the case was found to be none: "+barred
	}
	return it, nil
}

// MaxItems is how much evidence of a risk is read: the newest, by when it happened.
// What is older stays in the ledger and counts no more, which the arithmetic says.
const MaxItems = 5000

// itemsOf reads, for the house, the evidence of each world, the newest first. What is
// hidden is read apart from what all staff may open, so that none of it displaces any
// of that.
func itemsOf(v *gate.View, r *Risk) (map[string][]Item, error) {
	part := func(cond string) string {
		return `select * from (select ` + itemColumns.Text() + ` from {evidence} e left join {cases} x on x.id = e.about where e.risk = $1 and ` + cond + `
			order by coalesce(x.at, e.at) desc, e.id limit ` + strconv.Itoa(MaxItems+1) + `) p`
	}
	const open = `(e.audience = 'staff' or e.guard = $1)`
	all, err := gate.All(v, scanItem, part(open)+` union all `+part(`not `+open), string(r.ID))
	return worlds(r, all), err
}

func caseAudience(v *gate.View, id ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select c.audience from {cases} c where c.id = $1`, string(id))
}

// insertItem puts a piece of evidence into the ledger, once; one that was taken
// back counts again. What is about a case is told by the case's trail.
func insertItem(tx *gate.Tx, r *Risk, it Item) error {
	body, err := json.Marshal(it.ItemBody)
	if err != nil {
		return err
	}
	n, err := tx.Maybe(it.guard, gate.Change{Field: "evidence of " + string(r.ID), New: it.About}, `insert into {evidence} as i (id, guard, audience, risk, about, kind, at,
		severity, author, made_at, dropped, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, false, $11)
		on conflict (risk, about) do update set dropped = false, body = excluded.body, kind = excluded.kind, at = excluded.at,
		severity = excluded.severity, author = excluded.author, made_at = excluded.made_at where i.dropped`,
		string(it.ID), string(it.guard), it.audience, string(r.ID), it.About, it.Kind, gate.Micros(it.At), it.Severity, string(it.By), gate.Micros(it.Added), string(body))
	if err != nil || n == 0 {
		return err
	}
	if err := tx.AsHouse(func(v *gate.View) (err error) { // what was taken back once has its name still
		it.ID, err = gate.One(v, gate.Value[ref.ID], `select e.id from {evidence} e where e.risk = $1 and e.about = $2`, string(r.ID), it.About)
		return err
	}); err != nil {
		return err
	}
	return passage.Put(tx, it.passage(r.ID))
}

func updateItem(tx *gate.Tx, risk ref.ID, it Item) error {
	body, err := json.Marshal(it.ItemBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(it.guard, gate.Change{Field: "evidence", Old: it.About, New: "taken back"}, `update {evidence} set dropped = $2, body = $3 where id = $1`,
		string(it.ID), it.Dropped, string(body)); err != nil {
		return err
	}
	return passage.Put(tx, it.passage(risk))
}

func itemSeen(v *gate.View, risk, id ref.ID) (Item, error) {
	return gate.One(v, scanItem, `select `+itemColumns.Text()+` from {evidence} e left join {cases} x on x.id = e.about where e.risk = $1 and e.id = $2`, string(risk), string(id))
}

// concerned lists the open risks that have the record as evidence, and those that
// cover its group.
func concerned(v *gate.View, about ref.ID, group string) ([]ref.ID, error) {
	return gate.All(v, gate.Value[ref.ID], `select e.risk from {evidence} e join {risks} c on c.id = e.risk where e.about = $1 and not e.dropped and not c.closed
		union select l.source from {links} l join {risks} c on c.id = l.source where l.target = $2 and l.kind = $3 and not c.closed`, string(about), group, linkCovers)
}

// coveredBy lists the groups that a risk covers, as texts.
func coveredBy(v *gate.View, id ref.ID) ([]string, error) {
	return gate.All(v, gate.Value[string], `select l.target from {links} l where l.source = $1 and l.kind = $2 order by l.target`, string(id), linkCovers)
}

// covered is an open risk with a group that it covers.
type covered struct {
	key  string
	risk ref.ID
}

func covering(v *gate.View, keys []string) ([]covered, error) {
	args, marks := []any{linkCovers}, make([]string, len(keys))
	for i, k := range keys {
		args, marks[i] = append(args, k), "$"+strconv.Itoa(i+2)
	}
	return gate.All(v, func(row func(...any) error) (x covered, err error) {
		err = row(&x.key, &x.risk)
		return x, err
	}, `select l.target, c.id from {links} l join {risks} c on c.id = l.source where l.kind = $1 and not c.closed and l.target in (`+strings.Join(marks, ", ")+`)
		order by c.doc`, args...)
}

// seenCase is a case with who may open it.
type seenCase struct {
	ID       ref.ID
	audience string
}

// coveredCases lists the cases of the groups that a risk covers, and that are not
// its evidence yet.
func coveredCases(v *gate.View, id ref.ID) ([]seenCase, error) {
	groups, err := coveredBy(v, id)
	var out []seenCase
	for _, g := range groups {
		k, bad := readGroup(g)
		if err != nil || bad != nil {
			return nil, errors.Join(err, bad)
		}
		some, bad := gate.All(v, func(row func(...any) error) (c seenCase, err error) {
			err = row(&c.ID, &c.audience)
			return c, err
		}, `select x.id, x.audience from (
			select c.id, c.audience, c.doc from {cases} c where c.cwe = $1 and c.product = $2 and c.component = $3 and c.barred = ''
			union all select k.guard, k.audience, k.at from {causes} k where k.cause = $1 and k.product = $2 and $3 = '') x
			where not exists (select 1 from {evidence} e where e.risk = $4 and e.about = x.id) order by x.doc, x.id limit 5000`, k.Weakness, k.Product, k.Component, string(id))
		if bad != nil {
			return nil, bad
		}
		out = append(out, some...)
	}
	return out, err
}

// standIn is an open risk, whole, with a group that it covers.
type standIn struct {
	*Risk
	key string
}

// standIns reads the open risks that cover the groups.
func standIns(v *gate.View, keys []string) ([]standIn, error) {
	args, marks := []any{world(v), linkCovers}, make([]string, len(keys))
	for i, k := range keys {
		args, marks[i] = append(args, k), "$"+strconv.Itoa(i+3)
	}
	cond, more, err := v.Where(VerbRead, "c", len(args)+1)
	if err != nil {
		return nil, err
	}
	if cond != "" {
		cond, args = " and "+cond, append(args, more...)
	}
	return gate.All(v, func(row func(...any) error) (x standIn, err error) {
		events := ""
		if x.Risk, err = scanInto(row, &events, &x.key); err == nil {
			err = json.Unmarshal([]byte(events), &x.events)
		}
		return x, err
	}, `select `+columns+`, c.events, l.target from {links} l join {risks} c on c.id = l.source`+standing(1)+` where l.kind = $2 and not c.closed and l.target in (`+
		strings.Join(marks, ", ")+`)`+cond+` order by c.doc`, args...)
}

// Passages are what the register puts into the search besides the risks' own words, by
// their tables.
var Passages = []passage.Source{
	passage.From("risks", scanPlanned, (*Risk).planned, `select c.id, c.audience, c.touched_at, c.body from {risks} c where c.id > $1 order by c.id limit $2`),
	passage.From("decisions", scanDecision, (*Decision).passage, `select `+decisionColumns.Text()+` from {decisions} d where d.id > $1 order by d.id limit $2`),
	passage.From("evidence", scanLinked, linked.passage, `select e.id, e.risk, e.guard, e.audience, e.about, e.made_at, e.dropped, e.body from {evidence} e where e.id > $1 order by e.id limit $2`),
}

// linked is evidence with its risk.
type linked struct {
	Item
	risk ref.ID
}

func scanLinked(row func(...any) error) (l linked, err error) {
	var added int64
	var body string
	if err = row(&l.ID, &l.risk, &l.guard, &l.audience, &l.About, &added, &l.Dropped, &body); err != nil {
		return l, err
	}
	l.Added = gate.Time(added)
	return l, json.Unmarshal([]byte(body), &l.ItemBody)
}

func (l linked) passage() passage.Passage { return l.Item.passage(l.risk) }
