package shape_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
	"tocsin/internal/shape"
)

func TestDecodeReads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     any
	}{
		{"an object of everything", ` {"a":[1,-0.5,2e+3,true,false,null],"b":{}, "":[] } `, map[string]any{
			"a": []any{json.Number("1"), json.Number("-0.5"), json.Number("2e+3"), true, false, nil}, "b": map[string]any{}, "": []any{}}},
		{"a string alone", `"x"`, "x"},
		{"every escape", `"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00-"`, "\"\\/\b\f\n\r\té😀-"},
		{"text before and after an escape", `"ab\ncd"`, "ab\ncd"},
		{"the null character as an escape", `"\u0000"`, "\x00"},
		{"a number of more digits than a float holds", `12345678901234567890.10`, json.Number("12345678901234567890.10")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			have, err := shape.Decode([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, have); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"nothing", " \n ", "line 2, column 2 (the top level): there is no JSON value"},
		{"a byte order mark", "\ufeff{}", "byte order mark"},
		{"text that is not UTF-8", "{\"a\":\"\xff\"}", "line 1, column 7 (the top level): the text is not UTF-8"},
		{"a second value", "{} {}", "line 1, column 4 (the top level): the JSON value ends before this"},
		{"a name twice", "{\n \"a\": {\"b\":1, \"b\":2}}", `line 2, column 15 (/a/b): the name "b" stands twice`},
		{"a name twice behind an escape", `{"ab":1,"\u0061b":2}`, `(/ab): the name "ab" stands twice`},
		{"a slash and a tilde in a name", `{"a/~":x}`, "(/a~1~0): 'x' does not begin"},
		{"a comma too many in a list", "[1,]", `(/0): there is a comma before ']'`},
		{"a comma too many in an object", `{"a":1,}`, `there is a comma before '}'`},
		{"no comma", "[1 2]", "a comma or ']' is due here"},
		{"no colon", `{"a" 1}`, "a colon is due"},
		{"a name without quotes", "{a:1}", "line 1, column 2 (the top level): a member's name"},
		{"a comment", "{} // x", "the JSON value ends before this"},
		{"an unfinished object", `{"a":1`, "the text ends inside an object"},
		{"an unfinished list", `[1`, "the text ends inside an array"},
		{"an unfinished string", `["abc`, "this string has no end"},
		{"an unfinished string behind an escape", `["a\n`, "this string has no end"},
		{"a raw line feed in a string", "\"a\nb\"", "control character U+000A"},
		{"a raw tab behind an escape", "\"a\\n\tb\"", "control character U+0009"},
		{"an unknown escape", `"\x"`, "is not an escape"},
		{"a short unicode escape", `"\u00e"`, "four hexadecimal digits"},
		{"half a surrogate pair", `"\ud83d"`, "half of a surrogate pair"},
		{"two high surrogates", `"\ud83d\ud83d"`, "half of a surrogate pair"},
		{"a leading zero", "[012]", "does not begin with a zero"},
		{"a plus sign", "+1", "'+' does not begin a JSON value"},
		{"a bare minus", "-", "a number needs a digit after its minus sign"},
		{"a bare point", "1.", "a number needs a digit after its point"},
		{"a bare exponent", "1e", "a number needs a digit in its exponent"},
		{"NaN", "NaN", "'N' does not begin a JSON value"},
		{"too deep", strings.Repeat("[", 201) + strings.Repeat("]", 201), "nested more than 200 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := shape.Decode([]byte(c.in))
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("error %v, want an invalid fault", err)
			}
			if says := fault.Of(err).Says; !strings.Contains(says, c.want) {
				t.Errorf("says %q, want %q in it", says, c.want)
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	t.Parallel()
	if _, err := shape.Decode([]byte(`[1,2]`), shape.Limits{Bytes: 4}); !errors.Is(err, fault.TooLarge) {
		t.Errorf("five bytes against four: %v, want too large", err)
	}
	if _, err := shape.Decode([]byte(`[1,2]`), shape.Limits{Values: 2}); !errors.Is(err, fault.Invalid) {
		t.Errorf("three values against two: %v, want invalid", err)
	}
	if _, err := shape.Decode([]byte(`[[1]]`), shape.Limits{Depth: 1}); !errors.Is(err, fault.Invalid) {
		t.Errorf("two arrays against depth one: %v, want invalid", err)
	}
	for _, in := range []string{`"a\u0000"`, `"a\u202eb"`, `"\u2066"`, `"\u0085"`, `{"\u0007":1}`} {
		if _, err := shape.Decode([]byte(in), shape.Limits{Plain: true}); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s as plain text: %v, want invalid", in, err)
		}
	}
	if v, err := shape.Decode([]byte(`"é\t\r\n\u200f"`), shape.Limits{Plain: true}); err != nil || v != "é\t\r\n\u200f" {
		t.Errorf("plain text gave %q, %v", v, err)
	}
}

// FuzzDecode holds that Decode accepts nothing that encoding/json refuses, and
// reads the same value wherever both accept.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"\u00e9\ud83d\ude00",null,true]}`, `[[],{}]`, "\ufeff1", `{"a":1,"a":2}`, `-0`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		have, err := shape.Decode(b)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("%q: kind %v, want invalid", b, fault.KindOf(err))
			}
			return
		}
		d := json.NewDecoder(strings.NewReader(string(b)))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%q is accepted, encoding/json says %v", b, err)
		}
		if !reflect.DeepEqual(have, want) {
			t.Fatalf("%q: have %#v, want %#v", b, have, want)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	doc := []byte(`{"list":[` + strings.Repeat(`{"name":"a product of some vendor","id":"CSAFPID-0001","n":7.5,"tags":["one","two"]},`, 200) + `{}]}`)
	b.Run("shape", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			if _, err := shape.Decode(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			var v any
			if err := json.Unmarshal(doc, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
