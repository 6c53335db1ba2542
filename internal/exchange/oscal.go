package exchange

import (
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // RFC 9562 makes UUIDs of version 5 with it; nothing is kept secret by it
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// The model of OSCAL 1.1.2, a plan of action and milestones, as far as a register
// fills it.
type (
	oscalFile struct {
		Plan oscalPlan `json:"plan-of-action-and-milestones"`
	}
	oscalPlan struct {
		UUID     string      `json:"uuid"`
		Metadata oscalMeta   `json:"metadata"`
		System   oscalSystem `json:"system-id"`
		Risks    []oscalRisk `json:"risks,omitempty"`
		Items    []oscalItem `json:"poam-items"`
	}
	oscalSystem struct {
		Type string `json:"identifier-type"`
		ID   string `json:"id"`
	}
	oscalMeta struct {
		Title    string       `json:"title"`
		Modified string       `json:"last-modified"`
		Version  string       `json:"version"`
		OSCAL    string       `json:"oscal-version"`
		Parties  []oscalParty `json:"parties,omitempty"`
		Remarks  string       `json:"remarks"`
	}
	oscalParty struct {
		UUID string `json:"uuid"`
		Type string `json:"type"`
		Name string `json:"name"`
	}
	oscalProp struct {
		Name  string `json:"name"`
		NS    string `json:"ns,omitempty"`
		Value string `json:"value"`
	}
	oscalRisk struct {
		UUID        string                 `json:"uuid"`
		Title       string                 `json:"title"`
		Description string                 `json:"description"`
		Statement   string                 `json:"statement"`
		Props       []oscalProp            `json:"props,omitempty"`
		Links       []oscalLink            `json:"links,omitempty"`
		Status      string                 `json:"status"`
		Origins     []oscalOrigin          `json:"origins,omitempty"`
		Threats     []oscalThreat          `json:"threat-ids,omitempty"`
		Characters  []oscalCharacteristics `json:"characterizations,omitempty"`
		Mitigating  []oscalFactor          `json:"mitigating-factors,omitempty"`
		Deadline    string                 `json:"deadline,omitempty"`
		Remediation []oscalResponse        `json:"remediations,omitempty"`
		Log         *oscalLog              `json:"risk-log,omitempty"`
	}
	oscalLink struct {
		Href string `json:"href"`
		Rel  string `json:"rel,omitempty"`
		Text string `json:"text,omitempty"`
	}
	oscalOrigin struct {
		Actors []oscalActor `json:"actors"`
	}
	oscalActor struct {
		Type string `json:"type"`
		UUID string `json:"actor-uuid"`
	}
	oscalThreat struct {
		System string `json:"system"`
		ID     string `json:"id"`
	}
	oscalCharacteristics struct {
		Origin oscalOrigin  `json:"origin"`
		Facets []oscalFacet `json:"facets"`
	}
	oscalFacet struct {
		Name   string      `json:"name"`
		System string      `json:"system"`
		Value  string      `json:"value"`
		Props  []oscalProp `json:"props,omitempty"`
	}
	oscalFactor struct {
		UUID        string `json:"uuid"`
		Description string `json:"description"`
	}
	oscalResponse struct {
		UUID        string      `json:"uuid"`
		Lifecycle   string      `json:"lifecycle"`
		Title       string      `json:"title"`
		Description string      `json:"description"`
		Tasks       []oscalTask `json:"tasks,omitempty"`
	}
	oscalTask struct {
		UUID        string       `json:"uuid"`
		Type        string       `json:"type"`
		Title       string       `json:"title"`
		Description string       `json:"description,omitempty"`
		Props       []oscalProp  `json:"props,omitempty"`
		Timing      *oscalTiming `json:"timing,omitempty"`
		Roles       []oscalRole  `json:"responsible-roles,omitempty"`
	}
	oscalTiming struct {
		On oscalOn `json:"on-date"`
	}
	oscalOn struct {
		Date string `json:"date"`
	}
	oscalRole struct {
		Role    string   `json:"role-id"`
		Parties []string `json:"party-uuids"`
	}
	oscalLog struct {
		Entries []oscalEntry `json:"entries"`
	}
	oscalEntry struct {
		UUID   string        `json:"uuid"`
		Title  string        `json:"title"`
		Text   string        `json:"description,omitempty"`
		Start  string        `json:"start"`
		Logged []oscalLogged `json:"logged-by,omitempty"`
		Status string        `json:"status-change,omitempty"`
	}
	oscalLogged struct {
		Party string `json:"party-uuid"`
	}
	oscalItem struct {
		UUID        string         `json:"uuid"`
		Title       string         `json:"title"`
		Description string         `json:"description"`
		Related     []oscalRelated `json:"related-risks"`
	}
	oscalRelated struct {
		Risk string `json:"risk-uuid"`
	}
)

const (
	oscalVersion = "1.1.2"
	oscalUnknown = "http://csrc.nist.gov/ns/oscal/unknown" // of a facet whose system has no name there
	ownSpace     = "urn:tocsin:risk"
)

// uuid is the UUID of version 5 of a name: the same thing has the same UUID in
// every export.
func uuid(parts ...string) string {
	sum := sha1.Sum([]byte(ownSpace + ":" + strings.Join(parts, ":"))) //nolint:gosec // as above
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

type oscalWriter struct {
	*exporting
	p     *profile.Profile
	plan  oscalPlan
	last  time.Time
	party map[ref.ID]bool
}

func newOSCAL(x *Exchange, e *exporting) (writer, error) {
	return &oscalWriter{exporting: e, p: x.Profile, party: map[ref.ID]bool{}, plan: oscalPlan{Items: []oscalItem{}}}, nil
}

// by is the party that somebody is, noted among the parties.
func (w *oscalWriter) by(id ref.ID) string {
	if !w.party[id] {
		w.party[id] = true
		kind := "person"
		if id.Kind() != "person" {
			kind = "organization" // the house itself, a team or a token
		}
		w.plan.Metadata.Parties = append(w.plan.Metadata.Parties, oscalParty{uuid("party", string(id)), kind, w.known.person(id).Name})
	}
	return uuid("party", string(id))
}

func (w *oscalWriter) risk(_ context.Context, f *risk.Full) error {
	w.said.Risks++
	if f.Touched.After(w.last) {
		w.last = f.Touched
	}
	id := string(f.ID)
	status := oscalStatus(f)
	r := oscalRisk{UUID: uuid(id), Title: f.Title, Description: cmp.Or(f.Statement.Problem, f.Statement.Event, f.Title), Statement: says1(f.Risk),
		Props: w.props(f), Links: links(f.Risk.Body.Links), Status: status, Origins: []oscalOrigin{w.origin(f)}, Characters: w.characters(f), Log: w.log(f, status)}
	if f.Statement.Threat != "" {
		r.Threats = []oscalThreat{{"urn:tocsin:profile:" + w.p.Name + ":threat", f.Statement.Threat}}
	}
	for _, c := range f.Risk.Controls {
		if c.State == risk.ControlActive {
			r.Mitigating = append(r.Mitigating, oscalFactor{uuid(id, c.ID), join(": ", c.Title, c.Effective)})
		}
	}
	r.Remediation, r.Deadline = w.remediation(f)
	w.plan.Risks = append(w.plan.Risks, r)
	w.plan.Items = append(w.plan.Items, oscalItem{uuid(id, "item"), f.Title, r.Description, []oscalRelated{{r.UUID}}})
	return nil
}

// oscalStatus is the status of a risk: an acceptance in force is a deviation that
// was approved; one that lapsed, or whose ground has changed, leaves it open.
func oscalStatus(f *risk.Full) string {
	if f.Closed {
		return "closed"
	}
	for _, d := range f.Decisions {
		if d.Kind != risk.DecideAccept || d.Quarter != "" {
			continue
		}
		switch d.State {
		case risk.StateActive:
			return "deviation-approved"
		case risk.StateAsked:
			return "deviation-requested"
		case risk.StateDue, risk.StateStale:
			return "open"
		}
		break
	}
	switch {
	case f.Response == risk.Remediate && len(f.Plan.Paths) > 0:
		return "remediating"
	case f.Response != "" || f.Standing.Scored():
		return "investigating"
	}
	return "open"
}

func (w *oscalWriter) props(f *risk.Full) []oscalProp {
	own := func(name, value string) oscalProp { return oscalProp{name, ownSpace, value} }
	out := []oscalProp{own("risk-id", string(f.ID)), own("stage", f.Stage)}
	for _, p := range []struct{ name, value string }{{"response", f.Response}, {"path", f.Path}, {"rating", f.Standing.Rating}, {"scope", f.Scope}, {"kind", f.Kind}} {
		if p.value != "" {
			out = append(out, own(p.name, p.value))
		}
	}
	return out
}

func links(m map[string]string) (out []oscalLink) {
	for name, url := range m {
		out = append(out, oscalLink{url, "reference", name})
	}
	slices.SortFunc(out, func(a, b oscalLink) int { return strings.Compare(a.Text, b.Text) })
	return out
}

func (w *oscalWriter) origin(f *risk.Full) oscalOrigin {
	if f.Security != "" {
		return oscalOrigin{[]oscalActor{{"party", w.by(f.Security)}}}
	}
	return oscalOrigin{[]oscalActor{{"tool", uuid("tool")}}}
}

// characters are the newest scores of each kind as facets: judged ones by who
// judged, the one in force by the house.
func (w *oscalWriter) characters(f *risk.Full) (out []oscalCharacteristics) {
	newest := map[string]*risk.Evaluation{}
	for _, e := range f.Evaluations {
		if e.World == risk.WorldBase {
			newest[e.Kind] = e
		}
	}
	for _, kind := range judged {
		if e := newest[kind]; e != nil {
			out = append(out, oscalCharacteristics{oscalOrigin{[]oscalActor{{"party", w.by(e.Author)}}}, facets(kind, e.Likelihood, e.Impact, e.Score, e.Rating)})
		}
	}
	if s := f.Standing; s.Scored() {
		out = append(out, oscalCharacteristics{oscalOrigin{[]oscalActor{{"tool", uuid("tool")}}}, facets("in-force", s.Likelihood, s.Impact, s.Score, s.Rating)})
	}
	return out
}

func facets(kind string, likelihood, impact, score float64, rating string) (out []oscalFacet) {
	state := "adjusted"
	if kind == risk.KindInherent {
		state = "initial"
	}
	props := []oscalProp{{"state", "", state}, {"score-kind", ownSpace, kind}}
	for _, x := range []struct{ name, value string }{{"likelihood", number0(likelihood)}, {"impact", number0(impact)}, {"risk", number0(score)}, {"rating", rating}} {
		if x.value != "" {
			out = append(out, oscalFacet{x.name, oscalUnknown, x.value, props})
		}
	}
	return out
}

// remediation is the plan as a response with a task for each milestone, and the
// planned controls as recommendations; the deadline is the last milestone.
func (w *oscalWriter) remediation(f *risk.Full) (out []oscalResponse, deadline string) {
	id := string(f.ID)
	var last time.Time
	var tasks []oscalTask
	done := len(f.Plan.Milestones) > 0
	for _, m := range f.Plan.Milestones {
		t := oscalTask{UUID: uuid(id, m.ID), Type: "milestone", Title: m.Title, Description: m.Success}
		if !m.Due.IsZero() {
			t.Timing = &oscalTiming{oscalOn{moment0(m.Due)}}
			last = later(last, m.Due)
		}
		if m.Owner != "" {
			t.Roles = []oscalRole{{"risk-owner", []string{w.by(m.Owner)}}}
		}
		if m.Done.IsZero() {
			done = false
		} else {
			t.Props = []oscalProp{{"done", ownSpace, moment0(m.Done)}}
		}
		tasks = append(tasks, t)
	}
	if f.Plan.Summary != "" || len(tasks) > 0 {
		cycle := "planned"
		if done {
			cycle = "completed"
		}
		out = append(out, oscalResponse{uuid(id, "plan"), cycle, "Treatment plan", cmp.Or(f.Plan.Summary, f.Title), tasks})
	}
	for _, c := range f.Risk.Controls {
		if c.State == risk.ControlPlanned {
			out = append(out, oscalResponse{uuid(id, c.ID, "response"), "recommendation", c.Title, join(": ", c.Title, c.Effective), nil})
		}
	}
	if !last.IsZero() {
		deadline = moment0(last)
	}
	return out, deadline
}

// log is what was judged and decided, oldest first; the last entry says the status.
func (w *oscalWriter) log(f *risk.Full, status string) *oscalLog {
	var out []oscalEntry
	for _, e := range f.Evaluations {
		if e.World == risk.WorldBase {
			out = append(out, oscalEntry{uuid(string(e.ID)), "Scored: " + e.Kind + " " + number0(e.Score), e.Reason, moment0(e.At), []oscalLogged{{w.by(e.Author)}}, ""})
		}
	}
	for _, d := range f.Decisions {
		out = append(out, oscalEntry{uuid(string(d.ID)), "Decision: " + d.Kind + ", " + d.State, cmp.Or(d.Reason, d.Justification), moment0(d.At), []oscalLogged{{w.by(d.Author)}}, ""})
	}
	slices.SortStableFunc(out, func(a, b oscalEntry) int { return strings.Compare(a.Start, b.Start) })
	out = append(out, oscalEntry{uuid(string(f.ID), "status", moment0(f.Touched)), "Status", "", moment0(f.Touched), nil, status})
	return &oscalLog{out}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// moment0 is a time with its zone, as OSCAL wants every one; it sorts as it is.
func moment0(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func (w *oscalWriter) end() error {
	ids := make([]string, len(w.plan.Risks))
	for i, r := range w.plan.Risks {
		ids[i] = r.UUID
	}
	when := moment0(w.last)
	w.plan.UUID = uuid(append([]string{"plan", when}, ids...)...)
	w.plan.System = oscalSystem{"https://ietf.org/rfc/rfc4122", uuid("register", w.p.Name)}
	slices.SortFunc(w.plan.Metadata.Parties, func(a, b oscalParty) int { return strings.Compare(a.UUID, b.UUID) })
	w.plan.Metadata.Title, w.plan.Metadata.Modified, w.plan.Metadata.Version = "Product security risk register", when, w.p.Version
	w.plan.Metadata.OSCAL, w.plan.Metadata.Remarks = oscalVersion, w.said.Counted
	out := json.NewEncoder(w.to)
	out.SetEscapeHTML(false)
	return out.Encode(oscalFile{w.plan})
}
