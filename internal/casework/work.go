package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
	"tocsin/internal/thread"
)

// Patch changes the fields that it names; a nil field stays as it is.
type Patch struct {
	Version      int             `json:"version,omitempty"`
	Title        *string         `json:"title,omitempty"`
	Summary      *string         `json:"summary,omitempty"`
	Product      *string         `json:"product,omitempty"`
	Component    *string         `json:"component,omitempty"`
	CWE          *string         `json:"cwe,omitempty"`
	CVE          *string         `json:"cve,omitempty"`
	Provisional  *string         `json:"provisional,omitempty"`
	Complete     map[string]bool `json:"complete,omitempty"` // the named checks alone change
	Stride       *[]string       `json:"stride,omitempty"`
	Platforms    *[]string       `json:"platforms,omitempty"`
	Reproduction *Reproduction   `json:"reproduction,omitempty"`
	Environments []Environment   `json:"environments,omitempty"` // the named ones alone change
	Validation   *Validation     `json:"validation,omitempty"`
	Release      *Release        `json:"release,omitempty"`
	NoAdvisory   *string         `json:"no_advisory,omitempty"`
	Deadline     *time.Time      `json:"deadline,omitempty"`
	Detected     *time.Time      `json:"detected,omitempty"`
	FixAvailable *time.Time      `json:"fix_available,omitempty"`
	Dependency   *bool           `json:"dependency,omitempty"`
	Mitigated    *time.Time      `json:"mitigated,omitempty"` // when customers were first protected
}

// Edit changes what is known of the case.
func (s *Cases) Edit(ctx context.Context, id ref.ID, p Patch) error {
	return s.change(ctx, VerbEdit, id, p.Version, func(tx *gate.Tx, c *Case) error { return p.apply(s.Profile, tx, c) })
}

func (p *Patch) apply(prof *profile.Profile, tx *gate.Tx, c *Case) error {
	var fs fault.Fields
	p.texts(&fs, c)
	p.words(&fs, prof, c)
	p.records(&fs, prof, tx, c)
	p.times(&fs, tx, c)
	if err := fs.Err(); err != nil {
		return err
	}
	c.rate(prof, tx.Now)
	return nil
}

func (p *Patch) texts(fs *fault.Fields, c *Case) {
	thread.SetLine(fs, "title", &c.Title, p.Title, MaxTitle)
	if p.Title != nil {
		fs.Want("title", c.Title, wantsTitle)
	}
	thread.SetLine(fs, "product", &c.Product, p.Product, MaxLine)
	thread.SetLine(fs, "component", &c.Component, p.Component, MaxLine)
	thread.SetLine(fs, "no_advisory", &c.NoAdvisory, p.NoAdvisory, 2000)
	if p.Summary != nil {
		text, err := thread.Clean("summary", *p.Summary, MaxSummary)
		if err != nil {
			fs.Add("summary", "%s", fault.Of(err).Says)
		}
		c.Summary = text
	}
}

func (p *Patch) words(fs *fault.Fields, prof *profile.Profile, c *Case) {
	if p.CWE != nil {
		c.CWE = *p.CWE
		checkWeakness(fs, &c.CWE)
	}
	if p.CVE != nil {
		c.CVE = strings.ToUpper(strings.TrimSpace(*p.CVE))
		if c.CVE != "" && !advisory.IsCVE(c.CVE) {
			fs.Add("cve", "%q is no CVE ID; write it like CVE-2026-12345, or leave it empty", c.CVE)
		}
	}
	if p.Provisional != nil {
		thread.Word(fs, "provisional", *p.Provisional, prof.SeverityWords())
		c.Provisional = *p.Provisional
	}
	if known := checks(prof); len(p.Complete) > len(known) {
		fs.Add("complete", "there are %d checks, and the profile has %d", len(p.Complete), len(known))
		return
	}
	for name, ok := range p.Complete {
		thread.Word(fs, "complete", name, checks(prof))
		if c.Complete == nil {
			c.Complete = map[string]bool{}
		} else {
			c.Complete = maps.Clone(c.Complete)
		}
		c.Complete[name] = ok
	}
	if p.Stride != nil && len(*p.Stride) > 2*len(prof.Stride) {
		fs.Add("stride", "there are %d of them, and the profile has %d", len(*p.Stride), len(prof.Stride))
	} else if p.Stride != nil {
		for _, w := range *p.Stride {
			thread.Word(fs, "stride", w, names(prof.Stride))
		}
		c.Stride = slices.Compact(slices.Sorted(slices.Values(*p.Stride)))
	}
	if p.Platforms != nil {
		c.Platforms = trimmed(fs, "platforms", *p.Platforms)
	}
}

