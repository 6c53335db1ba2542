package clock

import (
	"testing"
	"time"

	"tocsin/internal/profile"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	return z
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	x, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		x, err = time.Parse("2006-01-02", s)
	}
	if err != nil {
		t.Fatalf("time %q: %v", s, err)
	}
	return x
}

func span(t testing.TB, s string) profile.Span {
	t.Helper()
	x, err := profile.ParseSpan(s)
	if err != nil {
		t.Fatalf("span: %v", err)
	}
	return x
}

func civil(z *time.Location) *profile.Calendar {
	return &profile.Calendar{Name: "calendar", Kind: profile.KindCalendar, Zone: z}
}

// office works from Monday to Friday, 9 to 17 o'clock.
func office(z *time.Location, holidays ...string) *profile.Calendar {
	c := &profile.Calendar{Name: "office", Kind: profile.KindBusiness, Zone: z, From: 9 * time.Hour, To: 17 * time.Hour, Holidays: map[string]string{}, Days: map[time.Weekday]bool{}}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Days[d] = true
	}
	for _, h := range holidays {
		c.Holidays[h] = "a holiday"
	}
	return c
}

func whole(c *profile.Calendar) *profile.Calendar {
	c.From, c.To = 0, 24*time.Hour
	return c
}

func TestAdd(t *testing.T) {
	t.Parallel()
	berlin, apia, howe := zone(t, "Europe/Berlin"), zone(t, "Pacific/Apia"), zone(t, "Australia/Lord_Howe")
	night := office(time.UTC)
	night.From, night.To = 22*time.Hour, 6*time.Hour
	for _, c := range []struct {
		name  string
		cal   *profile.Calendar
		start string // UTC
		span  string
		want  string
	}{
		{"a day is a date later", civil(time.UTC), "2026-10-01", "30d", "2026-10-31"},
		{"hours pass whatever the wall does", civil(berlin), "2026-03-28 12:00", "24h", "2026-03-29 12:00"},
		{"a day keeps the time on the wall in spring", civil(berlin), "2026-03-28 12:00", "1d", "2026-03-29 11:00"},
		{"a day keeps the time on the wall in autumn", civil(berlin), "2026-10-24 12:00", "1d", "2026-10-25 13:00"},
		{"a skipped time becomes the first after it", civil(berlin), "2026-03-28 01:30", "1d", "2026-03-29 01:00"},
		{"a repeated time is its first", civil(berlin), "2026-10-24 00:30", "1d", "2026-10-25 00:30"},
		{"half an hour of summer time", civil(howe), "2026-04-03 14:00", "2d", "2026-04-05 14:30"},
		{"a date that the zone skipped becomes the next", civil(apia), "2011-12-29 20:00", "1d", "2011-12-30 10:00"},
		{"a skipped date is still a date to count", civil(apia), "2011-12-29 20:00", "2d", "2011-12-30 20:00"},
		{"a leap day is a day", civil(time.UTC), "2028-02-28 10:00", "2d", "2028-03-01 10:00"},
		{"a leap day is absent in 2100", civil(time.UTC), "2100-02-28 10:00", "1d", "2100-03-01 10:00"},
		{"every day works in a calendar of calendar days", civil(time.UTC), "2026-11-13 10:00", "2bd", "2026-11-15 10:00"},
		{"a business day skips the weekend", office(time.UTC), "2026-11-13 10:00", "1bd", "2026-11-16 10:00"},
		{"five business days are a week", office(time.UTC), "2026-11-11 10:30", "5bd", "2026-11-18 10:30"},
		{"a business day skips a holiday", office(time.UTC, "2026-12-25"), "2026-12-24 10:00", "1bd", "2026-12-28 10:00"},
		{"what comes at the weekend begins on Monday morning", office(time.UTC), "2026-11-14 03:00", "1bd", "2026-11-17 09:00"},
		{"what comes after hours begins next morning", office(time.UTC), "2026-11-12 17:00", "1bd", "2026-11-16 09:00"},
		{"what comes before hours begins at opening", office(time.UTC), "2026-11-12 06:00", "1bd", "2026-11-13 09:00"},
		{"business days keep the time on the wall", office(berlin), "2026-03-27 09:00", "1bd", "2026-03-30 08:00"},
		{"a date that the zone skipped is no business day", office(apia), "2011-12-29 20:00", "1bd", "2012-01-01 20:00"},
		{"whole days from a Saturday end with the day", whole(office(time.UTC)), "2026-11-14 10:00", "1bd", "2026-11-17"},
		{"working hours stop at night", office(time.UTC), "2026-11-12 15:00", "3h", "2026-11-13 10:00"},
		{"working hours may end at closing", office(time.UTC), "2026-11-12 09:00", "8h", "2026-11-12 17:00"},
		{"a night shift belongs to the day it began on", night, "2026-11-13 23:00", "1bd", "2026-11-16 23:00"},
		{"a night shift on Friday works into Saturday", night, "2026-11-14 05:00", "2h", "2026-11-16 23:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if have, want := Add(c.cal, at(t, c.start), span(t, c.span)), at(t, c.want); !have.Equal(want) {
				t.Errorf("due %s, want %s", have, want)
			}
		})
	}
}

func TestBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, due, span, want string }{
		{"a civil day", "2026-11-16 10:00", "2d", "2026-11-14 10:00"},
		{"a business day skips the weekend", "2026-11-16 10:00", "1bd", "2026-11-13 10:00"},
		{"from opening time", "2026-11-16 09:00", "1bd", "2026-11-12 17:00"},
		{"from the weekend it counts from Friday's close", "2026-11-15 12:00", "1bd", "2026-11-12 17:00"},
		{"working hours reach back over the night", "2026-11-13 10:00", "3h", "2026-11-12 15:00"},
		{"working hours may begin at opening", "2026-11-13 17:00", "8h", "2026-11-13 09:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if have, want := Before(office(time.UTC), at(t, c.due), span(t, c.span)), at(t, c.want); !have.Equal(want) {
				t.Errorf("warn at %s, want %s", have, want)
			}
		})
	}
}

func TestWorked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, to string
		cal            *profile.Calendar
		want           time.Duration
	}{
		{"all time counts in calendar days", "2026-11-13 16:00", "2026-11-16 10:00", civil(time.UTC), 66 * time.Hour},
		{"only working time counts at the office", "2026-11-13 16:00", "2026-11-16 10:00", office(time.UTC), 2 * time.Hour},
		{"nothing counts at the weekend", "2026-11-14", "2026-11-16 09:00", office(time.UTC), 0},
		{"nothing counts backwards", "2026-11-16 12:00", "2026-11-16 10:00", office(time.UTC), 0},
		{"a day of 25 hours has 25 hours", "2026-10-24 22:00", "2026-10-25 23:00", civil(zone(t, "Europe/Berlin")), 25 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			have := Worked(c.cal, at(t, c.from), at(t, c.to))
			if have != c.want {
				t.Errorf("worked %s, want %s", have, c.want)
			}
		})
	}
}

func TestTheLastDayOfALeapYearIsADay(t *testing.T) {
	t.Parallel()
	berlin := civil(zone(t, "Europe/Berlin"))
	if have, want := Add(berlin, at(t, "2080-12-20 12:00"), span(t, "13d")), at(t, "2081-01-02 12:00"); !have.Equal(want) {
		t.Errorf("due %s, want %s", have, want)
	}
	if have, want := Add(berlin, at(t, "2080-12-30 12:00"), span(t, "1d")), at(t, "2080-12-31 12:00"); !have.Equal(want) {
		t.Errorf("due %s, want %s", have, want)
	}
}

func TestACalendarWithoutWorkingDaysDoesNotWork(t *testing.T) {
	t.Parallel()
	idle := office(time.UTC)
	clear(idle.Days)
	if Works(idle) || Works(nil) || !Works(office(time.UTC)) || !Works(civil(time.UTC)) {
		t.Error("only a calendar with a working day works")
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	if have, want := After(office(time.UTC), at(t, "2026-11-13 16:00"), 90*time.Minute), at(t, "2026-11-16 09:30"); !have.Equal(want) {
		t.Errorf("90 working minutes after Friday 16:00 are %s, want %s", have, want)
	}
	if have, want := After(civil(time.UTC), at(t, "1969-12-30 16:00"), time.Hour), at(t, "1969-12-30 17:00"); !have.Equal(want) {
		t.Errorf("an hour later is %s, want %s", have, want)
	}
	if have, want := Add(office(time.UTC), at(t, "1969-12-30 16:00"), span(t, "2bd")), at(t, "1970-01-01 16:00"); !have.Equal(want) {
		t.Errorf("two business days later, over 1970, are %s, want %s", have, want)
	}
}
