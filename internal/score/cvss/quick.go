package cvss

// quick reads the usual form at once: prefix and base metrics in the standard's
// order, each with a value of one letter, so that every byte has its place.
// The fixed bytes are compared eight at a time, the letters looked up.
type quick struct {
	rows  int // how many metrics: the mandatory ones
	size  int // how many bytes
	words []word
	holes [16]hole
}

// word is eight bytes of the form; want has the fixed bits that mask selects.
type word struct {
	at         int
	mask, want uint64
}

// hole is where one metric's letter stands, with the value of each letter.
type hole struct {
	at    int
	codes [32]uint8
}

// template makes the quick form of a scheme.
func (s *scheme) template() quick {
	var q quick
	form := []byte(s.prefix)
	mask := make([]byte, 0, maxLength)
	for range form {
		mask = append(mask, 0xff)
	}
	for _, r := range s.rows {
		if !r.Mandatory {
			break
		}
		if q.rows > 0 {
			form, mask = append(form, '/'), append(mask, 0xff)
		}
		for _, c := range []byte(r.Abbrev + ":") {
			form, mask = append(form, c), append(mask, 0xff)
		}
		h := hole{at: len(form)}
		for i, c := range r.Choices {
			h.codes[c.Value[0]&31] = r.codes[i]
		}
		form, mask = append(form, 'A'&0xe0), append(mask, 0xe0) // any of A to Z, and a few more
		q.holes[q.rows] = h
		q.rows++
	}
	q.size = len(form)
	for at := 0; at < q.size; at += 8 {
		at := min(at, q.size-8)
		q.words = append(q.words, word{at, load(string(mask), at), load(string(form), at)})
	}
	return q
}

// read gives the vector of the base metrics and the number of bytes read, or 0
// where s does not begin in the usual form.
func (q *quick) read(s string, scheme uint8) (Vector, int) {
	if len(s) < q.size {
		return Vector{}, 0
	}
	for i := range q.words {
		w := &q.words[i]
		if load(s, w.at)&w.mask != w.want {
			return Vector{}, 0
		}
	}
	var lo uint64
	for i := range q.rows & 15 {
		h := &q.holes[i]
		c := h.codes[s[h.at]&31]
		if c == 0 {
			return Vector{}, 0
		}
		lo |= uint64(c) << (4 * i)
	}
	return Vector{scheme: scheme, lo: lo}, q.size
}

// step reads one optional metric, such as "/MAV:N", with a value of one letter.
type step struct {
	mask, want uint64 // of the eight bytes from the slash on: slash, name, colon
	size       int    // how many bytes that is
	shift      uint8  // where the value goes
	half       uint8  // 0 for Vector.lo, 1 for hi
	one        *[32]uint8
}

// makeSteps makes the step of every row.
func (s *scheme) makeSteps() []step {
	var all []step
	for i := range s.rows {
		r := &s.rows[i]
		form := "/" + r.Abbrev + ":"
		st := step{size: len(form), shift: r.shift, one: &r.one}
		if r.high {
			st.half = 1
		}
		for k := range len(form) {
			st.mask |= 0xff << (8 * k)
			st.want |= uint64(form[k]) << (8 * k)
		}
		all = append(all, st)
	}
	return all
}

// quickly reads metrics of one letter in the standard's order as far as they
// go, and leaves the rest, good or bad, to the careful reader.
func (p *parser) quickly() {
	steps, s, at, next, seen := p.scheme.steps, p.s, p.at, p.next, p.seen
	var bits [2]uint64 // lo, hi
	for k := next; k < len(steps) && at < len(s); k++ {
		st := &steps[k]
		if ahead(s, at)&st.mask != st.want {
			continue
		}
		i := at + st.size
		if i >= len(s) || i+1 < len(s) && s[i+1] != '/' || s[i]&0xe0 != 'A'&0xe0 {
			break
		}
		code := st.one[s[i]&31]
		if code == none {
			break
		}
		bits[st.half&1] |= uint64(code) << (st.shift & 63)
		at, next, seen = i+1, k+1, seen|1<<(k&63)
	}
	p.at, p.next, p.seen = at, next, seen
	p.v.lo, p.v.hi = p.v.lo|bits[0], p.v.hi|bits[1]
}

// ahead is the eight bytes from at on, zeros where s has ended. Not less than
// eight bytes of s must be there in all.
func ahead(s string, at int) uint64 {
	if at+8 <= len(s) {
		return load(s, at)
	}
	return load(s, len(s)-8) >> (8 * (at + 8 - len(s)))
}

func load(s string, at int) uint64 {
	s = s[at : at+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
