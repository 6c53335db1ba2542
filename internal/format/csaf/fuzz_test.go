package csaf_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/format/csaf"
	"tocsin/internal/shape"
)

// FuzzCheck holds that no input breaks the reader or a test; that Parse takes
// every file without errors, and refuses with a sentence; and that what
// Parse gives is written as a valid file or refused with a sentence.
func FuzzCheck(f *testing.F) {
	for _, s := range samples(f) {
		file := render(f, s.doc)
		f.Add(file.Body)
	}
	for _, s := range []string{``, `[]`, `{}`, `{"document":{"csaf_version":"2.0","tracking":{"revision_history":[{}]}},"vulnerabilities":[{"scores":[{"cvss_v3":7}]}]}`,
		`{"product_tree":{"relationships":[{"full_product_name":{"product_id":"a"},"product_reference":"a","relates_to_product_reference":"a"}]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := csaf.Format{}.Check(body)
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatalf("check: %v", err)
		}
		d, perr := csaf.Format{}.Parse(body)
		if perr != nil {
			if err == nil && advisory.Valid(found) {
				t.Fatalf("a valid file is refused: %v", perr)
			}
			if !errors.Is(perr, fault.Invalid) {
				t.Fatalf("parse: %v", perr)
			}
			return
		}
		if _, err := (csaf.Format{}).Render(d); err != nil && !errors.Is(err, fault.Invalid) {
			t.Fatalf("render: %v", err)
		}
	})
}

// published returns the files of one folder of real advisories.
func published(b *testing.B) (files [][]byte, size int64) {
	b.Helper()
	paths, err := filepath.Glob(filepath.Join(shared(b, "csaf-cisa"), "*.json"))
	if err != nil || len(paths) == 0 {
		b.Fatalf("no files: %v", err)
	}
	for _, p := range paths {
		body, err := os.ReadFile(p)
		if err != nil {
			b.Fatal(err)
		}
		files, size = append(files, body), size+int64(len(body))
	}
	return files, size
}

// BenchmarkCheck checks real advisories, and beside it does what checking
// cannot do without: read the JSON, with encoding/json and with our reader. The
// metric x-encoding-json is how many times as long as encoding/json's reading.
func BenchmarkCheck(b *testing.B) {
	files, size := published(b)
	per := map[string]float64{}
	run := func(name string, do func(body []byte) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, body := range files {
					if err := do(body); err != nil {
						b.Fatal(err)
					}
				}
			}
			docs := float64(b.N*len(files)) / b.Elapsed().Seconds()
			per[name] = 1 / docs
			b.ReportMetric(docs, "docs/s")
			b.ReportMetric(per[name]/per["encoding-json"], "x-encoding-json")
		})
	}
	run("encoding-json", func(body []byte) error { var v any; return json.Unmarshal(body, &v) })
	run("shape", func(body []byte) error { _, err := shape.Decode(body); return err })
	run("parse", func(body []byte) error { _, err := csaf.Format{}.Parse(body); return err })
	run("check", func(body []byte) error { _, err := csaf.Format{}.Check(body); return err })
}
