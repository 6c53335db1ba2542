package review

import (
	"context"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// Surfaces are the pages whose filters can be saved.
var Surfaces = []string{"register", "board", "observations", "recurrence", "strategy"}

// View is a filter with a name: one person's own, or for everybody.
type View struct {
	ID      ref.ID    `json:"id"`
	Owner   ref.ID    `json:"owner"`
	Shared  bool      `json:"shared"`
	Surface string    `json:"surface"`
	Name    string    `json:"name"`
	Query   string    `json:"query"` // of the page's address
	At      time.Time `json:"at"`
}

// SaveView saves a filter under a name. The same name again replaces it; one for
// everybody is for those who hold meetings.
func (s *Reviews) SaveView(ctx context.Context, in View) (id ref.ID, err error) {
	verb := risk.VerbRead
	if in.Shared {
		verb = VerbHold
	}
	err = s.Gate.Act(ctx, verb, "", func(tx *gate.Tx) error {
		if err := in.check(); err != nil {
			return err
		}
		mine, err := views(&tx.View, in.Surface)
		if err != nil {
			return err
		}
		in.ID, in.Owner, in.At = ref.New("view"), tx.Actor.ID, tx.Now
		for _, x := range mine {
			if x.Owner == in.Owner && x.Name == in.Name {
				in.ID = x.ID
			}
		}
		if len(mine) >= 100 {
			return fault.New(fault.Conflict, "there are %d saved views already; delete some first", len(mine))
		}
		id = in.ID
		return upsertView(tx, in)
	})
	return id, err
}

func (in *View) check() error {
	var fs fault.Fields
	oneOf(&fs, "surface", in.Surface, Surfaces)
	in.Name = line(&fs, "name", in.Name)
	if in.Name == "" {
		fs.Add("name", "give the view a name")
	}
	in.Query = strings.TrimPrefix(in.Query, "?")
	if q, err := url.ParseQuery(in.Query); err != nil || len(in.Query) > 2000 {
		fs.Add("query", "this is no query of an address, or longer than 2000 characters; save what stands behind the question mark")
	} else {
		q.Del("after") // a page marker is no filter
		in.Query = q.Encode()
	}
	return fs.Err()
}

// Views lists the reader's own views of a page and those for everybody.
func (s *Reviews) Views(ctx context.Context, surface string) (out []View, err error) {
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(risk.VerbRead, ""); err != nil {
			return err
		}
		out, err = views(v, surface)
		return err
	})
	return out, err
}

// DeleteView deletes a view: one's own, or for those who hold meetings one for
// everybody.
func (s *Reviews) DeleteView(ctx context.Context, id ref.ID) error {
	return s.Gate.Act(ctx, risk.VerbRead, "", func(tx *gate.Tx) error {
		x, err := getView(&tx.View, id)
		if err != nil {
			return err
		}
		switch {
		case x.Owner == tx.Actor.ID, x.Shared && tx.May(VerbHold, ""):
			return deleteView(tx, id)
		case x.Shared:
			return fault.New(fault.Forbidden, "this view is for everybody; who saved it, or who holds meetings, may delete it")
		}
		return access.NoRecord()
	})
}
