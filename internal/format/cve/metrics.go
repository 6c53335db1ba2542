package cve

import "strings"

// versions are the CVSS versions that a metric can hold, in the order of the format.
var versions = []struct {
	name    string
	of      func(*metric) *scored
	metrics map[string]property
}{
	{"4.0", func(m *metric) *scored { return &m.V4 }, v4},
	{"3.1", func(m *metric) *scored { return &m.V31 }, v3},
	{"3.0", func(m *metric) *scored { return &m.V30 }, v3},
	{"2.0", func(m *metric) *scored { return &m.V2 }, v2},
}

// property is one metric of a vector as FIRST's JSON schemas name it, and the
// word for each of its values.
type property struct {
	name  string
	words map[string]string
}

func prop(name string, pairs ...string) property {
	p := property{name, map[string]string{}}
	for _, pair := range pairs {
		code, word, _ := strings.Cut(pair, " ")
		p.words[code] = word
	}
	return p
}

// Sets of values that several metrics share.
var (
	levels   = []string{"N NONE", "L LOW", "H HIGH"}
	levelsX  = append([]string{"X NOT_DEFINED"}, levels...)
	needs    = []string{"X NOT_DEFINED", "L LOW", "M MEDIUM", "H HIGH"}
	vectors3 = []string{"X NOT_DEFINED", "N NETWORK", "A ADJACENT_NETWORK", "L LOCAL", "P PHYSICAL"}
	vectors4 = []string{"X NOT_DEFINED", "N NETWORK", "A ADJACENT", "L LOCAL", "P PHYSICAL"}
	effort   = []string{"X NOT_DEFINED", "L LOW", "H HIGH"}
	scopes   = []string{"X NOT_DEFINED", "U UNCHANGED", "C CHANGED"}
	touch3   = []string{"X NOT_DEFINED", "N NONE", "R REQUIRED"}
	touch4   = []string{"X NOT_DEFINED", "N NONE", "P PASSIVE", "A ACTIVE"}
	present  = []string{"X NOT_DEFINED", "N NONE", "P PRESENT"}
	safety   = append([]string{"S SAFETY"}, levelsX...)
	harm2    = []string{"N NONE", "P PARTIAL", "C COMPLETE"}
	needs2   = []string{"ND NOT_DEFINED", "L LOW", "M MEDIUM", "H HIGH"}
)

// v3 is CVSS 3.0 and 3.1.
var v3 = map[string]property{
	"AV":  prop("attackVector", vectors3...),
	"AC":  prop("attackComplexity", effort...),
	"PR":  prop("privilegesRequired", levels...),
	"UI":  prop("userInteraction", touch3...),
	"S":   prop("scope", scopes...),
	"C":   prop("confidentialityImpact", levels...),
	"I":   prop("integrityImpact", levels...),
	"A":   prop("availabilityImpact", levels...),
	"E":   prop("exploitCodeMaturity", "X NOT_DEFINED", "U UNPROVEN", "P PROOF_OF_CONCEPT", "F FUNCTIONAL", "H HIGH"),
	"RL":  prop("remediationLevel", "X NOT_DEFINED", "O OFFICIAL_FIX", "T TEMPORARY_FIX", "W WORKAROUND", "U UNAVAILABLE"),
	"RC":  prop("reportConfidence", "X NOT_DEFINED", "U UNKNOWN", "R REASONABLE", "C CONFIRMED"),
	"CR":  prop("confidentialityRequirement", needs...),
	"IR":  prop("integrityRequirement", needs...),
	"AR":  prop("availabilityRequirement", needs...),
	"MAV": prop("modifiedAttackVector", vectors3...),
	"MAC": prop("modifiedAttackComplexity", effort...),
	"MPR": prop("modifiedPrivilegesRequired", levelsX...),
	"MUI": prop("modifiedUserInteraction", touch3...),
	"MS":  prop("modifiedScope", scopes...),
	"MC":  prop("modifiedConfidentialityImpact", levelsX...),
	"MI":  prop("modifiedIntegrityImpact", levelsX...),
	"MA":  prop("modifiedAvailabilityImpact", levelsX...),
}

