package profile

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
	"tocsin/profiles"
)

// TestVersionChangesWithAnyByte flips each file of the base profile by a comment
// or a space at its end.
func TestVersionChangesWithAnyByte(t *testing.T) {
	version := func(fsys fs.FS) string {
		p, err := Load(fsys, few)
		if err != nil {
			t.Fatal(err)
		}
		return p.Version
	}
	was := version(base(t))
	if again := version(base(t)); again != was || !strings.HasPrefix(was, "base-") || len(was) != len("base-")+12 {
		t.Errorf("version %s, then %s; want base- and twelve digits twice", was, again)
	}
	seen := map[string]string{was: "nothing"}
	for name := range base(t) {
		fsys := base(t)
		fsys[name] = &fstest.MapFile{Data: append(bytes.Clone(fsys[name].Data), '\n')}
		have := version(fsys)
		if seen[have] != "" {
			t.Errorf("a change of %s gives the same version as a change of %s", name, seen[have])
		}
		seen[have] = name
	}
	fsys := base(t)
	fsys["README.md"] = &fstest.MapFile{Data: []byte("Read me.")}
	if have := version(fsys); seen[have] != "" {
		t.Errorf("a file more gives the same version as a change of %s", seen[have])
	}
}

func TestHiddenFilesAreNoPartOfAProfile(t *testing.T) {
	fsys := base(t)
	fsys[".git/config"] = &fstest.MapFile{Data: []byte("x")}
	fsys[".severity.yaml.swp"] = &fstest.MapFile{Data: []byte("x")}
	p, err := Load(fsys, few)
	if err != nil {
		t.Fatal(err)
	}
	q, err := Load(base(t), few)
	if err != nil || p.Version != q.Version {
		t.Errorf("version %s, want %s (%v)", p.Version, q.Version, err)
	}
}

// TestAFolderIsReadLikeTheProgramsOwn copies a preset to disk, with one file as a
// link, as volumes of containers have them.
func TestAFolderIsReadLikeTheProgramsOwn(t *testing.T) {
	dir := t.TempDir()
	sub, err := fs.Sub(profiles.FS, "gitlab")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, sub); err != nil {
		t.Fatal(err)
	}
	hidden := filepath.Join(dir, "..data")
	if err := os.Mkdir(hidden, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "sla.yaml"), filepath.Join(hidden, "sla.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..data", "sla.yaml"), filepath.Join(dir, "sla.yaml")); err != nil {
		t.Fatal(err)
	}
	p, err := Load(os.DirFS(dir), known)
	if err != nil {
		t.Fatal(err)
	}
	if want := load(t, "gitlab").Version; p.Version != want {
		t.Errorf("version %s, want %s", p.Version, want)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if _, err := Load(os.DirFS(filepath.Join(t.TempDir(), "none")), known); err == nil {
		t.Error("loaded, want an error")
	}
}

func TestLimitsOfAFolder(t *testing.T) {
	large := base(t)
	large["words.yaml"] = &fstest.MapFile{Data: bytes.Repeat([]byte("#"), maxFile+1)}
	many := base(t)
	for i := range maxFiles {
		many["messages/m"+strings.Repeat("x", i)+".md"] = &fstest.MapFile{}
	}
	for name, fsys := range map[string]fs.FS{"larger than 256 KiB": large, "more than 200 files": many} {
		_, err := Load(fsys, few)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want a refusal that says %q", err, name)
		}
	}
}

func TestWordsThatAreNotGivenAreNotChecked(t *testing.T) {
	for _, name := range Names() {
		if _, err := Embedded(name, Words{}); err != nil {
			t.Error(err)
		}
	}
}

// TestDrawing compares the pictures of the presets with those under testdata.
func TestDrawing(t *testing.T) {
	for _, name := range Names() {
		golden(t, "draw-"+name+".md", load(t, name).Draw())
	}
}

// TestShow compares what the base profile shows, and holds the presets to telling
// of every part.
func TestShow(t *testing.T) {
	p, err := Load(base(t), few)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "show-base.txt", shown(t, p))
	for _, name := range Names() {
		p := load(t, name)
		text := shown(t, p)
		for _, c := range p.Clocks {
			if !strings.Contains(text, c.Name) {
				t.Errorf("%s: the text says nothing of the clock %s", name, c.Name)
			}
		}
	}
}

