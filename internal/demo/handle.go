package demo

import (
	"context"
	"fmt"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
)

// handle is the usual course of a case, from the report to the end, as far as it
// has come today.
func (s *story) handle() {
	if s.severity, s.err = s.t.rate(s.row); s.err != nil {
		return
	}
	s.receive()
	s.triage()
	if s.row.Reject != "" {
		s.reject()
		return
	}
	s.assess()
	s.remediate()
	s.validate()
	if s.row.AcceptRisk != "" {
		s.live()
		return
	}
	s.release()
	s.after()
}

// receive opens the case: from a report, or by whoever found it inside.
func (s *story) receive() {
	r := s.row
	if r.By == "" {
		opener := s.engineer()
		if r.Named {
			opener = s.analyst() // who may share it
		}
		s.do(opener, "open", func(ctx context.Context) (err error) {
			s.id, err = s.t.h.Cases.Open(ctx, casework.Opening{Title: r.Title, Summary: r.Summary, Product: r.Product, Component: r.Component,
				CWE: r.CWE, Source: s.t.source(r.From), Named: r.Named})
			return err
		})
	} else {
		s.submit()
		s.step("accept")
		s.do(s.analyst(), "accept", func(ctx context.Context) (err error) {
			s.id, err = s.t.h.Reports.Decide(ctx, s.report, intake.VerbAccept,
				intake.Decision{Opening: intake.Opening{Title: r.Title, Component: r.Component, CWE: r.CWE, Named: r.Named}})
			return err
		})
	}
	if r.Named {
		s.nameThem()
	}
}

// nameThem lets those see a need-to-know case who work on it.
func (s *story) nameThem() {
	for _, who := range append(s.voters(), s.analyst(), s.engineer(), s.t.first("release-manager").Handle, s.t.first("communications").Handle) {
		s.do(s.analyst(), "share", func(ctx context.Context) error { return s.t.h.Cases.Share(ctx, s.id, s.t.ids[who], "") })
	}
}

// owns hands the case to somebody.
func (s *story) owns(who string) {
	s.do(s.analyst(), "assign", func(ctx context.Context) error { return s.t.h.Cases.Assign(ctx, s.id, s.t.ids[who]) })
}

// triage completes what is known, sets the provisional severity and hands over.
func (s *story) triage() {
	s.within("triage", 0.2)
	s.owns(s.analyst())
	s.within("triage", 0.5)
	rules := s.t.h.Rules
	done := map[string]bool{}
	for _, c := range rules.Completeness {
		done[c.Name] = c.Required
	}
	s.do(s.analyst(), "triage", func(ctx context.Context) error {
		p := casework.Patch{Complete: done, Provisional: &s.severity}
		if s.row.Dependency {
			yes := true
			p.Dependency = &yes
		}
		return s.t.h.Cases.Edit(ctx, s.id, p)
	})
	s.link("variant-of", s.row.Variant)
	s.link("related", s.row.Related)
	if s.row.Reject != "" {
		s.step("triage")
		return
	}
	s.step("triage")
	s.owns(s.engineer())
	s.move(s.analyst(), "case.assess", casework.Step{})
}

func (s *story) link(kind, key string) {
	if key == "" || s.err != nil {
		return
	}
	other := s.t.byKey[key]
	if other == nil || other.id == "" {
		s.err = fault.New(fault.Invalid, "there is no case %q yet to be %s", key, kind)
		return
	}
	who := s.analyst()
	if other.row.Named {
		who = other.analyst() // the one of the two who sees both
	}
	s.do(who, "link", func(ctx context.Context) error { return s.t.h.Cases.LinkTo(ctx, s.id, kind, other.id, true) })
}

func (s *story) move(who string, verb access.Verb, step casework.Step) {
	s.do(who, string(verb), func(ctx context.Context) error { return s.t.h.Cases.Move(ctx, s.id, verb, step) })
}

