package chart

import "image/color"

// Theme is the ground that a file is drawn on.
type Theme string

// The themes; another word is read as Light.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

func (t Theme) known() Theme {
	if t == Dark {
		return Dark
	}
	return Light
}

// palette is the palette of the pages in sRGB, for files; a test computes it from
// the tokens of the style sheet.
var palette = map[Theme]map[ink]string{
	Light: {
		"sheet":        "#ffffff",
		"sunk":         "#f0f2f5",
		"line":         "#e0e3e8",
		"edge":         "#868c97",
		"ink":          "#191e28",
		"ink-2":        "#4a505b",
		"ink-3":        "#646973",
		"accent":       "#3653b9",
		"accent-soft":  "#e9efff",
		"on-accent":    "#ffffff",
		"critical":     "#a90021",
		"critical-ink": "#9e001f",
		"high":         "#cf5604",
		"high-ink":     "#a03c05",
		"medium":       "#bf830c",
		"medium-ink":   "#79520a",
		"low":          "#558eac",
		"good":         "#258251",
		"good-ink":     "#10623a",
	},
	Dark: {
		"sheet":        "#171b21",
		"sunk":         "#20242b",
		"line":         "#2c3039",
		"edge":         "#6e7581",
		"ink":          "#e7eaef",
		"ink-2":        "#afb4bd",
		"ink-3":        "#9a9fa7",
		"accent":       "#97b2f8",
		"accent-soft":  "#202a47",
		"on-accent":    "#0e1321",
		"critical":     "#f76467",
		"critical-ink": "#ff8e8b",
		"high":         "#f88f4f",
		"high-ink":     "#f9a870",
		"medium":       "#eac266",
		"medium-ink":   "#e9ca80",
		"low":          "#82bad5",
		"good":         "#6bc891",
		"good-ink":     "#86daa6",
	},
}

// rgb reads a colour of the palette, with an opacity.
func rgb(hex string, alpha float64) color.NRGBA {
	var v [3]uint8
	for i := range v {
		v[i] = nibble(hex[1+2*i])<<4 | nibble(hex[2+2*i])
	}
	return color.NRGBA{v[0], v[1], v[2], uint8(alpha*255 + .5)}
}

func nibble(c byte) uint8 {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}
