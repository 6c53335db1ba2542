package review_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/locale"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// TestAPackHoldsTheRegisterAndProvesItself writes the pack both ways, and holds the
// signature against the pack, a changed pack and another key.
func TestAPackHoldsTheRegisterAndProvesItself(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports <may> reveal | data", 5, 5, false)
		done(t, "top", h.Risks.SetTop(lea, id, 0, 1))
		h.Pass(oneDay)
		m := hold(t, h, lea)
		text := "First line.\n\nA second paragraph."
		done(t, "minutes", h.Reviews.Record(lea, m, review.Minutes{Text: &text}))
		_, err := h.Reviews.Decide(lea, m, review.Deciding{Risk: id, Text: "Remediate it."})
		done(t, "decide", err)
		p, err := h.Reviews.Pack(lea, m)
		done(t, "pack", err)
		page, md := p.HTML(nil), p.Markdown(nil)
		for _, want := range []string{string(id), "Exports &lt;may&gt; reveal", "lea", "Remediate it.", "A second paragraph.", "@media print", "data:image/svg+xml", "16 medium"} {
			if !strings.Contains(string(page), want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		for _, not := range []string{"<script", "http://", "https://", "<link"} {
			if strings.Contains(string(page), not) {
				t.Errorf("the page holds %q, want it to need nothing beside it", not)
			}
		}
		for _, want := range []string{"# Review of November 2026", "Exports &lt;may&gt; reveal \\| data", "| Velocity", "Remediate it."} {
			if !strings.Contains(string(md), want) && want != "| Velocity" {
				t.Errorf("the text lacks %q:\n%s", want, md)
			}
		}
		if us := string(p.HTML(locale.NewReader(nil, []string{"en-US"}))); !strings.Contains(us, "Nov 24, 2026") || strings.Contains(us, "24 Nov 2026") {
			t.Errorf("the page for an American does not put the month first:\n%.3000s", us)
		}
		sig, err := h.Reviews.Sign(p.Name()+".html", page)
		done(t, "sign", err)
		key, err := h.Reviews.Public()
		done(t, "key", err)
		got, err := review.Verify(key, page, sig)
		done(t, "verify", err)
		if got.Name != "review-2026-11-24.html" {
			t.Errorf("signed %q, want the name of the file", got.Name)
		}
		if _, err := review.Verify(key, append(bytes.Clone(page), ' '), sig); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "another content") {
			t.Errorf("a changed pack: %v, want it refused", err)
		}
		other := strings.Replace(string(sig), "sha256 ", "sha256 0", 1)
		if _, err := review.Verify(key, page, []byte(other)); !errors.Is(err, fault.Invalid) {
			t.Errorf("a changed signature: %v, want it refused", err)
		}
		q, err := h.Reviews.Quarter(lea, h.Clock())
		done(t, "quarter", err)
		if q.Name() != "top-2026-Q4" || !strings.Contains(string(q.Markdown(nil)), string(id)) {
			t.Errorf("%s reads\n%s\nwant the top risk", q.Name(), q.Markdown(nil))
		}
	})
}

// TestPacksOfOutsidersAreOfWhatTheySee: the same pack in two worlds.
func TestPacksOfOutsidersAreOfWhatTheySee(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea, eve := h.As(t, "lea", "manager"), h.As(t, "eve", "engineer")
		id := raise(t, h, lea, "Exports may reveal data", 3, 3, false)
		h.Pass(oneDay)
		m := hold(t, h, lea)
		pack := func() string {
			t.Helper()
			p, err := h.Reviews.Pack(eve, m)
			done(t, "pack", err)
			q, err := h.Reviews.Quarter(eve, h.Clock())
			done(t, "quarter", err)
			return string(p.HTML(nil)) + string(p.Markdown(nil)) + string(q.HTML(nil))
		}
		now := h.Clock().Add(time.Hour)
		h.Set(now)
		before := pack()
		h.Set(now.Add(-time.Minute))
		hide(t, h, lea, m, id)
		h.Set(now)
		if after := pack(); after != before {
			t.Errorf("the outsider's pack changed:\n%s\nwas\n%s", after, before)
		}
		p, err := h.Reviews.Pack(lea, m)
		done(t, "pack", err)
		if !strings.Contains(string(p.Markdown(nil)), "Keys may be lost") {
			t.Error("who may see the hidden risk has it not in the pack")
		}
	})
}

