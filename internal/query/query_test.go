package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tocsin/internal/fault"
	"tocsin/internal/query"
)

var words = &query.Vocabulary{Fields: []query.Field{
	{Name: "stage", Title: "Stage", Values: []query.Value{{"new", "New"}, {"triage", "In triage"}, {"done", "Done"}}},
	{Name: "severity", Title: "Severity", Also: []string{"sev"}, Ordered: true, None: true, Values: []query.Value{{"low", "Low"}, {"medium", "Medium"}, {"high", "High"}, {"critical", "Critical"}}},
	{Name: "label", Title: "Label", None: true, Values: []query.Value{{"dup", "Duplicate"}, {"fast", "Fast lane"}}},
	{Name: "owner", Title: "Owner", Kind: query.Person, None: true},
	{Name: "due", Title: "Due", Kind: query.Date, None: true},
	{Name: "opened", Title: "Opened", Kind: query.Date, None: true, Past: true},
	{Name: "score", Title: "Score", Kind: query.Number, None: true},
	{Name: "cwe", Title: "Weakness", Kind: query.Text, None: true, Clean: strings.ToUpper},
	{Name: "is", Title: "Is", Values: []query.Value{{"open", "open"}, {"overdue", "overdue"}}},
}}

var place = cmp.Options{cmpopts.IgnoreFields(query.Term{}, "At", "End"), cmpopts.IgnoreUnexported(query.Query{})}

func TestReading(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "  ", ""},
		{"words and phrases", `export  "free words" wor*`, `export "free words" wor*`},
		{"everything at once", `Stage:triage sev>=high due<3d -label:dup owner:me is:overdue "free words"`, `stage:triage severity>=high due<3d -label:dup owner:me is:overdue "free words"`},
		{"a title for its name", `stage:"in triage"`, "stage:triage"},
		{"another case", "STAGE:Triage", "stage:triage"},
		{"one of a list, each once", "label:dup,fast,dup", "label:dup,fast"},
		{"not equal", "stage!=triage", "-stage:triage"},
		{"not not equal", "-stage!=triage", "stage:triage"},
		{"equal", "stage=triage", "stage:triage"},
		{"none", "owner:none severity:NONE", "owner:none severity:none"},
		{"a handle with its sign", "owner:@eve.b", "owner:eve.b"},
		{"a number", "score>07.50", "score>7.5"},
		{"a day", "opened>=2026-03-01", "opened>=2026-03-01"},
		{"weeks and months", "opened>02w due<=6m", "opened>2w due<=6m"},
		{"text with blanks", `cwe:"a b"`, `cwe:"A B"`},
		{"an address is a word", "https://example.org/a:b std::string", "https://example.org/a:b std::string"},
		{"an id is a word", "CVE-2026-1234 CASE-7QK3D9XB - -- -1", "CVE-2026-1234 CASE-7QK3D9XB - -- -1"},
		{"a phrase that touches", `a"b c"d`, `a "b c" d`},
		{"an empty phrase stays", `""`, `""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := words.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if have := q.String(); have != c.want {
				t.Errorf("have %q, want %q", have, c.want)
			}
			same(t, q)
		})
	}
}

// same tests that what is printed reads as what it was.
func same(t *testing.T, q query.Query) {
	t.Helper()
	again, err := words.Parse(q.String())
	if err != nil {
		t.Fatalf("%q does not read again: %v", q, err)
	}
	if d := cmp.Diff(q, again, place...); d != "" {
		t.Errorf("%q reads differently again: %s", q, d)
	}
}

func TestWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		text, part, says string
	}{
		{"sev>=hihg", "hihg", "at character 6, no severity is called hihg; did you mean high?"},
		{"ä sev:xxxxxxx", "xxxxxxx", "at character 7, no severity is called xxxxxxx; write one of low, medium, high, critical, none"},
		{"stge:new", "stge", "at character 1, no field is called stge; did you mean stage?, or put the words into quotes"},
		{"stage>new", "stage>", "at character 1, stage is not more or less than another; write stage: and one or more values"},
		{"stage:", "stage:", "at character 1, a value is missing behind stage:; write one of new, triage, done"},
		{"stage:new,", "stage:new,", "a value is missing"},
		{`a "b`, `"b`, "a quote is opened and never closed"},
		{"due:3d", "3d", "3d is a distance from now; write due<3d for less than that, or due>3d for more"},
		{"due<2026-02-30", "2026-02-30", `"2026-02-30" is no date`},
		{"due<none", "none", "none is not more or less than another; write due:none"},
		{"score>many", "many", `"many" is no number; write score>7.5`},
		{"score>NaN", "NaN", "is no number"},
		{"sev>=low,high", "sev>=low,high", "severity>= takes one value; write severity:low,high for any of them"},
		{"owner:a/b", "a/b", "nobody's name"},
		{"-word", "-word", "words of the text cannot be left out"},
		{`-"two words"`, `-"`, "words of the text cannot be left out"},
		{`stage:ne"w"`, `ne`, "no stage is called ne; did you mean new?"},
		{`stage:new"w"`, `stage:new`, "a quote stands in the middle of a value"},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := words.Parse(c.text)
			var w *query.Wrong
			if !errors.As(err, &w) || !errors.Is(err, fault.Invalid) {
				t.Fatalf("have %v, want a fault with a place", err)
			}
			if have := c.text[w.From:w.To]; have != c.part {
				t.Errorf("part %q, want %q", have, c.part)
			}
			if f := fault.Of(err); !strings.Contains(f.Says, c.says) || f.Fields[0].Name != "q" {
				t.Errorf("says %q, want %q", f.Says, c.says)
			}
		})
	}
	for name, text := range map[string]string{"too long": strings.Repeat("x", query.MaxText+1), "too many terms": strings.Repeat("x ", query.MaxTerms+1),
		"too many values": "owner:a" + strings.Repeat(",b1", 1) + strings.Repeat(",x", 1) + manyNames(), "no UTF-8": "a\xff"} {
		if _, err := words.Parse(text); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: have %v, want invalid", name, err)
		}
	}
}

