package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/format/all"
	"tocsin/internal/house"
	"tocsin/internal/profile"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/riskscore"
)

type migrateCmd struct {
	store
	Check bool `help:"Change nothing; exit 1 where migrations are pending."`
}

// Run brings the schema up.
func (c migrateCmd) Run(e *Env) error {
	if c.Check {
		if err := exists(c.DB); err != nil {
			return err
		}
	}
	d, err := c.database(e)
	if err != nil {
		return err
	}
	defer d.Close()
	if !c.Check {
		ran, err := d.Migrate(e.Ctx)
		for _, name := range ran {
			e.say("ran %s", name)
		}
		return c.unfit(err)
	}
	return c.check(e, d)
}

func (c migrateCmd) check(e *Env, d *db.DB) error {
	names, err := d.Pending(e.Ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		e.say("pending %s", name)
	}
	if len(names) > 0 {
		return errNo
	}
	e.say("the schema is up to date")
	return nil
}

// exists refuses a SQLite file that is not there, where a command must not make one.
func exists(store string) error {
	if strings.Contains(store, "://") {
		return nil
	}
	if _, err := os.Stat(strings.TrimPrefix(store, "sqlite:")); err != nil {
		return fault.New(fault.NotFound, "there is no store %s; name one with --db", store)
	}
	return nil
}

type profileCmd struct {
	Check profileCheckCmd `cmd:"" help:"Check a profile folder and say every mistake with file, line and mend."`
	Show  profileShowCmd  `cmd:"" help:"Show a profile."`
	Draw  profileDrawCmd  `cmd:"" help:"Draw its life cycles as Mermaid."`
	Copy  profileCopyCmd  `cmd:"" help:"Write a profile that comes with the program into a new folder, to change it there."`
}

type profileCheckCmd struct {
	Dir string `arg:"" help:"The folder." type:"existingdir"`
}

// Run checks a profile folder.
func (c profileCheckCmd) Run(e *Env) error {
	p, err := profile.Load(os.DirFS(c.Dir), house.Words())
	if err != nil {
		e.say("%s", err)
		return errNo
	}
	e.say("%s is good: version %s", p.Name, p.Version)
	return nil
}

type profileShowCmd struct {
	Profile string `env:"TOCSIN_PROFILE" default:"generic" help:"generic, gitlab, or a folder."`
	JSON    bool   `help:"As JSON."`
}

// Run shows a profile.
func (c profileShowCmd) Run(e *Env) error {
	p, err := house.LoadProfile(c.Profile)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.ShowJSON(e.Out)
	}
	return p.Show(e.Out)
}

type profileDrawCmd struct {
	Profile string `env:"TOCSIN_PROFILE" default:"generic" help:"generic, gitlab, or a folder."`
}

// Run draws the life cycles.
func (c profileDrawCmd) Run(e *Env) error {
	p, err := house.LoadProfile(c.Profile)
	if err != nil {
		return err
	}
	fmt.Fprint(e.Out, p.Draw())
	return nil
}

type advisoryCmd struct {
	List  advisoryListCmd  `cmd:"" help:"List advisories that a query leaves."`
	Check advisoryCheckCmd `cmd:"" help:"Check files; exit 1 where any is invalid."`
}

type advisoryCheckCmd struct {
	Files []string `arg:"" name:"file" help:"Files, or - for standard input."`
	JSON  bool     `help:"One object a file a line."`
}

// maxAdvisory is how big a file may be, in bytes.
const maxAdvisory = 64 << 20

// Run checks advisory files.
func (c advisoryCheckCmd) Run(e *Env) error {
	bad := false
	for _, name := range c.Files {
		body, err := readFile(e, name, maxAdvisory)
		if err != nil {
			return err
		}
		r := all.Check(name, body)
		bad = bad || !r.Valid
		if c.JSON {
			if err := e.print(r); err != nil {
				return err
			}
			continue
		}
		for _, f := range r.Findings {
			e.say("%s: %s %s at %s: %s", name, f.Level, f.Rule, pointer(f.Pointer), f.Message)
		}
		if r.Valid {
			e.say("%s: valid %s", name, r.Format)
		}
	}
	if bad {
		return errNo
	}
	return nil
}

