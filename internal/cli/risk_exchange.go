package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tocsin/internal/exchange"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

type riskExportCmd struct {
	store
	Format     string `default:"json" help:"csv, xlsx, json, ir8286, ir8286-detail, oscal or markdown."`
	Output     string `short:"o" help:"Write into this file; default standard output." placeholder:"FILE"`
	Plain      bool   `help:"Of json: without ids and what this house alone gives."`
	State      string `help:"Only open, or only closed."`
	Stage      string `help:"Only this stage."`
	Kind       string `help:"Only this kind."`
	Scope      string `help:"Only this scope."`
	Department string `help:"Only this department."`
	Response   string `help:"Only this response."`
	Rating     string `help:"Only this rating."`
	Label      string `help:"Only with this label."`
	Owner      string `help:"Only of this business owner." placeholder:"ID"`
	Text       string `help:"Only with these words."`
}

// Run writes the register, of every risk of the store, and tells beside it what a
// strict format cannot hold.
func (c riskExportCmd) Run(e *Env) (err error) {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	if _, err := exchange.FormatOf(c.Format); err != nil {
		return err
	}
	ask := exchange.Asking{Format: c.Format, Plain: c.Plain, Filter: risk.Filter{State: c.State, Stage: c.Stage, Kind: c.Kind, Scope: c.Scope,
		Department: c.Department, Response: c.Response, Rating: c.Rating, Label: c.Label, Owner: ref.ID(c.Owner), Text: c.Text}}
	to, done, err := c.to(e)
	if err != nil {
		return err
	}
	said, err := h.Exchange.Export(asHouse(e.Ctx), ask, to)
	if err := done(err); err != nil {
		return err
	}
	if _, err := h.Sealer.Step(e.Ctx); err != nil {
		return err
	}
	note(e, "%d risks. %s", said.Risks, said.Counted)
	for _, l := range said.LeftOut {
		note(e, "left out %s, %s: %s", l.ID, l.Title, strings.Join(l.Why, "; "))
	}
	return nil
}

// note tells something beside what goes to standard output.
func note(e *Env, format string, args ...any) {
	_, _ = fmt.Fprintln(e.Err, plain(fmt.Sprintf(format, args...)))
} // a closed terminal is no reason to stop

// to opens what the export is written to. A file appears whole or not at all.
func (c riskExportCmd) to(e *Env) (io.Writer, func(error) error, error) {
	if c.Output == "" {
		return e.Out, func(err error) error { return err }, nil
	}
	f, err := os.CreateTemp(filepath.Dir(c.Output), ".export-*")
	if err != nil {
		return nil, nil, &fault.Fault{Kind: fault.Invalid, Says: "the file " + c.Output + " cannot be written; check its folder and that you may write there", Err: err}
	}
	return f, func(err error) error {
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err == nil {
			err = os.Rename(f.Name(), c.Output)
		}
		if err != nil {
			_ = os.Remove(f.Name()) // it is of no use to anybody
		}
		return err
	}, nil
}

type riskImportCmd struct {
	store
	File    string `arg:"" help:"A CSV, XLSX or JSON file."`
	Format  string `help:"csv, xlsx or json; default by the file's ending."`
	Mapping string `help:"How the columns of another program are read, such as ciso-assistant." placeholder:"NAME"`
	DryRun  bool   `help:"Change nothing, report the same."`
	JSON    bool   `help:"One JSON object."`
}

// Run brings the risks of a file in, all or none of them; with a mistake in the
// file the exit code is 1.
func (c riskImportCmd) Run(e *Env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return &fault.Fault{Kind: fault.Invalid, Says: "the file " + c.File + " cannot be read; check its path and that you may read it", Err: err}
	}
	defer f.Close()
	if c.Format == "" {
		c.Format = strings.ToLower(strings.TrimPrefix(filepath.Ext(c.File), "."))
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	r, err := h.Exchange.Import(asHouse(e.Ctx), c.Format, f, exchange.Options{DryRun: c.DryRun, Mapping: c.Mapping, File: filepath.Base(c.File)})
	if err != nil {
		return err
	}
	if _, err := h.Sealer.Step(e.Ctx); err != nil {
		return err
	}
	return c.tell(e, r)
}

func (c riskImportCmd) tell(e *Env, r *exchange.Report) error {
	if c.JSON {
		if err := e.print(r); err != nil {
			return err
		}
	} else {
		c.lines(e, r)
	}
	if len(r.Errors) > 0 {
		return errNo
	}
	return nil
}

func (c riskImportCmd) lines(e *Env, r *exchange.Report) {
	for _, x := range r.Errors {
		e.say("%s:%d%s: %s", c.File, x.Line, column(x.Column), x.Says)
	}
	for _, b := range r.Risks {
		if b.What == exchange.IsSame || b.What == exchange.IsRefused {
			continue
		}
		e.say("%s:%d: %s %s %s", c.File, b.Line, b.What, b.ID, b.Title)
		for _, ch := range b.Changes {
			e.say("    %s: %s -> %s", ch.Field, ch.Old, ch.New)
		}
		for _, n := range b.Notes {
			e.say("    %s", n)
		}
	}
	for _, n := range r.Notes {
		e.say("Note: %s.", strings.TrimSuffix(n, "."))
	}
	done := "imported"
	switch {
	case len(r.Errors) > 0:
		done = "nothing was imported; mend what is listed and import the file again"
	case r.DryRun:
		done = "a dry run: nothing was changed"
	}
	e.say("%d new, %d changed, %d the same as before, %d refused: %s", r.New, r.Changed, r.Same, r.Refused, done)
}

func column(name string) string {
	if name == "" {
		return ""
	}
	return " " + name
}
