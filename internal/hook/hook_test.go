package hook_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/hook"
	"tocsin/internal/outside"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// ear is a receiver that keeps what it is told, and may be out of order.
type ear struct {
	heard []outside.Call
	down  bool
}

func (*ear) Check(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return fault.At("address", "webhooks go to https addresses")
	}
	return nil
}

func (e *ear) Call(_ context.Context, c outside.Call) error {
	if e.down {
		return fault.New(fault.Unavailable, "the address answered 503")
	}
	e.heard = append(e.heard, c)
	return nil
}

// told are the types and records of what was heard, each once, in order.
func (e *ear) told(t *testing.T) (out []string) {
	t.Helper()
	for _, c := range e.heard {
		var m struct {
			Type string
			Data struct{ ID, Record, URL string }
		}
		if err := json.Unmarshal(c.Body, &m); err != nil {
			t.Fatal(err)
		}
		if m.Data.ID != c.ID || !strings.HasSuffix(m.Data.URL, m.Data.Record) {
			t.Errorf("sent %s under %s", c.Body, c.ID)
		}
		out = append(out, m.Type+" "+m.Data.Record)
	}
	return out
}

// round seals the log and has all told.
func round(t *testing.T, h *rig.House) {
	t.Helper()
	catch(t, h)
	ok(t, h.Hooks.Round(t.Context()))
}

// catch seals what was done.
func catch(t *testing.T, h *rig.House) {
	t.Helper()
	for {
		n, err := h.Sealer.Step(t.Context())
		ok(t, err)
		if n == 0 {
			return
		}
	}
}

// raise raises a risk; named ones exist for who raised them alone.
func raise(t *testing.T, h *rig.House, ctx context.Context, title string, named bool) ref.ID {
	t.Helper()
	id, err := h.Risks.Raise(ctx, risk.Raising{Title: title, Named: named})
	ok(t, err)
	return id
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAHookIsToldWhatItsKeeperMaySee(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		e := &ear{}
		h.Hooks.Caller = e
		cora, ana := h.As(t, "cora", "coordinator"), h.As(t, "ana", "manager")
		before := raise(t, h, ana, "Raised before anybody listened to the register", false)
		catch(t, h)
		id, err := h.Hooks.Add(cora, hook.Hook{Name: "chat", Address: "https://hooks.example.org/x", Kinds: []string{"risk"}})
		ok(t, err)
		seen := raise(t, h, ana, "Exports may reveal data to members of sibling groups", false)
		hidden := raise(t, h, ana, "Keys of the signing service may be read by engineers", true)
		_, err = h.Cases.Open(ana, casework.Opening{Title: "A case is no risk"})
		ok(t, err)
		e.heard = nil
		round(t, h)
		got := e.told(t)
		if len(got) == 0 || !slices.Contains(got, "risk.raise "+string(seen)) {
			t.Errorf("told %q, want that %s was raised", got, seen)
		}
		for _, x := range got {
			if strings.Contains(x, string(hidden)) || strings.Contains(x, string(before)) || strings.Contains(x, "CASE") {
				t.Errorf("told %s", x)
			}
		}
		round(t, h)
		if again := e.told(t); len(again) != len(got) {
			t.Errorf("told twice: %q", again[len(got):])
		}
		if _, err := h.Hooks.Secret(ana, id); !errors.Is(err, fault.Forbidden) {
			t.Errorf("the secret of another's hook: %v, want Forbidden", err)
		}
		ok(t, h.Hooks.Drop(ana, id))
		raise(t, h, ana, "Another risk that nobody hears of any more", false)
		round(t, h)
		if n := len(e.told(t)); n != len(got) {
			t.Errorf("a deleted hook was told %d more", n-len(got))
		}
	})
}

func TestWhatIsTakenAwayIsNotTold(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		e := &ear{}
		h.Hooks.Caller = e
		cora, ana := h.As(t, "cora", "coordinator"), h.As(t, "ana", "manager")
		id, err := h.Hooks.Add(cora, hook.Hook{Name: "chat", Address: "https://hooks.example.org/x", Kinds: []string{"risk"}})
		ok(t, err)
		raise(t, h, ana, "Exports may reveal data to members of sibling groups", false)
		ok(t, h.Parties.Take(h.As(t, "root", "admin"), "person-cora", "coordinator"))
		round(t, h)
		if len(e.heard) != 0 {
			t.Errorf("told %q to a hook whose keeper may keep none", e.told(t))
		}
		all, err := h.Hooks.List(ana)
		ok(t, err)
		if len(all) != 1 || all[0].ID != id || all[0].State != hook.Stopped || !strings.Contains(all[0].Note, "keeper") {
			t.Errorf("have %+v, want it stopped with the reason", all)
		}
	})
}

