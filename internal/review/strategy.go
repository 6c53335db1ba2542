package review

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// Candidate is what a functional leader commits to for a period: a risk of the
// department, or an alternative in words.
type Candidate struct {
	ID         ref.ID    `json:"id"`
	At         time.Time `json:"at"`
	Department string    `json:"department"`
	Period     string    `json:"period"` // 2027, or 2027 Q1
	Risk       ref.ID    `json:"risk,omitempty"`
	RiskTitle  string    `json:"risk_title,omitempty"`
	Author     ref.ID    `json:"author"`
	Ended      time.Time `json:"ended,omitzero"`    // taken back
	State      string    `json:"state"`             // candidate, returned, approved; withdrawn
	Hash       string    `json:"hash"`              // of exactly what is to be approved
	Answers    bool      `json:"answers,omitempty"` // the reader may approve it or send it back
	CandidateBody

	approved string // the title of the risk that was approved
	audience string
}

// CandidateBody is what a choice says.
type CandidateBody struct {
	Alternative string `json:"alternative,omitempty"`
	Reason      string `json:"reason"`
	Name        string `json:"name"`            // of who chose
	Back        string `json:"back,omitempty"`  // why it was taken back
	By          ref.ID `json:"by,omitempty"`    // and by whom
	Maker       ref.ID `json:"maker,omitempty"` // of the token that chose

	Words []risk.Approval `json:"words,omitempty"` // of those who approved it or sent it back, oldest first
}

func (k *Candidate) guard() ref.ID {
	if k.Risk != "" {
		return k.Risk
	}
	return k.ID
}

// Department is one functional leader's view: what ranks highest, and what was
// chosen.
type Department struct {
	Name       string       `json:"name"`
	Slots      int          `json:"slots"`      // candidates that one leader commits to
	Candidates []Ranked     `json:"candidates"` // by score, trend and age
	Unscored   []Ranked     `json:"unscored"`   // no score is not a low score
	LeftOut    []LeftOut    `json:"left_out"`
	Chosen     []*Candidate `json:"chosen"`  // for the period
	History    []*Candidate `json:"history"` // of other periods, and taken back
}

// Taken is how many places are taken: what was sent back takes none.
func (d *Department) Taken() (n int) {
	for _, k := range d.Chosen {
		if k.State != Returned {
			n++
		}
	}
	return n
}

// Free reports whether the leader has a place left.
func (d *Department) Free() bool { return d.Taken() < d.Slots }

// Ranked is a risk in its place.
type Ranked struct {
	Risk   ref.ID    `json:"risk"`
	Title  string    `json:"title"`
	Owner  ref.ID    `json:"owner,omitempty"`
	Score  Mark      `json:"score"`
	Arrow  string    `json:"arrow"`
	Opened time.Time `json:"opened"`
	Parent string    `json:"parent,omitempty"`
}

// LeftOut is a risk that is no candidate, and why.
type LeftOut struct {
	Risk  ref.ID `json:"risk"`
	Title string `json:"title"`
	Why   string `json:"why"`
}

var periodForm = regexp.MustCompile(`^20[0-9]{2}( Q[1-4])?$`)

// Strategy ranks the open risks of each department for a period, without those that
// are under way already and those that security leads itself.
func (s *Reviews) Strategy(ctx context.Context, period string) (out []Department, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(risk.VerbRead, ""); err != nil {
			return err
		}
		fs, err := s.gather(v, s.own(v), risk.Filter{State: "open"})
		if err != nil {
			return err
		}
		chosen, err := candidatesOf(v)
		if err != nil {
			return err
		}
		if err := s.answerable(v, chosen); err != nil {
			return err
		}
		out, err = s.departments(fs, chosen, period)
		return err
	})
	return out, err
}

