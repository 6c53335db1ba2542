package audit

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// height is that of a tile: 2^8 hashes. It is fixed by what is stored.
const (
	height    = 8
	tileWidth = 1 << height
	tileBytes = tileWidth * tlog.HashSize
)

// tile names one stored run of hashes: on level 0 those of leaves, on level 1
// those of the roots of 256 leaves, and so on.
type tile struct {
	level int
	n     int64
}

// tree is the right edge of a Merkle tree: on each level the hashes that do not
// fill a tile yet. That is all it takes to add leaves and to tell the root.
type tree struct {
	size int64
	edge [][]byte
}

// edgeOf lists the tiles that the edge of a tree of the size consists of, with
// the number of hashes in each.
func edgeOf(size int64) map[tile]int {
	out := map[tile]int{}
	for level := 0; size>>(level*height) > 0; level++ {
		if w := int(size >> (level * height) % tileWidth); w > 0 {
			out[tile{level, size >> ((level + 1) * height)}] = w
		}
	}
	return out
}

// treeOf returns the tree of the size from its stored tiles.
func treeOf(size int64, tiles map[tile][]byte) (*tree, error) {
	t := &tree{size: size}
	for at, w := range edgeOf(size) {
		b := tiles[at]
		if len(b) < w*tlog.HashSize {
			return nil, fmt.Errorf("the audit log has %d entries, but %d of %d hashes of its tile %d/%d", size, len(b)/tlog.HashSize, w, at.level, at.n)
		}
		t.grow(at.level)
		t.edge[at.level] = append([]byte(nil), b[:w*tlog.HashSize]...)
	}
	return t, nil
}

func (t *tree) grow(level int) {
	for len(t.edge) <= level {
		t.edge = append(t.edge, nil)
	}
}

// add appends a leaf. It calls each for every hash that this completes, with the
// level and the place on that level; each may be nil.
func (t *tree) add(leaf tlog.Hash, each func(level int, n int64, h tlog.Hash, full []byte)) {
	h, n := leaf, t.size
	t.size++
	for level := 0; ; level++ {
		t.grow(level)
		t.edge[level] = append(t.edge[level], h[:]...)
		full := t.edge[level]
		if len(full) < tileBytes {
			full = nil
		}
		if each != nil {
			each(level, n, h, full)
		}
		if full == nil {
			return
		}
		h, n = tileRoot(full), n>>height
		t.edge[level] = t.edge[level][:0]
	}
}

// root returns the hash of the whole tree (RFC 6962, section 2.1).
func (t *tree) root() tlog.Hash {
	root, some := tlog.Hash(sha256.Sum256(nil)), false
	for _, hashes := range t.edge {
		for w := len(hashes) / tlog.HashSize; w > 0; w &= w - 1 {
			low := w & -w // the smallest complete subtree is the rightmost
			h := tileRoot(hashes[(w-low)*tlog.HashSize : w*tlog.HashSize])
			if some {
				h = tlog.NodeHash(h, root)
			}
			root, some = h, true
		}
	}
	return root
}

// tileRoot returns the root over a run of hashes whose number is a power of two.
func tileRoot(hashes []byte) tlog.Hash {
	if len(hashes) == tlog.HashSize {
		return tlog.Hash(hashes)
	}
	var level [tileWidth][tlog.HashSize]byte
	n := len(hashes) / tlog.HashSize
	for i := range n {
		level[i] = [tlog.HashSize]byte(hashes[i*tlog.HashSize:])
	}
	for ; n > 1; n /= 2 {
		for i := range n / 2 {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
	}
	return level[0]
}

// hashesIn reads single hashes out of tiles, for the proofs of tlog.
func hashesIn(load func(tile) ([]byte, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(height, index)
			b, err := load(tile{t.L, t.N})
			if err != nil {
				return nil, err
			}
			t.W = min(tileWidth, len(b)/tlog.HashSize)
			if out[i], err = tlog.HashFromTile(t, b, index); err != nil {
				return nil, fmt.Errorf("audit tile %d/%d: %w", t.L, t.N, err)
			}
		}
		return out, nil
	})
}
