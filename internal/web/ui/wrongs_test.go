package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tocsin/internal/fault"
)

func TestWhatIsWrongIsSaidOnce(t *testing.T) {
	t.Parallel()
	short := "say it in at least ten characters"
	have := alike([]fault.Field{{Name: "cause", Says: short}, {Name: "due", Says: "name a day"}, {Name: "answers.first_fixed", Says: short}})
	want := []sentence{{short, []string{"cause", "answers.first_fixed"}}, {"name a day", []string{"due"}}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("fields of one sentence stand together (-want +have):\n%s", diff)
	}
	if have, want := fieldWord("answers.first_fixed"), "first fixed"; have != want {
		t.Errorf("a field is called %q, want %q", have, want)
	}
	for says, want := range map[string]bool{short: true, "2 fields need another look": false} {
		if have := lone(&fault.Fault{Says: says, Fields: []fault.Field{{Name: "cause", Says: short}}}); have != want {
			t.Errorf("%q over one field stands alone: %v, want %v", says, have, want)
		}
	}
}
