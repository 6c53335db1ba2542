package profile

import (
	"fmt"
	"slices"
	"strings"
)

// kri checks the kinds of indicators, their bands and their lights.
func (l *loader) kri(r KRIRules) {
	at := key(registerFile, "kri")
	var names []string
	for i, k := range r.Kinds {
		names = append(names, k.Name)
		l.word(key(at, "kinds", i, "name"), k.Name)
		l.unknown(key(at, "kinds", i, "better"), "direction", k.Better, []string{"higher", "lower"})
		l.lightBands(key(at, "kinds", i, "bands"), k)
	}
	l.once("kind of indicator", names, func(i int) string { return key(at, "kinds", i, "name") })
	for i, g := range r.Guide {
		l.word(key(at, "guide", i, "name"), g.Name)
		for k, kind := range g.Kinds {
			l.unknown(key(at, "guide", i, "kinds", k), "kind of indicator", kind, names)
		}
	}
	if r.Prior.Shape < 0 || r.Prior.Rate < 0 {
		l.say(key(at, "prior"), "write 0 or more; 0 and 0 is no prior", "a prior cannot be negative")
	}
	l.ratio(key(at, "ratio"), r.Ratio)
}

// lightBands wants green at least as good as yellow, in the kind's direction. A
// rate is that of what is to shrink, so lower is better there.
func (l *loader) lightBands(at string, k KRIKind) {
	b := k.Bands
	switch {
	case (b.Green == nil) != (b.Yellow == nil):
		l.say(at, "give both or neither", "the kind %q has one of green and yellow without the other", k.Name)
	case (b.GreenRate == nil) != (b.YellowRate == nil):
		l.say(at, "give both or neither", "the kind %q has one of green_rate and yellow_rate without the other", k.Name)
	case b.Green != nil && k.Better == "higher" && *b.Green < *b.Yellow, b.Green != nil && k.Better == "lower" && *b.Green > *b.Yellow:
		l.say(key(at, "green"), "swap green and yellow, or turn better round", "green at %v is worse than yellow at %v where %s is better", *b.Green, *b.Yellow, k.Better)
	}
	if b.GreenRate != nil && b.YellowRate != nil && *b.GreenRate > *b.YellowRate {
		l.say(key(at, "green_rate"), "swap the two: a rate of -0.2 is a fifth less each quarter", "green at a rate of %v is worse than yellow at %v", *b.GreenRate, *b.YellowRate)
	}
}

// ratio wants lights that grow worse, up to one without end.
func (l *loader) ratio(at string, lights []Light) {
	for i, x := range lights {
		l.unknown(key(at, i, "light"), "light", x.Light, KRILights)
		last := i == len(lights)-1
		switch {
		case last && x.UpTo != 0:
			l.say(key(at, i, "up_to"), "remove up_to from the last light", "no light holds a ratio above %v", x.UpTo)
		case !last && (x.UpTo <= 0 || i > 0 && x.UpTo <= lights[i-1].UpTo):
			l.say(key(at, i), "list the lights from the lowest ratio to the highest", "the light %q cannot be reached", x.Light)
		case i > 0 && slices.Index(KRILights, x.Light) < slices.Index(KRILights, lights[i-1].Light):
			l.say(key(at, i, "light"), "list the lights from green to red", "a higher ratio has a better light")
		}
	}
}

// healthValues are what a risk's care is judged by.
var healthValues = []string{"owner", "treatment", "kri"}

func (l *loader) health(r *Register) {
	at := key(registerFile, "health", "labels")
	var names []string
	for i, n := range r.Health.Labels {
		l.unknown(key(at, i, "name"), "part of a risk's health", n.Name, healthValues)
		names = append(names, n.Name)
	}
	l.once("part of a risk's health", names, func(i int) string { return key(at, i, "name") })
	for _, v := range healthValues {
		if _, given := l.at[at]; given && !slices.Contains(names, v) {
			l.say(at, fmt.Sprintf("add {name: %s, title: …}", v), "there is no label for %s", v)
		}
	}
}

