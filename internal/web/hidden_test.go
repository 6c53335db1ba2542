package web_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/evidence"
	"tocsin/internal/intake"
	"tocsin/internal/kri"
	"tocsin/internal/observation"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// hiddenWord stands in every text of what is hidden, and nowhere else.
const hiddenWord = "zqxhidden"

// seen is what everybody inside may see, and the secret of its first reporter.
type seen struct {
	cases, reports, advisories, files, risks, meetings, kris, observations []ref.ID
	reporter                                                               string
}

// hidden is a case under embargo with all that hangs on it.
type hidden struct {
	id, report, advisory, risk, kri, observation, task, job ref.ID
	files                                                   []ref.ID
}

// ids lists everything of it that a request could name.
func (x hidden) ids() []string {
	out := []string{string(x.id), string(x.report), string(x.advisory), string(x.risk), string(x.kri), string(x.observation), string(x.task), string(x.job)}
	for _, f := range x.files {
		out = append(out, string(f))
	}
	return out
}

// tells returns what of it stands in a text and was not in what was asked, "" for
// nothing.
func (x hidden) tells(text, asked string) string {
	text, asked = strings.ToLower(text), strings.ToLower(asked)
	for _, word := range append(x.ids(), hiddenWord, "CVE-1900-0009") {
		low := strings.ToLower(word)
		if low != "" && strings.Contains(text, low) && !strings.Contains(asked, low) {
			return word
		}
	}
	return ""
}

// visible fills a house with what everybody inside may see.
func visible(t *testing.T, h *rig.House) (w seen) {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	h.As(t, "eve", "engineer")
	check(t, "product", h.Products.Save(ana, product.Product{Name: "gateway", Title: "Gateway", Public: true, Lines: []product.Line{{Name: "18.7", Supported: true}}}))
	for i, title := range []string{"Export is readable by others", "Search leaks a title", "Upload runs a script"} {
		h.Pass(time.Hour)
		r, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: title, Product: "gateway", Summary: "A member of a sibling group reads the export.", Severity: "high", CWE: "CWE-863", Contact: "owl@example.org"})
		check(t, "submit", err)
		w.reports = append(w.reports, r.ID)
		if i == 2 {
			w.reporter = r.Secret
			continue // stays in the inbox
		}
		id, err := h.Reports.Decide(ana, r.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Component: "export"}})
		check(t, "accept", err)
		w.cases = append(w.cases, id)
		check(t, "edit", h.Cases.Edit(ana, id, casework.Patch{Provisional: ptrTo("high"), CVE: ptrTo("CVE-1900-000" + string(rune('1'+i)))}))
		check(t, "assign", h.Cases.Assign(ana, id, "person-eve"))
		_, err = h.Cases.Note(ana, id, "For @eve.")
		check(t, "note", err)
		f, err := h.Cases.Attach(ana, id, "seen.txt", stored(t, h, "seen"), false)
		check(t, "attach", err)
		w.files = append(w.files, f.ID)
		adv, err := h.Advisories.Draft(ana, id)
		check(t, "draft", err)
		w.advisories = append(w.advisories, adv)
	}
	check(t, "link", h.Cases.LinkTo(ana, w.cases[0], "related", w.cases[1], true))
	for _, title := range []string{"Incomplete checks in exports may reveal code of others", "Lack of limits on search may exhaust the cluster"} {
		w.risks = append(w.risks, atRisk(t, h, risk.Raising{Title: title}, w.cases[0]))
	}
	w.kris = append(w.kris, watched(t, h, w.risks[0], "Exports through the shared check"))
	for _, title := range []string{"Nobody reviews exports", "Nobody reviews uploads"} {
		w.observations = append(w.observations, noticed(t, h, observation.Opening{Title: title}))
	}
	for _, title := range []string{"Closed review", "Open review"} {
		m, err := h.Reviews.Open(ana, review.Opening{Title: title})
		check(t, "meeting", err)
		w.meetings = append(w.meetings, m)
		discuss(t, h, m, w.risks[0], "exports are mended first")
		if title == "Closed review" {
			_, err = h.Reviews.Close(ana, m, 0)
			check(t, "close", err)
		}
	}
	doWork(t, h)
	return w
}

