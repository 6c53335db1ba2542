package advisory

import (
	"encoding/json"
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

const columns = `c.id, c.guard, c.audience, c.at, c.doc, c.version, c.stage, c.title, c.severity, c.case_id, c.name, c.published_at, c.approved, c.original, c.tlp`

func scanInto(row func(...any) error, more ...any) (*Advisory, error) {
	a, at, published := new(Advisory), int64(0), int64(0)
	err := row(append([]any{&a.ID, &a.guard, &a.audience, &at, &a.doc, &a.Version, &a.Stage, &a.Title, &a.Severity, &a.Case, &a.Name, &published, &a.Approved, &a.original, &a.TLP}, more...)...)
	a.Made, a.Published = gate.Time(at), gate.Time(published)
	return a, err
}

func scanRow(row func(...any) error) (*Advisory, error) { return scanInto(row) }

func scanWhole(row func(...any) error) (*Advisory, error) {
	var events, body string
	a, err := scanInto(row, &events, &body)
	if err == nil {
		err = json.Unmarshal([]byte(events), &a.events)
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &a.Work)
	}
	return a, err
}

func get(v *gate.View, id ref.ID) (*Advisory, error) {
	return gate.One(v, scanWhole, `select `+columns+`, c.events, c.body from {advisories} c where c.id = $1`, string(id))
}

func several(v *gate.View, ids []ref.ID) ([]*Advisory, error) {
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), string(id)
	}
	return gate.All(v, scanWhole, `select `+columns+`, c.events, c.body from {advisories} c where c.id in (`+strings.Join(marks, ", ")+`) order by c.id`, args...)
}

func (a *Advisory) texts() (events, body string, err error) {
	e, err := json.Marshal(a.events)
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(a.Work)
	return string(e), string(b), err
}

