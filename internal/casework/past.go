package casework

import (
	"maps"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/lifecycle"
	"tocsin/internal/ref"
)

// Past is what a published record states of a vulnerability that was handled
// long ago. A zero field is not stated, and stays unknown on the case.
type Past struct {
	Title     string
	Summary   string
	CVE       string
	CWE       string
	Product   string
	Component string
	Source    string // a word of the profile
	TLP       string
	Claimed   string    // severity as a bare word
	Opened    time.Time // when it was published
	Detected  time.Time
	Scores    []advisory.Score // at most one of each CVSS version
	Fixed     []string         // versions that have the fix
	Credit    string
	Format    string // where it was read from: format, the record's own name, hash of the original, page
	Name      string
	SHA256    string
	URL       string
	Stated    map[string]string // what a case has no field of its own for
	Affected  []string          // products with their versions, a line each
}

// Bring takes published history in, inside another act. Without an id it makes a
// closed case. With one it brings that case up to now from was, what the same
// source stated before: a field follows its source until somebody changes it
// here. Where another source made the case, was is zero, and now fills in what
// is still unknown.
func (s *Cases) Bring(tx *gate.Tx, id ref.ID, was, now Past) (ref.ID, error) {
	if id == "" {
		return s.bringNew(tx, now)
	}
	c, err := get(&tx.View, id)
	if err != nil {
		return "", err
	}
	opened := c.Opened
	if err := s.apply(tx, c, func(tx *gate.Tx, c *Case) error {
		c.learn(was, now)
		if opened.IsZero() && !c.Opened.IsZero() {
			c.record(c.Opened, "published", nil)
		}
		c.rate(s.Profile, moment(c.Opened, tx.Now))
		return nil
	}); err != nil || c.Opened.Equal(opened) {
		return id, err
	}
	return id, s.place(tx, c)
}

func (s *Cases) bringNew(tx *gate.Tx, now Past) (ref.ID, error) {
	stage, ok := ending(s.Profile.Lifecycle("case"))
	if !ok {
		return "", fault.New(fault.Conflict, "the profile's life cycle of cases has no terminal stage, so no closed case can be brought in")
	}
	c := &Case{ID: ref.New("case"), Stage: stage, Closed: true, Score: -1, Audience: access.Staff}
	c.Origin = Origin{Format: now.Format, Name: now.Name}
	c.learn(Past{}, now)
	if !c.Opened.IsZero() {
		c.record(c.Opened, "published", nil)
	}
	c.rate(s.Profile, moment(c.Opened, tx.Now))
	c.barred = c.bar(s.Profile)
	var err error
	if c.doc, err = insight.Place(tx, c.Opened); err != nil {
		return "", err
	}
	if err := insert(tx, c, gate.Change{Field: "imported", New: now.Format + " " + now.Name + " " + now.SHA256}); err != nil {
		return "", err
	}
	if err := s.noted(tx, c, nil); err != nil {
		return "", err
	}
	return c.ID, insight.Index(tx, c.ID, c.doc, true, c.Title, c.words())
}

// ending is the stage in which a handled case rests: where its closing leads,
// else the first that is terminal.
func ending(m *lifecycle.Machine) (string, bool) {
	for _, mv := range m.Moves {
		if mv.Verb == "case.close" {
			return mv.To, true
		}
	}
	i := slices.IndexFunc(m.Stages, func(s lifecycle.Stage) bool { return s.Terminal })
	if i < 0 {
		return "", false
	}
	return m.Stages[i].Name, true
}

// moment is when a fact was stated, else when it was learned here.
func moment(stated, now time.Time) time.Time {
	if stated.IsZero() {
		return now
	}
	return stated
}

// learn takes in what a source states now, where the case still says what the
// source said before.
func (c *Case) learn(was, now Past) {
	for _, f := range [...]struct {
		have     *string
		was, now string
	}{
		{&c.Title, was.Title, now.Title}, {&c.Summary, was.Summary, now.Summary}, {&c.CVE, was.CVE, now.CVE}, {&c.CWE, was.CWE, now.CWE},
		{&c.Product, was.Product, now.Product}, {&c.Component, was.Component, now.Component}, {&c.Source, was.Source, now.Source},
		{&c.TLP, was.TLP, now.TLP}, {&c.Claimed, was.Claimed, now.Claimed}, {&c.Credit.Name, was.Credit, now.Credit},
	} {
		if *f.have == f.was {
			*f.have = f.now
		}
	}
	if c.Opened.Equal(was.Opened) {
		c.Opened = now.Opened
	}
	if c.Detected.Equal(was.Detected) {
		c.Detected = now.Detected
	}
	if slices.Equal(c.Release.Versions, was.Fixed) {
		c.Release.Versions = now.Fixed
	}
	c.learnScores(was.Scores, now.Scores)
	c.learnOrigin(now)
}

func (c *Case) learnScores(was, now []advisory.Score) {
	before, after := scored(was), scored(now)
	vectors := maps.Clone(c.Vectors)
	if vectors == nil {
		vectors = map[string]Scored{}
	}
	for _, version := range []string{"2.0", "3.0", "3.1", "4.0"} {
		old, had := before[version]
		have, has := vectors[version]
		if had != has || had && (have.Vector != old.Vector || have.Score != old.Score) {
			continue
		}
		delete(vectors, version)
		if s, ok := after[version]; ok {
			vectors[version] = s
		}
	}
	if c.Vectors = vectors; len(vectors) == 0 {
		c.Vectors = nil
	}
}

func scored(in []advisory.Score) map[string]Scored {
	out := map[string]Scored{}
	for _, s := range in {
		out[s.Version] = Scored{Vector: s.Vector, Score: s.Base, Name: s.By}
	}
	return out
}

// learnOrigin renews what the source states besides; a second source only adds
// what is not there yet.
func (c *Case) learnOrigin(now Past) {
	stated := maps.Clone(c.Origin.Stated)
	if c.Origin.Format == now.Format && c.Origin.Name == now.Name {
		c.Origin.SHA256, c.Origin.URL, c.Origin.Affected = now.SHA256, now.URL, now.Affected
		stated = nil
	}
	for k, v := range now.Stated {
		if stated[k] == "" {
			if stated == nil {
				stated = map[string]string{}
			}
			stated[k] = v
		}
	}
	c.Origin.Stated = stated
}

// place moves a case in the lists, after its opening became known or changed.
func (s *Cases) place(tx *gate.Tx, c *Case) error {
	old := c.doc
	var err error
	if c.doc, err = insight.Place(tx, c.Opened); err != nil {
		return err
	}
	if err := setPlace(tx, c); err != nil {
		return err
	}
	if err := insight.Forget(tx, c.ID, old); err != nil {
		return err
	}
	return insight.Index(tx, c.ID, c.doc, true, c.Title, c.words())
}
