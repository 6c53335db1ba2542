package profile

// Register is what the risk register runs on: how risks are worded, counted,
// scored, owned, treated, accepted, measured and reviewed. A profile without the
// file register.yaml has that of the profile generic.
type Register struct {
	Lifecycle    string        `json:"lifecycle" need:"true"` // the risk's life cycle: a file of lifecycle/
	Kinds        []RiskKind    `json:"kinds" need:"true"`
	Scopes       []Named       `json:"scopes" need:"true"`       // categories that a risk falls into
	Channels     []Named       `json:"channels" need:"true"`     // how a risk comes to the register
	Threats      []Named       `json:"threats" need:"true"`      // sources of threat
	InScope      []Named       `json:"in_scope" need:"true"`     // tests, of which any one suffices
	OutOfScope   []Named       `json:"out_of_scope" need:"true"` // what is refused unless somebody overrides it
	Confidences  []Named       `json:"confidences" need:"true"`  // strength of knowledge, from the weakest
	Lint         []LintRule    `json:"lint" need:"true"`         // what a statement is asked
	Recurrence   Recurrence    `json:"recurrence" need:"true"`   // when what keeps coming back is systemic
	Evidence     EvidenceRules `json:"evidence" need:"true"`     // how evidence moves the score
	Survey       Survey        `json:"survey" need:"true"`       // how appetite is asked for
	Levels       []Named       `json:"levels" need:"true"`       // of management, from the lowest
	Authority    []Authority   `json:"authority" need:"true"`    // who may own what, one row a rating
	Paths        []Named       `json:"paths" need:"true"`        // of remediation, exactly one is taken
	Effects      []Named       `json:"control_effects"`          // reserved words for what a control lowers; empty is likelihood and impact
	Monitor      MonitorRules  `json:"monitor"`                  // who agrees that a risk is only watched
	Plan         PlanRules     `json:"plan" need:"true"`         // what a treatment plan must say
	Acceptance   Acceptance    `json:"acceptance" need:"true"`   // the preset in force
	Presets      []Acceptance  `json:"presets"`                  // others that may be put in force
	KRI          KRIRules      `json:"kri" need:"true"`          // key risk indicators
	Health       Health        `json:"health" need:"true"`       // when a risk's care is red, yellow or green
	Closure      Closure       `json:"closure" need:"true"`      // what must hold before a risk is closed
	Parent       Parent        `json:"parent" need:"true"`       // the enterprise's register above this one
	Labels       Marks         `json:"labels"`                   // that follow from what is decided; left out, those of the profile generic
	Policies     []Policy      `json:"policies" need:"true"`     // hygiene: what the house asks for by itself
	Ladder       []Rung        `json:"ladder" need:"true"`       // whom it escalates to
	Escalations  []Escalation  `json:"escalations" need:"true"`  // what a review must look at
	Cadence      Cadence       `json:"cadence" need:"true"`      // how often things are looked at
	Observations Observations  `json:"observations" need:"true"` // single findings that may become risks
	Equivalents  []Equivalent  `json:"equivalents" need:"true"`  // priorities beside other scales
	RACI         []Part        `json:"raci" need:"true"`         // parts that people have in a risk
	Strategy     StrategyRules `json:"strategy"`                 // how what a leader chooses comes to stand; left out, as in the profile generic
	Fields       []RiskField   `json:"fields"`                   // that the house asks for besides
	Slots        int           `json:"slots" need:"true"`        // candidates that one functional leader commits to
	Top          int           `json:"top" need:"true"`          // risks on the top list
	Currency     string        `json:"currency" need:"true"`     // of costs and losses: ISO 4217
	Borrowed     string        `json:"-"`                        // the profile that it is taken from, where the folder has none
}

// Part is what somebody can be to a risk.
type Part struct {
	Name     string `json:"name" need:"true"`
	Title    string `json:"title" need:"true"`
	About    string `json:"about,omitempty"`
	Letter   string `json:"letter" need:"true"` // R responsible, A accountable, C consulted, I informed
	Required bool   `json:"required"`
}

