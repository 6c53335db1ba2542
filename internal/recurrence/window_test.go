package recurrence_test

import (
	"encoding/json"
	"testing"
	"time"

	"tocsin/internal/recurrence"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAWindowHasWholeDaysAndNotTheDayItIsCountedBackTo(t *testing.T) {
	for _, c := range []struct {
		name, last string
		months     int
		want       string
		mid        string
	}{
		{"the day of the same number is out", "2024-10-15", 24, `{"from":"2022-10-16","to":"2024-10-15","months":24}`, "2023-10-16"},
		{"the last of a month", "2024-10-31", 24, `{"from":"2022-11-01","to":"2024-10-31","months":24}`, "2023-11-01"},
		{"a shorter month's last day stands for it", "2024-03-31", 1, `{"from":"2024-03-01","to":"2024-03-31","months":1}`, "2024-04-01"},
		{"a leap day", "2024-02-29", 12, `{"from":"2023-03-01","to":"2024-02-29","months":12}`, "2023-08-30"},
		{"over the turn of a year", "2024-01-01", 3, `{"from":"2023-10-02","to":"2024-01-01","months":3}`, "2023-12-02"},
	} {
		w := recurrence.WindowTo(day(t, c.last).Add(13*time.Hour), c.months)
		b, err := json.Marshal(w)
		if err != nil || string(b) != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, b, err, c.want)
		}
		if have := w.Mid().Format(time.DateOnly); have != c.mid {
			t.Errorf("%s: the second half begins on %s, want %s", c.name, have, c.mid)
		}
	}
	w := recurrence.WindowTo(day(t, "2024-10-31"), 24)
	for at, want := range map[string]bool{"2022-10-31T23:59:59.999999Z": false, "2022-11-01T00:00:00Z": true, "2024-10-31T23:59:59.999999Z": true, "2024-11-01T00:00:00Z": false} {
		m, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if w.Holds(m) != want {
			t.Errorf("%s in the window: %v, want %v", at, !want, want)
		}
	}
}
