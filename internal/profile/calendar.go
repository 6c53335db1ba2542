package profile

import (
	"encoding/json"
	"fmt"
	"time"
)

// Calendar says which hours count. A calendar of the kind "calendar" counts all
// of them; one of the kind "business" counts the working hours of its days that
// are no holidays.
type Calendar struct {
	Name     string
	Title    string
	Kind     string // "calendar" or "business"
	Zone     *time.Location
	Days     map[time.Weekday]bool
	From, To time.Duration     // working hours since midnight; 0 and 24h are whole days
	Holidays map[string]string // "2026-12-25" -> name
}

// The kinds of calendar.
const (
	KindCalendar = "calendar"
	KindBusiness = "business"
)

// MarshalJSON writes the calendar with names for its zone, days and hours.
func (c *Calendar) MarshalJSON() ([]byte, error) {
	var days []string
	for _, d := range c.weekdays() {
		days = append(days, dayName(d))
	}
	return json.Marshal(struct {
		Name     string            `json:"name"`
		Title    string            `json:"title"`
		Kind     string            `json:"kind"`
		Zone     string            `json:"zone"`
		Days     []string          `json:"days,omitempty"`
		Hours    string            `json:"hours,omitempty"`
		Holidays map[string]string `json:"holidays,omitempty"`
	}{c.Name, c.Title, c.Kind, c.Zone.String(), days, c.hours(), c.Holidays})
}

// weekdays lists the days that count, from Monday.
func (c *Calendar) weekdays() []time.Weekday {
	var out []time.Weekday
	for i := range time.Weekday(7) {
		if d := (i + time.Monday) % 7; c.Days[d] {
			out = append(out, d)
		}
	}
	return out
}

// hours writes the working hours as "09:00-17:30"; whole days are "".
func (c *Calendar) hours() string {
	if c.From == 0 && c.To == 24*time.Hour {
		return ""
	}
	clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
	return clock(c.From) + "-" + clock(c.To)
}

// dayName writes a weekday as profiles spell it: "mon".
func dayName(d time.Weekday) string {
	return [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[d]
}
