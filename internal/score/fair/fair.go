// Package fair quantifies risks as Open FAIR does (The Open Group, O-RT 3.0.1 and
// O-RA 2.0.1): estimates of the factors of a scenario go in, the distribution of
// the loss of a year comes out, before and after a treatment, for one scenario
// and for a portfolio. It is pure: it reads no file, knows no record, keeps
// nothing. The register and the command line use it.
//
// One trial is one year. The rate of loss events is drawn once a year from its
// estimate, the number of events from the Poisson distribution of that rate, and
// every event draws its own losses; the year's loss is their sum. Two other
// counts are labelled as special cases (at most one event a year; a counted
// number of threats), and the product of one frequency and one magnitude is
// offered as a comparison with tools that do so, not as the loss of a year.
//
// The same input gives the same bytes on every machine. Each estimate has a
// stream of random words of its own, keyed by seed, risk and factor, and a word
// is found by year and event, so neither the number of processors nor a treatment
// of another factor moves it: before and after differ by the treatment alone.
// Draws are inverse distribution functions from tables; exponential,
// logarithm and their kin are our own (arith.go), and no product is fused into a
// sum. [Run] says the engine's version, which changes when any byte would.
package fair

// Version names this engine in results. It changes whenever the same input and
// seed would give other numbers.
const Version = "fair/1"

// Limits of one run.
const (
	MaxTrials = 10_000_000
	MaxRisks  = 2_000
	maxLinked = 500  // risks in one correlation matrix
	maxParts  = 100  // losses, difficulties or values in one list
	maxNumber = 1e18 // of any number of an estimate
	maxRate   = 1e6  // events a year where each event is drawn
	maxEvents = 2e10 // events drawn in one run
)

// Portfolio is what one run looks at: one scenario or several.
type Portfolio struct {
	Name        string       `json:"name,omitempty"`
	Unit        string       `json:"unit,omitempty"` // what losses are counted in, for example EUR
	Scenarios   []Scenario   `json:"scenarios"`
	Appetite    []float64    `json:"appetite,omitempty"` // losses of a year whose probability is asked
	Correlation *Correlation `json:"correlation,omitempty"`
	Expect      []Expect     `json:"expect,omitempty"` // what the result must be, for examples that prove themselves
}

// Correlation says which risks have their bad years together: a Gaussian copula
// on the frequencies. Risks that it does not name are independent.
type Correlation struct {
	Risks  []string    `json:"risks"`
	Matrix [][]float64 `json:"matrix"` // symmetric, ones on the diagonal, positive semi-definite
}

// Expect is one output that an example must give.
type Expect struct {
	Output    string  `json:"output"` // its name in the result: "mean", "p95", "p_zero", "after.mean"
	Value     float64 `json:"value"`
	Tolerance float64 `json:"tolerance"` // absolute
	Source    string  `json:"source,omitempty"`
}

// Scenario is one risk as a tree of factors. Each factor is given directly or
// derived from those below it, never both:
//
//	loss_event_frequency = threat_event_frequency × vulnerability
//	threat_event_frequency = contact_frequency × probability_of_action
//	vulnerability = P(threat_capability > difficulty)
//	loss_magnitude = primary_loss + secondary_losses
//	primary_loss = sum of primary_losses
//	a secondary loss = frequency (share of events) × magnitude
type Scenario struct {
	ID    string `json:"id"` // names the risk's random streams too
	Name  string `json:"name,omitempty"`
	Count string `json:"count,omitempty"` // how a year's events are counted; empty is poisson

	LossEventFrequency   *Estimate  `json:"loss_event_frequency,omitempty"`
	ThreatEventFrequency *Estimate  `json:"threat_event_frequency,omitempty"`
	ContactFrequency     *Estimate  `json:"contact_frequency,omitempty"`
	ProbabilityOfAction  *Estimate  `json:"probability_of_action,omitempty"`
	Vulnerability        *Estimate  `json:"vulnerability,omitempty"`
	ThreatCapability     *Estimate  `json:"threat_capability,omitempty"`
	Difficulty           []Estimate `json:"difficulty,omitempty"` // of several, their mean is met

	LossMagnitude   *Estimate   `json:"loss_magnitude,omitempty"`
	PrimaryLoss     *Estimate   `json:"primary_loss,omitempty"`
	PrimaryLosses   []Primary   `json:"primary_losses,omitempty"`
	SecondaryLosses []Secondary `json:"secondary_losses,omitempty"`

	Treatment *Treatment `json:"treatment,omitempty"`
}

// How the loss events of a year are counted.
const (
	Poisson   = "poisson"   // any number, at the year's rate
	Bernoulli = "bernoulli" // at most one: the frequency is a probability
	Binomial  = "binomial"  // the threat events are a counted number, each succeeds or not
	Product   = "product"   // none: frequency times magnitude, one draw each, as a comparison with other tools
)

