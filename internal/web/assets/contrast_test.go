package assets

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are what stands on what. Text needs 4.5 to 1 (WCAG 2.2, 1.4.3); shapes
// and edges that carry meaning need 3 to 1 (1.4.11).
var pairs = []struct {
	least float64
	on    string
	what  string
}{
	{4.5, "paper sheet sunk", "ink ink-2 ink-3 accent"},
	{4.5, "paper sheet", "critical-ink high-ink medium-ink low-ink good-ink note-ink"},
	{4.5, "accent-soft", "ink ink-2 ink-3 accent"},
	{4.5, "critical-soft", "ink ink-2 ink-3 critical-ink accent"},
	{4.5, "high-soft", "ink ink-2 ink-3 high-ink accent"},
	{4.5, "medium-soft", "ink ink-2 medium-ink"},
	{4.5, "low-soft", "ink ink-2 low-ink"},
	{4.5, "good-soft", "ink ink-2 ink-3 good-ink accent"},
	{4.5, "note", "ink ink-2 note-ink accent"},
	{4.5, "accent", "on-accent"},
	{4.5, "strip", "on-strip"},
	{4.5, "ink", "paper"},
	{3, "paper sheet", "edge critical high medium low good accent"},
	{3, "sunk", "accent good high critical"},
	{3, "critical", "sheet"},
}

func TestContrast(t *testing.T) {
	judge(t, readTokens(t, "css/00-tokens.css"), "", 1)
}

// With more contrast text has 7 to 1 (WCAG 2.2, 1.4.6), shapes and edges 4.5 to 1.
func TestMoreContrast(t *testing.T) {
	judge(t, readTokens(t, "place/contrast.css"), "with more contrast, ", 1.5)
}

// Where the machine forces its colours, every name of the palette has one of them.
func TestForcedColours(t *testing.T) {
	_, forced, ok := strings.Cut(string(read("place/contrast.css")), "@media (forced-colors: active)")
	if !ok {
		t.Fatal("contrast.css says nothing of forced colours")
	}
	own := map[string]bool{}
	for _, m := range regexp.MustCompile(`--([\w-]+): (\w+)`).FindAllStringSubmatch(forced, -1) {
		own[m[1]] = strings.Contains(" Canvas CanvasText LinkText GrayText ButtonBorder ", " "+m[2]+" ")
	}
	for name := range readTokens(t, "css/00-tokens.css") {
		if !own[name] {
			t.Errorf("--%s is no colour of the machine where it forces them", name)
		}
	}
}

// judge computes every pair; by multiplies what each needs.
func judge(t *testing.T, tokens map[string][2][3]float64, set string, by float64) {
	t.Helper()
	for _, p := range pairs {
		least := p.least * by
		if by > 1 && p.least > 4 {
			least = 7
		}
		for _, on := range strings.Fields(p.on) {
			for _, what := range strings.Fields(p.what) {
				for i, theme := range []string{"light", "dark"} {
					if have := contrast(tokens[what][i], tokens[on][i]); have < least {
						t.Errorf("%s%s: --%s on --%s has %.2f, want %.1f", set, theme, what, on, have, least)
					}
				}
			}
		}
	}
}

// Severity must read without hue: from critical to low, on a light sheet, each
// is lighter than the one before.
func TestSeverityFallsInLightness(t *testing.T) {
	tokens := readTokens(t, "css/00-tokens.css")
	order := []string{"critical", "high", "medium"}
	for i := 1; i < len(order); i++ {
		for theme := range 2 {
			have, before := luminance(tokens[order[i]][theme]), luminance(tokens[order[i-1]][theme])
			if have <= before {
				t.Errorf("--%s is not lighter than --%s: %.3f, %.3f", order[i], order[i-1], have, before)
			}
		}
	}
}

func TestContrastOfBlackAndWhite(t *testing.T) {
	if have := contrast([3]float64{0, 0, 0}, [3]float64{1, 1, 1}); math.Abs(have-21) > 1e-9 {
		t.Errorf("black on white is %v, want 21", have)
	}
	// oklch(62.8% .2577 29.23) is the red of sRGB.
	red := sRGB(.62796, .25768, 29.23)
	if math.Abs(red[0]-1) > .01 || red[1] > .02 || red[2] > .02 {
		t.Errorf("red is %v, want about 1 0 0", red)
	}
}

var (
	token = regexp.MustCompile(`--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)`)
	oklch = regexp.MustCompile(`oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)`)
)

// readTokens returns the linear-light colours of each token, light and dark.
func readTokens(t *testing.T, sheet string) map[string][2][3]float64 {
	t.Helper()
	tokens := map[string][2][3]float64{}
	for _, m := range token.FindAllStringSubmatch(string(read(sheet)), -1) {
		tokens[m[1]] = [2][3]float64{colour(t, m[2]), colour(t, m[3])}
	}
	for _, p := range pairs {
		for _, name := range strings.Fields(p.on + " " + p.what) {
			if _, ok := tokens[name]; !ok {
				t.Fatalf("%s has no --%s as light-dark(oklch(…), oklch(…))", sheet, name)
			}
		}
	}
	return tokens
}

func colour(t *testing.T, text string) [3]float64 {
	t.Helper()
	m := oklch.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%s is not oklch(L%% C H)", text)
	}
	var n [3]float64
	for i := range n {
		var err error
		if n[i], err = strconv.ParseFloat(m[i+1], 64); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", text, err))
		}
	}
	return sRGB(n[0]/100, n[1], n[2])
}

// sRGB returns the linear-light sRGB of an OKLCH colour, clipped to the gamut as
// a screen does: CSS Color 4, sections 9.2 and 10.
func sRGB(l, c, h float64) [3]float64 {
	a, b := c*math.Cos(h*math.Pi/180), c*math.Sin(h*math.Pi/180)
	cube := func(x float64) float64 { return x * x * x }
	L := cube(l + .3963377774*a + .2158037573*b)
	M := cube(l - .1055613458*a - .0638541728*b)
	S := cube(l - .0894841775*a - 1.2914855480*b)
	clip := func(x float64) float64 { return min(max(x, 0), 1) }
	return [3]float64{
		clip(4.0767416621*L - 3.3077115913*M + .2309699292*S),
		clip(-1.2684380046*L + 2.6097574011*M - .3413193965*S),
		clip(-.0041960863*L - .7034186147*M + 1.7076147010*S),
	}
}

// luminance and contrast are WCAG 2.2's.
func luminance(c [3]float64) float64 { return .2126*c[0] + .7152*c[1] + .0722*c[2] }

func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}
