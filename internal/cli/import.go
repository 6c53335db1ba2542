package cli

import (
	"fmt"

	"tocsin/internal/archive"
)

type importCmd struct {
	store
	Kind    string   `arg:"" enum:"cve5,osv,csaf,bounty-csv" help:"cve5, osv, csaf or bounty-csv."`
	Paths   []string `arg:"" name:"path" help:"Files and folders."`
	DryRun  bool     `help:"Change nothing, report the same."`
	Program string   `help:"Of a bounty table: only the reports to this program." placeholder:"NAME"`
	JSON    bool     `help:"One JSON object."`
}

// Run brings published history in. A bad file is reported and the rest goes on;
// then the exit code is 1.
func (c importCmd) Run(e *Env) error {
	files, err := archive.Files(c.Kind, c.Paths...)
	if err != nil {
		return err
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	s, err := h.Archive.Import(asHouse(e.Ctx), c.Kind, files, archive.Options{DryRun: c.DryRun, Program: c.Program, Progress: e.progress("importing", c.JSON)})
	if err != nil {
		return err
	}
	if _, err := h.Sealer.Step(e.Ctx); err != nil {
		return err
	}
	return c.tell(e, s)
}

func (c importCmd) tell(e *Env, s *archive.Summary) error {
	if c.JSON {
		if err := e.print(s); err != nil {
			return err
		}
	} else {
		for _, f := range s.Failed {
			e.say("%s%s: %s", f.File, place(f), f.Reason)
		}
		would := ""
		if c.DryRun {
			would = "would be "
		}
		e.say("%d files, %d records: %d %simported, %d %supdated, %d the same as before, %d failed; %d cases opened", s.Files, s.Records,
			s.Imported, would, s.Updated, would, s.Same, len(s.Failed), s.Cases)
		e.say("not stated and kept as unknown: %d dates, %d scores, %d weaknesses, %d components", s.Unknown.Dates, s.Unknown.Scores, s.Unknown.Weaknesses, s.Unknown.Components)
	}
	if len(s.Failed) > 0 {
		return errNo
	}
	return nil
}

// place says where in the file a record failed.
func place(f archive.Failure) string {
	switch {
	case f.Line > 0:
		return fmt.Sprintf(":%d", f.Line)
	case f.Pointer != "":
		return " at " + f.Pointer
	}
	return ""
}
