package bulk

import (
	"context"
	"encoding/json"
	"slices"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/intake"
	"tocsin/internal/lifecycle"
	"tocsin/internal/observation"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
)

// work is one record to be changed, or to be set back to what it was.
type work struct {
	ctx context.Context
	id  ref.ID
	in  Input
	was []gate.Change
}

// before reads what a field was into x; a field that was not changed, or was empty,
// leaves it as it is. It reports whether the field was changed.
func (w work) before(field string, x any) bool {
	c, ok := changeOf(w.was, field)
	if ok && c.Old != nil {
		b, err := json.Marshal(c.Old)
		if err == nil {
			err = json.Unmarshal(b, x)
		}
		if err != nil {
			panic(err) // it was read from the record's own field
		}
	}
	return ok
}

func (w work) who(field string) (id ref.ID) {
	w.before(field, &id)
	return id
}

// note is the reason that a label had.
func (w work) note() string {
	notes := map[string]string{}
	w.before("label_notes", &notes)
	return notes[w.in.Value]
}

func changeOf(all []gate.Change, field string) (gate.Change, bool) {
	i := slices.IndexFunc(all, func(c gate.Change) bool { return c.Field == field })
	if i < 0 {
		return gate.Change{}, false
	}
	return all[i], true
}

// chosen is a query by which records are chosen.
type chosen struct {
	Query  string          `json:"query"`
	Order  string          `json:"order,omitempty"`
	Filter json.RawMessage `json:"filter,omitempty"`
}

var cases = kind{surface: "cases", record: "case", read: casework.VerbRead, page: pageOfCases, acts: []Act{
	{Name: "assign", Verb: casework.VerbAssign, Tell: "tell:owner", fields: []string{"owner"}, check: somebody,
		do:   func(s *Bulks, w work) error { return s.Cases.Assign(w.ctx, w.id, ref.ID(w.in.Value)) },
		undo: func(s *Bulks, w work) error { return s.Cases.Assign(w.ctx, w.id, w.who("owner")) }},
	{Name: "label", Verb: "case.label", fields: labelled, check: label("case", true),
		do:   func(s *Bulks, w work) error { return s.Cases.SetLabel(w.ctx, w.id, w.in.Value, true, w.in.Reason) },
		undo: func(s *Bulks, w work) error { return s.Cases.SetLabel(w.ctx, w.id, w.in.Value, false, "") }},
	{Name: "unlabel", Verb: "case.label", fields: labelled, check: label("case", false),
		do:   func(s *Bulks, w work) error { return s.Cases.SetLabel(w.ctx, w.id, w.in.Value, false, w.in.Reason) },
		undo: func(s *Bulks, w work) error { return s.Cases.SetLabel(w.ctx, w.id, w.in.Value, true, w.note()) }},
	{Name: "severity", Verb: casework.VerbEdit, fields: []string{"provisional"}, check: severity,
		do: func(s *Bulks, w work) error {
			return s.Cases.Edit(w.ctx, w.id, casework.Patch{Provisional: &w.in.Value})
		},
		undo: func(s *Bulks, w work) error {
			var was string
			w.before("provisional", &was)
			return s.Cases.Edit(w.ctx, w.id, casework.Patch{Provisional: &was})
		}},
}}

// reports are decided about; what is taken back is the decision. What a reporter was
// told stays told.
var reports = kind{surface: "inbox", record: "report", read: intake.VerbRead, page: pageOfReports, acts: []Act{
	{Name: "decline", Verb: intake.VerbDecline, fields: []string{"stage"}, check: decision(intake.VerbDecline),
		do: func(s *Bulks, w work) error {
			return s.decide(w, intake.VerbDecline, intake.Decision{Disposition: w.in.Value, Answer: w.in.Answer, Reason: w.in.Reason})
		},
		undo: reopen},
	{Name: "duplicate", Verb: intake.VerbDuplicate, fields: []string{"stage"}, check: decision(intake.VerbDuplicate),
		do: func(s *Bulks, w work) error {
			return s.decide(w, intake.VerbDuplicate, intake.Decision{DuplicateOf: w.in.Original, Answer: w.in.Answer, Reason: w.in.Reason})
		},
		undo: reopen},
}}

