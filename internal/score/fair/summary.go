package fair

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// Summary is what a sample of yearly losses says. Quantiles are of type 7
// (linear between neighbours); ES is the mean of the losses at or above the quantile.
type Summary struct {
	Mean  float64 `json:"mean"` // the annualised loss expectancy
	SE    float64 `json:"se"`   // of the mean
	SD    float64 `json:"sd"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
	P5    float64 `json:"p5"`
	P10   float64 `json:"p10"`
	P25   float64 `json:"p25"`
	P50   float64 `json:"p50"`
	P75   float64 `json:"p75"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	PZero float64 `json:"p_zero"` // share of years without loss
	ES95  float64 `json:"es95"`
	ES99  float64 `json:"es99"`

	Exceedance []Point `json:"exceedance,omitempty"` // at the points of the appetite
	Curve      []Point `json:"curve,omitempty"`      // by growing loss; the probability never grows
}

// Point says with which probability a year's loss is above a loss.
type Point struct {
	Loss        float64 `json:"loss"`
	Probability float64 `json:"probability"`
}

// maxCurve is how many points a curve has at most.
const maxCurve = 500

// sample finds values by rank without sorting all: it deals the losses into many
// small piles by size, and sorts those that are asked for.
type sample struct {
	n, zeros int
	base     uint64 // the bits from which piles are counted; what is below lies in the first
	shift    int
	first    []uint32 // where each pile begins, and the end
	sorted   []bool
	values   []float64 // pile by pile
}

// newSample deals losses out into room, which has space for as many. Losses
// above zero lie by the order of their bits; the first pile is that of the years without.
func newSample(losses, room []float64) *sample {
	s := &sample{n: len(losses), values: room[:len(losses)]}
	low, high, all := uint64(math.MaxUint64), uint64(0), uint64(0)
	for _, x := range losses {
		b := math.Float64bits(x)
		low, high, all = min(low, b-1), max(high, b), all|b // zero less one is the largest of all
		s.zeros += int(one64(b == 0))
	}
	low++
	width := 12
	if len(losses) > 1<<18 {
		width = 14
	}
	s.shift = max(0, bits.Len64(high-low)-width)
	if all>>63 == 1 || high == 0 || low <= 1<<s.shift {
		s.whole(losses)
		return s
	}
	s.base = low - 1<<s.shift
	s.deal(losses, 1<<width+2)
	return s
}

// whole sorts everything into one pile, where losses below zero have no order of bits.
func (s *sample) whole(losses []float64) {
	copy(s.values, losses)
	slices.Sort(s.values)
	s.first, s.sorted, s.shift = []uint32{0, uint32(len(losses))}, []bool{true}, 64
}

func (s *sample) pile(x float64) int {
	return int((max(math.Float64bits(x), s.base) - s.base) >> s.shift)
}

func (s *sample) deal(losses []float64, piles int) {
	s.first, s.sorted = make([]uint32, piles+1), make([]bool, piles)
	s.sorted[0] = true
	next := make([]uint32, piles+1)
	base, shift, values := s.base, s.shift&63, s.values // in registers: nothing below changes them
	odd, even := s.first, next                          // two rows, so that a loss does not wait for the one before it
	b := losses
	for ; len(b) >= 2; b = b[2:] {
		even[(max(math.Float64bits(b[0]), base)-base)>>shift+1]++
		odd[(max(math.Float64bits(b[1]), base)-base)>>shift+1]++
	}
	for _, x := range b {
		even[s.pile(x)+1]++
	}
	for i := 1; i <= piles; i++ {
		next[i] += odd[i] + next[i-1]
	}
	copy(s.first, next)
	for _, x := range losses {
		p := (max(math.Float64bits(x), base) - base) >> shift
		values[next[p]] = x
		next[p]++
	}
}

// at is the loss of rank k, from 0.
func (s *sample) at(k int) float64 {
	s.sort(sort.Search(len(s.sorted), func(i int) bool { return int(s.first[i+1]) > k }))
	return s.values[k]
}

func (s *sample) sort(p int) {
	if !s.sorted[p] {
		slices.Sort(s.values[s.first[p]:s.first[p+1]])
		s.sorted[p] = true
	}
}

// upTo counts the losses that are at most x, itself one of them.
func (s *sample) upTo(x float64) int {
	p := s.pile(x)
	s.sort(p)
	pile := s.values[s.first[p]:s.first[p+1]]
	return int(s.first[p]) + sort.Search(len(pile), func(i int) bool { return pile[i] > x })
}