func (s *Reviews) departments(fs []*facts, chosen []*Candidate, period string) ([]Department, error) {
	var out []Department
	at := func(name string) *Department {
		i := slices.IndexFunc(out, func(d Department) bool { return d.Name == name })
		if i < 0 {
			out, i = append(out, Department{Name: name, Slots: s.Profile.Register.Slots}), len(out)
		}
		return &out[i]
	}
	by := map[string][]*facts{}
	for _, f := range fs {
		d := at(f.Department)
		if why := f.committed(); why != "" {
			d.LeftOut = append(d.LeftOut, LeftOut{f.ID, f.Title, why})
			continue
		}
		by[f.Department] = append(by[f.Department], f)
	}
	for _, k := range chosen {
		d := at(k.Department)
		if k.Ended.IsZero() && k.Period == period {
			d.Chosen = append(d.Chosen, k)
		} else {
			d.History = append(d.History, k)
		}
	}
	for i := range out {
		if err := out[i].rank(by[out[i].Name]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Department) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// committed says why a risk is no candidate: it is under way, or security's own.
func (f *facts) committed() string {
	switch {
	case f.SecurityLed:
		return "led by security itself"
	case f.Committed != "":
		return "under way already: " + f.Committed
	}
	return ""
}

func (d *Department) rank(fs []*facts) error {
	by := map[string]*facts{}
	var entries []riskscore.Entry
	for _, f := range fs {
		e := riskscore.Entry{Ref: string(f.ID), Arrow: f.trend().Arrow, Opened: f.Origin.Found}
		if e.Opened.IsZero() {
			e.Opened = f.Raised
		}
		if f.Standing.Scored() {
			e.Score = &f.Standing.Score
		}
		entries, by[e.Ref] = append(entries, e), f
	}
	ranked, unscored, err := riskscore.Rank(entries, []string{riskscore.KeyScore, riskscore.KeyTrend, riskscore.KeyAge})
	list := func(es []riskscore.Entry) (out []Ranked) {
		for _, e := range es {
			f := by[e.Ref]
			out = append(out, Ranked{f.ID, f.Title, f.Owner, f.now(), string(e.Arrow), e.Opened, f.Parent})
		}
		return out
	}
	d.Candidates, d.Unscored = list(ranked), list(unscored)
	return err
}

// Choice is what a functional leader picks.
type Choice struct {
	Department  string `json:"department"`
	Period      string `json:"period"`
	Risk        ref.ID `json:"risk,omitempty"`
	Alternative string `json:"alternative,omitempty"` // in its place, in words
	Reason      string `json:"reason"`
}

// Choose records the pick of a department for a period: a risk of its list, or an
// alternative. It waits for approval. A department has as many places as the profile
// gives a leader; what was chosen before is withdrawn first and stays in the history,
// and what was sent back makes room by itself.
func (s *Reviews) Choose(ctx context.Context, in Choice) (id ref.ID, err error) {
	err = s.Gate.Act(ctx, VerbChoose, in.Risk, func(tx *gate.Tx) error {
		if err := in.check(); err != nil {
			return err
		}
		k := &Candidate{ID: ref.New("candidate"), At: tx.Now, Department: in.Department, Period: in.Period, Risk: in.Risk, Author: tx.Actor.ID,
			State: Chosen, CandidateBody: CandidateBody{Alternative: in.Alternative, Reason: in.Reason, Name: tx.Actor.Name, Maker: tx.Actor.Maker}}
		if err := s.free(tx, k); err != nil {
			return err
		}
		audience := access.Staff
		if in.Risk != "" {
			if audience, err = s.candidate(tx, in); err != nil {
				return err
			}
		}
		id = k.ID
		tx.Reason(in.Reason)
		return insertCandidate(tx, k, audience)
	})
	return id, err
}

func (in *Choice) check() error {
	var fs fault.Fields
	in.Department = line(&fs, "department", in.Department)
	fs.Want("department", in.Department, "say which department chooses")
	if !periodForm.MatchString(in.Period) {
		fs.Add("period", "%q is no period; write a year as 2027, or a quarter as 2027 Q1", in.Period)
	}
	in.Alternative = text(&fs, "alternative", in.Alternative, MaxNote)
	if (in.Risk == "") == (in.Alternative == "") {
		fs.Add("risk", "choose one risk, or write one alternative")
	}
	in.Reason = must(&fs, "reason", in.Reason, "say why this one")
	return fs.Err()
}

// free refuses a choice where the places of the period are taken, as far as the
// chooser sees. What was sent back takes none: the choice comes in its place.
func (s *Reviews) free(tx *gate.Tx, k *Candidate) error {
	all, err := candidatesOf(&tx.View)
	if err != nil {
		return err
	}
	var taken []string
	for _, x := range all {
		if !x.Ended.IsZero() || x.Department != k.Department || x.Period != k.Period {
			continue
		}
		if x.State != Returned {
			taken = append(taken, cmp.Or(string(x.Risk), x.Alternative))
			continue
		}
		x.Ended, x.Back, x.By = tx.Now, "another choice took its place", tx.Actor.ID
		if err := endCandidate(tx, x); err != nil {
			return err
		}
	}
	if n := s.Profile.Register.Slots; len(taken) >= n {
		return fault.New(fault.Conflict, "%s has chosen %s for %s, and there are %d places; withdraw that one first, it stays in the history", k.Department,
			strings.Join(taken, ", "), k.Period, n)
	}
	return nil
}

// candidate refuses a risk that is none, and returns its audience.
func (s *Reviews) candidate(tx *gate.Tx, in Choice) (string, error) {
	fs, err := s.gather(&tx.View, s.own(&tx.View), risk.Filter{State: "open", Department: in.Department})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(fs, func(f *facts) bool { return f.ID == in.Risk })
	if i < 0 {
		return "", fault.At("risk", "%s is no open risk of the department %s", in.Risk, in.Department)
	}
	if why := fs[i].committed(); why != "" {
		return "", fault.At("risk", "%s is no candidate: %s", in.Risk, why)
	}
	return fs[i].Audience, nil
}

// Withdraw takes a choice back; it stays in the history.
func (s *Reviews) Withdraw(ctx context.Context, id ref.ID, reason string) error {
	return s.Gate.Act(ctx, VerbChoose, id, func(tx *gate.Tx) error {
		var fs fault.Fields
		reason = must(&fs, "reason", reason, "say why it is taken back")
		if err := fs.Err(); err != nil {
			return err
		}
		k, err := getCandidate(&tx.View, id)
		if err != nil {
			return err
		}
		if !k.Ended.IsZero() {
			return fault.New(fault.Conflict, "this choice was taken back on %s", day(k.Ended))
		}
		k.Ended, k.Back, k.By = tx.Now, reason, tx.Actor.ID
		tx.Reason(reason)
		return endCandidate(tx, k)
	})
}
