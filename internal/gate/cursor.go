package gate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"tocsin/internal/fault"
)

// Cursor writes the place of a list's last row as text that only this house can
// read back, and only for the same list: scope names the list with its filter,
// and the actor is part of it.
func (v *View) Cursor(scope string, place ...any) string {
	b, err := json.Marshal(place)
	if err != nil {
		panic(err) // a place is numbers and text
	}
	return base64.RawURLEncoding.EncodeToString(append(v.sign(scope, b), b...))
}

// Place reads a cursor back into pointers. A cursor of another list, of another
// actor or with any byte changed is Invalid.
func (v *View) Place(scope, cursor string, place ...any) error {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) < macSize || !hmac.Equal(b[:macSize], v.sign(scope, b[macSize:])) {
		return fault.At("after", "this page marker does not belong to this list; start from its first page")
	}
	return json.Unmarshal(b[macSize:], &place)
}

const macSize = 16

func (v *View) sign(scope string, b []byte) []byte {
	m := hmac.New(sha256.New, v.gate.key)
	m.Write([]byte(scope))
	m.Write([]byte{0})
	m.Write([]byte(v.Actor.ID))
	m.Write([]byte{0})
	m.Write(b)
	return m.Sum(nil)[:macSize]
}
