package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/locale"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
	"tocsin/internal/web/ui"
)

// Peeked is the essence of one record: what it is, how it stands, what comes next and
// what it lacks, what was said last.
type Peeked struct {
	Href, ID, Title string
	Mark            ui.Marking
	Facts           []ui.Fact
	Next            string // what comes next, in words
	Needs           []ui.Need
	Says            string // Markdown
	Last            *thread.Message
}

// peeks read what a list shows of a record of each kind, each as the record's own
// page reads it.
var peeks = map[string]func(*Web, *http.Request) (Peeked, error){
	"case": peekCase, "report": peekReport, "adv": peekAdvisory, "risk": peekRisk, "obs": peekObs, "person": peekPerson,
}

// peek answers with the part of a page that the list shows at its side.
func peek(w *Web, r *http.Request) (Answer, error) {
	read, ok := peeks[ref.Read(r.PathValue("id")).Kind()]
	if !ok {
		return Answer{}, access.NoRecord()
	}
	p, err := read(w, r)
	if err != nil {
		return Answer{}, err
	}
	return show(200, peekView(p.rooted()))
}

// rooted is the same with links that lead from anywhere to the record's page, and
// without the needs that are met.
func (p Peeked) rooted() Peeked {
	p.Needs = openNeeds(p.Needs, p.Href)
	for i, f := range p.Facts {
		if strings.HasPrefix(f.Href, "#") {
			p.Facts[i].Href = p.Href + f.Href
		}
	}
	return p
}

func peekCase(w *Web, r *http.Request) (Peeked, error) {
	p, err := w.readCase(r)
	if err != nil {
		return Peeked{}, err
	}
	main, _ := p.ways()
	next, _, _ := p.turn(main)
	out := Peeked{Href: caseAddress(p.ID, ""), ID: string(p.ID), Title: p.Title, Mark: p.mark(), Next: next, Says: p.Summary, Last: last(p.Said),
		Facts: []ui.Fact{{Term: "Severity", Show: ui.Severity(p.Severity, score(p.Score))}, {Term: "Stage", Show: ui.Status(stageTone(p.Rules, p.Case), stageTitle(p.Rules, p.Stage))},
			owned(p.owner()), dueFact(p.Due, p.Now, clockName(p.Rules, p.DueWhat)), {Term: "Product", Text: join(" · ", p.Product, p.Component)}}}
	if p.CWE != "" {
		out.Facts = append(out.Facts, ui.Fact{Term: "Weakness", Text: p.CWE + " " + weaknessName(p.CWE)})
	}
	if p.CVE != "" {
		out.Facts = append(out.Facts, ui.Fact{Term: "CVE", Text: p.CVE, Mono: true})
	}
	if main != nil {
		out.Needs = main.Needs
	}
	return out, nil
}

func peekReport(w *Web, r *http.Request) (Peeked, error) {
	p, err := w.readReport(r)
	if err != nil {
		return Peeked{}, err
	}
	next, says := p.says()
	stage, _ := p.Rules.Lifecycle("report").Stage(p.Stage)
	return Peeked{Href: reportAddress(p.ID), ID: string(p.ID), Title: p.Title, Mark: p.Head.Mark, Next: join(": ", next, lowerFirst(says)), Says: p.Summary, Last: last(p.Said),
		Facts: []ui.Fact{{Term: "Severity", Show: claimed(p.Severity)}, {Term: "Stage", Text: stage.Title}, {Term: "Product", Text: join(" · ", p.Product, p.Component)},
			dueFact(p.Due, p.Now, clockName(p.Rules, p.DueWhat)), {Term: "Reporter", Text: or(p.Name, "anonymous")}, {Term: "Received", Show: ui.Ago(p.Received)}}}, nil
}

func peekAdvisory(w *Web, r *http.Request) (Peeked, error) {
	p, err := w.advisoryPage(r, "read")
	if err != nil {
		return Peeked{}, err
	}
	turn := p.turn()
	tone, words := p.status()
	out := Peeked{Href: p.Path(""), ID: string(p.ID), Title: p.Title, Mark: p.Head.Mark, Next: turn.Title, Needs: turn.Needs, Says: p.Now.Summary,
		Facts: []ui.Fact{{Term: "Severity", Show: ui.Severity(p.Severity, "")}, {Term: "Stage", Show: ui.Status(tone, words)}, {Term: "Written by", Text: or(strings.Join(p.Writers, ", "), "nobody yet")}}}
	if p.Case != "" {
		out.Facts = append(out.Facts, ui.Fact{Term: "Case", Text: string(p.Case), Href: caseAddress(p.Case, ""), Mono: true})
	}
	return out, nil
}

