package kri

import (
	"context"
	"strconv"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// The kinds of tasks that this package leaves; others leave theirs by PutTask.
const (
	TaskValue  = "kri.value"    // a value is due
	TaskRed    = "kri.red"      // an indicator has turned red
	TaskStale  = "kri.stale"    // its newest value says nothing any more
	TaskReview = "review.kri"   // the indicators of a watched risk are to be looked at
	TaskScore  = "review.score" // and its score
)

// The states of a task.
const (
	Opened  = "open"
	Done    = "done"
	Dropped = "dropped" // what it asked for no longer matters
)

// Task is something that the register asks of somebody.
type Task struct {
	ID      ref.ID    `json:"id"`
	Guard   ref.ID    `json:"record"` // that it is about, such as a risk
	Kind    string    `json:"kind"`
	About   ref.ID    `json:"about"`         // what of it, such as an indicator
	Who     ref.ID    `json:"who,omitempty"` // whose it is
	Due     time.Time `json:"due,omitzero"`
	Made    time.Time `json:"made"`
	State   string    `json:"state"`
	Done    time.Time `json:"done,omitzero"`
	DoneBy  ref.ID    `json:"done_by,omitempty"`
	Note    string    `json:"note,omitempty"`
	Version int       `json:"version"`
	Record  string    `json:"record_title,omitempty"`
	Title   string    `json:"title,omitempty"` // of the indicator

	audience string
	counted  bool // it tells of what the house counted over its cases
}

// Late reports whether an open task is past its date.
func (t *Task) Late(now time.Time) bool {
	return t.State == Opened && !t.Due.IsZero() && t.Due.Before(now)
}

// PutTask leaves a task on a record inside an act that holds a verb on it. While one
// of the kind about the same thing is open, there is no second; it reports whether
// there is one more.
func PutTask(tx *gate.Tx, t Task) (bool, error) {
	audience, err := riskAudience(&tx.View, t.Guard)
	if err != nil {
		return false, err
	}
	return putTask(tx, t, audience)
}

func putTask(tx *gate.Tx, t Task, audience string) (bool, error) {
	t.ID = ref.New("task")
	if t.About == "" {
		t.About = t.Guard
	}
	return insertTask(tx, t, audience)
}

// TaskFilter narrows a list of tasks.
type TaskFilter struct {
	Risk   ref.ID
	Who    ref.ID
	Mine   bool   // the reader's own, and those of nobody on risks that are the reader's
	State  string // open, done, dropped; empty is all
	Before time.Time
	Limit  int // 1 to 200; 0 is 50
}

// Tasks lists tasks on records that the reader may see, open ones first, by date.
func (s *KRIs) Tasks(ctx context.Context, f TaskFilter) (out []*Task, err error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	if f.Limit < 1 || f.Limit > MaxPage {
		return nil, fault.At("limit", "a page has 1 to %d rows; ask for that many", MaxPage)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		out, err = f.find(v)
		return err
	})
	return out, err
}

func (f TaskFilter) find(v *gate.View) ([]*Task, error) {
	cond, args, err := v.Where(VerbRead, "t", 1)
	if err != nil {
		return nil, err
	}
	where := []string{"1 = 1"}
	if cond != "" {
		where = append(where, cond)
	}
	add := func(column string, value any) {
		args = append(args, value)
		where = append(where, column+" $"+strconv.Itoa(len(args)))
	}
	if f.Mine {
		args = append(args, string(v.Actor.ID))
		me := "$" + strconv.Itoa(len(args))
		where = append(where, "(t.who = "+me+" or t.who = '' and c.owner = "+me+")")
	}
	if f.Risk != "" {
		add("t.guard =", string(f.Risk))
	}
	if f.Who != "" {
		add("t.who =", string(f.Who))
	}
	if f.State != "" {
		add("t.state =", f.State)
	}
	if !f.Before.IsZero() {
		add("t.due_at > 0 and t.due_at <", gate.Micros(f.Before))
	}
	return tasks(v, where, args, f.Limit)
}

// Done ends a task. A recurring one comes again by its cadence.
func (s *KRIs) Done(ctx context.Context, id ref.ID, note string) error {
	return s.Gate.Act(ctx, VerbRecord, id, func(tx *gate.Tx) error {
		t, err := openTask(&tx.View, id)
		if err != nil {
			return err
		}
		if t.Note, err = thread.Clean("note", note, MaxText); err != nil {
			return err
		}
		t.State, t.Done, t.DoneBy = Done, tx.Now, tx.Actor.ID
		return updateTask(tx, t, gate.Change{Field: "task " + t.Kind, New: Done})
	})
}

func openTask(v *gate.View, id ref.ID) (*Task, error) {
	t, err := task(v, id)
	if err == nil && t.State != Opened {
		err = fault.New(fault.Conflict, "the task has ended already")
	}
	return t, err
}

// Reassign gives a task to somebody who may see its record, or another date; what
// is empty stays.
func (s *KRIs) Reassign(ctx context.Context, id, who ref.ID, due time.Time) error {
	return s.Gate.Act(ctx, VerbEdit, id, func(tx *gate.Tx) error {
		t, err := openTask(&tx.View, id)
		if err != nil {
			return err
		}
		old := gate.Fields(*t)
		if who != "" {
			ok, err := maySee(&tx.View, t.Guard, t.audience, who)
			if err == nil && !ok {
				err = fault.At("who", "there is no such person who may see the record; choose another, or share it with them first")
			}
			if err != nil {
				return err
			}
			t.Who = who
		}
		if !due.IsZero() {
			if !sensible(due) {
				return fault.At("due", "the year %d makes no sense here; use one from 1990 to 2100", due.Year())
			}
			t.Due = due.UTC().Truncate(time.Microsecond)
		}
		return updateTask(tx, t, gate.Diff(old, gate.Fields(*t), "version"))
	})
}
