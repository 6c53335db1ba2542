package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func submission() intake.Submission {
	return intake.Submission{Title: "Export can be read by others", Product: "gateway", Component: "export", CWE: "CWE-863", Severity: "high",
		Summary: "A member of a sibling group reads the export.", Steps: "1. export 2. read", Contact: "owl@example.org", Name: "Night Owl"}
}

func submit(t *testing.T, h *rig.House) intake.Receipt {
	t.Helper()
	got, err := h.Reports.Submit(h.Reporter(), submission())
	check(t, "submit", err)
	return got
}

// reporter is the context of whoever holds the secret link.
func reporter(t *testing.T, h *rig.House, got intake.Receipt) context.Context {
	t.Helper()
	a, id, err := h.Reports.Reporter(t.Context(), got.Secret)
	check(t, "reporter", err)
	if id != got.ID {
		t.Fatalf("the link opens %s, want %s", id, got.ID)
	}
	return access.With(context.Background(), a)
}

func own(t *testing.T, h *rig.House, got intake.Receipt) *intake.Own {
	t.Helper()
	o, err := h.Reports.Own(reporter(t, h, got), got.ID)
	check(t, "own page", err)
	return o
}

func decide(h *rig.House, who context.Context, id ref.ID, verb access.Verb, d intake.Decision) error {
	_, err := h.Reports.Decide(who, id, verb, d)
	return err
}

func lacks(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	var have []string
	for _, n := range fault.Of(err).Needs {
		have = append(have, n.Word)
	}
	if !errors.Is(err, fault.Missing) || !slices.Equal(have, words) {
		t.Errorf("%s: have %v, want a refusal that lists %v", what, err, words)
	}
}

func TestSubmissionsThatAreRefusedNameEveryField(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		for name, c := range map[string]struct {
			field string
			fn    func(*intake.Submission)
		}{
			"no title":                     {"title", func(s *intake.Submission) { s.Title = " " }},
			"no summary":                   {"summary", func(s *intake.Submission) { s.Summary = "" }},
			"a long title":                 {"title", func(s *intake.Submission) { s.Title = strings.Repeat("x", intake.MaxLine+1) }},
			"a long text":                  {"steps", func(s *intake.Submission) { s.Steps = strings.Repeat("x", intake.MaxText+1) }},
			"a control character":          {"summary", func(s *intake.Submission) { s.Summary = "a\x00" }},
			"an override in a name":        {"credit_name", func(s *intake.Submission) { s.CreditName = "a\u202eb" }},
			"a mail address that is none":  {"contact", func(s *intake.Submission) { s.Contact = "owl@" }},
			"a mail address with a header": {"contact", func(s *intake.Submission) { s.Contact = "owl@example.org\nBcc: x@example.org" }},
			"a weakness that is none":      {"cwe", func(s *intake.Submission) { s.CWE = "CWE-0" }},
			"a severity that is none":      {"severity", func(s *intake.Submission) { s.Severity = "huge" }},
			"a choice of credit":           {"credit", func(s *intake.Submission) { s.Credit = "loud" }},
			"a use of AI":                  {"ai", func(s *intake.Submission) { s.AI = "perhaps" }},
			"a disclosure date that has passed": {"deadline", func(s *intake.Submission) {
				s.Deadline = rig.Start.AddDate(0, 0, -1)
			}},
			"a disclosure date in a far future": {"deadline", func(s *intake.Submission) { s.Deadline = rig.Start.AddDate(9, 0, 0) }},
		} {
			s := submission()
			c.fn(&s)
			_, err := h.Reports.Submit(h.Reporter(), s)
			if err == nil || !slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool { return f.Name == c.field }) {
				t.Errorf("%s: have %v, want the field %s", name, err, c.field)
			}
		}
		s := submission()
		s.Received = time.Date(1, 2, 3, 0, 0, 0, 0, time.UTC)
		if _, err := h.Reports.Submit(h.As(t, "ana", "analyst"), s); !errors.Is(err, fault.Invalid) {
			t.Errorf("received in the year 1: %v", err)
		}
		if n := rig.Count(t, h.DB, "reports"); n != 0 {
			t.Errorf("%d reports were kept", n)
		}
		if _, err := h.Reports.Submit(access.With(t.Context(), access.Public()), submission()); !errors.Is(err, fault.Forbidden) {
			t.Errorf("nobody in particular: %v", err)
		}
	})
}

