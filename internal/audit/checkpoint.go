package audit

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tocsin/internal/fault"
)

// Checkpoint is what a signed note says of a log: after Size entries its root was
// Root. The text has three lines: origin, size, root in base64
// (c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text returns the checkpoint as it is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

func (c Checkpoint) sign(s note.Signer) (string, error) {
	b, err := note.Sign(&note.Note{Text: c.Text()}, s)
	return string(b), err
}

// OpenCheckpoint reads a signed checkpoint and checks its signature with the
// public key. Anything else than a whole, rightly signed checkpoint is Invalid.
func OpenCheckpoint(public string, signed []byte) (Checkpoint, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return Checkpoint{}, fault.New(fault.Invalid, "the public key of the log cannot be read; it looks like NAME+HASH+KEY")
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fault.New(fault.Invalid, "this is not a checkpoint that the key %s has signed", v.Name())
	}
	c, err := readCheckpoint(n.Text)
	if err == nil && c.Origin != v.Name() {
		err = fault.New(fault.Invalid, "the checkpoint is of the log %s, but the key is that of %s", c.Origin, v.Name())
	}
	return c, err
}

func readCheckpoint(text string) (c Checkpoint, err error) {
	bad := fault.New(fault.Invalid, "this is not a checkpoint: it should have three lines, the log's name, its size and its root")
	f := strings.Split(text, "\n")
	if len(f) != 4 || f[0] == "" || f[3] != "" {
		return c, bad
	}
	size, err := strconv.ParseInt(f[1], 10, 64)
	root, err2 := base64.StdEncoding.Strict().DecodeString(f[2])
	if err != nil || err2 != nil || size < 0 || len(root) != tlog.HashSize || strconv.FormatInt(size, 10) != f[1] {
		return c, bad
	}
	return Checkpoint{f[0], size, tlog.Hash(root)}, nil
}