// grade is about the share of losses below x, half of those like it: its pile's middle.
func (s *sample) grade(x float64) float64 {
	if len(s.sorted) == 1 {
		return float64(s.upTo(x)) / float64(s.n)
	}
	p := s.pile(x)
	return middle(float64(s.first[p]), float64(s.first[p+1])) / float64(s.n)
}

// quantile is that of type 7.
func (s *sample) quantile(p float64) float64 {
	h := float64(float64(s.n-1) * p)
	k := math.Floor(h)
	a := s.at(int(k))
	if h == k {
		return a
	}
	return a + float64((h-k)*(s.at(int(k)+1)-a))
}

// shortfall is the mean of the losses at or above x, itself one or between two of them.
func (s *sample) shortfall(x float64) float64 {
	sum, n := 0.0, 0
	for _, v := range s.values[s.first[s.pile(x)]:] {
		if v >= x {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

// total is the sum of the losses: four rows a block, blocks in order.
func total(losses []float64) (sum float64) {
	for len(losses) > 0 {
		b := losses[:min(blockSize, len(losses))]
		losses = losses[len(b):]
		var row [4]float64
		for len(b) >= 4 {
			row[0], row[1], row[2], row[3] = row[0]+b[0], row[1]+b[1], row[2]+b[2], row[3]+b[3]
			b = b[4:]
		}
		for _, x := range b {
			row[0] += x
		}
		sum += (row[0] + row[1]) + (row[2] + row[3])
	}
	return sum
}

// spread is the sum of the squared distances from the mean, in the same order.
func spread(losses []float64, mean float64) (sum float64) {
	for len(losses) > 0 {
		b := losses[:min(blockSize, len(losses))]
		losses = losses[len(b):]
		var row [4]float64
		for len(b) >= 4 {
			d0, d1, d2, d3 := b[0]-mean, b[1]-mean, b[2]-mean, b[3]-mean
			row[0] += float64(d0 * d0)
			row[1] += float64(d1 * d1)
			row[2] += float64(d2 * d2)
			row[3] += float64(d3 * d3)
			b = b[4:]
		}
		for _, x := range b {
			row[0] += float64((x - mean) * (x - mean))
		}
		sum += (row[0] + row[1]) + (row[2] + row[3])
	}
	return sum
}

// summarize says what a sample of losses says.
func summarize(losses []float64, s *sample, appetite []float64, points int) Summary {
	n := float64(len(losses))
	mean := total(losses) / n
	sd := 0.0
	if n > 1 {
		sd = math.Sqrt(spread(losses, mean) / (n - 1))
	}
	q := s.quantile
	r := Summary{Mean: mean, SD: sd, SE: sd / math.Sqrt(n), Min: s.at(0), Max: s.at(s.n - 1),
		P5: q(.05), P10: q(.10), P25: q(.25), P50: q(.50), P75: q(.75), P90: q(.90), P95: q(.95), P99: q(.99), P999: q(.999)}
	r.PZero = float64(s.zeros) / n
	r.ES95, r.ES99 = s.shortfall(r.P95), s.shortfall(r.P99)
	for _, at := range appetite {
		above := 0
		for _, x := range losses {
			if x > at {
				above++
			}
		}
		r.Exceedance = append(r.Exceedance, Point{at, float64(above) / n})
	}
	r.Curve = s.curve(points)
	return r
}

// curve is the loss exceedance: half of its points evenly by rank, half ever closer to the worst year.
func (s *sample) curve(points int) (all []Point) {
	if points == 0 {
		return nil
	}
	ranks := make([]int, 0, points)
	half := points / 2
	for i := range half {
		ranks = append(ranks, i*(s.n-1)/max(1, half-1))
	}
	left, fall := float64(s.n)/2, exp(-log(float64(s.n))/float64(half))
	for range half {
		ranks = append(ranks, s.n-1-int(left))
		left = float64(left * fall)
	}
	slices.Sort(ranks)
	last := -1
	for _, k := range slices.Compact(ranks) {
		if k <= last {
			continue // as large as the point before
		}
		x := s.at(k)
		upTo := s.upTo(x)
		last = upTo - 1
		all = append(all, Point{x, float64(s.n-upTo) / float64(s.n)})
	}
	return all
}
