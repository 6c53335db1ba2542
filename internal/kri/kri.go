// Package kri keeps key risk indicators: what is measured to see whether a risk
// grows or shrinks, and what that asks of people. An indicator belongs to a risk and
// may tell of others; it has a unit, a baseline, a target, limits for its lights and
// a cadence. Its values are recorded by people, read from a file, pushed by
// programs, drawn as samples, or counted over the house's own cases.
//
// The arithmetic is package riskscore's: what is stale or missing is never green.
// Kinds, limits and days stand in the profile. Package risk reads what indicators
// say through the wiring; this package knows of risks what their rows say.
package kri

import (
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// The verbs of indicators and of the tasks that they leave.
const (
	VerbRead   access.Verb = "kri.read"
	VerbEdit   access.Verb = "kri.edit"
	VerbRecord access.Verb = "kri.record"
)

// The states of an indicator.
const (
	Active  = "active"
	Retired = "retired"
)

// The factors of a risk that an indicator can be tied to.
var factors = []string{"likelihood", "impact"}

// KRIs are the operations on indicators and tasks.
type KRIs struct {
	Gate    *gate.Gate
	Profile *profile.Profile

	// Tracked is told when the first indicator of a risk is set up, inside the act.
	Tracked func(tx *gate.Tx, risk ref.ID) error
	// Breached is told when an indicator turns red or stale, once for each risk that
	// it tells of, inside the act: a review of the risk is due.
	Breached func(tx *gate.Tx, risk ref.ID, told gate.Change) error

	Batch int // how many indicators or risks the house looks at in one round; 0 is 500
}

// KRI is one indicator with what its newest value says.
type KRI struct {
	ID       ref.ID    `json:"id"`
	Risk     ref.ID    `json:"risk"` // that it was set up for
	Title    string    `json:"title"`
	Kind     string    `json:"kind"`  // of the profile's kinds
	State    string    `json:"state"` // active, retired
	Owner    ref.ID    `json:"owner,omitempty"`
	Made     time.Time `json:"made"`
	Version  int       `json:"version"` // of the row, for If-Match
	Light    string    `json:"light"`   // green, yellow, red, stale, unknown
	Was      string    `json:"was,omitempty"`
	Says     string    `json:"says"` // why it is that light
	Value    *float64  `json:"value,omitempty"`
	Rate     *float64  `json:"rate,omitempty"` // change a quarter, as a fraction
	At       time.Time `json:"at,omitzero"`    // of the newest value
	Next     time.Time `json:"next,omitzero"`  // when a value is due
	OnTarget bool      `json:"on_target"`      // the newest value meets the target, and is not stale
	Below    time.Time `json:"below,omitzero"` // since when every value is better than the baseline
	Forecast *Forecast `json:"forecast,omitempty"`
	Body

	audience string
	noticed  string // the light that the house last took note of
	stale    time.Time
	look     time.Time
	newest   Newest
}

// Body is what an indicator holds besides what lists ask for. It is kept as one
// JSON text.
type Body struct {
	About        string        `json:"about,omitempty"`
	Unit         string        `json:"unit"`
	Better       string        `json:"better"` // higher or lower
	Baseline     *float64      `json:"baseline,omitempty"`
	Target       *float64      `json:"target,omitempty"`
	Bands        profile.Bands `json:"bands"` // none: lit by the prediction
	Cadence      int           `json:"cadence_days"`
	StaleDays    int           `json:"stale_days"`
	Factor       string        `json:"factor,omitempty"` // of the risk that it tells of: likelihood, impact
	How          string        `json:"how,omitempty"`    // it tells of it
	Start        time.Time     `json:"start,omitzero"`   // from when on it is measured
	Query        *Query        `json:"query,omitempty"`
	NextExposure *float64      `json:"next_exposure,omitempty"` // of the coming period; none is that of the newest value
	Periods      int           `json:"periods,omitempty"`       // newest values that a prediction looks at; 0 is all
	Why          string        `json:"why,omitempty"`           // it was retired
}

// Newest is what the values say, as of the newest: kept with the indicator so that
// lists need no values.
type Newest struct {
	Lamp     riskscore.Lamp `json:"lamp"`
	Below    time.Time      `json:"below,omitzero"`
	Forecast *Forecast      `json:"forecast,omitempty"`
	Told     *Newest        `json:"told,omitempty"` // without what the house counted over its cases, where some of it was
}

// Forecast is what the model predicts for the coming period, with the
// probability and the limits that belong to it.
type Forecast = riskscore.Forecast

// Point is one value of an indicator.
type Point struct {
	At       time.Time `json:"at"` // what it says is of this moment, or of the period that ends here
	Value    float64   `json:"value"`
	Exposure *float64  `json:"exposure,omitempty"` // how much could have been hit
	Note     string    `json:"note,omitempty"`
	Low      *float64  `json:"low,omitempty"` // interval of a share
	High     *float64  `json:"high,omitempty"`
	Tried    int       `json:"tried,omitempty"`  // of a sample or an experiment
	Bad      int       `json:"bad,omitempty"`    // of these
	Sample   ref.ID    `json:"sample,omitempty"` // that it comes from
	Source   string    `json:"source,omitempty"` // manual, csv, api, query, sample, experiment
	Author   ref.ID    `json:"author,omitempty"`
	Made     time.Time `json:"made,omitzero"`
}

// passage is the indicator for the search.
func (k *KRI) passage() passage.Passage {
	return passage.Passage{ID: string(k.ID), Kind: passage.KRI, Guard: k.Risk, Audience: k.audience, About: k.ID, At: k.Made, Title: k.Title, Text: passage.Lines(k.About, k.How, k.Why)}
}

// Tied reports whether somebody said which factor of the risk it tells of.
func (k *KRI) Tied() bool { return k.Factor != "" }

// Predictive reports whether the indicator has no limits of its own, so that the
// prediction lights it.
func (k *KRI) Predictive() bool { return noBands(k.Bands) }

func noBands(b profile.Bands) bool {
	return b.Green == nil && b.Yellow == nil && b.GreenRate == nil && b.YellowRate == nil
}

// Asks reports whether its values are counted over the house's own cases.
func (k *KRI) Asks() bool { return k.Query != nil }

// kindOf finds a kind of the profile.
func kindOf(p *profile.Profile, name string) (profile.KRIKind, bool) {
	i := slices.IndexFunc(p.Register.KRI.Kinds, func(k profile.KRIKind) bool { return k.Name == name })
	if i < 0 {
		return profile.KRIKind{}, false
	}
	return p.Register.KRI.Kinds[i], true
}
