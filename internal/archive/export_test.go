package archive_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/archive"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/intake"
	"tocsin/internal/rig"
)

func TestAnExportHasAllThatTheActorMaySee(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(firstState)})
		take(t, h, "csaf", archive.Options{}, map[string]string{"b.json": csaf("ANCHOR-1", "WHITE", "final")})
		ctx := h.As(t, "Ada", "analyst", "manager")
		id, err := h.Cases.Open(ctx, casework.Opening{Title: "The hidden one", Summary: "embargoed"})
		must(t, err)
		_, err = h.Cases.Note(ctx, id, "a hidden note")
		must(t, err)
		must(t, h.Gate.Act(rig.System(), "case.share", id, func(tx *gate.Tx) error { return tx.Audience(id, access.Named) }))
		sent, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "A report", Summary: "Words"})
		must(t, err)

		var b bytes.Buffer
		n, err := h.Archive.Export(manager(t, h), &b, archive.Wanted{})
		must(t, err)
		got := map[string]int64{}
		var last map[string]any
		for line := range bytes.Lines(b.Bytes()) {
			last = map[string]any{}
			must(t, json.Unmarshal(line, &last))
			got[last["kind"].(string)]++
		}
		for kind, want := range map[string]int64{"export": 1, "case": 2, "report": 1, "advisory": 2, "publication": 2, "link": 1, "end": 1} {
			if got[kind] != want || kind != "export" && kind != "end" && n[kind] != want {
				t.Errorf("%d of the kind %s, counted %d, want %d", got[kind], kind, n[kind], want)
			}
		}
		if last["kind"] != "end" || last["counts"].(map[string]any)["case"] != float64(2) {
			t.Errorf("the last line is %v", last)
		}
		for _, not := range []string{"hidden", "embargoed", string(id), sent.Secret, "secret"} {
			if strings.Contains(b.String(), not) {
				t.Errorf("the export holds %q", not)
			}
		}
		if !strings.Contains(b.String(), `"score":9.8`) || !strings.Contains(b.String(), `"opened":"2024-05-01T10:00:00Z"`) || !strings.Contains(b.String(), `"title":"An anchor slips"`) {
			t.Errorf("the export lacks what the case states:\n%s", b.String())
		}
		if n := rig.Count(t, h.DB, "audit where verb = 'export.run' and outcome = 'done'"); n != 1 {
			t.Errorf("%d exports audited, want 1", n)
		}
	})
}

func TestTheTableOfCasesHoldsNoFormula(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "Ada", "analyst", "manager")
		titles := []string{"=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "plain, with \"quotes\""}
		for _, title := range titles {
			_, err := h.Cases.Open(ctx, casework.Opening{Title: title})
			must(t, err)
		}
		take(t, h, "osv", archive.Options{}, map[string]string{"a.json": osv(`"summary": "Of unknown age"`)})
		var b bytes.Buffer
		n, err := h.Archive.Export(manager(t, h), &b, archive.Wanted{Form: archive.Table})
		must(t, err)
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 7 || n["case"] != 6 {
			t.Fatalf("%d rows, %v, %v", len(rows), n, err)
		}
		at := map[string]int{}
		for i, name := range rows[0] {
			at[name] = i
		}
		seen := map[string][]string{}
		for _, r := range rows[1:] {
			seen[r[at["title"]]] = r
		}
		for _, title := range titles[:4] {
			if seen["'"+title] == nil {
				t.Errorf("%q is not there behind an apostrophe: %v", title, seen)
			}
		}
		if seen[titles[4]] == nil {
			t.Errorf("%q is not there as it is", titles[4])
		}
		if r := seen["Of unknown age"]; r == nil || r[at["opened"]]+r[at["score"]]+r[at["severity"]]+r[at["cwe"]]+r[at["due"]] != "" || r[at["closed"]] != "true" {
			t.Errorf("what is unknown is not empty: %v", r)
		}
	})
}

func TestOnlyWhoMayExports(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		var b bytes.Buffer
		_, err := h.Archive.Export(h.As(t, "Ed", "engineer"), &b, archive.Wanted{})
		if !errors.Is(err, fault.Forbidden) || b.Len() != 0 {
			t.Errorf("an engineer: %v and %d bytes, want forbidden", err, b.Len())
		}
		if _, err := h.Archive.Export(manager(t, h), &b, archive.Wanted{Form: "xlsx"}); !errors.Is(err, fault.Invalid) {
			t.Errorf("an unknown form: %v", err)
		}
	})
}

func TestCellsOfASpreadsheet(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "a=b": "a=b", "=1": "'=1", " =1": "' =1", "\t=1": "'\t=1", "\r1": "'\r1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "'x": "'x"} {
		if have := archive.Cell(in); have != want {
			t.Errorf("%q becomes %q, want %q", in, have, want)
		}
	}
}

func TestBadFilesAreLeftOutWithTheirReason(t *testing.T) {
	t.Parallel()
	lite(t, func(t *testing.T, h *rig.House) {
		bad := map[string]struct{ body, says, pointer string }{
			"empty.json":     {"", "empty", ""},
			"broken.json":    {"{\n\"id\": }", "line 2", "/id"},
			"twice.json":     {osv(`"id": "GHSA-1"`), "twice", "/id"},
			"list.json":      {"[]", "no record of osv-1", ""},
			"other.json":     {cveRecord, "no record of osv-1", ""},
			"long-name.json": {strings.ReplaceAll(osv(`"summary": "x"`), "aaaa", strings.Repeat("a", 600)), "name of its own", ""},
			"deep.json":      {strings.Repeat(`{"a":`, 500), "deep", ""},
		}
		files := map[string]string{"good.json": osv(firstState), "z.txt": "not looked at"}
		for name, b := range bad {
			files[name] = b.body
		}
		s := take(t, h, "osv", archive.Options{}, files)
		if s.Imported != 1 || len(s.Failed) != len(bad) || s.Files != len(bad)+1 {
			t.Errorf("summary %+v", *s)
		}
		for _, f := range s.Failed {
			want := bad[f.File]
			if !strings.Contains(f.Reason, want.says) || want.pointer != "" && f.Pointer != want.pointer {
				t.Errorf("%s: %+v, want %q at %q", f.File, f, want.says, want.pointer)
			}
		}
	})
}