func shown(t *testing.T, p *Profile) string {
	t.Helper()
	var b strings.Builder
	if err := p.Show(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, file, have string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), have); diff != "" {
		t.Errorf("%s: want (-), have (+):\n%s", file, diff)
	}
}

func TestShowJSONIsTheWholeProfile(t *testing.T) {
	p := load(t, "gitlab")
	var b bytes.Buffer
	if err := p.ShowJSON(&b); err != nil {
		t.Fatal(err)
	}
	var have struct {
		Version   string                                 `json:"version"`
		Calendars map[string]struct{ Kind, Zone string } `json:"calendars"`
		Clocks    []struct {
			Name   string            `json:"name"`
			Target map[string]string `json:"target"`
		} `json:"clocks"`
	}
	if err := json.Unmarshal(b.Bytes(), &have); err != nil {
		t.Fatal(err)
	}
	if have.Version != p.Version || have.Calendars["business"].Zone != "UTC" || len(have.Clocks) != len(p.Clocks) {
		t.Errorf("have %+v", have)
	}
	for _, c := range have.Clocks {
		if c.Name == "assessment" && c.Target["medium"] != "20d" {
			t.Errorf("assessment of medium %s, want 20d", c.Target["medium"])
		}
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]Span{"24h": {24, "h"}, "5d": {5, "d"}, "1bd": {1, "bd"}, "3660d": {3660, "d"}} {
		have, err := ParseSpan(text)
		if err != nil || have != want || have.String() != text {
			t.Errorf("%s is %v (%v), want %v", text, have, err, want)
		}
	}
	for _, text := range []string{"", "d", "5", "5w", "0d", "-5d", "+5d", "1.5d", "5 d", "5db", "5hd", "3661d", "99999999999999999999d", "٥d"} {
		if have, err := ParseSpan(text); err == nil {
			t.Errorf("%q is %v, want an error", text, have)
		}
	}
	for span, want := range map[Span]string{{1, "d"}: "1 day", {2, "bd"}: "2 business days", {24, "h"}: "24 hours"} {
		if have := span.Words(); have != want {
			t.Errorf("%v reads %q, want %q", span, have, want)
		}
	}
}

func TestCalendarHours(t *testing.T) {
	p, err := Load(base(t), few)
	if err != nil {
		t.Fatal(err)
	}
	c := p.Calendars["office"]
	if c.From != 9*time.Hour || c.To != 17*time.Hour+30*time.Minute || c.hours() != "09:00-17:30" || c.Zone.String() != "Europe/Amsterdam" {
		t.Errorf("%s from %s to %s in %s", c.hours(), c.From, c.To, c.Zone)
	}
	if len(c.weekdays()) != 2 || !c.Days[time.Monday] || !c.Days[time.Tuesday] || c.Holidays["2026-12-25"] != "Christmas" {
		t.Errorf("days %v, holidays %v", c.Days, c.Holidays)
	}
}

// FuzzLoad puts a text in the place of one file of the base profile. Load must
// end, never panic, and give every mistake a place and a mend.
func FuzzLoad(f *testing.F) {
	names := sortedKeys(base(f))
	for i, name := range names {
		f.Add(uint8(i), string(base(f)[name].Data))
	}
	for i, text := range []string{"bands: [{from: 1e308}]", "---\ntitle: '{{.'\n---\n{{if}}", "moves: [{from: [a, b], to: a}]", "&a [*a, ? : -]", "a: !!binary x"} {
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, file uint8, text string) {
		fsys := base(t)
		fsys[names[int(file)%len(names)]] = &fstest.MapFile{Data: []byte(text)}
		p, err := Load(fsys, few)
		if ps, ok := err.(Problems); ok {
			for _, pr := range ps {
				if pr.Line < 1 || pr.Col < 1 || pr.Says == "" || pr.Mend == "" {
					t.Errorf("a mistake without place or mend: %+v", pr)
				}
			}
		} else if err != nil {
			t.Errorf("%v, want a profile or its mistakes", err)
		}
		if p != nil && p.Draw() == "" {
			t.Error("a profile that draws nothing")
		}
	})
}
