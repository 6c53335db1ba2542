package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine is what a run was measured on.
type machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	Memory   string `json:"memory"`
	System   string `json:"system"`
	Go       string `json:"go"`
	SQLite   string `json:"sqlite"`
	Postgres string `json:"postgres,omitempty"`
	Commit   string `json:"commit,omitempty"`
}

func (m machine) String() string {
	s := fmt.Sprintf("%s, %d cores, %s, %s, %s, SQLite %s", m.CPU, m.Cores, m.Memory, m.System, m.Go, m.SQLite)
	if m.Postgres != "" {
		s += ", PostgreSQL " + m.Postgres
	}
	if m.Commit != "" {
		s += ", commit " + m.Commit
	}
	return s
}

func thisMachine(ctx context.Context) machine {
	m := machine{CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Memory: field("/proc/meminfo", "MemTotal"),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), SQLite: version(ctx, "sqlite", ":memory:", selectLite)}
	if url := os.Getenv("TEST_POSTGRES"); url != "" {
		m.Postgres = version(ctx, "pgx", url, selectPostgres)
	}
	if out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		m.Commit = strings.TrimSpace(string(out))
	}
	return m
}

// field is the value of the first line of the name.
func field(path, name string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

func version(ctx context.Context, driver, dsn, q string) (v string) {
	d, err := sql.Open(driver, dsn)
	if err != nil {
		return "unknown"
	}
	defer d.Close()
	if err := d.QueryRowContext(ctx, q).Scan(&v); err != nil {
		return "unknown"
	}
	return v
}
