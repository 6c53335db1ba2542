package csaf

import (
	"path/filepath"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/shape"
)

// FileName is the name of the file of an advisory, by its tracking ID.
func FileName(id string) string { return fileName(id) }

// fileName makes the name that section 5.1 prescribes: the ID in lower case,
// with one underscore for each run of other characters than letters, digits,
// plus and dash.
func fileName(id string) string {
	var b strings.Builder
	gap := false
	for _, c := range strings.ToLower(id) {
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '-'
		if plain {
			b.WriteRune(c)
		} else if !gap {
			b.WriteByte('_')
		}
		gap = !plain
	}
	return b.String() + ".json"
}

// CheckName warns where a file's name is not the one that section 5.1
// prescribes for its tracking ID. The standard has no test for it, and files that
// are handed around are renamed, so it makes no file invalid.
func (Format) CheckName(file string, body []byte) []advisory.Finding {
	v, err := shape.Decode(body)
	if err != nil {
		return nil
	}
	id := text(object(object(object(v)["document"])["tracking"]), "id")
	if want := fileName(id); id != "" && filepath.Base(file) != want {
		return []advisory.Finding{{Rule: "5.1", Level: advisory.Warning, Pointer: "/document/tracking/id",
			Message: "the file of the ID " + id + " is named " + want}}
	}
	return nil
}
