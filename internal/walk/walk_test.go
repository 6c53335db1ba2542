package walk

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/setup"
	"tocsin/internal/web"
)

// path is one walk from the report to the end.
type path struct {
	*visitor
	report string // the report's tracking number
	own    string // address of the reporter's own page
	id     string // of the case
	adv    string // address of the advisory inside
	name   string // tracking ID that it is published under
}

const title = "Members of one group can read another group's export"

// TestWalk walks the whole path in a browser.
func TestWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("the walk takes a while")
	}
	t.Parallel()
	p := start(t)
	w := &path{visitor: p.browser()}
	for _, step := range []struct {
		name string
		do   func(*path)
	}{
		{"a reporter reports", (*path).reports},
		{"an analyst accepts", (*path).accepts},
		{"triage", (*path).triages},
		{"assessment", (*path).assesses},
		{"votes", (*path).votes},
		{"fixes", (*path).fixes},
		{"validation, once in vain", (*path).validates},
		{"the advisory", (*path).writes},
		{"the release", (*path).releases},
		{"publication", (*path).publishes},
		{"the reporter answers", (*path).answers},
		{"the end", (*path).closes},
	} {
		t.Log(step.name)
		step.do(w)
	}
}

// move takes the case along, by the button on its page.
func (w *path) move(verb, reason string) {
	w.Helper()
	w.open("/cases/" + w.id)
	for _, mv := range w.house.Rules.Lifecycle("case").Moves {
		if mv.Verb != verb {
			continue
		}
		w.press(mv.Title, ".turn")
		if reason != "" {
			w.fill("reason", reason)
			w.press(mv.Title, "#decide")
		}
		return
	}
	w.Fatalf("the life cycle has no move %s", verb)
}

// edit opens a section of the case as a form, fills it in and saves it.
func (w *path) edit(side, section string, fill func()) {
	w.Helper()
	address := "/cases/" + w.id
	if side != "" {
		address += "/" + side
	}
	w.open(address + "?edit=" + section + "#" + section)
	fill()
	w.save(section)
}

func (w *path) save(section string) {
	w.Helper()
	before := js[string](w.visitor, `document.querySelector("#`+section+` .submit button")?.innerText ?? ""`)
	if before == "" {
		w.Fatalf("the section %s is not open:\n%s", section, w.words())
	}
	w.press(before, "#"+section)
	if left := js[int](w.visitor, `document.querySelectorAll(".error-summary").length`); left != 0 {
		w.Fatalf("%s came back:\n%s", section, w.words())
	}
}

func (w *path) reports() {
	w.open("/portal")
	w.picture("portal", desk, phone)
	w.open("/portal/report")
	w.choose("product", "fernhollow-gateway")
	w.fill("title", title)
	w.fill("summary", "The address of an export asks for a session, **not** for a membership. Any member of a sibling group can fetch it.")
	w.fill("steps", "1. Export group A as its owner.\n2. Sign in as a member of group B.\n3. Open the address of step 1.")
	w.attach("files", "proof.txt", "GET /api/export/1042\nHTTP/1.1 200 OK\n")
	w.fill("impact", "Everything that an export holds can be read by members of other groups.")
	w.fill("versions", "7.14.0")
	w.choose("severity", "high")
	w.fill("contact", "owl@example.org")
	w.fill("name", "Night Owl")
	w.choose("credit", "named")
	w.fill("credit_name", "Night Owl")
	w.choose("ai", "none")
	w.picture("report", desk, phone)
	w.press("Send report", "")
	w.sees("We have your report", "Your file is with the report")
	w.picture("receipt", desk)
	w.report = js[string](w.visitor, `document.querySelector(".receipt .number").innerText`)
	w.own = js[string](w.visitor, `document.querySelector(".receipt code").innerText`)
	w.press("Open your page", "")
	w.sees(title, w.house.Rules.Lifecycle("report").Stages[0].Plain)
	w.picture("own-new", desk)
}

func (v *visitor) attach(name, file, text string) {
	v.Helper()
	at := filepath.Join(v.TempDir(), file)
	check(v.T, "file", os.WriteFile(at, []byte(text), 0o600))
	v.run("attach", setFiles(name, at))
}