var risks = kind{surface: "register", record: "risk", read: risk.VerbRead, page: pageOfRisks, acts: []Act{
	{Name: "assign", Verb: risk.VerbAssign, Tell: "tell:risk-owner", fields: []string{"owner", "replace"}, check: somebody,
		do: func(s *Bulks, w work) error {
			who := ref.ID(w.in.Value)
			return s.Risks.Assign(w.ctx, w.id, risk.Owners{Owner: &who})
		},
		undo: func(s *Bulks, w work) error {
			was, back := w.who("owner"), risk.Owners{}
			back.Owner = &was
			if replace := false; w.before("replace", &replace) {
				back.Replace = &replace
			}
			return s.Risks.Assign(w.ctx, w.id, back)
		}},
	{Name: "security", Verb: risk.VerbAssign, Tell: "tell:risk-owner", fields: []string{"security"}, check: somebody,
		do: func(s *Bulks, w work) error {
			who := ref.ID(w.in.Value)
			return s.Risks.Assign(w.ctx, w.id, risk.Owners{Security: &who})
		},
		undo: func(s *Bulks, w work) error {
			was := w.who("security")
			return s.Risks.Assign(w.ctx, w.id, risk.Owners{Security: &was})
		}},
	{Name: "label", Verb: risk.VerbLabel, fields: labelled, check: label("risk", true),
		do:   func(s *Bulks, w work) error { return s.Risks.SetLabel(w.ctx, w.id, w.in.Value, true, w.in.Reason) },
		undo: func(s *Bulks, w work) error { return s.Risks.SetLabel(w.ctx, w.id, w.in.Value, false, "") }},
	{Name: "unlabel", Verb: risk.VerbLabel, fields: labelled, check: label("risk", false),
		do:   func(s *Bulks, w work) error { return s.Risks.SetLabel(w.ctx, w.id, w.in.Value, false, w.in.Reason) },
		undo: func(s *Bulks, w work) error { return s.Risks.SetLabel(w.ctx, w.id, w.in.Value, true, w.note()) }},
}}

var observations = kind{surface: "observations", record: "obs", read: observation.VerbRead, page: pageOfObservations, acts: []Act{
	{Name: "assign", Verb: observation.VerbEdit, Tell: "tell:observation-owner", fields: []string{"owner"}, check: somebody,
		do: func(s *Bulks, w work) error {
			who := ref.ID(w.in.Value)
			return s.Observations.Edit(w.ctx, w.id, observation.Patch{Owner: &who})
		},
		undo: func(s *Bulks, w work) error {
			was := w.who("owner")
			return s.Observations.Edit(w.ctx, w.id, observation.Patch{Owner: &was})
		}},
	{Name: "label", Verb: observation.VerbEdit, fields: labelled, check: label("observation", true),
		do:   func(s *Bulks, w work) error { return s.Observations.Label(w.ctx, w.id, w.in.Value, true, w.in.Reason) },
		undo: func(s *Bulks, w work) error { return s.Observations.Label(w.ctx, w.id, w.in.Value, false, "") }},
	{Name: "unlabel", Verb: observation.VerbEdit, fields: labelled, check: label("observation", false),
		do: func(s *Bulks, w work) error {
			return s.Observations.Label(w.ctx, w.id, w.in.Value, false, w.in.Reason)
		},
		undo: func(s *Bulks, w work) error { return s.Observations.Label(w.ctx, w.id, w.in.Value, true, w.note()) }},
}}

var labelled = []string{"labels", "label_notes"}

// loose tells whether others may have changed the field beside what the act did: a
// record has many labels, of which it sets one.
func (a *Act) loose() bool { return a.fields[0] == "labels" }

func (s *Bulks) decide(w work, verb access.Verb, d intake.Decision) error {
	_, err := s.Reports.Decide(w.ctx, w.id, verb, d)
	return err
}

func reopen(s *Bulks, w work) error {
	return s.decide(w, intake.VerbReopen, intake.Decision{Reason: "decided together with others, and taken back"})
}

// somebody asks for a person, or nobody.
func somebody(_ *Bulks, in *Input) error {
	if in.Value != "" && ref.ID(in.Value).Kind() != "person" {
		return fault.At("value", "%q is nobody's id; choose a person, or leave it empty for nobody", in.Value)
	}
	return nil
}

func severity(s *Bulks, in *Input) error {
	var fs fault.Fields
	thread.Word(&fs, "value", in.Value, s.Profile.SeverityWords())
	return fs.Err()
}

