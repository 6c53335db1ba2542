package chart

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"tocsin/internal/locale"
)

// Score is a dated score of a risk. Kind is the word of the evaluation: inherent,
// residual, adjusted, target.
type Score struct {
	At     time.Time
	Kind   string
	Value  float64
	Reason string
	By     string
	Href   string
}

// ScoreHistory is how the scores of a risk went, and why. Each score holds until
// the next of its kind.
type ScoreHistory struct {
	Title, About       string
	Scores             []Score
	Bands              []Band // ratings, from low to high
	Tolerance, Ceiling float64
	Max                float64 // the highest score of the scale; 0 takes the highest there is
	Now                time.Time

	reads *locale.Reader // who it is drawn for
}

// scoreLooks is how the line of each kind of score looks.
var scoreLooks = map[string]look{
	"inherent": {line: "ink-3", width: 1.5, dash: "5 4"},
	"residual": {line: "accent", width: 2.5},
	"adjusted": {line: "accent", width: 1.75, dash: "1 4"},
	"target":   {line: "good", width: 1.75, dash: "8 4"},
}

// kindOrder is the order of the kinds, which is also the order of drawing.
var kindOrder = []string{"inherent", "target", "residual", "adjusted"}

// reasonsMost is how many reasons are written below a history; the table has all.
const reasonsMost = 8

// Draw draws the history for a page.
func (h ScoreHistory) Draw(reads *locale.Reader) Drawing { return h.draw(reads, wide) }

// Narrow draws the history for a narrow page.
func (h ScoreHistory) Narrow(reads *locale.Reader) Drawing { return h.draw(reads, narrow) }

func scoreAt(s Score) time.Time    { return s.At }
func scoreValue(s Score) float64   { return s.Value }
func drawable(all []Score) []Score { return byTime(all, scoreAt, scoreValue) }

func (h ScoreHistory) draw(reads *locale.Reader, w float64) Drawing {
	h.reads = reads
	scores := drawable(h.Scores)
	if len(scores) == 0 {
		return nothing(h.Title, h.About, "This risk has no score yet. The line begins with the first evaluation.", w)
	}
	kinds := h.kinds(scores)
	why := h.reasons(scores)
	d := sheet(h.reads, h.Title, h.About, w, 0)
	keys := h.keys(d, scores, kinds)
	rows := float64(legendRows(keys, w))
	p := plot{d: d, x0: 30, x1: w - bandRoom(h.Bands, w) - 8, y0: rows*legendRow + 18, most: h.most(scores)}
	p.y1 = p.y0 + 210
	p.from, p.to = spanOf(h.Now, times(scores))
	d.High = p.y1 + 32
	for i := range why {
		why[i].lines = wrap(why[i].says(reads), small, false, w-22, 3)
		d.High += 15*float64(len(why[i].lines)) + 3
	}
	d.legend(0, 13, w, keys)
	p.scaleAxis(d.whole)
	p.bandEdge(h.Bands, false)
	p.timeAxis()
	for _, k := range kinds {
		p.stairs(of(scores, k), p.to, scoreLook(k))
	}
	p.limit(h.Tolerance, toleranceLook)
	p.limit(h.Ceiling, ceilingLook)
	p.reasons(why)
	return *d
}

// times are the times of scores.
func times(scores []Score) []time.Time {
	all := make([]time.Time, len(scores))
	for i, s := range scores {
		all[i] = s.At
	}
	return all
}

// of is the line of one kind.
func of(scores []Score, kind string) (vs []valued) {
	for _, s := range scores {
		if s.Kind == kind {
			vs = append(vs, valued{s.At, s.Value})
		}
	}
	return vs
}

func scoreLook(kind string) look {
	if l, ok := scoreLooks[kind]; ok {
		return l
	}
	return look{line: "ink-2", width: 1.5, dash: "2 3"}
}

// kinds are the kinds that have scores, in the order of drawing.
func (h ScoreHistory) kinds(scores []Score) (kinds []string) {
	seen := map[string]bool{}
	for _, s := range scores {
		seen[s.Kind] = true
	}
	for _, k := range kindOrder {
		if seen[k] {
			kinds = append(kinds, k)
			delete(seen, k)
		}
	}
	for _, s := range scores {
		if seen[s.Kind] && len(kinds) < 8 {
			kinds = append(kinds, s.Kind)
			delete(seen, s.Kind)
		}
	}
	return kinds
}

