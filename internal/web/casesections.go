package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/score/cvss"
	"tocsin/internal/web/ui"
)

// sections are the parts of a case, in the order of the page.
func sections() []section {
	return slices.Concat(caseSections(), rcaSections())
}

func caseSections() []section {
	return []section{
		{word: "triage", title: "Triage", side: "assessment", verb: casework.VerbEdit, save: saveTriage, read: triageRead, form: triageForm},
		{word: "reproduction", title: "Reproduction", side: "assessment", verb: casework.VerbEdit, save: saveReproduction, read: reproductionRead, form: reproductionForm},
		{word: "environments", title: "Where it bites", side: "assessment", verb: casework.VerbEdit, save: saveEnvironments, read: environmentsRead, form: environmentsForm},
		{word: "score", title: "Score", side: "assessment", verb: casework.VerbScore, save: saveScore, read: scoreRead, form: scoreForm},
		{word: "weakness", title: "Weakness and impact", side: "assessment", verb: casework.VerbEdit, save: saveWeakness, read: weaknessRead, form: weaknessForm},
		{word: "votes", title: "Votes", side: "assessment", verb: casework.VerbVote, save: saveVote, read: votesRead, form: votesForm},
		{word: "fixes", title: "Remediation by release line", side: "fixes", verb: casework.VerbFix, save: saveFix, read: fixesRead, form: fixesForm},
		{word: "validation", title: "Validation", side: "fixes", verb: casework.VerbEdit, save: saveValidation, read: validationRead, form: validationForm},
		{word: "release", title: "Release", side: "fixes", verb: casework.VerbEdit, save: saveRelease, read: releaseRead, form: releaseForm},
		{word: "advisory", title: "Advisory", side: "advisory", verb: casework.VerbEdit, save: saveNoAdvisory, read: caseAdvisoryRead, form: caseAdvisoryForm},
		{word: "credit", title: "Credit", side: "advisory", verb: casework.VerbCredit, save: saveCredit, read: creditRead, form: creditForm},
		{word: "people", title: "Who handles it", side: "", verb: casework.VerbAssign, save: saveOwner, read: ownerRead, form: ownerForm},
		{word: "pause", title: "Pause or resume", side: "clocks", verb: casework.VerbPause, save: savePause, read: pauseRead, form: pauseForm},
		{word: "extend", title: "Extend", side: "clocks", verb: casework.VerbExtend, save: saveExtension, read: extendRead, form: extendForm},
		{word: "details", title: "What it is", side: "record", verb: casework.VerbEdit, save: saveDetails, read: detailsRead, form: detailsForm},
		{word: "access", title: "Who may see it", side: "record", verb: casework.VerbShare, save: saveShare, read: accessRead, form: accessForm},
		{word: "embargo", title: "Embargo", side: "record", verb: casework.VerbEmbargo, save: saveEmbargo, read: embargoRead, form: embargoForm},
		{word: "mark", title: "TLP mark", side: "record", verb: casework.VerbMark, save: saveMark, read: markRead, form: markForm},
		{word: "labels", title: "Labels", side: "record", verb: "case.label", save: saveLabel, read: labelsRead, form: labelsForm},
		{word: "links", title: "Linked cases", side: "record", verb: casework.VerbLink, save: saveLink, read: linksRead, form: linksForm},
		{word: "risks", title: "Risks of the register", side: "record", verb: risk.VerbEvidence, save: saveCaseRisk, read: caseRisksRead, form: caseRisksForm},
		{word: "note", side: "messages", verb: casework.VerbNote, save: saveNote, plain: true},
		{word: "messages", title: "Messages", side: "messages", verb: casework.VerbMessage, save: saveMessage, plain: true},
		{word: "files", title: "Files", side: "files", verb: casework.VerbAttach, save: saveFiles, plain: true},
	}
}

// MaxFiles is how much one form may bring in files, in bytes: one of the largest
// allowed and its surroundings.
const MaxFiles = 52 << 20

