package archive

import (
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// origin is the newest original of a record that was taken in; its zero value is
// none.
type origin struct {
	revision  int
	sha256    string
	advisory  ref.ID
	rehearsed bool // of a dry run: it would be here by now
}

func scanOrigin(row func(...any) error) (o origin, err error) {
	err = row(&o.revision, &o.sha256, &o.advisory)
	return o, err
}

func originOf(v *gate.View, format, name string) (origin, error) {
	all, err := gate.All(v, scanOrigin, `select o.revision, o.sha256, o.advisory from {origins} o where o.format = $1 and o.name = $2
		order by o.revision desc limit 1`, format, name)
	if err != nil || len(all) == 0 {
		return origin{}, err
	}
	return all[0], nil
}

func insertOrigin(tx *gate.Tx, it *item, o origin, subject string) error {
	return tx.Exec(ref.ID(subject), nil, `insert into {origins} (format, name, revision, sha256, at, advisory) values ($1, $2, $3, $4, $5, $6)`,
		it.format, it.name, o.revision, it.sum, gate.Micros(tx.Now), string(o.advisory))
}

func casesOf(v *gate.View, format, name string) (map[string]ref.ID, error) {
	out := map[string]ref.ID{}
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var part string
		var id ref.ID
		err := row(&part, &id)
		out[part] = id
		return struct{}{}, err
	}, `select p.part, p.case_id from {origin_cases} p where p.format = $1 and p.name = $2 order by p.part limit 10000`, format, name)
	return out, err
}

func insertPart(tx *gate.Tx, it *item, key string, id ref.ID) error {
	return tx.Exec(id, nil, `insert into {origin_cases} (format, name, part, case_id) values ($1, $2, $3, $4)`, it.format, it.name, key, string(id))
}

// joins finds the case that another form made of the same CVE ID, and that this
// form has not spoken of yet.
func joins(v *gate.View, format, cve string) (ref.ID, error) {
	if cve == "" {
		return "", nil
	}
	ids, err := gate.All(v, gate.Value[ref.ID], `select c.id from {cases} c where c.cve = $1
		and exists (select 1 from {origin_cases} p where p.case_id = c.id)
		and not exists (select 1 from {origin_cases} p where p.case_id = c.id and p.format = $2) order by c.id limit 1`, cve, format)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// insertLink joins a case to an advisory that speaks of several.
func insertLink(tx *gate.Tx, from, advisory ref.ID) error {
	_, err := tx.Maybe(from, gate.Change{Field: "link", New: "advisory " + string(advisory)},
		`insert into {links} (source, kind, target, at, author) values ($1, 'advisory', $2, $3, $4) on conflict (source, kind, target) do nothing`,
		string(from), string(advisory), gate.Micros(tx.Now), string(tx.Actor.ID))
	return err
}

// kinds are the kinds of an export, in its order; the first is also the table's.
// A report's secret link is none of its fields.
var kinds = []kind{
	{"case", "", `select c.id, c.title, c.stage, c.closed, c.severity, c.score, c.cwe, c.cve, c.product, c.component, c.owner, c.source, c.audience,
		c.at, c.due_at, c.due, c.breached, c.labels, c.version, c.events, c.body from {cases} c order by c.doc desc`,
		fields("id title stage closed:bool severity score:score cwe cve product component owner source audience opened:time due:time due_what breached:bool labels:words version events:json body:json")},
	{"report", "report.read", `select r.id, r.title, r.stage, r.severity, r.cwe, r.product, r.component, r.source, r.reporter, r.case_id, r.audience,
		r.at, r.due_at, r.due, r.breached, r.version, r.events, r.body from {reports} r order by r.doc desc`,
		fields("id title stage severity cwe product component source reporter case audience received:time due:time due_what breached:bool version events:json body:json")},
	{"advisory", "advisory.read", `select a.id, a.name, a.title, a.stage, a.severity, a.case_id, a.audience, a.at, a.published_at, a.approved,
		a.original, a.version, a.events, a.body from {advisories} a order by a.doc desc`,
		fields("id name title stage severity case audience made:time published:time approved:bool original version events:json body:json")},
	{"publication", "", `select p.name, p.revision, p.at, p.advisory, p.title, p.severity, p.hash, p.withdrawn, p.newest, p.document
		from {publications} p join {advisories} a on a.id = p.advisory order by p.name, p.revision`,
		fields("name revision published:time advisory title severity hash withdrawn:bool newest:bool document:json")},
	{"message", "case.read", `select m.id, m.subject, m.at, m.author, m.name, m.side, m.text from {messages} m order by m.subject, m.at, m.id`,
		fields("id subject at:time author name side text")},
	{"file", "case.read", `select f.id, f.subject, f.at, f.author, f.name, f.media, f.size, f.sha256, f.side from {files} f order by f.subject, f.at, f.id`,
		fields("id subject at:time author name media size sha256 side")},
	{"link", "", `select l.source, l.kind, l.target, l.at, l.author from {links} l join {cases} c on c.id = l.source
		where exists (select 1 from {cases} d where d.id = l.target) or exists (select 1 from {advisories} a where a.id = l.target)
		order by l.source, l.kind, l.target`,
		fields("source link target at:time author")},
	{"product", "", `select p.name, p.title, p.vendor, p.purl, p.ecosystem, p.about, p.public from {products} p order by p.name`,
		fields("name title vendor purl ecosystem about public:bool")},
	{"component", "", `select c.product, c.name, c.title, c.team from {components} c order by c.product, c.name`,
		fields("product name title team")},
	{"line", "", `select n.product, n.name, n.supported, n.until from {lines} n order by n.product, n.name`,
		fields("product name supported:bool until:time")},
}
