package effect

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"tocsin/internal/access"
	"tocsin/internal/bulk"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/intake"
	"tocsin/internal/notice"
	"tocsin/internal/ref"
)

// tellOwner tells whoever is named in the job, else the case's owner.
func (e *Effects) tellOwner(ctx context.Context, id ref.ID, t told) error {
	var who []somebody
	err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		if t.Who != "" {
			who, err = person(v, t.Who)
		} else {
			who, err = owner(v, t.Case)
		}
		return err
	})
	return errors.Join(err, e.each(ctx, id, who, t))
}

// tellTeam tells those who work on the record: who has acted on it, and for a
// report that nobody has touched yet, everybody whose roles may accept it. The owners
// of a risk are told by a job of their own.
func (e *Effects) tellTeam(ctx context.Context, id ref.ID, t told) error {
	var who []somebody
	err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		if who, err = workers(v, t.subject(), t.Staff); err != nil {
			return err
		}
		if t.Risk != "" {
			owners, err := riskOwners(v, t.Risk, false)
			who = slices.DeleteFunc(who, func(w somebody) bool {
				return slices.ContainsFunc(owners, func(o somebody) bool { return o.id == w.id })
			})
			return err
		}
		if len(who) == 0 && t.Report != "" {
			who, err = withRoles(v, e.rolesFor(string(intake.VerbAccept)))
		}
		return err
	})
	return errors.Join(err, e.each(ctx, id, who, t))
}

func (e *Effects) rolesFor(verb string) []string {
	for _, g := range e.Profile.Grants {
		if g.Verb == verb {
			return g.Roles
		}
	}
	return nil
}

// tellMention tells the person whose handle was written after an @.
func (e *Effects) tellMention(ctx context.Context, id ref.ID, t told) error {
	var who []somebody
	err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		who, err = byHandle(v, t.Name)
		return err
	})
	t.What = "mention"
	return errors.Join(err, e.each(ctx, id, who, t))
}

func (e *Effects) each(ctx context.Context, id ref.ID, who []somebody, t told) error {
	for _, w := range who {
		if err := e.tell(ctx, id, w, t.subject(), t.What, t.From); err != nil {
			return err
		}
	}
	return nil
}

// tellReporter tells the reporters of a case or of a report. Where the job names
// no message, the profile's message for the move is written first, if it has one.
func (e *Effects) tellReporter(ctx context.Context, id ref.ID, t told) error {
	if t.Text == "" {
		return e.canned(ctx, id, t)
	}
	report := t.Report
	if report == "" {
		report = t.Who
	}
	return e.nudge(ctx, id, report)
}

// canned writes the message that goes out by itself with a move; the message
// leaves the job that nudges the reporter. Running twice writes once: the
// message's ID is the job's.
func (e *Effects) canned(ctx context.Context, id ref.ID, t told) error {
	m, ok := e.Profile.MessageOn(t.What)
	if !ok {
		return nil
	}
	var err error
	if t.Case != "" {
		err = e.Cases.Canned(ctx, t.Case, id, m, e.Portal+"/portal")
	} else {
		err = e.Reports.Canned(ctx, t.Report, id, m, e.Portal+"/portal")
	}
	if errors.Is(err, fault.NotFound) {
		return nil // the record is gone; nobody is left to tell
	}
	return err
}

// nudge mails a reporter that there is something new on their page.
func (e *Effects) nudge(ctx context.Context, id, report ref.ID) error {
	var contacts []string
	if err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		contacts, err = contact(v, report)
		return err
	}); err != nil || len(contacts) == 0 || contacts[0] == "" {
		return err
	}
	return e.mail(ctx, id, notice.Mail{Recipient: contacts[0], About: report, Subject: "News about your report " + string(report),
		Body: "There is something new on the page of your report " + string(report) + ".\n\nOpen it with the secret link that you got when you sent it, or paste that link here:\n\n" + e.Portal + "/portal/find\n"}, "")
}

// acknowledge mails the secret link, once, to the address that the reporter gave.
func (e *Effects) acknowledge(ctx context.Context, id ref.ID, a intake.Ack) error {
	var contacts []string
	if err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		contacts, err = contact(v, a.Report)
		return err
	}); err != nil || len(contacts) == 0 || contacts[0] == "" {
		return err
	}
	return e.mail(ctx, id, notice.Mail{Recipient: contacts[0], About: a.Report, Subject: "We have your report " + string(a.Report),
		Body: "Thank you. Your report has the tracking number " + string(a.Report) + ". Your own page, where you see how it stands and can write to us:\n\n" +
			hidden + "\n\nWhoever has this link can read the page, so keep it to yourself.\n"}, a.Link)
}

func unique(all []somebody) []somebody {
	var out []somebody
	for _, w := range all {
		if !slices.ContainsFunc(out, func(o somebody) bool { return o.id == w.id }) {
			out = append(out, w)
		}
	}
	return out
}

// tellBulk tells somebody once of all records that were handed to them together: the
// first that they may see stands for all of them.
func (e *Effects) tellBulk(ctx context.Context, id ref.ID, t bulk.Told) error {
	first, n, err := e.Bulks.Handed(access.With(ctx, access.Actor{ID: t.Who, Kind: access.Person}), t.Bulk)
	if errors.Is(err, fault.NotFound) || err == nil && n == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	var who []somebody
	if err := e.Gate.View(ctx, func(v *gate.View) (err error) {
		who, err = person(v, t.Who)
		return err
	}); err != nil || len(who) == 0 {
		return err
	}
	if err := e.Notices.Put(ctx, notice.Notice{Person: t.Who, Subject: first, What: t.What, Actor: t.From}, id); err != nil || who[0].email == "" {
		return err
	}
	return e.mail(ctx, id, notice.Mail{Recipient: who[0].email, Subject: "Tocsin: something waits for you", About: first,
		Body: strconv.Itoa(n) + " records were handed to you together. This is the first of them:\n\n" + e.URL + Page(first) + "\n"}, "")
}
