package locale

import (
	"math"
	"strconv"
	"strings"
)

// Number returns a whole number with the reader's separators: "10,412", "10.412".
func (r *Reader) Number(n int) string { return r.grouped(strconv.Itoa(n), "") }

// Counted returns a number that was counted no further than one past most: "812", "1,000+".
func (r *Reader) Counted(n, most int) string {
	if n > most {
		return r.Number(most) + "+"
	}
	return r.Number(n)
}

// Decimal returns x with so many places: "1,234.5", "1.234,5".
func (r *Reader) Decimal(x float64, places int) string {
	whole, rest, _ := strings.Cut(strconv.FormatFloat(x, 'f', places, 64), ".")
	return r.grouped(whole, rest)
}

func (r *Reader) grouped(whole, rest string) string {
	group, point, indian := r.separators()
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
		if r.order() == machineFirst {
			sign = "-"
		}
	}
	b := make([]byte, 0, len(whole)+8)
	for i := range len(whole) {
		if left := len(whole) - i; i > 0 && (left == 3 || left > 3 && (indian && left%2 == 1 || !indian && left%3 == 0)) {
			b = append(b, group...)
		}
		b = append(b, whole[i])
	}
	if rest != "" {
		b = append(append(b, point...), rest...)
	}
	return sign + string(b)
}

// separators are what stands between thousands and before the decimals; indian is
// groups of two above the thousand.
func (r *Reader) separators() (group, point string, indian bool) {
	if r == nil || r.locale == nil {
		return ",", ".", false
	}
	spoken()
	return r.locale.group, r.locale.point, r.locale.indian
}

// Value returns x with at most so many places and no zeros behind: "12.5", "1,200".
func (r *Reader) Value(x float64, places int) string {
	if !finite(x) {
		return "–"
	}
	s := strconv.FormatFloat(x, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	whole, rest, _ := strings.Cut(s, ".")
	return r.grouped(whole, rest)
}

// units shorten what is long; a value that would round up to the next is of the next.
var units = []struct {
	from, is float64
	name     string
}{{999.5e9, 1e12, "T"}, {999.5e6, 1e9, "G"}, {999.5e3, 1e6, "M"}, {9995, 1e3, "k"}}

// Figure returns x by three digits that count, thousands as k, millions as M,
// billions as G: "9,876", "1.2 M". For labels; Machine gives it whole.
func (r *Reader) Figure(x float64) string {
	size := math.Abs(x)
	switch {
	case !finite(x):
		return "–"
	case r.order() == machineFirst:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case size >= 999.5e12:
		return r.Power(x)
	}
	for _, u := range units {
		if size >= u.from {
			return r.threeDigits(x/u.is) + "\u00a0" + u.name
		}
	}
	return r.threeDigits(x)
}

// Power returns x by its power of ten: "1.2e+20".
func (r *Reader) Power(x float64) string {
	_, point, _ := r.separators()
	return strings.Replace(strings.Replace(strconv.FormatFloat(x, 'g', 3, 64), ".", point, 1), "-", "−", 1)
}

// threeDigits writes a value below 10,000 with three digits that count.
func (r *Reader) threeDigits(x float64) string {
	switch size := math.Abs(x); {
	case size >= 100:
		return r.Value(x, 0)
	case size >= 10:
		return r.Value(x, 1)
	}
	return r.Value(x, 2)
}

// Money returns an amount with its currency: "1.2 M EUR".
func (r *Reader) Money(x float64, currency string) string {
	if currency == "" {
		return r.Figure(x)
	}
	return r.Figure(x) + "\u00a0" + currency
}

// Percent returns a probability or a share, of which 1 is all: "5 %", "0.1 %".
func (r *Reader) Percent(p float64) string {
	switch p = math.Min(math.Abs(p), 99); {
	case !finite(p):
		return "–"
	case r.order() == machineFirst:
		return r.Figure(p*100) + " %"
	case p > 0 && p < .0001:
		return "under\u00a0" + r.Decimal(.01, 2) + "\u00a0%"
	}
	return r.threeDigits(p*100) + "\u00a0%"
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
