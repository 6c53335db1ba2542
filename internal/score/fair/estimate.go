package fair

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// kind is one family of distributions: what its estimates give, and what is
// known of them. check has seen an estimate before any other function does.
type kind struct {
	name    string
	needs   []string // what must be given, as the fields of an estimate are spelled
	may     []string
	check   func(e *Estimate, bad func(field, says, mend string))
	moments func(e *Estimate) (mean, variance float64)
	cdf     func(e *Estimate, x float64) float64
	density func(e *Estimate, x float64) float64
	sides   func(e *Estimate) *sides // both nil where there is no density
	ends    func(e *Estimate) (lo, hi float64)
}

// kinds are all families. Lognormal is given by its 90 % interval or by mu and sigma.
var kinds = []kind{
	{"pert", []string{"min", "mode", "max"}, []string{"gamma"}, checkPERT, pertMoments, pertCDF, pertDensity, pertSides, minMax},
	{"lognormal", nil, []string{"low", "high", "mu", "sigma", "min", "max"}, checkLogNormal, logNormalMoments, logNormalCDF, logNormalDensity, logNormalSides, positive},
	{"normal", []string{"mean", "sd"}, []string{"min", "max"}, checkNormal, normalMoments, normalAt, normalDensity, normalQuantiles, endless},
	{"uniform", []string{"min", "max"}, nil, checkOrder, uniformMoments, uniformCDF, uniformDensity, uniformSides, minMax},
	{"triangular", []string{"min", "mode", "max"}, nil, checkOrder, triangularMoments, triangularCDF, triangularDensity, triangularSides, minMax},
	{"exponential", []string{"mean"}, nil, checkExponential, exponentialMoments, exponentialCDF, exponentialDensity, exponentialSides, positive},
	{"constant", []string{"value"}, nil, noCheck, constantMoments, atomsCDF, nil, nil, atomEnds},
	{"discrete", []string{"values"}, []string{"weights"}, checkDiscrete, discreteMoments, atomsCDF, nil, nil, atomEnds},
}

// Kinds are the names of the distributions, in the order of the documents.
func Kinds() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

func (e *Estimate) family() *kind {
	for i := range kinds {
		if kinds[i].name == e.Kind {
			return &kinds[i]
		}
	}
	return nil
}

// number is one number of an estimate by its field's name.
func (e *Estimate) number(field string) *float64 {
	switch field {
	case "min":
		return e.Min
	case "mode":
		return e.Mode
	case "max":
		return e.Max
	case "gamma":
		return e.Gamma
	case "low":
		return e.Low
	case "high":
		return e.High
	case "mu":
		return e.Mu
	case "sigma":
		return e.Sigma
	case "mean":
		return e.Mean
	case "sd":
		return e.SD
	case "value":
		return e.Value
	}
	return nil
}

// numbers are the fields of an estimate that hold one number.
var numbers = []string{"min", "mode", "max", "gamma", "low", "high", "mu", "sigma", "mean", "sd", "value"}

// Moments are the exact mean and variance of a checked estimate, without its cuts.
func (e Estimate) Moments() (mean, variance float64) { return e.family().moments(&e) }

// CDF is the exact probability that a checked estimate is at most x, without its cuts.
func (e Estimate) CDF(x float64) float64 { return e.family().cdf(&e, x) }

