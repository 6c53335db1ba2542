package feed

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func day(n int) time.Time { return time.Date(2026, 4, n, 12, 0, 0, 5e6, time.UTC) }

func head() Head {
	return Head{Title: "Security advisories of Lanternworks", Self: "https://lantern.example.org/advisories/feed.atom",
		Home: "https://lantern.example.org/advisories", Author: "Lanternworks", Lang: "en"}
}

func entries() []Entry {
	return []Entry{
		{URL: "https://lantern.example.org/advisories/ADV-1", Document: advisory.Document{ID: "ADV-1", Title: "Older <b>&amp;</b> \x01", Summary: "A & B", Severity: "low",
			Initial: day(1), Current: day(2), Vulns: []advisory.Vuln{{CVE: "CVE-1900-0001"}, {CVE: "CVE-1900-0001"}, {}}}},
		{URL: "https://lantern.example.org/advisories/ADV-2", Document: advisory.Document{ID: "ADV-2", Title: "Newer", Initial: day(3),
			Vulns: []advisory.Vuln{{Description: "One."}, {Description: "Two."}, {Description: "One."}}},
			Forms: []Form{{"https://lantern.example.org/advisories/ADV-2.json", "application/json", "CSAF 2.0"}}},
		{URL: "https://lantern.example.org/advisories/ADV-0", Document: advisory.Document{ID: "ADV-0", Title: "Withdrawn", Initial: day(1), Current: day(1), Withdrawn: day(9)}},
	}
}

func write(t *testing.T, h Head, es []Entry) string {
	t.Helper()
	b, err := Write(h, es)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	have := write(t, head(), entries())
	if *update {
		if err := os.WriteFile("testdata/feed.golden.xml", []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/feed.golden.xml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), have); diff != "" {
		t.Errorf("want (-) have (+); -update rewrites it\n%s", diff)
	}
}

func TestOrderOfEntriesDoesNotMatter(t *testing.T) {
	t.Parallel()
	turned := entries()
	slices.Reverse(turned)
	if diff := cmp.Diff(write(t, head(), entries()), write(t, head(), turned)); diff != "" {
		t.Error(diff)
	}
}

// TestIsAtom reads the feed as XML and counts what RFC 4287, sections 4.1.1 and
// 4.1.2, demands exactly once.
func TestIsAtom(t *testing.T) {
	t.Parallel()
	dec := xml.NewDecoder(strings.NewReader(write(t, head(), entries())))
	var path []string
	count := map[string]int{}
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if x.Name.Space != "http://www.w3.org/2005/Atom" {
				t.Errorf("%s is not of Atom", x.Name)
			}
			path = append(path, x.Name.Local)
			count[strings.Join(path, "/")]++
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	for name, want := range map[string]int{"feed": 1, "feed/id": 1, "feed/title": 1, "feed/updated": 1, "feed/author/name": 1,
		"feed/entry": 3, "feed/entry/id": 3, "feed/entry/title": 3, "feed/entry/updated": 3, "feed/entry/summary": 3, "feed/entry/published": 3} {
		if count[name] != want {
			t.Errorf("%d of %s, want %d", count[name], name, want)
		}
	}
}

func TestEmptyFeedIsAsOldAsItsBeginning(t *testing.T) {
	t.Parallel()
	h := head()
	h.Since = day(1)
	if have := write(t, h, nil); !strings.Contains(have, "<updated>2026-04-01T12:00:00Z</updated>") {
		t.Errorf("%s", have)
	}
}

func TestWriteSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	twice := append(entries(), entries()[0])
	for _, c := range []struct {
		name    string
		head    Head
		entries []Entry
		want    string
	}{
		{"a feed of nothing", Head{}, nil, "4 fields"},
		{"no time", head(), nil, "time of its own"},
		{"an entry without a title", head(), []Entry{{URL: "https://x", Document: advisory.Document{ID: "ADV-1", Initial: day(1)}}}, "ADV-1 needs a title"},
		{"an entry without a time", head(), []Entry{{URL: "https://x", Document: advisory.Document{ID: "ADV-1", Title: "T"}}}, "time of its release"},
		{"an entry twice", head(), twice, "twice"},
	} {
		_, err := Write(c.head, c.entries)
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.want)
		}
	}
}
