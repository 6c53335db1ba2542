package chart

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/locale"
)

func TestWordsForValues(t *testing.T) {
	for have, want := range map[string]string{
		dayOf(nil, now): "22 Nov 2026", dayOf(nil, time.Time{}): "undated", Hours(nil, 1e6): "41,667 d", Hours(nil, 60): "2.5 d", Hours(nil, nan): "–",
		nth(5): "fifth", nth(13): "13th", nth(21): "21st", nth(112): "112th", many(nil, 1, "case"): "1 case", many(nil, 1200, "case"): "1,200 cases",
	} {
		if have != want {
			t.Errorf("have %q, want %q", have, want)
		}
	}
}

// Every picture is drawn for its reader: no number in it has the separators of another
// place, and no day another order.
func TestPicturesAreWrittenForTheirReader(t *testing.T) {
	house := regexp.MustCompile(`\d,\d{3}|\d\.\d|\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}|\b(Jan|Nov|Dec) \d{4}`)
	hungarian := locale.NewReader(nil, []string{"hu"})
	seen := 0
	for name, p := range some() {
		seen += len(house.FindAllString(words(p, nil), -1))
		if bad := house.FindAllString(words(p, hungarian), -1); len(bad) > 0 {
			t.Errorf("%s for a Hungarian says %q", name, bad)
		}
	}
	if seen < 20 {
		t.Errorf("the pictures of the house hold %d such numbers: the test sees nothing", seen)
	}
}

// words is all that a picture says.
func words(p Picture, reads *locale.Reader) string {
	var b strings.Builder
	for _, d := range []Drawing{p.Draw(reads), p.Narrow(reads)} {
		for _, m := range d.marks {
			b.WriteString(m.text + "\n" + m.title + "\n")
		}
	}
	t := p.Table(reads)
	for _, r := range t.Rows {
		b.WriteString(strings.Join(r.Cells, "\n") + "\n")
	}
	return b.String() + strings.Join(t.Notes, "\n")
}

func TestLinksLeadNowhereElse(t *testing.T) {
	for href, want := range map[string]bool{"/risks/1": true, "?cell=1": true, "#top": true, "https://example.org/": true, "": false, "javascript:x": false, "JavaScript:x": false,
		"//evil.example": false, "/\\evil": false, "data:text/html,x": false, "/a b": false, "/a\nb": false, "relative": false} {
		if have := leads(href); have != want {
			t.Errorf("%q leads: %v, want %v", href, have, want)
		}
	}
}

func TestToleranceRunsBetweenCells(t *testing.T) {
	m := heat{HeatMap: HeatMap{}, nx: 2, ny: 2, cellW: 10, cellH: 10, cells: map[[2]int]HeatCell{{2, 2}: {Beyond: 1}}}
	var have []string
	for _, s := range m.border(1) {
		have = append(have, fmt.Sprintf("%c%v,%v", s.op, s.p[0].x, s.p[0].y))
	}
	slices.Sort(have)
	// The upper right cell alone is outside: a step left of it, and one below it.
	want := []string{"l10,10", "l20,10", "m10,0", "m10,10"}
	if !slices.Equal(have, want) {
		t.Errorf("the line is %v, want %v", have, want)
	}
	if len(m.border(2)) != 0 {
		t.Error("there is a ceiling line without a cell above the ceiling")
	}
}

func TestCellsWithoutRisksLeadNowhere(t *testing.T) {
	h := HeatMap{Across: Axis{"i", []string{"a"}}, Up: Axis{"l", []string{"b"}}, Cells: []HeatCell{{Across: 1, Up: 1, Href: "/risks", Rating: "Low", Tone: Low}}}
	if strings.Contains(h.Draw(nil).SVG(), "<a ") {
		t.Error("an empty cell is a link")
	}
	h.Cells[0].Count = 2
	if svg := h.Draw(nil).SVG(); !strings.Contains(svg, `<a href="/risks">`) || !strings.Contains(svg, `role="group"`) {
		t.Error("a cell with risks is no link")
	}
}

