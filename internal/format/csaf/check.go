package csaf

import (
	"fmt"

	"tocsin/internal/advisory"
	"tocsin/internal/shape"
)

// most is how many findings of each level Check returns at most: a file of endless
// faults is told enough, and its warnings hide no error.
const most = 1000

// test is one test of the standard's section 6.
type test struct {
	rule  string
	title string // the standard's, in short
	level advisory.Level
	run   func(*subject, *report)
}

// report takes the findings of one test.
type report struct {
	rule  string
	level advisory.Level
	found []advisory.Finding
	count map[advisory.Level]int
}

func (r *report) add(at *place, format string, args ...any) {
	r.addAt(at.String(), format, args...)
}

func (r *report) addAt(pointer, format string, args ...any) {
	if r.count[r.level] < most {
		r.count[r.level]++
		r.found = append(r.found, advisory.Finding{Rule: r.rule, Level: r.level, Pointer: pointer, Message: fmt.Sprintf(format, args...)})
	}
}

// Check returns every rule that the file breaks: "schema" for its structure,
// the number of the test for sections 6.1 (errors) and 6.2 (warnings). The error
// is for a body that is no JSON at all.
func (Format) Check(body []byte) ([]advisory.Finding, error) {
	v, err := shape.Decode(body)
	if err != nil {
		return nil, err
	}
	return check(v), nil
}

func check(v any) []advisory.Finding {
	r := &report{count: map[advisory.Level]int{}}
	r.structure("schema", "", structure.Check(v))
	raw, ok := v.(map[string]any)
	if !ok {
		return r.found
	}
	s := newSubject(raw)
	for i := range tests {
		r.rule, r.level = tests[i].rule, tests[i].level
		tests[i].run(s, r)
	}
	return r.found
}

// extra is the rule for members that the standard does not name.
const extra = "6.2.20"

// structure takes findings of a shape under rule; members that the standard
// does not name are warnings of their own test.
func (r *report) structure(rule, under string, found []shape.Finding) {
	for _, f := range found {
		r.rule, r.level = rule, advisory.Error
		if f.Unknown {
			r.rule, r.level = extra, advisory.Warning
		}
		r.addAt(under+f.Pointer, "%s", f.Message)
	}
}
