package profile

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// check finds what is wrong between the parts of the profile. A list that could
// not be read at all is not held against those who refer to it.
func (l *loader) check(p *Profile) {
	l.checkProfile(p)
	l.checkSeverity(p)
	l.checkLifecycles(p)
	l.checkClocks(p)
	l.checkDisclosure(p)
	l.checkSLA(p)
	l.checkWords(p)
	l.checkGrants(p)
	l.checkRisk(p)
	l.checkRegister(p)
	l.checkRCA(p)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// index returns the number at the end of a key.
func index(at string) int {
	n, err := strconv.Atoi(at[strings.LastIndexByte(at, 0)+1:])
	if err != nil {
		panic(err) // only called for keys that end in a number
	}
	return n
}

var wordForm = regexp.MustCompile(`^[a-z0-9]+([-._:][a-z0-9]+)*$`)

// word refuses a name that could not stand in an address or a label.
func (l *loader) word(at, name string) {
	if name != "" && (len(name) > 64 || !wordForm.MatchString(name)) {
		l.say(at, "use at most 64 small letters and digits, joined by - . _ or :", "%q is no name", name)
	}
}

// unknown refuses a word that is not among the known ones; an empty word has been
// noted as missing already.
func (l *loader) unknown(at, what, word string, known []string) {
	if word != "" && len(known) > 0 && !slices.Contains(known, word) {
		l.say(at, pick(word, known), "nothing defines the %s %q", what, word)
	}
}

// once refuses a word that a list already has.
func (l *loader) once(what string, words []string, name func(i int) string) {
	for i, w := range words {
		if w != "" && slices.Contains(words[:i], w) {
			l.say(name(i), "remove or rename one", "the %s %q is listed twice", what, w)
		}
	}
}

// named checks a list of words with titles.
func (l *loader) named(file, part string, n int, name func(i int) string) {
	var words []string
	for i := range n {
		l.word(key(file, part, i, "name"), name(i))
		words = append(words, name(i))
	}
	l.once("name", words, func(i int) string { return key(file, part, i, "name") })
	_, given := l.at[key(file, part)]
	if given && n == 0 {
		l.say(key(file, part), "add at least one entry", "the list %s is empty", part)
	}
}

var (
	categories = []string{"coordinator", "discoverer", "other", "translator", "user", "vendor"} // CSAF 2.0, 3.2.1.8.1
	tlpLabels  = []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"}                     // FIRST TLP 2.0
	uuidForm   = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	langForm   = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

func (l *loader) checkProfile(p *Profile) {
	f := profileFile
	l.word(key(f, "name"), p.Name)
	l.unknown(key(f, "publisher", "category"), "category of publishers", p.Publisher.Category, categories)
	l.address(key(f, "publisher", "namespace"), p.Publisher.Namespace)
	l.address(key(f, "publisher", "policy"), p.Publisher.Policy)
	if id := p.Publisher.OrgID; id != "" && !uuidForm.MatchString(id) {
		l.say(key(f, "publisher", "org_id"), "copy it from the CVE programme's list of partners", "%q is no UUID", id)
	}
	for i, lang := range p.Publisher.Languages {
		if !langForm.MatchString(lang) {
			l.say(key(f, "publisher", "languages", i), `write a BCP 47 tag such as "en"`, "%q is no language", lang)
		}
	}
	if n := p.Releases.Supported; n < 1 || n > 50 {
		if _, given := l.at[key(f, "releases", "supported")]; given {
			l.say(key(f, "releases", "supported"), "write a number from 1 to 50", "%d release lines cannot be supported", n)
		}
	}
	l.named(f, "roles", len(p.Roles), func(i int) string { return p.Roles[i].Name })
	for i, mark := range p.TLP {
		l.unknown(key(f, "tlp", i), "TLP label", mark, tlpLabels)
	}
	l.once("TLP label", p.TLP, func(i int) string { return key(f, "tlp", i) })
}

func (l *loader) address(at, text string) {
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		l.say(at, "write it in full, with https://", "%q is no web address", text)
	}
}

// severity refuses an unknown severity word.
func (l *loader) severity(p *Profile, at, word string) {
	l.unknown(at, "severity", word, p.SeverityWords())
}

// everySeverity refuses a table that lacks a row for a severity.
func everySeverity[V any](l *loader, p *Profile, at string, rows map[string]V) {
	for _, word := range sortedKeys(rows) {
		l.severity(p, key(at, word, "@key"), word)
	}
	for _, word := range p.SeverityWords() {
		if _, ok := rows[word]; !ok && rows != nil && word != "" {
			l.say(at, fmt.Sprintf("add a row %q", word+": …"), "there is no row for the severity %q", word)
		}
	}
}

func (l *loader) checkSeverity(p *Profile) {
	f := severityFile
	for i, s := range p.Severity.Sources {
		l.unknown(key(f, "sources", i), "score", s, ScoreSources)
	}
	l.once("score", p.Severity.Sources, func(i int) string { return key(f, "sources", i) })
	l.bands(p.Severity.Bands)
	everySeverity(l, p, key(f, "votes"), p.Votes)
	for _, word := range sortedKeys(p.Votes) {
		if n := p.Votes[word]; n < 0 || n > 20 {
			l.say(key(f, "votes", word), "write a number from 0 to 20", "%d votes cannot be asked for", n)
		}
	}
	for i, r := range p.CVSSRules {
		l.cvssRule(key(f, "cvss_rules", i), r)
	}
}

// bands wants severity bands from the lowest to the highest, without gap, overlap
// or anything unreachable, on CVSS's grid of tenths.
func (l *loader) bands(bands []Band) {
	f, next := severityFile, 1
	for i, b := range bands {
		at := key(f, "bands", i)
		from, to := tenths(b.From), tenths(b.To)
		l.word(key(at, "word"), b.Word)
		switch {
		case b.From < 0 || b.To > 10 || !onGrid(b.From) || !onGrid(b.To):
			l.say(at, "use one decimal from 0.0 to 10.0", "the band %q is off the grid of scores", b.Word)
			return
		case from > to:
			l.say(key(at, "from"), "swap the two ends", "the band %q cannot be reached: it begins at %.1f and ends at %.1f", b.Word, b.From, b.To)
			return
		case i > 0 && from < next:
			l.say(key(at, "from"), fmt.Sprintf("begin at %.1f", float64(next)/10), "the band %q overlaps the band %q, which ends at %.1f", b.Word, bands[i-1].Word, bands[i-1].To)
		case from > next:
			l.say(key(at, "from"), fmt.Sprintf("begin at %.1f", float64(next)/10), "no band holds %s", gap(next, from-1))
		}
		next = to + 1
	}
	if n := len(bands); n > 0 && next <= 100 {
		l.say(key(f, "bands", n-1, "to"), "end the last band at 10.0", "no band holds %s", gap(next, 100))
	}
	words := make([]string, len(bands))
	for i, b := range bands {
		words[i] = b.Word
	}
	l.once("severity", words, func(i int) string { return key(f, "bands", i, "word") })
}

func onGrid(f float64) bool { d := f*10 - float64(tenths(f)); return d < 1e-6 && d > -1e-6 }

func gap(from, to int) string {
	if from == to {
		return fmt.Sprintf("%.1f", float64(from)/10)
	}
	return fmt.Sprintf("%.1f to %.1f", float64(from)/10, float64(to)/10)
}

// metrics are the base metrics of each version of CVSS with their values.
var metrics = map[string]map[string]string{
	"2.0": {"AV": "LAN", "AC": "HML", "Au": "MSN", "C": "NPC", "I": "NPC", "A": "NPC"},
	"3.0": {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"},
	"3.1": {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"},
	"4.0": {"AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA", "VC": "HLN", "VI": "HLN", "VA": "HLN", "SC": "HLN", "SI": "HLN", "SA": "HLN"},
}

func (l *loader) cvssRule(at string, r CVSSRule) {
	l.word(key(at, "name"), r.Name)
	l.unknown(key(at, "version"), "version of CVSS", r.Version, sortedKeys(metrics))
	if m := metrics[r.Version]; m != nil {
		l.unknown(key(at, "metric"), "metric", r.Metric, sortedKeys(m))
		if values := m[r.Metric]; values != "" {
			l.unknown(key(at, "value"), "value of "+r.Metric, r.Value, strings.Split(values, ""))
		}
	}
}

func (l *loader) checkWords(p *Profile) {
	f := wordsFile
	for _, list := range []struct {
		part  string
		words []Named
	}{{"sources", p.Sources}, {"stride", p.Stride}, {"remediations", p.Remediations}, {"verdicts", p.Verdicts},
		{"validations", p.Validations}, {"credits", p.Credits}} {
		l.named(f, list.part, len(list.words), func(i int) string { return list.words[i].Name })
	}
	l.named(f, "environments", len(p.Environments), func(i int) string { return p.Environments[i].Name })
	l.named(f, "completeness", len(p.Completeness), func(i int) string { return p.Completeness[i].Name })
	l.named(f, "dispositions", len(p.Dispositions), func(i int) string { return p.Dispositions[i].Name })
	verbs := moveVerbs(p)
	for i, d := range p.Dispositions {
		l.unknown(key(f, "dispositions", i, "message"), "message", d.Message, sortedKeys(p.Messages))
		for k, v := range d.Verbs {
			l.unknown(key(f, "dispositions", i, "verbs", k), "move", v, verbs)
		}
	}
}

// moveVerbs lists the verbs of all life cycles.
func moveVerbs(p *Profile) []string {
	var out []string
	for _, name := range sortedKeys(p.Lifecycles) {
		out = append(out, p.Lifecycles[name].Verbs()...)
	}
	return out
}

func (l *loader) checkGrants(p *Profile) {
	at := key(grantsFile, "grants")
	var roles []string
	for _, r := range p.Roles {
		roles = append(roles, r.Name)
	}
	rows := l.raw.grants.Grants
	for _, g := range p.Grants {
		if l.words.Verbs != nil && !slices.Contains(l.words.Verbs, g.Verb) {
			l.say(key(at, g.Verb, "@key"), pick(g.Verb, l.words.Verbs), "nobody defines the verb %q", g.Verb)
		}
		for i, role := range g.Roles {
			l.unknown(key(at, g.Verb, i), "role", role, roles)
		}
		l.once("role", g.Roles, func(i int) string { return key(at, g.Verb, i) })
	}
	if rows == nil {
		return
	}
	for _, verb := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(l.words.Verbs, moveVerbs(p))))) {
		if _, ok := rows[verb]; !ok && verb != "" && (l.own || !ofRegister(verb)) && (p.RCA.Asked() || !ofCauses(verb)) && (l.words.Verbs == nil || slices.Contains(l.words.Verbs, verb)) {
			l.say(at, fmt.Sprintf("add a row %q", verb+": [ROLE, …]"), "nobody is granted %s", verb)
		}
	}
}
