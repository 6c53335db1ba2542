package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/riskscore"
)

// What the forms of treatment and decisions send to the operations.

func saveResponse(w *Web, r *http.Request, id ref.ID) error {
	return w.Risks.Respond(r.Context(), id, risk.Response{Version: rowVersion(r), Response: r.PostFormValue("response"), Path: r.PostFormValue("path"), Reason: r.PostFormValue("reason")})
}

func savePlan(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	in := risk.Planning{Version: rowVersion(r), Summary: r.PostFormValue("summary"), Document: r.PostFormValue("document"), Public: r.PostFormValue("public") != "",
		Cost: sentNumber(&fs, r, "cost"), Why: r.PostFormValue("why")}
	var place []int
	for i := range rowsOf(r, "milestones.") {
		if m, ok := sentMilestone(&fs, r, i); ok {
			in.Milestones, place = append(in.Milestones, m), append(place, i)
		}
	}
	if err := fs.Err(); err != nil {
		return err
	}
	_, err := w.Risks.SetPlan(r.Context(), id, in)
	if f, ok := formFault(err); ok {
		return placed(f, "milestones", place)
	}
	return err
}

// stepField is the name of a field of one milestone's part of the form.
func stepField(i int, name string) string { return "milestones." + strconv.Itoa(i) + "." + name }

// sentMilestone reads one row of the form; a row without a word, and one that is
// taken away, is none.
func sentMilestone(fs *fault.Fields, r *http.Request, i int) (m risk.Milestone, ok bool) {
	v := func(name string) string { return strings.TrimSpace(r.PostFormValue(stepField(i, name))) }
	if v("off") != "" || v("id") == "" && v("title") == "" && v("due") == "" && v("owner") == "" && v("success") == "" {
		return m, false
	}
	m = risk.Milestone{ID: v("id"), Title: v("title"), Owner: ref.ID(v("owner")), Due: *sentMoment(fs, r, stepField(i, "due")), Success: v("success"),
		KeyResult: v("key_result") != "", Step: sentNumber(fs, r, stepField(i, "step")), Why: v("why")}
	if was, err := time.Parse(time.RFC3339Nano, v("exact")); err == nil && day(was) == day(m.Due) {
		m.Due = was // the day stays, and so does its moment
	}
	m.After = strings.FieldsFunc(v("after"), func(c rune) bool { return c == ',' || c == ' ' })
	return m, true
}

