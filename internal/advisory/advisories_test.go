package advisory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/lifecycle"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// lacks asserts that a move is refused for exactly the words.
func lacks(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, fault.Missing) {
		t.Errorf("%s: have %v, want a refusal that lists %v", what, err, words)
		return
	}
	var have []string
	for _, n := range fault.Of(err).Needs {
		have = append(have, n.Word)
	}
	if !slices.Equal(have, words) {
		t.Errorf("%s lacks %v, want %v", what, have, words)
	}
}

// bot is the context of a token that a person made.
func bot(t *testing.T, h *rig.House, maker context.Context, roles ...string) context.Context {
	t.Helper()
	_, secret, err := h.Parties.CreateToken(maker, party.TokenRequest{Name: "bot", Roles: roles})
	check(t, "token", err)
	a, err := h.Parties.Bearer(t.Context(), string(secret))
	check(t, "bearer", err)
	return access.With(context.Background(), a)
}

// drafted is a case that knows enough, with an advisory drafted from it.
func drafted(t *testing.T, h *rig.House, by context.Context) (id, adv ref.ID) {
	t.Helper()
	id, err := h.Cases.Open(by, casework.Opening{Title: "Export can be read by others", Summary: "A member reads the export.", Product: "gateway", CWE: "CWE-863"})
	check(t, "open", err)
	cve := "CVE-1900-0001"
	check(t, "edit", h.Cases.Edit(by, id, casework.Patch{CVE: &cve, Release: &casework.Release{Versions: []string{"18.7.2"}},
		Environments: []casework.Environment{{Name: "self-managed", Verdict: "affected", Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}}}}))
	check(t, "score", h.Cases.Score(by, id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"))
	adv, err = h.Advisories.Draft(by, id)
	check(t, "draft", err)
	return id, adv
}

// published is an advisory without a case that is out as revision 1.
func published(t *testing.T, h *rig.House, by context.Context) ref.ID {
	t.Helper()
	_, adv := drafted(t, h, by)
	full, err := h.Advisories.Get(by, adv)
	check(t, "get", err)
	d := full.Document
	d.ID, d.Status, d.Version, d.Initial, d.Current = "acme-1", advisory.Final, "1", rig.Start, rig.Start
	d.Revisions = []advisory.Revision{{Number: "1", Date: rig.Start, Summary: "Initial publication."}}
	d.Vulns[0].Released = rig.Start
	var id ref.ID
	check(t, "bring", h.Gate.Act(rig.System(), "archive.import", "", func(tx *gate.Tx) error {
		id, err = h.Advisories.Bring(tx, "", advisory.Past{Document: d, Names: []string{"acme-1"}})
		return err
	}))
	return id
}

func move(t *testing.T, h *rig.House, who context.Context, id ref.ID, verb access.Verb, reason string) {
	t.Helper()
	check(t, string(verb), h.Advisories.Move(who, id, verb, 0, reason))
}

func edit(h *rig.House, who context.Context, id ref.ID, summary string, fn func(*advisory.Document)) error {
	full, err := h.Advisories.Get(who, id)
	if err != nil {
		return err
	}
	d := full.Document
	fn(&d)
	return h.Advisories.Edit(who, id, full.Version, d, summary)
}

func TestNobodyApprovesTheirOwnWriting(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, boss := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "boss", "admin", "manager")
		robot := bot(t, h, boss, "analyst")
		_, adv := drafted(t, h, ana)
		move(t, h, ana, adv, advisory.VerbSubmit, "")
		lacks(t, "the one who drafted", h.Advisories.Move(ana, adv, advisory.VerbApprove, 0, ""), "second-person")
		lacks(t, "a token", h.Advisories.Move(robot, adv, advisory.VerbApprove, 0, ""), "second-person")
		check(t, "edit", edit(h, robot, adv, "", func(d *advisory.Document) { d.Title = "Written by the token" }))
		lacks(t, "the one who made the token that wrote", h.Advisories.Move(boss, adv, advisory.VerbApprove, 0, ""), "second-person")
		check(t, "edit", edit(h, boss, adv, "", func(d *advisory.Document) { d.Title = "x" }))
		move(t, h, eve, adv, advisory.VerbReturn, "the title")
		check(t, "edit", edit(h, ana, adv, "", func(d *advisory.Document) { d.Title = "Export can be read" }))
		move(t, h, ana, adv, advisory.VerbSubmit, "")
		lacks(t, "who wrote before it was returned", h.Advisories.Move(boss, adv, advisory.VerbApprove, 0, ""), "second-person")
		move(t, h, eve, adv, advisory.VerbApprove, "")
	})
}

