package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
)

// Proof shows that one entry stands at one place of a log, to whoever trusts the
// key of the log and has nothing else of it.
type Proof struct {
	Entry      Entry
	Index      int64 // its place, from 0
	Hashes     tlog.RecordProof
	Checkpoint string // the signed note
}

const proofHead = "tocsin audit proof 1"

// Text returns the proof as CheckProof reads it: lines of text, then an empty
// line, then the signed checkpoint.
func (p Proof) Text() string {
	var b strings.Builder
	entry, err := json.Marshal(p.Entry)
	if err != nil {
		panic(err) // an Entry is texts and a time
	}
	fmt.Fprintf(&b, "%s\nentry %s\nindex %d\n", proofHead, entry, p.Index)
	for _, h := range p.Hashes {
		fmt.Fprintf(&b, "hash %s\n", h)
	}
	return b.String() + "\n" + p.Checkpoint
}

// Prove makes the proof of an entry against a signed checkpoint that was kept,
// or against the newest where kept is empty.
func Prove(ctx context.Context, d *db.DB, id ref.ID, kept []byte) (p Proof, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		l, err := logIn(ctx, tx)
		if err != nil {
			return err
		}
		if p.Entry, p.Index, err = sealedEntry(ctx, tx, id); err != nil {
			return err
		}
		if p.Checkpoint = string(kept); len(kept) == 0 {
			if _, err := one(ctx, tx, newestCheckpoint, nil, &p.Checkpoint); err != nil {
				return err
			}
		}
		c, err := OpenCheckpoint(l.public, []byte(p.Checkpoint))
		if err != nil {
			return err
		}
		return p.fill(ctx, tx, c, l.size)
	})
	return p, err
}

func sealedEntry(ctx context.Context, tx *db.Tx, id ref.ID) (e Entry, seq int64, err error) {
	rows, err := tx.Query(ctx, selectEntry, string(id))
	if err != nil {
		return e, 0, err
	}
	defer rows.Close()
	if !rows.Next() {
		return e, 0, fault.New(fault.NotFound, "there is no audit entry %s", id)
	}
	if e, err = scanEntry(rows, &seq); err == nil && seq < 0 {
		err = fault.New(fault.Conflict, "%s is not sealed yet; try again in a second", id)
	}
	return e, seq, err
}

// fill adds the hashes, and refuses to hand out a proof that does not hold.
func (p *Proof) fill(ctx context.Context, tx *db.Tx, c Checkpoint, size int64) (err error) {
	switch {
	case c.Size > size:
		return fault.New(fault.Conflict, "the checkpoint is of %d entries, but this store's log has %d: its newest entries are gone, or the checkpoint is of another store; run tocsin audit verify", c.Size, size)
	case p.Index >= c.Size:
		return fault.New(fault.Conflict, "%s was sealed after this checkpoint; use a newer one", p.Entry.ID)
	}
	p.Hashes, err = tlog.ProveRecord(c.Size, p.Index, hashesIn(func(at tile) ([]byte, error) { return loadTile(ctx, tx, at) }))
	if err == nil {
		err = tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, p.Entry.leaf())
	}
	if err != nil {
		return &fault.Fault{Kind: fault.Conflict, Says: "the entry does not fit the log; run tocsin audit verify to see what was changed", Err: err}
	}
	return nil
}

// Want is what a proof is checked against. Public is needed, the rest narrows.
type Want struct {
	Public     string // the key of the log, from elsewhere than the proof
	Entry      ref.ID // the entry that it should be about
	Checkpoint []byte // a signed checkpoint that was kept: the proof must be of the same log at the same size
}

// CheckProof reads a proof and checks it without a store: that the key has
// signed the checkpoint, and that exactly this entry stands at exactly this
// place of the log that was signed.
func CheckProof(text []byte, want Want) (Proof, error) {
	p, err := readProof(text)
	if err != nil {
		return p, err
	}
	c, err := OpenCheckpoint(want.Public, []byte(p.Checkpoint))
	if err != nil {
		return p, err
	}
	if want.Entry != "" && p.Entry.ID != want.Entry {
		return p, fault.New(fault.Invalid, "the proof is of %s, not of %s", p.Entry.ID, want.Entry)
	}
	if err := sameLog(c, want); err != nil {
		return p, err
	}
	if p.Entry.IsErased() && !p.Entry.emptied() {
		return p, fault.New(fault.Invalid, "the proof shows a reason or detail that was erased, so nothing vouches for it")
	}
	if p.Index < 0 || p.Index >= c.Size || tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, p.Entry.leaf()) != nil {
		return p, fault.New(fault.Invalid, "the proof does not hold: the log of this checkpoint has another entry, or none, at place %d", p.Index)
	}
	return p, nil
}

func sameLog(c Checkpoint, want Want) error {
	if len(want.Checkpoint) == 0 {
		return nil
	}
	kept, err := OpenCheckpoint(want.Public, want.Checkpoint)
	switch {
	case err != nil:
		return err
	case c.Size != kept.Size:
		return fault.New(fault.Invalid, "the proof is of the log at %d entries, but the kept checkpoint is of %d; make the proof with that checkpoint", c.Size, kept.Size)
	case c.Root != kept.Root:
		return fault.New(fault.Invalid, "the proof is of another log than the kept checkpoint: both have %d entries, but they differ", c.Size)
	}
	return nil
}

func readProof(text []byte) (p Proof, err error) {
	head, signed, ok := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 3 || lines[0] != proofHead {
		return p, fault.New(fault.Invalid, "this is not a proof: it should start with the line %q", proofHead)
	}
	p.Checkpoint = string(signed)
	entry, ok1 := strings.CutPrefix(lines[1], "entry ")
	index, ok2 := strings.CutPrefix(lines[2], "index ")
	err1 := json.Unmarshal([]byte(entry), &p.Entry)
	p.Index, err = strconv.ParseInt(index, 10, 64)
	if !ok1 || !ok2 || err1 != nil || err != nil {
		return p, fault.New(fault.Invalid, "the proof is damaged in line 2 or 3")
	}
	for i, line := range lines[3:] {
		text, ok := strings.CutPrefix(line, "hash ")
		h, err := tlog.ParseHash(text)
		if !ok || err != nil {
			return p, fault.New(fault.Invalid, "the proof is damaged in line %d", i+4)
		}
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}
