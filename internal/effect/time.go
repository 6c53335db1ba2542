package effect

import (
	"context"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/bulk"
	"tocsin/internal/evidence"
	"tocsin/internal/gate"
	"tocsin/internal/insight"
	"tocsin/internal/party"
	"tocsin/internal/ref"
)

// Every leaves the job that looks at the clocks, once every interval, and the one
// that cleans up at night, until ctx ends. Replicas may all call it: at most one
// such job waits.
func (e *Effects) Every(ctx context.Context, interval time.Duration) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		_ = e.Due(ctx) // the next round tries again
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Due leaves the jobs that time asks for, where they do not wait already.
func (e *Effects) Due(ctx context.Context) error {
	return e.Gate.Act(access.With(ctx, access.System("clock")), "clock.tick", "", func(tx *gate.Tx) error {
		if err := tx.Later("clock:tick", tx.Now, "tick", struct{}{}); err != nil {
			return err
		}
		if err := tx.Later("register:nightly", e.tonight(tx.Now), "nightly", struct{}{}); err != nil {
			return err
		}
		return tx.Later("house:clean", night(tx.Now), "clean", struct{}{})
	})
}

// nightHour is when the house cleans up, UTC: early in Europe, evening in America,
// and it costs so little that no better hour needs to be set.
const nightHour = 3

// night is the next moment at which the house cleans up.
func night(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	at := time.Date(y, m, d, nightHour, 0, 0, 0, time.UTC)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// cleanBatch is how much one act removes, so that nobody's write waits long for it;
// a content may be 50 MiB, so those go few at a time.
const (
	cleanBatch = 1000
	fileBatch  = 20
)

// clean removes what nothing needs any more: sessions that have ended, failed
// sign-ins that no longer count, contents that never came to be on a record, and
// jobs that were done long ago. What is audited stays.
func (e *Effects) clean(ctx context.Context, _ ref.ID, _ struct{}) error {
	for _, part := range [...]struct {
		forget func(*gate.Tx, int) (int, error)
		batch  int
	}{{party.ForgetSessions, cleanBatch}, {party.ForgetAttempts, cleanBatch}, {evidence.Forget, fileBatch}, {insight.ForgetJobs, cleanBatch}, {bulk.Forget, cleanBatch}} {
		for gone := part.batch; gone == part.batch; {
			if err := e.Gate.Act(ctx, "house.clean", "", func(tx *gate.Tx) (err error) {
				gone, err = part.forget(tx, part.batch)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