// reject ends the case with an answer.
func (s *story) reject() {
	s.do(s.analyst(), "reject", func(ctx context.Context) error {
		step := casework.Step{Disposition: s.row.Reject, Reason: "Looked at again with the component's owner; it is as the answer says."}
		if s.report != "" {
			text, err := s.t.h.Reports.Suggest(ctx, s.report, s.row.Reject)
			if err != nil {
				return err
			}
			step.Answer = text
		}
		return s.t.h.Cases.Move(ctx, s.id, "case.reject", step)
	})
}

// assess reproduces, finds what is affected, scores, and asks others for their votes.
func (s *story) assess() {
	s.within("assess", 0.45)
	s.do(s.engineer(), "assess", func(ctx context.Context) error {
		stride := s.t.stride(s.row.CWE)
		platforms := []string{"linux/amd64", "linux/arm64"}
		if strings.HasSuffix(s.row.Product, "-sync") {
			platforms = []string{"Windows 11", "macOS 15"}
		}
		return s.t.h.Cases.Edit(ctx, s.id, casework.Patch{Stride: &stride, Platforms: &platforms, Environments: s.environments(nil),
			Reproduction: &casework.Reproduction{Verdict: "reproduced", Environment: "A fresh installation of " + s.lines()[0] + ".0, with the default settings",
				Steps: s.t.usual(s.row).Steps}})
	})
	s.within("assess", 0.6)
	s.do(s.engineer(), "score", func(ctx context.Context) error { return s.t.h.Cases.Score(ctx, s.id, 0, s.row.vectors()...) })
	s.vote()
	s.step("assess")
	if s.row.Votes != 0 && s.err == nil {
		s.err = errOver // it waits for votes
	}
	s.move(s.engineer(), "case.confirm", casework.Step{})
}

// vote lets others say what they think of the score, a doubter first.
func (s *story) vote() {
	n := s.row.Votes
	if n == 0 {
		n = s.t.h.Rules.Votes[s.severity]
	}
	for i, who := range s.voters()[:min(max(n, 0), 3)] {
		s.within("assess", 0.65+0.08*float64(i))
		if i == 0 && s.row.Doubt != "" {
			s.cast(who, false, s.row.Doubt)
			if s.row.Votes != 0 {
				continue
			}
			s.within("assess", 0.7)
		}
		s.cast(who, true, "")
	}
}

func (s *story) cast(who string, agrees bool, note string) {
	s.do(who, "vote", func(ctx context.Context) error { return s.t.h.Cases.Vote(ctx, s.id, agrees, note) })
}

// ware and lines are what the story is about, and what gets fixes at its moment.
func (s *story) lines() []string {
	w, err := s.t.ware(s.row.Product)
	if err != nil {
		return []string{"0.0"}
	}
	return s.t.lines(w, s.at)
}

// environments says where the product is affected; fixed are the versions that
// have the fix, by release line, as soon as they are known.
func (s *story) environments(fixed map[string]string) []casework.Environment {
	var out []casework.Environment
	for _, e := range s.t.h.Rules.Environments {
		x := casework.Environment{Name: e.Name, Verdict: casework.VerdictAffected, Ranges: s.ranges(fixed)}
		if !e.Shipped && (s.row.NotHere != "" || s.row.Justify != "") {
			x = casework.Environment{Name: e.Name, Verdict: casework.VerdictNotAffected, Reason: s.row.NotHere, Justification: s.row.Justify}
		}
		out = append(out, x)
	}
	return out
}

