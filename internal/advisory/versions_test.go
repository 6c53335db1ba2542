package advisory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tocsin/internal/advisory"
)

func TestReadRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		want  advisory.Range
		ok    bool
	}{
		{">= 1.0, < 1.2", advisory.Range{Introduced: "1.0", Fixed: "1.2"}, true},
		{">=13.2,<13.4.2", advisory.Range{Introduced: "13.2", Fixed: "13.4.2"}, true},
		{"< 1.2, >= 1.0", advisory.Range{Introduced: "1.0", Fixed: "1.2"}, true},
		{"<= 3.4", advisory.Range{LastAffected: "3.4"}, true},
		{"before 2.0", advisory.Range{Fixed: "2.0"}, true},
		{"prior to 2.0", advisory.Range{Fixed: "2.0"}, true},
		{"1.0 through 1.4", advisory.Range{Introduced: "1.0", LastAffected: "1.4"}, true},
		{"*", advisory.Range{}, true},
		{"> 1.0", advisory.Range{}, false},
		{"< 1.0 || >= 2.0, < 2.1", advisory.Range{}, false},
		{"< 1.0, < 2.0", advisory.Range{}, false},
		{"< 1.0, <= 2.0", advisory.Range{}, false},
		{"all versions", advisory.Range{}, false},
		{"1.0", advisory.Range{}, false},
		{"one through ", advisory.Range{}, false},
		{"", advisory.Range{}, false},
	} {
		have, ok := advisory.ReadRange(c.words)
		c.want.Raw = c.words
		if ok != c.ok || !cmp.Equal(have, c.want) {
			t.Errorf("%q: %+v %t, want %+v %t", c.words, have, ok, c.want, c.ok)
		}
	}
}

// TestRangeAsWords: what String writes, ReadRange reads back.
func TestRangeAsWords(t *testing.T) {
	t.Parallel()
	version := rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){0,3}(-[a-z]{1,5})?`)
	rapid.Check(t, func(t *rapid.T) {
		want := advisory.Range{}
		if rapid.Bool().Draw(t, "begins") {
			want.Introduced = version.Draw(t, "introduced")
		}
		switch rapid.IntRange(0, 2).Draw(t, "ends") {
		case 1:
			want.Fixed = version.Draw(t, "fixed")
		case 2:
			want.LastAffected = version.Draw(t, "last")
		}
		have, ok := advisory.ReadRange(want.String())
		have.Raw = ""
		if !ok || have != want {
			t.Fatalf("%q: %+v %t, want %+v", want, have, ok, want)
		}
	})
}

func TestCompareOrdersLikeSemanticVersioning(t *testing.T) {
	t.Parallel()
	// Semantic Versioning 2.0.0, section 11, and around it.
	rising := []string{"0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
		"1.0.0", "1.0.0.1", "1.0.1", "v1.2", "1.10", "2", "20260101000000"}
	for i, a := range rising {
		for j, b := range rising {
			have, ok := advisory.Compare(a, b)
			if !ok || sign(have) != sign(i-j) {
				t.Errorf("%s and %s: %d %t, want the sign of %d", a, b, have, ok, i-j)
			}
		}
	}
	for _, pair := range [][2]string{{"1.0", "1.0.0"}, {"v1", "1"}, {"1.2.3+build", "1.2.3"}, {"01.2", "1.2"}} {
		if have, ok := advisory.Compare(pair[0], pair[1]); !ok || have != 0 {
			t.Errorf("%v: %d %t, want equal", pair, have, ok)
		}
	}
	for _, s := range []string{"", "main", "1.x", "1.", "2:1.0", "*"} {
		if _, ok := advisory.Compare(s, "1.0"); ok {
			t.Errorf("%q is taken for a version", s)
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestCompareIsAnOrder(t *testing.T) {
	t.Parallel()
	version := rapid.StringMatching(`[0-9]{1,2}(\.[0-9]{1,2}){0,2}(-[a-z0-9]{1,2}(\.[a-z0-9]{1,2})?)?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := version.Draw(t, "a"), version.Draw(t, "b"), version.Draw(t, "c")
		ab, ok1 := advisory.Compare(a, b)
		ba, ok2 := advisory.Compare(b, a)
		bc, _ := advisory.Compare(b, c)
		ac, _ := advisory.Compare(a, c)
		if !ok1 || !ok2 || sign(ab) != -sign(ba) {
			t.Fatalf("%s and %s: %d one way, %d the other", a, b, ab, ba)
		}
		if ab <= 0 && bc <= 0 && ac > 0 {
			t.Fatalf("%s <= %s <= %s, and yet %s > %s", a, b, c, a, c)
		}
	})
}

func TestStated(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"n/a": "", " N/A ": "", "unspecified": "", "-": "", "": "", " 1.0 ": "1.0", "Nacl": "Nacl", "0": "0"} {
		if have := advisory.Stated(in); have != want {
			t.Errorf("%q: %q, want %q", in, have, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    advisory.Product
		want string
	}{
		{advisory.Product{Vendor: "Lanternworks", Name: "Lantern Server", Version: "1.2"}, "Lanternworks Lantern Server 1.2"},
		{advisory.Product{Vendor: "Lantern", Name: "Lantern Server"}, "Lantern Server"},
		{advisory.Product{Package: "example.org/x", Range: "< 2"}, "example.org/x < 2"},
		{advisory.Product{Name: "Lantern 1.2", Version: "1.2"}, "Lantern 1.2"},
		{advisory.Product{}, ""},
	} {
		if have := c.p.Names(); have != c.want {
			t.Errorf("%+v: %q, want %q", c.p, have, c.want)
		}
	}
}

func FuzzReadRange(f *testing.F) {
	f.Add(">= 1.0, < 1.2")
	f.Add("1.0 through 2")
	f.Fuzz(func(t *testing.T, words string) {
		r, ok := advisory.ReadRange(words)
		if r.Raw != words {
			t.Errorf("%q became %q", words, r.Raw)
		}
		if !ok && r.Bounded() {
			t.Errorf("%q is no interval and yet has bounds: %+v", words, r)
		}
	})
}
