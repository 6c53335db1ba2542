package casework_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// token is the context of a program with the roles, limited to the scopes.
func token(t *testing.T, h *rig.House, scopes []string, roles ...string) context.Context {
	t.Helper()
	_, secret, err := h.Parties.CreateToken(rig.System(), party.TokenRequest{Name: "bot", Roles: roles, Scopes: scopes})
	check(t, "token", err)
	a, err := h.Parties.Bearer(t.Context(), string(secret))
	check(t, "bearer", err)
	return access.With(context.Background(), a)
}

// accepted is a report with the case that it was accepted into.
func accepted(t *testing.T, h *rig.House, by context.Context, named bool) (ref.ID, intake.Receipt) {
	t.Helper()
	got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Export can be read by others", Product: "gateway", Summary: "A member reads the export.", Contact: "owl@example.org"})
	check(t, "submit", err)
	id, err := h.Reports.Decide(by, got.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Named: named}})
	check(t, "accept", err)
	return id, got
}

func TestToSeeACaseIsNotToReadIt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, _ := accepted(t, h, ana, false)
		f, err := h.Cases.Attach(ana, id, "core.bin", stored(t, h, "memory"), false)
		check(t, "attach", err)
		for name, who := range map[string]context.Context{
			"an administrator without a role of casework":    h.As(t, "adm", "admin"),
			"a token whose scopes leave reading cases out":   token(t, h, []string{"report.submit"}, "analyst"),
			"a person of the staff who holds no role at all": h.As(t, "nil"),
		} {
			if _, err := h.Cases.Get(who, id); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s reads the case: %v", name, err)
			}
			if _, _, err := h.Cases.History(who, id); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s reads its history: %v", name, err)
			}
			if _, err := h.Trail.On(who, id); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s reads its trail: %v", name, err)
			}
			if _, _, err := h.Files.Open(who, f.ID, false); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s opens its file: %v", name, err)
			}
			if l, err := h.Cases.List(who, casework.Filter{}, casework.Page{Counted: true}); err == nil && (len(l.Cases) != 0 || l.Count != "0") {
				t.Errorf("%s lists it: %d, count %s", name, len(l.Cases), l.Count)
			}
			cols, _ := h.Cases.Board(who, casework.Filter{})
			for _, c := range cols {
				if len(c.Cases) != 0 {
					t.Errorf("%s has it on the board", name)
				}
			}
			found, err := h.Across.Search(who, "export", 5)
			check(t, "search", err)
			for _, x := range found {
				if x.Kind == "case" && x.Many != 0 {
					t.Errorf("%s finds it", name)
				}
			}
		}
	})
}

func TestAGuestReadsTheCaseThatARoleOnItCovers(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, gus := h.As(t, "ana", "analyst"), h.As(t, "gus", "guest")
		id, _ := accepted(t, h, ana, false)
		accepted(t, h, ana, false)
		if _, err := h.Cases.Get(gus, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("before it is shared: %v", err)
		}
		check(t, "share", h.Cases.Share(ana, id, "person-gus", ""))
		if _, err := h.Cases.Get(gus, id); !errors.Is(err, fault.Forbidden) {
			t.Errorf("shared without a role: %v", err)
		}
		check(t, "share", h.Cases.Share(ana, id, "person-gus", "component-owner"))
		if _, err := h.Cases.Get(gus, id); err != nil {
			t.Errorf("shared with a role: %v", err)
		}
		l, err := h.Cases.List(gus, casework.Filter{Text: "export"}, casework.Page{})
		if err != nil || len(l.Cases) != 1 || l.Cases[0].ID != id {
			t.Errorf("the guest's list: %+v %v", l, err)
		}
		check(t, "unshare", h.Cases.Unshare(ana, id, "person-gus"))
		if _, err := h.Cases.Get(gus, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("after the sight was taken away: %v", err)
		}
		if l, err = h.Cases.List(gus, casework.Filter{}, casework.Page{Counted: true}); err != nil || len(l.Cases) != 0 || l.Count != "0" {
			t.Errorf("the list after that: %+v %v", l, err)
		}
	})
}

