package csaf_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/csaf"
	"tocsin/internal/shape"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

// sample is one file of testdata/render: a Document and what it becomes.
type sample struct {
	path    string
	archive *txtar.Archive
	doc     advisory.Document
}

func samples(t testing.TB) []sample {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "render", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var out []sample
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		s := sample{path: p, archive: a}
		if err := shape.Into(a.Files[0].Data, &s.doc); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		out = append(out, s)
	}
	return out
}

func render(t testing.TB, d advisory.Document) advisory.File {
	t.Helper()
	files, err := csaf.Format{}.Render(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 {
		t.Fatalf("%d files, want 1", len(files))
	}
	return files[0]
}

func TestRender(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(strings.TrimSuffix(filepath.Base(s.path), ".txtar"), func(t *testing.T) {
			f := render(t, s.doc)
			if *update {
				s.archive.Files = append(s.archive.Files[:1], txtar.File{Name: f.Name, Data: f.Body})
				if err := os.WriteFile(s.path, txtar.Format(s.archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(s.archive.Files) != 2 || s.archive.Files[1].Name != f.Name {
				t.Fatalf("the sample has no file %s", f.Name)
			}
			if d := cmp.Diff(string(s.archive.Files[1].Data), string(f.Body)); d != "" {
				t.Error(d)
			}
			if again := render(t, s.doc); string(again.Body) != string(f.Body) {
				t.Error("the same Document gave other bytes the second time")
			}
			found, err := csaf.Format{}.Check(f.Body)
			if err != nil || !advisory.Valid(found) {
				t.Errorf("the file has findings: %v, %v", found, err)
			}
		})
	}
}

// TestRenderRefuses takes away from a good Document what a valid file needs.
func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pointer string
		spoil         func(*advisory.Document)
	}{
		{"no publisher", "/document/publisher/name", func(d *advisory.Document) { d.Publisher.Name = "" }},
		{"no date", "/document/tracking/current_release_date", func(d *advisory.Document) { d.Current, d.Initial = d.Withdrawn, d.Withdrawn }},
		{"no status", "/document/tracking/status", func(d *advisory.Document) { d.Status = "" }},
		{"an unknown mark", "/document/distribution/tlp/label", func(d *advisory.Document) { d.TLP = "PINK" }},
		{"a vulnerability without words", "/vulnerabilities/0/notes", func(d *advisory.Document) { d.Vulns[0].Description, d.Vulns[0].Notes = "", nil }},
		{"a vulnerability without products", "/vulnerabilities/0/product_status", func(d *advisory.Document) { d.Vulns[0].Affected = nil }},
		{"a product that is not listed", "/vulnerabilities/0/product_status/known_affected/0", func(d *advisory.Document) {
			d.Vulns[0].Affected = []advisory.Affected{{Product: "NONE", Status: advisory.KnownAffected}}
		}},
		{"a version behind its history", "/document/tracking/version", func(d *advisory.Document) { d.Version = "2" }},
		{"a reference that is no URI", "/document/references/0/url", func(d *advisory.Document) { d.References = []advisory.Reference{{URL: "example.com"}} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := samples(t)[slices.IndexFunc(samples(t), func(s sample) bool { return strings.HasSuffix(s.path, "minimal.txtar") })].doc
			d.Revisions = []advisory.Revision{{Number: "1", Date: d.Current, Summary: "First release"}}
			c.spoil(&d)
			_, err := csaf.Format{}.Render(d)
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("error %v, want invalid", err)
			}
			fields := fault.Of(err).Fields
			if !slices.ContainsFunc(fields, func(f fault.Field) bool { return f.Name == c.pointer }) {
				t.Errorf("fields %v, want %s among them", fields, c.pointer)
			}
		})
	}
}

// TestRichComesBack holds what reading a rendered file gives of the Document.
func TestRichComesBack(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		back, err := csaf.Format{}.Parse(render(t, s.doc).Body)
		if err != nil {
			t.Fatal(err)
		}
		again := render(t, back)
		third, err := csaf.Format{}.Parse(again.Body)
		if err != nil {
			t.Fatal(err)
		}
		if have, want := outline(third), outline(back); !slices.Equal(have, want) {
			t.Errorf("%s: %s", s.path, firstDifference(have, want))
		}
		if back.Title != s.doc.Title || back.Summary != s.doc.Summary || back.TLP != s.doc.TLP || len(back.Credits) != len(s.doc.Credits) {
			t.Errorf("%s came back as %q %q %q", s.path, back.Title, back.Summary, back.TLP)
		}
		for i, v := range s.doc.Vulns {
			b := back.Vulns[i]
			if b.Description != v.Description || len(b.CWEs) != len(v.CWEs) || len(b.Credits) != len(v.Credits) || !b.Released.Equal(v.Released) {
				t.Errorf("%s: vulnerability %d came back as %+v", s.path, i, b)
			}
		}
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		`{"document":{"csaf_version":"2.0"}}`: true, `{"document":{"csaf_version":"2.1"}}`: false, `{"document":[]}`: false, `{}`: false,
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(in), &m); err != nil {
			t.Fatal(err)
		}
		if have := (csaf.Format{}).Is(m); have != want {
			t.Errorf("%s: %v, want %v", in, have, want)
		}
	}
}
