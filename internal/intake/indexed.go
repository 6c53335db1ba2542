package intake

import (
	"encoding/json"

	"tocsin/internal/ref"
)

// Indexed is the text by which a stored report is found; column reads its row. A
// store that is restored makes its full-text index from it.
func Indexed(column func(name string) string) (title, words string, err error) {
	r := &Report{ID: ref.ID(column("id")), Title: column("title"), CWE: column("cwe"), Product: column("product"), Component: column("component")}
	err = json.Unmarshal([]byte(column("body")), &r.Body)
	return r.Title, r.words(), err
}