// labelsOf lists the side labels of the life cycle in force for a kind of record.
func (p *Profile) labelsOf(on string) []string {
	name := p.Register.Lifecycle
	if on == ofObservations {
		name = p.Register.Observations.Lifecycle
	}
	var out []string
	if m := p.Lifecycles[name]; m != nil {
		for _, lb := range m.Labels {
			out = append(out, lb.Name)
		}
	}
	return out
}

// ofObservations is the record that observations are.
const ofObservations = "observation"

// hygiene checks the policies, the ladder and the escalations.
func (l *loader) hygiene(p *Profile) {
	r := &p.Register
	for i, x := range r.Policies {
		l.policy(p, key(registerFile, "policies", i), x)
	}
	last := 0
	for i, rung := range r.Ladder {
		at := key(registerFile, "ladder", i)
		l.unknown(key(at, "name"), "label of risks", rung.Name, p.labelsOf(ofRisks))
		l.level(r, key(at, "level"), rung.Level)
		l.unknown(key(at, "message"), "message", rung.Message, sortedKeys(p.Messages))
		if rung.After <= last {
			l.say(key(at, "after"), fmt.Sprintf("write a number above %d", last), "the rung %q comes no later than the one below it", rung.Name)
		}
		last = rung.After
	}
	for i, e := range r.Escalations {
		l.escalation(p, key(registerFile, "escalations", i), e)
	}
	l.marks(p, r.Labels)
	if label := r.Parent.Label; label != "" && strings.TrimSpace(label) != label {
		l.say(key(registerFile, "parent", "label"), "remove the blanks", "the label begins or ends with a blank")
	}
}

// marks checks the labels that follow from decisions: three of the life cycle of risks.
func (l *loader) marks(p *Profile, m Marks) {
	if m == (Marks{}) {
		return
	}
	for _, x := range []struct{ role, label string }{{"accepted", m.Accepted}, {"blocked", m.Blocked}, {"proposed", m.Proposed}} {
		l.unknown(key(registerFile, "labels", x.role), "label of risks", x.label, p.labelsOf(ofRisks))
	}
	if m.Accepted == m.Blocked || m.Accepted == m.Proposed || m.Blocked == m.Proposed {
		l.say(key(registerFile, "labels"), "name three labels of the life cycle of risks", "one label would say two things")
	}
}

// strategy checks how what leaders choose comes to stand.
func (l *loader) strategy(r *Register) {
	at := key(registerFile, "strategy")
	if r.Strategy.Level != "" {
		l.level(r, key(at, "level"), r.Strategy.Level)
	}
	var names []string
	for i, n := range r.Strategy.States {
		l.unknown(key(at, "states", i, "name"), "state of a choice", n.Name, ChoiceStates)
		names = append(names, n.Name)
	}
	l.once("state of a choice", names, func(i int) string { return key(at, "states", i, "name") })
	for _, v := range ChoiceStates {
		if _, given := l.at[key(at, "states")]; given && !slices.Contains(names, v) {
			l.say(key(at, "states"), fmt.Sprintf("add {name: %s, title: …}", v), "a choice can be %s, and no state is called so", v)
		}
	}
}

func (l *loader) policy(p *Profile, at string, x Policy) {
	l.unknown(key(at, "on"), "record of the register", x.On, []string{ofRisks, ofObservations})
	l.unknown(key(at, "check"), "check of a policy", x.Check, PolicyChecks)
	known := p.labelsOf(x.On)
	l.unknown(key(at, "label"), "label", x.Label, known)
	for i, lb := range x.Exempt {
		l.unknown(key(at, "exempt", i), "label", lb, known)
	}
	l.unknown(key(at, "message"), "message", x.Message, sortedKeys(p.Messages))
	l.least(key(at, "repeat"), x.Repeat, 0)
	fields := slices.Concat(StatementFields, p.Register.parts())
	if x.On == ofObservations {
		fields = FindingFields
	}
	for _, list := range []struct {
		check, part, what string
		have, known       []string
	}{{"missing-labels", "labels", "kind of label", x.Labels, PolicyLabels}, {"missing-fields", "fields", "field", x.Fields, fields}} {
		for i, w := range list.have {
			l.unknown(key(at, list.part, i), list.what, w, list.known)
		}
		if x.Check == list.check && len(list.have) == 0 {
			l.say(at, fmt.Sprintf("add %s: and what must be there", list.part), "the policy %q asks for nothing", x.Name)
		}
	}
}

