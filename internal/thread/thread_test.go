package thread_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/thread"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		kind             error
	}{
		{"space around is taken off", "  a b \n", "a b", nil},
		{"line ends become one", "a\r\nb\rc\n", "a\nb\nc", nil},
		{"a tab stays", "a\tb", "a\tb", nil},
		{"letters of every script stay", "Łódź 東京 שלום", "Łódź 東京 שלום", nil},
		{"a mark of direction stays, since Hebrew needs it", "a\u200fb", "a\u200fb", nil},
		{"a NUL is refused", "a\x00b", "", fault.Invalid},
		{"an escape of a terminal is refused", "a\x1b[31m", "", fault.Invalid},
		{"DEL is refused", "a\x7f", "", fault.Invalid},
		{"a C1 control is refused", "a\u0085b", "", fault.Invalid},
		{"an override is refused", "a\u202eb", "", fault.Invalid},
		{"an isolate is refused", "a\u2066b", "", fault.Invalid},
		{"what is not UTF-8 is refused", "a\xffb", "", fault.Invalid},
		{"more than the limit is refused", strings.Repeat("x", 41), "", fault.TooLarge},
		{"the limit itself passes", strings.Repeat("x", 40), strings.Repeat("x", 40), nil},
	} {
		have, err := thread.Clean("text", c.text, 40)
		if have != c.want || !errors.Is(err, c.kind) {
			t.Errorf("%s: have %q %v, want %q %v", c.name, have, err, c.want, c.kind)
		}
		if err != nil && (len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Name != "text") {
			t.Errorf("%s: the field is not named: %v", c.name, err)
		}
	}
}

func TestALineIsOneLine(t *testing.T) {
	if have, err := thread.Line("title", " a \n\t b  c ", 100); err != nil || have != "a b c" {
		t.Errorf("have %q, %v", have, err)
	}
}

func TestMentions(t *testing.T) {
	many := ""
	for i := range 2 * thread.MaxMentions {
		many += fmt.Sprintf("@p%d ", i)
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"nobody", nil},
		{"@ada", []string{"ada"}},
		{"look, @ada and (@bob).", []string{"ada", "bob"}},
		{"@ada @ada @Ada", []string{"ada"}},
		{"@ada.l is not @ada.", []string{"ada.l", "ada"}},
		{"mail ada@example.org", nil},
		{"@", nil},
		{"@-x", nil},
		{"line\n@ada", []string{"ada"}},
	} {
		if have := thread.Mentions(c.text); !slices.Equal(have, c.want) {
			t.Errorf("%q: have %v, want %v", c.text, have, c.want)
		}
	}
	if have := thread.Mentions(many); len(have) != thread.MaxMentions {
		t.Errorf("%d mentions of one text, want %d", len(have), thread.MaxMentions)
	}
}

func TestAWordIsOneOfTheListOrNone(t *testing.T) {
	for _, c := range []struct {
		name, word, want string
	}{
		{"no word is none", "", ""},
		{"one of them", "low", ""},
		{"another", "lowest", `"lowest" is not one of: low, high`},
		{"the same in capitals is another", "Low", `"Low" is not one of: low, high`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var fs fault.Fields
			thread.Word(&fs, "severity", c.word, []string{"low", "high"})
			have := ""
			for _, f := range fs {
				have += f.Says
			}
			if have != c.want {
				t.Errorf("have %q, want %q", have, c.want)
			}
		})
	}
}
