package audit_test

import (
	"flag"
	"path/filepath"
	"testing"
	"time"

	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/rig"
	"tocsin/internal/seal"
)

var history = flag.Int("history", 100_000, "how many audit entries the benchmark seals and verifies")

// BenchmarkLog seals and verifies a history; it measures one run of each.
func BenchmarkLog(b *testing.B) {
	for name, open := range map[string]func() *db.DB{
		"sqlite":   func() *db.DB { return rig.OpenDB(b, filepath.Join(b.TempDir(), "bench.db")) },
		"postgres": func() *db.DB { return rig.OpenDB(b, rig.Postgres(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				d := open()
				for from := 0; from < *history; from += 1000 {
					add(b, d, from, min(from+1000, *history))
				}
				b.StartTimer()
				measure(b, d)
			}
		})
	}
}

func measure(b *testing.B, d *db.DB) {
	start := time.Now()
	n, err := sealer(d, seal.NewKey()).Step(b.Context())
	if err != nil || n != *history {
		b.Fatalf("sealed %d, %v", n, err)
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "sealed/s")
	start = time.Now()
	r, err := audit.Verify(b.Context(), d, audit.Options{})
	if err != nil || !r.OK() || r.Size != int64(n) {
		b.Fatalf("%+v, %v", r, err)
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "verified/s")
}
