package saved

import (
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

const columns = `s.id, s.owner, s.shared, s.surface, s.name, s.query, s.at,
	exists (select 1 from {view_choices} k where k.holder = $1 and k.surface = s.surface and k.view = s.id)`

func scan(row func(...any) error) (x View, err error) {
	var at int64
	err = row(&x.ID, &x.Owner, &x.Shared, &x.Surface, &x.Name, &x.Query, &at, &x.First)
	x.At = gate.Time(at)
	return x, err
}

// views are the actor's own and those for everybody.
func views(v *gate.View, surface string) ([]View, error) {
	return gate.All(v, scan, `select `+columns+` from {saved_views} s where (s.owner = $1 or s.shared) and ($2 = '' or s.surface = $2)
		order by s.name, s.id limit 500`, string(v.Actor.ID), surface)
}

func one(v *gate.View, id ref.ID) (View, error) {
	return gate.One(v, scan, `select `+columns+` from {saved_views} s where s.id = $2`, string(v.Actor.ID), string(id))
}

func upsert(tx *gate.Tx, x View) error {
	return tx.Exec(x.ID, gate.Change{Field: "view", New: x.Surface}, `insert into {saved_views} (id, owner, shared, surface, name, query, at)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (owner, surface, name) do update set shared = excluded.shared, query = excluded.query, at = excluded.at`,
		string(x.ID), string(x.Owner), x.Shared, x.Surface, x.Name, x.Query, gate.Micros(x.At))
}

func rename(tx *gate.Tx, id ref.ID, name string) error {
	return tx.Exec(id, gate.Change{Field: "name"}, `update {saved_views} set name = $2 where id = $1`, string(id), name)
}

func remove(tx *gate.Tx, id ref.ID) error {
	if _, err := tx.Maybe(id, nil, `delete from {view_choices} where view = $1`, string(id)); err != nil {
		return err
	}
	return tx.Exec(id, gate.Change{Field: "view", Old: "deleted"}, `delete from {saved_views} where id = $1`, string(id))
}

func choose(tx *gate.Tx, surface string, id ref.ID) error {
	return tx.Exec(id, gate.Change{Field: "first", New: surface}, `insert into {view_choices} (holder, surface, view) values ($1, $2, $3)
		on conflict (holder, surface) do update set view = excluded.view`, string(tx.Actor.ID), surface, string(id))
}

func unchoose(tx *gate.Tx, surface string) error {
	_, err := tx.Maybe("", nil, `delete from {view_choices} where holder = $1 and surface = $2`, string(tx.Actor.ID), surface)
	return err
}