func (h ScoreHistory) keys(d *Drawing, scores []Score, kinds []string) (keys []key) {
	for _, k := range kinds {
		vs := of(scores, k)
		keys = append(keys, d.lineKey(clean(k)+" "+h.reads.Figure(vs[len(vs)-1].v), scoreLook(k)))
	}
	keys = d.limitKey(keys, "tolerance", h.Tolerance, toleranceLook)
	return d.limitKey(keys, "ceiling", h.Ceiling, ceilingLook)
}

// most is the upper end of the scale.
func (h ScoreHistory) most(scores []Score) float64 {
	if h.Max > 0 && finite(h.Max) {
		return h.Max
	}
	most := math.Max(h.Tolerance, h.Ceiling)
	for _, s := range scores {
		most = math.Max(most, s.Value)
	}
	return roundUp(most)
}

// reason is a change of a score that says why.
type reason struct {
	Score
	number int
	was    float64
	first  bool
	lines  []string
}

// says is the reason in a line: when, what changed, why.
func (r reason) says(reads *locale.Reader) string {
	change := reads.Figure(r.was) + " → " + reads.Figure(r.Value)
	if r.first {
		change = reads.Figure(r.Value)
	}
	return fmt.Sprintf("%s  %s %s: %s", dayOf(reads, r.At), clean(r.Kind), change, clean(r.Reason))
}

// reasons are the newest changes that say why, in order.
func (h ScoreHistory) reasons(scores []Score) (all []reason) {
	last := map[string]float64{}
	for _, s := range scores {
		was, before := last[s.Kind]
		last[s.Kind] = s.Value
		if clean(s.Reason) != "" && (!before || was != s.Value) {
			all = append(all, reason{Score: s, was: was, first: !before})
		}
	}
	all = all[max(0, len(all)-reasonsMost):]
	for i := range all {
		all[i].number = i + 1
	}
	return all
}

// reasons draws numbered marks on the lines, and below the axis what each says.
func (p plot) reasons(all []reason) {
	taken := []point{}
	line := p.y1 + 42
	for _, r := range all {
		x, y := p.x(r.At), p.y(r.Value)
		for overlaps(taken, x, y) && y > p.y0+20 {
			y -= 17
		}
		taken = append(taken, point{x, y})
		p.d.link(r.Href, r.says(p.d.reads), func() {
			p.d.numbered(r.number, x, y)
			p.d.numbered(r.number, 8, line-4)
			for _, s := range r.lines {
				p.d.text(22, line, s, face{ink: "ink-2", size: small})
				line += 15
			}
		})
		line += 3
	}
}

func overlaps(taken []point, x, y float64) bool {
	for _, t := range taken {
		if math.Abs(t.x-x) < 16 && math.Abs(t.y-y) < 16 {
			return true
		}
	}
	return false
}

// numbered draws a number in a ring, to be found again in a list.
func (d *Drawing) numbered(n int, x, y float64) {
	x = math.Max(8, math.Min(x, d.Wide-8))
	d.circle(x, y, 7.5, look{fill: "sheet", line: "accent", width: 1.5})
	d.text(x, y+3.5, strconv.Itoa(n), face{ink: "accent", size: tiny, bold: true, at: middle})
}

// Table lists the scores from the newest back.
func (h ScoreHistory) Table(reads *locale.Reader) Table {
	h.reads = reads
	t := Table{Caption: h.Title, Columns: columns("Date", "Kind", "#Score", "Rating", "Reason", "By")}
	for _, s := range sorted(h.Scores, func(a, b Score) bool { return a.At.After(b.At) }) {
		b, _ := bandOf(h.Bands, s.Value)
		t.row(s.Href, dayOf(h.reads, s.At), s.Kind, h.reads.Figure(s.Value), b.Title, s.Reason, s.By)
	}
	if h.Tolerance > 0 {
		t.Notes = append(t.Notes, "Tolerance ends at "+h.reads.Figure(h.Tolerance)+".")
	}
	return t
}

// BurnDown is the residual score that a plan promises, step by step as its key
// results finish, beside what came true. It answers "is the plan working".
type BurnDown struct {
	Title, About   string
	Plan           []Score   // the plan in force; each holds until the next
	Earlier        [][]Score // plans that it replaced
	Actual         []Score
	Tolerance, Max float64
	Now            time.Time

	reads *locale.Reader // who it is drawn for
}

// Draw draws the burn-down for a page.
func (b BurnDown) Draw(reads *locale.Reader) Drawing { return b.draw(reads, wide) }

