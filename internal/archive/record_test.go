package archive

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/advisory"
)

func TestScoresAreThePublishersOwn(t *testing.T) {
	t.Parallel()
	const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" // 9.8
	for _, c := range []struct {
		name      string
		doc, said string
		scores    []advisory.Score
		want      []advisory.Score
		claimed   string
		stated    map[string]string
	}{
		{name: "none stated"},
		{name: "only a word", said: "high", claimed: "high"},
		{name: "only a word of the document", doc: "critical", claimed: "critical"},
		{name: "a word that is no severity here", doc: "important", stated: map[string]string{"severity": "important"}},
		{name: "a base score without a vector", scores: []advisory.Score{{Version: "3.1", Base: 7.3}}, want: []advisory.Score{{Version: "3.1", Base: 7.3}}},
		{name: "a base score of no version", scores: []advisory.Score{{Base: 7.3}}},
		{name: "an impossible base score", scores: []advisory.Score{{Version: "3.1", Base: 11}}},
		{name: "a vector alone", scores: []advisory.Score{{Vector: vector}}, want: []advisory.Score{{Version: "3.1", Vector: vector, Base: 9.8}}},
		{name: "a vector and another base score", scores: []advisory.Score{{Version: "3.1", Vector: vector, Base: 9.1}}, want: []advisory.Score{{Version: "3.1", Vector: vector, Base: 9.1}}},
		{name: "a vector that cannot be read", scores: []advisory.Score{{Version: "3.1", Vector: "CVSS:3.1/AV:Q", Base: 5}}, want: []advisory.Score{{Version: "3.1", Base: 5}}},
		{name: "a vector that cannot be read, alone", scores: []advisory.Score{{Version: "3.1", Vector: "CVSS:3.1/AV:Q"}}, stated: map[string]string{"score": "CVSS:3.1/AV:Q"}},
		{name: "the highest of its own", scores: []advisory.Score{{Version: "3.1", Base: 5}, {Version: "3.1", Base: 7}, {Version: "3.1", Base: 6}}, want: []advisory.Score{{Version: "3.1", Base: 7}}},
		{name: "its own before another's", scores: []advisory.Score{{Version: "3.1", Base: 9, By: "ADP"}, {Version: "3.1", Base: 5}}, want: []advisory.Score{{Version: "3.1", Base: 5}}},
		{name: "another's where it has none", scores: []advisory.Score{{Version: "3.1", Base: 9, By: "ADP"}}, want: []advisory.Score{{Version: "3.1", Base: 9, By: "ADP"}}},
		{name: "one of each version", said: "low", scores: []advisory.Score{{Version: "4.0", Base: 6}, {Version: "2.0", Base: 5}}, want: []advisory.Score{{Version: "2.0", Base: 5}, {Version: "4.0", Base: 6}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := advisory.Vuln{CVE: "CVE-1900-0001", Scores: c.scores}
			if c.said != "" {
				v.Scores = append(v.Scores, advisory.Score{Severity: c.said})
			}
			d := advisory.Document{ID: "CVE-1900-0001", Severity: c.doc, Vulns: []advisory.Vuln{v}}
			r := partsOf("cve5", &d, rules(t, "gitlab"))[0].Record
			if diff := cmp.Diff(c.want, r.Scores); diff != "" || r.Claimed != c.claimed {
				t.Errorf("claimed %q, want %q; scores (-want +have):\n%s", r.Claimed, c.claimed, diff)
			}
			for k, want := range c.stated {
				if r.Stated[k] != want {
					t.Errorf("%s %q, want %q", k, r.Stated[k], want)
				}
			}
		})
	}
}

