package cli

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"tocsin/internal/db"
	"tocsin/internal/demo"
	"tocsin/internal/house"
	"tocsin/internal/web"
	"tocsin/internal/web/ui"
)

type demoCmd struct {
	Listen  string `env:"TOCSIN_LISTEN" default:"127.0.0.1:8420" help:"Address to serve at." placeholder:"HOST:PORT"`
	Profile string `default:"gitlab" enum:"gitlab,generic" help:"The process to show: gitlab or generic."`
	NoOpen  bool   `help:"Do not open a browser."`
	Keep    string `help:"Keep the store in this folder instead of a temporary one." placeholder:"DIR"`
}

// Run lives a fictional vendor's year in a throw-away store and serves it.
func (c demoCmd) Run(e *Env) error {
	dir, done, err := c.folder()
	if err != nil {
		return err
	}
	defer done()
	began := time.Now()
	h, people, err := c.build(e, dir)
	if err != nil {
		return err
	}
	defer h.Close()
	s := server{house: h, env: e, cmd: serveCmd{Listen: c.Listen}, demo: visitors(people)}
	if err := s.listen(); err != nil {
		return err
	}
	e.say("Tocsin's demonstration is ready at %s (built in %.1f s, store %s)", h.URL, time.Since(began).Seconds(), filepath.Join(dir, "demo.db"))
	e.say("Everything in it is fictional and goes away when you stop it with Ctrl-C.")
	if !c.NoOpen {
		browse(h.URL)
	}
	return s.run(e.Ctx)
}

// folder is where the store lives, and what to do with it at the end.
func (c demoCmd) folder() (dir string, done func(), err error) {
	if c.Keep != "" {
		return c.Keep, func() {}, os.MkdirAll(c.Keep, 0o700)
	}
	dir, err = os.MkdirTemp("", "tocsin-demo-")
	return dir, func() { os.RemoveAll(dir) }, err
}

func (c demoCmd) build(e *Env, dir string) (*house.House, *demo.People, error) {
	prof, err := demo.WriteProfile(dir, c.Profile)
	if err != nil {
		return nil, nil, err
	}
	s := store{DB: filepath.Join(dir, "demo.db"), Profile: prof, URL: "http://" + c.Listen}
	if c.Keep == "" {
		s.DB += db.Throwaway
	}
	h, err := s.open(e)
	if err != nil {
		return nil, nil, err
	}
	people, err := demo.Build(e.Ctx, h, time.Now())
	if err == nil {
		_, err = h.Sealer.Step(e.Ctx)
	}
	if err != nil {
		h.Close()
		return nil, nil, err
	}
	return h, people, nil
}

// visitors turns who lives in the demonstration into who a visitor can be.
func visitors(p *demo.People) *web.Demo {
	d := &web.Demo{}
	for _, r := range p.Roles {
		d.Roles = append(d.Roles, web.DemoRole{Role: r.Role, Title: r.Title, Person: r.Person, Home: r.Home})
	}
	return d
}

// switcher lists the people for the portal's pages, which know no session: there
// a visitor is the reporter on that reporter's page, and an outsider elsewhere.
func switcher(d *web.Demo) func(*http.Request) []ui.DemoRole {
	if d == nil {
		return nil
	}
	return func(r *http.Request) []ui.DemoRole {
		here := "outsider"
		if strings.HasPrefix(r.URL.Path, "/portal/r") {
			here = "reporter"
		}
		var out []ui.DemoRole
		for _, p := range d.Roles {
			out = append(out, ui.DemoRole{Word: p.Role, Title: p.Title, Now: p.Role == here})
		}
		return out
	}
}

// browse opens the address in a browser where there is a desktop.
func browse(url string) {
	var cmd *exec.Cmd
	switch {
	case runtime.GOOS == "darwin":
		cmd = exec.Command("open", url)
	case runtime.GOOS == "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	case os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "":
		cmd = exec.Command("xdg-open", url)
	default:
		return
	}
	if err := cmd.Start(); err == nil {
		go cmd.Wait() //nolint:errcheck // the address is printed as well
	}
}
