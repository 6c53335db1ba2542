package risk

import (
	"context"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
)

// Survey is a year's question after the appetite: what leaders answered, what it
// averages to, and what was decided. Handbook 1.3.
type Survey struct {
	ID       ref.ID    `json:"id"`
	At       time.Time `json:"at"` // opened; of a decided one the decision
	Year     int       `json:"year"`
	State    string    `json:"state"`    // open, decided
	Appetite string    `json:"appetite"` // in force by it; "" before it is decided
	Version  int       `json:"version"`
	SurveyBody
}

// SurveyBody is what a survey holds besides.
type SurveyBody struct {
	Replies  []Reply             `json:"replies,omitempty"`
	Result   *riskscore.Surveyed `json:"result,omitempty"` // of the answers so far
	Reason   string              `json:"reason,omitempty"` // of the decision
	By       ref.ID              `json:"by,omitempty"`
	Name     string              `json:"name,omitempty"`
	Profile  string              `json:"profile,omitempty"`
	Computed string              `json:"computed,omitempty"` // the appetite that the answers give
}

// Reply is one leader's answers: the number of the answer by statement.
type Reply struct {
	By      ref.ID         `json:"by"`
	Name    string         `json:"name"`
	At      time.Time      `json:"at"`
	Answers map[string]int `json:"answers"`
}

// Surveys returns every survey, newest first, with the appetite in force.
func (s *Risks) Surveys(ctx context.Context) (out []*Survey, now Appetite, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		if now, err = s.appetite(v); err != nil {
			return err
		}
		out, err = surveys(v)
		return err
	})
	return out, now, err
}

// OpenSurvey asks the question of a year.
func (s *Risks) OpenSurvey(ctx context.Context, year int) (id ref.ID, err error) {
	if year < 2000 || year > 2100 {
		return "", fault.At("year", "the year %d makes no sense here; use one from 2000 to 2100", year)
	}
	err = s.Gate.Act(ctx, VerbAppetite, "", func(tx *gate.Tx) error {
		had, err := surveys(&tx.View)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(had, func(x *Survey) bool { return x.State == "open" }) {
			return fault.New(fault.Conflict, "a survey is open already; decide it before the next one is opened")
		}
		id = ref.New("appetite")
		return insertSurvey(tx, &Survey{ID: id, At: tx.Now, Year: year, State: "open", SurveyBody: SurveyBody{Profile: s.Profile.Version}})
	})
	return id, err
}

// AnswerSurvey gives a leader's answers; answering again replaces them.
func (s *Risks) AnswerSurvey(ctx context.Context, id ref.ID, answers map[string]int) error {
	return s.survey(ctx, VerbAnswer, id, func(tx *gate.Tx, x *Survey) error {
		if tx.Actor.Kind == access.Token {
			return fault.New(fault.Forbidden, "an answer is a person's; a token has none")
		}
		if err := s.checkAnswers(answers); err != nil {
			return err
		}
		x.Replies = slices.DeleteFunc(x.Replies, func(r Reply) bool { return r.By == tx.Actor.ID })
		x.Replies = append(x.Replies, Reply{By: tx.Actor.ID, Name: tx.Actor.Name, At: tx.Now, Answers: answers})
		return s.average(x)
	})
}

func (s *Risks) checkAnswers(answers map[string]int) error {
	var fs fault.Fields
	for name, n := range answers {
		i := slices.IndexFunc(s.Profile.Register.Survey.Statements, func(st profile.Statement) bool { return st.Name == name })
		switch {
		case i < 0:
			fs.Add("answers."+name, "the survey has no statement %q", name)
		case n < 0 || n > len(s.Profile.Register.Survey.Statements[i].Answers):
			fs.Add("answers."+name, "%q has answers from 1 to %d; 0 leaves it unanswered", name, len(s.Profile.Register.Survey.Statements[i].Answers))
		}
	}
	return fs.Err()
}

// average computes what the answers so far give.
func (s *Risks) average(x *Survey) error {
	var statements []riskscore.Statement
	var outcomes []riskscore.Outcome
	var replies []riskscore.Reply
	for _, st := range s.Profile.Register.Survey.Statements {
		statements = append(statements, riskscore.Statement{Name: st.Name, Title: st.Title, Answers: len(st.Answers)})
		for _, r := range x.Replies {
			replies = append(replies, riskscore.Reply{Who: string(r.By), Statement: st.Name, Answer: r.Answers[st.Name]})
		}
	}
	for _, o := range s.Profile.Register.Survey.Outcomes {
		outcomes = append(outcomes, riskscore.Outcome(o))
	}
	res, err := riskscore.Survey(statements, outcomes, replies)
	if err == nil {
		x.Result, x.Computed = &res, res.Appetite
	}
	return err
}

// DecideSurvey puts an appetite in force: what the answers give, or another with
// the reason for it. Every standing is computed again by a job.
func (s *Risks) DecideSurvey(ctx context.Context, id ref.ID, appetite, reason string) error {
	return s.survey(ctx, VerbAppetite, id, func(tx *gate.Tx, x *Survey) error {
		reason, err := thread4000("reason", reason)
		if err != nil {
			return err
		}
		var known []string
		for _, a := range s.Profile.Tolerance.Appetites {
			known = append(known, a.Name)
		}
		if err := oneOf("appetite", appetite, known); err != nil {
			return err
		}
		switch {
		case appetite == "":
			return fault.At("appetite", "say which appetite is in force from now on")
		case len(x.Replies) == 0:
			return fault.New(fault.Conflict, "nobody has answered yet")
		case appetite != x.Computed && reason == "":
			return fault.At("reason", "the answers give %q; to decide otherwise wants a reason", x.Computed)
		}
		tx.Reason(reason)
		x.State, x.Appetite, x.Reason, x.By, x.Name, x.At = "decided", appetite, reason, tx.Actor.ID, tx.Actor.Name, tx.Now
		return tx.Later("risk:recompute", tx.Now, "all", Told{What: "appetite"})
	})
}

func (s *Risks) survey(ctx context.Context, verb access.Verb, id ref.ID, fn func(*gate.Tx, *Survey) error) error {
	return s.Gate.Act(ctx, verb, "", func(tx *gate.Tx) error {
		x, err := surveyOf(&tx.View, id)
		if err != nil {
			return err
		}
		if x.State != "open" {
			return fault.New(fault.Conflict, "this survey is decided; the next one is opened with the next year")
		}
		if err := fn(tx, x); err != nil {
			return err
		}
		return updateSurvey(tx, x)
	})
}
