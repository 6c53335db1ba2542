package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// riskSections are the parts of a risk, in the order of the page.
func riskSections() []riskSection {
	return []riskSection{
		{word: "statement", title: "What it is", side: "risk", verb: risk.VerbEdit, save: saveStatement, read: statementRead, form: statementForm},
		{word: "validate", title: "Held for validation", side: "risk", verb: risk.VerbValidate, save: saveValidated, read: heldRead, form: heldForm},
		{word: "score", title: "Why this score", side: "risk", verb: risk.VerbScore, save: saveJudgement, read: whyRead, form: judgeForm},
		{word: "evidence", title: "Evidence", side: "risk", verb: risk.VerbEvidence, save: saveEvidence, read: evidenceRead, form: evidenceForm},
		{word: "scope", title: "Why it belongs here", side: "risk", verb: risk.VerbEdit, save: saveScoping, read: scopingRead, form: scopingForm},
		{word: "override", title: "Override", side: "risk", verb: risk.VerbOverride, save: saveOverride, read: overrideRead, form: overrideForm},
		{word: "response", title: "Response", side: "treatment", verb: risk.VerbRespond, save: saveResponse, read: responseRead, form: responseForm},
		{word: "plan", title: "Plan", side: "treatment", verb: risk.VerbTreat, save: savePlan, read: planRead, form: planForm},
		{word: "milestones", side: "treatment", verb: risk.VerbTreat, save: saveMilestone, plain: true},
		{word: "smart", title: "Checklist of the plan", side: "treatment", verb: risk.VerbApprove, save: saveSmart, read: smartRead, form: smartForm},
		{word: "approve-plan", title: "Approval of the plan", side: "treatment", verb: risk.VerbApprove, save: saveApproval, read: approvalRead, form: approvalForm},
		{word: "controls", title: "Controls", side: "treatment", verb: risk.VerbControl, save: saveControl, read: controlsRead, form: controlForm},
		{word: "indicators", title: "Key risk indicators", side: "treatment", verb: "kri.edit", read: indicatorsRead},
		{word: "blocked", title: "Blocked", side: "treatment", verb: risk.VerbBlock, save: saveBlock, read: blockedRead, form: blockedForm},
		{word: "health", title: "Health", side: "treatment", verb: risk.VerbLabel, save: saveHealth, read: healthRead, form: healthForm},
		{word: "acceptance", title: "Acceptance", side: "decisions", verb: risk.VerbAsk, save: saveAcceptance, read: acceptanceRead, form: askForm},
		{word: "monitoring", title: "Agreement to monitor", side: "decisions", verb: risk.VerbAgree, save: saveMonitoring, read: monitoringRead, form: monitoringForm},
		{word: "reviews", title: "Reviews", side: "decisions", verb: risk.VerbReview, save: saveReview, read: reviewsRead, form: reviewsForm},
		{word: "downgrade", title: "Lower rating", side: "decisions", verb: risk.VerbValidate, save: saveDowngrade, read: downgradeRead, form: downgradeForm},
		{word: "closure", title: "Closure", side: "decisions", verb: risk.VerbReview, save: saveClosure, read: closureRead, form: closureForm},
		{word: "parent", title: "Register above", side: "decisions", verb: risk.VerbEscalate, save: saveParent, read: parentRead, form: parentForm},
		{word: "decisions", title: "Every decision", side: "decisions", read: decisionsRead},
		{word: "owners", title: "Owners", side: "", verb: risk.VerbAssign, save: saveOwners, read: ownersRead, form: ownersForm},
		{word: "people", title: "Parts in the risk", side: "record", verb: risk.VerbAssign, save: savePeople, read: peopleRead, form: peopleForm},
		{word: "sync", title: "Talks with the owner", side: "record", verb: risk.VerbSync, save: saveSync, read: syncRead, form: syncForm},
		{word: "details", title: "Origin", side: "record", verb: risk.VerbEdit, save: saveRiskDetails, read: riskDetailsRead, form: riskDetailsForm},
		{word: "fields", title: "Also asked for", side: "record", verb: risk.VerbEdit, save: saveRiskFields, read: riskFieldsRead, form: riskFieldsForm},
		{word: "labels", title: "Labels", side: "record", verb: risk.VerbLabel, save: saveRiskLabel, read: riskLabelsRead, form: riskLabelsForm},
		{word: "links", title: "Links and dependencies", side: "record", verb: risk.VerbLink, save: saveRiskLink, read: riskLinksRead, form: riskLinksForm},
		{word: "access", title: "Who sees it", side: "record", verb: risk.VerbShare, save: saveRiskShare, read: riskAccessRead, form: riskAccessForm},
		{word: "mark", title: "Need to know", side: "record", verb: risk.VerbMark, save: saveRiskMark, read: riskMarkRead, form: riskMarkForm},
		{word: "note", side: "notes", verb: risk.VerbNote, save: saveRiskNote, plain: true},
		{word: "files", title: "Files", side: "files", verb: risk.VerbAttach, save: saveRiskFiles, plain: true},
	}
}

