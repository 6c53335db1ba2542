package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/insight"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/saved"
)

// findRoutes answer the palette, which asks while somebody types, and show a record
// beside the list in which it stands.
var findRoutes = []Route{
	{Pattern: "GET /find", Do: find},
	{Pattern: "GET /peek/{id}", Do: peek},
}

// hit is one thing that the palette offers: where it leads, and what it is.
type hit struct{ To, Text, Kind string }

// How much the palette offers of each kind, and from how many letters on people,
// products and records are looked for.
const (
	mostHits     = 5
	mostTexts    = 2 // of each kind of texts that stand on records
	leastLetters = 2
)

// find is what is found of each kind for what somebody has typed so far: views and
// pages, records by ID or words, people, products, and the page on which the search
// goes on.
func find(w *Web, r *http.Request) (Answer, error) {
	text := strings.TrimSpace(r.FormValue("q"))
	views, err := w.Views.List(r.Context(), "")
	if err != nil {
		return Answer{}, err
	}
	out := append(viewsFound(views, text), pagesFound(w.rights(r), text)...)
	if id := ref.Read(text); jumps[id.Kind()] && len(id) == len(id.Kind())+1+idLetters {
		return show(200, hits(append(out, hit{recordHref(id), string(id), "record"})))
	}
	if len(text) < leastLetters {
		return show(200, hits(out))
	}
	for _, more := range []func(context.Context, string) ([]hit, error){w.recordsFound, w.peopleFound, w.fewProducts} {
		found, err := more(r.Context(), text)
		if err != nil {
			return Answer{}, err
		}
		out = append(out, found...)
	}
	return show(200, hits(append(out, hit{"/search?" + url.Values{"q": {text}}.Encode(), "Search for " + text, "search"})))
}

// recordsFound are the newest records of each kind that hold the words, of which the
// last may still be being typed.
func (w *Web) recordsFound(ctx context.Context, text string) (out []hit, err error) {
	if !strings.HasSuffix(text, `"`) {
		text = strings.TrimRight(text, "*") + "*"
	}
	found, err := w.Across.Search(ctx, text, mostHits)
	if unsearchable(err) {
		return nil, nil // no word, too common a word, or nothing that this reader may search: the search page says so
	}
	for _, f := range found {
		for _, b := range f.Rows {
			out = append(out, hit{recordHref(b.ID), b.Title, string(b.ID)})
		}
		for i, t := range f.Texts {
			if i < mostTexts || f.Kind == passage.KRI || f.Kind == passage.Meeting {
				out = append(out, textHit(f.Kind, t))
			}
		}
	}
	return out, err
}

// textHit offers a text that stands on a record: an indicator or a meeting by its
// title, all else by what it says.
func textHit(kind string, t insight.Text) hit {
	f := textFound(kind, t)
	if t.Title == "" && t.Says != "" {
		f.Title = t.Says
	}
	of := f.What
	if jumps[t.About.Kind()] {
		of += " · " + string(t.About)
	}
	return hit{f.To, f.Title, of}
}

// peopleFound are those inside whose name holds the words, where the reader may read
// who is inside.
func (w *Web) peopleFound(ctx context.Context, text string) (out []hit, err error) {
	people, err := w.Parties.People(ctx)
	if fault.KindOf(err) == fault.Forbidden {
		return nil, nil
	}
	for _, p := range people {
		if len(out) < mostHits && holds(p.Name+" "+p.Handle, text) {
			out = append(out, hit{recordHref(p.ID), p.Name, "person"})
		}
	}
	return out, err
}

// fewProducts are the first of productsFound.
func (w *Web) fewProducts(ctx context.Context, text string) ([]hit, error) {
	return w.productsFound(ctx, text, mostHits)
}

// productsFound are the products and components whose name or title holds the words,
// for those inside.
func (w *Web) productsFound(ctx context.Context, text string, most int) (out []hit, err error) {
	products, err := w.Products.List(ctx)
	if fault.KindOf(err) == fault.Forbidden {
		return nil, nil
	}
	for _, p := range products {
		if holds(p.Title+" "+p.Name, text) {
			out = append(out, hit{"/products/" + p.Name, p.Title, "product"})
		}
		for _, c := range p.Components {
			if holds(c.Title+" "+c.Name, text) {
				out = append(out, hit{"/products/" + p.Name, or(c.Title, c.Name), "component of " + p.Title})
			}
		}
	}
	return out[:min(len(out), most)], err
}

// viewsFound are the views whose name holds the words: those that come with the
// program, and those that were saved.
func viewsFound(views []saved.View, text string) (out []hit) {
	for _, p := range viewed {
		for _, v := range p.views {
			if holds(v.Text+" "+p.name, text) {
				out = append(out, hit{p.path + "?" + url.Values{"q": {v.Href}}.Encode(), capital(p.name) + ": " + v.Text, "view"})
			}
		}
		for _, v := range views {
			if p.name == v.Surface && len(out) < mostHits && holds(v.Name+" "+p.name, text) {
				out = append(out, hit{p.path + "?" + v.Query, v.Name, "view of " + p.name})
			}
		}
	}
	return out
}

// pagesFound are the pages whose name holds the words, of those that the reader's
// roles cover.
func pagesFound(may func(access.Verb) bool, text string) (out []hit) {
	for _, p := range findPages {
		if (p.verb == "" || may(p.verb)) && holds(p.title+" "+p.also, text) {
			out = append(out, hit{p.path, p.title, p.kind})
		}
	}
	return out
}

// holds tells whether a name holds each of the words.
func holds(name, text string) bool {
	name = strings.ToLower(name)
	for w := range strings.FieldsSeq(strings.ToLower(text)) {
		if !strings.Contains(name, w) {
			return false
		}
	}
	return true
}
