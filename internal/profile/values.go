package profile

import (
	"time"

	"tocsin/internal/lifecycle"
	"tocsin/internal/query"
)

// Stages are the stages of a life cycle as values of a query, in their order.
func Stages(m *lifecycle.Machine) []query.Value {
	var out []query.Value
	for _, s := range m.Stages {
		out = append(out, query.Value{Name: s.Name, Title: s.Title})
	}
	return out
}

// Labels are the side labels of a life cycle as values of a query.
func Labels(m *lifecycle.Machine) []query.Value {
	var out []query.Value
	for _, l := range m.Labels {
		out = append(out, query.Value{Name: l.Name, Title: l.Title})
	}
	return out
}

// Values are a list of names as values of a query.
func Values(list []Named) []query.Value {
	var out []query.Value
	for _, n := range list {
		out = append(out, query.Value{Name: n.Name, Title: n.Title})
	}
	return out
}

// Severities are the words of severity as values of a query, from the lowest.
func (p *Profile) Severities() []query.Value {
	var out []query.Value
	for _, b := range p.Severity.Bands {
		out = append(out, query.Value{Name: b.Word, Title: b.Title})
	}
	return out
}

// Rated are the ratings of the register as values of a query, from the lowest.
func (p *Profile) Rated() []query.Value {
	var out []query.Value
	for _, r := range p.Ratings {
		out = append(out, query.Value{Name: r.Word, Title: r.Title})
	}
	return out
}

// Zone is where the days of the service levels begin.
func (p *Profile) Zone() *time.Location {
	if c := p.Calendars[p.SLA.Calendar]; c != nil && c.Zone != nil {
		return c.Zone
	}
	return time.UTC
}
