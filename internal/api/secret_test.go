package api_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/evidence"
	"tocsin/internal/intake"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// marker is a word that stands in every text of what is hidden, and nowhere else.
const marker = "zqxhidden"

// seen is what everybody inside may see.
type seen struct {
	cases, reports, advisories, files, risks []ref.ID
}

// hidden is a case under embargo with all that hangs on it.
type hidden struct {
	id, report, advisory ref.ID
	files                []ref.ID
	job                  ref.ID
	risk                 ref.ID // need-to-know, about the hidden case
}

// ids lists everything of it that a request could name.
func (x hidden) ids() []string {
	out := []string{string(x.id), string(x.report), string(x.advisory), string(x.risk)}
	for _, f := range x.files {
		out = append(out, string(f))
	}
	return out
}

// tells returns what of it stands in a text, "" for nothing.
func (x hidden) tells(text string) string {
	for _, word := range append(x.ids(), marker, strings.ToLower(string(x.advisory)), string(x.job)) {
		if word != "" && strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			return word
		}
	}
	return ""
}

// world fills a house with what everybody inside may see.
func world(t *testing.T, h *rig.House) seen {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	h.As(t, "eve", "engineer")
	ok(t, h.Products.Save(ana, product.Product{Name: "gateway", Title: "Gateway", Public: true, Lines: []product.Line{{Name: "18.7", Supported: true}}}))
	var w seen
	for i, title := range []string{"Export is readable by others", "Search leaks a title", "Upload runs a script"} {
		h.Pass(time.Hour)
		r, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: title, Product: "gateway", Summary: "A member of a sibling group reads the export.", Severity: "high", CWE: "CWE-863", Contact: "owl@example.org"})
		ok(t, err)
		w.reports = append(w.reports, r.ID)
		if i == 2 {
			continue // stays in the inbox
		}
		id, err := h.Reports.Decide(ana, r.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Component: "export"}})
		ok(t, err)
		w.cases = append(w.cases, id)
		ok(t, h.Cases.Edit(ana, id, casework.Patch{Provisional: ptr("high"), CVE: ptr("CVE-1900-000" + string(rune('1'+i)))}))
		ok(t, h.Cases.Assign(ana, id, "person-eve"))
		_, err = h.Cases.Note(ana, id, "For @eve.")
		ok(t, err)
		f, err := h.Cases.Attach(ana, id, "seen.txt", store(t, h, "seen"), false)
		ok(t, err)
		w.files = append(w.files, f.ID)
		adv, err := h.Advisories.Draft(ana, id)
		ok(t, err)
		w.advisories = append(w.advisories, adv)
	}
	ok(t, h.Cases.LinkTo(ana, w.cases[0], "related", w.cases[1], true))
	w.risks = append(w.risks, risen(t, h, w.cases[0], false))
	work(t, h)
	return w
}

// risen raises a risk with all that hangs on it, of which a case is evidence.
func risen(t *testing.T, h *rig.House, about ref.ID, named bool) ref.ID {
	t.Helper()
	ana, word := h.As(t, "ana", "analyst", "manager"), "Exports"
	if named {
		word = marker
	}
	id, err := h.Risks.Raise(ana, risk.Raising{Title: word + " may reveal data to members of sibling groups", Department: word, Named: named, Statement: risk.Statement{Problem: word}})
	ok(t, err)
	ok(t, h.Risks.Judge(ana, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 4, Impact: 4, Reason: word}))
	ok(t, h.Risks.Link(ana, id, risk.Adding{About: string(about), Kind: "case"}, risk.Adding{About: "INC-" + word, Kind: "incident", Severity: "high", At: h.Clock()}))
	_, err = h.Risks.Note(ana, id, word+" @eve @out")
	ok(t, err)
	eve := ref.ID("person-eve")
	if named {
		ok(t, h.Risks.Share(ana, id, eve, ""))
	}
	ok(t, h.Risks.Assign(ana, id, risk.Owners{Owner: &eve}))
	_, err = h.Risks.SetControl(ana, id, 0, risk.Control{Title: word, Factor: "likelihood", Lowers: 1, State: "planned"})
	ok(t, err)
	return id
}

