package exchange_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tocsin/internal/exchange"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// sqlite is a house of its own, with Lea who runs the register and Olga who owns.
func sqlite(t testing.TB) (*rig.House, context.Context) {
	t.Helper()
	h := rig.Open(t, filepath.Join(t.TempDir(), "test.db"), "gitlab")
	h.As(t, "olga", "leader")
	h.As(t, "sam", "coordinator")
	return h, h.As(t, "lea", "manager")
}

// fill raises a risk that says something in every part.
func fill(t testing.TB, h *rig.House, ctx context.Context, title string) ref.ID {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r := h.Rules.Register
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: title, Kind: r.Kinds[0].Name, Scope: r.Scopes[0].Name, Department: "Engineering", TLP: h.Rules.TLP[0],
		Statement: risk.Statement{Asset: "=the export service", Event: "data of sibling groups may be shown", Source: "one check for all callers", Consequence: "customers lose \"trust\"",
			Problem: "- a list\n- of things", Impact: "+1 regulator", Evidence: "six cases", Scale: "every export", Threat: r.Threats[0].Name},
		Scoping: risk.Scoping{Test: r.InScope[0].Name}, Origin: risk.Origin{Channel: r.Channels[0].Name, From: "a talk", Found: rig.Start.AddDate(0, -2, 0)}})
	must(err)
	olga, sam := ref.ID("person-olga"), ref.ID("person-sam")
	must(h.Risks.Assign(ctx, id, risk.Owners{Owner: &olga, Security: &sam}))
	_, err = h.Risks.SetControl(ctx, id, 0, risk.Control{Title: "A second check", Factor: "likelihood", Lowers: 1, State: risk.ControlActive, Effective: "tried every week", Owner: sam})
	must(err)
	must(h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 4, Categories: map[string]int{"output": 3, "legal": 4}, Reason: "as the cases show"}))
	must(h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindResidual, Likelihood: 3, Impact: 3, Controls: []string{"c1"}, Reason: "the check holds"}))
	must(h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindTarget, Likelihood: 1, Impact: 2}))
	must(h.Risks.Respond(ctx, id, risk.Response{Response: risk.Remediate, Path: r.Paths[0].Name}))
	_, err = h.Risks.SetPlan(ctx, id, risk.Planning{Summary: "One gate for every export", Document: "the handbook", Cost: 12000.5, Milestones: []risk.Milestone{
		{Title: "The gate stands", Owner: olga, Due: rig.Start.AddDate(0, 2, 0), Success: "all exports pass it", KeyResult: true},
		{Title: "The old way is gone", Owner: sam, Due: rig.Start.AddDate(0, 4, 0), After: []string{"m1"}}}})
	must(err)
	must(h.Risks.Link(ctx, id, risk.Adding{About: "AUDIT-7", Kind: r.Evidence.Kinds[0].Name, At: rig.Start.AddDate(0, -1, 0), Severity: "high", Title: "@audit", Link: "https://audit.example/7"}))
	must(h.Risks.Edit(ctx, id, risk.Patch{Links: map[string]string{"tracker": "https://tracker.example/1"}}))
	must(h.Risks.Edit(ctx, id, risk.Patch{Fields: map[string]string{"effort": "12.50", "roadmap": "Planned"}}))
	must(h.Risks.SetLabel(ctx, id, "backlog", true, ""))
	must(h.Risks.SetHealth(ctx, id, 0, map[string]string{"owner": "green"}))
	return id
}

