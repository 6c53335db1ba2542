package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tocsin/internal/api"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/rig"
)

// on is the caller in another house that knows them.
func (c caller) on(s *site) *caller {
	c.site = s
	return &c
}

// TestTwoWorlds holds that what is hidden has no effect on any answer: world B is
// world A with a case under embargo and all that hangs on it, and for an outsider
// every answer of the two is the same to the last byte, whatever is asked for.
func TestTwoWorlds(t *testing.T) {
	t.Parallel()
	var w seen
	var callers map[string]*caller
	rig.Twins(t, "gitlab", func(h *rig.House) {
		w = world(t, h)
		callers = outsiders(t, open(t, h))
		callers["an analyst who is not named"] = open(t, h).person(t, "any", "analyst", "engineer", "communications")
		callers["a leader"] = open(t, h).person(t, "lea", "leader")
	}, func(t *testing.T, ha, hb *rig.House) {
		x := silent(t, hb, w)
		sealed(t, ha)
		sealed(t, hb)
		a, b := open(t, ha), open(t, hb)
		now, good := rig.Start.Add(5*time.Hour), 0
		same := func(name string, c *caller, ask func(*caller) got) got {
			t.Helper()
			now = now.Add(time.Second)
			ha.Set(now)
			first := ask(c.on(a))
			hb.Set(now)
			second := ask(c.on(b))
			if first.all() != second.all() {
				t.Errorf("%s can tell the worlds apart:\n%s\n%s", name, first.all(), second.all())
			}
			if first.StatusCode == 200 {
				good++
			}
			return first
		}
		n := 0
		for name, c := range callers {
			c.t = t
			for _, path := range readable(w) {
				for path != "" && !strings.Contains(path, "/audit") && !counted(c, path) {
					g := same(name+": GET "+path, c, func(c *caller) got { return c.do("GET", path, nil) })
					path = next(g)
					n++
				}
			}
		}
		for name, c := range callers {
			for _, r := range api.Routes {
				for _, path := range x.named(r) {
					same(name+": "+r.ID, c, func(c *caller) got { return c.send(r, path) })
					n++
				}
			}
			sameTrail(t, c.on(a), c.on(b), x)
			mentions(w, x, c, func(what string, ask func(*caller) got) { same(name+": "+what, c, ask); n++ })
		}
		if n < 500 || good < n/3 {
			t.Errorf("%d answers were compared, %d of them good", n, good)
		}
	})
}

// sealed gives every entry of the audit its place in the log, so that its events are told.
func sealed(t *testing.T, h *rig.House) {
	t.Helper()
	for {
		n, err := h.Sealer.Step(t.Context())
		ok(t, err)
		if n == 0 {
			return
		}
	}
}

// counted reports whether an answer counts, for this caller, what they may not open:
// by the explicit grant of the register's roles, and shown as such.
func counted(c *caller, path string) bool {
	return c.aggregate && (strings.HasPrefix(path, "/risk") || strings.HasPrefix(path, "/recurrence") || strings.HasPrefix(path, "/meeting") || strings.HasPrefix(path, "/strategy"))
}

// next is the address of the page after, as the answer links it.
func next(g got) string {
	link, _, found := strings.Cut(strings.TrimPrefix(g.Header.Get("Link"), "<"), ">")
	if !found {
		return ""
	}
	if _, err := url.Parse(link); err != nil {
		return ""
	}
	return link
}

// mentions are requests about what everybody may see that name what is hidden.
func mentions(w seen, x hidden, c *caller, ask func(string, func(*caller) got)) {
	for _, id := range x.ids() {
		ask("link to "+id, func(c *caller) got {
			return c.do("PUT", "/cases/"+string(w.cases[0])+"/links/related/"+id, nil)
		})
		ask("duplicate of "+id, func(c *caller) got {
			return c.do("POST", "/reports/"+string(w.reports[2])+"/moves", map[string]any{"move": intake.VerbDuplicate, "duplicate_of": id, "answer": "Known."})
		})
		ask("cases of owner "+id, func(c *caller) got { return c.do("GET", "/cases?owner="+id, nil) })
		ask("search for "+id, func(c *caller) got { return c.do("GET", "/cases?q="+id, nil) })
	}
}

// sameTrail compares what the trail tells of the time before the outsiders came:
// reading it leaves entries of its own, whose IDs are random.
func sameTrail(t *testing.T, a, b *caller, x hidden) {
	t.Helper()
	for _, more := range append(x.ids(), "") {
		path := "/audit?limit=500&before=2026-11-23T13:59:00Z&subject=" + more
		first, second := a.do("GET", path, nil), b.do("GET", path, nil)
		if first.all() != second.all() {
			t.Errorf("GET %s can tell the worlds apart:\n%s\n%s", path, first.all(), second.all())
		}
	}
}

// silent adds a case under embargo that changes nothing on what is visible but a
// link that leads to it.
func silent(t *testing.T, h *rig.House, w seen) (x hidden) {
	ana, eve := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer")
	id, err := h.Cases.Open(ana, casework.Opening{Title: marker + " export is readable by others", Summary: marker + " sibling group reads the export", Product: "gateway", Component: "export",
		CWE: "CWE-863", Severity: "high", Named: true})
	ok(t, err)
	x.id = id
	r, err := h.Reports.Submit(h.Reporter(), intake.Submission{Title: marker + " search leaks", Product: "gateway", Summary: marker + " sibling group reads the export", Severity: "high", CWE: "CWE-863", Contact: "owl@example.org"})
	ok(t, err)
	x.report = r.ID
	into, err := h.Reports.Decide(ana, r.ID, intake.VerbAccept, intake.Decision{Opening: intake.Opening{Component: "export", Named: true}})
	ok(t, err)
	for _, c := range []struct{ id, other string }{{string(into), string(id)}} {
		ok(t, h.Cases.Embargo(ana, into, time.Time{}, c.other))
	}
	ok(t, h.Cases.Edit(ana, id, casework.Patch{Provisional: ptr("high"), CVE: ptr("CVE-1900-0009")}))
	ok(t, h.Cases.Share(ana, id, "person-eve", ""))
	ok(t, h.Cases.Assign(ana, id, "person-eve"))
	_, err = h.Cases.Note(eve, id, marker+" @any @gus @ana")
	ok(t, err)
	for range 2 {
		f, err := h.Cases.Attach(eve, id, marker+".txt", store(t, h, marker), false)
		ok(t, err)
		x.files = append(x.files, f.ID)
	}
	x.advisory, err = h.Advisories.Draft(ana, id)
	ok(t, err)
	ok(t, h.Cases.LinkTo(ana, id, "related", w.cases[0], true))
	ok(t, h.Cases.LinkTo(ana, w.cases[1], "related", id, true))
	x.hangs(t, h, w)
	work(t, h)
	return x
}