// sectionRoutes are the forms of the sections, the unshare and the draft.
var sectionRoutes = []Route{
	{Pattern: "POST /cases/{id}/triage", Verb: casework.VerbEdit, Do: saveSection("triage")},
	{Pattern: "POST /cases/{id}/reproduction", Verb: casework.VerbEdit, Do: saveSection("reproduction")},
	{Pattern: "POST /cases/{id}/environments", Verb: casework.VerbEdit, Do: saveSection("environments")},
	{Pattern: "POST /cases/{id}/weakness", Verb: casework.VerbEdit, Do: saveSection("weakness")},
	{Pattern: "POST /cases/{id}/score", Verb: casework.VerbScore, Do: saveSection("score")},
	{Pattern: "POST /cases/{id}/votes", Verb: casework.VerbVote, Do: saveSection("votes")},
	{Pattern: "POST /cases/{id}/fixes", Verb: casework.VerbFix, Do: saveSection("fixes")},
	{Pattern: "POST /cases/{id}/validation", Verb: casework.VerbEdit, Do: saveSection("validation")},
	{Pattern: "POST /cases/{id}/release", Verb: casework.VerbEdit, Do: saveSection("release")},
	{Pattern: "POST /cases/{id}/advisory", Verb: casework.VerbEdit, Do: saveSection("advisory")},
	{Pattern: "POST /cases/{id}/draft", Verb: "advisory.draft", Do: draftAdvisory},
	{Pattern: "POST /cases/{id}/credit", Verb: casework.VerbCredit, Do: saveSection("credit")},
	{Pattern: "POST /cases/{id}/people", Verb: casework.VerbAssign, Do: saveSection("people")},
	{Pattern: "POST /cases/{id}/pause", Verb: casework.VerbPause, Do: saveSection("pause")},
	{Pattern: "POST /cases/{id}/extend", Verb: casework.VerbExtend, Do: saveSection("extend")},
	{Pattern: "POST /cases/{id}/details", Verb: casework.VerbEdit, Do: saveSection("details")},
	{Pattern: "POST /cases/{id}/access", Verb: casework.VerbShare, Do: saveSection("access")},
	{Pattern: "POST /cases/{id}/embargo", Verb: casework.VerbEmbargo, Do: saveSection("embargo")},
	{Pattern: "POST /cases/{id}/mark", Verb: casework.VerbMark, Do: saveSection("mark")},
	{Pattern: "POST /cases/{id}/labels", Verb: "case.label", Do: saveSection("labels")},
	{Pattern: "POST /cases/{id}/links", Verb: casework.VerbLink, Do: saveSection("links")},
	{Pattern: "POST /cases/{id}/risks", Verb: risk.VerbEvidence, Do: saveSection("risks")},
	{Pattern: "POST /cases/{id}/note", Verb: casework.VerbNote, Do: saveSection("note")},
	{Pattern: "POST /cases/{id}/messages", Verb: casework.VerbMessage, Do: saveSection("messages")},
	{Pattern: "POST /cases/{id}/files", Verb: casework.VerbAttach, Do: saveSection("files"), Max: MaxFiles},
}

// sent returns a pointer to a field of the form, as a Patch wants it.
func sent(r *http.Request, name string) *string {
	s := r.PostFormValue(name)
	return &s
}

// sentMoment reads a field that holds a moment, or notes what is wrong with it.
func sentMoment(fs *fault.Fields, r *http.Request, name string) *time.Time {
	t, err := readMoment(r.PostFormValue(name))
	if err != nil {
		fs.Add(name, "%v", err)
	}
	return &t
}

func saveTriage(w *Web, r *http.Request, id ref.ID) error {
	complete := map[string]bool{}
	for _, c := range w.Rules.Completeness {
		complete[c.Name] = slices.Contains(r.PostForm["complete"], c.Name)
	}
	return w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), Complete: complete, Provisional: sent(r, "provisional")})
}

func saveReproduction(w *Web, r *http.Request, id ref.ID) error {
	platforms := lines(r.PostFormValue("platforms"))
	return w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), Platforms: &platforms, Reproduction: &casework.Reproduction{
		Verdict: r.PostFormValue("reproduction.verdict"), Environment: r.PostFormValue("reproduction.environment"), Steps: r.PostFormValue("reproduction.steps")}})
}

// envField is the name of a field of one environment's part of the form.
func envField(i int, name string) string { return "environments." + strconv.Itoa(i) + "." + name }

// saveEnvironments sends the verdicts that were given. What is wrong comes back by
// the places of the form, where every environment of the profile has one.
func saveEnvironments(w *Web, r *http.Request, id ref.ID) error {
	var out []casework.Environment
	var place []int
	var fs fault.Fields
	for i, env := range w.Rules.Environments {
		e := sentEnvironment(&fs, r, i)
		if e.Name = env.Name; e.Verdict != "" {
			out, place = append(out, e), append(place, i)
		}
	}
	if err := fs.Err(); err != nil {
		return err
	}
	err := w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), Environments: out})
	if f, ok := formFault(err); ok {
		return inPlace(f, place)
	}
	return err
}

