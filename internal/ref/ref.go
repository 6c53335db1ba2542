// Package ref names things. Every record has one ID that says what kind of
// thing it is, so that audit, access, evidence and links can point at any
// record without importing its package. IDs are random, never counters: a gap
// in a sequence would tell an outsider that something hidden exists.
package ref

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
)

// ID is "KIND-RANDOM", for example "CASE-7QK3D9XB" or "job-4XM2TA9Q0PZR7C1W".
// The zero ID names nothing.
type ID string

// alphabet is Crockford's base 32: no I, L, O or U, so a code can be read aloud.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// spoken are the kinds that people read, say and type. They are written in
// capitals with a short code of 40 random bits; all others get 80 bits.
var spoken = map[string]bool{"case": true, "report": true, "adv": true, "risk": true, "obs": true}

// New returns a fresh ID of the kind.
func New(kind string) ID {
	if spoken[kind] {
		return ID(strings.ToUpper(kind) + "-" + code(8))
	}
	return ID(kind + "-" + code(16))
}

// Secret returns 160 random bits as text, for links and tokens.
func Secret() string { return code(32) }

func code(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

// Kind returns the part before the dash, in lower case: "case" of "CASE-7QK3D9XB".
func (id ID) Kind() string {
	kind, _, _ := strings.Cut(string(id), "-")
	return strings.ToLower(kind)
}

// Read returns the ID as a person typed it, forgiving case and the letters that
// Crockford's alphabet leaves out (O for 0, I and L for 1). Text that is no ID of
// a spoken kind comes back as it is.
func Read(s string) ID {
	s = strings.TrimSpace(s)
	kind, rest, ok := strings.Cut(s, "-")
	if !ok || !spoken[strings.ToLower(kind)] {
		return ID(s)
	}
	rest = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(rest))
	return ID(strings.ToUpper(kind) + "-" + rest)
}

// Number returns a random number from 0 up to n, which is a power of two or
// small against 2^63.
func Number(n int64) int64 {
	var b [8]byte
	rand.Read(b[:])
	return int64(binary.LittleEndian.Uint64(b[:])>>1) % n
}
