// Package thread keeps what was said on records: internal notes, messages to the
// reporter and messages from the reporter. It is not the audit trail, and it
// decides nothing: the domains ask for the verb and hand it their transaction.
package thread

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
)

// Side says who a message is for.
type Side string

// The sides. A Note never leaves the house.
const (
	Note Side = "note" // internal
	Out  Side = "out"  // to the reporter
	In   Side = "in"   // from the reporter
)

// Message is one thing said on a record.
type Message struct {
	ID      ref.ID    `json:"id"`
	Subject ref.ID    `json:"subject"`
	At      time.Time `json:"at"`
	Author  ref.ID    `json:"author"`
	Name    string    `json:"name"` // how the author is shown
	Side    Side      `json:"side"`
	Text    string    `json:"text"` // Markdown
}

// passage is the message for the search.
func (m Message) passage(guard ref.ID, audience string) passage.Passage {
	return passage.Passage{ID: string(m.ID), Kind: passage.Note, Guard: guard, Audience: audience, About: m.Subject, At: m.At, Text: m.Text}
}

// MaxText is how long a message may be, in bytes.
const MaxText = 64 << 10

// New checks the text and returns the message as it is stored.
func New(tx *gate.Tx, subject ref.ID, side Side, text string) (Message, error) {
	text, err := Clean("text", text, MaxText)
	if err == nil && text == "" {
		err = fault.At("text", "the message is empty; write a word or leave it")
	}
	return Message{ID: ref.New("message"), Subject: subject, At: tx.Now, Author: tx.Actor.ID, Name: tx.Actor.Name, Side: side, Text: text}, err
}

// Clean returns text as it may be stored: line ends as \n, no control characters,
// valid UTF-8, at most max bytes. Bidirectional overrides are refused, since
// they make text read otherwise than it is (CVE-2021-42574).
func Clean(field, text string, max int) (string, error) {
	if len(text) > max {
		return "", &fault.Fault{Kind: fault.TooLarge, Says: field + " is longer than the limit; shorten it or attach a file",
			Fields: []fault.Field{{Name: field, Says: "shorten it or attach a file"}}}
	}
	if !utf8.ValidString(text) {
		return "", fault.At(field, "%s is not valid UTF-8; save it as UTF-8 and paste it again", field)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for _, r := range text {
		if (r < 0x20 && r != '\n' && r != '\t') || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return "", fault.At(field, "%s holds the control character U+%04X; remove it", field, r)
		}
		if slices.Contains(overrides, r) {
			return "", fault.At(field, "%s holds the bidirectional control U+%04X, which makes it read otherwise than it is; remove it", field, r)
		}
	}
	return strings.TrimSpace(text), nil
}

// overrides are the explicit bidirectional formatting characters of Unicode UAX 9.
var overrides = []rune{0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069}

// Line is Clean for text of one line, such as a title.
func Line(field, text string, max int) (string, error) {
	text, err := Clean(field, text, max)
	return strings.Join(strings.Fields(text), " "), err
}

var mention = regexp.MustCompile(`(?:^|[\s(])@([A-Za-z0-9][A-Za-z0-9._-]{0,63})`)

// MaxMentions is how many people one text calls.
const MaxMentions = 50

// Mentions lists the names after an @, each once, in lower case: the first
// MaxMentions of them.
func Mentions(text string) []string {
	var out []string
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(strings.TrimRight(m[1], "._-"))
		if len(out) < MaxMentions && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
