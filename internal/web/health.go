package web

import (
	"net/http"

	"tocsin/internal/setup"
	"tocsin/internal/web/ui"
)

var healthRoutes = []Route{
	{Pattern: "GET /health-check", Verb: setup.Verb, Do: healthShow},
	{Pattern: "POST /health-check/verify", Verb: setup.Verb, Do: healthVerify},
}

// HealthPage says what of the installation is not set up yet, and how it is mended.
type HealthPage struct {
	Head ui.PageHead
	setup.Run
	Proof []string // what proving the audit log just said
	Whole bool     // and whether it came out whole
}

func healthShow(w *Web, r *http.Request) (Answer, error) {
	p := HealthPage{Head: w.head(r, "Health", "health")}
	var err error
	if p.Run, err = w.SetUp(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(200, installationView(p))
}

// healthVerify proves the whole audit log and shows what came of it.
func healthVerify(w *Web, r *http.Request) (Answer, error) {
	p := HealthPage{Head: w.head(r, "Health", "health")}
	report, err := w.VerifyAudit(r.Context())
	if err != nil {
		return Answer{}, err
	}
	if p.Proof, p.Whole = report.Sentences(), report.OK(); p.Whole {
		return lead("/health-check#audit", "proven")
	}
	if p.Run, err = w.SetUp(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(200, installationView(p))
}

// healthWords are the states in words, and the tone that they have.
var healthWords = map[setup.State]struct {
	Word string
	Tone ui.Tone
}{setup.Good: {"in order", ui.Good}, setup.Later: {"may wait", ui.Quiet}, setup.Look: {"look at this", ui.Warn}, setup.Missing: {"missing", ui.Bad}}

// parts are the rows that want something, the worst first, and those in order.
func (p HealthPage) parts() (wanting, fine []setup.Row) {
	for _, state := range []setup.State{setup.Missing, setup.Look, setup.Later, setup.Good} {
		for _, row := range p.Rows {
			if row.State != state {
				continue
			}
			if state == setup.Good {
				fine = append(fine, row)
			} else {
				wanting = append(wanting, row)
			}
		}
	}
	return wanting, fine
}

// sum says the whole in a sentence.
func (p HealthPage) sum() string {
	n := map[setup.State]int{}
	for _, row := range p.Rows {
		n[row.State]++
	}
	switch {
	case n[setup.Missing] > 0:
		return thingsAre(n[setup.Missing], "is missing", "are missing") + ": something does not work until they are mended."
	case n[setup.Look] > 0:
		return "Everything works; " + thingsAre(n[setup.Look], "wants a look.", "want a look.")
	}
	return "Everything is set up."
}

func thingsAre(n int, one, many string) string {
	if n == 1 {
		return "1 thing " + one
	}
	return number(n) + " things " + many
}
