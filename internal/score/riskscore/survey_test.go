package riskscore

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var (
	statements = []Statement{{"taking", "Risk taking", 4}, {"goals", "Goals", 4}, {"approach", "", 4}, {"drivers", "", 4}}
	outcomes   = []Outcome{{1.5, "averse"}, {2.5, "neutral"}, {3.5, "receptive"}, {4, "seeking"}}
)

func TestTheAverageAnswerGivesTheAppetite(t *testing.T) {
	t.Parallel()
	have := must[Surveyed](t)(Survey(statements, outcomes, []Reply{
		{"Ada", "taking", 2}, {"Ada", "goals", 3}, {"Ada", "approach", 0}, {"Bo", "taking", 1}, {"Bo", "goals", 4},
	}))
	same2(t, "average, appetite, answers", []any{have.Average, have.Appetite, have.Answers}, []any{2.5, "neutral", 4})
	same2(t, "unanswered", have.Unanswered, []string{"Ada: approach", "approach", "drivers"})
	same2(t, "means", have.Means, map[string]float64{"taking": 1.5, "goals": 3.5})
}

func TestASurveyIsRefusedWithTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, field string
		outcomes    []Outcome
		replies     []Reply
	}{
		{"nobody answered", "answers", outcomes, nil},
		{"an answer that there is not", "answers.0.answer", outcomes, []Reply{{"Ada", "taking", 5}}},
		{"a statement that there is not", "answers.0.statement", outcomes, []Reply{{"Ada", "mood", 1}}},
		{"an answer of nobody", "answers.0.who", outcomes, []Reply{{"", "taking", 1}}},
		{"an answer given twice", "answers.1", outcomes, []Reply{{"Ada", "taking", 1}, {"Ada", "taking", 2}}},
		{"outcomes that end early", "outcomes", outcomes[:1], []Reply{{"Ada", "taking", 2}}},
		{"outcomes out of order", "outcomes.1", []Outcome{{2, "a"}, {1, "b"}}, []Reply{{"Ada", "taking", 2}}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := Survey(statements, c.outcomes, c.replies)
			refused(t, err, c.field)
		})
	}
	_, err := Survey([]Statement{{"one", "", 1}}, outcomes, nil)
	refused(t, err, "statements.0")
}

var (
	six  = Scale{"1", []string{"very-low", "low", "medium", "high", "very-high", "critical"}}
	five = Scale{"2", []string{"very-low", "low", "medium", "high", "very-high"}}
	ten  = Scale{"3", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}}
)

func TestLevelsAreProposedByWordThenByPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says     string
		from, to Scale
		level    float64
		want     int
		exact    float64
		way      string
	}{
		{"the same scale changes nothing", six, Scale{"9", six.Words}, 3.4, 3, 3.4, BySame},
		{"the same word wins over the place", six, five, 4, 4, 4, ByWord},
		{"a fraction goes between two words", six, five, 4.25, 4, 4.25, ByWord},
		{"a word that is gone goes by place", six, five, 6, 5, 5, ByPosition},
		{"a fraction towards a word that is gone goes by place", six, five, 5.5, 5, 4.6, ByPosition},
		{"a finer scale goes by place", six, ten, 3, 5, 4.6, ByPosition},
		{"a tie is rounded up", five, six, 3, 3, 3, ByWord},
		{"a coarser scale goes by place, a tie upwards", ten, Scale{"4", []string{"a", "b"}}, 5.5, 2, 1.5, ByPosition},
		{"lowest is lowest", six, ten, 1, 1, 1, ByPosition},
		{"highest is highest", six, ten, 6, 10, 10, ByPosition},
	} {
		t.Run(c.says, func(t *testing.T) {
			p := must[Proposal](t)(Map(c.from, c.to, c.level))
			if p.To != c.want || math.Abs(p.Exact-c.exact) > 1e-12 || p.Way != c.way || p.Note == "" {
				t.Errorf("%d (%v) by %s, want %d (%v) by %s", p.To, p.Exact, p.Way, c.want, c.exact, c.way)
			}
		})
	}
	_, err := Map(six, five, 7)
	refused(t, err, "level")
	_, err = Map(Scale{"", []string{"one"}}, five, 1)
	refused(t, err, "from")
}

func TestAScoreIsProposedByTheNewRules(t *testing.T) {
	t.Parallel()
	old := must[Score](t)(published().Score(6, 3.5))
	now := published()
	now.Likelihood = 5
	have := must[Remapped](t)(Remap(now, old, [2]Scale{six, five}, [2]Scale{five, five}))
	same2(t, "new", []any{have.New.Score, have.New.Rating, have.Moved}, []any{17.5, "medium", true})
	same2(t, "old keeps its score", have.Old.Score, 21.0)
	same2(t, "note", have.Note, "the score falls from 21, High, to 17.5, Medium, and is then above the tolerance")
}

func TestMappingKeepsTheOrderByPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(1, 6).Draw(t, "a"), rapid.Float64Range(1, 6).Draw(t, "b")
		p, err := Map(six, ten, min(a, b))
		if err != nil {
			t.Fatal(err)
		}
		q, err := Map(six, ten, max(a, b))
		if err != nil {
			t.Fatal(err)
		}
		if p.To > q.To || p.To < 1 || q.To > 10 {
			t.Fatalf("%v and %v become %d and %d", min(a, b), max(a, b), p.To, q.To)
		}
	})
}
