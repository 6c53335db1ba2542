package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/insight"
	"tocsin/internal/picture"
	"tocsin/internal/profile"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

// verbSays is a verb as the history of its own record says it, without its subject.
func verbSays(rules *profile.Profile, verb string) string {
	if title := moveTitle(rules, verb); title != "" && deeds[verb] == "" {
		return "moved it: " + title
	}
	return deed(rules, verb)
}

// quietFields change with every act and tell a person nothing.
var quietFields = []string{"version", "look", "profile", "doc", "due_what", "session", "said", "touched", "audit_read"}

// fieldTitles are the fields whose names in the store are not those of people.
var fieldTitles = map[string]string{"cve": "CVE", "cwe": "weakness", "audience": "seen by", "embargo": "embargo until", "drafted": "for",
	"tlp": "marking", "totp": "second factor", "rca": "root cause analysis", "sha256": "SHA-256"}

// bareWords are what became of a field whose value the trail does not hold, where it
// is more than that it changed.
var bareWords = map[string]string{"sessions": "ended", "password": "set anew", "invite": "made anew", "standing": "computed anew"}

func fieldSays(field string) string { return or(fieldTitles[field], spaced(field)) }

// timeline is the audit trail of a record as the pages show it.
func (p CasePage) timeline(trail []insight.Entry) []ui.Entry {
	return timeline(p.Rules, p.Names, trail)
}

func timeline(rules *profile.Profile, names book, trail []insight.Entry) []ui.Entry {
	var out []ui.Entry
	for _, e := range trail {
		x := ui.Entry{At: e.At, Actor: ui.Person{Name: actorName(e)}, Verb: verbSays(rules, e.Verb), Reason: e.Reason}
		if e.Outcome == "refused" {
			x.Verb, x.Tone, x.Tag = "was refused: "+x.Verb, ui.Bad, ui.Tag{Text: "refused", Tone: ui.Bad}
		} else if strings.HasPrefix(x.Verb, "moved it") {
			x.Tone = ui.Accent
		}
		for _, c := range e.Changes {
			if c.Field == "stage" {
				c.Old, c.New = stageWord(rules, e.Verb, c.Old), stageWord(rules, e.Verb, c.New)
			}
			if !slices.Contains(quietFields, c.Field) {
				x.Changes = append(x.Changes, flat(names, fieldSays(c.Field), c.Old, c.New)...)
			}
		}
		switch {
		case idle(e, x):
		case len(out) > 0 && oneAct(out[len(out)-1], x):
			last := &out[len(out)-1]
			last.Changes = append(x.Changes, last.Changes...)
		default:
			out = append(out, x)
		}
	}
	for i := range out {
		out[i].Changes = gathered(out[i].Changes)
	}
	return out
}

// oneAct tells of two entries, the newer first, that a person takes for one: the same
// deed within the same minute, with nothing said that differs.
func oneAct(newer, x ui.Entry) bool {
	return newer.Actor.Name == x.Actor.Name && newer.Verb == x.Verb && newer.Reason == x.Reason && newer.Tag == x.Tag && x.Tone != ui.Accent &&
		newer.At.Sub(x.At) < time.Minute && len(newer.Changes) > 0 && len(x.Changes) > 0
}

// gathered says what was added to the same field one after another in one line.
func gathered(all []ui.Change) (out []ui.Change) {
	for _, c := range all {
		if i := slices.IndexFunc(out, func(o ui.Change) bool { return o.Field == c.Field }); i >= 0 && c.Old == "" && out[i].Old == "" {
			out[i].New += ", " + c.New
			continue
		}
		out = append(out, c)
	}
	return out
}

// idle tells of an entry that says nothing: the house brought dates up to the moment.
func idle(e insight.Entry, x ui.Entry) bool {
	return len(x.Changes) == 0 && x.Reason == "" && e.Outcome == "done" && strings.HasPrefix(string(e.Actor), "system-") && strings.HasSuffix(e.Verb, ".edit")
}

// stageWord is the title of a stage that an entry names.
func stageWord(rules *profile.Profile, verb string, name any) any {
	cycle, _, _ := strings.Cut(verb, ".")
	word, ok := name.(string)
	if m := rules.Lifecycle(cycle); ok && m != nil {
		return stageOf(rules, cycle, word)
	}
	return name
}

func actorName(e insight.Entry) string {
	if e.Name != "" {
		return e.Name
	}
	if strings.HasPrefix(string(e.Actor), "system-") {
		return "Tocsin"
	}
	return or(string(e.Actor), "somebody")
}

// flat takes a change of a field apart, so that only what differs inside is shown.
func flat(names book, field string, old, fresh any) []ui.Change {
	if c, ok := atOnce(names, field, old, fresh); ok {
		return c
	}
	a, aMap := byKey(old)
	b, bMap := byKey(fresh)
	if (aMap || old == nil) && (bMap || fresh == nil) && (aMap || bMap) {
		var out []ui.Change
		for _, k := range slices.Sorted(maps.Keys(joined(a, b))) {
			if !same(a[k], b[k]) && !slices.Contains(innerQuiet, k) {
				out = append(out, flat(names, field+" "+spaced(k), a[k], b[k])...)
			}
		}
		return out
	}
	c := ui.Change{Field: names.reads.Days(field), Old: words(names, old), New: words(names, fresh)}
	if c.Old == c.New {
		return nil
	}
	return []ui.Change{c}
}

// innerQuiet say inside of a field what the entry says already: who, and when.
var innerQuiet = []string{"at", "by", "name", "line"}

