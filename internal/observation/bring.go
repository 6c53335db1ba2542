package observation

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// Foreign is a finding of another source, with whatever score it has there.
type Foreign struct {
	Opening
	CVSS      *float64 `json:"cvss,omitempty"`
	RiskScore *float64 `json:"risk_score,omitempty"` // on the register's scale
	Rating    string   `json:"rating,omitempty"`     // a word of the register's ratings
	Observed  *int     `json:"observed,omitempty"`   // an observation score without its parts
}

// Mapped is what a finding of another source is here.
type Mapped struct {
	riskscore.Equivalent
	Word  string `json:"word"`  // of the observation ratings
	Score int    `json:"score"` // 0 where only another scale speaks
	Basis string `json:"basis"` // which score says so
}

// Map finds the priority of a finding by the profile's table of equivalents (R69):
// by its own parts first, then by what speaks most exactly.
func Map(p *profile.Profile, f Foreign) (m Mapped, err error) {
	rows := equivalents(p)
	switch {
	case f.Likelihood != 0 || f.Impact != 0:
		got, err := riskscore.Observe(rules(p), f.Likelihood, f.Impact)
		if err != nil {
			return m, err
		}
		m.Score, m.Basis = got.Score, fmt.Sprintf("likelihood %d, impact %d", f.Likelihood, f.Impact)
		m.Equivalent, err = riskscore.ByObserved(rows, got.Score)
		m.Word = got.Rating.Word
		return m, err
	case f.Observed != nil:
		m.Score, m.Basis = *f.Observed, fmt.Sprintf("observation score %d", *f.Observed)
		m.Equivalent, err = riskscore.ByObserved(rows, *f.Observed)
	case f.CVSS != nil:
		m.Basis = fmt.Sprintf("CVSS %.1f", *f.CVSS)
		m.Equivalent, err = riskscore.ByCVSS(rows, *f.CVSS)
	case f.RiskScore != nil:
		m, err = byRisk(p, rows, *f.RiskScore)
	case f.Rating != "":
		m.Basis = "rating " + f.Rating
		m.Equivalent, err = riskscore.ByRating(rows, f.Rating)
	default:
		return m, nil
	}
	if err == nil {
		m.Word, err = wordOf(p, cmp.Or(m.Score, m.Observed[0]))
	}
	return m, err
}

func byRisk(p *profile.Profile, rows []riskscore.Equivalent, score float64) (m Mapped, err error) {
	if math.IsNaN(score) || math.IsInf(score, 0) {
		return m, fault.At("risk_score", "a score is a number")
	}
	rating, ok := p.RatingOf(score)
	if !ok {
		return m, fault.At("risk_score", "no rating of the register holds the score %s", riskscore.Number(score))
	}
	m.Basis = "risk score " + riskscore.Number(score)
	m.Equivalent, err = riskscore.ByRating(rows, rating.Word)
	return m, err
}

// wordOf is the observation rating that holds a score.
func wordOf(p *profile.Profile, score int) (string, error) {
	for _, r := range p.Register.Observations.Ratings {
		if score >= r.From && score <= r.To {
			return r.Word, nil
		}
	}
	return "", fault.At("observed", "no rating of observations holds the score %d", score)
}

// Row is what became of one finding of an import.
type Row struct {
	ID       ref.ID        `json:"id,omitempty"`
	Title    string        `json:"title"`
	Priority string        `json:"priority"`
	Rating   string        `json:"rating"`
	Basis    string        `json:"basis"`
	Known    bool          `json:"known,omitempty"` // the source's name is here already: left alone
	Errors   []fault.Field `json:"errors,omitempty"`
}

// MaxRows is how many findings one import brings.
const MaxRows = 5000

// Import opens an observation for each finding of another source. One whose name in
// that source is here already is left alone. A mistake in one refuses all of them;
// dry only tells what would happen.
func (s *Observations) Import(ctx context.Context, found []Foreign, dry bool) (out []Row, err error) {
	if len(found) > MaxRows {
		return nil, fault.New(fault.TooLarge, "there are %d findings; bring at most %d at once", len(found), MaxRows)
	}
	err = s.Gate.Act(ctx, VerbOpen, "", func(tx *gate.Tx) error {
		bad := false
		fresh := map[int]*Observation{} // by their rows
		seen := map[string]bool{}
		for _, f := range found {
			row, o := s.foreign(f, tx)
			bad = bad || len(row.Errors) > 0
			name := o.Source + "\x00" + o.External
			if o.External != "" && len(row.Errors) == 0 {
				known, err := knownAs(&tx.View, o.Source, o.External)
				if err != nil {
					return err
				}
				row.Known = known || seen[name]
				seen[name] = true
			}
			if !row.Known && !dry {
				fresh[len(out)] = o
			}
			out = append(out, row)
		}
		if bad || dry {
			return nil
		}
		for i := range out {
			o := fresh[i]
			if o == nil {
				continue
			}
			var err error
			if o.doc, err = insight.Place(tx, tx.Now.Add(time.Duration(i)*time.Microsecond)); err != nil {
				return err
			}
			if err := s.put(tx, o); err != nil {
				return err
			}
			out[i].ID = o.ID
		}
		return nil
	})
	return out, err
}

// foreign is the observation that a finding becomes.
func (s *Observations) foreign(f Foreign, tx *gate.Tx) (Row, *Observation) {
	o := s.start(f.Opening, tx.Now)
	row := Row{Title: f.Title}
	if err := o.check(tx.Now); err != nil {
		row.Errors = fault.Of(err).Fields
	}
	m, err := Map(s.Profile, f)
	if err != nil {
		row.Errors = append(row.Errors, fault.Of(err).Fields...)
		return row, o
	}
	o.Priority, o.Rating, o.Score, o.Basis = m.Priority, m.Word, m.Score, m.Basis
	if f.Likelihood != 0 && f.Impact != 0 {
		if err := o.rate(s.Profile, f.Likelihood, f.Impact); err != nil {
			row.Errors = append(row.Errors, fault.Of(err).Fields...)
		}
	}
	o.redate(s.Profile)
	row.Title, row.Priority, row.Rating, row.Basis = o.Title, o.Priority, o.Rating, m.Basis
	return row, o
}