func (p *Patch) records(fs *fault.Fields, prof *profile.Profile, tx *gate.Tx, c *Case) {
	if r := p.Reproduction; r != nil {
		thread.Word(fs, "reproduction.verdict", r.Verdict, []string{"reproduced", "not_reproduced"})
		r.Steps = thread.Cleaned(fs, "reproduction.steps", r.Steps, MaxSummary)
		r.Environment = thread.Cleaned(fs, "reproduction.environment", r.Environment, 2000)
		c.Reproduction = *r
		c.Reproduction.By, c.Reproduction.At = tx.Actor.ID, tx.Now
	}
	if len(p.Environments) > len(prof.Environments) {
		fs.Add("environments", "there are %d of them, and the profile has %d; name each once", len(p.Environments), len(prof.Environments))
		return
	}
	for i, e := range p.Environments {
		c.Environments = slices.Clone(c.Environments)
		e.check(fs, prof, fmt.Sprintf("environments.%d", i))
		e.By, e.At = tx.Actor.ID, tx.Now
		if j := c.environment(e.Name); j >= 0 {
			c.Environments[j] = e
		} else {
			c.Environments = append(c.Environments, e)
		}
	}
	if v := p.Validation; v != nil {
		thread.Word(fs, "validation.verdict", v.Verdict, names(prof.Validations))
		v.Note = thread.Cleaned(fs, "validation.note", v.Note, 4000)
		if v.Reconfirmed != "" {
			v.Reconfirmed = c.vectors() // what is confirmed is what stands, not what the caller says
		}
		c.Validation = *v
		c.Validation.By, c.Validation.At = tx.Actor.ID, tx.Now
	}
	if r := p.Release; r != nil {
		r.Versions = trimmed(fs, "release.versions", r.Versions)
		thread.Word(fs, "release.kind", r.Kind, names(prof.Releases.Kinds))
		if !r.Date.IsZero() && r.Date.Before(c.Opened.Truncate(24*time.Hour)) {
			fs.Add("release.date", "the release lies before the case was opened; correct the date, or the day on which it was first known")
		}
		c.Release = *r
		thread.SetTime(fs, "release.date", &c.Release.Date, &r.Date)
	}
}

func (p *Patch) times(fs *fault.Fields, tx *gate.Tx, c *Case) {
	thread.SetTime(fs, "deadline", &c.Deadline, p.Deadline)
	thread.SetTime(fs, "detected", &c.Detected, p.Detected)
	if p.FixAvailable != nil && !p.FixAvailable.IsZero() && !p.FixAvailable.Equal(c.FixAvailable) {
		c.record(p.FixAvailable.UTC(), "fix:available", nil)
	}
	thread.SetTime(fs, "fix_available", &c.FixAvailable, p.FixAvailable)
	if p.Mitigated != nil && !p.Mitigated.IsZero() && !p.Mitigated.Equal(c.Mitigated) {
		c.record(p.Mitigated.UTC(), "mitigated", nil)
	}
	thread.SetTime(fs, "mitigated", &c.Mitigated, p.Mitigated)
	if p.Dependency != nil {
		c.Dependency = *p.Dependency
	}
}

// check cleans a verdict on one environment and lists what is wrong with it.
func (e *Environment) check(fs *fault.Fields, prof *profile.Profile, at string) {
	if _, ok := prof.Environment(e.Name); !ok {
		fs.Add(at+".name", "the profile knows no environment %q", e.Name)
	}
	thread.Word(fs, at+".verdict", e.Verdict, names(prof.Verdicts))
	e.Reason = thread.Cleaned(fs, at+".reason", e.Reason, 4000)
	if e.Verdict == VerdictNotAffected && e.Reason == "" && e.Justification == "" {
		fs.Add(at+".reason", "say why it is not affected there: a justification or a sentence")
	}
	if e.Justification != "" && !slices.Contains(advisory.Justifications, e.Justification) {
		fs.Add(at+".justification", "%q is no VEX justification; use one of %s", e.Justification, strings.Join(advisory.Justifications, ", "))
	}
	e.lists(fs, at)
}

