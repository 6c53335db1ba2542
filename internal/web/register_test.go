package web_test

import (
	"html"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// worded is a statement that holds no first step up.
func worded() risk.Statement {
	return risk.Statement{Asset: "Exports of projects", Event: "A member of a sibling group reads an export", Source: "Five checks by hand", Consequence: "Private code leaks",
		Problem: "Each export checks authorization by itself", Impact: "Customers lose trust", Evidence: "Six cases in a year", Scale: "Every kind of export"}
}

// versionOf is the version of the row that a page's forms were made from.
func versionOf(t *testing.T, page string) string {
	t.Helper()
	found := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page has no form: %s", text(page))
	}
	return found[1]
}

func TestTheRegisterIsAListABoardAndAMap(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, gus := h.As(t, "mia", "manager"), h.As(t, "gus", "guest")
		m := open(t, h).as(mia)
		m.get("/register").is(t, 200, "The register is empty", "Raise a risk", "/register/recurrence")
		owner := ref.ID("person-mia")
		for i, title := range []string{"Incomplete checks may leak exports", "Lack of limits may exhaust the cluster", "Missing rotation may keep keys alive"} {
			h.Pass(time.Hour)
			id, err := h.Risks.Raise(mia, risk.Raising{Title: title, Scope: "infrastructure", Department: "Create"})
			check(t, "raise", err)
			if i == 2 {
				continue
			}
			check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5 - i*2, Impact: 4}))
			check(t, "owner", h.Risks.Assign(mia, id, risk.Owners{Owner: &owner}))
		}
		page := m.get("/register").is(t, 200, "<h1>", "Where we are", "2 risks are scored", `href="/register?impact=3&amp;likelihood=4#list"`, "Incomplete checks may leak exports", "Not scored", "Scores count all evidence", "appetite neutral, up to 10",
			"The same as a table", "Above tolerance").body
		if strings.Contains(page, "style=") {
			t.Error("the page has a style attribute, which the policy forbids")
		}
		if a, b := strings.Index(page, ">Incomplete checks"), strings.Index(page, ">Missing rotation"); a < 0 || b < a {
			t.Error("the worst risk does not stand first")
		}
		for path, want := range map[string]string{"/register?rating=unset": "1 risk", "/register?view=mine": "2 risks", "/register?likelihood=4&impact=3": "1 risk", "/register?q=rotation": "1 risk", "/register?view=closed": "No risk was closed yet",
			"/register?view=above": "1 risk", "/register?scope=infrastructure": "3 risks", "/register?department=Create&response=unset": "3 risks", "/register?view=held": "base and evidence agree"} {
			m.get(path).is(t, 200, want)
		}
		m.get("/register?order=nothing").is(t, 422, "order")
		m.get("/register?after=nothing").is(t, 422)
		for _, by := range risk.Boards {
			m.get("/register/board?by="+by).is(t, 200, "Incomplete checks may leak exports", `aria-label="Open risks by `+by)
		}
		open(t, h).as(gus).get("/register").is(t, 200, "The register is empty")
		m.get("/").is(t, 200, "The register")
	})
}

// TestARiskIsCopied begins a risk with the words of another, and with nothing that was
// judged of it; who may not see the other is told that there is none.
func TestARiskIsCopied(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, max := h.As(t, "mia", "manager"), h.As(t, "max", "manager")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Kind: "design", Department: "Create", Statement: worded(), Named: true})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 3, Reason: "First look"}))
		m := open(t, h).as(mia)
		m.get("/risks/"+string(id)).is(t, 200, "Copy as a new draft", `href="/risks/new?copy=`+string(id)+`"`)
		m.get("/risks/new?copy="+string(id)).is(t, 200, "It begins with the words of", `value="Incomplete checks may leak exports"`, worded().Event, `value="Create"`, `name="origin.from" value="`+string(id)+`"`)
		open(t, h).as(max).get("/risks/new?copy="+string(id)).is(t, 404).lacks(t, "leak exports")
		to := m.post("/risks", "title", "Incomplete checks may leak imports", "looked", "yes", "origin.from", string(id)).is(t, 303).header.Get("Location")
		m.get(to+"/record").is(t, 200, string(id), "Not scored")
	})
}

