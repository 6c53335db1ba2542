package fair

import (
	"crypto/sha256"
	"encoding/binary"
)

// A stream is an endless row of random words, each found by its number: a counter put
// through the mixer of SplitMix64 (Steele, Lea, Flood 2014) with a second
// key between its rounds. A risk's factor has a stream of its own.
type stream struct{ a, b uint64 }

// newStream keys a stream by seed, risk and what is drawn.
func newStream(seed uint64, risk, what string) stream {
	text := binary.BigEndian.AppendUint64(nil, seed)
	text = binary.BigEndian.AppendUint64(text, uint64(len(risk)))
	sum := sha256.Sum256(append(append(text, risk...), what...))
	return stream{binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])}
}

// eventBits are the low bits of a number, which count the events of a year.
const eventBits = 20

// word is the random word of a number: year<<eventBits, plus the event.
func (s stream) word(n uint64) uint64 {
	z := n*0x9e3779b97f4a7c15 + s.a
	z = (z^z>>30)*0xbf58476d1ce4e5b9 ^ s.b
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is a word as a number from 0 up to 1.
func unit(w uint64) float64 { return float64(float64(int64(w>>11)) * (1.0 / (1 << 53))) }

// wordOf is the word of a number from 0 to 1.
func wordOf(u float64) uint64 {
	if u >= 1 {
		return 1<<64 - 1
	}
	return uint64(u*(1<<53)) << 11
}

// steps draws from a few values with their probabilities.
type steps struct {
	upto []uint64 // the last word of each value
	x    []float64
	from [256]uint16 // where to begin, by the first byte of a word
}

func newSteps(all []atom, fit func(float64) float64) *steps {
	s := &steps{}
	sum := 0.0
	for _, a := range all {
		if a.p > 0 {
			sum += a.p
			s.upto, s.x = append(s.upto, wordOf(sum)), append(s.x, fit(a.x))
		}
	}
	s.upto[len(s.upto)-1] = 1<<64 - 1
	for i := range s.from {
		if i > 0 {
			s.from[i] = s.from[i-1]
		}
		for s.upto[s.from[i]] < uint64(i)<<56 {
			s.from[i]++
		}
	}
	return s
}

func (s *steps) at(w uint64) float64 {
	i := int(s.from[w>>56])
	for s.upto[i] < w {
		i++
	}
	return s.x[i]
}

// sampler draws a factor.
type sampler struct {
	stream
	t     *table
	s     *steps
	fixed float64 // where there is neither
}

func (s *sampler) at(w uint64) float64 {
	switch {
	case s.t != nil:
		return s.t.at(w)
	case s.s != nil:
		return s.s.at(w)
	}
	return s.fixed
}

// constant tells whether every draw is the same.
func (s *sampler) constant() bool { return s.t == nil && s.s == nil }

// years fills out with the draws of the years from first on.
func (s *sampler) years(first uint64, out []float64) {
	if t := s.t; t != nil {
		for i := range out {
			w := s.word((first + uint64(i)) << eventBits)
			if c := w >> (64 - midBits); c-tailCells < midCells-2*tailCells {
				out[i] = t.near(c, w)
			} else {
				out[i] = t.tail(w)
			}
		}
		return
	}
	for i := range out {
		out[i] = s.at(s.word((first + uint64(i)) << eventBits))
	}
}

// of fills out with the draws of given words.
func (s *sampler) of(words []uint64, out []float64) {
	for i, w := range words {
		out[i] = s.at(w)
	}
}

// events adds the draws of n events, from start on, to a sum.
func (s *sampler) events(start, n uint64, sum float64) float64 {
	if t := s.t; t != nil {
		for e := range n {
			w := s.word(start + e)
			if c := w >> (64 - midBits); c-tailCells < midCells-2*tailCells {
				sum += t.near(c, w)
			} else {
				sum += t.tail(w)
			}
		}
		return sum
	}
	for e := range n {
		sum += s.at(s.word(start + e))
	}
	return sum
}
