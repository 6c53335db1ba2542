package audit

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Options say what Verify holds the log against.
type Options struct {
	Public   string // the key that must have signed; empty takes the store's own word for it
	Kept     []Kept // signed checkpoints that were kept elsewhere
	Progress func(done, all int64)
}

// Kept is a signed checkpoint that was kept outside of the store.
type Kept struct {
	Name string // for people: the file's name
	Note []byte
}

// Kind says what is wrong.
type Kind string

// What can be wrong with a log.
const (
	Edited     Kind = "edited"     // an entry is not what was sealed
	Missing    Kind = "missing"    // an entry is gone
	Reordered  Kind = "reordered"  // an entry stands at the place of another
	Added      Kind = "added"      // an entry that was never sealed stands in the log, or past it
	Hashes     Kind = "hashes"     // the hashes of the log do not add up
	Truncated  Kind = "truncated"  // the log is shorter than a signed checkpoint says
	Forked     Kind = "forked"     // two logs were signed by the same key
	Unsigned   Kind = "unsigned"   // a checkpoint is missing, damaged or of another log
	WrongKey   Kind = "wrong key"  // the store was sealed with another key
	Unreadable Kind = "unreadable" // a kept checkpoint cannot be read
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind  Kind   `json:"kind"`
	Entry ref.ID `json:"entry,omitempty"` // where one entry can be named
	From  int64  `json:"from"`            // its place in the log, from 0; -1 where none can be named
	To    int64  `json:"to"`              // the last place that can be meant; From where it is exact
	Says  string `json:"says"`
}

// Report is the outcome of Verify.
type Report struct {
	Origin      string    `json:"origin"`
	Public      string    `json:"public_key"`
	Trusted     bool      `json:"trusted"` // the key came from outside of the store
	Size        int64     `json:"size"`    // sealed entries
	Root        string    `json:"root"`
	Waiting     int64     `json:"waiting"` // entries that no seal protects yet
	Since       time.Time `json:"waiting_since,omitzero"`
	Erased      int64     `json:"erased"`
	Checkpoints int       `json:"checkpoints"` // the store's own that hold
	Kept        int       `json:"kept"`        // those kept elsewhere that hold
	Findings    []Finding `json:"findings"`    // the first in the log's order comes first
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// Sentences says the outcome for people, one thing a line.
func (r Report) Sentences() []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Says)
	}
	if r.OK() {
		out = append(out, fmt.Sprintf("all %d sealed entries are as they were sealed, in their order; root %s", r.Size, r.Root))
	}
	if r.Waiting > 0 {
		out = append(out, fmt.Sprintf("%d newer entries are not sealed yet, the oldest of %s; nothing vouches for those", r.Waiting, r.Since.Format(time.RFC3339)))
	}
	if r.Erased > 0 {
		out = append(out, fmt.Sprintf("%d entries had their reason and detail erased, as the log itself says", r.Erased))
	}
	if !r.Trusted {
		out = append(out, "the key was taken from the store itself: whoever can write there could have changed key and log together; name the key or the key file to rule that out")
	}
	if r.Kept == 0 {
		out = append(out, "no checkpoint from elsewhere was given: that the newest entries were cut off would not show")
	}
	return out
}

// Verify reads the whole log, computes it anew from the entries and compares. It
// returns an error only where it could not look; what it finds is in the Report.
func Verify(ctx context.Context, d *db.DB, o Options) (Report, error) {
	c := &check{ctx: ctx, opts: o, pool: d}
	err := c.all()
	return c.report, err
}

// check is one run of Verify.
type check struct {
	tx     *db.Tx
	pool   *db.DB // nil reads all in tx
	ctx    context.Context
	opts   Options
	report Report

	log      logRow
	stored   [][]byte // the hashes of each level above the leaves, as stored
	tree     *tree    // as computed from the entries
	marks    []mark   // signed roots to compare with, by size
	torn     []mark   // those that do not fit
	good     int64    // the newest size that a mark fits
	goodKept int64    // the newest size that a kept one fits
	whole    bool     // the newest of the store's own fits
	broken   *Finding // the first entry that is not what it was
	erasures map[ref.ID]int64
	others   []Finding // what is wrong with the checkpoints, and past the log
}