// v4 is CVSS 4.0.
var v4 = map[string]property{
	"AV":  prop("attackVector", vectors4...),
	"AC":  prop("attackComplexity", effort...),
	"AT":  prop("attackRequirements", present...),
	"PR":  prop("privilegesRequired", levels...),
	"UI":  prop("userInteraction", touch4...),
	"VC":  prop("vulnConfidentialityImpact", levels...),
	"VI":  prop("vulnIntegrityImpact", levels...),
	"VA":  prop("vulnAvailabilityImpact", levels...),
	"SC":  prop("subConfidentialityImpact", levels...),
	"SI":  prop("subIntegrityImpact", levels...),
	"SA":  prop("subAvailabilityImpact", levels...),
	"E":   prop("exploitMaturity", "X NOT_DEFINED", "U UNREPORTED", "P PROOF_OF_CONCEPT", "A ATTACKED"),
	"CR":  prop("confidentialityRequirement", needs...),
	"IR":  prop("integrityRequirement", needs...),
	"AR":  prop("availabilityRequirement", needs...),
	"MAV": prop("modifiedAttackVector", vectors4...),
	"MAC": prop("modifiedAttackComplexity", effort...),
	"MAT": prop("modifiedAttackRequirements", present...),
	"MPR": prop("modifiedPrivilegesRequired", levelsX...),
	"MUI": prop("modifiedUserInteraction", touch4...),
	"MVC": prop("modifiedVulnConfidentialityImpact", levelsX...),
	"MVI": prop("modifiedVulnIntegrityImpact", levelsX...),
	"MVA": prop("modifiedVulnAvailabilityImpact", levelsX...),
	"MSC": prop("modifiedSubConfidentialityImpact", levelsX...),
	"MSI": prop("modifiedSubIntegrityImpact", safety...),
	"MSA": prop("modifiedSubAvailabilityImpact", safety...),
	"S":   prop("Safety", "X NOT_DEFINED", "N NEGLIGIBLE", "P PRESENT"),
	"AU":  prop("Automatable", "X NOT_DEFINED", "N NO", "Y YES"),
	"R":   prop("Recovery", "X NOT_DEFINED", "A AUTOMATIC", "U USER", "I IRRECOVERABLE"),
	"V":   prop("valueDensity", "X NOT_DEFINED", "D DIFFUSE", "C CONCENTRATED"),
	"RE":  prop("vulnerabilityResponseEffort", "X NOT_DEFINED", "L LOW", "M MODERATE", "H HIGH"),
	"U":   prop("providerUrgency", "X NOT_DEFINED", "Clear CLEAR", "Green GREEN", "Amber AMBER", "Red RED"),
}

// v2 is CVSS 2.0.
var v2 = map[string]property{
	"AV":  prop("accessVector", "N NETWORK", "A ADJACENT_NETWORK", "L LOCAL"),
	"AC":  prop("accessComplexity", "L LOW", "M MEDIUM", "H HIGH"),
	"Au":  prop("authentication", "N NONE", "S SINGLE", "M MULTIPLE"),
	"C":   prop("confidentialityImpact", harm2...),
	"I":   prop("integrityImpact", harm2...),
	"A":   prop("availabilityImpact", harm2...),
	"E":   prop("exploitability", "ND NOT_DEFINED", "U UNPROVEN", "POC PROOF_OF_CONCEPT", "F FUNCTIONAL", "H HIGH"),
	"RL":  prop("remediationLevel", "ND NOT_DEFINED", "OF OFFICIAL_FIX", "TF TEMPORARY_FIX", "W WORKAROUND", "U UNAVAILABLE"),
	"RC":  prop("reportConfidence", "ND NOT_DEFINED", "UC UNCONFIRMED", "UR UNCORROBORATED", "C CONFIRMED"),
	"CDP": prop("collateralDamagePotential", "ND NOT_DEFINED", "N NONE", "L LOW", "LM LOW_MEDIUM", "MH MEDIUM_HIGH", "H HIGH"),
	"TD":  prop("targetDistribution", "ND NOT_DEFINED", "N NONE", "L LOW", "M MEDIUM", "H HIGH"),
	"CR":  prop("confidentialityRequirement", needs2...),
	"IR":  prop("integrityRequirement", needs2...),
	"AR":  prop("availabilityRequirement", needs2...),
}

// words returns the metrics of a vector in the format's names and words.
func words(vector string, metrics map[string]property) map[string]string {
	all := map[string]string{}
	for _, part := range strings.Split(vector, "/") {
		code, value, _ := strings.Cut(part, ":")
		if p, ok := metrics[code]; ok && p.words[value] != "" {
			all[p.name] = p.words[value]
		}
	}
	return all
}
