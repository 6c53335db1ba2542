package fault_test

import (
	"testing"

	"tocsin/internal/fault"
)

func TestWhatWasWrittenAndRefusedIsNotMissing(t *testing.T) {
	for _, c := range []struct {
		name, value, refused string
		want                 []string
	}{
		{"what is there is not missing", "Export", "", nil},
		{"what is empty is missing", "", "", []string{"it needs a title"}},
		{"what was refused is refused alone", "", "a character is in it", []string{"a character is in it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var fs fault.Fields
			fs.Add("other", "this is about another field")
			if c.refused != "" {
				fs.Add("title", "%s", c.refused)
			}
			fs.Want("title", c.value, "it needs a %s", "title")
			if len(fs) != 1+len(c.want) {
				t.Fatalf("%d sentences, want %d: %v", len(fs), 1+len(c.want), fs)
			}
			for i, want := range c.want {
				if have := fs[1+i]; have.Name != "title" || have.Says != want {
					t.Errorf("%s: %s, want title: %s", have.Name, have.Says, want)
				}
			}
		})
	}
}