// atOnce says the fields that read better whole: who may see it, approvals, checklists,
// ranges of versions.
func atOnce(names book, field string, old, fresh any) ([]ui.Change, bool) {
	b, isMap := fresh.(map[string]any)
	a, _ := old.(map[string]any)
	switch {
	case isMap && b["principal"] != nil:
		who := words(names, b["principal"])
		if role := words(names, b["role"]); role != "" {
			who += " as " + role
		}
		return []ui.Change{{Field: field, New: who}}, true
	case isMap && isApproval(b): // of an advisory: the entry says whose
		sum := words(names, b["hash"])
		return []ui.Change{{Field: "content", New: sum[:min(12, len(sum))]}}, true
	case isMap && len(b) > 0 && allBools(b):
		return ticked(field, a, b), true
	case isRanges(old) || isRanges(fresh):
		return []ui.Change{{Field: field, Old: rangesOf(old), New: rangesOf(fresh)}}, true
	}
	return nil, false
}

// isApproval tells whether a value is an approval of an advisory, and no word on a plan
// or an acceptance, which says more.
func isApproval(m map[string]any) bool {
	for k := range m {
		if !slices.Contains([]string{"by", "name", "at", "hash"}, k) {
			return false
		}
	}
	return m["by"] != nil && m["hash"] != nil
}

func allBools(m map[string]any) bool {
	for _, v := range m {
		if _, ok := v.(bool); !ok {
			return false
		}
	}
	return true
}

// ticked says a checklist by what was ticked and what was taken back.
func ticked(field string, old, fresh map[string]any) []ui.Change {
	var c ui.Change
	for _, k := range slices.Sorted(maps.Keys(fresh)) {
		switch {
		case fresh[k] == true && old[k] != true:
			c.New = join(", ", c.New, spaced(k))
		case fresh[k] != true && old[k] == true:
			c.Old = join(", ", c.Old, spaced(k))
		}
	}
	c.Field = field
	if c.Old == "" && c.New == "" {
		return nil
	}
	return []ui.Change{c}
}

// isRanges tells whether a value is a list of ranges of versions.
func isRanges(x any) bool {
	list, _ := x.([]any)
	if len(list) == 0 {
		return false
	}
	m, _ := list[0].(map[string]any)
	for name := range m {
		if !slices.Contains(rangeFields, name) {
			return false
		}
	}
	return len(m) > 0
}

// rangeFields are all that a range of versions consists of.
var rangeFields = []string{"type", "introduced", "fixed", "last_affected", "limit", "repo", "raw"}

func rangesOf(x any) string {
	b, _ := json.Marshal(x) // it was read from JSON
	var list []advisory.Range
	if json.Unmarshal(b, &list) != nil {
		return ""
	}
	return strings.ReplaceAll(rangeText(list), "\n", " or ")
}

// byKey reads an object, or a list of objects that have a name each, as a table.
func byKey(x any) (map[string]any, bool) {
	switch x := x.(type) {
	case map[string]any:
		return x, true
	case []any:
		out := map[string]any{}
		for i, e := range x {
			m, ok := e.(map[string]any)
			if !ok {
				return nil, false
			}
			key := fmt.Sprint(i + 1)
			for _, name := range []string{"name", "line"} {
				if s, ok := m[name].(string); ok && s != "" {
					key = s
				}
			}
			out[key] = m
		}
		return out, len(out) > 0
	}
	return nil, false
}

func joined(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, b)
	return out
}

func same(a, b any) bool {
	x, _ := json.Marshal(a) // both were read from JSON
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// token is a word of the store that stands for a choice: "in_progress".
var token = regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)

// longValue is where a value of a timeline is cut.
const longValue = 160

// groupWords says by what a group of cases belongs together: a weakness by its number
// and name, a root cause by its title and that of its set.
func groupWords(rules *profile.Profile, by string) string {
	set, word, ok := strings.Cut(by, ":")
	if !ok || rules == nil {
		return join(" ", by, picture.ShortWeakness(weaknessName(by)))
	}
	for _, s := range rules.RCA.Sets {
		if s.Name == set {
			return titleOf(s.Words, word) + " (" + lowerFirst(s.Title) + ")"
		}
	}
	return word
}

// words writes a value of the audit log for people.
func words(names book, x any) string {
	switch x := x.(type) {
	case nil:
		return ""
	case string:
		if t, err := time.Parse(time.RFC3339Nano, x); err == nil {
			if t.IsZero() {
				return "" // no moment was set
			}
			return names.reads.Moment(t)
		}
		if k, ok := names.byID[ref.ID(x)]; ok {
			return k.Name
		}
		if f := strings.Split(x, "\t"); len(f) == 3 {
			kind, by, ok := strings.Cut(f[0], " ")
			if !ok {
				kind, by = "", f[0]
			}
			return join(" ", kind, groupWords(names.rules, by)) + " in " + picture.PlaceOf(recurrence.Key{Product: f[1], Component: f[2]})
		}
		if token.MatchString(x) {
			return spaced(x)
		}
		return cut(x)
	case float64:
		if x == -1 {
			return "unknown" // a score
		}
		return names.reads.Value(x, 4)
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case []any:
		var out []string
		for _, e := range x {
			out = append(out, words(names, e))
		}
		return cut(strings.Join(out, ", "))
	}
	b, _ := json.Marshal(x) // it was read from JSON
	return cut(string(b))
}

func cut(s string) string {
	r := []rune(s)
	if len(r) <= longValue {
		return s
	}
	return string(r[:longValue]) + " …"
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func queryEscape(s string) string { return url.QueryEscape(s) }
