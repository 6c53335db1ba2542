package web

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/picture"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// riskNumber writes a score of a risk: 12, 12.5.
func riskNumber(reads *ui.Reader, score float64) string { return reads.Value(score, 2) }

// heat is the heat map of the register, each cell leading to its risks.
func (p RegisterPage) heat() chart.HeatMap {
	return picture.Map(p.Over, func(likelihood, impact int) string {
		return p.with("likelihood", strconv.Itoa(likelihood), "impact", strconv.Itoa(impact)) + "#list"
	})
}

// spread is one field of the register as a bar.
type spread struct {
	Title, About string
	Parts        []part1
}

// part1 is one word of a spread with the risks that have it.
type part1 struct {
	Title, Href, Tone string
	Count, At, Wide   int // At and Wide in thousandths of the bar
}

// spreads are the fields that leaders ask for first.
func (p RegisterPage) spreads() []spread {
	var ratings, responses []part1
	for _, r := range slices.Backward(p.Rules.Ratings) {
		ratings = append(ratings, part1{Title: r.Title, Tone: r.Word, Href: p.with("rating", r.Word)})
	}
	ratings = append(ratings, part1{Title: "Not scored", Tone: "unset", Href: p.with("rating", "unset")})
	for _, r := range risk.Responses {
		responses = append(responses, part1{Title: capital(r), Tone: "as-" + r, Href: p.with("response", r)})
	}
	responses = append(responses, part1{Title: "Not decided", Tone: "unset", Href: p.with("response", "unset")})
	standing := []part1{{Title: "Above the ceiling", Tone: "critical", Href: p.with("standing", string(riskscore.Beyond))},
		{Title: "Above tolerance", Tone: "high", Href: p.with("standing", string(riskscore.Above))},
		{Title: "Within tolerance", Tone: "good", Href: p.with("standing", string(riskscore.Within))}, {Title: "Not scored", Tone: "unset", Href: p.with("standing", "unset")}}
	about := ""
	if p.Over.Appetite.Title != "" {
		about = "appetite " + strings.ToLower(p.Over.Appetite.Title) + ", up to " + strconv.Itoa(p.Over.Appetite.UpTo)
	}
	return []spread{{"Rating", "", p.laid(ratings, "rating")}, {"Standing", about, p.laid(standing, "standing")}, {"Response", "", p.laid(responses, "response")}}
}

// laid counts the parts and lays them side by side. A word that the parts do not
// have, of an earlier profile, is laid behind them.
func (p RegisterPage) laid(parts []part1, field string) []part1 {
	rest := 0
	for _, c := range p.Over.Of(field) {
		i := slices.IndexFunc(parts, func(x part1) bool {
			return strings.HasSuffix(x.Href, field+"="+or(c.Word, "unset")) || strings.Contains(x.Href, field+"="+or(c.Word, "unset")+"&")
		})
		if i < 0 {
			rest += c.Count
			continue
		}
		parts[i].Count = c.Count
	}
	if rest > 0 {
		parts = append(parts, part1{Title: "Other words", Tone: "unset", Count: rest})
	}
	at := 0
	for i := range parts {
		parts[i].At = at
		parts[i].Wide = parts[i].Count * 1000 / max(1, p.Over.Total)
		at += parts[i].Wide
	}
	return parts
}

// filtering is the box above the list: what is set stands beside it, whether it was
// typed or chosen.
func (p RegisterPage) filtering() ui.Filtering {
	f := ui.Filtering{Action: "/register", Says: p.count(), Asking: p.Asked.box("", "rating>=high owner:me review<7d words, RISK-…"), Set: p.set("/register")}
	for _, name := range []string{"view", "order", "likelihood", "impact", "parent", "about"} { // the others stand in the menu of filters
		if v := p.Query.Get(name); v != "" {
			f.Hidden = append(f.Hidden, ui.Pair{Name: name, Value: v})
		}
	}
	if len(f.Set) > 0 || p.Query.Get("q") != "" {
		f.Clear = (RegisterPage{Query: map[string][]string{"view": p.Query["view"]}}).with()
	}
	return f
}

