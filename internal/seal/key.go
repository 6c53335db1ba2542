package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tocsin/internal/fault"
)

// Key is the master key of a store. It never leaves the process but through its
// key file; each purpose uses a key derived from it.
type Key struct{ b [32]byte }

// keyWord begins the text of a key, so that one is known when it is seen.
const keyWord = "tocsin-key-1:"

// NewKey returns a fresh random key.
func NewKey() Key {
	var k Key
	rand.Read(k.b[:])
	return k
}

// ReadKey reads a key from its text, as it stands in a key file or in TOCSIN_KEY.
func ReadKey(text string) (Key, error) {
	var k Key
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), keyWord)
	b, err := base64.StdEncoding.Strict().DecodeString(rest)
	if !ok || err != nil || len(b) != len(k.b) {
		return k, fault.New(fault.Invalid, "this is not a key of a store: it should start with %s and hold 32 bytes in base64", keyWord)
	}
	copy(k.b[:], b)
	return k, nil
}

// Text returns the key as ReadKey reads it. It is a secret.
func (k Key) Text() string { return keyWord + base64.StdEncoding.EncodeToString(k.b[:]) }

// String keeps a key out of logs.
func (k Key) String() string { return "seal.Key(hidden)" }

// GoString keeps a key out of logs.
func (k Key) GoString() string { return k.String() }

// Sub returns the key for one purpose (HKDF-SHA256, RFC 5869).
func (k Key) Sub(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.b[:], nil, "tocsin "+purpose, 32)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	return b
}

// Seal encrypts a small secret (AES-256-GCM, random nonce). where names the
// place that it belongs to, for example "totp person-7QK3": the text opens with
// the same key and the same place only.
func (k Key) Seal(where string, secret []byte) string {
	return "1." + base64.RawURLEncoding.EncodeToString(k.gcm().Seal(nil, nil, secret, []byte(where)))
}

// Open decrypts what Seal made for the same place.
func (k Key) Open(where, text string) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, "1.")
	b, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if !ok || err != nil {
		return nil, fault.New(fault.Internal, "a sealed secret of this store is damaged")
	}
	secret, err := k.gcm().Open(nil, nil, b, []byte(where))
	if err != nil {
		return nil, fault.New(fault.Internal, "a sealed secret of this store does not open: it was changed, or the key file is not the one that the store was made with")
	}
	return secret, nil
}

func (k Key) gcm() cipher.AEAD {
	block, err := aes.NewCipher(k.Sub("secrets"))
	if err != nil {
		panic(err) // only for a key of the wrong length
	}
	g, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return g
}

// Signer returns the Ed25519 key that signs notes (golang.org/x/mod/sumdb/note)
// under a name, and the text of the key that checks them, which is public. The
// same Key and name give the same signer on every replica.
func (k Key) Signer(name string) (note.Signer, string, error) {
	const ed25519Alg = 1
	seed := k.Sub("note " + name)
	private := ed25519.NewKeyFromSeed(seed)
	public := append([]byte{ed25519Alg}, private.Public().(ed25519.PublicKey)...)
	check, err := note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, "", fmt.Errorf("signing key %s: %w", name, err)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), public...))
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%x+%s", name, sum[:4], base64.StdEncoding.EncodeToString(append([]byte{ed25519Alg}, seed...))))
	return s, check, err
}
