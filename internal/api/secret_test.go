package api_test

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
	"tocsin/internal/profile"
	"tocsin/internal/quant"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// marker is a word that stands in every text of what is hidden, and nowhere else.
const marker = "zqxhidden"

// seen is what everybody inside may see.
type seen struct {
	cases, reports, advisories, files, risks                         []ref.ID
	kris, samples, tasks, observations, meetings, points, candidates []ref.ID
	runs                                                             []ref.ID // of quantifications
}

// hidden is a case under embargo with all that hangs on it.
type hidden struct {
	id, report, advisory ref.ID
	files                []ref.ID
	job                  ref.ID
	risk                 ref.ID // need-to-know, about the hidden case

	kri, sample, task, observation, point, candidate, run ref.ID // that hang on it
}

// ids lists everything of it that a request could name.
func (x hidden) ids() []string {
	out := []string{string(x.id), string(x.report), string(x.advisory), string(x.risk), string(x.observation), string(x.kri), string(x.sample), string(x.task), string(x.point), string(x.candidate), string(x.run)}
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
	meeting, err := h.Reviews.Open(ana, review.Opening{})
	ok(t, err)
	k := kept(t, h, w.risks[0], meeting, "Exports", false)
	w.meetings, w.kris, w.samples, w.tasks = []ref.ID{meeting}, []ref.ID{k.kri}, []ref.ID{k.sample}, []ref.ID{k.task}
	w.observations, w.points, w.candidates, w.runs = []ref.ID{k.observation}, []ref.ID{k.point}, []ref.ID{k.candidate}, []ref.ID{k.run}
	work(t, h)
	return w
}

// kept puts on a risk what the register keeps besides: an indicator with a value, a
// sample and a task, a decision and an action of a meeting, a review, a candidate, a
// scenario with its run; and an observation beside it.
func kept(t *testing.T, h *rig.House, id, meeting ref.ID, word string, named bool) (x hidden) {
	t.Helper()
	ana := h.As(t, "ana", "analyst", "manager")
	var err error
	x.kri, err = h.KRIs.Open(ana, id, kri.Opening{Title: word + " with a check", Kind: "effectiveness", Unit: "%", Better: "higher", Baseline: ptr(40.0), Target: ptr(95.0), Bands: &profile.Bands{Green: ptr(90.0), Yellow: ptr(70.0)}, Cadence: 7})
	ok(t, err)
	_, err = h.KRIs.Record(ana, x.kri, kri.Manual, kri.Point{At: h.Clock(), Value: 60, Note: word})
	ok(t, err)
	s, err := h.KRIs.Draw(ana, x.kri, kri.Drawing{Frame: []string{"project-1", "project-2", "project-3"}, N: 2, Seed: 7})
	ok(t, err)
	x.sample = s.ID
	tasks, err := h.KRIs.Tasks(ana, kri.TaskFilter{Risk: id})
	ok(t, err)
	x.task = tasks[0].ID
	x.observation, err = h.Observations.Open(ana, observation.Opening{Title: word + " are not reviewed", Condition: word, Likelihood: 2, Impact: 3, Named: named})
	ok(t, err)
	_, err = h.Reviews.Decide(ana, meeting, review.Deciding{Risk: id, Text: word})
	ok(t, err)
	x.point, err = h.Reviews.Ask(ana, meeting, review.Asking{Risk: id, Text: word, Who: "person-ana", Due: h.Clock().Add(240 * time.Hour)})
	ok(t, err)
	ok(t, h.Reviews.Review(ana, id, review.Reviewing{Outcome: review.StillValid, Reason: word, Meeting: meeting}))
	x.candidate, err = h.Reviews.Choose(ana, review.Choice{Department: word, Period: "2027", Risk: id, Reason: word})
	ok(t, err)
	_, err = h.Quants.SetScenario(ana, id, quant.Setting{Why: word, Text: "unit: EUR\nscenarios:\n  - id: " + string(id) + "\n    name: " + word +
		"\n    loss_event_frequency: {kind: constant, value: 3}\n    loss_magnitude: {kind: constant, value: 100000}\n"})
	ok(t, err)
	x.run, err = h.Quants.Run(ana, id, quant.Options{Trials: 500})
	ok(t, err)
	return x
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
	k := kept(t, h, x.risk, w.meetings[0], marker, true)
	x.kri, x.sample, x.task, x.observation, x.point, x.candidate, x.run = k.kri, k.sample, k.task, k.observation, k.point, k.candidate, k.run
	ok(t, h.KRIs.Link(ana, w.kris[0], x.risk))
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
	h.Jobs.Handlers[quant.Job] = h.Quants.Handle
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
