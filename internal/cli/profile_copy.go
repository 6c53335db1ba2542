package cli

import (
	"io/fs"
	"os"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/profiles"
)

type profileCopyCmd struct {
	Name string `arg:"" help:"generic or gitlab."`
	Dir  string `arg:"" help:"The folder to make; it must not be there yet."`
}

// Run copies a profile, so that a vendor's own begins with one that is whole.
func (c profileCopyCmd) Run(e *Env) error {
	if !slices.Contains(profile.Names(), c.Name) {
		return fault.New(fault.Invalid, "no profile %q comes with the program; choose one of %s", c.Name, strings.Join(profile.Names(), ", "))
	}
	if _, err := os.Lstat(c.Dir); err == nil {
		return fault.New(fault.Conflict, "%s is there already; name a new folder, a copy never replaces anything", c.Dir)
	}
	from, err := fs.Sub(profiles.FS, c.Name)
	if err != nil {
		return err
	}
	if err := os.CopyFS(c.Dir, from); err != nil {
		return fault.New(fault.Invalid, "%s cannot be written: %v", c.Dir, reason(err))
	}
	e.say("wrote %s; name your organisation in %s/profile.yaml, then: tocsin profile check %s && tocsin serve --profile %s", c.Dir, c.Dir, c.Dir, c.Dir)
	return nil
}
