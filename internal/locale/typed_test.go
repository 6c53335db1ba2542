package locale

import (
	"math/rand/v2"
	"testing"
)

func TestANumberIsReadAsItWasMeantOrNotAtAll(t *testing.T) {
	de := NewReader(nil, []string{"de"})
	read := map[string]float64{"12": 12, "12.5": 12.5, "12,5": 12.5, "0,125": .125, "0.125": .125, ",5": .5, "1.2345": 1.2345, "12345,678": 12345.678, "1.234,5": 1234.5, "1,234.5": 1234.5,
		"1 234,5": 1234.5, "1\u202f234": 1234, "1’234.5": 1234.5, "1.234.567": 1234567, "1,234,567": 1234567, "12,34,567": 1234567, "-3,5": -3.5, "−3.5": -3.5, "+7": 7, " 8 ": 8, "1e6": 1e6, "1.5E3": 1500, "1.234,567": 1234.567}
	for typed, want := range read {
		for _, r := range []*Reader{nil, de} {
			if have, err := r.Parse(typed); err != nil || have != want {
				t.Errorf("%q is read as %v (%v), want %v", typed, have, err, want)
			}
		}
	}
	refused := map[string]string{
		"1.500": "“1.500” is 1500 to some and 1,500 to others; write 1500, or 1,5000",
		"2,000": "“2,000” is 2000 to some and 2,000 to others; write 2000, or 2,0000",
		"abc":   "“abc” is no number; write it like 12,5",
	}
	for typed, want := range refused {
		if _, err := de.Parse(typed); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", typed, err, want)
		}
	}
	for _, typed := range []string{"", "-", ".", ",", "1,2,3", "1.2.3", "12.34,5.6", "1 23", "0x10", "inf", "NaN", "1_000", "1e", "1e9999", "--1", "12 €", "1.23.456"} {
		if have, err := de.Parse(typed); err == nil {
			t.Errorf("%q is read as %v", typed, have)
		}
	}
}

// What a page writes, in a field or in a text, is read back as the same number
// wherever it is read at all.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 5000 {
		x, who, other := float64(r.Int64N(1<<40)>>r.IntN(40))/float64([]int{1, 8, 1000}[r.IntN(3)]), anyReader(r), anyReader(r)
		if have, err := other.Parse(who.Typed(x)); err != nil || have != x {
			t.Fatalf("%v is typed %q in %s and read as %v (%v) in %s", x, who.Typed(x), who.Tag(), have, err, other.Tag())
		}
		if have, err := other.Parse(who.Value(x, 3)); err == nil && have != x {
			t.Fatalf("%v is written %q in %s and read as %v in %s", x, who.Value(x, 3), who.Tag(), have, other.Tag())
		}
	}
}
