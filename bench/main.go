// Command bench measures Tocsin beside a bare program, in one run on one
// machine, and prints the ratios: see docs/performance.md. It is no test: on a
// shared machine only a ratio says anything, and it exits with 0 whatever the
// numbers are, unless it is asked to -check them against those of an earlier run.
//
//	go run ./bench              100,000 cases in SQLite
//	N=1000000 go run ./bench    a million
//	TEST_POSTGRES=postgres://…  PostgreSQL too, without goals
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what a run may be set to.
type options struct {
	n      int
	dir    string        // stores are kept here; empty is a temporary folder
	each   time.Duration // of one turn
	rounds int
	out    string // where the results are written as JSON
	only   string // parts, with commas; empty is all
	serve  string // "real", "bare", "alone": this process is the server that is measured
	store  string
	page   string // of the bare program, a template
	check  string // numbers of an earlier run that this one must not fall behind
	docs   string // a document whose table is written anew
	prof   string // where a server writes its CPU profile
}

func flags(args []string) (o options, err error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	n := 100_000
	if s := os.Getenv("N"); s != "" {
		if n, err = strconv.Atoi(s); err != nil {
			return o, fmt.Errorf("variable N is %q; it must be a number of cases", s)
		}
	}
	f.IntVar(&o.n, "n", n, "how many cases")
	f.StringVar(&o.dir, "dir", "", "keep the filled stores in this folder, and use them again")
	f.DurationVar(&o.each, "each", 1500*time.Millisecond, "how long one turn takes")
	f.IntVar(&o.rounds, "rounds", 5, "turns of each program at each measurement; the best counts")
	f.StringVar(&o.out, "out", "", "write the results as JSON here")
	f.StringVar(&o.only, "only", "", "measure these parts alone, with commas: "+strings.Join(partNames(), ", "))
	f.StringVar(&o.prof, "profile", "", "the server writes its CPU profile here")
	f.StringVar(&o.check, "check", "", "compare with the numbers of an earlier run in this file, and fail where a ratio is worse by a fifth")
	f.StringVar(&o.docs, "docs", "", "write the table into this document, between its marks")
	f.StringVar(&o.page, "page", "", "the template of the bare program's page")
	f.StringVar(&o.serve, "serve", "", "be the server that is measured: real, bare, alone")
	f.StringVar(&o.store, "store", "", "the store of that server")
	return o, f.Parse(args)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := flags(os.Args[1:])
	switch {
	case err == flag.ErrHelp:
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
	case o.serve != "":
		err = serve(ctx, o)
	default:
		err = measure(ctx, o)
	}
	if err != nil && err != flag.ErrHelp {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if errors.Is(err, errBehind) {
		os.Exit(1)
	}
}
