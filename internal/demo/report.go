package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
)

// submit lets the report come in: on the portal, or by somebody who took it down.
func (s *story) submit() {
	f, err := s.t.finder(s.row.By)
	if err != nil {
		s.err = err
		return
	}
	s.reporter = access.Actor{ID: ref.New("reporter"), Kind: access.Reporter, Name: "the reporter"}
	in := s.submission(f)
	if source := s.t.source(s.row.From); source != "" && source != "portal" {
		in.Source, in.Received = source, s.at
		s.do(s.analyst(), "take down", func(ctx context.Context) error { return s.send(ctx, in) })
		return
	}
	s.doOutside("submit", func(ctx context.Context) error { return s.send(ctx, in) })
	for i := range s.row.Files {
		s.doOutside("attach", func(ctx context.Context) error { return s.attach(ctx, i) })
	}
}

func (s *story) send(ctx context.Context, in intake.Submission) error {
	got, err := s.t.h.Reports.Submit(ctx, in)
	s.report, s.secret = got.ID, got.Secret
	return err
}

// submission is the report in the reporter's words.
func (s *story) submission(f finder) intake.Submission {
	r, w := s.row, s.t.usual(s.row)
	ware, _ := s.t.ware(r.Product)
	in := intake.Submission{Title: r.Title, Product: r.Product, Summary: r.Summary, Steps: w.Steps, Impact: w.Impact,
		Versions: fmt.Sprintf("Seen on %s.%d", s.t.lines(ware, s.at)[0], s.n%4+1), Name: f.Name, Contact: f.Contact, Credit: f.Credit, CreditName: f.As, AI: r.AI}
	if r.Says != "" {
		in.Title = r.Says
	}
	if words := s.t.h.Rules.SeverityWords(); r.Claim > 0 {
		in.Severity = words[min(r.Claim, len(words))-1]
	}
	if r.Deadline > 0 {
		in.Deadline = s.at.Add(span(r.Deadline)).Truncate(24 * time.Hour)
	}
	return in
}

// source is the first of the words that the profile knows.
func (t *town) source(words string) string {
	for w := range strings.SplitSeq(words, "/") {
		for _, known := range t.h.Rules.Sources {
			if known.Name == w {
				return w
			}
		}
	}
	return ""
}

// attach puts one of the reporter's files on the report.
func (s *story) attach(ctx context.Context, i int) error {
	name, body := "request-log.txt", s.log()
	if i%2 == 1 {
		name, body = "screen.png", s.picture()
	}
	c, err := s.t.h.Files.Store(ctx, bytes.NewReader(body))
	if err != nil {
		return err
	}
	_, err = s.t.h.Reports.Attach(ctx, s.report, name, c)
	return err
}

// log is a made-up record of a request.
func (s *story) log() []byte {
	var b strings.Builder
	for i := range 12 {
		at := s.at.Add(time.Duration(i*311) * time.Millisecond)
		fmt.Fprintf(&b, "%s  %s  %3d  /%s/%d\n", at.Format("15:04:05.000"), []string{"GET ", "POST", "GET "}[i%3], []int{200, 302, 200, 403}[(i+s.n)%4], s.row.Component, 1000+s.n*17+i)
	}
	return []byte(b.String())
}

// picture is a small drawing: a window with lines of text, one of them marked.
func (s *story) picture() []byte {
	m := image.NewPaletted(image.Rect(0, 0, 240, 150), color.Palette{color.Gray{250}, color.Gray{60}, color.Gray{205}, color.RGBA{190, 40, 40, 255}})
	fill := func(x0, y0, x1, y1 int, c uint8) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				m.SetColorIndex(x, y, c)
			}
		}
	}
	fill(0, 0, 240, 16, 1)
	for line := range 9 {
		c := uint8(2)
		if line == s.n%9 {
			c = 3
		}
		fill(12, 28+line*13, 60+(s.n*31+line*47)%160, 34+line*13, c)
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // into memory
	return b.Bytes()
}

// noCase is the story of a report that never becomes a case.
func (s *story) noCase() {
	s.submit()
	switch s.row.Then {
	case "":
	case "ask":
		s.ask()
	case "decline":
		s.office(s.row.After)
		s.decide(intake.VerbDecline, intake.Decision{Disposition: s.row.Disposition})
	case "duplicate":
		s.office(s.row.After)
		of := s.t.byKey[s.row.Of]
		if of == nil || of.report == "" && of.id == "" {
			s.err = fault.New(fault.Invalid, "there is no %q that it could repeat", s.row.Of)
			return
		}
		original := of.id
		if original == "" {
			original = of.report
		}
		s.decide(intake.VerbDuplicate, intake.Decision{Disposition: "duplicate", DuplicateOf: original})
	default:
		s.err = fault.New(fault.Invalid, "no report goes the way of %q", s.row.Then)
	}
}

// ask asks the reporter, who may answer.
func (s *story) ask() {
	s.office(s.row.After)
	s.decide(intake.VerbAsk, intake.Decision{Answer: s.row.Question})
	if s.row.Answer == "" {
		return
	}
	s.wait(s.row.After + 1.3)
	s.doOutside("answer", func(ctx context.Context) error { return s.t.h.Reports.ReplyOwn(ctx, s.report, s.row.Answer) })
}

// decide takes the report along its life cycle, with the profile's own answer
// where the row has none.
func (s *story) decide(verb access.Verb, d intake.Decision) {
	s.do(s.analyst(), string(verb), func(ctx context.Context) error {
		if d.Answer == "" && d.Disposition != "" {
			text, err := s.t.h.Reports.Suggest(ctx, s.report, d.Disposition)
			if err != nil {
				return err
			}
			d.Answer = text
		}
		_, err := s.t.h.Reports.Decide(ctx, s.report, verb, d)
		return err
	})
}

// analyst, engineer and voters are who handles this story.
func (s *story) analyst() string { return s.t.nth("analyst", s.n).Handle }

func (s *story) engineer() string { return s.t.nth("engineer", s.n).Handle }

// voters are others than the scorer, as many as might be wanted.
func (s *story) voters() []string {
	return []string{s.t.nth("engineer", s.n+1).Handle, s.t.nth("engineer", s.n+2).Handle, s.t.first("manager").Handle}
}
