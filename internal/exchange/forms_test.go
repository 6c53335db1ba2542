package exchange_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/exchange"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// schema compiles one of the published schemas of NIST IR 8286, kept beside the
// project.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, no := os.Stat(filepath.Join(dir, "go.mod")); no == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.Open(filepath.Join(dir, "..", "shared", "data", "nist-ir8286", name))
	if err != nil {
		t.Skipf("the schemas of NIST IR 8286 are not beside the project: %v", err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRowsOfIR8286FitTheirSchemas(t *testing.T) {
	for _, one := range []struct{ format, schema string }{{"ir8286", "risk_register.v2.schema.json"}, {"ir8286-detail", "risk_detail_record.v3.schema.json"}} {
		t.Run(one.format, func(t *testing.T) {
			s := schema(t, one.schema)
			h, ctx := sqlite(t)
			id := fill(t, h, ctx, "Exports may show data of sibling groups")
			bare, err := h.Risks.Raise(ctx, risk.Raising{Title: "A risk of which little is known may be raised"})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			said, err := h.Exchange.Export(ctx, exchange.Asking{Format: one.format}, &b)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(&b)
			if err != nil {
				t.Fatal(err)
			}
			rows := doc.([]any)
			if len(rows) != 1 || said.Risks != 1 {
				t.Fatalf("%d rows, want the one that can be filled", len(rows))
			}
			if err := s.Validate(rows[0]); err != nil {
				t.Errorf("a row does not fit: %v", err)
			}
			if text := string(mustJSON(t, rows[0])); !strings.Contains(text, string(id)) || !strings.Contains(text, "published mapping of the profile gitlab") || !strings.Contains(text, "Scores count all evidence") {
				t.Errorf("the row %s does not say whose it is, where its numbers are from, and which evidence was counted", text)
			}
			if len(said.LeftOut) != 1 || said.LeftOut[0].ID != bare || len(said.LeftOut[0].Why) < 3 {
				t.Errorf("left out %+v, want the bare risk with its reasons", said.LeftOut)
			}
		})
	}
}

func TestAnEstimateCountsBeforeTheProfilesMapping(t *testing.T) {
	h, ctx := sqlite(t)
	fill(t, h, ctx, "Exports may show data of sibling groups")
	h.Exchange.Estimate = func(context.Context, ref.ID) (*exchange.Estimates, error) {
		return &exchange.Estimates{Before: &exchange.Amount{Percent: 12, Impact: 1000, Exposure: 120, From: "quantitative estimate of 100000 years"}}, nil
	}
	var rows []map[string]any
	if err := json.Unmarshal(export(t, h, ctx, exchange.Asking{Format: "ir8286"}), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if r := rows[0]; r["riskLikelihood"] != 12.0 || r["exposureRating"] != 120.0 || r["basis"] != "quantitative estimate of 100000 years" {
		t.Errorf("the row says %v %v %v, want the estimate's", r["riskLikelihood"], r["exposureRating"], r["basis"])
	}
}

func TestAnUnscoredRiskIsNeverWrittenAsNothing(t *testing.T) {
	h, ctx := sqlite(t)
	if _, err := h.Risks.Raise(ctx, risk.Raising{Title: "A risk of which little is known may be raised"}); err != nil {
		t.Fatal(err)
	}
	text := string(export(t, h, ctx, exchange.Asking{Format: "csv"}))
	heads, cells, _ := strings.Cut(text, "\n")
	for i, head := range strings.Split(heads, ",") {
		if cell := strings.Split(cells, ",")[i]; (head == "score" || head == "rating" || head == "inherent_score") && cell != "" {
			t.Errorf("%s is %q, want nothing", head, cell)
		}
	}
}

func mustJSON(t *testing.T, x any) []byte {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnOSCALPlanHoldsEveryRiskAsAnItem(t *testing.T) {
	h, ctx := sqlite(t)
	fill(t, h, ctx, "Exports may show data of sibling groups")
	first, second := export(t, h, ctx, exchange.Asking{Format: "oscal"}), export(t, h, ctx, exchange.Asking{Format: "oscal"})
	if !bytes.Equal(first, second) {
		t.Error("the same register gave other bytes")
	}
	var f struct {
		Plan struct {
			UUID     string
			Metadata struct {
				Parties []struct{ UUID, Type, Name string }
			}
			Risks []struct {
				UUID, Title, Description, Statement, Status, Deadline string
				Origins                                               []struct{ Actors []struct{ Type string } }
				Threats                                               []struct{ System, ID string } `json:"threat-ids"`
				Characterizations                                     []struct {
					Facets []struct{ Name, System, Value string }
				}
				Mitigating   []struct{ UUID, Description string } `json:"mitigating-factors"`
				Remediations []struct {
					UUID, Lifecycle, Title, Description string
					Tasks                               []struct{ UUID, Type, Title string }
				}
				Log struct {
					Entries []struct{ UUID, Title, Start string }
				} `json:"risk-log"`
			}
			Items []struct {
				UUID    string
				Related []struct {
					Risk string `json:"risk-uuid"`
				} `json:"related-risks"`
			} `json:"poam-items"`
		} `json:"plan-of-action-and-milestones"`
	}
	if err := json.Unmarshal(first, &f); err != nil {
		t.Fatal(err)
	}
	p := f.Plan
	if len(p.Risks) != 1 || len(p.Items) != 1 || p.Items[0].Related[0].Risk != p.Risks[0].UUID {
		t.Fatalf("%d risks and %d items, want one of each that belong together", len(p.Risks), len(p.Items))
	}
	r := p.Risks[0]
	if len(r.UUID) != 36 || r.UUID[14] != '5' || r.Title == "" || r.Description == "" || r.Statement == "" || r.Deadline == "" {
		t.Errorf("the risk %+v lacks what every one has", r)
	}
	if len(r.Threats) != 1 || len(r.Characterizations) != 4 || len(r.Mitigating) != 1 || len(r.Remediations) != 1 || len(r.Remediations[0].Tasks) != 2 || len(r.Log.Entries) < 4 {
		t.Errorf("threats %d, characterizations %d, factors %d, remediations %d, log %d; want 1, 4, 1, 1 with 2 tasks, 4 or more",
			len(r.Threats), len(r.Characterizations), len(r.Mitigating), len(r.Remediations), len(r.Log.Entries))
	}
	for _, x := range p.Metadata.Parties {
		if x.Name == "" || x.Type != "person" {
			t.Errorf("party %+v, want a person with a name", x)
		}
	}
}

func TestTheStatusOfAnAcceptanceIsOSCALs(t *testing.T) {
	h, ctx := sqlite(t)
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: "Logs may be lost when a region fails"})
	if err != nil {
		t.Fatal(err)
	}
	status := func() string {
		text := string(export(t, h, ctx, exchange.Asking{Format: "oscal"}))
		for _, s := range []string{"deviation-requested", "deviation-approved", "investigating"} {
			if strings.Contains(text, `"status":"`+s+`"`) {
				return s
			}
		}
		return "open"
	}
	if s := status(); s != "open" {
		t.Errorf("a new risk is %s, want open", s)
	}
	if err := h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 2, Impact: 2}); err != nil {
		t.Fatal(err)
	}
	if s := status(); s != "investigating" {
		t.Errorf("a scored risk is %s, want investigating", s)
	}
}

