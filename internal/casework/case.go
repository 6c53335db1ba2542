// Package casework handles vulnerability cases from triage to closure: what is
// known of the defect, who handles it, how bad it is, where it is fixed, and what
// its clocks say. Reports that are not accepted yet are package intake's;
// advisories are package advisory's. The stages and the rows of the life cycle
// stand in the profile; the needs and effects that they name are defined here.
package casework

import (
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/clock"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
)

// Case is the handling of one vulnerability.
type Case struct {
	ID        ref.ID    `json:"id"`
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Closed    bool      `json:"closed"`
	Severity  string    `json:"severity"` // the word in force: final, else provisional; "" is unknown
	Score     float64   `json:"score"`    // by which the severity was found; -1 is unknown
	CWE       string    `json:"cwe"`      // "CWE-79"; "" is unknown
	CVE       string    `json:"cve"`
	Product   string    `json:"product"`
	Component string    `json:"component"`
	Owner     ref.ID    `json:"owner"`
	Source    string    `json:"source"`   // where it came from: a word of the profile
	Audience  string    `json:"audience"` // staff, or named
	Opened    time.Time `json:"opened"`   // UTC; of imported history as published; zero is unknown
	Due       time.Time `json:"due,omitzero"`
	DueWhat   string    `json:"due_what,omitempty"` // name of the clock that is due next
	Breached  bool      `json:"breached"`           // one of its clocks was late at some time
	Labels    []string  `json:"labels"`
	Version   int       `json:"version"` // of the row, for If-Match
	Body

	doc    int64
	look   time.Time // when its clocks change by themselves
	barred string    // why it does not count as an occurrence of its weakness; "" counts
	events []clock.Event
}

// Around is what stands around a case, as far as the reader may see it.
type Around struct {
	Reports    []Report   `json:"reports"`
	Advisories []Advisory `json:"advisories"`
	Links      []Link     `json:"links"`
	Risks      []Bears    `json:"risks"` // that count it as evidence, or are linked to it
	Lines      []string   `json:"lines"` // release lines of its product that get fixes
	Shown      []Shown    `json:"shown"` // who is named on it
}

// Shown is a person or a team that is named on a case, and as what; an empty role
// is to see it and no more than their roles allow.
type Shown struct {
	Who  ref.ID      `json:"who"`
	Role access.Role `json:"role,omitempty"`
}

// Report is what a case shows of a report that was accepted into it.
type Report struct {
	ID       ref.ID `json:"id"`
	Title    string `json:"title"`
	Reporter ref.ID `json:"reporter"`
	audience string
}

// Advisory is what a case shows of its advisory.
type Advisory struct {
	ID        ref.ID `json:"id"`
	Name      string `json:"name"`
	Title     string `json:"title"`
	Stage     string `json:"stage"`
	Approved  bool   `json:"approved"`
	Published bool   `json:"published"`
}

// Bears is what a case shows of a risk that it bears on.
type Bears struct {
	ID     ref.ID `json:"id"`
	Title  string `json:"title"`
	As     string `json:"as"` // evidence, or the kind of the link
	Stage  string `json:"stage"`
	Closed bool   `json:"closed,omitempty"`
}

// Link is a typed link to another record that the reader may see.
type Link struct {
	Kind  string `json:"kind"`
	ID    ref.ID `json:"id"`
	Title string `json:"title"`
	Back  bool   `json:"back,omitempty"` // the other record points here
}

