package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/kri"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/roll"
	"tocsin/internal/web/ui"
)

// Chore is one thing that needs the reader now: what it is, why now, and what can be
// done about it without leaving the page.
type Chore struct {
	Key      string // its name on the page, and in the form that deals with it
	Group    string
	ID       ref.ID
	Title    string
	Severity string
	Href     string
	Why      []string
	Quote    string    // what somebody wrote
	Due      time.Time // when it is late; the zero time is never
	At       time.Time // since when it waits
	Exact    ui.Link   // where exactly that stands which is signed
	Acts     []Act
}

// Act is one thing that a press does. One with Ask wants a text first; one without
// To is a link.
type Act struct {
	Key, Text, To string // the single key, the word, the form's address
	Do            string // what the form does
	Fields        [][2]string
	Ask, Name     string // what the text says, and its field
	Href          string
	First         bool // the one that is meant
}

// ChoreGroup is a kind of chores.
type ChoreGroup struct {
	Word, Title string
	Chores      []*Chore
}

// choreGroups are the groups of a desk in the order of their weight; those with
// something late come before those without.
var choreGroups = []struct{ word, title string }{{"clock", "Clocks that run out"}, {"sign", "Waits for your word"}, {"reporter", "Reporters who wait for a word"},
	{"worse", "Risks that worsened"}, {"asked", "Reviews and tasks"}, {"mention", "Mentions"}}

// late tells whether the chore is past its date.
func (c *Chore) late(now time.Time) bool { return !c.Due.IsZero() && c.Due.Before(now) }

// desk puts in order what needs the reader.
func (p *HomePage) desk() {
	var all []*Chore
	for _, w := range p.Waits {
		if c := p.chore(w); c != nil {
			all = append(all, c)
		}
	}
	for _, b := range p.Reports {
		if p.may(intake.VerbAccept) && !b.Due.IsZero() && b.Due.Before(p.At.Add(house.Ahead(p.Rules, b.DueWhat))) {
			all = append(all, p.report(b))
		}
	}
	for _, a := range p.Asked {
		all = append(all, p.signing(a))
	}
	for _, k := range p.Choices {
		all = append(all, p.choosing(k))
	}
	for _, n := range p.News {
		all = append(all, p.notable(n))
	}
	if m := p.Meeting; m != nil && (m.Open || m.Next.Before(p.At)) {
		all = append(all, p.meeting(m))
	}
	p.Groups = grouped(all, p.At)
}

// grouped sorts chores into their groups; in each, what is due first comes first.
func grouped(all []*Chore, now time.Time) []ChoreGroup {
	var first, then []ChoreGroup
	for _, g := range choreGroups {
		x := ChoreGroup{Word: g.word, Title: g.title}
		late := false
		for _, c := range all {
			if c.Group == g.word {
				x.Chores, late = append(x.Chores, c), late || c.late(now)
			}
		}
		slices.SortStableFunc(x.Chores, func(a, b *Chore) int {
			return cmp.Or(cmp.Compare(undated(a.Due), undated(b.Due)), a.Due.Compare(b.Due), a.At.Compare(b.At), cmp.Compare(a.Key, b.Key))
		})
		switch {
		case len(x.Chores) == 0:
		case late:
			first = append(first, x)
		default:
			then = append(then, x)
		}
	}
	return append(first, then...)
}

func undated(t time.Time) int {
	if t.IsZero() {
		return 1
	}
	return 0
}

// next is the chore that the focus moves to when one is dealt with.
func (p HomePage) next(c *Chore) string {
	var flat []*Chore
	for _, g := range p.Groups {
		flat = append(flat, g.Chores...)
	}
	i := slices.Index(flat, c)
	switch {
	case i+1 < len(flat):
		return flat[i+1].Key
	case i > 0:
		return flat[i-1].Key
	}
	return ""
}

func choreKey(group string, id ref.ID) string { return group + "-" + strings.ToLower(string(id)) }

