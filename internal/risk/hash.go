package risk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Hash names exactly this content of the plan: approvals are bound to it. What is
// done since, and who approved, are not part of it.
func (p Plan) Hash() string {
	p.Approvals, p.Smart, p.Paths, p.Review, p.By, p.Maker, p.Authors, p.Why = nil, nil, nil, Approval{}, "", "", nil, ""
	ms := make([]Milestone, len(p.Milestones))
	for i, m := range p.Milestones {
		m.Done, m.Was, m.Proof = time.Time{}, time.Time{}, ""
		ms[i] = m
	}
	p.Milestones = ms
	return hashOf(p)
}

// hashOf is the SHA-256 of a value as canonical JSON: Go writes the keys of a map
// in order and the fields of a struct in theirs.
func hashOf(x any) string {
	b, err := json.Marshal(x)
	if err != nil {
		panic(err) // what is hashed is made of texts, numbers and times
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