func manyNames() string {
	var b strings.Builder
	for i := range query.MaxValues {
		fmt.Fprintf(&b, ",n%d", i)
	}
	return b.String()
}

func TestMendingAQuery(t *testing.T) {
	q, err := words.Parse("stage:new -stage:done export is:open")
	if err != nil {
		t.Fatal(err)
	}
	if have, want := q.With(query.Term{Field: "stage", Op: query.Is, Values: []string{"triage"}}).String(), "stage:triage -stage:done export is:open"; have != want {
		t.Errorf("with: %s, want %s", have, want)
	}
	if have, want := q.Without(2).String(), "stage:new -stage:done is:open"; have != want {
		t.Errorf("without: %s, want %s", have, want)
	}
	if !q.Has("is", "open") || q.Has("stage", "done") || !q.Has("stage") || q.Has("label") || q.Words() != "export" {
		t.Errorf("has: is open %v, stage done %v, stage %v, label %v, words %q", q.Has("is", "open"), q.Has("stage", "done"), q.Has("stage"), q.Has("label"), q.Words())
	}
}

func TestSayingATerm(t *testing.T) {
	for text, want := range map[string]string{"-stage:triage,new": "not Stage: In triage or New", "sev>=high": "Severity at least High", "owner:none": "Owner: none", "due<3d": "Due within 3 days",
		"opened<1w": "Opened in the last 1 week", "opened>2m": "Opened more than 2 months ago", "due<2026-03-01": "Due before 2026-03-01", "word": "word"} {
		q, err := words.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if have := words.Says(q.Terms[0]); have != want {
			t.Errorf("%s: %q, want %q", text, have, want)
		}
	}
}

func TestOffers(t *testing.T) {
	puts := func(text string, values ...query.Value) (out []string) {
		at := strings.Index(text, "|")
		text = strings.Replace(text, "|", "", 1)
		s := words.Spot(text, at)
		for _, o := range words.Offers(s, values) {
			out = append(out, text[:s.From]+o.Put+text[s.To:])
		}
		return out
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"fields by the beginning of their name", "st|", []string{"stage:"}},
		{"fields by another spelling", "sev|", []string{"severity:", "severity<", "severity<=", "severity>", "severity>="}},
		{"fields by their title", "weak|", []string{"cwe:"}},
		{"a date begins with its distance", "x ope|", []string{"x opened<", "x is:open"}},
		{"a word that only one field has", "tri|", []string{"stage:triage"}},
		{"values", "stage:|", []string{"stage:new", "stage:triage", "stage:done"}},
		{"values by their title", "label:lane|", []string{"label:fast"}},
		{"values that are not taken", "label:dup,|", []string{"label:dup,fast", "label:dup,none"}},
		{"the middle of a text", "stage:t| is:open", []string{"stage:triage is:open"}},
		{"the rest of a word is replaced", "stage:t|xx is:open", []string{"stage:triage is:open"}},
		{"left out", "-label:d|", []string{"-label:dup"}},
		{"after an operator none is no value", "sev>=|", []string{"sev>=low", "sev>=medium", "sev>=high", "sev>=critical"}},
		{"distances", "due<1|", []string{"due<1d", "due<1w", "due<1m", "due<12m"}},
		{"people", "owner:|", []string{"owner:me", "owner:eve", "owner:none"}},
		{"nothing inside of a phrase", `"stage:|`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var more []query.Value
			if strings.Contains(c.text, "owner") {
				more = []query.Value{{"eve", "Eve"}}
			}
			have := puts(c.text, more...)
			if c.want == nil && len(have) > 0 && strings.Contains(c.text, `"`) {
				t.Errorf("have %q, want nothing", have)
			} else if c.want != nil && !slices.Equal(have, c.want) {
				t.Errorf("have %q, want %q", have, c.want)
			}
		})
	}
}

