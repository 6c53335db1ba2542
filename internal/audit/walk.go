package audit

import (
	"bytes"
	"database/sql"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/ref"
)

// levels reads the stored hashes above the leaves; they are few.
func (c *check) levels() error {
	c.stored = [][]byte{nil}
	for level := 1; c.log.size>>(level*height) > 0; level++ {
		var all []byte
		err := c.tiles(level, 0, c.log.size, func(n int64, b []byte) {
			if int64(len(all)) == n*tileBytes {
				all = append(all, b...)
			}
		})
		if err != nil {
			return err
		}
		c.stored = append(c.stored, all)
	}
	return nil
}

func (c *check) tiles(level int, from, to int64, fn func(n int64, hashes []byte)) error {
	return readTiles(c.ctx, c.tx, level, from, to, fn)
}

// walk computes the log anew, in its order, until something does not fit.
func (c *check) walk() error {
	c.compare()
	next, stop := c.ahead()
	defer stop()
	for c.tree.size < c.log.size && c.broken == nil {
		l := next()
		if l.err != nil {
			return l.err
		}
		if err := c.chunk(l); err != nil {
			return err
		}
		if c.opts.Progress != nil {
			c.opts.Progress(c.tree.size, c.log.size)
		}
	}
	return nil
}

// chunk walks over the places of one chunk.
func (c *check) chunk(l loaded) error {
	for _, p := range l.places {
		at := c.tree.size
		stored, ok := leafAt(l.leaves, at)
		switch {
		case p.seq != at:
			return c.lost(at, "", stored)
		case p.gone:
			return c.lost(at, p.entry.ID, stored)
		case !ok:
			c.broken = &Finding{Kind: Hashes, Entry: p.entry.ID, From: at, To: at, Says: fmt.Sprintf("the log has no hash of place %d, where %s stands", at, p.entry.ID)}
			return nil
		case p.leaf != stored:
			return c.other(p, stored)
		case p.at != p.entry.At.UnixMicro():
			c.broken = &Finding{Kind: Edited, Entry: p.entry.ID, From: at, To: at, Says: fmt.Sprintf("entry %s (place %d) is filed under another moment than its own", p.entry.ID, at)}
			return nil
		case p.entry.IsErased() && !p.entry.emptied():
			c.broken = &Finding{Kind: Edited, Entry: p.entry.ID, From: at, To: at, Says: fmt.Sprintf("entry %s (place %d) was edited: it is marked as erased, but says something", p.entry.ID, at)}
			return nil
		}
		c.take(p)
		if c.broken != nil {
			return nil
		}
	}
	if c.tree.size < l.to {
		stored, _ := leafAt(l.leaves, c.tree.size)
		return c.lost(c.tree.size, "", stored)
	}
	return nil
}

func leafAt(leaves map[int64][]byte, at int64) (h tlog.Hash, ok bool) {
	b, i := leaves[at>>height], at%tileWidth
	if int64(len(b)) < (i+1)*tlog.HashSize {
		return h, false
	}
	return tlog.Hash(b[i*tlog.HashSize : (i+1)*tlog.HashSize]), true
}

// take adds a leaf that fits, and compares what it completes.
func (c *check) take(p placed) {
	if p.entry.IsErased() {
		c.erasures[p.entry.ID] = p.seq
	}
	c.tree.add(p.leaf, func(level int, n int64, h tlog.Hash, _ []byte) {
		if level == 0 || c.broken != nil {
			return
		}
		stored := c.stored[level]
		if end := (n + 1) * tlog.HashSize; int64(len(stored)) >= end && bytes.Equal(stored[end-tlog.HashSize:end], h[:]) {
			return
		}
		from, to := n<<(level*height), (n+1)<<(level*height)-1
		c.broken = &Finding{Kind: Hashes, From: from, To: to, Says: fmt.Sprintf("the entries at places %d to %d do not add up to the hash that the log keeps of them: one was changed together with its own hash, or that hash was", from, to)}
	})
	c.compare()
}

// compare holds the tree as computed so far against what was signed at its size.
func (c *check) compare() {
	for len(c.marks) > 0 && c.marks[0].Size <= c.tree.size {
		m := c.marks[0]
		c.marks = c.marks[1:]
		if m.Root != c.tree.root() {
			if m.from = c.good; m.name != "" {
				m.from = c.goodKept // the store's own may be those of the other log
			}
			c.torn = append(c.torn, m)
			continue
		}
		c.good = m.Size
		if m.name != "" {
			c.goodKept = m.Size
			c.report.Kept++
			continue
		}
		c.report.Checkpoints++
		c.whole = m.Size == c.log.size
	}
}

// lost reports that the entry of a place is gone; id is empty where the place is
// gone as well. It looks whether the entry itself is still in the store.
func (c *check) lost(at int64, id ref.ID, stored tlog.Hash) error {
	if id == "" {
		if err := c.look(func() (err error) { id, err = c.find(stored); return err }); err != nil {
			return err
		}
	}
	c.broken = &Finding{Kind: Missing, Entry: id, From: at, To: at, Says: fmt.Sprintf("entry %s (place %d) is missing", id, at)}
	if id == "" {
		c.broken.Says = fmt.Sprintf("the entry at place %d is missing", at)
	}
	return nil
}

// other finds out what happened at a place whose entry is not the one that was
// sealed there.
func (c *check) other(p placed, stored tlog.Hash) error {
	var rightful ref.ID
	var elsewhere int64
	err := c.look(func() (err error) { rightful, err = c.find(stored); return err },
		func() (err error) { elsewhere, err = c.place(p.leaf); return err })
	if err != nil {
		return err
	}
	f := Finding{Entry: p.entry.ID, From: p.seq, To: p.seq}
	switch {
	case rightful != "" && elsewhere >= 0:
		f.Kind, f.Says = Reordered, fmt.Sprintf("entry %s stands at place %d, but was sealed at place %d; %s belongs here", p.entry.ID, p.seq, elsewhere, rightful)
	case rightful != "":
		f.Kind, f.Says = Added, fmt.Sprintf("entry %s stands at place %d, but was never sealed; %s belongs here", p.entry.ID, p.seq, rightful)
	case elsewhere >= 0:
		f.Kind, f.Entry, f.Says = Missing, "", fmt.Sprintf("the entry at place %d is missing; %s stands there, which was sealed at place %d", p.seq, p.entry.ID, elsewhere)
	default:
		f.Kind, f.Says = Edited, fmt.Sprintf("entry %s (place %d) of %s was edited: it is not what was sealed", p.entry.ID, p.seq, p.entry.At.Format(time.RFC3339))
	}
	c.broken = &f
	return nil
}

// find looks through all entries for the one with the leaf hash.
func (c *check) find(leaf tlog.Hash) (id ref.ID, err error) {
	err = each(c.ctx, c.tx, everyEntry, nil, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		if err == nil && id == "" && e.leaf() == leaf {
			id = e.ID
		}
		return err
	})
	return id, err
}

// place looks through the stored leaf hashes for one; -1 is nowhere.
func (c *check) place(leaf tlog.Hash) (at int64, err error) {
	at = -1
	err = c.tiles(0, 0, c.log.size, func(n int64, b []byte) {
		for i := 0; at < 0 && i < len(b); i += tlog.HashSize {
			if bytes.Equal(b[i:i+tlog.HashSize], leaf[:]) {
				at = n<<height + int64(i/tlog.HashSize)
			}
		}
	})
	return at, err
}
