package casework

import (
	"encoding/json"

	"tocsin/internal/ref"
)

// Indexed is the text by which a stored case is found; column reads its row. A
// store that is restored makes its full-text index from it.
func Indexed(column func(name string) string) (title, words string, err error) {
	c := &Case{ID: ref.ID(column("id")), Title: column("title"), CVE: column("cve"), CWE: column("cwe"), Product: column("product"), Component: column("component")}
	err = json.Unmarshal([]byte(column("body")), &c.Body)
	return c.Title, c.words(), err
}
