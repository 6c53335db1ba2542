package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARunFallsBehindAnEarlierOne(t *testing.T) {
	before := &report{Cases: 10, Rows: []row{{What: "list", Ratio: 1, Goal: "at least 0.5"}, {What: "narrow", Ratio: 1, Goal: "at most 2 times"}, {What: "told", Ratio: 1}}}
	for name, x := range map[string]struct {
		rows   []row
		cases  int
		behind bool
		says   string
	}{
		"the same":                  {rows: before.Rows, cases: 10},
		"a little worse":            {rows: []row{{What: "list", Ratio: 0.81, Goal: "at least 0.5"}}, cases: 10},
		"slower by more":            {rows: []row{{What: "list", Ratio: 0.79, Goal: "at least 0.5"}}, cases: 10, behind: true},
		"dearer by more":            {rows: []row{{What: "narrow", Ratio: 1.21, Goal: "at most 2 times"}}, cases: 10, behind: true},
		"cheaper":                   {rows: []row{{What: "narrow", Ratio: 0.2, Goal: "at most 2 times"}}, cases: 10},
		"worse where no goal is":    {rows: []row{{What: "told", Ratio: 9}}, cases: 10},
		"nothing that was measured": {rows: []row{{What: "new", Ratio: 9, Goal: "at least 1"}}, cases: 10, says: "none of these"},
		"another size":              {rows: before.Rows, cases: 11, says: "only runs of one size"},
	} {
		err := (&report{Cases: x.cases, Rows: x.rows}).against(before)
		if errors.Is(err, errBehind) != x.behind || err != nil && !x.behind && (x.says == "" || !strings.Contains(err.Error(), x.says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheTableStandsBetweenItsMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doc.md")
	r := &report{Cases: 3, Rows: []row{{What: "list", Value: "1.05 of bare", Goal: "at least 0.5", OK: true}}}
	if err := os.WriteFile(path, []byte("before\n"+tableBegins+"\nold\n"+tableEnds+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it can be written again
		if err := writeTable(path, r); err != nil {
			t.Fatal(err)
		}
	}
	b, _ := os.ReadFile(path)
	have := string(b)
	if !strings.HasPrefix(have, "before\n") || !strings.HasSuffix(have, "\nafter\n") || strings.Contains(have, "old") || strings.Count(have, "| list | 1.05 of bare | at least 0.5 | ok |") != 1 {
		t.Errorf("the document reads:\n%s", have)
	}
	if err := os.WriteFile(path, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeTable(path, r); err == nil || !strings.Contains(err.Error(), "no place for the table") {
		t.Errorf("a document without marks: %v", err)
	}
}