// mark is a root that was signed.
type mark struct {
	Checkpoint
	name string // of a kept one; empty is the store's own
	from int64  // of a torn one: the newest size before it at which all was well
}

func (c *check) all() error {
	c.tree, c.erasures = &tree{}, map[ref.ID]int64{}
	if err := c.look(c.begin, c.own, c.kept, c.levels); err != nil {
		return err
	}
	if err := c.walk(); err != nil {
		return err
	}
	if err := c.look(c.erased, c.tail); err != nil {
		return err
	}
	c.report.Root = c.tree.root().String()
	c.report.Findings = append(c.first(), c.others...)
	return nil
}

// look runs the steps in one snapshot. None is held while others read ahead.
func (c *check) look(steps ...func() error) error {
	all := func() error {
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	}
	if c.pool == nil {
		return all()
	}
	return c.pool.Read(c.ctx, func(tx *db.Tx) error {
		c.tx = tx
		return all()
	})
}

func (c *check) begin() (err error) {
	if c.log, err = logIn(c.ctx, c.tx); err != nil {
		return err
	}
	c.report.Origin, c.report.Size = c.log.origin, c.log.size
	c.trust()
	return nil
}

// trust decides which key counts.
func (c *check) trust() {
	c.report.Public, c.report.Trusted = c.log.public, c.opts.Public != ""
	if c.report.Trusted && c.opts.Public != c.log.public {
		c.report.Public = c.opts.Public
		c.note(Finding{Kind: WrongKey, From: -1, To: -1, Says: "the store names another key for its log than the one given; either this is the key of another store, or the log was written anew"})
	}
}

func (c *check) note(f Finding) { c.others = append(c.others, f) }

// own collects the checkpoints that the store holds.
func (c *check) own() error {
	newest, bad := int64(0), 0
	err := each(c.ctx, c.tx, allCheckpoints, nil, func(rows *sql.Rows) error {
		var signed string
		if err := rows.Scan(&newest, &signed); err != nil {
			return err
		}
		p, err := OpenCheckpoint(c.report.Public, []byte(signed))
		if err == nil && p.Size == newest && p.Origin == c.log.origin {
			c.marks = append(c.marks, mark{Checkpoint: p})
		} else if bad++; bad == 1 {
			c.note(Finding{Kind: Unsigned, From: -1, To: -1, Says: fmt.Sprintf("the store's checkpoint of %d entries is not one that the key has signed for this log", newest)})
		}
		return nil
	})
	if last := len(c.marks) - 1; err == nil && last >= 0 && c.marks[last].Size > c.log.size {
		c.note(Finding{Kind: Truncated, From: c.log.size, To: newest - 1, Says: fmt.Sprintf("the newest entries are gone: the store itself holds a checkpoint of %d entries, but the log has %d", newest, c.log.size)})
	} else if err == nil && newest != c.log.size {
		c.note(Finding{Kind: Unsigned, From: -1, To: -1, Says: fmt.Sprintf("the log says that it has %d entries, but its newest checkpoint is of %d", c.log.size, newest)})
	}
	return err
}

