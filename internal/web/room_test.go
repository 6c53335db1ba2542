package web_test

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/intake"
	"tocsin/internal/rig"
)

var once = regexp.MustCompile(`<code>([^<]+)</code>`)

func TestPeopleAreInvitedGivenRolesAndDisabled(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		max, ana := h.As(t, "max", "manager", "admin"), h.As(t, "ana", "analyst")
		s := open(t, h)
		m, a := s.as(max), s.as(ana)
		a.get("/people").is(t, 200, "max", "Security manager", "active")
		if page := a.get("/people").body; strings.Contains(page, "Invite somebody") || strings.Contains(page, "API tokens") {
			t.Error("an analyst is offered what is not theirs")
		}
		a.post("/people/new", "name", "Noor").is(t, 403)
		m.post("/people/new", "name", "", "email", "no address", "roles", "analyst").is(t, 422, "a person needs a name", `value="no address"`, `value="analyst" id="f-roles" checked`)
		page := m.post("/people/new", "name", "Noor van Dijk", "email", "noor@example.org", "roles", "analyst", "roles", "engineer", "sees", "staff").is(t, 200, "The link for Noor van Dijk", "/invite/").body
		link := once.FindStringSubmatch(page)[1]
		s.nobody().get(strings.TrimPrefix(link, h.URL)).is(t, 200)
		if again := m.get("/people").is(t, 200, "Noor van Dijk", "invited").body; strings.Contains(again, "/invite/") {
			t.Error("the link is shown twice")
		}
		at := regexp.MustCompile(`/people/person-[0-9A-Z]+`).FindString(m.get("/people").body)
		m.get(at).is(t, 200, "Security analyst", "Security engineer", "noor.van.dijk")
		m.post(at+"/take", "role", "engineer").leads(t, at)
		m.post(at+"/give", "role", "auditor").leads(t, at)
		m.post(at+"/give", "role", "reporter").is(t, 422, "has no role")
		m.get(at).is(t, 200, "Auditor")
		m.sendForm(m.get(at).body, at, "name", "Noor Dijk", "handle", "no good").is(t, 422, "is no handle", `value="Noor Dijk"`)
		m.sendForm(m.get(at).body, at, "name", "Noor Dijk", "state", "disabled").leads(t, at)
		s.nobody().get(strings.TrimPrefix(link, h.URL)).is(t, 403, "not good any more")
		s.nobody().post(strings.TrimPrefix(link, h.URL), "password", "five words are easy to keep").is(t, 403)
		m.get("/people/person-nobody").is(t, 404)
		m.post("/people/person-max/take", "role", "admin").is(t, 409, "somebody has to be the administrator")
		m.get("/people/roles").is(t, 200, "advisory.publish", "Communications")

		m.get("/teams").is(t, 200, "No team yet")
		m.post("/teams/new", "name", "Import", "version", "0", "members", "person-ana").leads(t, "/teams")
		team := regexp.MustCompile(`/teams/team-[0-9A-Z]+`).FindString(m.get("/teams").is(t, 200, "Import").body)
		m.get(team).is(t, 200, `value="person-ana"`)
		m.post(team, "name", "", "version", "1").is(t, 422, "a team needs a name")
		m.post(team, "name", "Import and export", "version", "1").leads(t, "/teams")
		m.get("/teams").is(t, 200, "Import and export", "nobody")
	})
}

func TestATokenIsShownOnceAndRevoked(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		m := open(t, h).as(h.As(t, "max", "manager", "admin"))
		m.get("/tokens").is(t, 200, "No token yet", "instead of a password", "Make the token")
		m.post("/tokens", "name", "pipeline", "days", "ever", "roles", "leader").is(t, 422, "a token lasts 1 to 3650 days", `value="pipeline"`)
		m.post("/tokens", "name", "pipeline", "days", "30").is(t, 422, "a token needs a role")
		page := m.post("/tokens", "name", "pipeline", "days", "30", "roles", "leader", "scopes", "case.read, *.read").is(t, 200, "The token pipeline").body
		secret := once.FindStringSubmatch(page)[1]
		if a, err := h.Parties.Bearer(t.Context(), secret); err != nil || a.Name != "pipeline" || len(a.Scopes) != 2 {
			t.Errorf("the token opens %+v, %v", a, err)
		}
		list := m.get("/tokens").is(t, 200, "pipeline", "case.read, *.read", "valid until").body
		if strings.Contains(list, secret) {
			t.Error("the token is shown twice")
		}
		m.post(regexp.MustCompile(`/tokens/token-[0-9A-Z]+/revoke`).FindString(list)).leads(t, "/tokens")
		m.get("/tokens").is(t, 200, "revoked")
		if _, err := h.Parties.Bearer(t.Context(), secret); err == nil {
			t.Error("a revoked token opens the house")
		}
	})
}

