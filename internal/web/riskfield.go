package web

import (
	"net/http"
	"slices"
	"strings"

	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// ownFields are the fields that the house asks of this risk besides.
func (p RiskPage) ownFields() []profile.RiskField {
	return slices.DeleteFunc(slices.Clone(p.Rules.Register.Fields), func(f profile.RiskField) bool { return !f.Of(p.Kind) && p.Fields[f.Name] == "" })
}

// fieldFacts are the fields as they are read.
func (p RiskPage) fieldFacts() (out []ui.Fact) {
	for _, f := range p.ownFields() {
		x := ui.Fact{Term: f.Title, Text: f.Says(p.Fields[f.Name])}
		if x.Text == "" {
			x.Text = "not filled in"
		}
		out = append(out, x)
	}
	return out
}

// fieldInput is where a field is filled in.
func (p RiskPage) fieldInput(f profile.RiskField) ui.Input {
	in := ui.Input{Name: "fields." + f.Name, Label: f.Title, Help: f.Help, Silent: true}
	switch f.Kind {
	case "date":
		in.Type = "date"
	case "number":
		in.Type = "text"
	}
	return p.field(in, p.Fields[f.Name])
}

// fieldOptions are what a field can be, nil where anything is written.
func fieldOptions(f profile.RiskField) []ui.Option {
	switch f.Kind {
	case "choice":
		return choices(f.Choices)
	case "yes-no":
		return []ui.Option{{Value: "yes", Text: "Yes"}, {Value: "no", Text: "No"}}
	}
	return nil
}

// saveRiskFields takes over the fields that the form has.
func saveRiskFields(w *Web, r *http.Request, id ref.ID) error {
	p := risk.Patch{Version: rowVersion(r), Fields: map[string]string{}}
	for name, values := range r.PostForm {
		if field, ok := strings.CutPrefix(name, "fields."); ok && len(values) > 0 {
			p.Fields[field] = values[0]
		}
	}
	return w.Risks.Edit(r.Context(), id, p)
}
