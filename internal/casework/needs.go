package casework

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
)

// need is one word that a life cycle may ask for before a move.
type need struct {
	has  func(s *Sight) bool
	says func(s *Sight) string
	link string // where it is filled in, on the record's page
}

// Sight is a case with the facts around it that its needs look at.
type Sight struct {
	*Case
	Profile    *profile.Profile
	Now        time.Time
	Lines      []string // release lines of the product that get fixes
	Approved   bool     // an advisory of it is approved, and unchanged since
	Published  bool     // an advisory of it is out
	Told       bool     // the reporter has had a message since the release
	HasReports bool     // somebody outside reported it
}

func text(s string) func(*Sight) string { return func(*Sight) string { return s } }

// needs is every word that a case's life cycle may use under needs.
var needs = map[string]need{
	"complete":             {hasComplete, saysComplete, "#triage"},
	"provisional-severity": {func(s *Sight) bool { return s.Severity != "" }, text("a provisional severity"), "#triage"},
	"owner":                {func(s *Sight) bool { return s.Owner != "" }, text("an owner"), "#people"},
	"reproduced":           {func(s *Sight) bool { return s.Reproduction.Verdict != "" }, text("a reproduction record, with its verdict"), "#reproduction"},
	"environments":         {func(s *Sight) bool { return len(s.openEnvironments()) == 0 }, saysEnvironments, "#environments"},
	"versions":             {hasVersions, text("an affected environment, and the affected version range of each"), "#environments"},
	"cwe":                  {func(s *Sight) bool { return s.CWE != "" }, text("a CWE"), "#weakness"},
	"scored":               {func(s *Sight) bool { return len(s.Vectors) > 0 }, text("a CVSS vector"), "#score"},
	"stride":               {func(s *Sight) bool { return len(s.Stride) > 0 }, text("at least one STRIDE impact"), "#weakness"},
	"votes":                {func(s *Sight) bool { return s.CountVotes() >= s.VotesWanted(s.Profile) }, saysVotes, "#votes"},
	"fixes":                {func(s *Sight) bool { return len(s.openLines()) == 0 }, saysFixes, "#fixes"},
	"fixed-versions":       {hasFixedVersions, text("the fixed version of every release line that gets the fix"), "#fixes"},
	"verdict":              {func(s *Sight) bool { return s.Validation.Verdict == FixAdequate }, text("the validation verdict that the fix is adequate"), "#validation"},
	"reconfirmed":          {func(s *Sight) bool { return s.Reconfirmed() }, text("the score, confirmed once more after the fix"), "#validation"},
	"acceptance":           {func(s *Sight) bool { return s.Acceptance.Note != "" }, text("the risk acceptance, with its reasons"), "#validation"},
	"release-date":         {func(s *Sight) bool { return !s.Release.Date.IsZero() && !s.Release.Date.After(s.Now) }, text("the release date, which has come"), "#release"},
	"release-versions":     {func(s *Sight) bool { return len(s.Release.Versions) > 0 }, text("the released versions"), "#release"},
	"advisory-approved":    {func(s *Sight) bool { return s.Approved || s.Published || s.NoAdvisory != "" }, text("an approved advisory, or the reason why none is needed"), "#advisory"},
	"advisory-published":   {func(s *Sight) bool { return s.Published || s.NoAdvisory != "" }, text("the published advisory, or the reason why none is needed"), "#advisory"},
	"credit-settled":       {func(s *Sight) bool { return !s.HasReports || s.Credit.Choice != "" }, text("how the reporter is credited"), "#credit"},
	"reporter-told":        {func(s *Sight) bool { return !s.HasReports || s.Told }, text("a message to the reporter since the release"), "#messages"},
	"disposition":          {func(s *Sight) bool { return s.Disposition != "" }, text("a disposition"), "#decide"},
	"answer":               {func(s *Sight) bool { return !s.HasReports || s.Answer != "" }, text("the answer to the reporter"), "#decide"},
}

