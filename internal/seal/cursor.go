package seal

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"

	"tocsin/internal/fault"
)

// tagSize is how much of the authentication code a cursor carries: 128 bits.
const tagSize = 16

// Cursor packs where a page ended into opaque text that cannot be forged. The
// first part should say which list it belongs to.
func Cursor(key []byte, parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return base64.RawURLEncoding.EncodeToString(append(b, MAC(key, b)[:tagSize]...))
}

// OpenCursor returns the parts of a cursor that was made with the same key. Any
// other text is Invalid.
func OpenCursor(key []byte, text string) ([]string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < tagSize || base64.RawURLEncoding.EncodeToString(b) != text {
		return nil, badCursor()
	}
	b, tag := b[:len(b)-tagSize], b[len(b)-tagSize:]
	if !hmac.Equal(tag, MAC(key, b)[:tagSize]) {
		return nil, badCursor()
	}
	var parts []string
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, badCursor()
		}
		parts = append(parts, string(b[used:used+int(n)]))
		b = b[used+int(n):]
	}
	return parts, nil
}

func badCursor() error {
	return fault.At("cursor", "this page marker is not one that was handed out here; start again from the first page")
}
