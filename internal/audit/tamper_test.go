package audit_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/seal"
)

var attacks = flag.Int("attacks", 200, "how many random attacks on the audit log each engine has to notice")

// victim is a sealed log that attacks are tried on.
type victim struct {
	*testing.T
	d       *db.DB
	tx      *db.Tx
	r       *rand.Rand
	k       seal.Key
	origin  string
	public  string
	ids     []ref.ID // by place
	kept    []audit.Kept
	sizes   []int // of the store's own checkpoints
	waiting []audit.Entry
}

// places is what an attack should be found at. Exact ones are named exactly.
type places struct {
	kind  audit.Kind // the first finding's; empty is any
	at    int        // a place that it must cover; -1 is none
	exact bool
}

const victimSize = 700

func newVictim(t *testing.T, d *db.DB) *victim {
	v := &victim{T: t, d: d, k: seal.NewKey()}
	now := rig.Start
	s := &audit.Sealer{DB: d, Key: v.k, Now: func() time.Time { return now }, Dir: t.TempDir()}
	for from := 0; from < victimSize; {
		to := min(from+100, victimSize)
		add(t, d, from, to)
		step(t, s, to-from)
		v.sizes = append(v.sizes, to)
		if to%300 == 0 || to == victimSize {
			v.keep(value[string](t, d, "select note from audit_checkpoint order by size desc limit 1"))
		}
		from, now = to, now.Add(2*time.Hour)
	}
	v.waiting = add(t, d, victimSize, victimSize+5)
	v.origin, v.public = value[string](t, d, "select origin from audit_log"), value[string](t, d, "select public from audit_log")
	for i := range victimSize {
		v.ids = append(v.ids, ref.ID(value[string](t, d, "select entry from audit_seal where seq = $1", i)))
	}
	tamper(t, d)
	return v
}

func (v *victim) keep(note string) {
	v.kept = append(v.kept, audit.Kept{Name: fmt.Sprintf("kept-%d", len(v.kept)), Note: []byte(note)})
}

// What runs inside of a write panics where a test would end: on SQLite it runs on
// the goroutine of the writer.

func (v *victim) exec(q string, args ...any) {
	if _, err := v.tx.Exec(v.Context(), q, args...); err != nil {
		panic(fmt.Errorf("%s: %w", q, err))
	}
}

// rebuild writes all hashes and the size of the log anew, without the key.
func (v *victim) rebuild() audit.Checkpoint {
	size, root, err := audit.Rebuild(v.Context(), v.tx)
	if err != nil {
		panic(err)
	}
	v.exec("update audit_log set size = $1", size)
	return audit.Checkpoint{Origin: v.origin, Size: size, Root: root}
}

// resign writes checkpoint c, signed with the key, in place of all others.
func (v *victim) resign(k seal.Key, c audit.Checkpoint) {
	note, err := audit.Sign(k, c)
	if err != nil {
		panic(err)
	}
	v.exec("delete from audit_checkpoint")
	v.exec("insert into audit_checkpoint (size, at, note) values ($1, $2, $3)", c.Size, 1, note)
}

// shift moves the places from at on by by.
func (v *victim) shift(at, by int) {
	v.exec("update audit_seal set seq = -seq - 1 where seq >= $1", at)
	v.exec("update audit_seal set seq = -seq - 1 + $1 where seq < 0", by)
}

func (v *victim) edit(i int) {
	column := []string{"at", "actor", "verb", "subject", "outcome", "reason", "detail", "profile", "salt"}[v.r.IntN(9)]
	if column == "at" {
		v.exec("update audit set at = at + 1 where id = $1", string(v.ids[i]))
		v.exec("update audit_seal set at = at + 1 where entry = $1", string(v.ids[i]))
		return
	}
	v.exec("update audit set "+column+" = "+column+" || 'x' where id = $1", string(v.ids[i]))
}

func (v *victim) swap(i, j int) {
	v.exec("update audit_seal set seq = -1 where seq = $1", i)
	v.exec("update audit_seal set seq = $1 where seq = $2", i, j)
	v.exec("update audit_seal set seq = $1 where seq = -1", j)
}

