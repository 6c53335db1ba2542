package insight

import (
	"context"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Jobs reads the background work and lets a person try again what was parked.
// Jobs about records that the reader may not see are left out, also of the counts.
type Jobs struct{ Gate *gate.Gate }

// The verbs of jobs.
const (
	VerbJobs  access.Verb = "job.read"
	VerbRetry access.Verb = "job.retry"
)

// Job is one piece of background work.
type Job struct {
	ID      ref.ID    `json:"id"`
	Kind    string    `json:"kind"`
	Subject ref.ID    `json:"subject,omitempty"` // the record that it is about
	State   string    `json:"state"`             // ready, running, done, parked
	Runs    time.Time `json:"runs,omitzero"`     // not before
	Tries   int       `json:"tries"`
	Error   string    `json:"error,omitempty"` // of the last try
	Made    time.Time `json:"made,omitzero"`
	Done    time.Time `json:"done,omitzero"` // or parked, or tried last
}

// JobStates are the states of a job.
var JobStates = []string{"parked", "ready", "running", "done"}

// JobList is one page of jobs.
type JobList struct {
	Jobs   []Job
	Next   string         // marker of the next page
	Counts map[string]int // by state; more than MostCounted is one more
}

// MostCounted is how far jobs are counted.
const MostCounted = 1000

// List returns the jobs in a state, or in any, newest first.
func (s *Jobs) List(ctx context.Context, state string, limit int, after string) (l *JobList, err error) {
	if limit < 1 || limit > 200 {
		return nil, fault.At("limit", "a page has 1 to 200 rows; ask for that many")
	}
	if state != "" && !slices.Contains(JobStates, state) {
		return nil, fault.At("state", "%q is no state of a job", state)
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbJobs, ""); err != nil {
			return err
		}
		l, err = listJobs(v, state, limit, after)
		return err
	})
	return l, err
}

func listJobs(v *gate.View, state string, limit int, after string) (*JobList, error) {
	at, id := int64(1)<<62, ""
	if after != "" {
		if err := v.Place("jobs"+state, after, &at, &id); err != nil {
			return nil, err
		}
	}
	rows, err := jobs(v, state, at, id, limit+1)
	if err != nil {
		return nil, err
	}
	l := &JobList{Jobs: rows}
	if len(rows) > limit {
		last := rows[limit-1]
		l.Jobs, l.Next = rows[:limit], v.Cursor("jobs"+state, gate.Micros(last.Made), last.ID)
	}
	l.Counts, err = countJobs(v)
	return l, err
}

// Retry lets a parked job run again, at once and with all its tries. Whether the
// actor may is asked of the record that the job is about.
func (s *Jobs) Retry(ctx context.Context, id ref.ID) error {
	var about ref.ID
	if err := s.Gate.View(ctx, func(v *gate.View) error {
		return v.AsHouse(func(h *gate.View) (err error) {
			about, err = aboutJob(h, id)
			return err
		})
	}); err != nil {
		return err
	}
	return s.Gate.Act(ctx, VerbRetry, about, func(tx *gate.Tx) error { return retryJob(tx, id) })
}

// doneStays is how long a job that is done stays on the list: long enough to find
// out why somebody was told of something, or was not.
const doneStays = 30 * 24 * time.Hour

// ForgetJobs removes jobs that were done long ago, at most n; it reports how many it
// removed. It runs inside an act of the house. What is parked stays for ever.
func ForgetJobs(tx *gate.Tx, n int) (int, error) {
	gone, err := forgetJobs(tx, gate.Micros(tx.Now.Add(-doneStays)), n)
	return int(gone), err
}
