package web_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// foreign is what no Hungarian reads as it is meant: thousands after a comma, decimals
// after a point, the year behind its month, a day or an instant as programs write it.
var foreign = regexp.MustCompile(`\b\d{1,3}(,\d{3})+\b|\b\d+\.\d+\b|\b(\d{1,2} )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (\d{1,2}, )?\d{4}\b|\b\d{4}-\d\d-\d\d\b`)

// names are what has a point and is no number, or is one by a standard or a profile:
// releases, standards, vectors and scores of CVSS, the levels of a scale.
var names = regexp.MustCompile(`(?i)\b(CVSS|CSAF|OSV|VEX|TLP|FIRST|FAIR|openvex)[ :v-]*\d+(\.\d+)+|[<>=≥≤]+ ?\d+(\.\d+)+|\b18\.\d\b|\b\d+(\.\d+){2,}\b|\b[\d,]+(-[\d,]+| and over)`)

// inMoney gives a risk what it costs, a plan and a control, all with numbers that are
// written in more than one way.
func inMoney(t *testing.T, h *rig.House, id ref.ID) {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	_, err := h.Quants.SetScenario(ana, id, quant.Setting{Text: quant.Template(id, "Exports")})
	check(t, "scenario", err)
	_, err = h.Quants.Run(ana, id, quant.Options{Trials: 2000})
	check(t, "run", err)
	_, err = h.Risks.SetPlan(ana, id, risk.Planning{Summary: "One check for all exports", Cost: 1234567.5,
		Milestones: []risk.Milestone{{Title: "The check stands", Owner: "person-eve", Due: h.Clock().AddDate(0, 2, 0), KeyResult: true, Step: 2.5, Why: "It ends most of it."}}})
	check(t, "plan", err)
	_, err = h.Risks.SetControl(ana, id, 0, risk.Control{Title: "Exports are sampled", State: "planned", Factor: "likelihood", Lowers: 1.5})
	check(t, "control", err)
	h.Jobs.Handlers[quant.Job] = h.Quants.Handle
	workAll(t, h)
}

// forHungarians are numbers and days as a page of the walk ought to have them.
var forHungarians = regexp.MustCompile(`\d,\d|\d\x{202f}\d{3}|\b20\d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`)

// spoken are the numbers and days of a page that are not as a Hungarian writes them,
// and how many are.
func spoken(page *html.Node) (all []string, own int) {
	for n := range page.Descendants() {
		var says []string
		switch {
		case n.Type == html.TextNode && !machine(n):
			says = append(says, n.Data)
		case n.Type == html.ElementNode && !machine(n):
			for _, a := range n.Attr {
				if a.Key == "title" || a.Key == "aria-label" || a.Key == "placeholder" || a.Key == "value" && n.Data == "input" && attr(n, "type") == "text" {
					says = append(says, a.Val)
				}
			}
		}
		for _, s := range says {
			own += len(forHungarians.FindAllString(s, -1))
			for _, bad := range foreign.FindAllString(names.ReplaceAllString(s, "…"), -1) {
				all = append(all, bad+" in "+strings.TrimSpace(s))
			}
		}
	}
	return all, own
}

// machine tells whether a node holds what programs read, a name, or a score of CVSS.
func machine(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		switch n.Data {
		case "script", "style", "code", "pre", "textarea", "datalist":
			return true
		case "select":
			return attr(n, "name") == "locale"
		}
		for c := range strings.FieldsSeq(attr(n, "class")) {
			if c == "mono" || c == "sev" {
				return true
			}
		}
	}
	return false
}

// pointedAt is what an element says to a pointer that rests on it and to nobody else.
// The lights of the register say their reasons in the preview of the row as well.
func pointedAt(page *html.Node) (all []string) {
	for n := range page.Descendants() {
		title := attr(n, "title")
		if n.Type == html.ElementNode && title != "" && n.Data != "link" && !strings.HasPrefix(attr(n, "class"), "light ") && !strings.Contains(inner(n), title) {
			all = append(all, "<"+n.Data+"> "+title)
		}
	}
	return all
}

// inner is the text of an element.
func inner(n *html.Node) string {
	var b strings.Builder
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		}
	}
	return b.String()
}
