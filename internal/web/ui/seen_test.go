package ui

import "testing"

func TestSeen(t *testing.T) {
	for _, c := range []struct{ name, page, want string }{
		{"a page in which nothing hides stays", "<p title=\"é\">A — b</p>\r\n", "<p title=\"é\">A — b</p>\r\n"},
		{"what hides in a text is spelled out", "<p>a\u200Bb &lt;\u202E</p>", "<p>a⟨U+200B⟩b &lt;⟨U+202E⟩</p>"},
		{"and in an attribute that is read", "<a class=\"x\" title=\"a\u2066\" href=\"/b\">c</a>", "<a class=\"x\" title=\"a⟨U+2066⟩\" href=\"/b\">c</a>"},
		{"what is sent again stays as it was typed", "<input name=\"a\" value=\"a\u200B\"><textarea name=\"b\">c\u200B</textarea>\u200B", "<input name=\"a\" value=\"a\u200B\"><textarea name=\"b\">c\u200B</textarea>⟨U+200B⟩"},
		{"what is no text is replaced wherever it stands", "<input value=\"a\x00\xff\"><p>\xff\x00</p>", "<input value=\"a\uFFFD\uFFFD\"><p>⟨U+FFFD⟩⟨U+0000⟩</p>"},
		{"a part of a page and a comment are kept", "<!-- a --><td>b</td>\u00AD", "<!-- a --><td>b</td>⟨U+00AD⟩"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if have := string(Seen([]byte(c.page))); have != c.want {
				t.Errorf("have %q, want %q", have, c.want)
			}
		})
	}
}
