package profile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// checkRegister finds what is wrong with the register. A folder without one has
// none to check.
func (l *loader) checkRegister(p *Profile) {
	if !l.own {
		l.noRegister(p)
		return
	}
	r := &p.Register
	l.registerLists(r)
	l.oneOf(p, key(registerFile, "lifecycle"), ofRisks, r.Lifecycle)
	l.currency(r.Currency)
	l.counts(r)
	for i, rule := range r.Lint {
		l.lintRule(key(registerFile, "lint", i), rule)
	}
	l.evidence(p, r.Evidence)
	l.survey(p, r.Survey)
	l.authority(p)
	l.plan(r)
	l.acceptance(p, key(registerFile, "acceptance"), r.Acceptance)
	for i, a := range r.Presets {
		l.acceptance(p, key(registerFile, "presets", i), a)
	}
	l.kri(r.KRI)
	l.health(r)
	l.hygiene(p)
	l.strategy(r)
	l.riskFields(p)
	l.cadence(p, r.Cadence)
	l.observations(p, r.Observations)
	l.equivalents(p)
}

// noRegister refuses life cycles of a register that is not there.
func (l *loader) noRegister(p *Profile) {
	for _, name := range sortedKeys(p.Lifecycles) {
		if !slices.Contains(machines, name) {
			l.say(key(lifecycleFile(name)), "add register.yaml, or remove this file", "a life cycle of the register, and the profile has no register.yaml")
		}
	}
}

// registerLists checks the names of every list of words.
func (l *loader) registerLists(r *Register) {
	for _, list := range []struct {
		part  string
		words []Named
	}{{"scopes", r.Scopes}, {"channels", r.Channels}, {"threats", r.Threats}, {"in_scope", r.InScope}, {"out_of_scope", r.OutOfScope},
		{"confidences", r.Confidences}, {"levels", r.Levels}, {"paths", r.Paths}} {
		l.named(registerFile, list.part, len(list.words), func(i int) string { return list.words[i].Name })
	}
	l.named(registerFile, "kinds", len(r.Kinds), func(i int) string { return r.Kinds[i].Name })
	l.named(registerFile, "lint", len(r.Lint), func(i int) string { return r.Lint[i].Name })
	l.named(registerFile, "raci", len(r.RACI), func(i int) string { return r.RACI[i].Name })
	l.named(registerFile, "policies", len(r.Policies), func(i int) string { return r.Policies[i].Name })
	l.named(registerFile, "ladder", len(r.Ladder), func(i int) string { return r.Ladder[i].Name })
	l.named(registerFile, "escalations", len(r.Escalations), func(i int) string { return r.Escalations[i].Name })
	for i, k := range r.Kinds {
		for _, field := range sortedKeys(k.Template) {
			l.unknown(key(registerFile, "kinds", i, "template", field, "@key"), "field of a statement", field, StatementFields)
		}
	}
	for i, e := range r.Effects {
		l.unknown(key(registerFile, "control_effects", i, "name"), "effect of a control", e.Name, factors)
	}
	for i, part := range r.RACI {
		l.unknown(key(registerFile, "raci", i, "letter"), "part of a RACI table", part.Letter, []string{"R", "A", "C", "I"})
	}
}

// factors are the two sides of a score.
var factors = []string{"likelihood", "impact"}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func (l *loader) currency(word string) {
	if word != "" && !currencyForm.MatchString(word) {
		l.say(key(registerFile, "currency"), `write three capitals of ISO 4217, such as EUR`, "%q is no currency", word)
	}
}

// least refuses a number below the smallest that makes sense.
func (l *loader) least(at string, n, from int) {
	if _, given := l.at[at]; given && n < from {
		l.say(at, fmt.Sprintf("write %d or more", from), "%d is too small", n)
	}
}

