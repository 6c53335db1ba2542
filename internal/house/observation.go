package house

import (
	"slices"

	"tocsin/internal/gate"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// upgrade raises the risk that observations become, with each as a piece of its
// evidence.
func (h *House) upgrade(tx *gate.Tx, d observation.Draft) (ref.ID, error) {
	in := risk.Raising{Title: d.Title, Department: d.Department, Named: d.Named, Origin: risk.Origin{Found: d.Found, From: string(d.Observations[0].ID)},
		Statement: risk.Statement{Asset: d.Asset, Source: d.Source, Consequence: d.Consequence, Problem: d.Problem, Impact: d.Impact, Evidence: d.Evidence, Scale: d.Scale}}
	if slices.ContainsFunc(h.Rules.Register.Channels, func(n profile.Named) bool { return n.Name == finding }) {
		in.Origin.Channel = finding
	}
	id, err := h.Risks.RaiseIn(tx, in)
	if err != nil || !slices.ContainsFunc(h.Rules.Register.Evidence.Kinds, func(k profile.EvidenceKind) bool { return k.Name == finding }) {
		return id, err
	}
	var adds []risk.Adding
	for _, o := range d.Observations {
		adds = append(adds, risk.Adding{About: string(o.ID), Kind: finding, At: o.At, Severity: o.Severity, Title: o.Title})
	}
	return id, h.Risks.LinkIn(tx, id, adds...)
}

// finding is what a profile calls observations among its channels and its kinds of
// evidence, where it has them.
const finding = "observation"