// kept collects the checkpoints that were kept elsewhere.
func (c *check) kept() error {
	for _, k := range c.opts.Kept {
		p, err := OpenCheckpoint(c.report.Public, k.Note)
		switch {
		case err != nil:
			c.note(Finding{Kind: Unreadable, From: -1, To: -1, Says: k.Name + ": " + fault.Of(err).Says})
		case p.Origin != c.log.origin:
			c.note(Finding{Kind: Unreadable, From: -1, To: -1, Says: fmt.Sprintf("%s is a checkpoint of the log %s, but this store's is %s", k.Name, p.Origin, c.log.origin)})
		case p.Size > c.log.size:
			c.note(Finding{Kind: Truncated, From: c.log.size, To: p.Size - 1, Says: fmt.Sprintf("the newest entries are gone: %s was signed over %d entries, but the log has %d", k.Name, p.Size, c.log.size)})
		default:
			c.marks = append(c.marks, mark{Checkpoint: p, name: k.Name})
		}
	}
	slices.SortStableFunc(c.marks, func(a, b mark) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

// tail looks at what is not in the log: what waits, and what should not be there.
func (c *check) tail() error {
	var since, sealed, last, all int64
	if _, err := one(c.ctx, c.tx, countWaiting, nil, &c.report.Waiting, &since); err != nil {
		return err
	}
	if c.report.Waiting > 0 {
		c.report.Since = time.UnixMicro(since).UTC()
	}
	var lost ref.ID
	if found, err := one(c.ctx, c.tx, lostWaiting, nil, &lost); err != nil {
		return err
	} else if found {
		c.note(Finding{Kind: Missing, Entry: lost, From: -1, To: -1, Says: fmt.Sprintf("entry %s waits for its seal, but is gone", lost)})
	}
	if _, err := one(c.ctx, c.tx, countSealed, nil, &sealed, &last); err != nil {
		return err
	}
	now, err := logIn(c.ctx, c.tx)
	if err != nil {
		return err
	}
	if last >= now.size {
		c.note(Finding{Kind: Added, From: now.size, To: last, Says: fmt.Sprintf("the log has %d entries, but there are places up to %d", now.size, last)})
	}
	if _, err := one(c.ctx, c.tx, countEntries, nil, &all); err != nil || all == sealed+c.report.Waiting {
		return err
	}
	return each(c.ctx, c.tx, outsideTheLog, []any{1}, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		c.note(Finding{Kind: Added, Entry: e.ID, From: -1, To: -1, Says: fmt.Sprintf("entry %s of %s stands outside of the log: it is not sealed and does not wait for it", e.ID, e.At.Format(time.RFC3339))})
		return err
	})
}

// erased checks that the log itself says of every erased entry that it was.
func (c *check) erased() error {
	c.report.Erased = int64(len(c.erasures))
	if len(c.erasures) == 0 || c.broken != nil || len(c.torn) > 0 {
		return nil
	}
	err := each(c.ctx, c.tx, erasedFor, []any{string(Erase)}, func(rows *sql.Rows) error {
		var id ref.ID
		err := rows.Scan(&id)
		delete(c.erasures, id)
		return err
	})
	for id, seq := range c.erasures {
		if c.broken == nil || seq < c.broken.From {
			c.broken = &Finding{Kind: Edited, Entry: id, From: seq, To: seq, Says: fmt.Sprintf("entry %s (place %d) had its reason and detail erased, but the log has no entry that says so", id, seq)}
		}
	}
	return err
}

// first is the first thing that is wrong with the entries. What a signed root
// contradicts lies before the place where the walk had to stop.
func (c *check) first() (out []Finding) {
	if len(c.torn) > 0 {
		m := c.torn[0]
		f := Finding{Kind: Edited, From: m.from, To: m.Size - 1, Says: fmt.Sprintf("an entry between places %d and %d was changed together with the hashes of the log: %s says otherwise", m.from, m.Size-1, m.says())}
		if m.name != "" && c.whole {
			f.Kind, f.Says = Forked, fmt.Sprintf("the store's log and %s are two different logs signed by one key; they part between places %d and %d", m.says(), m.from, m.Size-1)
		}
		out = append(out, f)
	}
	if c.broken != nil {
		out = append(out, *c.broken)
	}
	return out
}

func (m mark) says() string {
	if m.name != "" {
		return m.name
	}
	return fmt.Sprintf("the signed checkpoint of %d entries", m.Size)
}

// Public returns the public key by which a store's log must be signed when k is
// the house's key, for Options.Public.
func Public(ctx context.Context, d *db.DB, k seal.Key) (string, error) {
	l, err := readLog(ctx, d)
	if err != nil {
		return "", err
	}
	_, public, err := k.Signer(l.origin)
	return public, err
}
