package gate

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Diff lists the fields in which two records differ, as Fields reads them, for the
// audit entry. Fields named in quiet are said to have changed, without values.
func Diff(a, b map[string]any, quiet ...string) []Change {
	var out []Change
	for _, name := range slices.Sorted(maps.Keys(merged(a, b))) {
		if reflect.DeepEqual(a[name], b[name]) {
			continue
		}
		c := Change{Field: name, Old: a[name], New: b[name]}
		if slices.Contains(quiet, name) {
			c.Old, c.New = nil, nil
		}
		out = append(out, c)
	}
	return out
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// Fields reads a value as the JSON object that it would be written as.
func Fields(x any) map[string]any {
	out := map[string]any{}
	b, err := json.Marshal(x)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		panic(err) // records are made of plain fields
	}
	return out
}
