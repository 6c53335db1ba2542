package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/bulk"
	"tocsin/internal/fault"
	"tocsin/internal/house"
	"tocsin/internal/ref"
)

// bulkCmd does one thing to many records, as the lists and the API do.
type bulkCmd struct {
	Begin bulkBeginCmd `cmd:"" help:"Do one thing to all records of a list that a query leaves, or to those that are named."`
	List  bulkListCmd  `cmd:"" help:"List what was done so of late."`
	Show  bulkShowCmd  `cmd:"" help:"Show what became of each record."`
	Undo  bulkUndoCmd  `cmd:"" help:"Set back each record that nobody else has changed since."`
}

type bulkBeginCmd struct {
	store
	Surface  string   `arg:"" name:"list" help:"cases, inbox, register, observations, advisories or people."`
	Act      string   `arg:"" help:"What is done: assign, label, submit, give … ; a word that is none is answered with those that are."`
	Query    []string `arg:"" optional:"" help:"Which: stage:triage 'sev>=high' -- -label:dup; quote it for the shell. Without it, name records by --id, or say --all."`
	With     string   `help:"With what: a person, a label, a role, a mark." placeholder:"WORD"`
	Reason   string   `help:"Why, for us." placeholder:"TEXT"`
	Answer   string   `help:"What reporters are told." placeholder:"TEXT"`
	Original string   `help:"The record that reports repeat." placeholder:"ID"`
	ID       []string `help:"A record; may be given more than once." placeholder:"ID"`
	All      bool     `help:"All that the list has."`
	JSON     bool     `help:"One JSON object."`
}

// Run changes the records and waits until all are done.
func (c bulkBeginCmd) Run(e *Env) error {
	in := bulk.Asked{Surface: c.Surface, Act: c.Act, Query: strings.Join(c.Query, " "),
		Input: bulk.Input{Value: c.With, Reason: c.Reason, Answer: c.Answer, Original: ref.ID(c.Original)}}
	in.All = c.All || len(c.Query) > 0
	for _, id := range c.ID {
		in.IDs = append(in.IDs, ref.Read(id))
	}
	if !in.All && len(in.IDs) == 0 {
		return fault.New(fault.Invalid, "nothing is chosen; write a query, name records by --id, or say --all")
	}
	return atBulks(c.store, e, c.JSON, func(ctx context.Context, h *house.House) (ref.ID, error) { return h.Bulks.Begin(ctx, in) })
}

// atBulks opens the store, begins work on many records, waits until it is done, and says
// what became of them.
func atBulks(s store, e *Env, asJSON bool, begin func(context.Context, *house.House) (ref.ID, error)) error {
	h, err := s.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	ctx := asHouse(e.Ctx)
	id, err := begin(ctx, h)
	if err != nil {
		return err
	}
	b, err := h.Bulks.Wait(ctx, id)
	if err != nil {
		return err
	}
	return e.tellBulk(b, asJSON)
}

// tellBulk says what became of many records. That none was changed is the answer "no".
func (e *Env) tellBulk(b *bulk.Bulk, asJSON bool) error {
	if asJSON {
		return e.print(b)
	}
	e.say("%s  %s %s", b.ID, b.Surface, bulkDid(b))
	for _, w := range b.Why {
		var ids []string
		for _, id := range w.IDs {
			ids = append(ids, string(id))
		}
		e.say("  %d %s: %s (%s)", w.Count, w.State, w.Says, strings.Join(ids, " "))
	}
	for _, id := range b.Missing {
		e.say("  %s: there is no such record", id)
	}
	if b.May {
		note(e, "take it back, for a day, with: tocsin bulk undo %s", b.ID)
	}
	return nil
}

// bulkDid is what was done, and to how many.
func bulkDid(b *bulk.Bulk) string {
	var out []string
	for _, state := range []string{bulk.RowDone, bulk.RowUndone, bulk.RowSame, bulk.RowRefused, bulk.RowLeft, bulk.RowWaiting} {
		if n := b.Counts[state]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.TrimSpace(b.Act+" "+b.Input.Value) + ": " + cmp.Or(strings.Join(out, ", "), "nothing was changed")
}

type bulkListCmd struct {
	store
	JSON bool `help:"One JSON object a line."`
}

// Run lists what the machine's holder did to many records.
func (c bulkListCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	all, err := h.Bulks.Latest(asHouse(e.Ctx))
	for _, b := range all {
		if c.JSON {
			err = errors.Join(err, e.print(b))
			continue
		}
		e.say("%s  %s  %s %s", b.ID, b.At.Format("2006-01-02 15:04"), b.Surface, bulkDid(b))
	}
	return err
}

type bulkShowCmd struct {
	store
	ID   string `arg:"" help:"The ID that begin printed."`
	JSON bool   `help:"One JSON object a record."`
}

// Run shows what became of each record.
func (c bulkShowCmd) Run(e *Env) error {
	h, err := c.open(e)
	if err != nil {
		return err
	}
	defer h.Close()
	ctx, after := asHouse(e.Ctx), 0
	for {
		l, err := h.Bulks.Rows(ctx, ref.ID(c.ID), after, bulk.MaxIDs)
		if err != nil {
			return noBulk(err, c.ID)
		}
		for _, r := range l.Rows {
			if c.JSON {
				err = errors.Join(err, e.print(r))
				continue
			}
			e.say("%s", strings.Join(slices.DeleteFunc([]string{string(r.ID), r.State, r.Says}, func(s string) bool { return s == "" }), "  "))
		}
		if after = l.Next; after == 0 || err != nil {
			return err
		}
	}
}

type bulkUndoCmd struct {
	store
	ID   string `arg:"" optional:"" help:"The ID that begin printed; without it, what was done last."`
	JSON bool   `help:"One JSON object."`
}

// Run sets back what was done, and waits until it is.
func (c bulkUndoCmd) Run(e *Env) error {
	return atBulks(c.store, e, c.JSON, func(ctx context.Context, h *house.House) (ref.ID, error) {
		id := ref.ID(c.ID)
		if id == "" {
			last, err := h.Bulks.Latest(ctx)
			if err != nil {
				return "", err
			}
			if len(last) == 0 {
				return "", fault.New(fault.NotFound, "nothing was done to many records from this command line of late")
			}
			id = last[0].ID
		}
		return id, noBulk(h.Bulks.Undo(ctx, id), string(id))
	})
}

// noBulk says of an ID that is none of the machine's holder where such IDs are.
func noBulk(err error, id string) error {
	if errors.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "nothing was done under %q from this command line; see what was with: tocsin bulk list", id)
	}
	return err
}
