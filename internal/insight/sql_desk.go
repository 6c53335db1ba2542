package insight

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/notice"
)

// desk is the statement of a desk on its way to the store: an arm a kind, each with
// its own order and limit.
type desk struct {
	v    *gate.View
	arms []string
	args []any
	err  error
}

func (d *desk) arg(x any) string {
	d.args = append(d.args, x)
	return "$" + strconv.Itoa(len(d.args))
}

// covered is the condition that the verb covers the row of an alias; ok is false
// where the actor never has the verb.
func (d *desk) covered(verb access.Verb, alias string) (cond string, ok bool) {
	cond, args, err := d.v.Where(verb, alias, len(d.args)+1)
	switch {
	case errors.Is(err, fault.Forbidden):
		return "", false
	case err != nil:
		d.err = err
		return "", false
	case cond == "":
		cond = "1 = 1"
	}
	d.args = append(d.args, args...)
	return cond, true
}

// among is the condition that a column is one of the words.
func (d *desk) among(column string, words []string) string {
	marks := make([]string, len(words))
	for i, w := range words {
		marks[i] = d.arg(w)
	}
	return column + ` in (` + strings.Join(marks, ", ") + `)`
}

// arm adds what a statement of one kind finds.
func (d *desk) arm(columns, rest string, n int) {
	d.arms = append(d.arms, `select a.kind, a.about, a.id, a.title, a.stage, a.severity, a.at, a.due_at, a.due, a.breached, a.owner, a.words, a.version
		from (select `+columns+rest+limit(n)+`) a`)
}

// ofCase are the columns of an arm of cases; at and words are what it says besides.
func ofCase(kind, at, words string) string {
	return `'` + kind + `' as kind, c.id as about, c.id, c.title, c.stage, c.severity, ` + at + ` as at, c.due_at, c.due, c.breached, c.owner, ` + words + ` as words, c.version`
}

const dueFirst = ` order by case when c.due_at = 0 then 1 else 0 end, c.due_at, c.id`

// cases are the arms of what the actor handles, and of what nobody does.
func (d *desk) cases(soon time.Time, assigns bool) {
	cond, ok := d.covered(readCases, "c")
	if !ok {
		return
	}
	me := d.arg(string(d.v.Actor.ID))
	mine, open := `c.owner = `+me, ` and not c.closed and `+cond
	d.arm(ofCase("case", "c.at", "''"), ` from {cases} c where `+mine+open+dueFirst, deskRows)
	whose := mine
	if assigns {
		whose = `(` + mine + ` or c.owner = '')`
	}
	d.arm(ofCase(WaitClock, "c.at", "''"), ` from {cases} c where c.due_at > 0 and c.due_at < `+d.arg(gate.Micros(soon))+` and `+whose+open+` order by c.due_at, c.id`, deskRows)
	d.arm(ofCase(WaitReporter, "m.at", "m.text"), ` from {cases} c join {messages} m on m.id = (select x.id from {messages} x
		where x.subject in (select c.id union all select r.id from {reports} r where r.case_id = c.id) and x.side in ('in', 'out') order by x.at desc, x.id desc limit 1)
		where m.side = 'in' and `+mine+open+` order by m.at, c.id`, deskRows)
	d.arm(ofCase(WaitCause, "c.at", "''"), ` from {cases} c where c.rca = 'todo' and c.closed and `+mine+` and `+cond+` order by c.doc desc`, deskRows)
}

// reports are the arms of the inbox: those that are due first, and how many there are.
func (d *desk) reports(stages []string) {
	in := d.among(`c.stage`, stages)
	d.arm(`'report' as kind, c.id as about, c.id, c.title, c.stage, c.severity, c.at, c.due_at, c.due, c.breached, '' as owner, '' as words, c.version`,
		` from {reports} c where `+in+` order by case when c.due_at = 0 then 1 else 0 end, c.due_at, c.at, c.id`, deskRows)
	d.arm(`'inbox' as kind, '' as about, '' as id, '' as title, '' as stage, '' as severity, coalesce(min(x.at), 0) as at, 0 as due_at, '' as due, false as breached, '' as owner, '' as words, count(*) as version`,
		` from (select c.at from {reports} c where `+in+` order by c.at limit `+strconv.Itoa(MostCounted+1)+`) x`, 1)
}

func (d *desk) advisories(stages []string) {
	d.arm(`'advisory' as kind, c.id as about, c.id, c.title, c.stage, c.severity, c.at, 0 as due_at, '' as due, false as breached, '' as owner, '' as words, c.version`,
		` from {advisories} c where `+d.among(`c.stage`, stages)+` order by c.doc desc`, deskRows)
}

// asked are the arms of what others ask of the actor.
func (d *desk) asked() {
	me := d.arg(string(d.v.Actor.ID))
	if cond, ok := d.covered(readIndicators, "t"); ok {
		d.arm(`'task' as kind, t.id as about, t.guard as id, coalesce(c.title, '') as title, coalesce(k.title, '') as stage, '' as severity, t.at, t.due_at, '' as due, false as breached, t.about as owner, t.kind as words, t.version`,
			` from {tasks} t left join {risks} c on c.id = t.guard left join {kris} k on k.id = t.about where t.state = 'open' and (t.who = `+me+` or t.who = '' and c.owner = `+me+`) and `+cond+
				` order by case when t.due_at = 0 then 1 else 0 end, t.due_at, t.id`, deskRows)
	}
	d.arm(`'mention' as kind, n.id as about, n.subject as id, `+notice.Title+` as title, '' as stage, '' as severity, n.at, 0 as due_at, '' as due, false as breached, n.actor as owner, '' as words, 0 as version`,
		` from {notices} n where n.person = `+me+` and n.read_at = 0 and n.what = 'mention' and `+visible("n.subject")+` order by n.at desc, n.id`, deskRows)
	if cond, ok := d.covered(readMeetings, "m"); ok {
		d.arm(`'meeting' as kind, m.id as about, m.id, '' as title, m.state as stage, '' as severity, m.at, m.next_at as due_at, '' as due, false as breached, '' as owner, '' as words, m.version`,
			` from {meetings} m where `+cond+` order by m.at desc, m.id`, 1)
	}
}

func (d *desk) find() ([]Wait, error) {
	if d.err != nil {
		return nil, d.err
	}
	return gate.All(d.v, func(row func(...any) error) (w Wait, err error) {
		var at, due int64
		err = row(&w.Kind, &w.Of, &w.ID, &w.Title, &w.Stage, &w.Severity, &at, &due, &w.DueWhat, &w.Late, &w.Owner, &w.Words, &w.Version)
		w.At, w.Due = gate.Time(at), gate.Time(due)
		return w, err
	}, strings.Join(d.arms, ` union all `), d.args...)
}