func (l *loader) counts(r *Register) {
	if r.Recurrence.Test != "" {
		var tests []string
		for _, t := range r.InScope {
			tests = append(tests, t.Name)
		}
		l.unknown(key(registerFile, "recurrence", "test"), "in-scope test", r.Recurrence.Test, tests)
	}
	for _, x := range []struct {
		part, word string
		n, from    int
	}{
		{"slots", "", r.Slots, 1}, {"top", "", r.Top, 1},
		{"recurrence", "count", r.Recurrence.Count, 2}, {"recurrence", "months", r.Recurrence.Months, 1}, {"recurrence", "roll_up", r.Recurrence.RollUp, 0},
		{"recurrence", "misses", r.Recurrence.Misses, 0}, {"recurrence", "causes", r.Recurrence.Causes, 0},
		{"evidence", "months", r.Evidence.Months, 1}, {"plan", "years", r.Plan.Years, 1},
		{"health", "owner_days", r.Health.OwnerDays, 1}, {"health", "delay_days", r.Health.DelayDays, 0},
		{"closure", "days", r.Closure.Days, 0}, {"kri", "stale", r.KRI.Stale, 1},
		{"cadence", "kri_days", r.Cadence.KRIDays, 1}, {"cadence", "score_days", r.Cadence.ScoreDays, 1}, {"cadence", "meeting_days", r.Cadence.MeetingDays, 1},
	} {
		at := key(registerFile, x.part)
		if x.word != "" {
			at = key(at, x.word)
		}
		l.least(at, x.n, x.from)
	}
	l.fraction(key(registerFile, "closure", "coverage"), r.Closure.Coverage, 1)
	l.fraction(key(registerFile, "kri", "level"), r.KRI.Level, 0.9999)
}

// fraction refuses a number outside 0 to top.
func (l *loader) fraction(at string, f, top float64) {
	if _, given := l.at[at]; given && (f <= 0 || f > top) {
		l.say(at, "write a fraction such as 0.9", "%v is no fraction above 0 and up to %v", f, top)
	}
}

// oneOf refuses a life cycle that is not there or is not one of the record's: its
// name, or its name and a dash and more.
func (l *loader) oneOf(p *Profile, at, record, name string) {
	var known []string
	for _, m := range sortedKeys(p.Lifecycles) {
		if m == record || strings.HasPrefix(m, record+"-") {
			known = append(known, m)
		}
	}
	if len(known) == 0 {
		l.put(lifecycleFile(record), place{}, "add it; the profile generic shows what it holds", "the profile has no such file")
	}
	l.unknown(at, "life cycle of a "+record, name, known)
}

// wordy are the checks that look for words, counting those that count.
var (
	wordy    = []string{"starts", "starts-not", "contains", "lacks", "vague"}
	counting = []string{"short", "sentence", "vague"}
)

func (l *loader) lintRule(at string, r LintRule) {
	l.unknown(key(at, "field"), "field of a statement", r.Field, append([]string{"any"}, StatementFields...))
	l.unknown(key(at, "check"), "check of a statement", r.Check, LintChecks)
	l.unknown(key(at, "level"), "level of a rule", r.Level, []string{"error", "warning"})
	if slices.Contains(wordy, r.Check) && len(r.Words) == 0 {
		l.say(at, "add words: and what it looks for", "the check %s looks for words, and the rule %q has none", r.Check, r.Name)
	}
	if slices.Contains(counting, r.Check) && r.Count < 1 {
		l.say(at, "add count: 1 or more", "the check %s counts, and the rule %q says not how far", r.Check, r.Name)
	}
}

func (l *loader) evidence(p *Profile, e EvidenceRules) {
	at := key(registerFile, "evidence")
	var names []string
	for i, k := range e.Kinds {
		l.word(key(at, "kinds", i, "name"), k.Name)
		names = append(names, k.Name)
		for _, word := range sortedKeys(k.Points) {
			l.severity(p, key(at, "kinds", i, "points", word, "@key"), word)
			l.least(key(at, "kinds", i, "points", word), k.Points[word], 0)
		}
	}
	l.once("kind of evidence", names, func(i int) string { return key(at, "kinds", i, "name") })
	l.modifiers(key(at, "count_bands"), e.CountBands)
	l.modifiers(key(at, "point_bands"), e.PointBands)
	for i, c := range e.Contradictions {
		l.contradiction(p, key(at, "contradictions", i), c)
	}
}

