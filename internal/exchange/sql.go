package exchange

import (
	"encoding/json"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// elsewhere is what a risk was called in the register that it was imported from.
type elsewhere struct {
	id       ref.ID
	was, ref string
}

// elsewheres reads a part of the risks that the actor may see, after an id.
func elsewheres(v *gate.View, after ref.ID, limit int) ([]elsewhere, error) {
	return gate.All(v, func(row func(...any) error) (e elsewhere, err error) {
		var body string
		if err = row(&e.id, &body); err != nil {
			return e, err
		}
		var b struct {
			Imported map[string]string `json:"imported"`
		}
		err = json.Unmarshal([]byte(body), &b)
		e.was, e.ref = b.Imported[keptID], b.Imported[keptRef]
		return e, err
	}, `select c.id, c.body from {risks} c where c.id > $1 order by c.id limit $2`, string(after), limit)
}

func mappings(v *gate.View) ([]Mapping, error) {
	return gate.All(v, func(row func(...any) error) (m Mapping, err error) {
		var body string
		if err = row(&body); err == nil {
			err = json.Unmarshal([]byte(body), &m)
		}
		return m, err
	}, `select m.body from {mappings} m order by m.name limit 500`)
}

func upsertMapping(tx *gate.Tx, m Mapping) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.Exec("", gate.Change{Field: "mapping", New: m.Name}, `insert into {mappings} (name, at, author, body) values ($1, $2, $3, $4)
		on conflict (name) do update set at = excluded.at, author = excluded.author, body = excluded.body`, m.Name, gate.Micros(tx.Now), string(tx.Actor.ID), string(body))
}