// riskSectionRoutes are the forms of the sections.
var riskSectionRoutes = []Route{
	{Pattern: "POST /risks/{id}/fields", Verb: risk.VerbEdit, Do: saveRisk("fields")},
	{Pattern: "POST /risks/{id}/statement", Verb: risk.VerbEdit, Do: saveRisk("statement")},
	{Pattern: "POST /risks/{id}/scope", Verb: risk.VerbEdit, Do: saveRisk("scope")},
	{Pattern: "POST /risks/{id}/score", Verb: risk.VerbScore, Do: saveRisk("score")},
	{Pattern: "POST /risks/{id}/validate", Verb: risk.VerbValidate, Do: saveRisk("validate")},
	{Pattern: "POST /risks/{id}/override", Verb: risk.VerbOverride, Do: saveRisk("override")},
	{Pattern: "POST /risks/{id}/evidence", Verb: risk.VerbEvidence, Do: saveRisk("evidence")},
	{Pattern: "POST /risks/{id}/monitoring", Verb: risk.VerbAgree, Do: saveRisk("monitoring")},
	{Pattern: "POST /risks/{id}/response", Verb: risk.VerbRespond, Do: saveRisk("response")},
	{Pattern: "POST /risks/{id}/plan", Verb: risk.VerbTreat, Do: saveRisk("plan")},
	{Pattern: "POST /risks/{id}/milestones", Verb: risk.VerbTreat, Do: saveRisk("milestones")},
	{Pattern: "POST /risks/{id}/smart", Verb: risk.VerbApprove, Do: saveRisk("smart")},
	{Pattern: "POST /risks/{id}/approve-plan", Verb: risk.VerbApprove, Do: saveRisk("approve-plan")},
	{Pattern: "POST /risks/{id}/controls", Verb: risk.VerbControl, Do: saveRisk("controls")},
	{Pattern: "POST /risks/{id}/blocked", Verb: risk.VerbBlock, Do: saveRisk("blocked")},
	{Pattern: "POST /risks/{id}/health", Verb: risk.VerbLabel, Do: saveRisk("health")},
	{Pattern: "POST /risks/{id}/acceptance", Verb: risk.VerbAsk, Do: saveRisk("acceptance")},
	{Pattern: "POST /risks/{id}/reviews", Verb: risk.VerbReview, Do: saveRisk("reviews")},
	{Pattern: "POST /risks/{id}/downgrade", Verb: risk.VerbValidate, Do: saveRisk("downgrade")},
	{Pattern: "POST /risks/{id}/closure", Verb: risk.VerbReview, Do: saveRisk("closure")},
	{Pattern: "POST /risks/{id}/parent", Verb: risk.VerbEscalate, Do: saveRisk("parent")},
	{Pattern: "POST /risks/{id}/owners", Verb: risk.VerbAssign, Do: saveRisk("owners")},
	{Pattern: "POST /risks/{id}/people", Verb: risk.VerbAssign, Do: saveRisk("people")},
	{Pattern: "POST /risks/{id}/sync", Verb: risk.VerbSync, Do: saveRisk("sync")},
	{Pattern: "POST /risks/{id}/details", Verb: risk.VerbEdit, Do: saveRisk("details")},
	{Pattern: "POST /risks/{id}/labels", Verb: risk.VerbLabel, Do: saveRisk("labels")},
	{Pattern: "POST /risks/{id}/links", Verb: risk.VerbLink, Do: saveRisk("links")},
	{Pattern: "POST /risks/{id}/access", Verb: risk.VerbShare, Do: saveRisk("access")},
	{Pattern: "POST /risks/{id}/mark", Verb: risk.VerbMark, Do: saveRisk("mark")},
	{Pattern: "POST /risks/{id}/note", Verb: risk.VerbNote, Do: saveRisk("note")},
	{Pattern: "POST /risks/{id}/files", Verb: risk.VerbAttach, Do: saveRisk("files"), Max: MaxFiles},
}

// statementParts are the texts of a statement: the four parts, then the four
// elements, each with the question that it answers.
var statementParts = []struct{ name, label, help string }{
	{"asset", "Asset", "What is at risk?"}, {"event", "Threat event", "What may happen to it?"}, {"source", "Source", "Because of which root cause?"}, {"consequence", "Consequence", "What follows for customers and for us?"},
	{"problem", "Problem", "The problem, specific and concise."}, {"impact", "Impact", "The harm to us and to customers."}, {"evidence", "Evidence", "Trends, data, proof."}, {"scale", "Scale", "How widespread is it, in which parts?"},
}

