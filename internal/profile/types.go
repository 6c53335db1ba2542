package profile

// Words lists what the code knows, so that a profile cannot name what nobody
// defines. A nil list is not checked.
type Words struct {
	Needs   []string // what moves may ask for: "cwe", "second-person"
	Effects []string // what moves may cause: "tell:reporter", "event:released"
	Verbs   []string // what grants may speak of, moves and all others: "case.note"
	Events  []string // names of recorded events besides those of StandardEvents
}

// Named is a word with its title: one entry of a word list.
type Named struct {
	Name  string `json:"name" need:"true"`
	Title string `json:"title" need:"true"`
	About string `json:"about,omitempty"`
}

// Publisher is who publishes the advisories: CSAF 2.0, section 3.2.1.8, and the
// identity at the CVE programme.
type Publisher struct {
	Name      string   `json:"name" need:"true"`
	Namespace string   `json:"namespace" need:"true"` // a URL under the publisher's control
	Category  string   `json:"category" need:"true"`  // vendor, coordinator, discoverer, other, user, translator
	Contact   string   `json:"contact,omitempty"`     // how to reach the team: text for people
	Policy    string   `json:"policy,omitempty"`      // URL of the disclosure policy
	OrgID     string   `json:"org_id,omitempty"`      // CVE organisation id, a UUID
	CNA       string   `json:"cna,omitempty"`         // CVE short name
	Languages []string `json:"languages" need:"true"` // BCP 47, the first is the default
}

// Releases says which release lines get fixes.
type Releases struct {
	Supported int     `json:"supported" need:"true"` // release lines that a fix is made for
	Main      bool    `json:"main"`                  // the main branch needs its own fix besides
	Kinds     []Named `json:"kinds" need:"true"`     // scheduled, out of band …
}

// Severity says how a score becomes a word.
type Severity struct {
	Sources []string `json:"sources" need:"true"` // which score decides: the first of these that there is
	Bands   []Band   `json:"bands" need:"true"`   // from the lowest to the highest
}

// Band is one severity with the scores that it covers, both ends included.
type Band struct {
	Word     string  `json:"word" need:"true"`
	Title    string  `json:"title" need:"true"`
	Label    string  `json:"label,omitempty"`    // how a tracker calls it
	Priority string  `json:"priority,omitempty"` // the tracker's priority that goes with it
	From     float64 `json:"from" need:"true"`
	To       float64 `json:"to" need:"true"`
}

// CVSSRule is a question to ask about a metric's value; it warns and never refuses.
type CVSSRule struct {
	Name    string `json:"name" need:"true"`
	Version string `json:"version" need:"true"` // "2.0", "3.0", "3.1", "4.0"
	Metric  string `json:"metric" need:"true"`  // "PR"
	Value   string `json:"value" need:"true"`   // "N"
	When    string `json:"when" need:"true"`    // the circumstance that makes the value doubtful
	Says    string `json:"says" need:"true"`    // the warning
}

// Clock measures the time between recorded events. Package clock runs it.
type Clock struct {
	Name     string          `json:"name" need:"true"`
	Title    string          `json:"title" need:"true"`
	On       string          `json:"on" need:"true"`    // the record's life cycle: "case", "report" or "risk"
	Kind     string          `json:"kind" need:"true"`  // "slo", "sla", "disclosure", "promise"
	Start    []string        `json:"start" need:"true"` // recorded events; any of them starts it
	Stop     []string        `json:"stop"`              // any of them ends it
	Pause    []string        `json:"pause,omitempty"`   // any of them holds it
	Resume   []string        `json:"resume,omitempty"`  // any of them lets it go on
	Target   map[string]Span `json:"target"`            // by severity word, on a risk by rating; "" is any other; absent is no target
	Calendar string          `json:"calendar" need:"true"`
	Warn     []Span          `json:"warn,omitempty"`   // so long before it is due
	Resets   bool            `json:"resets,omitempty"` // a second start begins anew; else it goes on
}

// TargetFor returns the clock's target at a severity; false means that the clock
// does not run at that severity.
func (c Clock) TargetFor(severity string) (Span, bool) {
	if s, ok := c.Target[severity]; ok {
		return s, true
	}
	s, ok := c.Target[""]
	return s, ok
}

