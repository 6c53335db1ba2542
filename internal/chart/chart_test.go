package chart

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var (
	now     = day(2026, 11, 22)
	ratings = []Band{{"Low", Low, 1, 10}, {"Medium", Medium, 11, 20}, {"High", High, 21, 25}, {"Critical", Critical, 26, 30}}
	nan     = math.NaN()
	inf     = math.Inf(1)
)

func someMap() HeatMap {
	h := HeatMap{Title: "Register", About: "Where risks lie.", Across: Axis{"Impact", []string{"Very low", "Low", "Medium", "High", "Very high"}}, Up: Axis{"Likelihood", []string{"Very low", "Low", "Medium", "High", "Very high", "Critical"}}}
	for up := 1; up <= 6; up++ {
		for across := 1; across <= 5; across++ {
			c := HeatCell{Across: across, Up: up, Score: float64(up * across), Count: (up * across) % 4, Href: "/risks?cell"}
			b, _ := bandOf(ratings, c.Score)
			c.Rating, c.Tone = b.Title, b.Tone
			if c.Score > 10 {
				c.Beyond = 1
			}
			if c.Score > 20 {
				c.Beyond = 2
			}
			h.Cells = append(h.Cells, c)
		}
	}
	h.Moves = []Move{{Name: "RISK-4XM2TA", Href: "/risks/4XM2TA", Steps: []Place{{"inherent", 5, 6}, {"residual", 3, 4}, {"adjusted", 4, 5}, {"target", 2, 2}}}, {Name: "RISK-9PL2CC", Steps: []Place{{"residual", 2, 2}, {"adjusted", 2, 2}}}}
	return h
}

func someScores() []Score {
	return []Score{{day(2025, 11, 20), "inherent", 24, "first evaluation", "Ada", ""}, {day(2025, 11, 20), "residual", 20, "controls", "Ada", "/s/1"}, {day(2026, 6, 18), "residual", 9, "old path removed", "Ben", ""}, {day(2026, 7, 2), "adjusted", 12, "two cases", "", ""}}
}

func someStrips() Recurrence {
	return Recurrence{Title: "Recurrence", About: "What keeps coming back.", From: day(2024, 11, 22), To: now, Threshold: 5, Strips: []Strip{
		{Name: "CWE-79 Cross-site scripting", Where: "wiki", Note: "17 points", Href: "/r/79", Hidden: 3, Undated: []Dot{{Name: "CASE-U"}}, Marks: []Mark{{day(2026, 1, 1), "plan started"}},
			Cases: []Dot{{day(2024, 1, 1), "High", High, "CASE-OLD", "/c"}, {day(2025, 1, 1), "Low", Low, "CASE-1", "/c/1"}, {day(2025, 3, 1), "Medium", Medium, "CASE-2", ""}, {day(2025, 6, 1), "High", High, "CASE-3", ""}, {day(2025, 8, 1), "Critical", Critical, "CASE-4", ""}, {day(2025, 11, 8), "High", High, "CASE-5", ""}, {day(2026, 2, 1), "", "", "CASE-6", ""}}},
		{Name: "CWE-400 Consumption", Where: "regex", Cases: []Dot{{day(2025, 6, 1), "Low", Low, "CASE-7", ""}}, Hidden: 4}}}
}

func someKRI() KRI {
	target := 2.0
	k := KRI{Title: "KRI", About: "Reports a month.", Unit: "reports", Direction: "lower is better", Target: &target, Now: now, Bands: []Band{{"Green", Good, -inf, 3}, {"Yellow", Medium, 3, 6}, {"Red", Critical, 6, inf}}}
	for i, v := range []float64{7, 8, 6, nan, nan, 4, 5, 3} {
		k.Values = append(k.Values, Reading{At: day(2025, time.November+time.Month(i), 15), Value: v, Href: "/kri"})
	}
	return k
}

