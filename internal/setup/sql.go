package setup

import (
	"tocsin/internal/gate"
)

// setting is a word that the house keeps of itself; "" is none.
func setting(v *gate.View, name string) (string, error) {
	vs, err := gate.All(v, gate.Value[string], `select s.value from {settings} s where s.name = $1`, name)
	if err != nil || len(vs) == 0 {
		return "", err
	}
	return vs[0], nil
}

func set(tx *gate.Tx, name, value string) error {
	return tx.Exec("", gate.Change{Field: name, New: value}, `insert into {settings} (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`, name, value)
}
