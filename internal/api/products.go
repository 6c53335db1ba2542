package api

import (
	"context"

	"tocsin/internal/house"
	"tocsin/internal/product"
)

// productRoutes are the rows about the product tree.
var productRoutes = []Route{
	{"product.list", "GET", "/products", "", "Every product with its components and release lines", read(listProducts)},
	{"product.save", "PUT", "/products/{name}", product.VerbEdit, "Make a product, or replace what is known of it", change(saveProduct)},
}

func listProducts(ctx context.Context, h *house.House, _ struct{}) (*Page[product.Product], error) {
	ps, err := h.Products.List(ctx)
	return listOf(ps, same[product.Product]), err
}

// ProductBody is what is known of a product.
type ProductBody struct {
	Title      string              `json:"title"`
	Vendor     string              `json:"vendor,omitempty"`
	PURL       string              `json:"purl,omitempty"`
	Ecosystem  string              `json:"ecosystem,omitempty"` // OSV's word
	About      string              `json:"about,omitempty"`
	Public     bool                `json:"public,omitempty"` // offered on the public report form
	Components []product.Component `json:"components,omitempty"`
	Lines      []product.Line      `json:"lines,omitempty"`
	Version    int                 `json:"version,omitempty"` // of the row that you saw; absent for a new one
}

func saveProduct(ctx context.Context, h *house.House, in struct {
	Name  string `path:"name" doc:"Its short name, as records use it."`
	Match int    `match:"version"`
	Body  ProductBody
}) error {
	b := in.Body
	return h.Products.Save(ctx, product.Product{Name: in.Name, Title: b.Title, Vendor: b.Vendor, PURL: b.PURL, Ecosystem: b.Ecosystem, About: b.About,
		Public: b.Public, Components: b.Components, Lines: b.Lines, Version: max(b.Version, in.Match)})
}
