package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tocsin/internal/exchange"
	"tocsin/internal/fault"
	"tocsin/internal/risk"
)

func TestAMistakeIsToldWithItsPlaceAndNothingComesIn(t *testing.T) {
	h, ctx := sqlite(t)
	for _, one := range []struct{ name, format, file, column, says string }{
		{"a score outside the scale", "csv", "title,inherent_likelihood,inherent_impact\nTokens may leak,7,3\n", "inherent_likelihood", "goes from 1 to 6"},
		{"half a score", "csv", "title,inherent_likelihood,inherent_impact\nTokens may leak,3,\n", "inherent_impact", "goes from 1 to 5"},
		{"a level of words that nobody knows", "csv", "title,inherent_likelihood,inherent_impact\nTokens may leak,often,3\n", "inherent_likelihood", "one of its words: very-low"},
		{"a day that there is not", "csv", "title,origin_found\nTokens may leak,2026-02-30\n", "origin_found", "no date that there is"},
		{"an owner whom nobody knows", "csv", "title,owner\nTokens may leak,Zoe\n", "owner", "nobody here is called"},
		{"one person as both owners", "csv", "title,owner,security_owner\nTokens may leak,olga,olga\n", "security_owner", "name two people"},
		{"a control character", "csv", "title,asset\nTokens may leak,a\x07b\n", "asset", "U+0007"},
		{"text that turns around", "csv", "title,asset\nTokens may leak,a\u202eb\n", "asset", "U+202E"},
		{"a formula", "csv", "title,asset\nTokens may leak,\"=HYPERLINK(\"\"x\"\")\"\n", "asset", "begins a formula"},
		{"a cell of 10 MB", "csv", "title,asset\nTokens may leak," + strings.Repeat("a", 10<<20) + "\n", "asset", "and 262144 is the most"},
		{"a risk without a title", "csv", "title,asset\n,x\n", "title", "needs a title"},
		{"a kind that nobody knows", "csv", "title,kind\nTokens may leak,odd\n", "kind", "is not one of"},
		{"a response without a path", "csv", "title,response\nTokens may leak,remediate\n", "path", "exactly one path"},
		{"a row with more cells than columns", "csv", "title\nTokens may leak,x\n", "", "the row has 2 cells"},
		{"milestones that are no JSON", "csv", "title,milestones\nTokens may leak,soon\n", "milestones", "no JSON as this column holds it"},
		{"two rows about one risk", "csv", "ref_id,title\nA,Tokens may leak\nA,Tokens may stay\n", "id", "the same risk as the one on line 2"},
		{"a field that JSON does not have", "json", "{\"format\":\"tocsin-risks-1\",\"risks\":[\n{\"title\":\"Tokens may leak\",\"colour\":\"red\"}]}", "", "unknown field"},
		{"a score of JSON outside the scale", "json", "{\"format\":\"tocsin-risks-1\",\"risks\":[\n{\"title\":\"Tokens may leak\",\"scores\":{\"inherent\":{\"likelihood\":9,\"impact\":1}}}]}", "scores.inherent.likelihood", "goes from 1 to 6"},
	} {
		t.Run(one.name, func(t *testing.T) {
			r := bring(t, h, ctx, one.format, []byte(one.file), exchange.Options{})
			if r.Done || len(r.Errors) == 0 {
				t.Fatalf("it was taken: %+v", r)
			}
			if e := r.Errors[0]; e.Line < 2 || e.Column != one.column || !strings.Contains(e.Says, one.says) {
				t.Errorf("line %d, column %q: %s; want column %q and %q", e.Line, e.Column, e.Says, one.column, one.says)
			}
			if l, err := h.Risks.List(ctx, risk.Filter{}, risk.Page{}); err != nil || len(l.Risks) != 0 {
				t.Errorf("%d risks came in, %v", len(l.Risks), err)
			}
		})
	}
}

