package api

import (
	"context"
	"time"

	"tocsin/internal/house"
	"tocsin/internal/hygiene"
	"tocsin/internal/review"
	"tocsin/internal/risk"
)

// reviewRoutes are the rows about how the register is looked at: meetings, reviews of
// single risks, what leaders choose, saved filters, and hygiene.
var reviewRoutes = []Route{
	{"meeting.list", "GET", "/meetings", review.VerbRead, "Meetings, the newest first", read(listMeetings)},
	{"meeting.open", "POST", "/meetings", review.VerbHold, "Open a meeting; its agenda comes of rules", create(openMeeting)},
	{"meeting.preview", "GET", "/meeting-preview", review.VerbRead, "What the agenda would be now", read(previewMeeting)},
	{"meeting.read", "GET", "/meetings/{id}", review.VerbRead, "One meeting: agenda, attendance, minutes, decisions and actions", read(readMeeting)},
	{"meeting.minutes", "PUT", "/meetings/{id}/minutes", review.VerbHold, "Write minutes and attendance", change(minuteMeeting)},
	{"meeting.decide", "POST", "/meetings/{id}/decisions", review.VerbHold, "Record a decision, on a risk or on the register", create(decideMeeting)},
	{"meeting.ask", "POST", "/meetings/{id}/actions", review.VerbHold, "Record an action with its owner and its day", create(askMeeting)},
	{"meeting.close", "POST", "/meetings/{id}/closure", review.VerbClose, "Close a meeting: its agenda is kept as it is, and the next is planned", respond(closeMeeting)},
	{"meeting.packs", "GET", "/meetings/{id}/packs", review.VerbRead, "The pack of a meeting in both forms, with their hashes and signatures and the key that checks them", read(packFiles)},
	{"meeting.pack", "GET", "/meetings/{id}/pack", review.VerbRead, "The pack of a meeting as a file, or its signature; always a download", saved(packed)},
	{"quarter.packs", "GET", "/meeting-quarter", review.VerbRead, "The quarter's report of the top risks in both forms, with their hashes and signatures", read(quarterFiles)},
	{"quarter.pack", "GET", "/meeting-quarter/pack", review.VerbRead, "The quarter's report as a file, or its signature; always a download", saved(quartered)},
	{"meeting.finish", "POST", "/points/{id}/end", review.VerbRead, "End an action: done, or dropped with the reason", change(finishPoint)},
	{"risk.review", "POST", "/risks/{id}/reviews", review.VerbReview, "Record a review of a risk, with what came of it and the next", change(reviewRisk)},
	{"risk.reviews", "GET", "/risks/{id}/reviews", risk.VerbRead, "The reviews of a risk, the newest first", read(reviewsOfRisk)},
	{"risk.escalations", "GET", "/risk-escalations", risk.VerbRead, "Risks for which an escalation rule holds", read(escalations)},
	{"risk.figures", "GET", "/risk-figures", review.VerbRead, "Ageing, velocity and concentration of the register, each number with the risks behind it", read(figures)},
	{"strategy.read", "GET", "/strategy", risk.VerbRead, "The candidates of each department for a period, ranked", read(readStrategy)},
	{"strategy.choose", "POST", "/strategy", review.VerbChoose, "Commit to a candidate for a period", create(chooseStrategy)},
	{"strategy.withdraw", "POST", "/candidates/{id}/withdrawal", review.VerbChoose, "Take a choice back, with the reason", change(withdrawStrategy)},
	{"strategy.answer", "POST", "/candidates/{id}/answer", review.VerbApprove, "Approve a choice exactly as it is, or send it back with the reason", change(answerStrategy)},
	{"hygiene.check", "GET", "/risk-hygiene", hygiene.VerbRun, "What the profile's policies ask for, and what a run would do: nothing is done", read(checkHygiene)},
	{"hygiene.run", "POST", "/risk-hygiene", hygiene.VerbRun, "Run the policies: labels, notes and escalations", respond(runHygiene)},
}

func listMeetings(ctx context.Context, h *house.House, _ struct{}) (*Page[*review.Meeting], error) {
	out, err := h.Reviews.List(ctx)
	return listOf(out, same[*review.Meeting]), err
}

func openMeeting(ctx context.Context, h *house.House, in struct{ Body review.Opening }) (*Made, error) {
	id, err := h.Reviews.Open(ctx, in.Body)
	return &Made{id, "/meetings/" + string(id)}, err
}

