package insight

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
)

// Found is what a search found of one kind, newest first.
type Found struct {
	Kind  string  // case, report, adv, risk, obs; or a kind of passage
	Rows  []Brief // records
	Texts []Text  // or texts that stand on records
	Many  int     // at most MostFound
}

// Text is a text that stands on a record and holds the words.
type Text struct {
	ID    string    `json:"id"`    // of the row that it is the text of
	About ref.ID    `json:"about"` // the record on whose page it stands
	On    string    `json:"on"`    // that record's title
	Title string    `json:"title,omitempty"`
	Says  string    `json:"says"` // the words, with some of what stands around them
	At    time.Time `json:"at"`
	doc   int64
}

// mostTimeAcross is how long PostgreSQL may take over a statement that asks all kinds at
// once.
const mostTimeAcross = 4 * mostTime

// MostFound is how far a search counts what it found of each kind.
const MostFound = 100

// searched are the kinds of what is searched, in the order in which a search shows
// them.
var searched = []kind{
	{name: "case", verb: readCases, columns: briefColumns, rows: `{cases:newest}`},
	{name: "report", verb: readReports, columns: briefColumns, rows: `{reports:newest}`},
	{name: "adv", verb: readAdvisories, columns: briefAdvisory, rows: newestOf("advisories")},
	{name: "risk", verb: readRisks, columns: briefRisk, rows: newestOf("risks")},
	{name: "obs", verb: readFindings, columns: briefObservation, rows: newestOf("observations")},
	{name: passage.KRI}, {name: passage.Meeting}, {name: passage.Decision}, {name: passage.Plan},
	{name: passage.Cause}, {name: passage.Note}, {name: passage.Evidence}, {name: passage.File},
}

// kind is a kind of records with words of their own: who finds them, and the columns
// and rows that the search reads. Without these it is a kind of passages.
type kind struct {
	name          string
	verb          access.Verb
	columns, rows string
}

func (k kind) isText() bool { return k.rows == "" }

// textVerbs are all verbs that cover reading a passage.
var textVerbs = []access.Verb{readCases, readReports, readAdvisories, readRisks, readFindings, readIndicators, readMeetings}

// Searched are the kinds that a search may be narrowed to, in the order in which it shows
// them.
func Searched() (out []string) {
	for _, k := range searched {
		out = append(out, k.name)
	}
	return out
}

// Search finds what holds all of the words and the actor may read: records, and texts
// that stand on them. It counts every kind, and shows rows of those in in; of all
// where none is named.
func (s *Across) Search(ctx context.Context, text string, rows int, in ...string) (out []Found, err error) {
	if rows < 1 || rows > MostFound {
		return nil, fault.At("limit", "a search shows 1 to %d rows of a kind; ask for that many", MostFound)
	}
	for _, k := range in {
		if !slices.Contains(Searched(), k) {
			return nil, fault.At("in", "nothing of the kind %.40q is searched; use one of %s", k, strings.Join(Searched(), ", "))
		}
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if v.Actor.Kind == access.Reporter {
			return nil // what is inside is never theirs to read
		}
		if err := within(v, mostTimeAcross); err != nil {
			return err
		}
		found, err := search(v, text)
		if err != nil {
			return err
		}
		out = shown(v, found, rows, in)
		return tell(v, out, text)
	})
	return out, err
}

// shown is what a search says of what it found. Of a kind that the actor does not read
// in general it says nothing where there is nothing: who reads one record alone may
// find it, and no more is said.
func shown(v *gate.View, found map[string]*Found, rows int, in []string) (out []Found) {
	for _, k := range searched {
		f := found[k.name]
		if f == nil {
			if k.isText() || k.verb != readCases && !v.May(k.verb, "") {
				continue
			}
			f = &Found{Kind: k.name}
		}
		n := rows
		if len(in) > 0 && !slices.Contains(in, k.name) {
			n = 0
		}
		f.Rows, f.Texts = f.Rows[:min(n, len(f.Rows))], f.Texts[:min(n, len(f.Texts))]
		out = append(out, *f)
	}
	return out
}

// tell reads what the texts that are shown say, and what they stand on.
func tell(v *gate.View, found []Found, typed string) error {
	var docs []int64
	on := map[ref.ID]bool{}
	for _, f := range found {
		for _, t := range f.Texts {
			docs, on[t.About] = append(docs, t.doc), true
		}
	}
	if len(docs) == 0 {
		return nil
	}
	words, titles, err := told(v, docs, slices.Sorted(maps.Keys(on)))
	if err != nil {
		return err
	}
	for _, f := range found {
		for i := range f.Texts {
			t := &f.Texts[i]
			t.Says, t.On = Around(words[t.doc], typed), titles[t.About]
		}
	}
	return nil
}
