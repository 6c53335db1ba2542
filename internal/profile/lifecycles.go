package profile

import (
	"slices"
	"strings"

	"tocsin/internal/lifecycle"
)

// rawMachine is a life cycle as its file spells it. A move's from may list
// several stages and then stands for one row each.
type rawMachine struct {
	Title  string     `json:"title" need:"true"`
	Stages []rawStage `json:"stages" need:"true"`
	Moves  []rawMove  `json:"moves" need:"true"`
	Labels []rawLabel `json:"labels"`

	rows [][2]int // of each row of the table: the file's move and the item of its from
}

type rawStage struct {
	Name     string          `json:"name" need:"true"`
	Title    string          `json:"title" need:"true"`
	Phase    lifecycle.Phase `json:"phase" need:"true"`
	Terminal bool            `json:"terminal"`
	Plain    string          `json:"plain"`
}

type rawMove struct {
	From   []string `json:"from" need:"true"`
	To     string   `json:"to" need:"true"`
	Verb   string   `json:"verb" need:"true"`
	Title  string   `json:"title" need:"true"`
	Needs  []string `json:"needs"`
	Does   []string `json:"does"`
	Sets   []string `json:"sets"`
	Clears []string `json:"clears"`
	Loop   bool     `json:"loop"`
	Reason bool     `json:"reason"`
}

type rawLabel struct {
	Name   string   `json:"name" need:"true"`
	Title  string   `json:"title" need:"true"`
	Reason bool     `json:"reason"`
	Stages []string `json:"stages"`
	Ends   []string `json:"ends"`
}

// machine makes the table of the file.
func (r *rawMachine) machine(name string) *lifecycle.Machine {
	m := &lifecycle.Machine{Name: name, Title: r.Title, Risk: !slices.Contains(machines, name)}
	for _, s := range r.Stages {
		m.Stages = append(m.Stages, lifecycle.Stage(s))
	}
	for i, mv := range r.Moves {
		for k, from := range mv.From {
			m.Moves = append(m.Moves, lifecycle.Move{From: from, To: mv.To, Verb: mv.Verb, Title: mv.Title,
				Needs: mv.Needs, Does: mv.Does, Sets: mv.Sets, Clears: mv.Clears, Loop: mv.Loop, Reason: mv.Reason})
			r.rows = append(r.rows, [2]int{i, k})
		}
	}
	for _, l := range r.Labels {
		m.Labels = append(m.Labels, lifecycle.Label(l))
	}
	return m
}

func lifecycleFile(name string) string { return lifecycleDir + "/" + name + ".yaml" }

func (l *loader) lifecycles(p *Profile) {
	for name, r := range l.raw.lifecycles {
		p.Lifecycles[name] = r.machine(name)
	}
	if m := p.Lifecycles["case"]; m != nil {
		for _, s := range m.Stages {
			p.Plain[s.Name] = s.Plain
		}
	}
}

// told are the life cycles whose stages a reporter hears of.
var told = []string{"report", "case"}

func (l *loader) checkLifecycles(p *Profile) {
	for _, name := range sortedKeys(p.Lifecycles) {
		file, m, r := lifecycleFile(name), p.Lifecycles[name], l.raw.lifecycles[name]
		if _, given := l.at[key(file, "stages")]; !given {
			continue // the reader has said so
		}
		l.word(key(file), name)
		for _, pr := range m.Check(l.words.Needs, l.words.Effects) {
			l.say(r.where(file, pr), pr.Mend, "%s", pr.Says)
		}
		for i, s := range m.Stages {
			l.word(key(file, "stages", i, "name"), s.Name)
			if s.Plain == "" && slices.Contains(told, name) {
				l.say(key(file, "stages", i), "add plain: the words that the reporter's page shows", "the stage %q says nothing to the reporter", s.Name)
			}
		}
		for i, lb := range r.Labels {
			l.word(key(file, "labels", i, "name"), lb.Name)
			for k, event := range lb.Ends {
				l.unknown(key(file, "labels", i, "ends", k), "event", event, slices.Concat(StandardEvents, l.words.Events))
			}
		}
		for i, mv := range r.Moves {
			l.move(key(file, "moves", i), mv)
		}
	}
}

// move checks what one row says beyond its table: its verb and its events.
func (l *loader) move(at string, mv rawMove) {
	if l.words.Verbs != nil && mv.Verb != "" && !slices.Contains(l.words.Verbs, mv.Verb) {
		l.say(key(at, "verb"), pick(mv.Verb, l.words.Verbs), "nobody defines the verb %q", mv.Verb)
	}
	for k, w := range mv.Does {
		event, ok := strings.CutPrefix(w, "event:")
		if known := slices.Concat(StandardEvents, l.words.Events); ok && !slices.Contains(known, event) {
			l.say(key(at, "does", k), pick(event, known), "no record keeps an event called %q", event)
		}
	}
}

// where finds the place of a table's mistake in the file.
func (r *rawMachine) where(file string, pr lifecycle.Problem) string {
	i, item := pr.Index, pr.Item
	if pr.Part == "moves" && i < len(r.rows) {
		if pr.Key == "from" {
			item = r.rows[i][1]
		}
		i = r.rows[i][0]
	}
	at := key(file, pr.Part, i)
	if pr.Key != "" {
		at = key(at, pr.Key)
	}
	if item >= 0 {
		at = key(at, item)
	}
	return at
}

// ofRisks is the record whose life cycle the register picks: clocks on it may name
// the stages of all that there are, so that picking another changes one word.
const ofRisks = "risk"

// ofCases is the record whose root causes are analysed.
const ofCases = "case"

// events lists every event that a record of the kind can come to keep.
func (l *loader) events(p *Profile, kind string) []string {
	var out []string
	for _, name := range sortedKeys(p.Lifecycles) {
		if name == kind || kind == ofRisks && strings.HasPrefix(name, ofRisks+"-") {
			out = append(out, l.eventsOf(p, p.Lifecycles[name])...)
		}
	}
	switch {
	case kind == ofRisks && out != nil:
		out = append(out, RiskEvents...)
	case kind == ofCases && out != nil:
		out = append(out, CaseEvents...)
	}
	return out
}

// eventsOf lists every event of one life cycle.
func (l *loader) eventsOf(p *Profile, m *lifecycle.Machine) []string {
	var out []string
	if len(m.Stages) == 0 {
		return nil
	}
	out = append(out, "enter:"+m.Start())
	for _, mv := range m.Moves {
		if !mv.Stays() {
			out = append(out, "leave:"+mv.From, "enter:"+mv.To)
		}
	}
	for _, e := range slices.Concat(StandardEvents, l.words.Events) {
		if !slices.Contains(moveEvents, e) || produced(p, e) {
			out = append(out, e)
		}
	}
	return out
}

// produced tells whether a move of any life cycle causes the event.
func produced(p *Profile, event string) bool {
	for _, m := range p.Lifecycles {
		for _, mv := range m.Moves {
			if slices.Contains(mv.Does, "event:"+event) {
				return true
			}
		}
	}
	return false
}
