package csaf

import (
	"fmt"
	"strings"

	"tocsin/internal/shape"
)

// sheet is how FIRST's JSON schemas of one CVSS version spell a vector: a
// member and a word for each metric and value.
type sheet struct {
	version string
	prefix  string
	metrics []metric
	scores  []string // members that hold a score
	ratings []string // members that hold a severity
	needs   []string // members that must be there
	node    *shape.Node
}

// metric is one row of a sheet.
type metric struct {
	abbrev string
	member string
	words  map[string]string // value -> word
	order  []string          // the words, for messages
}

// row reads "N=NETWORK L=LOCAL"; a value without a word stands for itself.
func row(abbrev, member, values string) metric {
	m := metric{abbrev: abbrev, member: member, words: map[string]string{}}
	for _, pair := range strings.Fields(values) {
		value, word, _ := strings.Cut(pair, "=")
		m.words[value] = word
		m.order = append(m.order, word)
	}
	return m
}

const (
	cia2 = "N=NONE P=PARTIAL C=COMPLETE"
	cia3 = "N=NONE L=LOW H=HIGH"
	req2 = "L=LOW M=MEDIUM H=HIGH ND=NOT_DEFINED"
	req3 = "L=LOW M=MEDIUM H=HIGH X=NOT_DEFINED"
	not3 = " X=NOT_DEFINED"
	av3  = "N=NETWORK A=ADJACENT_NETWORK L=LOCAL P=PHYSICAL"
	ac3  = "H=HIGH L=LOW"
	ui3  = "N=NONE R=REQUIRED"
	s3   = "U=UNCHANGED C=CHANGED"
)

var sheet2 = newSheet(sheet{version: "2.0",
	scores: []string{"baseScore", "temporalScore", "environmentalScore"},
	needs:  []string{"version", "vectorString", "baseScore"},
	metrics: []metric{
		row("AV", "accessVector", "N=NETWORK A=ADJACENT_NETWORK L=LOCAL"),
		row("AC", "accessComplexity", "H=HIGH M=MEDIUM L=LOW"),
		row("Au", "authentication", "M=MULTIPLE S=SINGLE N=NONE"),
		row("C", "confidentialityImpact", cia2),
		row("I", "integrityImpact", cia2),
		row("A", "availabilityImpact", cia2),
		row("E", "exploitability", "U=UNPROVEN POC=PROOF_OF_CONCEPT F=FUNCTIONAL H=HIGH ND=NOT_DEFINED"),
		row("RL", "remediationLevel", "OF=OFFICIAL_FIX TF=TEMPORARY_FIX W=WORKAROUND U=UNAVAILABLE ND=NOT_DEFINED"),
		row("RC", "reportConfidence", "UC=UNCONFIRMED UR=UNCORROBORATED C=CONFIRMED ND=NOT_DEFINED"),
		row("CDP", "collateralDamagePotential", "N=NONE L=LOW LM=LOW_MEDIUM MH=MEDIUM_HIGH H=HIGH ND=NOT_DEFINED"),
		row("TD", "targetDistribution", "N=NONE L=LOW M=MEDIUM H=HIGH ND=NOT_DEFINED"),
		row("CR", "confidentialityRequirement", req2),
		row("IR", "integrityRequirement", req2),
		row("AR", "availabilityRequirement", req2),
	}})

var metrics3 = []metric{
	row("AV", "attackVector", av3),
	row("AC", "attackComplexity", ac3),
	row("PR", "privilegesRequired", cia3),
	row("UI", "userInteraction", ui3),
	row("S", "scope", s3),
	row("C", "confidentialityImpact", cia3),
	row("I", "integrityImpact", cia3),
	row("A", "availabilityImpact", cia3),
	row("E", "exploitCodeMaturity", "U=UNPROVEN P=PROOF_OF_CONCEPT F=FUNCTIONAL H=HIGH X=NOT_DEFINED"),
	row("RL", "remediationLevel", "O=OFFICIAL_FIX T=TEMPORARY_FIX W=WORKAROUND U=UNAVAILABLE X=NOT_DEFINED"),
	row("RC", "reportConfidence", "U=UNKNOWN R=REASONABLE C=CONFIRMED X=NOT_DEFINED"),
	row("CR", "confidentialityRequirement", req3),
	row("IR", "integrityRequirement", req3),
	row("AR", "availabilityRequirement", req3),
	row("MAV", "modifiedAttackVector", av3+not3),
	row("MAC", "modifiedAttackComplexity", ac3+not3),
	row("MPR", "modifiedPrivilegesRequired", cia3+not3),
	row("MUI", "modifiedUserInteraction", ui3+not3),
	row("MS", "modifiedScope", s3+not3),
	row("MC", "modifiedConfidentialityImpact", cia3+not3),
	row("MI", "modifiedIntegrityImpact", cia3+not3),
	row("MA", "modifiedAvailabilityImpact", cia3+not3),
}

