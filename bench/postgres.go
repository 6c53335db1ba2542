package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"

	"tocsin/bench/load"
)

// postgres measures both programs on the server that TEST_POSTGRES names, without
// goals: how it is set up decides as much as the programs do.
func (r *run) postgres() error {
	server := os.Getenv("TEST_POSTGRES")
	if server == "" {
		return nil
	}
	s, err := newServer(r.ctx, server)
	if err != nil {
		return err
	}
	defer s.close()
	r.endAll() // so that nothing else runs beside
	facts, err := fill(r.ctx, s.at("seed"), r.options.n)
	if err != nil {
		return err
	}
	if err := s.analyze(r.ctx, "seed"); err != nil {
		return err
	}
	on := *r
	on.stores, on.procs = &stores{facts: facts, n: r.options.n}, map[string]*process{}
	defer func() { on.endAll() }()
	for _, name := range []string{"bare", "real"} {
		if err := s.create(r.ctx, name, "template "+s.name("seed")); err != nil {
			return err
		}
		if on.procs[name], err = start(r.ctx, r.options, name, s.at(name)); err != nil {
			return err
		}
	}
	err = on.besides()
	r.Rows = on.Rows
	return err
}

func (r *run) besides() error {
	for _, x := range []struct {
		what       string
		real, bare load.Next
	}{
		{"list of 50", r.of("real").list(), r.of("bare").list()},
		{"one case", r.of("real").one("cases"), r.of("bare").one("whole")},
		{"search, two common words", r.of("real").common(), r.of("bare").common()},
		{"search, a rare word", r.of("real").rare(), r.of("bare").rare()},
		{"create with audit and search row", r.of("real").create(), r.of("bare").create()},
	} {
		if err := r.beside("PostgreSQL: "+x.what, "", 0, x.real, x.bare); err != nil {
			return err
		}
	}
	return nil
}

// dbServer makes databases and drops them in the end.
type dbServer struct {
	admin *sql.DB
	url   url.URL
	made  map[string]bool
}

func newServer(ctx context.Context, address string) (*dbServer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	admin, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	s := &dbServer{admin, *u, map[string]bool{}}
	return s, s.create(ctx, "seed", "")
}

func (s *dbServer) name(name string) string {
	return fmt.Sprintf("tocsin_bench_%d_%s", os.Getpid(), name)
}

func (s *dbServer) at(name string) string {
	u := s.url
	u.Path = "/" + s.name(name)
	return u.String()
}

func (s *dbServer) create(ctx context.Context, name, how string) error {
	s.made[name] = true
	_, err := s.admin.ExecContext(ctx, createDatabase+s.name(name)+" "+how)
	return err
}

// analyze gives the planner the figures that the server gathers by itself in time.
func (s *dbServer) analyze(ctx context.Context, name string) error {
	d, err := sql.Open("pgx", s.at(name))
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = d.ExecContext(ctx, analyze)
	return err
}

func (s *dbServer) close() {
	for _, name := range slices.Sorted(maps.Keys(s.made)) {
		if _, err := s.admin.Exec(dropDatabase + s.name(name) + " with (force)"); err != nil {
			say("the database %s stays: %v", s.name(name), err)
		}
	}
	s.admin.Close()
}