func (v *victim) two() (i, j int) {
	i = v.r.IntN(victimSize - 1)
	return i, i + 1 + v.r.IntN(victimSize-i-1)
}

// drop takes the entry at i out of the log and closes the gap.
func (v *victim) drop(i int) {
	v.exec("delete from audit where id = $1", string(v.ids[i]))
	v.exec("delete from audit_seal where seq = $1", i)
	v.shift(i, -1)
}

// put puts an entry that never happened at place i.
func (v *victim) put(i int) {
	e := entry(i)
	if err := insert(v.Context(), v.tx, e); err != nil {
		panic(err)
	}
	v.shift(i, 1)
	v.exec("insert into audit_seal (seq, at, entry) values ($1, $2, $3)", i, e.At.UnixMicro(), string(e.ID))
}

// cut takes away the entries from i on, with all that speaks of them.
func (v *victim) cut(i int) {
	v.exec("delete from audit where id in (select entry from audit_seal where seq >= $1)", i)
	v.exec("delete from audit_seal where seq >= $1", i)
	v.exec("delete from audit_checkpoint where size > $1", i)
}

func (v *victim) flip(level int) int {
	var n int64
	var b []byte
	rows, err := v.tx.Query(v.Context(), "select n, hashes from audit_tile where level = $1 order by n", level)
	if err != nil {
		panic(err)
	}
	for i := 0; rows.Next() && (i == 0 || v.r.IntN(2) == 0); i++ {
		if err := rows.Scan(&n, &b); err != nil {
			panic(err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		panic(err)
	}
	at := v.r.IntN(len(b))
	b[at] ^= 1 << v.r.IntN(8)
	v.exec("update audit_tile set hashes = $1 where level = $2 and n = $3", b, level, n)
	return (int(n)*256 + at/32) << (8 * level)
}

// ways are the attacks: each tampers at random and tells where it should show.
var ways = map[string]func(v *victim) places{
	"edit an entry": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.edit(i)
		return places{audit.Edited, i, true}
	},
	"edit an entry and its own hash": func(v *victim) places {
		i := v.r.IntN(512) // of a tile that is full
		v.edit(i)
		var tile []byte
		rows, err := v.tx.Query(v.Context(), "select hashes from audit_tile where level = 0 and n = $1", i/256)
		if err != nil || !rows.Next() || rows.Scan(&tile) != nil || rows.Close() != nil {
			panic(err)
		}
		h := audit.Leaf(v.read(v.ids[i]))
		copy(tile[i%256*32:], h[:])
		v.exec("update audit_tile set hashes = $1 where level = 0 and n = $2", tile, i/256)
		return places{"", i, false}
	},
	"edit an entry and all hashes": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.edit(i)
		v.rebuild()
		return places{audit.Edited, i, false}
	},
	"edit two entries": func(v *victim) places {
		i, j := v.two()
		v.edit(j)
		v.edit(i)
		return places{audit.Edited, i, true}
	},
	"mark an entry as erased": func(v *victim) places {
		i := v.r.IntN(victimSize)
		e := v.read(v.ids[i]).Erased()
		v.exec("update audit set salt = $1, reason = $2, detail = $3 where id = $4", e.Salt, e.Reason, e.Detail, string(e.ID))
		return places{audit.Edited, i, true}
	},
	"mark an entry as erased and let it say something else": func(v *victim) places {
		i := v.r.IntN(victimSize)
		e := v.read(v.ids[i]).Erased()
		v.exec("update audit set salt = $1, reason = 'because' where id = $2", e.Salt, string(e.ID))
		return places{audit.Edited, i, true}
	},
	"file an entry under another moment": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.exec("update audit_seal set at = at + 1 where seq = $1", i)
		return places{audit.Edited, i, true}
	},
	"delete an entry": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.exec("delete from audit where id = $1", string(v.ids[i]))
		return places{audit.Missing, i, true}
	},
	"delete a place": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.exec("delete from audit_seal where seq = $1", i)
		return places{audit.Missing, i, true}
	},
	"delete an entry and its place": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.exec("delete from audit where id = $1", string(v.ids[i]))
		v.exec("delete from audit_seal where seq = $1", i)
		return places{audit.Missing, i, true}
	},
	"delete an entry and close the gap": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.drop(i)
		return places{audit.Missing, i, true}
	},
	"delete an entry, close the gap, write all hashes anew": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.drop(i)
		v.rebuild()
		return places{"", -1, false}
	},
	"swap two places": func(v *victim) places {
		i, j := v.two()
		v.swap(i, j)
		return places{audit.Reordered, i, true}
	},
	"swap two places and write all hashes anew": func(v *victim) places {
		i, j := v.two()
		v.swap(i, j)
		v.rebuild()
		return places{audit.Edited, i, false}
	},
	"put an entry in": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.put(i)
		return places{audit.Added, i, true}
	},
	"put an entry in and write all hashes anew": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.put(i)
		v.rebuild()
		return places{"", -1, false}
	},
	"put an entry past the log": func(v *victim) places {
		if err := insert(v.Context(), v.tx, entry(1)); err != nil {
			panic(err)
		}
		return places{audit.Added, -1, false}
	},
	"delete an entry that waits": func(v *victim) places {
		v.exec("delete from audit where id = $1", string(v.waiting[v.r.IntN(len(v.waiting))].ID))
		return places{audit.Missing, -1, false}
	},
	"cut the newest off": func(v *victim) places {
		v.cut(v.r.IntN(victimSize))
		return places{"", -1, false}
	},
	"cut the newest off and write all hashes anew": func(v *victim) places {
		v.cut(v.r.IntN(victimSize))
		v.rebuild()
		return places{"", -1, false}
	},
	"cut the newest off down to a signed size": func(v *victim) places {
		to := v.sizes[v.r.IntN(len(v.sizes)-1)]
		v.cut(to)
		v.rebuild()
		return places{audit.Truncated, to, false}
	},
	"fork: edit, write anew and sign with the key": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.edit(i)
		v.resign(v.k, v.rebuild())
		return places{audit.Forked, i, false}
	},
	"fork: cut off, go on otherwise and sign with the key": func(v *victim) places {
		i := v.r.IntN(victimSize - 1)
		v.cut(i)
		for j := i; j < victimSize+10; j++ {
			v.put(j)
		}
		v.resign(v.k, v.rebuild())
		return places{audit.Forked, i, false}
	},
	"cut off and sign with the key": func(v *victim) places {
		i := 1 + v.r.IntN(victimSize-1)
		v.cut(i)
		v.resign(v.k, v.rebuild())
		return places{audit.Truncated, -1, false}
	},
	"write all anew with another key": func(v *victim) places {
		i := v.r.IntN(victimSize)
		v.edit(i)
		k := seal.NewKey()
		_, public, err := k.Signer(v.origin)
		if err != nil {
			panic(err)
		}
		v.resign(k, v.rebuild())
		v.exec("update audit_log set public = $1", public)
		return places{"", -1, false}
	},
	"flip a bit of a leaf's hash": func(v *victim) places {
		i := v.flip(0)
		return places{audit.Edited, i, true}
	},
	"flip a bit of a higher hash": func(v *victim) places {
		i := v.flip(1)
		return places{audit.Hashes, i, false}
	},
	"delete a tile": func(v *victim) places {
		v.exec("delete from audit_tile where level = $1 and n = 0", v.r.IntN(2))
		return places{audit.Hashes, 0, false}
	},
	"damage a checkpoint": func(v *victim) places {
		v.exec("update audit_checkpoint set note = replace(note, '\n', ' ') where size = $1", v.sizes[v.r.IntN(len(v.sizes))])
		return places{audit.Unsigned, -1, false}
	},
	"delete the newest checkpoint": func(v *victim) places {
		v.exec("delete from audit_checkpoint where size = $1", victimSize)
		return places{audit.Unsigned, -1, false}
	},
	"rename the log": func(v *victim) places {
		v.exec("update audit_log set origin = origin || 'x'")
		return places{audit.Unsigned, -1, false}
	},
	"change the size": func(v *victim) places {
		v.exec("update audit_log set size = size - $1", 1+v.r.IntN(victimSize-1))
		return places{"", -1, false}
	},
	"claim more than there is": func(v *victim) places {
		v.exec("update audit_log set size = size + 1")
		return places{audit.Missing, victimSize, true}
	},
}

