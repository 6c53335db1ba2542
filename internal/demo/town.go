package demo

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/product"
	"tocsin/internal/ref"
)

//go:embed town.yaml
var townText []byte

// settled is what stands before anything happens: people, teams, products.
type settled struct {
	People   []resident `yaml:"people"`
	Teams    []team     `yaml:"teams"`
	Products []ware     `yaml:"products"`
	Outside  []finder   `yaml:"outside"`
}

type resident struct {
	Handle string   `yaml:"handle"`
	Name   string   `yaml:"name"`
	Roles  []string `yaml:"roles"`
	Guest  bool     `yaml:"guest"` // not of the staff: sees what is shared
	Mail   bool     `yaml:"mail"`  // wants news by mail, too
	Level  int      `yaml:"level"` // of management, from the lowest; 0 is none
}

type team struct {
	Key     string   `yaml:"key"`
	Name    string   `yaml:"name"`
	Members []string `yaml:"members"`
}

// ware is a product: its newest release line is Major.Minor today, and there is a
// new one every two months.
type ware struct {
	Name       string   `yaml:"name"`
	Title      string   `yaml:"title"`
	About      string   `yaml:"about"`
	Major      int      `yaml:"major"`
	Minor      int      `yaml:"minor"`
	Team       string   `yaml:"team"`
	Components []string `yaml:"components"`
}

// finder is somebody outside who reports.
type finder struct {
	Key     string `yaml:"key"`
	Name    string `yaml:"name"`
	Contact string `yaml:"contact"`
	Credit  string `yaml:"credit"`
	As      string `yaml:"as"`
	Link    string `yaml:"link"`
}

// town is a house that is being lived in.
type town struct {
	settled
	ctx        context.Context
	h          *house.House // by our clock
	mu         sync.Mutex
	now        time.Time
	end        time.Time
	ids        map[string]ref.ID // people by handle, teams by key
	turns      turns
	told       int
	stories    []*story
	byKey      map[string]*story
	weaknesses map[string]weakness
}

func open(ctx context.Context, h *house.House, end time.Time) (*town, error) {
	t := &town{ctx: ctx, end: end, now: end.Add(-days * 24 * time.Hour), ids: map[string]ref.ID{}, byKey: map[string]*story{}}
	t.h = h.At(t.clock)
	if err := read(townText, &t.settled); err != nil {
		return nil, fmt.Errorf("town.yaml: %w", err)
	}
	return t, nil
}

// settle lets people move in, sets the products up and adds every story.
func (t *town) settle() error {
	if err := t.moveIn(); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	for i := range t.Products {
		if err := t.products(&t.Products[i]); err != nil {
			return fmt.Errorf("products: %w", err)
		}
	}
	t.watchClocks()
	t.signIns()
	if err := t.addStories(); err != nil {
		return err
	}
	return t.addVentures()
}

// moveIn makes the first account, and invites everybody else.
func (t *town) moveIn() error {
	link, err := t.h.Parties.Setup(t.ctx)
	if err != nil {
		return err
	}
	if link == "" {
		return fault.New(fault.Conflict, "the store has people already; the demonstration wants an empty one")
	}
	first := t.first("admin")
	if _, err := t.h.Parties.Found(t.ctx, link, first.person(), ref.Secret(), "demonstration"); err != nil {
		return err
	}
	me, err := t.h.Parties.Directory(t.ctx)
	if err != nil {
		return err
	}
	t.ids[first.Handle] = me[0].ID
	if err := t.invite(first.Handle); err != nil {
		return err
	}
	for _, tm := range t.Teams {
		var members []ref.ID
		for _, m := range tm.Members {
			members = append(members, t.ids[m])
		}
		if t.ids[tm.Key], err = t.h.Parties.SaveTeam(t.must(first.Handle), party.Team{Name: tm.Name, Members: members}); err != nil {
			return err
		}
	}
	for _, r := range t.People {
		if ls := t.h.Rules.Register.Levels; r.Level > 0 && len(ls) > 0 {
			if err := t.h.Parties.SetLevel(t.must(first.Handle), t.ids[r.Handle], ls[min(r.Level, len(ls))-1].Name); err != nil {
				return err
			}
		}
	}
	return t.h.Parties.Take(t.must(t.first("manager").Handle), t.ids[first.Handle], "manager")
}

func (r resident) person() party.Person {
	p := party.Person{Name: r.Name, Handle: r.Handle, Roles: r.Roles}
	if r.Mail {
		p.Email = r.Handle + "@fernhollow.example"
	}
	return p
}

// invite brings everybody but the host in; each accepts with a password that
// nobody keeps.
func (t *town) invite(host string) error {
	answers := make(chan error, len(t.People))
	waiting := 0
	for _, r := range t.People {
		if r.Handle == host {
			continue
		}
		id, link, err := t.h.Parties.Invite(t.must(host), r.person(), r.Guest)
		if err != nil {
			return err
		}
		t.ids[r.Handle] = id
		waiting++
		go func() {
			_, err := t.h.Parties.Accept(t.ctx, link, ref.Secret(), "demonstration")
			answers <- err
		}()
	}
	var failed error
	for range waiting {
		if err := <-answers; err != nil {
			failed = err
		}
	}
	return failed
}

