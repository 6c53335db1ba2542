package web

import (
	"slices"
	"strings"

	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// rejects tells whether the move asks why it is no risk of this register.
func (w RiskWay) rejects() bool { return slices.Contains(w.Move.Needs, "rejection") }

// riskEditWords are what opens the form of a section, where "Edit" would not say it.
var riskEditWords = map[string]string{"score": "Score it", "validate": "Validate", "override": "Override…", "evidence": "Add evidence", "response": "Decide", "smart": "Answer",
	"approve-plan": "Approve or decline", "controls": "Add a control", "blocked": "Block or unblock", "health": "Set a label", "acceptance": "Ask for acceptance",
	"closure": "Validate", "reviews": "Review it", "owners": "Assign", "people": "Change", "sync": "Record a talk", "labels": "Add a label", "links": "Add a link", "access": "Show it to somebody", "mark": "Change", "parent": "Change"}

func (p RiskPage) editWord(word string) string { return or(riskEditWords[word], "Edit") }

// riskSaveWords are what sends the form of a section, where "Save" would not say it.
var riskSaveWords = map[string]string{"score": "Record the score", "validate": "The rating stands", "override": "Ask for the override", "evidence": "Add", "response": "Decide",
	"smart": "Record the answers", "approve-plan": "Give your word", "acceptance": "Ask for the approvals", "closure": "Validate", "reviews": "Record the review", "sync": "Record", "labels": "Add", "links": "Add", "access": "Show it to them"}

func (p RiskPage) saveWord(word string) string {
	if word == "evidence" && or(p.Form.Get("off"), p.Query.Get("item")) != "" {
		return "Take it back"
	}
	return or(riskSaveWords[word], "Save")
}

// shows tells whether a section stands on its side: some do only while there is
// something to say.
func (p RiskPage) shows(word string) bool {
	switch word {
	case "fields":
		return len(p.ownFields()) > 0
	case "validate":
		return p.Standing.Held || p.Hold.By != ""
	case "downgrade":
		d := p.chosen(risk.DecideDowngrade)
		return d != nil && d.State == risk.StateAsked
	case "monitoring":
		d := p.chosen(risk.DecideMonitor)
		return d != nil && d.State == risk.StateAsked
	case "smart", "approve-plan":
		return len(p.Plan.Milestones) > 0 || p.Plan.Summary != ""
	}
	return true
}

func riskKinds(rules *profile.Profile) []ui.Option {
	var out []ui.Option
	for _, k := range rules.Register.Kinds {
		out = append(out, ui.Option{Value: k.Name, Text: k.Title, Help: k.About})
	}
	return out
}

// aboutOf is what a word in a list of the profile is about.
func aboutOf(list []profile.Named, name string) string {
	for _, n := range list {
		if n.Name == name {
			return n.About
		}
	}
	return ""
}

func healthTitle(domain string) string {
	for _, d := range healthDomains {
		if d.word == domain {
			return d.title
		}
	}
	return domain
}

// healthShort names a domain of health in one word.
func healthShort(domain string) string {
	word, _, _ := strings.Cut(healthTitle(domain), " ")
	return word
}

// live are the indicators that are not retired.
func (p RiskPage) live() []risk.Indicator {
	return slices.DeleteFunc(slices.Clone(p.Indicators), func(i risk.Indicator) bool { return i.Retired })
}

func indicatorNumbers(reads *ui.Reader, i risk.Indicator) string {
	var out []string
	for _, x := range []struct {
		name  string
		value *float64
	}{{"", i.Value}, {"baseline ", i.Baseline}, {"target ", i.Target}} {
		if x.value != nil {
			out = append(out, x.name+reads.Figure(*x.value))
		}
	}
	return join(" ", strings.Join(out, ", "), i.Unit)
}

func (p RiskPage) planFacts() []ui.Fact {
	out := []ui.Fact{{Term: "Documented by", Text: or(p.Plan.Document, "not said yet")}}
	if p.Plan.Public {
		out[0].Small = "in public"
	}
	if p.Plan.Cost > 0 {
		out = append(out, ui.Fact{Term: "Cost", Text: p.Head.Reads.Money(p.Plan.Cost, p.Rules.Register.Currency)})
	}
	if p.Plan.By != "" {
		out = append(out, ui.Fact{Term: "Written by", Text: p.name(p.Plan.By)})
	}
	return out
}

// pathWords is the path of remediation, behind the response.
func (p RiskPage) pathWords() string {
	if p.Path == "" {
		return ""
	}
	return ": " + lowerFirst(titleOf(p.Rules.Register.Paths, p.Path))
}

func afterWords(m risk.Milestone) string {
	if len(m.After) == 0 {
		return ""
	}
	return "after " + strings.Join(m.After, ", ")
}

// milestoneEdited is the milestone whose form is open.
func (p RiskPage) milestoneEdited() risk.Milestone {
	id := p.Query.Get("milestone")
	if p.Edit == "milestones" {
		id = p.Form.Get("milestone")
	}
	for _, m := range p.Plan.Milestones {
		if m.ID == id && p.may(risk.VerbTreat) {
			return m
		}
	}
	return risk.Milestone{}
}

func milestoneWord(m risk.Milestone) string {
	if m.Done.IsZero() {
		return "Finish"
	}
	return "Reopen"
}

func acceptedScore(p RiskPage, d *risk.Decision) string {
	if d.Residual < 0 || d.Rating == "" {
		return ""
	}
	return riskNumber(p.Head.Reads, d.Residual) + ", " + lowerFirst(ratingTitle(p.Rules, d.Rating))
}

// asked is the score that an acceptance is asked for on: that which all staff see.
// Of scores that hidden evidence moves it is left to the house.
func (p RiskPage) asked() string {
	if p.Standing.World == risk.WorldOpen {
		return p.Head.Reads.Typed(p.Standing.Score)
	}
	return ""
}

// parentWays are what can be done with the register above now.
func (p RiskPage) parentWays() []ui.Option {
	out := []ui.Option{{Value: "set", Text: "Name the risk that it belongs to"}, {Value: "top", Text: "Give it a place among the top risks"}}
	if p.Escalated.State == "proposed" {
		return append(out, ui.Option{Value: "take", Text: "It was taken", Help: "As the risk named below, at the place given."}, ui.Option{Value: "refuse", Text: "It was not taken"})
	}
	return append(out, ui.Option{Value: "propose", Text: "Propose it for the register above"})
}

func (p RiskPage) parentDo() string {
	if p.Escalated.State == "proposed" {
		return "take"
	}
	return "set"
}

// partRow is one part that the profile knows, with who has it.
type partRow struct {
	profile.Part
	Who []ref.ID
}

func (p RiskPage) parts() []partRow {
	var out []partRow
	for _, k := range p.Rules.Register.RACI {
		row := partRow{Part: k}
		switch k.Name {
		case "business-owner":
			row.Who = someoneOf(p.Owner)
		case "security-owner":
			row.Who = someoneOf(p.Security)
		}
		for _, x := range p.People {
			if x.As == k.Name {
				row.Who = append(row.Who, x.Who)
			}
		}
		out = append(out, row)
	}
	return out
}

func someoneOf(id ref.ID) []ref.ID {
	if id == "" {
		return nil
	}
	return []ref.ID{id}
}

// partNames are the parts that are listed: the two owners are assigned.
func (p RiskPage) partNames() []ui.Option {
	var out []ui.Option
	for _, k := range p.Rules.Register.RACI {
		if k.Name != "business-owner" && k.Name != "security-owner" {
			out = append(out, ui.Option{Value: k.Name, Text: k.Title + " (" + k.Letter + ")"})
		}
	}
	return out
}

// partRows are the rows of the form: what is stored, and some empty ones.
func (p RiskPage) partRows() []risk.Part {
	return append(slices.Clone(p.People), make([]risk.Part, spareParts)...)
}

// syncsShown is how many talks the page lists.
const syncsShown = 6

func (p RiskPage) lastSyncs() []risk.Sync {
	out := slices.Clone(p.Syncs)
	slices.Reverse(out)
	return out[:min(len(out), syncsShown)]
}

func (p RiskPage) originFacts() []ui.Fact {
	kind := ""
	for _, k := range p.Rules.Register.Kinds {
		if k.Name == p.Kind {
			kind = k.Title
		}
	}
	from := ui.Fact{Term: "From", Text: p.Origin.From, Href: recordHref(ref.Read(p.Origin.From))}
	if p.Origin.From == "" {
		from = ui.Fact{Term: "From", Text: "not said"}
	}
	out := []ui.Fact{{Term: "Kind", Text: or(kind, "not set")}, {Term: "Channel", Text: or(titleOf(p.Rules.Register.Channels, p.Origin.Channel), "not said")}, from,
		momentFact("Found", p.Origin.Found, "not said"), momentFact("Raised", p.Raised, "")}
	if p.Origin.Note != "" {
		out = append(out, ui.Fact{Term: "Note", Text: p.Origin.Note})
	}
	if p.Committed != "" {
		out = append(out, ui.Fact{Term: "Under way", Text: p.Committed})
	}
	if p.SecurityLed {
		out = append(out, ui.Fact{Term: "Led by", Text: "security"})
	}
	for _, id := range p.Similar {
		out = append(out, ui.Fact{Term: "Not the same as", Text: string(id), Href: recordHref(id), Mono: true})
	}
	for _, k := range sortedKeys(p.Imported) {
		out = append(out, ui.Fact{Term: capital(spaced(k)), Text: p.Imported[k], Small: "imported"})
	}
	return append(out, ui.Fact{Term: "Profile", Text: p.Body.Profile, Mono: true})
}

// riskLinkTitles are the kinds of links in words, read from this risk and from the
// other record.
var riskLinkTitles = map[string][2]string{
	risk.LinkDepends: {"depends on", "is waited for by"}, "related": {"is related to", "is related to"}, "duplicate-of": {"is a duplicate of", "is repeated by"}, "found-by": {"was found by", "found"},
}

func riskLinkWords(l risk.Link) string {
	if l.Back {
		return or(riskLinkTitles[l.Kind][1], l.Kind)
	}
	return or(riskLinkTitles[l.Kind][0], l.Kind)
}

func riskLinkKinds() []ui.Option {
	var out []ui.Option
	for _, k := range []string{risk.LinkDepends, "related", "duplicate-of", "found-by"} {
		out = append(out, ui.Option{Value: k, Text: riskLinkTitles[k][0]})
	}
	return out
}
