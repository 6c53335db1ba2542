package ui

import (
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/score/cvss"
)

// MetricGroup is a group of CVSS metrics: base, threat, environmental.
type MetricGroup struct {
	Title   string
	Folded  bool // stands in a <details>
	Metrics []Metric
}

// Metric is one CVSS metric with the values it can have.
type Metric struct {
	Key, Title string
	Help       string // what it asks, one sentence
	Base       bool   // has to be chosen
	Under      string // a small heading before this metric
	Values     []Option
}

// metricTable names the metrics and values of a version, in the order of its vector
// string: FIRST, CVSS v3.1 and v4.0 specification documents. A line is either
// "= group", "- heading" or "KEY|Title|V Value|V Value"; a folded group's metrics
// all have the value X, not defined. What a metric asks and what a value means is
// said by score/cvss.
var metricTable = map[string]string{
	"3.1": `= Base
AV|Attack vector|N Network|A Adjacent|L Local|P Physical
AC|Attack complexity|L Low|H High
PR|Privileges required|N None|L Low|H High
UI|User interaction|N None|R Required
S|Scope|U Unchanged|C Changed
C|Confidentiality|H High|L Low|N None
I|Integrity|H High|L Low|N None
A|Availability|H High|L Low|N None
= Temporal
E|Exploit code maturity|H High|F Functional|P Proof of concept|U Unproven
RL|Remediation level|U Unavailable|W Workaround|T Temporary|O Official
RC|Report confidence|C Confirmed|R Reasonable|U Unknown
= Environmental
- Security requirements
CR|Confidentiality requirement|H High|M Medium|L Low
IR|Integrity requirement|H High|M Medium|L Low
AR|Availability requirement|H High|M Medium|L Low
- Modified base metrics
MAV|Attack vector|N Network|A Adjacent|L Local|P Physical
MAC|Attack complexity|L Low|H High
MPR|Privileges required|N None|L Low|H High
MUI|User interaction|N None|R Required
MS|Scope|U Unchanged|C Changed
MC|Confidentiality|H High|L Low|N None
MI|Integrity|H High|L Low|N None
MA|Availability|H High|L Low|N None`,
	"4.0": `= Base
- Exploitability
AV|Attack vector|N Network|A Adjacent|L Local|P Physical
AC|Attack complexity|L Low|H High
AT|Attack requirements|N None|P Present
PR|Privileges required|N None|L Low|H High
UI|User interaction|N None|P Passive|A Active
- Vulnerable system
VC|Confidentiality|H High|L Low|N None
VI|Integrity|H High|L Low|N None
VA|Availability|H High|L Low|N None
- Subsequent systems
SC|Confidentiality|H High|L Low|N None
SI|Integrity|H High|L Low|N None
SA|Availability|H High|L Low|N None
= Threat
E|Exploit maturity|A Attacked|P Proof of concept|U Unreported
= Environmental
- Security requirements
CR|Confidentiality requirement|H High|M Medium|L Low
IR|Integrity requirement|H High|M Medium|L Low
AR|Availability requirement|H High|M Medium|L Low
- Modified base metrics
MAV|Attack vector|N Network|A Adjacent|L Local|P Physical
MAC|Attack complexity|L Low|H High
MAT|Attack requirements|N None|P Present
MPR|Privileges required|N None|L Low|H High
MUI|User interaction|N None|P Passive|A Active
MVC|Vulnerable system, confidentiality|H High|L Low|N None
MVI|Vulnerable system, integrity|H High|L Low|N None
MVA|Vulnerable system, availability|H High|L Low|N None
MSC|Subsequent systems, confidentiality|H High|L Low|N Negligible
MSI|Subsequent systems, integrity|S Safety|H High|L Low|N Negligible
MSA|Subsequent systems, availability|S Safety|H High|L Low|N Negligible
= Supplemental
S|Safety|P Present|N Negligible
AU|Automatable|Y Yes|N No
R|Recovery|A Automatic|U User|I Irrecoverable
V|Value density|D Diffuse|C Concentrated
RE|Response effort|L Low|M Moderate|H High
U|Provider urgency|Red Red|Amber Amber|Green Green|Clear Clear`,
}

