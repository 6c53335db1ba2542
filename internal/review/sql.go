package review

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// each reads the rows of a query for their effect.
func each(v *gate.View, scan func(row func(...any) error) error, q string, args ...any) error {
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) { return struct{}{}, scan(row) }, q, args...)
	return err
}

// bodies reads what the risks say. An agenda needs it of those alone that are blocked,
// have something overdue, or fell by themselves.
func bodies(v *gate.View, _ string, by map[ref.ID]*facts) error {
	return readBodies(v, by, ``)
}

func urgent(blocked string) filling {
	return func(v *gate.View, _ string, by map[ref.ID]*facts) error {
		return readBodies(v, by, ` where not c.closed and (replace(c.labels, $2, '') <> c.labels or c.due_at > 0 and c.due_at < $1
			or c.review_at > 0 and c.review_at <= $1 and c.events like '%"fell"%')`, gate.Micros(v.Now), " "+blocked+" ")
	}
}

func readBodies(v *gate.View, by map[ref.ID]*facts, where string, args ...any) error {
	return each(v, func(row func(...any) error) error {
		var id ref.ID
		var events, body string
		if err := row(&id, &events, &body); err != nil {
			return err
		}
		f := by[id]
		if f == nil {
			return nil
		}
		if err := json.Unmarshal([]byte(events), &f.events); err != nil {
			return err
		}
		return json.Unmarshal([]byte(body), &f.Body)
	}, `select c.id, c.events, c.body from {risks} c`+where, args...)
}

func courses(v *gate.View, world string, by map[ref.ID]*facts) error {
	return each(v, courseInto(by), `select e.risk, e.at, e.score, e.rating from {evaluations} e where e.world = $1 order by e.at, e.id`, world)
}

func acceptances(v *gate.View, _ string, by map[ref.ID]*facts) error {
	return each(v, func(row func(...any) error) error {
		var id ref.ID
		var state string
		var until int64
		if err := row(&id, &state, &until); err != nil {
			return err
		}
		f := by[id]
		switch {
		case f == nil:
		case state == risk.StateDue:
			f.lapsed = true
		default:
			f.borne = gate.Time(until)
		}
		return nil
	}, `select d.risk, d.state, d.until from {decisions} d where d.kind = $1 and d.state in ($2, $3) order by d.at, d.id`,
		risk.DecideAccept, risk.StateDue, risk.StateActive)
}

// lights reads the indicators in use of each risk. One whose newest value says
// nothing any more is stale, whether or not the house has noticed it yet.
func lights(v *gate.View, _ string, by map[ref.ID]*facts) error {
	return each(v, func(row func(...any) error) error {
		var id ref.ID
		var stale int64
		var l light
		if err := row(&id, &l.id, &l.title, &l.color, &stale); err != nil {
			return err
		}
		if stale > 0 && !gate.Time(stale).After(v.Now) {
			l.color = "stale"
		}
		if f := by[id]; f != nil {
			f.lights = append(f.lights, l)
		}
		return nil
	}, `select x.risk, x.id, x.title, x.light, x.stale_at from (
		select k.guard as risk, k.id, k.title, k.light, k.stale_at from {kris} k where k.state = 'active'
		union all select l.guard, k.id, k.title, k.light, k.stale_at from {kri_risks} l join {kris} k on k.id = l.kri where k.state = 'active'
		) x order by x.risk, x.id`)
}

// looks reads the reviews of each risk and, for those that have none, the meetings.
func looks(v *gate.View, _ string, by map[ref.ID]*facts) error {
	var meetings []time.Time
	err := each(v, func(row func(...any) error) error {
		var id ref.ID
		var at int64
		var outcome, body string
		if err := row(&id, &at, &outcome, &body); err != nil {
			return err
		}
		if id == "" {
			meetings = append(meetings, gate.Time(at))
			return nil
		}
		f := by[id]
		if f == nil {
			return nil
		}
		var b RiskReviewBody
		if err := json.Unmarshal([]byte(body), &b); err != nil {
			return err
		}
		f.looked = append(f.looked, look{gate.Time(at), outcome, b.Reason})
		f.reviews = append(f.reviews, gate.Time(at))
		return nil
	}, `select x.risk, x.at, x.outcome, x.body from (
		select r.guard as risk, r.at, r.outcome, r.body from {risk_reviews} r
		union all select '', m.closed_at, '', '' from {meetings} m where m.state = 'closed') x order by x.at, x.risk`)
	inherit(by, meetings)
	return err
}

