package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/backup"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/rig"
)

// entry is one entry of a backup, for taking it apart.
type entry struct {
	name string
	body []byte
	kind byte
}

func unpack(t *testing.T, b []byte) (all []entry) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry{h.Name, body, h.Typeflag})
	}
}

func pack(t *testing.T, all []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range all {
		h := &tar.Header{Typeflag: e.kind, Name: e.name, Size: int64(len(e.body)), Mode: 0o600}
		if e.kind == tar.TypeSymlink {
			h.Size, h.Linkname, e.body = 0, "/etc/passwd", nil
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lived is a house with something in every corner that a copy could lose.
func lived(t *testing.T, store string) *rig.House {
	t.Helper()
	h := rig.Open(t, store, "gitlab")
	ctx := h.As(t, "Ada", "analyst", "manager")
	for _, title := range []string{"Path traversal in the upload of avatars", "quotes \" and \\ and \u2028 and <b>&", "Umlaut äöü, 漢字, 🜁"} {
		id, err := h.Cases.Open(ctx, casework.Opening{Title: title, Summary: "a summary\nof two lines", Product: "harbor", CWE: "CWE-22"})
		if err != nil {
			t.Fatal(err)
		}
		c, err := h.Files.Store(ctx, bytes.NewReader(bytes.Repeat([]byte{0, 1, 0xff}, 500_000)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Cases.Attach(ctx, id, "dump.bin", c, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Sealer.Step(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Cases.Open(ctx, casework.Opening{Title: "opened after the last seal"}); err != nil {
		t.Fatal(err)
	}
	return h
}

func copyOf(t *testing.T, h *rig.House) ([]byte, backup.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := backup.Write(t.Context(), h.DB, &b, backup.Options{Now: rig.Start})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m
}

func digests(t *testing.T, store string) backup.Manifest {
	t.Helper()
	m, err := backup.Digests(t.Context(), rig.OpenDB(t, store))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestACopyRestoresIntoEitherEngineWithTheSameDigest(t *testing.T) {
	t.Parallel()
	stores := map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "x.db") },
		"postgres": func(t *testing.T) string { return rig.Postgres(t) },
	}
	for from, source := range stores {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			h := lived(t, source(t))
			b, want := copyOf(t, h)
			if want.Rows < 20 || want.Tables["blobs"].Rows < 2 || want.Tables["audit_seal"].Rows == 0 || want.Tables["audit_new"].Rows == 0 {
				t.Fatalf("the copy holds %+v, want something of all", want)
			}
			for to, target := range stores {
				t.Run("to "+to, func(t *testing.T) {
					store := target(t)
					have, err := house.Restore(t.Context(), store, bytes.NewReader(b), nil)
					if err != nil {
						t.Fatal(err)
					}
					if d := cmp.Diff(want, have); d != "" {
						t.Errorf("restored (-want +have):\n%s", d)
					}
					if d := cmp.Diff(want, digests(t, store)); d != "" {
						t.Errorf("what the store holds (-want +have):\n%s", d)
					}
				})
			}
		})
	}
}

func TestARestoredHouseWorksOn(t *testing.T) {
	t.Parallel()
	h := lived(t, filepath.Join(t.TempDir(), "a.db"))
	b, _ := copyOf(t, h)
	store := filepath.Join(t.TempDir(), "b.db")
	if _, err := house.Restore(t.Context(), store, bytes.NewReader(b), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := house.Open(t.Context(), house.Config{Store: store, Profile: "gitlab", KeyFile: filepath.Join(t.TempDir(), "other"), Now: h.Clock}); !errors.Is(err, fault.Conflict) {
		t.Errorf("with another key: %v, want a conflict", err)
	}
	again, err := house.Open(t.Context(), house.Config{Store: store, Profile: "gitlab", KeyFile: h.KeyFile, Now: h.Clock})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	ctx := h.As(t, "Ada", "analyst", "manager")
	for text, want := range map[string]int{"avatars": 1, "summary": 3, "nothing": 0} {
		l, err := again.Cases.List(ctx, casework.Filter{Text: text}, casework.Page{})
		if err != nil || len(l.Cases) != want {
			t.Errorf("search for %q finds %v, %v; want %d", text, l, err, want)
		}
	}
	if n, err := again.Sealer.Step(ctx); err != nil || n == 0 {
		t.Errorf("sealed %d, %v; want what waited", n, err)
	}
	verified(t, again)
}

func TestARestoreNeedsAnEmptyStore(t *testing.T) {
	t.Parallel()
	h := lived(t, filepath.Join(t.TempDir(), "a.db"))
	b, _ := copyOf(t, h)
	before, err := backup.Digests(t.Context(), h.DB)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), h.DB, bytes.NewReader(b), backup.Options{}); !errors.Is(err, fault.Conflict) {
		t.Errorf("into a store in use: %v, want a conflict", err)
	}
	if after, err := backup.Digests(t.Context(), h.DB); err != nil || !cmp.Equal(before, after) {
		t.Errorf("the refused restore changed the store: %v", err)
	}
	fresh := rig.Open(t, filepath.Join(t.TempDir(), "b.db"), "gitlab")
	if _, err := backup.Restore(t.Context(), fresh.DB, bytes.NewReader(b), backup.Options{}); err != nil {
		t.Errorf("into a store that was opened and never used: %v", err)
	}
}

func TestAHostileCopyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	h := lived(t, filepath.Join(t.TempDir(), "a.db"))
	b, _ := copyOf(t, h)
	good := unpack(t, b)
	at := func(prefix string) int {
		for i, e := range good {
			if strings.HasPrefix(e.name, prefix) {
				return i
			}
		}
		t.Fatalf("no entry %s", prefix)
		return 0
	}
	cases, end := at("tables/cases/"), len(good)-1
	with := func(change func(all []entry) []entry) func() []byte {
		return func() []byte { return pack(t, change(append([]entry(nil), good...))) }
	}
	edit := func(i int, old, new string) func() []byte {
		return with(func(all []entry) []entry {
			all[i].body = bytes.Replace(all[i].body, []byte(old), []byte(new), 1)
			if bytes.Equal(all[i].body, good[i].body) {
				t.Fatalf("%s holds no %q", good[i].name, old)
			}
			return all
		})
	}
	for name, make := range map[string]func() []byte{
		"an empty file":         func() []byte { return nil },
		"no gzip":               func() []byte { return []byte("PK\x03\x04") },
		"cut in the middle":     func() []byte { return b[:len(b)/2] },
		"cut at the end":        func() []byte { return b[:len(b)-9] },
		"without its manifest":  with(func(all []entry) []entry { return all[:end] }),
		"without its opening":   with(func(all []entry) []entry { return all[1:] }),
		"without a piece":       with(func(all []entry) []entry { return append(all[:cases], all[cases+1:]...) }),
		"a piece twice":         with(func(all []entry) []entry { return append(all[:cases+1], all[cases:]...) }),
		"something after it":    with(func(all []entry) []entry { return append(all, all[cases]) }),
		"a path out of it":      with(func(all []entry) []entry { all[cases].name = "../../etc/cron.d/x"; return all }),
		"an absolute path":      with(func(all []entry) []entry { all[cases].name = "/tmp/x"; return all }),
		"a link":                with(func(all []entry) []entry { all[cases].kind = tar.TypeSymlink; return all }),
		"an unknown table":      edit(0, `"name": "cases"`, `"name": "sqlite_master"`),
		"another column":        edit(0, `"name": "audience"`, `"name": "audience\" --"`),
		"another schema":        edit(0, `"0001_spine"`, `"0001_other"`),
		"another format":        edit(0, `"format": 1`, `"format": 2`),
		"a row changed":         edit(cases, "avatars", "avaters"),
		"a row that is no list": edit(cases, "[", "{"),
		"a number for a text":   edit(cases, `"staff"`, `17`),
		"a wrong count":         edit(end, `"rows": `, `"rows": 1`),
		"a wrong digest":        edit(end, `"sha256": "`, `"sha256": "0`),
		"another row count":     edit(0, `"rows": 4`, `"rows": 5`),
		"fewer rows than come":  edit(0, `"rows": 4`, `"rows": 3`),
	} {
		t.Run(name, func(t *testing.T) {
			d := rig.OpenDB(t, filepath.Join(t.TempDir(), "b.db"))
			empty, err := backup.Digests(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			_, err = backup.Restore(t.Context(), d, bytes.NewReader(make()), backup.Options{})
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
				t.Errorf("have %v, want a refusal with a sentence", err)
			}
			if after, err := backup.Digests(t.Context(), d); err != nil || !cmp.Equal(empty, after) {
				t.Errorf("something was left behind: %v", err)
			}
		})
	}
}

func TestTheFileAppearsWholeAndForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	h := lived(t, filepath.Join(t.TempDir(), "a.db"))
	path := filepath.Join(t.TempDir(), "tocsin.tar.gz")
	var seen, total int64
	m, err := h.Backup(t.Context(), path, func(done, of int64) { seen, total = done, of })
	if err != nil {
		t.Fatal(err)
	}
	if seen != m.Rows || total != m.Rows {
		t.Errorf("progress ended at %d of %d, want %d", seen, total, m.Rows)
	}
	all, err := filepath.Glob(path + "*")
	if err != nil || len(all) != 1 {
		t.Errorf("files %v, %v; want the one", all, err)
	}
	ownerOnly(t, path)
	if _, err := h.Backup(t.Context(), path, nil); !errors.Is(err, fault.Conflict) {
		t.Errorf("over an old backup: %v, want a conflict", err)
	}
}

func TestTextThatIsNoUTF8ComesBackAsItWas(t *testing.T) {
	t.Parallel()
	d := rig.OpenDB(t, filepath.Join(t.TempDir(), "a.db"))
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into settings (name, value) values ($1, $2)`, "odd", "a\xff\x00b")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	want, err := backup.Write(t.Context(), d, &b, backup.Options{})
	if err != nil {
		t.Fatal(err)
	}
	to := rig.OpenDB(t, filepath.Join(t.TempDir(), "b.db"))
	if _, err := backup.Restore(t.Context(), to, &b, backup.Options{}); err != nil {
		t.Fatal(err)
	}
	have, err := backup.Digests(t.Context(), to)
	if err != nil || !cmp.Equal(want, have) {
		t.Errorf("have %+v, %v", have, err)
	}
	if n := rig.Count(t, to, `settings where value = $1`, "a\xff\x00b"); n != 1 {
		t.Errorf("%d rows as they were, want 1", n)
	}
}

func TestTheOpeningSaysWhatComes(t *testing.T) {
	t.Parallel()
	h := lived(t, filepath.Join(t.TempDir(), "a.db"))
	b, m := copyOf(t, h)
	var o backup.Opening
	if err := json.Unmarshal(unpack(t, b)[0].body, &o); err != nil {
		t.Fatal(err)
	}
	if o.Format != 1 || o.Engine != db.SQLite || len(o.Schema) < 5 || len(o.Tables) != len(m.Tables) || !o.Made.Equal(rig.Start) {
		t.Errorf("opening %+v", o)
	}
	for _, x := range o.Tables {
		if m.Tables[x.Name].Rows != x.Rows {
			t.Errorf("%s: %d rows announced, %d came", x.Name, x.Rows, m.Tables[x.Name].Rows)
		}
		if strings.HasPrefix(x.Name, "search") || x.Name == "schema_log" {
			t.Errorf("%s is no content", x.Name)
		}
	}
}
