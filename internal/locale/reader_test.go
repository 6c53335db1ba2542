package locale

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// anyReader is one of all that can be chosen.
func anyReader(r *rand.Rand) *Reader {
	zones := []string{"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Kolkata", ""}
	return NewReader([]string{zones[r.IntN(len(zones))]}, []string{locales[r.IntN(len(locales))].Tag})
}

func anyMoment(r *rand.Rand) time.Time {
	return time.Unix(r.Int64N(4_000_000_000), r.Int64N(1_000_000_000)).UTC()
}

func TestADayIsTheSameForEverybody(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		day, who := anyMoment(r).Truncate(24*time.Hour), anyReader(r)
		utc := NewReader(nil, []string{who.Tag()})
		if have, want := who.Date(day), utc.Date(day); have != want {
			t.Fatalf("%s in %s is read as %s, want %s", day, who.ZoneName(), have, want)
		}
		if have, want := who.Moment(day), utc.Date(day); have != want {
			t.Fatalf("%s in %s is read as %s, want %s", day, who.ZoneName(), have, want)
		}
	}
}

// What a reader sees of an instant, with the zone beside it, is that instant.
func TestAnInstantCanBeReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	offset := regexp.MustCompile(`^(.*) (\d\d:\d\d) UTC(?:([+-]\d+)(?::(\d\d))?)?$`)
	layouts := map[order]string{dayFirst: "2 Jan 2006 15:04", monthFirst: "Jan 2, 2006 15:04", yearFirst: "2006 Jan 2 15:04"}
	for range 5000 {
		at, who := anyMoment(r), anyReader(r)
		m := offset.FindStringSubmatch(who.Exact(at))
		if m == nil {
			t.Fatalf("%s is read as %q", at, who.Exact(at))
		}
		hours, _ := strconv.Atoi("0" + strings.TrimLeft(m[3], "+-"))
		minutes, _ := strconv.Atoi("0" + m[4])
		seconds := hours*3600 + minutes*60
		if strings.HasPrefix(m[3], "-") {
			seconds = -seconds
		}
		have, err := time.ParseInLocation(layouts[who.order()], m[1]+" "+m[2], time.FixedZone("", seconds))
		if err != nil || !have.Equal(at.Truncate(time.Minute)) {
			t.Fatalf("%s in %s is read as %q, which is %s (%v)", at, who.ZoneName(), who.Exact(at), have.UTC(), err)
		}
		if date := who.Date(at); !IsDay(at) && !strings.HasPrefix(who.Exact(at), date+" ") {
			t.Fatalf("the day of %s in %s is %s, and exactly %s", at, who.ZoneName(), date, who.Exact(at))
		}
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	plain := regexp.MustCompile(`[^0-9]`)
	for range 5000 {
		n, who := r.IntN(1<<40)>>r.IntN(40), anyReader(r)
		if have, want := plain.ReplaceAllString(who.Number(n), ""), strconv.Itoa(n); have != want {
			t.Fatalf("%d is written %q in %s", n, who.Number(n), who.Tag())
		}
		if x := float64(n%1_000_000) / 4; plain.ReplaceAllString(who.Decimal(x, 2), "") != plain.ReplaceAllString(strconv.FormatFloat(x, 'f', 2, 64), "") {
			t.Fatalf("%v is written %q in %s", x, who.Decimal(x, 2), who.Tag())
		}
	}
}

var winter = time.Date(2026, 12, 14, 23, 30, 0, 0, time.UTC)

func TestReadersByPlace(t *testing.T) {
	summer := time.Date(2026, 7, 1, 9, 5, 0, 0, time.UTC)
	cases := []struct {
		name, zone, asked   string
		date, exact, number string
	}{
		{"nobody said", "", "", "14 Dec 2026", "14 Dec 2026 23:30 UTC", "1,234,567.5"},
		{"a zone behind midnight", "Europe/Berlin", "de-DE,de;q=0.9,en;q=0.5", "15 Dec 2026", "15 Dec 2026 00:30 UTC+1", "1.234.567,5"},
		{"a half-hour zone, lakhs", "Asia/Kolkata", "en-IN", "15 Dec 2026", "15 Dec 2026 05:00 UTC+5:30", "12,34,567.5"},
		{"the month first", "America/New_York", "en-US,en;q=0.9", "Dec 14, 2026", "Dec 14, 2026 18:30 UTC-5", "1,234,567.5"},
		{"the year first", "Asia/Tokyo", "ja", "2026 Dec 15", "2026 Dec 15 08:30 UTC+9", "1,234,567.5"},
		{"spaces between thousands", "Europe/Paris", "fr-FR", "15 Dec 2026", "15 Dec 2026 00:30 UTC+1", "1\u202f234\u202f567,5"},
		{"a zone that is none", "Mars/Olympus", "en-GB", "14 Dec 2026", "14 Dec 2026 23:30 UTC", "1,234,567.5"},
		{"a path instead of a zone", "../../etc/passwd", "tlh", "14 Dec 2026", "14 Dec 2026 23:30 UTC", "1,234,567.5"},
		{"noise instead of a language", "UTC", strings.Repeat("x", 5000), "14 Dec 2026", "14 Dec 2026 23:30 UTC", "1,234,567.5"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader([]string{c.zone}, []string{c.asked})
			for _, x := range [][2]string{{r.Date(winter), c.date}, {r.Exact(winter), c.exact}, {r.Decimal(1234567.5, 1), c.number}} {
				if x[0] != x[1] {
					t.Errorf("have %q, want %q", x[0], x[1])
				}
			}
		})
	}
	if have := NewReader([]string{"Europe/Berlin"}, nil).Exact(summer); have != "1 Jul 2026 11:05 UTC+2" {
		t.Errorf("in summer %q", have)
	}
}

// What comes before the zone in a page is the account's word, then the browser's.
func TestTheFirstZoneThatIsOneCounts(t *testing.T) {
	if have := NewReader([]string{"", "Nowhere/At_All", "Asia/Tokyo", "UTC"}, nil).ZoneName(); have != "Asia/Tokyo" {
		t.Errorf("have %s", have)
	}
}

func BenchmarkReader(b *testing.B) {
	r := NewReader([]string{"Europe/Berlin"}, []string{"de"})
	at := time.Date(2026, 12, 14, 23, 30, 0, 0, time.UTC)
	b.Run("date", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = r.Date(at)
		}
	})
	b.Run("made for a request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = NewReader([]string{"", "Europe/Berlin"}, []string{"", "de-DE,de;q=0.9,en;q=0.5"})
		}
	})
}