// Needs lists the words that a case's life cycle may ask for.
func Needs() []string { return keys(needs) }

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// lacks turns the words that a move lacks into sentences and links.
func (s *Sight) lacks(missing []string) []fault.Need {
	var out []fault.Need
	for _, w := range missing {
		out = append(out, fault.Need{Word: w, Says: needs[w].says(s), Link: needs[w].link})
	}
	return out
}

func hasComplete(s *Sight) bool { return len(s.openChecks()) == 0 }

func (s *Sight) openChecks() []string {
	var open []string
	for _, c := range s.Profile.Completeness {
		if c.Required && !s.Complete[c.Name] {
			open = append(open, strings.ToLower(c.Title))
		}
	}
	return open
}

func saysComplete(s *Sight) string {
	return "the completeness check: " + strings.Join(s.openChecks(), ", ")
}

// openEnvironments lists the titles of the environments without a verdict.
func (s *Sight) openEnvironments() []string {
	var open []string
	for _, e := range s.Profile.Environments {
		if i := s.environment(e.Name); i < 0 || s.Environments[i].Verdict == "" || s.Environments[i].Verdict == VerdictOpen {
			open = append(open, e.Title)
		}
	}
	return open
}

func saysEnvironments(s *Sight) string {
	return "a verdict for " + strings.Join(s.openEnvironments(), ", ")
}

func (c *Case) environment(name string) int {
	return slices.IndexFunc(c.Environments, func(e Environment) bool { return e.Name == name })
}

func hasVersions(s *Sight) bool {
	n := 0
	for _, e := range s.Environments {
		if e.Verdict == VerdictAffected {
			if n++; len(e.Ranges) == 0 {
				return false
			}
		}
	}
	return n > 0 || len(s.openEnvironments()) > 0
}

func saysVotes(s *Sight) string {
	n := s.VotesWanted(s.Profile) - s.CountVotes()
	band, _ := s.Profile.Band(s.Severity)
	if n == 1 {
		return fmt.Sprintf("one more vote of somebody who did not score (%s wants %d)", band.Title, s.VotesWanted(s.Profile))
	}
	return fmt.Sprintf("%d more votes by others than the scorer (%s needs %d)", n, band.Title, s.VotesWanted(s.Profile))
}

// openLines lists the supported release lines whose fix is not ready.
func (s *Sight) openLines() []string {
	var open []string
	for _, line := range s.Lines {
		if i := s.fix(line); i < 0 || !done(s.Fixes[i]) {
			open = append(open, line)
		}
	}
	if len(s.Lines) == 0 && !slices.ContainsFunc(s.Fixes, done) {
		open = append(open, "any release line")
	}
	return open
}

func saysFixes(s *Sight) string {
	return "a finished fix, with its link, for " + strings.Join(s.openLines(), ", ")
}

func (c *Case) fix(line string) int {
	return slices.IndexFunc(c.Fixes, func(f Fix) bool { return f.Line == line })
}

func done(f Fix) bool { return f.State == FixNotNeeded || (f.State == FixReady && f.Link != "") }

func hasFixedVersions(s *Sight) bool {
	n := 0
	for _, f := range s.Fixes {
		if f.State == FixReady {
			if n++; f.Fixed == "" {
				return false
			}
		}
	}
	return n > 0
}

// The words of a profile's lists that rules speak of. A profile has them and may
// add others.
const (
	VerdictAffected    = "affected"            // of an environment
	VerdictNotAffected = "not_affected"        // of an environment
	VerdictOpen        = "under_investigation" // of an environment: nothing is found yet
	FixAdequate        = "adequate"            // of the validation
	CreditAnonymous    = "anonymous"           // of a reporter: thanked without a name
	CreditNone         = "none"                // of a reporter: not thanked
	FixReady           = "ready"               // of a release line: made, reviewed, waiting for its release or out
	FixNotNeeded       = "not_needed"          // of a release line: it is not affected
)
