package clock

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"tocsin/internal/profile"
)

var cases = flag.Int("clock.cases", 20_000, "how many random cases the oracle checks")

// zones behave in all the ways that zones do: DST north and south, half an hour of
// it, at midnight, a minute past midnight and backwards in winter; odd offsets; a
// skipped day; a changed mind.
var zones = []string{
	"UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
	"America/Havana", "America/Santiago", "America/Asuncion", "America/Caracas", "Australia/Lord_Howe", "Australia/Sydney",
	"Australia/Eucla", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran", "Asia/Gaza", "Asia/Amman", "Asia/Beirut", "Asia/Pyongyang",
	"Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kwajalein", "Pacific/Kiritimati", "Pacific/Chatham", "Pacific/Auckland",
	"Africa/Casablanca", "Africa/Cairo", "Antarctica/Troll", "Antarctica/Casey", "Atlantic/Azores", "Africa/Juba",
}

// allZones adds every zone that the system's table lists, where it has one.
func allZones() []string {
	f, err := os.Open("/usr/share/zoneinfo/zone1970.tab")
	if err != nil {
		return zones
	}
	defer f.Close()
	all := append([]string(nil), zones...)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if cells := strings.Split(lines.Text(), "\t"); len(cells) > 2 && !strings.HasPrefix(cells[0], "#") {
			all = append(all, cells[2])
		}
	}
	return all
}

// minutes is the oracle: it looks at the wall minute by minute and knows no
// arithmetic of days. A minute works on the day in whose hours the furthest that
// the wall has come lies.
type minutes struct {
	cal   *profile.Calendar
	start int64 // the UTC second of minute 0
	wall  []int64
	best  []int64 // the furthest that the wall has come
	works []int64 // the working day; -1 none

	until, offset int64 // the zone's offset, good until that second
	dates         [2]struct {
		date int64
		on   bool
	}
}

const (
	lead   = 3 * 24 * 60 // minutes looked at before the start, to know how far the wall has come
	nobody = int64(-1 << 40)
)

func (m *minutes) reset(cal *profile.Calendar, start time.Time) {
	m.cal, m.start, m.until = cal, start.Unix()-lead*60, 0
	m.wall, m.best, m.works = m.wall[:0], m.best[:0], m.works[:0]
	m.dates[0].date, m.dates[1].date = nobody, nobody
}

// to makes sure that minute i has been looked at.
func (m *minutes) to(i int) {
	for n := len(m.wall); n <= i; n++ {
		u := m.start + int64(n)*60
		if u >= m.until {
			m.look(u)
		}
		wall := u + m.offset
		best := wall
		if n > 0 {
			best = max(best, m.best[n-1])
		}
		m.wall, m.best, m.works = append(m.wall, wall), append(m.best, best), append(m.works, m.working(best))
	}
}

// look finds the zone's offset, which is good for at least a minute.
func (m *minutes) look(u int64) {
	t := time.Unix(u, 0).In(m.cal.Zone)
	_, off := t.Zone()
	m.offset, m.until = int64(off), u+60
	if _, end := t.ZoneBounds(); end.IsZero() || end.Unix() > m.until {
		m.until = u + 60*60
		if !end.IsZero() {
			m.until = min(m.until, end.Unix())
		}
	}
}

func (m *minutes) working(wall int64) int64 {
	if m.cal.Kind != profile.KindBusiness {
		return nobody
	}
	from, to := int64(m.cal.From/time.Second), int64(m.cal.To/time.Second)
	if to <= from {
		to += 24 * 60 * 60 // over midnight
	}
	for back := range int64(2) {
		date := wall/86400 - back
		if into := wall - date*86400; from <= into && into < to && m.on(date) {
			return date
		}
	}
	return nobody
}

// on tells that the calendar works on a date.
func (m *minutes) on(date int64) bool {
	d := &m.dates[date%2]
	if d.date != date {
		midnight := time.Unix(date*86400, 0).UTC()
		_, holiday := m.cal.Holidays[midnight.Format("2006-01-02")]
		d.date, d.on = date, m.cal.Days[midnight.Weekday()] && !holiday
	}
	return d.on
}

// reach returns the first minute from i on at which the wall has reached the time.
func (m *minutes) reach(i int, wall int64) int {
	for m.to(i); m.best[i] < wall; m.to(i) {
		i++
	}
	for i > 0 && m.best[i-1] >= wall {
		i--
	}
	return i
}

