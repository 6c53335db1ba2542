package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/fault"
	"tocsin/internal/seal"
)

// exportEvery is how often a checkpoint is kept in Sealer.Dir while the log grows.
const exportEvery = time.Minute

// Run seals until ctx ends, then once more, so that a house which was shut down
// in order leaves nothing unsealed.
func (s *Sealer) Run(ctx context.Context) {
	every := s.Every
	if every == 0 {
		every = 250 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var said quiet
	var exported time.Time
	for ctx.Err() == nil {
		_, err := s.Step(ctx)
		if now := s.Now(); err == nil && now.Sub(exported) >= exportEvery {
			exported = now
			_, err = s.Export(ctx)
		}
		s.warn(ctx, &said, err)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := s.Step(last)
	if err == nil {
		_, err = s.Export(last)
	}
	s.warn(last, &said, err)
}

// quiet keeps a fault that lasts from filling the log.
type quiet struct {
	what string
	at   time.Time
}

func (s *Sealer) warn(ctx context.Context, q *quiet, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	if now := s.Now(); q.what != err.Error() || now.Sub(q.at) >= time.Minute {
		q.what, q.at = err.Error(), now
		log := s.Log
		if log == nil {
			log = slog.Default()
		}
		log.Warn("audit: cannot seal", "err", err)
	}
}

// Export keeps the newest signed checkpoint as a file in Dir, named by its size,
// and beside it the public key. It returns the file's path, or nothing where
// there is nothing new. The folder should be out of reach of whoever can write
// to the store: a checkpoint there shows what the store itself cannot, that the
// newest entries were cut off or all of it was written anew.
func (s *Sealer) Export(ctx context.Context) (path string, err error) {
	if s.Dir == "" {
		return "", nil
	}
	l, signed, err := newest(ctx, s.DB)
	if err != nil || signed == "" {
		return "", err
	}
	c, err := OpenCheckpoint(l.public, []byte(signed))
	if err != nil {
		return "", err
	}
	path = filepath.Join(s.Dir, fmt.Sprintf("%012d.checkpoint", c.Size))
	if kept, err := os.ReadFile(path); err == nil {
		if !bytes.Equal(kept, []byte(signed)) {
			return "", fault.New(fault.Conflict, "the checkpoint kept in %s is of another log than this store's; look into it with tocsin audit verify --checkpoint", path)
		}
		return "", nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := replace(filepath.Join(s.Dir, "public-key"), l.public+"\n"); err != nil {
		return "", err
	}
	return path, replace(path, signed)
}

// newest reads the newest checkpoint; before the first there is none.
func newest(ctx context.Context, d *db.DB) (l logRow, signed string, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		if l, err = logIn(ctx, tx); err != nil {
			return err
		}
		_, err = one(ctx, tx, newestCheckpoint, nil, &signed)
		return err
	})
	return l, signed, err
}

// replace writes a file so that nobody ever sees half of it.
func replace(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return &fault.Fault{Kind: fault.Invalid, Says: "the checkpoint folder " + filepath.Dir(path) + " cannot be written; check that it exists and that you may write there", Err: err}
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return seal.SyncDir(filepath.Dir(path))
}
