package exchange

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/risk"
)

// Column is one column of a table of risks.
type Column struct {
	Name  string
	About string
	Told  bool // by the house alone: an import recognises it and keeps it as history

	get func(*Record) string
	set func(*Record, string) error
}

// Columns is every column, in the order of an export. The names are what an import
// knows.
var Columns = slices.Concat(nameColumns, statementColumns, peopleColumns, scoreColumns(), treatmentColumns, hereColumns)

var nameColumns = []Column{
	text("id", "ID here, or in the house that the file is from", func(r *Record) *string { return &r.ID }),
	text("ref_id", "its name in the register that it was imported from; an import finds the risk again by id or by this", func(r *Record) *string { return &r.Ref }),
	text("title", "one sentence: what may happen", func(r *Record) *string { return &r.Title }),
	text("kind", "a kind of risk of the profile", func(r *Record) *string { return &r.Kind }),
	text("scope", "a scope of the profile", func(r *Record) *string { return &r.Scope }),
	text("department", "of the business owner", func(r *Record) *string { return &r.Department }),
	text("tlp", "mark of the Traffic Light Protocol", func(r *Record) *string { return &r.TLP }),
	truth("named", "true: need to know, only named people see it; taken for new risks alone", func(r *Record) *bool { return &r.Named }),
	text("parent", "the risk of the register above", func(r *Record) *string { return &r.Parent }),
	text("scoping_test", "the in-scope test that is met", func(r *Record) *string { return &r.Scoping.Test }),
	text("scoping_out", "the out-of-scope type that it looks like", func(r *Record) *string { return &r.Scoping.Out }),
	text("scoping_override", "why it belongs here all the same", func(r *Record) *string { return &r.Scoping.Override }),
	text("origin_channel", "how it came to the register", func(r *Record) *string { return &r.Origin.Channel }),
	text("origin_from", "a record's id, or a name elsewhere", func(r *Record) *string { return &r.Origin.From }),
	moment("origin_found", "date of identification", func(r *Record) *time.Time { return &r.Origin.Found }),
	text("origin_note", "a note on where it came from", func(r *Record) *string { return &r.Origin.Note }),
}

var statementColumns = []Column{
	text("asset", "what is at risk", func(r *Record) *string { return &r.Statement.Asset }),
	text("event", "what may happen to it", func(r *Record) *string { return &r.Statement.Event }),
	text("source", "the root cause", func(r *Record) *string { return &r.Statement.Source }),
	text("consequence", "what follows", func(r *Record) *string { return &r.Statement.Consequence }),
	text("problem", "specific and concise", func(r *Record) *string { return &r.Statement.Problem }),
	text("impact_text", "harm to vendor and customers, in words", func(r *Record) *string { return &r.Statement.Impact }),
	text("evidence_text", "trends, data, proof, in words", func(r *Record) *string { return &r.Statement.Evidence }),
	text("scale", "how widespread, which parts", func(r *Record) *string { return &r.Statement.Scale }),
	text("threat", "a source of threat of the profile", func(r *Record) *string { return &r.Statement.Threat }),
	text("diagram", "a flowchart as text", func(r *Record) *string { return &r.Statement.Diagram }),
}

var peopleColumns = []Column{
	text("owner", "name of the business owner", func(r *Record) *string { return &r.Owner.Name }),
	text("owner_handle", "handle of the business owner; it counts where both are given", func(r *Record) *string { return &r.Owner.Handle }),
	text("security_owner", "name of the security owner", func(r *Record) *string { return &r.Security.Name }),
	text("security_owner_handle", "handle of the security owner", func(r *Record) *string { return &r.Security.Handle }),
	truth("replace_owner", "true: the business owner is to be replaced", func(r *Record) *bool { return &r.Replace }),
	list("people", "who has which part besides: one JSON object a line with who, as, raci, note", func(r *Record) *[]Part { return &r.People }),
}