// pass returns the minute at which n counted minutes have passed since i.
func (m *minutes) pass(i, n int) int {
	if m.cal.Kind != profile.KindBusiness {
		return i + n
	}
	for ; n > 0; i++ {
		if m.to(i); m.works[i] != nobody {
			n--
		}
	}
	return i
}

func (m *minutes) counted(a, b int) (n int) {
	if m.cal.Kind != profile.KindBusiness {
		return b - a
	}
	m.to(b)
	for _, w := range m.works[a:b] {
		if w != nobody {
			n++
		}
	}
	return n
}

// days returns the minute n working days on from i, at the same time on the wall.
func (m *minutes) days(i, n int) int {
	for m.to(i); m.works[i] == nobody; m.to(i) {
		i++
	}
	day := m.works[i]
	into := m.wall[i] - day*86400
	if open := int64(m.cal.From / time.Second); m.works[i-1] != day || into < open {
		into = open
	}
	for ; n > 0; n-- {
		for m.to(i); m.works[i] == nobody || m.works[i] == day; m.to(i) {
			i++
		}
		day = m.works[i]
	}
	return m.reach(i, day*86400+into)
}

type pauseCase struct{ from, to int } // minutes after the start

type clockCase struct {
	zone   string
	cal    *profile.Calendar
	start  time.Time
	spans  []profile.Span
	pauses []pauseCase
	watch  int // now, in minutes after the start
}

func (c clockCase) String() string {
	return fmt.Sprintf("%s %s %s-%s days %v holidays %v start %s spans %v pauses %v now +%d min", c.zone, c.cal.Kind, c.cal.From, c.cal.To, c.cal.Days,
		c.cal.Holidays, c.start.Format(time.RFC3339), c.spans, c.pauses, c.watch)
}

// expect is when the oracle says that the case is due and late; late is -1 where
// it is not.
func (m *minutes) expect(c clockCase) (due, late int) {
	m.reset(c.cal, c.start)
	base := lead
	var d, bd, h int
	for _, s := range c.spans {
		switch {
		case s.Unit == "h":
			h += s.N
		case s.Unit == "bd" && c.cal.Kind == profile.KindBusiness:
			bd += s.N
		default:
			d += s.N
		}
	}
	if d > 0 {
		m.to(base)
		base = m.reach(base, m.wall[base]+int64(d)*86400)
	}
	if bd > 0 {
		base = m.days(base, bd)
	}
	base = m.pass(base, h*60)
	due, late = base, -1
	cursor, gaps, floor := lead, 0, 0
	run := func(to int) {
		if due < to && late < 0 {
			late = max(due, cursor)
		}
		cursor = to
	}
	for _, p := range c.pauses {
		run(lead + p.from)
		if due >= lead+p.from {
			floor = lead + p.to // what was in time when the pause began still is
		}
		gaps += m.counted(lead+p.from, lead+p.to)
		due = max(floor, m.pass(base, gaps))
		cursor = lead + p.to
	}
	run(lead + c.watch)
	return due, late
}

func (c clockCase) run() State {
	spec := &profile.Clock{Name: "c", Start: []string{"opened"}, Pause: []string{"paused"}, Resume: []string{"resumed"}, Target: map[string]profile.Span{"": c.spans[0]}}
	events := []Event{{At: c.start, Name: "opened"}}
	for _, s := range c.spans[1:] {
		events = append(events, Event{c.start, EventExtended, map[string]string{"clock": "c", "span": s.String()}})
	}
	for _, p := range c.pauses {
		events = append(events, Event{At: c.after(p.from), Name: "paused"}, Event{At: c.after(p.to), Name: "resumed"})
	}
	return RunOne(spec, c.cal, events, c.after(c.watch))
}

func (c clockCase) after(minutes int) time.Time {
	return c.start.Add(time.Duration(minutes) * time.Minute)
}