func TestAFailedTryIsMadeAgainLaterAndInOrder(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		e := &ear{down: true}
		h.Hooks.Caller = e
		cora, ana := h.As(t, "cora", "coordinator"), h.As(t, "ana", "manager")
		_, err := h.Hooks.Add(cora, hook.Hook{Name: "chat", Address: "https://hooks.example.org/x", Kinds: []string{"risk"}})
		ok(t, err)
		one := raise(t, h, ana, "Exports may reveal data to members of sibling groups", false)
		round(t, h)
		all, err := h.Hooks.List(cora)
		ok(t, err)
		if x := all[0]; x.State != hook.On || x.Fails != 1 || x.Note != "the address answered 503" || x.Next.IsZero() {
			t.Errorf("after a failure: %+v", x)
		}
		two := raise(t, h, ana, "Keys of the signing service may be read by engineers", false)
		e.down = false
		round(t, h)
		if len(e.heard) != 0 {
			t.Error("tried again at once, want after a while")
		}
		h.Pass(time.Hour)
		round(t, h)
		got := e.told(t)
		if i, j := slices.Index(got, "risk.raise "+string(one)), slices.Index(got, "risk.raise "+string(two)); i < 0 || j < i {
			t.Errorf("told %q, want %s and then %s", got, one, two)
		}
		e.down = true
		for range 40 {
			raise(t, h, ana, "Another risk that nobody hears of any more", false)
			h.Pass(7 * time.Hour)
			round(t, h)
			if all, err = h.Hooks.List(cora); err != nil || all[0].State == hook.Stopped {
				break
			}
		}
		if all[0].State != hook.Stopped || !strings.Contains(all[0].Note, "503") {
			t.Errorf("after forty failures: %+v, want it stopped with what the address said", all[0])
		}
	})
}

func TestEventsAreAskedForFromAPlace(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		cora, ana := h.As(t, "cora", "coordinator"), h.As(t, "ana", "manager")
		one := raise(t, h, ana, "Exports may reveal data to members of sibling groups", false)
		catch(t, h)
		first, place, err := h.Hooks.Events(cora, "", []string{"risk"}, 100)
		ok(t, err)
		if len(first) == 0 || first[0].Record != one || first[0].Verb != "risk.raise" {
			t.Fatalf("have %+v, want that %s was raised", first, one)
		}
		raise(t, h, ana, "Keys of the signing service may be read by engineers", true)
		two := raise(t, h, ana, "Keys of customers may outlive their project", false)
		catch(t, h)
		more, next, err := h.Hooks.Events(cora, place, nil, 100)
		ok(t, err)
		for _, x := range more {
			if x.Record != two {
				t.Errorf("told of %s, want of %s alone", x.Record, two)
			}
		}
		if len(more) == 0 {
			t.Error("nothing of the newest risk")
		}
		if len(next) != len(place) {
			t.Error("the length of a place tells how much happened")
		}
		if _, _, err := h.Hooks.Events(ana, place, nil, 100); !errors.Is(err, fault.Invalid) {
			t.Errorf("the place of another: %v, want Invalid", err)
		}
		if none, _, err := h.Hooks.Events(cora, "now", nil, 100); err != nil || len(none) != 0 {
			t.Errorf("from now on: %v %v", none, err)
		}
	})
}

func TestAHookThatCannotBeIsRefusedByField(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		h.Hooks.Caller = &ear{}
		cora := h.As(t, "cora", "coordinator")
		for field, in := range map[string]hook.Hook{
			"name":    {Address: "https://a.example", Kinds: []string{"risk"}},
			"address": {Name: "a", Address: "ftp://a.example", Kinds: []string{"risk"}},
			"kinds":   {Name: "a", Address: "https://a.example", Kinds: []string{"person"}},
		} {
			_, err := h.Hooks.Add(cora, in)
			if f := fault.Of(err); f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != field {
				t.Errorf("%+v: %v, want a word about %s alone", in, err, field)
			}
		}
		robot := access.With(t.Context(), access.Actor{ID: ref.ID("token-x"), Kind: access.Machine})
		if _, err := h.Hooks.Add(robot, hook.Hook{}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a token that keeps a hook: %v, want Forbidden", err)
		}
	})
}
