package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/score/cvss"
	"tocsin/internal/web/ui"
)

// cvssRoutes are the calculators: what a vector is worth, and both of them on a
// page without a record.
var cvssRoutes = []Route{
	{Pattern: "GET /cvss", Do: scoreOf, Open: true},
	{Pattern: "GET /calculators", Do: calculatorsShow},
}

// scoreOf answers a calculator: what a vector is worth, what the profile asks about
// it, and which single change would give another severity. Without a version any
// that the engine knows is taken.
func scoreOf(w *Web, r *http.Request) (Answer, error) {
	vector, version := strings.TrimSpace(r.FormValue("vector")), r.FormValue("version")
	v, err := cvss.Parse(vector)
	if err == nil && version == "" {
		version = v.Version()
	}
	c := ui.CVSS{Version: version, Vector: vector, Warnings: warningsFor(w.Rules, v.String())}.Judge(w.severityOf)
	if vector == "" {
		c.Error = "choose a value for every base metric, or paste a vector"
	}
	if c.Error != "" {
		return Answer{Status: 422, JSON: map[string]string{"detail": c.Error}}, nil
	}
	var more strings.Builder
	if err := ui.CVSSMore(c).Render(r.Context(), &more); err != nil {
		return Answer{}, err
	}
	return Answer{JSON: ui.CVSSAnswer{Vector: v.String(), Score: v.Score().Score, Severity: c.Severity, More: more.String()}}, nil
}

// severityOf is the profile's word for a score, and none for one without.
func (w *Web) severityOf(score float64) string { return bandOf(w.Rules, score) }

// CalculatorsPage is both calculators, for a vector that belongs to no record, and
// beside each what it is held against.
type CalculatorsPage struct {
	Head    ui.PageHead
	Calcs   []ui.CVSS
	Against []Against
}

// Against is a vector that somebody holds against that of a calculator.
type Against struct {
	Name, Vector, Error string
	Compared            []ui.Scored // both, where both read
}

// calculatorsShow reads the vectors from the address: vector, as it is pasted into
// a link, or the fields of the form, as it is sent without script.
func calculatorsShow(w *Web, r *http.Request) (Answer, error) {
	p := CalculatorsPage{Head: w.head(r, "CVSS calculators", "calculators")}
	linked, against := strings.TrimSpace(r.FormValue("vector")), ""
	for _, c := range calculators {
		c.Vector, _ = c.Read(r.Form)
		if c.Vector == "" && strings.HasPrefix(linked, "CVSS:"+c.Version+"/") {
			c.Vector, linked = linked, ""
		}
		c.Fragment = true
		c.Warnings = warningsFor(w.Rules, c.Vector)
		c = c.Judge(w.severityOf)
		p.Calcs = append(p.Calcs, c)
		against = strings.TrimSpace(r.FormValue(c.Name + ".against"))
		p.Against = append(p.Against, w.against(c, against))
	}
	if linked != "" {
		p.Calcs[0].Vector = linked
		p.Calcs[0] = p.Calcs[0].Judge(w.severityOf)
	}
	return show(200, calculatorsView(p))
}

func (w *Web) against(c ui.CVSS, vector string) Against {
	other := ui.CVSS{Version: c.Version, Vector: vector}.Judge(w.severityOf)
	a := Against{Name: c.Name + ".against", Vector: vector, Error: other.Error}
	if c.Score != "" && other.Score != "" {
		a.Compared = []ui.Scored{{By: "This vector", Vector: c.Vector, Score: c.Score, Severity: c.Severity}, {By: "The other", Vector: vector, Score: other.Score, Severity: other.Severity}}
	}
	return a
}

// inText finds CVSS vectors in what people write.
var inText = regexp.MustCompile(`CVSS:[34]\.[01](?:/[A-Za-z]{1,3}:[A-Za-z]{1,5})+`)

// compared are the vectors of a version that differ from the one in force, with it
// as the first: those of voters, of what was reported and of the source of imported
// history, and where the score differs in an environment. Nothing is empty.
func (p CasePage) compared(version string) []ui.Scored {
	in, ok := p.Vectors[version]
	if !ok || in.Vector == "" {
		return nil
	}
	all := []ui.Scored{p.scoredBy(or(in.Name, or(p.Names.name(in.By), "In force")), in.Vector)}
	add := func(by, text string) {
		v, err := cvss.Parse(text)
		if err != nil || v.Version() != version || v.String() == in.Vector {
			return
		}
		s := p.scoredBy(by, v.String())
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for _, v := range p.Votes {
		for _, own := range v.Own {
			add(v.Name, own)
		}
	}
	for _, text := range inText.FindAllString(p.Summary, -1) {
		add("In the report", text)
	}
	for _, stated := range strings.FieldsFunc(p.Origin.Stated["scores"], func(r rune) bool { return r == ';' || r == '\n' }) {
		by, _, _ := strings.Cut(stated, ": ")
		for _, text := range inText.FindAllString(stated, -1) {
			add(strings.TrimSpace(by), text)
		}
	}
	for _, e := range p.environments() {
		add(e.Title, e.Vectors[version])
	}
	if len(all) == 1 {
		return nil
	}
	return all
}

func (p CasePage) scoredBy(by, vector string) ui.Scored {
	x := p.worth(vector)
	return ui.Scored{By: by, Vector: vector, Score: x.Score, Severity: x.Word}
}

// comparisons are the tables of vectors that differ, of each version that has any.
func (p CasePage) comparisons() (out [][]ui.Scored) {
	for _, c := range calculators {
		if all := p.compared(c.Version); all != nil {
			out = append(out, all)
		}
	}
	return out
}

// differs says by metric what somebody else chose, beside the calculator.
func (p CasePage) differs(version string) map[string]string {
	all := p.compared(version)
	if all == nil {
		return nil
	}
	out := map[string]string{}
	base, err := cvss.Parse(all[0].Vector)
	for _, other := range all[1:] {
		v, wrong := cvss.Parse(other.Vector)
		if err != nil || wrong != nil {
			continue
		}
		for _, metric := range cvss.Differ(base, v) {
			word := v.Get(metric)
			for _, m := range v.Metrics() {
				if m.Abbrev == metric {
					word = m.ValueName
				}
			}
			out[metric] = strings.TrimPrefix(out[metric]+"; "+other.By+": "+word, "; ")
		}
	}
	return out
}