func TestAReporterCannotDateTheirReport(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := submission()
		s.Received, s.Source = rig.Start.AddDate(-1, 0, 0), "internal"
		got, err := h.Reports.Submit(h.Reporter(), s)
		check(t, "submit", err)
		ana := h.As(t, "ana", "analyst")
		full, err := h.Reports.Get(ana, got.ID)
		check(t, "get", err)
		if full.Received.Before(rig.Start) || full.Source == "internal" {
			t.Errorf("received %v by %q", full.Received, full.Source)
		}
		got, err = h.Reports.Submit(ana, s)
		check(t, "submit", err)
		if full, err = h.Reports.Get(ana, got.ID); err != nil || !full.Received.Equal(s.Received) || full.Source != "internal" || !full.Breached {
			t.Errorf("entered by staff: received %v by %q, late %v, %v", full.Received, full.Source, full.Breached, err)
		}
	})
}

func TestADecisionWantsWhatItsMoveNeeds(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		got := submit(t, h)
		lacks(t, "decline", decide(h, ana, got.ID, intake.VerbDecline, intake.Decision{}), "disposition", "answer")
		lacks(t, "duplicate", decide(h, ana, got.ID, intake.VerbDuplicate, intake.Decision{}), "original", "answer")
		lacks(t, "ask", decide(h, ana, got.ID, intake.VerbAsk, intake.Decision{}), "answer")
		for name, d := range map[string]intake.Decision{
			"a disposition of another step":   {Disposition: "needs-info", Answer: "x"},
			"a disposition that is none":      {Disposition: "boring", Answer: "x"},
			"an answer with an override":      {Disposition: "informative", Answer: "a\u202eb"},
			"a reason with a control":         {Disposition: "informative", Answer: "x", Reason: "\x07"},
			"a verb of another kind of thing": {Disposition: "informative", Answer: "x", Reason: "verb"},
		} {
			verb := intake.VerbDecline
			if d.Reason == "verb" {
				verb = "case.close"
			}
			if err := decide(h, ana, got.ID, verb, d); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		check(t, "ask", decide(h, ana, got.ID, intake.VerbAsk, intake.Decision{Disposition: "needs-info", Answer: "Which version?"}))
		if o := own(t, h, got); !o.Waiting {
			t.Error("the reporter is asked, and their page does not say so")
		}
		lacks(t, "decline by what was asked", decide(h, ana, got.ID, intake.VerbDecline, intake.Decision{Answer: "x"}), "disposition")
		check(t, "the answer", h.Reports.ReplyOwn(reporter(t, h, got), got.ID, "18.7"))
		if o := own(t, h, got); o.Waiting {
			t.Error("the reporter has answered, and their page waits still")
		}
		full, err := h.Reports.Get(ana, got.ID)
		check(t, "get", err)
		if err := decide(h, ana, got.ID, intake.VerbDecline, intake.Decision{Version: full.Version - 1, Disposition: "informative", Answer: "x"}); !errors.Is(err, fault.Conflict) {
			t.Errorf("a decision on an old version: %v", err)
		}
		check(t, "decline", decide(h, ana, got.ID, intake.VerbDecline, intake.Decision{Disposition: "informative", Answer: "Thank you; it is by design."}))
		if err := decide(h, ana, got.ID, intake.VerbAccept, intake.Decision{}); err == nil {
			t.Error("a declined report is accepted without being reopened")
		}
		if err := decide(h, h.As(t, "ruth", "auditor"), got.ID, intake.VerbReopen, intake.Decision{Reason: "x"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an auditor decides: %v", err)
		}
	})
}

