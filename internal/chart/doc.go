// Package chart draws the pictures of the risk register: a small struct of plain
// values goes in, a Drawing comes out, and a Drawing is written as SVG for a page,
// as an SVG file that stands alone, or as PNG. Everything is pure: no clock, no
// store, no request. The package decides nothing about risk: ratings, bands,
// tolerance and severity arrive as words with a Tone. Pages, reports and the API
// use it; it imports nothing of ours but fault.
//
// Each picture is a struct with Draw for a page that is wide, Narrow for one that
// is not, and Table; Both puts the two layouts into a page. To add a picture, write
// those three, add samples to chart_test.go and to tools/style, and look at it:
// go run ./tools/style, /pictures.
//
// Rules that hold for every picture, and that its tests keep:
//
//   - What colour says, a shape, a pattern or a word says too.
//   - Behind every picture stands its Table, which says all that the picture says.
//   - Markup carries classes and attributes, never a style attribute or a script;
//     colours are the page's custom properties, so light and dark follow the page.
//   - Text is measured with the metrics of the typeface that draws it, cut where it
//     would leave its place, and kept whole in the table.
//   - Values that are not numbers, hostile text and empty data give a sound drawing.
//   - The same values give the same bytes.
package chart
