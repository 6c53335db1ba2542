package product

import "tocsin/internal/gate"

// Find returns a product by its short name, without what hangs on it; ok is false
// where the tree has none of that name.
func Find(v *gate.View, name string) (p Product, ok bool, err error) {
	ps, err := byName(v, name)
	if err != nil || len(ps) == 0 {
		return Product{}, false, err
	}
	return ps[0], true, nil
}
