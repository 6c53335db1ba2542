package db_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/audit"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/kri"
	"tocsin/internal/observation"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// keep names the landed version whose store is written into testdata: see
// CONTRIBUTING.md.
var keep = flag.String("keep", "", "write the store of this version into testdata, for later ones to upgrade")

// firm are the titles of the cases that every kept store has; the last is for
// named people only.
var firm = []string{"Export can be read by others", "It's a \"quoted\" title: ≥ 17.2", "Under embargo"}

// lived makes a store like that of a small house that has worked for some days.
func lived(t *testing.T, h *rig.House) {
	t.Helper()
	ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
	h.As(t, "ruth", "auditor")
	got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: firm[0], Product: "forge", Summary: "A member reads the export.\nAnd more.", Severity: "high", Contact: "owl@example.org"})
	check(t, err)
	_, err = h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Waits in the inbox", Product: "forge", Summary: "needle"})
	check(t, err)
	h.Pass(time.Hour)
	first, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{})
	check(t, err)
	second, err := h.Cases.Open(ana, casework.Opening{Title: firm[1], Summary: "one two three", Product: "forge", CWE: "CWE-79"})
	check(t, err)
	_, err = h.Cases.Open(ana, casework.Opening{Title: firm[2], Summary: "secret", Named: true})
	check(t, err)
	check(t, h.Cases.Score(ana, first, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"))
	_, err = h.Cases.Note(ana, first, "@eve look")
	check(t, err)
	c, err := h.Files.Store(t.Context(), strings.NewReader("proof\x00of it"))
	check(t, err)
	_, err = h.Cases.Attach(ana, second, "proof.bin", c, false)
	check(t, err)
	_, err = h.Advisories.Draft(ana, first)
	check(t, err)
	check(t, h.Gate.Act(rig.System(), "archive.import", "", func(tx *gate.Tx) error {
		d := advisory.Document{ID: "acme-1", Title: "Out since long", Status: advisory.Final, Version: "1", Initial: rig.Start, Current: rig.Start, TLP: "CLEAR",
			Publisher: advisory.Publisher{Name: "Acme", Namespace: "https://acme.example", Category: "vendor"},
			Revisions: []advisory.Revision{{Number: "1", Date: rig.Start, Summary: "Initial publication."}}}
		_, err := h.Advisories.Bring(tx, "", advisory.Past{Document: d, Names: []string{"acme-1"}})
		return err
	}))
	if err := h.Cases.Edit(eve, "CASE-00000000", casework.Patch{}); !errors.Is(err, fault.NotFound) { // a refusal, audited
		t.Fatal(err)
	}
	ventured(t, h, first)
	for more := true; more; {
		more, err = h.Jobs.Step(t.Context())
		check(t, err)
	}
	_, err = h.Sealer.Step(t.Context())
	check(t, err)
}

// systemic is the title of the risk that every store kept since the register came has.
const systemic = "Exports may reveal data to members of sibling groups"

// ventured adds a register to a store: a risk with evidence and scores, an indicator
// with a value, an observation and a meeting.
func ventured(t *testing.T, h *rig.House, evidence ref.ID) {
	t.Helper()
	mia := h.As(t, "mia", "manager")
	id, err := h.Risks.Raise(mia, risk.Raising{Title: systemic, Department: "Platform"})
	check(t, err)
	check(t, h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 4, Reason: "Easy, and it hurts"}))
	check(t, h.Risks.Link(mia, id, risk.Adding{About: string(evidence), Kind: h.Rules.Register.Evidence.Kinds[0].Name}))
	num := func(x float64) *float64 { return &x }
	gauge, err := h.KRIs.Open(mia, id, kri.Opening{Title: "Services that check membership", Kind: "implementation", Unit: "share", Baseline: num(0.4), Target: num(0.95), Factor: "likelihood", How: "a check that runs cannot be left out"})
	check(t, err)
	_, err = h.KRIs.Record(mia, gauge, "manual", kri.Point{At: h.Now(), Value: 0.5})
	check(t, err)
	_, err = h.Observations.Open(mia, observation.Opening{Title: "Reviews are skipped on hot fixes", Condition: "12 of 40 had none", Criteria: "every change has one", Consequence: "a fault goes out unseen", Control: "change review", Likelihood: 3, Impact: 4})
	check(t, err)
	_, err = h.Reviews.Open(mia, review.Opening{})
	check(t, err)
	learnt(t, h, evidence)
}

