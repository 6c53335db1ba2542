package insight

import (
	"context"

	"tocsin/internal/access"
	"tocsin/internal/gate"
	"tocsin/internal/party"
	"tocsin/internal/product"
	"tocsin/internal/query"
)

// Asking makes conditions of a query for a list whose table has the columns: quick
// are those that an index answers. arg keeps an argument and returns its place.
// Conditions narrow what gate lets the reader see and can show nothing else.
func Asking(v *gate.View, q query.Query, columns query.Columns, arg func(any) string) (quick, where []string, err error) {
	if len(q.Terms) == 0 {
		return nil, nil, nil
	}
	people, err := party.Asked(v, q)
	if err != nil {
		return nil, nil, err
	}
	quick, where = query.Reading{Columns: columns, Now: v.Now, Me: string(v.Actor.ID), People: people, Arg: arg}.Conditions(q)
	return quick, where, nil
}

// Complete tells whoever may read a list, by its verb, what could stand at a place of
// a query for it, in bytes. People are offered as the reader may name them; products
// and components by the product tree, which is no secret inside. Nothing that is
// offered comes from a record.
func Complete(ctx context.Context, g *gate.Gate, read access.Verb, words *query.Vocabulary, text string, at int) (c query.Completion, err error) {
	err = g.View(ctx, func(v *gate.View) error {
		if v.Actor.Kind == access.Reporter {
			return access.NoRecord()
		}
		if _, _, err := v.Where(read, "c", 1); err != nil {
			return err
		}
		s := words.Spot(text, at)
		more, err := offered(v, words, s)
		c = query.Completion{From: s.From, To: s.To, Offers: words.Offers(s, more)}
		return err
	})
	return c, err
}

func offered(v *gate.View, words *query.Vocabulary, s query.Spot) ([]query.Value, error) {
	f, ok := words.Field(s.Field)
	switch {
	case !ok:
		return nil, nil
	case f.Kind == query.Person:
		return party.Offered(v, s.Typed)
	case f.Name == "product":
		return product.Offered(v, s.Typed)
	case f.Name == "component":
		return product.OfferedComponents(v, s.Typed)
	case f.Name == "team":
		return party.OfferedTeams(v, s.Typed)
	}
	return nil, nil
}