func (w *path) accepts() {
	w.open("/") // a new visitor of a demonstration is its first person
	w.open("/inbox")
	w.sees(title)
	w.picture("inbox", desk, phone)
	w.open("/inbox/" + w.report)
	w.sees("Night Owl", "proof.txt")
	w.picture("inbox-report", desk)
	w.acceptHere()
}

// acceptHere accepts the report whose page is open, and finds its case.
func (w *path) acceptHere() {
	w.Helper()
	mv := w.house.Rules.Lifecycle("report").Moves[0]
	w.press(mv.Title, "main")
	w.press(mv.Title, "#decide form")
	at := js[string](w.visitor, "location.pathname")
	if !strings.HasPrefix(at, "/cases/") {
		w.Fatalf("the accepted report led to %s:\n%s", at, w.words())
	}
	w.id = strings.TrimPrefix(at, "/cases/")
}

func (w *path) triages() {
	w.picture("case-new", desk)
	w.edit("", "triage", func() {
		for _, c := range w.house.Rules.Completeness {
			if c.Required {
				w.choose("complete", c.Name)
			}
		}
		w.choose("provisional", "high")
	})
	w.edit("", "people", func() { w.choose("owner", string(w.people.All["priya"])) })
	w.move("case.assess", "")
	w.sees("Priya")
	w.open("/")
	w.picture("home", desk, night, phone)
}

func (w *path) assesses() {
	w.play("engineer")
	w.open("/cases/" + w.id)
	w.picture("case-needs", desk, phone)
	w.edit("", "reproduction", func() {
		w.choose("reproduction.verdict", "reproduced")
		w.fill("reproduction.environment", "7.14.0 on Debian 13, as it comes")
		w.fill("reproduction.steps", "As reported. The export of a **private** group was fetched as well.")
	})
	w.edit("", "environments", func() {
		for i, e := range w.house.Rules.Environments {
			name := fmt.Sprintf("environments.%d.", i)
			if e.Shipped || i == 1 {
				w.choose(name+"verdict", "affected")
				w.fill(name+"ranges", ">= 7.10.0, < 7.14.3")
			} else {
				w.choose(name+"verdict", "not_affected")
				w.fill(name+"reason", "The export service is not part of it.")
			}
		}
	})
	w.edit("", "weakness", func() {
		w.fill("cwe", "CWE-863")
		w.choose("stride", "information-disclosure")
	})
	w.score()
}

