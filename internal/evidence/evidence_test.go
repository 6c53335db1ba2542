package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
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

func TestAFileNameIsSafeToShowAndToSave(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"proof.txt", "proof.txt"},
		{"../../etc/passwd", "passwd"},
		{`C:\Users\owl\proof.png`, "proof.png"},
		{"/", "file"}, {"..", "file"}, {"", "file"}, {".", "file"}, {"   ", "file"},
		{".bashrc", "bashrc"},
		{"a\x00b.txt", "a_b.txt"}, {"a\nb", "a_b"}, {"gpj.\u202eexe", "gpj._exe"}, {"a\u2066b", "a_b"},
		{`a<b>"c|d?.txt`, "a_b__c_d_.txt"},
		{"naïve résumé.pdf", "naïve résumé.pdf"},
		{"bad\xffutf8", "bad_utf8"},
	} {
		if have := evidence.Name(c.name); have != c.want {
			t.Errorf("%q: have %q, want %q", c.name, have, c.want)
		}
	}
	if long := evidence.Name(strings.Repeat("ä", 500)); len(long) > 200 || !utf8.ValidString(long) {
		t.Errorf("a long name has %d bytes, valid %v", len(long), utf8.ValidString(long))
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"a.txt", "../x", "\\\\?\\C:\\x", "\u202e", "....//", "a/..", strings.Repeat("é/", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := evidence.Name(s)
		if n == "" || len(n) > 200 || !utf8.ValidString(n) || strings.ContainsAny(n, "/\\\x00\r\n\"<>") || strings.HasPrefix(n, ".") {
			t.Errorf("%q becomes %q", s, n)
		}
	})
}

// opened is a case with a file on it.
func opened(t *testing.T, h *rig.House, by context.Context, body string) (ref.ID, evidence.File) {
	t.Helper()
	id, err := h.Cases.Open(by, casework.Opening{Title: "x"})
	check(t, "open", err)
	c, err := h.Files.Store(t.Context(), strings.NewReader(body))
	check(t, "store", err)
	f, err := h.Cases.Attach(by, id, "../dump.bin", c, false)
	check(t, "attach", err)
	return id, f
}

func TestAFileComesBackByteForByte(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		big := bytes.Repeat([]byte("0123456789abcdef"), 1<<17+3) // more than two pieces
		_, f := opened(t, h, ana, string(big))
		have, body, err := h.Files.Open(ana, f.ID, false)
		if err != nil || !bytes.Equal(body, big) || have.Name != "dump.bin" || have.Size != int64(len(big)) || have.SHA256 != f.SHA256 {
			t.Errorf("have %+v, %d bytes, %v", have, len(body), err)
		}
		_, none := opened(t, h, ana, "")
		if _, body, err = h.Files.Open(ana, none.ID, false); err != nil || len(body) != 0 {
			t.Errorf("an empty file: %d bytes, %v", len(body), err)
		}
		html := strings.NewReader("<script>alert(1)</script>")
		c, err := h.Files.Store(t.Context(), html)
		check(t, "store", err)
		if !strings.HasPrefix(c.Media, "text/html") {
			t.Errorf("guessed %s", c.Media)
		}
	})
}

func TestADamagedFileIsNotHandedOut(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		_, f := opened(t, h, ana, "the proof")
		for _, damage := range []string{`update blobs set body = $1`, `delete from blobs where body <> $1`} {
			check(t, "damage", h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), damage, []byte("the prooF"))
				return err
			}))
			if _, body, err := h.Files.Open(ana, f.ID, false); !errors.Is(err, evidence.ErrDamaged) || body != nil {
				t.Errorf("after %s: %d bytes, %v", damage, len(body), err)
			}
		}
	})
}

// endless is a reader without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLimitsOfFiles(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		if _, err := h.Files.Store(t.Context(), endless{}); !errors.Is(err, fault.TooLarge) {
			t.Errorf("a file without an end: %v", err)
		}
		if _, err := h.Files.Store(t.Context(), io.MultiReader(strings.NewReader("x"), broken{})); !errors.Is(err, fault.Invalid) {
			t.Errorf("a file that breaks off: %v", err)
		}
		id, _ := opened(t, h, ana, "one")
		c, err := h.Files.Store(t.Context(), strings.NewReader("many"))
		check(t, "store", err)
		for range evidence.MaxFiles - 1 {
			_, err := h.Cases.Attach(ana, id, "x", c, false)
			check(t, "attach", err)
		}
		if _, err := h.Cases.Attach(ana, id, "x", c, false); !errors.Is(err, fault.TooLarge) {
			t.Errorf("one file more: %v", err)
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAFileIsSeenAsItsRecordIs(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "ana", "analyst"), h.As(t, "bob", "analyst")
		id, before := opened(t, h, ana, "before")
		if _, _, err := h.Files.Open(bob, before.ID, false); err != nil {
			t.Errorf("a colleague: %v", err)
		}
		check(t, "embargo", h.Cases.Embargo(ana, id, rig.Start.AddDate(0, 1, 0), "serious"))
		c, err := h.Files.Store(t.Context(), strings.NewReader("after"))
		check(t, "store", err)
		after, err := h.Cases.Attach(ana, id, "after", c, false)
		check(t, "attach", err)
		for _, f := range []evidence.File{before, after} {
			if _, _, err := h.Files.Open(bob, f.ID, false); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s of an embargoed case: %v", f.Name, err)
			}
		}
	})
}

func TestAReporterOpensWhatIsShared(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		c, err := h.Files.Store(t.Context(), strings.NewReader("proof"))
		check(t, "store", err)
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "x", Summary: "y"}, intake.Upload{Name: "proof.txt", Content: c})
		check(t, "submit", err)
		id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{})
		check(t, "accept", err)
		inside, err := h.Cases.Attach(ana, id, "inside.txt", c, false)
		check(t, "attach", err)
		shared, err := h.Cases.Attach(ana, id, "shared.txt", c, true)
		check(t, "share", err)
		a, _, err := h.Reports.Reporter(t.Context(), got.Secret)
		check(t, "reporter", err)
		owl := access.With(context.Background(), a)
		own, err := h.Reports.Own(owl, got.ID)
		check(t, "own", err)
		var names []string
		for _, f := range own.Files {
			names = append(names, f.Name)
			if f.Author != "" {
				t.Errorf("the reporter learns who put %s there: %s", f.Name, f.Author)
			}
			if _, _, err := h.Files.Open(owl, f.ID, true); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if !slices.Equal(names, []string{"proof.txt", "shared.txt"}) || own.Files[1].ID != shared.ID {
			t.Errorf("the reporter's files: %v", names)
		}
		for _, outward := range []bool{true, false} {
			if _, _, err := h.Files.Open(owl, inside.ID, outward); !errors.Is(err, fault.NotFound) {
				t.Errorf("an internal file, outward %v: %v", outward, err)
			}
		}
		other := access.With(context.Background(), access.Actor{ID: ref.New("reporter"), Kind: access.Reporter})
		if _, _, err := h.Files.Open(other, shared.ID, true); !errors.Is(err, fault.NotFound) {
			t.Errorf("another reporter: %v", err)
		}
	})
}
