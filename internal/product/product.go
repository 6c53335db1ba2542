// Package product keeps what the vendor ships: products, their components and who
// owns them, and the release lines that get fixes. Records name products by
// their short name. Inside, the product tree is no secret.
package product

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// VerbEdit is to change the product tree.
const VerbEdit access.Verb = "product.edit"

// Product is something that the vendor ships.
type Product struct {
	Name       string      `json:"name"` // as records name it: "harbor-gateway"
	Title      string      `json:"title"`
	Vendor     string      `json:"vendor,omitempty"`
	PURL       string      `json:"purl,omitempty"`
	Ecosystem  string      `json:"ecosystem,omitempty"` // OSV's word
	About      string      `json:"about,omitempty"`
	Public     bool        `json:"public"` // offered on the public report form
	Components []Component `json:"components"`
	Lines      []Line      `json:"lines"`
	Version    int         `json:"version"`
}

// Component is a part of a product, with the team that owns it.
type Component struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Team  ref.ID `json:"team,omitempty"`
}

// Line is a release line.
type Line struct {
	Name      string    `json:"name"`      // "18.7"
	Supported bool      `json:"supported"` // gets fixes
	Until     time.Time `json:"until,omitzero"`
}

// Products are the operations on the product tree.
type Products struct{ Gate *gate.Gate }

// List returns every product with its components and release lines, to those inside.
func (s *Products) List(ctx context.Context) (out []Product, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if k := v.Actor.Kind; k == access.Reporter || k == access.Public().Kind {
			return fault.New(fault.Forbidden, "the product tree is for those inside; the report form has what is public")
		}
		out, err = all(v)
		return err
	})
	return out, err
}

// Public returns the products that the public report form offers.
func (s *Products) Public(ctx context.Context) (out []Product, err error) {
	err = s.Gate.View(access.With(ctx, access.Public()), func(v *gate.View) error {
		out, err = public(v)
		return err
	})
	return out, err
}

var shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

func (p *Product) check() error {
	var fs fault.Fields
	if !shortName.MatchString(p.Name) {
		fs.Add("name", "%q is no short name; use lower-case letters, digits, dots and dashes, such as harbor-gateway", p.Name)
	}
	for _, f := range []struct {
		name string
		text *string
	}{{"title", &p.Title}, {"vendor", &p.Vendor}, {"purl", &p.PURL}, {"ecosystem", &p.Ecosystem}, {"about", &p.About}} {
		thread.LineField(&fs, f.name, f.text, MaxText)
	}
	fs.Want("title", p.Title, "a product needs a title for people to read")
	if p.PURL != "" && !strings.HasPrefix(p.PURL, "pkg:") {
		fs.Add("purl", "a package URL begins with pkg:, such as pkg:golang/example.org/gateway")
	}
	p.names(&fs)
	return fs.Err()
}

// Limits of a product.
const (
	MaxText  = 1000 // of a text, in bytes
	MaxName  = 100  // of the name of a component or a release line
	MaxParts = 500  // components, and release lines
)

// names checks that components and lines have names, each its own.
func (p *Product) names(fs *fault.Fields) {
	if len(p.Components) > MaxParts || len(p.Lines) > MaxParts {
		fs.Add("components", "a product has at most %d components and as many release lines", MaxParts)
		return
	}
	seen := map[string]bool{}
	own := func(field, name string) {
		if name == "" || seen[field+name] {
			fs.Add(field, "every one needs a name of its own, at most %d letters long", MaxName)
		}
		seen[field+name] = true
	}
	p.Components, p.Lines = slices.Clone(p.Components), slices.Clone(p.Lines)
	for i := range p.Components {
		c := &p.Components[i]
		thread.LineField(fs, "components", &c.Name, MaxName)
		thread.LineField(fs, "components", &c.Title, MaxText)
		own("components", c.Name)
	}
	for i := range p.Lines {
		thread.LineField(fs, "lines", &p.Lines[i].Name, MaxName)
		own("lines", p.Lines[i].Name)
	}
}

// Save makes the product, or replaces what is known of it. Version is that which
// the editor saw, 0 for a new one.
func (s *Products) Save(ctx context.Context, p Product) error {
	return s.Gate.Act(ctx, VerbEdit, "", func(tx *gate.Tx) error {
		if err := p.check(); err != nil {
			return err
		}
		for _, c := range p.Components {
			if ok, err := isTeam(&tx.View, c.Team); err != nil {
				return err
			} else if !ok {
				return fault.At("components", "there is no team %q to own %s; name one, or leave it empty", c.Team, c.Name)
			}
		}
		return save(tx, &p)
	})
}