func drawCase(r *rand.Rand, zones []*time.Location) clockCase {
	zone := zones[r.IntN(len(zones))]
	c := clockCase{zone: zone.String(), cal: &profile.Calendar{Kind: profile.KindCalendar, Zone: zone}}
	from := time.Date(1973, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 60
	to := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 60
	c.start = time.Unix((from+r.Int64N(to-from))*60, 0).UTC()
	if r.IntN(2) == 0 { // near a night on which the wall jumps
		if _, end := c.start.In(zone).ZoneBounds(); !end.IsZero() && end.Year() < 2100 {
			c.start = end.Add(time.Duration(r.IntN(8*24*60)-6*24*60) * time.Minute).Truncate(time.Minute).UTC()
		}
	}
	if r.IntN(8) == 0 { // near a leap day
		c.start = time.Date(1976+4*r.IntN(30), 2, 27, r.IntN(72), r.IntN(60), 0, 0, time.UTC)
	}
	units := []string{"h", "d", "bd"}
	if r.IntN(4) > 0 {
		drawBusiness(r, &c)
	}
	for range 1 + r.IntN(2) {
		unit := units[r.IntN(3)]
		c.spans = append(c.spans, profile.Span{N: 1 + r.IntN(map[string]int{"h": 30, "d": 8, "bd": 5}[unit]), Unit: unit})
	}
	at := 0
	for range r.IntN(4) {
		a := at + r.IntN(3*24*60)
		at = a + 1 + r.IntN(2*24*60)
		c.pauses = append(c.pauses, pauseCase{a, at})
		at++
	}
	c.watch = at + r.IntN(12*24*60)
	return c
}

func drawBusiness(r *rand.Rand, c *clockCase) {
	c.cal.Kind = profile.KindBusiness
	hours := [][2]int{{9 * 60, 17 * 60}, {9 * 60, 17*60 + 30}, {0, 24 * 60}, {22 * 60, 6 * 60}, {0, 3 * 60}, {1*60 + 30, 2*60 + 30}, {12 * 60, 12 * 60}}
	h := hours[r.IntN(len(hours))]
	c.cal.From, c.cal.To = time.Duration(h[0])*time.Minute, time.Duration(h[1])*time.Minute
	c.cal.Days = map[time.Weekday]bool{}
	weeks := [][]time.Weekday{{1, 2, 3, 4, 5}, {0, 1, 2, 3, 4}, {1, 2, 3, 4, 5, 6}, {0, 1, 2, 3, 4, 5, 6}, {2, 4}}
	for _, d := range weeks[r.IntN(len(weeks))] {
		c.cal.Days[d] = true
	}
	c.cal.Holidays = map[string]string{}
	for range r.IntN(4) {
		c.cal.Holidays[c.start.AddDate(0, 0, r.IntN(20)-2).Format("2006-01-02")] = "a holiday"
	}
}

// wholeMinutes tells that the zone's offset is some whole minutes around t; the
// oracle sees nothing smaller.
func wholeMinutes(t time.Time, zone *time.Location) bool {
	_, a := t.AddDate(0, 0, -4).In(zone).Zone()
	_, b := t.AddDate(0, 6, 0).In(zone).Zone()
	return a%60 == 0 && b%60 == 0
}

func TestDueAndBreachAgreeWithWatchingTheWallMinuteByMinute(t *testing.T) {
	t.Parallel()
	var places []*time.Location
	for _, name := range allZones() {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("zone %s: %v", name, err)
		}
		places = append(places, zone)
	}
	const workers = 2
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var m minutes
			for i := w; i < *cases && !t.Failed(); i += workers {
				c := drawCase(rand.New(rand.NewPCG(30111, uint64(i))), places)
				if wholeMinutes(c.start, c.cal.Zone) {
					compare(t, &m, i, c)
				}
			}
		})
	}
	wg.Wait()
}

func compare(t *testing.T, m *minutes, i int, c clockCase) {
	due, late := m.expect(c)
	have := c.run()
	if want := c.after(due - lead); !have.DueAt.Equal(want) {
		t.Errorf("case %d: due %s, want %s\n%s\n%s", i, have.DueAt, want, c, strings.Join(have.Why, "\n"))
	}
	want := time.Time{}
	if late >= 0 {
		want = c.after(late - lead)
	}
	if have.Breached != (late >= 0) || !have.BreachedAt.Equal(want) {
		t.Errorf("case %d: breached %v at %s, want %s\n%s\n%s", i, have.Breached, have.BreachedAt, want, c, strings.Join(have.Why, "\n"))
	}
}
