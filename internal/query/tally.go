package query

import "strconv"

// MaxCount is how far lists count what a query leaves.
const MaxCount = 1000

// Tally writes a count as far as lists count: "128", "1,000+".
func Tally(n int) string {
	switch {
	case n > MaxCount:
		return "1,000+"
	case n == MaxCount:
		return "1,000"
	}
	return strconv.Itoa(n)
}
