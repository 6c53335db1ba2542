package api_test

import (
	"strings"
	"testing"

	"tocsin/internal/rig"
)

// TestTheAPIRefusesACircleAndAnIndicatorWithoutUnit sends what can never be: risks
// that wait for each other, and a number of nothing. The problem names the field and
// the mend.
func TestTheAPIRefusesACircleAndAnIndicatorWithoutUnit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		mia := s.person(t, "mia", "manager")
		raise := func(title string) string {
			return mia.want(201, "POST", "/risks", map[string]any{"title": title}).text(t, "id")
		}
		a, b, c := raise("Exports may reveal data"), raise("Keys may be lost"), raise("Logs may hold secrets")
		on := func(from, to string) string { return "/risks/" + from + "/links/depends-on/" + to }
		mia.want(204, "PUT", on(a, b), nil)
		mia.want(204, "PUT", on(b, c), nil)
		for _, x := range []struct{ name, method, path, body, field, says string }{
			{"a circle of three", "PUT", on(c, a), "", "to", a + " depends on " + c + " already, directly or through others; a circle of dependencies can never be worked off"},
			{"a circle of two", "PUT", on(b, a), "", "to", "a circle of dependencies can never be worked off"},
			{"a risk that waits for itself", "PUT", on(a, a), "", "to", "a risk is linked to another risk or to a case"},
			{"an indicator without unit", "POST", "/risks/" + a + "/kris", `{"title":"Repositories with the check","kind":"implementation","better":"higher"}`, "unit", "an indicator needs a unit, or its values mean nothing"},
		} {
			var body any
			if x.body != "" {
				body = x.body
			}
			got := mia.want(400, x.method, x.path, body)
			if said := string(got.body); !strings.Contains(said, x.says) || !strings.Contains(said, `"`+x.field+`"`) {
				t.Errorf("%s: %s, want the field %s and %q", x.name, said, x.field, x.says)
			}
		}
		mia.want(204, "PUT", "/risks/"+c+"/links/related/"+a, nil)
	})
}

// TestTheFieldsOfAHouseOverTheAPI writes what the profile asks for besides, and is
// refused what it does not know.
func TestTheFieldsOfAHouseOverTheAPI(t *testing.T) {
	t.Parallel()
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		s := open(t, h)
		mia := s.person(t, "mia", "manager")
		at := "/risks/" + mia.want(201, "POST", "/risks", map[string]any{"title": "Exports may reveal data"}).text(t, "id")
		mia.want(204, "PATCH", at, `{"fields":{"effort":"12.50","roadmap":"planned"}}`)
		f, _ := mia.want(200, "GET", at, nil).json(t)["fields"].(map[string]any)
		if f["effort"] != "12.5" || f["roadmap"] != "planned" {
			t.Errorf("fields %v, want what was written", f)
		}
		if said := string(mia.want(400, "PATCH", at, `{"fields":{"colour":"red"}}`).body); !strings.Contains(said, `"fields.colour"`) || !strings.Contains(said, "it has effort, roadmap") {
			t.Errorf("%s, want the field and those that there are", said)
		}
		if n := len(mia.want(200, "GET", "/risks?q=field.effort%3E%3D12", nil).json(t)["items"].([]any)); n != 1 {
			t.Errorf("%d risks of that effort, want 1", n)
		}
	})
}
