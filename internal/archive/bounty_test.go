package archive

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/profile"
)

func rules(t testing.TB, name string) *profile.Profile {
	t.Helper()
	p, err := profile.Embedded(name, profile.Words{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readAll(t testing.TB, text, program string) (out []item) {
	t.Helper()
	return slices.Collect(rows([]byte(text), program, rules(t, "gitlab")))
}

func TestARowBecomesWhatItStates(t *testing.T) {
	t.Parallel()
	const head = "program,title,link,upvotes,bounty,vuln_type,disclosed_at,severity,cvss,cve,asset,researcher\n"
	for _, c := range []struct {
		name, row string
		want      Record
	}{
		{"of nothing but a title", ",Anchor slips,,,,,,,,,,", Record{Title: "Anchor slips", Source: "bug-bounty"}},
		{"with a weakness by name", ",T,,,,Cross-site Scripting (XSS) - Stored,,,,,,", Record{Title: "T", CWE: "CWE-79", Source: "bug-bounty"}},
		{"with a weakness that CWE has not", ",T,,,,Phishing,,,,,,", Record{Title: "T", Source: "bug-bounty"}},
		{"with a day", ",T,,,,,2021-03-04,,,,,", Record{Title: "T", Opened: time.Date(2021, 3, 4, 0, 0, 0, 0, time.UTC), Source: "bug-bounty"}},
		{"with a severity word", ",T,,,,,,High,,,,", Record{Title: "T", Claimed: "high", Source: "bug-bounty"}},
		{"with a word that is no severity", ",T,,,,,,spicy,,,,", Record{Title: "T", Source: "bug-bounty"}},
		{"with a link and no scheme", ",T,example.com/r/1,,,,,,,,,", Record{Title: "T", URL: "https://example.com/r/1", Source: "bug-bounty"}},
		{"with a link that is none", ",T,javascript://alert(1),,,,,,,,,", Record{Title: "T", Source: "bug-bounty"}},
		{"with everything else", "Harbor,T,,,,,,,,cve-1900-0001,crane,ada", Record{Title: "T", Product: "Harbor", CVE: "CVE-1900-0001", Component: "crane", Credit: "ada", Source: "bug-bounty"}},
		{"with a title of many lines and controls", ",\"A\n\x01  B\u202e\",,,,,,,,,,", Record{Title: "A B", Source: "bug-bounty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := readAll(t, head+c.row+"\n", "")
			if len(all) != 1 || all[0].err != nil {
				t.Fatalf("have %+v", all)
			}
			have := all[0].parts[0].Record
			if have.Title != c.want.Title || have.CWE != c.want.CWE || !have.Opened.Equal(c.want.Opened) || have.Claimed != c.want.Claimed || have.URL != c.want.URL ||
				have.Source != c.want.Source || have.Product != c.want.Product || have.CVE != c.want.CVE || have.Component != c.want.Component || have.Credit != c.want.Credit || len(have.Scores) != 0 {
				t.Errorf("have %+v\nwant %+v", have, c.want)
			}
		})
	}
}

func TestWhatACaseHasNoFieldForIsKept(t *testing.T) {
	t.Parallel()
	const text = "\ufeffProgram;Title;Bounty;Upvotes;Vuln_Type;cvss\r\nHarbor;T;250.0;7;Phishing;AV:N/AC:L/Au:N/C:P/I:P/A:P\r\n"
	all := readAll(t, text, "")
	if len(all) != 1 || all[0].err != nil {
		t.Fatalf("have %+v", all)
	}
	r := all[0].parts[0].Record
	for name, want := range map[string]string{"bounty": "250.0", "upvotes": "7", "vuln_type": "Phishing", "program": "Harbor", "title": ""} {
		if r.Stated[name] != want {
			t.Errorf("%s %q, want %q", name, r.Stated[name], want)
		}
	}
	if len(r.Scores) != 1 || r.Scores[0].Version != "2.0" || r.Scores[0].Base != 7.5 || r.CWE != "" {
		t.Errorf("scores %+v, weakness %q", r.Scores, r.CWE)
	}
	if have := string(all[0].original); have != text {
		t.Errorf("original %q, want %q", have, text)
	}
}

func TestABadRowIsLeftOutAlone(t *testing.T) {
	t.Parallel()
	const good = "Harbor,Good,example.com/1,\n"
	for _, c := range []struct {
		name, row, says string
		line            int
	}{
		{"with too few fields", "Harbor,T\n", "2 fields", 3},
		{"with too many fields", "Harbor,T,,,,\n", "6 fields", 3},
		{"without a title", "Harbor, ,example.com/2,\n", "no title", 3},
		{"with a quote inside", "Harbor,a \"b\" c,,\n", "quotes", 3},
		{"with a day that may be two", "Harbor,T,,03/04/2021\n", "2026-03-09", 3},
		{"with a day that never was", "Harbor,T,,2021-02-30\n", "no date", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := readAll(t, "program,title,link,date\n"+good+c.row+strings.Replace(good, "/1", "/3", 1), "")
			if len(all) != 3 || all[0].err != nil || all[2].err != nil || all[1].err == nil {
				t.Fatalf("have %+v, want the second row alone refused", all)
			}
			if f := all[1].failure(); !strings.Contains(f.Reason, c.says) || f.Line != c.line || f.Pointer != "" {
				t.Errorf("have %+v, want line %d and %q", f, c.line, c.says)
			}
		})
	}
}

func TestATableThatIsNoneIsRefusedOnce(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "of other columns": "a,b\n1,2\n", "not UTF-8": "title\n\xff\n", "a bare quote": "ti\"tle\nx\n"} {
		if all := readAll(t, text, ""); len(all) != 1 || all[0].err == nil {
			t.Errorf("a table %s: %+v, want one refusal", name, all)
		}
	}
}

func TestRowsOfOtherProgramsAreSkipped(t *testing.T) {
	t.Parallel()
	all := readAll(t, "program,title\nHarbor,A\nPier,B\nharbor,C\n", "HARBOR")
	var skipped []bool
	for _, it := range all {
		skipped = append(skipped, it.skip)
	}
	if !slices.Equal(skipped, []bool{false, true, false}) {
		t.Errorf("skipped %v, want the second", skipped)
	}
}

func TestTheSourceIsAWordOfTheProfile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"gitlab": "bug-bounty", "generic": "platform"} {
		p := rules(t, name)
		for it := range rows([]byte("title\nT\n"), "", p) {
			if have := it.parts[0].Source; have != want {
				t.Errorf("%s: source %q, want %q", name, have, want)
			}
		}
		p.Sources = nil
		for it := range rows([]byte("title\nT\n"), "", p) {
			if have := it.parts[0].Source; have != "" {
				t.Errorf("%s without sources: %q", name, have)
			}
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, s := range []string{"title\nT\n", "program,title,link\n\"a\n\"\"b\",T,x\n", "\ufefftitle;bounty\r\nT;1\r\n", "title\n\"", "title,date,cvss\nT,2021-01-01,CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\n", "title\n\n\nT"} {
		f.Add([]byte(s))
	}
	p := rules(f, "gitlab")
	f.Fuzz(func(t *testing.T, body []byte) {
		for it := range rows(body, "", p) {
			if it.err != nil {
				if it.failure().Reason == "" {
					t.Error("a refusal without a reason")
				}
				continue
			}
			r := it.parts[0].Record
			if r.Title == "" || len(r.Title) > maxTitle || strings.ContainsAny(r.Title, "\n\x00") || it.name == "" || len(it.name) > maxName || it.sum == "" {
				t.Errorf("a row came in as %+v", r)
			}
			// What is kept of a row reads as the same row again.
			for again := range rows(it.original, "", p) {
				if again.err != nil || again.sum != it.sum || again.name != it.name || again.parts[0].Title != r.Title {
					t.Errorf("kept %q, which reads as %+v", it.original, again)
				}
			}
		}
	})
}
