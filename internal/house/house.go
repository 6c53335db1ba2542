// Package house puts the house together: one store, one gate, one profile, and
// every operation on top of them. The command line, the tests, the demonstration
// and the benchmarks all live in a House; the surfaces are handed one and call
// its operations. It holds no rule of its own.
package house

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/archive"
	"tocsin/internal/audit"
	"tocsin/internal/bulk"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/effect"
	"tocsin/internal/evidence"
	"tocsin/internal/exchange"
	"tocsin/internal/fault"
	"tocsin/internal/format/all"
	"tocsin/internal/format/csaf"
	"tocsin/internal/format/cve"
	"tocsin/internal/format/osv"
	"tocsin/internal/gate"
	"tocsin/internal/hook"
	"tocsin/internal/hygiene"
	"tocsin/internal/insight"
	"tocsin/internal/intake"
	"tocsin/internal/job"
	"tocsin/internal/kri"
	"tocsin/internal/live"
	"tocsin/internal/measure"
	"tocsin/internal/notice"
	"tocsin/internal/observation"
	"tocsin/internal/outside"
	"tocsin/internal/party"
	"tocsin/internal/passage"
	"tocsin/internal/product"
	"tocsin/internal/profile"
	"tocsin/internal/quant"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/saved"
	"tocsin/internal/seal"
	"tocsin/internal/setup"
	"tocsin/internal/thread"
)

// Config says what house to open. Its zero value is a SQLite store tocsin.db in
// the present folder, with the profile "generic".
type Config struct {
	Store   string           // path of a SQLite file, or postgres://…
	Profile string           // name of a profile that comes with the program, or a folder
	KeyFile string           // the house's secret key; made at first start; empty is beside the store
	URL     string           // how the house is reached from outside, for links in mail
	Portal  string           // the same for the public portal; empty is URL
	Now     func() time.Time // the clock

	Mailer        outside.Mailer // nil: mails are kept in the outbox
	Caller        outside.Caller // nil: no webhooks
	CheckpointDir string         // where a signed checkpoint of the audit log is kept once a minute; empty is nowhere
	Log           *slog.Logger
}

// House is everything, ready to work.
type House struct {
	Config
	DB           *db.DB
	Gate         *gate.Gate
	Rules        *profile.Profile
	Key          seal.Key
	Jobs         *job.Runner
	Sealer       *audit.Sealer
	Cases        *casework.Cases
	Reports      *intake.Reports
	Advisories   *advisory.Advisories
	Products     *product.Products
	Files        *evidence.Files
	Parties      *party.Parties
	Notices      *notice.Notices
	Effects      *effect.Effects
	Trail        *insight.Trail
	Archive      *archive.Archive
	Queue        *insight.Jobs
	Across       *insight.Across
	KRIs         *kri.KRIs
	Observations *observation.Observations
	Risks        *risk.Risks
	Recurrence   *recurrence.Recurrence
	Measures     *measure.Measures
	Passages     *passage.Passages
	Reviews      *review.Reviews
	Hygiene      *hygiene.Hygiene
	Exchange     *exchange.Exchange
	Quants       *quant.Quants
	Views        *saved.Views
	Bulks        *bulk.Bulks
	Hooks        *hook.Hooks
	Setups       *setup.Setups
	Live         *live.Hub
}

// Open opens the store, brings its schema up, loads the profile and puts the
// operations together. It starts nothing: see Work.
func Open(ctx context.Context, c Config) (*House, error) {
	c.defaults()
	rules, err := LoadProfile(c.Profile)
	if err != nil {
		return nil, err
	}
	h := &House{Config: c, Rules: rules}
	if h.Key, _, err = seal.KeyFile(c.KeyFile); err != nil {
		return nil, err
	}
	if h.DB, err = db.Open(ctx, c.Store); err != nil {
		return nil, err
	}
	if _, err = h.DB.Migrate(ctx); err != nil {
		h.DB.Close()
		return nil, err
	}
	h.build()
	if err := errors.Join(h.Sealer.Open(ctx), h.named(ctx)); err != nil {
		h.DB.Close()
		return nil, err
	}
	return h, nil
}

func (c *Config) defaults() {
	if c.Store == "" {
		c.Store = "tocsin.db"
	}
	if c.Profile == "" {
		c.Profile = "generic"
	}
	if c.KeyFile == "" {
		c.KeyFile = keyBeside(c.Store)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.URL == "" {
		c.URL = "http://127.0.0.1:8420"
	}
	if c.Portal == "" {
		c.Portal = c.URL
	}
}

func keyBeside(store string) string {
	if strings.Contains(store, "://") {
		return "tocsin.key"
	}
	store = strings.TrimSuffix(strings.TrimPrefix(store, "sqlite:"), db.Throwaway)
	return strings.TrimSuffix(store, filepath.Ext(store)) + ".key"
}

// LoadProfile loads a profile that comes with the program, or a folder.
func LoadProfile(name string) (*profile.Profile, error) {
	for _, n := range profile.Names() {
		if n == name {
			return profile.Embedded(name, Words())
		}
	}
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		return nil, fault.New(fault.Invalid, "there is no profile %q: use one of %s, or the path of a folder", name, strings.Join(profile.Names(), ", "))
	}
	return profile.Load(os.DirFS(name), Words())
}