func TestAnApprovalIsOfEverythingThatGoesOut(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		adv := published(t, h, ana)
		move(t, h, ana, adv, advisory.VerbRevise, "A range was wrong.")
		check(t, "edit", edit(h, ana, adv, "A range was wrong.", func(d *advisory.Document) { d.Summary = "Second text." }))
		move(t, h, ana, adv, advisory.VerbSubmit, "")
		move(t, h, eve, adv, advisory.VerbApprove, "")

		for name, change := range map[string]func() error{
			"the content": func() error {
				return edit(h, ana, adv, "A range was wrong.", func(d *advisory.Document) { d.Summary = "Third text." })
			},
			"what it says of the change": func() error { return edit(h, ana, adv, "Nothing to see here.", func(*advisory.Document) {}) },
		} {
			before, err := h.Advisories.Get(ana, adv)
			check(t, "get", err)
			if !before.Approved {
				t.Fatalf("%s: it is not approved before", name)
			}
			check(t, "edit", change())
			lacks(t, name, h.Advisories.Move(ana, adv, advisory.VerbPublish, 0, ""), "approval-current")
			check(t, "undo", edit(h, ana, adv, "A range was wrong.", func(d *advisory.Document) { d.Summary = "Second text." }))
		}
		check(t, "edit", edit(h, ana, adv, "A range was wrong.", func(d *advisory.Document) {
			d.Vulns[0].Released, d.Status, d.Version, d.Revisions = rig.Start.AddDate(-3, 0, 0), advisory.Draft, "9", nil
		}))
		move(t, h, ana, adv, advisory.VerbPublish, "")
		out, err := h.Advisories.Published(t.Context(), "acme-1")
		check(t, "published", err)
		d := out.Document
		if d.Version != "2" || d.Status != advisory.Final || len(d.Revisions) != 2 || d.Revisions[1].Summary != "A range was wrong." || d.Summary != "Second text." {
			t.Errorf("published %+v", d)
		}
		if !d.Vulns[0].Released.Equal(rig.Start) || !d.Initial.Equal(rig.Start) {
			t.Errorf("first public %v, first release %v: an editor moved them", d.Vulns[0].Released, d.Initial)
		}
	})
}

func TestARevisionLeavesWhatIsOutAndAWithdrawalStays(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, max := h.As(t, "ana", "analyst"), h.As(t, "max", "manager")
		adv := published(t, h, ana)
		if err := h.Advisories.Move(ana, adv, advisory.VerbRevise, 0, ""); !errors.Is(err, fault.Invalid) {
			t.Errorf("a revision without a reason: %v", err)
		}
		if err := edit(h, ana, adv, "", func(d *advisory.Document) { d.Title = "x" }); !errors.Is(err, fault.Conflict) {
			t.Errorf("an edit of what is out: %v", err)
		}
		move(t, h, ana, adv, advisory.VerbRevise, "A range was wrong.")
		check(t, "edit", edit(h, ana, adv, "A range was wrong.", func(d *advisory.Document) { d.Summary = "UNPUBLISHED" }))
		out, err := h.Advisories.Published(t.Context(), "acme-1")
		check(t, "published", err)
		if out.Revision != 1 || strings.Contains(out.Document.Summary, "UNPUBLISHED") {
			t.Errorf("what is out changed with the draft: %+v", out)
		}
		if err := h.Advisories.Move(ana, adv, advisory.VerbWithdraw, 0, "no vulnerability"); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an analyst withdraws: %v", err)
		}
		move(t, h, max, adv, advisory.VerbWithdraw, "no vulnerability")
		out, err = h.Advisories.Published(t.Context(), "acme-1")
		check(t, "published", err)
		if !out.Withdrawn || out.Document.Withdrawn.IsZero() || strings.Contains(out.Document.Summary, "UNPUBLISHED") {
			t.Errorf("after the withdrawal: %+v", out)
		}
		if err := h.Advisories.Move(max, adv, advisory.VerbRevise, 0, "again"); err == nil {
			t.Error("a withdrawn advisory is revised")
		}
	})
}

func TestTwoEditorsOfAnAdvisoryMeet(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		_, adv := drafted(t, h, ana)
		full, err := h.Advisories.Get(eve, adv)
		check(t, "get", err)
		check(t, "edit", edit(h, ana, adv, "", func(d *advisory.Document) { d.Title = "First" }))
		if err := h.Advisories.Edit(eve, adv, full.Version, full.Document, ""); !errors.Is(err, fault.Conflict) {
			t.Errorf("the second editor overwrote the first: %v", err)
		}
		if err := h.Advisories.Move(eve, adv, advisory.VerbSubmit, full.Version, ""); !errors.Is(err, fault.Conflict) {
			t.Errorf("a move at an old version: %v", err)
		}
	})
}

