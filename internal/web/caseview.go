package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/evidence"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
	"tocsin/internal/thread"
	"tocsin/internal/web/ui"
)

// join joins what is not empty.
func join(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), sep)
}

// spaced writes a word of a standard for people: component_not_present.
func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

// tick is the value of a box that is ticked.
func tick(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// stageOf is the title of a stage of a life cycle.
func stageOf(p *profile.Profile, cycle, name string) string {
	s, _ := p.Lifecycle(cycle).Stage(name)
	return or(s.Title, name)
}

// halves are the sections that stand two in a row.
var halves = map[string]bool{"triage": true, "reproduction": true, "weakness": true, "votes": true, "validation": true, "release": true, "embargo": true, "mark": true,
	"labels": true, "links": true, "pause": true, "extend": true}

// offers tells whether the reader is offered the form of a section: where their
// roles cover it, and it would not be refused for another reason.
func (p CasePage) offers(word string) bool {
	s, ok := findSection(word)
	if !ok || !p.may(s.verb) || s.form == nil {
		return false
	}
	if strings.HasPrefix(word, "rca") {
		return p.rcaOffers(word)
	}
	if word == "votes" {
		return len(p.Vectors) > 0 && !slices.Contains(p.Scorers(), p.Me.ID)
	}
	return true
}

// obvious is the section that is open without being asked: the first one that the
// next step waits for, where it is short and the reader is the one to fill it in.
func (p CasePage) obvious() string {
	main, _ := p.ways()
	if main == nil || !main.May || (p.Owner != "" && p.Owner != p.Me.ID) {
		return ""
	}
	for _, h := range main.Next.Needs {
		word := strings.TrimPrefix(h.Link, "#")
		if s, ok := findSection(word); ok && !h.Holds && s.side == p.Side && shortSections[word] && p.offers(word) {
			return word
		}
	}
	return ""
}

// shortSections are the sections that are short enough to be open.
var shortSections = map[string]bool{"triage": true, "validation": true, "release": true}

// whole tells whether the main column wants the whole width.
func (p CasePage) whole() bool { return p.editing("score") }

// stored is the page as the store has it, without what was typed.
func (p CasePage) stored() CasePage {
	p.Form, p.Wrong, p.Edit = nil, nil, ""
	return p
}

// editWords are what opens the form of a section, where "Edit" would not say it.
var editWords = map[string]string{"votes": "Vote", "people": "Hand over", "access": "Show it to somebody", "embargo": "Change", "mark": "Change", "labels": "Add a label",
	"links": "Add a link", "risks": "Add to a risk", "pause": "Pause or resume", "extend": "Extend", "advisory": "None is needed…", "rca-steps": "Next step", "rca-actions": "Add an action", "fixes": "Add a release line"}

func (p CasePage) editWord(word string) string { return or(editWords[word], "Edit") }

// saveWords are what sends the form of a section, where "Save" would not say it.
var saveWords = map[string]string{"votes": "Vote", "people": "Hand over", "access": "Show it to them", "labels": "Add", "links": "Add", "risks": "Add to the risk", "rca-steps": "Take it"}

func saveWord(word string) string { return or(saveWords[word], "Save") }

// Of moves.

// opened is the move whose form is open.
func (p CasePage) opened() (Way, bool) {
	for _, n := range p.Moves {
		if n.Verb == p.Move && n.May {
			return p.way(n), true
		}
	}
	return Way{}, false
}

// wants tells whether the move asks for a need.
func (w Way) wants(need string) bool { return slices.Contains(w.Move.Needs, need) }

// dispositions are those that go with a move.
func (p CasePage) dispositions(verb string) []ui.Option { return dispositions(p.Rules, verb) }

func dispositions(rules *profile.Profile, verb string) []ui.Option {
	var out []ui.Option
	for _, d := range rules.Dispositions {
		if slices.Contains(d.Verbs, verb) {
			out = append(out, ui.Option{Value: d.Name, Text: d.Title, Help: d.About})
		}
	}
	return out
}

// disposition is what was chosen: in the address, in the form, or on record.
func (p CasePage) disposition() string {
	return or(p.Form.Get("disposition"), or(p.Query.Get("disposition"), p.Disposition))
}

// answer is the canned answer of the disposition that was chosen.
func (p CasePage) answer() string {
	text, err := (&casework.Cases{Profile: p.Rules}).Answer(p.Full, p.disposition())
	if err != nil || text == "" {
		return p.Answer
	}
	return text
}

// Of clocks and dates.

// running are the clocks for beside the page: those that run or are held.
func (p CasePage) running() []ui.Clock {
	var out []ui.Clock
	for _, s := range pressing(p.Clocks) {
		if ph := s.Phase(); ph == clock.Running || ph == clock.Paused {
			c := clockView(s)
			if s.Name == p.slaClock() && ph == clock.Running && !p.Dates.Due.IsZero() {
				p.dueClock(&c)
			}
			out = append(out, c)
		}
	}
	return out
}

// begun are the clocks that have begun, what presses first.
func (p CasePage) begun() []clock.State {
	return slices.DeleteFunc(pressing(p.Clocks), func(s clock.State) bool { return s.Phase() == clock.Waiting })
}

// notBegun names the clocks that have not begun.
func (p CasePage) notBegun() string {
	var names []string
	for _, s := range p.Clocks {
		if s.Phase() == clock.Waiting {
			names = append(names, s.Title)
		}
	}
	return strings.Join(names, ", ")
}

// dueClock makes the clock of the time to remediate say the due date: the earlier
// of the SLA date and the release-aware date.
func (p CasePage) dueClock(c *ui.Clock) {
	d := p.Dates
	c.Due = d.Due
	if d.ReleaseDue.IsZero() || d.Due.Equal(d.SLA) {
		return
	}
	c.Title, c.Says = "Release-aware date", "the last release before the SLA date, "+p.Head.Reads.Date(d.SLA)
	c.From = time.Time{}
	if c.State == "off" {
		return
	}
	if d.Due.Before(p.Now) {
		c.Left, c.State, c.Part = "over by "+length(p.Now.Sub(d.Due)), "over", 100
	} else {
		c.Left = length(d.Due.Sub(p.Now)) + " left"
	}
}

// slaClock is the clock of the time to remediate: the last one of its kind.
func (p CasePage) slaClock() string {
	name := ""
	for _, s := range p.Clocks {
		if s.Kind == "sla" {
			name = s.Name
		}
	}
	return name
}

// dueDate is one of the dates by which something must be done.
type dueDate struct {
	Title  string
	At     time.Time
	Left   string
	Counts bool
}

func (p CasePage) dates() []dueDate {
	var out []dueDate
	add := func(title string, at time.Time, counts bool) {
		if !at.IsZero() {
			out = append(out, dueDate{title, at, until(at, p.Now), counts})
		}
	}
	d := p.Dates
	add("Mitigate by", d.Mitigate, false)
	add("SLA date", d.SLA, d.Due.Equal(d.SLA))
	add("Release-aware date", d.ReleaseDue, d.Due.Equal(d.ReleaseDue))
	if !d.Due.Equal(d.SLA) && !d.Due.Equal(d.ReleaseDue) {
		add("Next security release", d.Due, true)
	}
	return out
}

// clockOptions are the clocks that can be extended, or held.
func (p CasePage) clockOptions(held bool) []ui.Option {
	var out []ui.Option
	for _, k := range p.Rules.Clocks {
		if k.On == "case" && (!held || len(k.Pause) > 0) {
			out = append(out, ui.Option{Value: k.Name, Text: k.Title})
		}
	}
	return out
}

// Of assessment.

func (p CasePage) checks() []ui.Option {
	var out []ui.Option
	for _, c := range p.Rules.Completeness {
		o := ui.Option{Value: c.Name, Text: c.Title, Help: c.About}
		if !c.Required {
			o.Text += " (if there is one)"
		}
		out = append(out, o)
	}
	return out
}

func (p CasePage) checked() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Complete)) {
		if p.Complete[name] {
			out = append(out, name)
		}
	}
	return out
}