// some is every picture with data as it should be.
func some() map[string]Picture {
	flow, err := ParseFlow("flowchart LR\nA[Import] --> B(Parser)\nB -- unchecked --> C\nC --> A\nA -.-> D{Log}\nB --> B\nA --> C")
	if err != nil {
		panic(err)
	}
	flow.Title = "Flow"
	curve := LossCurve{Name: "as it is", Years: 1000, Points: []LossPoint{{1e4, .9}, {1e5, .4}, {1e6, .05}}, Low: []float64{.88, .38, .04}, High: []float64{.92, .42, .06}}
	return map[string]Picture{
		"heat-map":     someMap(),
		"history":      ScoreHistory{Title: "Scores", Scores: someScores(), Bands: ratings, Tolerance: 10, Ceiling: 20, Max: 30, Now: now},
		"burn-down":    BurnDown{Title: "Plan", Plan: someScores()[1:3], Earlier: [][]Score{someScores()[1:2]}, Actual: someScores()[1:], Tolerance: 10, Now: now},
		"exceedance":   LossExceedance{Title: "Loss", Currency: "EUR", Curves: []LossCurve{curve, {Name: "treated", Points: curve.Points[:2]}}, Tolerance: curve.Points},
		"ageing":       Ageing{Title: "Ageing", Since: "the last review", Target: 90, Ages: []int{3, 50, 90, 91, 180, 181, 400}, Links: [4]string{"/a", "/b", "/c", "/d"}},
		"kri":          someKRI(),
		"velocity":     Velocity{Title: "Velocity", Months: []Month{{day(2026, 1, 1), 1, 2, 3, 4, "/m"}, {day(2026, 2, 1), 0, 0, 1, 0, ""}}},
		"sparkline":    Sparkline{Title: "12 months", Values: []float64{1, nan, 3, 4}, Tone: High},
		"contribution": Contribution{Title: "Portfolio", Currency: "EUR", Parts: []Part{{"One", "/1", 5e5, 1e6}, {"Two", "", 1e5, 9e6}}},
		"bow-tie":      BowTie{Title: "Bow-tie", Event: "An export reveals data", Causes: []Path{{"A check is missing", "/x", []Barrier{{"Review", "", "weekly", false}, {"Policy", "/p", "", true}}}, {"By hand", "", nil}}, Consequences: []Path{{"Data is disclosed", "", []Barrier{{"Log", "", "", false}}}}},
		"recurrence":   someStrips(),
		"bars":         BarList{Title: "Bars", Unit: "risks", Bars: []Bar{{"Platform", "/p", "3 outside", 14, "", "/p"}, {"Verify", "", "", 9, High, ""}}},
		"stack":        StackedBar{Title: "Health", Rows: []Stack{{"Platform", "/p", []Bar{{"on track", "", "", 8, Good, ""}, {"at risk", "/r", "", 2, Critical, ""}}}}},
		"flow":         flow,
	}
}

// empty is every picture without data.
func empty() map[string]Picture {
	return map[string]Picture{
		"heat-map": HeatMap{}, "history": ScoreHistory{}, "burn-down": BurnDown{}, "exceedance": LossExceedance{}, "ageing": Ageing{Target: 3}, "kri": KRI{Now: now},
		"velocity": Velocity{}, "sparkline": Sparkline{}, "contribution": Contribution{}, "bow-tie": BowTie{}, "recurrence": Recurrence{Threshold: 5}, "bars": BarList{}, "stack": StackedBar{}, "flow": Flow{},
	}
}

// texts that wish nobody well.
var hostileTexts = []string{
	strings.Repeat("W", 5000), "<script>alert(1)</script>", "a\x00b\x1b[31m\x7f\u202eevil\u2066", "שלום עולם مرحبا", "\xff\xfe broken \xc3", "]]>&amp;\"'", "日本語のとても長い題名" + strings.Repeat("漢字", 80), "\ufffe\uffff", "👩‍👩‍👧‍👦 e\u0301\u0301\u0301", " \t\n ",
}