// label asks for a label of the life cycle, and a reason where it wants one to be set.
func label(of string, on bool) func(*Bulks, *Input) error {
	return func(s *Bulks, in *Input) error {
		l, ok := s.machine(of).Label(in.Value)
		if !ok {
			return fault.At("value", "there is no label %q; choose one of the list", in.Value)
		}
		reason, err := thread.Line("reason", in.Reason, 2000)
		if in.Reason = reason; err == nil && on && l.Reason && reason == "" {
			err = fault.At("reason", "the label %s wants a reason; write a sentence for those who read this later", l.Title)
		}
		return err
	}
}

func (s *Bulks) machine(of string) *lifecycle.Machine {
	if of == "risk" {
		return s.Profile.Lifecycle(s.Profile.Register.Lifecycle)
	}
	return s.Profile.Lifecycle(of)
}

// decision asks for what the move needs of every report alike.
func decision(verb access.Verb) func(*Bulks, *Input) error {
	return func(s *Bulks, in *Input) error {
		var fs fault.Fields
		needs := needed(s.Profile, verb)
		if slices.Contains(needs, "answer") && in.Answer == "" {
			fs.Add("answer", "write what the reporters are told")
		}
		if _, ok := s.Profile.Disposition(in.Value); !ok && slices.Contains(needs, "disposition") {
			fs.Add("value", "choose why they are declined")
		}
		if slices.Contains(needs, "original") && in.Original == "" {
			fs.Add("original", "name the record that they repeat, such as CASE-… or REPORT-…")
		}
		in.Original = ref.Read(string(in.Original))
		return fs.Err()
	}
}

// needed is what a move of a report needs.
func needed(p *profile.Profile, verb access.Verb) (out []string) {
	for _, mv := range p.Lifecycle("report").Moves {
		if mv.Verb == string(verb) {
			out = append(out, mv.Needs...)
		}
	}
	return out
}

func pageOfCases(s *Bulks, w work, q chosen, after string) (out []ref.ID, next string, err error) {
	asked, err := parsed(casework.Vocabulary(s.Profile), q)
	if err != nil {
		return nil, "", err
	}
	l, err := s.Cases.List(w.ctx, casework.Filter{Query: asked, Order: q.Order}, casework.Page{Limit: casework.MaxPage, After: after})
	if err != nil {
		return nil, "", err
	}
	for _, c := range l.Cases {
		out = append(out, c.ID)
	}
	return out, l.Next, nil
}

func pageOfReports(s *Bulks, w work, q chosen, after string) (out []ref.ID, next string, err error) {
	asked, err := parsed(intake.Vocabulary(s.Profile), q)
	if err != nil {
		return nil, "", err
	}
	l, err := s.Reports.List(w.ctx, intake.Filter{Query: asked}, intake.Page{Limit: risk.MaxPage, After: after})
	if err != nil {
		return nil, "", err
	}
	for _, r := range l.Reports {
		out = append(out, r.ID)
	}
	return out, l.Next, nil
}

func pageOfRisks(s *Bulks, w work, q chosen, after string) (out []ref.ID, next string, err error) {
	f := risk.Filter{}
	if len(q.Filter) > 0 {
		if err := json.Unmarshal(q.Filter, &f); err != nil {
			return nil, "", err
		}
	}
	if f.Query, err = parsed(risk.Vocabulary(s.Profile), q); err != nil {
		return nil, "", err
	}
	l, err := s.Risks.List(w.ctx, f, risk.Page{Limit: risk.MaxPage, After: after})
	if err != nil {
		return nil, "", err
	}
	for _, r := range l.Risks {
		out = append(out, r.ID)
	}
	return out, l.Next, nil
}

func pageOfObservations(s *Bulks, w work, q chosen, after string) (out []ref.ID, next string, err error) {
	f := observation.Filter{}
	if len(q.Filter) > 0 {
		if err := json.Unmarshal(q.Filter, &f); err != nil {
			return nil, "", err
		}
	}
	if f.Query, err = parsed(observation.Vocabulary(s.Profile), q); err != nil {
		return nil, "", err
	}
	l, err := s.Observations.List(w.ctx, f, observation.Page{Limit: observation.MaxPage, After: after})
	if err != nil {
		return nil, "", err
	}
	for _, o := range l.Observations {
		out = append(out, o.ID)
	}
	return out, l.Next, nil
}

// parsed reads a query in the words of its list.
func parsed(words *query.Vocabulary, q chosen) (query.Query, error) { return words.Parse(q.Query) }