// RiskKind is a kind of risk with the text that a new one starts from.
type RiskKind struct {
	Name     string            `json:"name" need:"true"`
	Title    string            `json:"title" need:"true"`
	About    string            `json:"about,omitempty"`
	Template map[string]string `json:"template,omitempty"` // text by field of the statement
}

// LintRule asks something of a statement and explains itself.
type LintRule struct {
	Name  string   `json:"name" need:"true"`
	Field string   `json:"field" need:"true"` // title, a field of the statement, or any for all of them
	Check string   `json:"check" need:"true"` // one of LintChecks
	Words []string `json:"words"`             // what the check looks for: whole words, whatever their case
	Count int      `json:"count"`             // of words or sentences, as the check counts
	Level string   `json:"level" need:"true"` // error holds triage up, warning does not
	Says  string   `json:"says" need:"true"`
	Mend  string   `json:"mend" need:"true"`
}

// Recurrence says when cases of one weakness in one place are a systemic risk.
type Recurrence struct {
	Count  int    `json:"count" need:"true"`  // so many cases
	Months int    `json:"months" need:"true"` // within so many months
	RollUp int    `json:"roll_up"`            // how many generations of parents a weakness counts for
	Misses int    `json:"misses"`             // so many late clocks of one component propose a risk; 0 is never
	Causes int    `json:"causes"`             // so many root causes of one category propose a risk; 0 is never
	Test   string `json:"test,omitempty"`     // the in-scope test that such a risk meets
}

// EvidenceRules say how evidence moves likelihood and impact.
type EvidenceRules struct {
	Months         int             `json:"months" need:"true"`      // how far back evidence counts
	Kinds          []EvidenceKind  `json:"kinds" need:"true"`       // what counts as evidence
	CountBands     []Modifier      `json:"count_bands" need:"true"` // of items: moves likelihood
	PointBands     []Modifier      `json:"point_bands" need:"true"` // of severity points: moves impact
	Contradictions []Contradiction `json:"contradictions"`          // where a person must look
}

// EvidenceKind is a kind of evidence with the points that its severities give.
type EvidenceKind struct {
	Name   string         `json:"name" need:"true"` // case, incident, observation, bounty …
	Title  string         `json:"title" need:"true"`
	Points map[string]int `json:"points"` // by severity word; absent is 0
}

// Modifier moves a factor by Add where the number is at least From.
type Modifier struct {
	From int `json:"from"`
	Add  int `json:"add"`
}

// Contradiction holds a rating for a person where the base says little and the
// evidence much.
type Contradiction struct {
	Factor string `json:"factor" need:"true"` // likelihood or impact
	AtMost int    `json:"at_most" need:"true"`
	Number string `json:"number" need:"true"` // items or points
	From   int    `json:"from" need:"true"`
	Says   string `json:"says" need:"true"`
}

// Survey is the yearly question after the appetite: the answers, averaged, give
// the appetite of the year.
type Survey struct {
	Statements []Statement `json:"statements" need:"true"`
	Outcomes   []Outcome   `json:"outcomes" need:"true"` // bands of the average, from the lowest
}

// Statement is one thing that leaders rank.
type Statement struct {
	Name    string   `json:"name" need:"true"`
	Title   string   `json:"title" need:"true"`
	Answers []string `json:"answers" need:"true"` // from the most cautious; the first counts 1
}

// Outcome is the appetite that an average up to UpTo gives.
type Outcome struct {
	UpTo     float64 `json:"up_to" need:"true"`
	Appetite string  `json:"appetite" need:"true"`
}

// Authority is who may own a risk of a rating, and by when it is resolved.
type Authority struct {
	Rating   string `json:"rating" need:"true"`
	Priority string `json:"priority" need:"true"`
	Business string `json:"business" need:"true"` // the lowest level of the business owner
	Security string `json:"security" need:"true"` // the lowest level of the security owner
	Days     int    `json:"days"`                 // target resolution; 0 is none
	Notify   string `json:"notify,omitempty"`     // whom, and how soon, in words
}

