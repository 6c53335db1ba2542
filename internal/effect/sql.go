package effect

import (
	"encoding/json"
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

func scan(row func(...any) error) (w somebody, err error) {
	err = row(&w.id, &w.email)
	return w, err
}

func person(v *gate.View, id ref.ID) ([]somebody, error) {
	return gate.All(v, scan, `select p.id, p.email from {people} p where p.id = $1 and p.state = 'active'`, string(id))
}

func owner(v *gate.View, id ref.ID) ([]somebody, error) {
	return gate.All(v, scan, `select p.id, p.email from {cases} c join {people} p on p.id = c.owner where c.id = $1 and p.state = 'active'`, string(id))
}

// inside is the condition that a person is of the staff, where one is asked for.
func inside(staff bool) string {
	if !staff {
		return ""
	}
	return ` and exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')`
}

func riskOwners(v *gate.View, id ref.ID, staff bool) ([]somebody, error) {
	return gate.All(v, scan, `select p.id, p.email from {risks} c join {people} p on p.id = c.owner or p.id = c.security
		where c.id = $1 and p.state = 'active'`+inside(staff)+` order by p.id`, string(id))
}

func byHandle(v *gate.View, handle string) ([]somebody, error) {
	return gate.All(v, scan, `select p.id, p.email from {people} p where p.handle = $1 and p.state = 'active'`, strings.ToLower(handle))
}

// workers are the people who have acted on a record, its owner included; of the staff
// alone where that is asked for.
func workers(v *gate.View, id ref.ID, staff bool) ([]somebody, error) {
	all, err := gate.All(v, scan, `select p.id, p.email from {audit} a join {people} p on p.id = a.actor
		where a.subject = $1 and a.outcome = 'done' and p.state = 'active'`+inside(staff)+` group by p.id, p.email
		union select p.id, p.email from {cases} c join {people} p on p.id = c.owner where c.id = $1 and p.state = 'active'`+inside(staff)+`
		order by 1 limit 100`, string(id))
	return unique(all), err
}

func withRoles(v *gate.View, roles []string) ([]somebody, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	args, marks := []any{}, make([]string, len(roles))
	for i, r := range roles {
		args, marks[i] = append(args, "role:"+r), "$"+strconv.Itoa(i+1)
	}
	all, err := gate.All(v, scan, `select p.id, p.email from {people} p join {membership} m on m.holder = p.id
		where m.principal in (`+strings.Join(marks, ", ")+`) and p.state = 'active' order by p.id limit 500`, args...)
	return unique(all), err
}

// contact is the mail address of a report's reporter; empty is none.
func contact(v *gate.View, report ref.ID) ([]string, error) {
	return gate.All(v, func(row func(...any) error) (string, error) {
		var body string
		if err := row(&body); err != nil {
			return "", err
		}
		var b struct {
			Contact string `json:"contact"`
		}
		err := json.Unmarshal([]byte(body), &b)
		return b.Contact, err
	}, `select r.body from {reports} r where r.id = $1`, string(report))
}
