package exchange_test

import (
	"os"
	"strings"
	"testing"

	"tocsin/internal/exchange"
)

// TestTheDocsTellOfEveryColumnAndFormat holds docs/exchange.md to the tables; with
// the environment variable UPDATE_DOCS it writes the columns anew.
func TestTheDocsTellOfEveryColumnAndFormat(t *testing.T) {
	const file = "../../docs/exchange.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| column | holds |\n|---|---|\n")
	for _, c := range exchange.Columns {
		about := c.About
		if c.Told {
			about += " (told)"
		}
		b.WriteString("| `" + c.Name + "` | " + about + " |\n")
	}
	head, rest, ok := strings.Cut(string(text), "## Columns\n\n")
	_, tail, ok2 := strings.Cut(rest, "\nThe columns marked")
	if !ok || !ok2 {
		t.Fatal("docs/exchange.md has no section of columns")
	}
	want := head + "## Columns\n\n" + b.String() + "\nThe columns marked" + tail
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Error("docs/exchange.md does not tell of the columns as they are; run UPDATE_DOCS=1 go test ./internal/exchange -run TestTheDocs")
	}
	for _, f := range exchange.Formats {
		if !strings.Contains(want, "| `"+f.Name+"` |") {
			t.Errorf("docs/exchange.md says nothing of the format %s", f.Name)
		}
	}
}