// learnt has the root cause of a case analysed, as far as its words are reviewed.
func learnt(t *testing.T, h *rig.House, id ref.ID) {
	t.Helper()
	mia, causes := h.As(t, "mia", "manager"), map[string]string{}
	for _, set := range h.Rules.RCA.Sets {
		causes[set.Name] = set.Words[0].Name
	}
	why := "The rule stands in one of two paths."
	check(t, h.Cases.StepRCA(mia, id, casework.VerbRCAOpen, casework.RCAStep{Reason: "to learn from it"}))
	check(t, h.Cases.EditRCA(mia, id, casework.RCAPatch{Why: &why, Causes: causes}))
	check(t, h.Cases.StepRCA(mia, id, casework.VerbRCAReview, casework.RCAStep{}))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeep writes the store of this version, where it is asked to.
func TestKeep(t *testing.T) {
	if *keep == "" {
		return // nobody asked
	}
	dir := t.TempDir()
	h := rig.Open(t, filepath.Join(dir, "kept.db"), "generic")
	lived(t, h)
	var out bytes.Buffer
	fmt.Fprintf(&out, "-- key %s\n", h.Key.Text())
	check(t, h.DB.Read(t.Context(), func(tx *db.Tx) error { return dump(t, tx, &out) }))
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	check(t, err)
	_, err = z.Write(out.Bytes())
	check(t, errors.Join(err, z.Close()))
	check(t, os.WriteFile(filepath.Join("testdata", *keep+".sql.gz"), packed.Bytes(), 0o644))
}

// dump writes every row as a statement that both engines take, and the full-text
// index, which differs, as one for each of them. What is kept for it of texts that
// stand on records is made anew.
func dump(t *testing.T, tx *db.Tx, out io.Writer) error {
	names, err := texts(t, tx, `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'search%' and name not like 'passage%' order by name <> 'audit', name`)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == "audit_new" {
			fmt.Fprintln(out, "delete from audit_new;")
		}
		if err := dumpTable(t, tx, out, name); err != nil {
			return err
		}
	}
	return nil
}

