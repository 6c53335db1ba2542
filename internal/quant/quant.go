// Package quant is quantification in the register: what people hold the factors of a
// risk to be, kept as dated versions that are never changed, and runs of them by the
// engine of package score/fair, for one risk or for all that the reader may see.
//
// It computes nothing itself. A run is a job with progress, which can be cancelled;
// its result says with which engine, seed and trials it was made, and the same input
// is answered with the result that stands. Scenario and runs are guarded by their
// risk; a run of several risks is of those that who asked may see, and theirs alone.
package quant

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/fair"
)

// The verbs of quantification.
const (
	VerbRead     access.Verb = "risk.read"
	VerbQuantify access.Verb = "risk.quantify"
)

// Job is the kind of the job that a run is.
const Job = "risk:quantify"

// MaxText is how long the text of a scenario may be, in bytes.
const MaxText = 64 << 10

// DefaultTrials is how many years are drawn where nobody says.
const DefaultTrials = 100_000

// Quants are the operations of quantification.
type Quants struct {
	Gate  *gate.Gate
	Risks *risk.Risks
}

// Scenario is one version of a risk's scenario.
type Scenario struct {
	Risk   ref.ID    `json:"risk"`
	N      int       `json:"n"` // its version, from 1
	At     time.Time `json:"at"`
	Author ref.ID    `json:"author"`
	Hash   string    `json:"hash"` // of what is run
	ScenarioBody
}

// ScenarioBody is what a scenario says.
type ScenarioBody struct {
	Why  string         `json:"why,omitempty"`
	Text string         `json:"text"` // as it was written
	Read fair.Portfolio `json:"read"` // what was read of it: one scenario
}

// The states of a run.
const (
	Waiting   = "waiting"
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled"
	Failed    = "failed"
)

// Run is one run of a scenario, or of several.
type Run struct {
	ID      ref.ID       `json:"id"`
	Risk    ref.ID       `json:"risk,omitempty"` // empty: of several risks
	N       int          `json:"n,omitempty"`    // version of the scenario
	State   string       `json:"state"`
	At      time.Time    `json:"at"`
	Author  ref.ID       `json:"author"`
	Ended   time.Time    `json:"ended,omitzero"`
	Version int          `json:"version"`
	Key     string       `json:"key"`             // the same key has the same result
	Years   int64        `json:"years"`           // drawn
	Total   int64        `json:"total,omitempty"` // years to draw, of all scenarios
	Result  *fair.Result `json:"result,omitempty"`
	RunBody
}

// RunBody is what a run holds besides what lists ask for.
type RunBody struct {
	Trials int    `json:"trials"`
	Seed   uint64 `json:"seed"`
	Engine string `json:"engine"`
	Says   string `json:"says,omitempty"` // why it failed
}

// Open reports whether the run is still under way.
func (r *Run) Open() bool { return r.State == Waiting || r.State == Running }

// Percent is how far a run is.
func (r *Run) Percent() int {
	switch {
	case r.State == Done:
		return 100
	case r.Total == 0:
		return 0
	}
	return int(r.Years * 100 / r.Total)
}

// Options say how to run.
type Options struct {
	Trials int    `json:"trials,omitempty"` // years; 0 is DefaultTrials
	Seed   uint64 `json:"seed,omitempty"`
}

// job is what a run's job carries.
type job struct {
	Run ref.ID `json:"run"`
}

// hash is the hash of what is run.
func hash(p fair.Portfolio) string { return sum(p) }

// key names the result of a run: two runs of one key have the same bytes.
func key(p fair.Portfolio, o Options) string { return sum(fair.Version, p, o.Trials, o.Seed) }

func sum(all ...any) string {
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // numbers were checked to be finite, and all else is text
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