// Narrow draws the burn-down for a narrow page.
func (b BurnDown) Narrow(reads *locale.Reader) Drawing { return b.draw(reads, narrow) }

var (
	planLook    = look{line: "accent", width: 2.25}
	earlierLook = look{line: "edge", width: 1.25, dash: "4 3"}
)

func (b BurnDown) draw(reads *locale.Reader, w float64) Drawing {
	b.reads = reads
	plan, actual := drawable(b.Plan), drawable(b.Actual)
	if len(plan)+len(actual) == 0 {
		return nothing(b.Title, b.About, "There is no plan yet. The path begins when a plan with milestones is approved.", w)
	}
	all := append(append([]Score{}, plan...), actual...)
	for _, e := range b.Earlier {
		all = append(all, drawable(e)...)
	}
	d := sheet(b.reads, b.Title, b.About, w, 0)
	keys := b.keys(d)
	p := plot{d: d, x0: 30, x1: w - 12, y0: float64(legendRows(keys, w))*legendRow + 18, most: ScoreHistory{Max: b.Max, Tolerance: b.Tolerance}.most(all)}
	p.y1 = p.y0 + 200
	d.High = p.y1 + 26
	p.from, p.to = spanOf(b.Now, times(all))
	p.to = p.to.AddDate(0, 0, 7+int(seconds(p.from, p.to)/86400/25)) // the last step is to be seen
	d.legend(0, 13, w, keys)
	p.scaleAxis(d.whole)
	p.timeAxis()
	for _, e := range b.Earlier {
		p.stairs(steps(drawable(e)), p.to, earlierLook)
	}
	p.stairs(steps(plan), p.to, planLook)
	p.limit(b.Tolerance, toleranceLook)
	p.today(b.Now)
	p.actual(actual)
	return *d
}

// steps are scores as a line.
func steps(scores []Score) []valued {
	vs := make([]valued, len(scores))
	for i, s := range scores {
		vs[i] = valued{s.At, s.Value}
	}
	return vs
}

func (b BurnDown) keys(d *Drawing) []key {
	keys := []key{d.lineKey("planned", planLook), {12, func(x, y float64) { d.circle(x+6, y-4, 4.5, look{fill: "ink"}) }, "actual"}}
	if len(b.Earlier) > 0 {
		keys = append(keys, d.lineKey(many(b.reads, len(b.Earlier), "earlier plan"), earlierLook))
	}
	return d.limitKey(keys, "tolerance", b.Tolerance, toleranceLook)
}

// today draws a thin line at the present.
func (p plot) today(now time.Time) {
	if now.IsZero() || !now.After(p.from) {
		return
	}
	x := p.x(now)
	p.d.line(x, p.y0-4, x, p.y1, look{line: "edge", dash: "1 3"})
	p.d.label(x, p.y0-4, "now", face{ink: "ink-3", size: tiny, at: middle})
}

// dotsMost is how many dots one line shows; more are drawn as the line that they make.
const dotsMost = 120

func (p plot) actual(actual []Score) {
	if len(actual) > dotsMost {
		p.stairs(steps(actual), time.Time{}, look{line: "ink", width: 1.5})
		return
	}
	for _, s := range actual {
		p.d.link(s.Href, say(dayOf(p.d.reads, s.At), "actual "+p.d.reads.Figure(s.Value), s.Reason), func() {
			p.d.circle(p.x(s.At), p.y(s.Value), 4.5, look{fill: "ink", line: "sheet", width: 1.5})
		})
	}
}

// Table lists plan and actual by date.
func (b BurnDown) Table(reads *locale.Reader) Table {
	b.reads = reads
	t := Table{Caption: b.Title, Columns: columns("Date", "What", "#Score", "Step or reason")}
	rows := []Score{}
	add := func(all []Score, kind string) {
		for _, s := range all {
			s.Kind = kind
			rows = append(rows, s)
		}
	}
	add(b.Plan, "planned")
	add(b.Actual, "actual")
	for i, e := range b.Earlier {
		add(e, fmt.Sprintf("earlier plan %d", i+1))
	}
	for _, s := range sorted(rows, func(a, b Score) bool { return a.At.Before(b.At) }) {
		t.row(s.Href, dayOf(b.reads, s.At), s.Kind, b.reads.Figure(s.Value), s.Reason)
	}
	if b.Tolerance > 0 {
		t.Notes = append(t.Notes, "Tolerance ends at "+b.reads.Figure(b.Tolerance)+".")
	}
	return t
}