func TestARiskIsRaisedWithoutScript(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, eve := h.As(t, "mia", "manager"), h.As(t, "eve", "release-manager")
		m := open(t, h).as(mia)
		m.get("/risks/new?kind=design").is(t, 200, "What the design allows that it should not:", `aria-live="polite"`)
		m.post("/risks", "title", "Build a scanner", "do", "check").is(t, 200, "This is a solution", "Say what may go wrong", "holds triage up", `value="Build a scanner"`)
		m.post("/risks/check", "title", "Add support for keys").is(t, 200, "feature request")
		m.post("/risks", "title", "", "do", "raise").is(t, 422, "a risk needs a title")
		at := m.post("/risks", "title", "Incomplete checks of exports may reveal private projects", "statement.asset", "Exports of projects", "scoping.test", "recurrent", "scoping.out", "feature", "do", "raise").is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "The risk is raised", "Incomplete checks of exports", "Not scored yet", "the score", "Plan the treatment")
		like := []string{"title", "Incomplete checks of exports may reveal private snippets", "statement.asset", "Exports of projects", "do", "raise"}
		m.post("/risks", like...).is(t, 422, "Is it one of these?", at, "none of these is the same", "private snippets")
		m.post("/risks", append(like, "looked", "yes", "similar", strings.TrimPrefix(at, "/risks/"))...).is(t, 303)
		open(t, h).as(eve).post("/risks", "title", "Lack of care may hurt", "do", "raise", "looked", "yes").is(t, 403)
		if n := len(rows(t, h, `select id from risks`)); n != 2 {
			t.Errorf("%d risks were raised, want 2", n)
		}
	})
}

func TestARiskBeginsFromACaseAndFromAProposal(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		var id ref.ID
		for range 5 {
			h.Pass(24 * time.Hour)
			var err error
			id, err = h.Cases.Open(mia, casework.Opening{Title: "Export shows too much", CWE: "CWE-863", Product: "gateway", Component: "export", Severity: "high"})
			check(t, "open", err)
		}
		m := open(t, h).as(mia)
		m.get("/risks/new?case="+string(id)).is(t, 200, "the case "+string(id), "export of gateway")
		m.get("/risks/new?case=CASE-00000000").is(t, 404)
		at := m.post("/risks", "title", "Incomplete checks may leak exports", "case", string(id), "do", "raise").is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, string(id), "Export shows too much")
		ps, err := h.Recurrence.Proposals(mia)
		check(t, "proposals", err)
		page := m.get("/risks/new?proposal="+strings.ReplaceAll(ps[0].Key, "\t", "%09")).is(t, 200, "what keeps coming back", "5 cases become its evidence").body
		key := html.UnescapeString(regexp.MustCompile(`name="proposal" value="([^"]+)"`).FindStringSubmatch(page)[1])
		at = m.post("/risks", "title", "Authorization keeps failing in exports", "proposal", key, "looked", "yes", "do", "raise").is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "Authorization keeps failing in exports", string(id))
	})
}