// discuss decides about a risk in a meeting, asks for something, reviews it and
// commits to it.
func discuss(t *testing.T, h *rig.House, meeting, id ref.ID, says string) {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	_, err := h.Reviews.Decide(ana, meeting, review.Deciding{Risk: id, Text: says})
	check(t, "decide", err)
	_, err = h.Reviews.Ask(ana, meeting, review.Asking{Risk: id, Text: says, Who: "person-eve", Due: h.Clock().AddDate(0, 1, 0)})
	check(t, "ask", err)
	check(t, "review", h.Reviews.Review(ana, id, review.Reviewing{Outcome: review.Escalate, Reason: says, Meeting: meeting}))
}

// atRisk raises a risk with evidence, a score and owners.
func atRisk(t *testing.T, h *rig.House, in risk.Raising, about ref.ID) ref.ID {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	in.Scope, in.Department, in.Statement = "product-authnz", "Create", risk.Statement{Asset: in.Title + ": exports", Event: "read by others", Source: "five checks by hand", Consequence: "code leaks"}
	id, err := h.Risks.Raise(ana, in)
	check(t, "raise", err)
	check(t, "judge", h.Risks.Judge(ana, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: 4}))
	check(t, "evidence", h.Risks.Link(ana, id, risk.Adding{About: string(about), Kind: "case"}))
	if in.Named {
		check(t, "share", h.Risks.Share(ana, id, "person-eve", ""))
	}
	owner, security := ref.ID("person-eve"), ref.ID("person-ana")
	check(t, "owners", h.Risks.Assign(ana, id, risk.Owners{Owner: &owner, Security: &security}))
	_, err = h.Risks.Note(ana, id, in.Title+" for @eve")
	check(t, "note", err)
	return id
}

// watched sets up an indicator of a risk, with values of which the newest is red.
func watched(t *testing.T, h *rig.House, about ref.ID, title string) ref.ID {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	id, err := h.KRIs.Open(ana, about, kri.Opening{Title: title, Kind: "implementation", Unit: "share", Owner: "person-ana", Start: h.Clock().AddDate(0, -3, 0)})
	check(t, "kri", err)
	for i, x := range []float64{.8, .3} {
		_, err = h.KRIs.Record(ana, id, kri.Manual, kri.Point{At: h.Clock().AddDate(0, i-2, 0), Value: x, Note: title})
		check(t, "value", err)
	}
	_, err = h.KRIs.Draw(ana, id, kri.Drawing{Frame: []string{title + " one", title + " two"}, N: 1, Seed: 7})
	check(t, "sample", err)
	return id
}

// noticed opens an observation with its four parts and a rating.
func noticed(t *testing.T, h *rig.House, in observation.Opening) ref.ID {
	t.Helper()
	in.Condition, in.Criteria, in.RootCause, in.Consequence, in.Cause, in.Likelihood, in.Impact = in.Title, "Two people", "No time", "Faults pass", "missing-review", 3, 4
	id, err := h.Observations.Open(h.As(t, "ana", "analyst", "manager"), in)
	check(t, "observation", err)
	return id
}