// hostile is every picture with the given text everywhere and values that are none.
func hostile(s string) map[string]Picture {
	href := "javascript:alert('" + s + "')"
	values := []float64{nan, inf, -inf, -5, 0, 1e300, -1e300, 5e-324, 3}
	var scores []Score
	var readings []Reading
	var points []LossPoint
	var bars []Bar
	var parts []Part
	for i, v := range values {
		at := []time.Time{{}, day(1, 1, 1), day(9999, 12, 31), day(2026, 1, i+1)}[i%4]
		scores = append(scores, Score{at, s, v, s, s, href}, Score{day(2026, 2, 1), "residual", v, s, s, "//evil.example"})
		readings = append(readings, Reading{at, v, s, href})
		points = append(points, LossPoint{v, v}, LossPoint{1e5, v}, LossPoint{v, .5})
		bars = append(bars, Bar{s, href, s, v, Tone(s), s})
		parts = append(parts, Part{s + fmt.Sprint(i), href, v, -v})
	}
	bands := []Band{{s, Tone(s), nan, inf}, {s, High, -inf, inf}, {s, Critical, 9, 3}}
	axis := Axis{s, []string{s, s, s}}
	target := nan
	path := []Path{{s, href, []Barrier{{s, href, s, true}, {s, href, s, false}}}, {s, "", nil}}
	dots := []Dot{{time.Time{}, s, Tone(s), s, href}, {now, s, Critical, s, "/ok?a=1&b=<"}, {day(2025, 1, 1), s, "", s, href}}
	return map[string]Picture{
		"heat-map":     HeatMap{s, s, axis, axis, []HeatCell{{1, 1, s, Tone(s), nan, 1 << 40, href, 7, []string{s}}, {-4, 99, s, High, inf, -3, href, -2, nil}}, []Move{{s, href, []Place{{s, 1, 1}, {s, 9, 9}, {s, 2, 2}, {s, -1, 0}}}}, nil},
		"history":      ScoreHistory{s, s, scores, bands, nan, inf, nan, now, nil},
		"burn-down":    BurnDown{s, s, scores, [][]Score{scores, nil}, scores, inf, -3, day(9999, 1, 1), nil},
		"exceedance":   LossExceedance{s, s, s, []LossCurve{{s, points, values, nil, -1}, {s, points, make([]float64, len(points)), make([]float64, len(points)), 5}, {s, points[:1], nil, nil, 0}}, points, nil},
		"ageing":       Ageing{s, s, s, 3, []int{-5, 0, math.MaxInt64, math.MinInt64, 2}, [4]string{href, s, "", "/x"}, nil},
		"kri":          KRI{s, s, s, s, readings, bands, &target, now, nil},
		"velocity":     Velocity{s, s, []Month{{time.Time{}, -3, math.MaxInt32, 0, 2, href}, {day(9999, 1, 1), 0, 0, 0, 0, s}}, nil},
		"sparkline":    Sparkline{s, values, Tone(s)},
		"contribution": Contribution{s, s, s, parts, nil},
		"bow-tie":      BowTie{s, s, s, path, slices.Repeat(path, 40)},
		"recurrence":   Recurrence{s, s, day(2024, 11, 22), now, s, 1, []Strip{{s, s, s, href, dots, dots, 1 << 40, 3, now, s, []Mark{{now, s}, {day(2025, 1, 1), s}}}}, nil},
		"bars":         BarList{s, s, s, bars, nil},
		"stack":        StackedBar{s, s, []Stack{{s, href, bars}, {s, "", nil}}, nil},
		"flow":         Flow{s, s, []Node{{s, s, href}, {"b", s, ""}, {"b", "", ""}}, []Edge{{s, "b", s, true}, {"b", s, s, false}, {s, s, s, false}, {"no", "where", "", false}}},
	}
}