func TestTheFormsOfARiskRefuseAndKeepWhatWasTyped(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, aud := h.As(t, "mia", "manager"), h.As(t, "aud", "auditor")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Scope: "infrastructure", Statement: worded(), Scoping: risk.Scoping{Test: "recurrent"}})
		check(t, "raise", err)
		s, to := open(t, h), "/risks/"+string(id)
		m, a := s.as(mia), s.as(aud)
		m.get(to+"?edit=score").is(t, 200, "Inherent", "Residual", `name="categories.reputation"`, "Strength of knowledge")
		m.post(to+"/score", "kind", "residual", "likelihood", "9", "reason", "Typed with care").is(t, 422, "goes from 1 to 6", "which controls were considered", "Typed with care", `href="#f-likelihood"`)
		m.post(to+"/score", "kind", "inherent", "likelihood", "3", "categories.reputation", "4", "categories.legal", "2", "confidence", "medium", "reason", "Judged by three").leads(t, to+"#score")
		m.get(to).is(t, 200, "Judged by three", "not answered", "Likelihood, base", "confidence medium")
		m.post(to+"/move", "verb", "risk.plan").is(t, 422, "a business owner and a security owner")
		m.get(to).is(t, 200, "Next: plan the treatment", "Missing:", `href="`+to+`?edit=owners#owners"`)
		stale := versionOf(t, m.get(to+"?edit=statement").body)
		check(t, "meanwhile", h.Risks.Edit(mia, id, risk.Patch{Title: ptrTo("Incomplete checks may leak exports of others")}))
		m.post(to+"/statement", "version", stale, "at", "0", "title", "My own words of it", "statement.event", "Mine").is(t, 409, "Meanwhile", "My own words of it", "Stored now", "exports of others", `class="meanwhile"`)
		m.post(to+"/response", "response", "monitor").is(t, 303)
		m.post(to+"/response", "response", "remediate").is(t, 422, "exactly one path")
		m.post(to+"/response", "response", "remediate", "path", "avoid").leads(t, to+"/treatment#response")
		m.post(to+"/plan", "summary", "Join the checks", "milestones.1.title", "Joined", "milestones.1.due", "2020-01-01", "milestones.1.key_result", "yes").is(t, 422, "lies in the past", `href="#f-milestones.1.due"`, `value="Joined"`)
		m.post(to+"/plan", "summary", "Join the checks", "document", "A page", "milestones.1.title", "Joined", "milestones.1.due", "2027-06-01", "milestones.1.key_result", "yes").leads(t, to+"/treatment#plan")
		m.get(to+"/treatment").is(t, 200, "Join the checks", "key result", "Planned course of the score", "an owner of m1")
		m.get(to+"/treatment?milestone=m1").is(t, 200, "Finish: Joined")
		m.post(to+"/milestones", "milestone", "m1", "proof", "").is(t, 422, "what shows that it is done", "Finish: Joined")
		m.post(to+"/milestones", "milestone", "m1", "proof", "https://code.example/7").is(t, 303)
		m.get(to+"/treatment").is(t, 200, "reopen", "code.example/7")
		m.post(to+"/controls", "title", "One service", "factor", "likelihood", "lowers", "two").is(t, 422, "is no number", `value="two"`)
		m.post(to+"/controls", "title", "One service", "factor", "likelihood", "lowers", "2", "state", "planned").leads(t, to+"/treatment#controls")
		m.get(to+"/treatment?edit=controls&control=c1&state=active").is(t, 200, "C1 active would", "Nothing is changed yet")
		m.post(to+"/blocked", "reason", "Waits", "until", "2020-01-01").is(t, 422, "must lie in the future", ">Waits</textarea>")
		m.post(to+"/override", "likelihood", "6", "impact", "5", "reason", "").is(t, 422, "an override wants its reason")
		m.post(to+"/override", "likelihood", "6", "impact", "5", "reason", "Seen in the wild").is(t, 303)
		m.get(to).is(t, 200, "waits for a second person", "Seen in the wild")
		m.post(to+"/override", "do", "approve", "inside", "yes").is(t, 403)
		m.post(to+"/evidence", "about", "INC-1", "kind", "incident", "on", "2099-01-01").is(t, 422, "the date lies in the future", `href="#f-on"`)
		m.post(to+"/closure", "rationale", "Gone").is(t, 422, "how the root cause was addressed", "Gone")
		m.get(to+"/decisions").is(t, 200, "It is written how the root cause", "Every decision")
		m.post(to+"/labels", "label", "ignore", "reason", "").is(t, 422, "wants a reason")
		m.post(to+"/links", "kind", "depends-on", "to", string(id)).is(t, 422, "linked to another risk")
		m.post(to+"/note", "note-text", "**Bold** for @aud").leads(t, to+"/notes#note")
		m.get(to+"/notes").is(t, 200, "<strong>Bold</strong>")
		m.get(to+"/history").is(t, 200, "raised", "scored")
		m.get(to+"/whole").is(t, 200, "Why this score", "Every decision", "History")
		m.get(to+"/nothing").is(t, 404)
		page := a.get(to).is(t, 200, "Incomplete checks").body
		if strings.Contains(page, "?edit=") {
			t.Error("an auditor is offered a form")
		}
		a.post(to+"/statement", "title", "Mine").is(t, 403)
		a.get(to+"?edit=statement").is(t, 200)
	})
}