// modifiers wants bands that begin at 0, grow, and never take back what fewer gave.
func (l *loader) modifiers(at string, bands []Modifier) {
	if _, given := l.at[at]; given && len(bands) == 0 {
		l.say(at, "add {from: 0, add: 0}", "there is no band")
	}
	for i, b := range bands {
		switch {
		case i == 0 && b.From != 0:
			l.say(key(at, i, "from"), "begin at 0", "no band holds what is below %d", b.From)
		case i > 0 && b.From <= bands[i-1].From:
			l.say(key(at, i, "from"), fmt.Sprintf("begin above %d", bands[i-1].From), "the band from %d comes after the band from %d and overlaps it", b.From, bands[i-1].From)
		case i > 0 && b.Add < bands[i-1].Add:
			l.say(key(at, i, "add"), fmt.Sprintf("add %d or more", bands[i-1].Add), "more evidence adds less than before")
		case i > 0 && b.Add == bands[i-1].Add:
			l.say(key(at, i, "add"), "remove the band", "the band from %d adds no more than the one before it", b.From)
		}
	}
}

func (l *loader) contradiction(p *Profile, at string, c Contradiction) {
	l.unknown(key(at, "factor"), "side of a score", c.Factor, factors)
	l.unknown(key(at, "number"), "number of evidence", c.Number, []string{"items", "points"})
	l.least(key(at, "from"), c.From, 1)
	scale, ok := p.Scale(map[string]string{"likelihood": p.Matrix.Likelihood, "impact": p.Matrix.Impact}[c.Factor])
	if top := len(scale.Levels); ok && (c.AtMost < 1 || c.AtMost > top) {
		l.say(key(at, "at_most"), fmt.Sprintf("write a score from 1 to %d", top), "the scale %q has no score %d", scale.Name, c.AtMost)
	}
}

func (l *loader) survey(p *Profile, s Survey) {
	at := key(registerFile, "survey")
	var names, appetites []string
	top := 0
	for i, st := range s.Statements {
		l.word(key(at, "statements", i, "name"), st.Name)
		names = append(names, st.Name)
		if i > 0 && len(st.Answers) != top {
			l.say(key(at, "statements", i, "answers"), fmt.Sprintf("give %d answers, as the first statement has", top), "the statement %q has %d answers: averages would not compare", st.Name, len(st.Answers))
		}
		if i == 0 {
			top = len(st.Answers)
		}
	}
	l.once("statement", names, func(i int) string { return key(at, "statements", i, "name") })
	for _, a := range p.Tolerance.Appetites {
		appetites = append(appetites, a.Name)
	}
	for i, o := range s.Outcomes {
		l.unknown(key(at, "outcomes", i, "appetite"), "appetite", o.Appetite, appetites)
		switch {
		case i > 0 && o.UpTo <= s.Outcomes[i-1].UpTo:
			l.say(key(at, "outcomes", i, "up_to"), fmt.Sprintf("write a number above %v", s.Outcomes[i-1].UpTo), "the outcome %q cannot be reached: outcomes go from the lowest average to the highest", o.Appetite)
		case o.UpTo < 1:
			l.say(key(at, "outcomes", i, "up_to"), "write 1 or more", "the outcome %q cannot be reached: the first answer counts 1", o.Appetite)
		}
	}
	if n := len(s.Outcomes); n > 0 && s.Outcomes[n-1].UpTo < float64(top) {
		l.say(key(at, "outcomes", n-1, "up_to"), fmt.Sprintf("end the last outcome at %d", top), "no outcome holds an average above %v", s.Outcomes[n-1].UpTo)
	}
}

