package product_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/fault"
	"tocsin/internal/party"
	"tocsin/internal/product"
	"tocsin/internal/rig"
)

func gateway() product.Product {
	return product.Product{Name: "gateway", Title: "Gateway", PURL: "pkg:golang/example.org/gateway", Public: true,
		Components: []product.Component{{Name: "export", Title: "Export"}}, Lines: []product.Line{{Name: "18.7", Supported: true}, {Name: "17.0"}}}
}

func TestAProductIsSavedWholeAndOnce(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		team, err := h.Parties.SaveTeam(h.As(t, "max", "manager"), party.Team{Name: "Edge"})
		if err != nil {
			t.Fatal(err)
		}
		p := gateway()
		p.Components[0].Team = team
		if err := h.Products.Save(ana, p); err != nil {
			t.Fatal(err)
		}
		if err := h.Products.Save(ana, p); !errors.Is(err, fault.Conflict) {
			t.Errorf("the same name again: %v", err)
		}
		p.Version, p.Title, p.Lines = 1, "The gateway", p.Lines[:1]
		if err := h.Products.Save(ana, p); err != nil {
			t.Fatal(err)
		}
		if err := h.Products.Save(ana, p); !errors.Is(err, fault.Conflict) {
			t.Errorf("at the version before: %v", err)
		}
		all, err := h.Products.List(ana)
		if err != nil || len(all) != 1 || all[0].Title != "The gateway" || all[0].Version != 2 || len(all[0].Components) != 1 || all[0].Components[0].Team != team || len(all[0].Lines) != 1 {
			t.Errorf("have %+v, %v", all, err)
		}
	})
}

func TestTheProductTreeIsForThoseInside(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		hidden := gateway()
		hidden.Name, hidden.Public = "unannounced", false
		for _, p := range []product.Product{gateway(), hidden} {
			if err := h.Products.Save(ana, p); err != nil {
				t.Fatal(err)
			}
		}
		public, err := h.Products.Public(t.Context())
		if err != nil || len(public) != 1 || public[0].Name != "gateway" || len(public[0].Components)+len(public[0].Lines) != 0 {
			t.Errorf("the public sees %+v, %v", public, err)
		}
		if _, err := h.Products.List(h.Reporter()); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a reporter lists the tree: %v", err)
		}
		if err := h.Products.Save(h.As(t, "ruth", "auditor"), gateway()); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an auditor saves: %v", err)
		}
	})
}

func TestWhatAProductMayNotHold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst")
		for name, c := range map[string]struct {
			field string
			fn    func(*product.Product)
		}{
			"no short name":                      {"name", func(p *product.Product) { p.Name = "Gate Way" }},
			"no title":                           {"title", func(p *product.Product) { p.Title = " " }},
			"an override in the title":           {"title", func(p *product.Product) { p.Title = "a\u202eb" }},
			"a long text":                        {"about", func(p *product.Product) { p.About = strings.Repeat("x", product.MaxText+1) }},
			"a package URL that is none":         {"purl", func(p *product.Product) { p.PURL = "https://example.org" }},
			"a control character in a component": {"components", func(p *product.Product) { p.Components[0].Name = "a\x1bb" }},
			"an override in a component's title": {"components", func(p *product.Product) { p.Components[0].Title = "a\u2066b" }},
			"two components of one name":         {"components", func(p *product.Product) { p.Components = append(p.Components, p.Components[0]) }},
			"a team that does not exist":         {"components", func(p *product.Product) { p.Components[0].Team = "team-0" }},
			"a line without a name":              {"lines", func(p *product.Product) { p.Lines[0].Name = "" }},
			"lines without end":                  {"components", func(p *product.Product) { p.Lines = make([]product.Line, product.MaxParts+1) }},
		} {
			p := gateway()
			c.fn(&p)
			err := h.Products.Save(ana, p)
			if f := fault.Of(err); err == nil || !slices.ContainsFunc(f.Fields, func(f fault.Field) bool { return f.Name == c.field }) {
				t.Errorf("%s: have %v, want the field %s", name, err, c.field)
			}
		}
		if all, err := h.Products.List(ana); err != nil || len(all) != 0 {
			t.Errorf("something was kept: %+v %v", all, err)
		}
	})
}