func TestWhatAnAdvisoryMayNotHold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		_, adv := drafted(t, h, ana)
		for name, c := range map[string]struct {
			field string
			fn    func(*advisory.Document)
		}{
			"a bidirectional override in a credit": {"vulns.0.credits.0.name", func(d *advisory.Document) { d.Vulns[0].Credits = []advisory.Credit{{Name: "Owl\u202e gnp.exe"}} }},
			"a control character in a note":        {"notes.0.text", func(d *advisory.Document) { d.Notes[0].Text = "a\x1b[31m" }},
			"a control character in a version":     {"vulns.0.affected.0.versions.1", func(d *advisory.Document) { d.Vulns[0].Affected[0].Versions = []string{"1.0", "1.1\x1b"} }},
			"a control character in a hash":        {"products.0.hashes", func(d *advisory.Document) { d.Products[0].Hashes = map[string]string{"sha256": "\x00"} }},
			"a text over the limit":                {"summary", func(d *advisory.Document) { d.Summary = strings.Repeat("x", advisory.MaxText+1) }},
			"a title of many lines":                {"title", func(d *advisory.Document) { d.Title = "a\nb" }},
			"a link that a browser runs":           {"references.0.url", func(d *advisory.Document) { d.References = []advisory.Reference{{URL: "javascript:alert(1)"}} }},
			"a list over the limit":                {"credits", func(d *advisory.Document) { d.Credits = make([]advisory.Credit, advisory.MaxList+1) }},
			"a mark that does not exist":           {"tlp", func(d *advisory.Document) { d.TLP = "PINK" }},
			"a CVE ID that is none":                {"vulns.0.cve", func(d *advisory.Document) { d.Vulns[0].CVE = "CVE-1" }},
			"a product that is not there":          {"vulns.0.affected.0.product", func(d *advisory.Document) { d.Products = nil }},
			"no title":                             {"title", func(d *advisory.Document) { d.Title = " " }},
		} {
			err := edit(h, ana, adv, "", c.fn)
			if !errors.Is(err, fault.Invalid) || !slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool { return f.Name == c.field }) {
				t.Errorf("%s: have %v, want the field %s", name, err, c.field)
			}
		}
		if err := edit(h, ana, adv, "a\u202eb", func(*advisory.Document) {}); !errors.Is(err, fault.Invalid) {
			t.Errorf("an override in what the revision changes: %v", err)
		}
	})
}

func TestWhatIsNotForEverybodyIsNotPublished(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		adv := published(t, h, ana)
		move(t, h, ana, adv, advisory.VerbRevise, "For partners.")
		check(t, "edit", edit(h, ana, adv, "For partners.", func(d *advisory.Document) { d.TLP = "AMBER" }))
		move(t, h, ana, adv, advisory.VerbSubmit, "")
		move(t, h, eve, adv, advisory.VerbApprove, "")
		if err := h.Advisories.Move(ana, adv, advisory.VerbPublish, 0, ""); !errors.Is(err, fault.Conflict) {
			t.Errorf("have %v, want a conflict", err)
		}
		if out, err := h.Advisories.Published(t.Context(), "acme-1"); err != nil || out.Revision != 1 {
			t.Errorf("out is revision %d, %v", out.Revision, err)
		}
	})
}

func TestAnEmbargoCoversAdvisoriesBeforeAndAfter(t *testing.T) {
	for _, profile := range []string{"gitlab", "generic"} {
		t.Run(profile, func(t *testing.T) {
			rig.EachProfile(t, profile, func(t *testing.T, h *rig.House) {
				ana, bob, eve := h.As(t, "ana", "analyst"), h.As(t, "bob", "analyst"), h.As(t, "eve", "engineer")
				id, err := h.Cases.Open(ana, casework.Opening{Title: "Export can be read by others", Summary: "A member reads the export.", CWE: "CWE-863"})
				check(t, "open", err)
				before, err := h.Advisories.Draft(ana, id)
				check(t, "draft", err)
				check(t, "embargo", h.Cases.Embargo(ana, id, rig.Start.AddDate(0, 1, 0), "coordinated"))
				after, err := h.Advisories.Draft(ana, id)
				check(t, "draft", err)
				for _, adv := range []ref.ID{before, after} {
					if _, err := h.Advisories.Get(bob, adv); !errors.Is(err, fault.NotFound) {
						t.Errorf("somebody who is not named reads %s: %v", adv, err)
					}
				}
				if l, err := h.Advisories.List(bob, advisory.Filter{}, 10, ""); err != nil || len(l.Advisories) != 0 {
					t.Errorf("the list of somebody who is not named: %+v %v", l, err)
				}
				check(t, "share", h.Cases.Share(ana, id, "person-eve", ""))
				moveTo(t, h, ana, eve, before)
				lackOne(t, "under embargo", h.Advisories.Move(ana, before, advisory.VerbPublish, 0, ""), "embargo-over", true)
				h.Pass(40 * 24 * time.Hour)
				lackOne(t, "after its end", h.Advisories.Move(ana, before, advisory.VerbPublish, 0, ""), "embargo-over", false)
				check(t, "embargo", h.Cases.Embargo(ana, id, time.Time{}, "until we know more"))
				lackOne(t, "under an embargo without an end", h.Advisories.Move(ana, before, advisory.VerbPublish, 0, ""), "embargo-over", true)
				check(t, "lift", h.Cases.Lift(ana, id, "it is known"))
				lackOne(t, "after it was lifted", h.Advisories.Move(ana, before, advisory.VerbPublish, 0, ""), "embargo-over", false)
				if _, err := h.Advisories.Get(bob, after); err != nil {
					t.Errorf("lifted, and still hidden: %v", err)
				}
			})
		})
	}
}