func (h *House) build() {
	h.Jobs = &job.Runner{DB: h.DB, Now: h.Now, Log: h.Log, Handlers: map[string]job.Handler{}}
	h.Gate = gate.New(gate.Config{DB: h.DB, Grants: Grants(h.Rules), Profile: h.Rules.Version, Now: h.Now, Wake: h.Jobs.Wake, Key: h.Key.Sub("page markers"), Told: h.told})
	h.Sealer = &audit.Sealer{DB: h.DB, Key: h.Key, Now: h.Now, Dir: h.CheckpointDir, Log: h.Log}
	h.Cases = &casework.Cases{Gate: h.Gate, Profile: h.Rules}
	h.Products = &product.Products{Gate: h.Gate}
	h.Files = &evidence.Files{Gate: h.Gate}
	h.Parties = &party.Parties{Gate: h.Gate, Key: h.Key, Passwords: &seal.Passwords{}, Roles: roles(h.Rules), Levels: levels(h.Rules)}
	h.Trail = &insight.Trail{Gate: h.Gate}
	h.Live = live.New(live.Config{Trail: h.Trail, Now: h.Now})
	h.Queue = &insight.Jobs{Gate: h.Gate}
	h.Across = &insight.Across{Gate: h.Gate}
	h.Risks = &risk.Risks{Gate: h.Gate, Profile: h.Rules}
	h.Observations = &observation.Observations{Gate: h.Gate, Profile: h.Rules, RaiseRisk: h.upgrade}
	h.KRIs = h.indicators()
	h.Recurrence = &recurrence.Recurrence{Gate: h.Gate, Rules: recurrence.RulesOf(h.Rules), Covered: h.Risks.Covered, RaiseRisk: h.raise}
	h.Measures = &measure.Measures{Gate: h.Gate, Rules: measure.RulesOf(h.Rules), Read: casework.ToMeasure}
	h.Cases.Measured = h.Measures.Rules
	h.Passages = &passage.Passages{Gate: h.Gate, Sources: slices.Concat([]passage.Source{thread.Passages, evidence.Passages, kri.Passages, casework.Passages}, risk.Passages, review.Passages)}
	h.Exchange = &exchange.Exchange{Gate: h.Gate, Profile: h.Rules, Risks: h.Risks, People: h.Parties.Directory, Estimate: h.estimate}
	h.Reviews = &review.Reviews{Gate: h.Gate, Profile: h.Rules, Risks: h.Risks, KRIs: h.KRIs, Recurrence: h.Recurrence, Key: h.Key}
	h.Hygiene = &hygiene.Hygiene{Gate: h.Gate, Profile: h.Rules, Risks: h.Risks, Observations: h.Observations, URL: h.URL}
	h.Setups = &setup.Setups{Gate: h.Gate}
	h.Quants = &quant.Quants{Gate: h.Gate, Risks: h.Risks}
	h.Cases.Changed = h.Risks.CaseChanged
	h.Reports = &intake.Reports{Gate: h.Gate, Profile: h.Rules, Hash: seal.Token, Open: h.accept, Link: h.reporterPage, Heard: h.Cases.Heard}
	h.Notices = &notice.Notices{Gate: h.Gate}
	h.Hooks = &hook.Hooks{Gate: h.Gate, Trail: h.Trail, Key: h.Key, Caller: h.Caller, Now: h.Now, Log: h.Log, Page: func(id ref.ID) string { return h.URL + effect.Page(id) }}
	h.Views = &saved.Views{Gate: h.Gate, Places: viewPlaces}
	h.Bulks = &bulk.Bulks{Gate: h.Gate, Profile: h.Rules, Cases: h.Cases, Reports: h.Reports, Risks: h.Risks, Observations: h.Observations}
	h.Effects = &effect.Effects{Gate: h.Gate, Profile: h.Rules, Cases: h.Cases, Reports: h.Reports, Notices: h.Notices, Risks: h.Risks, Bulks: h.Bulks, Sums: h.sums, Mailer: h.Mailer, URL: h.URL, Portal: h.Portal, Nightly: h.nightly()}
	h.Jobs.Handlers = h.Effects.Handlers()
	h.Jobs.Handlers[quant.Job] = h.Quants.Handle
	h.Jobs.Handlers[bulk.Job] = h.Bulks.Handle
	h.Advisories = &advisory.Advisories{Gate: h.Gate, Profile: h.Rules, Facts: h.Cases.Facts, Product: shipped, Check: CheckForms, Page: h.advisoryPage, File: h.advisoryFile, Out: h.Cases.AdvisoryOut}
	h.Bulks.Advisories, h.Bulks.People = h.Advisories, h.Parties
	h.Archive = &archive.Archive{Gate: h.Gate, Profile: h.Rules, Advisories: h.Advisories, Case: h.bring,
		Readers: map[string]advisory.Reader{"cve5": cve.Format{}, "osv": osv.Format{}, "csaf": csaf.Format{}}}
}

