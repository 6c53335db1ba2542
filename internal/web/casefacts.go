package web

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/lifecycle"
	"tocsin/internal/profile"
	"tocsin/internal/web/ui"
)

// facts are what stands beside every side.
func (p CasePage) facts() []ui.Fact {
	list := []ui.Fact{{Term: "Source", Text: titleOf(p.Rules.Sources, p.Source)}}
	if p.Disposition != "" {
		d, _ := p.Rules.Disposition(p.Disposition)
		list = append(list, ui.Fact{Term: "Disposition", Text: d.Title})
	}
	if p.Detected.IsZero() {
		list = append(list, ui.Fact{Term: "First known"})
	} else {
		list = append(list, ui.Fact{Term: "First known", Show: ui.Day(p.Detected)})
	}
	if !p.Deadline.IsZero() {
		list = append(list, ui.Fact{Term: "Reporter’s deadline", Show: ui.Day(p.Deadline)})
	}
	list = append(list, ui.Fact{Term: "Profile", Text: p.Profile, Mono: true})
	return list
}

// details is everything about what the case is.
func (p CasePage) details() []ui.Fact {
	list := []ui.Fact{{Term: "Product", Text: p.Product}, {Term: "Component", Text: p.Component}, {Term: "CVE", Text: p.CVE, Mono: true},
		{Term: "Source", Text: titleOf(p.Rules.Sources, p.Source)}}
	list = append(list, momentFact("Opened", p.Opened, ""), momentFact("First known", p.Detected, ""),
		momentFact("Reporter’s deadline", p.Deadline, "none"), momentFact("Fix available", p.FixAvailable, "not recorded"),
		momentFact("Customers protected", p.Mitigated, "not recorded"))
	whose := "ours"
	if p.Dependency {
		whose = "somebody else’s"
	}
	list = append(list, ui.Fact{Term: "Whose code", Text: whose})
	if o := p.Origin; o.Format != "" {
		list = append(list, ui.Fact{Term: "Imported from", Text: strings.ToUpper(o.Format) + " " + o.Name, Small: "sha256:" + o.SHA256})
		for _, k := range sortedKeys(o.Stated) {
			list = append(list, ui.Fact{Term: capital(spaced(k)), Text: o.Stated[k]})
		}
	}
	return list
}

// momentFact is a moment, or what is said without one; "" is unknown.
func momentFact(term string, at time.Time, none string) ui.Fact {
	if at.IsZero() {
		return ui.Fact{Term: term, Text: none}
	}
	return ui.Fact{Term: term, Show: ui.Instant(at)}
}

func (p CasePage) releaseFacts() []ui.Fact {
	return []ui.Fact{momentFact("Released at", p.Release.Date, "not yet"), {Term: "Versions", Text: or(join(", ", p.Release.Versions...), "not yet"), Mono: len(p.Release.Versions) > 0},
		{Term: "Kind", Text: or(titleOf(p.Rules.Releases.Kinds, p.Release.Kind), "not yet")}, {Term: "CVE", Text: or(p.CVE, "none"), Mono: p.CVE != ""}}
}

func (p CasePage) creditFacts() []ui.Fact {
	consent := "not asked"
	if p.Credit.Consent {
		consent = "they agreed"
	}
	choice := titleOf(p.Rules.Credits, p.Credit.Choice)
	if len(p.Reports) == 0 && choice == "" {
		choice = "nobody outside reported it"
	}
	list := []ui.Fact{{Term: "Credit", Text: or(choice, "not settled")}}
	if p.Credit.Name != "" {
		list = append(list, ui.Fact{Term: "Name", Text: p.Credit.Name}, ui.Fact{Term: "Consent", Text: consent})
	}
	if p.Credit.Link != "" {
		list = append(list, ui.Fact{Term: "Link", Text: p.Credit.Link, Href: p.Credit.Link})
	}
	return list
}

// Of fixes.

func (p CasePage) fixRows() []ui.FixRow {
	var out []ui.FixRow
	for _, f := range p.fixLines() {
		row := ui.FixRow{Line: f.Line, Support: "supported", State: titleOf(p.Rules.Remediations, f.State), Tone: ui.Accent, Fixed: f.Fixed}
		if !slices.Contains(p.Lines, f.Line) {
			row.Support = "not supported"
		}
		switch f.State {
		case casework.FixReady:
			row.Tone = ui.Good
		case casework.FixNotNeeded:
			row.Tone = ui.Quiet
		}
		if f.Link != "" {
			row.Change = ui.Link{Text: shortLink(f.Link), Href: f.Link}
		}
		if p.may(casework.VerbFix) {
			row.Edit = caseAddress(p.ID, "fixes") + "?edit=fixes&line=" + queryEscape(f.Line) + "#fixes"
		}
		out = append(out, row)
	}
	return out
}

