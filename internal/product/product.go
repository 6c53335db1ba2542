// Package product keeps what the vendor ships: products, their components and who
// owns them, and the release lines that get fixes. Records name products by
// their short name. Inside, the product tree is no secret.
package product

import (
	"context"
	"regexp"
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

// List returns every product with its components and release lines.
func (s *Products) List(ctx context.Context) (out []Product, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
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
	for field, text := range map[string]*string{"title": &p.Title, "vendor": &p.Vendor, "about": &p.About} {
		clean, err := thread.Line(field, *text, 1000)
		if err != nil {
			fs.Add(field, "%s", fault.Of(err).Says)
		}
		*text = clean
	}
	if p.Title == "" {
		fs.Add("title", "a product needs a title for people to read")
	}
	p.names(&fs)
	return fs.Err()
}

// names checks that components and lines have names, each its own.
func (p *Product) names(fs *fault.Fields) {
	seen := map[string]bool{}
	for _, c := range p.Components {
		if c.Name == "" || seen["c"+c.Name] || len(c.Name) > 100 {
			fs.Add("components", "every component needs a name of its own, at most 100 letters long")
		}
		seen["c"+c.Name] = true
	}
	for _, l := range p.Lines {
		if l.Name == "" || seen["l"+l.Name] || len(l.Name) > 100 {
			fs.Add("lines", "every release line needs a name of its own, at most 100 letters long")
		}
		seen["l"+l.Name] = true
	}
}

// Save makes the product, or replaces what is known of it. Version is that which
// the editor saw, 0 for a new one.
func (s *Products) Save(ctx context.Context, p Product) error {
	return s.Gate.Act(ctx, VerbEdit, "", func(tx *gate.Tx) error {
		if err := p.check(); err != nil {
			return err
		}
		return save(tx, &p)
	})
}