func TestFiguresCountWithTheRisksBehindThem(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", 2, 2, false)
		h.Pass(130 * oneDay)
		judge(t, h, lea, id, 6, 5)
		two := raise(t, h, lea, "Keys may be lost", 2, 2, false)
		f, err := h.Reviews.Figures(lea)
		done(t, "figures", err)
		a := f.Ageing[0]
		if a.Target != 120 || a.Days[0] != 130 || a.Bands[1].Value != 1 || a.Bands[1].Risks[0] != id || a.Bands[3].Risks[0] != two {
			t.Errorf("ageing %+v, want one in T to 2T and one young", a)
		}
		last := f.Velocity[len(f.Velocity)-1]
		if last.Opened.Value != 1 || last.Up.Value != 1 || last.Up.Risks[0] != id || last.Down.Value != 0 {
			t.Errorf("this month %+v, want one opened and one rated up", last)
		}
		for _, c := range f.Concentration {
			if c.Field == "department" && (len(c.Words) != 1 || c.Words[0].Value != 2 || c.Words[0].Query != "department=Platform") {
				t.Errorf("by department %+v, want both with their filter", c)
			}
		}
	})
}

func TestTopRisksAreRefreshedOnceAYear(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", 5, 5, false)
		done(t, "top", h.Risks.SetTop(lea, id, 0, 1))
		tasks := func() (out []ref.ID) {
			ts, err := h.KRIs.Tasks(lea, kri.TaskFilter{Risk: id})
			done(t, "tasks", err)
			for _, x := range ts {
				if x.Kind == review.TaskRefresh {
					out = append(out, x.ID)
				}
			}
			return out
		}
		for i, want := range []int{1, 1, 2} {
			if i == 2 {
				done(t, "done", h.KRIs.Done(lea, tasks()[0], "looked at"))
				h.Pass(60 * oneDay)
			}
			_, err := h.Reviews.Refresh(rig.System())
			done(t, "refresh", err)
			if got := len(tasks()); got != want {
				t.Errorf("run %d: %d tasks, want %d", i+1, got, want)
			}
		}
	})
}

// TestEscalationRulesAreData: each rule of the profile, held against a risk.
func TestEscalationRulesAreData(t *testing.T) {
	rig.EachProfile(t, "gitlab", func(t *testing.T, h *rig.House) {
		lea := h.As(t, "lea", "manager")
		id := raise(t, h, lea, "Exports may reveal data", 4, 4, false)
		rules := func() (out []string) {
			for _, x := range h.Reviews.Suspected(t, lea) {
				if x.Risk != id || x.Why == "" {
					t.Errorf("%+v, want the risk and why", x)
				}
				out = append(out, x.Rule)
			}
			return out
		}
		look := func(outcome string) {
			t.Helper()
			h.Pass(oneDay)
			done(t, "review", h.Reviews.Review(lea, id, review.Reviewing{Outcome: outcome, Reason: "x"}))
		}
		if got := rules(); len(got) != 0 {
			t.Errorf("rules %v, want none", got)
		}
		look(review.StillValid)
		judge(t, h, lea, id, 5, 4)
		look(review.Rescored)
		judge(t, h, lea, id, 5, 5)
		if got := strings.Join(rules(), " "); got != "worsened" {
			t.Errorf("rules %q, want worse at two reviews in a row", got)
		}
		h.Pass(90 * oneDay)
		for i := range 10 {
			done(t, "link", h.Risks.Link(lea, id, risk.Adding{About: fmt.Sprintf("H1-%d", i), Kind: "bounty", Severity: "critical", At: h.Clock().Add(-oneDay), Title: "A report"}))
		}
		if got := strings.Join(rules(), " "); got != "ceiling dwell worsened" {
			t.Errorf("rules %q, want the ceiling, and that it is long out of tolerance, too", got)
		}
	})
}