// metricGroups are the groups of each version, read from metricTable once.
var metricGroups = map[string][]MetricGroup{"3.1": readMetrics("3.1"), "4.0": readMetrics("4.0")}

// Metrics returns the groups of metrics of a version, "3.1" or "4.0"; 3.0 has the
// metrics of 3.1. Another version has none.
func Metrics(version string) []MetricGroup {
	if version == "3.0" {
		version = "3.1"
	}
	return metricGroups[version]
}

func readMetrics(version string) []MetricGroup {
	var groups []MetricGroup
	under := ""
	for line := range strings.SplitSeq(metricTable[version], "\n") {
		if title, ok := strings.CutPrefix(line, "= "); ok {
			groups, under = append(groups, MetricGroup{Title: title, Folded: len(groups) > 0}), ""
			continue
		}
		if heading, ok := strings.CutPrefix(line, "- "); ok {
			under = heading
			continue
		}
		g := &groups[len(groups)-1]
		g.Metrics = append(g.Metrics, explained(version, readMetric(line, under, !g.Folded)))
		under = ""
	}
	return groups
}

func readMetric(line, under string, base bool) Metric {
	parts := strings.Split(line, "|")
	m := Metric{Key: parts[0], Title: parts[1], Base: base, Under: under}
	if !base {
		m.Values = append(m.Values, Option{Value: "X", Text: "Not defined"})
	}
	for _, p := range parts[2:] {
		value, text, _ := strings.Cut(p, " ")
		m.Values = append(m.Values, Option{Value: value, Text: text})
	}
	return m
}

// explained adds what the metric asks and what each of its values means.
func explained(version string, m Metric) Metric {
	all := cvss.Catalogue(version)
	i := slices.IndexFunc(all, func(x cvss.Metric) bool { return x.Abbrev == m.Key })
	m.Help = all[i].Help // a metric of the table that the engine does not know is a mistake that every start meets
	for k, v := range m.Values {
		for _, c := range all[i].Choices {
			if c.Value == v.Value {
				m.Values[k].Help = c.Help
			}
		}
	}
	return m
}

// parts returns the metrics of a vector, without its prefix, as written.
func vectorParts(vector string) map[string]string {
	chosen := map[string]string{}
	for part := range strings.SplitSeq(vector, "/") {
		if key, value, ok := strings.Cut(part, ":"); ok && key != "CVSS" {
			chosen[key] = value
		}
	}
	return chosen
}

// versionOf returns the version that a vector's prefix names.
func versionOf(vector string) string {
	head, _, _ := strings.Cut(vector, "/")
	return strings.TrimPrefix(head, "CVSS:")
}

// Words returns the metrics that a vector states, in words: "Attack vector",
// "Network". It shows and does not judge: a metric that the version does not know
// is left out.
func Words(vector string) []Fact {
	chosen := vectorParts(vector)
	var facts []Fact
	for _, g := range Metrics(versionOf(vector)) {
		under := ""
		for _, m := range g.Metrics {
			under = or(m.Under, under)
			if word := m.word(chosen[m.Key]); word != "" {
				facts = append(facts, Fact{Term: m.Title, Text: word, Small: under})
			}
		}
	}
	return facts
}

func (m Metric) word(value string) string {
	i := slices.IndexFunc(m.Values, func(o Option) bool { return o.Value == value && value != "X" })
	if i < 0 {
		return ""
	}
	return m.Values[i].Text
}

// Read returns the vector of a calculator that was sent, and whether there was one.
// Without script a person either writes the vector or chooses metrics: a text that
// differs from what the page showed wins, otherwise the choices do.
func (c CVSS) Read(form url.Values) (vector string, sent bool) {
	written := strings.TrimSpace(form.Get(c.Name))
	if written != form.Get(c.Name+".was") {
		return written, true
	}
	parts := []string{"CVSS:" + c.Version}
	for _, g := range Metrics(c.Version) {
		for _, m := range g.Metrics {
			if v := form.Get(c.Name + "." + m.Key); v != "" && v != "X" {
				parts = append(parts, m.Key+":"+v)
			}
		}
	}
	if len(parts) == 1 {
		return written, written != ""
	}
	return strings.Join(parts, "/"), true
}
