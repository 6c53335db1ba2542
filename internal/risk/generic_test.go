package risk_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
	"tocsin/profiles"
)

func TestAnotherProfilesRulesAreKept(t *testing.T) {
	rig.EachProfile(t, "generic", func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[2].Name}))
		_, err := r.SetPlan(w.bo, w.id, w.planning())
		w.check("plan", err)
		w.check("smart", r.AnswerSmart(w.sue, w.id, risk.Smart{Answers: w.smart()}))
		w.check("one role approves", r.ApprovePlan(w.sue, w.id, risk.Approving{Role: h.Rules.Register.Plan.Approval[0].Name}))
		if n := len(w.get().Plan.Paths); n != 1 {
			t.Errorf("%d planned courses, want one", n)
		}
		w.bearing()
		_, err = r.RequestAcceptance(w.mia, w.id, w.asking())
		w.want("a director bears what is critical", err, fault.Missing, "owner-level")
		w.check("level", h.Parties.SetLevel(w.mia, "person-bo", "executive"))
		id := w.ask()
		d := w.newest(risk.DecideAccept)
		if d.Preset != h.Rules.Register.Acceptance.Name {
			t.Errorf("preset %s", d.Preset)
		}
		w.check("owner", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateAsked {
			t.Errorf("%s with an executive alone, want a vice president besides", d.State)
		}
		w.check("vice president", r.ApproveAcceptance(w.vic, w.id, risk.Approve{Decision: id}))
		if d := w.newest(risk.DecideAccept); d.State != risk.StateActive {
			t.Errorf("%s, still wants %v: want it in force", d.State, d.Wants(&h.Rules.Register, "person-bo"))
		}
	})
}

// reworded is the profile generic with other words for the labels that follow from
// decisions, as a folder.
func reworded(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	from, err := fs.Sub(profiles.FS, "generic")
	done(t, "read the profile", err)
	done(t, "copy the profile", os.CopyFS(dir, from))
	for file, words := range map[string][]string{
		"lifecycle/risk.yaml": {"risk-accepted", "borne", "clears: [blocked", "clears: [halted", "name: blocked", "name: halted", "proposed-parent", "handed-up"},
		"register.yaml":       {"{accepted: risk-accepted, blocked: blocked, proposed: proposed-parent}", "{accepted: borne, blocked: halted, proposed: handed-up}", "[ignore, blocked]", "[ignore, halted]"},
	} {
		path := filepath.Join(dir, filepath.FromSlash(file))
		text, err := os.ReadFile(path)
		done(t, "read "+file, err)
		done(t, "write "+file, os.WriteFile(path, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600))
	}
	return dir
}

// TestTheLabelsThatFollowFromDecisionsAreTheProfiles: the house knows what a label says,
// not how it is called.
func TestTheLabelsThatFollowFromDecisionsAreTheProfiles(t *testing.T) {
	rig.EachProfile(t, reworded(t), func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("block", r.Block(w.mia, w.id, risk.Blocking{Reason: "The team is away", Until: h.Clock().AddDate(0, 1, 0)}))
		w.check("propose", r.ProposeParent(w.mia, w.id, "It reaches further than the product"))
		w.labels("blocked and proposed", "halted", "handed-up")
		w.want("set by hand", r.SetLabel(w.mia, w.id, "halted", false, ""), fault.Invalid, "unblock")
		if o, err := r.Overview(w.mia, risk.Filter{}); err != nil || o.Blocked != 1 {
			t.Errorf("%d are blocked, %v; want 1", o.Blocked, err)
		}
		w.check("unblock", r.Unblock(w.mia, w.id, 0, "They are back"))
		w.check("refuse", r.RefuseParent(w.mia, w.id, "It is ours"))
		w.labels("neither")
		w.bearing()
		w.check("level", h.Parties.SetLevel(w.mia, "person-bo", "executive"))
		id := w.ask()
		for _, who := range []context.Context{w.bo, w.vic, w.lea} {
			if d := w.newest(risk.DecideAccept); d.State == risk.StateAsked {
				_ = r.ApproveAcceptance(who, w.id, risk.Approve{Decision: id}) // as far as their word is wanted
			}
		}
		w.labels("accepted", "borne")
		w.check("end", r.EndAcceptance(w.mia, w.id, id, "It is treated after all"))
		w.labels("ended")
	})
}

// labels fails unless the risk carries exactly these.
func (w *treated) labels(says string, want ...string) {
	w.Helper()
	have := slices.Clone(w.get().Labels)
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		w.Errorf("%s: labels %v, want %v", says, have, want)
	}
}
