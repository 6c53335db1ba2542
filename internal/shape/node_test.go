package shape_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/shape"
)

// tree is a structure that contains itself.
var tree *shape.Node

func init() {
	tree = shape.Object(shape.Closed, shape.Req("name", shape.Text), shape.Opt("kids", shape.List(shape.Later(&tree), 1)))
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	words := shape.Enum("low", "medium", "high")
	versions := shape.By("version", map[string]*shape.Node{
		"1": shape.Object(shape.Open, shape.Req("a", shape.Bool)),
		"2": shape.Object(shape.Open, shape.Req("b", shape.Bool)),
	}, shape.Object(shape.Open, shape.Req("version", shape.Enum("1", "2"))))
	for _, c := range []struct {
		name string
		node *shape.Node
		in   string
		want []shape.Finding
	}{
		{"nothing in a good value", tree, `{"name":"a","kids":[{"name":"b"}]}`, nil},
		{"a missing member", tree, `{"name":"a","kids":[{}]}`, []shape.Finding{{Pointer: "/kids/0", Message: `the member "name" is missing`}}},
		{"an unknown member", tree, `{"name":"a","kisd":1}`, []shape.Finding{{Pointer: "/kisd", Message: `"kisd" is not a member that is known here; did you mean "kids"?`}}},
		{"an unknown member of a noted object", shape.Object(shape.Noted), `{"x/y":1}`, []shape.Finding{{Pointer: "/x~1y", Message: `"x/y" is not a member that is known here`, Unknown: true}}},
		{"nothing in an open object", shape.Object(shape.Open), `{"x":1}`, nil},
		{"an empty list", tree, `{"name":"a","kids":[]}`, []shape.Finding{{Pointer: "/kids", Message: "this list needs at least 1 item"}}},
		{"an empty text", tree, `{"name":""}`, []shape.Finding{{Pointer: "/name", Message: "the text is empty"}}},
		{"a wrong type at the top", tree, `[]`, []shape.Finding{{Message: "this must be an object, not a list"}}},
		{"a word not in the list", words, `"hihg"`, []shape.Finding{{Message: `"hihg" is not one of low, medium, high; did you mean "high"?`}}},
		{"too few members", shape.Sized(shape.Open, 2, 3), `{"a":1}`, []shape.Finding{{Message: "this object needs at least 2 members"}}},
		{"too many members", shape.Sized(shape.Open, 0, 1), `{"a":1,"b":2}`, []shape.Finding{{Message: "this object has more than 1 member"}}},
		{"a number out of range", shape.Number(0, 10), `10.1`, []shape.Finding{{Message: "10.1 is not in the range from 0 to 10"}}},
		{"a fraction for a whole number", shape.Integer(0, 10), `1.5`, []shape.Finding{{Message: "1.5 is not a whole number from 0 to 10"}}},
		{"equal texts in a set", shape.Set(shape.Text, 1), `["a","b","a"]`, []shape.Finding{{Pointer: "/2", Message: "this item equals the one at 0; each may stand once"}}},
		{"equal objects in a set, in any order of members", shape.Set(shape.Anything, 0), `[{"a":1,"b":2},{"b":2,"a":1.0}]`, nil},
		{"equal numbers in a set", shape.Set(shape.Anything, 0), `[1,1.0]`, []shape.Finding{{Pointer: "/1", Message: "this item equals the one at 0; each may stand once"}}},
		{"too many items", shape.Bounded(shape.Bool, 0, 1, false), `[true,true]`, []shape.Finding{{Message: "this list has more than 1 item"}}},
		{"none of several", shape.AnyOf("a text or a bool is due", shape.Text, shape.Bool), `1`, []shape.Finding{{Message: "a text or a bool is due"}}},
		{"an unknown member beside a fit", shape.AnyOf("none fits", shape.Text, shape.Object(shape.Noted)), `{"a":1}`, []shape.Finding{{Pointer: "/a", Message: `"a" is not a member that is known here`, Unknown: true}}},
		{"the nearest of several", shape.AnyOf("", shape.List(shape.Text, 0), tree), `{"name":""}`, []shape.Finding{{Message: "this must be a list, not an object"}}},
		{"two of which one is due", shape.OneOf("exactly one is due", shape.Text, shape.String), `"x"`, []shape.Finding{{Message: "exactly one is due"}}},
		{"the version that the object names", versions, `{"version":"2"}`, []shape.Finding{{Message: `the member "b" is missing`}}},
		{"a version that nobody knows", versions, `{"version":"3"}`, []shape.Finding{{Pointer: "/version", Message: `"3" is not one of 1, 2`}}},
		{"none of the members of which one is due", shape.Has("a", "b", "c"), `{"d":1}`, []shape.Finding{{Message: "this object needs a, b or c"}}},
		{"a bad value in a map", shape.Map(shape.Bool), `{"a":true,"b":0}`, []shape.Finding{{Pointer: "/b", Message: "this must be true or false, not a number"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v, err := shape.Decode([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, c.node.Check(v)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCheckStopsCounting(t *testing.T) {
	t.Parallel()
	many := make([]any, 2*shape.MostFindings)
	if have := len(shape.List(shape.Bool, 0).Check(many)); have != shape.MostFindings {
		t.Errorf("%d findings, want %d", have, shape.MostFindings)
	}
	object := map[string]any{}
	for _, c := range "abcdefghij" {
		object[string(c)] = 1
	}
	for i := range many {
		many[i] = object
	}
	if have := len(shape.List(shape.Object(shape.Noted), 0).Check(many)); have != shape.MostFindings {
		t.Errorf("%d findings, want %d", have, shape.MostFindings)
	}
	found := shape.List(shape.Object(shape.Noted, shape.Req("must", shape.Text)), 0).Check(many)
	if wrong := len(slices.DeleteFunc(found, func(f shape.Finding) bool { return f.Unknown })); wrong != shape.MostFindings {
		t.Errorf("%d findings beside the unknown members, want %d", wrong, shape.MostFindings)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"2026-03-09T14:30:00Z": true, "2026-03-09t14:30:00z": true, "2026-03-09T14:30:00.123456+05:30": true, "2016-12-31T23:59:60Z": true,
		"2016-12-31T18:59:60-05:00": true, "2016-12-31T22:59:60Z": false, "2026-02-29T00:00:00Z": false, "2026-03-09": false, "2026-03-09 14:30:00Z": false,
		"2026-03-09T14:30:00": false, "2026-03-09T4:30:00Z": false, "2026-03-09T14:30:00,5Z": false, "2026-03-09T14:30:00+24:00": false, "": false,
	} {
		if have := shape.IsDateTime(s); have != want {
			t.Errorf("date-time %q: %v, want %v", s, have, want)
		}
	}
	for s, want := range map[string]bool{
		"https://example.com/a?b=c#d": true, "urn:oid:1.2.3": true, "pkg:golang/x/y@v1": true, "mailto:a@example.com": true, "http://[::1]:80/": true,
		"https://": true, "example.com": false, "/path": false, "": false, ":x": false, "1a:b": false, "https://a b": false, "https://a/%zz": false,
		"https://a/#b#c": false, "https://é.example": false, "https://a/[b]": false, "https://a:port/": false, "x:[": false,
	} {
		if have := shape.IsURI(s); have != want {
			t.Errorf("URI %q: %v, want %v", s, have, want)
		}
	}
}