func insert(tx *gate.Tx, a *Advisory, what any) error {
	events, body, err := a.texts()
	if err != nil {
		return err
	}
	return tx.Exec(a.ID, what, `insert into {advisories} (id, guard, audience, at, doc, version, stage, title, severity, case_id, name,
		published_at, approved, events, body, original, tlp) values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		string(a.ID), string(a.guard), a.audience, gate.Micros(a.Made), a.doc, a.Stage, a.Title, a.Severity, string(a.Case), a.Name,
		gate.Micros(a.Published), a.Approved, events, body, a.original, a.Document.TLP)
}

func update(tx *gate.Tx, a *Advisory, what any) error {
	events, body, err := a.texts()
	if err != nil {
		return err
	}
	a.Version++
	return tx.Exec(a.ID, what, `update {advisories} set version = $2, stage = $3, title = $4, severity = $5, published_at = $6, approved = $7,
		events = $8, body = $9, name = $10, tlp = $12 where id = $1 and version = $11`,
		string(a.ID), a.Version, a.Stage, a.Title, a.Severity, gate.Micros(a.Published), a.Approved, events, body, a.Name, a.Version-1, a.Document.TLP)
}

// asked are the columns by which a query asks for advisories.
var asked = query.Columns{
	"stage": {Expr: `c.stage`, Quick: true}, "severity": {Expr: `c.severity`}, "case": {Expr: `c.case_id`}, "name": {Expr: `c.name`}, "tlp": {Expr: `c.tlp`},
	"published": {Expr: `c.published_at`, Holds: query.Moment}, "drafted": {Expr: `c.at`, Holds: query.Moment},
	"is": {Is: map[string]string{"published": `c.published_at > 0`, "approved": `c.approved`, "named": `c.audience <> 'staff'`}},
}

// narrowed is the list of advisories as a filter leaves it.
type narrowed struct {
	join  string
	where []string
	args  []any
}

func (n *narrowed) arg(a any) string {
	n.args = append(n.args, a)
	return `$` + strconv.Itoa(len(n.args))
}

// narrow makes conditions of a filter, and of what the reader may see.
func narrow(v *gate.View, f Filter) (*narrowed, error) {
	n := &narrowed{}
	quick, where, err := insight.Asking(v, f.Query, asked, n.arg)
	if err != nil {
		return nil, err
	}
	n.where = append(quick, where...)
	if f.Stage != "" {
		n.where = append(n.where, `c.stage = `+n.arg(f.Stage))
	}
	mine, more, err := v.Where(VerbRead, "c", len(n.args)+1)
	if err != nil {
		return nil, err
	}
	if n.args = append(n.args, more...); mine != "" {
		n.where = append(n.where, mine)
	}
	text := f.Query.Words()
	if text == "" {
		return n, nil
	}
	m, err := insight.Matching(v.Engine(), text, len(n.args)+1)
	if err != nil {
		return nil, err
	}
	n.join, n.where, n.args = m.Join, append(n.where, m.Where), append(n.args, m.Arg)
	return n, insight.Bounded(v)
}

func (n *narrowed) from() string {
	cond := ` from {advisories} c` + n.join
	if len(n.where) > 0 {
		cond += ` where ` + strings.Join(n.where, ` and `)
	}
	return cond
}

// count counts what the filter leaves, as far as the list counts.
func (n *narrowed) count(v *gate.View) (string, error) {
	k, err := gate.One(v, gate.Value[int], `select count(*) from (select 1`+n.from()+` limit `+strconv.Itoa(query.MaxCount+1)+`) x`, n.args...)
	return query.Tally(k), err
}

// page reads one page, newest first; before is behind which it begins, where it is set.
func (n *narrowed) page(v *gate.View, before *int64, limit int) ([]*Advisory, error) {
	if before != nil {
		n.where = append(n.where, `c.doc < `+n.arg(*before))
	}
	return gate.All(v, scanRow, `select `+columns+n.from()+` order by c.doc desc limit `+strconv.Itoa(limit), n.args...)
}

// Publication is one revision as it went out.
type Publication struct {
	Name      string `json:"name"`
	Revision  int    `json:"revision"`
	At        int64  `json:"-"` // when it went out, or was withdrawn
	Title     string `json:"title"`
	Severity  string `json:"severity"`
	Withdrawn bool   `json:"withdrawn"`
	Document  Document
}

func insertPublication(tx *gate.Tx, a *Advisory, d Document) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if _, err := tx.Maybe(a.ID, nil, `update {publications} set newest = false where name = $1`, a.Name); err != nil {
		return err
	}
	return tx.Exec(a.ID, gate.Change{Field: "published", New: a.Name + " revision " + d.Version},
		`insert into {publications} (name, revision, at, advisory, title, severity, hash, document, withdrawn, newest)
		values ($1, $2, $3, $4, $5, $6, $7, $8, false, true)`,
		a.Name, a.Revision, gate.Micros(d.out()), string(a.ID), d.Title, d.Severity, d.Hash(), string(b))
}

func withdrawPublications(tx *gate.Tx, a *Advisory) error {
	_, err := tx.Maybe(a.ID, gate.Change{Field: "withdrawn", New: true}, `update {publications} set withdrawn = true, at = case when newest then $2 else at end where name = $1`, a.Name, gate.Micros(tx.Now))
	return err
}

// setWithdrawn marks what was withdrawn before the house knew of it; the moment is
// what the Document states.
func setWithdrawn(tx *gate.Tx, a *Advisory) error {
	return tx.Exec(a.ID, nil, `update {publications} set withdrawn = true where name = $1`, a.Name)
}

func setOriginal(tx *gate.Tx, a *Advisory) error {
	return tx.Exec(a.ID, nil, `update {advisories} set original = $2 where id = $1`, string(a.ID), a.original)
}

// named reports whether an advisory, or something that is out, has the name.
func named(v *gate.View, name string) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {advisories} a where a.name = $1 union all select 1 from {publications} p where p.name = $1`, name)
	return len(n) > 0, err
}

const publicationColumns = `p.name, p.revision, p.at, p.title, p.severity, p.withdrawn, p.document`

func scanPublication(row func(...any) error) (p Publication, err error) {
	var doc string
	if err = row(&p.Name, &p.Revision, &p.At, &p.Title, &p.Severity, &p.Withdrawn, &doc); err != nil {
		return p, err
	}
	err = json.Unmarshal([]byte(doc), &p.Document)
	if p.Withdrawn && p.Document.Withdrawn.IsZero() {
		p.Document.Withdrawn = gate.Time(p.At)
	}
	return p, err
}

func publication(v *gate.View, name string) (Publication, error) {
	return gate.One(v, scanPublication, `select `+publicationColumns+` from {publications} p where p.name = $1 and p.newest`, name)
}

func publications(v *gate.View, beforeAt int64, beforeName string, limit int) ([]Publication, error) {
	if beforeName == "" {
		return gate.All(v, scanPublication, `select `+publicationColumns+` from {publications} p where p.newest
			order by p.at desc, p.name limit $1`, limit)
	}
	return gate.All(v, scanPublication, `select `+publicationColumns+` from {publications} p where p.newest and
		(p.at < $1 or (p.at = $1 and p.name > $2)) order by p.at desc, p.name limit $3`, beforeAt, beforeName, limit)
}
