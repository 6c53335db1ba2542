package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// skip is a test that did not run, and why.
type skip struct {
	test, why string
}

// report reads the events of go test -json and prints what a person wants to see
// of them: each package's line as go test prints it, the whole output of tests that
// failed, and what tests that passed report.
func report(events io.Reader, w io.Writer) (skips []skip, err error) {
	said := map[string]*strings.Builder{} // of tests that still run
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(w, lines.Text()) // not an event: go itself complains
			continue
		}
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "build-output":
			fmt.Fprint(w, e.Output)
		case e.Action == "output" && e.Test == "":
			if e.Output != "PASS\n" && !strings.Contains(e.Output, "[no test files]") {
				fmt.Fprint(w, e.Output)
			}
		case e.Action == "output":
			if chatter.MatchString(e.Output) {
				continue
			}
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			said[key].WriteString(e.Output)
		case e.Test == "":
		case e.Action == "fail":
			fmt.Fprint(w, text(said[key]))
			delete(said, key)
		case e.Action == "skip":
			skips = append(skips, skip{key, reason(text(said[key]))})
			delete(said, key)
		case e.Action == "pass":
			fmt.Fprint(w, told(text(said[key])))
			delete(said, key)
		}
	}
	for _, b := range said {
		fmt.Fprint(w, b.String()) // of tests that never ended
	}
	return skips, lines.Err()
}

// chatter is what go test says as a test begins, waits and goes on.
var chatter = regexp.MustCompile(`^=== (RUN|PAUSE|CONT|NAME)\b`)

func text(b *strings.Builder) string {
	if b == nil {
		return ""
	}
	return b.String()
}

// told are the lines of a test's output that say "report: ", as the tests that have
// pages judged by others do.
func told(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if _, says, ok := strings.Cut(line, ": report: "); ok {
			b.WriteString("report: " + says)
		}
	}
	return b.String()
}

// reason is what a skipped test said, in one line, without go test's own words.
func reason(output string) string {
	var words []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "--- ") {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}

// installed recognises reasons that must not occur after tools/setup.
var installed = regexp.MustCompile(`(?i)TEST_POSTGRES|postgres|chrom(e|ium)|node_modules|\bnpm\b|tools/setup|make tools`)

// tell prints the skipped tests and returns how many were skipped for want of what tools/setup installs.
func tell(skips []skip, w io.Writer) (wanting int) {
	for _, s := range skips {
		word := "skipped"
		if installed.MatchString(s.why) {
			word = "SKIPPED, THOUGH INSTALLED"
			wanting++
		}
		fmt.Fprintf(w, "%s: %s: %s\n", word, s.test, s.why)
	}
	return wanting
}