// everyRating refuses a table that lacks a row for a rating, or has one for none.
func everyRating[V any](l *loader, p *Profile, at string, rows map[string]V) {
	for _, word := range sortedKeys(rows) {
		l.unknown(key(at, word, "@key"), "rating", word, p.RatingWords())
	}
	for _, word := range p.RatingWords() {
		if _, ok := rows[word]; !ok && rows != nil && word != "" {
			l.say(at, fmt.Sprintf("add a row %q", word+": …"), "there is no row for the rating %q", word)
		}
	}
}

// eachRating wants one row a rating of a list.
func (l *loader) eachRating(p *Profile, at string, rows []string) {
	for i, word := range rows {
		l.unknown(key(at, i, "rating"), "rating", word, p.RatingWords())
	}
	l.once("rating", rows, func(i int) string { return key(at, i, "rating") })
	for _, word := range p.RatingWords() {
		if _, given := l.at[at]; given && !slices.Contains(rows, word) && word != "" {
			l.say(at, fmt.Sprintf("add a row with rating: %s", word), "there is no row for the rating %q", word)
		}
	}
}

// level refuses an unknown level of management.
func (l *loader) level(r *Register, at, word string) {
	var known []string
	for _, lv := range r.Levels {
		known = append(known, lv.Name)
	}
	l.unknown(at, "level of management", word, known)
}

func (l *loader) authority(p *Profile) {
	at, r := key(registerFile, "authority"), &p.Register
	var ratings, priorities []string
	for i, a := range r.Authority {
		ratings, priorities = append(ratings, a.Rating), append(priorities, a.Priority)
		l.level(r, key(at, i, "business"), a.Business)
		l.level(r, key(at, i, "security"), a.Security)
		l.least(key(at, i, "days"), a.Days, 0)
	}
	l.eachRating(p, at, ratings)
	l.once("priority", priorities, func(i int) string { return key(at, i, "priority") })
}

func (l *loader) plan(r *Register) {
	at := key(registerFile, "plan")
	var names []string
	for i, c := range r.Plan.Smart {
		l.word(key(at, "smart", i, "name"), c.Name)
		names = append(names, c.Name)
	}
	l.once("name", names, func(i int) string { return key(at, "smart", i, "name") })
	if _, given := l.at[key(at, "smart")]; given && len(names) == 0 {
		l.say(key(at, "smart"), "add what a reviewer answers", "a plan is asked nothing")
	}
	for i, a := range r.Plan.Approval {
		l.unknown(key(at, "approval", i, "name"), "part of the RACI table", a.Name, r.parts())
	}
}

// parts lists what people can be to a risk.
func (r *Register) parts() []string {
	var out []string
	for _, x := range r.RACI {
		out = append(out, x.Name)
	}
	return out
}

func (l *loader) acceptance(p *Profile, at string, a Acceptance) {
	l.word(key(at, "name"), a.Name)
	var rows []string
	for i, row := range a.Approvals {
		rows = append(rows, row.Rating)
		for k, lv := range row.Levels {
			l.level(&p.Register, key(at, "approvals", i, "levels", k), lv)
		}
		if !row.Owner && len(row.Levels) == 0 {
			l.say(key(at, "approvals", i), "say owner: true, or name a level", "nobody approves the acceptance of a risk rated %q", row.Rating)
		}
	}
	l.eachRating(p, key(at, "approvals"), rows)
	l.least(key(at, "max_months"), a.MaxMonths, 1)
	everyRating(l, p, key(at, "review"), a.Review)
	for _, word := range sortedKeys(a.Review) {
		if n := a.Review[word]; n < 1 || n > a.MaxMonths {
			l.say(key(at, "review", word), fmt.Sprintf("write a number from 1 to %d", a.MaxMonths), "a review after %d months never comes: an acceptance ends after %d", n, a.MaxMonths)
		}
	}
	if _, given := l.at[key(at, "questions")]; given && len(a.Questions) == 0 {
		l.say(key(at, "questions"), "add what a review asks", "a review without questions")
	}
	for i, f := range a.Material {
		l.unknown(key(at, "material", i), "field that an acceptance rests on", f, MaterialFields)
	}
}
