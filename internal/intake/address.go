package intake

import (
	"net/mail"
	"strings"
)

// IsAddress reports whether s is one plain mail address, as RFC 5322 spells them,
// without a display name and at most 254 bytes long (RFC 5321, section 4.5.3.1.3).
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "\r\n\"")
}
