package insight_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// hits are the titles of the cases that a search finds.
func hits(t *testing.T, h *rig.House, who context.Context, q string) []string {
	t.Helper()
	l, err := h.Cases.List(who, casework.Filter{Text: q}, casework.Page{})
	check(t, "search "+q, err)
	var out []string
	for _, c := range l.Cases {
		out = append(out, c.Title)
	}
	return out
}

func TestSearchOperators(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		for _, c := range []struct{ title, summary string }{
			{"first", "A stored cross-site scripting in the Wiki editor. CVE-1900-1234"},
			{"second", "The wiki export reads files of the server"},
			{"third", "Résumé parser: heap overflow in naïve_parser"},
		} {
			_, err := h.Cases.Open(ana, casework.Opening{Title: c.title, Summary: c.summary})
			check(t, "open", err)
		}
		for _, c := range []struct {
			q    string
			want []string
		}{
			{"wiki", []string{"second", "first"}},
			{"WIKI editor", []string{"first"}},
			{"wiki heap", nil},
			{`"wiki export"`, []string{"second"}},
			{`"export wiki"`, nil},
			{"over*", []string{"third"}},
			{"over", nil},
			{"CVE-1900-1234", []string{"first"}},
			{"cve-1900-1234", []string{"first"}},
			{`"unfinished wiki`, nil},
			{"title:wiki OR heap", nil},
			{"first", []string{"first"}},
			{"naïve_parser", []string{"third"}},
		} {
			if have := hits(t, h, ana, c.q); !slices.Equal(have, c.want) {
				t.Errorf("%s: have %v, want %v", c.q, have, c.want)
			}
		}
	})
}

