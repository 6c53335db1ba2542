package riskscore

import (
	"fmt"
	"strings"

	"tocsin/internal/fault"
)

// The factors of a score, as rules and controls spell them.
const (
	factorLikelihood = "likelihood"
	factorImpact     = "impact"
)

// Control is a measure that lowers one factor, by levels or by a share of it.
type Control struct {
	Ref     string  `json:"ref"`
	Title   string  `json:"title,omitempty"`
	On      string  `json:"on"`                // likelihood or impact
	Levels  float64 `json:"levels,omitempty"`  // so many levels down, or
	Percent float64 `json:"percent,omitempty"` // 0 to 100 percent down
	Active  bool    `json:"active"`            // only then it takes anything off
}

// Controls are those that were considered for a residual score.
type Controls struct {
	Considered []Control `json:"considered"`
	None       string    `json:"none,omitempty"` // why there are none, where there are none
}

// Residual is what active controls leave of a score.
type Residual struct {
	Score   Score     `json:"score"`
	Applied []Control `json:"applied"`
	Idle    []Control `json:"idle"` // considered, and not active
	Steps   Steps     `json:"steps"`
}

// Residual takes off what the active controls take off. Shares multiply (two of
// 50 percent leave a quarter), then levels subtract, so that the order of the
// list changes nothing; no factor falls below 1. A residual score needs the
// controls considered (handbook 1.7, R24): an empty list without a word why is
// refused.
func (r Rules) Residual(inherent Score, c Controls) (Residual, error) {
	if err := c.check(); err != nil {
		return Residual{}, err
	}
	var out Residual
	for _, x := range c.Considered {
		if x.Active {
			out.Applied = append(out.Applied, x)
		} else {
			out.Idle = append(out.Idle, x)
		}
	}
	l := lower(inherent.Likelihood, factorLikelihood, out.Applied)
	i := lower(inherent.Impact, factorImpact, out.Applied)
	var err error
	if out.Score, err = r.Score(l, i); err != nil {
		return Residual{}, err
	}
	out.Steps = explainControls(inherent, c, out)
	return out, nil
}

func (c Controls) check() error {
	var fs fault.Fields
	if len(c.Considered) == 0 && strings.TrimSpace(c.None) == "" {
		fs.Add("controls", "a residual score names the controls considered: list them, or say why there are none")
	}
	seen := map[string]bool{}
	for i, x := range c.Considered {
		at := fmt.Sprintf("controls.%d", i)
		if x.Ref == "" || seen[x.Ref] {
			fs.Add(at+".ref", "every control has a name of its own; %q has not", x.Ref)
		}
		seen[x.Ref] = true
		x.check(&fs, at)
	}
	return fs.Err()
}

func (x Control) check(fs *fault.Fields, at string) {
	if x.On != factorLikelihood && x.On != factorImpact {
		fs.Add(at+".on", "%q is nothing that a control lowers: write likelihood or impact", x.On)
	}
	if !finite(x.Levels) || x.Levels < 0 || x.Levels > maxLevel {
		fs.Add(at+".levels", "a control takes off 0 levels or more; what raises a risk is no control")
	}
	if !finite(x.Percent) || x.Percent < 0 || x.Percent > 100 {
		fs.Add(at+".percent", "a control takes off 0 to 100 percent")
	}
	if x.Levels > 0 && x.Percent > 0 {
		fs.Add(at, "the control takes off levels and a share at once: keep one of them")
	}
}

func lower(level float64, factor string, controls []Control) float64 {
	down, left := 0.0, 1.0
	for _, x := range controls {
		if x.On == factor {
			down += x.Levels
			left *= 1 - x.Percent/100
		}
	}
	return max(1, float64(level*left)-down) // the conversion keeps every machine from fusing the two
}

func explainControls(inherent Score, c Controls, out Residual) (s Steps) {
	s.add("inherent", "Inherent score", Number(inherent.Score), "likelihood %s x impact %s, no controls considered", Number(inherent.Likelihood), Number(inherent.Impact))
	if len(c.Considered) == 0 {
		s.add("control", "Controls", "none", "%s", c.None)
	}
	for _, x := range c.Considered {
		title := x.Ref
		if x.Title != "" {
			title += ", " + x.Title
		}
		value, note := x.effect(), ""
		if !x.Active {
			value, note = "nothing", "not active; would take off "+x.effect()
		}
		s.add("control."+x.Ref, "Control "+title, value, "%s", note)
	}
	s.add("likelihood.residual", "Likelihood left", Number(out.Score.Likelihood), "of %s", Number(inherent.Likelihood))
	s.add("impact.residual", "Impact left", Number(out.Score.Impact), "of %s", Number(inherent.Impact))
	return append(s, out.Score.Steps...)
}

// effect is what the control takes off when active, in words.
func (x Control) effect() string {
	if x.Percent > 0 {
		return Number(x.Percent) + " % of " + x.On
	}
	return Number(x.Levels) + " of " + x.On
}

// Comparison is a score before and after something that has not been done.
type Comparison struct {
	Before Score  `json:"before"`
	After  Score  `json:"after"`
	Says   string `json:"says"`
}

// DryRun compares the residual score as it stands with that after some controls
// were switched on or off, by ref. Nothing is changed.
func (r Rules) DryRun(inherent Score, c Controls, active map[string]bool) (Comparison, error) {
	before, err := r.Residual(inherent, c)
	if err != nil {
		return Comparison{}, err
	}
	then, found := Controls{None: c.None}, 0
	for _, x := range c.Considered {
		if on, ok := active[x.Ref]; ok {
			x.Active = on
			found++
		}
		then.Considered = append(then.Considered, x)
	}
	if found < len(active) {
		return Comparison{}, fault.At("controls", "%d of the controls to switch are not among those considered", len(active)-found)
	}
	after, err := r.Residual(inherent, then)
	if err != nil {
		return Comparison{}, err
	}
	return Comparison{before.Score, after.Score, compare(before.Score, after.Score)}, nil
}

func compare(a, b Score) string {
	if a.Score == b.Score {
		return fmt.Sprintf("the score stays at %s, %s", Number(a.Score), a.Title)
	}
	verb := "rises"
	if b.Score < a.Score {
		verb = "falls"
	}
	s := fmt.Sprintf("the score %s from %s, %s, to %s, %s", verb, Number(a.Score), a.Title, Number(b.Score), b.Title)
	if a.Standing != b.Standing {
		s += ", and is then " + b.Standing.Title()
	}
	return s
}