// placed renames the fields of a fault from the places of what was sent to those of
// the form: milestones.1.due to milestones.2.due.
func placed(f *fault.Fault, list string, place []int) *fault.Fault {
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		parts := strings.SplitN(x.Name, ".", 3)
		if n, err := strconv.Atoi(strings.Join(parts[1:min(len(parts), 2)], "")); len(parts) == 3 && parts[0] == list && err == nil && n < len(place) {
			x.Name = list + "." + strconv.Itoa(place[n]) + "." + parts[2]
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func saveMilestone(w *Web, r *http.Request, id ref.ID) error {
	name := r.PostFormValue("milestone")
	if r.PostFormValue("do") == "reopen" {
		return w.Risks.ReopenMilestone(r.Context(), id, rowVersion(r), name, r.PostFormValue("reason"))
	}
	var fs fault.Fields
	on := sentMoment(&fs, r, "done")
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Risks.FinishMilestone(r.Context(), id, risk.Done{Version: rowVersion(r), Milestone: name, Done: *on, Proof: r.PostFormValue("proof")})
}

func saveSmart(w *Web, r *http.Request, id ref.ID) error {
	answers := map[string]string{}
	for _, c := range w.Rules.Register.Plan.Smart {
		if answers[c.Name] = r.PostFormValue("answers." + c.Name); answers[c.Name] == "no" {
			answers[c.Name] = r.PostFormValue("missing." + c.Name)
		}
	}
	return w.Risks.AnswerSmart(r.Context(), id, risk.Smart{Version: rowVersion(r), Hash: r.PostFormValue("hash"), Answers: answers})
}

func saveApproval(w *Web, r *http.Request, id ref.ID) error {
	return w.Risks.ApprovePlan(r.Context(), id, risk.Approving{Version: rowVersion(r), Role: r.PostFormValue("role"), Hash: r.PostFormValue("hash"), Note: r.PostFormValue("note"),
		No: r.PostFormValue("do") == "decline"})
}

func saveControl(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	c := risk.Control{ID: r.PostFormValue("control"), Title: r.PostFormValue("title"), Domain: r.PostFormValue("domain"), Factor: r.PostFormValue("factor"), Lowers: sentNumber(&fs, r, "lowers"),
		State: r.PostFormValue("state"), Effective: r.PostFormValue("effective"), Owner: ref.ID(r.PostFormValue("owner")), Link: r.PostFormValue("link")}
	if err := fs.Err(); err != nil {
		return err
	}
	_, err := w.Risks.SetControl(r.Context(), id, rowVersion(r), c)
	return err
}

func saveBlock(w *Web, r *http.Request, id ref.ID) error {
	if r.PostFormValue("do") == "unblock" {
		err := w.Risks.Unblock(r.Context(), id, rowVersion(r), r.PostFormValue("reason"))
		return fieldsOf(err, "note", "reason")
	}
	var fs fault.Fields
	until := sentMoment(&fs, r, "until")
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Risks.Block(r.Context(), id, risk.Blocking{Version: rowVersion(r), Reason: r.PostFormValue("reason"), Until: *until, To: r.PostFormValue("to")})
}

// healthDomains are what the care for a risk is looked at by.
var healthDomains = []struct{ word, title string }{{riskscore.DomainOwner, "Owner"}, {riskscore.DomainTreatment, "Treatment"}, {riskscore.DomainKRI, "Indicators"}}

func saveHealth(w *Web, r *http.Request, id ref.ID) error {
	set := map[string]string{}
	for _, d := range healthDomains {
		if r.PostForm.Has(d.word) {
			set[d.word] = r.PostFormValue(d.word)
		}
	}
	return w.Risks.SetHealth(r.Context(), id, rowVersion(r), set)
}

func saveAcceptance(w *Web, r *http.Request, id ref.ID) error {
	of, v := ref.ID(r.PostFormValue("decision")), r.PostFormValue
	switch v("do") {
	case "approve":
		return w.Risks.ApproveAcceptance(r.Context(), id, risk.Approve{Decision: of, Hash: v("hash"), Note: v("note")})
	case "refuse":
		return w.Risks.RefuseAcceptance(r.Context(), id, of, v("note"))
	case "end":
		return w.Risks.EndAcceptance(r.Context(), id, of, v("reason"))
	case "review":
		answers := map[string]string{}
		for _, q := range w.Rules.Register.Acceptance.Questions {
			answers[q.Name] = v("answers." + q.Name)
		}
		return w.Risks.ReviewAcceptance(r.Context(), id, risk.Look{Decision: of, Answers: answers, Outcome: v("outcome"), Note: v("note")})
	}
	var fs fault.Fields
	in := risk.Asking{Version: rowVersion(r), Description: v("description"), Justification: v("justification"), Controls: v("controls"), Months: int(sentNumber(&fs, r, "months")), Quarter: strings.TrimSpace(v("quarter"))}
	if v("residual") != "" {
		score := sentNumber(&fs, r, "residual")
		in.Residual = &score
	}
	if err := fs.Err(); err != nil {
		return err
	}
	_, err := w.Risks.RequestAcceptance(r.Context(), id, in)
	return err
}

func saveDowngrade(w *Web, r *http.Request, id ref.ID) error {
	of := ref.ID(r.PostFormValue("decision"))
	if r.PostFormValue("do") == "refuse" {
		return w.Risks.RefuseDowngrade(r.Context(), id, of, r.PostFormValue("note"))
	}
	return w.Risks.ApproveDowngrade(r.Context(), id, of, r.PostFormValue("note"))
}

func saveMonitoring(w *Web, r *http.Request, id ref.ID) error {
	of := ref.ID(r.PostFormValue("decision"))
	if r.PostFormValue("do") == "refuse" {
		return w.Risks.RefuseMonitor(r.Context(), id, of, r.PostFormValue("note"))
	}
	return w.Risks.AgreeMonitor(r.Context(), id, of, r.PostFormValue("note"))
}

func saveClosure(w *Web, r *http.Request, id ref.ID) error {
	return w.Risks.ValidateClosure(r.Context(), id, risk.Validation{Version: rowVersion(r), Rationale: r.PostFormValue("rationale"), RootCause: r.PostFormValue("root_cause"),
		Outcome: r.PostFormValue("outcome"), Evidence: lines(r.PostFormValue("evidence"))})
}

func saveParent(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	top, reason := int(sentNumber(&fs, r, "top")), r.PostFormValue("reason")
	if err := fs.Err(); err != nil {
		return err
	}
	switch r.PostFormValue("do") {
	case "propose":
		return w.Risks.ProposeParent(r.Context(), id, reason)
	case "take":
		return w.Risks.TakeParent(r.Context(), id, r.PostFormValue("parent"), top, reason)
	case "refuse":
		return w.Risks.RefuseParent(r.Context(), id, reason)
	case "top":
		return w.Risks.SetTop(r.Context(), id, rowVersion(r), top)
	}
	return w.Risks.SetParent(r.Context(), id, rowVersion(r), r.PostFormValue("parent"))
}

// day writes a day as a date field wants it.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// exactly writes a moment so that nothing of it is lost.
func exactly(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
