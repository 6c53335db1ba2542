package riskscore

import (
	"fmt"
	"strings"

	"tocsin/internal/fault"
)

// Statement is a question of the appetite survey; answer 1 is the most cautious.
type Statement struct {
	Name    string `json:"name"`
	Title   string `json:"title,omitempty"`
	Answers int    `json:"answers"` // how many there are to choose from
}

// Outcome is the appetite that an average up to UpTo gives.
type Outcome struct {
	UpTo     float64 `json:"up_to"`
	Appetite string  `json:"appetite"`
}

// Reply is what one leader chose for one statement.
type Reply struct {
	Who       string `json:"who"`
	Statement string `json:"statement"`
	Answer    int    `json:"answer"` // 0 where they did not
}

// Surveyed is what a survey gives.
type Surveyed struct {
	Average    float64            `json:"average"`
	Appetite   string             `json:"appetite"`
	Means      map[string]float64 `json:"means"`   // by statement, for those that have an answer
	Answers    int                `json:"answers"` // how many count
	Unanswered []string           `json:"unanswered"`
	Steps      Steps              `json:"steps"`
}

// Survey averages every answer with the same weight (handbook 1.3: "answers are
// averaged"; that a statement which fewer answered weighs less follows from it)
// and looks up the outcome on the real average. What nobody answered, and what a
// person left open, is named and not counted.
func Survey(statements []Statement, outcomes []Outcome, replies []Reply) (Surveyed, error) {
	if err := checkSurvey(statements, outcomes, replies); err != nil {
		return Surveyed{}, err
	}
	out := Surveyed{Means: map[string]float64{}}
	total := 0
	for _, st := range statements {
		n, sum := 0, 0
		for _, r := range replies {
			switch {
			case r.Statement != st.Name:
			case r.Answer == 0:
				out.Unanswered = append(out.Unanswered, r.Who+": "+st.Name)
			default:
				n, sum = n+1, sum+r.Answer
			}
		}
		total, out.Answers = total+sum, out.Answers+n
		if n == 0 {
			out.Unanswered = append(out.Unanswered, st.Name)
			out.Steps.add("survey."+st.Name, title(st), "not answered", "left out")
			continue
		}
		out.Means[st.Name] = snap(float64(sum) / float64(n))
		out.Steps.add("survey."+st.Name, title(st), Number(out.Means[st.Name]), "%s, from 1 to %d", plural(n, "answer", "answers"), st.Answers)
	}
	if out.Answers == 0 {
		return Surveyed{}, fault.At("answers", "nobody has answered: an appetite is not guessed")
	}
	out.Average = snap(float64(total) / float64(out.Answers))
	return out, out.decide(outcomes, total)
}

func title(st Statement) string {
	if st.Title != "" {
		return st.Title
	}
	return st.Name
}

func (s *Surveyed) decide(outcomes []Outcome, total int) error {
	s.Steps.add("survey.average", "Average", Number(s.Average), "%d / %d", total, s.Answers)
	if len(s.Unanswered) > 0 {
		s.Steps.add("survey.unanswered", "Not answered", fmt.Sprint(len(s.Unanswered)), "%s", strings.Join(s.Unanswered, ", "))
	}
	for _, o := range outcomes {
		if s.Average <= snap(o.UpTo) {
			s.Appetite = o.Appetite
			s.Steps.add("survey.appetite", "Appetite", o.Appetite, "averages up to %s", Number(o.UpTo))
			return nil
		}
	}
	return fault.At("outcomes", "no outcome covers an average of %s: let the last reach the highest answer", Number(s.Average))
}

func checkSurvey(statements []Statement, outcomes []Outcome, replies []Reply) error {
	var fs fault.Fields
	answers := map[string]int{}
	for i, st := range statements {
		if st.Name == "" || answers[st.Name] > 0 || st.Answers < 2 {
			fs.Add(fmt.Sprintf("statements.%d", i), "a statement has a name of its own and two answers at least")
		}
		answers[st.Name] = st.Answers
	}
	for i, o := range outcomes {
		if !finite(o.UpTo) || o.Appetite == "" || i > 0 && o.UpTo <= outcomes[i-1].UpTo {
			fs.Add(fmt.Sprintf("outcomes.%d", i), "outcomes go from the lowest average to the highest and name an appetite")
		}
	}
	seen := map[Reply]bool{}
	for i, r := range replies {
		at := fmt.Sprintf("answers.%d", i)
		n, ok := answers[r.Statement]
		once := Reply{Who: r.Who, Statement: r.Statement}
		switch {
		case !ok:
			fs.Add(at+".statement", "the survey has no statement %q", r.Statement)
		case r.Who == "":
			fs.Add(at+".who", "an answer names who gave it")
		case seen[once]:
			fs.Add(at, "%s answered %q twice: keep one answer", r.Who, r.Statement)
		case r.Answer < 0 || r.Answer > n:
			fs.Add(at+".answer", "%d is no answer to %q: choose 1 to %d, or leave it open", r.Answer, r.Statement, n)
		}
		seen[once] = true
	}
	return fs.Err()
}