// scoreColumns are those of the three scores that people judge.
func scoreColumns() (out []Column) {
	for _, kind := range judged {
		at := func(r *Record) **Score { return r.Scores.of(kind) }
		made := func(r *Record) *Score {
			if *at(r) == nil {
				*at(r) = &Score{}
			}
			return *at(r)
		}
		out = append(out,
			level(kind+"_likelihood", "level of the likelihood, by number or word", at, func(s *Score) *float64 { return &s.Likelihood }),
			level(kind+"_impact", "level of the impact; where categories are given it follows from them", at, func(s *Score) *float64 { return &s.Impact }),
			Column{Name: kind + "_categories", About: "impact by category: one JSON object", get: func(r *Record) string {
				if *at(r) == nil || len((*at(r)).Categories) == 0 {
					return ""
				}
				return compact((*at(r)).Categories)
			}, set: func(r *Record, s string) error {
				if s == "" && *at(r) == nil {
					return nil
				}
				made(r).Categories = nil
				return object(s, &made(r).Categories)
			}},
			scoreText(kind+"_confidence", "strength of knowledge, a word of the profile", at, func(s *Score) *string { return &s.Confidence }),
			scoreText(kind+"_reason", "why", at, func(s *Score) *string { return &s.Reason }))
	}
	at := func(r *Record) **Score { return &r.Scores.Residual }
	return append(out,
		Column{Name: "residual_controls", About: "ids of the controls that were considered, with blanks between", get: func(r *Record) string {
			if *at(r) == nil {
				return ""
			}
			return strings.Join((*at(r)).Controls, " ")
		}, set: func(r *Record, s string) error {
			if s == "" && *at(r) == nil {
				return nil
			}
			if *at(r) == nil {
				*at(r) = &Score{}
			}
			(*at(r)).Controls = strings.Fields(s)
			return nil
		}},
		scoreText("residual_no_controls", "why there are none", at, func(s *Score) *string { return &s.NoControls }))
}

var treatmentColumns = []Column{
	text("response", "monitor, remediate or accept; empty is undecided", func(r *Record) *string { return &r.Response }),
	text("path", "of remediation", func(r *Record) *string { return &r.Path }),
	text("plan_summary", "what is done", func(r *Record) *string { return &r.Plan.Summary }),
	text("plan_document", "the step that documents the outcome", func(r *Record) *string { return &r.Plan.Document }),
	truth("plan_public", "true: the outcome is documented in public", func(r *Record) *bool { return &r.Plan.Public }),
	{Name: "plan_cost", About: "in the profile's currency", get: func(r *Record) string { return number(r.Plan.Cost) }, set: func(r *Record, s string) (err error) {
		r.Plan.Cost, err = parseNumber(s)
		return err
	}},
	text("plan_why", "why it replaces a plan that was approved", func(r *Record) *string { return &r.Plan.Why }),
	list("milestones", "one JSON object a line with id, title, owner, due, was, after, success, key_result, step, why, done, proof", func(r *Record) *[]Milestone { return &r.Plan.Milestones }),
	list("controls", "one JSON object a line with id, title, domain, factor, lowers, state, effective, owner, link, since", func(r *Record) *[]Control { return &r.Controls }),
	words("labels", "that people set: one JSON object, label to note", func(r *Record) *map[string]string { return &r.Labels }),
	words("health", "set by people: one JSON object, domain to light", func(r *Record) *map[string]string { return &r.Health }),
	words("links", "names in other systems: one JSON object, name to address", func(r *Record) *map[string]string { return &r.Links }),
	words("fields", "that the house asks for besides: one JSON object, name of the profile to value", func(r *Record) *map[string]string { return &r.Fields }),
	text("committed", "work that is already under way", func(r *Record) *string { return &r.Committed }),
	truth("security_led", "true: security leads the work", func(r *Record) *bool { return &r.Led }),
	list("evidence", "named in other systems: one JSON object a line with about, kind, at, severity, title, source, link, note; cases stand in the JSON export", func(r *Record) *[]Item { return &r.Evidence }),
	words("kept", "of imports: what no column has, one JSON object", func(r *Record) *map[string]string { return &r.Kept }),
}

