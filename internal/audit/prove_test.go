package audit_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/rig"
	"tocsin/internal/seal"
)

func TestRootIsThatOfRFC6962(t *testing.T) {
	t.Parallel()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	var leaves []tlog.Hash
	for n := range int64(70_000) { // past 256 * 256
		leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
		hashes, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored, leaves = append(stored, hashes...), append(leaves, leaf)
	}
	for _, n := range []int64{0, 1, 2, 3, 255, 256, 257, 511, 65_535, 65_536, 65_537, 65_792, 70_000} {
		want, err := tlog.TreeHash(n, reader)
		if have := audit.TreeRoot(leaves[:n]); err != nil || have != want {
			t.Errorf("%d leaves: root %s, want %s, %v", n, have, want, err)
		}
	}
}

func TestNoTwoEntriesHaveOneRecord(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[0-9a:,]{0,4}`)
	draw := rapid.Custom(func(t *rapid.T) audit.Entry {
		e := entry(0)
		e.Actor, e.Subject = "a", "s"
		e.Outcome, e.Profile, e.Reason, e.Detail, e.Salt = text.Draw(t, "outcome"), text.Draw(t, "profile"), text.Draw(t, "reason"), text.Draw(t, "detail"), text.Draw(t, "salt")
		e.ID = "audit-1"
		return e
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if (string(a.Record()) == string(b.Record())) != (a == b) {
			t.Fatalf("%+v and %+v: records %q and %q", a, b, a.Record(), b.Record())
		}
		if string(a.Record()) != string(a.Erased().Record()) {
			t.Fatalf("erasing changes the record of %+v", a)
		}
	})
}

// proven is a sealed log with a proof of the entry at place 300 of 600.
type proven struct {
	d       *db.DB
	public  string
	entries []audit.Entry
	old     string // the checkpoint at 400
	proof   audit.Proof
}

func prove(t *testing.T, d *db.DB) proven {
	t.Helper()
	p := proven{d: d}
	s := sealer(d, seal.NewKey())
	p.entries = add(t, d, 0, 400)
	step(t, s, 400)
	p.old = value[string](t, d, "select note from audit_checkpoint order by size desc limit 1")
	p.entries = append(p.entries, add(t, d, 400, 600)...)
	step(t, s, 200)
	p.public = value[string](t, d, "select public from audit_log")
	var err error
	if p.proof, err = audit.Prove(t.Context(), d, p.entries[300].ID, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProofHoldsWithoutTheStore(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		p := prove(t, d)
		have, err := audit.CheckProof([]byte(p.proof.Text()), audit.Want{Public: p.public, Entry: p.entries[300].ID, Checkpoint: []byte(p.proof.Checkpoint)})
		if err != nil || have.Entry != p.entries[300] || have.Index != p.proof.Index {
			t.Errorf("have %+v, %v", have, err)
		}
		for i := 0; i < len(p.entries); i += 37 {
			q, err := audit.Prove(t.Context(), d, p.entries[i].ID, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := audit.CheckProof([]byte(q.Text()), audit.Want{Public: p.public, Entry: p.entries[i].ID}); err != nil {
				t.Errorf("entry %d: %v", i, err)
			}
		}
		old, err := audit.Prove(t.Context(), d, p.entries[300].ID, []byte(p.old))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := audit.CheckProof([]byte(old.Text()), audit.Want{Public: p.public, Checkpoint: []byte(p.old)}); err != nil {
			t.Errorf("against the checkpoint of 400: %v", err)
		}
		if _, err := audit.Prove(t.Context(), d, p.entries[500].ID, []byte(p.old)); !errors.Is(err, fault.Conflict) {
			t.Errorf("an entry sealed after the checkpoint: have %v, want conflict", err)
		}
	})
}

func TestProveSaysWhyThereIsNone(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		p := prove(t, d)
		if _, err := audit.Prove(t.Context(), d, "audit-NONE", nil); !errors.Is(err, fault.NotFound) {
			t.Errorf("no such entry: have %v, want not found", err)
		}
		late := add(t, d, 600, 601)[0]
		if _, err := audit.Prove(t.Context(), d, late.ID, nil); !errors.Is(err, fault.Conflict) {
			t.Errorf("an entry that waits: have %v, want conflict", err)
		}
		tamper(t, d)
		do(t, d, "update audit set reason = 'other' where id = $1", string(p.entries[300].ID))
		if _, err := audit.Prove(t.Context(), d, p.entries[300].ID, nil); !errors.Is(err, fault.Conflict) {
			t.Errorf("an edited entry: have %v, want conflict", err)
		}
	})
}

// Cosign's CVE-2026-22703 was a proof that held for any entry of the log.
func TestProofBindsToThisEntryAtThisPlace(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		p := prove(t, d)
		other := p.proof
		other.Entry = p.entries[301]
		moved := p.proof
		moved.Index++
		outside := p.proof
		outside.Index += 600
		negative := p.proof
		negative.Index = -1
		old := p.proof
		old.Checkpoint = p.old
		short := p.proof
		short.Hashes = short.Hashes[:len(short.Hashes)-1]
		edited := p.proof
		edited.Entry.Reason = "another reason"
		salted := p.proof
		salted.Entry = p.entries[300].Erased()
		salted.Entry.Reason = "another reason"
		for name, q := range map[string]audit.Proof{"another entry": other, "the next place": moved, "a place outside": outside, "a negative place": negative,
			"an older checkpoint": old, "a hash too few": short, "another reason": edited, "a reason for an erased entry": salted} {
			if _, err := audit.CheckProof([]byte(q.Text()), audit.Want{Public: p.public}); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: have %v, want invalid", name, err)
			}
		}
		_, stranger, err := seal.NewKey().Signer(strings.SplitN(p.public, "+", 2)[0])
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]audit.Want{
			"another entry is wanted":      {Public: p.public, Entry: p.entries[301].ID},
			"another checkpoint is wanted": {Public: p.public, Checkpoint: []byte(p.old)},
			"another key":                  {Public: stranger},
			"no key":                       {},
		} {
			if _, err := audit.CheckProof([]byte(p.proof.Text()), want); !errors.Is(err, fault.Invalid) {
				t.Errorf("%s: have %v, want invalid", name, err)
			}
		}
		erased := p.proof
		erased.Entry = erased.Entry.Erased()
		if _, err := audit.CheckProof([]byte(erased.Text()), audit.Want{Public: p.public}); err != nil {
			t.Errorf("the entry with its reason erased: %v", err)
		}
	})
}

func FuzzCheckProof(f *testing.F) {
	k := seal.NewKey()
	_, public, err := k.Signer("tocsin/fuzz")
	if err != nil {
		f.Fatal(err)
	}
	e := entry(1)
	signed, err := audit.Sign(k, audit.Checkpoint{Origin: "tocsin/fuzz", Size: 1, Root: audit.Leaf(e)})
	if err != nil {
		f.Fatal(err)
	}
	good := audit.Proof{Entry: e, Checkpoint: signed}.Text()
	f.Add([]byte(good))
	f.Add([]byte("tocsin audit proof 1\nentry {}\nindex 0\nhash " + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n\n" + signed))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := audit.CheckProof(text, audit.Want{Public: public})
		if err == nil && audit.Leaf(p.Entry) != audit.Leaf(e) {
			t.Errorf("a proof of an entry that was never sealed: %+v", p)
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("have %v, want invalid", err)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	f.Add(audit.Checkpoint{Origin: "tocsin/fuzz", Size: 7}.Text())
	f.Add("tocsin/fuzz\n-1\nAAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := audit.ReadCheckpoint(text)
		if err == nil && c.Text() != text {
			t.Errorf("%q was read as %q", text, c.Text())
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("have %v, want invalid", err)
		}
	})
}
