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