func texts(t *testing.T, tx *db.Tx, q string) (out []string, err error) {
	rows, err := tx.Query(t.Context(), q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// indexedText reads the text of a record by its table.
var indexedText = map[string]func(func(string) string) (string, string, error){"reports": intake.Indexed, "cases": casework.Indexed, "advisories": advisory.Indexed,
	"risks": risk.Indexed, "observations": observation.Indexed}

func dumpTable(t *testing.T, tx *db.Tx, out io.Writer, name string) error {
	rows, err := tx.Query(t.Context(), `select * from `+name+` order by 1, 2`)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	for rows.Next() {
		row, to, cols := make([]any, len(types)), make([]any, len(types)), make([]string, len(types))
		for i := range row {
			to[i], cols[i] = &row[i], types[i].Name()
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		values := make([]string, len(row))
		for i, x := range row {
			values[i] = literal(x, types[i].DatabaseTypeName())
		}
		fmt.Fprintf(out, "insert into %s (%s) values (%s);\n", name, strings.Join(cols, ", "), strings.Join(values, ", "))
		if read := indexedText[name]; read != nil {
			at := func(c string) string { return fmt.Sprint(row[slices.Index(cols, c)]) }
			title, words, err := read(at)
			if err != nil {
				return err
			}
			doc, _ := row[slices.Index(cols, "doc")].(int64)
			for _, e := range []db.Engine{db.SQLite, db.Postgres} {
				q, args := insight.Statement(e, doc, title, words)
				fmt.Fprintf(out, "--%s %s;\n", e, bound(q, args))
			}
		}
	}
	return rows.Err()
}

var argument = regexp.MustCompile(`\$(\d)`)

// bound puts the arguments into a statement of one line.
func bound(q string, args []any) string {
	return argument.ReplaceAllStringFunc(strings.Join(strings.Fields(q), " "), func(m string) string { return literal(args[m[1]-'1'], "") })
}

// literal says a value in one line that both engines read alike; bytes begin with X.
func literal(x any, kind string) string {
	switch v := x.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case int64:
		if strings.EqualFold(kind, "boolean") {
			return fmt.Sprint(v != 0)
		}
		return fmt.Sprint(v)
	case []byte:
		return "X'" + hex.EncodeToString(v) + "'"
	}
	s := strings.ReplaceAll(fmt.Sprint(x), "'", "''")
	return "'" + strings.ReplaceAll(s, "\n", "'||chr(10)||'") + "'"
}

var bytesLiteral = regexp.MustCompile(`X'([0-9a-f]*)'`)

// say says a statement of the dump in the words of an engine.
func say(e db.Engine, line string) string {
	if e == db.SQLite {
		return strings.ReplaceAll(line, "||chr(10)||", "||char(10)||")
	}
	return bytesLiteral.ReplaceAllString(line, `'\x$1'`)
}

var ranBefore = regexp.MustCompile(`^insert into schema_log \(name, sum\) values \('(\w+)', '(\w+)'\);$`)

// load makes an empty store what it was in the version that kept it, and returns
// the house's key.
func load(t *testing.T, d *db.DB, path string) (key string) {
	t.Helper()
	f, err := os.Open(path)
	check(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	check(t, err)
	var lines []string
	ran, sums := map[string]bool{}, map[string]string{}
	read := bufio.NewScanner(z)
	read.Buffer(nil, 1<<20)
	for read.Scan() {
		line := read.Text()
		if m := ranBefore.FindStringSubmatch(line); m != nil {
			ran[m[1]], sums[m[1]] = true, m[2]
		} else if k, ok := strings.CutPrefix(line, "-- key "); ok {
			key = k
		} else if mine, ok := strings.CutPrefix(line, "--"+string(d.Engine)+" "); ok {
			lines = append(lines, mine)
		} else if !strings.HasPrefix(line, "--") {
			lines = append(lines, line)
		}
	}
	check(t, read.Err())
	check(t, d.MigrateTo(t.Context(), ran))
	check(t, d.Write(t.Context(), func(tx *db.Tx) error {
		for _, line := range lines {
			if _, err := tx.Exec(t.Context(), say(d.Engine, strings.TrimSuffix(line, ";"))); err != nil {
				return fmt.Errorf("%.100s: %w", line, err)
			}
		}
		return nil
	}))
	if d.Engine == db.SQLite {
		unchanged(t, d, sums)
	}
	return key
}

// unchanged holds that the migrations that an earlier version ran are still the same.
func unchanged(t *testing.T, d *db.DB, sums map[string]string) {
	t.Helper()
	check(t, d.Read(t.Context(), func(tx *db.Tx) error {
		have, err := texts(t, tx, `select name || ' ' || sum from schema_log order by name`)
		var want []string
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			want = append(want, name+" "+sums[name])
		}
		if !slices.Equal(have, want) {
			t.Errorf("the migrations of a landed version are frozen; have %v, want %v", have, want)
		}
		return err
	}))
}

func TestAStoreOfEveryLandedVersionUpgrades(t *testing.T) {
	kept, err := filepath.Glob("testdata/*.sql.gz")
	if err != nil || len(kept) == 0 {
		t.Fatalf("no version has kept its store: %v", err)
	}
	for _, path := range kept {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".sql.gz"), func(t *testing.T) {
			t.Run("sqlite", func(t *testing.T) { upgrade(t, path, filepath.Join(t.TempDir(), "old.db")) })
			t.Run("postgres", func(t *testing.T) { upgrade(t, path, rig.Postgres(t)) })
		})
	}
}

func upgrade(t *testing.T, path, store string) {
	d, err := db.Open(t.Context(), store)
	check(t, err)
	key := load(t, d, path)
	check(t, d.Close())
	file := filepath.Join(t.TempDir(), "key")
	check(t, os.WriteFile(file, []byte(key+"\n"), 0o600))
	now := rig.Start.AddDate(0, 1, 0)
	h, err := house.Open(t.Context(), house.Config{Store: store, Profile: "generic", KeyFile: file, URL: "http://tocsin.test", Now: func() time.Time { now = now.Add(time.Microsecond); return now }})
	check(t, err)
	defer h.Close()
	if todo, err := h.DB.Pending(t.Context()); err != nil || len(todo) > 0 {
		t.Errorf("after opening, %v wait: %v", todo, err)
	}
	verified(t, h, 10)
	as := func(name string) context.Context {
		return access.With(context.Background(), access.Actor{ID: ref.ID("person-" + name), Kind: access.Person, Name: name})
	}
	reads(t, h, as)
	finds(t, h, as)
	if filepath.Base(path) != "landed-2.sql.gz" { // older than the register
		weighs(t, h, as("mia"))
	}
	_, err = h.Cases.Open(as("ana"), casework.Opening{Title: "Opened after the upgrade"})
	check(t, err)
	n, err := h.Sealer.Step(t.Context())
	check(t, err)
	if n == 0 {
		t.Error("nothing new was sealed")
	}
	verified(t, h, 11)
}