func TestAnAcceptanceIsAskedApprovedAndLookedAtAgain(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, adm := h.As(t, "mia", "manager"), h.As(t, "adm", "admin")
		vera, tom := h.As(t, "vera", "leader"), h.As(t, "tom", "leader")
		for _, who := range []ref.ID{"person-vera", "person-tom"} {
			check(t, "level", h.Parties.SetLevel(adm, who, "vp"))
		}
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Statement: worded(), Scoping: risk.Scoping{Test: "recurrent"}})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 4, Impact: 5}))
		owner, security := ref.ID("person-vera"), ref.ID("person-tom")
		check(t, "owners", h.Risks.Assign(mia, id, risk.Owners{Owner: &owner, Security: &security}))
		check(t, "respond", h.Risks.Respond(mia, id, risk.Response{Response: risk.Accept}))
		s, to := open(t, h), "/risks/"+string(id)
		m := s.as(mia)
		m.post(to+"/acceptance", "description", "Leaks", "months", "99").is(t, 422, "lasts 1 to 24 months", ">Leaks</textarea>")
		m.post(to+"/acceptance", "description", "Leaks", "justification", "Too dear", "controls", "Logs", "months", "12").leads(t, to+"/decisions#acceptance")
		page := m.get(to+"/decisions").is(t, 200, "waits for approval", "It still wants the business owner").body
		of := regexp.MustCompile(`name="decision" value="([^"]+)"`).FindStringSubmatch(page)[1]
		m.post(to+"/acceptance", "do", "approve", "inside", "yes", "decision", of).is(t, 403)
		m.get(to).is(t, 200, "An acceptance waits for")
		v, tt := s.as(vera), s.as(tom)
		v.post(to+"/acceptance", "do", "refuse", "inside", "yes", "decision", of, "note", "").is(t, 422, "say why the risk is not accepted")
		v.post(to+"/acceptance", "do", "approve", "inside", "yes", "decision", of).is(t, 303)
		if page := m.get(to + "/decisions").body; strings.Contains(page, "It still wants") {
			tt.post(to+"/acceptance", "do", "approve", "inside", "yes", "decision", of).is(t, 303)
		}
		m.get(to).is(t, 200, "The risk is accepted", "Until ")
		m.get(to+"/decisions").is(t, 200, "In force", "The state that it was taken on", "Look at it again")
		m.post(to+"/acceptance", "do", "review", "inside", "yes", "decision", of, "answers.conditions", "They do").is(t, 422, "answer the question", `value="They do"`)
		check(t, "worse", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5}))
		m.get(to+"/decisions").is(t, 200, "stale: the state changed", "Changed since:")
	})
}

func TestARiskShowsNothingThatPeopleWroteAsMarkup(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	mia := h.As(t, "mia", "manager")
	st := risk.Statement{Asset: hostile, Event: hostile, Source: hostile, Consequence: hostile, Problem: hostile, Impact: hostile, Evidence: hostile, Scale: hostile, Diagram: "flowchart LR\n A[" + hostile + "]"}
	id, err := h.Risks.Raise(mia, risk.Raising{Title: hostile, Department: hostile, Statement: st, Origin: risk.Origin{From: hostile, Note: hostile}})
	check(t, "raise", err)
	check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 2, Impact: 2, Reason: hostile}))
	check(t, "evidence", h.Risks.Link(mia, id, risk.Adding{About: hostile, Kind: "incident", Title: hostile, Source: hostile, Note: hostile, At: h.Clock().Add(-time.Hour)}))
	_, err = h.Risks.SetControl(mia, id, 0, risk.Control{Title: hostile, Factor: "impact", Lowers: 1, Effective: hostile})
	check(t, "control", err)
	_, err = h.Risks.SetPlan(mia, id, risk.Planning{Summary: hostile, Document: hostile, Milestones: []risk.Milestone{{Title: hostile, Success: hostile}}})
	check(t, "plan", err)
	m := open(t, h).as(mia)
	for _, path := range []string{"/register", "/register/board", "/risks/" + string(id) + "/whole", "/risks/" + string(id), "/risks/" + string(id) + "/treatment?edit=plan", "/risks/" + string(id) + "?edit=statement"} {
		page := m.get(path).is(t, 200).body
		for _, bad := range []string{"<script>alert", "<img src=x", "style="} {
			if strings.Contains(page, bad) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
	}
}

func TestStatementsOfTheRegister(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	w := visible(t, h)
	ctx := h.As(t, "ana", "analyst", "manager")
	n := atomic.Int32{}
	h.DB.Watch = func(string) { n.Add(1) }
	defer func() { h.DB.Watch = nil }()
	to := "/risks/" + string(w.risks[0])
	for _, path := range []string{"/", "/register", "/register?q=exports&rating=medium", "/register/board", "/risks/new", to, to + "/treatment", to + "/decisions", to + "/record", to + "/notes", to + "/files", to + "/history", to + "/whole", to + "?edit=score"} {
		b, want := open(t, h).as(ctx), int32(most)
		b.get("/account").is(t, 200) // who is inside is remembered for a while
		if strings.HasSuffix(path, "/history") || strings.HasSuffix(path, "/whole") {
			want++ // the trail
		}
		n.Store(0)
		b.get(path).is(t, 200)
		if have := n.Load(); have > want {
			t.Errorf("%s costs %d statements, want at most %d", path, have, want)
		}
	}
}