func TestFifthCaseMakesSystemic(t *testing.T) {
	r := someStrips()
	for i, want := range []string{"fifth, 8 Nov 2025", "systemic, with cases that you may not open"} {
		if have := r.flag(r.Strips[i], r.dated(r.Strips[i])); have != want {
			t.Errorf("flag %q, want %q", have, want)
		}
	}
	dots := r.dated(r.Strips[0])
	if len(dots) != 6 {
		t.Errorf("%d cases lie in the window, want 6: the one before it and the undated one are not counted", len(dots))
	}
	r.To = day(2025, 11, 8)
	r.Strips[0].Flag = "propose a risk"
	if have := r.flag(r.Strips[0], r.dated(r.Strips[0])); have != "fifth, today: propose a risk" {
		t.Errorf("flag %q", have)
	}
	r.Threshold = 99
	if have := r.flag(r.Strips[0], r.dated(r.Strips[0])); have != "" {
		t.Errorf("flag %q, want none", have)
	}
}

func TestWhatMayNotBeOpenedHasNoPlace(t *testing.T) {
	r := someStrips()
	with := r.Draw(nil)
	r.Strips[0].Hidden = 0
	r.Strips[1].Hidden = 0
	without := r.Draw(nil)
	count := func(d Drawing) (n int) {
		for _, m := range d.marks {
			if m.kind != aText && m.kind != opens && m.kind != closes {
				n++
			}
		}
		return n
	}
	// Each label brings its ground; the second strip's flag is one.
	if have, want := count(with), count(without)+1; have != want {
		t.Errorf("%d shapes with hidden cases, want %d: nothing but the words may tell of them", have, want)
	}
	if !strings.Contains(with.SVG(), "3 more that you may not open") {
		t.Error("the hidden cases are not said")
	}
	if strings.Contains(without.SVG(), "may not open") {
		t.Error("hidden cases are said where there are none")
	}
}

func TestMissingMonthsAreGaps(t *testing.T) {
	k := someKRI()
	first, last, by := k.span()
	if last-first+1 != 12 || len(by) != 6 {
		t.Errorf("%d months with %d values, want 12 with 6", last-first+1, len(by))
	}
	svg := k.Draw(nil).SVG()
	if !strings.Contains(svg, "no value, 6 months") {
		t.Error("the months without a value are not said")
	}
	if have := strings.Count(svg, `stroke-width="1.75"/>`); have != 2 {
		t.Errorf("the line has %d parts, want 2: it does not run through a gap", have)
	}
	rows := k.Table(nil).Rows
	if rows[0].Cells[1] != "no value" || rows[0].Cells[2] != "not known" {
		t.Errorf("the newest month reads %v, want no value", rows[0].Cells)
	}
}

func TestAgesFallIntoBands(t *testing.T) {
	n, ages := Ageing{Target: 90, Ages: []int{0, 45, 46, 90, 91, 180, 181, 900, -3}}.counts()
	if want := [4]int{2, 2, 2, 3}; n != want {
		t.Errorf("bands %v, want %v", n, want)
	}
	if ages[0] != 0 || ages[len(ages)-1] != 900 {
		t.Errorf("ages %v", ages)
	}
	if have := (Ageing{Target: 90, Ages: []int{1, 2, 300}, Since: "x"}).Table(nil).Notes[0]; have != "Median 2 days, oldest 300 days." {
		t.Errorf("note %q", have)
	}
}

func TestBandsHoldWhatLiesBetweenThem(t *testing.T) {
	for v, want := range map[float64]string{1: "Low", 10: "Low", 10.5: "Low", 11: "Medium", 30: "Critical", 31: "", 0: ""} {
		if have, _ := bandOf(ratings, v); have.Title != want {
			t.Errorf("%v is %q, want %q", v, have.Title, want)
		}
	}
}

func TestCurvesEndWithTheirSample(t *testing.T) {
	l := LossExceedance{Curves: []LossCurve{{Name: "a", Points: []LossPoint{{1e4, .5}, {1e5, .1}}}}, Tolerance: []LossPoint{{1e4, .9}, {1e8, .01}}}
	d := l.Draw(nil)
	right := 0.0
	for _, m := range d.marks {
		if m.kind == aPoly && m.line == "ink-2" && len(m.points) == 2 && m.points[0].y > 40 {
			_, _, right, _ = extent(stepsOf(m.points))
		}
	}
	if right == 0 || right > d.Wide/2 {
		t.Errorf("the curve ends at %v of %v, want a quarter of the way: its sample ends there", right, d.Wide)
	}
}

func TestOrdersOfThePortfolioDiffer(t *testing.T) {
	c := Contribution{Parts: []Part{{"a", "", 5, 1}, {"b", "", 3, 9}}}
	mean, worst := c.order(meanOf, worstOf, "ES99"), c.order(worstOf, meanOf, "mean")
	if mean[0].Name != "a" || worst[0].Name != "b" || mean[0].text != "5 · second by ES99" || worst[0].text != "9 · second by mean" {
		t.Errorf("by mean %v, by worst %v", mean, worst)
	}
}

