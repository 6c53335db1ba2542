package ui

import (
	"strings"

	"tocsin/internal/fault"
)

// sentence is one thing that is wrong, and the names of all fields of which it is said.
type sentence struct {
	Says  string
	Names []string
}

// alike brings fields of which the same is said into one sentence each, in the order in
// which they came.
func alike(fields []fault.Field) []sentence {
	all, at := []sentence{}, map[string]int{}
	for _, f := range fields {
		i, known := at[f.Says]
		if !known {
			i, at[f.Says] = len(all), len(all)
			all = append(all, sentence{Says: f.Says})
		}
		all[i].Names = append(all[i].Names, f.Name)
	}
	return all
}

// lone reports whether all that a fault says is said of one field.
func lone(f *fault.Fault) bool {
	return len(f.Fields) == 1 && f.Fields[0].Says == f.Says
}

// fieldWord is the name of a field as words: "answers.first_fixed" is "first fixed".
func fieldWord(name string) string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(name[strings.LastIndex(name, ".")+1:])
}
