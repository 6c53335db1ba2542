package review

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tocsin/internal/fault"
)

// signs is the name under which the house signs its reports.
const signs = "tocsin-register"

// Sign returns a detached signature: a signed note that names the file and its
// SHA-256, which anybody can check with the public key and no other tool than one
// that reads such notes.
func (s *Reviews) Sign(name string, content []byte) ([]byte, error) {
	signer, _, err := s.Key.Signer(signs)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: statement(name, content)}, signer)
}

// Public returns the key that checks the signatures; it is no secret.
func (s *Reviews) Public() (string, error) {
	_, public, err := s.Key.Signer(signs)
	return public, err
}

func statement(name string, content []byte) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf("tocsin report\n%s\nsha256 %s\n", name, hex.EncodeToString(sum[:]))
}

// Signed is what a signature says.
type Signed struct {
	Name string `json:"name"` // of the file, when it was signed
	Hash string `json:"sha256"`
	By   string `json:"by"`
}

// Verify proves that the content is what was signed, by the key. The file may have
// another name since; what it was called stands in the answer.
func Verify(public string, content, signature []byte) (*Signed, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fault.New(fault.Invalid, "this is no public key: %v", err)
	}
	n, err := note.Open(signature, note.VerifierList(v))
	if err != nil {
		return nil, fault.New(fault.Invalid, "the signature does not hold: %v", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != "tocsin report" {
		return nil, fault.New(fault.Invalid, "the signature is no signature of a report")
	}
	if n.Text != statement(lines[1], content) {
		return nil, fault.New(fault.Invalid, "the signature is genuine, and for another content: it names %s with %s", lines[1], lines[2])
	}
	return &Signed{Name: lines[1], Hash: strings.TrimPrefix(lines[2], "sha256 "), By: n.Sigs[0].Name}, nil
}