func export(t testing.TB, h *rig.House, ctx context.Context, a exchange.Asking) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := h.Exchange.Export(ctx, a, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func bring(t testing.TB, h *rig.House, ctx context.Context, format string, file []byte, o exchange.Options) *exchange.Report {
	t.Helper()
	r, err := h.Exchange.Import(ctx, format, bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func plain(t testing.TB, h *rig.House, ctx context.Context) string {
	t.Helper()
	return string(export(t, h, ctx, exchange.Asking{Format: "json", Plain: true}))
}

func TestAnExportImportedElsewhereGivesTheSameBytes(t *testing.T) {
	h, ctx := sqlite(t)
	fill(t, h, ctx, "Exports may show data of sibling groups")
	fill(t, h, ctx, "Tokens may outlive those who made them, and =nobody looks")
	if _, err := h.Risks.Raise(ctx, risk.Raising{Title: "A risk of which little is known may be raised"}); err != nil {
		t.Fatal(err)
	}
	want := plain(t, h, ctx)
	for _, format := range []string{"json", "csv", "xlsx"} {
		t.Run(format, func(t *testing.T) {
			file := export(t, h, ctx, exchange.Asking{Format: format})
			other, there := sqlite(t)
			other.Pass(24 * time.Hour)
			dry := bring(t, other, there, format, file, exchange.Options{DryRun: true})
			if dry.New != 3 || dry.Done || len(dry.Errors) > 0 {
				t.Fatalf("a dry run says %+v, want 3 new ones and nothing done", dry)
			}
			if l, err := other.Risks.List(there, risk.Filter{}, risk.Page{}); err != nil || len(l.Risks) != 0 {
				t.Fatalf("a dry run left %d risks, %v", len(l.Risks), err)
			}
			if r := bring(t, other, there, format, file, exchange.Options{}); r.New != 3 || !r.Done {
				t.Fatalf("the import says %+v, want 3 new ones", r)
			}
			if d := cmp.Diff(want, plain(t, other, there)); d != "" {
				t.Errorf("something was lost on the way (-sent +arrived):\n%s", d)
			}
			again := bring(t, other, there, format, file, exchange.Options{})
			if again.Same != 3 {
				t.Errorf("the same file again says %+v, want 3 the same", again)
			}
			back := export(t, other, there, exchange.Asking{Format: format})
			if r := bring(t, other, there, format, back, exchange.Options{}); r.Same != 3 {
				t.Errorf("its own export says %+v, want 3 the same", r)
			}
		})
	}
}

// nasty are texts as people, programs and attackers write them.
func nasty() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		begin := rapid.SampledFrom([]string{"", "=", "+", "-", "@", "'", "''=", "\"=", "＝", "'+", "x\n=", "_x000D_", "שלום ", "مرحبا ", "𝔘"}).Draw(t, "begin")
		rest := rapid.StringOf(rapid.RuneFrom([]rune("ab=+-@'\",;|\n\t <>&\\{}[]é漢𝔘_x0041_שם"))).Draw(t, "rest")
		return strings.TrimSpace(begin + rest)
	})
}

func TestNoTextIsLostOnTheWayThroughATable(t *testing.T) {
	h, ctx := sqlite(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := nasty().Draw(rt, "text")
		id, err := h.Risks.Raise(ctx, risk.Raising{Title: "Exports may be odd", Statement: risk.Statement{Asset: text, Problem: "x " + text}})
		if err != nil {
			rt.Fatal(err)
		}
		f, err := h.Risks.Get(ctx, id)
		if err != nil {
			rt.Fatal(err)
		}
		for _, format := range []string{"csv", "xlsx", "json"} {
			file := export(t, h, ctx, exchange.Asking{Format: format, Filter: risk.Filter{RaisedAfter: f.Raised}})
			if r := bring(t, h, ctx, format, file, exchange.Options{}); r.Same != 1 || len(r.Risks) != 1 {
				rt.Fatalf("%s of %q came back as %+v", format, text, r)
			}
		}
	})
}

func TestWhatBeginsAFormulaIsNeutralAndComesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(nasty(), rapid.String()).Draw(rt, "text")
		cell := exchange.Neutral(text)
		if back := exchange.Restore(cell); back != text {
			rt.Fatalf("%q became %q, and then %q", text, cell, back)
		}
		trimmed := strings.TrimLeft(cell, " \t\r\n\"")
		if trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
			rt.Fatalf("%q still begins a formula as %q", text, cell)
		}
	})
}

// TestAFieldThatNobodyKnowsIsRefusedWithItsPlace imports fields that the profile does
// not have, or that cannot be what they say, as a table and as JSON.
func TestAFieldThatNobodyKnowsIsRefusedWithItsPlace(t *testing.T) {
	h, ctx := sqlite(t)
	for name, x := range map[string]struct {
		format, file, says string
		line               int
	}{
		"a field that no profile has, in a table": {"csv", "title,fields\nExports may show data,\"{\"\"effort\"\":\"\"3\"\"}\"\nKeys may be lost,\"{\"\"colour\"\":\"\"red\"\"}\"\n",
			`the profile has no field "colour"; it has effort, roadmap`, 3},
		"a number that is none, in a table": {"csv", "title,fields\nExports may show data,\"{\"\"effort\"\":\"\"much\"\"}\"\n", "write it as 12 or 12.5", 2},
		"no JSON in the cell":               {"csv", "title,fields\nExports may show data,effort 3\n", "no JSON", 2},
		"a field that no profile has, in JSON": {"json", `{"format":"tocsin-risks-1","risks":[{"title":"Exports may show data","fields":{"colour":"red"}}]}`,
			`the profile has no field "colour"`, 1},
	} {
		r := bring(t, h, ctx, x.format, []byte(x.file), exchange.Options{})
		if r.Done || len(r.Errors) != 1 || r.Errors[0].Line != x.line || !strings.Contains(r.Errors[0].Column, "fields") || !strings.Contains(r.Errors[0].Says, x.says) {
			t.Errorf("%s: %+v, want line %d, the column fields and %q", name, r, x.line, x.says)
		}
	}
	if l, err := h.Risks.List(ctx, risk.Filter{}, risk.Page{}); err != nil || len(l.Risks) != 0 {
		t.Errorf("%d risks, %v, want nothing done", len(l.Risks), err)
	}
}
