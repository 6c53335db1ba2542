package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/locale"
)

func TestMomentsOfAPage(t *testing.T) {
	at, day := time.Date(2026, 12, 14, 23, 30, 0, 0, time.UTC), time.Date(2026, 12, 14, 0, 0, 0, 0, time.UTC)
	reader := locale.NewReader([]string{"Europe/Berlin"}, nil)
	berlin := Read(t.Context(), reader)
	show := func(c templ.Component) string {
		var b strings.Builder
		if err := c.Render(berlin, &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	cases := []struct{ name, have, want string }{
		{"a day of an instant", show(Day(at)), `<time datetime="2026-12-14T23:30:00Z" title="00:30:00 UTC+1" class="nowrap">15 Dec 2026</time>`},
		{"a day that is one", show(Day(day)), `<time datetime="2026-12-14" title="the whole day, UTC" class="nowrap">14 Dec 2026</time>`},
		{"an instant", show(Instant(at)), `<time datetime="2026-12-14T23:30:00Z" title="2026-12-14T23:30:00Z" class="nowrap">15 Dec 2026 00:30 UTC+1</time>`},
		{"an embargo that ends at midnight UTC is an instant", show(Instant(day)), `<time datetime="2026-12-14T00:00:00Z" title="2026-12-14T00:00:00Z" class="nowrap">14 Dec 2026 01:00 UTC+1</time>`},
	}
	reader.Precise = true
	cases = append(cases, []struct{ name, have, want string }{
		{"exactly, a day of an instant", show(Day(at)), `<time datetime="2026-12-14T23:30:00Z">15 Dec 2026 00:30:00 UTC+1</time>`},
		{"exactly, a day that is one", show(Day(day)), `<time datetime="2026-12-14">14 Dec 2026</time>`},
		{"exactly, what was some time ago", show(Ago(at.Add(time.Second))), `<time datetime="2026-12-14T23:30:01Z">15 Dec 2026 00:30:01 UTC+1</time>`},
	}...)
	for _, c := range cases {
		if c.have != c.want {
			t.Errorf("%s:\nhave %s\nwant %s", c.name, c.have, c.want)
		}
	}
}