// Body is what a case holds besides what lists show. It is kept as one JSON text.
type Body struct {
	Summary      string            `json:"summary,omitempty"`
	Profile      string            `json:"profile,omitempty"` // version of the profile by which severity and dates were computed
	TLP          string            `json:"tlp,omitempty"`
	Embargo      time.Time         `json:"embargo,omitzero"`       // nothing goes out before
	Held         bool              `json:"held,omitempty"`         // nothing goes out before somebody lifts the embargo
	Deadline     time.Time         `json:"deadline,omitzero"`      // the reporter's own
	Detected     time.Time         `json:"detected,omitzero"`      // first known; else the opening
	FixAvailable time.Time         `json:"fix_available,omitzero"` // of code that is not ours
	Mitigated    time.Time         `json:"mitigated,omitzero"`     // customers are protected, before the fix
	Dependency   bool              `json:"dependency,omitempty"`   // the defect is in somebody else's code
	Complete     map[string]bool   `json:"complete,omitempty"`     // triage checklist, by name
	Provisional  string            `json:"provisional,omitempty"`  // severity word set at triage
	Claimed      string            `json:"claimed,omitempty"`      // severity word as the reporter put it
	Reproduction Reproduction      `json:"reproduction,omitzero"`
	Platforms    []string          `json:"platforms,omitempty"`
	Environments []Environment     `json:"environments,omitempty"`
	Vectors      map[string]Scored `json:"vectors,omitempty"` // by CVSS version
	Votes        []Vote            `json:"votes,omitempty"`
	Stride       []string          `json:"stride,omitempty"`
	Fixes        []Fix             `json:"fixes,omitempty"`
	Validation   Validation        `json:"validation,omitzero"`
	Loops        int               `json:"loops,omitempty"` // how often validation sent it back
	Acceptance   Acceptance        `json:"acceptance,omitzero"`
	Release      Release           `json:"release,omitzero"`
	NoAdvisory   string            `json:"no_advisory,omitempty"` // why none is needed
	Credit       Credit            `json:"credit,omitzero"`
	Withdrawn    []string          `json:"withdrawn,omitempty"` // names that were agreed to and no longer are
	Disposition  string            `json:"disposition,omitempty"`
	Answer       string            `json:"answer,omitempty"` // what the reporter was told at the end
	Origin       Origin            `json:"origin,omitzero"`  // imported history
	LabelNotes   map[string]string `json:"label_notes,omitempty"`
	RCA          RCA               `json:"rca,omitzero"` // root cause analysis
}

// Reproduction is the record of trying the defect out.
type Reproduction struct {
	Verdict     string    `json:"verdict,omitempty"` // reproduced, not_reproduced
	Environment string    `json:"environment,omitempty"`
	Steps       string    `json:"steps,omitempty"`
	By          ref.ID    `json:"by,omitempty"`
	At          time.Time `json:"at,omitzero"`
}

// Environment is the verdict on one way in which the product is run.
type Environment struct {
	Name          string            `json:"name"`
	Verdict       string            `json:"verdict"`                 // a word of the profile
	Justification string            `json:"justification,omitempty"` // VEX, where it is not affected
	Reason        string            `json:"reason,omitempty"`
	Ranges        []advisory.Range  `json:"ranges,omitempty"`
	Vectors       map[string]string `json:"vectors,omitempty"` // where the score differs there
	By            ref.ID            `json:"by,omitempty"`
	At            time.Time         `json:"at,omitzero"`
}