// statementOf reads the texts of a statement by name.
func statementOf(s risk.Statement) map[string]string {
	return map[string]string{"asset": s.Asset, "event": s.Event, "source": s.Source, "consequence": s.Consequence, "problem": s.Problem, "impact": s.Impact,
		"evidence": s.Evidence, "scale": s.Scale, "threat": s.Threat, "diagram": s.Diagram}
}

func saveStatement(w *Web, r *http.Request, id ref.ID) error {
	texts := map[string]string{}
	for name := range statementOf(risk.Statement{}) {
		if field := "statement." + name; r.PostForm.Has(field) {
			texts[name] = r.PostFormValue(field)
		}
	}
	return w.Risks.Edit(r.Context(), id, risk.Patch{Version: rowVersion(r), Title: given(r, "title"), Kind: given(r, "kind"), Scope: given(r, "scope"), Statement: texts})
}

// given is a field that the form has, nil where it has none.
func given(r *http.Request, name string) *string {
	if !r.PostForm.Has(name) {
		return nil
	}
	return sent(r, name)
}

func saveScoping(w *Web, r *http.Request, id ref.ID) error {
	return w.Risks.Edit(r.Context(), id, risk.Patch{Version: rowVersion(r), Scoping: sentScoping(r)})
}

func sentScoping(r *http.Request) *risk.Scoping {
	return &risk.Scoping{Test: r.PostFormValue("scoping.test"), Out: r.PostFormValue("scoping.out"), Override: r.PostFormValue("scoping.override")}
}

// sentLevel reads a level of a scale; an empty field is 0, unanswered.
func sentLevel(fs *fault.Fields, r *http.Request, name string) int {
	n, err := strconv.Atoi(or(strings.TrimSpace(r.PostFormValue(name)), "0"))
	if err != nil {
		fs.Add(name, "“%s” is no level; choose one of the scale", r.PostFormValue(name))
	}
	return n
}

// sentNumber reads a number; an empty field is 0.
func sentNumber(fs *fault.Fields, r *http.Request, name string) float64 {
	x, err := visitOf(r).reads.Parse(or(strings.TrimSpace(r.PostFormValue(name)), "0"))
	if err != nil {
		fs.Add(name, "%s", err)
	}
	return x
}

func saveJudgement(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	j := risk.Judgement{Version: rowVersion(r), Kind: r.PostFormValue("kind"), Likelihood: sentLevel(&fs, r, "likelihood"), Impact: sentLevel(&fs, r, "impact"), Confidence: r.PostFormValue("confidence"),
		Reason: r.PostFormValue("reason"), Controls: r.PostForm["controls"], NoControls: r.PostFormValue("no_controls"), Proof: lines(r.PostFormValue("proof")), Categories: map[string]int{}}
	for _, c := range risk.ScalesOf(w.Rules).Impact().Categories {
		if n := sentLevel(&fs, r, "categories."+c.Name); n > 0 {
			j.Categories[c.Name] = n
		}
	}
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Risks.Judge(r.Context(), id, j)
}

func saveValidated(w *Web, r *http.Request, id ref.ID) error {
	return w.Risks.Validate(r.Context(), id, r.PostFormValue("reason"))
}

func saveOverride(w *Web, r *http.Request, id ref.ID) error {
	switch r.PostFormValue("do") {
	case "approve":
		return w.Risks.ApproveOverride(r.Context(), id)
	case "end":
		return w.Risks.EndOverride(r.Context(), id, r.PostFormValue("reason"))
	}
	var fs fault.Fields
	o := risk.Score{Version: rowVersion(r), Likelihood: sentNumber(&fs, r, "likelihood"), Impact: sentNumber(&fs, r, "impact"), Reason: r.PostFormValue("reason")}
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Risks.Override(r.Context(), id, o)
}

func saveEvidence(w *Web, r *http.Request, id ref.ID) error {
	if item := r.PostFormValue("off"); item != "" {
		return w.Risks.Drop(r.Context(), id, ref.ID(item), r.PostFormValue("reason"))
	}
	var fs fault.Fields
	a := risk.Adding{About: r.PostFormValue("about"), Kind: r.PostFormValue("kind"), At: *sentMoment(&fs, r, "on"), Severity: r.PostFormValue("severity"), Title: r.PostFormValue("title"),
		Source: r.PostFormValue("source"), Link: r.PostFormValue("link"), Note: r.PostFormValue("note")}
	if err := fs.Err(); err != nil {
		return err
	}
	err := w.Risks.Link(r.Context(), id, a)
	if f, ok := formFault(err); ok {
		return renamed(f, "at", "on") // "at" is the moment at which the form was shown
	}
	return err
}

