package ui

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/locale"
)

// Leaves are the smallest components: a word with its shape, a chip, a day, a face. A
// list has hundreds of them, so they are written in Go, where each costs little more
// than the bytes that it writes; as templates they were half of the cost of a page.

// leaf is a component that needs nothing but where it is written to.
func leaf(write func(w io.Writer) error) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error { return write(w) })
}

// put writes what is HTML already.
func put(w io.Writer, html ...string) error {
	for _, s := range html {
		if _, err := io.WriteString(w, s); err != nil {
			return err
		}
	}
	return nil
}

// escaped is a value as it stands in text or in a quoted attribute.
func escaped(s string) string {
	if plain(s) {
		return s
	}
	return templ.EscapeString(s)
}

// around writes what stands before and behind the text of a person.
func around(w io.Writer, before, text, behind string) error {
	if err := put(w, before); err != nil {
		return err
	}
	if err := writeText(w, text); err != nil {
		return err
	}
	return put(w, behind)
}

// named tells whether a text is the name of something in one word, such as CWE-79 or
// CVE-2026-1234, which stays on one line.
func named(s string) bool {
	return len(s) < 20 && (strings.HasPrefix(s, "CWE-") || strings.HasPrefix(s, "CVE-"))
}

// Joined shows what persons wrote, with dots between; what is empty is left out, and
// names stay on one line.
func Joined(parts ...string) templ.Component {
	return leaf(func(w io.Writer) error {
		dot := ""
		for _, p := range parts {
			if p == "" {
				continue
			}
			before, behind := dot, ""
			if named(p) {
				before, behind = dot+`<span class="nowrap">`, `</span>`
			}
			if err := around(w, before, p, behind); err != nil {
				return err
			}
			dot = " · "
		}
		return nil
	})
}

// Chip shows a Tag.
func Chip(t Tag) templ.Component {
	return leaf(func(w io.Writer) error {
		c := class("chip", string(t.Tone), when(t.Line, "line"))
		if t.Href == "" {
			return around(w, `<span class="`+c+`">`, t.Text, `</span>`)
		}
		return around(w, `<a class="`+c+`" href="`+escaped(string(templ.URL(t.Href)))+`">`, t.Text, `</a>`)
	})
}

// Severity shows a severity by shape, word and colour, with its score where there
// is one. word is the profile's word (critical, high, medium, low, none); any
// other says "unknown".
func Severity(word, score string) templ.Component {
	return leaf(func(w io.Writer) error {
		if score == "" {
			return put(w, `<span class="sev `, level(word), `">`, escaped(severityWord(word)), `</span>`)
		}
		return put(w, `<span class="sev `, level(word), `">`, escaped(severityWord(word)), ` <b>`, escaped(score), `</b></span>`)
	})
}

// Status shows how far something is: a disc that fills, and the word.
func Status(tone Tone, text string) templ.Component {
	return leaf(func(w io.Writer) error {
		if err := put(w, `<span class="`, class("status", statusClass(tone)), `">`); err != nil {
			return err
		}
		return around(w, "", text, `</span>`)
	})
}

// moment is a leaf that says a moment as its reader wants it, in words that need no
// escaping.
func moment(write func(w io.Writer, r *Reader) error) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return write(w, ReaderOf(ctx)) })
}

// exactly shows an instant to whoever wants it to the second: nothing is left to be
// pointed at.
func exactly(w io.Writer, r *Reader, t time.Time) error {
	return put(w, `<time datetime="`, machine(t), `">`, r.Exact(t), `</time>`)
}

// Instant shows t exactly, with its zone; the same instant as RFC 3339 is its title.
func Instant(t time.Time) templ.Component {
	return moment(func(w io.Writer, r *Reader) error {
		if r.IsPrecise() {
			return exactly(w, r, t)
		}
		exact := machine(t)
		return put(w, `<time datetime="`, exact, `" title="`, exact, `" class="nowrap">`, r.Exact(t), `</time>`)
	})
}

// Day shows the day of t where the reader is; its title is the time of that day.
func Day(t time.Time) templ.Component {
	return moment(func(w io.Writer, r *Reader) error {
		if r.IsPrecise() {
			if locale.IsDay(t) {
				return put(w, `<time datetime="`, machineDay(t), `">`, r.Date(t), `</time>`)
			}
			return exactly(w, r, t)
		}
		return put(w, `<time datetime="`, machineDay(t), `" title="`, atTime(r, t), `" class="nowrap">`, r.Date(t), `</time>`)
	})
}

// Ago shows t exactly; the script says "3 d ago" instead. The exact instant is its title.
func Ago(t time.Time) templ.Component {
	return moment(func(w io.Writer, r *Reader) error {
		if r.IsPrecise() {
			return exactly(w, r, t)
		}
		return put(w, `<time datetime="`, machine(t), `" title="`, hover(r, t), `" class="nowrap" data-ago>`, r.Exact(t), `</time>`)
	})
}

// clock shows the time of day of t, under its day.
func clock(t time.Time) templ.Component {
	return moment(func(w io.Writer, r *Reader) error {
		if r.IsPrecise() {
			return put(w, `<time datetime="`, machine(t), `">`, r.Clock(t), `</time>`)
		}
		return put(w, `<time datetime="`, machine(t), `" title="`, hover(r, t), `">`, r.Clock(t), `</time>`)
	})
}

// Face is the small disc with the initials of a person. The name stands beside it
// or in the label of what is around it.
func Face(p Person) templ.Component {
	return leaf(func(w io.Writer) error { return face(w, p) })
}

func face(w io.Writer, p Person) error {
	return put(w, `<span class="face `, hue(p.Name), when(p.Outside, " out"), `" aria-hidden="true">`, escaped(Initials(p.Name)), `</span>`)
}

// PersonChip is a face with the name, and the role where there is one.
func PersonChip(p Person) templ.Component {
	return leaf(func(w io.Writer) error {
		before, behind := `<span class="person">`, `</span></span>`
		if p.Href != "" {
			before, behind = `<a class="person" href="`+escaped(string(templ.URL(p.Href)))+`">`, `</span></a>`
		}
		if err := put(w, before); err != nil {
			return err
		}
		if err := face(w, p); err != nil {
			return err
		}
		if err := around(w, `<span class="who">`, p.Name, ""); err != nil {
			return err
		}
		if p.Role != "" {
			if err := around(w, ` <small>`, p.Role, `</small>`); err != nil {
				return err
			}
		}
		return put(w, behind)
	})
}

// option is one of the answers of a list.
func option(o Option, chosen bool) templ.Component {
	return leaf(func(w io.Writer) error {
		return put(w, `<option value="`, escaped(o.Value), `"`, when(chosen, " selected"), when(o.Off, " disabled"), `>`, escaped(Visible(o.Text)), `</option>`)
	})
}

// keyHelp is the help on Keys, which every page has: it is rendered once.
var keyHelp = sync.OnceValue(func() templ.Component {
	var b strings.Builder
	err := KeyHelp(Keys).Render(context.Background(), &b)
	return leaf(func(w io.Writer) error {
		if err != nil {
			return err
		}
		return put(w, b.String())
	})
})