// maybe are the conditions without which no rule of a check holds for the open risk
// of a standing n; :limit is the rule's, :now the present moment.
var maybe = map[string]string{
	"above":    `n.score > :limit * 100`,
	"dwell":    `n.above_since > 0 and n.above_since <= cast(:now as bigint) - :limit * cast(86400000000 as bigint)`,
	"worsened": `exists (select 1 from {evaluations} e where e.risk = n.risk and e.world = n.world and e.score < n.score)`,
	"lapsed":   `n.risk in (select d.risk from {decisions} d where d.kind = '` + risk.DecideAccept + `' and d.state = '` + risk.StateDue + `')`,
	"blocked":  `n.risk in (select c.id from {risks} c where c.closed = false and replace(c.labels, ' blocked ', '') <> c.labels)`,
}

// suspects reads the open risks that an escalation rule may hold for, those that
// score highest first, with what the rules look at.
func suspects(v *gate.View, world string, rules []profile.Escalation) ([]*facts, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	var conds []string
	for _, r := range rules {
		conds = append(conds, strings.NewReplacer(":limit", strconv.Itoa(r.Limit), ":now", "$2").Replace(maybe[r.Check]))
	}
	// $2 is used whatever the rules are: both engines want every argument in the text.
	from := ` from {standings} n where n.world = $1 and n.closed = false and cast($2 as bigint) > 0 and (` + strings.Join(conds, " or ") + `)`
	args := []any{world, gate.Micros(v.Now)}
	by := map[ref.ID]*facts{}
	out, err := gate.All(v, func(row func(...any) error) (*facts, error) {
		f, body := &facts{Risk: new(risk.Risk)}, ""
		var raised, score, above int64
		if err := row(&f.ID, &f.Title, &raised, &score, &above, &f.lapsed, &body); err != nil {
			return nil, err
		}
		f.Raised, f.Standing.Score, f.Standing.AboveSince = gate.Time(raised), float64(score)/100, gate.Time(above)
		if score < 0 {
			f.Standing.Score = -1
		}
		by[f.ID] = f
		return f, json.Unmarshal([]byte(body), &f.Body)
	}, `select c.id, c.title, c.at, x.score, x.above_since, exists (select 1 from {decisions} d where d.risk = c.id and d.kind = '`+risk.DecideAccept+`' and d.state = '`+risk.StateDue+`'),
		case when replace(c.labels, ' blocked ', '') <> c.labels then c.body else '{}' end
		from (select n.risk, n.score, n.doc, n.above_since`+from+`) x join {risks} c on c.id = x.risk order by x.score desc, x.doc desc limit `+strconv.Itoa(most), args...)
	if err != nil || len(out) == 0 {
		return out, err
	}
	if err := each(v, courseInto(by), `select e.risk, e.at, e.score, e.rating from {evaluations} e where e.world = $1 and e.risk in (select n.risk`+from+`) order by e.at, e.id`, args...); err != nil {
		return nil, err
	}
	return out, looks(v, world, by)
}

// courseInto puts evaluations into the course of their risk.
func courseInto(by map[ref.ID]*facts) func(row func(...any) error) error {
	return func(row func(...any) error) error {
		var id ref.ID
		var at, score int64
		var d dated
		if err := row(&id, &at, &score, &d.rating); err != nil {
			return err
		}
		if f := by[id]; f != nil {
			d.At, d.Score = gate.Time(at), float64(score)/100
			f.course = append(f.course, d)
		}
		return nil
	}
}

const meetingColumns = `m.id, m.audience, m.at, m.version, m.state, m.from_at, m.closed_at, m.next_at, m.body`

func scanMeeting(row func(...any) error) (*Meeting, error) {
	m, body := new(Meeting), ""
	var at, from, closed, next int64
	if err := row(&m.ID, &m.audience, &at, &m.Version, &m.State, &from, &closed, &next, &body); err != nil {
		return nil, err
	}
	m.At, m.From, m.Closed, m.Next = gate.Time(at), gate.Time(from), gate.Time(closed), gate.Time(next)
	return m, json.Unmarshal([]byte(body), &m.MeetingBody)
}

func getMeeting(v *gate.View, id ref.ID) (*Meeting, error) {
	return gate.One(v, scanMeeting, `select `+meetingColumns+` from {meetings} m where m.id = $1`, string(id))
}

func meetings(v *gate.View, limit int) ([]*Meeting, error) {
	return gate.All(v, scanMeeting, `select `+meetingColumns+` from {meetings} m order by m.at desc, m.id limit `+strconv.Itoa(limit))
}

