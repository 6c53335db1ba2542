// Package cli is the command line: it reads flags, opens the house, and hands
// over to the operations. Commands are fields of the tree in commands.go; each
// has a file of its own or stands with its neighbours. It also wires what nobody
// else may: the real clock, the network listener, files.
//
// Exit codes: 0 done · 1 the answer is no (a file is invalid, a log does not
// verify, migrations are pending) · 2 the command or its flags are wrong ·
// 3 something outside is not as it should be (store, port, permission, disk).
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // calendars need the zones on machines without them

	"github.com/alecthomas/kong"

	"tocsin/internal/fault"
)

// Version is set when the program is built.
var Version = "dev"

// The exit codes.
const (
	exitNo    = 1
	exitUsage = 2
	exitWorld = 3
)

// Env is where a command reads and writes.
type Env struct {
	Ctx context.Context
	In  io.Reader
	Out io.Writer
	Err io.Writer

	parser *kong.Kong // for the completion script
}

// errNo is the answer "no": exit code 1, with what there was to say said already.
var errNo = errors.New("no")

// Main runs the program and returns its exit code.
func Main(args []string, in io.Reader, out, errw io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := &Env{Ctx: ctx, In: in, Out: out, Err: errw}
	var tree commands
	code := -1
	parser, err := kong.New(&tree, kong.Name("tocsin"), kong.Description(description), kong.Writers(out, errw), kong.UsageOnError(),
		kong.Exit(func(n int) { code = n }), kong.Bind(env), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}), kong.Vars{"version": Version})
	if err != nil {
		panic(err) // the tree is written wrong; the first start meets it
	}
	env.parser = parser
	got, err := parser.Parse(args)
	if code >= 0 {
		return code
	}
	if err != nil {
		fmt.Fprintln(errw, "tocsin: "+err.Error())
		return exitUsage
	}
	return exit(errw, got.Run(env))
}

const description = `Tocsin: where a vendor's product security runs. Reports become cases, cases become advisories, on one machine of your own.`

// exit says an error in one line and returns the exit code of its kind.
func exit(errw io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errNo) {
		return exitNo
	}
	var f *fault.Fault
	says := err.Error()
	if errors.As(err, &f) {
		says = f.Says
		if f.Err != nil {
			says += " (" + strings.Join(strings.Fields(f.Err.Error()), " ") + ")" // in one line, whatever a driver writes
		}
		for _, x := range f.Fields {
			if x.Says != f.Says {
				says += "; " + x.Name + ": " + x.Says
			}
		}
		for _, n := range f.Needs {
			says += "; " + n.Says
		}
	}
	fmt.Fprintln(errw, "tocsin: "+plain(says))
	switch fault.KindOf(err) {
	case fault.Invalid:
		return exitUsage
	case fault.NotFound, fault.Conflict, fault.Forbidden, fault.Missing:
		return exitNo
	}
	return exitWorld
}

// plain takes control characters out of what is printed, so that no text of a
// record can command a terminal (CVE-2026-3108).
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return '�'
		}
		return r
	}, s)
}

// say prints a line for people.
func (e *Env) say(format string, args ...any) {
	fmt.Fprintln(e.Out, plain(fmt.Sprintf(format, args...)))
}

// print prints one JSON object a line.
func (e *Env) print(x any) error {
	enc := json.NewEncoder(e.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(x)
}
