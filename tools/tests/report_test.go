package main

import (
	"strings"
	"testing"
)

const run = `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"of no interest\n"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"    x_test.go:7: report: axe judged 9 views\n"}
{"Action":"pass","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"    x_test.go:1: stage \"a\", want \"b\"\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestData","Output":"=== RUN   TestData\n"}
{"Action":"output","Package":"p","Test":"TestData","Output":"    x_test.go:2: shared/data is absent\n"}
{"Action":"skip","Package":"p","Test":"TestData"}
{"Action":"output","Package":"p","Test":"TestStore/postgres","Output":"    x_test.go:3: TEST_POSTGRES is not set\n"}
{"Action":"skip","Package":"p","Test":"TestStore/postgres"}
{"Action":"output","Package":"p","Test":"TestHung","Output":"panic: timed out\n"}
{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}
{"Action":"build-output","ImportPath":"r","Output":"r.go:1: undefined: x\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
`

func TestReport(t *testing.T) {
	var w strings.Builder
	skips, err := report(strings.NewReader(run), &w)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"report: axe judged 9 views\n", `stage "a", want "b"`, "panic: timed out", "r.go:1: undefined: x", "FAIL\tp\t0.1s"} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("printed %q, want %q in it", w.String(), want)
		}
	}
	for _, not := range []string{"of no interest", "no test files", "shared/data"} {
		if strings.Contains(w.String(), not) {
			t.Errorf("printed %q, want no %q in it", w.String(), not)
		}
	}
	w.Reset()
	if have := tell(skips, &w); have != 1 {
		t.Errorf("%d tests wanted something that is installed, want 1", have)
	}
	want := "skipped: p TestData: x_test.go:2: shared/data is absent\nSKIPPED, THOUGH INSTALLED: p TestStore/postgres: x_test.go:3: TEST_POSTGRES is not set\n"
	if have := w.String(); have != want {
		t.Errorf("told %q, want %q", have, want)
	}
}
