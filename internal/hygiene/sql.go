package hygiene

import (
	"encoding/json"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// most is how many risks one run looks at.
const most = 100000

// each reads the rows of a query for their effect.
func each(v *gate.View, scan func(row func(...any) error) error, q string, args ...any) error {
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) { return struct{}{}, scan(row) }, q, args...)
	return err
}

func bodies(v *gate.View, by map[ref.ID]*risk.Risk) error {
	return each(v, func(row func(...any) error) error {
		var id ref.ID
		var body string
		if err := row(&id, &body); err != nil {
			return err
		}
		if r := by[id]; r != nil {
			return json.Unmarshal([]byte(body), &r.Body)
		}
		return nil
	}, `select c.id, c.body from {risks} c where not c.closed`)
}

// tables hold the records that policies are about.
var tables = map[string]string{OnRisk: "{risks}", OnObservation: "{observations}"}

// asItIs reads who may see the record and who owns it in the act that writes on it: it
// may have been restricted, handed on or closed since the policies were asked.
func asItIs(v *gate.View, r record) (now record, open bool, err error) {
	_, err = gate.One(v, func(row func(...any) error) (struct{}, error) {
		return struct{}{}, row(&r.audience, &r.owner, &open)
	}, `select c.audience, c.owner, not c.closed from `+tables[r.on]+` c where c.id = $1`, string(r.id))
	return r, open, err
}

// known reads when somebody spoke of each open record after it was last touched, and what earlier runs noticed.
// What the house says by itself is no update.
func known(v *gate.View, rs []*record) error {
	by := map[ref.ID]*record{}
	for _, r := range rs {
		by[r.id] = r
	}
	err := each(v, func(row func(...any) error) error {
		var id ref.ID
		var at int64
		if err := row(&id, &at); err != nil {
			return err
		}
		if r := by[id]; r != nil && gate.Time(at).After(r.touched) {
			r.touched = gate.Time(at)
		}
		return nil
	}, `select c.id, max(m.at) from {risks} c join {messages} m on m.subject = c.id and m.at > c.touched_at where not c.closed and m.author not like 'system%' group by c.id
		union all select c.id, max(m.at) from {observations} c join {messages} m on m.subject = c.id and m.at > c.touched_at where not c.closed and m.author not like 'system%' group by c.id`)
	if err != nil {
		return err
	}
	return each(v, func(row func(...any) error) error {
		var id ref.ID
		var policy string
		var c care
		var since, said int64
		if err := row(&id, &policy, &since, &said, &c.rung); err != nil {
			return err
		}
		c.since, c.said = gate.Time(since), gate.Time(said)
		if r := by[id]; r != nil {
			r.cares[policy] = c
		}
		return nil
	}, `select c.guard, c.policy, c.since_at, c.said_at, c.rung from {cares} c`)
}

func remember(tx *gate.Tx, r *record, policy string, c care) error {
	return tx.Exec(r.id, nil, `insert into {cares} (guard, audience, policy, since_at, said_at, rung) values ($1, $2, $3, $4, $5, $6)
		on conflict (guard, policy) do update set since_at = excluded.since_at, said_at = excluded.said_at, rung = excluded.rung`,
		string(r.id), r.audience, policy, gate.Micros(c.since), gate.Micros(c.said), c.rung)
}

func forget(tx *gate.Tx, id ref.ID, policy string) error {
	_, err := tx.Maybe(id, nil, `delete from {cares} where guard = $1 and policy = $2`, string(id), policy)
	return err
}

func nameOf(v *gate.View, who ref.ID) (string, error) {
	found, err := gate.All(v, gate.Value[string], `select p.name from {people} p where p.id = $1`, string(who))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// ofLevel names people of a level of management, five at most.
func ofLevel(v *gate.View, level string) ([]string, error) {
	return gate.All(v, gate.Value[string], `select p.name from {people} p where p.level = $1 and p.state = 'active' order by p.name limit 5`, level)
}