// Scored is a CVSS vector and who chose it.
type Scored struct {
	Vector string    `json:"vector"`
	Score  float64   `json:"score"`
	By     ref.ID    `json:"by,omitempty"`
	Maker  ref.ID    `json:"maker,omitempty"` // of the token that chose it
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Vote is another person's word on the scores. It counts only for the vectors
// that it was given on.
type Vote struct {
	By      ref.ID    `json:"by"`
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Agrees  bool      `json:"agrees"`
	Vectors string    `json:"vectors"`
	Own     []string  `json:"own,omitempty"` // vectors that they would have chosen, at most one of a version
	Note    string    `json:"note,omitempty"`
}

// Fix is the state of the remediation on one release line.
type Fix struct {
	Line  string    `json:"line"`
	State string    `json:"state"` // a word of the profile
	Link  string    `json:"link,omitempty"`
	Fixed string    `json:"fixed,omitempty"` // the version that has it
	By    ref.ID    `json:"by,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Validation is the verdict on the fix.
type Validation struct {
	Verdict     string    `json:"verdict,omitempty"` // a word of the profile
	Note        string    `json:"note,omitempty"`
	Reconfirmed string    `json:"reconfirmed,omitempty"` // the vectors that were confirmed once more
	By          ref.ID    `json:"by,omitempty"`
	At          time.Time `json:"at,omitzero"`
}

// Acceptance is the decision to live with the risk.
type Acceptance struct {
	Note string    `json:"note,omitempty"`
	By   ref.ID    `json:"by,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// Release is when and as what the fix went out.
type Release struct {
	Date     time.Time `json:"date,omitzero"`
	Versions []string  `json:"versions,omitempty"`
	Kind     string    `json:"kind,omitempty"`
}

// Credit is how the reporter is thanked, and whether they agreed.
type Credit struct {
	Choice  string `json:"choice,omitempty"` // a word of the profile
	Name    string `json:"name,omitempty"`
	Link    string `json:"link,omitempty"`
	Consent bool   `json:"consent,omitempty"`
}

// Origin is where imported history came from.
type Origin struct {
	Format   string            `json:"format,omitempty"`
	Name     string            `json:"name,omitempty"`
	SHA256   string            `json:"sha256,omitempty"` // of the original, which is kept byte for byte
	URL      string            `json:"url,omitempty"`
	Stated   map[string]string `json:"stated,omitempty"`   // what the source says besides, in its own words: bounty, vendor, aliases …
	Affected []string          `json:"affected,omitempty"` // products with their versions, a line each
}

// Start returns a case as it enters its life cycle.
func Start(p *profile.Profile, title string, opened time.Time) *Case {
	m := p.Lifecycle("case")
	c := &Case{ID: ref.New("case"), Title: title, Stage: m.Start(), Score: -1, Opened: opened}
	c.record(opened, "opened", nil)
	c.record(opened, "enter:"+c.Stage, nil)
	return c
}

// record adds an event. Events are only ever added.
func (c *Case) record(at time.Time, name string, data map[string]string) {
	c.events = append(c.events, clock.Event{At: at, Name: name, Data: data})
}

// Events returns the recorded events, oldest first.
func (c *Case) Events() []clock.Event { return slices.Clone(c.events) }

// Has reports whether the case carries the side label.
func (c *Case) Has(label string) bool { return slices.Contains(c.Labels, label) }

// vectors returns the vectors in force as one text, to which votes are bound.
func (c *Case) vectors() string {
	var out []string
	for _, version := range slices.Sorted(maps.Keys(c.Vectors)) {
		out = append(out, c.Vectors[version].Vector)
	}
	return strings.Join(out, " ")
}

// rate finds score and severity anew from the vectors, by the profile's order of
// sources; without a vector the provisional severity stands. A change of severity
// is an event, from which every clock computes again.
func (c *Case) rate(p *profile.Profile, now time.Time) {
	scores := map[string]float64{}
	for version, s := range c.Vectors {
		scores["cvss-"+version] = s.Score
	}
	word, source := p.SeverityFrom(scores)
	if source == "" {
		c.Score, word = -1, c.Provisional
	} else {
		c.Score = scores[source]
	}
	c.Profile = p.Version
	if word != c.Severity {
		c.Severity = word
		c.record(now, "severity", map[string]string{"severity": word})
	}
}

// SetVector scores the case in the vector's own CVSS version. Votes for other
// vectors stay on record and no longer count. Whoever chose a vector first stays
// its scorer: choosing the same once more is no new choice.
func (c *Case) SetVector(p *profile.Profile, text string, by access.Actor, now time.Time) error {
	v, err := cvss.Parse(text)
	if err != nil {
		return err
	}
	if c.Vectors[v.Version()].Vector == v.String() {
		return nil
	}
	if c.Vectors == nil {
		c.Vectors = map[string]Scored{}
	}
	c.Vectors[v.Version()] = Scored{Vector: v.String(), Score: v.Score().Score, By: by.ID, Maker: by.Maker, Name: by.Name, At: now}
	c.rate(p, now)
	return nil
}

// Scorers lists who chose the vectors in force, and who made the tokens that did.
func (c *Case) Scorers() access.Hands {
	var out access.Hands
	for _, s := range c.Vectors {
		out = out.And(s.By, s.Maker)
	}
	return out
}

// CountVotes returns how many votes of others than the scorers agree with the
// vectors in force.
func (c *Case) CountVotes() int {
	n := 0
	for _, v := range c.Votes {
		if v.Agrees && c.Counts(v) {
			n++
		}
	}
	return n
}

// Counts reports whether a vote is on the vectors in force, and of somebody who
// chose none of them.
func (c *Case) Counts(v Vote) bool {
	return v.Vectors == c.vectors() && !c.Scorers().Has(v.By)
}

// Reconfirmed reports whether the score in force was confirmed once more after the
// fix.
func (c *Case) Reconfirmed() bool {
	return c.Validation.Reconfirmed != "" && c.Validation.Reconfirmed == c.vectors()
}

// VotesWanted returns how many votes the severity in force wants.
func (c *Case) VotesWanted(p *profile.Profile) int { return p.Votes[c.Severity] }
