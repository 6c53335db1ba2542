package profile

import (
	"fmt"
	"strings"
	"testing"
)

func TestAMendListsTheFamilyOfALongList(t *testing.T) {
	var known []string
	for i := range 40 {
		known = append(known, fmt.Sprintf("case.v%02d", i))
	}
	known = append(known, "report.read", "report.reply")
	for word, want := range map[string]string{
		"report.raed": `did you mean "report.read"? Known here: report.read, report.reply`,
		"report.burn": "use one of: report.read, report.reply",
		"purple":      "use one of: " + strings.Join(known, ", "),
		"job.read":    "use one of: " + strings.Join(known, ", "),
	} {
		if have := pick(word, known); have != want {
			t.Errorf("%s: %s, want %s", word, have, want)
		}
	}
	if have := pick("x", nil); have != "remove it" {
		t.Errorf("with nothing known: %s, want to remove it", have)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Embedded("gitlab", known); err != nil {
			b.Fatal(err)
		}
	}
}
