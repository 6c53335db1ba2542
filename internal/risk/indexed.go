package risk

import (
	"encoding/json"

	"tocsin/internal/ref"
)

// Indexed is the text by which a stored risk is found; column reads its row. A store
// that is restored makes its full-text index from it.
func Indexed(column func(name string) string) (title, words string, err error) {
	r := &Risk{ID: ref.ID(column("id")), Title: column("title"), Kind: column("kind"), Scope: column("scope"), Department: column("department"), Parent: column("parent")}
	err = json.Unmarshal([]byte(column("body")), &r.Body)
	return r.Title, r.words(), err
}
