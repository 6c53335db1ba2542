package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/api"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/house"
	"tocsin/internal/portal"
	"tocsin/internal/web"
)

type serveCmd struct {
	store
	Listen       string `env:"TOCSIN_LISTEN" default:"127.0.0.1:8420" help:"Address of pages and API." placeholder:"HOST:PORT"`
	PortalListen string `env:"TOCSIN_PORTAL_LISTEN" help:"Serve the portal here alone; else it is under /portal of the main address." placeholder:"HOST:PORT"`
	TLSCert      string `env:"TOCSIN_TLS_CERT" help:"Certificate chain, PEM; without one a reverse proxy does TLS." placeholder:"FILE"`
	TLSKey       string `env:"TOCSIN_TLS_KEY" help:"Its private key, PEM." placeholder:"FILE"`
	TrustProxy   bool   `env:"TOCSIN_TRUST_PROXY" help:"Take the visitor's address from X-Forwarded-For, as set by the one proxy in front."`
	NoWork       bool   `help:"Do no background work here; tocsin work does it."`
}

// drainTime is how long a stop waits for requests that have begun.
const drainTime = 25 * time.Second

// Run serves until it is asked to stop, then drains.
func (c serveCmd) Run(e *Env) error {
	house.Breathe()
	if c.URL == "" {
		c.URL = c.scheme() + "://" + c.Listen
	}
	if c.PortalURL == "" && c.PortalListen != "" {
		c.PortalURL = c.scheme() + "://" + c.PortalListen
	}
	pair, err := c.certificate()
	if err != nil {
		return err
	}
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	s := server{house: h, cmd: c, env: e, tls: pair}
	if err := s.listen(); err != nil {
		return err
	}
	secret, err := h.Parties.Setup(e.Ctx)
	if err != nil {
		return err
	}
	e.say("tocsin %s listens on %s (profile %s, store %s)", Version, h.URL, h.Rules.Version, hidePassword(c.DB))
	if secret != "" {
		e.say("Nobody has an account yet. Open this link, once, to make the first one:\n\n    %s/setup?link=%s\n", h.URL, secret)
	}
	return s.run(e.Ctx)
}

func (c serveCmd) scheme() string {
	if c.TLSCert != "" {
		return "https"
	}
	return "http"
}

// certificate reads certificate and key, before anything is begun.
func (c serveCmd) certificate() (*tls.Config, error) {
	if c.TLSCert == "" && c.TLSKey == "" {
		return nil, nil
	}
	if c.TLSCert == "" || c.TLSKey == "" {
		return nil, fault.New(fault.Invalid, "TLS takes two files, the certificate chain and its private key; give both --tls-cert and --tls-key, or none of them")
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, &fault.Fault{Kind: fault.Invalid, Says: "the certificate cannot be used; check that --tls-cert and --tls-key name PEM files that belong together and that you may read them", Err: err}
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// hidePassword leaves the password out of a database address.
func hidePassword(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	at := strings.LastIndexByte(rest, '@')
	if !ok || at < 0 {
		return url
	}
	user, _, _ := strings.Cut(rest[:at], ":")
	return scheme + "://" + user + rest[at:]
}

// server is the listening side of a house.
type server struct {
	house *house.House
	cmd   serveCmd
	env   *Env
	demo  *web.Demo
	tls   *tls.Config // nil: a reverse proxy does TLS, or nobody
	socks []sock
}

type sock struct {
	net.Listener
	handler http.Handler
}

// listen takes the addresses, so that a port in use stops the start.
func (s *server) listen() error {
	main, public := s.handlers()
	addresses := []struct {
		name    string
		handler http.Handler
	}{{s.cmd.Listen, main}}
	if s.cmd.PortalListen != "" {
		addresses = append(addresses, struct {
			name    string
			handler http.Handler
		}{s.cmd.PortalListen, public})
	}
	for _, a := range addresses {
		l, err := net.Listen("tcp", a.name)
		if err != nil {
			return &fault.Fault{Kind: fault.Unavailable, Says: fmt.Sprintf("cannot listen on %s; is another program there? choose another address with --listen", a.name), Err: errors.Unwrap(err)}
		}
		s.socks = append(s.socks, sock{l, a.handler})
	}
	return nil
}

// handlers returns what the main address serves, and the portal alone.
func (s *server) handlers() (main, public http.Handler) {
	h := s.house
	public = portal.New(h, portal.Options{Address: s.address(), Demo: switcher(s.demo)})
	mux := http.NewServeMux()
	mux.Handle("/api/", api.New(h, api.Options{}))
	mux.HandleFunc("GET /healthz", s.health)
	if s.cmd.PortalListen == "" {
		for _, p := range []string{"/portal", "/portal/", "/advisories", "/advisories/", "/.well-known/"} {
			mux.Handle(p, public)
		}
	}
	mux.Handle("/", web.New(h, web.Options{Demo: s.demo, Address: s.address(), About: "Tocsin " + Version}))
	return mux, public
}

// health answers whether the store can be read.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Cache-Control", "no-store")
	if err := s.house.Gate.View(access.With(ctx, access.Public()), func(*gate.View) error { return nil }); err != nil {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// address tells who asks, for rate limits. The last address in X-Forwarded-For is
// the one that our own proxy added.
func (s *server) address() func(*http.Request) string {
	return func(r *http.Request) string {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		if !s.cmd.TrustProxy {
			return host
		}
		list := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := strings.TrimSpace(list[len(list)-1]); net.ParseIP(last) != nil {
			return last
		}
		return host
	}
}

// run serves and works until ctx ends, then finishes what has begun.
func (s *server) run(ctx context.Context) error {
	failed := make(chan error, len(s.socks))
	var servers []*http.Server
	for _, l := range s.socks {
		srv := &http.Server{Handler: l.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute,
			IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
		srv.RegisterOnShutdown(s.house.Live.Close)
		servers = append(servers, srv)
		go func() { failed <- s.serve(srv, l) }()
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	if !s.cmd.NoWork {
		wg.Go(func() { s.house.Work(work) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	for _, srv := range servers {
		if srv.Shutdown(drain) != nil {
			err = errors.Join(err, fault.New(fault.Unavailable, "requests that had begun did not end within %s of the stop and were cut off", drainTime), srv.Close())
		}
	}
	wg.Wait()
	return err
}

func (s *server) serve(srv *http.Server, l net.Listener) error {
	var err error
	if s.tls != nil {
		srv.TLSConfig = s.tls
		err = srv.ServeTLS(l, "", "")
	} else {
		err = srv.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

type workCmd struct {
	store
}

// Run does background work until it is asked to stop.
func (c workCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	e.say("tocsin %s works (store %s)", Version, hidePassword(c.DB))
	h.Work(e.Ctx)
	return nil
}
