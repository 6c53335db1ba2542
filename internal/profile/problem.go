package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/fault"
)

// Problem is one mistake of a profile.
type Problem struct {
	File string `json:"file"` // inside the profile's folder
	Line int    `json:"line"`
	Col  int    `json:"column"`
	Says string `json:"detail"` // what is wrong
	Mend string `json:"mend"`   // how to put it right
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s; %s", p.File, p.Line, p.Col, p.Says, p.Mend)
}

// Problems is every mistake of a profile, by file and place. As an error it is of
// the kind Invalid and reads one line a mistake.
type Problems []Problem

func (ps Problems) Error() string {
	var lines []string
	for _, p := range ps {
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap says that a bad profile is invalid input.
func (ps Problems) Unwrap() error { return fault.Invalid }

// As lets fault.Of find one Fault with a field for each mistake.
func (ps Problems) As(target any) bool {
	f, ok := target.(**fault.Fault)
	if !ok {
		return false
	}
	var fields fault.Fields
	for _, p := range ps {
		fields.Add(fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col), "%s; %s", p.Says, p.Mend)
	}
	*f = &fault.Fault{Kind: fault.Invalid, Says: "the profile has mistakes: " + ps.Error(), Fields: fields}
	return true
}

// sorted returns the problems by place, each once.
func (ps Problems) sorted() Problems {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.Compact(out)
}

// pick writes the mend for an unknown word: the likeliest word first, then those
// that could stand there.
func pick(word string, known []string) string {
	known = slices.Compact(slices.Sorted(slices.Values(known)))
	if len(known) == 0 {
		return "remove it"
	}
	listed := strings.Join(family(word, known), ", ")
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q? Known here: %s", near, listed)
	}
	return "use one of: " + listed
}

// family returns the known words, or where they are many, those that begin like
// the word up to its first dot.
func family(word string, known []string) []string {
	noun, _, dotted := strings.Cut(word, ".")
	if len(known) <= 30 || !dotted {
		return known
	}
	near := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !strings.HasPrefix(k, noun+".") })
	if len(near) == 0 {
		return known
	}
	return near
}

// nearest returns the known word that is at most a third of its letters away.
func nearest(word string, known []string) string {
	best, at := "", len(word)/3+1
	for _, k := range known {
		if d := distance(word, k); d < at {
			best, at = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour on the way from a to b.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := func() []int { return make([]int, len(b)+1) }
	before, last, this := row(), row(), row()
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		this[0] = i + 1
		for j := range len(b) {
			differ := 1
			if a[i] == b[j] {
				differ = 0
			}
			this[j+1] = min(last[j]+differ, last[j+1]+1, this[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				this[j+1] = min(this[j+1], before[j-1]+1)
			}
		}
		before, last, this = last, this, before
	}
	return last[len(b)]
}
