package review

import (
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/chart"
	"tocsin/internal/locale"
)

// Document is a report in neutral parts, from which the page for the browser and the
// text for everything else are written. Both hold the same.
type Document struct {
	name   string
	title  string
	blocks []block
}

// block is one part of a document; what is empty is left out.
type block struct {
	level   int // of the heading: 2, 3
	heading string
	says    string // paragraphs, with an empty line between them
	written bool   // by a person
	list    []string
	table   *chart.Table
	picture chart.Picture
}

// Name is what the files of the document are called, without an ending.
func (d *Document) Name() string { return d.name }

// Title is the document's title.
func (d *Document) Title() string { return d.title }

func (d *Document) heading(level int, s string) {
	d.blocks = append(d.blocks, block{level: level, heading: s})
}
func (d *Document) say(format string, args ...any) {
	d.blocks = append(d.blocks, block{says: fmt.Sprintf(format, args...)})
}
func (d *Document) picture(p chart.Picture) { d.blocks = append(d.blocks, block{picture: p}) }
func (d *Document) text(s string)           { d.blocks = append(d.blocks, block{says: s, written: true}) }

// table adds a table, or a sentence where it has no row.
func (d *Document) table(none string, columns []string, rows [][]string) {
	if len(rows) == 0 {
		d.say("%s", none)
		return
	}
	t := &chart.Table{}
	for _, c := range columns {
		t.Columns = append(t.Columns, chart.Column{Name: c})
	}
	for _, r := range rows {
		t.Rows = append(t.Rows, chart.Row{Cells: r})
	}
	d.blocks = append(d.blocks, block{table: t})
}

// style is the whole style of a report: for the screen, a narrow one too, and for
// paper.
const style = `:root{color-scheme:light}body{font:15px/1.5 system-ui,sans-serif;color:#1a1d21;background:#fff;margin:0}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem}h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid #c9ced6;padding-bottom:.2rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #e3e6eb}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%;height:auto;display:block;margin:.5rem 0}
@media print{body{font-size:10pt}main{max-width:none;padding:0}h2{break-after:avoid}tr,img{break-inside:avoid}thead{display:table-header-group}.scroll{overflow:visible}@page{margin:18mm 15mm}}`

// HTML writes the document for its reader as one page that needs nothing beside it: no
// script, no style sheet, no picture from elsewhere.
func (d *Document) HTML(reads *locale.Reader) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"+
		"<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n", html.EscapeString(d.title), style, html.EscapeString(d.title))
	for _, x := range d.blocks {
		x.told(reads).html(&b, reads)
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return []byte(b.String())
}

// aScore is a cell that holds a score with decimals, and its rating.
var aScore = regexp.MustCompile(`^\d+\.\d{1,2}( [a-z-]+)?$`)

// told is the block with its days, and the scores in its table, as the reader writes
// them; what a person wrote stays to the letter.
func (x block) told(reads *locale.Reader) block {
	if reads == nil || x.written {
		return x
	}
	x.heading, x.says, x.list = reads.Days(x.heading), reads.Days(x.says), slices.Clone(x.list)
	for i, l := range x.list {
		x.list[i] = reads.Days(l)
	}
	if x.table == nil {
		return x
	}
	t := *x.table
	t.Rows = slices.Clone(t.Rows)
	for i, row := range t.Rows {
		t.Rows[i].Cells = slices.Clone(row.Cells)
		for k, c := range row.Cells {
			if aScore.MatchString(c) {
				t.Rows[i].Cells[k] = reads.Said(c)
			} else {
				t.Rows[i].Cells[k] = reads.Days(c)
			}
		}
	}
	x.table = &t
	return x
}