func TestAComponentOwnerLearnsNothingOfTheReporter(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, noor := h.As(t, "ana", "analyst"), h.As(t, "noor", "component-owner", "guest")
		id, got := accepted(t, h, ana, true)
		check(t, "message", h.Cases.Message(ana, id, "MESSAGE to the reporter"))
		_, err := h.Cases.Note(ana, id, "NOTE for us")
		check(t, "note", err)
		theirs, err := h.Cases.Attach(ana, id, "shared.txt", stored(t, h, "shared"), true)
		check(t, "attach", err)
		check(t, "share", h.Cases.Share(ana, id, "person-noor", ""))
		full, err := h.Cases.Get(noor, id)
		check(t, "get", err)
		if len(full.Reports) != 0 || len(full.Files) != 0 {
			t.Errorf("reports %+v, files %+v", full.Reports, full.Files)
		}
		if len(full.Said) != 1 || full.Said[0].Text != "NOTE for us" {
			t.Errorf("said %+v", full.Said)
		}
		if _, _, err := h.Files.Open(noor, theirs.ID, false); !errors.Is(err, fault.Forbidden) {
			t.Errorf("the reporter's file: %v", err)
		}
		if _, err := h.Reports.Get(noor, got.ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("the report: %v", err)
		}
		if _, err := h.Trail.On(noor, got.ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("the report's trail: %v", err)
		}
		mine, err := h.Cases.Get(ana, id)
		check(t, "get", err)
		if len(mine.Reports) != 1 || len(mine.Said) < 2 || len(mine.Files) != 1 {
			t.Errorf("the analyst sees reports %d, messages %d, files %d", len(mine.Reports), len(mine.Said), len(mine.Files))
		}
	})
}

func TestAReporterReadsNothingInside(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		_, got := accepted(t, h, ana, false)
		check(t, "note", h.Reports.Note(ana, got.ID, "INTERNAL"))
		a, _, err := h.Reports.Reporter(t.Context(), got.Secret)
		check(t, "reporter", err)
		owl := access.With(context.Background(), a)
		_, getErr := h.Reports.Get(owl, got.ID)
		_, listErr := h.Reports.List(owl, intake.Filter{}, intake.Page{})
		_, suggestErr := h.Reports.Suggest(owl, got.ID, "informative")
		_, _, compareErr := h.Reports.Compare(owl, got.ID, got.ID)
		_, trailErr := h.Trail.On(owl, got.ID)
		_, emptyErr := h.Trail.On(owl, "")
		_, decideErr := h.Reports.Decide(owl, got.ID, intake.VerbReopen, intake.Decision{Reason: "x"})
		for what, err := range map[string]error{"get": getErr, "list": listErr, "suggest": suggestErr, "compare": compareErr, "trail": trailErr, "the house's trail": emptyErr,
			"decide": decideErr, "reply as the house": h.Reports.Reply(owl, got.ID, "x"), "note": h.Reports.Note(owl, got.ID, "x")} {
			if !errors.Is(err, fault.NotFound) && !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", what, err)
			}
		}
		own, err := h.Reports.Own(owl, got.ID)
		check(t, "own", err)
		if slices.ContainsFunc(own.Said, func(s intake.Said) bool { return strings.Contains(s.Text, "INTERNAL") }) {
			t.Error("the reporter's own page has the note")
		}
	})
}

// stored is a content that waits to be put on a record.
func stored(t *testing.T, h *rig.House, text string) evidence.Content {
	t.Helper()
	c, err := h.Files.Store(t.Context(), strings.NewReader(text))
	check(t, "store", err)
	return c
}

func TestTheOutboxKeepsReportersAddressesFromThoseWhoReadNoReports(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, mary := h.As(t, "ana", "analyst"), h.As(t, "mary", "communications")
		accepted(t, h, ana, false)
		for more := true; more; {
			var err error
			more, err = h.Jobs.Step(t.Context())
			check(t, "job", err)
		}
		if ms, err := h.Notices.Outbox(ana, 50); err != nil || len(ms) == 0 {
			t.Errorf("the analyst's outbox: %d, %v", len(ms), err)
		}
		ms, err := h.Notices.Outbox(mary, 50)
		check(t, "outbox", err)
		for _, m := range ms {
			if m.Recipient == "owl@example.org" {
				t.Errorf("somebody who reads no reports reads the reporter's address: %+v", m)
			}
		}
	})
}