// lists checks the ranges and vectors of an environment.
func (e *Environment) lists(fs *fault.Fields, at string) {
	if len(e.Ranges) > MaxRanges || len(e.Vectors) > 4 {
		fs.Add(at+".ranges", "list at most %d ranges, and one vector of each CVSS version", MaxRanges)
		return
	}
	for j := range e.Ranges {
		if err := sound(e.Ranges[j]); err != nil {
			fs.Add(fmt.Sprintf("%s.ranges.%d", at, j), "%s", fault.Of(err).Says)
		}
	}
	for version, text := range e.Vectors {
		v, err := cvss.Parse(text)
		switch {
		case text == "":
			delete(e.Vectors, version)
		case err != nil:
			fs.Add(at+".vectors."+version, "%s", fault.Of(err).Says)
		case v.Version() != version:
			fs.Add(at+".vectors."+version, "this is a vector of CVSS %s; put it there", v.Version())
		}
	}
}

// Limits of the lists of a case.
const (
	MaxRanges = 200 // of affected versions in one environment
	MaxFixes  = 100 // release lines with a fix
	MaxWords  = 100 // platforms, or released versions
)

// sound returns why a range cannot be kept.
func sound(r advisory.Range) error {
	for _, text := range []string{r.Type, r.Introduced, r.Fixed, r.LastAffected, r.Limit, r.Repo, r.Raw} {
		if _, err := thread.Clean("range", text, MaxLine); err != nil {
			return err
		}
	}
	return r.Sound()
}

// Assign hands the case to a person. Nobody is a person too: an empty to.
func (s *Cases) Assign(ctx context.Context, id, to ref.ID) error {
	return s.change(ctx, VerbAssign, id, 0, func(tx *gate.Tx, c *Case) error {
		if to != "" {
			if ok, err := mayHandle(&tx.View, c, to); err != nil {
				return err
			} else if !ok {
				return fault.At("owner", "nobody of that name may see this case; share it with them first")
			}
		}
		c.Owner = to
		if to == "" || to == tx.Actor.ID {
			return nil
		}
		return tx.Later("tell:owner", tx.Now, "", Told{Case: c.ID, What: string(VerbAssign), Who: to, From: tx.Actor.ID})
	})
}