func (l *loader) escalation(p *Profile, at string, e Escalation) {
	l.unknown(key(at, "check"), "check of an escalation", e.Check, EscalationChecks)
	scores := p.riskScores()
	switch {
	case e.Check == "lapsed":
	case e.Limit < 1 && slices.Contains(EscalationChecks, e.Check):
		l.say(at, "add limit: 1 or more", "the escalation %q says not how far", e.Name)
	case e.Check == "above" && len(scores) > 0 && e.Limit >= scores[len(scores)-1]:
		l.say(key(at, "limit"), fmt.Sprintf("write a score below %d", scores[len(scores)-1]), "no risk scores above %d", e.Limit)
	}
}

func (l *loader) cadence(p *Profile, c Cadence) {
	at := key(registerFile, "cadence")
	everyRating(l, p, key(at, "review_days"), c.ReviewDays)
	for _, word := range sortedKeys(c.ReviewDays) {
		l.least(key(at, "review_days", word), c.ReviewDays[word], 1)
	}
	if d, ok := clockTime(c.Recompute); c.Recompute != "" && (!ok || d.Hours() >= 24) {
		l.say(key(at, "recompute"), `write it as "02:30"`, "%q is no time of day", c.Recompute)
	}
}

// observations checks the scales of single findings and the bands of their scores.
func (l *loader) observations(p *Profile, o Observations) {
	at := key(registerFile, "observations")
	l.oneOf(p, key(at, "lifecycle"), ofObservations, o.Lifecycle)
	l.scale(key(at, "likelihood"), o.Likelihood)
	l.scale(key(at, "impact"), o.Impact)
	if scores := products(o.Likelihood, o.Impact); len(scores) > 0 {
		l.ratings(key(at, "ratings"), o.bands(), scores)
	}
	for i, r := range o.Ratings {
		l.least(key(at, "ratings", i, "months"), r.Months, 1)
	}
	l.least(key(at, "upgrade", "shared"), o.Upgrade.Shared, 2)
	l.unknown(key(at, "upgrade", "label"), "label", o.Upgrade.Label, p.labelsOf(ofObservations))
}

// bands are the ratings without their months.
func (o Observations) bands() []Rating {
	var out []Rating
	for _, r := range o.Ratings {
		out = append(out, Rating{Word: r.Word, Title: r.Title, From: r.From, To: r.To})
	}
	return out
}

// equivalents wants rows that name what there is, each priority once.
func (l *loader) equivalents(p *Profile) {
	at, r := key(registerFile, "equivalents"), &p.Register
	var seen, known []string
	for _, a := range r.Authority {
		known = append(known, a.Priority)
	}
	for i, e := range r.Equivalents {
		seen = append(seen, e.Priority)
		l.unknown(key(at, i, "priority"), "priority", e.Priority, known)
		l.unknown(key(at, i, "rating"), "rating", e.Rating, p.RatingWords())
		l.severity(p, key(at, i, "severity"), e.Severity)
		if e.CVSS[0] > e.CVSS[1] || e.CVSS[0] < 0 || e.CVSS[1] > 10 {
			l.say(key(at, i, "cvss"), "write [FROM, TO] from 0.0 to 10.0", "these are no scores of CVSS")
		}
		if e.Observed[0] > e.Observed[1] || e.Observed[0] < 0 {
			l.say(key(at, i, "observed"), "write [FROM, TO]", "the scores go backwards")
		}
	}
	l.once("priority", seen, func(i int) string { return key(at, i, "priority") })
}