func TestTheProductTreeIsEdited(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, rel := h.As(t, "ana", "analyst"), h.As(t, "aud", "auditor")
		s := open(t, h)
		a, at := s.as(ana), "/products/_new"
		a.get("/products").is(t, 200, "No product yet")
		page := a.sendForm(a.get(at).body, at, "do", "add:components", "title", "Gateway").is(t, 200, `value="Gateway"`, `name="components.0.name"`).body
		page = a.sendForm(page, at, "do", "add:lines", "components.0.name", "export").is(t, 200, `value="export"`, `name="lines.0.until"`).body
		page = a.sendForm(page, at, "do", "save", "name", "Gate way", "lines.0.name", "18.7", "lines.0.supported", "yes").is(t, 422, "is no short name", `value="Gate way"`).body
		a.sendForm(page, at, "do", "save", "name", "gateway", "lines.0.until", "tomorrow").is(t, 422, "is no date")
		a.sendForm(page, at, "do", "save", "name", "gateway", "lines.0.until", "2027-03-15").leads(t, "/products#gateway")
		a.get("/products").is(t, 200, "Gateway", "export", "18.7", "until 15 Mar 2027")
		ps, err := h.Products.List(ana)
		if err != nil || len(ps) != 1 || len(ps[0].Components) != 1 || !ps[0].Lines[0].Supported {
			t.Fatalf("stored are %+v, %v", ps, err)
		}
		stale := a.get("/products/gateway").body
		a.sendForm(stale, "/products/gateway", "do", "drop:components.0").is(t, 200)
		a.sendForm(stale, "/products/gateway", "do", "save", "about", "The door").leads(t, "/products#gateway")
		a.sendForm(stale, "/products/gateway", "do", "save", "about", "Slower").is(t, 409, `value="Slower"`)
		a.get("/products/nothing").is(t, 404)
		b := s.as(rel)
		b.get("/products/gateway").is(t, 200, "Your roles do not include")
		b.sendForm(stale, "/products/gateway", "do", "save").is(t, 409, "Somebody else is signed in now")
		b.sendForm(stale, "/products/gateway", "do", "save", "hand", "").is(t, 403)
	})
}

func TestTheMachineRoom(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		max, ana := h.As(t, "max", "manager"), h.As(t, "ana", "analyst")
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Stored <script> in titles", Summary: "A title runs.", Contact: "owl@example.org"})
		check(t, "submit", err)
		for range 20 {
			if more, err := h.Jobs.Step(t.Context()); err != nil || !more {
				break
			}
		}
		s := open(t, h)
		m, a := s.as(max), s.as(ana)
		m.get("/jobs").is(t, 200, "Acknowledge the report", "mail:acknowledgement", string(got.ID))
		m.get("/jobs?state=parked").is(t, 200, "No job here")
		m.get("/jobs?state=nothing").is(t, 422)
		a.get("/jobs").is(t, 403)
		m.get("/jobs").lacks(t, "1,000")
		for i, says := range []string{"1,000<", "1,000+<"} {
			check(t, "jobs", h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `with recursive n(i) as (select $1 + 0 union all select i + 1 from n where i < $2)
					insert into jobs (id, kind, subject, args, state, run_at, tries, lease_until, worker, last_error, made_at, done_at)
					select 'job-' || n.i, 'house:clean', '', '{}', 'parked', 0, 8, 0, '', '', 0, 0 from n`, 1+1000*i, 1000+i)
				return err
			}))
			m.get("/jobs").is(t, 200, says)
		}
		m.post("/jobs/job-nothing/retry").is(t, 404)
		out := m.get("/outbox").is(t, 200, "owl@example.org", "kept here, not sent", "We have your report").body
		if strings.Contains(out, "Stored") {
			t.Error("a mail tells the title of a record")
		}
		m.get("/audit").is(t, 200, "reported a vulnerability", string(got.ID), "sealed")
		m.get("/audit?verb=report.submit&outcome=done&q="+strings.ToLower(string(got.ID))).is(t, 200, "Stored &lt;script&gt; in titles")
		m.get("/audit?verb=case.open").is(t, 200, "No entry fits")
		m.get("/audit?verb=session.begin").is(t, 200, "signed in").lacks(t, ">changed<")
		m.get("/audit?on=2020-01-01").is(t, 200, "No entry fits")
		a.get("/audit").is(t, 403)
	})
}