// chore is what a row of the desk asks for, nil where that is not yet due.
func (p HomePage) chore(w insight.Wait) *Chore {
	c := &Chore{Key: choreKey(w.Kind, w.Of), Group: w.Kind, ID: w.ID, Title: w.Title, Severity: w.Severity, Href: recordHref(w.ID), At: w.At, Due: w.Due}
	at := caseAddress(w.ID, "")
	answers := p.may(casework.VerbMessage)
	answer := Act{Key: "r", Text: "Reply", To: at + "/answer", Ask: "To the reporter", Name: "out-text"}
	switch w.Kind {
	case insight.WaitClock:
		if !w.Due.Before(p.At.Add(house.Ahead(p.Rules, w.DueWhat))) {
			return nil
		}
		c.Why = []string{clockTitle(p.Rules, w.DueWhat), p.stops(w.DueWhat), p.turnOf(w)}
		if w.Owner == "" {
			c.Acts = []Act{{Key: "t", Text: "Take it", To: at + "/take", First: true}}
		}
		if answers && p.promised(w.DueWhat) {
			c.Acts = append(c.Acts, answer)
		}
	case insight.WaitReporter:
		c.Due, c.Quote, c.Href = time.Time{}, w.Words, caseAddress(w.ID, "messages")
		if answer.First = true; answers {
			c.Acts = []Act{answer}
		}
	case insight.WaitCause:
		c.Group, c.Why = "asked", []string{"Its root cause analysis is not done"}
	case insight.WaitAdvisory:
		c.Group, c.Why = "sign", []string{"The advisory waits for approval by somebody who did not write it"}
		c.Exact = ui.Link{Text: "exactly what goes out", Href: recordHref(w.ID) + "/forms"}
		c.Acts = p.signs(recordHref(w.ID), "Return", [2]string{"version", strconv.Itoa(w.Version)})
	case insight.WaitTask:
		t := &kri.Task{ID: w.Of, Guard: w.ID, Kind: w.Words, About: w.Owner}
		c.Group, c.Why, c.Href = "asked", []string{taskWords(t)}, taskHref(t)
		c.Title = or(w.Stage, or(w.Title, string(w.ID)))
		c.Acts = []Act{{Key: "x", Text: "Done", To: "/tasks/" + string(w.Of) + "/done"}}
	case insight.WaitMention:
		c.Title, c.Why = or(w.Title, string(w.ID)), []string{or(p.Known.byID[w.Owner].Name, "Somebody") + " mentioned you"}
		c.Acts = []Act{{Key: "m", Text: "Mark as read", To: "/notices/read", Fields: [][2]string{{"id", string(w.Of)}}}}
	}
	return c
}

// report is a report whose clock runs out before it is decided.
func (p HomePage) report(b insight.Brief) *Chore {
	at := recordHref(b.ID)
	c := &Chore{Key: choreKey("report", b.ID), Group: "clock", ID: b.ID, Title: b.Title, Severity: b.Severity, Href: at, At: b.At, Due: b.Due,
		Why:  []string{clockTitle(p.Rules, b.DueWhat), p.stops(b.DueWhat), "Nobody has decided it"},
		Acts: []Act{{Key: "d", Text: "Decide", Href: at + "#decide", First: true}}}
	if p.may(intake.VerbReply) {
		c.Acts = append(c.Acts, Act{Key: "r", Text: "Reply", To: at + "/answer", Ask: "To the reporter", Name: "out-text"})
	}
	return c
}

// signs are the two answers to what waits for a signature.
func (p HomePage) signs(at, no string, fields ...[2]string) []Act {
	return []Act{{Key: "a", Text: "Approve", To: at + "/sign", Do: "approve", Fields: fields, First: true},
		{Key: "d", Text: no, To: at + "/sign", Do: "decline", Fields: fields, Ask: "Why not", Name: "reason"}}
}

// signing is a word on a risk that the reader may give.
func (p HomePage) signing(a risk.Asked) *Chore {
	r := a.Risk
	at := riskAddress(r.ID, "")
	c := &Chore{Key: choreKey("sign", r.ID), Group: "sign", ID: r.ID, Title: r.Title, Severity: r.Standing.Rating, Href: at, At: r.Touched}
	fields := [][2]string{{"kind", risk.DecidePlan}, {"hash", a.Hash}, {"role", a.Role}}
	if d := a.Decision; d == nil {
		c.Why, c.Exact = []string{"The plan of its treatment, as " + lowerFirst(a.As)}, ui.Link{Text: "exactly this plan", Href: riskAddress(r.ID, "treatment") + "#plan"}
	} else {
		c.Key, c.At = choreKey("sign", d.ID), d.At
		c.Exact = ui.Link{Text: "exactly what is decided", Href: riskAddress(r.ID, "decisions") + "?decision=" + string(d.ID)}
		fields = [][2]string{{"kind", d.Kind}, {"hash", a.Hash}, {"decision", string(d.ID)}}
		c.Why = []string{capital(decisionKinds[d.Kind])}
		if len(a.Wants) > 0 {
			c.Why = append(c.Why, "It wants "+strings.Join(a.Wants, " and "))
		}
		c.Quote = d.Reason
	}
	c.Acts = p.signs(at, "Decline", fields...)
	return c
}