func TestNobodyHandsOnMoreThanTheyHold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, max := h.As(t, "ana", "analyst"), h.As(t, "max", "manager")
		h.As(t, "noor", "guest")
		id, _ := accepted(t, h, ana, true)
		for role, want := range map[access.Role]error{"manager": fault.Forbidden, "engineer": fault.Forbidden, "reporter": fault.Invalid, "emperor": fault.Invalid,
			"component-owner": nil, "release-manager": nil, "communications": nil, "": nil} {
			if err := h.Cases.Share(ana, id, "person-noor", role); !errors.Is(err, want) {
				t.Errorf("an analyst shares as %q: have %v, want %v", role, err, want)
			}
		}
		if err := h.Cases.Share(ana, id, "person-ana", "manager"); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an analyst makes themself a manager of the case: %v", err)
		}
		check(t, "share", h.Cases.Share(ana, id, "person-max", ""))
		check(t, "a manager shares as engineer", h.Cases.Share(max, id, "person-noor", "engineer"))
	})
}

func TestTheLastOneNamedOnARestrictedCaseStays(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		h.As(t, "eve", "engineer")
		id, _ := accepted(t, h, ana, true)
		if err := h.Cases.Unshare(ana, id, "person-ana"); !errors.Is(err, fault.Conflict) {
			t.Errorf("the last one left: %v", err)
		}
		check(t, "share", h.Cases.Share(ana, id, "person-eve", ""))
		check(t, "unshare", h.Cases.Unshare(ana, id, "person-ana"))
		if _, err := h.Cases.Get(ana, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("whoever left still reads: %v", err)
		}
	})
}

const vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"

func TestAVoteIsAnotherPersons(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve, boss := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer"), h.As(t, "boss", "admin", "manager")
		id, _ := accepted(t, h, ana, false)
		check(t, "score", h.Cases.Score(eve, id, 0, vector))
		check(t, "the same score by somebody else", h.Cases.Score(ana, id, 0, vector))
		if err := h.Cases.Vote(eve, id, true, ""); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who chose it votes after somebody chose the same: %v", err)
		}
		_, secret, err := h.Parties.CreateToken(boss, party.TokenRequest{Name: "bot", Roles: []string{"engineer"}})
		check(t, "token", err)
		a, err := h.Parties.Bearer(t.Context(), string(secret))
		check(t, "bearer", err)
		robot := access.With(context.Background(), a)
		if err := h.Cases.Vote(robot, id, true, ""); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a token votes: %v", err)
		}
		check(t, "a token scores", h.Cases.Score(robot, id, 0, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N"))
		if err := h.Cases.Vote(boss, id, true, ""); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who made the token that scored votes: %v", err)
		}
		check(t, "vote", h.Cases.Vote(eve, id, true, ""))
		check(t, "vote again", h.Cases.Vote(eve, id, true, "once more"))
		full, err := h.Cases.Get(ana, id)
		check(t, "get", err)
		if full.CountVotes() != 1 {
			t.Errorf("%d votes count, want 1", full.CountVotes())
		}
	})
}

func TestAnEmbargoLeavesRolesAndPlacesAsTheyAre(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, noor := h.As(t, "ana", "analyst"), h.As(t, "noor", "guest")
		id, _ := accepted(t, h, ana, false)
		check(t, "share", h.Cases.Share(ana, id, "person-noor", "component-owner"))
		check(t, "hand over", h.Cases.Assign(ana, id, "person-noor"))
		for range 2 {
			check(t, "embargo", h.Cases.Embargo(ana, id, rig.Start.AddDate(0, 1, 0), "serious"))
			if _, err := h.Cases.Get(noor, id); err != nil {
				t.Errorf("the owner lost the role on the case: %v", err)
			}
		}
		if n := rig.Count(t, h.DB, "visibility v join reports r on r.id = v.subject where v.doc <> r.doc"); n != 0 {
			t.Errorf("%d reports stand in another place in the lists of who is named on them", n)
		}
	})
}