func (x block) html(b *strings.Builder, reads *locale.Reader) {
	if x.heading != "" {
		fmt.Fprintf(b, "<h%d>%s</h%d>\n", x.level, html.EscapeString(x.heading), x.level)
	}
	for _, p := range paragraphs(x.says) {
		fmt.Fprintf(b, "<p>%s</p>\n", strings.ReplaceAll(html.EscapeString(p), "\n", "<br>\n"))
	}
	if len(x.list) > 0 {
		b.WriteString("<ul>\n")
		for _, l := range x.list {
			fmt.Fprintf(b, "<li>%s</li>\n", html.EscapeString(l))
		}
		b.WriteString("</ul>\n")
	}
	if x.table != nil {
		tableHTML(b, *x.table)
	}
	if x.picture != nil {
		d := x.picture.Draw(reads)
		fmt.Fprintf(b, "<img alt=\"%s\" src=\"data:image/svg+xml;base64,%s\">\n", html.EscapeString(d.Title+". "+d.About), base64.StdEncoding.EncodeToString(d.File(chart.Light)))
		tableHTML(b, x.picture.Table(reads))
	}
}

func tableHTML(b *strings.Builder, t chart.Table) {
	b.WriteString("<div class=\"scroll\"><table>\n")
	if t.Caption != "" {
		fmt.Fprintf(b, "<caption>%s</caption>\n", html.EscapeString(t.Caption))
	}
	class := func(i int) string {
		if i < len(t.Columns) && t.Columns[i].Number {
			return ` class="n"`
		}
		return ""
	}
	b.WriteString("<thead><tr>")
	for i, c := range t.Columns {
		fmt.Fprintf(b, "<th scope=\"col\"%s>%s</th>", class(i), html.EscapeString(c.Name))
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, r := range t.Rows {
		b.WriteString("<tr>")
		for i, c := range r.Cells {
			fmt.Fprintf(b, "<td%s>%s</td>", class(i), html.EscapeString(c))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table></div>\n")
	for _, n := range t.Notes {
		fmt.Fprintf(b, "<p>%s</p>\n", html.EscapeString(n))
	}
}

// Markdown writes the document for its reader as text; a picture stands there as its
// table.
func (d *Document) Markdown(reads *locale.Reader) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", plain(d.title))
	for _, x := range d.blocks {
		x.told(reads).markdown(&b, reads)
	}
	return []byte(b.String())
}

func (x block) markdown(b *strings.Builder, reads *locale.Reader) {
	if x.heading != "" {
		fmt.Fprintf(b, "\n%s %s\n", strings.Repeat("#", x.level), plain(x.heading))
	}
	for _, p := range paragraphs(x.says) {
		lines := strings.Split(p, "\n")
		for i, l := range lines {
			lines[i] = plain(l)
		}
		fmt.Fprintf(b, "\n%s\n", strings.Join(lines, "\\\n"))
	}
	for i, l := range x.list {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "- %s\n", plain(l))
	}
	if x.table != nil {
		tableMarkdown(b, *x.table)
	}
	if x.picture != nil {
		d := x.picture.Draw(reads)
		fmt.Fprintf(b, "\n**%s.** %s\n", plain(d.Title), plain(d.About))
		tableMarkdown(b, x.picture.Table(reads))
	}
}

func tableMarkdown(b *strings.Builder, t chart.Table) {
	if t.Caption != "" {
		fmt.Fprintf(b, "\n%s\n", plain(t.Caption))
	}
	b.WriteString("\n|")
	for _, c := range t.Columns {
		fmt.Fprintf(b, " %s |", plain(c.Name))
	}
	b.WriteString("\n|")
	for _, c := range t.Columns {
		if c.Number {
			b.WriteString("---:|")
		} else {
			b.WriteString("---|")
		}
	}
	b.WriteString("\n")
	for _, r := range t.Rows {
		b.WriteString("|")
		for _, c := range r.Cells {
			fmt.Fprintf(b, " %s |", plain(c))
		}
		b.WriteString("\n")
	}
	for _, n := range t.Notes {
		fmt.Fprintf(b, "\n%s\n", plain(n))
	}
}

// paragraphs are the parts of a text between empty lines.
func paragraphs(s string) (out []string) {
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// plain is text that Markdown reads as nothing else than text.
func plain(s string) string {
	return marks.Replace(strings.ReplaceAll(s, "\n", " "))
}

var marks = strings.NewReplacer("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "#", "\\#")
