package riskscore

import "testing"

func BenchmarkEvaluate(b *testing.B) {
	in := whole()
	in.Evidence.Items = items(50, 9)
	for b.Loop() {
		if _, err := Evaluate(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPredict(b *testing.B) {
	h := history()
	h.Baseline = ptr(5.0)
	for b.Loop() {
		if _, err := Predict(h); err != nil {
			b.Fatal(err)
		}
	}
}
