package riskscore

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"

	"tocsin/internal/fault"
)

// Methods of drawing, as records keep them. A change of the algorithm is a new
// name, so that an old sample can always be drawn again by the name it carries.
const (
	MethodRandom     = "random/chacha8/1"
	MethodStratified = "stratified/chacha8/1"
)

// Stratum is a part of the frame that is drawn from on its own.
type Stratum struct {
	Name  string   `json:"name"`
	Frame []string `json:"frame"`
}

// Sample is what was drawn, with all that it takes to draw it again.
type Sample struct {
	Method    string  `json:"method"`
	Seed      uint64  `json:"seed"`
	FrameSize int     `json:"frame_size"`
	FrameHash string  `json:"frame_hash"` // SHA-256 over the sorted names
	Chosen    []Drawn `json:"chosen"`     // in the order drawn
	Strata    []Share `json:"strata"`
}

// Drawn is one chosen member of the frame.
type Drawn struct {
	ID      string `json:"id"`
	Stratum string `json:"stratum,omitempty"`
}

// Share is how much of a stratum was drawn.
type Share struct {
	Name  string `json:"name"`
	Frame int    `json:"frame"`
	Drawn int    `json:"drawn"`
}

// Draw chooses n members of a frame, each set of n as likely as any other. The
// same frame, in whatever order, and the same seed give the same sample on any
// machine (R58).
func Draw(frame []string, n int, seed uint64) (Sample, error) {
	s, err := draw([]Stratum{{Frame: frame}}, n, seed)
	s.Method = MethodRandom
	return s, err
}

// DrawStrata chooses n members in all, from each stratum in proportion to its
// size by largest remainder, and one at least: a stratum that nobody looked at
// says nothing.
func DrawStrata(strata []Stratum, n int, seed uint64) (Sample, error) {
	s, err := draw(strata, n, seed)
	s.Method = MethodStratified
	return s, err
}

func draw(strata []Stratum, n int, seed uint64) (Sample, error) {
	strata, err := checkFrame(strata, n)
	if err != nil {
		return Sample{}, err
	}
	out := Sample{Seed: seed, FrameHash: frameHash(strata)}
	var sizes []int
	for _, st := range strata {
		sizes = append(sizes, len(st.Frame))
		out.FrameSize += len(st.Frame)
	}
	for i, k := range allocate(sizes, n) {
		st := strata[i]
		out.Strata = append(out.Strata, Share{st.Name, len(st.Frame), k})
		for _, id := range choose(st, k, seed) {
			out.Chosen = append(out.Chosen, Drawn{id, st.Name})
		}
	}
	return out, nil
}

// checkFrame returns the strata sorted by name, each with its members sorted.
func checkFrame(strata []Stratum, n int) ([]Stratum, error) {
	var fs fault.Fields
	seen, size, out := map[string]bool{}, 0, []Stratum{}
	for i, st := range strata {
		at := fmt.Sprintf("strata.%d", i)
		if len(st.Frame) == 0 {
			fs.Add(at, "the stratum %q is empty: leave it out", st.Name)
		}
		for _, id := range st.Frame {
			if id == "" || seen[id] {
				fs.Add(at, "%q stands in the frame twice or has no name: every member stands there once", id)
				break
			}
			seen[id] = true
		}
		size += len(st.Frame)
		frame := slices.Clone(st.Frame)
		slices.Sort(frame)
		out = append(out, Stratum{st.Name, frame})
	}
	slices.SortFunc(out, func(a, b Stratum) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(out); i++ {
		if out[i].Name == out[i-1].Name {
			fs.Add("strata", "two strata are called %q: join them or name them apart", out[i].Name)
		}
	}
	if n < max(1, len(strata)) || n > size {
		fs.Add("n", "%d cannot be drawn: the frame has %d in %s, and each gives one at least", n, size, plural(len(strata), "part", "parts"))
	}
	return out, fs.Err()
}

// frameHash hashes names with their lengths, so that no two frames look alike.
func frameHash(strata []Stratum) string {
	h := sha256.New()
	write := func(s string) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	for _, st := range strata {
		write(st.Name)
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(st.Frame))))
		for _, id := range st.Frame {
			write(id)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// allocate shares n among parts of these sizes: one each, then in proportion to
// size by largest remainder, the earlier part first where they are equal.
func allocate(sizes []int, n int) []int {
	out, total := make([]int, len(sizes)), 0
	for _, s := range sizes {
		total += s
	}
	left := n
	for i, s := range sizes {
		out[i] = max(1, n*s/total)
		left -= out[i]
	}
	for left != 0 {
		best, sign := -1, cmp.Compare(left, 0)
		for i, s := range sizes {
			if sign > 0 && out[i] == s || sign < 0 && out[i] == 1 {
				continue
			}
			// what the part lacks of its due share, or has above it
			if best < 0 || sign*(n*s-out[i]*total) > sign*(n*sizes[best]-out[best]*total) {
				best = i
			}
		}
		out[best] += sign
		left -= sign
	}
	return out
}

// choose shuffles as far as it must (Fisher, Yates), with a stream of its own for
// each stratum, so that a change in one does not change what is drawn from another.
func choose(st Stratum, k int, seed uint64) []string {
	var from [8]byte
	binary.BigEndian.PutUint64(from[:], seed)
	src := rand.NewChaCha8(sha256.Sum256(append(from[:], st.Name...)))
	frame := slices.Clone(st.Frame)
	for i := range k {
		j := i + int(below64(src, uint64(len(frame)-i)))
		frame[i], frame[j] = frame[j], frame[i]
	}
	return frame[:k]
}

// below64 is a number under n, each as likely: what would favour the low ones is
// thrown away. The standard library promises the stream of ChaCha8 and not how its
// IntN uses it, so that step is written out.
func below64(src *rand.ChaCha8, n uint64) uint64 {
	limit := -n % n // 2^64 mod n
	for {
		if x := src.Uint64(); x >= limit {
			return x % n
		}
	}
}