func insertMeeting(tx *gate.Tx, m *Meeting) error {
	body, err := json.Marshal(m.MeetingBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(m.ID, gate.Change{Field: "opened", New: m.Title}, `insert into {meetings} (id, guard, audience, at, version, state, from_at, closed_at, next_at, body)
		values ($1, $1, $2, $3, 1, $4, $5, 0, 0, $6)`, string(m.ID), m.audience, gate.Micros(m.At), m.State, gate.Micros(m.From), string(body)); err != nil {
		return err
	}
	return passage.Add(tx, m.passage())
}

func updateMeeting(tx *gate.Tx, m *Meeting, what any) error {
	body, err := json.Marshal(m.MeetingBody)
	if err != nil {
		return err
	}
	m.Version++
	if err := tx.Exec(m.ID, what, `update {meetings} set version = $2, state = $3, closed_at = $4, next_at = $5, body = $6 where id = $1 and version = $7`,
		string(m.ID), m.Version, m.State, gate.Micros(m.Closed), gate.Micros(m.Next), string(body), m.Version-1); err != nil {
		return err
	}
	return passage.Put(tx, m.passage())
}

// keepItem keeps what stood on the agenda. It is told by the meeting, without a word
// of the risk.
func keepItem(tx *gate.Tx, meeting ref.ID, world, section, audience string, it Item) error {
	body, err := json.Marshal(it)
	if err != nil {
		return err
	}
	return tx.Exec(meeting, nil, `insert into {meeting_items} (meeting, world, section, guard, audience, body) values ($1, $2, $3, $4, $5, $6)`,
		string(meeting), world, section, string(it.Risk), audience, string(body))
}

// keptItems reads the agenda of a closed meeting by section, in one world.
func keptItems(v *gate.View, meeting ref.ID, world string) (map[string][]Item, error) {
	out := map[string][]Item{}
	err := each(v, func(row func(...any) error) error {
		var section, body string
		var it Item
		if err := row(&section, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &it); err != nil {
			return err
		}
		out[section] = append(out[section], it)
		return nil
	}, `select i.section, i.body from {meeting_items} i where i.meeting = $1 and i.world = $2 order by i.section, i.guard`, string(meeting), world)
	return out, err
}

const pointColumns = `p.id, p.guard, p.meeting, p.kind, p.at, p.author, p.who, p.due_at, p.state, p.done_at, p.version, p.body, coalesce(c.title, ''), p.audience`

func scanPoint(row func(...any) error) (*Point, error) {
	p, body := new(Point), ""
	var at, due, done int64
	if err := row(&p.ID, &p.guard, &p.Meeting, &p.Kind, &at, &p.Author, &p.Who, &due, &p.State, &done, &p.Version, &body, &p.RiskTitle, &p.audience); err != nil {
		return nil, err
	}
	p.At, p.Due, p.Done = gate.Time(at), gate.Time(due), gate.Time(done)
	if p.guard != p.Meeting {
		p.Risk = p.guard
	}
	return p, json.Unmarshal([]byte(body), &p.PointBody)
}

// pointsOf lists the points of a meeting, and the actions of earlier ones that were
// open when it began.
func pointsOf(v *gate.View, m *Meeting) ([]*Point, error) {
	all, err := gate.All(v, scanPoint, `select `+pointColumns+` from {meeting_points} p left join {risks} c on c.id = p.guard
		where p.meeting = $1 or p.kind = 'action' and p.at < $2 and (p.done_at = 0 or p.done_at >= $2) order by p.at, p.id limit 1000`, string(m.ID), gate.Micros(m.At))
	for _, p := range all {
		p.Carried = p.Meeting != m.ID
	}
	return all, err
}

func getPoint(v *gate.View, id ref.ID) (*Point, error) {
	return gate.One(v, scanPoint, `select `+pointColumns+` from {meeting_points} p left join {risks} c on c.id = p.guard where p.id = $1`, string(id))
}

func insertPoint(tx *gate.Tx, p *Point, audience string) error {
	body, err := json.Marshal(p.PointBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(p.guard, gate.Change{Field: p.Kind, New: p.ID}, `insert into {meeting_points} (id, guard, audience, meeting, kind, at, author, who, due_at, state,
		done_at, version, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1, $11)`, string(p.ID), string(p.guard), audience, string(p.Meeting), p.Kind,
		gate.Micros(p.At), string(p.Author), string(p.Who), gate.Micros(p.Due), p.State, string(body)); err != nil {
		return err
	}
	p.audience = audience
	return passage.Add(tx, p.passage())
}

func updatePoint(tx *gate.Tx, p *Point) error {
	body, err := json.Marshal(p.PointBody)
	if err != nil {
		return err
	}
	p.Version++
	if err := tx.Exec(p.guard, gate.Change{Field: p.Kind, New: p.State}, `update {meeting_points} set state = $2, done_at = $3, version = $4, body = $5
		where id = $1 and version = $6`, string(p.ID), p.State, gate.Micros(p.Done), p.Version, string(body), p.Version-1); err != nil {
		return err
	}
	return passage.Put(tx, p.passage())
}

func riskAudience(v *gate.View, id ref.ID) (string, error) {
	return gate.One(v, gate.Value[string], `select c.audience from {risks} c where c.id = $1`, string(id))
}

func atWork(v *gate.View, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active'`, string(who))
	return len(n) > 0, err
}

// names reads how people are called.
func names(v *gate.View) (map[ref.ID]string, error) {
	out := map[ref.ID]string{}
	return out, each(v, func(row func(...any) error) error {
		var id ref.ID
		var name string
		err := row(&id, &name)
		out[id] = name
		return err
	}, `select p.id, p.name from {people} p order by p.id limit 10000`)
}

func insertReview(tx *gate.Tx, r *RiskReview, audience string) error {
	body, err := json.Marshal(r.RiskReviewBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(r.Risk, gate.Change{Field: "reviewed", New: r.Outcome}, `insert into {risk_reviews} (id, guard, audience, at, outcome, meeting, author, next_at, body)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, string(r.ID), string(r.Risk), audience, gate.Micros(r.At), r.Outcome, string(r.Meeting),
		string(r.Author), gate.Micros(r.Next), string(body)); err != nil {
		return err
	}
	r.audience = audience
	return passage.Add(tx, r.passage())
}

const reviewColumns = `r.id, r.guard, r.audience, r.at, r.outcome, r.meeting, r.author, r.next_at, r.body`

func scanReview(row func(...any) error) (*RiskReview, error) {
	r, body := new(RiskReview), ""
	var at, next int64
	if err := row(&r.ID, &r.Risk, &r.audience, &at, &r.Outcome, &r.Meeting, &r.Author, &next, &body); err != nil {
		return nil, err
	}
	r.At, r.Next = gate.Time(at), gate.Time(next)
	return r, json.Unmarshal([]byte(body), &r.RiskReviewBody)
}

func reviewsOf(v *gate.View, id ref.ID) ([]*RiskReview, error) {
	return gate.All(v, scanReview, `select `+reviewColumns+` from {risk_reviews} r where r.guard = $1 order by r.at, r.id limit 500`, string(id))
}

// judgedSince reports whether a person scored the risk after a moment.
func judgedSince(v *gate.View, id ref.ID, at time.Time) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {evaluations} e where e.risk = $1 and e.world = $2 and e.at > $3 limit 1`,
		string(id), risk.WorldBase, gate.Micros(at))
	return len(n) > 0, err
}

// courseOf reads the course of one risk's score in a world.
func courseOf(v *gate.View, id ref.ID, world string) (*facts, error) {
	f := &facts{}
	return f, each(v, func(row func(...any) error) error {
		var at, score int64
		var d dated
		if err := row(&at, &score, &d.rating); err != nil {
			return err
		}
		d.At, d.Score = gate.Time(at), float64(score)/100
		f.course = append(f.course, d)
		return nil
	}, `select e.at, e.score, e.rating from {evaluations} e where e.risk = $1 and e.world = $2 order by e.at, e.id`, string(id), world)
}

const candidateColumns = `k.id, k.at, k.department, k.period, k.risk, k.author, k.ended_at, k.state, k.approved, k.body, coalesce(c.title, ''), k.audience`

func scanCandidate(row func(...any) error, more ...any) (*Candidate, error) {
	k, body := new(Candidate), ""
	var at, ended int64
	if err := row(append([]any{&k.ID, &at, &k.Department, &k.Period, &k.Risk, &k.Author, &ended, &k.State, &k.approved, &body, &k.RiskTitle, &k.audience}, more...)...); err != nil {
		return nil, err
	}
	k.At, k.Ended = gate.Time(at), gate.Time(ended)
	if err := json.Unmarshal([]byte(body), &k.CandidateBody); err != nil {
		return nil, err
	}
	k.stand()
	return k, nil
}

func candidateRow(row func(...any) error) (*Candidate, error) { return scanCandidate(row) }

// candidatesOf lists what was chosen and may be seen, newest first.
func candidatesOf(v *gate.View) ([]*Candidate, error) {
	return gate.All(v, candidateRow, `select `+candidateColumns+` from {candidates} k left join {risks} c on c.id = k.risk order by k.at desc, k.id limit 1000`)
}

func getCandidate(v *gate.View, id ref.ID) (*Candidate, error) {
	return gate.One(v, candidateRow, `select `+candidateColumns+` from {candidates} k left join {risks} c on c.id = k.risk where k.id = $1`, string(id))
}

func insertCandidate(tx *gate.Tx, k *Candidate, audience string) error {
	body, err := json.Marshal(k.CandidateBody)
	if err != nil {
		return err
	}
	guard := k.guard()
	if err := tx.Exec(guard, gate.Change{Field: "candidate", New: k.Department + " " + k.Period}, `insert into {candidates} (id, guard, audience, at, department, period, risk,
		author, ended_at, state, body) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $10, $9)`, string(k.ID), string(guard), audience, gate.Micros(k.At), k.Department, k.Period,
		string(k.Risk), string(k.Author), string(body), k.State); err != nil {
		return err
	}
	k.audience = audience
	return passage.Add(tx, k.passage())
}

// answerCandidate keeps somebody's word on a choice that stands where the actor saw it.
func answerCandidate(tx *gate.Tx, k *Candidate, was string) error {
	body, err := json.Marshal(k.CandidateBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(k.guard(), gate.Change{Field: "candidate " + k.Department + " " + k.Period, Old: was, New: k.State}, `update {candidates} set state = $2, approved = $3,
		body = $4 where id = $1 and ended_at = 0`, string(k.ID), k.State, k.approved, string(body)); err != nil {
		return err
	}
	return passage.Put(tx, k.passage())
}

// waitingCandidates lists the choices that wait for a word, the oldest first.
// Each comes with the level of management that the actor has.
func waitingCandidates(v *gate.View, n int) (ks []*Candidate, level string, err error) {
	ks, err = gate.All(v, func(row func(...any) error) (*Candidate, error) { return scanCandidate(row, &level) }, `select `+candidateColumns+`, `+risk.LevelOf(2)+` from {candidates} k left join {risks} c on c.id = k.risk where k.ended_at = 0
		and (k.state = 'candidate' or k.state = 'approved' and k.approved <> coalesce(c.title, '')) order by k.at, k.id limit $1`, n, string(v.Actor.ID))
	return ks, level, err
}

func endCandidate(tx *gate.Tx, k *Candidate) error {
	body, err := json.Marshal(k.CandidateBody)
	if err != nil {
		return err
	}
	if err := tx.Exec(k.guard(), gate.Change{Field: "candidate", Old: k.Department + " " + k.Period}, `update {candidates} set ended_at = $2, body = $3
		where id = $1 and ended_at = 0`, string(k.ID), gate.Micros(k.Ended), string(body)); err != nil {
		return err
	}
	return passage.Put(tx, k.passage())
}

// askedFor tells on which records a task of the kind about something was ever left.
func askedFor(v *gate.View, kind, about string) (map[ref.ID]bool, error) {
	out := map[ref.ID]bool{}
	return out, each(v, func(row func(...any) error) error {
		var id ref.ID
		err := row(&id)
		out[id] = true
		return err
	}, `select t.guard from {tasks} t where t.kind = $1 and t.about = $2`, kind, about)
}

// Passages are what reviews put into the search, by their tables.
var Passages = []passage.Source{
	passage.From("meetings", scanMeeting, (*Meeting).passage, `select `+meetingColumns+` from {meetings} m where m.id > $1 order by m.id limit $2`),
	passage.From("meeting_points", scanPoint, (*Point).passage, `select `+pointColumns+` from {meeting_points} p left join {risks} c on c.id = p.guard
		where p.id > $1 order by p.id limit $2`),
	passage.From("risk_reviews", scanReview, (*RiskReview).passage, `select `+reviewColumns+` from {risk_reviews} r where r.id > $1 order by r.id limit $2`),
	passage.From("candidates", candidateRow, (*Candidate).passage, `select `+candidateColumns+` from {candidates} k left join {risks} c on c.id = k.risk
		where k.id > $1 order by k.id limit $2`),
}
