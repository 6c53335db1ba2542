package locale

import (
	"math"
	"testing"
)

func TestFiguresAreShort(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", 9.5: "9.5", 12.34: "12.3", 999.4: "999", 1200: "1,200", 9994: "9,994", 12_340: "12.3\u00a0k", 999_499: "999\u00a0k",
		1.2e6: "1.2\u00a0M", 3.456e9: "3.46\u00a0G", 7e12: "7\u00a0T", -1.5e6: "−1.5\u00a0M", .004: "0", 1e300: "1e+300", -.001: "0",
		math.NaN(): "–", math.Inf(1): "–", math.Inf(-1): "–",
	} {
		if have := House.Figure(v); have != want {
			t.Errorf("%v is written %q, want %q", v, have, want)
		}
	}
}

func TestTheSameForSeveralReaders(t *testing.T) {
	type row struct{ figure, value, money, percent, tiny, day, month string }
	want := map[string]row{
		"":      {"1,234", "−1,234.5", "1.2\u00a0M\u00a0EUR", "12.5\u00a0%", "under\u00a00.01\u00a0%", "14 Dec", "Dec ’26"},
		"en-US": {"1,234", "−1,234.5", "1.2\u00a0M\u00a0EUR", "12.5\u00a0%", "under\u00a00.01\u00a0%", "Dec 14", "Dec ’26"},
		"de":    {"1.234", "−1.234,5", "1,2\u00a0M\u00a0EUR", "12,5\u00a0%", "under\u00a00,01\u00a0%", "14 Dec", "Dec ’26"},
		"de-CH": {"1’234", "−1’234.5", "1.2\u00a0M\u00a0EUR", "12.5\u00a0%", "under\u00a00.01\u00a0%", "14 Dec", "Dec ’26"},
		"fr":    {"1\u202f234", "−1\u202f234,5", "1,2\u00a0M\u00a0EUR", "12,5\u00a0%", "under\u00a00,01\u00a0%", "14 Dec", "Dec ’26"},
		"es":    {"1.234", "−1.234,5", "1,2\u00a0M\u00a0EUR", "12,5\u00a0%", "under\u00a00,01\u00a0%", "14 Dec", "Dec ’26"},
		"ja":    {"1,234", "−1,234.5", "1.2\u00a0M\u00a0EUR", "12.5\u00a0%", "under\u00a00.01\u00a0%", "Dec 14", "’26 Dec"},
	}
	for tag, want := range want {
		r := NewReader(nil, []string{tag})
		have := row{r.Figure(1234), r.Value(-1234.504, 2), r.Money(1.2e6, "EUR"), r.Percent(.125), r.Percent(1e-7), r.DayOfMonth(winter), r.TightMonth(winter)}
		if have != want {
			t.Errorf("%s:\nhave %q\nwant %q", tag, have, want)
		}
	}
	for have, want := range map[string]string{Machine.Figure(1234567.25): "1234567.25", Machine.Value(-1234.5, 2): "-1234.5", Machine.Number(10412): "10412", Machine.Date(winter): "2026-12-14",
		Machine.ShortMonth(winter): "2026-12", Machine.Percent(.125): "12.5 %", Machine.Money(1.2e6, "EUR"): "1200000\u00a0EUR"} {
		if have != want {
			t.Errorf("for programs %q, want %q", have, want)
		}
	}
}

func TestACountEndsWhereItWasEnded(t *testing.T) {
	de := NewReader(nil, []string{"de"})
	for _, c := range []struct {
		name, have, want string
	}{
		{"few", House.Counted(812, 1000), "812"}, {"exactly as many as are counted", House.Counted(1000, 1000), "1,000"},
		{"more", House.Counted(1001, 1000), "1,000+"}, {"in the reader's own writing", de.Counted(1001, 1000), "1.000+"},
	} {
		if c.have != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.have, c.want)
		}
	}
}

func TestASentenceOfTheHouseIsRetold(t *testing.T) {
	de, us := NewReader([]string{"Europe/Berlin"}, []string{"de"}), NewReader([]string{"America/New_York"}, []string{"en-US"})
	cases := []struct {
		name, have, want string
	}{
		{"a day", de.Days("the last sync was on 2026-11-06"), "the last sync was on 6 Nov 2026"},
		{"a day of the house", us.Days("Raised on 21 Oct 2026"), "Raised on Oct 21, 2026"},
		{"an instant", us.Days("Started 2026-10-28 02:22 UTC on triage"), "Started Oct 27, 2026 22:22 UTC-4 on triage"},
		{"with seconds", de.Days("due 2026-07-01 22:30:05 UTC."), "due 2 Jul 2026 00:30 UTC+2."},
		{"decimals stay where a person may speak", de.Days("upgrade to 7.14 by 2026-11-06"), "upgrade to 7.14 by 6 Nov 2026"},
		{"decimals of the house", de.Said("0.43 events are to be expected (at least 0.3), 1.07 times the baseline of -0.4."), "0,43 events are to be expected (at least 0,3), 1,07 times the baseline of -0,4."},
		{"what is no day", de.Said("2026-13-45 and CVE-2026-12345 of v1.2"), "2026-13-45 and CVE-2026-12345 of v1.2"},
		{"the house", House.Said("0.5 since 2026-11-06"), "0.5 since 6 Nov 2026"},
	}
	for _, c := range cases {
		if c.have != c.want {
			t.Errorf("%s: have %q, want %q", c.name, c.have, c.want)
		}
	}
}
