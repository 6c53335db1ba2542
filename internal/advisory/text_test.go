package advisory

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
)

func TestTextsThatNoReaderShouldBeGiven(t *testing.T) {
	t.Parallel()
	d := Document{Title: "Export", Initial: time.Now(), Products: []Product{{ID: "a", Name: "Gateway\u202e", Hashes: map[string]string{"sha256": "\x00"}}},
		Vulns: []Vuln{{Description: "line\nand\ttab", Affected: []Affected{{Product: "a", Versions: []string{"1.0", "1.1\x1b"}}}}}, Credits: []Credit{{Name: strings.Repeat("a", maxText+1)}}}
	var fs fault.Fields
	d.texts(&fs)
	have := map[string]bool{}
	for _, f := range fs {
		have[f.Name] = true
	}
	for _, want := range []string{"products.0.name", "products.0.hashes.sha256", "vulns.0.affected.0.versions.1", "credits.0.name"} {
		if !have[want] {
			t.Errorf("%s passes", want)
		}
	}
	if len(have) != 4 {
		t.Errorf("refused are %v", fs)
	}
}
