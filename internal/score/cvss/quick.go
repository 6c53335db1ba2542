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

func load(s string, at int) uint64 {
	s = s[at : at+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