func sentEnvironment(fs *fault.Fields, r *http.Request, i int) casework.Environment {
	e := casework.Environment{Verdict: r.PostFormValue(envField(i, "verdict")), Justification: r.PostFormValue(envField(i, "justification")),
		Reason: r.PostFormValue(envField(i, "reason")), Vectors: map[string]string{}}
	for _, line := range lines(r.PostFormValue(envField(i, "ranges"))) {
		x, ok := advisory.ReadRange(line)
		if !ok {
			fs.Add(envField(i, "ranges"), "“%s” reads as no range of versions; write it like >= 17.2, < 18.7.2, or * for every version", line)
		}
		e.Ranges = append(e.Ranges, x)
	}
	for _, version := range []string{"3.1", "4.0"} {
		if v := strings.TrimSpace(r.PostFormValue(envField(i, "vectors."+version))); v != "" {
			e.Vectors[version] = v
		}
	}
	return e
}

// inPlace renames the fields of a fault from the places of what was sent to those
// of the form: environments.1.ranges.0 to environments.2.ranges.
func inPlace(f *fault.Fault, place []int) *fault.Fault {
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		parts := strings.SplitN(x.Name, ".", 4)
		if len(parts) > 2 && parts[0] == "environments" {
			if n, err := strconv.Atoi(parts[1]); err == nil && n < len(place) {
				x.Name = envField(place[n], parts[2])
				if parts[2] == "vectors" {
					x.Name += "." + parts[3]
				}
			}
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func saveWeakness(w *Web, r *http.Request, id ref.ID) error {
	stride := append([]string{}, r.PostForm["stride"]...)
	cwe := r.PostFormValue("cwe")
	if picked := r.PostFormValue("pick"); picked != "" {
		cwe = picked
	}
	return w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), CWE: &cwe, Stride: &stride})
}

// calculators are the versions of CVSS that the score form has.
var calculators = []ui.CVSS{{Name: "cvss31", Version: "3.1"}, {Name: "cvss40", Version: "4.0"}}

func saveScore(w *Web, r *http.Request, id ref.ID) error {
	var vectors []string
	var fs fault.Fields
	for _, c := range calculators {
		text, sent := c.Read(r.PostForm)
		if !sent || text == "" {
			continue
		}
		v, err := cvss.Parse(text)
		switch {
		case err != nil:
			fs.Add(c.Name, "%s", fault.Of(err).Says)
		case v.Version() != c.Version:
			fs.Add(c.Name, "this is a vector of CVSS %s; it belongs into the other calculator", v.Version())
		}
		vectors = append(vectors, text)
	}
	if len(vectors) == 0 {
		fs.Add(calculators[0].Name, "choose the metrics of at least one version, or paste a vector")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Cases.Score(r.Context(), id, rowVersion(r), vectors...)
}

func saveVote(w *Web, r *http.Request, id ref.ID) error {
	agrees := r.PostFormValue("agrees")
	if agrees != "yes" && agrees != "no" {
		return fault.At("agrees", "say whether you agree with the score")
	}
	var own []string
	for _, text := range lines(r.PostFormValue("own")) {
		if _, err := cvss.Parse(text); err != nil {
			return fault.At("own", "%s", fault.Of(err).Says)
		}
		own = append(own, text)
	}
	return w.Cases.Vote(r.Context(), id, agrees == "yes", r.PostFormValue("note"), own...)
}

func saveFix(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Fixed(r.Context(), id, casework.Fix{Line: r.PostFormValue("line"), State: r.PostFormValue("state"),
		Link: r.PostFormValue("link"), Fixed: r.PostFormValue("fixed")})
}

func saveValidation(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), Validation: &casework.Validation{
		Verdict: r.PostFormValue("validation.verdict"), Note: r.PostFormValue("validation.note"), Reconfirmed: r.PostFormValue("reconfirmed")}})
}

func saveRelease(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	date := sentMoment(&fs, r, "release.date")
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), CVE: sent(r, "cve"), Release: &casework.Release{
		Date: *date, Versions: lines(r.PostFormValue("release.versions")), Kind: r.PostFormValue("release.kind")}})
}

func saveNoAdvisory(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Edit(r.Context(), id, casework.Patch{Version: rowVersion(r), NoAdvisory: sent(r, "no_advisory")})
}

func draftAdvisory(w *Web, r *http.Request) (Answer, error) {
	made, err := w.Advisories.Draft(r.Context(), ref.ID(r.PathValue("id")))
	if f, ok := formFault(err); ok {
		return w.caseAgain(r, ref.ID(r.PathValue("id")), "advisory", "", f)
	}
	if err != nil {
		return Answer{}, err
	}
	return lead(advisoryAddress(made), "drafted")
}

