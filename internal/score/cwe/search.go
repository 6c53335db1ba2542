package cwe

import (
	"cmp"
	"slices"
	"strings"
)

// folded is a weakness's words, made ready for Search.
type folded struct {
	name     string // " cross site scripting " with a space before every word
	more     string // terms, former names and titles likewise
	everyday bool   // one of our titles names it, so it is likelier meant
}

// prepare fills folded.
func (v *vocabulary) prepare() {
	extra := map[int][]string{}
	for title, n := range titles {
		extra[n] = append(extra[n], title)
	}
	v.folded = make([]folded, len(v.all))
	for i, w := range v.all {
		n := number(w.ID)
		v.folded[i].everyday = len(extra[n]) > 0
		slices.Sort(extra[n])
		more := slices.Concat(w.Terms, extra[n])
		for _, former := range v.names[n] {
			more = append(more, former.name)
		}
		v.folded[i].name, v.folded[i].more = " "+fold(w.Name), " "+fold(strings.Join(more, " "))
	}
}

// most is the largest answer that Search gives.
const most = 100

// Search finds weaknesses for a picker, the likeliest first: by the beginning
// of a number ("79", "CWE-7"), or by the beginnings of words, all of which must
// occur in the name, an alternate term or an earlier name. Weaknesses that may
// be mapped to come before those that may not; categories are left out unless
// the whole number is given. A limit below 1 or above 100 is 100.
func Search(query string, limit int) []Weakness {
	if limit < 1 || limit > most {
		limit = most
	}
	v := words()
	type hit struct{ rank, length, at int }
	var hits []hit
	digits, byNumber := digitsOf(query)
	tokens := strings.Fields(fold(query))
	tokens = tokens[:min(len(tokens), 10)]
	if len(tokens) == 0 {
		return nil
	}
	for i, w := range v.all {
		rank, length, ok := 0, 0, false
		if byNumber {
			rank, ok = rankNumber(w, digits)
		} else {
			rank, ok = v.rankWords(i, tokens)
			length = len(w.Name)
		}
		if ok {
			hits = append(hits, hit{rank, length, i})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.length, b.length), cmp.Compare(a.at, b.at))
	})
	var out []Weakness
	for _, h := range hits[:min(limit, len(hits))] {
		out = append(out, *v.all[h.at])
	}
	return out
}

// usageRank moves what may not be mapped to behind what may.
var usageRank = map[string]int{Discouraged: 10, Prohibited: 100}

// digitsOf is the number that somebody begins to type.
func digitsOf(words string) (string, bool) {
	s := strings.ToLower(strings.TrimSpace(words))
	s = strings.TrimLeft(strings.TrimPrefix(s, "cwe"), "- ")
	return s, s != "" && strings.Trim(s, "0123456789") == ""
}

// rankNumber puts the number itself first, then shorter ones before longer.
func rankNumber(w *Weakness, digits string) (rank int, ok bool) {
	switch n := w.ID[len("CWE-"):]; {
	case n == digits:
		return 0, true
	case w.Abstraction != Category && strings.HasPrefix(n, digits):
		return len(n), true
	}
	return 0, false
}

// rankWords is false where a token is nowhere; else lower is likelier.
func (v *vocabulary) rankWords(i int, tokens []string) (rank int, ok bool) {
	f, w := &v.folded[i], v.all[i]
	if w.Abstraction == Category {
		return 0, false
	}
	for _, t := range tokens {
		switch {
		case strings.Contains(f.name+" ", " "+t+" "), strings.Contains(f.more+" ", " "+t+" "):
		case strings.Contains(f.name, " "+t), strings.Contains(f.more, " "+t):
			rank++
		default:
			return 0, false
		}
	}
	if !f.everyday {
		rank += 3
	}
	return rank + usageRank[w.Usage], true
}
