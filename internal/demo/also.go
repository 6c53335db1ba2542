package demo

import (
	"bytes"
	"context"
	"time"
)

// alsos are the deeds that a row may tell besides the usual course.
var alsos = map[string]func(s *story, ctx context.Context, a *Also) error{
	"note": func(s *story, ctx context.Context, a *Also) error {
		_, err := s.t.h.Cases.Note(ctx, s.id, a.Text)
		return err
	},
	"message": func(s *story, ctx context.Context, a *Also) error { return s.t.h.Cases.Message(ctx, s.id, a.Text) },
	"ask":     func(s *story, ctx context.Context, a *Also) error { return s.t.h.Reports.Reply(ctx, s.report, a.Text) },
	"remark":  func(s *story, ctx context.Context, a *Also) error { return s.t.h.Reports.Note(ctx, s.report, a.Text) },
	"pause": func(s *story, ctx context.Context, a *Also) error {
		return s.t.h.Cases.Pause(ctx, s.id, s.clock(a.Name), a.Text)
	},
	"resume": func(s *story, ctx context.Context, a *Also) error {
		return s.t.h.Cases.Resume(ctx, s.id, s.clock(a.Name), a.Text)
	},
	"extend": func(s *story, ctx context.Context, a *Also) error {
		return s.t.h.Cases.Extend(ctx, s.id, s.clock(a.Name), a.Span, a.Text)
	},
	"label": func(s *story, ctx context.Context, a *Also) error {
		return s.t.h.Cases.SetLabel(ctx, s.id, a.Name, true, a.Text)
	},
	"unlabel": func(s *story, ctx context.Context, a *Also) error {
		return s.t.h.Cases.SetLabel(ctx, s.id, a.Name, false, a.Text)
	},
	"mark":    func(s *story, ctx context.Context, a *Also) error { return s.t.h.Cases.Mark(ctx, s.id, a.Name) },
	"embargo": (*story).embargo,
	"lift":    func(s *story, ctx context.Context, a *Also) error { return s.t.h.Cases.Lift(ctx, s.id, a.Text) },
	"file":    (*story).file,
	"reply":   nil, // by the reporter
}

// also does one deed of the row, on what the main story got hold of.
func (s *story) also(main *story, a *Also) {
	if a.Do == "reply" {
		s.wait(a.At)
		s.bound = main.bound
		s.doOutside("reply", func(ctx context.Context) error { return s.t.h.Reports.ReplyOwn(ctx, s.report, a.Text) })
		return
	}
	s.office(a.At)
	for later := a.At; s.err == nil && main.id == "" && a.Do != "ask" && a.Do != "remark"; {
		later += 0.1 // a weekend lay between; it happens once there is a case
		s.office(later)
	}
	s.bound = main.bound
	who := a.Who
	if who == "" {
		who = main.analyst()
	}
	s.do(who, a.Do, func(ctx context.Context) error { return alsos[a.Do](s, ctx, a) })
}

// clock names a clock of the profile: of cases, by kind where the row says "slo",
// "sla", "promise" or "disclosure", the first of that kind that has begun.
func (s *story) clock(word string) string {
	for _, c := range s.t.h.Rules.Clocks {
		if c.Name == word && c.On == "case" {
			return word
		}
	}
	full, err := s.t.h.Cases.Get(s.t.must(s.t.first("manager").Handle), s.id)
	if err != nil {
		return word
	}
	for _, st := range full.Clocks {
		c, _ := s.t.h.Rules.Clock(st.Name)
		if c.Kind == word && st.Phase() == "running" {
			return st.Name
		}
	}
	return word
}

// embargo restricts the case to those who are named, and names who works on it.
func (s *story) embargo(ctx context.Context, a *Also) error {
	days := 30.0
	if d, err := time.ParseDuration(a.Span); err == nil {
		days = d.Hours() / 24
	}
	if err := s.t.h.Cases.Embargo(ctx, s.id, s.at.Add(span(days)), a.Text); err != nil {
		return err
	}
	for _, who := range append(s.voters(), s.analyst(), s.engineer(), s.t.first("release-manager").Handle, s.t.first("communications").Handle) {
		if err := s.t.h.Cases.Share(ctx, s.id, s.t.ids[who], ""); err != nil {
			return err
		}
	}
	return nil
}

// file puts a file on the case, inside the house.
func (s *story) file(ctx context.Context, a *Also) error {
	c, err := s.t.h.Files.Store(ctx, bytes.NewReader([]byte(a.Text+"\n")))
	if err != nil {
		return err
	}
	_, err = s.t.h.Cases.Attach(ctx, s.id, a.Name, c, false)
	return err
}