// set is what narrows the register besides the view, each with the address without it.
func (p RegisterPage) set(path string) (out []ui.Link) {
	for i, t := range p.Asked.query.Terms {
		out = append(out, ui.Link{Text: p.Asked.vocabulary.Says(t), Href: p.at(path, "q", p.Asked.query.Without(i).String())})
	}
	for _, name := range registerParams {
		v := p.Query.Get(name)
		switch {
		case v == "" || name == "view" || name == "q" || name == "impact" && p.Query.Get("likelihood") != "":
		case name == "likelihood": // a cell of the map is taken away whole
			out = append(out, ui.Link{Text: p.chip(name, v), Href: p.at(path, "likelihood", "", "impact", "")})
		default:
			out = append(out, ui.Link{Text: p.chip(name, v), Href: p.at(path, name, "")})
		}
	}
	return out
}

// more are the lists of answers of the menu of filters.
func (p RegisterPage) more() []ui.Choice {
	var ratings, stages []ui.Option
	for _, r := range slices.Backward(p.Rules.Ratings) {
		ratings = append(ratings, ui.Option{Value: r.Word, Text: r.Title})
	}
	for _, s := range riskMachine(p.Rules).Stages {
		stages = append(stages, ui.Option{Value: s.Name, Text: s.Title})
	}
	var departments, labels, kinds, responses []ui.Option
	for _, c := range p.Over.Of("department") {
		if c.Word != "" {
			departments = append(departments, ui.Option{Value: c.Word, Text: c.Word})
		}
	}
	slices.SortFunc(departments, func(a, b ui.Option) int { return strings.Compare(a.Text, b.Text) })
	for _, l := range riskMachine(p.Rules).Labels {
		labels = append(labels, ui.Option{Value: l.Name, Text: l.Title})
	}
	for _, k := range p.Rules.Register.Kinds {
		kinds = append(kinds, ui.Option{Value: k.Name, Text: k.Title})
	}
	for _, r := range risk.Responses {
		responses = append(responses, ui.Option{Value: r, Text: capital(r)})
	}
	unset := ui.Option{Value: "unset", Text: "Not set"}
	one := func(name, label string, list []ui.Option) ui.Choice {
		return ui.Choice{Input: ui.Input{Name: name, Label: label, Value: p.Query.Get(name), Silent: true}, Blank: "any", Options: keep(list, p.Query.Get(name))}
	}
	owners := CaseListPage{Names: p.Names}.owners()
	return []ui.Choice{
		one("rating", "Rating", append(ratings, ui.Option{Value: "unset", Text: "Not scored"})), one("stage", "Stage", stages), one("owner", "Owner", owners),
		one("scope", "Scope", append(named(p.Rules.Register.Scopes), unset)),
		one("department", "Department", append(departments, unset)), one("response", "Response", append(responses, unset)),
		one("standing", "Standing", []ui.Option{{Value: "within", Text: "within tolerance"}, {Value: "outside", Text: "above tolerance"}, {Value: "beyond", Text: "above the ceiling"}, {Value: "unset", Text: "not scored"}}),
		one("choice", "Leader's choice", append(named(p.Rules.Register.Strategy.States), ui.Option{Value: "unset", Text: "Not chosen"})),
		one("label", "Label", labels), one("kind", "Kind", append(kinds, unset)), one("security", "Security owner", owners)}
}

// chip says one thing that is set.
func (p RegisterPage) chip(name, value string) string {
	for _, f := range p.more() {
		if f.Name != name {
			continue
		}
		for _, o := range f.Options {
			if o.Value == value {
				return f.Label + ": " + o.Text
			}
		}
	}
	switch name {
	case "likelihood":
		return "Cell " + value + " × " + or(p.Query.Get("impact"), "any")
	case "about":
		return "with evidence about " + value
	case "parent":
		return "under " + value
	case "impact":
		return "Impact: " + value
	}
	return name + ": " + value
}