func TestManyValuesKeepTheirExtremes(t *testing.T) {
	vs := make([]valued, 100_000)
	for i := range vs {
		vs[i] = valued{now.Add(time.Duration(i) * time.Minute), math.Sin(float64(i) / 100)}
	}
	vs[54_321].v = 99
	out := thin(vs, 500)
	if len(out) > 2000 || !slices.ContainsFunc(out, func(v valued) bool { return v.v == 99 }) || out[0] != vs[0] || out[len(out)-1] != vs[len(vs)-1] {
		t.Errorf("%d values are left, or the peak or an end is lost", len(out))
	}
}

func TestTextIsCutAndBrokenToItsRoom(t *testing.T) {
	for _, s := range []string{"a", "The quick brown fox", strings.Repeat("W", 300), "日本語のとても長い題名", "", "…", "a\u00a0b c"} {
		for _, room := range []float64{0, 5, 40, 90} {
			if short := fit(s, plain, true, room); measure(short, plain, true) > room+.01 && short != "" {
				t.Errorf("%q is %.1f wide in %v", short, measure(short, plain, true), room)
			}
			for _, l := range wrap(s, plain, false, room, 3) {
				if measure(l, plain, false) > room+.01 && len([]rune(l)) > 1 {
					t.Errorf("the line %q is %.1f wide in %v", l, measure(l, plain, false), room)
				}
			}
		}
	}
	if have := wrap("one two three four five six", plain, false, 60, 2); len(have) != 2 || !strings.HasSuffix(have[1], "…") {
		t.Errorf("lines %q, want two, the last one cut", have)
	}
}

func TestCleanKeepsOneLineOfText(t *testing.T) {
	for s, want := range map[string]string{"plain": "plain", "a\tb\nc": "a b c", "\x00x\x1b": "x", "a\u202eb": "a\ufffdb", "é×−": "é×−", strings.Repeat("x", 500): strings.Repeat("x", 400) + "…", "\xff": "\ufffd"} {
		if have := clean(s); have != want {
			t.Errorf("%q becomes %q, want %q", s, have, want)
		}
	}
}

func TestFlowIsRead(t *testing.T) {
	f, err := ParseFlow("\n%% a note\nflowchart LR\n  A[\"Import\"] --> B(Parse) -- bad URL --> C((Net));\n  A -->|again| C\n  A -. maybe .-> D\n  E{alone}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := Flow{Nodes: []Node{{ID: "A", Text: "Import"}, {ID: "B", Text: "Parse"}, {ID: "C", Text: "Net"}, {ID: "D"}, {ID: "E", Text: "alone"}},
		Edges: []Edge{{From: "A", To: "B"}, {From: "B", To: "C", Text: "bad URL"}, {From: "A", To: "C", Text: "again"}, {From: "A", To: "D", Text: "maybe", Dashed: true}}}
	if have := fmt.Sprint(f); have != fmt.Sprint(want) {
		t.Errorf("have %s, want %v", have, want)
	}
}

