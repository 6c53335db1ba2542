package shape_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
	"tocsin/internal/shape"
)

type part struct {
	Fixed string `json:"fixed"`
}

type common struct {
	Owner string `json:"owner"`
}

type body struct {
	common
	Title    string            `json:"title"`
	Severity *string           `json:"severity"`
	Votes    int8              `json:"votes"`
	Score    float64           `json:"score"`
	Open     bool              `json:"open"`
	Due      time.Time         `json:"due"`
	Versions []part            `json:"versions"`
	Labels   map[string]string `json:"labels"`
	Raw      json.RawMessage   `json:"raw"`
	Data     []byte            `json:"data"`
	Free     any               `json:"free"`
	Hidden   string            `json:"-"`
	Plain    string
}

func TestIntoReads(t *testing.T) {
	t.Parallel()
	var have body
	err := shape.Into([]byte(`{"owner":"o","title":"t","severity":null,"votes":-3,"score":1,"open":true,"due":"2026-03-09T14:30:00Z",
		"versions":[{"fixed":"1"}],"labels":{"a":"b"},"raw":{"x":1},"data":"aGk=","free":[1],"Plain":"p"}`), &have)
	if err != nil {
		t.Fatal(err)
	}
	want := body{common: common{"o"}, Title: "t", Votes: -3, Score: 1, Open: true, Due: time.Date(2026, 3, 9, 14, 30, 0, 0, time.UTC),
		Versions: []part{{"1"}}, Labels: map[string]string{"a": "b"}, Raw: json.RawMessage(`{"x":1}`), Data: []byte("hi"), Free: []any{1.0}, Plain: "p"}
	if d := cmp.Diff(want, have, cmp.AllowUnexported(body{})); d != "" {
		t.Error(d)
	}
}

func TestIntoRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, field, says string
	}{
		{"a misspelt field", `{"tilte":"x"}`, "tilte", `/tilte: "tilte" is not a field here; did you mean "title"?`},
		{"a field in the wrong case", `{"Title":"x"}`, "Title", `/Title: "Title" is not a field here; did you mean "title"?`},
		{"a field that is kept from JSON", `{"Hidden":"x"}`, "Hidden", `/Hidden: "Hidden" is not a field here`},
		{"an unknown field deep inside", `{"versions":[{},{"zzz":1}]}`, "versions.1.zzz", `/versions/1/zzz: "zzz" is not a field here`},
		{"a number for a string", `{"title":1}`, "title", `/title: this must be a string, not a number`},
		{"null for a string", `{"title":null}`, "title", `/title: this must be a string, not null`},
		{"a string for a list", `{"versions":"x"}`, "versions", `/versions: this must be a list, not a string`},
		{"a string for a bool", `{"open":"yes"}`, "open", `/open: this must be true or false, not a string`},
		{"a number out of range", `{"votes":300}`, "votes", `/votes: the number 300 does not fit; a whole number in the range of int8 is due`},
		{"a fraction for a whole number", `{"votes":1.5}`, "votes", `/votes: the number 1.5 does not fit; a whole number in the range of int8 is due`},
		{"a date for a time", `{"due":"2026-03-09"}`, "due", `/due: "2026-03-09" is no time; write it like 2026-03-09T14:30:00Z (RFC 3339)`},
		{"a list for the body", `[]`, "", `the top level: this must be an object, not a list`},
		{"a number in a map of strings", `{"labels":{"a":1}}`, "labels.a", `/labels/a: this must be a string, not a number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b body
			err := shape.Into([]byte(c.in), &b)
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("error %v, want an invalid fault", err)
			}
			want := []fault.Field{{Name: c.field, Says: c.says}}
			if d := cmp.Diff(want, fault.Of(err).Fields); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestIntoListsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	var b body
	err := shape.Into([]byte(`{"title":1,"open":2,"what":3}`), &b)
	if have := len(fault.Of(err).Fields); have != 3 {
		t.Errorf("%d fields in %v, want 3", have, err)
	}
}

func TestIntoRefusesTextThatIsNotPlain(t *testing.T) {
	t.Parallel()
	var b body
	err := shape.Into([]byte(`{"title":"a\u202eb"}`), &b)
	if fs := fault.Of(err).Fields; len(fs) != 1 || fs[0].Name != "title" {
		t.Errorf("error %v, want one about title", err)
	}
}
