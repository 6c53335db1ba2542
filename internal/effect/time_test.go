package effect_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

func put(t *testing.T, h *rig.House, q string, args ...any) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAtNightGoesWhatNothingNeeds(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		id, err := h.Cases.Open(ana, casework.Opening{Title: "Export can be read"})
		if err != nil {
			t.Fatal(err)
		}
		var attached ref.ID
		store := func(text string) {
			t.Helper()
			c, err := h.Files.Store(t.Context(), strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if text == "attached" {
				f, err := h.Cases.Attach(ana, id, "proof.txt", c, false)
				if err != nil {
					t.Fatal(err)
				}
				attached = f.ID
			}
		}
		store("attached")
		store("left alone")
		store("left alone, and sent again")
		drain(t, h)
		const session = `insert into sessions (hash, person, made_at, seen_at, until, agent) values ($1, 'person-ana', 0, 0, $2, '')`
		const attempt = `insert into attempts (id, failed, first_at, last_at) values ($1, 3, 0, $2)`
		const job = `insert into jobs (id, kind, args, state, run_at, tries, lease_until, worker, last_error, made_at, done_at) values ($1, 'x', '{}', $2, $3, 1, 0, '', '', 0, $3)`
		then := h.Clock()
		put(t, h, job, "job-done-long-ago", "done", then.UnixMicro())
		put(t, h, job, "job-parked-long-ago", "parked", then.UnixMicro())
		h.Pass(31 * 24 * time.Hour)
		store("left alone, and sent again")
		store("new")
		now := h.Clock()
		put(t, h, session, "ended", now.UnixMicro())
		put(t, h, session, "open", now.Add(36*time.Hour).UnixMicro())
		put(t, h, attempt, "old", now.UnixMicro())
		put(t, h, attempt, "fresh", now.Add(36*time.Hour).UnixMicro())
		put(t, h, job, "job-done-lately", "done", now.UnixMicro())
		for range 3 { // it waits once, however often it is asked for
			if err := h.Effects.Due(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := rig.Count(t, h.DB, "jobs where kind = 'house:clean' and state = 'ready'"); n != 1 {
			t.Fatalf("%d jobs wait for the night, want 1", n)
		}
		audited := rig.Count(t, h.DB, "audit where verb <> 'house.clean'")
		h.Pass(23*time.Hour + 30*time.Minute)
		drain(t, h)
		for what, want := range map[string]int{
			"jobs where kind = 'house:clean' and state = 'done'": 1,
			"sessions where hash = 'ended'":                      0, "sessions where hash = 'open'": 1,
			"attempts where id = 'old'": 0, "attempts where id = 'fresh'": 1,
			"blobs": 3, "stored": 3, "files": 1, // what is attached, what was sent again, what is new
			"jobs where id = 'job-done-long-ago'": 0, "jobs where id = 'job-parked-long-ago'": 1, "jobs where id = 'job-done-lately'": 1,
		} {
			if have := rig.Count(t, h.DB, what); have != want {
				t.Errorf("%s: %d rows, want %d", what, have, want)
			}
		}
		if have := rig.Count(t, h.DB, "audit where verb <> 'house.clean'"); have < audited {
			t.Errorf("%d entries of the audit log of %d are left", have, audited)
		}
		if _, body, err := h.Files.Open(ana, attached, false); err != nil || string(body) != "attached" {
			t.Errorf("the file on the case reads %q, %v", body, err)
		}
	})
}