// shortLink is an address without what is the same on all of them.
func shortLink(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	if len(rest) > 40 {
		return "…" + rest[len(rest)-38:]
	}
	return rest
}

// fixEdited is the release line whose form is open.
func (p CasePage) fixEdited() casework.Fix {
	line := or(p.Form.Get("line"), p.Query.Get("line"))
	if line == "" {
		for _, f := range p.fixLines() {
			if f.State != casework.FixReady && f.State != casework.FixNotNeeded && p.Query.Get("edit") == "" {
				return f
			}
		}
	}
	return p.fixOf(line)
}

// fixedVersions are the versions that carry the fix, for the release's form.
func (p CasePage) fixedVersions() string {
	var out []string
	for _, f := range p.Fixes {
		if f.State == casework.FixReady && f.Fixed != "" && !slices.Contains(out, f.Fixed) {
			out = append(out, f.Fixed)
		}
	}
	return strings.Join(out, "\n")
}

func validationTone(verdict string) ui.Tone {
	switch verdict {
	case "adequate":
		return ui.Good
	case "inadequate":
		return ui.Bad
	}
	return ui.Warn
}

func advisoryTone(a casework.Advisory) ui.Tone {
	switch {
	case a.Published:
		return ui.Good
	case a.Approved:
		return ui.Accent
	}
	return ui.Warn
}

// vectorWords are the vectors in force, for whoever confirms them.
func (p CasePage) vectorWords() string {
	var out []string
	for _, s := range p.scores() {
		out = append(out, "CVSS "+s.Version+": "+s.Score)
	}
	return join(", ", out...)
}

// Of people.

func (p CasePage) shown() []ui.Person {
	var out []ui.Person
	for _, s := range p.Shown {
		x := p.person(s.Who)
		if s.Role != "" {
			x.Role = titleOf(p.Rules.Roles, string(s.Role))
		}
		out = append(out, x)
	}
	return out
}

// staff are the people whom a case can be handed to.
func (p CasePage) staff() []ui.Option {
	var out []ui.Option
	for _, k := range p.Names.all {
		named := slices.ContainsFunc(p.Shown, func(s casework.Shown) bool { return s.Who == k.ID })
		if k.Active && !k.Team && (named || k.Staff && p.Audience != "named") {
			out = append(out, ui.Option{Value: string(k.ID), Text: k.Name})
		}
	}
	return out
}

// everybody are the people and teams whom a case can be shown to.
func (p CasePage) everybody() []ui.Option {
	var out []ui.Option
	for _, k := range p.Names.all {
		text := k.Name
		if k.Team {
			text += " (team)"
		}
		if k.Active {
			out = append(out, ui.Option{Value: string(k.ID), Text: text})
		}
	}
	return out
}

func (p CasePage) roles() []ui.Option {
	return slices.DeleteFunc(choices(p.Rules.Roles), func(o ui.Option) bool { return o.Value == "reporter" || o.Value == "admin" })
}

// Of labels and links.

func (p CasePage) labelTitle(name string) string { return labelTitle(p.Rules, name) }

func labelTitle(rules *profile.Profile, name string) string {
	return labelIn(rules.Lifecycle("case"), name)
}

// labelIn is what people call a label of a life cycle.
func labelIn(m *lifecycle.Machine, name string) string {
	l, _ := m.Label(name)
	return or(l.Title, name)
}

// freeLabels are the labels that can be set now.
func (p CasePage) freeLabels() []ui.Option {
	var out []ui.Option
	for _, l := range p.Rules.Lifecycle("case").Labels {
		if !p.Has(l.Name) && (len(l.Stages) == 0 || slices.Contains(l.Stages, p.Stage)) {
			out = append(out, ui.Option{Value: l.Name, Text: l.Title})
		}
	}
	return out
}

// linkTitles are the kinds of links in words, read from this case and from the other.
var linkTitles = map[string][2]string{
	"duplicate-of": {"a duplicate of", "repeated by"}, "related": {"related to", "related to"}, "variant-of": {"a variant of", "has the variant"},
	"caused-by": {"caused by", "cause of"}, "chained-with": {"chained with", "chained with"},
}

func linkWords(l casework.Link) string {
	if l.Back {
		return or(linkTitles[l.Kind][1], l.Kind)
	}
	return or(linkTitles[l.Kind][0], l.Kind)
}

func linkKinds() []ui.Option {
	var out []ui.Option
	for _, k := range casework.LinkKinds {
		out = append(out, ui.Option{Value: k, Text: or(linkTitles[k][0], k)})
	}
	return out
}
