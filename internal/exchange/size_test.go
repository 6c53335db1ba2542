package exchange_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/exchange"
)

// TestHundredsOfRisksComeInAtOnce holds that every row has a place of its own in lists, and
// tells what a file of them costs.
func TestHundredsOfRisksComeInAtOnce(t *testing.T) {
	h, ctx := sqlite(t)
	var b strings.Builder
	b.WriteString("ref_id,title,problem,owner,inherent_likelihood,inherent_impact\n")
	for i := range 200 {
		fmt.Fprintf(&b, "R-%d,Exports of part %d may show data of others,%s,olga,%d,%d\n", i, i, strings.Repeat("word ", 50), i%6+1, i%5+1)
	}
	file := []byte(b.String())
	start := time.Now()
	step := func(what string) {
		t.Logf("%s: %v", what, time.Since(start).Round(time.Millisecond))
		start = time.Now()
	}
	if r := bring(t, h, ctx, "csv", file, exchange.Options{DryRun: true}); r.New != 200 {
		t.Fatalf("%d new, %.3v", r.New, r.Errors)
	}
	step("dry run")
	if r := bring(t, h, ctx, "csv", file, exchange.Options{}); r.New != 200 {
		t.Fatalf("%d new, %.3v", r.New, r.Errors)
	}
	step("import")
	if r := bring(t, h, ctx, "csv", file, exchange.Options{}); r.Same != 200 {
		t.Fatalf("%d the same", r.Same)
	}
	step("import of the same")
	for _, format := range []string{"csv", "xlsx", "json", "oscal"} {
		n := len(export(t, h, ctx, exchange.Asking{Format: format}))
		step(fmt.Sprintf("%s, %d bytes", format, n))
	}
}