func TestFlowRefusesWithPlaceAndMend(t *testing.T) {
	for text, want := range map[string]string{
		"":                           `begin with "flowchart LR"`,
		"pie":                        "line 1, column 1: a diagram begins with",
		"flowchart TD":               "line 1, column 11: only diagrams from left to right",
		"flowchart LR A":             "line 1, column 14: nothing stands behind LR",
		"flowchart LR":               "the diagram has no box",
		"flowchart LR\nA[x":          `line 2, column 3: the text of box A is not closed: "]" is missing`,
		"flowchart LR\nA -- x B":     `line 2, column 5: the label of the arrow does not end: "-->" is missing`,
		"flowchart LR\nA B":          "line 2, column 3: an arrow is expected here",
		"flowchart LR\nA -->":        "line 2, column 6: the name of a box is missing",
		"flowchart LR\n  subgraph x": `line 2, column 3: "subgraph" is not drawn here`,
		"flowchart LR\nA -->|x B":    `line 2, column 7: the label of the arrow does not end: "|" is missing`,
		"flowchart LR\nA[\xff]":      "not UTF-8",
		"flowchart LR\nA[" + strings.Repeat("x", 201) + "]": "longer than 200 letters",
		strings.Repeat("x", 20_001):                         "at most 20,000 are read",
	} {
		if _, err := ParseFlow(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	var big, edges strings.Builder
	big.WriteString("flowchart LR\n")
	edges.WriteString("flowchart LR\n")
	for i := range 90 {
		fmt.Fprintf(&big, "N%d\n", i)
		edges.WriteString("A --> B\n")
	}
	for text, want := range map[string]string{big.String(): "line 42, column 4: a diagram has at most 40 boxes", edges.String(): "line 82, column 8: a diagram has at most 80 arrows"} {
		if _, err := ParseFlow(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestFlowGoesFromLeftToRight(t *testing.T) {
	f, err := ParseFlow("flowchart LR\nA --> B --> C\nA --> C\nC --> A\nB --> B")
	if err != nil {
		t.Fatal(err)
	}
	l := f.layout()
	for i, want := range []int{0, 1, 2} {
		if have := l.spots[i].layer; have != want {
			t.Errorf("%s lies in layer %d, want %d", f.Nodes[i].ID, have, want)
		}
	}
	if !l.routes[3].backward || l.routes[0].backward {
		t.Error("the arrow that closes the circle, and no other, goes back")
	}
	if len(l.routes[2].spots) != 3 {
		t.Errorf("the long arrow passes %d places, want 3", len(l.routes[2].spots))
	}
}

func FuzzParseFlow(f *testing.F) {
	f.Add("flowchart LR\nA[x] -- y --> B")
	f.Add("flowchart LR\nA -.->|z| B{q}\n%%")
	f.Fuzz(func(t *testing.T, text string) {
		if flow, err := ParseFlow(text); err == nil && len(flow.Draw(nil).SVG())+len(flow.Narrow(nil).SVG()) == 0 {
			t.Error("nothing is drawn")
		}
	})
}

func TestBowTieSaysItselfInWords(t *testing.T) {
	have := strings.Join(some()["bow-tie"].(BowTie).Text(), "\n")
	want := "Cause: A check is missing may lead to “An export reveals data”; in its way: Review · weekly; degraded: Policy.\nCause: By hand may lead to “An export reveals data”; nothing stands in its way.\nConsequence: “An export reveals data” may lead to Data is disclosed; in its way: Log."
	if have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}

// A register of 10,000 risks, counted into its cells and drawn.
func BenchmarkHeatMap(b *testing.B) {
	h := someMap()
	risks := make([][2]int, 10_000)
	for i := range risks {
		risks[i] = [2]int{1 + i*7%5, 1 + i*11%6}
	}
	b.ReportAllocs()
	for b.Loop() {
		var counts [6][7]int
		for _, r := range risks {
			counts[r[0]][r[1]]++
		}
		for i, c := range h.Cells {
			h.Cells[i].Count = counts[c.Across][c.Up]
		}
		h.Draw(nil).SVG()
	}
}

// 30 lines of 40 cases.
func BenchmarkRecurrence(b *testing.B) {
	r := Recurrence{Title: "Recurrence", From: day(2024, 11, 22), To: now, Threshold: 5}
	for i := range 30 {
		s := Strip{Name: "CWE-79 Cross-site scripting", Where: "wiki", Href: "/r"}
		for k := range 40 {
			s.Cases = append(s.Cases, Dot{day(2024, 11, 23).AddDate(0, 0, (k*18+i)%729), "High", []Tone{High, Low, Medium, Critical}[k%4], "CASE-7QK3D9XB", "/cases/CASE-7QK3D9XB"})
		}
		r.Strips = append(r.Strips, s)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Draw(nil).SVG()
	}
}

func BenchmarkPNG(b *testing.B) {
	d := someStrips().Draw(nil)
	for b.Loop() {
		if _, err := d.PNG(Light); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAStripWhoseCasesAreNotAllListedCountsThemAll(t *testing.T) {
	s := Strip{Name: "CWE-79", Where: "wiki", Cases: []Dot{{At: day(2026, 10, 1)}, {At: day(2026, 11, 1)}}, More: 40, Since: day(2025, 3, 8)}
	r := Recurrence{Title: "Recurrence", From: day(2024, 11, 22), To: day(2026, 11, 21), End: "21 Nov 2026", Threshold: 5, Strips: []Strip{s}}
	svg := r.Draw(nil).SVG()
	for _, want := range []string{"42 cases", "fifth, 8 Mar 2025", ">21 Nov 2026<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	if strings.Contains(svg, ">now<") {
		t.Error("a window that ended says now")
	}
	if row := r.Table(nil).Rows[0]; row.Cells[2] != "42" {
		t.Errorf("the table counts %s cases, want 42", row.Cells[2])
	}
}
