package risk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

func TestOwnersAreTwoPeopleWhoSeeTheRisk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		h.As(t, "gus", "guest")
		guest, nobody, same, vic := ref.ID("person-gus"), ref.ID("person-nobody"), ref.ID("person-sue"), ref.ID("person-vic")
		w.want("somebody from outside who does not see it", r.Assign(w.mia, w.id, risk.Owners{Owner: &guest}), fault.Invalid, "owner", "share")
		w.want("somebody who is not here", r.Assign(w.mia, w.id, risk.Owners{Security: &nobody}), fault.Invalid, "security")
		w.want("one person for both", r.Assign(w.mia, w.id, risk.Owners{Owner: &same}), fault.Invalid, "two people")
		w.check("another owner", r.Assign(w.mia, w.id, risk.Owners{Owner: &vic}))
		w.want("without the grant", r.Assign(h.As(t, "eve", "engineer"), w.id, risk.Owners{Owner: &same}), fault.Forbidden)
		role := func(who ref.ID) (out string) {
			for _, s := range w.get().Shown {
				if s.Who == who {
					out += string(s.Role)
				}
			}
			return out
		}
		if role("person-vic") != "risk-owner" || role("person-bo") != "" {
			t.Errorf("roles on the risk: %q and %q, want the new owner's alone", role("person-vic"), role("person-bo"))
		}
		w.check("back", r.Assign(w.mia, w.id, risk.Owners{Owner: ptr(ref.ID("person-bo"))}))
		w.check("critical", r.Override(w.mia, w.id, risk.Score{Likelihood: 6, Impact: 5, Reason: "It is being used"}))
		w.check("critical", r.ApproveOverride(w.lea, w.id))
		w.want("owners below what the rating wants", r.Move(w.mia, w.id, "risk.plan", risk.Step{}), fault.Missing, "Vice president or above")
	})
}

func TestTheTableOfPartsHasOneWhoIsAccountable(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.check("parts", r.SetPeople(w.mia, w.id, 0, []risk.Part{{Who: "person-mia", As: "coordinator"}, {Who: "person-vic", RACI: "i"}}))
		if p := w.get().Risk.People; len(p) != 2 || p[0].RACI != "R" || p[1].RACI != "I" {
			t.Errorf("parts %+v, want their letters filled in", p)
		}
		for says, p := range map[string]risk.Part{
			"a letter that is none":      {Who: "person-vic", RACI: "X"},
			"a part that is none":        {Who: "person-vic", As: "cook"},
			"a letter of another part":   {Who: "person-vic", As: "coordinator", RACI: "I"},
			"a second who answers":       {Who: "person-vic", RACI: "A"},
			"an owner, who is assigned":  {Who: "person-vic", As: "business-owner"},
			"somebody who is not here":   {Who: "person-nobody", RACI: "I"},
			"nobody at all":              {RACI: "I"},
			"a note that has two lines ": {Who: "person-vic", RACI: "I", Note: "a\nb\x00"},
		} {
			w.want(says, r.SetPeople(w.mia, w.id, 0, []risk.Part{p}), fault.Invalid)
		}
	})
}

func TestHealthIsDerivedAndHeldAgainstTheLabels(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		light := func(domain string) risk.Verdict {
			for _, v := range w.get().Verdicts {
				if v.Domain == domain {
					return v
				}
			}
			return risk.Verdict{}
		}
		if v := light("owner"); v.Light != "yellow" || v.Differ == "" {
			t.Errorf("%+v, want an owner nobody has spoken to to be yellow, and a missing label to be said", v)
		}
		w.check("label", r.SetHealth(w.mia, w.id, 0, map[string]string{"owner": "green"}))
		if v := light("owner"); v.Set != "green" || !strings.Contains(v.Differ, "green") {
			t.Errorf("%+v, want the label's green held against the facts", v)
		}
		w.check("sync", r.Sync(w.bo, w.id, "Agreed on the dates"))
		if v := light("owner"); v.Light != "green" || v.Differ != "" {
			t.Errorf("%+v after a talk, want green and no difference", v)
		}
		h.Pass(93 * 24 * time.Hour)
		if v := light("owner"); v.Light != "yellow" {
			t.Errorf("%+v after a quarter without a talk, want yellow", v)
		}
		w.check("replace", r.Assign(w.mia, w.id, risk.Owners{Replace: ptr(true)}))
		if v := light("owner"); !strings.Contains(v.Says, "replaced") {
			t.Errorf("%+v, want an owner who is to be replaced", v)
		}
		if v := light("treatment"); v.Light != "red" {
			t.Errorf("%+v without a plan, want red", v)
		}
		if v := light("kri"); v.Light != "red" {
			t.Errorf("%+v without an indicator, want red", v)
		}
		w.want("a light that is none", r.SetHealth(w.mia, w.id, 0, map[string]string{"owner": "blue"}), fault.Invalid, "owner")
		w.want("a domain that is none", r.SetHealth(w.mia, w.id, 0, map[string]string{"sleep": "green"}), fault.Invalid, "sleep")
	})
}

