package observation

import (
	"encoding/json"

	"tocsin/internal/ref"
)

// Indexed is the text by which a stored observation is found; column reads its row. A
// store that is restored makes its full-text index from it.
func Indexed(column func(name string) string) (title, words string, err error) {
	o := &Observation{ID: ref.ID(column("id")), Title: column("title"), Source: column("source"), External: column("external"), Cause: column("cause"), Department: column("department")}
	err = json.Unmarshal([]byte(column("body")), &o.Body)
	return o.Title, o.words(), err
}