func TestAFileThatIsNoneIsRefusedAsAWhole(t *testing.T) {
	h, ctx := sqlite(t)
	formula := excelize.NewFile()
	for cell, text := range map[string]string{"A1": "title", "A2": "Tokens may leak"} {
		if err := formula.SetCellStr("Sheet1", cell, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range []struct {
		name, format, file, says string
		kind                     fault.Kind
	}{
		{"an empty file", "csv", "", "the file is empty", fault.Invalid},
		{"columns that nobody knows", "csv", "title,colour\nx,red\n", `"colour"; take them out, or map them. Known are: id, ref_id, title`, fault.Invalid},
		{"no column that says which risk", "csv", "asset\nx\n", "none of the columns title, id and ref_id", fault.Invalid},
		{"a quote that is not closed", "csv", "title\n\"x\n", "the table is broken there", fault.Invalid},
		{"no workbook", "xlsx", "x", "no workbook that can be read", fault.Invalid},
		{"JSON of something else", "json", `{"format":"other","risks":[]}`, "is not known here", fault.Invalid},
		{"JSON that ends early", "json", `{"format":"tocsin-risks-1","risks":[{"title":`, "no JSON as an export writes it", fault.Invalid},
		{"a format that nothing reads", "oscal", "{}", "choose one of: csv, xlsx, json", fault.Invalid},
	} {
		t.Run(one.name, func(t *testing.T) {
			_, err := h.Exchange.Import(ctx, one.format, strings.NewReader(one.file), exchange.Options{})
			if !errors.Is(err, one.kind) || !strings.Contains(fault.Of(err).Says, one.says) {
				t.Errorf("have %v, want %q", err, one.says)
			}
		})
	}
	t.Run("a cell with a formula", func(t *testing.T) {
		if err := formula.SetCellFormula("Sheet1", "A2", "1+1"); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := formula.Write(&b); err != nil {
			t.Fatal(err)
		}
		if r := bring(t, h, ctx, "xlsx", b.Bytes(), exchange.Options{}); len(r.Errors) != 1 || r.Errors[0].Line != 2 || r.Errors[0].Column != "A2" {
			t.Errorf("%+v, want one mistake in A2", r.Errors)
		}
	})
}

// million is a table of a million rows, made as it is read.
type million struct {
	head io.Reader
	n    int
	left string
}

func (m *million) Read(p []byte) (int, error) {
	if n, err := m.head.Read(p); err == nil || n > 0 {
		return n, nil
	}
	if m.left == "" {
		if m.n == 1_000_000 {
			return 0, io.EOF
		}
		m.n++
		m.left = "Tokens may leak\n"
	}
	n := copy(p, m.left)
	m.left = m.left[n:]
	return n, nil
}

func TestAMillionRowsAreRefusedWithoutReadingThem(t *testing.T) {
	h, ctx := sqlite(t)
	m := &million{head: strings.NewReader("title\n")}
	_, err := h.Exchange.Import(ctx, "csv", m, exchange.Options{})
	if !errors.Is(err, fault.TooLarge) || !strings.Contains(fault.Of(err).Says, "more than 10000 risks") {
		t.Errorf("have %v, want a sentence with the limit", err)
	}
	if m.n > 20_000 {
		t.Errorf("%d rows were read, want little more than the limit", m.n)
	}
}

func TestALowerScoreOfAFileWaitsForItsReviewAndIsAskedForOnce(t *testing.T) {
	h, ctx := sqlite(t)
	bring(t, h, ctx, "csv", []byte("ref_id,title,inherent_likelihood,inherent_impact,inherent_reason\nA,Tokens may leak,5,5,seen\n"), exchange.Options{})
	lower := []byte("ref_id,title,inherent_likelihood,inherent_impact,inherent_reason\nA,Tokens may leak,1,1,mended\n")
	r := bring(t, h, ctx, "csv", lower, exchange.Options{File: "lower.csv"})
	if r.Changed != 1 {
		t.Fatalf("%+v, want one change", r)
	}
	f, err := h.Risks.Get(ctx, r.Risks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if f.Standing.Inherent != 25 || len(f.Decisions) != 1 || f.Decisions[0].Kind != risk.DecideDowngrade || f.Decisions[0].Proof[0] != "lower.csv, line 2" {
		t.Errorf("inherent %v with decisions %+v, want 25 until somebody reviewed the downgrade", f.Standing.Inherent, f.Decisions)
	}
	if r := bring(t, h, ctx, "csv", lower, exchange.Options{}); r.Same != 1 {
		t.Errorf("%+v, want the same", r)
	}
}

func TestAChangeIsTheFieldsOfTheFileAlone(t *testing.T) {
	h, ctx := sqlite(t)
	id := fill(t, h, ctx, "Exports may show data of sibling groups")
	r := bring(t, h, ctx, "csv", []byte("id,department,scale\n"+string(id)+",Platform,one export\n"), exchange.Options{})
	if len(r.Errors) > 0 || r.Changed != 1 || len(r.Risks[0].Changes) != 2 {
		t.Fatalf("%+v, want two fields of one risk", r)
	}
	f, err := h.Risks.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if f.Department != "Platform" || f.Statement.Scale != "one export" || f.Statement.Source == "" || f.Owner != "person-olga" || len(f.Plan.Milestones) != 2 {
		t.Errorf("the risk is %+v, want what the file does not name as it was", f.Risk)
	}
}

func TestASavedMappingReadsAnotherTable(t *testing.T) {
	h, ctx := sqlite(t)
	if err := h.Exchange.SaveMapping(ctx, exchange.Mapping{Name: "ciso-assistant", Title: "x", Columns: map[string]string{"a": "title"}}); !errors.Is(err, fault.Invalid) {
		t.Errorf("a mapping that comes with the program was replaced: %v", err)
	}
	if err := h.Exchange.SaveMapping(ctx, exchange.Mapping{Name: "sheet", Title: "x", Columns: map[string]string{"a": "colour"}}); !errors.Is(err, fault.Invalid) {
		t.Errorf("a mapping to no column was saved: %v", err)
	}
	m := exchange.Mapping{Name: "sheet", Title: "Our sheet", Of: 3, Levels: map[string]int{"often": 3}, Columns: map[string]string{"What": "title", "chance": "inherent_likelihood", "harm": "inherent_impact", "colour": "-", "area": "keep"}}
	if err := h.Exchange.SaveMapping(ctx, m); err != nil {
		t.Fatal(err)
	}
	r := bring(t, h, ctx, "csv", []byte("what,chance,harm,colour,area\nTokens may leak,often,2,red,core\n"), exchange.Options{Mapping: "sheet"})
	if !r.Done || r.New != 1 || len(r.Notes) == 0 {
		t.Fatalf("%+v", r)
	}
	f, err := h.Risks.Get(ctx, r.Risks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if e := first(t, f); e.Likelihood != 6 || e.Impact != 4 || f.Imported["area"] != "core" {
		t.Errorf("likelihood %v, impact %v, kept %v; want 6 of 6, 4 of 5, and the area", e.Likelihood, e.Impact, f.Imported)
	}
	if _, err := h.Exchange.Mappings(context.WithoutCancel(ctx)); err != nil {
		t.Error(err)
	}
}
