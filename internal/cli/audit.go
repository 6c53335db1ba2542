package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Prove the whole log, or name the first entry that was edited, is missing or was moved."`
	Prove  auditProveCmd  `cmd:"" help:"Print the inclusion proof of one entry."`
}

type auditVerifyCmd struct {
	DB         string   `name:"db" env:"TOCSIN_DB" default:"tocsin.db" help:"SQLite file, or postgres://user@host/name." placeholder:"STORE"`
	KeyFile    string   `env:"TOCSIN_KEY_FILE" help:"Hold the log against this key, instead of the one that the store names." placeholder:"FILE"`
	Checkpoint []string `help:"A signed checkpoint that was kept elsewhere." placeholder:"FILE"`
	JSON       bool     `help:"As one JSON object."`
}

// Run verifies the log.
func (c auditVerifyCmd) Run(e *Env) error {
	if err := exists(c.DB); err != nil {
		return err
	}
	d, err := store{DB: c.DB}.database(e)
	if err != nil {
		return err
	}
	defer d.Close()
	o := audit.Options{Progress: e.progress("verifying", false)}
	for _, name := range c.Checkpoint {
		b, err := readFile(e, name, 1<<20)
		if err != nil {
			return err
		}
		o.Kept = append(o.Kept, audit.Kept{Name: filepath.Base(name), Note: b})
	}
	if o.Public, err = c.public(e, d); err != nil {
		return err
	}
	r, err := audit.Verify(e.Ctx, d, o)
	if err != nil {
		return err
	}
	return c.tell(e, r)
}

// public is the key that must have signed, read from the key file.
func (c auditVerifyCmd) public(e *Env, d *db.DB) (string, error) {
	if c.KeyFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return "", err
	}
	k, err := seal.ReadKey(string(b))
	if err != nil {
		return "", err
	}
	return audit.Public(e.Ctx, d, k)
}

func (c auditVerifyCmd) tell(e *Env, r audit.Report) error {
	if c.JSON {
		if err := e.print(r); err != nil {
			return err
		}
	} else {
		for _, line := range r.Sentences() {
			e.say("%s", line)
		}
	}
	if !r.OK() {
		return errNo
	}
	return nil
}

type auditProveCmd struct {
	DB         string `name:"db" env:"TOCSIN_DB" default:"tocsin.db" help:"SQLite file, or postgres://user@host/name." placeholder:"STORE"`
	Entry      string `arg:"" help:"The entry's id."`
	Checkpoint string `help:"Prove it against this kept checkpoint." placeholder:"FILE"`
}

// Run prints an inclusion proof.
func (c auditProveCmd) Run(e *Env) error {
	if err := exists(c.DB); err != nil {
		return err
	}
	d, err := store{DB: c.DB}.database(e)
	if err != nil {
		return err
	}
	defer d.Close()
	var kept []byte
	if c.Checkpoint != "" {
		if kept, err = readFile(e, c.Checkpoint, 1<<20); err != nil {
			return err
		}
	}
	p, err := audit.Prove(e.Ctx, d, ref.ID(c.Entry), kept)
	if err != nil {
		return err
	}
	fmt.Fprint(e.Out, p.Text())
	return nil
}