// score fills the calculators in by the keyboard alone.
func (w *path) score() {
	w.open("/cases/" + w.id + "?edit=score#score")
	w.keys(`[name="cvss31.AV"]`, "nllnchnn")
	w.becomes(`document.querySelector("[data-prefix='CVSS:3.1'] .score").innerText.replace(/\s+/g, " ")`, "High 7.7")
	w.keys(`[name="cvss40.AV"]`, "nlnlnhnnnnn")
	w.becomes(`document.querySelector("[name='cvss40']").value`, "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N")
	w.pictureAt("score", "#score", desk, night, phone)
	w.save("score")
	w.sees("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "7.7")
}

// play makes another of its people of the visitor, by the switch of the demonstration.
func (w *path) play(role string) {
	w.Helper()
	for _, r := range w.people.Roles {
		if r.Role == role {
			w.load("play "+role, submitDemo(role))
			return
		}
	}
	w.Fatalf("nobody is a %s", role)
}

func (w *path) votes() {
	for i, who := range []string{"samuel", "helena"} {
		w.as(who)
		w.edit("", "votes", func() {
			w.choose("agrees", "yes")
			if i == 0 {
				w.fill("note", "The same here; scope changes, as the export service answers for others.")
			}
		})
	}
	w.as("priya")
	w.open("/cases/" + w.id)
	w.picture("case-ready", desk, night, phone)
	w.move("case.confirm", "")
}

func (w *path) fixes() {
	w.as("lucia")
	full, err := w.house.Cases.Get(w.inside(), ref.ID(w.id))
	check(w.T, "case", err)
	for i, line := range full.Lines {
		w.open("/cases/" + w.id + "/fixes?edit=fixes&line=" + line + "#fixes")
		w.fill("fixed", line+".3")
		w.choose("state", "ready")
		w.fill("link", fmt.Sprintf("https://code.fernhollow.example/gateway/changes/%d", 900+i))
		if i == 0 {
			w.pictureAt("fix", "#fixes", desk)
		}
		w.save("fixes")
	}
	w.open("/cases/" + w.id + "/fixes")
	w.picture("fixes", desk)
	w.as("priya")
	w.move("case.submit", "")
}

func (w *path) validates() {
	w.move("case.inadequate", "The older address of the export is still open.")
	w.open("/cases/" + w.id + "/fixes")
	w.sees("sent the fix back")
	w.move("case.submit", "")
	w.edit("fixes", "validation", func() {
		w.choose("validation.verdict", w.house.Rules.Validations[0].Name)
		w.fill("validation.note", "Both addresses are closed; tried against the built packages of every line.")
		w.tick("reconfirmed")
	})
	w.move("case.validate", "")
}

func (w *path) writes() {
	w.as("ines")
	w.edit("fixes", "release", func() {
		w.date("release.date", time.Now().UTC().Format("2006-01-02T15:04"))
		w.fill("cve", "CVE-1900-4242")
	})
	w.open("/cases/" + w.id + "/advisory")
	w.press("Draft the advisory", "")
	w.adv = js[string](w.visitor, "location.pathname")
	w.sees("valid in every form")
	w.picture("advisory-draft", desk)
	w.step("advisory.submit")
	w.as("samuel")
	w.step("advisory.approve")
	w.open(w.adv)
	w.sees("counts")
	w.picture("advisory-approved", desk, night)
}

// step takes the advisory along.
func (w *path) step(verb string) {
	w.Helper()
	w.open(w.adv + "/do/" + verb)
	if js[bool](w.visitor, `Boolean(document.querySelector("[name=confirm]"))`) {
		w.tick("confirm")
		w.picture("advisory-step", desk)
	}
	for _, mv := range w.house.Rules.Lifecycle("advisory").Moves {
		if mv.Verb == verb {
			w.press(mv.Title, "main form")
			return
		}
	}
}

func (w *path) releases() {
	w.as("lucia")
	w.move("case.release", "")
}

func (w *path) publishes() {
	w.as("ines")
	w.step("advisory.publish")
	adv, err := w.house.Advisories.Get(w.inside(), ref.ID(strings.TrimPrefix(w.adv, "/advisory/")))
	check(w.T, "advisory", err)
	w.name = adv.Name
	w.open("/advisories")
	w.sees(title)
	w.picture("advisories", desk, phone)
	w.open("/advisories/" + w.name)
	w.sees(title, "CVE-1900-4242", "7.14.3")
	w.picture("advisory", desk, night, phone)
	feed := w.fetch(js[string](w.visitor, `document.querySelector("link[type='application/atom+xml']").href`))
	if !strings.Contains(feed, w.name) || !strings.Contains(feed, "</feed>") {
		w.Errorf("the feed does not show %s:\n%s", w.name, feed)
	}
}

// fetch reads an address without a browser.
func (p *place) fetch(address string) string {
	p.Helper()
	r, err := http.Get(address)
	check(p.T, "fetch", err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	check(p.T, "fetch", err)
	if r.StatusCode != http.StatusOK {
		p.Fatalf("%s: status %d", address, r.StatusCode)
	}
	return string(b)
}

func (w *path) answers() {
	w.open(w.own)
	w.sees("The advisory is published", w.name)
	w.misses("triage", "post-release", "priya", "samuel", "stride")
	w.fill("text", "Thank you, it works. Please name me as Night Owl.")
	w.press("Send", "#write")
	w.sees("it works. Please name me")
	w.picture("own", desk, phone)
}

func (w *path) closes() {
	w.as("ines")
	w.open("/cases/" + w.id + "/messages")
	w.sees("Please name me as Night Owl")
	w.misses("Remediation SLA") // its clock has stopped
	w.picture("messages", desk)
	w.edit("advisory", "credit", func() {
		w.choose("choice", "named")
		w.fill("name", "Night Owl")
		w.tick("consent")
	})
	w.open("/cases/" + w.id + "/messages")
	w.write("out", "You are named as Night Owl. Thank you for the report, and for waiting.")
	w.move("case.close", "")
	w.picture("case-closed", desk)
	w.open("/cases/" + w.id + "/history")
	w.picture("history", desk)
	w.open("/cases")
	w.picture("cases", desk, night, phone)
	w.open("/cases/board")
	w.picture("board", desk)
	w.rooms()
}

// parts are addresses that answer with a part of a page, or with a file to keep.
var parts = []string{"/register/recurrence/newest", "/register/recurrence/others", "/register/export/file", "/cases/complete", "/inbox/complete", "/register/complete", "/advisory/complete",
	"/reports/rows", "/live", "/mention", "/find", "/people/complete"}

// rooms are the other pages of the house: each opens, without a complaint.
func (w *path) rooms() {
	w.as("helena")
	for _, r := range web.Routes() {
		at, ok := strings.CutPrefix(strings.TrimSuffix(r.Pattern, "{$}"), "GET ")
		if r.Verb == setup.Verb { // for who sets the house up, whom the tests of package web are
			continue
		}
		if !ok || r.Open || strings.Contains(at, "{") || filepath.Ext(at) != "" || slices.Contains(parts, at) { // what is saved is no page
			continue
		}
		w.open(at)
		w.picture("room"+strings.ReplaceAll(at, "/", "-"), desk)
	}
	w.open("/search?q=stream")
	w.sees("A stream that is reset")
	w.picture("search", desk)
	w.open("/api/docs")
	w.picture("api", desk)
	w.as("priya")
	w.open("/cases/" + w.known("Builds of a fork see the secrets of the original"))
	w.picture("case", desk, night, phone)
}

// known is the case of the demonstration that has the title.
func (p *place) known(title string) string {
	p.Helper()
	l, err := p.house.Cases.List(p.inside(), casework.Filter{}, casework.Page{Limit: casework.MaxPage})
	check(p.T, "cases", err)
	for _, c := range l.Cases {
		if c.Title == title {
			return string(c.ID)
		}
	}
	p.Fatalf("the demonstration has no case %q", title)
	return ""
}

// write writes to the reporter ("out") or into the case ("note").
func (w *path) write(side, text string) {
	w.Helper()
	js[bool](w.visitor, fmt.Sprintf(`(() => { const d = document.querySelector("details.%s"); if (d) d.open = true; return true })()`, side))
	w.fill(side+"-text", text)
	w.press("Send", "#note .out, details."+side)
}

// inside is the context in which the test itself looks.
func (p *place) inside() context.Context {
	return access.With(p.Context(), access.System("walk"))
}

// TestWalkWithoutScript goes from the form over the receipt and the sign-in to the
// accepted report in a browser that runs no script.
func TestWalkWithoutScript(t *testing.T) {
	if testing.Short() {
		t.Skip("the walk takes a while")
	}
	t.Parallel()
	p := start(t)
	w := &path{visitor: p.browser()}
	w.script(false)
	w.open("/portal/report")
	if js[bool](w.visitor, `Boolean(customElements.get("tocsin-cvss"))`) {
		t.Fatal("the browser runs script")
	}
	w.choose("product", "fernhollow-gateway")
	w.fill("title", title)
	w.fill("summary", "The address of an export asks for a session, not for a membership.")
	w.attach("files", "proof.txt", "GET /api/export/1042\n")
	w.press("Send report", "")
	w.sees("We have your report", "Your file is with the report", "this link is the only way")
	w.report = js[string](w.visitor, `document.querySelector(".receipt .number").innerText`)
	w.press("Open your page", "")
	w.fill("text", "One more thing: it works for archived groups, too.")
	w.press("Send", "#write")
	w.sees("it works for archived groups")

	password := w.invites("Wanda Ellerby", "analyst")
	w.open("/sign-in")
	w.fill("login", "wanda.ellerby")
	w.fill("password", password)
	w.press("Sign in", "main form")
	w.open("/inbox/" + w.report)
	w.sees(title, "it works for archived groups")
	w.acceptHere()
	w.sees(title)
	w.edit("", "triage", func() { w.choose("provisional", "high") })
	w.sees("High")
	w.picture("case-without-script", desk)
}

// invites brings somebody in, who has a password.
func (p *place) invites(name, role string) string {
	p.Helper()
	host := access.With(p.Context(), access.Actor{ID: p.people.All["viktor"], Kind: access.Person, Name: "Viktor Salohurst"})
	_, link, err := p.house.Parties.Invite(host, party.Person{Name: name, Roles: []string{role}}, false)
	check(p.T, "invite", err)
	password := ref.Secret()
	_, err = p.house.Parties.Accept(p.Context(), link, password, "walk")
	check(p.T, "accept", err)
	return password
}
