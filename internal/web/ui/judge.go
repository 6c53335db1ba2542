package ui

import (
	"fmt"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/score/cvss"
)

// CVSSAnswer is what a calculator is told of a vector.
type CVSSAnswer struct {
	Vector   string  `json:"vector"`
	Score    float64 `json:"score"`
	Severity string  `json:"severity"`
	More     string  `json:"more"` // CVSSMore, rendered
}

// CVSSTurn is one severity that a single change of the vector would lead to, with
// the changes that do, in the standard's order.
type CVSSTurn struct {
	Severity string
	Changes  []CVSSChange
}

// CVSSChange is one value of one metric, and the score with it.
type CVSSChange struct{ Metric, Value, Score string }

// Judge scores the vector of the calculator by the engine, band being the word of
// a score. A vector that does not read, or is of another version, is said in Error;
// an empty one is none.
func (c CVSS) Judge(band func(float64) string) CVSS {
	if c.Vector == "" {
		return c
	}
	v, err := cvss.Parse(c.Vector)
	switch {
	case err != nil:
		c.Error = or(c.Error, fault.Of(err).Says)
		return c
	case v.Version() != c.Version:
		c.Error = or(c.Error, fmt.Sprintf("this is a vector of CVSS %s; this calculator is for %s, whose vectors begin with CVSS:%s/", v.Version(), c.Version, c.Version))
		return c
	}
	r := v.Score()
	c.Score, c.Severity, c.Kind = tenths(r.Score), band(r.Score), r.Nomenclature
	c.Turns = turns(v, band)
	return c
}

func turns(v cvss.Vector, band func(float64) string) (out []CVSSTurn) {
	at := map[string]int{}
	for _, t := range cvss.Turns(v, band) {
		i, known := at[t.Band]
		if !known {
			i = len(out)
			at[t.Band], out = i, append(out, CVSSTurn{Severity: t.Band})
		}
		out[i].Changes = append(out[i].Changes, CVSSChange{metricTitle(v.Version(), t.Metric, t.Name), strings.ToLower(t.Word), tenths(t.Score)})
	}
	return out
}

// metricTitle is how the calculator calls a metric, with its group where two have
// the same name.
func metricTitle(version, key, name string) string {
	under := ""
	for _, g := range Metrics(version) {
		for _, m := range g.Metrics {
			under = or(m.Under, under)
			if m.Key == key && strings.HasPrefix(name, "Modified ") {
				return "modified " + strings.ToLower(m.Title)
			}
			if m.Key == key && (under == "Vulnerable system" || under == "Subsequent systems") {
				return under + ", " + strings.ToLower(m.Title)
			}
			if m.Key == key {
				return m.Title
			}
		}
	}
	return name
}

// turnWords says how many changes lead where: "1 to Critical, 5 to Medium".
func turnWords(all []CVSSTurn) string {
	var out []string
	for _, t := range all {
		out = append(out, strconv.Itoa(len(t.Changes))+" to "+severityWord(t.Severity))
	}
	return strings.Join(out, ", ")
}

func tenths(score float64) string { return strconv.FormatFloat(score, 'f', 1, 64) }

// differs is one metric in which vectors differ, with the word of each.
type differs struct {
	Key, Title string
	Words      []string
}

// differing returns the metrics in which vectors of one version differ, and how
// many of those that any states are alike.
func differing(all []Scored) (out []differs, alike int) {
	var parts []map[string]string
	for _, x := range all {
		parts = append(parts, vectorParts(x.Vector))
	}
	for _, g := range Metrics(versionOf(all[0].Vector)) {
		for _, m := range g.Metrics {
			d, same, stated := differs{Key: m.Key, Title: m.Title}, true, false
			for _, p := range parts {
				word := m.word(p[m.Key])
				d.Words = append(d.Words, word)
				same, stated = same && word == d.Words[0], stated || word != ""
			}
			switch {
			case !same:
				out = append(out, d)
			case stated:
				alike++
			}
		}
	}
	return out, alike
}

func alikeWords(differ, alike int) string {
	if differ == 0 {
		return "they are the same"
	}
	if differ == 1 {
		return fmt.Sprintf("1 metric differs, %d alike", alike)
	}
	return fmt.Sprintf("%d metrics differ, %d alike", differ, alike)
}
