// Package seal is the cryptography of the house, in one place and in few words:
// hashes, authentication codes, sealed secrets, signing keys, password hashes
// and page cursors. It chooses algorithms so that nobody else has to: SHA-256,
// HMAC-SHA256, AES-256-GCM, Ed25519 and argon2id.
//
// It knows no record, no store and no user. Whatever must be kept secret for a
// store hangs on one Key, from which each purpose gets a key of its own.
package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// Hash returns the SHA-256 of b in hex.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Token returns what is stored in place of a token or a secret link: its
// SHA-256. Tokens come from ref.Secret and carry 160 random bits, so nothing
// slower is needed to keep them from being guessed.
func Token(secret string) string { return Hash([]byte("tocsin token\n" + secret)) }

// MAC returns the HMAC-SHA256 of the parts. Each part is bound with its length,
// so that no two lists of parts have the same code.
func MAC(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(length(len(p)))
		h.Write(p)
	}
	return h.Sum(nil)
}

// Same reports whether two secrets are equal, in a time that does not tell where
// they differ.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func length(n int) []byte {
	return []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

// Digest returns the SHA-256 of the parts, each bound with its length.
func Digest(parts ...string) [sha256.Size]byte {
	var b []byte
	for _, p := range parts {
		b = append(append(b, length(len(p))...), p...)
	}
	return sha256.Sum256(b)
}
