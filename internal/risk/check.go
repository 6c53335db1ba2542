package risk

import (
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
)

func checkWord(fs *fault.Fields, field, word string, of []string) {
	if word != "" && !slices.Contains(of, word) {
		fs.Add(field, "%q is not one of: %s", word, strings.Join(of, ", "))
	}
}

func names(list []profile.Named) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

func kinds(p *profile.Profile) []string {
	var out []string
	for _, k := range p.Register.Kinds {
		out = append(out, k.Name)
	}
	return out
}