// told hands what was done to the pages that are open.
func (h *House) told(done []gate.Done) { h.Live.Tell(done) }

// sums brings everything that is counted ahead of time up to the day.
func (h *House) sums(ctx context.Context) error {
	return errors.Join(h.Recurrence.Fold(ctx), h.Measures.Fold(ctx), h.Passages.Fill(ctx))
}

// accept opens the case that a report is accepted into.
func (h *House) accept(tx *gate.Tx, r *intake.Report, o intake.Opening) (ref.ID, error) {
	return h.Cases.OpenIn(tx, casework.Opening{Title: o.Title, Summary: r.Summary, Product: r.Product, Component: o.Component, CWE: o.CWE,
		Severity: r.Severity, Source: r.Source, Received: r.Received, Deadline: r.Deadline, Named: o.Named, Reported: true,
		Credit: casework.Credit{Choice: r.Credit, Name: r.CreditName, Consent: r.Credit != "" && r.CreditName != ""}})
}

// bring makes a closed case of imported history, or brings one up to date.
func (h *House) bring(tx *gate.Tx, id ref.ID, was, now archive.Record) (ref.ID, error) {
	return h.Cases.Bring(tx, id, casework.Past(was), casework.Past(now))
}

func (h *House) reporterPage(_, secret string) string { return h.Portal + "/portal/r/" + secret }

// shipped fills in what the product tree knows of a product that a case names.
func shipped(v *gate.View, p advisory.Product) (advisory.Product, error) {
	known, ok, err := product.Find(v, p.ID)
	if err != nil || !ok {
		return p, err
	}
	p.Name, p.PURL, p.Ecosystem = known.Title, known.PURL, known.Ecosystem
	if known.Vendor != "" {
		p.Vendor = known.Vendor
	}
	return p, nil
}

func (h *House) advisoryPage(name string) string { return h.Portal + "/advisories/" + name }

// advisoryFile is where the portal has the CSAF file of an advisory.
func (h *House) advisoryFile(name string) string {
	return h.advisoryPage(name) + "/csaf/" + csaf.FileName(name)
}

// At returns the same house by another clock: the same store, the same rules. The
// demonstration lives a year in it.
func (h *House) At(now func() time.Time) *House {
	o := *h
	o.Now = now
	o.build()
	return &o
}

// Process returns the profile in force, for those who may read it. It is shared:
// nobody changes it.
func (h *House) Process(ctx context.Context) (*profile.Profile, error) {
	return h.Rules, h.Gate.View(ctx, func(v *gate.View) error { return v.Allow("profile.read", "") })
}

// Close closes the store after its waiting writes.
func (h *House) Close() error { return h.DB.Close() }

func roles(p *profile.Profile) []string {
	var out []string
	for _, r := range p.Roles {
		out = append(out, r.Name)
	}
	return out
}

func levels(p *profile.Profile) []string {
	var out []string
	for _, l := range p.Register.Levels {
		out = append(out, l.Name)
	}
	return out
}

// Grants reads the profile's table of grants.
func Grants(p *profile.Profile) access.Grants {
	g := access.Grants{}
	for _, row := range p.Grants {
		for _, r := range row.Roles {
			g[access.Verb(row.Verb)] = append(g[access.Verb(row.Verb)], access.Role(r))
		}
	}
	return g
}

// CheckForms renders a Document in every published form and checks each as a
// stranger would.
func CheckForms(d advisory.Document) ([]advisory.Finding, error) {
	var out []advisory.Finding
	for _, f := range all.Formats {
		files, err := f.Render(d)
		if err != nil {
			out = append(out, advisory.Finding{Rule: f.Name(), Level: advisory.Error, Message: fault.Of(err).Says})
			continue
		}
		for _, file := range files {
			found, err := f.Check(file.Body)
			if err != nil {
				return nil, fmt.Errorf("check %s: %w", f.Name(), err)
			}
			for _, x := range found {
				x.Rule = f.Name() + " " + x.Rule
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// Work does the house's background work until ctx ends: jobs, clocks, and the
// sealing of the audit log. It returns after what had begun is finished.
func (h *House) Work(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { h.Jobs.Run(ctx) })
	wg.Go(func() { h.Sealer.Run(ctx) })
	wg.Go(func() { h.Effects.Every(ctx, clockLook) })
	wg.Go(func() { h.Hooks.Run(ctx) })
	wg.Wait()
}

// clockLook is how often the clocks of records are looked at.
const clockLook = 30 * time.Second
