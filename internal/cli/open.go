package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/outside"
	"tocsin/internal/plug/smtp"
	"tocsin/internal/plug/webhook"
	"tocsin/internal/profile"
)

// config turns the flags into what the house opens with.
func (s store) config(log io.Writer) (house.Config, error) {
	c := house.Config{Store: s.DB, Profile: s.Profile, KeyFile: s.KeyFile, URL: s.URL, Portal: s.PortalURL, CheckpointDir: s.CheckpointDir, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(log, nil))}
	if s.CheckpointDir != "" {
		if err := os.MkdirAll(s.CheckpointDir, 0o755); err != nil {
			return c, &fault.Fault{Kind: fault.Invalid, Says: "the folder for checkpoints " + s.CheckpointDir + " cannot be made; check its path and that you may write there, or name another with --checkpoint-dir", Err: err}
		}
	}
	caller, err := webhook.New(s.Networks...)
	if err != nil {
		return c, err
	}
	c.Caller = caller
	c.Mailer, err = s.mailer()
	return c, err
}

func (s store) mailer() (outside.Mailer, error) {
	if s.SMTP == "" {
		return nil, nil
	}
	return smtp.New(s.SMTP, s.MailFrom)
}

// open opens the house.
func (s store) open(e *Env) (*house.House, error) {
	c, err := s.config(e.Err)
	if err != nil {
		return nil, err
	}
	h, err := house.Open(e.Ctx, c)
	return h, s.unfit(err)
}

// unfit makes an error of opening the house what it is for a command: a store, a
// key or a version that do not go together are something outside, not the answer
// "no", and of a profile's mistakes the first is told.
func (s store) unfit(err error) error {
	var ps profile.Problems
	switch {
	case errors.As(err, &ps) && len(ps) > 0:
		return fault.New(fault.Invalid, "the profile %s has mistakes, the first of %d is %s; see them all with: tocsin profile check %s", s.Profile, len(ps), ps[0], s.Profile)
	case errors.Is(err, fault.Conflict):
		f := *fault.Of(err)
		f.Kind = fault.Unavailable
		return &f
	}
	return err
}

// database opens the store alone, without changing it.
func (s store) database(e *Env) (*db.DB, error) { return db.Open(e.Ctx, s.DB) }

// asHouse is the context of whoever holds the machine: commands that run beside
// the store act as the house itself.
func asHouse(ctx context.Context) context.Context { return access.With(ctx, access.System("cli")) }