// ranges are one range a release line, the oldest from the first affected version.
func (s *story) ranges(fixed map[string]string) []advisory.Range {
	lines := s.lines()
	if s.spared(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	var out []advisory.Range
	for i := len(lines) - 1; i >= 0; i-- {
		r := advisory.Range{Introduced: lines[i] + ".0", Fixed: fixed[lines[i]]}
		if i == len(lines)-1 && s.row.Since != "" {
			r.Introduced = s.row.Since
		}
		if r.Fixed == "" && i < len(lines)-1 {
			continue // one open range says it all until the fixes are known
		}
		out = append(out, r)
	}
	return out
}

// stride are the impacts that the profile knows by the weakness's words.
func (t *town) stride(cwe string) []string {
	var out []string
	for _, w := range t.weaknesses[cwe].Stride {
		for _, known := range t.h.Rules.Stride {
			if known.Name == w {
				out = append(out, w)
			}
		}
	}
	return out
}

// remediate lets the fixes grow on every release line, and keeps the reporter in
// the picture meanwhile.
func (s *story) remediate() {
	s.share()
	states := s.t.h.Rules.Remediations
	s.within("fix", 0.1)
	for _, line := range s.lines() {
		s.fix(line, states[0].Name, "", "")
	}
	s.keepTold()
	for part := 1; part <= 3; part++ {
		s.within("fix", 0.3+0.2*float64(part))
		for i, line := range s.lines() {
			if n := part - i; n > 0 && n < len(states) && states[n].Name != casework.FixReady && !s.spared(line) {
				s.fix(line, states[n].Name, s.change(line), "")
			}
		}
	}
	s.step("fix")
	s.ready()
	s.move(s.engineer(), "case.submit", casework.Step{})
}

// share lets the team that owns the component see the case.
func (s *story) share() {
	w, err := s.t.ware(s.row.Product)
	if s.err != nil || err != nil || s.row.Named {
		return
	}
	s.do(s.analyst(), "share", func(ctx context.Context) error { return s.t.h.Cases.Share(ctx, s.id, s.t.ids[w.Team], "") })
	s.shared = true
}

// owner is who makes the fix.
func (s *story) owner() string {
	w, err := s.t.ware(s.row.Product)
	if err != nil || !s.shared {
		return s.engineer()
	}
	for _, tm := range s.t.Teams {
		if tm.Key == w.Team {
			return tm.Members[0]
		}
	}
	return s.engineer()
}

func (s *story) fix(line, state, link, fixed string) {
	s.do(s.owner(), "fix", func(ctx context.Context) error {
		return s.t.h.Cases.Fixed(ctx, s.id, casework.Fix{Line: line, State: state, Link: link, Fixed: fixed})
	})
}

// ready finishes the fix on every line that gets one at the moment.
func (s *story) ready() {
	for _, line := range s.lines() {
		if s.spared(line) {
			s.fix(line, casework.FixNotNeeded, "", "")
			continue
		}
		s.fix(line, casework.FixReady, s.change(line), s.patch(line))
	}
}

// spared reports whether a release line never had the vulnerability.
func (s *story) spared(line string) bool {
	lines := s.lines()
	return s.row.Newer && line == lines[len(lines)-1]
}

func (s *story) change(line string) string {
	n := 4000 + s.n*23 + len(line)
	for _, c := range line {
		n += int(c)
	}
	return fmt.Sprintf("https://code.fernhollow.example/%s/changes/%d", strings.TrimPrefix(s.row.Product, "fernhollow-"), n)
}

// patch is the version of a line that has the fix.
func (s *story) patch(line string) string { return fmt.Sprintf("%s.%d", line, 2+s.n%6) }

// updates are what the reporter hears while the fix is made.
var updates = []string{
	"A short note so that you know it is not forgotten: the fix is being worked on for every supported release line. We will write again within a month.",
	"The change is written and under review. It touches more places than we thought, so it needs some more time.",
	"The fix is planned for one of the next releases. We will tell you the date as soon as it is certain.",
}

// keepTold writes to the reporter once a month, until the fix is made.
func (s *story) keepTold() {
	if s.err != nil || s.row.Silent || s.report == "" {
		return
	}
	from, days := s.passed, s.days("fix")
	s.t.tell(&story{what: s.what + ": updates", begin: s.begin, row: s.row, n: s.n, bound: s.bound}, func(u *story) {
		for i, day := 0, 26.0; day < days && u.err == nil; i, day = i+1, day+27 {
			u.office(from + day)
			if s.passed > from {
				return // sooner than thought
			}
			u.do(u.analyst(), "update", func(ctx context.Context) error {
				return u.t.h.Cases.Message(ctx, u.id, updates[i%len(updates)])
			})
		}
	})
}

// validate looks at the fix, more than once where it was not sufficient.
func (s *story) validate() {
	for i := range s.row.Loops {
		s.step("validate")
		s.move(s.engineer(), "case.inadequate", casework.Step{Reason: []string{
			"A second way leads to the same place: the check is missing where the request comes in by the older address.",
			"The check holds now, but the answer still tells by its length whether the record exists."}[i%2]})
		s.passed += s.days("validate") * 1.5
		s.office(s.passed)
		s.ready()
		s.move(s.engineer(), "case.submit", casework.Step{})
	}
	s.step("verdict")
	if s.row.AcceptRisk != "" {
		s.move(s.t.first("manager").Handle, "case.accept-risk", casework.Step{Note: s.row.AcceptRisk, Reason: "Agreed with the owners of the component."})
		return
	}
	s.do(s.engineer(), "verdict", func(ctx context.Context) error {
		return s.t.h.Cases.Edit(ctx, s.id, casework.Patch{Environments: s.environments(s.fixed()),
			Validation: &casework.Validation{Verdict: s.t.h.Rules.Validations[0].Name, Reconfirmed: "yes", Note: "Tried against the built packages of every line; the first way and two variants are closed."}})
	})
	s.move(s.engineer(), "case.validate", casework.Step{})
	s.owns(s.analyst())
}

// fixed are the versions that have the fix, by line.
func (s *story) fixed() map[string]string {
	out := map[string]string{}
	for _, line := range s.lines() {
		if !s.spared(line) {
			out[line] = s.patch(line)
		}
	}
	return out
}

// live ends a case whose risk is lived with.
func (s *story) live() {
	none := "No fix is planned; the documentation tells how to switch the feature off."
	s.owns(s.analyst())
	s.within("close", 0.3)
	s.do(s.analyst(), "no advisory", func(ctx context.Context) error { return s.t.h.Cases.Edit(ctx, s.id, casework.Patch{NoAdvisory: &none}) })
	s.after()
}

// cve is the row's made-up CVE ID; no real one has that year.
func (s *story) cve() string { return fmt.Sprintf("CVE-1900-%04d", 1001+s.n*7) }

// release fills the release in, brings the advisory along and records it.
func (s *story) release() {
	s.within("release", 0.2)
	date := workday(s.begin.Add(span(s.passed+s.days("release"))), s.n)
	var versions []string
	for _, line := range s.lines() {
		if !s.spared(line) {
			versions = append(versions, s.patch(line))
		}
	}
	s.do(s.analyst(), "release data", func(ctx context.Context) error {
		p := casework.Patch{Release: &casework.Release{Date: date, Versions: versions, Kind: s.t.h.Rules.Releases.Kinds[0].Name}}
		if cve := s.cve(); !s.row.NoCVE {
			p.CVE = &cve
		}
		if s.row.NoAdvisory != "" {
			p.NoAdvisory = &s.row.NoAdvisory
		}
		return s.t.h.Cases.Edit(ctx, s.id, p)
	})
	s.prepare()
	s.step("release")
	s.move(s.t.first("release-manager").Handle, "case.release", casework.Step{})
	s.learn()
}

// after publishes, thanks and closes.
func (s *story) after() {
	s.publish()
	if s.report != "" && !s.row.NoConsent {
		s.within("close", 0.35)
		s.credit()
	}
	s.within("close", 0.5)
	if s.report != "" {
		s.do(s.analyst(), "thank", func(ctx context.Context) error {
			return s.t.h.Cases.Message(ctx, s.id, "The work on your report has ended. Thank you for the care that you took, and for waiting. Tell us if you see that anything is left.")
		})
	}
	s.step("close")
	if s.row.NoConsent && s.err == nil {
		s.err = errOver // the credit is still open
	}
	s.move(s.analyst(), "case.close", casework.Step{})
}

// credit settles how the reporter is thanked.
func (s *story) credit() {
	f, err := s.t.finder(s.row.By)
	if err != nil {
		s.err = err
		return
	}
	s.do(s.analyst(), "credit", func(ctx context.Context) error {
		return s.t.h.Cases.SetCredit(ctx, s.id, casework.Credit{Choice: f.Credit, Name: f.As, Link: f.Link, Consent: f.As != ""})
	})
}