func (v *victim) read(id ref.ID) (e audit.Entry) {
	rows, err := v.tx.Query(v.Context(), "select id, at, actor, verb, subject, outcome, profile, reason, detail, salt from audit where id = $1", string(id))
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	var at int64
	if !rows.Next() {
		panic(string(id) + " is gone")
	}
	if err := rows.Scan(&e.ID, &at, &e.Actor, &e.Verb, &e.Subject, &e.Outcome, &e.Profile, &e.Reason, &e.Detail, &e.Salt); err != nil {
		panic(err)
	}
	e.At = time.UnixMicro(at).UTC()
	return e
}

var errTakeBack = errors.New("take it back")

// try attacks, verifies, and takes the attack back.
func (v *victim) try(name string, seed uint64) {
	v.Helper()
	v.r = rand.New(rand.NewPCG(seed, 1))
	var want places
	var have audit.Report
	err := v.d.Write(v.Context(), func(tx *db.Tx) (err error) {
		v.tx = tx
		want = ways[name](v)
		have, err = audit.VerifyIn(v.Context(), tx, audit.Options{Public: v.public, Kept: v.kept})
		return errors.Join(err, errTakeBack)
	})
	if strings.TrimSpace(strings.Replace(err.Error(), errTakeBack.Error(), "", 1)) != "" {
		v.Fatalf("%s (seed %d): %v", name, seed, err)
	}
	if have.OK() {
		v.Errorf("%s (seed %d): not noticed", name, seed)
		return
	}
	f := have.Findings[0]
	switch at := int64(want.at); {
	case want.kind != "" && f.Kind != want.kind:
		v.Errorf("%s (seed %d): found %+v, want %s", name, seed, f, want.kind)
	case want.exact && (f.From != at || f.To != at):
		v.Errorf("%s (seed %d): found %+v, want place %d", name, seed, f, at)
	case at >= 0 && (at < f.From || at > f.To):
		v.Errorf("%s (seed %d): found %+v, want a range over place %d", name, seed, f, at)
	}
}