// advisoryAddress is the page of an advisory for the team.
func advisoryAddress(id ref.ID) string { return "/advisory/" + string(id) }

func saveCredit(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.SetCredit(r.Context(), id, casework.Credit{Choice: r.PostFormValue("choice"), Name: r.PostFormValue("name"),
		Link: r.PostFormValue("link"), Consent: r.PostFormValue("consent") != ""})
}

func saveOwner(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Assign(r.Context(), id, ref.ID(r.PostFormValue("owner")))
}

func savePause(w *Web, r *http.Request, id ref.ID) error {
	do := w.Cases.Pause
	if r.PostFormValue("do") == "resume" {
		do = w.Cases.Resume
	}
	return do(r.Context(), id, r.PostFormValue("clock"), r.PostFormValue("reason"))
}

func saveExtension(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Extend(r.Context(), id, r.PostFormValue("clock"), r.PostFormValue("span"), r.PostFormValue("reason"))
}

func saveDetails(w *Web, r *http.Request, id ref.ID) error {
	var fs fault.Fields
	dependency := r.PostFormValue("dependency") != ""
	p := casework.Patch{Version: rowVersion(r), Title: sent(r, "title"), Summary: sent(r, "summary"), Product: sent(r, "product"), Component: sent(r, "component"),
		CVE: sent(r, "cve"), Dependency: &dependency, Deadline: sentMoment(&fs, r, "deadline"), Detected: sentMoment(&fs, r, "detected")}
	if r.PostFormValue("fix_available") != "" {
		p.FixAvailable = sentMoment(&fs, r, "fix_available")
	}
	if r.PostFormValue("mitigated") != "" {
		p.Mitigated = sentMoment(&fs, r, "mitigated")
	}
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Cases.Edit(r.Context(), id, p)
}

func saveShare(w *Web, r *http.Request, id ref.ID) error {
	with := ref.ID(r.PostFormValue("with"))
	if off := r.PostFormValue("off"); off != "" {
		return w.Cases.Unshare(r.Context(), id, ref.ID(off))
	}
	return w.Cases.Share(r.Context(), id, with, access.Role(r.PostFormValue("role")))
}

func saveEmbargo(w *Web, r *http.Request, id ref.ID) error {
	reason := r.PostFormValue("reason")
	if strings.TrimSpace(reason) == "" {
		return fault.At("reason", "who may see a case changes only for a reason; write it down")
	}
	if r.PostFormValue("do") == "lift" {
		return w.Cases.Lift(r.Context(), id, reason)
	}
	var fs fault.Fields
	until := sentMoment(&fs, r, "until")
	if err := fs.Err(); err != nil {
		return err
	}
	return w.Cases.Embargo(r.Context(), id, *until, reason)
}

func saveMark(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Mark(r.Context(), id, r.PostFormValue("tlp"))
}

func saveLabel(w *Web, r *http.Request, id ref.ID) error {
	if off := r.PostFormValue("off"); off != "" {
		return w.Cases.SetLabel(r.Context(), id, off, false, "")
	}
	return w.Cases.SetLabel(r.Context(), id, r.PostFormValue("label"), true, r.PostFormValue("reason"))
}

func saveLink(w *Web, r *http.Request, id ref.ID) error {
	if off := r.PostFormValue("off"); off != "" {
		kind, to, _ := strings.Cut(off, " ")
		return w.Cases.LinkTo(r.Context(), id, kind, ref.ID(to), false)
	}
	to := ref.ID(strings.ToUpper(strings.TrimSpace(r.PostFormValue("to"))))
	err := w.Cases.LinkTo(r.Context(), id, r.PostFormValue("kind"), to, true)
	if fault.KindOf(err) == fault.NotFound && to != id {
		return fault.At("to", "there is no case %s", to)
	}
	return err
}

func saveNote(w *Web, r *http.Request, id ref.ID) error {
	_, err := w.Cases.Note(once(r), id, r.PostFormValue("note-text"))
	return err
}

func saveMessage(w *Web, r *http.Request, id ref.ID) error {
	return w.Cases.Message(once(r), id, r.PostFormValue("out-text"))
}

func saveFiles(w *Web, r *http.Request, id ref.ID) error {
	shared := r.PostFormValue("shared") != ""
	return w.eachFile(r, casework.VerbAttach, func(name string, c content) error {
		_, err := w.Cases.Attach(r.Context(), id, name, c, shared)
		return err
	})
}