// Score sets the case's vectors, each in its own CVSS version.
func (s *Cases) Score(ctx context.Context, id ref.ID, rowVersion int, vectors ...string) error {
	return s.change(ctx, VerbScore, id, rowVersion, func(tx *gate.Tx, c *Case) error {
		c.Vectors = maps.Clone(c.Vectors)
		for _, v := range vectors {
			if err := c.SetVector(s.Profile, v, tx.Actor, tx.Now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Vote gives another person's word on the vectors in force; own are vectors that
// they would have chosen, which are shown beside them and decide nothing.
func (s *Cases) Vote(ctx context.Context, id ref.ID, agrees bool, note string, own ...string) error {
	return s.change(ctx, VerbVote, id, 0, func(tx *gate.Tx, c *Case) error {
		note, err := thread.Clean("note", note, 4000)
		if err != nil {
			return err
		}
		if own, err = ownVectors(own); err != nil {
			return err
		}
		if len(c.Vectors) == 0 {
			return fault.New(fault.Conflict, "there is no score to vote on yet; choose a vector first")
		}
		if err := (access.Second{Gives: "a vote on a score", Did: "you chose the vector", First: c.Scorers()}).Refuse(tx.Actor); err != nil {
			return err
		}
		c.Votes = slices.DeleteFunc(slices.Clone(c.Votes), func(v Vote) bool { return v.By == tx.Actor.ID && v.Vectors == c.vectors() })
		c.Votes = append(c.Votes, Vote{By: tx.Actor.ID, Name: tx.Actor.Name, At: tx.Now, Agrees: agrees, Vectors: c.vectors(), Own: own, Note: note})
		return nil
	})
}

// ownVectors reads the vectors that a voter would have chosen.
func ownVectors(texts []string) (out []string, err error) {
	var versions []string
	for _, text := range texts {
		v, err := cvss.Parse(text)
		if err != nil {
			return nil, fault.At("own", "%s", fault.Of(err).Says)
		}
		if slices.Contains(versions, v.Version()) {
			return nil, fault.At("own", "there are two vectors of CVSS %s; keep the one that you would choose", v.Version())
		}
		versions, out = append(versions, v.Version()), append(out, v.String())
	}
	return out, nil
}

// Fixed sets the state of the remediation on one release line.
func (s *Cases) Fixed(ctx context.Context, id ref.ID, f Fix) error {
	return s.change(ctx, VerbFix, id, 0, func(tx *gate.Tx, c *Case) error {
		var fs fault.Fields
		f.Line = thread.Cleaned(&fs, "line", f.Line, MaxLine)
		if f.Line == "" {
			fs.Add("line", "which release line is it? for example 18.7")
		}
		thread.Word(&fs, "state", f.State, names(s.Profile.Remediations))
		f.Link, f.Fixed = thread.Cleaned(&fs, "link", f.Link, 2000), thread.Cleaned(&fs, "fixed", f.Fixed, MaxLine)
		if f.Link != "" && !advisory.IsWebURL(f.Link) {
			fs.Add("link", "the link must be an address that starts with https:// or http://")
		}
		if err := fs.Err(); err != nil {
			return err
		}
		f.By, f.At = tx.Actor.ID, tx.Now
		c.Fixes = slices.Clone(c.Fixes)
		if i := c.fix(f.Line); i >= 0 {
			c.Fixes[i] = f
		} else if len(c.Fixes) >= MaxFixes {
			return fault.New(fault.TooLarge, "a case has at most %d release lines", MaxFixes)
		} else {
			c.Fixes = append(c.Fixes, f)
		}
		return nil
	})
}

// SetCredit records how the reporter is thanked. A name without consent is refused.
func (s *Cases) SetCredit(ctx context.Context, id ref.ID, cr Credit) error {
	return s.change(ctx, VerbCredit, id, 0, func(tx *gate.Tx, c *Case) error {
		var fs fault.Fields
		cr.check(&fs, s.Profile, "")
		if cr.Name != "" && !cr.Consent {
			fs.Add("consent", "a name is published only with the person's consent; ask them, then tick it")
		}
		c.thank(cr)
		return fs.Err()
	})
}

// check cleans a credit and lists what is wrong with it; at is where it stands.
func (cr *Credit) check(fs *fault.Fields, p *profile.Profile, at string) {
	thread.Word(fs, at+"choice", cr.Choice, names(p.Credits))
	thread.SetLine(fs, at+"name", &cr.Name, &cr.Name, MaxTitle)
	thread.SetLine(fs, at+"link", &cr.Link, &cr.Link, 2000)
	if cr.Link != "" && !advisory.IsWebURL(cr.Link) {
		fs.Add(at+"link", "the link must be an address that starts with https:// or http://")
	}
}

func trimmed(fs *fault.Fields, field string, in []string) []string {
	if len(in) > MaxWords {
		fs.Add(field, "there are %d of them; list at most %d", len(in), MaxWords)
		return nil
	}
	var out []string
	for _, s := range in {
		if thread.SetLine(fs, field, &s, &s, MaxLine); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func checkWeakness(fs *fault.Fields, id *string) {
	*id = strings.ToUpper(strings.TrimSpace(*id))
	if *id == "" {
		return
	}
	if *id == strings.TrimLeft(*id, "CWE-") {
		*id = "CWE-" + *id
	}
	if _, ok := cwe.Get(*id); !ok {
		fs.Add("cwe", "%s is no weakness of the CWE list; pick one, like CWE-79", *id)
	}
}

func names(list []profile.Named) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

func checks(p *profile.Profile) []string {
	var out []string
	for _, c := range p.Completeness {
		out = append(out, c.Name)
	}
	return out
}