// Quantile is the exact value that a checked estimate is below with probability
// p, without its cuts. The engine draws from tables instead, which are much faster.
func (e Estimate) Quantile(p float64) float64 {
	lo, hi := e.family().ends(&e)
	for step := 1.0; math.IsInf(lo, -1); step *= 2 {
		if e.CDF(-step) < p {
			lo = -step
		}
	}
	for step := 1.0; math.IsInf(hi, 1); step *= 2 {
		if e.CDF(step) > p {
			hi = step
		}
	}
	for range 200 {
		mid := middle(lo, hi)
		if e.CDF(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// cut tells whether the estimate's draws are cut at its min or max.
func (e *Estimate) cut() bool {
	return (e.Kind == "normal" || e.Kind == "lognormal") && (e.Min != nil || e.Max != nil)
}

func minMax(e *Estimate) (lo, hi float64)     { return *e.Min, *e.Max }
func positive(*Estimate) (lo, hi float64)     { return 0, math.Inf(1) }
func endless(*Estimate) (lo, hi float64)      { return math.Inf(-1), math.Inf(1) }
func noCheck(*Estimate, func(_, _, _ string)) {}

// PERT.

func (e *Estimate) gamma() float64 {
	if e.Gamma == nil {
		return 4
	}
	return *e.Gamma
}

// shapes are α and β of a PERT estimate whose ends differ.
func (e *Estimate) shapes() (alpha, beta float64) {
	w := *e.Max - *e.Min
	return 1 + float64(e.gamma()*(*e.Mode-*e.Min))/w, 1 + float64(e.gamma()*(*e.Max-*e.Mode))/w
}

func pertMoments(e *Estimate) (mean, variance float64) {
	a, m, b := *e.Min, *e.Mode, *e.Max
	if e.narrow() {
		return a, 0
	}
	alpha, beta := e.shapes()
	sum := alpha + beta
	return (a + float64(e.gamma()*m) + b) / (e.gamma() + 2), (b - a) * (b - a) * alpha * beta / (sum * sum * (sum + 1))
}

func pertCDF(e *Estimate, x float64) float64 {
	if e.narrow() {
		return step(x, *e.Min)
	}
	alpha, beta := e.shapes()
	return betaCDF((x-*e.Min)/(*e.Max-*e.Min), alpha, beta)
}

func step(x, at float64) float64 {
	if x < at {
		return 0
	}
	return 1
}

func pertSides(e *Estimate) *sides {
	if e.narrow() {
		return nil
	}
	alpha, beta := e.shapes()
	return between(betaSides(alpha, beta), *e.Min, *e.Max)
}

// between stretches quantiles in 0..1, the upper as distance from 1, to lo..hi.
func between(s *sides, lo, hi float64) *sides {
	for i := range s.lo {
		s.lo[i] = lo + float64((hi-lo)*s.lo[i])
		s.hi[i] = hi - float64((hi-lo)*s.hi[i])
	}
	return s
}

// Lognormal and normal.

const z95 = 1.6448536269514722 // the 95 % quantile of the standard normal

func (e *Estimate) logs() (mu, sigma float64) {
	if e.Mu != nil {
		return *e.Mu, *e.Sigma
	}
	l, u := log(*e.Low), log(*e.High)
	return (l + u) / 2, (u - l) / (2 * z95)
}

func logNormalMoments(e *Estimate) (mean, variance float64) {
	mu, sigma := e.logs()
	s2 := float64(sigma * sigma)
	mean = exp(mu + float64(s2/2))
	return mean, float64(mean*mean) * (exp(s2) - 1)
}

func logNormalCDF(e *Estimate, x float64) float64 {
	mu, sigma := e.logs()
	switch {
	case x <= 0:
		return 0
	case sigma == 0:
		return step(x, exp(mu))
	}
	return normalCDF((log(x) - mu) / sigma)
}

func logNormalSides(e *Estimate) *sides {
	mu, sigma := e.logs()
	s := new(sides)
	for i, z := range normalSides().lo {
		s.lo[i], s.hi[i] = exp(mu+float64(sigma*z)), exp(mu-float64(sigma*z))
	}
	return s
}

func normalMoments(e *Estimate) (mean, variance float64) { return *e.Mean, float64(*e.SD * *e.SD) }

func normalAt(e *Estimate, x float64) float64 {
	if *e.SD == 0 {
		return step(x, *e.Mean)
	}
	return normalCDF((x - *e.Mean) / *e.SD)
}

func normalQuantiles(e *Estimate) *sides {
	s := new(sides)
	for i, z := range normalSides().lo {
		s.lo[i], s.hi[i] = *e.Mean+float64(*e.SD*z), *e.Mean-float64(*e.SD*z)
	}
	return s
}

// Uniform, triangular, exponential.

func uniformMoments(e *Estimate) (mean, variance float64) {
	w := *e.Max - *e.Min
	return middle(*e.Min, *e.Max), float64(w*w) / 12
}

func uniformCDF(e *Estimate, x float64) float64 {
	if e.narrow() {
		return step(x, *e.Min)
	}
	return min(1, max(0, (x-*e.Min)/(*e.Max-*e.Min)))
}

func uniformSides(e *Estimate) *sides {
	s := &sides{lo: grid, hi: grid}
	return between(s, *e.Min, *e.Max)
}

func triangularMoments(e *Estimate) (mean, variance float64) {
	a, m, b := *e.Min, *e.Mode, *e.Max
	return (a + m + b) / 3, (float64((b-a)*(b-a)) + float64((m-a)*(m-b))) / 18
}

func triangularCDF(e *Estimate, x float64) float64 {
	a, m, b := *e.Min, *e.Mode, *e.Max
	switch {
	case e.narrow():
		return step(x, a)
	case x <= a:
		return 0
	case x >= b:
		return 1
	case x <= m:
		return (x - a) / (b - a) * ((x - a) / (m - a))
	}
	return 1 - float64((b-x)/(b-a)*((b-x)/(b-m)))
}

func triangularSides(e *Estimate) *sides {
	a, m, b := *e.Min, *e.Mode, *e.Max
	if e.narrow() {
		return nil
	}
	share := (m - a) / (b - a)
	rises := func(w float64) float64 { return a + math.Sqrt(float64(w*(b-a))*(m-a)) }
	falls := func(w float64) float64 { return b - math.Sqrt(float64(w*(b-a))*(b-m)) }
	s := new(sides)
	for i, w := range grid {
		if s.lo[i] = rises(w); w > share {
			s.lo[i] = falls(1 - w)
		}
		if s.hi[i] = falls(w); 1-w < share {
			s.hi[i] = rises(1 - w)
		}
	}
	return s
}

func exponentialMoments(e *Estimate) (mean, variance float64) {
	return *e.Mean, float64(*e.Mean * *e.Mean)
}

func exponentialCDF(e *Estimate, x float64) float64 {
	if x <= 0 {
		return 0
	}
	return 1 - exp(-x / *e.Mean)
}

func exponentialSides(e *Estimate) *sides {
	s := new(sides)
	for i, w := range grid {
		s.lo[i], s.hi[i] = float64(*e.Mean*-negLog1p(w)), float64(*e.Mean*-log(w))
	}
	return s
}

// negLog1p is ln(1-w) for w up to a half.
func negLog1p(w float64) float64 {
	if w < 0.3 {
		return -atanhSeries(w / (2 - w))
	}
	return log(1 - w)
}

// Constant and discrete.

// narrow tells whether the ends are so near to each other that all between is one value.
func (e *Estimate) narrow() bool {
	w := *e.Max - *e.Min
	return w < 1e-100 || w <= 1e-12*max(math.Abs(*e.Min), math.Abs(*e.Max))
}

// atom is one value with its probability.
type atom struct{ x, p float64 }

// atoms are the values of an estimate that has no density, by size, or nil.
func (e *Estimate) atoms() []atom {
	switch {
	case e.Kind == "constant":
		return []atom{{*e.Value, 1}}
	case e.Kind == "discrete":
		return e.discrete()
	case (e.Kind == "pert" || e.Kind == "triangular" || e.Kind == "uniform") && e.narrow():
		return []atom{{*e.Min, 1}}
	case e.Kind == "normal" && *e.SD == 0:
		return []atom{{*e.Mean, 1}}
	}
	return nil
}

func (e *Estimate) discrete() []atom {
	all, sum := make([]atom, len(e.Values)), 0.0
	for i, x := range e.Values {
		all[i] = atom{x, 1}
		if e.Weights != nil {
			all[i].p = e.Weights[i]
		}
	}
	slices.SortStableFunc(all, func(a, b atom) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	for _, a := range all {
		sum += a.p
	}
	for i := range all {
		all[i].p /= sum
	}
	return all
}

func constantMoments(e *Estimate) (mean, variance float64) { return *e.Value, 0 }

func discreteMoments(e *Estimate) (mean, variance float64) {
	all := e.discrete()
	for _, a := range all {
		mean += float64(a.x * a.p)
	}
	for _, a := range all {
		variance += float64((a.x - mean) * (a.x - mean) * a.p)
	}
	return mean, variance
}

func atomsCDF(e *Estimate, x float64) (p float64) {
	all := e.atoms()
	for _, a := range all[:sort.Search(len(all), func(i int) bool { return all[i].x > x })] {
		p += a.p
	}
	return p
}

func atomEnds(e *Estimate) (lo, hi float64) {
	all := e.atoms()
	return all[0].x, all[len(all)-1].x
}

// says is the estimate in a few characters, for people: "pert 20 100 900".
func (e *Estimate) says() string {
	text := e.Kind
	for _, name := range numbers {
		if x := e.number(name); x != nil {
			text += fmt.Sprintf(" %s %g", name, *x)
		}
	}
	if len(e.Values) > 0 {
		text += fmt.Sprintf(" of %d values", len(e.Values))
	}
	return text
}
