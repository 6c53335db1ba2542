package effect_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/outside"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// drain runs every waiting job.
func drain(t *testing.T, h *rig.House) {
	t.Helper()
	for n := 0; ; n++ {
		more, err := h.Jobs.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
		if n > 200 {
			t.Fatal("jobs without end")
		}
	}
}

func report(t *testing.T, h *rig.House) intake.Receipt {
	t.Helper()
	got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "SECRETTITLE", Summary: "SECRETTEXT of the export", Contact: "owl@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTheAcknowledgementCarriesTheLinkAndTheOutboxHidesIt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		sent := &post{}
		h.Effects.Mailer = sent
		got := report(t, h)
		drain(t, h)
		if len(sent.mails) != 1 || !strings.Contains(sent.mails[0].Text, got.Secret) || sent.mails[0].To != "owl@example.org" {
			t.Fatalf("sent %+v", sent.mails)
		}
		mails, err := h.Notices.Outbox(h.As(t, "ana", "analyst"), 10)
		if err != nil || len(mails) != 1 || mails[0].State != "sent" || strings.Contains(mails[0].Body, got.Secret) {
			t.Errorf("outbox %+v %v", mails, err)
		}
		for _, m := range sent.mails {
			if strings.Contains(m.Subject+m.Text, "SECRET") {
				t.Errorf("a mail tells of the record: %+v", m)
			}
		}
		if n := rig.Count(t, h.DB, "jobs where args like '%' || $1 || '%'", got.Secret); n != 0 {
			t.Error("the secret stays in the jobs")
		}
	})
}

func TestAMessageGoesOutByItselfWithAMoveAndOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		got := report(t, h)
		if _, err := h.Reports.Decide(h.As(t, "ana", "analyst"), got.ID, intake.VerbAccept, intake.Decision{}); err != nil {
			t.Fatal(err)
		}
		drain(t, h)
		a, _, err := h.Reports.Reporter(t.Context(), got.Secret)
		if err != nil {
			t.Fatal(err)
		}
		own, err := h.Reports.Own(access.With(t.Context(), a), got.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(own.Said) != 2 { // the receipt and the acceptance
			t.Errorf("the reporter sees %d messages, want 2: %+v", len(own.Said), own.Said)
		}
	})
}

func TestWhoMayNotSeeTheCaseAnyMoreIsNotTold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		id, err := h.Cases.Open(ana, casework.Opening{Title: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Cases.Note(ana, id, "look at this, @eve and @nobody"); err != nil {
			t.Fatal(err)
		}
		drain(t, h)
		if ns, err := h.Notices.Mine(eve, 10); err != nil || len(ns) != 1 || ns[0].What != "mention" {
			t.Errorf("notices %+v %v", ns, err)
		}
		if _, err := h.Cases.Note(ana, id, "and again, @eve"); err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.Embargo(ana, id, rig.Start.AddDate(0, 1, 0), "serious"); err != nil { // before the job runs
			t.Fatal(err)
		}
		drain(t, h)
		if n := rig.Count(t, h.DB, "notices where person = 'person-eve'"); n != 1 {
			t.Errorf("%d notices were left, want the 1 from before the embargo", n)
		}
		if ns, err := h.Notices.Mine(eve, 10); err != nil || len(ns) != 0 {
			t.Errorf("the older notice shows still: %+v %v", ns, err)
		}
	})
}

func TestMailThatIsRefusedIsTriedAgain(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		sent := &post{fail: 1}
		h.Effects.Mailer = sent
		report(t, h)
		drain(t, h)
		if len(sent.mails) != 0 || rig.Count(t, h.DB, "mails where state = 'refused'") != 1 {
			t.Fatalf("sent %+v", sent.mails)
		}
		h.Pass(10 * 60 * 1e9)
		drain(t, h)
		if len(sent.mails) != 1 || rig.Count(t, h.DB, "mails where state = 'sent'") != 1 || rig.Count(t, h.DB, "mails") != 1 {
			t.Errorf("sent %+v", sent.mails)
		}
	})
}

func TestLateClocksAreSeenWithoutAnyMove(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, err := h.Cases.Open(ana, casework.Opening{Title: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.Assign(ana, id, ref.ID("person-ana")); err != nil {
			t.Fatal(err)
		}
		h.Pass(6 * 24 * 60 * 60 * 1e9)
		if _, err := h.Cases.Tick(rig.System(), 10); err != nil {
			t.Fatal(err)
		}
		l, err := h.Cases.List(ana, casework.Filter{Breached: true}, casework.Page{})
		if err != nil || len(l.Cases) != 1 || l.Cases[0].ID != id {
			t.Errorf("late cases %+v %v", l, err)
		}
	})
}

// post is a mail server that fails some times and then keeps what it gets.
type post struct {
	fail  int
	mails []outside.Mail
}

func (p *post) Send(_ context.Context, m outside.Mail) error {
	if p.fail--; p.fail >= 0 {
		return errors.New("not now")
	}
	p.mails = append(p.mails, m)
	return nil
}
