// Package locale writes moments, days, numbers and amounts as the one who reads
// them is used to: in their zone, in the order and with the separators of their
// place. It is the one way to write any of them where a person reads: pages,
// pictures and reports are handed a Reader and ask it. It knows no page and no
// request. What programs read is written by Machine.
package locale

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a reader's zone means the same on a machine without zone files

	"golang.org/x/text/language"
	printer "golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Reader says moments, days and numbers as the one who reads wants them. It is made
// once a request and cheap to ask. A nil Reader reads in UTC and in the way of the
// house: "14 Dec 2026 09:00 UTC", "1,000".
//
// A value at midnight UTC exactly is a day, as a date field leaves it, and no
// instant: no zone ever moves it.
type Reader struct {
	zone   *time.Location
	locale *Locale

	// Precise is a reader who wants every instant exactly, to the second: what a page
	// else says when somebody points at a day.
	Precise bool
}

// Locale is one way to write dates and numbers. The words stay those of the page.
type Locale struct {
	Tag, Name string
	order     order

	group, point string // separators of thousands and of decimals
	indian       bool   // groups of two above the thousand
}

// order is which part of a date comes first; the month is always a word, so that
// none can be taken for another.
type order byte

const (
	dayFirst order = iota
	monthFirst
	yearFirst
	machineFirst // as ISO 8601 has it
)

// Machine writes for programs: days by ISO 8601 in UTC, numbers in plain digits with
// a point, nothing shortened.
var Machine = &Reader{locale: &Locale{Tag: "und", order: machineFirst, point: "."}}

// locales are those that a reader can choose; the first is the house's own.
var locales = []*Locale{
	{Tag: "en-GB", Name: "English (United Kingdom)"}, {Tag: "en-US", Name: "English (United States)", order: monthFirst}, {Tag: "en-AU", Name: "English (Australia)"},
	{Tag: "en-CA", Name: "English (Canada)", order: monthFirst}, {Tag: "en-IN", Name: "English (India)"}, {Tag: "en-IE", Name: "English (Ireland)"},
	{Tag: "en-NZ", Name: "English (New Zealand)"}, {Tag: "en-ZA", Name: "English (South Africa)"},
	{Tag: "cs", Name: "Čeština"}, {Tag: "da", Name: "Dansk"}, {Tag: "de", Name: "Deutsch"}, {Tag: "de-CH", Name: "Deutsch (Schweiz)"}, {Tag: "et", Name: "Eesti"},
	{Tag: "es", Name: "Español"}, {Tag: "es-MX", Name: "Español (México)"}, {Tag: "fr", Name: "Français"}, {Tag: "fr-CA", Name: "Français (Canada)"}, {Tag: "fr-CH", Name: "Français (Suisse)"},
	{Tag: "hr", Name: "Hrvatski"}, {Tag: "it", Name: "Italiano"}, {Tag: "lt", Name: "Lietuvių", order: yearFirst}, {Tag: "hu", Name: "Magyar", order: yearFirst},
	{Tag: "nl", Name: "Nederlands"}, {Tag: "nb", Name: "Norsk"}, {Tag: "pl", Name: "Polski"}, {Tag: "pt-BR", Name: "Português (Brasil)"}, {Tag: "pt-PT", Name: "Português (Portugal)"},
	{Tag: "ro", Name: "Română"}, {Tag: "sk", Name: "Slovenčina"}, {Tag: "sl", Name: "Slovenščina"}, {Tag: "fi", Name: "Suomi"}, {Tag: "sv", Name: "Svenska"},
	{Tag: "tr", Name: "Türkçe"}, {Tag: "vi", Name: "Tiếng Việt"}, {Tag: "el", Name: "Ελληνικά"}, {Tag: "uk", Name: "Українська"}, {Tag: "he", Name: "עברית"},
	{Tag: "hi", Name: "हिन्दी"}, {Tag: "ja", Name: "日本語", order: yearFirst}, {Tag: "ko", Name: "한국어", order: yearFirst}, {Tag: "zh-Hans", Name: "中文（简体）", order: yearFirst},
	{Tag: "zh-Hant", Name: "中文（繁體）", order: yearFirst},
}

// spoken asks the tables of the Unicode consortium once how each locale writes a
// number; pages then only use what came of it.
var spoken = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, l := range locales {
		tag := language.Make(l.Tag)
		tags = append(tags, tag)
		l.learn(printer.NewPrinter(tag).Sprint(number.Decimal(12345678.5)))
	}
	return language.NewMatcher(tags)
})

var separators = regexp.MustCompile(`^(\d+)(\D)(\d+)(\D)(\d+)(?:(\D)(\d+))?(\D)5$`)