func TestAnEmptyRecordStatesNothing(t *testing.T) {
	t.Parallel()
	d := advisory.Document{ID: "X-1", Vulns: []advisory.Vuln{{}}}
	have := partsOf("osv", &d, rules(t, "gitlab"))[0].Record
	want := Record{Title: "X-1", Stated: map[string]string{"aliases": "X-1"}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

func TestWeaknessesByNumberAndByName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		cwes         []advisory.CWE
		want, stated string
	}{
		{"a number", []advisory.CWE{{ID: "CWE-79", Name: "as they call it"}}, "CWE-79", ""},
		{"a name", []advisory.CWE{{Name: "Use After Free"}}, "CWE-416", ""},
		{"words that CWE has not", []advisory.CWE{{Name: "Bad luck"}}, "", "Bad luck"},
		{"a number that CWE has not", []advisory.CWE{{ID: "CWE-99999", Name: "Use After Free"}}, "", "CWE-99999 Use After Free"},
		{"several", []advisory.CWE{{Name: "Bad luck"}, {ID: "CWE-22"}, {ID: "CWE-79", Name: "XSS"}}, "CWE-22", "Bad luck; CWE-79 XSS"},
	} {
		d := advisory.Document{ID: "X-1", Vulns: []advisory.Vuln{{CWEs: c.cwes}}}
		r := partsOf("osv", &d, rules(t, "gitlab"))[0].Record
		if r.CWE != c.want || r.Stated["weaknesses"] != c.stated {
			t.Errorf("%s: %q and %q, want %q and %q", c.name, r.CWE, r.Stated["weaknesses"], c.want, c.stated)
		}
	}
}

func TestProductsAndVersionsInWords(t *testing.T) {
	t.Parallel()
	d := advisory.Document{ID: "X-1", Initial: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC),
		Products: []advisory.Product{{ID: "P1", Vendor: "Harbor", Name: "crane", Package: "crane-core"}, {ID: "P2", Vendor: "Harbor", Name: "winch", Version: "4.1"}},
		Vulns: []advisory.Vuln{{Affected: []advisory.Affected{
			{Product: "P1", Status: advisory.KnownAffected, Ranges: []advisory.Range{{Introduced: "1.0", Fixed: "1.4"}, {}}, Versions: []string{"0.9"}, Parts: []advisory.Part{{Module: "hook"}, {Module: "boom"}}},
			{Product: "P2", Status: advisory.Fixed}, {Product: "none", Status: advisory.Fixed},
		}}}}
	r := partsOf("csaf", &d, rules(t, "gitlab"))[0].Record
	want := Record{Title: "X-1", Opened: d.Initial, Product: "crane", Component: "hook", Fixed: []string{"1.4", "4.1"},
		Affected: []string{"known affected: Harbor crane >= 1.0 < 1.4, every version, 0.9", "fixed: Harbor winch 4.1"},
		Stated:   map[string]string{"vendor": "Harbor", "products": "crane, winch", "components": "hook, boom", "aliases": "X-1"}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

func TestPartsKeepTheirKeys(t *testing.T) {
	t.Parallel()
	d := advisory.Document{ID: "X-1", Vulns: []advisory.Vuln{{CVE: "CVE-1900-0001"}, {Aliases: []string{"A-1"}}, {}, {CVE: "CVE-1900-0001"}}}
	var have []string
	for _, p := range partsOf("csaf", &d, rules(t, "gitlab")) {
		have = append(have, p.key)
	}
	if diff := cmp.Diff([]string{"CVE-1900-0001", "A-1", "#3", "CVE-1900-0001#4"}, have); diff != "" {
		t.Error(diff)
	}
}

func TestTextOfOthersFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, want string
		most           int
	}{
		{"as it is", "Anchor", "Anchor", 10},
		{"of several lines", " a\n\tb\r\n c ", "a b c", 10},
		{"with controls and overrides", "a\x00b\u202ec\u0085d", "abcd", 10},
		{"too long", "abcdefghijk", "abcdefg…", 10},
		{"cut inside of a letter", "aaaaaaäää", "aaaaaa…", 10},
		{"not UTF-8", "a\xffb", "a\ufffdb", 10},
	} {
		if have := line(c.in, c.most); have != c.want {
			t.Errorf("%s: %q, want %q", c.name, have, c.want)
		}
	}
}
