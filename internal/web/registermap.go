package web

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/picture"
	"tocsin/internal/query"
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
	Title, Word, Tone string
	Href              string
	Count, At, Wide   int // At and Wide in thousandths of the bar
}

// spreads are the fields that leaders ask for first.
func (p RegisterPage) spreads() []spread {
	var ratings, responses []part1
	for _, r := range slices.Backward(p.Rules.Ratings) {
		ratings = append(ratings, part1{Title: r.Title, Tone: r.Word, Word: r.Word})
	}
	ratings = append(ratings, part1{Title: "Not scored", Tone: "unset"})
	for _, r := range risk.Responses {
		responses = append(responses, part1{Title: capital(r), Tone: "as-" + r, Word: r})
	}
	responses = append(responses, part1{Title: "Not decided", Tone: "unset"})
	standing := []part1{{Title: "Above ceiling", Tone: "critical", Word: string(riskscore.Beyond)}, {Title: "Above tolerance", Tone: "high", Word: string(riskscore.Above)},
		{Title: "Within tolerance", Tone: "good", Word: string(riskscore.Within)}, {Title: "Not scored", Tone: "unset"}}
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
		i := slices.IndexFunc(parts, func(x part1) bool { return x.Word == c.Word })
		if i < 0 {
			rest += c.Count
			continue
		}
		parts[i].Count, parts[i].Href = c.Count, p.whose(field, c.Word)
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

// box is the box above the list: what is set stands beside it, whether it was typed,
// chosen, or pressed on the map.
func (p RegisterPage) box(says, hint string) ui.Asking {
	b := p.Asked.box(says, hint)
	for _, name := range p.narrows() {
		switch v := p.Query.Get(name); {
		case name == "about":
			b.Set = append(b.Set, ui.Link{Text: "with evidence about " + v, Href: p.with(name, "")})
		case name == "impact" && p.Query.Get("likelihood") != "": // a cell of the map is taken away whole
		case name == "impact":
			b.Set = append(b.Set, ui.Link{Text: "Impact: " + v, Href: p.with(name, "")})
		default:
			b.Set = append(b.Set, ui.Link{Text: "Cell " + v + " × " + or(p.Query.Get("impact"), "any"), Href: p.with(name, "", "impact", "")})
		}
		b.Clear = p.Asked.path
	}
	return b
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
	unset := ui.Option{Value: query.None, Text: "Not set"}
	one := p.Asked.choice
	owners := ownerOptions(p.Names)
	return []ui.Choice{
		one("rating", "Rating", append(ratings, ui.Option{Value: query.None, Text: "Not scored"})), one("stage", "Stage", stages), one("owner", "Owner", owners),
		one("scope", "Scope", append(named(p.Rules.Register.Scopes), unset)),
		one("department", "Department", append(departments, unset)), one("response", "Response", append(responses, unset)),
		one("standing", "Standing", []ui.Option{{Value: "within", Text: "within tolerance"}, {Value: "above", Text: "above tolerance"}, {Value: "beyond", Text: "above the ceiling"}, {Value: query.None, Text: "not scored"}}),
		one("choice", "Leader's choice", append(named(p.Rules.Register.Strategy.States), ui.Option{Value: query.None, Text: "Not chosen"})),
		one("label", "Label", labels), one("kind", "Kind", append(kinds, unset)), one("security", "Security owner", owners)}
}
