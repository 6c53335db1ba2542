package seal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"tocsin/internal/fault"
	"tocsin/internal/seal"
)

func TestCursorComesBackAndNoFlippedByteOpens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		parts := rapid.SliceOf(rapid.String()).Draw(t, "parts")
		text := seal.Cursor(key, parts...)
		have, err := seal.OpenCursor(key, text)
		if err != nil || !slices.Equal(have, parts) {
			t.Fatalf("have %q, %v, want %q", have, err, parts)
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		b := []byte(text)
		b[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		if _, err := seal.OpenCursor(key, string(b)); !errors.Is(err, fault.Invalid) {
			t.Fatalf("the flipped cursor %q: have %v, want invalid", b, err)
		}
	})
}

func TestCursorOfAnotherKeyOrMadeLongerIsRefused(t *testing.T) {
	t.Parallel()
	text := seal.Cursor([]byte("one"), "cases", "17")
	for _, bad := range []string{"", "AAAA", text + "A", text + "=", text + "\n", "\n" + text, text[:len(text)-4]} {
		if _, err := seal.OpenCursor([]byte("one"), bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: have %v, want invalid", bad, err)
		}
	}
	if _, err := seal.OpenCursor([]byte("two"), text); !errors.Is(err, fault.Invalid) {
		t.Errorf("another key: have %v, want invalid", err)
	}
}

func TestMACBindsEachPartWithItsLength(t *testing.T) {
	t.Parallel()
	a := seal.MAC([]byte("k"), []byte("ab"), []byte("c"))
	b := seal.MAC([]byte("k"), []byte("a"), []byte("bc"))
	if string(a) == string(b) {
		t.Error("two lists of parts have one code")
	}
}

func TestSealedSecretOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	k := seal.NewKey()
	text := k.Seal("totp person-a", []byte("JBSWY3DP"))
	if again := k.Seal("totp person-a", []byte("JBSWY3DP")); again == text {
		t.Error("the same secret was sealed to the same text twice")
	}
	have, err := k.Open("totp person-a", text)
	if err != nil || string(have) != "JBSWY3DP" {
		t.Errorf("have %q, %v", have, err)
	}
	if _, err := k.Open("totp person-b", text); err == nil {
		t.Error("a secret opened in another place")
	}
	if _, err := seal.NewKey().Open("totp person-a", text); err == nil {
		t.Error("a secret opened with another key")
	}
	for i := range text {
		b := []byte(text)
		b[i] ^= 1
		if _, err := k.Open("totp person-a", string(b)); err == nil {
			t.Fatalf("a secret opened with byte %d flipped", i)
		}
	}
}

func TestKeyStaysOutOfLogs(t *testing.T) {
	t.Parallel()
	k := seal.NewKey()
	secret := strings.TrimPrefix(k.Text(), "tocsin-key-1:")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, k); s != "seal.Key(hidden)" || strings.Contains(s, secret) {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func TestReadKeyRefusesAllElse(t *testing.T) {
	t.Parallel()
	k := seal.NewKey()
	if have, err := seal.ReadKey(" " + k.Text() + "\n"); err != nil || have != k {
		t.Errorf("have %v", err)
	}
	for _, bad := range []string{"", "tocsin-key-1:", k.Text()[5:], k.Text() + "AAAA", "tocsin-key-1:c2hvcnQ="} {
		if _, err := seal.ReadKey(bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: have %v, want invalid", bad, err)
		}
	}
}

func TestKeyFileIsMadeOnceForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.key")
	keys, made := make([]seal.Key, 8), make([]bool, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], made[i], err = seal.KeyFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	count := 0
	for i, k := range keys {
		if k != keys[0] {
			t.Error("two processes that started together have two keys")
		}
		if made[i] {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d made the key, want 1", count)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeyFileThatIsNotSafeOrNotAKeyIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open, other := filepath.Join(dir, "open"), filepath.Join(dir, "other")
	_ = os.WriteFile(open, []byte(seal.NewKey().Text()), 0o644)
	_ = os.WriteFile(other, []byte("hello"), 0o600)
	for path, word := range map[string]string{open: "chmod 600", other: "bring back the file", dir + "/no/such": "check that its folder exists"} {
		if _, _, err := seal.KeyFile(path); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: have %v, want a fault that says %q", path, err, word)
		}
	}
}

func TestSignerIsTheSameOnEveryReplica(t *testing.T) {
	t.Parallel()
	k := seal.NewKey()
	s, check, err := k.Signer("tocsin/store-1")
	if err != nil {
		t.Fatal(err)
	}
	_, again, _ := k.Signer("tocsin/store-1")
	_, other, _ := k.Signer("tocsin/store-2")
	if check != again || check == other {
		t.Errorf("keys %s, %s, %s", check, again, other)
	}
	signed, err := note.Sign(&note.Note{Text: "hello\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(check)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
}

func TestPasswordHash(t *testing.T) {
	t.Parallel()
	var p seal.Passwords
	hash, err := p.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("have %s, %v", hash, err)
	}
	weaker := "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQxMjM0NTY3OA$ZqbUyFPM5lQNQHbwnfQ3T2mLGfP7PqYYVxNcs6UPVz0"
	for name, c := range map[string]struct {
		hash, password string
		right          bool
	}{
		"the right one":                    {hash, "correct horse", true},
		"a wrong one":                      {hash, "correct house", false},
		"an empty one":                     {hash, "", false},
		"one that is absurdly long":        {hash, strings.Repeat("x", 1<<20), false},
		"of somebody who does not exist":   {"", "correct horse", false},
		"of nobody, with the dummy's word": {"", "x", false},
		"an old cost, wrong word":          {weaker, "x", false},
	} {
		right, old, err := p.Check(t.Context(), c.hash, c.password)
		if err != nil || right != c.right || old {
			t.Errorf("%s: have %v, old %v, %v, want %v", name, right, old, err, c.right)
		}
	}
}

func TestDamagedPasswordHashTakesNothing(t *testing.T) {
	t.Parallel()
	var p seal.Passwords
	for _, bad := range []string{"x", "$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=19456,t=2,p=1$AA$AA", "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if right, _, err := p.Check(t.Context(), bad, "x"); right || err == nil {
			t.Errorf("%s: have %v, %v", bad, right, err)
		}
	}
}

func TestPasswordsWaitNoLongerThanTheirCaller(t *testing.T) {
	t.Parallel()
	var p seal.Passwords
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("have %v, want canceled", err)
	}
}

func TestPasswordThatIsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	var p seal.Passwords
	if _, err := p.Hash(t.Context(), strings.Repeat("x", seal.MaxPassword+1)); !errors.Is(err, fault.Invalid) {
		t.Errorf("have %v, want invalid", err)
	}
}

func TestTokenIsStoredAsAHash(t *testing.T) {
	t.Parallel()
	if a, b := seal.Token("a"), seal.Token("b"); a == b || len(a) != 64 || !seal.Same(a, seal.Token("a")) || seal.Same(a, b) {
		t.Errorf("have %s and %s", a, b)
	}
}

func FuzzOpenCursor(f *testing.F) {
	key := []byte("key")
	good := seal.Cursor(key, "cases", "17")
	f.Add(good)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := seal.OpenCursor(key, text)
		if err == nil && seal.Cursor(key, parts...) != text {
			t.Errorf("%q was opened as %q", text, parts)
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("have %v, want invalid", err)
		}
	})
}
