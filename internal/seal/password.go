package seal

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"tocsin/internal/fault"
)

// cost is how hard a password hash works: the smallest that OWASP's password
// storage cheat sheet recommends for argon2id.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

var today = cost{memory: 19 * 1024, time: 2, threads: 1}

const (
	saltSize = 16
	hashSize = 32
)

// MaxPassword is the longest password in bytes. A longer one is refused, never cut.
const MaxPassword = 1024

// Passwords hashes and checks passwords, a few at a time: each takes 19 MiB and
// some 30 ms of a core, and a flood of sign-ins must not take all of both. Its
// zero value is ready to use.
type Passwords struct {
	once  sync.Once
	slots chan struct{}
	dummy string
}

func (p *Passwords) ready() {
	p.once.Do(func() {
		p.slots = make(chan struct{}, max(2, runtime.NumCPU()))
		p.dummy = today.phc(randomBytes(saltSize), randomBytes(hashSize))
	})
}

// Hash returns the argon2id hash of a password as a PHC string.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > MaxPassword {
		return "", fault.At("password", "a password has at most %d bytes", MaxPassword)
	}
	salt := randomBytes(saltSize)
	sum, err := p.run(ctx, today, password, salt, hashSize)
	if err != nil {
		return "", err
	}
	return today.phc(salt, sum), nil
}

// Check reports whether the password is the one of the hash. For somebody who
// does not exist the hash is empty: that takes as long and is never right. old
// says that the hash should be made anew, because today's cost is another.
func (p *Passwords) Check(ctx context.Context, hash, password string) (right, old bool, err error) {
	p.ready()
	known := hash != "" && len(password) <= MaxPassword
	if !known {
		hash, password = p.dummy, "x"
	}
	c, salt, want, err := readPHC(hash)
	if err != nil {
		return false, false, err
	}
	have, err := p.run(ctx, c, password, salt, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(have, want) == 1 && known
	return right, right && c != today, nil
}

func (p *Passwords) run(ctx context.Context, c cost, password string, salt []byte, size uint32) ([]byte, error) {
	p.ready()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, size), nil
}

func (c cost) phc(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// readPHC reads a stored hash. Costs that no release of ours has written are
// refused: they would let a damaged row take the machine.
func readPHC(s string) (c cost, salt, sum []byte, err error) {
	bad := fault.New(fault.Internal, "a stored password hash is damaged")
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, bad
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil || c.memory < 8 || c.memory > 1<<20 || c.time < 1 || c.time > 16 || c.threads < 1 {
		return c, nil, nil, bad
	}
	salt, err1 := base64.RawStdEncoding.Strict().DecodeString(f[4])
	sum, err2 := base64.RawStdEncoding.Strict().DecodeString(f[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) < 16 {
		return c, nil, nil, bad
	}
	return c, salt, sum, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