func pointer(p string) string {
	if p == "" {
		return "/"
	}
	return p
}

// readFile reads a file, or standard input for "-", up to a limit.
func readFile(e *Env, name string, limit int64) ([]byte, error) {
	in := e.In
	if name != "-" {
		f, err := os.Open(filepath.Clean(name))
		if err != nil {
			return nil, fault.New(fault.Invalid, "%s cannot be read: %v", name, reason(err))
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s cannot be read: %v", name, reason(err))
	}
	if int64(len(b)) > limit {
		return nil, fault.New(fault.Invalid, "%s is larger than %d MiB; split it", name, limit>>20)
	}
	return b, nil
}

// reason is the cause of a file error without its path.
func reason(err error) error {
	if pe, ok := err.(*os.PathError); ok { //nolint:errorlint // os returns it bare
		return pe.Err
	}
	return err
}

type scoreCmd struct {
	CVSS    scoreCVSSCmd    `cmd:"" name:"cvss" help:"Score CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0."`
	OWASP   scoreOWASPCmd   `cmd:"" name:"owasp" help:"Rate a risk by the OWASP Risk Rating Methodology."`
	SP80030 scoreSP80030Cmd `cmd:"" name:"sp800-30" help:"Rate a risk by tables G-5 and I-2 of NIST SP 800-30 r1."`
}

type scoreOWASPCmd struct {
	Agent         string `required:"" help:"Threat agent: skill, motive, opportunity, size; four numbers from 0 to 9 with commas between."`
	Vulnerability string `required:"" help:"Ease of discovery, ease of exploit, awareness, intrusion detection."`
	Technical     string `required:"" help:"Loss of confidentiality, integrity, availability, accountability."`
	Business      string `help:"Financial damage, reputation damage, non-compliance, privacy. Where it is not given, the technical impact decides."`
	JSON          bool   `help:"One object."`
}

// Run rates the factors of three groups, or of four.
func (c scoreOWASPCmd) Run(e *Env) error {
	f, err := riskscore.ParseFactors(c.Agent, c.Vulnerability, c.Technical, c.Business)
	if err != nil {
		return err
	}
	r, err := riskscore.OWASP(f)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(r)
	}
	e.say("%s", r.Severity)
	e.say("    likelihood        %.3f %s", r.Likelihood, r.LikelihoodLevel)
	e.say("    technical impact  %.3f %s", r.Technical, r.TechnicalLevel)
	if r.Business != nil {
		e.say("    business impact   %.3f %s", *r.Business, r.BusinessLevel)
	}
	return nil
}

type scoreSP80030Cmd struct {
	Initiation string `required:"" help:"Likelihood that the threat event is initiated or occurs: Very Low, Low, Moderate, High or Very High, or a number from 0 to 100."`
	Harm       string `required:"" help:"Likelihood that it then does harm."`
	Impact     string `required:"" help:"The impact."`
	JSON       bool   `help:"One object."`
}

// Run combines three levels.
func (c scoreSP80030Cmd) Run(e *Env) error {
	q, err := riskscore.SP80030(c.Initiation, c.Harm, c.Impact)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(q)
	}
	e.say("%s risk, overall likelihood %s", q.Risk, q.Likelihood)
	return nil
}

type scoreCVSSCmd struct {
	Vectors []string `arg:"" name:"vector" help:"Vectors."`
	JSON    bool     `help:"One object a line, in the order asked."`
}

// Run scores vectors.
func (c scoreCVSSCmd) Run(e *Env) error {
	for _, text := range c.Vectors {
		v, err := cvss.Parse(text)
		if err != nil {
			return err
		}
		r := v.Score()
		if c.JSON {
			if err := e.print(r); err != nil {
				return err
			}
			continue
		}
		e.say("%.1f %s  %s", r.Score, r.Severity, v)
		for _, m := range v.Metrics() {
			e.say("    %-4s %-34s %s", m.Abbrev, m.Name, m.ValueName)
		}
	}
	return nil
}
