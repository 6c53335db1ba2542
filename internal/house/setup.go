package house

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/party"
	"tocsin/internal/profile"
	"tocsin/internal/setup"
)

// builtIn tells whether the profile comes with the program.
func (h *House) builtIn() bool { return slices.Contains(profile.Names(), h.Config.Profile) }

// named puts the organisation that was set into the publisher of a profile that comes
// with the program, before anybody reads it. A folder of one's own says it itself.
func (h *House) named(ctx context.Context) error {
	if !h.builtIn() {
		return nil
	}
	k, err := h.Setups.Read(access.With(ctx, access.System("house")))
	if err != nil || k.Organisation.Name == "" {
		return err
	}
	p, o := &h.Rules.Publisher, k.Organisation
	// What the example's own publisher says of itself is no word of this organisation.
	*p = profile.Publisher{Name: o.Name, Namespace: o.Namespace, Contact: o.Contact, Policy: o.Policy, Category: p.Category, Languages: p.Languages}
	return nil
}

// SetUp tells how the installation stands, for whoever may set it up: what is missing
// and how it is mended. It holds no secret.
func (h *House) SetUp(ctx context.Context) (setup.Run, error) {
	kept, err := h.Setups.Read(ctx)
	if err != nil {
		return setup.Run{}, err
	}
	f := setup.Facts{Now: h.Now(), Organisation: kept.Organisation, Profile: h.Rules, BuiltIn: h.builtIn(), Backup: kept.Backup, Verified: kept.Verified}
	if err := h.count(ctx, &f); err != nil {
		return setup.Run{}, err
	}
	f.Machine, err = h.machine(ctx)
	return setup.RunOf(f, kept), err
}

// count counts people, products and parked jobs.
func (h *House) count(ctx context.Context, f *setup.Facts) error {
	people, err := h.Parties.People(ctx)
	if err != nil {
		return err
	}
	held, grants := []access.Role{}, Grants(h.Rules)
	for _, p := range people {
		if p.State == party.Invited {
			f.Invited++
		}
		if p.State != party.Active {
			continue
		}
		var roles []access.Role
		for _, r := range p.Roles {
			roles = append(roles, access.Role(r))
		}
		held = append(held, roles...)
		f.People++
		f.Admins += one(slices.Contains(roles, "admin"))
		f.Analysts += one(grants.Holds("report.accept", roles))
	}
	f.Unheld = unheld(h.Rules, grants, held)
	products, err := h.Products.List(ctx)
	if err != nil {
		return err
	}
	f.Products, f.Parked = len(products), -1
	jobs, err := h.Queue.List(ctx, "parked", 1, "")
	if fault.KindOf(err) == fault.Forbidden {
		return nil
	}
	if err == nil {
		f.Parked = jobs.Counts["parked"]
	}
	return err
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// unheld lists the moves of the life cycles that the profile gives to somebody, and
// that nobody who can sign in may take.
func unheld(p *profile.Profile, grants access.Grants, held []access.Role) (out []string) {
	for _, m := range p.Lifecycles {
		for _, mv := range m.Moves {
			verb := access.Verb(mv.Verb)
			if len(grants[verb]) > 0 && !grants.Holds(verb, held) && !slices.Contains(out, mv.Verb) {
				out = append(out, mv.Verb)
			}
		}
	}
	slices.Sort(out)
	return out
}

// machine tells where the program runs.
func (h *House) machine(ctx context.Context) (m setup.Machine, err error) {
	m = setup.Machine{URL: h.URL, Portal: h.Config.Portal, Store: "SQLite", Free: -1, KeyFile: filepath.Base(h.KeyFile), Mail: h.Mailer != nil,
		CheckpointDir: h.CheckpointDir != "", Zone: h.Now().Location().String()}
	if info, err := os.Stat(h.KeyFile); err == nil {
		m.KeyOpen = info.Mode().Perm()&0o077 != 0
	}
	if h.DB.Engine == db.Postgres {
		m.Store = "PostgreSQL"
		m.Above, err = above(ctx, h.DB)
		return m, err
	}
	path := strings.TrimSuffix(strings.TrimPrefix(h.Store, "sqlite:"), db.Throwaway)
	if info, err := os.Stat(path); err == nil {
		m.Size = info.Size()
	}
	m.Free = free(filepath.Dir(path))
	return m, nil
}

// VerifyAudit proves the whole audit log, and notes that it was proven where it was.
func (h *House) VerifyAudit(ctx context.Context) (audit.Report, error) {
	if _, err := h.Setups.Read(ctx); err != nil { // which asks whether the actor may
		return audit.Report{}, err
	}
	public, err := audit.Public(ctx, h.DB, h.Key)
	if err != nil {
		return audit.Report{}, err
	}
	r, err := audit.Verify(ctx, h.DB, audit.Options{Public: public})
	if err == nil && r.OK() {
		err = h.Setups.Verified(ctx)
	}
	return r, err
}
