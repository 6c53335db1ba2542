// Package audit keeps what happened so that nobody can change it unnoticed. The
// entries themselves are written by package gate, in the transaction of the act.
// This package seals them: within a second each entry gets its place in a Merkle
// log (golang.org/x/mod/sumdb/tlog), whose root is signed in a checkpoint.
//
//   - Sealer does the sealing; one runs in every replica, and they take turns.
//   - Verify proves the whole log, or names the first entry that was edited,
//     removed, added or moved.
//   - Prove and CheckProof show to somebody who has no access to the store that
//     one entry is in the log.
//
// What it promises: whoever can write to the store but does not hold its key
// cannot change a sealed entry unnoticed. Whoever holds both can, and can cut the
// newest entries off; that shows only against a checkpoint that was kept
// elsewhere. An entry younger than its seal is not protected yet.
//
// Reading entries for people is not done here: entries are guarded like the
// records that they are about, and that is gate's.
package audit

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/access"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Entry is one thing that happened to one record.
type Entry struct {
	ID      ref.ID      `json:"id"`
	At      time.Time   `json:"at"` // of the transaction, UTC, whole microseconds
	Actor   ref.ID      `json:"actor"`
	Verb    access.Verb `json:"verb"`
	Subject ref.ID      `json:"subject"` // the record; empty is the house itself
	Outcome string      `json:"outcome"` // done or refused
	Profile string      `json:"profile"` // version of the profile in force
	Reason  string      `json:"reason"`  // as the actor gave it
	Detail  string      `json:"detail"`  // JSON: what changed, old and new
	Salt    string      `json:"salt"`    // random; or what is left of an erased entry
}

// Erase is the verb of the entry that must stand in the log for every entry
// whose reason and detail were erased; its subject is the erased entry.
const Erase access.Verb = "audit.erase"

const (
	erased   = "erased:"
	noDetail = "[]"
)

// Erased returns e without its reason and detail, which may name people. The
// hash of what stood there stays in Salt, so that the log still proves the rest.
func (e Entry) Erased() Entry {
	if !e.IsErased() {
		e.Salt, e.Reason, e.Detail = erased+e.commitment(), "", noDetail
	}
	return e
}

// IsErased reports whether the reason and detail of e were erased.
func (e Entry) IsErased() bool { return strings.HasPrefix(e.Salt, erased) }

// emptied reports whether an erased entry says nothing any more.
func (e Entry) emptied() bool { return e.Reason == "" && e.Detail == noDetail }

// commitment is the hash of what can be erased. The salt keeps a short reason
// from being found by trying.
func (e Entry) commitment() string {
	if c, ok := strings.CutPrefix(e.Salt, erased); ok {
		return c
	}
	sum := seal.Digest("tocsin audit detail 1", e.Salt, e.Reason, e.Detail)
	return hex.EncodeToString(sum[:])
}

// Record returns the bytes that the log commits to: a line with the version,
// then each field as "LENGTH:TEXT," in a fixed order. Reason and detail are in it
// only by their salted hash.
func (e Entry) Record() []byte {
	b := make([]byte, 0, 320)
	b = append(b, "tocsin audit entry 1\n"...)
	for _, f := range [...]string{string(e.ID), strconv.FormatInt(e.At.UnixMicro(), 10), string(e.Actor), string(e.Verb),
		string(e.Subject), e.Outcome, e.Profile, e.commitment()} {
		b = strconv.AppendInt(b, int64(len(f)), 10)
		b = append(append(append(b, ':'), f...), ',')
	}
	return b
}

// leaf returns the hash of the entry in the log (RFC 6962, section 2.1).
func (e Entry) leaf() tlog.Hash { return tlog.RecordHash(e.Record()) }