// MonitorRules say whose word a risk wants that is only watched.
type MonitorRules struct {
	By string `json:"by,omitempty"` // how the role is called that must agree; empty is nobody. Who has it, grants say
}

// PlanRules say what a treatment plan must hold.
type PlanRules struct {
	Years    int     `json:"years" need:"true"`    // how far out a milestone may lie
	Smart    []Check `json:"smart" need:"true"`    // the checklist that a reviewer answers
	Approval []Named `json:"approval" need:"true"` // roles that approve a plan
	Skip     bool    `json:"skip"`                 // a quarter without a key result wants an acceptance
}

// Acceptance is a way to accept risks.
type Acceptance struct {
	Name      string         `json:"name" need:"true"`
	Title     string         `json:"title" need:"true"`
	Approvals []Approval     `json:"approvals" need:"true"` // one row a rating
	MaxMonths int            `json:"max_months" need:"true"`
	Review    map[string]int `json:"review" need:"true"`    // months between reviews, by rating
	Questions []Named        `json:"questions" need:"true"` // of each review
	Material  []string       `json:"material" need:"true"`  // fields whose change makes a decision stale
}

// Approval is whose word an acceptance of a rating wants: one person of each level
// or higher, the owner's own level counts once.
type Approval struct {
	Rating string   `json:"rating" need:"true"`
	Owner  bool     `json:"owner"` // the business owner's word
	Levels []string `json:"levels" need:"true"`
}

// KRIRules are the kinds of indicators with their bands.
type KRIRules struct {
	Kinds []KRIKind `json:"kinds" need:"true"`
	Guide []Advice  `json:"guide" need:"true"` // which kind fits which situation
	Stale int       `json:"stale" need:"true"` // days without a value after which a value says nothing
	Prior Prior     `json:"prior"`             // of the predictive model
	Ratio []Light   `json:"ratio" need:"true"` // predicted over baseline, from the lowest
	Level float64   `json:"level" need:"true"` // of intervals: 0.9

	Falling bool `json:"falling"` // a green prediction wants fewer events than before besides
}

// KRIKind is a kind of indicator.
type KRIKind struct {
	Name   string `json:"name" need:"true"` // implementation, effectiveness, efficiency, sampling, experiment
	Title  string `json:"title" need:"true"`
	About  string `json:"about,omitempty"`
	Better string `json:"better" need:"true"` // higher or lower
	Bands  Bands  `json:"bands"`              // what a new indicator of the kind starts with
}

// Bands are the levels and the rates of change of an indicator's lights. A light
// is green where its level or its rate of change is, yellow likewise, else red. The
// rate is that of what is to shrink: the value where lower is better, what is
// missing to the target where higher is.
type Bands struct {
	Green      *float64 `json:"green,omitempty"` // at least, or at most, as better says
	Yellow     *float64 `json:"yellow,omitempty"`
	GreenRate  *float64 `json:"green_rate,omitempty"` // at most; change a quarter, as a fraction: -0.2
	YellowRate *float64 `json:"yellow_rate,omitempty"`
	Strict     bool     `json:"strict,omitempty"` // the value of green itself is yellow
}

// Advice says which kind fits a situation.
type Advice struct {
	Name  string   `json:"name" need:"true"`
	Title string   `json:"title" need:"true"`
	Kinds []string `json:"kinds" need:"true"`
	Why   string   `json:"why" need:"true"`
}

// Prior is a gamma prior of a rate of events.
type Prior struct {
	Shape float64 `json:"shape"`
	Rate  float64 `json:"rate"` // in units of exposure
}

// Light is the light up to a number.
type Light struct {
	UpTo  float64 `json:"up_to"` // 0 in the last is without end
	Light string  `json:"light" need:"true"`
}

// Health says when the care for a risk is green.
type Health struct {
	OwnerDays int     `json:"owner_days" need:"true"` // a sync within so many days
	DelayDays int     `json:"delay_days" need:"true"` // a plan may be late so many days
	Labels    []Named `json:"labels" need:"true"`     // owner, treatment, kri: how a tracker calls them
}

