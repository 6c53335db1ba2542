package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress returns a function that draws how far long work has come, where the
// error output is a terminal; elsewhere it draws nothing. off silences it.
func (e *Env) progress(what string, off bool) func(done, all int64) {
	f, ok := e.Err.(*os.File)
	if off || !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var last time.Time
	return func(done, all int64) {
		if now := time.Now(); now.Sub(last) < 100*time.Millisecond && done != all {
			return
		} else {
			last = now
		}
		fmt.Fprintf(e.Err, "\r%s %s %d of %d", what, bar(done, all), done, all)
		if done >= all {
			fmt.Fprint(e.Err, "\r\033[K")
		}
	}
}

const barWidth = 30

func bar(done, all int64) string {
	n := barWidth
	if all > 0 {
		n = int(min(barWidth, barWidth*done/all))
	}
	return "[" + strings.Repeat("=", n) + strings.Repeat(" ", barWidth-n) + "]"
}
