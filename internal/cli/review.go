package cli

import (
	"os"
	"path/filepath"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/locale"
	"tocsin/internal/ref"
	"tocsin/internal/review"
)

// reviewCmd writes what reviews of the register are held from, and proves it.
type reviewCmd struct {
	Pack    reviewPackCmd    `cmd:"" help:"Write the pack of a meeting: a page, a text, and a signature beside each."`
	Quarter reviewQuarterCmd `cmd:"" help:"Write the quarter's report on the top risks, signed."`
	Verify  reviewVerifyCmd  `cmd:"" help:"Prove that a report is as it was signed."`
	Key     reviewKeyCmd     `cmd:"" help:"Print the public key that checks reports."`
}

type reviewPackCmd struct {
	store
	Meeting string `arg:"" help:"The meeting's ID, or last for the newest."`
	Out     string `short:"o" default:"." help:"The folder to write into." placeholder:"DIR"`
}

// Run writes a pack with all that the store holds.
func (c reviewPackCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	id := ref.ID(c.Meeting)
	if c.Meeting == "last" {
		all, err := h.Reviews.List(asHouse(e.Ctx))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "there is no meeting yet")
		}
		id = all[0].ID
	}
	p, err := h.Reviews.Pack(asHouse(e.Ctx), id)
	if err != nil {
		return err
	}
	return writeReport(e, h, c.Out, &p.Document)
}

type reviewQuarterCmd struct {
	store
	At  string `help:"A day of the quarter, 2006-01-02; default today." placeholder:"DATE"`
	Out string `short:"o" default:"." help:"The folder to write into." placeholder:"DIR"`
}

// Run writes the report of a quarter with all that the store holds.
func (c reviewQuarterCmd) Run(e *Env) error {
	at := time.Now()
	if c.At != "" {
		day, err := time.Parse(time.DateOnly, c.At)
		if err != nil {
			return fault.New(fault.Invalid, "--at %s is no date; write it as 2006-01-02", c.At)
		}
		at = day
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	q, err := h.Reviews.Quarter(asHouse(e.Ctx), at)
	if err != nil {
		return err
	}
	return writeReport(e, h, c.Out, &q.Document)
}

// writeReport writes both forms of a report, each with its signature.
func writeReport(e *Env, h *house.House, dir string, d *review.Document) error {
	for _, f := range []struct {
		name string
		text []byte
	}{{d.Name() + ".html", d.HTML(locale.House)}, {d.Name() + ".md", d.Markdown(locale.House)}} {
		sig, err := h.Reviews.Sign(f.name, f.text)
		if err != nil {
			return err
		}
		for name, text := range map[string][]byte{f.name: f.text, f.name + ".sig": sig} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				return err
			}
		}
		e.say("%s, signed in %s.sig", filepath.Join(dir, f.name), f.name)
	}
	return nil
}

type reviewVerifyCmd struct {
	store
	File string `arg:"" help:"The report."`
	Sig  string `arg:"" help:"Its signature."`
	Key  string `help:"The public key; default that of the store." placeholder:"KEY"`
}

// Run holds a report against its signature.
func (c reviewVerifyCmd) Run(e *Env) error {
	content, err := readFile(e, c.File, maxReport)
	if err != nil {
		return err
	}
	sig, err := readFile(e, c.Sig, maxReport)
	if err != nil {
		return err
	}
	if c.Key == "" {
		h, err := c.open(e)
		if err != nil {
			return err
		}
		defer h.Close()
		if c.Key, err = h.Reviews.Public(); err != nil {
			return err
		}
	}
	s, err := review.Verify(c.Key, content, sig)
	if err != nil {
		return err
	}
	e.say("%s is %s as %s signed it, sha256 %s", c.File, s.Name, s.By, s.Hash)
	return nil
}

// maxReport is how long a report or its signature may be, in bytes.
const maxReport = 64 << 20

type reviewKeyCmd struct{ store }

// Run prints the public key.
func (c reviewKeyCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	key, err := h.Reviews.Public()
	if err != nil {
		return err
	}
	e.say("%s", key)
	return nil
}
