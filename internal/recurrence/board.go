package recurrence

import (
	"context"

	"tocsin/internal/gate"
)

// Board is what recurs together with what is proposed about it, read at one moment.
type Board struct {
	*Answer
	Proposed []Draft    `json:"proposed"`  // groups first, by their size
	Why      []Proposal `json:"proposals"` // beside each draft, what speaks for it

	Rooted []CauseGroup `json:"rooted,omitempty"` // of Others: root causes by product, whatever their number
}

// BoardIn answers a question inside another view and drafts what is proposed about its
// groups; of another day than today nothing is, since a proposal is of now. Drafts are
// made of the cases that the answer lists. What late cases and unsupported products
// propose is Others.
func (r *Recurrence) BoardIn(v *gate.View, ask Ask) (*Board, error) {
	a, err := r.AnswerIn(v, ask)
	if err != nil {
		return nil, err
	}
	b := &Board{Answer: a}
	if a.Window.Last != WindowTo(v.Now, r.Rules.Months).Last {
		return b, nil
	}
	for i := range a.Groups {
		if g := &a.Groups[i]; g.Proposal == Open {
			b.add(r, &found{Proposal: g.proposal(), group: g, open: g.seenByAll()})
		}
	}
	return b, nil
}

// Others drafts what root causes, late cases and unsupported products propose, and
// lists the groups of root causes, at most so many.
func (r *Recurrence) Others(ctx context.Context, most int) (b *Board, err error) {
	err = r.Gate.View(ctx, func(v *gate.View) error {
		b = &Board{}
		all, groups, err := r.others(v, WindowTo(v.Now, r.Rules.Months), Ask{Groups: most}, 1)
		for _, x := range all {
			b.add(r, x)
		}
		b.Rooted = groups
		return err
	})
	return b, err
}

func (b *Board) add(r *Recurrence, x *found) {
	b.Proposed, b.Why = append(b.Proposed, x.draft(r)), append(b.Why, x.Proposal)
}

// seenByAll is how many of the listed cases all staff see.
func (g *Group) seenByAll() (n int) {
	for _, d := range g.Cases {
		if d.open {
			n++
		}
	}
	return n
}
