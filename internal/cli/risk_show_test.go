package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tocsin/internal/cli"
	"tocsin/internal/house"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// command runs the program and returns what it prints.
func command(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := cli.Main(args, strings.NewReader(""), &out, &errs); code != want {
		t.Fatalf("tocsin %s: exit %d, want %d\n%s%s", strings.Join(args, " "), code, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// scored is a store with a risk that evidence moves, and one that nobody scored.
func scored(t *testing.T) (db string, id ref.ID) {
	t.Helper()
	db = filepath.Join(t.TempDir(), "a.db")
	h, err := house.Open(t.Context(), house.Config{Store: db})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	ctx := rig.System()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.Risks.Raise(ctx, risk.Raising{Title: "Missing rotation may keep keys alive"})
	check(err)
	id, err = h.Risks.Raise(ctx, risk.Raising{Title: "Incomplete checks may leak exports"})
	check(err)
	check(h.Risks.Judge(ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 2, Reason: "some expertise is needed"}))
	for _, about := range []string{"INC-1", "INC-2", "INC-3"} {
		check(h.Risks.Link(ctx, id, risk.Adding{About: about, Kind: "incident", At: h.Now(), Severity: "high"}))
	}
	check(h.Risks.RecomputeOne(ctx, id))
	return db, id
}

func TestRiskListShowAndExplain(t *testing.T) {
	db, id := scored(t)
	list := command(t, 0, "risk", "list", "--db", db)
	for _, want := range []string{string(id), "Incomplete checks may leak exports", "Missing rotation may keep keys alive", "unset", "2 of 2 risks"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	if strings.Index(list, "Incomplete") > strings.Index(list, "Missing") {
		t.Errorf("the worst does not stand first:\n%s", list)
	}
	show := command(t, 0, "risk", "show", strings.ToLower(string(id)), "--db", db)
	if !strings.Contains(show, "incident INC-2") || !strings.Contains(show, "lacks") {
		t.Errorf("shown:\n%s", show)
	}
	says := command(t, 0, "risk", "explain", string(id), "--db", db)
	for _, want := range []string{"judged inherent: 3 × 2", "some expertise is needed", "evidence: 3 counted", "+ INC-1", "scales scale-", "rules generic"} {
		if !strings.Contains(says, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, says)
		}
	}
	var x struct {
		ID      string
		InForce struct {
			Steps []struct{ Label, Value, Note string }
			Items []struct{ About string }
		} `json:"in_force"`
	}
	if err := json.Unmarshal([]byte(command(t, 0, "risk", "explain", string(id), "--json", "--db", db)), &x); err != nil || x.ID != string(id) || len(x.InForce.Items) != 3 || len(x.InForce.Steps) == 0 {
		t.Errorf("as JSON: %+v, %v", x, err)
	}
	if says := command(t, 1, "risk", "explain", "RISK-00000000", "--db", db); !strings.Contains(says, "no such record") && !strings.Contains(says, "not") {
		t.Errorf("a risk that there is not: %s", says)
	}
}

func TestRiskQuantifyIsTheSameToTheByte(t *testing.T) {
	db, id := scored(t)
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	text := "unit: EUR\nscenarios:\n  - id: " + string(id) + "\n    loss_event_frequency: {kind: constant, value: 3}\n    loss_magnitude: {kind: constant, value: 100000}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if says := command(t, 1, "risk", "quantify", string(id), "--db", db); !strings.Contains(says, "has no scenario") {
		t.Errorf("without a scenario: %s", says)
	}
	first := command(t, 0, "risk", "quantify", string(id), "--scenario", file, "--trials", "20000", "--seed", "5", "--json", "--db", db)
	again := command(t, 0, "risk", "quantify", string(id), "--trials", "20000", "--seed", "5", "--json", "--db", db)
	var r struct {
		Mean   float64
		Seed   int
		Trials int
	}
	if err := json.Unmarshal([]byte(first), &r); err != nil || r.Seed != 5 || r.Trials != 20000 || r.Mean < 295_000 || r.Mean > 305_000 {
		t.Errorf("result %+v, %v", r, err)
	}
	if first != again {
		t.Error("the same run gives other bytes")
	}
	if says := command(t, 0, "risk", "quantify", string(id), "--trials", "2000", "--db", db); !strings.Contains(says, "2000 years") {
		t.Errorf("for people:\n%s", says)
	}
}
