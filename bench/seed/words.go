package seed

import (
	"math/rand/v2"
	"strings"
)

// vocabulary is how many words there are. They come as words of a language do:
// the second half as often as the first, the third a third as often (Zipf).
const vocabulary = 60_000

// Rare is a word that stands in about one case of a thousand and never twice;
// Common are the two most frequent words.
const Rare = "quixotry"

// Common are the two words that stand in most of the cases.
var Common = [2]string{word(0), word(1)}

var syllables = strings.Fields("ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo vu")

// word spells word number n: two syllables and more, so that no two are alike.
func word(n int) string {
	b := len(syllables)
	s := syllables[n%b] + syllables[n/b%b]
	if n >= b*b {
		s += syllables[n/(b*b)%b] + "x"
	}
	return s
}

// writer writes texts; the same seed writes the same.
type writer struct {
	dice *rand.Rand
	zipf *rand.Zipf
}

func newWriter(seed uint64) *writer {
	dice := rand.New(rand.NewPCG(seed, 1))
	return &writer{dice, rand.NewZipf(dice, 1.07, 2.7, vocabulary-1)}
}

// text writes words up to about n bytes.
func (w *writer) text(n int) string {
	var b strings.Builder
	for b.Len() < n {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word(int(w.zipf.Uint64())))
	}
	return b.String()
}

func pick[T any](w *writer, from []T) T { return from[w.dice.IntN(len(from))] }

// Text writes about n bytes of words; the same seed writes the same.
func Text(seed uint64, n int) string { return newWriter(seed).text(n) }
