package setup

import (
	"fmt"
	"slices"
)

// count says a number with what is counted.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// bytes says a size in the unit that reads well.
func bytes(n int64) string {
	for _, u := range []struct {
		size int64
		word string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}} {
		if n >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.size), u.word)
		}
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

func sorted(in []string) []string {
	slices.Sort(in)
	return in
}
