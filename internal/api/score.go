package api

import (
	"context"

	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/riskscore"
)

// scoreRoutes are the calculators: they read nothing and keep nothing.
var scoreRoutes = []Route{
	{"score.cvss", "GET", "/score/cvss", "", "Scores, severity and words of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0", read(scoreVector)},
	{"score.owasp", "GET", "/score/owasp", "", "Likelihood, impact and severity of twelve or sixteen factors by the OWASP Risk Rating Methodology", read(scoreOWASP)},
	{"score.sp800-30", "GET", "/score/sp800-30", "", "Overall likelihood and risk of three levels by tables G-5 and I-2 of NIST SP 800-30 r1", read(scoreSP80030)},
}

// Score is what a vector scores, and what it says.
type Score struct {
	Vector        string        `json:"vector"`
	Version       string        `json:"version"`
	Base          float64       `json:"base"`
	Temporal      *float64      `json:"temporal,omitempty"` // versions 2.0 and 3.x
	Threat        *float64      `json:"threat,omitempty"`   // version 4.0
	Environmental float64       `json:"environmental"`
	Score         float64       `json:"score"`    // overall: of all that the vector states
	Severity      string        `json:"severity"` // none, low, medium, high, critical: the standard's own rating
	Nomenclature  string        `json:"nomenclature,omitempty"`
	Metrics       []cvss.Metric `json:"metrics"`
}

func scoreVector(_ context.Context, _ *house.House, in struct {
	Vector string `query:"vector" required:"true" doc:"The vector, percent-encoded."`
}) (*Score, error) {
	v, err := cvss.Parse(in.Vector)
	if err != nil {
		f := *fault.Of(err)
		f.Fields = []fault.Field{{Name: "vector", Says: f.Says}}
		return nil, &f
	}
	r := v.Score()
	s := &Score{Vector: v.String(), Version: r.Version, Base: r.Base, Environmental: r.Environmental, Score: r.Score, Severity: r.Severity, Nomenclature: r.Nomenclature, Metrics: v.Metrics()}
	if r.Version == "4.0" {
		s.Threat = &r.Threat
	} else {
		s.Temporal = &r.Temporal
	}
	return s, nil
}

func scoreOWASP(_ context.Context, _ *house.House, in struct {
	Agent         string `query:"agent" required:"true" doc:"Threat agent: skill, motive, opportunity, size; four numbers from 0 to 9 with commas between."`
	Vulnerability string `query:"vulnerability" required:"true" doc:"Ease of discovery, ease of exploit, awareness, intrusion detection; as agent."`
	Technical     string `query:"technical" required:"true" doc:"Technical impact: loss of confidentiality, integrity, availability, accountability; as agent."`
	Business      string `query:"business" doc:"Business impact: financial and reputation damage, non-compliance, privacy; as agent. Where it is not given, the technical impact decides."`
}) (*riskscore.OWASPRating, error) {
	f, err := riskscore.ParseFactors(in.Agent, in.Vulnerability, in.Technical, in.Business)
	if err != nil {
		return nil, err
	}
	r, err := riskscore.OWASP(f)
	return &r, err
}

func scoreSP80030(_ context.Context, _ *house.House, in struct {
	Initiation string `query:"initiation" required:"true" doc:"Likelihood that the threat event is initiated or occurs: Very Low, Low, Moderate, High or Very High, or a number from 0 to 100."`
	Harm       string `query:"harm" required:"true" doc:"Likelihood that it then does harm, in the same words."`
	Impact     string `query:"impact" required:"true" doc:"The impact, in the same words."`
}) (*riskscore.Qualitative, error) {
	q, err := riskscore.SP80030(in.Initiation, in.Harm, in.Impact)
	return &q, err
}