func TestTheAgreementToMonitorAndTheEndOfAnOverrideAreFormsOfTheRisk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, lea := h.As(t, "mia", "manager"), h.As(t, "lea", "leader")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Statement: worded(), Scoping: risk.Scoping{Test: "recurrent"}})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 2, Impact: 3}))
		s, to := open(t, h), "/risks/"+string(id)
		m, l := s.as(mia), open(t, h).as(lea)
		m.post(to+"/move", "verb", "risk.monitor").is(t, 422, "Finding identifier (C)", "Finding coordinator (R)")
		check(t, "respond", h.Risks.Respond(mia, id, risk.Response{Response: risk.Monitor, Reason: "It is small"}))
		m.get(to).is(t, 200, "waits for the Programme DRI")
		m.get("/").is(t, 200, "whose monitoring waits to be agreed to")
		l.get(to+"/decisions").is(t, 200, "Agreement to monitor", "Agree that it is watched", "It is small")
		f, err := h.Risks.Get(mia, id)
		check(t, "get", err)
		of := string(f.Decisions[0].ID)
		l.post(to+"/monitoring", "decision", of, "do", "refuse", "inside", "yes").is(t, 422, "why watching the risk is not enough")
		l.post(to+"/monitoring", "decision", of, "do", "approve", "note", "Every month", "inside", "yes").is(t, 303)
		if page := m.get(to).is(t, 200).body; strings.Contains(page, "waits for the Programme DRI") {
			t.Error("it is agreed to, and the page says that it waits")
		}
		check(t, "override", h.Risks.Override(mia, id, risk.Score{Likelihood: 6, Impact: 5, Reason: "Seen in the wild"}))
		check(t, "approve", h.Risks.ApproveOverride(lea, id))
		m.post(to+"/override", "do", "end", "inside", "yes").is(t, 422, "the rating falls with the override")
		m.post(to+"/override", "do", "end", "inside", "yes", "reason", "The campaign is over").is(t, 303)
		m.get(to+"/decisions").is(t, 200, "The override of the score is to end", "The campaign is over")
	})
}

func TestAWaitingDropNamesItsEvidenceToWhoMayOpenIt(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, lea, gus := h.As(t, "mia", "manager"), h.As(t, "lea", "leader"), h.As(t, "gus", "guest")
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports", Statement: worded()})
		check(t, "raise", err)
		check(t, "judge", h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 5, Impact: 5}))
		check(t, "share", h.Risks.Share(mia, id, "person-gus", "risk-owner"))
		for range 5 {
			c, err := h.Cases.Open(mia, casework.Opening{Title: "A very plain export", Severity: "high"})
			check(t, "case", err)
			check(t, "link", h.Risks.Link(mia, id, risk.Adding{About: string(c), Kind: "case"}))
		}
		f, err := h.Risks.Get(mia, id)
		check(t, "get", err)
		check(t, "drop", h.Risks.Drop(mia, id, f.Items[0].ID, "Another cause"))
		to := "/risks/" + string(id) + "/decisions"
		open(t, h).as(lea).get(to).is(t, 200, "No longer to count", "A very plain export", "Another cause")
		page := open(t, h).as(gus).get(to).is(t, 200, "Another cause").body
		if strings.Contains(page, "A very plain export") || strings.Contains(page, "No longer to count") {
			t.Error("somebody who may not open the case is told of it")
		}
		g, err := h.Risks.Get(gus, id)
		check(t, "get as guest", err)
		for _, d := range g.Decisions {
			if d.Drops != "" {
				t.Errorf("the decision names %s to somebody who may not open it", d.Drops)
			}
		}
	})
}

// TestTheHistorySaysAWordOnAPlanWhole holds that what makes an approval of an advisory short
// leaves nothing out of one on a plan: who declines says why.
func TestTheHistorySaysAWordOnAPlanWhole(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer", "manager")
		id := atRisk(t, h, risk.Raising{Title: "Exports may reveal code"}, opened(t, h, ana, "Export can be read"))
		check(t, "respond", h.Risks.Respond(eve, id, risk.Response{Response: risk.Remediate, Path: h.Rules.Register.Paths[0].Name}))
		_, err := h.Risks.SetPlan(eve, id, risk.Planning{Summary: "Join the checks", Document: "A page", Milestones: []risk.Milestone{{Title: "Joined", Owner: "person-eve", Due: h.Clock().AddDate(0, 2, 0), Success: "All of them", KeyResult: true}}})
		check(t, "plan", err)
		check(t, "decline", h.Risks.ApprovePlan(ana, id, risk.Approving{Role: "security-owner", Note: "Too dear for what it mends.", No: true}))
		open(t, h).as(ana).get("/risks/"+string(id)+"/history").is(t, 200, "decided about the plan", "Too dear for what it mends.", "security-owner")
	})
}
