package union_test

import (
	"slices"
	"strings"
	"testing"

	"tocsin/internal/gate"
	"tocsin/internal/rig"
	"tocsin/internal/union"
)

// TestKindsOfRowsAreReadTogether reads two kinds that share no column, one of which is
// narrower in numbers and the other in texts.
func TestKindsOfRowsAreReadTogether(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "manager")
		type person struct {
			name, state string
			here        bool
		}
		type number struct {
			word            string
			one, two, three int64
		}
		var people []person
		var numbers []number
		kinds := []union.Kind{
			{Columns: union.Columns{"p.name", "#case when p.state = 'active' then 1 else 0 end", "p.state"}, From: ` from {people} p where p.id = $1`,
				Scan: func(row func(...any) error) error {
					var x person
					err := row(&x.name, &x.here, &x.state)
					people = append(people, x)
					return err
				}},
			{Columns: union.Columns{"#1", "'word'", "#2", "#length(p.id)"}, From: ` from {people} p where p.id = $1 limit 1`,
				Scan: func(row func(...any) error) error {
					var x number
					err := row(&x.one, &x.word, &x.two, &x.three)
					numbers = append(numbers, x)
					return err
				}},
		}
		err := h.Gate.View(ana, func(v *gate.View) error { return union.Read(v, kinds, "person-ana") })
		if err != nil {
			t.Fatal(err)
		}
		if len(people) != 1 || !people[0].here || people[0].state != "active" || !strings.EqualFold(people[0].name, "ana") {
			t.Errorf("people %+v, want ana, here, active", people)
		}
		if want := []number{{"word", 1, 2, int64(len("person-ana"))}}; !slices.Equal(numbers, want) {
			t.Errorf("numbers %+v, want %+v", numbers, want)
		}
	})
}

func TestColumnsAreTheTextOfAKindAlone(t *testing.T) {
	if have, want := (union.Columns{"a.id", "#a.at"}).Text(), "a.id, a.at"; have != want {
		t.Errorf("text %q, want %q", have, want)
	}
}
