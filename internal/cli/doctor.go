package cli

import (
	"tocsin/internal/setup"
)

type doctorCmd struct {
	store
	Verify bool `help:"Prove the whole audit log first, and note that it was proven."`
	JSON   bool `help:"One object a row a line."`
}

// doctorWords are the states as doctor writes them, of one width.
var doctorWords = map[setup.State]string{setup.Good: "ok     ", setup.Later: "later  ", setup.Look: "look   ", setup.Missing: "MISSING"}

// Run says how the installation stands; exit 1 where something is missing. Address,
// mail and folders are judged by the flags and variables that it is called with: give
// it those of the server.
func (c doctorCmd) Run(e *Env) error {
	if err := exists(c.DB); err != nil {
		return err
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	if c.Verify {
		r, err := h.VerifyAudit(asHouse(e.Ctx))
		if err != nil {
			return err
		}
		if err := (auditVerifyCmd{JSON: c.JSON}).tell(e, r); err != nil {
			return err
		}
	}
	run, err := h.SetUp(asHouse(e.Ctx))
	if err != nil {
		return err
	}
	for _, r := range run.Rows {
		if c.JSON {
			if err := e.print(r); err != nil {
				return err
			}
			continue
		}
		e.say("%s  %s: %s", doctorWords[r.State], r.Title, r.Says)
		if r.Command != "" && r.State != setup.Good {
			e.say("         %s", r.Command)
		}
	}
	if setup.Worst(run.Rows) == setup.Missing {
		return errNo
	}
	return nil
}
