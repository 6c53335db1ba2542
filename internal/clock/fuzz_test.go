package clock

import (
	"encoding/json"
	"testing"
	"time"

	"tocsin/internal/profile"
)

// FuzzRun feeds events as a store may give them back: any name, any data, any
// order. Whatever comes, the answer is the same twice, and history only grows.
func FuzzRun(f *testing.F) {
	f.Add([]byte(`[{"At":"2026-11-15T09:00:00Z","Name":"opened"},{"At":"2026-11-16T09:00:00Z","Name":"severity","Data":{"severity":"high"}}]`), int64(86400*40), "Europe/Berlin")
	f.Add([]byte(`[{"At":"2026-03-28T02:30:00Z","Name":"opened"},{"At":"2026-11-16T09:00:00Z","Name":"extended","Data":{"clock":"c","span":"3660d"}}]`), int64(86400*400), "Australia/Lord_Howe")
	f.Add([]byte(`[{"At":"2011-12-29T09:00:00Z","Name":"opened"},{"At":"2011-12-29T23:59:59.999999Z","Name":"paused"},{"At":"2012-01-01T00:00:00Z","Name":"resumed"}]`), int64(0), "Pacific/Apia")
	f.Add([]byte(`[{"At":"2026-11-15T09:00:00Z","Name":"closed"},{"At":"2026-11-15T09:00:00Z","Name":"opened"},{"At":"2026-11-15T09:00:00Z","Name":"opened"}]`), int64(1), "")
	spec := &profile.Clock{
		Name: "c", Start: []string{"opened"}, Stop: []string{"closed"}, Pause: []string{"paused"}, Resume: []string{"resumed"},
		Target: map[string]profile.Span{"high": {N: 5, Unit: "bd"}, "": {N: 10, Unit: "d"}}, Warn: []profile.Span{{N: 1, Unit: "bd"}, {N: 2, Unit: "h"}},
	}
	f.Fuzz(func(t *testing.T, text []byte, ahead int64, name string) {
		var events []Event
		z, err := time.LoadLocation(name)
		if json.Unmarshal(text, &events) != nil || len(events) > 50 || err != nil {
			return
		}
		now := time.Unix(1_700_000_000, 0).Add(time.Duration(ahead%(200*365*86400)) * time.Second)
		for _, e := range events {
			if e.At.Year() < 1800 || e.At.Year() > 2300 {
				return
			}
			now = later(now, e.At)
		}
		for _, cal := range []*profile.Calendar{civil(z), office(z, "2026-12-25")} {
			a, b := RunOne(spec, cal, events, now), RunOne(spec, cal, events, now.Add(time.Hour))
			if len(a.Why) > len(b.Why) || a.Breached && !a.BreachedAt.Equal(b.BreachedAt) {
				t.Errorf("history %q became %q", a.Why, b.Why)
			}
			if a.Used < 0 || a.Used > 1 || a.Left < 0 || a.Over < 0 {
				t.Errorf("used %v, left %s, over %s", a.Used, a.Left, a.Over)
			}
		}
	})
}
