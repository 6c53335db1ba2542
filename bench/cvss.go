package main

import (
	"fmt"
	"testing"

	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"

	"tocsin/internal/score/cvss"
)

// cvss reads and scores vectors beside pandatix/go-cvss, in turns.
func (r *run) cvss() error {
	for _, x := range []struct {
		what, vector string
		other        func(string) error
	}{
		{"CVSS 3.1, parse and score", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:L/A:N", func(s string) error {
			v, err := gocvss31.ParseVector(s)
			if err == nil && v.BaseScore() < 0 {
				err = fmt.Errorf("a score below zero")
			}
			return err
		}},
		{"CVSS 4.0, parse and score", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:L/SC:N/SI:N/SA:N", func(s string) error {
			v, err := gocvss40.ParseVector(s)
			if err == nil && v.Score() < 0 {
				err = fmt.Errorf("a score below zero")
			}
			return err
		}},
	} {
		ours, theirs, err := bestOf(r.rounds, x.vector, x.other)
		if err != nil {
			return err
		}
		a, b := float64(ours.T.Nanoseconds())/float64(ours.N), float64(theirs.T.Nanoseconds())/float64(theirs.N)
		r.add(row{What: x.what, Ratio: b / a, Value: fmt.Sprintf("%.1f times as fast, %.0f ns, %d allocations", b/a, a, ours.AllocsPerOp()),
			Goal: "at least 3 times pandatix/go-cvss, none", OK: b/a >= 3 && ours.AllocsPerOp() == 0})
	}
	return nil
}

// bestOf benchmarks both in turns and keeps the best of each.
func bestOf(rounds int, vector string, other func(string) error) (ours, theirs testing.BenchmarkResult, err error) {
	mine := func(s string) error {
		v, err := cvss.Parse(s)
		if err == nil && v.Score().Score < 0 {
			err = fmt.Errorf("a score below zero")
		}
		return err
	}
	bench := func(f func(string) error, best *testing.BenchmarkResult) {
		got := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if e := f(vector); e != nil {
					err = e
				}
			}
		})
		if best.N == 0 || got.T.Nanoseconds()*int64(best.N) < best.T.Nanoseconds()*int64(got.N) {
			*best = got
		}
	}
	for range rounds {
		bench(mine, &ours)
		bench(other, &theirs)
	}
	return ours, theirs, err
}
