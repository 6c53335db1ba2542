package cvss

import (
	"testing"
	"time"

	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// The benchmarks read and score beside pandatix/go-cvss in the same run, in
// turns, and report how many times faster this package is: on a shared machine
// only the ratio says anything.
func BenchmarkParseAndScore(b *testing.B) {
	score31 := func(s string) float64 {
		c, err := gocvss31.ParseVector(s)
		if err != nil {
			b.Fatal(err)
		}
		return c.EnvironmentalScore()
	}
	base31 := func(s string) float64 {
		c, err := gocvss31.ParseVector(s)
		if err != nil {
			b.Fatal(err)
		}
		return c.BaseScore()
	}
	score40 := func(s string) float64 {
		c, err := gocvss40.ParseVector(s)
		if err != nil {
			b.Fatal(err)
		}
		return c.Score()
	}
	for _, bb := range []struct {
		name, vector string
		other        func(string) float64
	}{
		{"3.1 base", good31, base31},
		{"3.1 with everything", good31 + "/E:P/RL:O/RC:C/CR:H/IR:M/AR:L/MAV:A/MAC:H/MPR:L/MUI:R/MS:C/MC:L/MI:L/MA:N", score31},
		{"4.0 base", good4, score40},
		{"4.0 with threat", good4 + "/E:P", score40},
		{"4.0 with everything", full4, score40},
	} {
		b.Run(bb.name, func(b *testing.B) { beside(b, bb.vector, bb.other) })
	}
}

// beside times this package and another in turns, and takes the best turn of
// each: what else runs on the machine can only make a turn longer.
func beside(b *testing.B, vector string, other func(string) float64) {
	const turn = 1000
	ours, theirs := time.Duration(1<<62), time.Duration(1<<62)
	var sum float64
	for left := b.N; left > 0; left -= turn {
		t0 := time.Now()
		for range turn {
			v, err := Parse(vector)
			if err != nil {
				b.Fatal(err)
			}
			sum += v.Score().Score
		}
		t1 := time.Now()
		for range turn {
			sum += other(vector)
		}
		ours, theirs = min(ours, t1.Sub(t0)), min(theirs, time.Since(t1))
	}
	if sum < 0 {
		b.Fatal("a sum of scores is below zero")
	}
	b.ReportMetric(float64(ours.Nanoseconds())/turn, "ns/ours")
	b.ReportMetric(float64(theirs.Nanoseconds())/turn, "ns/theirs")
	b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
	b.ReportMetric(0, "ns/op")
}