func TestPlacesAsABrowserCounts(t *testing.T) {
	const text = "aä😀b"
	for units, want := range map[int]int{0: 0, 1: 1, 2: 3, 4: 7, 5: 8, 99: 8} {
		if have := query.Bytes(text, units); have != want {
			t.Errorf("%d units: byte %d, want %d", units, have, want)
		}
		if have := query.Units(text, want); units < 99 && have != units {
			t.Errorf("byte %d: %d units, want %d", want, have, units)
		}
	}
}

var columns = query.Columns{
	"stage": {Expr: "c.stage", Quick: true}, "severity": {Expr: "c.severity", Quick: true}, "label": {Expr: "c.labels", Holds: query.Set}, "owner": {Expr: "c.owner"},
	"due": {Expr: "c.due_at", Holds: query.Moment}, "opened": {Expr: "c.at", Holds: query.Moment}, "score": {Expr: "c.score", Holds: query.Scaled, Scale: 10}, "cwe": {Expr: "c.cwe"},
	"is": {Is: map[string]string{"open": "not c.closed", "overdue": "c.due_at < :now"}},
}

func TestConditions(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text, quick, where string
		args               []any
	}{
		{"stage:triage", "c.stage = $1", "", []any{"triage"}},
		{"-stage:triage", "", "not (c.stage = $1)", []any{"triage"}},
		{"sev>=high", "", "c.severity in ($1, $2)", []any{"high", "critical"}},
		{"sev<low", "", "1 = 0", nil},
		{"sev:none,low", "", "c.severity in ($1, $2)", []any{"", "low"}},
		{"label:dup,none", "", "((replace(c.labels, $1, '') <> c.labels) or (c.labels = ''))", []any{" dup "}},
		{"owner:me,eve", "", "c.owner in ($1, $2)", []any{"person-me", "person-eve"}},
		{"due<3d", "", "c.due_at <> 0 and c.due_at < $1", []any{now.AddDate(0, 0, 3).UnixMicro()}},
		{"due>1w", "", "c.due_at <> 0 and c.due_at >= $1", []any{now.AddDate(0, 0, 7).UnixMicro()}},
		{"opened<1m", "", "c.at <> 0 and c.at >= $1", []any{now.AddDate(0, -1, 0).UnixMicro()}},
		{"opened>1d", "", "c.at <> 0 and c.at < $1", []any{now.AddDate(0, 0, -1).UnixMicro()}},
		{"opened:2026-03-01", "", "c.at <> 0 and c.at >= $1 and c.at < $2", []any{time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).UnixMicro(), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMicro()}},
		{"opened>2026-03-01", "", "c.at <> 0 and c.at >= $1", []any{time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMicro()}},
		{"due:none", "", "c.due_at = 0", nil},
		{"score>=7.5", "", "c.score >= 0 and c.score >= $1", []any{int64(75)}},
		{"score:none", "", "c.score < 0", nil},
		{"is:open,overdue", "", "((not c.closed) or (c.due_at < $1))", []any{now.UnixMicro()}},
		{"cwe:none words", "", "c.cwe = $1", []any{""}},
	} {
		t.Run(c.text, func(t *testing.T) {
			q, err := words.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			var args []any
			quick, where := query.Reading{Columns: columns, Now: now, Me: "person-me", People: map[string]string{"eve": "person-eve"},
				Arg: func(a any) string { args = append(args, a); return fmt.Sprintf("$%d", len(args)) }}.Conditions(q)
			if have := strings.Join(quick, " and "); have != c.quick {
				t.Errorf("quick %q, want %q", have, c.quick)
			}
			if have := strings.Join(where, " and "); have != c.where {
				t.Errorf("where %q, want %q", have, c.where)
			}
			if d := cmp.Diff(args, c.args); d != "" {
				t.Error(d)
			}
		})
	}
}

// FuzzParse: no text makes it fail in an unknown way, what reads prints and reads as
// the same, and whatever is offered at any place fits into the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "stage:new sev>=high", `a "b c" -label:dup,"x y"`, `owner:@me due<3d opened!=2026-01-01 https://x "`, "score>=1e3 is:", "ä😀 cwe:\"ü\""} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		s := words.Spot(text, at)
		if s.From < 0 || s.From > s.To || s.To > len(text) {
			t.Fatalf("%q at %d: spot %d to %d", text, at, s.From, s.To)
		}
		words.Offers(s, nil)
		q, err := words.Parse(text)
		var w *query.Wrong
		if errors.As(err, &w) && (w.From < 0 || w.From > w.To || w.To > len(text)) {
			t.Fatalf("%q: wrong from %d to %d", text, w.From, w.To)
		}
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if len(q.String()) <= query.MaxText {
			same(t, q)
		}
		for _, x := range q.Terms {
			if words.Says(x) == "" && x.String() != "" {
				t.Errorf("%q says nothing", x)
			}
		}
	})
}