func provisionalHelp(p CasePage) string {
	if p.Claimed == "" {
		return "Until there is a score; the reporter stated none."
	}
	b, _ := p.Rules.Band(p.Claimed)
	return "Until there is a score; the reporter said " + or(b.Title, p.Claimed) + "."
}

// environment is one environment of the profile with the case's verdict on it.
type environment struct {
	profile.Environment
	Verdict, Word         string
	Justification, Reason string
	Ranges                []advisory.Range
	Vectors               map[string]string
	Scores                []rated
	By                    ref.ID
}

// rated is a vector with what it is worth.
type rated struct {
	Version, Vector, Score, Word, By string
	At                               time.Time
	Decides                          bool
}

func (e environment) tone() ui.Tone {
	switch e.Verdict {
	case casework.VerdictAffected:
		return ui.Bad
	case casework.VerdictNotAffected:
		return ui.Good
	}
	return ui.Warn
}

func (p CasePage) environments() []environment {
	var out []environment
	for _, env := range p.Rules.Environments {
		e := environment{Environment: env}
		for _, c := range p.Environments {
			if c.Name == env.Name {
				e.Verdict, e.Justification, e.Reason, e.Ranges, e.Vectors, e.By = c.Verdict, c.Justification, c.Reason, c.Ranges, c.Vectors, c.By
			}
		}
		e.Word = titleOf(p.Rules.Verdicts, e.Verdict)
		for _, version := range slices.Sorted(maps.Keys(e.Vectors)) {
			e.Scores = append(e.Scores, p.worth(e.Vectors[version]))
		}
		out = append(out, e)
	}
	return out
}