var hereColumns = []Column{
	told("stage", "of the life cycle", func(h *Here) string { return h.Stage }),
	told("closed", "true or false", func(h *Here) string { return strconv.FormatBool(h.Closed) }),
	told("raised", "when it was raised", func(h *Here) string { return stamp(h.Raised) }),
	told("touched", "when somebody last changed it", func(h *Here) string { return stamp(h.Touched) }),
	told("due", "what is due next", func(h *Here) string { return stamp(h.Due) }),
	told("review", "the next review", func(h *Here) string { return stamp(h.Review) }),
	told("score", "in force; empty is unset", func(h *Here) string { return number0(h.Standing.Score) }),
	told("likelihood", "of the score in force", func(h *Here) string { return number0(h.Standing.Likelihood) }),
	told("impact", "of the score in force", func(h *Here) string { return number0(h.Standing.Impact) }),
	told("rating", "of the score in force; empty is unset", func(h *Here) string { return h.Standing.Rating }),
	told("rating_held", "true: base and evidence disagree, a person must look", func(h *Here) string { return strconv.FormatBool(h.Standing.Held) }),
	told("score_kind", "what is in force: inherent, residual, adjusted or override", func(h *Here) string { return h.Standing.Kind }),
	told("inherent_score", "no control considered", func(h *Here) string { return number0(h.Standing.Inherent) }),
	told("residual_score", "with the controls that are in place", func(h *Here) string { return number0(h.Standing.Residual) }),
	told("target_score", "where the treatment shall lead", func(h *Here) string { return number0(h.Standing.Target) }),
	told("tolerance", "within, above or beyond the ceiling; empty is unset", func(h *Here) string { return h.Standing.State }),
	told("evidence_items", "pieces of evidence that count", func(h *Here) string { return strconv.Itoa(h.Standing.Items) }),
	told("evidence_points", "severity points of them", func(h *Here) string { return strconv.Itoa(h.Standing.Points) }),
	told("evidence_hidden", "of them, those that the reader may not open", func(h *Here) string { return strconv.Itoa(h.Hidden) }),
	told("evidence_counted", "which evidence the scores count: open (what all staff may open), all, or seen (what the reader may open)", func(h *Here) string { return counted(h.Standing.World) }),
	told("acceptance", "of the risk: its state", func(h *Here) string { return acceptance(h).State }),
	told("acceptance_until", "when it ends", func(h *Here) string { return stamp(acceptance(h).Until) }),
	told("acceptance_by", "who approved it", func(h *Here) string { return approvers(acceptance(h).Approvals) }),
	told("plan_approved_by", "who approved the plan", func(h *Here) string { return approvers(h.Approvals) }),
	told("decision_labels", "labels that follow from decisions", func(h *Here) string { return strings.Join(h.Labels, " ") }),
	told("blocked", "why nothing moves", func(h *Here) string {
		if h.Blocked == nil {
			return ""
		}
		return h.Blocked.Reason
	}),
}

func text(name, about string, at func(*Record) *string) Column {
	return Column{Name: name, About: about, get: func(r *Record) string { return *at(r) }, set: func(r *Record, s string) error {
		*at(r) = s
		return nil
	}}
}

func truth(name, about string, at func(*Record) *bool) Column {
	return Column{Name: name, About: about, get: func(r *Record) string {
		if *at(r) {
			return "true"
		}
		return ""
	}, set: func(r *Record, s string) error {
		switch strings.ToLower(s) {
		case "true", "yes", "1":
			*at(r) = true
		case "", "false", "no", "0":
			*at(r) = false
		default:
			return fmt.Errorf("%q is neither true nor false; write one of the two", short(s))
		}
		return nil
	}}
}