// moveTo takes a draft to where it may be published, whatever its forms say.
func moveTo(t *testing.T, h *rig.House, writer, second context.Context, adv ref.ID) {
	t.Helper()
	check(t, "edit", edit(h, writer, adv, "", func(d *advisory.Document) {
		d.Products = []advisory.Product{{ID: "gateway", Vendor: "Acme", Name: "gateway"}}
		d.Publisher.OrgID, d.Publisher.CNA = "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "acme"
		d.Vulns[0].CVE = "CVE-1900-0001"
		d.Vulns[0].Affected = []advisory.Affected{{Product: "gateway", Status: advisory.KnownAffected, Ranges: []advisory.Range{{Introduced: "17.2", Fixed: "18.7.2"}}}}
		d.Vulns[0].Remediations = []advisory.Remediation{{Category: "vendor_fix", Details: "Update to 18.7.2."}}
	}))
	move(t, h, writer, adv, advisory.VerbSubmit, "")
	move(t, h, second, adv, advisory.VerbApprove, "")
}

func lackOne(t *testing.T, what string, err error, word string, want bool) {
	t.Helper()
	if !errors.Is(err, fault.Missing) {
		t.Errorf("%s: have %v, want a refusal", what, err)
		return
	}
	if have := slices.ContainsFunc(fault.Of(err).Needs, func(n fault.Need) bool { return n.Word == word }); have != want {
		t.Errorf("%s: lacks %s is %v, want %v", what, word, have, want)
	}
}

func TestWhoTakesConsentBackIsNotThanked(t *testing.T) {
	for _, profile := range []string{"gitlab", "generic"} {
		t.Run(profile, func(t *testing.T) {
			rig.EachProfile(t, profile, func(t *testing.T, h *rig.House) {
				ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
				id, err := h.Cases.Open(ana, casework.Opening{Title: "Export can be read by others", Summary: "A member reads the export.", CWE: "CWE-863"})
				check(t, "open", err)
				owl := casework.Credit{Choice: "named", Name: "Night Owl", Consent: true}
				check(t, "agree", h.Cases.SetCredit(ana, id, owl))
				adv, err := h.Advisories.Draft(ana, id)
				check(t, "draft", err)
				moveTo(t, h, ana, eve, adv)
				publish := func() error { return h.Advisories.Move(ana, adv, advisory.VerbPublish, 0, "") }
				lackOne(t, "while they agree", publish(), "credit-agreed", false)
				check(t, "take back", h.Cases.SetCredit(ana, id, casework.Credit{Choice: casework.CreditAnonymous}))
				lackOne(t, "after they took it back", publish(), "credit-agreed", true)
				for _, n := range fault.Of(publish()).Needs {
					if n.Word == "credit-agreed" && n.Link != "#credits" {
						t.Errorf("the link %q leads to no credit", n.Link)
					}
				}
				check(t, "another name", h.Cases.SetCredit(ana, id, casework.Credit{Choice: "named", Name: "Barn Owl", Consent: true}))
				lackOne(t, "under another name", publish(), "credit-agreed", true)
				check(t, "agree again", h.Cases.SetCredit(ana, id, owl))
				lackOne(t, "after they agreed again", publish(), "credit-agreed", false)
				check(t, "take back", h.Cases.SetCredit(ana, id, casework.Credit{Choice: casework.CreditNone}))
				moves := h.Rules.Lifecycle("advisory").Moves
				out := slices.IndexFunc(moves, func(m lifecycle.Move) bool { return m.Verb == string(advisory.VerbPublish) })
				needs := moves[out].Needs
				moves[out].Needs = nil
				lackOne(t, "where the profile does not ask", publish(), "credit-agreed", true)
				moves[out].Needs = needs
				check(t, "return", h.Advisories.Move(eve, adv, advisory.VerbReturn, 0, "the name has to go"))
				check(t, "edit", edit(h, ana, adv, "", func(d *advisory.Document) { d.Vulns[0].Credits = nil }))
				moveTo(t, h, ana, eve, adv)
				lackOne(t, "without the name", publish(), "credit-agreed", false)
			})
		})
	}
}