// choosing is what a leader chose and the reader may approve.
func (p HomePage) choosing(k *review.Candidate) *Chore {
	at := "/register/strategy?period=" + queryEscape(k.Period)
	c := &Chore{Key: choreKey("sign", k.ID), Group: "sign", ID: k.Risk, Title: or(k.RiskTitle, k.Alternative), Href: at, At: k.At, Quote: k.Reason,
		Why: []string{"What " + k.Department + " chose for " + k.Period, "Chosen by " + p.Known.name(k.Author)}, Exact: ui.Link{Text: "what else the department could choose", Href: at}}
	if k.Risk != "" {
		c.Href = riskAddress(k.Risk, "")
	}
	c.Acts = p.signs("/register/strategy/"+string(k.ID), "Send back", [2]string{"hash", k.Hash})
	return c
}

func (p HomePage) notable(n roll.Notable) *Chore {
	c := &Chore{Key: choreKey(n.Kind, n.ID), Group: n.Kind, ID: n.ID, Title: n.Title, Severity: n.Rating, Href: riskAddress(n.ID, ""), At: n.At}
	if n.Kind == roll.Due {
		c.Group, c.Due, c.Why, c.Href = "asked", n.At, []string{"Its review is due"}, riskAddress(n.ID, "decisions")+"#reviews"
		return c
	}
	c.Why = []string{"Out of tolerance since " + p.Head.Reads.Date(n.At)}
	if n.Owner != "" {
		c.Why = append(c.Why, "Its owner is "+p.Known.name(n.Owner))
	}
	return c
}

func (p HomePage) meeting(m *insight.Meeting) *Chore {
	c := &Chore{Key: choreKey("meeting", m.ID), Group: "asked", Title: "The review of the register", Href: "/reviews", Due: m.Next, Why: []string{"The next review is due"}}
	if m.Open {
		c.Href, c.Due, c.Why = "/reviews/"+string(m.ID), time.Time{}, []string{"The review is open: its agenda waits for decisions"}
	}
	return c
}

// stops says what ends a clock.
func (p HomePage) stops(clock string) string {
	k, ok := p.Rules.Clock(clock)
	if !ok || len(k.Stop) == 0 {
		return ""
	}
	var words []string
	for _, e := range k.Stop[:min(len(k.Stop), 2)] {
		words = append(words, p.eventWords(k.On, e))
	}
	if slices.Contains(k.Start, "message:out") {
		words[0] = p.eventWords(k.On, "message:out")
	}
	return "It stops " + strings.Join(words, " or ")
}

// eventWords is when a recorded event happens, in words.
func (p HomePage) eventWords(on, event string) string {
	word, name, _ := strings.Cut(event, ":")
	if s, ok := p.Rules.Lifecycle(on).Stage(name); ok {
		name = s.Title
	}
	switch {
	case event == "message:out":
		return "when the reporter is written to"
	case event == "closed", event == "released", event == "mitigated":
		return "once it is " + event
	case word == "leave":
		return "when it leaves " + name
	case word == "enter":
		return "when it is " + lowerFirst(name)
	}
	return "with " + strings.ReplaceAll(event, ":", " ")
}

// promised tells whether writing to the reporter serves the clock.
func (p HomePage) promised(clock string) bool {
	k, _ := p.Rules.Clock(clock)
	return slices.Contains(k.Start, "message:out") || slices.Contains(k.Stop, "message:out")
}

// turnOf says whose turn a case is, and what leads on from its stage.
func (p HomePage) turnOf(w insight.Wait) string {
	who := "Your turn"
	if w.Owner == "" {
		who = "Nobody handles it"
	}
	for _, mv := range p.Rules.Lifecycle("case").Allowed(w.Stage) {
		if !mv.Loop {
			return who + ": " + lowerFirst(mv.Title)
		}
	}
	return who
}

// coming is what is due next where nothing needs the reader now.
func (p HomePage) coming() (text, href string) {
	for _, b := range p.Cases {
		if b.Due.After(p.At) {
			return "Next: " + lowerFirst(clockTitle(p.Rules, b.DueWhat)) + " of " + string(b.ID) + ", " + p.Head.Reads.Date(b.Due) + ".", recordHref(b.ID)
		}
	}
	if m := p.Meeting; m != nil && m.Next.After(p.At) {
		return "Next: the review of the register, " + p.Head.Reads.Date(m.Next) + ".", "/reviews"
	}
	return "No date of yours lies ahead.", "/cases"
}

func nextWords(p HomePage) string {
	text, _ := p.coming()
	return text
}

func nextHref(p HomePage) string {
	_, href := p.coming()
	return href
}

// typed is what was written into the form of an act that came back.
func (p HomePage) typed(c *Chore, a Act) string {
	if p.wrongOf(c, a) == "" {
		return ""
	}
	return p.Form.Get(a.Name)
}

// quoted is how much of what somebody wrote the desk shows.
const quoted = 240

// beginning is a text as far as the desk shows it.
func beginning(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= quoted {
		return string(r)
	}
	return string(r[:quoted]) + "…"
}
