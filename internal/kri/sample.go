package kri

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/thread"
)

// Limits of a frame.
const (
	MaxFrame  = 100_000 // members
	MaxMember = 200     // bytes of a name
	MaxDrawn  = 5000
	maxSeed   = 1 << 53 // so that every program that reads JSON reads it whole
)

// Drawing asks for a sample: from one frame, or from each stratum of one.
type Drawing struct {
	Frame  []string            `json:"frame,omitempty"`
	Strata []riskscore.Stratum `json:"strata,omitempty"`
	N      int                 `json:"n"`
	Seed   uint64              `json:"seed,omitempty"` // 0 draws one
}

// Sample is what was drawn, with all that it takes to draw it again.
type Sample struct {
	ID      ref.ID    `json:"id"`
	KRI     ref.ID    `json:"kri"`
	At      time.Time `json:"at"`
	Author  ref.ID    `json:"author"`
	Version int       `json:"version"`
	Done    time.Time `json:"done,omitzero"` // when the last result came in
	SampleBody
}

// SampleBody is what a sample holds besides.
type SampleBody struct {
	Method   string              `json:"method"`
	Seed     uint64              `json:"seed"`
	Size     int                 `json:"frame_size"`
	Hash     string              `json:"frame_hash"`
	Chosen   []riskscore.Drawn   `json:"chosen"`
	Strata   []riskscore.Share   `json:"strata"`
	Results  []Result            `json:"results,omitempty"`
	Estimate *riskscore.Estimate `json:"estimate,omitempty"` // once all results are in
}

// Result is what was found in one chosen member.
type Result struct {
	ID      string `json:"id"`
	Stratum string `json:"stratum,omitempty"` // as it was drawn
	Bad     bool   `json:"bad"`
	Note    string `json:"note,omitempty"`
}

// Draw draws a sample for an indicator and keeps seed, frame and what was chosen.
func (s *KRIs) Draw(ctx context.Context, id ref.ID, d Drawing) (out *Sample, err error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	err = s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		k, err := get(&tx.View, id)
		if err != nil {
			return err
		}
		if k.State == Retired {
			return fault.New(fault.Conflict, "the indicator is retired; take it into use again before you draw")
		}
		out, err = d.draw(tx, k)
		return err
	})
	return out, err
}

func (d *Drawing) check() error {
	var fs fault.Fields
	if len(d.Frame) > 0 && len(d.Strata) > 0 {
		fs.Add("frame", "name either a frame or its strata, not both")
	}
	n := len(d.Frame)
	members(&fs, "frame", d.Frame)
	for i := range d.Strata {
		field := fmt.Sprintf("strata.%d", i)
		thread.LineField(&fs, field+".name", &d.Strata[i].Name, MaxLine)
		members(&fs, field+".frame", d.Strata[i].Frame)
		n += len(d.Strata[i].Frame)
	}
	if n == 0 || n > MaxFrame {
		fs.Add("frame", "the frame has %d members; name 1 to %d", n, MaxFrame)
	}
	if d.N < 1 || d.N > MaxDrawn {
		fs.Add("n", "draw 1 to %d members", MaxDrawn)
	}
	if d.Seed >= maxSeed {
		fs.Add("seed", "a seed lies below 2^53; leave it at 0 and one is drawn")
	}
	return fs.Err()
}

func members(fs *fault.Fields, field string, names []string) {
	for i, name := range names {
		text, err := thread.Line(field, name, MaxMember)
		switch {
		case err != nil:
			fs.Add(fmt.Sprintf("%s.%d", field, i), "%s", fault.Of(err).Says)
		case text == "":
			fs.Add(fmt.Sprintf("%s.%d", field, i), "the name is empty; leave the line out")
		}
		if names[i] = text; len(*fs) >= maxErrors {
			return
		}
	}
}

func (d Drawing) draw(tx *gate.Tx, k *KRI) (*Sample, error) {
	if d.Seed == 0 {
		d.Seed = uint64(ref.Number(maxSeed-1)) + 1
	}
	var got riskscore.Sample
	var err error
	if len(d.Strata) > 0 {
		got, err = riskscore.DrawStrata(d.Strata, d.N, d.Seed)
	} else {
		got, err = riskscore.Draw(d.Frame, d.N, d.Seed)
		d.Strata = []riskscore.Stratum{{Frame: d.Frame}}
	}
	if err != nil {
		return nil, err
	}
	frame, err := json.Marshal(d.Strata)
	if err != nil {
		return nil, err
	}
	s := &Sample{ID: ref.New("sample"), KRI: k.ID, At: tx.Now, Author: tx.Actor.ID, Version: 1, SampleBody: SampleBody{Method: got.Method, Seed: got.Seed,
		Size: got.FrameSize, Hash: got.FrameHash, Chosen: got.Chosen, Strata: got.Strata}}
	return s, insertSample(tx, k, s, string(frame))
}

