package house

import (
	"math"
	"os"
	"runtime/debug"
)

// The bounds of a serving process: what lives is small, so that a collection for
// every 4 MB of garbage would cost a tenth of all processor time; above the soft
// limit, in bytes, it collects as often as it must.
const (
	garbage = 400 // percent of what lives
	soft    = 64 << 20
)

// Breathe sets the garbage collector for a process that serves. What the
// environment says in GOGC or GOMEMLIMIT stands.
func Breathe() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(soft)
	}
}