// many is every picture with more than can be shown.
func crowds() map[string]Picture {
	const n = 10_000
	h := someMap()
	h.Cells[7].Names = slices.Repeat([]string{"RISK-4XM2TA"}, n)
	h.Moves = slices.Repeat(h.Moves, 50)
	scores, ages, parts, bars := make([]Score, n), make([]int, n), make([]Part, n), make([]Bar, n)
	months, readings, values, points, dots := make([]Month, n), make([]Reading, n), make([]float64, n), make([]LossPoint, n), make([]Dot, n)
	paths, stacks := make([]Path, 200), make([]Stack, 200)
	for i := range n {
		at := day(2020, 1, 1).Add(time.Duration(i) * 5 * time.Hour)
		v := float64(i * 7919 % 31)
		scores[i] = Score{at, "residual", v, "because", "Ada", "/s"}
		ages[i], parts[i], bars[i] = i%900, Part{fmt.Sprint("RISK ", i), "/r", v * 1000, v * 9000}, Bar{"Department", "/d", "", v, "", ""}
		months[i] = Month{day(2020, time.Month(i%80), 1), i % 9, i % 7, i % 5, i % 3, "/m"}
		readings[i], values[i], points[i] = Reading{at, v, "", "/k"}, v, LossPoint{1000 + float64(i*i), 1 - float64(i)/n}
		dots[i] = Dot{day(2024, 11, 22).Add(time.Duration(i) * 105 * time.Minute), "High", High, "CASE", "/c"}
	}
	for i := range paths {
		paths[i] = Path{"cause", "/c", slices.Repeat([]Barrier{{"barrier", "", "", i%2 == 0}}, 20)}
		stacks[i] = Stack{"row", "/r", bars[:40]}
	}
	strips := make([]Strip, 200)
	for i := range strips {
		strips[i] = Strip{Name: "CWE-79", Where: "wiki", Cases: dots[:i]}
	}
	strips[0].Cases = dots
	flow := Flow{}
	for i := range 200 {
		flow.Nodes = append(flow.Nodes, Node{ID: fmt.Sprint(i), Text: "a box with some words"})
		flow.Edges = append(flow.Edges, Edge{From: fmt.Sprint(i * 7 % 40), To: fmt.Sprint(i * 13 % 40), Text: "label"})
	}
	return map[string]Picture{
		"heat-map": h, "history": ScoreHistory{Scores: scores, Bands: ratings, Now: now}, "burn-down": BurnDown{Plan: scores, Actual: scores, Now: now},
		"exceedance": LossExceedance{Curves: []LossCurve{{Points: points, Years: n}}}, "ageing": Ageing{Target: 90, Ages: ages}, "kri": KRI{Values: readings, Now: now},
		"velocity": Velocity{Months: months}, "sparkline": Sparkline{Values: values}, "contribution": Contribution{Parts: parts}, "bow-tie": BowTie{Event: "event", Causes: paths, Consequences: paths},
		"recurrence": Recurrence{From: day(2024, 11, 22), To: now, Threshold: 5, Strips: strips}, "bars": BarList{Bars: bars}, "stack": StackedBar{Rows: stacks}, "flow": flow,
	}
}

// each calls look with the wide and the narrow drawing of every picture there is a test for.
func each(t *testing.T, look func(t *testing.T, name string, d Drawing)) {
	t.Helper()
	sets := map[string]map[string]Picture{"some": some(), "empty": empty(), "crowd": crowds()}
	for i, s := range hostileTexts {
		sets[fmt.Sprint("hostile ", i)] = hostile(s)
	}
	for set, pictures := range sets {
		for name, p := range pictures {
			t.Run(set+" "+name, func(t *testing.T) {
				look(t, name, p.Draw(nil))
				look(t, name+", narrow", p.Narrow(nil))
			})
		}
	}
}