// hide adds a case under embargo that has the product, the weakness, the words, the
// owner and the reporter of what is visible, and is linked with it both ways; what
// is visible stays as it is.
func hide(t *testing.T, h *rig.House, w seen) (x hidden) {
	t.Helper()
	ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer")
	r, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: hiddenWord + " export is readable by others", Product: "gateway", Summary: hiddenWord + " a member of a sibling group reads the export",
		Severity: "high", CWE: "CWE-863", Contact: "owl@example.org", Credit: "named", CreditName: hiddenWord})
	check(t, "submit", err)
	x.report = r.ID
	x.id, err = h.Reports.Decide(ana, r.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Component: "export", Named: true}})
	check(t, "accept", err)
	check(t, "embargo", h.Cases.Embargo(ana, x.id, time.Time{}, hiddenWord))
	check(t, "edit", h.Cases.Edit(ana, x.id, casework.Patch{Provisional: ptrTo("high"), CVE: ptrTo("CVE-1900-0009")}))
	check(t, "share", h.Cases.Share(ana, x.id, "person-eve", ""))
	check(t, "assign", h.Cases.Assign(ana, x.id, "person-eve"))
	check(t, "score", h.Cases.Score(eve, x.id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"))
	_, err = h.Cases.Note(eve, x.id, hiddenWord+" @ana @eve @out @gus @adm")
	check(t, "note", err)
	check(t, "message", h.Cases.Message(ana, x.id, hiddenWord))
	for _, shared := range []bool{false, true} {
		f, err := h.Cases.Attach(eve, x.id, hiddenWord+".txt", stored(t, h, hiddenWord), shared)
		check(t, "attach", err)
		x.files = append(x.files, f.ID)
	}
	x.advisory, err = h.Advisories.Draft(ana, x.id)
	check(t, "draft", err)
	check(t, "link", h.Cases.LinkTo(ana, x.id, "related", w.cases[0], true))
	check(t, "link", h.Cases.LinkTo(ana, w.cases[1], "related", x.id, true))
	x.risk = atRisk(t, h, risk.Raising{Title: hiddenWord + " incomplete checks in exports may reveal code of others", Named: true}, x.id)
	check(t, "link", h.Risks.SetLink(ana, x.risk, risk.LinkDepends, w.risks[0]))
	check(t, "link", h.Risks.SetLink(ana, w.risks[1], "related", x.risk))
	check(t, "evidence", h.Risks.Link(ana, w.risks[0], risk.Adding{About: string(x.id), Kind: "case"}))
	discuss(t, h, w.meetings[1], x.risk, hiddenWord+" is mended first")
	_, err = h.Reviews.Choose(ana, review.Choice{Department: "Create", Period: "2027", Risk: x.risk, Reason: hiddenWord})
	check(t, "choose", err)
	x.kri = watched(t, h, x.risk, hiddenWord+" exports through the shared check")
	check(t, "link", h.KRIs.Link(ana, x.kri, w.risks[0]))
	x.observation = noticed(t, h, observation.Opening{Title: hiddenWord + " nobody reviews exports", Named: true})
	tasks, err := h.KRIs.Tasks(ana, kri.TaskFilter{Risk: x.risk})
	check(t, "tasks", err)
	x.task = tasks[0].ID
	doWork(t, h)
	return x
}

// park leaves a parked job about the hidden case.
func (x *hidden) park(t *testing.T, h *rig.House) {
	t.Helper()
	_, err := h.Cases.Note(h.As(t, "ana", "analyst", "manager"), x.id, hiddenWord+" @eve")
	check(t, "note", err)
	check(t, "park", change(t, h, `update jobs set state = 'parked', last_error = 'no such host' where state = 'ready'`))
	x.job = ref.ID(rows(t, h, `select id from jobs where state = 'parked' order by made_at desc limit 1`)[0][0])
}

func stored(t *testing.T, h *rig.House, text string) evidence.Content {
	t.Helper()
	c, err := h.Files.Store(rig.System(), strings.NewReader(text))
	check(t, "store", err)
	return c
}

// doWork runs the background work that waits.
func doWork(t *testing.T, h *rig.House) {
	t.Helper()
	h.Jobs.Handlers = h.Effects.Handlers()
	for more := true; more; {
		var err error
		more, err = h.Jobs.Step(t.Context())
		check(t, "job", err)
	}
}

func ptrTo[T any](x T) *T { return &x }
