package rig

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tocsin/internal/db"
)

// The schema is brought up once, by db.Migrate, and every store of a test begins as
// a copy of that: what a test sees is the same, and a hundred statements fewer
// stand before each.

// seed lays a migrated store where a SQLite file is to be and is not yet.
func seed(t testing.TB, store string) {
	t.Helper()
	if strings.Contains(store, "://") {
		return
	}
	store = strings.TrimSuffix(store, db.Throwaway)
	if _, err := os.Stat(store); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	b, err := seedling()
	if err == nil {
		err = os.WriteFile(store, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// seedling is a migrated SQLite file.
var seedling = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tocsin-rig")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "seed.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return nil, fmt.Errorf("%s was not closed whole: its log stands beside it", path)
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	d, err := db.Open(context.Background(), url)
	if err != nil {
		return err
	}
	_, err = d.Migrate(context.Background())
	return errors.Join(err, d.Close())
}
