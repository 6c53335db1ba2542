package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"tocsin/internal/archive"
	"tocsin/internal/fault"
	"tocsin/internal/house"
)

type exportCmd struct {
	store
	File string `arg:"" help:"The file to write; it must not be there yet. - is standard output."`
	Form string `default:"jsonl" enum:"jsonl,csv" help:"jsonl: everything, one JSON object a line; csv: the list of cases."`
	JSON bool   `help:"Say how much was written as one JSON object, on standard error."`
}

// Run writes the records out. The file appears only when it is whole.
func (c exportCmd) Run(e *Env) error {
	if err := exists(c.DB); err != nil {
		return err
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	if c.File == "-" {
		_, err := h.Archive.Export(asHouse(e.Ctx), e.Out, archive.Wanted{Form: c.Form})
		return err
	}
	return c.write(e, h)
}

func (c exportCmd) write(e *Env, h *house.House) error {
	if _, err := os.Lstat(c.File); err == nil {
		return fault.New(fault.Conflict, "%s is there already; choose another name, an export never replaces a file", c.File)
	}
	part := c.File + ".partial"
	f, err := os.OpenFile(filepath.Clean(part), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fault.New(fault.Invalid, "%s cannot be written: %v", c.File, reason(err))
	}
	defer os.Remove(part)
	defer f.Close()
	n, err := h.Archive.Export(asHouse(e.Ctx), f, archive.Wanted{Form: c.Form})
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(part, c.File); err != nil {
		return err
	}
	if c.JSON {
		return (&Env{Out: e.Err}).print(n)
	}
	e.say("wrote %s: %v", c.File, n)
	return nil
}

type backupCmd struct {
	store
	File string `arg:"" help:"The file to write; it must not be there yet."`
	JSON bool   `help:"As one JSON object."`
}

// Run writes a backup of one consistent moment, while the house runs.
func (c backupCmd) Run(e *Env) error {
	if err := exists(c.DB); err != nil {
		return err
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := noted(e.Ctx, h); err != nil {
		return err
	}
	m, err := h.Backup(e.Ctx, c.File, e.progress("backing up", c.JSON))
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(m)
	}
	e.say("wrote %s: %d rows of %d tables; the key file is not in it, keep that elsewhere", c.File, m.Rows, len(m.Tables))
	return nil
}

// noted leaves an audit entry of the backup, and seals it.
func noted(ctx context.Context, h *house.House) error {
	if err := h.Setups.BackedUp(asHouse(ctx)); err != nil {
		return err
	}
	_, err := h.Sealer.Step(ctx)
	return err
}

type restoreCmd struct {
	DB   string `name:"db" env:"TOCSIN_DB" default:"tocsin.db" help:"The empty store to fill: a SQLite file that is not there, or an empty PostgreSQL database." placeholder:"STORE"`
	File string `arg:"" help:"The backup."`
	JSON bool   `help:"As one JSON object."`
}

// Run restores a backup into an empty store, of either engine.
func (c restoreCmd) Run(e *Env) error {
	f, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return fault.New(fault.Invalid, "%s cannot be read: %v", c.File, reason(err))
	}
	defer f.Close()
	fresh := exists(c.DB) != nil
	m, err := house.Restore(e.Ctx, c.DB, f, e.progress("restoring", c.JSON))
	if err != nil {
		if fresh {
			forget(c.DB)
		}
		return err
	}
	if c.JSON {
		return e.print(m)
	}
	e.say("restored %d rows of %d tables into %s; prove the log with: tocsin audit verify", m.Rows, len(m.Tables), hidePassword(c.DB))
	return nil
}

// forget deletes the SQLite store that a failed restore began.
func forget(store string) {
	path := strings.TrimPrefix(store, "sqlite:")
	for _, end := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + end) // what is not there needs no deleting
	}
}