func TestBlockedIsALabelOrAStageAsTheProfileSays(t *testing.T) {
	for _, lifecycle := range []string{"risk", "risk-seven"} {
		t.Run(lifecycle, func(t *testing.T) {
			rig.Each(t, func(t *testing.T, h *rig.House) {
				h.Rules.Register.Lifecycle = lifecycle
				w := scored(t, h)
				r := h.Risks
				w.kris = []risk.Indicator{{ID: "kri-1", Title: "Use", Kind: "implementation", Light: "red"}}
				w.check("plan", r.Move(w.mia, w.id, "risk.plan", risk.Step{}))
				w.approved()
				w.check("start", r.Move(w.bo, w.id, "risk.start", risk.Step{}))
				was := w.get().Stage
				until := h.Clock().AddDate(0, 1, 0)
				w.want("no reason", r.Block(w.mia, w.id, risk.Blocking{Until: until}), fault.Invalid, "reason")
				w.want("a date that has passed", r.Block(w.mia, w.id, risk.Blocking{Reason: "x", Until: rig.Start.AddDate(0, 0, -1)}), fault.Invalid, "until")
				w.check("block", r.Block(w.mia, w.id, risk.Blocking{Reason: "The library has no owner", Until: until, To: "Vic"}))
				f := w.get()
				if moved := f.Stage != was; !f.Has("blocked") || f.Blocked.To != "Vic" || moved != (lifecycle == "risk-seven") {
					t.Errorf("stage %s, labels %v, %+v", f.Stage, f.Labels, f.Blocked)
				}
				w.check("blocked on", r.Block(w.mia, w.id, risk.Blocking{Reason: "Still nobody", Until: until.AddDate(0, 1, 0)}))
				if f := w.get(); f.Blocked.Reason != "Still nobody" || f.LabelNotes["blocked"] != "Still nobody" {
					t.Errorf("%+v, want the newer reason", f.Blocked)
				}
				w.check("unblock", r.Unblock(w.mia, w.id, 0, "Somebody took it"))
				if f := w.get(); f.Has("blocked") || f.Blocked.Reason != "" || f.Stage != was {
					t.Errorf("stage %s, labels %v, %+v, want it to go on", f.Stage, f.Labels, f.Blocked)
				}
				w.want("twice", r.Unblock(w.mia, w.id, 0, ""), fault.Conflict)
				w.check("respond", r.Respond(w.bo, w.id, risk.Response{Response: risk.Accept}))
				id := w.ask()
				w.check("accept", r.ApproveAcceptance(w.bo, w.id, risk.Approve{Decision: id}))
				if f := w.get(); !f.Has("risk-accepted") || (f.Stage == "risk-accepted") != (lifecycle == "risk-seven") {
					t.Errorf("accepted: stage %s, labels %v", f.Stage, f.Labels)
				}
			})
		})
	}
}

