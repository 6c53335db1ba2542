package demo_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/demo"
	"tocsin/internal/house"
)

// now is a Monday morning.
var now = time.Date(2026, 11, 23, 10, 20, 0, 0, time.UTC)

// build fills a house with the demonstration by a profile.
func build(t *testing.T, profile string, at time.Time) (*house.House, *demo.People) {
	t.Helper()
	dir := t.TempDir()
	rules, err := demo.WriteProfile(dir, profile)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	h, err := house.Open(t.Context(), house.Config{Store: filepath.Join(dir, "demo.db")+db.Throwaway, Profile: rules, Now: func() time.Time { return at },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	people, err := demo.Build(context.Background(), h, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the demonstration with the profile %s was ready in %s", profile, time.Since(began).Round(time.Millisecond))
	return h, people
}

func TestBuild(t *testing.T) {
	for _, p := range []string{"gitlab", "generic"} {
		t.Run(p, func(t *testing.T) { build(t, p, now) })
	}
}
