package web_test

import (
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestTheSearchPage looks for a word of a case, of a note on it, and of what stands around
// a risk.
func TestTheSearchPage(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		h.As(t, "eve", "engineer")
		id, _ := aCase(t, h, ana, casework.Opening{Title: "Zebra exports can be read"})
		said, err := h.Cases.Note(ana, id, "Every zebra & every owl reads it.")
		check(t, "note", err)
		at := atRisk(t, h, risk.Raising{Title: "Exports may leak"}, id)
		gauge := watched(t, h, at, "Zebras counted")
		meeting, err := h.Reviews.Open(ana, review.Opening{Title: "Zebra meeting"})
		check(t, "meeting", err)
		discuss(t, h, meeting, at, "the zebra first")
		b := open(t, h).as(ana)
		for _, c := range []struct {
			name, path string
			status     int
			has, not   []string
		}{
			{"every kind says what it is, and leads to where it stands", "/search?q=zebra", 200, []string{
				`Cases <b>1</b>`, `Notes and messages <b>1</b>`, `Meetings <b>3</b>`, `Decisions and reviews <b>1</b>`,
				`/cases/` + string(id) + `/messages#` + string(said), `/reviews/` + string(meeting) + `#decisions`, `Decided or asked for`, `/risks/` + string(at) + `/decisions`,
				`Every <mark>zebra</mark> &amp; every owl reads it.`, `<mark>Zebra</mark> exports`}, []string{string(gauge)}},
			{"a beginning finds an indicator by its title", "/search?q=zebr*", 200, []string{"/kri/" + string(gauge), "<mark>Zebras</mark> counted", "Indicator"}, nil},
			{"one kind alone, and how many there are of the others", "/search?q=zebra&in=note", 200, []string{`in=meeting`, `aria-current="true"`, "every owl"}, []string{"the zebra first", "In the list"}},
			{"a kind of which there is nothing", "/search?q=zebra&in=plan", 200, []string{"Nothing of this kind"}, nil},
			{"a person, by name", "/search?q=ana&in=person", 200, []string{"/people/person-ana", "Person"}, nil},
			{"a kind that is none", "/search?q=zebra&in=everything", 422, []string{"nothing of the kind"}, nil},
			{"signs alone", "/search?q=--", 422, []string{"the search holds no word"}, nil},
			{"a quote that is not closed", "/search?q=%22zebra", 200, []string{"The last quote is not closed"}, nil},
			{"the palette offers single meetings and what was said", "/find?q=zebra", 200, []string{`data-to="/reviews/` + string(meeting) + `"`, "Note or message · " + string(id), "Every zebra"}, nil},
			{"the palette offers single indicators", "/find?q=zebras+coun", 200, []string{`data-to="/kri/` + string(gauge) + `"`}, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				body := plainMarks(b.get(c.path).is(t, c.status).body)
				for _, has := range c.has {
					if !strings.Contains(body, has) {
						t.Errorf("%s does not say %s", c.path, has)
					}
				}
				for _, not := range c.not {
					if strings.Contains(body, not) {
						t.Errorf("%s says %s", c.path, not)
					}
				}
			})
		}
		mary := open(t, h).as(h.As(t, "mary", "communications"))
		mary.get("/search?q=zebra").is(t, 200, "every owl")
		if page := mary.get("/search?q=zebra"); strings.Contains(page.body, "zebra first") {
			t.Error("who reads no meetings reads what one decided")
		}
	})
}

// plainMarks leaves the blanks within marks out.
func plainMarks(body string) string {
	return strings.NewReplacer("<mark> ", "<mark>", " </mark>", "</mark>").Replace(body)
}
