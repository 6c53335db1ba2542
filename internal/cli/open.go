package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/db"
	"tocsin/internal/house"
	"tocsin/internal/outside"
	"tocsin/internal/plug/smtp"
)

// config turns the flags into what the house opens with.
func (s store) config(log io.Writer) (house.Config, error) {
	c := house.Config{Store: s.DB, Profile: s.Profile, KeyFile: s.KeyFile, URL: s.URL, Portal: s.PortalURL, CheckpointDir: s.CheckpointDir, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(log, nil))}
	if s.CheckpointDir != "" {
		if err := os.MkdirAll(s.CheckpointDir, 0o755); err != nil {
			return c, err
		}
	}
	m, err := s.mailer()
	c.Mailer = m
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
	return house.Open(e.Ctx, c)
}

// database opens the store alone, without changing it.
func (s store) database(e *Env) (*db.DB, error) { return db.Open(e.Ctx, s.DB) }

// asHouse is the context of whoever holds the machine: commands that run beside
// the store act as the house itself.
func asHouse(ctx context.Context) context.Context { return access.With(ctx, access.System("cli")) }
