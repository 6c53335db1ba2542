// Package ui is the kit that every page of Tocsin is built from: the layouts, the
// parts, and the few pictures. Each part is a templ component over a small struct
// of plain values: words are ready to show, links are addresses. The package reads
// no record, decides nothing and knows no permission; the packages web, portal and
// api fill the structs. Style renders every part with realistic content.
//
// Rules that hold for all of it, and that its tests keep:
//
//   - No inline script, no style attribute: the policy in web/assets forbids both.
//   - Everything works without script; script adds the live score, keys and copying.
//   - Text from people goes through Text or Visible, which spell out control
//     characters and bidirectional overrides; templ escapes the rest, and turns an
//     address with a script scheme into one that leads nowhere.
//   - State is said in words; shape and colour repeat it.
//
// To put a table or a record together, see Table, Rail, TurnPanel, Clocks, Thread.
package ui

// Tone is the colour of a part, by what it means.
type Tone string

// The tones. The zero value is neutral.
const (
	Plain  Tone = ""
	Accent Tone = "accent" // where we stand, what is chosen
	Good   Tone = "good"   // done, in time
	Warn   Tone = "warn"   // soon, or wants a look
	Bad    Tone = "bad"    // over, refused, broken
	Quiet  Tone = "off"    // does not count any more
)

// Link is a piece of text that leads somewhere.
type Link struct {
	Text string
	Href string
}