// Closure says what must hold before a risk is closed.
type Closure struct {
	Days     int     `json:"days" need:"true"`     // so long below baseline and within tolerance
	Coverage float64 `json:"coverage" need:"true"` // of an implementation, as a fraction
}

// Marks are the side labels of a risk's life cycle that follow from what is decided,
// by what they say. Nobody sets them by hand.
type Marks struct {
	Accepted string `json:"accepted" need:"true"` // an acceptance is in force
	Blocked  string `json:"blocked" need:"true"`  // something stops the work
	Proposed string `json:"proposed" need:"true"` // it is proposed for the register above
}

// All lists the labels.
func (m Marks) All() []string { return []string{m.Accepted, m.Blocked, m.Proposed} }

// StrategyRules say how what a functional leader chooses comes to stand.
type StrategyRules struct {
	Level  string  `json:"level,omitempty"`    // the lowest level of management that approves a choice; empty asks for the grant alone
	States []Named `json:"states" need:"true"` // ChoiceStates as they are called, in the order of a board
}

// StateOf is how a state of a choice is called; empty is none.
func (s StrategyRules) StateOf(name string) string {
	for _, x := range s.States {
		if x.Name == name {
			return x.Title
		}
	}
	return name
}

// Parent is the register above.
type Parent struct {
	Title    string `json:"title" need:"true"`
	Required bool   `json:"required"`
	Label    string `json:"label,omitempty"`
}

// Policy is something that the house asks for by itself.
type Policy struct {
	Name    string   `json:"name" need:"true"`
	Title   string   `json:"title" need:"true"`
	On      string   `json:"on,omitempty"`      // risk or observation; empty is risk
	Check   string   `json:"check" need:"true"` // one of PolicyChecks
	After   Span     `json:"after"`
	Labels  []string `json:"labels"`            // of missing-labels: what must be set, of PolicyLabels
	Fields  []string `json:"fields"`            // of missing-fields: fields of the statement and parts of the RACI table
	Label   string   `json:"label" need:"true"` // set while it holds, cleared by itself
	Exempt  []string `json:"exempt"`            // labels that keep the house quiet
	Message string   `json:"message" need:"true"`
	Repeat  int      `json:"repeat"` // days until it is said again; 0 is once
}

// Rung is one step of the escalation ladder.
type Rung struct {
	Name  string `json:"name" need:"true"` // escalated-1
	Title string `json:"title" need:"true"`
	After int    `json:"after" need:"true"` // days that a policy has held
	Level string `json:"level" need:"true"` // of management

	Message string `json:"message,omitempty"`
}

// Escalation is a rule that puts a risk before a review.
type Escalation struct {
	Name  string `json:"name" need:"true"`
	Title string `json:"title" need:"true"`
	Check string `json:"check" need:"true"` // one of EscalationChecks
	Limit int    `json:"limit"`             // days, reviews or score, as the check counts
}

// Cadence says how often things are looked at.
type Cadence struct {
	KRIDays     int            `json:"kri_days" need:"true"`
	ScoreDays   int            `json:"score_days" need:"true"`
	ReviewDays  map[string]int `json:"review_days" need:"true"` // by rating
	MeetingDays int            `json:"meeting_days" need:"true"`
	Recompute   string         `json:"recompute" need:"true"` // time of day in UTC: 02:30
}

// Observations are single findings with scales of their own.
type Observations struct {
	Lifecycle  string      `json:"lifecycle" need:"true"`
	Likelihood Scale       `json:"likelihood" need:"true"`
	Impact     Scale       `json:"impact" need:"true"`
	Ratings    []ObsRating `json:"ratings" need:"true"`
	Upgrade    UpgradeRule `json:"upgrade" need:"true"`
}

// ObsRating is a band of observation scores with the time to remediate.
type ObsRating struct {
	Word   string `json:"word" need:"true"`
	Title  string `json:"title" need:"true"`
	From   int    `json:"from" need:"true"`
	To     int    `json:"to" need:"true"`
	Months int    `json:"months" need:"true"`
}