func TestEveryDrawingIsSoundXML(t *testing.T) {
	each(t, func(t *testing.T, name string, d Drawing) {
		for kind, text := range map[string]string{"svg": d.SVG(), "light": string(d.File(Light)), "dark": string(d.File(Dark))} {
			dec := xml.NewDecoder(strings.NewReader(text))
			for {
				tok, err := dec.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%s, %s: %v", name, kind, err)
				}
				if e, ok := tok.(xml.StartElement); ok {
					checkElement(t, name, e)
				}
			}
			for _, bad := range []string{"NaN", "Inf", "javascript:", "//evil", "<script", "\u202e"} {
				if kind == "svg" && strings.Contains(text, bad) && !strings.Contains(d.Title+d.About, bad) && !strings.Contains(text, "alert(1)") {
					t.Errorf("%s, %s: has %q", name, kind, bad)
				}
			}
			if len(text) > 600_000 {
				t.Errorf("%s, %s: %d bytes, want at most 600,000", name, kind, len(text))
			}
		}
	})
}

// allowed are the elements and attributes that a drawing may have.
var (
	allowedElements   = strings.Fields("svg desc title rect circle path text a g")
	allowedAttributes = strings.Fields("class xmlns viewBox width height role aria-label x y rx cx cy r d text-anchor font-size font-weight font-family stroke-width stroke-dasharray stroke-linecap stroke-linejoin opacity href fill stroke textLength lengthAdjust")
)