func sheet3(version string) *sheet {
	return newSheet(sheet{version: version, prefix: "CVSS:" + version + "/", metrics: metrics3,
		scores:  []string{"baseScore", "temporalScore", "environmentalScore"},
		ratings: []string{"baseSeverity", "temporalSeverity", "environmentalSeverity"},
		needs:   []string{"version", "vectorString", "baseScore", "baseSeverity"}})
}

var (
	sheet30 = sheet3("3.0")
	sheet31 = sheet3("3.1")
)

// sheets3 are the sheets that a cvss_v3 can be, by its version.
var sheets3 = map[string]*sheet{"3.0": sheet30, "3.1": sheet31}

// newSheet fills in the node that checks the structure of such an object.
func newSheet(s sheet) *sheet {
	field := func(name string, n *shape.Node) shape.Field {
		for _, need := range s.needs {
			if need == name {
				return shape.Req(name, n)
			}
		}
		return shape.Opt(name, n)
	}
	fields := []shape.Field{
		field("version", shape.Enum(s.version)),
		field("vectorString", shape.Rule(s.vectorSays)),
	}
	for _, name := range s.scores {
		fields = append(fields, field(name, shape.Number(0, 10)))
	}
	for _, name := range s.ratings {
		fields = append(fields, field(name, shape.Enum("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL")))
	}
	for _, m := range s.metrics {
		fields = append(fields, field(m.member, shape.Enum(m.order...)))
	}
	s.node = shape.Object(shape.Noted, fields...)
	return &s
}

// node3 is a cvss_v3: of version 3.0 or 3.1.
var node3 = shape.By("version", map[string]*shape.Node{"3.0": sheet30.node, "3.1": sheet31.node},
	shape.Object(shape.Open, shape.Req("version", shape.Enum("3.0", "3.1")), shape.Req("vectorString", shape.Text),
		shape.Req("baseScore", shape.Number(0, 10)), shape.Req("baseSeverity", shape.Text)))

// vectorSays checks the vector as FIRST's schemas do: known metrics and values
// in any order, none of them necessary.
func (s *sheet) vectorSays(v any) string {
	vector, ok := v.(string)
	if !ok {
		return "a vector is a string"
	}
	rest, ok := strings.CutPrefix(vector, s.prefix)
	if !ok {
		return fmt.Sprintf("a vector of CVSS %s begins with %s", s.version, s.prefix)
	}
	for rest != "" || vector == s.prefix {
		part, after, more := strings.Cut(rest, "/")
		abbrev, value, _ := strings.Cut(part, ":")
		m := s.metric(abbrev)
		if m == nil || m.words[value] == "" || more && after == "" {
			return fmt.Sprintf("%q is no metric of CVSS %s with a value of it", part, s.version)
		}
		rest = after
	}
	return ""
}

func (s *sheet) metric(abbrev string) *metric {
	for i := range s.metrics {
		if s.metrics[i].abbrev == abbrev {
			return &s.metrics[i]
		}
	}
	return nil
}

// states returns the word that the vector gives for each metric that it states.
func (s *sheet) states(vector string) map[string]string {
	out := make(map[string]string, 8)
	for part := range strings.SplitSeq(strings.TrimPrefix(vector, s.prefix), "/") {
		abbrev, value, _ := strings.Cut(part, ":")
		if m := s.metric(abbrev); m != nil {
			out[abbrev] = m.words[value]
		}
	}
	return out
}
