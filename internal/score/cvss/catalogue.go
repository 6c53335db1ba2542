package cvss

// Metric is one metric of a version: what it asks and what may be answered;
// from [Vector.Metrics] also what the vector answers.
type Metric struct {
	Abbrev    string   `json:"metric"`              // as vectors spell it: "AV"
	Name      string   `json:"name"`                // "Attack Vector"
	Group     string   `json:"group"`               // one of the Group words below
	Help      string   `json:"help,omitempty"`      // what the metric asks, one sentence
	Mandatory bool     `json:"mandatory,omitempty"` // a vector without it is not whole
	Choices   []Choice `json:"choices,omitempty"`   // in the standard's order; only from Catalogue
	Value     string   `json:"value,omitempty"`     // "N"; only from Vector.Metrics, as the next two
	ValueName string   `json:"word,omitempty"`      // "Network"
	ValueHelp string   `json:"meaning,omitempty"`   // what that value says, one sentence
}

// Choice is one value that a metric can have.
type Choice struct {
	Value string `json:"value"`
	Name  string `json:"name"`
	Help  string `json:"help,omitempty"`
}

// The groups of metrics. Version 4.0 has threat where the others have temporal.
const (
	Base          = "base"
	Temporal      = "temporal"
	Threat        = "threat"
	Environmental = "environmental"
	Supplemental  = "supplemental"
)

// Versions are the versions that this package knows, oldest first.
func Versions() []string { return []string{"2.0", "3.0", "3.1", "4.0"} }

// Catalogue lists the metrics of a version in the standard's order, each with
// all its choices, for calculators and help pages. It is nil for a version
// that is not known. The caller may keep it, but not change the choices.
func Catalogue(version string) []Metric {
	var out []Metric
	for _, r := range schemes[schemeNamed(version)].rows {
		out = append(out, r.Metric)
	}
	return out
}

// Metrics lists what v states, in the standard's order, in words. Metrics that
// are not defined are left out.
func (v Vector) Metrics() []Metric {
	var out []Metric
	s := &schemes[v.scheme]
	for i := range s.rows {
		r := &s.rows[i]
		c := v.code(r)
		if c == 0 {
			continue
		}
		m, ch := r.Metric, r.value(c)
		m.Choices = nil
		m.Value, m.ValueName, m.ValueHelp = ch.Value, ch.Name, ch.Help
		out = append(out, m)
	}
	return out
}
