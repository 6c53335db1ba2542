package cwe

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// ByName finds the number that is meant by the words of a report, such as a
// platform's weakness title: a number in front ("CWE-79: ..."), a title that
// titles maps, a name that any version of CWE used, or an alternate term. Case
// and punctuation do not matter. Words that name an attack, an effect or nothing
// that CWE has are not guessed at: they answer false.
func ByName(title string) (id string, ok bool) {
	v := words()
	if head := strings.FieldsFunc(title, func(r rune) bool { return r == ' ' || r == ':' }); len(head) > 0 {
		if w := v.byID[number(head[0])]; w != nil && strings.EqualFold(head[0], w.ID) {
			return w.ID, true
		}
	}
	n := v.numbers[strings.ToLower(strings.TrimSpace(title))]
	if n == 0 {
		n = v.numbers[fold(title)]
	}
	if n == 0 {
		return "", false
	}
	return v.byID[n].ID, true
}

// fold is words without case and punctuation, and without the "Generic" that
// platforms append to a class.
func fold(words string) string {
	f := strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.TrimSuffix(strings.Join(f, " "), " generic")
}

// vocabulary is what ByName and Search know, made at first use.
type vocabulary struct {
	*list
	numbers map[string]int // words, as written and folded -> number
	folded  []folded       // what Search looks through, beside all
}

var words = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{list: catalogue(), numbers: map[string]int{}}
	v.learn()
	v.prepare()
	return v
})

// learn fills numbers. What comes first wins: our titles, names of today, of
// categories, of earlier versions (the latest first), then terms and the short
// names in parentheses that only one weakness has.
func (v *vocabulary) learn() {
	for title, n := range titles {
		v.teach(title, n)
	}
	for _, category := range []bool{false, true} {
		for _, w := range v.all {
			if (w.Abstraction == Category) == category && w.Status != "Deprecated" {
				v.teach(w.Name, number(w.ID))
			}
		}
	}
	v.learnFormer()
	v.learnTerms()
}

func (v *vocabulary) learnFormer() {
	type former struct {
		named
		id int
	}
	var all []former
	for id, names := range v.names {
		if w := v.byID[id]; w == nil || w.Status == "Deprecated" {
			continue
		}
		for _, n := range names {
			all = append(all, former{n, id})
		}
	}
	slices.SortFunc(all, func(a, b former) int { return cmp.Or(b.from-a.from, a.id-b.id) })
	for _, f := range all {
		v.teach(f.name, f.id)
	}
}

func (v *vocabulary) learnTerms() {
	owners := map[string]int{}
	for _, w := range v.all {
		for _, t := range w.called() {
			owners[fold(t)]++
		}
	}
	for _, w := range v.all {
		for _, t := range w.called() {
			if owners[fold(t)] == 1 {
				v.teach(t, number(w.ID))
			}
		}
	}
}

// called lists what else a weakness is called: its terms, and the short name
// that its name gives in parentheses and quotes.
func (w *Weakness) called() []string {
	_, short, _ := strings.Cut(w.Name, "('")
	short, _, quoted := strings.Cut(short, "')")
	if !quoted || slices.ContainsFunc(w.Terms, func(t string) bool { return fold(t) == fold(short) }) {
		return w.Terms
	}
	return append(slices.Clip(w.Terms), short)
}

func (v *vocabulary) teach(words string, id int) {
	for _, key := range []string{strings.ToLower(words), fold(words)} {
		if _, ok := v.numbers[key]; !ok && key != "" {
			v.numbers[key] = id
		}
	}
}

// titles are weakness titles of bug-bounty platforms and everyday words whose
// weakness is clear but whose words CWE has never used as a name. Attacks and
// effects that many weaknesses lead to (phishing, cache poisoning, malware,
// content spoofing, session replay) are left out on purpose.
var titles = map[string]int{
	"Array Index Underflow":                           129,
	"Authentication Bypass":                           287,
	"Blind SQL Injection":                             89,
	"Brute Force":                                     307,
	"Buffer Overflow":                                 120,
	"Buffer Underflow":                                124,
	"Classic Buffer Overflow":                         120,
	"Cleartext Storage in a File or on Disk":          313,
	"Clickjacking":                                    1021,
	"Code Injection":                                  94,
	"Command Injection":                               77,
	"CRLF Injection":                                  93,
	"Cross-Site Request Forgery (CSRF)":               352,
	"CSRF":                                            352,
	"Cross-Site Scripting":                            79,
	"Cross-Site Scripting (XSS)":                      79,
	"Cross-site Scripting (XSS) - DOM":                79,
	"Cross-site Scripting (XSS) - Reflected":          79,
	"Cross-site Scripting (XSS) - Stored":             79,
	"Cryptographic Issues":                            310,
	"Denial of Service":                               400,
	"DOM XSS":                                         79,
	"Heap Overflow":                                   122,
	"HTTP Request Smuggling":                          444,
	"HTTP Response Splitting":                         113,
	"IDOR":                                            639,
	"Information Disclosure":                          200,
	"Improper Restriction of Authentication Attempts": 307,
	"Leftover Debug Code (Backdoor)":                  489,
	"Insecure Direct Object Reference":                639,
	"Insecure Direct Object Reference (IDOR)":         639,
	"Integer Overflow":                                190,
	"Integer Underflow":                               191,
	"LDAP Injection":                                  90,
	"Leveraging Race Conditions":                      362,
	"LLM01: Prompt Injection":                         1427,
	"LLM04: Model Denial of Service":                  400,
	"LLM06: Sensitive Information Disclosure":         200,
	"Local File Inclusion":                            98,
	"Man-in-the-Middle":                               300,
	"Memory Corruption":                               119,
	"Misconfiguration":                                16,
	"Modification of Assumed-Immutable Data (MAID)":   471,
	"Open Redirect":                                   601,
	"OS Command Injection":                            78,
	"Path Traversal":                                  22,
	"PHP Local File Inclusion":                        98,
	"Privilege Escalation":                            269,
	"Prompt Injection":                                1427,
	"Race Condition":                                  362,
	"Reflected XSS":                                   79,
	"Remote File Inclusion":                           98,
	"Security Through Obscurity":                      656,
	"Server Side Request Forgery":                     918,
	"Server-Side Request Forgery (SSRF)":              918,
	"SQL Injection":                                   89,
	"SSRF":                                            918,
	"Stack Overflow":                                  121,
	"Stored XSS":                                      79,
	"Type Confusion":                                  843,
	"UI Redressing (Clickjacking)":                    1021,
	"Using Components with Known Vulnerabilities":     1395,
	"Violation of Secure Design Principles":           657,
	"XML Entity Expansion":                            776,
	"XML External Entities (XXE)":                     611,
	"XML Injection":                                   91,
	"XSS":                                             79,
	"XXE":                                             611,
}