// learn reads the separators off 12345678.5 as the locale writes it. What is not in
// plain digits leaves those of the house.
func (l *Locale) learn(sample string) {
	l.group, l.point = ",", "."
	if m := separators.FindStringSubmatch(sample); m != nil {
		l.group, l.point, l.indian = m[2], m[8], m[6] != ""
	}
	if l.group == " " || l.group == "\u00a0" {
		l.group = "\u202f" // narrow, and never where a line ends
	}
}

// Choice is a locale that a reader can choose, with a date and a number as it
// writes them.
type Choice struct{ Tag, Says string }

// Choices lists what a reader can choose.
func Choices() []Choice {
	spoken()
	var out []Choice
	sample := time.Date(2026, time.December, 14, 0, 0, 0, 0, time.UTC)
	for _, l := range locales {
		r := &Reader{locale: l}
		out = append(out, Choice{l.Tag, l.Name + ": " + r.Date(sample) + ", " + r.Decimal(1234567.8, 1)})
	}
	return out
}

// known remembers what was asked for before: zones by name and locales by what a
// browser sent. Both lists are short, whatever is sent.
var known = struct {
	sync.Mutex
	zones   map[string]*time.Location
	locales map[string]*Locale
}{zones: map[string]*time.Location{}, locales: map[string]*Locale{}}

const mostKnown = 2000

var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)

// Zone returns the zone of an IANA name, such as Europe/Amsterdam.
func Zone(name string) (*time.Location, bool) {
	if len(name) > 64 || !zoneName.MatchString(name) || name == "Local" || strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
		return nil, false
	}
	known.Lock()
	defer known.Unlock()
	if z, ok := known.zones[name]; ok {
		return z, z != nil
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		z = nil
	}
	if len(known.zones) < mostKnown {
		known.zones[name] = z
	}
	return z, z != nil
}

// Nearest returns the locale of a tag that was chosen, or nearest to what a browser
// asks for: "de", "de-AT,de;q=0.9,en;q=0.5".
func Nearest(asked string) *Locale {
	matcher := spoken()
	if asked == "" || len(asked) > 400 {
		return locales[0]
	}
	known.Lock()
	defer known.Unlock()
	l, ok := known.locales[asked]
	if ok {
		return l
	}
	l = locales[0]
	if tags, _, err := language.ParseAcceptLanguage(asked); err == nil && len(tags) > 0 {
		if _, at, sure := matcher.Match(tags...); sure > language.No {
			l = locales[at]
		}
	}
	if len(known.locales) < mostKnown {
		known.locales[asked] = l
	}
	return l
}

// NewReader returns the reader of the first zone that is one and the first locale
// that is named; without any it is UTC and the house's own.
func NewReader(zones, wanted []string) *Reader {
	r := &Reader{}
	for _, name := range zones {
		if z, ok := Zone(name); ok {
			r.zone = z
			break
		}
	}
	for _, l := range wanted {
		if l != "" {
			r.locale = Nearest(l)
			break
		}
	}
	return r
}

// House reads in UTC and in the way of the house: for what is the same for everybody.
var House *Reader

// IsDay tells whether t is a day and no instant.
func IsDay(t time.Time) bool { return t.Unix()%86400 == 0 && t.Nanosecond() == 0 }

// in returns t as the reader's clock shows it.
func (r *Reader) in(t time.Time) time.Time {
	if r == nil || r.zone == nil || IsDay(t) {
		return t.UTC()
	}
	return t.In(r.zone)
}

func (r *Reader) order() order {
	if r == nil || r.locale == nil {
		return dayFirst
	}
	return r.locale.order
}

// IsPrecise tells whether the reader wants every instant exactly.
func (r *Reader) IsPrecise() bool { return r != nil && r.Precise }

// ZoneName is the name of the reader's zone: "Europe/Amsterdam", "UTC".
func (r *Reader) ZoneName() string {
	if r == nil || r.zone == nil {
		return "UTC"
	}
	return r.zone.String()
}

// Tag is the tag of the reader's locale.
func (r *Reader) Tag() string {
	if r == nil || r.locale == nil {
		return locales[0].Tag
	}
	return r.locale.Tag
}

// Date returns the day of t for the reader: "14 Dec 2026", "Dec 14, 2026".
func (r *Reader) Date(t time.Time) string {
	return string(r.AppendDate(make([]byte, 0, 16), t))
}

// AppendDate appends what Date returns, for where there are many.
func (r *Reader) AppendDate(b []byte, t time.Time) []byte { return r.appendDate(b, r.in(t), 3) }

// Long returns the day of t with its weekday: "Monday, 14 December 2026".
func (r *Reader) Long(t time.Time) string {
	t = r.in(t)
	return string(r.appendDate(append(append(make([]byte, 0, 40), t.Weekday().String()...), ", "...), t, 0))
}

