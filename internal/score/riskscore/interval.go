package riskscore

import (
	"fmt"
	"math"

	"tocsin/internal/fault"
)

// Interval is a confidence interval of a share.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// Seen is what was found in the members drawn from one stratum, or from the
// whole frame.
type Seen struct {
	Stratum string `json:"stratum,omitempty"`
	Frame   int    `json:"frame"`
	Drawn   int    `json:"drawn"`
	Bad     int    `json:"bad"`
}

// Estimate is the share of the frame that is bad.
type Estimate struct {
	Share    float64   `json:"share"`
	Interval Interval  `json:"interval"`
	Exact    *Interval `json:"exact,omitempty"` // Clopper-Pearson, where there is one stratum: never too narrow
	Drawn    int       `json:"drawn"`
	Frame    int       `json:"frame"`
	Says     string    `json:"says"`
	Steps    Steps     `json:"steps"`
}

// Wilson is the score interval of k in n (E. B. Wilson 1927). It stays inside 0
// to 1 and has a width where k is 0.
func Wilson(k, n int, level float64) (Interval, error) {
	if err := checkShare(k, n, level); err != nil {
		return Interval{}, err
	}
	return wilson(float64(k)/float64(n), float64(n), level), nil
}

func wilson(p, n, level float64) Interval {
	z := normalQuantile((1 + level) / 2)
	zz := z * z
	mid := (p + zz/(2*n)) / (1 + zz/n)
	half := z / (1 + zz/n) * math.Sqrt(float64(p*(1-p))/n+zz/(4*n*n))
	out := Interval{snap(clamp(mid-half, 0, 1)), snap(clamp(mid+half, 0, 1)), level}
	if p == 0 { // exactly, and not by what rounding leaves
		out.Low = 0
	}
	if p == 1 {
		out.High = 1
	}
	return out
}

// ClopperPearson is the exact interval of k in n (C. Clopper, E. Pearson 1934): it
// covers the true share at least as often as its level says.
func ClopperPearson(k, n int, level float64) (Interval, error) {
	if err := checkShare(k, n, level); err != nil {
		return Interval{}, err
	}
	tail := (1 - level) / 2
	out := Interval{0, 1, level}
	if k > 0 {
		out.Low = betaQuantile(float64(k), float64(n-k)+1, tail)
	}
	if k < n {
		out.High = betaQuantile(float64(k)+1, float64(n-k), 1-tail)
	}
	return out, nil
}

func checkShare(k, n int, level float64) error {
	var fs fault.Fields
	if n < 1 || n > maxEvents {
		fs.Add("n", "a share is of 1 to %d, not of %d", maxEvents, n)
	}
	if k < 0 || k > n {
		fs.Add("bad", "%d of %d cannot be bad", k, n)
	}
	checkConfidence(&fs, level)
	return fs.Err()
}

func checkConfidence(fs *fault.Fields, level float64) {
	if math.IsNaN(level) || level <= 0 || level >= 1 {
		fs.Add("level", "an interval's level lies between 0 and 1: 0.9")
	}
}

// Proportion estimates the share of the frame that is bad from what was drawn,
// each stratum with the weight of its size. The interval is Wilson's with the
// number of draws that would be as sure: drawing without putting back is worth
// more draws, strata of unlike weight fewer (finite population correction; E. L.
// Korn and B. I. Graubard 1998 for the way). Strata are never taken to be worth
// more than a plain draw of the same size: one in which nothing bad was found
// shows no spread and is not therefore sure. Where all or nothing is bad the
// number of draws stands as it is. A frame that was drawn whole is known.
func Proportion(seen []Seen, level float64) (Estimate, error) {
	if err := checkSeen(seen, level); err != nil {
		return Estimate{}, err
	}
	var e Estimate
	for _, s := range seen {
		e.Frame, e.Drawn = e.Frame+s.Frame, e.Drawn+s.Drawn
	}
	variance := 0.0
	for _, s := range seen {
		w, p := float64(s.Frame)/float64(e.Frame), float64(s.Bad)/float64(s.Drawn)
		e.Share += float64(w * p)
		variance += s.variance(w, p)
		e.Steps.add("kri.stratum", "Drawn "+s.Stratum, fmt.Sprintf("%d of %d bad", s.Bad, s.Drawn), "from a frame of %d", s.Frame)
	}
	e.Share = snap(e.Share)
	e.Interval = e.interval(variance, level)
	if len(seen) == 1 && e.Drawn < e.Frame {
		exact, err := ClopperPearson(seen[0].Bad, seen[0].Drawn, level)
		if err != nil {
			return Estimate{}, err
		}
		e.Exact = &exact
	}
	e.say()
	return e, nil
}

// variance is that of a stratum's part in the estimate. One draw shows no
// spread; the largest there can be stands in.
func (s Seen) variance(w, p float64) float64 {
	spread := 0.25
	if s.Drawn > 1 {
		spread = float64(p*(1-p)) / float64(s.Drawn-1)
	}
	left := 1 - float64(s.Drawn)/float64(s.Frame)
	return float64(w*w) * left * spread
}

func (e Estimate) interval(variance, level float64) Interval {
	if e.Drawn == e.Frame {
		return Interval{e.Share, e.Share, level}
	}
	n, frame := float64(e.Drawn), float64(e.Frame)
	if p := e.Share; variance > 0 && p > 0 && p < 1 {
		n = min(float64(p*(1-p))/variance, n*(frame-1)/(frame-n))
	}
	return wilson(e.Share, n, level)
}

func (e *Estimate) say() {
	e.Says = fmt.Sprintf("%s %% are bad by %d drawn of %d; with %s %% it is %s to %s %%", Number(100*e.Share), e.Drawn, e.Frame,
		Number(100*e.Interval.Level), Number(100*e.Interval.Low), Number(100*e.Interval.High))
	if e.Drawn == e.Frame {
		e.Says = fmt.Sprintf("%s %% of %d are bad; all of them were looked at", Number(100*e.Share), e.Frame)
	}
	e.Steps.add("kri.share", "Share", Number(100*e.Share)+" %", "%s", e.Says)
}

func checkSeen(seen []Seen, level float64) error {
	var fs fault.Fields
	if len(seen) == 0 {
		fs.Add("seen", "nothing was drawn: an estimate needs a sample")
	}
	for i, s := range seen {
		at := fmt.Sprintf("seen.%d", i)
		switch {
		case s.Frame < 1 || s.Frame > maxEvents:
			fs.Add(at+".frame", "a frame has 1 to %d members, not %d", maxEvents, s.Frame)
		case s.Drawn < 1 || s.Drawn > s.Frame:
			fs.Add(at+".drawn", "%d cannot be drawn from %d: draw one at least", s.Drawn, s.Frame)
		case s.Bad < 0 || s.Bad > s.Drawn:
			fs.Add(at+".bad", "%d of %d drawn cannot be bad", s.Bad, s.Drawn)
		}
	}
	checkConfidence(&fs, level)
	return fs.Err()
}
