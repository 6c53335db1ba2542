package risk

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
)

// TestWordsAreThoseOfTheExpression compares the scan with what it stands for.
func TestWordsAreThoseOfTheExpression(t *testing.T) {
	t.Parallel()
	is := regexp.MustCompile(`[\pL\pN]+(?:['’-][\pL\pN]+)*`)
	letters := []string{"a", "é", "漢", "7", "Ⅷ", "'", "’", "-", "--", " ", ".", "\xff", "\u200b", "\u0301", "x's"}
	random := rand.New(rand.NewPCG(11, 23))
	for range 20_000 {
		text := ""
		for range random.IntN(12) {
			text += letters[random.IntN(len(letters))]
		}
		if have, want := wordsOf(text), is.FindAllString(text, -1); !slices.Equal(have, want) {
			t.Fatalf("%q: %q, want %q", text, have, want)
		}
	}
}