// UpgradeRule says when observations become a risk.
type UpgradeRule struct {
	Shared int    `json:"shared" need:"true"` // so many of one root cause
	Entity bool   `json:"entity"`             // a control of the whole organisation alone suffices
	Label  string `json:"label,omitempty"`
}

// Equivalent is one priority beside what other scales call the same.
type Equivalent struct {
	Priority string     `json:"priority" need:"true"`
	Rating   string     `json:"rating" need:"true"`
	Severity string     `json:"severity" need:"true"` // word of the severity bands
	CVSS     [2]float64 `json:"cvss"`
	Observed [2]int     `json:"observed"` // observation scores
}

// The words that the register's code knows and a profile may name.
var (
	// LintChecks are what a statement can be asked: whether it begins with one of
	// the words or with none, holds one or none, has fewer words than count or more
	// sentences, names a single vulnerability and none of the words, or holds one of
	// the words and fewer words than count.
	LintChecks = []string{"starts", "starts-not", "contains", "lacks", "short", "sentence", "cve", "vague"}
	// StatementFields are the texts of a risk that rules may speak of.
	StatementFields = []string{"title", "asset", "event", "source", "consequence", "problem", "impact", "evidence", "scale"}
	// FindingFields are the texts of an observation: the four Cs and what it asks for.
	FindingFields = []string{"title", "condition", "criteria", "cause", "consequence", "recommendation", "due"}
	// MaterialFields are what an acceptance can rest on.
	MaterialFields = []string{"title", "asset", "event", "source", "consequence", "scope", "score", "residual", "controls", "owner", "security"}
	// PolicyChecks are what the house looks for by itself.
	PolicyChecks = []string{"stale", "no-assignee", "overdue", "no-due-date", "missing-labels", "missing-fields", "health-differs"}
	// PolicyLabels are what the check missing-labels can ask for.
	PolicyLabels = []string{"rating", "scope", "parent", "department", "response", "priority", "health-owner", "health-treatment", "health-kri", "coordinator"}
	// EscalationChecks are what puts a risk before a review.
	EscalationChecks = []string{"dwell", "worsened", "lapsed", "blocked", "above"}
	// ChoiceStates are where a leader's choice can stand: it waits, came back with a
	// reason, is approved.
	ChoiceStates = []string{"candidate", "returned", "approved"}
	// KRILights are the lights of an indicator, from the best.
	KRILights = []string{"green", "yellow", "red"}
	// RiskEvents are the events that a risk keeps besides the standard ones: its
	// statement is complete, it has owners, a dated plan, an indicator, some progress.
	RiskEvents = []string{"articulated", "owned", "planned", "tracked", "updated", "accepted"}
)

// Rating finds a rating by its word.
func (p *Profile) Rating(word string) (Rating, bool) {
	for _, r := range p.Ratings {
		if r.Word == word {
			return r, true
		}
	}
	return Rating{}, false
}

// RatingWords lists the ratings from the lowest to the highest.
func (p *Profile) RatingWords() []string {
	var out []string
	for _, r := range p.Ratings {
		out = append(out, r.Word)
	}
	return out
}

// LevelRank returns the place of a level of management, from 1 for the lowest; 0
// is no level.
func (r *Register) LevelRank(level string) int {
	for i, l := range r.Levels {
		if l.Name == level {
			return i + 1
		}
	}
	return 0
}

// AuthorityOf finds who may own a risk of the rating.
func (r *Register) AuthorityOf(rating string) (Authority, bool) {
	for _, a := range r.Authority {
		if a.Rating == rating {
			return a, true
		}
	}
	return Authority{}, false
}

// ApprovalOf finds whose word an acceptance of the rating wants.
func (a Acceptance) ApprovalOf(rating string) (Approval, bool) {
	for _, row := range a.Approvals {
		if row.Rating == rating {
			return row, true
		}
	}
	return Approval{}, false
}
