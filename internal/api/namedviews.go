package api

import (
	"context"

	"tocsin/internal/house"
	"tocsin/internal/ref"
	kept "tocsin/internal/saved"
)

// savedRoutes are the rows about queries of lists that have a name.
var savedRoutes = []Route{
	{"view.list", "GET", "/views", "", "Saved views of lists: your own and those for everybody", read(listViews)},
	{"view.save", "POST", "/views", "", "Save a query of a list under a name; the same name again replaces it", create(saveView)},
	{"view.rename", "PUT", "/views/{view}/name", "", "Give a saved view another name", change(renameView)},
	{"view.first", "PUT", "/view-choices/{surface}", "", "Say with which view a list opens for you", change(chooseView)},
	{"view.delete", "DELETE", "/views/{view}", "", "Delete a saved view: your own, or one for everybody if you may share them", change(deleteView)},
}

func listViews(ctx context.Context, h *house.House, in struct {
	Surface string `query:"surface" doc:"The list that they belong to: cases, inbox, advisories, register, …; register where it is not given."`
}) (*Page[kept.View], error) {
	if in.Surface == "" {
		in.Surface = "register"
	}
	out, err := h.Views.List(ctx, in.Surface)
	return listOf(out, same[kept.View]), err
}

// NamedView is a query of a list that is saved under a name.
type NamedView struct {
	Surface string `json:"surface"` // the list that it belongs to
	Name    string `json:"name"`
	Query   string `json:"query"`            // of the list's address
	Shared  bool   `json:"shared,omitempty"` // for everybody
}

func saveView(ctx context.Context, h *house.House, in struct{ Body NamedView }) (*Made, error) {
	id, err := h.Views.Save(ctx, kept.View{Surface: in.Body.Surface, Name: in.Body.Name, Query: in.Body.Query, Shared: in.Body.Shared})
	return &Made{id, "/views"}, err
}

// ViewName is the name of a saved view.
type ViewName struct {
	Name string `json:"name"`
}

func renameView(ctx context.Context, h *house.House, in struct {
	View ref.ID `path:"view" doc:"The ID of the saved view."`
	Body ViewName
}) error {
	return h.Views.Rename(ctx, in.View, in.Body.Name)
}

// ChosenView is the view that a list opens with.
type ChosenView struct {
	View ref.ID `json:"view"` // empty is what the list shows by itself
}

func chooseView(ctx context.Context, h *house.House, in struct {
	Surface string `path:"surface" doc:"The list."`
	Body    ChosenView
}) error {
	return h.Views.First(ctx, in.Surface, in.Body.View)
}

func deleteView(ctx context.Context, h *house.House, in struct {
	View ref.ID `path:"view" doc:"The ID of the saved view."`
}) error {
	return h.Views.Delete(ctx, in.View)
}