// embargo adds a case under embargo that shares everything it can with what is
// visible: product, weakness, words, owner, links, duplicates, jobs, mails.
func embargo(t *testing.T, h *rig.House, w seen) (x hidden) {
	t.Helper()
	ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer")
	r, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: marker + " export is readable by others", Product: "gateway", Summary: marker + " a member of a sibling group reads the export",
		Severity: "high", CWE: "CWE-863", Contact: marker + "@example.org", Credit: "named", CreditName: marker})
	ok(t, err)
	x.report = r.ID
	x.id, err = h.Reports.Decide(ana, r.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Component: "export", Named: true}})
	ok(t, err)
	ok(t, h.Cases.Embargo(ana, x.id, time.Time{}, marker))
	ok(t, h.Cases.Edit(ana, x.id, casework.Patch{Provisional: ptr("high"), CVE: ptr("CVE-1900-0009")}))
	ok(t, h.Cases.Share(ana, x.id, "person-eve", ""))
	ok(t, h.Cases.Assign(ana, x.id, "person-eve"))
	ok(t, h.Cases.Score(eve, x.id, 0, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N"))
	_, err = h.Cases.Note(eve, x.id, marker+" @ana @eve @out")
	ok(t, err)
	ok(t, h.Cases.Message(ana, x.id, marker))
	for _, shared := range []bool{false, true} {
		f, err := h.Cases.Attach(eve, x.id, marker+".txt", store(t, h, marker), shared)
		ok(t, err)
		x.files = append(x.files, f.ID)
	}
	x.advisory, err = h.Advisories.Draft(ana, x.id)
	ok(t, err)
	ok(t, h.Cases.LinkTo(ana, x.id, "related", w.cases[0], true))
	ok(t, h.Cases.LinkTo(ana, w.cases[1], "related", x.id, true))
	_, err = h.Reports.Decide(ana, w.reports[2], intake.VerbDuplicate, intake.Decision{DuplicateOf: x.id, Answer: "We know of it already.", Disposition: duplicate(h)})
	ok(t, err)
	x.hangs(t, h, w)
	work(t, h)
	return x
}

// hangs adds what the register makes of the hidden case: a risk of its own, and
// evidence of a risk that everybody sees.
func (x *hidden) hangs(t *testing.T, h *rig.House, w seen) {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	x.risk = risen(t, h, x.id, true)
	ok(t, h.Risks.Link(ana, w.risks[0], risk.Adding{About: string(x.id), Kind: "case"}))
	ok(t, h.Risks.SetLink(ana, x.risk, risk.LinkDepends, w.risks[0]))
}

// duplicate is the disposition of the profile that goes with report.duplicate.
func duplicate(h *rig.House) string {
	for _, d := range h.Rules.Dispositions {
		for _, v := range d.Verbs {
			if v == string(intake.VerbDuplicate) {
				return d.Name
			}
		}
	}
	return ""
}

func store(t *testing.T, h *rig.House, text string) evidence.Content {
	t.Helper()
	c, err := h.Files.Store(rig.System(), strings.NewReader(text))
	ok(t, err)
	return c
}

// work runs the background work that waits.
func work(t *testing.T, h *rig.House) {
	t.Helper()
	h.Jobs.Handlers = h.Effects.Handlers()
	for more := true; more; {
		var err error
		more, err = h.Jobs.Step(t.Context())
		ok(t, err)
	}
}

// park leaves a parked job about the hidden case.
func (x *hidden) park(t *testing.T, h *rig.House) {
	t.Helper()
	_, err := h.Cases.Note(h.As(t, "ana", "analyst", "manager"), x.id, marker+" @eve")
	ok(t, err)
	for kind := range h.Jobs.Handlers {
		delete(h.Jobs.Handlers, kind)
	}
	ok(t, exec(t, h, `update jobs set state = 'parked', last_error = 'no such host' where state = 'ready'`))
	x.job = ref.ID(rows(t, h, `select id from jobs where state = 'parked' order by made_at desc limit 1`)[0][0])
}

func ptr[T any](x T) *T { return &x }
