package party

import (
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/query"
	"tocsin/internal/ref"
)

// idKinds are the kinds of ids that a query may name instead of a handle.
var idKinds = map[string]bool{"person": true, "team": true, "token": true}

// Asked finds the ids of the people that a query names. Staff may name everybody
// inside, as a mention does; others themselves alone. An id stands for itself,
// whether or not there is such a person.
func Asked(v *gate.View, q query.Query) (map[string]string, error) {
	out := map[string]string{}
	var handles []string
	for _, name := range q.People() {
		if kind := ref.ID(name).Kind(); kind != name && idKinds[kind] {
			out[name] = name
			continue
		}
		handles = append(handles, strings.ToLower(name))
	}
	if len(handles) == 0 {
		return out, nil
	}
	found, err := handled(v, handles)
	if err != nil {
		return nil, err
	}
	for _, name := range q.People() {
		if out[name] == "" {
			out[name] = found[strings.ToLower(name)]
		}
		if out[name] == "" {
			return nil, q.Nobody(name)
		}
	}
	return out, nil
}

// Offered are the people that a reader may name and whose handle or name holds what
// was typed, by their handles.
func Offered(v *gate.View, typed string) ([]query.Value, error) {
	return offered(v, strings.TrimPrefix(typed, "@"))
}

// OfferedTeams are the teams whose name holds what was typed, for staff.
func OfferedTeams(v *gate.View, typed string) ([]query.Value, error) {
	if !v.IsStaff() {
		return nil, nil
	}
	return offeredTeams(v, typed)
}
