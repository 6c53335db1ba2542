package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"tocsin/bench/bare"
	"tocsin/internal/api"
	"tocsin/internal/house"
	"tocsin/internal/web"
)

// serve is the server that is measured, in a process of its own. It says its
// address in one line and ends when its standard input does.
func serve(ctx context.Context, o options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it, the run is over
		stop()
	}()
	if o.prof != "" {
		f, err := os.Create(o.prof)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	handler, err := handlerOf(ctx, o)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		s.Close()
	}()
	if err := s.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func handlerOf(ctx context.Context, o options) (http.Handler, error) {
	if o.serve != "real" {
		s, err := bare.Open(o.store)
		if err != nil {
			return nil, err
		}
		s.Alone = o.serve == "alone"
		if o.page != "" {
			if err := paint(s, o.page); err != nil {
				return nil, err
			}
		}
		return s.Handler(), nil
	}
	house.Breathe() // as "tocsin serve" does
	h, err := open(ctx, o.store)
	if err != nil {
		return nil, err
	}
	go h.Work(ctx)
	mux := http.NewServeMux()
	mux.Handle("/api/", api.New(h, api.Options{PerSecond: -1}))
	mux.Handle("/", web.New(h, web.Options{About: "Tocsin"}))
	return mux, nil
}

// paint tells the bare program what its pages say.
func paint(s *bare.Server, file string) error {
	rules, err := house.LoadProfile(profile)
	if err != nil {
		return err
	}
	m := rules.Lifecycle("case")
	w := bare.Words{Stages: map[string]string{}, Labels: map[string]string{}, Clocks: map[string]string{}, First: m.Stages[0].Name}
	for _, x := range m.Stages {
		w.Stages[x.Name] = x.Title
	}
	for _, x := range m.Labels {
		w.Labels[x.Name] = x.Title
	}
	for _, x := range rules.Clocks {
		w.Clocks[x.Name] = x.Title
	}
	return s.Paint(file, w)
}

// profile is that of the stores.
const profile = "gitlab"

// open opens the house on a store of the benchmarks.
func open(ctx context.Context, store string) (*house.House, error) {
	key := keyFile(store)
	return house.Open(ctx, house.Config{Store: store, Profile: profile, KeyFile: key, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// keyFile is beside a file; a server's stores share one in the folder for temporary files.
func keyFile(store string) string {
	if strings.Contains(store, "://") {
		return filepath.Join(os.TempDir(), "tocsin-bench.key")
	}
	return filepath.Join(filepath.Dir(store), "bench.key")
}

// process is a server under measurement.
type process struct {
	name string
	addr string
	cmd  *exec.Cmd
	stop io.Closer
}

// start runs this program as a server.
func start(ctx context.Context, o options, name, store string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-serve", name, "-store", store}
	if o.page != "" && name == "bare" {
		args = append(args, "-page", o.page)
	}
	if o.prof != "" && (name == "real" || name == "pages") {
		args = append(args, "-profile", o.prof)
	}
	p := &process{name: name, cmd: exec.CommandContext(ctx, self, args...)}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.stop = in
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.end()
		return nil, fmt.Errorf("the %s program does not start: %w", name, err)
	}
	p.addr = strings.TrimSpace(line)
	return p, nil
}

// end stops the server and waits for it.
func (p *process) end() {
	p.stop.Close()
	_ = p.cmd.Wait() // its fate is told on the standard error
}

// cpu is how much processor time the process has used.
func (p *process) cpu() time.Duration { return processor(p.cmd.Process.Pid) }

func processor(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // a tick is 10 ms on every Linux that Go knows
}

// memory is a line of the process's status, in bytes: VmRSS, VmHWM.
func memory(pid int, what string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if rest, ok := strings.CutPrefix(line, what+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}

// writeJSON writes a value into a file.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