func TestTheRegisterAboveTakesOrRefusesARisk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.want("taken without a proposal", r.TakeParent(w.mia, w.id, "STORM-9", 0, ""), fault.Conflict)
		w.want("without a reason", r.ProposeParent(w.mia, w.id, ""), fault.Invalid, "reason")
		w.check("propose", r.ProposeParent(w.mia, w.id, "It concerns every product"))
		w.want("twice", r.ProposeParent(w.mia, w.id, "Again"), fault.Conflict)
		if f := w.get(); !f.Has("proposed-parent") || w.newest(risk.DecideEscalate).State != risk.StateAsked {
			t.Errorf("%v", f.Labels)
		}
		w.want("a place that there is not", r.TakeParent(w.mia, w.id, "STORM-9", 6, ""), fault.Invalid, "top")
		w.check("taken", r.TakeParent(w.mia, w.id, "STORM-9", 2, "With pleasure"))
		if f := w.get(); f.Parent != "STORM-9" || f.Escalated.Top != 2 || f.Escalated.State != "taken" || f.Has("proposed-parent") || w.newest(risk.DecideEscalate).State != risk.StateActive {
			t.Errorf("%+v under %s", f.Escalated, f.Parent)
		}
		other, err := r.Raise(w.mia, risk.Raising{Title: "Tokens may outlive those who made them"})
		w.check("raise", err)
		w.want("a place that is held", r.SetTop(w.mia, other, 0, 2), fault.Invalid, string(w.id))
		w.check("another place", r.SetTop(w.mia, other, 0, 1))
		w.check("propose", r.ProposeParent(w.mia, other, "It too"))
		w.check("refuse", r.RefuseParent(w.mia, other, "Too small"))
		w.check("none", r.SetTop(w.mia, w.id, 0, 0))
		w.check("the place is free", r.SetTop(w.mia, other, 0, 2))
	})
}

func TestMonitoringIsForWhatIsWithinTolerance(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.want("above the tolerance", r.Respond(w.bo, w.id, risk.Response{Response: risk.Monitor}), fault.Invalid, "response", "10")
		path := h.Rules.Register.Paths
		w.want("no response", r.Respond(w.bo, w.id, risk.Response{}), fault.Invalid, "response")
		w.want("no path", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate}), fault.Invalid, "path")
		w.want("two paths", r.Respond(w.bo, w.id, risk.Response{Response: risk.Remediate, Path: path[0].Name + "," + path[1].Name}), fault.Invalid, "path")
		w.want("a path of what is borne", r.Respond(w.bo, w.id, risk.Response{Response: risk.Accept, Path: path[0].Name}), fault.Invalid, "path")
		low := risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3, Reason: "Seen again"}
		w.want("a lower rating without proof", r.Judge(w.mia, w.id, low), fault.Invalid, "proof")
		low.Proof = []string{"https://example.org/review"}
		w.check("judge", r.Judge(w.mia, w.id, low))
		if f := w.get(); f.Standing.Rating != "medium" {
			t.Errorf("rated %s before another person looked, want medium", f.Standing.Rating)
		}
		w.want("refused without a word", r.RefuseDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, ""), fault.Invalid, "reason")
		w.check("refused", r.RefuseDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, "The review is of another service"))
		w.check("judge again", r.Judge(w.mia, w.id, low))
		w.check("approved", r.ApproveDowngrade(w.lea, w.id, w.newest(risk.DecideDowngrade).ID, ""))
		w.check("monitor", r.Respond(w.bo, w.id, risk.Response{Response: risk.Monitor}))
		w.agreed()
		w.check("move", r.Move(w.mia, w.id, "risk.monitor", risk.Step{}))
		w.check("a higher rating counts at once", r.Judge(w.mia, w.id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 6, Impact: 5, Reason: "Worse"}))
		d, f := w.newest(risk.DecideMonitor), w.get()
		if d.State != risk.StateStale || !slices.Contains(d.Changed, "score") || f.Standing.Rating == "low" || f.Review.After(h.Clock()) {
			t.Errorf("%s %v at %s, want the decision to monitor fallen and a review open", d.State, d.Changed, f.Standing.Rating)
		}
	})
}

func TestSomebodyFromOutsideSeesNoScoreThatStaffEvidenceMoved(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		w := scored(t, h)
		r := h.Risks
		w.approved()
		w.bearing()
		w.ask()
		gus := h.As(t, "gus", "guest")
		w.check("share", r.Share(w.mia, w.id, "person-gus", "risk-owner"))
		f, err := r.Get(gus, w.id)
		w.check("get", err)
		if len(f.Decisions) < 2 || len(f.Plan.Paths) != 0 {
			t.Errorf("%d decisions, courses %v, want the decisions and no course", len(f.Decisions), f.Plan.Paths)
		}
		for _, d := range f.Decisions {
			if _, told := d.Snapshot["score"]; told || d.Residual >= 0 || d.Rating != "" {
				t.Errorf("%s tells a score: %v, %v %s", d.Kind, d.Snapshot, d.Residual, d.Rating)
			}
		}
	})
}