// renamed is a fault with one of its fields called as the form calls it.
func renamed(f *fault.Fault, field, as string) *fault.Fault {
	out := *f
	out.Fields = slices.Clone(f.Fields)
	for i := range out.Fields {
		if out.Fields[i].Name == field {
			out.Fields[i].Name = as
		}
	}
	return &out
}

func saveOwners(w *Web, r *http.Request, id ref.ID) error {
	owner, security, replace := ref.ID(r.PostFormValue("owner")), ref.ID(r.PostFormValue("security")), r.PostFormValue("replace") != ""
	return w.Risks.Assign(r.Context(), id, risk.Owners{Version: rowVersion(r), Owner: &owner, Security: &security, Department: given(r, "department"), Replace: &replace})
}

// spareParts is how many empty rows the form of the parts has.
const spareParts = 2

func savePeople(w *Web, r *http.Request, id ref.ID) error {
	var parts []risk.Part
	for i := range rowsOf(r, "who.") {
		at := strconv.Itoa(i)
		if who := ref.ID(r.PostFormValue("who." + at)); who != "" {
			parts = append(parts, risk.Part{Who: who, As: r.PostFormValue("as." + at), Note: r.PostFormValue("note." + at)})
		}
	}
	return w.Risks.SetPeople(r.Context(), id, rowVersion(r), parts)
}

// rowsOf is how many rows of fields were sent, whose names begin with prefix and go
// on with a number.
func rowsOf(r *http.Request, prefix string) (rows int) {
	for name := range r.PostForm {
		rest, ok := strings.CutPrefix(name, prefix)
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); ok && err == nil && n >= rows && n < risk.MaxMilestones {
			rows = n + 1
		}
	}
	return rows
}

func saveSync(w *Web, r *http.Request, id ref.ID) error {
	return w.Risks.Sync(r.Context(), id, r.PostFormValue("note"))
}

func saveRiskDetails(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	found := sentMoment(&fs, r, "origin.found")
	if err := fs.Err(); err != nil {
		return err
	}
	led := r.PostFormValue("security_led") != ""
	p := risk.Patch{Version: rowVersion(r), TLP: given(r, "tlp"), Committed: given(r, "committed"), Led: &led,
		Origin: &risk.Origin{Channel: r.PostFormValue("origin.channel"), From: r.PostFormValue("origin.from"), Found: *found, Note: r.PostFormValue("origin.note")}}
	if name := strings.TrimSpace(r.PostFormValue("link_name")); name != "" {
		p.Links = map[string]string{name: strings.TrimSpace(r.PostFormValue("link_url"))}
	}
	return w.Risks.Edit(r.Context(), id, p)
}

func saveRiskLabel(w *Web, r *http.Request, id ref.ID) error {
	if off := r.PostFormValue("off"); off != "" {
		return w.Risks.SetLabel(r.Context(), id, off, false, "")
	}
	return w.Risks.SetLabel(r.Context(), id, r.PostFormValue("label"), true, r.PostFormValue("reason"))
}

func saveRiskLink(w *Web, r *http.Request, id ref.ID) error {
	if off := r.PostFormValue("off"); off != "" {
		kind, to, _ := strings.Cut(off, " ")
		return w.Risks.Unlink(r.Context(), id, kind, ref.ID(to))
	}
	return w.Risks.SetLink(r.Context(), id, r.PostFormValue("kind"), ref.Read(strings.TrimSpace(r.PostFormValue("to"))))
}

func saveRiskShare(w *Web, r *http.Request, id ref.ID) error {
	if off := r.PostFormValue("off"); off != "" {
		return w.Risks.Unshare(r.Context(), id, ref.ID(off))
	}
	return w.Risks.Share(r.Context(), id, ref.ID(r.PostFormValue("with")), access.Role(r.PostFormValue("role")))
}

func saveRiskMark(w *Web, r *http.Request, id ref.ID) error {
	if r.PostFormValue("do") == "lift" {
		return w.Risks.Lift(r.Context(), id, r.PostFormValue("reason"))
	}
	return w.Risks.Restrict(r.Context(), id, r.PostFormValue("reason"))
}

func saveRiskNote(w *Web, r *http.Request, id ref.ID) error {
	_, err := w.Risks.Note(once(r), id, r.PostFormValue("note-text"))
	return err
}

func saveRiskFiles(w *Web, r *http.Request, id ref.ID) error {
	return w.eachFile(r, risk.VerbAttach, func(name string, c content) error {
		_, err := w.Risks.Attach(r.Context(), id, name, c)
		return err
	})
}

// halvesOf are the sections of a risk that stand two in a row.
var halvesOf = []string{"scope", "override", "smart", "approve-plan", "blocked", "health", "parent", "downgrade", "monitoring", "labels", "links", "mark", "access"}

func riskHalf(word string) bool { return slices.Contains(halvesOf, word) }
