package csaf

import "strconv"

// place is where in a file something stands; its text is made only when it is
// asked for.
type place struct {
	up    *place
	name  string
	index int // of an item, where name is empty
}

func (p *place) in(name string) *place { return &place{up: p, name: name} }
func (p *place) at(i int) *place       { return &place{up: p, index: i} }

// String returns the JSON pointer. The names of the standard hold neither
// slash nor tilde.
func (p *place) String() string { return string(p.append(nil)) }

func (p *place) append(b []byte) []byte {
	if p == nil {
		return b
	}
	b = append(p.up.append(b), '/')
	if p.name != "" {
		return append(b, p.name...)
	}
	return strconv.AppendInt(b, int64(p.index), 10)
}