// Results records what was found in chosen members; what was recorded before may be
// corrected until all are in. Then the sample becomes a value with its interval.
func (s *KRIs) Results(ctx context.Context, id ref.ID, results []Result) (out Recorded, err error) {
	err = s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		x, err := sample(&tx.View, id)
		if err != nil {
			return err
		}
		k, err := get(&tx.View, x.KRI)
		if err != nil {
			return err
		}
		if err := x.take(results); err != nil {
			return err
		}
		out.Light, out.Says = k.Light, k.Says
		if len(x.Results) < len(x.Chosen) {
			return updateSample(tx, k, x)
		}
		out, err = s.finish(tx, k, x)
		return err
	})
	return out, err
}

// take puts results beside those that are there.
func (x *Sample) take(results []Result) error {
	if !x.Done.IsZero() {
		return fault.New(fault.Conflict, "all results of this sample are in; draw another")
	}
	var fs fault.Fields
	for i, r := range results {
		field := fmt.Sprintf("results.%d", i)
		thread.CleanField(&fs, field+".note", &r.Note, MaxLine)
		drawn := slices.IndexFunc(x.Chosen, func(d riskscore.Drawn) bool { return d.ID == r.ID })
		if drawn < 0 {
			fs.Add(field+".id", "%.60q was not drawn; the sample says who was", r.ID)
			if len(fs) >= maxErrors {
				break
			}
			continue
		}
		r.Stratum = x.Chosen[drawn].Stratum
		at := slices.IndexFunc(x.Results, func(o Result) bool { return o.ID == r.ID })
		if at < 0 {
			x.Results = append(x.Results, r)
		} else {
			x.Results[at] = r
		}
	}
	if len(results) == 0 {
		fs.Add("results", "there is no result; record at least one")
	}
	return fs.Err()
}

// finish makes the value of a sample whose results are all in.
func (s *KRIs) finish(tx *gate.Tx, k *KRI, x *Sample) (Recorded, error) {
	var seen []riskscore.Seen
	bad := 0
	for _, st := range x.Strata {
		n := riskscore.Seen{Stratum: st.Name, Frame: st.Frame, Drawn: st.Drawn}
		for _, r := range x.Results {
			if r.Stratum == st.Name && r.Bad {
				n.Bad++
			}
		}
		bad += n.Bad
		seen = append(seen, n)
	}
	e, err := riskscore.Proportion(seen, s.Profile.Register.KRI.Level)
	if err != nil {
		return Recorded{}, err
	}
	x.Estimate, x.Done = &e, tx.Now
	if err := updateSample(tx, k, x); err != nil {
		return Recorded{}, err
	}
	return s.recordOn(tx, k.ID, fromSample, []Point{{At: tx.Now, Value: e.Share, Low: &e.Interval.Low, High: &e.Interval.High,
		Tried: len(x.Results), Bad: bad, Sample: x.ID, Note: e.Says}})
}

// Frame returns the frame that a sample was drawn from.
func (s *KRIs) Frame(ctx context.Context, id ref.ID) (out []riskscore.Stratum, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, id); err != nil {
			return err
		}
		text, err := frameOf(v, id)
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &out)
	})
	return out, err
}

// Outcome is what an experiment found: a red team, an audit, a penetration test.
type Outcome struct {
	At    time.Time `json:"at"`
	Tried int       `json:"tried"`
	Bad   int       `json:"bad"`
	What  string    `json:"what"`
	Link  string    `json:"link,omitempty"`
	Note  string    `json:"note,omitempty"`
}

// Tried records the outcome of an experiment as a value with its interval.
func (s *KRIs) Tried(ctx context.Context, id ref.ID, o Outcome) (out Recorded, err error) {
	if err := o.check(); err != nil {
		return out, err
	}
	level := s.Profile.Register.KRI.Level
	in, err := riskscore.ClopperPearson(o.Bad, o.Tried, level)
	if err != nil {
		return out, err
	}
	note := strings.TrimSpace(strings.Join([]string{o.What, o.Link, o.Note}, "\n"))
	p := Point{At: o.At, Value: float64(o.Bad) / float64(o.Tried), Low: &in.Low, High: &in.High, Tried: o.Tried, Bad: o.Bad, Note: note}
	err = s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		out, err = s.recordOn(tx, id, fromTrial, []Point{p})
		return err
	})
	return out, err
}

func (o *Outcome) check() error {
	var fs fault.Fields
	thread.LineField(&fs, "what", &o.What, MaxLine)
	thread.LineField(&fs, "link", &o.Link, MaxLine)
	thread.CleanField(&fs, "note", &o.Note, MaxText-2*MaxLine-2)
	fs.Want("what", o.What, "say what was tried: a red team, an audit, a penetration test")
	if o.Tried < 1 || o.Tried > maxEvents {
		fs.Add("tried", "an experiment tried 1 to %d things", int(maxEvents))
	}
	if o.Bad < 0 || o.Bad > o.Tried {
		fs.Add("bad", "of %d that were tried 0 to %d can be bad", o.Tried, o.Tried)
	}
	if o.Link != "" && !strings.HasPrefix(o.Link, "https://") && !strings.HasPrefix(o.Link, "http://") {
		fs.Add("link", "the link must be an address that starts with https:// or http://")
	}
	return fs.Err()
}
