package advisory_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
)

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	type form struct {
		Name string         `json:"name"`
		At   advisory.Stamp `json:"at"`
		In   struct {
			N int `json:"n"`
		} `json:"in"`
	}
	for _, c := range []struct{ name, body, says string }{
		{"what the form does not know is passed over", `{"name":"a","other":[1]}`, ""},
		{"no JSON", `{"name"`, "line 1"},
		{"a list", `[1]`, "one JSON object"},
		{"a member twice", `{"name":"a","name":"b"}`, "stands twice"},
		{"something after the end", `{} {}`, "ends before this"},
		{"a number where words are due", `{"name":1}`, "/name"},
		{"deep inside", `{"in":{"n":"x"}}`, "/in/n"},
		{"a time that is none", `{"at":"yesterday"}`, "no time"},
		{"a time that is a number", `{"at":5}`, "a time is a string"},
	} {
		var f form
		err := advisory.Unmarshal([]byte(c.body), &f)
		if c.says == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.says != "" && (!errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want an Invalid fault with %q", c.name, err, c.says)
		}
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{`"2026-03-09T10:15:30Z"`, `"2026-03-09T10:15:30Z"`},
		{`"2026-03-09T10:15:30.250Z"`, `"2026-03-09T10:15:30.250Z"`},
		{`"2026-03-09T10:15:30.123456789Z"`, `"2026-03-09T10:15:30.123Z"`},
		{`"2026-03-09T12:15:30+02:00"`, `"2026-03-09T10:15:30Z"`},
		{`"2026-03-09T10:15:30.000"`, `"2026-03-09T10:15:30Z"`},
		{`"2026-03-09T10:15"`, `"2026-03-09T10:15:00Z"`},
		{`"2026-03-09"`, `"2026-03-09T00:00:00Z"`},
		{`"0001-01-01T00:00:00Z"`, ``},
		{`""`, ``},
		{`null`, ``},
	} {
		var s advisory.Stamp
		if err := json.Unmarshal([]byte(c.in), &s); err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if c.want == "" {
			if !s.IsZero() {
				t.Errorf("%s: %s, want no time", c.in, s)
			}
			continue
		}
		if have, err := json.Marshal(s); err != nil || string(have) != c.want {
			t.Errorf("%s: %s (%v), want %s", c.in, have, err, c.want)
		}
	}
	zone := time.FixedZone("east", 3600)
	if have := advisory.At(time.Date(2026, 3, 9, 1, 0, 0, 0, zone)); have.Hour() != 0 {
		t.Errorf("%s, want midnight in UTC", have)
	}
}

func TestMarshalKeepsHTML(t *testing.T) {
	t.Parallel()
	have, err := advisory.Marshal(map[string]string{"a": "<b>&"})
	if want := "{\n  \"a\": \"<b>&\"\n}\n"; err != nil || string(have) != want {
		t.Errorf("%q (%v), want %q", have, err, want)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	warning := advisory.Finding{Rule: "x", Level: advisory.Warning, Pointer: "/a", Message: "so so"}
	bad := advisory.Finding{Rule: "x", Level: advisory.Error, Pointer: "/b", Message: "bad"}
	if err := advisory.Refuse("a record", []advisory.Finding{warning}); err != nil {
		t.Errorf("%v, want nothing: a warning is no refusal", err)
	}
	one := fault.Of(advisory.Refuse("a record", []advisory.Finding{warning, bad}))
	if len(one.Fields) != 1 || one.Fields[0].Name != "/b" || !strings.Contains(one.Says, "bad") {
		t.Errorf("%v, want the one error, in the sentence too", one)
	}
	if two := fault.Of(advisory.Refuse("a record", []advisory.Finding{bad, bad})); len(two.Fields) != 2 {
		t.Errorf("%v, want both", two)
	}
}
