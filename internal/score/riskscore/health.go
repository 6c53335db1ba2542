package riskscore

import (
	"fmt"
	"strings"
	"time"
)

// Domains of health.
const (
	DomainOwner     = "owner"
	DomainTreatment = "treatment"
	DomainKRI       = "kri"
)

// HealthRules say how long a green owner may be silent and a green plan late.
type HealthRules struct {
	OwnerDays int `json:"owner_days"`
	DelayDays int `json:"delay_days"`
}

// OwnerFacts are what is known of a risk's business owner.
type OwnerFacts struct {
	Assigned bool      `json:"assigned"`
	Replaced bool      `json:"replaced"` // to be replaced
	LastSync time.Time `json:"last_sync,omitzero"`
}

// PlanFacts are what is known of a treatment plan.
type PlanFacts struct {
	Plan       bool        `json:"plan"`
	Milestones []Milestone `json:"milestones"`
}

// Milestone is one dated part of a plan; a zero time is none.
type Milestone struct {
	Name string    `json:"name"`
	Due  time.Time `json:"due,omitzero"`
	Done time.Time `json:"done,omitzero"`
}

// IndicatorFacts are what is known of one indicator.
type IndicatorFacts struct {
	Name    string `json:"name"`
	Tracked bool   `json:"tracked"` // it has a value that is not stale
	Tied    bool   `json:"tied"`    // somebody wrote how it bears on likelihood or impact
}

// Verdict is one derived value of health.
type Verdict struct {
	Domain string `json:"domain"`
	Light  Color  `json:"light"`
	Says   string `json:"says"`
}

// OwnerHealth is red without an owner, yellow where the owner is silent or to be
// replaced, else green (handbook 3.6, R61). A sync dated ahead is a plan to talk,
// not a talk.
func OwnerHealth(r HealthRules, f OwnerFacts, now time.Time) Verdict {
	v := Verdict{DomainOwner, Yellow, ""}
	switch since := days(f.LastSync, now); {
	case !f.Assigned:
		v.Light, v.Says = Red, "no business owner is named"
	case f.Replaced:
		v.Says = "the owner is to be replaced"
	case f.LastSync.IsZero():
		v.Says = "the owner has not been spoken to yet"
	case since < 0:
		v.Says = "the last sync is dated " + date(f.LastSync) + ", which is still to come"
	case since > r.OwnerDays:
		v.Says = fmt.Sprintf("the last sync was on %s, %s ago; green allows %d", date(f.LastSync), plural(since, "day", "days"), r.OwnerDays)
	default:
		v.Light, v.Says = Green, "the last sync was on "+date(f.LastSync)
	}
	return v
}

// PlanHealth is red without a plan or where a date is missing, yellow where the
// plan is later than allowed, else green (handbook 3.6, R62). The delay is that
// of the open milestone which is overdue the longest: what was done late is done.
func PlanHealth(r HealthRules, f PlanFacts, now time.Time) Verdict {
	v := Verdict{DomainTreatment, Green, "the plan is on track"}
	if !f.Plan || len(f.Milestones) == 0 {
		v.Light, v.Says = Red, "there is no plan with milestones"
		return v
	}
	var undated []string
	late, worst := 0, ""
	for _, m := range f.Milestones {
		switch {
		case m.Due.IsZero():
			undated = append(undated, m.Name)
		case m.Done.IsZero() && days(m.Due, now) > late:
			late, worst = days(m.Due, now), m.Name
		}
	}
	switch {
	case len(undated) > 0:
		v.Light, v.Says = Red, "no date is set for "+strings.Join(undated, ", ")
	case late > r.DelayDays:
		v.Light, v.Says = Yellow, fmt.Sprintf("%s is %s late; green allows %d", worst, plural(late, "day", "days"), r.DelayDays)
	case late > 0:
		v.Says = fmt.Sprintf("%s is %s late, within the %d allowed", worst, plural(late, "day", "days"), r.DelayDays)
	}
	return v
}

// KRIHealth is red where no indicator is defined or none is tracked, yellow where
// one is not tracked or not tied to likelihood or impact, else green (handbook 3.6).
func KRIHealth(f []IndicatorFacts) Verdict {
	v := Verdict{DomainKRI, Green, "every indicator is tracked and tied to likelihood or impact"}
	var untracked, loose []string
	for _, k := range f {
		if !k.Tracked {
			untracked = append(untracked, k.Name)
		}
		if !k.Tied {
			loose = append(loose, k.Name)
		}
	}
	switch {
	case len(f) == 0:
		v.Light, v.Says = Red, "no indicator is defined"
	case len(untracked) == len(f):
		v.Light, v.Says = Red, "no indicator is tracked: "+strings.Join(untracked, ", ")
	case len(untracked) > 0:
		v.Light, v.Says = Yellow, "not tracked: "+strings.Join(untracked, ", ")
	case len(loose) > 0:
		v.Light, v.Says = Yellow, "not tied to likelihood or impact: "+strings.Join(loose, ", ")
	}
	return v
}

// Disagreement is a label that somebody set against what the facts say.
type Disagreement struct {
	Domain  string `json:"domain"`
	Set     string `json:"set"` // empty where no label is set
	Derived Color  `json:"derived"`
	Says    string `json:"says"`
}

// Disagree compares derived health with the labels set, by domain (R60). A label
// that is missing disagrees too.
func Disagree(derived []Verdict, set map[string]string) (out []Disagreement) {
	for _, v := range derived {
		label := set[v.Domain]
		switch {
		case label == string(v.Light):
		case label == "":
			out = append(out, Disagreement{v.Domain, "", v.Light, fmt.Sprintf("no label is set; the facts say %s: %s", v.Light, v.Says)})
		default:
			out = append(out, Disagreement{v.Domain, label, v.Light, fmt.Sprintf("the label says %s, the facts say %s: %s", label, v.Light, v.Says)})
		}
	}
	return out
}
