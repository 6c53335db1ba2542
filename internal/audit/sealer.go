package audit

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Sealer gives new entries their place in the log. Every replica runs one; the
// store decides whose batch counts, and the others find nothing left to do.
type Sealer struct {
	DB    *db.DB
	Key   seal.Key
	Now   func() time.Time
	Dir   string        // where a signed checkpoint is kept once a minute; empty is nowhere
	Batch int           // entries in one transaction; 0 means 4,000
	Every time.Duration // how often to look; 0 means 250 ms
	Log   *slog.Logger  // nil is the default one

	signer note.Signer
	origin string
}

// Open makes the log where the store has none yet, and checks that the key is
// the one that the log was begun with. Step and Run do it by themselves; a start
// calls it so that a wrong key stops it with a sentence.
func (s *Sealer) Open(ctx context.Context) error {
	if s.signer != nil {
		return nil
	}
	l, err := readLog(ctx, s.DB)
	if errors.Is(err, fault.NotFound) {
		l, err = s.begin(ctx)
	}
	if err != nil {
		return err
	}
	signer, public, err := s.Key.Signer(l.origin)
	if err != nil {
		return err
	}
	if public != l.public {
		return fault.New(fault.Conflict, "the audit log of this store was begun with another key; start with the key file that was made with the store (--key-file), the same for every replica")
	}
	s.signer, s.origin = signer, l.origin
	return nil
}

// begin names the log and signs it while it is empty.
func (s *Sealer) begin(ctx context.Context) (logRow, error) {
	origin := "tocsin/" + strings.ToLower(strings.TrimPrefix(string(ref.New("store")), "store-"))
	_, public, err := s.Key.Signer(origin)
	if err != nil {
		return logRow{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, insertLog, origin, public)
		return err
	})
	if err != nil {
		return logRow{}, err
	}
	return readLog(ctx, s.DB) // of whoever was first
}

// Step seals all entries that wait and returns how many it sealed. Where none
// wait it writes nothing.
func (s *Sealer) Step(ctx context.Context) (sealed int, err error) {
	careful := false
	for {
		n, more, err := s.batch(ctx, careful)
		sealed += n
		if errors.Is(err, fault.Conflict) && !careful && s.signer != nil {
			careful = true // another sealer was faster, or an entry has its place already: look again
			continue
		}
		if err != nil || !more {
			return sealed, err
		}
	}
}

// batch seals one batch. What can be read and computed before is, so that the
// transaction itself is short: on SQLite everybody else's writes wait for it.
func (s *Sealer) batch(ctx context.Context, careful bool) (n int, more bool, err error) {
	if err := s.Open(ctx); err != nil {
		return 0, false, err
	}
	b := batch{limit: s.Batch, careful: careful}
	if b.limit == 0 {
		b.limit = 4000
	}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error { return b.read(ctx, tx) }); err != nil || b.seen == 0 {
		return 0, false, err
	}
	b.grow()
	signed, err := Checkpoint{s.origin, b.tree.size, b.tree.root()}.sign(s.signer)
	if err != nil {
		return 0, false, err
	}
	late := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		grown, err := tx.Exec(ctx, growLog, b.size, b.tree.size)
		if late = grown == 0; late || err != nil {
			return err
		}
		return b.write(ctx, tx, signed, s.Now())
	})
	if err != nil || late {
		return 0, false, err
	}
	return len(b.entries), b.seen == b.limit, nil
}

// batch is what one transaction adds to the log.
type batch struct {
	limit   int
	careful bool    // an entry of the queue may be sealed already
	size    int64   // of the log before
	entries []Entry // in the order of their moments, then of their IDs
	seen    int     // rows of the queue that were read, sealed ones included
	last    Entry   // the last of them
	tree    *tree
	tiles   map[tile][]byte // to be written
}

func (b *batch) read(ctx context.Context, tx *db.Tx) error {
	err := each(ctx, tx, selectWaiting, []any{b.limit}, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		b.entries = append(b.entries, e)
		return err
	})
	if b.seen = len(b.entries); err != nil || b.seen == 0 {
		return err
	}
	b.last = b.entries[b.seen-1]
	if b.careful {
		if err := b.skipSealed(ctx, tx); err != nil {
			return err
		}
	}
	l, err := logIn(ctx, tx)
	if err != nil {
		return err
	}
	b.size = l.size
	b.tree, err = loadTree(ctx, tx, l.size)
	return err
}

// skipSealed drops what has a place already. Only a store whose rows were copied
// from another has such entries in its queue.
func (b *batch) skipSealed(ctx context.Context, tx *db.Tx) error {
	fresh := b.entries[:0]
	for _, e := range b.entries {
		var seq int64
		sealed, err := one(ctx, tx, findSealed, []any{e.At.UnixMicro(), string(e.ID)}, &seq)
		if err != nil {
			return err
		}
		if !sealed {
			fresh = append(fresh, e)
		}
	}
	b.entries = fresh
	return nil
}

// grow adds the leaves to the tree and notes which tiles that changes.
func (b *batch) grow() {
	b.tiles = map[tile][]byte{}
	for _, e := range b.entries {
		b.tree.add(e.leaf(), func(level int, n int64, _ tlog.Hash, full []byte) {
			if full != nil {
				full = append([]byte(nil), full...)
			}
			b.tiles[tile{level, n >> height}] = full
		})
	}
	for at := range edgeOf(b.tree.size) {
		if _, changed := b.tiles[at]; changed {
			b.tiles[at] = b.tree.edge[at.level]
		}
	}
}

func (b *batch) write(ctx context.Context, tx *db.Tx, signed string, now time.Time) error {
	if err := b.writeSeals(ctx, tx); err != nil {
		return err
	}
	for at, hashes := range b.tiles {
		if _, err := tx.Exec(ctx, upsertTile, at.level, at.n, hashes); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, deleteWaiting, b.last.At.UnixMicro(), string(b.last.ID)); err != nil || len(b.entries) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, deleteCheckpoints, now.Truncate(time.Hour).UnixMicro()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, insertCheckpoint, b.tree.size, now.UnixMicro(), signed)
	return err
}

// writeSeals inserts in powers of two rows, so that few texts are prepared.
func (b *batch) writeSeals(ctx context.Context, tx *db.Tx) error {
	seq, left := b.size, b.entries
	for n := 512; n > 0; n /= 2 {
		for len(left) >= n {
			args := make([]any, 0, 3*n)
			for _, e := range left[:n] {
				args = append(args, seq, e.At.UnixMicro(), string(e.ID))
				seq++
			}
			if _, err := tx.Exec(ctx, insertSeals(n), args...); err != nil {
				return err
			}
			left = left[n:]
		}
	}
	return nil
}