// worth scores a vector that is stored, and so reads.
func (p CasePage) worth(vector string) rated {
	v, err := cvss.Parse(vector)
	if err != nil {
		return rated{Vector: vector}
	}
	s := v.Score().Score
	return rated{Version: v.Version(), Vector: vector, Score: score(s), Word: bandOf(p.Rules, s)}
}

func (p CasePage) scores() []rated {
	worth := map[string]float64{}
	for version, s := range p.Vectors {
		worth["cvss-"+version] = s.Score
	}
	_, decides := p.Rules.SeverityFrom(worth)
	var out []rated
	for _, version := range slices.Backward(slices.Sorted(maps.Keys(p.Vectors))) {
		s := p.Vectors[version]
		by := s.Name
		if by == "" && s.By != "" {
			by = p.Names.name(s.By)
		}
		out = append(out, rated{Version: version, Vector: s.Vector, Score: score(s.Score), Word: bandOf(p.Rules, s.Score), By: or(by, "unknown"), At: s.At, Decides: "cvss-"+version == decides})
	}
	return out
}

// warnings are the profile's questions about the vectors in force.
func (p CasePage) warnings() []string {
	var out []string
	for _, s := range p.Vectors {
		for _, says := range warningsFor(p.Rules, s.Vector) {
			if !slices.Contains(out, says) {
				out = append(out, says)
			}
		}
	}
	return out
}

func warningsFor(rules *profile.Profile, vector string) []string {
	var out []string
	for _, r := range rules.CVSSRules {
		if strings.HasPrefix(vector, "CVSS:"+r.Version+"/") && strings.Contains(vector+"/", "/"+r.Metric+":"+r.Value+"/") {
			out = append(out, "Where "+r.When+": "+r.Says)
		}
	}
	return out
}

// calculators are the calculators with what was typed, or what is stored.
func (p CasePage) calculators() []ui.CVSS {
	var out []ui.CVSS
	for _, c := range calculators {
		c.Vector = p.Vectors[c.Version].Vector
		if p.Form != nil {
			c.Vector, _ = c.Read(p.Form)
		}
		c.Error, c.Warnings = ui.ErrorFor(p.Wrong, c.Name), warningsFor(p.Rules, c.Vector)
		c.Differs = p.differs(c.Version)
		out = append(out, c.Judge(func(s float64) string { return bandOf(p.Rules, s) }))
	}
	return out
}