func TestAReopenedReportIsDecidedAnew(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		first, got := submit(t, h), submit(t, h)
		check(t, "duplicate", decide(h, ana, got.ID, intake.VerbDuplicate, intake.Decision{Disposition: "duplicate", DuplicateOf: first.ID, Answer: "We knew."}))
		ended := own(t, h, got)
		if !ended.Closed || ended.Known {
			t.Errorf("after the decision: %+v", ended)
		}
		if err := decide(h, ana, got.ID, intake.VerbReopen, intake.Decision{}); !errors.Is(err, fault.Invalid) {
			t.Errorf("reopened without a reason: %v", err)
		}
		check(t, "reopen", decide(h, ana, got.ID, intake.VerbReopen, intake.Decision{Reason: "another way in"}))
		if o := own(t, h, got); o.Closed || o.Status == ended.Status {
			t.Errorf("reopened, the page says: %q, closed %v", o.Status, o.Closed)
		}
		full, err := h.Reports.Get(ana, got.ID)
		check(t, "get", err)
		if full.DuplicateOf != "" || full.Disposition != "" || full.Answer != "" || full.Due.IsZero() {
			t.Errorf("duplicate of %s, disposition %s, answer %q, due %v", full.DuplicateOf, full.Disposition, full.Answer, full.Due)
		}
		lacks(t, "duplicate", decide(h, ana, got.ID, intake.VerbDuplicate, intake.Decision{Answer: "x"}), "original")
		id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{})
		check(t, "accept", err)
		if o := own(t, h, got); !o.Known || o.Closed {
			t.Errorf("accepted into %s, the page says %+v", id, o)
		}
		if err := decide(h, ana, got.ID, intake.VerbAccept, intake.Decision{}); err == nil {
			t.Error("accepted twice")
		}
	})
}

func TestADuplicateOfNothingAndOfItself(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "ana", "analyst"), h.As(t, "bob", "analyst")
		got := submit(t, h)
		secret, err := h.Cases.Open(ana, casework.Opening{Title: "secret", Named: true})
		check(t, "open", err)
		says := map[string]bool{}
		for _, id := range []ref.ID{secret, "CASE-00000000", "person-ana", "ADV-00000000"} {
			err := decide(h, bob, got.ID, intake.VerbDuplicate, intake.Decision{Answer: "x", DuplicateOf: id})
			if !errors.Is(err, fault.Invalid) {
				t.Errorf("a duplicate of %s: %v", id, err)
			}
			says[strings.ReplaceAll(fault.Of(err).Says, string(id), "X")] = true
		}
		if len(says) != 1 {
			t.Errorf("a case that is hidden is told from one that does not exist: %v", says)
		}
		if err := decide(h, bob, got.ID, intake.VerbDuplicate, intake.Decision{Answer: "x", DuplicateOf: got.ID}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a duplicate of itself: %v", err)
		}
	})
}

