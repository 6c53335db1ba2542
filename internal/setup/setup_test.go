package setup_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/rig"
	"tocsin/internal/setup"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// whole are the facts of an installation to which nothing is to be done.
func whole(t *testing.T) setup.Facts {
	t.Helper()
	p, err := house.LoadProfile("gitlab")
	check(t, "profile", err)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return setup.Facts{Now: now, Profile: p, Admins: 2, Analysts: 2, People: 4, Products: 1, Backup: now.Add(-time.Hour), Verified: now.Add(-time.Hour),
		Machine: setup.Machine{URL: "https://psirt.example.com", Portal: "https://psirt.example.com", Store: "SQLite", Size: 5 << 20, Free: 90 << 30, KeyFile: "tocsin.key", Mail: true, CheckpointDir: true, Zone: "UTC"}}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		name, row string
		change    func(*setup.Facts)
		want      setup.State
		says      string
	}{
		{"nothing is to be done where all is set up", "mail", func(*setup.Facts) {}, setup.Good, "A mail server is set."},
		{"no mail server is worth a look", "mail", func(f *setup.Facts) { f.Mail = false }, setup.Look, "outbox"},
		{"a profile that comes with the program names no organisation", "organisation", func(f *setup.Facts) { f.BuiltIn = true }, setup.Missing, "GitLab"},
		{"an organisation that was said counts from the next start", "organisation", func(f *setup.Facts) { f.BuiltIn, f.Organisation.Name = true, "Ours" }, setup.Look, "next start"},
		{"the example's publisher is none", "publisher", func(f *setup.Facts) { f.BuiltIn = true }, setup.Missing, "namespace https://gitlab.com"},
		{"a publisher without contact is looked for in vain", "publisher", func(f *setup.Facts) { f.Profile.Publisher.Contact = "" }, setup.Look, "contact"},
		{"without product nothing is offered", "product", func(f *setup.Facts) { f.Products = 0 }, setup.Missing, "No product"},
		{"alone nobody votes", "colleague", func(f *setup.Facts) { f.People = 1 }, setup.Missing, "alone"},
		{"an invitation is enough to go on", "colleague", func(f *setup.Facts) { f.People, f.Invited = 1, 1 }, setup.Good, "1 person is invited"},
		{"one administrator is one too few", "second-admin", func(f *setup.Facts) { f.Admins = 1 }, setup.Look, "one administrator"},
		{"nobody decides about reports", "analyst", func(f *setup.Facts) { f.Analysts = 0 }, setup.Missing, "inbox"},
		{"a move that nobody may take is named", "roles", func(f *setup.Facts) { f.Unheld = []string{"case.release"} }, setup.Look, "case.release"},
		{"a loopback address reaches nobody", "address", func(f *setup.Facts) { f.URL, f.Portal = "http://127.0.0.1:8420", "http://localhost:8420" }, setup.Look, "only this machine"},
		{"loopback needs no TLS", "tls", func(f *setup.Facts) { f.URL, f.Portal = "http://127.0.0.1:8420", "http://[::1]:8420" }, setup.Later, "Not needed"},
		{"elsewhere TLS is missing", "tls", func(f *setup.Facts) { f.URL = "http://psirt.example.com" }, setup.Missing, "readable by everybody"},
		{"a role above row security is worth a look", "store", func(f *setup.Facts) { f.Above = true }, setup.Look, "row security"},
		{"little room is worth a look", "disk", func(f *setup.Facts) { f.Free = 1 << 30 }, setup.Look, "1.0 GiB"},
		{"no room is missing", "disk", func(f *setup.Facts) { f.Free = 1 << 20 }, setup.Missing, "1.0 MiB"},
		{"room elsewhere is not known", "disk", func(f *setup.Facts) { f.Free = -1 }, setup.Later, "cannot be told"},
		{"an open key is missing its lock", "key", func(f *setup.Facts) { f.KeyOpen = true }, setup.Missing, "others than its owner"},
		{"no backup is worth a look", "backup", func(f *setup.Facts) { f.Backup = time.Time{} }, setup.Look, "No backup"},
		{"an old backup too", "backup", func(f *setup.Facts) { f.Backup = f.Now.AddDate(0, 0, -8) }, setup.Look, "8 days"},
		{"a log that nobody proved may wait", "audit", func(f *setup.Facts) { f.Verified = time.Time{} }, setup.Later, "Nobody has proven"},
		{"parked jobs are counted", "jobs", func(f *setup.Facts) { f.Parked = 3 }, setup.Look, "3 jobs"},
		{"jobs that may not be read are not known", "jobs", func(f *setup.Facts) { f.Parked = -1 }, setup.Later, "may read jobs"},
		{"the zone is that of the calendars", "zone", func(f *setup.Facts) { f.Zone = "Mars" }, setup.Good, "Mars, decides nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := whole(t)
			if worst := setup.Worst(setup.Rows(f)); worst != setup.Good {
				t.Fatalf("the whole is %s", worst)
			}
			c.change(&f)
			for _, r := range setup.Rows(f) {
				if r.Title == "" || r.Says == "" || r.State != setup.Good && r.Link == "" && r.Command == "" && r.Word != "disk" && r.Word != "tls" {
					t.Errorf("%s: %+v has no sentence, or no mend", r.Word, r)
				}
				if r.Word == c.row && (r.State != c.want || !strings.Contains(r.Says, c.says)) {
					t.Errorf("have %s %q, want %s %q", r.State, r.Says, c.want, c.says)
				}
			}
		})
	}
}

func TestWhatIsKept(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		adm, ana := h.As(t, "adm", "admin"), h.As(t, "ana", "analyst", "manager")
		if _, err := h.SetUp(ana); !errors.Is(err, fault.Forbidden) {
			t.Errorf("somebody without the verb gets %v", err)
		}
		if err := h.Setups.Name(ana, setup.Organisation{Name: "Ours", Namespace: "https://ours.example"}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("somebody without the verb gets %v", err)
		}
		err := h.Setups.Name(adm, setup.Organisation{Namespace: "ours"})
		if f := fault.Of(err); f.Kind != fault.Invalid || len(f.Fields) != 2 {
			t.Errorf("no name and a bad address are %+v", f)
		}
		check(t, "name", h.Setups.Name(adm, setup.Organisation{Name: " Ours ", Namespace: "https://ours.example"}))
		run, err := h.SetUp(adm)
		check(t, "set up", err)
		if run.Kept.Organisation.Name != "Ours" || run.Next() != "organisation" {
			t.Errorf("kept %+v, next %q", run.Kept, run.Next())
		}
		for _, s := range setup.Steps {
			check(t, s.Word, h.Setups.Mark(adm, s.Word, setup.PutOff))
		}
		if err := h.Setups.Mark(adm, "nothing", setup.Done); !errors.Is(err, fault.NotFound) {
			t.Errorf("a step that is none gets %v", err)
		}
		check(t, "backup", h.Setups.BackedUp(rig.System()))
		if run, err = h.SetUp(adm); err != nil || run.Next() != "" || h.Clock().Sub(run.Kept.Backup) > time.Minute {
			t.Errorf("next %q, backup %v, %v", run.Next(), run.Kept.Backup, err)
		}
		_, err = h.Sealer.Step(t.Context())
		check(t, "seal", err)
		report, err := h.VerifyAudit(adm)
		check(t, "verify", err)
		if run, err = h.SetUp(adm); err != nil || !report.OK() || h.Clock().Sub(run.Kept.Verified) > time.Minute {
			t.Errorf("proven %v at %v, %v", report.Sentences(), run.Kept.Verified, err)
		}
	})
}
