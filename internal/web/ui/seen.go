package ui

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Seen is a page, or a part of one, in which no character hides: whatever a template
// wrote as it came, hidden characters are spelled out, as Visible does. What stands in
// fields stays what somebody typed; only what is no text at all becomes U+FFFD. Every
// page goes through it, so that no template can forget. A page in which nothing hides,
// as in almost all, is returned as it is.
func Seen(page []byte) []byte {
	if !hides(page) {
		return page
	}
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	field := false // within a text area
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		raw := z.Raw()
		switch {
		case !hides(raw):
			out.Write(raw)
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken:
			out.Write(attribute.ReplaceAllFunc(raw, func(one []byte) []byte {
				if held.Match(one) {
					return kept(one)
				}
				return []byte(Visible(string(one)))
			}))
		case field:
			out.Write(kept(raw))
		default:
			out.WriteString(Visible(string(raw)))
		}
		if name, _ := z.TagName(); string(name) == "textarea" {
			field = kind == html.StartTagToken
		}
	}
	return out.Bytes()
}

var (
	attribute = regexp.MustCompile(`[^\s"=]+="[^"]*"`)
	held      = regexp.MustCompile(`^(value|data-[\w-]+)=`) // what is sent again, or read by script
)

// kept is text of a field, which stays, but for what is none.
func kept(text []byte) []byte {
	return bytes.ToValidUTF8(bytes.ReplaceAll(text, []byte{0}, []byte("\uFFFD")), []byte("\uFFFD"))
}

// begins marks the bytes with which a hidden character may begin, or which are none.
var begins = func() (out [256]bool) {
	for c := range out {
		out[c] = c < 0x20 && c != '\n' && c != '\t' || c == 0x7f || c >= 0x80
	}
	return out
}()

// hides tells whether a hidden character stands in the text.
func hides(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if !begins[text[i]] {
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if hidden(r) && !(r == '\r' && i+1 < len(text) && text[i+1] == '\n') {
			return true
		}
		i += n - 1
	}
	return false
}