// Meeting is one meeting with its agenda and all that was recorded.
type Meeting struct{ *review.Full }

func (m *Meeting) rowVersion() int { return m.Version }

func previewMeeting(ctx context.Context, h *house.House, _ struct{}) (*review.Full, error) {
	return h.Reviews.Preview(ctx)
}

func readMeeting(ctx context.Context, h *house.House, in record) (*Meeting, error) {
	f, err := h.Reviews.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &Meeting{f}, nil
}

func minuteMeeting(ctx context.Context, h *house.House, in struct {
	record
	Body review.Minutes
}) error {
	return h.Reviews.Record(ctx, in.ID, in.Body)
}

func decideMeeting(ctx context.Context, h *house.House, in struct {
	record
	Body review.Deciding
}) (*Made, error) {
	id, err := h.Reviews.Decide(ctx, in.ID, in.Body)
	return &Made{id, "/meetings/" + string(in.ID)}, err
}

func askMeeting(ctx context.Context, h *house.House, in struct {
	record
	Body review.Asking
}) (*Made, error) {
	id, err := h.Reviews.Ask(ctx, in.ID, in.Body)
	return &Made{id, "/meetings/" + string(in.ID)}, err
}

// Closing is the end of a meeting.
type Closing struct {
	Version int `json:"version,omitempty"` // of the row that was seen
}

// Planned is when the next one is.
type Planned struct {
	Next time.Time `json:"next"`
}

func closeMeeting(ctx context.Context, h *house.House, in struct {
	record
	Body Closing
}) (*Planned, error) {
	next, err := h.Reviews.Close(ctx, in.ID, in.Body.Version)
	return &Planned{next}, err
}

func finishPoint(ctx context.Context, h *house.House, in struct {
	record
	Body review.Ending
}) error {
	return h.Reviews.Finish(ctx, in.ID, in.Body)
}

func reviewRisk(ctx context.Context, h *house.House, in struct {
	record
	Body review.Reviewing
}) error {
	return h.Reviews.Review(ctx, in.ID, in.Body)
}

func reviewsOfRisk(ctx context.Context, h *house.House, in record) (*Page[*review.RiskReview], error) {
	out, err := h.Reviews.ReviewsOf(ctx, in.ID)
	return listOf(out, same[*review.RiskReview]), err
}

func escalations(ctx context.Context, h *house.House, _ struct{}) (*Page[review.Hit], error) {
	out, err := h.Reviews.Escalations(ctx)
	return listOf(out, same[review.Hit]), err
}

func figures(ctx context.Context, h *house.House, _ struct{}) (*review.Figures, error) {
	return h.Reviews.Figures(ctx)
}

func readStrategy(ctx context.Context, h *house.House, in struct {
	Period string `query:"period" doc:"2027, or 2027 Q1; this year where it is not given."`
}) (*Page[review.Department], error) {
	if in.Period == "" {
		in.Period = h.Now().UTC().Format("2006")
	}
	out, err := h.Reviews.Strategy(ctx, in.Period)
	return listOf(out, same[review.Department]), err
}

func chooseStrategy(ctx context.Context, h *house.House, in struct{ Body review.Choice }) (*Made, error) {
	id, err := h.Reviews.Choose(ctx, in.Body)
	return &Made{id, "/strategy"}, gone(err)
}

func withdrawStrategy(ctx context.Context, h *house.House, in struct {
	record
	Body Reason
}) error {
	return h.Reviews.Withdraw(ctx, in.ID, in.Body.Reason)
}

func answerStrategy(ctx context.Context, h *house.House, in struct {
	record
	Body review.Answer
}) error {
	return h.Reviews.Answer(ctx, in.ID, in.Body)
}

func checkHygiene(ctx context.Context, h *house.House, _ struct{}) (*Page[hygiene.Finding], error) {
	out, err := h.Hygiene.Run(ctx, true)
	return listOf(out, same[hygiene.Finding]), err
}

// Nothing is a body that says nothing more.
type Nothing struct{}

func runHygiene(ctx context.Context, h *house.House, _ struct{ Body Nothing }) (*Page[hygiene.Finding], error) {
	out, err := h.Hygiene.Run(ctx, false)
	return listOf(out, same[hygiene.Finding]), err
}
