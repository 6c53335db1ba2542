package kri

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// Limits of the fields, in bytes and days.
const (
	MaxTitle   = 300
	MaxLine    = 200
	MaxUnit    = 60
	MaxText    = 4000
	MaxDays    = 731 // of a cadence, or until a value says nothing
	MaxPeriods = 120
)

// check cleans what an indicator is and lists all that is wrong with it.
func (k *KRI) check(p *profile.Profile) error {
	var fs fault.Fields
	thread.LineField(&fs, "title", &k.Title, MaxTitle)
	thread.LineField(&fs, "unit", &k.Unit, MaxUnit)
	fs.Want("title", k.Title, "an indicator needs a title: what is measured")
	fs.Want("unit", k.Unit, "an indicator needs a unit, or its values mean nothing: share, repositories, events a month")
	thread.CleanField(&fs, "about", &k.About, MaxText)
	thread.CleanField(&fs, "how", &k.How, MaxText)
	chosen(&fs, "better", k.Better, []string{riskscore.Higher, riskscore.Lower})
	thread.Word(&fs, "factor", k.Factor, factors)
	k.checkNumbers(&fs)
	k.checkTimes(&fs)
	if k.Query != nil {
		k.Query.check(&fs, p)
	}
	if err := fs.Err(); err != nil {
		return err
	}
	_, err := riskscore.Shine(riskscore.KRI{Better: k.Better, Unit: k.Unit, Bands: riskscore.Bands(k.Bands), StaleDays: k.StaleDays}, k.Made)
	return err
}

func (k *KRI) checkNumbers(fs *fault.Fields) {
	b := k.Bands
	for _, x := range []struct {
		field string
		value *float64
	}{{"baseline", k.Baseline}, {"target", k.Target}, {"bands.green", b.Green}, {"bands.yellow", b.Yellow},
		{"bands.green_rate", b.GreenRate}, {"bands.yellow_rate", b.YellowRate}, {"next_exposure", k.NextExposure}} {
		if x.value != nil && !number(*x.value) {
			fs.Add(x.field, "%v is no number that can be worked with; write one from -%g to %g", *x.value, MaxValue, MaxValue)
		}
	}
	if k.NextExposure != nil && *k.NextExposure <= 0 {
		fs.Add("next_exposure", "the exposure of the coming period is more than 0, or left empty")
	}
	if k.Periods < 0 || k.Periods > MaxPeriods {
		fs.Add("periods", "a prediction looks at 1 to %d periods, or at all of them with 0", MaxPeriods)
	}
	if k.Baseline != nil && k.Target != nil && *k.Baseline != *k.Target && !k.better(*k.Target, *k.Baseline) {
		fs.Add("target", "the target is worse than the baseline, where %s is better; swap them, or turn the direction", k.Better)
	}
}

func (k *KRI) checkTimes(fs *fault.Fields) {
	if k.Cadence < 1 || k.Cadence > MaxDays {
		fs.Add("cadence_days", "a value is due every 1 to %d days", MaxDays)
	}
	if k.StaleDays < 1 || k.StaleDays > MaxDays {
		fs.Add("stale_days", "a value says something for 1 to %d days", MaxDays)
	}
	if !k.Start.IsZero() && !sensible(k.Start) {
		fs.Add("start", "the year %d makes no sense here; use one from 1990 to 2100", k.Start.Year())
	}
	k.Start = k.Start.UTC().Truncate(time.Microsecond)
}

func sensible(t time.Time) bool { return t.Year() >= 1990 && t.Year() <= 2100 }

// chosen is thread.Word where there has to be a word.
func chosen(fs *fault.Fields, field, word string, of []string) {
	if word == "" {
		fs.Add(field, "choose one of: %s", strings.Join(of, ", "))
	}
	thread.Word(fs, field, word, of)
}

// check cleans a value and lists what is wrong with it; at names it in the answer.
func (x *Point) check(fs *fault.Fields, k *KRI, now time.Time, at string) {
	x.At = x.At.UTC().Truncate(time.Microsecond)
	switch {
	case x.At.IsZero():
		fs.Add(at+"at", "a value has a date: of what it says")
	case x.At.After(now):
		fs.Add(at+"at", "%s lies in the future; a value tells of what was", x.At.Format(time.RFC3339))
	case !sensible(x.At):
		fs.Add(at+"at", "the year %d makes no sense here; use one from 1990 to 2100", x.At.Year())
	}
	if !number(x.Value) {
		fs.Add(at+"value", "%v is no number that can be worked with; write one from -%g to %g", x.Value, MaxValue, MaxValue)
	} else if k.Predictive() && (x.Value < 0 || x.Value != float64(int64(x.Value)) || x.Value > maxEvents) {
		fs.Add(at+"value", "%v is no number of events; this indicator counts them: write 0 or a whole number up to %d", x.Value, int(maxEvents))
	}
	if x.Exposure != nil && (!number(*x.Exposure) || *x.Exposure < 0) {
		fs.Add(at+"exposure", "%v is no exposure; write 0 or more, or leave it empty", *x.Exposure)
	}
	thread.CleanField(fs, at+"note", &x.Note, MaxText)
}

// maxEvents is how many events one period may have.
const maxEvents = 1_000_000

// place names the value at an index in the answer to a list of them.
func place(i int) string { return fmt.Sprintf("points.%d.", i) }

// at answers Conflict where the caller saw another version.
func (k *KRI) at(version int) error {
	if version != 0 && version != k.Version {
		return fault.New(fault.Conflict, "the indicator changed meanwhile: you saw version %d, it is %d now; load it again, your text is kept", version, k.Version)
	}
	return nil
}

// reason reads why something is done, which has to be said.
func reason(tx *gate.Tx, text string) (string, error) {
	text, err := thread.Clean("reason", text, MaxText)
	if err == nil && text == "" {
		err = fault.At("reason", "say why; whoever reads this later will ask")
	}
	if err == nil {
		tx.Reason(text)
	}
	return text, err
}
