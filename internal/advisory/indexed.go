package advisory

import "encoding/json"

// Indexed is the text by which a stored advisory is found; column reads its row.
// A store that is restored makes its full-text index from it.
func Indexed(column func(name string) string) (title, words string, err error) {
	a := &Advisory{Name: column("name"), Title: column("title")}
	err = json.Unmarshal([]byte(column("body")), &a.Work)
	return a.Title, a.words(), err
}
