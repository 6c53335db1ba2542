package csaf

import "tocsin/internal/score/cwe"

// weakness returns the present name of a CWE ID, where it is one of a weakness:
// views and categories are none.
func weakness(id string) (string, bool) {
	w, ok := cwe.Get(id)
	return w.Name, ok && w.Abstraction != cwe.Category
}
