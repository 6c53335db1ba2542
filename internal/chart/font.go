package chart

import (
	"bytes"
	"compress/zlib"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The typeface of the pages, as files that Go can read; see font/CHECKSUMS.
//
//go:embed font/*.woff
var files embed.FS

// subsets are the parts of the typeface, in the order in which a letter is looked for.
var subsets = []string{"latin", "latin-ext", "greek", "cyrillic"}

// typeface is one weight: its parts, and the widths of letters in parts of the size.
type typeface struct {
	parts  []*sfnt.Font
	widths [0x600]float64 // up to the end of Cyrillic
}

// faces are the two weights, read when the first text is measured.
var faces = sync.OnceValue(func() [2]*typeface { return [2]*typeface{read("400"), read("600")} })

func weight(bold bool) *typeface {
	if bold {
		return faces()[1]
	}
	return faces()[0]
}

// read reads a weight of what is embedded; a broken one is a broken program.
func read(weight string) *typeface {
	t := &typeface{}
	for _, s := range subsets {
		b, err := files.ReadFile("font/inter-" + s + "-" + weight + ".woff")
		if err == nil {
			b, err = unwrap(b)
		}
		var f *sfnt.Font
		if err == nil {
			f, err = sfnt.Parse(b)
		}
		if err != nil {
			panic("chart: " + s + " " + weight + ": " + err.Error())
		}
		t.parts = append(t.parts, f)
	}
	var buf sfnt.Buffer
	for r := range t.widths {
		t.widths[r] = t.advance(&buf, rune(r))
	}
	for r := '0'; r <= '9'; r++ {
		t.widths[r] = t.widths['0'] // figures stand in columns
	}
	return t
}

// glyph finds a letter; found is false where the typeface does not have it.
func (t *typeface) glyph(buf *sfnt.Buffer, r rune) (f *sfnt.Font, i sfnt.GlyphIndex, found bool) {
	for _, f := range t.parts {
		if i, err := f.GlyphIndex(buf, r); err == nil && i != 0 {
			return f, i, true
		}
	}
	return nil, 0, false
}

func (t *typeface) advance(buf *sfnt.Buffer, r rune) float64 {
	f, i, ok := t.glyph(buf, r)
	if !ok {
		return guess(r)
	}
	const em = 1000
	a, err := f.GlyphAdvance(buf, i, fixed.I(em), font.HintingNone)
	if err != nil {
		return guess(r)
	}
	return float64(a) / 64 / em
}

// guess is the width of a letter that the typeface does not have, on the wide side.
func guess(r rune) float64 {
	switch {
	case r < 0x20, r >= 0x300 && r < 0x370, r >= 0x200b && r < 0x2010, r >= 0xfe00 && r < 0xfe10:
		return 0
	case r >= 0x1100 && r < 0x1200, r >= 0x2e80 && r < 0xd800, r >= 0xf900 && r < 0xfb00, r >= 0xff00 && r < 0xff61, r >= 0x1f000:
		return 1.05
	}
	return .72
}

// width is the width of one letter in parts of the size.
func (t *typeface) width(r rune) float64 {
	if int(r) < len(t.widths) {
		return t.widths[r]
	}
	switch r {
	case '…', '−', '–', '→', '≥', '≤':
		return .95
	}
	return guess(r)
}

// measure is how many pixels a text is wide.
func measure(s string, size float64, bold bool) float64 {
	t, w := weight(bold), 0.0
	for _, r := range s {
		w += t.width(r)
	}
	return w * size
}

// fit cuts a text so that it is no wider than room; what is cut ends in "…".
func fit(s string, size float64, bold bool, room float64) string {
	if measure(s, size, bold) <= room {
		return s
	}
	t, w := weight(bold), .95*size
	for i, r := range s {
		if w += t.width(r) * size; w > room {
			if i == 0 {
				return ""
			}
			return strings.TrimRight(s[:i], " ·,;:") + "…"
		}
	}
	return s
}

// wrap breaks a text into at most most lines of the given width; words that are
// wider than a line are broken, and the last line is cut.
func wrap(s string, size float64, bold bool, room float64, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }) {
		if line != "" && measure(line+" "+word, size, bold) > room {
			lines, line = append(lines, line), word
		} else {
			line = strings.TrimSpace(line + " " + word)
		}
		for measure(line, size, bold) > room && len(lines) < most {
			n := breakAt(line, size, bold, room)
			lines, line = append(lines, line[:n]), line[n:]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines[most-1] = fit(lines[most-1]+" "+strings.Join(lines[most:], " "), size, bold, room)
		lines = lines[:most]
	}
	return lines
}

// breakAt is where a long word is broken, at least behind its first letter.
func breakAt(s string, size float64, bold bool, room float64) int {
	t, w := weight(bold), 0.0
	for i, r := range s {
		if w += t.width(r) * size; w > room && i > 0 {
			return i
		}
	}
	return len(s)
}

// unwrap turns a WOFF file (W3C, WOFF File Format 1.0) into the font inside.
func unwrap(b []byte) ([]byte, error) {
	if len(b) < 44 || string(b[:4]) != "wOFF" {
		return nil, fmt.Errorf("no WOFF file")
	}
	n := int(binary.BigEndian.Uint16(b[12:]))
	out := make([]byte, 12+16*n)
	copy(out, b[4:8])
	binary.BigEndian.PutUint16(out[4:], uint16(n))
	for i := range n {
		entry := b[44+20*i:]
		off, packed, size := binary.BigEndian.Uint32(entry[4:]), binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		data := b[off : off+packed]
		if packed < size {
			z, err := zlib.NewReader(bytes.NewReader(data))
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", entry[:4], err)
			}
			if data, err = io.ReadAll(io.LimitReader(z, int64(size))); err != nil {
				return nil, fmt.Errorf("table %s: %w", entry[:4], err)
			}
		}
		dir := out[12+16*i:]
		copy(dir, entry[:4])
		binary.BigEndian.PutUint32(dir[4:], binary.BigEndian.Uint32(entry[16:]))
		binary.BigEndian.PutUint32(dir[8:], uint32(len(out)))
		binary.BigEndian.PutUint32(dir[12:], size)
		out = append(out, data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out, nil
}