// TestWhatIsHiddenChangesNoByteOfAnExport makes the same house twice, once with
// records that an outsider may not open, and compares what they get.
func TestWhatIsHiddenChangesNoByteOfAnExport(t *testing.T) {
	for _, format := range []string{"csv", "json", "ir8286", "ir8286-detail", "oscal", "markdown"} {
		t.Run(format, func(t *testing.T) {
			h, lea := sqlite(t)
			h.As(t, "eve", "auditor")
			// a token of hers that may export and read, and not count what she may not open
			eve := access.With(context.Background(), access.Actor{ID: "person-eve", Kind: access.Person, Name: "eve", Scopes: []string{"register.export", "risk.read"}})
			id := fill(t, h, lea, "Exports may show data of sibling groups")
			before := export(t, h, eve, exchange.Asking{Format: format})
			named, err := h.Risks.Raise(lea, risk.Raising{Title: "Secret keys may leak", Named: true})
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				c, err := h.Cases.Open(lea, casework.Opening{Title: "An embargoed hole", Severity: "critical", Named: true})
				if err != nil {
					t.Fatal(err)
				}
				if err := h.Risks.Link(lea, id, risk.Adding{About: string(c), Kind: h.Rules.Register.Evidence.Kinds[0].Name}); err != nil {
					t.Fatal(err)
				}
			}
			h.Pass(time.Hour)
			if after := export(t, h, eve, exchange.Asking{Format: format}); !bytes.Equal(before, after) {
				t.Errorf("hidden records changed the export:\n%s\nwas\n%s", after, before)
			}
			if own := export(t, h, lea, exchange.Asking{Format: format}); !bytes.Contains(own, []byte(named)) && !strings.HasPrefix(format, "ir8286") {
				t.Errorf("who is named on the risk does not find it in the export")
			}
		})
	}
}

// first is the first score that was judged.
func first(t *testing.T, f *risk.Full) *risk.Evaluation {
	t.Helper()
	for _, e := range f.Evaluations {
		if e.World == risk.WorldBase {
			return e
		}
	}
	t.Fatal("nobody judged the risk")
	return nil
}

func TestWhoMayNotExportOrImportIsRefused(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		joe := h.As(t, "joe", "engineer")
		if _, err := h.Exchange.Export(joe, exchange.Asking{Format: "csv"}, &bytes.Buffer{}); err == nil {
			t.Error("an engineer exported the register")
		}
		if _, err := h.Exchange.Import(joe, "csv", strings.NewReader("title\nTokens may leak\n"), exchange.Options{}); err == nil {
			t.Error("an engineer imported into the register")
		}
		lea := h.As(t, "lea", "manager")
		r, err := h.Exchange.Import(lea, "csv", strings.NewReader("title,inherent_likelihood,inherent_impact\nTokens may leak,3,very-high\n"), exchange.Options{})
		if err != nil || !r.Done || r.New != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		f, err := h.Risks.Get(lea, r.Risks[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if e := first(t, f); e.Reason != risk.ReasonImported || e.Score != 15 {
			t.Errorf("the evaluation says %q with %v, want imported with 15", e.Reason, e.Score)
		}
	})
}