// verified holds that the audit log is whole, by the key of the house.
func verified(t *testing.T, h *house.House, least int64) {
	t.Helper()
	public, err := audit.Public(t.Context(), h.DB, h.Key)
	check(t, err)
	r, err := audit.Verify(t.Context(), h.DB, audit.Options{Public: public})
	check(t, err)
	if !r.OK() || !r.Trusted || r.Size < least {
		t.Errorf("the log of %d entries: %v", r.Size, r.Sentences())
	}
}

// reads holds that what was there is there, for those who saw it.
func reads(t *testing.T, h *house.House, as func(string) context.Context) {
	t.Helper()
	for who, want := range map[string][]string{"ana": firm, "eve": firm[:2]} {
		for _, f := range []casework.Filter{{}, {State: "open"}} {
			l, err := h.Cases.List(as(who), f, casework.Page{})
			check(t, err)
			var have []string
			for _, c := range l.Cases {
				have = append(have, c.Title)
				if _, err := h.Cases.Get(as(who), c.ID); err != nil {
					t.Errorf("%s opens %s: %v", who, c.Title, err)
				}
			}
			slices.Reverse(have)
			if !slices.Equal(have, want) {
				t.Errorf("%s lists %q, want %q", who, have, want)
			}
		}
	}
	l, err := h.Cases.List(as("ana"), casework.Filter{Text: "three"}, casework.Page{})
	check(t, err)
	if len(l.Cases) != 1 || l.Cases[0].Title != firm[1] {
		t.Fatalf("the search finds %d cases, want the second", len(l.Cases))
	}
	full, err := h.Cases.Get(as("ana"), l.Cases[0].ID)
	check(t, err)
	if len(full.Files) != 1 {
		t.Fatalf("%d files, want 1", len(full.Files))
	}
	if _, body, err := h.Files.Open(as("ana"), full.Files[0].ID, false); err != nil || string(body) != "proof\x00of it" {
		t.Errorf("the file reads %q, %v", body, err)
	}
	if p, err := h.Advisories.Published(t.Context(), "acme-1"); err != nil || p.Title != "Out since long" {
		t.Errorf("what was out is %+v, %v", p, err)
	}
	rs, err := h.Reports.List(as("ana"), intake.Filter{Text: "needle"}, intake.Page{})
	check(t, err)
	if len(rs.Reports) != 1 {
		t.Errorf("%d reports hold the word, want 1", len(rs.Reports))
	}
}

// finds holds that what was said before is found by those who saw it, once it is in.
func finds(t *testing.T, h *house.House, as func(string) context.Context) {
	t.Helper()
	check(t, h.Passages.Fill(rig.System()))
	for who, want := range map[string]int{"ana": 1, "eve": 1} {
		found, err := h.Across.Search(as(who), "look", 5, passage.Note)
		check(t, err)
		have := 0
		for _, f := range found {
			have += len(f.Texts)
		}
		if have != want {
			t.Errorf("%s finds %d notes, want %d: %+v", who, have, want, found)
		}
	}
}

// weighs holds that the register is what it was.
func weighs(t *testing.T, h *house.House, mia context.Context) {
	t.Helper()
	rs, err := h.Risks.List(mia, risk.Filter{}, risk.Page{})
	check(t, err)
	if len(rs.Risks) != 1 || rs.Risks[0].Title != systemic {
		t.Fatalf("the register holds %d risks, want the one of %q", len(rs.Risks), systemic)
	}
	full, err := h.Risks.Get(mia, rs.Risks[0].ID)
	check(t, err)
	if len(full.Evaluations) == 0 || len(full.Items) != 1 {
		t.Errorf("%d evaluations and %d pieces of evidence, want some and 1", len(full.Evaluations), len(full.Items))
	}
	if ks, err := h.KRIs.OnRisk(mia, full.ID); err != nil || len(ks) != 1 {
		t.Errorf("%d indicators, %v, want 1", len(ks), err)
	}
	if ms, err := h.Reviews.List(mia); err != nil || len(ms) != 1 {
		t.Errorf("%d meetings, %v, want 1", len(ms), err)
	}
}
