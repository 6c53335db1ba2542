package api

import (
	"context"
	"time"

	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
)

// searchRoutes are the rows about what reads across records of every kind.
var searchRoutes = []Route{
	{"search.find", "GET", "/search", "", "What holds all of the words, of everything that you may see, sorted by kind", read(searchAll)},
}

// SearchKind is what a search found of one kind, the newest first.
type SearchKind struct {
	Kind  string      `json:"kind"` // case, report, adv, risk, obs, or the kind of a text that stands on a record
	Many  int         `json:"many"` // how much there is, at most 100: 100 is 100 or more
	Items []SearchHit `json:"items"`
}

// SearchHit is one record, or one text that stands on one.
type SearchHit struct {
	ID       string    `json:"id"`                 // of the record, or of what the text is of
	About    ref.ID    `json:"about,omitempty"`    // of a text: the record on which it stands
	On       string    `json:"on,omitempty"`       // of a text: the title of that record
	Title    string    `json:"title,omitempty"`    // absent where the text has none of its own
	Says     string    `json:"says,omitempty"`     // of a text: the words, with some of what stands around them
	Stage    string    `json:"stage,omitempty"`    // of a record
	Severity string    `json:"severity,omitempty"` // of a record that has one; absent is unknown
	At       time.Time `json:"at,omitzero"`        // received, opened, drafted, raised, said; absent is unknown
}

func searchAll(ctx context.Context, h *house.House, in struct {
	Q     string `query:"q" doc:"Words that all occur; \"phrases\" in quotes; word* for beginnings."`
	In    string `query:"in" doc:"One kind alone: case, report, adv, risk, obs, kri, meeting, decision, plan, cause, note, evidence, file. Others are counted."`
	Limit int    `query:"limit" min:"1" max:"100" doc:"Items of a kind, 1 to 100; 10 where it is not given."`
}) (*Page[SearchKind], error) {
	if in.Limit == 0 {
		in.Limit = 10
	}
	var kinds []string
	if in.In != "" {
		kinds = []string{in.In}
	}
	found, err := h.Across.Search(ctx, in.Q, in.Limit, kinds...)
	if err != nil {
		return nil, err
	}
	return listOf(found, searchKind), nil
}

func searchKind(f insight.Found) SearchKind {
	k := SearchKind{Kind: f.Kind, Many: f.Many, Items: []SearchHit{}}
	for _, b := range f.Rows {
		k.Items = append(k.Items, SearchHit{ID: string(b.ID), Title: b.Title, Stage: b.Stage, Severity: b.Severity, At: b.At})
	}
	for _, t := range f.Texts {
		k.Items = append(k.Items, SearchHit{ID: t.ID, About: t.About, On: t.On, Title: t.Title, Says: t.Says, At: t.At})
	}
	return k
}
