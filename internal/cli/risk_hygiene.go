package cli

import (
	"cmp"
	"strings"
)

type riskHygieneCmd struct {
	store
	DryRun bool `help:"Change nothing; say what would be done."`
	JSON   bool `help:"One JSON array."`
}

// Run goes through the policies, as the house does every night.
func (c riskHygieneCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	found, err := h.Hygiene.Run(asHouse(e.Ctx), c.DryRun)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.print(found)
	}
	for _, f := range found {
		act := strings.Join(f.Act, ", ")
		if f.Exempt != "" {
			act = "quiet: " + f.Exempt
		}
		e.say("%s  %-17s %4d days  %-22s %s", f.Record, cmp.Or(f.Policy, "met again"), f.Days, cmp.Or(act, "known"), f.Title)
		for _, d := range f.Detail {
			e.say("    %s", d)
		}
	}
	if len(found) == 0 {
		e.say("Every policy is met.")
	}
	return nil
}