// Disclosure says how long details stay back.
type Disclosure struct {
	Days     int   `json:"days" need:"true"`
	WarnDays int   `json:"warn_days" need:"true"`
	Choices  []int `json:"choices" need:"true"` // the days that a case may be set to
}

// Environment is one way in which customers run the product.
type Environment struct {
	Name       string   `json:"name" need:"true"`
	Title      string   `json:"title" need:"true"`
	About      string   `json:"about,omitempty"`
	Shipped    bool     `json:"shipped"`              // customers install it themselves; advisories use its score
	Exclusions []string `json:"exclusions,omitempty"` // features that are absent there: reasons for "not affected"
}

// Disposition is what can be decided about a report.
type Disposition struct {
	Name    string   `json:"name" need:"true"`
	Title   string   `json:"title" need:"true"`
	About   string   `json:"about,omitempty"`
	Message string   `json:"message" need:"true"` // the canned answer's name
	Verbs   []string `json:"verbs" need:"true"`   // the moves that may carry it
	Closes  bool     `json:"closes"`              // the record ends by it
	Plain   string   `json:"plain" need:"true"`   // status in plain words for the reporter
}

// Check is one line of a checklist.
type Check struct {
	Name     string `json:"name" need:"true"`
	Title    string `json:"title" need:"true"`
	About    string `json:"about,omitempty"`
	Required bool   `json:"required"`
}

// Grant lets roles do what a verb says.
type Grant struct {
	Verb  string   `json:"verb"`
	Roles []string `json:"roles"`
}

// Scale is a risk scale, for example likelihood.
type Scale struct {
	Name       string     `json:"name" need:"true"`
	Title      string     `json:"title" need:"true"`
	About      string     `json:"about,omitempty"`
	Levels     []Level    `json:"levels" need:"true"` // from the lowest score to the highest
	Categories []Category `json:"categories,omitempty"`
	Aggregate  string     `json:"aggregate,omitempty"` // how categories become one score: "mean" or "max"
}

// Level is one step of a scale.
type Level struct {
	Score int    `json:"score" need:"true"`
	Word  string `json:"word" need:"true"`
	Title string `json:"title" need:"true"`
	About string `json:"about,omitempty"`

	// What the level means in numbers, where the profile publishes that: a chance in
	// percent, or a loss in the register's currency. Exports that want numbers state it.
	Percent float64 `json:"percent,omitempty"`
	Money   float64 `json:"money,omitempty"`
}

// Category is one aspect that a scale is judged by, with a text for each score.
type Category struct {
	Name   string   `json:"name" need:"true"`
	Title  string   `json:"title" need:"true"`
	Levels []string `json:"levels" need:"true"` // one a score, from the lowest
}

// Matrix says how two scales become one score.
type Matrix struct {
	Likelihood string `json:"likelihood" need:"true"` // a scale's name
	Impact     string `json:"impact" need:"true"`     // a scale's name
	Score      string `json:"score" need:"true"`      // "product"
	Rounding   string `json:"rounding" need:"true"`   // of fractions, for the rating only: "half_up"
}

// Rating is a band of risk scores.
type Rating struct {
	Word  string `json:"word" need:"true"`
	Title string `json:"title" need:"true"`
	Label string `json:"label,omitempty"`
	From  int    `json:"from" need:"true"`
	To    int    `json:"to" need:"true"`
}

// Tolerance says up to which score a risk need not be treated.
type Tolerance struct {
	Appetites []Appetite `json:"appetites" need:"true"`
	Chosen    string     `json:"chosen" need:"true"`  // the appetite in force
	Ceiling   int        `json:"ceiling" need:"true"` // above it a risk is never tolerable
}

// Appetite is one attitude to risk with the score up to which it tolerates.
type Appetite struct {
	Name  string `json:"name" need:"true"`
	Title string `json:"title" need:"true"`
	UpTo  int    `json:"up_to" need:"true"`
}

// StandardEvents lists the names of the events that records keep, besides
// enter:STAGE and leave:STAGE of their life cycle.
var StandardEvents = []string{
	"opened", "severity", "paused", "resumed", "extended", "message:in", "message:out",
	"fix:available", "mitigated", "released", "published", "closed",
}

// moveEvents are the standard events that nothing but a move's effect produces.
var moveEvents = []string{"released", "published", "closed"}
