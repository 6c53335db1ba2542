package audit

import (
	"context"
	"database/sql"
	"runtime"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/db"
)

// chunkSize is how many places of the log are read at a time: whole tiles.
const chunkSize = 16 * tileWidth

// placed is one place of the log, as the store has it.
type placed struct {
	seq   int64
	at    int64 // the moment that the entry is filed under
	entry Entry
	gone  bool // the place is there, its entry is not
	leaf  tlog.Hash
}

// loaded is one chunk of the log, up to the place to.
type loaded struct {
	to     int64
	places []placed
	leaves map[int64][]byte // stored tiles of leaf hashes
	err    error
}

// load reads the places from from to to-1 and computes their leaves.
func load(ctx context.Context, tx *db.Tx, from, to int64) loaded {
	l := loaded{to: to, leaves: map[int64][]byte{}, places: make([]placed, 0, to-from)}
	l.err = readTiles(ctx, tx, 0, from>>height, (to+tileWidth-1)>>height, func(n int64, b []byte) { l.leaves[n] = b })
	if l.err != nil {
		return l
	}
	l.err = each(ctx, tx, selectSealed, []any{from, to}, func(rows *sql.Rows) error {
		var p placed
		var at int64
		e := &p.entry
		err := rows.Scan(&p.seq, &p.at, &e.ID, &at, &e.Actor, &e.Verb, &e.Subject, &e.Outcome, &e.Profile, &e.Reason, &e.Detail, &e.Salt, &p.gone)
		e.At = micros(at)
		p.leaf = e.leaf()
		l.places = append(l.places, p)
		return err
	})
	return l
}

func readTiles(ctx context.Context, tx *db.Tx, level int, from, to int64, fn func(n int64, hashes []byte)) error {
	return each(ctx, tx, selectTiles, []any{level, from, to}, func(rows *sql.Rows) error {
		var n int64
		var b []byte
		err := rows.Scan(&n, &b)
		fn(n, b[:len(b)/tlog.HashSize*tlog.HashSize])
		return err
	})
}

// ahead reads the chunks of the log in their order, several at a time, each
// reader in a snapshot of its own: what is sealed does not change. next returns
// the next chunk; stop ends the readers.
func (c *check) ahead() (next func() loaded, stop func()) {
	ctx, cancel := context.WithCancel(c.ctx)
	if c.pool == nil {
		from := int64(0)
		return func() loaded {
			l := load(ctx, c.tx, from, min(from+chunkSize, c.log.size))
			from += chunkSize
			return l
		}, cancel
	}
	var wg sync.WaitGroup
	todo, order := make(chan chunk), make(chan chunk, readers())
	wg.Go(func() { c.deal(ctx, todo, order) })
	for range readers() {
		wg.Go(func() { c.reader(ctx, todo) })
	}
	next = func() loaded {
		ch, ok := <-order
		if !ok {
			return loaded{err: ctx.Err()}
		}
		return <-ch.done
	}
	return next, func() { cancel(); wg.Wait() }
}

func readers() int { return min(4, max(2, runtime.NumCPU())) }

// chunk is one piece of work of a reader.
type chunk struct {
	from, to int64
	done     chan loaded
}

func (c *check) deal(ctx context.Context, todo, order chan<- chunk) {
	defer close(order)
	defer close(todo)
	for from := int64(0); from < c.log.size; from += chunkSize {
		ch := chunk{from, min(from+chunkSize, c.log.size), make(chan loaded, 1)}
		select {
		case todo <- ch:
		case <-ctx.Done():
			return
		}
		select {
		case order <- ch:
		case <-ctx.Done():
			return
		}
	}
}

func (c *check) reader(ctx context.Context, todo <-chan chunk) {
	err := c.pool.Read(ctx, func(tx *db.Tx) error {
		for ch := range todo {
			ch.done <- load(ctx, tx, ch.from, ch.to)
		}
		return nil
	})
	for ch := range todo {
		ch.done <- loaded{err: err}
	}
}
