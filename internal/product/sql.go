package product

import (
	"slices"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// ID is how the audit trail names a product.
func ID(name string) ref.ID { return ref.ID("product-" + name) }

func save(tx *gate.Tx, p *Product) error {
	what := gate.Change{Field: "product", New: p}
	if p.Version == 0 {
		if err := tx.Exec(ID(p.Name), what, `insert into {products} (name, title, vendor, purl, ecosystem, about, public, version)
			values ($1, $2, $3, $4, $5, $6, $7, 1)`, p.Name, p.Title, p.Vendor, p.PURL, p.Ecosystem, p.About, p.Public); err != nil {
			return err
		}
	} else if err := tx.Exec(ID(p.Name), what, `update {products} set title = $2, vendor = $3, purl = $4, ecosystem = $5, about = $6, public = $7,
		version = version + 1 where name = $1 and version = $8`, p.Name, p.Title, p.Vendor, p.PURL, p.Ecosystem, p.About, p.Public, p.Version); err != nil {
		return err
	}
	for _, q := range []string{`delete from {components} where product = $1`, `delete from {lines} where product = $1`} {
		if _, err := tx.Maybe(ID(p.Name), nil, q, p.Name); err != nil {
			return err
		}
	}
	for _, c := range p.Components {
		if err := tx.Exec(ID(p.Name), nil, `insert into {components} (product, name, title, team) values ($1, $2, $3, $4)`, p.Name, c.Name, c.Title, string(c.Team)); err != nil {
			return err
		}
	}
	for _, l := range p.Lines {
		if err := tx.Exec(ID(p.Name), nil, `insert into {lines} (product, name, supported, until) values ($1, $2, $3, $4)`, p.Name, l.Name, l.Supported, gate.Micros(l.Until)); err != nil {
			return err
		}
	}
	return nil
}

// isTeam reports whether there is such a team; nobody is one, too.
func isTeam(v *gate.View, id ref.ID) (bool, error) {
	if id == "" {
		return true, nil
	}
	n, err := gate.All(v, gate.Value[int], `select 1 from {teams} t where t.id = $1`, string(id))
	return len(n) > 0, err
}

func scan(row func(...any) error) (p Product, err error) {
	err = row(&p.Name, &p.Title, &p.Vendor, &p.PURL, &p.Ecosystem, &p.About, &p.Public, &p.Version)
	return p, err
}

const columns = `p.name, p.title, p.vendor, p.purl, p.ecosystem, p.about, p.public, p.version`

func public(v *gate.View) ([]Product, error) {
	return gate.All(v, scan, `select `+columns+` from {products} p where p.public order by p.title limit 500`)
}

// all reads the tree in two statements: products, and what hangs on them.
func all(v *gate.View) ([]Product, error) {
	ps, err := gate.All(v, scan, `select `+columns+` from {products} p order by p.title limit 1000`)
	if err != nil {
		return nil, err
	}
	_, err = gate.All(v, func(row func(...any) error) (struct{}, error) { return struct{}{}, hang(ps, row) },
		`select c.product, 'component' as what, c.name, c.title, c.team, false as supported, 0 as until from {components} c
		union all select l.product, 'line', l.name, '', '', l.supported, l.until from {lines} l order by 1, 2, 3 limit 20000`)
	return ps, err
}

func hang(ps []Product, row func(...any) error) error {
	var product, what, name, title, team string
	var supported bool
	var until int64
	if err := row(&product, &what, &name, &title, &team, &supported, &until); err != nil {
		return err
	}
	i := slices.IndexFunc(ps, func(p Product) bool { return p.Name == product })
	if i < 0 {
		return nil
	}
	if what == "line" {
		ps[i].Lines = append(ps[i].Lines, Line{name, supported, gate.Time(until)})
	} else {
		ps[i].Components = append(ps[i].Components, Component{name, title, ref.ID(team)})
	}
	return nil
}

func byName(v *gate.View, name string) ([]Product, error) {
	return gate.All(v, scan, `select `+columns+` from {products} p where p.name = $1`, name)
}

// Offered are the products whose name or title begins as it was typed, or holds it.
func Offered(v *gate.View, typed string) ([]query.Value, error) {
	return gate.All(v, scanValue, `select p.name, p.title from {products} p where $1 = '' or replace(lower(p.name || ' ' || p.title), $1, '') <> lower(p.name || ' ' || p.title)
		order by p.title, p.name limit 20`, strings.ToLower(typed))
}

// OfferedComponents are the components whose name holds what was typed.
func OfferedComponents(v *gate.View, typed string) ([]query.Value, error) {
	return gate.All(v, scanValue, `select c.name, max(c.title) from {components} c where $1 = '' or replace(lower(c.name || ' ' || c.title), $1, '') <> lower(c.name || ' ' || c.title)
		group by c.name order by c.name limit 20`, strings.ToLower(typed))
}

func scanValue(row func(...any) error) (x query.Value, err error) {
	err = row(&x.Name, &x.Title)
	return x, err
}