// hostile are texts that mean something to one engine or the other.
var hostile = []string{`"`, `""`, `"""`, `a"b`, `*`, `**`, `a*`, `a**b*`, `^a`, `-`, `--`, `a-`, `-a`, `_`, `- _ -`, `a AND`, `NOT a`, `NEAR(a b)`, `a OR`, `{title}: a`, `title:a`, `(a`, `a)`, `'a'`, `a' | 'b`,
	`a:*`, `!a`, `a & b`, `a <-> b`, `\`, `a\`, `%`, `_%`, `a;drop table cases`, "a\x00b", "\x00", "a\u202eb", "\xff\xfe", "é\u0301", "\u0301", "\u0301\u0301 a", "東京", "🙂", "🙂a", "a\nb\tc", `$1`, `{cases}`, "ⅷ", "²", "ß", "İ",
	strings.Repeat("x", 200), strings.Repeat("x", 5000), strings.Repeat("ä", 300) + " a", `"a b c d e f g h i j k l m n o p"`}

func TestNoSearchIsAnError(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		_, err := h.Cases.Open(ana, casework.Opening{Title: "a b export", Summary: "c"})
		check(t, "open", err)
		for _, q := range hostile {
			if _, err := h.Cases.List(ana, casework.Filter{Text: q}, casework.Page{Counted: true}); err != nil && !errors.Is(err, fault.Invalid) {
				t.Errorf("cases %q: %v", q, err)
			}
			if _, err := h.Reports.List(ana, intake.Filter{Text: q}, intake.Page{}); err != nil && !errors.Is(err, fault.Invalid) {
				t.Errorf("reports %q: %v", q, err)
			}
			if _, err := h.Across.Search(ana, q, 10); err != nil && !errors.Is(err, fault.Invalid) {
				t.Errorf("everywhere %q: %v", q, err)
			}
		}
		for what, q := range map[string]string{"too many words": strings.Repeat("w ", 17), "a phrase of too many words": `"` + strings.Repeat("w ", 17) + `"`, "no word": " -- ", "a word beyond reason": strings.Repeat("x", 3000)} {
			if _, err := h.Across.Search(ana, q, 10); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestHostileTextsAreIndexedAndFound(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		long := strings.Repeat("x", 4000) + " needle"
		id, err := h.Cases.Open(ana, casework.Opening{Title: "long", Summary: long})
		check(t, "open", err)
		if have := hits(t, h, ana, "needle"); !slices.Equal(have, []string{"long"}) {
			t.Errorf("behind a long word: %v", have)
		}
		gone := "haystack"
		check(t, "edit", h.Cases.Edit(ana, id, casework.Patch{Summary: &gone}))
		if have := hits(t, h, ana, "needle"); have != nil {
			t.Errorf("after the text has changed: %v", have)
		}
		if have := hits(t, h, ana, "haystack"); len(have) != 1 {
			t.Errorf("the new text: %v", have)
		}
	})
}

func TestPagesOfASearchHoldEveryRowOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		for i := range 7 {
			_, err := h.Cases.Open(ana, casework.Opening{Title: fmt.Sprint("export ", i)})
			check(t, "open", err)
		}
		for _, f := range []casework.Filter{{}, {Text: "export"}, {Order: "due"}} {
			seen, after := map[ref.ID]int{}, ""
			for range 10 {
				l, err := h.Cases.List(ana, f, casework.Page{Limit: 2, After: after})
				check(t, "list", err)
				for _, c := range l.Cases {
					seen[c.ID]++
				}
				if after = l.Next; after == "" {
					break
				}
			}
			if len(seen) != 7 {
				t.Errorf("%+v: %d rows of 7", f, len(seen))
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("%+v: %s stands on %d pages", f, id, n)
				}
			}
		}
	})
}

func TestTheTrailNamesNoRecordThatItsReaderMayNotSee(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob, ruth := h.As(t, "ana", "analyst"), h.As(t, "bob", "analyst"), h.As(t, "ruth", "auditor")
		open, err := h.Cases.Open(ana, casework.Opening{Title: "open"})
		check(t, "open", err)
		secret, err := h.Cases.Open(ana, casework.Opening{Title: "secret", Named: true})
		check(t, "open", err)
		check(t, "link", h.Cases.LinkTo(ana, open, "related", secret, true))
		check(t, "pause", h.Cases.Pause(ana, open, "", "until "+string(secret)+" is out"))
		many := ""
		for range 4000 {
			many += string(ref.New("case")) + " "
		}
		for range 12 { // more names than an engine takes in one statement
			check(t, "edit", h.Cases.Edit(ana, open, casework.Patch{Summary: &many}))
			other := many[14:] + "CASE-00000000 "
			many = other
		}
		check(t, "note to a person", h.Cases.Assign(ana, open, "person-bob"))
		for what, who := range map[string]context.Context{"a colleague": bob, "an auditor": ruth} {
			entries, err := h.Trail.On(who, open)
			check(t, what, err)
			if len(entries) < 2 {
				t.Errorf("%s reads %d entries", what, len(entries))
			}
			for _, e := range entries {
				if strings.Contains(fmt.Sprintf("%+v", e), string(secret)) {
					t.Errorf("%s reads of the secret case: %+v", what, e)
				}
			}
			if _, err := h.Trail.On(who, secret); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s reads the secret trail: %v", what, err)
			}
		}
		mine, err := h.Trail.On(ana, open)
		check(t, "mine", err)
		if !strings.Contains(fmt.Sprintf("%+v", mine), string(secret)) {
			t.Error("whoever may see the secret case reads nothing of it")
		}
	})
}

func TestTheWholeTrailIsTheSameWithAndWithoutWhatIsHidden(t *testing.T) {
	rig.Twins(t, "gitlab", func(h *rig.House) {
		h.As(t, "ana", "analyst")
		h.As(t, "eve", "engineer")
		h.As(t, "ruth", "auditor")
	}, func(t *testing.T, a, b *rig.House) {
		as := func(name string) context.Context {
			return access.With(context.Background(), access.Actor{ID: ref.ID("person-" + name), Kind: access.Person, Name: name})
		}
		id, err := b.Cases.Open(as("ana"), casework.Opening{Title: "secret", Named: true})
		check(t, "open", err)
		check(t, "share", b.Cases.Share(as("ana"), id, "person-eve", ""))
		_, err = b.Cases.Note(as("ana"), id, "@eve look")
		check(t, "note", err)
		c, err := b.Files.Store(t.Context(), strings.NewReader("proof"))
		check(t, "store", err)
		_, err = b.Cases.Attach(as("ana"), id, "proof", c, false)
		check(t, "attach", err)
		for more := true; more; {
			more, err = b.Jobs.Step(t.Context())
			check(t, "job", err)
		}
		if n := rig.Count(t, b.DB, "notices where person = 'person-eve'"); n == 0 {
			t.Error("nobody was told, so this test tells nothing")
		}
		read := func(h *rig.House) (out []string) {
			entries, _, err := h.Trail.Whole(as("ruth"), insight.Span{})
			check(t, "whole", err)
			for _, e := range entries {
				out = append(out, fmt.Sprint(e.Actor, e.Verb, e.Subject, e.Outcome, e.Changes))
			}
			return out
		}
		if one, two := read(a), read(b); !slices.Equal(one, two) {
			t.Errorf("the auditor's log tells the worlds apart:\n%q\n%q", one, two)
		}
	})
}

func TestTheTrailGoesOnBehindWhatIsHidden(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, ruth := h.As(t, "ana", "analyst"), h.As(t, "ruth", "auditor")
		open, err := h.Cases.Open(ana, casework.Opening{Title: "the first entry of all"})
		check(t, "open", err)
		secret, err := h.Cases.Open(ana, casework.Opening{Title: "secret", Named: true})
		check(t, "open", err)
		for i := range 60 { // more than one page reads
			check(t, "link", h.Cases.LinkTo(ana, open, "related", secret, i%2 == 0))
		}
		var all []insight.Entry
		empty, after := 0, ""
		for range 100 {
			page, next, err := h.Trail.Whole(ruth, insight.Span{Actor: "person-ana", Limit: 1, After: after})
			check(t, "whole", err)
			if len(page) == 0 && next != "" {
				empty++
			}
			all = append(all, page...)
			if after = next; after == "" {
				break
			}
		}
		if len(all) != 1 || all[0].Subject != open {
			t.Errorf("the reader comes to %d entries, want the one of the opening", len(all))
		}
		if empty == 0 {
			t.Error("no page was empty, so this test tells nothing")
		}
	})
}

func TestARoleOnOneRecordIsEnoughToFindIt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, gus := h.As(t, "ana", "analyst"), h.As(t, "gus", "guest")
		nobody := h.As(t, "nina", "guest")
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "export report", Summary: "It can."})
		check(t, "submit", err)
		_, err = h.Reports.Submit(h.Reporter(), intake.Submission{Title: "export report of others", Summary: "It can."})
		check(t, "submit", err)
		id, err := h.Cases.Open(ana, casework.Opening{Title: "export case"})
		check(t, "open", err)
		_, err = h.Cases.Open(ana, casework.Opening{Title: "export case of others"})
		check(t, "open", err)
		adv, err := h.Advisories.Draft(ana, id)
		check(t, "draft", err)
		check(t, "share", h.Cases.Share(ana, id, "person-gus", "analyst"))
		check(t, "show", h.Gate.Act(rig.System(), "report.read", got.ID, func(tx *gate.Tx) error {
			return tx.Show(got.ID, "person-gus", "analyst", 1)
		}))
		found := map[string][]ref.ID{}
		all, err := h.Across.Search(gus, "export", 10)
		check(t, "search", err)
		for _, f := range all {
			for _, b := range f.Rows {
				found[f.Kind] = append(found[f.Kind], b.ID)
			}
		}
		if want := map[string][]ref.ID{"case": {id}, "report": {got.ID}, "adv": {adv}}; !reflect.DeepEqual(found, want) {
			t.Errorf("found %v, want %v", found, want)
		}
		rs, err := h.Reports.List(gus, intake.Filter{}, intake.Page{})
		check(t, "reports", err)
		as, err := h.Advisories.List(gus, advisory.Filter{}, 10, "")
		check(t, "advisories", err)
		if len(rs.Reports) != 1 || rs.Reports[0].ID != got.ID || len(as.Advisories) != 1 || as.Advisories[0].ID != adv {
			t.Errorf("the lists have %d reports and %d advisories, want the one of each", len(rs.Reports), len(as.Advisories))
		}
		if _, err := h.Reports.List(nobody, intake.Filter{}, intake.Page{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who reads no report lists them: %v", err)
		}
		if _, err := h.Advisories.List(nobody, advisory.Filter{}, 10, ""); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who reads no advisory lists them: %v", err)
		}
		if all, err = h.Across.Search(nobody, "export", 10); err != nil || len(all) != 1 || len(all[0].Rows) != 0 {
			t.Errorf("who reads nothing finds %+v, %v", all, err)
		}
	})
}