func rangeText(ranges []advisory.Range) string {
	var out []string
	for _, r := range ranges {
		out = append(out, r.String())
	}
	return strings.Join(out, "\n")
}

func (p CasePage) strideNow() []string {
	if p.Query.Has("cwe") {
		return p.Query["stride"]
	}
	return p.Stride
}

// found are the weaknesses that fit what was looked for.
func (p CasePage) found() []ui.Option {
	typed := p.Query.Get("cwe")
	if typed == "" || typed == p.CWE {
		return nil
	}
	var out []ui.Option
	for _, w := range cwe.Search(typed, 12) {
		out = append(out, ui.Option{Value: w.ID, Text: w.ID + " " + w.Name, Help: usage(w)})
	}
	return out
}

func usage(w cwe.Weakness) string {
	switch w.Usage {
	case cwe.Discouraged, cwe.Prohibited:
		return "too general to map a vulnerability to; look for a more specific one"
	}
	return strings.Join(w.Terms, ", ")
}

// ancestors is the way from a weakness up, nearest first, in words.
func ancestors(id string) string {
	var out []string
	for _, w := range cwe.Ancestors(id) {
		if len(out) < 2 {
			out = append(out, w.Name)
		}
	}
	return strings.Join(out, ", ")
}

func (p CasePage) voteWords() string {
	wanted := p.VotesWanted(p.Rules)
	b, _ := p.Rules.Band(p.Severity)
	if wanted == 0 {
		return "Votes are wanted once there is a score."
	}
	return strconv.Itoa(p.CountVotes()) + " of " + strconv.Itoa(wanted) + " votes by others than the scorer (" + or(b.Title, p.Severity) + " needs " + strconv.Itoa(wanted) + ")."
}

// Of what was said and what came along.

func messages(said []thread.Message) []ui.Message {
	var out []ui.Message
	for _, m := range said {
		out = append(out, ui.Message{ID: "m-" + string(m.ID), Side: ui.Side(m.Side), Author: ui.Person{Name: m.Name, Outside: m.Side == thread.In}, At: m.At, Text: m.Text})
	}
	return out
}

func (p CasePage) composers() []ui.Composer {
	var out []ui.Composer
	if p.may(casework.VerbNote) {
		out = append(out, ui.Composer{Side: ui.Note, Action: p.action("note"), Hot: "n", Open: p.Edit == "note" || p.Edit == "", Help: "Markdown. @name tells somebody."})
	}
	if p.may(casework.VerbMessage) && len(p.Reports) > 0 {
		out = append(out, ui.Composer{Side: ui.Out, Action: p.action("messages"), Hot: "m", Open: p.Edit == "messages"})
	}
	for i := range out {
		out[i].At, out[i].Record = p.Now, string(p.ID)
		if out[i].Side == ui.Note && p.may(casework.VerbAttach) {
			out[i].Pictures = p.action("pictures")
		}
		if p.Form != nil && p.Edit == map[ui.Side]string{ui.Note: "note", ui.Out: "messages"}[out[i].Side] {
			out[i].Value, out[i].Error = p.Form.Get(string(out[i].Side)+"-text"), ui.ErrorFor(p.Wrong, "text")
		}
	}
	return out
}

func (p CasePage) files() []ui.File { return files(p.Files, p.Names, caseAddress(p.ID, "files")) }

// fileNotes say who has a file, by the side on which it stands.
var fileNotes = map[thread.Side]string{thread.Note: "internal", thread.Out: "shared with the reporter", thread.In: "from the reporter"}

func files(list []evidence.File, names book, at string) []ui.File {
	var out []ui.File
	for _, f := range list {
		x := ui.File{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Href: at + "/" + string(f.ID), At: f.At, Note: fileNotes[f.Side]}
		if k, ok := names.byID[f.Author]; ok {
			x.By = k.Name
		}
		out = append(out, x)
	}
	return out
}

// reportAddress is the page of a report.
func reportAddress(id ref.ID) string { return "/inbox/" + string(id) }
