package casework_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

// TestAskingForCases asks in the language of lists, on every engine.
func TestAskingForCases(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, gus := h.As(t, "ana", "analyst", "manager"), h.As(t, "gus", "guest")
		h.As(t, "eve", "engineer")
		title := map[ref.ID]string{}
		open := func(name, severity, component string, named bool) ref.ID {
			h.Pass(24 * time.Hour)
			id, err := h.Cases.Open(ana, casework.Opening{Title: name, Component: component, CWE: "CWE-79", Named: named})
			if err == nil {
				err = h.Cases.Edit(ana, id, casework.Patch{Provisional: &severity})
			}
			if err != nil {
				t.Fatal(err)
			}
			title[id] = name
			return id
		}
		a, b, c := open("a export", "high", "web ui", false), open("b import", "low", "", false), open("c hidden", "critical", "", true)
		if err := h.Cases.Assign(ana, a, "person-eve"); err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.Assign(ana, b, "person-ana"); err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.StepRCA(ana, b, casework.VerbRCAOpen, casework.RCAStep{Reason: "it came back"}); err != nil {
			t.Fatal(err)
		}
		ask := func(ctx context.Context, text string) (string, error) {
			q, err := casework.Vocabulary(h.Rules).Parse(text)
			if err != nil {
				return "", err
			}
			l, err := h.Cases.List(ctx, casework.Filter{Query: q}, casework.Page{Counted: true})
			if err != nil {
				return "", err
			}
			var out []string
			for _, x := range l.Cases {
				out = append(out, title[x.ID][:1])
			}
			slices.Sort(out)
			return strings.Join(out, "") + " " + l.Count, nil
		}
		for text, want := range map[string]string{
			"": "abc 3", "is:open": "abc 3", "is:closed": " 0", "sev>=high": "ac 2", "sev<high": "b 1", "-sev:low": "ac 2", "sev:low,critical": "bc 2", "owner:eve": "a 1", "owner:me": "b 1",
			"owner:none": "c 1", "owner:@EVE,none": "ac 2", "owner:person-eve": "a 1", "-owner:none": "ab 2", `component:"web ui"`: "a 1", "component:none": "bc 2", "cwe:79": "abc 3", "is:named": "c 1",
			"opened<2d": "bc 2", "opened>2d": "a 1", "export": "a 1", `export sev:low`: " 0", "label:none": "abc 3", "score:none": "abc 3", "-opened:none": "abc 3",
			"rca:open": "b 1", "rca:done": " 0", "rca:none": "ac 2", "-rca:open": "ac 2", "rca:open,none": "abc 3",
		} {
			if have, err := ask(ana, text); err != nil || have != want {
				t.Errorf("%s: have %q (%v), want %q", text, have, err, want)
			}
		}
		eve := h.As(t, "eve", "engineer")
		for _, text := range []string{"", "is:named", "owner:none", "hidden", "sev:critical"} {
			if have, err := ask(eve, text); err != nil || strings.Contains(have, "c") {
				t.Errorf("%s tells eve of what she may not see: %q (%v)", text, have, err)
			}
		}
		if _, err := ask(ana, "owner:nobody-at-all"); !errors.Is(err, fault.Invalid) {
			t.Errorf("somebody who is not there: %v, want it refused", err)
		}
		if _, err := ask(gus, "owner:eve"); err == nil {
			t.Error("a guest may ask whether there is somebody")
		}
		_ = c
		offers(t, h, ana, "owner:e", "eve")
		offers(t, h, ana, "owner:", "me eve none")
		offers(t, h, gus, "owner:e", "")
		offers(t, h, ana, "rca:", "open done none")
	})
}

// offers tests what is completed at the end of a text: at least these, in their order.
func offers(t *testing.T, h *rig.House, ctx context.Context, text, want string) {
	t.Helper()
	c, err := h.Cases.Complete(ctx, text, len(text))
	if err != nil && want != "" {
		t.Errorf("%s: %v", text, err)
	}
	var have []string
	for _, o := range c.Offers {
		have = append(have, o.Put)
	}
	for _, w := range strings.Fields(want) {
		if !slices.Contains(have, w) {
			t.Errorf("%s offers %q, want %s among them", text, have, w)
		}
	}
	if want == "" && len(have) > 0 {
		t.Errorf("%s offers %q, want nothing", text, have)
	}
}