func TestADuplicateOfWhatIsRestrictedIsRestricted(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob, eve := h.As(t, "ana", "analyst"), h.As(t, "bob", "analyst"), h.As(t, "eve", "engineer")
		secret, err := h.Cases.Open(ana, casework.Opening{Title: "secret", Named: true})
		check(t, "open", err)
		check(t, "share", h.Cases.Share(ana, secret, "person-eve", ""))
		open, err := h.Cases.Open(ana, casework.Opening{Title: "open"})
		check(t, "open", err)
		now, later := submit(t, h), submit(t, h)
		check(t, "duplicate", decide(h, ana, now.ID, intake.VerbDuplicate, intake.Decision{Answer: "We knew.", DuplicateOf: secret}))
		check(t, "duplicate", decide(h, ana, later.ID, intake.VerbDuplicate, intake.Decision{Answer: "We knew.", DuplicateOf: open}))
		if _, err := h.Reports.Get(bob, later.ID); err != nil {
			t.Errorf("a duplicate of an open case: %v", err)
		}
		check(t, "embargo", h.Cases.Embargo(ana, open, time.Time{}, "serious"))
		for what, got := range map[string]intake.Receipt{"marked under the restriction": now, "marked before it": later} {
			if _, err := h.Reports.Get(bob, got.ID); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s, somebody who is not named reads it: %v", what, err)
			}
			if _, err := h.Reports.Get(ana, got.ID); err != nil {
				t.Errorf("%s, who is named may not read it: %v", what, err)
			}
			if o := own(t, h, got); !o.Closed {
				t.Errorf("%s, its reporter: %+v", what, o)
			}
		}
		if _, err := h.Reports.Get(eve, now.ID); err != nil {
			t.Errorf("who is named on the case may not read its duplicate: %v", err)
		}
		if l, err := h.Reports.List(bob, intake.Filter{}, intake.Page{}); err != nil || len(l.Reports) != 0 {
			t.Errorf("the inbox of somebody who is not named: %+v %v", l, err)
		}
		check(t, "reopen", decide(h, ana, now.ID, intake.VerbReopen, intake.Decision{Reason: "another way in"}))
		id, err := h.Reports.Decide(ana, now.ID, intake.VerbAccept, intake.Decision{})
		check(t, "accept", err)
		if _, err := h.Cases.Get(bob, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("the case of a restricted report is open to all: %v", err)
		}
		check(t, "lift", h.Cases.Lift(ana, open, "it is known"))
		if _, err := h.Reports.Get(bob, later.ID); err != nil {
			t.Errorf("lifted, and its duplicate is hidden still: %v", err)
		}
	})
}

func TestTheOwnPageHasNoInternalWord(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		got := submit(t, h)
		check(t, "note", h.Reports.Note(ana, got.ID, "INTERNAL note"))
		check(t, "reply", h.Reports.Reply(ana, got.ID, "We are on it."))
		id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{Reason: "INTERNAL reason", Opening: intake.Opening{Title: "INTERNAL title", Named: true}})
		check(t, "accept", err)
		_, err = h.Cases.Note(ana, id, "INTERNAL case note")
		check(t, "note", err)
		check(t, "label", h.Cases.SetLabel(ana, id, "blocked", true, "INTERNAL label"))
		check(t, "message", h.Cases.Message(ana, id, "It will take a month."))
		o := own(t, h, got)
		b, err := json.Marshal(o)
		check(t, "marshal", err)
		for _, word := range []string{"INTERNAL", string(id), "person-", "ana", "triage", "accepted\"", "named", "blocked", "high", "CWE-863"} {
			if strings.Contains(strings.ReplaceAll(string(b), `"accepted":true`, ""), word) {
				t.Errorf("the own page says %q: %s", word, b)
			}
		}
		if len(o.Said) < 3 || o.Status == "" || !o.Known {
			t.Errorf("own page %+v", o)
		}
		for _, s := range o.Said {
			if s.Name != h.Rules.Publisher.Name && s.Name != "You" {
				t.Errorf("said by %q", s.Name)
			}
		}
		other := submit(t, h)
		if _, err := h.Reports.Own(reporter(t, h, other), got.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("another reporter: %v", err)
		}
		if _, err := h.Reports.Own(ana, got.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("staff on the reporter's page: %v", err)
		}
		if err := h.Reports.ReplyOwn(ana, got.ID, "as the reporter"); !errors.Is(err, fault.Forbidden) {
			t.Errorf("staff write as the reporter: %v", err)
		}
		for _, secret := range []string{"", "x", strings.Repeat("0", len(got.Secret)), got.Secret + "0", strings.ToLower(got.Secret)} {
			if _, _, err := h.Reports.Reporter(t.Context(), secret); !errors.Is(err, fault.NotFound) {
				t.Errorf("the secret %q: %v", secret, err)
			}
		}
	})
}