func TestEveryAttackIsNoticed(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		v := newVictim(t, d)
		if r := verify(t, d, audit.Options{Public: v.public, Kept: v.kept}); !r.OK() || r.Kept != len(v.kept) || r.Checkpoints != len(v.sizes) {
			t.Fatalf("before any attack: %+v", r)
		}
		names := make([]string, 0, len(ways))
		for name := range ways {
			names = append(names, name)
		}
		for i := range max(*attacks, len(names)) {
			v.try(names[i%len(names)], rand.Uint64())
		}
		if r := verify(t, d, audit.Options{Public: v.public, Kept: v.kept}); !r.OK() {
			t.Errorf("an attack was not taken back: %+v", r)
		}
	})
}

func TestTruncationToASignedSizeShowsOnlyAgainstAKeptCheckpoint(t *testing.T) {
	t.Parallel()
	rig.EachDB(t, func(t *testing.T, d *db.DB, _ string) {
		v := newVictim(t, d)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			v.tx = tx
			v.cut(300)
			v.rebuild()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, d, audit.Options{Public: v.public}); !r.OK() || !strings.Contains(strings.Join(r.Sentences(), "\n"), "would not show") {
			t.Errorf("without a kept checkpoint: %v", r.Sentences())
		}
		r := verify(t, d, audit.Options{Public: v.public, Kept: v.kept})
		if r.OK() || r.Findings[0].Kind != audit.Truncated {
			t.Errorf("with one: %v", r.Sentences())
		}
	})
}