func TestHomeNoticesAndSearch(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, eve := h.As(t, "ana", "analyst"), h.As(t, "eve", "engineer")
		got, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: "Export can be read", Summary: "A member reads it.", Severity: "high"})
		check(t, "submit", err)
		id, err := h.Reports.Decide(ana, got.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{CWE: "CWE-863"}})
		check(t, "accept", err)
		check(t, "assign", h.Cases.Assign(ana, id, "person-eve"))
		for range 20 {
			if more, err := h.Jobs.Step(t.Context()); err != nil || !more {
				break
			}
		}
		e := open(t, h).as(eve)
		e.get("/").is(t, 200, "What needs you now", "Export can be read", string(id))
		e.get("/notices").is(t, 200, "Export can be read", "handed the case over", "Mark as read", string(id))
		e.post("/notices/read", "to", "/notices").leads(t, "/notices")
		if page := e.get("/notices").is(t, 200).body; strings.Contains(page, "Mark as read") {
			t.Error("the notice is still unread")
		}
		e.post("/notices/read", "to", "//evil.example").leads(t, "/")
		check(t, "hand over", h.Cases.Assign(ana, id, "person-ana"))
		check(t, "embargo", h.Cases.Embargo(ana, id, time.Time{}, "Not for everybody."))
		if page := e.get("/notices").is(t, 200).body; strings.Contains(page, "Export") || strings.Contains(page, string(id)) {
			t.Error("a notice tells of a record that its reader may not see any more")
		}
		check(t, "lift", h.Cases.Lift(ana, id, "For everybody again."))
		e.get("/search?q=export").is(t, 200, "Cases", "Reports", string(id), string(got.ID))
		e.get("/search?q=%22%22").is(t, 422, "holds no word")
		e.get("/search?q=nothinglikeit").is(t, 200, "Nothing that you may see")
		e.get("/search?q="+strings.ToLower(string(id))).leads(t, "/cases/"+string(id))
		e.get("/search?q="+string(got.ID)).leads(t, "/inbox/"+string(got.ID))
	})
}

func TestEveryPartOfTheProfileIsShown(t *testing.T) {
	for _, name := range []string{"gitlab", "generic"} {
		h := rig.Open(t, t.TempDir()+"/test.db", name)
		b := open(t, h).as(h.As(t, "ana", "analyst"))
		for part, words := range map[string][]string{
			"": {h.Rules.Version, h.Rules.Publisher.Name, "Severity"}, "/lifecycles": {h.Rules.Lifecycle("case").Moves[0].Title, "remediation development", "<svg"},
			"/time": {h.Rules.Clocks[0].Title, "Remediate", "UTC"}, "/words": {h.Rules.Dispositions[0].Title, "STRIDE"}, "/grants": {"case.open"}, "/risk": {"Never tolerable above"},
		} {
			page := b.get("/profile"+part).is(t, 200, words...).body
			for _, svg := range regexp.MustCompile(`(?s)<svg class="cycle".*?</svg>`).FindAllString(page, -1) {
				wellFormed(t, svg)
			}
		}
		b.get("/profile/nothing").is(t, 404)
		open(t, h).as(h.As(t, "gus", "guest")).get("/profile").is(t, 403)
	}
}

// wellFormed reads a picture as XML, and checks that nothing is drawn outside it.
func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
	}
	if strings.Contains(svg, `"-`) {
		t.Errorf("something is drawn outside the picture: %.400s", svg)
	}
}