func TestSimilarRecordsAreThoseThatTheReaderMaySee(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "ana", "analyst"), h.As(t, "bob", "analyst")
		early := submit(t, h)
		secret, err := h.Cases.Open(ana, casework.Opening{Title: "Export can be read by others", Product: "gateway", Component: "export", CWE: "CWE-863", Named: true})
		check(t, "open", err)
		_, err = h.Cases.Open(ana, casework.Opening{Title: "Something else entirely", Product: "runner"})
		check(t, "open", err)
		got := submit(t, h)
		ids := func(who context.Context) (out []ref.ID) {
			t.Helper()
			full, err := h.Reports.Get(who, got.ID)
			check(t, "get", err)
			for _, s := range full.Similar {
				out = append(out, s.ID)
				if s.Why == "" || s.Points < 3 {
					t.Errorf("%s is proposed for %q, %d points", s.ID, s.Why, s.Points)
				}
			}
			return out
		}
		if have := ids(ana); len(have) != 2 || !slices.Contains(have, secret) || !slices.Contains(have, early.ID) {
			t.Errorf("to who may see both: %v", have)
		}
		if have := ids(bob); !slices.Equal(have, []ref.ID{early.ID}) {
			t.Errorf("to who may see one: %v", have)
		}
		if _, _, err := h.Reports.Compare(bob, got.ID, secret); !errors.Is(err, fault.NotFound) {
			t.Errorf("compared with what is hidden: %v", err)
		}
		if _, o, err := h.Reports.Compare(bob, got.ID, early.ID); err != nil || o.Steps != submission().Steps {
			t.Errorf("compared: %+v, %v", o, err)
		}
	})
}

func TestTheInboxFiltersAndPages(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		var all []ref.ID
		for range 5 {
			all = append(all, submit(t, h).ID)
		}
		check(t, "decline", decide(h, ana, all[0], intake.VerbDecline, intake.Decision{Disposition: "spam", Answer: "x"}))
		slices.Reverse(all)
		for name, c := range map[string]struct {
			f    intake.Filter
			want []ref.ID
		}{
			"everything":        {intake.Filter{}, all},
			"what is undecided": {intake.Filter{Open: true}, all[:4]},
			"by words":          {intake.Filter{Text: "sibling", Stage: "declined"}, all[4:]},
			"of no product":     {intake.Filter{Product: "unknown"}, nil},
		} {
			var have []ref.ID
			after := ""
			for range 10 {
				l, err := h.Reports.List(ana, c.f, intake.Page{Limit: 2, After: after})
				check(t, name, err)
				for _, r := range l.Reports {
					have = append(have, r.ID)
				}
				if after = l.Next; after == "" {
					break
				}
			}
			if !slices.Equal(have, c.want) {
				t.Errorf("%s: have %v, want %v", name, have, c.want)
			}
		}
		l, err := h.Reports.List(ana, intake.Filter{}, intake.Page{Limit: 2})
		check(t, "list", err)
		for name, after := range map[string]string{"of another filter": l.Next, "with a byte changed": "A" + l.Next[1:], "that is none": "%"} {
			if _, err := h.Reports.List(ana, intake.Filter{Open: name == "of another filter"}, intake.Page{After: after}); !errors.Is(err, fault.Invalid) && !(name == "with a byte changed" && l.Next[0] == 'A') {
				t.Errorf("a marker %s: %v", name, err)
			}
		}
		if _, err := h.Reports.List(h.As(t, "bob", "analyst"), intake.Filter{}, intake.Page{After: l.Next}); !errors.Is(err, fault.Invalid) {
			t.Errorf("a marker of somebody else: %v", err)
		}
	})
}