func moment(name, about string, at func(*Record) *time.Time) Column {
	return Column{Name: name, About: about, get: func(r *Record) string { return stamp(*at(r)) }, set: func(r *Record, s string) (err error) {
		*at(r), err = parseTime(s)
		return err
	}}
}

// level is a column of one factor of a score. An empty cell leaves the score as it
// is: what was scored does not become unscored by a table.
func level(name, about string, at func(*Record) **Score, factor func(*Score) *float64) Column {
	return Column{Name: name, About: about, get: func(r *Record) string {
		if *at(r) == nil {
			return ""
		}
		return number0(*factor(*at(r)))
	}, set: func(r *Record, s string) error {
		if s == "" {
			return nil
		}
		n, err := parseNumber(s)
		if err != nil || !(n > 0) {
			return fmt.Errorf("%q is no level; write its number, 1 or more", short(s))
		}
		if *at(r) == nil {
			*at(r) = &Score{}
		}
		*factor(*at(r)) = n
		return nil
	}}
}

func scoreText(name, about string, at func(*Record) **Score, part func(*Score) *string) Column {
	return Column{Name: name, About: about, get: func(r *Record) string {
		if *at(r) == nil {
			return ""
		}
		return *part(*at(r))
	}, set: func(r *Record, s string) error {
		if *at(r) == nil {
			if s == "" {
				return nil
			}
			*at(r) = &Score{}
		}
		*part(*at(r)) = s
		return nil
	}}
}

func list[T any](name, about string, at func(*Record) *[]T) Column {
	return Column{Name: name, About: about, get: func(r *Record) string {
		lines := make([]string, len(*at(r)))
		for i, x := range *at(r) {
			lines[i] = compact(x)
		}
		return strings.Join(lines, "\n")
	}, set: func(r *Record, s string) error {
		var out []T
		for i, line := range strings.Split(s, "\n") {
			if strings.TrimSpace(line) == "" {
				continue
			}
			var x T
			if err := object(line, &x); err != nil {
				return fmt.Errorf("line %d of the cell: %w", i+1, err)
			}
			out = append(out, x)
		}
		*at(r) = out
		return nil
	}}
}

func words(name, about string, at func(*Record) *map[string]string) Column {
	return Column{Name: name, About: about, get: func(r *Record) string {
		if len(*at(r)) == 0 {
			return ""
		}
		return compact(*at(r))
	}, set: func(r *Record, s string) error {
		*at(r) = nil
		return object(s, at(r))
	}}
}

func told(name, about string, get func(*Here) string) Column {
	return Column{Name: name, About: about, Told: true, get: func(r *Record) string {
		if r.Here == nil {
			return ""
		}
		return get(r.Here)
	}}
}

// compact is a value as JSON on one line.
func compact(x any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(x); err != nil {
		panic(err) // cells are texts, times and finite numbers
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// object reads one JSON value that fills the cell; an empty cell is none.
func object(s string, to any) error {
	if s == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("the cell is no JSON as this column holds it (%s); write it as an export does, or leave it empty", says(err))
	}
	if d.More() {
		return fmt.Errorf("there is more than one JSON value; write one")
	}
	return nil
}

// acceptance is the newest acceptance of the risk itself.
func acceptance(h *Here) *risk.Decision {
	for _, d := range h.Decisions {
		if d.Kind == risk.DecideAccept && d.Quarter == "" {
			return d
		}
	}
	return &risk.Decision{}
}

func approvers(as []risk.Approval) string {
	var out []string
	for _, a := range as {
		if !a.No {
			out = append(out, a.Name)
		}
	}
	return strings.Join(out, "; ")
}

// counted names the evidence that a world counts.
func counted(world string) string {
	if world == "" {
		return "seen"
	}
	return world
}

func number(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// number0 is a number that is unset below 0.
func number0(x float64) string {
	if x < 0 {
		return ""
	}
	return strconv.FormatFloat(math.Round(x*1e6)/1e6, 'g', -1, 64)
}
