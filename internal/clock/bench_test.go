package clock

import (
	"testing"
	"time"

	"tocsin/internal/profile"
)

// BenchmarkRun replays a case of 200 events on eight clocks, half of them in
// business days.
func BenchmarkRun(b *testing.B) {
	p := &profile.Profile{Calendars: map[string]*profile.Calendar{"calendar": civil(time.UTC), "office": office(zone(b, "Europe/Berlin"), "2026-12-25")}}
	for i := range 8 {
		spec := *assessment(b)
		if i%2 == 1 {
			spec.Calendar, spec.Target = "office", map[string]profile.Span{"": {N: 10, Unit: "bd"}}
		}
		p.Clocks = append(p.Clocks, spec)
	}
	start := at(b, "2026-11-01")
	events := []Event{{start, EventSeverity, map[string]string{"severity": "high"}}, {At: start, Name: "enter:assessment"}}
	names := []string{"message:in", "note", "paused", "message:out", "resumed", "note", "vote", "file", "note", "mention"}
	for i := range 198 {
		events = append(events, Event{At: start.Add(time.Duration(i+1) * 3 * time.Hour), Name: names[i%len(names)]})
	}
	now := start.AddDate(0, 2, 0)
	b.ReportAllocs()
	for b.Loop() {
		Run(p, "case", events, now)
	}
}