// Primary is the part of the primary loss that takes one form.
type Primary struct {
	Form string   `json:"form"`
	Loss Estimate `json:"loss"`
}

// Secondary is a loss by the reaction of others. Either the loss of every event is given
// directly, or the share of events that bring it and how large it then is.
type Secondary struct {
	Name      string    `json:"name"` // whose reaction it is
	Form      string    `json:"form,omitempty"`
	Loss      *Estimate `json:"loss,omitempty"`
	Frequency *Estimate `json:"frequency,omitempty"` // SLEF, 0 to 1
	Magnitude *Estimate `json:"magnitude,omitempty"` // SLEM
}

// Forms are the six forms of loss of O-RT 3.0.1.
var Forms = []string{"productivity", "response", "replacement", "competitive_advantage", "fines_and_judgements", "reputation"}

// Treatment changes factors of a scenario.
type Treatment struct {
	Name       string   `json:"name"`
	Domain     string   `json:"domain,omitempty"` // of FAIR-CAM; only loss event controls act on the tree
	AnnualCost float64  `json:"annual_cost,omitempty"`
	Changes    []Change `json:"changes"`
}

// Domains are those of FAIR-CAM; the first alone acts on the factors directly.
var Domains = []string{"loss_event", "variance_management", "decision_support"}

// Change replaces the estimate of a factor, or scales the factor. A list's entry
// is named by its form or name: "secondary_losses.customers.frequency".
type Change struct {
	Factor   string    `json:"factor"`
	Scale    *float64  `json:"scale,omitempty"`
	Estimate *Estimate `json:"estimate,omitempty"`
}

// Estimate is what somebody holds a factor to be: a distribution, and why.
type Estimate struct {
	Kind string `json:"kind"` // pert, lognormal, normal, uniform, triangular, exponential, constant, discrete

	Min     *float64  `json:"min,omitempty"`
	Mode    *float64  `json:"mode,omitempty"` // the most likely value
	Max     *float64  `json:"max,omitempty"`
	Gamma   *float64  `json:"gamma,omitempty"` // of pert: how much the mode weighs; 4 where it is not given
	Low     *float64  `json:"low,omitempty"`   // of lognormal: the 90 % interval
	High    *float64  `json:"high,omitempty"`
	Mu      *float64  `json:"mu,omitempty"` // of lognormal: mean and standard deviation of the logarithm
	Sigma   *float64  `json:"sigma,omitempty"`
	Mean    *float64  `json:"mean,omitempty"`
	SD      *float64  `json:"sd,omitempty"`
	Value   *float64  `json:"value,omitempty"`
	Values  []float64 `json:"values,omitempty"` // of discrete
	Weights []float64 `json:"weights,omitempty"`

	Confidence string `json:"confidence,omitempty"`
	Rationale  string `json:"rationale,omitempty"`
	Source     string `json:"source,omitempty"`
	Who        string `json:"who,omitempty"`
	When       string `json:"when,omitempty"`
}

// PERT is an estimate by minimum, most likely value and maximum.
func PERT(min, mode, max float64) Estimate {
	return Estimate{Kind: "pert", Min: &min, Mode: &mode, Max: &max}
}

// PERTGamma is PERT with another weight of the mode than 4.
func PERTGamma(min, mode, max, gamma float64) Estimate {
	e := PERT(min, mode, max)
	e.Gamma = &gamma
	return e
}

// LogNormal is an estimate by its 90 % interval.
func LogNormal(low, high float64) Estimate {
	return Estimate{Kind: "lognormal", Low: &low, High: &high}
}

// LogNormalMuSigma is an estimate by mean and standard deviation of the logarithm.
func LogNormalMuSigma(mu, sigma float64) Estimate {
	return Estimate{Kind: "lognormal", Mu: &mu, Sigma: &sigma}
}

// Normal is an estimate by mean and standard deviation.
func Normal(mean, sd float64) Estimate { return Estimate{Kind: "normal", Mean: &mean, SD: &sd} }

// Uniform is an estimate by its ends.
func Uniform(min, max float64) Estimate { return Estimate{Kind: "uniform", Min: &min, Max: &max} }

// Triangular is an estimate by minimum, most likely value and maximum, with straight sides.
func Triangular(min, mode, max float64) Estimate {
	return Estimate{Kind: "triangular", Min: &min, Mode: &mode, Max: &max}
}

// Exponential is an estimate by its mean.
func Exponential(mean float64) Estimate { return Estimate{Kind: "exponential", Mean: &mean} }

// Constant is a value without doubt.
func Constant(value float64) Estimate { return Estimate{Kind: "constant", Value: &value} }

// Discrete is one of some values; without weights each is as likely.
func Discrete(values, weights []float64) Estimate {
	return Estimate{Kind: "discrete", Values: values, Weights: weights}
}