func peekRisk(w *Web, r *http.Request) (Peeked, error) {
	p, err := w.readRisk(r, false)
	if err != nil {
		return Peeked{}, err
	}
	main, _ := p.ways()
	next, _, _ := p.turn(main)
	s := p.Statement
	out := Peeked{Href: riskAddress(p.ID, ""), ID: string(p.ID), Title: p.Title, Mark: p.Head.Mark, Next: next, Last: last(p.Said),
		Facts: []ui.Fact{{Term: "Rating", Show: ratingView(p.Standing, ratingTitle(p.Rules, p.Standing.Rating))}, {Term: "Stage", Text: riskStage(p.Rules, p.Stage)}},
		Says:  join("\n\n", s.Problem, s.Consequence)}
	for _, o := range p.owners() {
		name := "nobody"
		if o.ID != "" {
			name = p.name(o.ID)
		}
		part, _, _ := strings.Cut(o.Part, ",")
		out.Facts = append(out.Facts, ui.Fact{Term: part, Text: name})
	}
	for _, v := range p.Verdicts {
		out.Facts = append(out.Facts, ui.Fact{Term: healthTitle(v.Domain), Text: v.Light, Small: p.Head.Reads.Days(v.Says)})
	}
	out.Facts = append(append(out.Facts, dueFact(p.Due, p.Now, clockName(p.Rules, p.DueWhat))), p.dateFacts()...)
	if main != nil {
		out.Needs = main.Needs
	}
	return out, nil
}

func peekObs(w *Web, r *http.Request) (Peeked, error) {
	p, err := w.readObs(r)
	if err != nil {
		return Peeked{}, err
	}
	turn := p.turn()
	facts := append([]ui.Fact{{Term: "Rating", Show: obsRatingView(p.Rating, obsRating(p.Rules, p.Rating), p.Score)}, {Term: "Stage", Text: obsStage(p.Rules, p.Stage)}, owned(p.name(p.Owner))}, p.facts()...)
	return Peeked{Href: obsAddress(p.ID), ID: string(p.ID), Title: p.Title, Mark: p.Head.Mark, Next: turn.Title, Needs: turn.Needs, Says: join("\n\n", p.Condition, p.Consequence), Last: last(p.Full.Said),
		Facts: slices.DeleteFunc(facts, func(f ui.Fact) bool { return f.Text == "" && f.Show == nil })}, nil
}

func peekPerson(w *Web, r *http.Request) (Peeked, error) {
	p, err := w.readPerson(r)
	if err != nil {
		return Peeked{}, err
	}
	x := p.Person
	var teams []string
	for _, id := range x.Teams {
		teams = append(teams, p.Known.name(id))
	}
	return Peeked{Href: recordHref(x.ID), ID: "@" + x.Handle, Title: x.Name,
		Facts: []ui.Fact{{Term: "Roles", Text: or(w.roleWords(x.Roles), "none")}, {Term: "Teams", Text: or(strings.Join(teams, ", "), "none")}, {Term: "Mail", Text: or(x.Email, "none")},
			{Term: "Account", Text: personStates[x.State].Words}, momentFact("Last seen", x.Seen, "never")}}, nil
}

// owned is who handles a record.
func owned(name string) ui.Fact { return ui.Fact{Term: "Owner", Text: or(name, "nobody")} }

// dueFact is what a record's clocks want next.
func dueFact(at, now time.Time, what string) ui.Fact {
	if at.IsZero() {
		return ui.Fact{Term: "Due", Text: "nothing"}
	}
	show := ui.Instant(at) // what the list says shorter
	if locale.IsDay(at) {
		show = ui.Day(at)
	}
	return ui.Fact{Term: "Due", Show: show, Small: join(" · ", until(at, now), what)}
}

// last is what was said last, or nothing.
func last(said []thread.Message) *thread.Message {
	if len(said) == 0 {
		return nil
	}
	return &said[len(said)-1]
}
