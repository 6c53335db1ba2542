package shape

import "strings"

// Near returns the word of words that was most likely meant by s, or "".
func Near(s string, words []string) string {
	best, least := "", 3
	for _, w := range words {
		if plainName(s) == plainName(w) {
			return w
		}
		if d := distance(s, w); d < least && d < len(w)/2+1 {
			best, least = w, d
		}
	}
	return best
}

var dropMarks = strings.NewReplacer("_", "", "-", "", " ", "", ".", "")

func plainName(s string) string { return strings.ToLower(dropMarks.Replace(s)) }

// distance counts the insertions, removals and replacements from a to b. Long
// words are far from everything: nobody is helped by comparing them.
func distance(a, b string) int {
	const long = 64
	if len(a) > long || len(b) > long {
		return long
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := before
			if a[i-1] != b[j-1] {
				cost = 1 + min(before, row[j], row[j-1])
			}
			before, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

// didYouMean ends a sentence about s with the word that was likely meant.
func didYouMean(s string, words []string) string {
	if w := Near(s, words); w != "" {
		return `; did you mean "` + w + `"?`
	}
	return ""
}