func checkElement(t *testing.T, name string, e xml.StartElement) {
	t.Helper()
	if !slices.Contains(allowedElements, e.Name.Local) {
		t.Errorf("%s: has a <%s>", name, e.Name.Local)
	}
	for _, a := range e.Attr {
		if !slices.Contains(allowedAttributes, a.Name.Local) {
			t.Errorf("%s: <%s> has %s", name, e.Name.Local, a.Name.Local)
		}
		if a.Name.Local == "href" && !leads(a.Value) {
			t.Errorf("%s: leads to %q", name, a.Value)
		}
		if slices.Contains([]string{"x", "y", "cx", "cy", "r", "width", "height"}, a.Name.Local) && a.Value != "100%" {
			if v, err := strconv.ParseFloat(a.Value, 64); err != nil || v < 0 && a.Name.Local != "x" {
				t.Errorf("%s: <%s> has %s=%q", name, e.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

func TestEverythingLiesInsideTheDrawing(t *testing.T) {
	each(t, func(t *testing.T, name string, d Drawing) {
		if !finite(d.Wide) || !finite(d.High) || d.Wide < 90 || d.High < 20 || d.High > 20_000 || d.Wide > 8000 {
			t.Fatalf("%s: %v by %v", name, d.Wide, d.High)
		}
		for _, m := range d.marks {
			x0, y0, x1, y1 := m.x, m.y, m.x, m.y
			switch m.kind {
			case opens, closes:
				continue
			case aText:
				w := measure(m.text, m.size, m.bold)
				x0 -= map[anchor]float64{middle: w / 2, end: w}[m.at]
				x1 = x0 + w
			case aRect:
				x1, y1 = m.x+m.w, m.y+m.h
			case aPath:
				x0, y0, x1, y1 = extent(m.path)
			case aSign:
				x0, y0, x1, y1 = extent(stepsOf(m.sign.at(m.x, m.y)))
			case aPoly:
				x0, y0, x1, y1 = extent(stepsOf(m.points))
			}
			const slack = 1.0
			if !(x0 >= -slack && y0 >= -slack && x1 <= d.Wide+slack && y1 <= d.High+slack) {
				t.Errorf("%s: a mark of kind %d %q lies at %.1f %.1f to %.1f %.1f, outside of %v by %v", name, m.kind, m.text, x0, y0, x1, y1, d.Wide, d.High)
			}
		}
	})
}

// stepsOf is a line as a path.
func stepsOf(points []point) (path []step) {
	for _, p := range points {
		path = append(path, step{op: 'l', p: [3]point{p}})
	}
	return path
}

// extent is the box of the points of a path.
func extent(path []step) (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = inf, inf, -inf, -inf
	for _, s := range path {
		n := map[byte]int{'m': 1, 'l': 1, 'c': 3}[s.op]
		for _, p := range s.p[:n] {
			x0, y0, x1, y1 = math.Min(x0, p.x), math.Min(y0, p.y), math.Max(x1, p.x), math.Max(y1, p.y)
		}
	}
	if len(path) == 0 {
		return 0, 0, 0, 0
	}
	return x0, y0, x1, y1
}

func TestTextsOfOnePictureDoNotOverlap(t *testing.T) {
	for name, p := range some() {
		for _, d := range []Drawing{p.Draw(nil), p.Narrow(nil)} {
			var boxes [][4]float64
			var texts []string
			for _, m := range d.marks {
				if m.kind != aText {
					continue
				}
				w := measure(m.text, m.size, m.bold)
				x := m.x - map[anchor]float64{middle: w / 2, end: w}[m.at]
				b := [4]float64{x + .5, m.y - m.size*.7, x + w - .5, m.y}
				for i, o := range boxes {
					if b[0] < o[2] && o[0] < b[2] && b[1] < o[3] && o[1] < b[3] {
						t.Errorf("%s, %v wide: %q lies on %q", name, d.Wide, m.text, texts[i])
					}
				}
				boxes, texts = append(boxes, b), append(texts, m.text)
			}
		}
	}
}

func TestTheSameValuesGiveTheSameBytes(t *testing.T) {
	for name, p := range some() {
		first, again := p.Draw(nil).SVG(), p.Draw(nil).SVG()
		if first != again || !bytes.Equal(p.Narrow(nil).File(Dark), p.Narrow(nil).File(Dark)) {
			t.Errorf("%s: two drawings differ", name)
		}
		a, _ := p.Draw(nil).PNG(Light)
		b, _ := p.Draw(nil).PNG(Light)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two images differ", name)
		}
	}
}

func TestDrawingsAreAsTheyWere(t *testing.T) {
	for name, p := range some() {
		file := filepath.Join("testdata", name+".svg")
		have := strings.ReplaceAll(p.Draw(nil).SVG()+p.Narrow(nil).SVG(), "><", ">\n<") + "\n"
		if *update {
			if err := os.WriteFile(file, []byte(have), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if have != string(want) {
			t.Errorf("%s is not as it was; look at it in the gallery, and if it is better, run go test -update", file)
		}
	}
}

func TestPNGShowsTheDrawing(t *testing.T) {
	for _, set := range []map[string]Picture{some(), hostile(hostileTexts[0]), hostile(hostileTexts[8])} {
		for name, p := range set {
			for _, theme := range []Theme{Light, Dark} {
				d := p.Draw(nil)
				b, err := d.PNG(theme)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				img, err := png.Decode(bytes.NewReader(b))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if have := img.Bounds().Dx(); have != int(2*(d.Wide+40)) {
					t.Errorf("%s: %d dots wide, want %v", name, have, 2*(d.Wide+40))
				}
				colours := map[any]bool{}
				for y := 0; y < img.Bounds().Dy(); y += 5 {
					for x := 0; x < img.Bounds().Dx(); x += 3 {
						colours[img.At(x, y)] = true
					}
				}
				if len(colours) < 3 {
					t.Errorf("%s: has %d colours: nothing is to be seen", name, len(colours))
				}
			}
		}
	}
}

func TestPNGRefusesWhatIsTooLarge(t *testing.T) {
	d := Drawing{Title: "Vast", Wide: 9000, High: 9000}
	if _, err := d.PNG(Light); err == nil || !strings.Contains(err.Error(), "take the SVG") {
		t.Errorf("the answer is %v", err)
	}
}

func TestTablesSayWhatPicturesSay(t *testing.T) {
	for set, pictures := range map[string]map[string]Picture{"some": some(), "hostile": hostile(hostileTexts[2]), "empty": empty()} {
		for name, p := range pictures {
			table := p.Table(nil)
			if len(table.Columns) < 2 {
				t.Errorf("%s %s: %d columns", set, name, len(table.Columns))
			}
			if set == "some" && len(table.Rows) == 0 {
				t.Errorf("%s: no rows", name)
			}
			for _, r := range table.Rows {
				if len(r.Cells) != len(table.Columns) {
					t.Errorf("%s %s: a row of %d cells under %d columns", set, name, len(r.Cells), len(table.Columns))
				}
				if r.Href != "" && !leads(r.Href) {
					t.Errorf("%s %s: leads to %q", set, name, r.Href)
				}
				for i, to := range r.Links {
					if !leads(to) || i >= len(r.Cells) {
						t.Errorf("%s %s: the cell %d leads to %q", set, name, i, to)
					}
				}
			}
		}
	}
}

// What a drawing names must be in the style sheet, and the palette of files must be that of the pages.
func TestInksAreThoseOfThePages(t *testing.T) {
	css, err := os.ReadFile("../web/assets/css/chart.css")
	if err != nil {
		t.Fatal(err)
	}
	class := regexp.MustCompile(`class="([^"]*)"`)
	each(t, func(t *testing.T, name string, d Drawing) {
		for _, m := range class.FindAllStringSubmatch(d.SVG(), -1) {
			for _, c := range strings.Fields(m[1]) {
				if !bytes.Contains(css, []byte("."+c+" {")) {
					t.Errorf("%s: the class %q is not in chart.css", name, c)
				}
			}
		}
	})
	tokens, err := os.ReadFile("../web/assets/css/00-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	for i, theme := range []Theme{Light, Dark} {
		for name, have := range palette[theme] {
			token := regexp.MustCompile(`--` + string(name) + `: light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\)`).FindSubmatch(tokens)
			if token == nil {
				t.Errorf("--%s is no token", name)
				continue
			}
			if want := srgb(string(token[i+1])); have != want {
				t.Errorf("%s: --%s is %s, want %s", theme, name, have, want)
			}
		}
	}
}

// srgb computes a colour of CSS Color 4, "L% C H" in OKLCH, as #rrggbb.
func srgb(oklch string) string {
	var l, c, h float64
	if _, err := fmt.Sscanf(oklch, "%f%% %f %f", &l, &c, &h); err != nil {
		return err.Error()
	}
	s, k := math.Sincos(h * math.Pi / 180)
	a, b := c*k, c*s
	l /= 100
	cube := func(v float64) float64 { return v * v * v }
	x, y, z := cube(l+.3963377774*a+.2158037573*b), cube(l-.1055613458*a-.0638541728*b), cube(l-.0894841775*a-1.2914855480*b)
	text := "#"
	for _, v := range []float64{4.0767416621*x - 3.3077115913*y + .2309699292*z, -1.2684380046*x + 2.6097574011*y - .3413193965*z, -.0041960863*x - .7034186147*y + 1.7076147010*z} {
		v = math.Max(0, math.Min(1, v))
		if v <= .0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - .055
		}
		text += fmt.Sprintf("%02x", int(math.Round(v*255)))
	}
	return text
}

func TestTheTypefaceIsTheOneThatWasPinned(t *testing.T) {
	sums, err := os.ReadFile("font/CHECKSUMS")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("font/inter*")
	if err != nil || len(names) != 9 {
		t.Fatalf("%d files of the typeface, want 9: %v", len(names), err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if !strings.Contains(string(sums), hex.EncodeToString(sum[:])+"  "+filepath.Base(name)) {
			t.Errorf("%s is not as CHECKSUMS says", name)
		}
	}
}