// first is the first person with a role.
func (t *town) first(role string) resident { return t.nth(role, 0) }

// nth is the n-th person with a role, in turn.
func (t *town) nth(role string, n int) resident {
	var has []resident
	for _, r := range t.People {
		if slices.Contains(r.Roles, role) {
			has = append(has, r)
		}
	}
	return has[n%len(has)]
}

// as is the context in which a person acts.
func (t *town) as(handle string) (context.Context, error) {
	for _, r := range t.People {
		if r.Handle == handle {
			return access.With(t.ctx, access.Actor{ID: t.ids[handle], Kind: access.Person, Name: r.Name}), nil
		}
	}
	return nil, fault.New(fault.Invalid, "nobody is called %q in town.yaml", handle)
}

func (t *town) must(handle string) context.Context {
	ctx, err := t.as(handle)
	if err != nil {
		panic(err) // a name of our own table
	}
	return ctx
}

// train is how many days there are between release lines.
const train = 60

// minor is the newest minor release line at a moment.
func (t *town) minor(w *ware, at time.Time) int {
	return w.Minor - int(t.end.Sub(at).Hours()/24/train)
}

// supported is how many release lines get fixes.
func (t *town) supported() int { return max(2, t.h.Rules.Releases.Supported) }

// lines are the release lines that get fixes at a moment, newest first.
func (t *town) lines(w *ware, at time.Time) []string {
	var out []string
	for i := range t.supported() {
		out = append(out, fmt.Sprintf("%d.%d", w.Major, t.minor(w, at)-i))
	}
	return out
}

// products sets a product up and lets its release lines move on.
func (t *town) products(w *ware) error {
	p := product.Product{Name: w.Name, Title: w.Title, Vendor: t.h.Rules.Publisher.Name, About: w.About, Public: true}
	for _, c := range w.Components {
		p.Components = append(p.Components, product.Component{Name: c, Title: strings.ReplaceAll(c, "-", " "), Team: t.ids[w.Team]})
	}
	manager := t.first("release-manager").Handle
	t.tell(&story{what: "release lines of " + w.Name, begin: t.now}, func(s *story) {
		for s.err == nil {
			s.do(manager, "release lines", func(ctx context.Context) error {
				p.Lines = t.releaseLines(w, s.at)
				if err := t.h.Products.Save(ctx, p); err != nil {
					return err
				}
				p.Version++
				return nil
			})
			passed := t.end.Sub(s.at).Hours() / 24
			next := passed - float64(int(passed/train)*train)
			s.until(s.at.Add(span(next + 0.01)))
		}
	})
	return nil
}

// releaseLines are those that get fixes, and as many before them.
func (t *town) releaseLines(w *ware, at time.Time) []product.Line {
	var out []product.Line
	n := t.supported()
	for i := range n + 2 {
		minor := t.minor(w, at) - i
		l := product.Line{Name: fmt.Sprintf("%d.%d", w.Major, minor), Supported: i < n}
		born := t.end.Add(-span(float64((w.Minor - minor + 1) * train)))
		l.Until = born.Add(span(float64(n * train))).Truncate(24 * time.Hour)
		out = append(out, l)
	}
	return out
}

// watchClocks looks at the clocks once a day, as the house does more often.
func (t *town) watchClocks() {
	system := access.With(t.ctx, access.System("clock"))
	t.tell(&story{what: "clocks", begin: t.now}, func(s *story) {
		for day := 1.0; s.err == nil; day++ {
			if _, err := t.h.Cases.Tick(system, 200); err != nil {
				s.err = err
			}
			if _, err := t.h.Reports.Tick(system, 200); err != nil {
				s.err = err
			}
			s.wait(day)
		}
	})
}

// signIns lets everybody have been here lately: some this hour, some last week.
func (t *town) signIns() {
	for i, r := range t.People {
		ago := time.Duration((i+1)*(i+1)) * 37 * time.Minute
		t.tell(&story{what: "sign-in", begin: t.end.Add(-ago)}, func(s *story) {
			secret, err := t.h.Parties.SessionFor(t.ctx, t.ids[r.Handle])
			if err == nil {
				err = t.h.Parties.SignOut(t.ctx, secret)
			}
			s.err = err
		})
	}
}

func (t *town) ware(name string) (*ware, error) {
	for i := range t.Products {
		if t.Products[i].Name == name {
			return &t.Products[i], nil
		}
	}
	return nil, fault.New(fault.Invalid, "there is no product %q in town.yaml", name)
}

func (t *town) finder(key string) (finder, error) {
	for _, f := range t.Outside {
		if f.Key == key {
			return f, nil
		}
	}
	return finder{}, fault.New(fault.Invalid, "there is no reporter %q in town.yaml", key)
}