// Month returns the month of t, which is a month of UTC: "December 2026".
func (r *Reader) Month(t time.Time) string { return r.month(t, "January", "2006") }

// ShortMonth returns the month of t by three letters: "Dec 2026", "2026 Dec".
func (r *Reader) ShortMonth(t time.Time) string { return r.month(t, "Jan", "2006") }

// TightMonth is ShortMonth where there is little room: "Dec ’26".
func (r *Reader) TightMonth(t time.Time) string { return r.month(t, "Jan", "’06") }

func (r *Reader) month(t time.Time, month, year string) string {
	t = t.UTC()
	switch r.order() {
	case machineFirst:
		return t.Format("2006-01")
	case yearFirst:
		return t.Format(year + " " + month)
	}
	return t.Format(month + " " + year)
}

// DayOfMonth returns the day of t without its year, by UTC: "14 Dec", "Dec 14".
func (r *Reader) DayOfMonth(t time.Time) string {
	if r.order() == dayFirst {
		return t.UTC().Format("2 Jan")
	}
	return t.UTC().Format("Jan 2")
}

// Clock returns the time of day: "09:00".
func (r *Reader) Clock(t time.Time) string {
	if IsDay(t) && r != nil && r.zone != nil {
		t = t.In(r.zone) // here somebody asks for the time of day, so it is an instant
	} else {
		t = r.in(t)
	}
	return string(r.appendClock(make([]byte, 0, 8), t))
}

// Exact returns t as people write an instant, with its zone: "14 Dec 2026 09:00 UTC",
// "14 Dec 2026 10:00 UTC+1". Also midnight is an instant here.
func (r *Reader) Exact(t time.Time) string {
	t = t.UTC()
	if r != nil && r.zone != nil {
		t = t.In(r.zone)
	}
	b := append(r.appendDate(make([]byte, 0, 32), t, 3), ' ')
	b = append(r.appendClock(b, t), ' ')
	return string(appendOffset(b, t))
}

// Moment returns t by its day where it is one, else exactly.
func (r *Reader) Moment(t time.Time) string {
	if IsDay(t) {
		return r.Date(t)
	}
	return r.Exact(t)
}

// Offset returns how far the reader's clock is from UTC at t: "UTC+1".
func (r *Reader) Offset(t time.Time) string {
	if r != nil && r.zone != nil {
		return string(appendOffset(nil, t.In(r.zone)))
	}
	return "UTC"
}

// Whole returns the day of t by UTC, whatever the reader's zone: for spans that are
// counted in whole days of UTC.
func (r *Reader) Whole(t time.Time) string {
	return string(r.appendDate(make([]byte, 0, 16), t.UTC(), 3))
}

// Last returns the last day of a span that ends before t, by UTC.
func (r *Reader) Last(t time.Time) string { return r.Whole(t.Add(-time.Microsecond)) }

// SameDay tells whether two moments are on one day of the reader.
func (r *Reader) SameDay(a, b time.Time) bool {
	a, b = r.in(a), r.in(b)
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}

// appendDate appends the day of t, the month with as many letters as said; 0 is all.
func (r *Reader) appendDate(b []byte, t time.Time, letters int) []byte {
	if r.order() == machineFirst {
		return t.AppendFormat(b, time.DateOnly)
	}
	y, m, d := t.Date()
	month := m.String()
	if letters > 0 {
		month = month[:letters]
	}
	switch r.order() {
	case monthFirst:
		b = append(append(b, month...), ' ')
		b = append(strconv.AppendInt(b, int64(d), 10), ", "...)
		return strconv.AppendInt(b, int64(y), 10)
	case yearFirst:
		b = append(strconv.AppendInt(b, int64(y), 10), ' ')
		b = append(append(b, month...), ' ')
		return strconv.AppendInt(b, int64(d), 10)
	}
	b = append(strconv.AppendInt(b, int64(d), 10), ' ')
	b = append(append(b, month...), ' ')
	return strconv.AppendInt(b, int64(y), 10)
}

func (r *Reader) appendClock(b []byte, t time.Time) []byte {
	h, m, s := t.Clock()
	b = append(b, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10))
	if r.IsPrecise() {
		b = append(b, ':', byte('0'+s/10), byte('0'+s%10))
	}
	return b
}

// appendOffset appends the distance from UTC: a letter code of a zone means several
// places, this means one.
func appendOffset(b []byte, t time.Time) []byte {
	b = append(b, "UTC"...)
	_, s := t.Zone()
	if s == 0 {
		return b
	}
	sign := byte('+')
	if s < 0 {
		sign, s = '-', -s
	}
	b = strconv.AppendInt(append(b, sign), int64(s/3600), 10)
	if m := s % 3600 / 60; m != 0 {
		b = append(b, ':', byte('0'+m/10), byte('0'+m%10))
	}
	return b
}
