package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/cli"
)

// advisory is as much of a CSAF 2.0 file as a count by hand reads: see
// docs/recurrence.md.
type advisory struct {
	Document struct {
		Tracking struct {
			Initial time.Time `json:"initial_release_date"`
		}
	}
	Tree struct {
		Branches []branch
	} `json:"product_tree"`
	Vulnerabilities []struct {
		CWE struct {
			ID string
		}
		Status map[string][]string `json:"product_status"`
	}
}

type branch struct {
	Category, Name string
	Product        *struct {
		ID string `json:"product_id"`
	}
	Branches []branch
}

// statusOrder is the order in which the lists of a product status are read.
var statusOrder = []string{"first_affected", "first_fixed", "fixed", "known_affected", "known_not_affected", "last_affected", "recommended", "under_investigation"}

// names tells the product's name of each product ID.
func names(bs []branch, above string, to map[string]string) {
	for _, b := range bs {
		name := above
		if b.Category == "product_name" {
			name = b.Name
		}
		if b.Product != nil {
			to[b.Product.ID] = name
		}
		names(b.Branches, name, to)
	}
}

// countByHand counts the vulnerabilities of the window by weakness and product,
// with nothing of the program.
func countByHand(t *testing.T, folder, last string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no files to count", err)
	}
	until, err := time.Parse(time.DateOnly, last)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var a advisory
		if err := json.Unmarshal(b, &a); err != nil {
			t.Fatal(err)
		}
		at := a.Document.Tracking.Initial.UTC().Format(time.DateOnly)
		if at <= until.AddDate(-2, 0, 0).Format(time.DateOnly) || at > last {
			continue
		}
		called := map[string]string{}
		names(a.Tree.Branches, "", called)
		for _, v := range a.Vulnerabilities {
			product := ""
			for _, list := range statusOrder {
				if product == "" && len(v.Status[list]) > 0 {
					product = called[v.Status[list][0]]
				}
			}
			out[v.CWE.ID+" in "+product]++
		}
	}
	return out
}

// fits says a name as a case keeps it: in one line.
func fits(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestRecurrenceOfPublishedHistoryIsWhatACountByHandFinds imports a vendor's
// advisories and asks what recurs as of several days.
func TestRecurrenceOfPublishedHistoryIsWhatACountByHandFinds(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "data", "csaf-vendor")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the reference data of a vendor's advisories is not here")
	}
	store := filepath.Join(t.TempDir(), "test.db")
	tocsin := func(args ...string) string {
		var out, errw bytes.Buffer
		if code := cli.Main(args, strings.NewReader(""), &out, &errw); code != 0 {
			t.Fatalf("tocsin %s: exit %d: %s", strings.Join(args, " "), code, errw.String())
		}
		return out.String()
	}
	tocsin("import", "csaf", folder, "--db", store)
	for _, c := range []struct {
		day string
		min int // 0 is the profile's threshold
	}{{"2024-10-31", 0}, {"2024-10-31", 1}, {"2023-01-12", 2}, {"2025-06-30", 1}, {"2024-02-29", 3}} {
		args := []string{"risk", "recurrence", "--db", store, "--as-of", c.day, "--json"}
		if c.min > 0 {
			args = append(args, "--min", fmt.Sprint(c.min))
		}
		var got struct {
			Threshold int
			Groups    []struct {
				Weakness, Product, Component string
				Count                        int
				Cases                        []struct{ Case, At string }
			}
		}
		if err := json.Unmarshal([]byte(tocsin(args...)), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		for k, n := range countByHand(t, folder, c.day) {
			if n >= max(c.min, 1) && (c.min > 0 || n >= got.Threshold) {
				want[fits(k)] = n
			}
		}
		have := map[string]int{}
		for _, g := range got.Groups {
			have[g.Weakness+" in "+g.Product] = g.Count
			if len(g.Cases) != g.Count || g.Component != "" {
				t.Errorf("as of %s, %s: %d cases are listed of %d, component %q", c.day, g.Weakness, len(g.Cases), g.Count, g.Component)
			}
		}
		if len(want) == 0 || !maps.Equal(have, want) {
			t.Errorf("as of %s, at least %d:\nhave %v\nwant %v", c.day, c.min, slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(want)))
		}
	}
	if text := tocsin("risk", "recurrence", "--db", store, "--as-of", "2024-10-31"); !strings.Contains(text, "CWE-121") || strings.Count(text, "!") != 2 {
		t.Errorf("for people:\n%s", text)
	}
}

func TestRecurrenceRefusesADateThatIsNone(t *testing.T) {
	var out, errw bytes.Buffer
	code := cli.Main([]string{"risk", "recurrence", "--db", filepath.Join(t.TempDir(), "test.db"), "--as-of", "31.10.2024"}, strings.NewReader(""), &out, &errw)
	if code != 2 || !strings.Contains(errw.String(), "2006-01-02") {
		t.Errorf("exit %d: %s", code, errw.String())
	}
}
