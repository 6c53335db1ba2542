package web_test

import (
	"html"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/casework"
	"tocsin/internal/kri"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// recurring opens so many cases of one weakness in one place, a day apart.
func recurring(t *testing.T, h *rig.House, n int, in casework.Opening) (ids []ref.ID) {
	t.Helper()
	mia := h.As(t, "mia", "manager")
	in.Title, in.Severity = "Export shows too much", "high"
	for range n {
		h.Pass(24 * time.Hour)
		id, err := h.Cases.Open(mia, in)
		check(t, "open", err)
		ids = append(ids, id)
	}
	return ids
}

// keyOf is the key that the forms of the page's first proposal send.
func keyOf(t *testing.T, page string) string {
	t.Helper()
	found := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page has no proposal: %s", text(page))
	}
	return html.UnescapeString(found[1])
}

var exports = casework.Opening{CWE: "CWE-863", Product: "gateway", Component: "export"}

func TestWhatKeepsComingBackIsOnePicture(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		open(t, h).as(mia).get("/register/recurrence").is(t, 200, "What keeps coming back", "The fifth dot within 24 months makes it systemic", "Nothing comes back")
		ids := recurring(t, h, 5, exports)
		recurring(t, h, 2, casework.Opening{CWE: "CWE-79", Product: "gateway", Component: "wiki"})
		m := open(t, h).as(mia)
		page := m.get("/register/recurrence").is(t, 200, "1 weakness is systemic now; 1 has no risk yet.", "CWE-863 Incorrect Authorization", "propose a risk", "Proposed to the register",
			"likelihood +1", "judged once it is raised", "CWE-285 Improper Authorization", "The same as a table", `name="as_of"`, `name="min"`).body
		for _, id := range ids {
			if !strings.Contains(page, `href="/cases/`+string(id)+`"`) {
				t.Errorf("no dot leads to %s", id)
			}
		}
		if strings.Contains(page, "CWE-79 Cross") || strings.Contains(page, "style=") {
			t.Error("the page shows a line below the threshold, or has a style attribute")
		}
		m.get("/register/recurrence?min=2").is(t, 200, "CWE-79", "not systemic")
		m.get("/register/recurrence?as_of=2020-01-01").is(t, 200, "Nothing is systemic as of 1 Jan 2020")
		m.get("/register/recurrence?excluded=yes").is(t, 200, "Every case of the window that states a weakness counts")
		m.get("/register/recurrence/others").is(t, 200, "Nothing else is proposed")
		m.get("/register/recurrence?as_of=soon").is(t, 422, "“soon” is no day", "CWE-863")
		m.get("/register/recurrence?min=-1").is(t, 422, "no number of cases")
		for ending, begins := range map[string]string{"svg": "<?xml", "png": "\x89PNG"} {
			f := m.get("/register/pictures/recurrence."+ending).is(t, 200)
			if !strings.HasPrefix(f.body, begins) || !strings.Contains(f.header.Get("Content-Disposition"), "recurrence."+ending) {
				t.Errorf("the picture as %s begins with %.20q and is called %s", ending, f.body, f.header.Get("Content-Disposition"))
			}
		}
		m.get("/register/recurrence/newest").is(t, 200, "Keeps coming back", "1 proposal", "CWE-863")
		m.get("/").is(t, 200, `data-load="/register/recurrence/newest"`)
	})
}

func TestAProposalIsRaisedOrDismissedInOneAct(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, eve := h.As(t, "mia", "manager"), h.As(t, "eve", "engineer")
		ids := recurring(t, h, 5, exports)
		recurring(t, h, 5, casework.Opening{CWE: "CWE-22", Product: "gateway", Component: "upload"})
		m, e := open(t, h).as(mia), open(t, h).as(eve)
		page := m.get("/register/recurrence").is(t, 200, "Not systemic").body
		first := keyOf(t, page)
		m.post("/register/recurrence/dismiss", "key", first, "reason", " ").is(t, 422, "dismissed only for a reason", `aria-invalid`)
		e.post("/register/recurrence/dismiss", "key", first, "reason", "no").is(t, 403)
		m.post("/register/recurrence/dismiss", "key", first, "reason", "One test was run five times.").leads(t, "/register/recurrence#dismissed")
		page = m.get("/register/recurrence").is(t, 200, "The proposal is dismissed", "1 proposal was dismissed", "One test was run five times.", "mia").body
		second := keyOf(t, page)
		if second == first {
			t.Fatal("the dismissed proposal is proposed still")
		}
		at := e.post("/register/recurrence/raise", "key", second).is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "may keep coming back in")
		m.get("/register/recurrence").is(t, 200, at, "risk raised")
		m.post("/register/recurrence/raise", "key", second).is(t, 404)
		m.post("/register/recurrence/raise", "key", "nothing").is(t, 422, "this is no key")
		if len(rows(t, h, `select id from risks`)) != 1 || len(ids) != 5 {
			t.Error("not one risk was raised")
		}
	})
}

func TestRecurrenceCountsWhatTheReaderMayOpen(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, lea, out := h.As(t, "mia", "manager"), h.As(t, "lea", "leader"), h.As(t, "out", "release-manager")
		recurring(t, h, 5, exports)
		id, err := h.Cases.Open(mia, casework.Opening{Title: "Secret export", CWE: "CWE-863", Product: "gateway", Component: "export", Severity: "high", Named: true})
		check(t, "open", err)
		check(t, "embargo", h.Cases.Embargo(mia, id, time.Time{}, "not yet"))
		open(t, h).as(lea).get("/register/recurrence").is(t, 200, "1 more that you may not open", "The numbers count every case")
		page := open(t, h).as(out).get("/register/recurrence").is(t, 200, "Cases that you may not open are not counted at all").body
		if strings.Contains(page, string(id)) || strings.Contains(page, "1 more") || strings.Contains(page, "Raise the risk") {
			t.Error("the page tells of the hidden case, or offers what the reader may not do")
		}
	})
}

func TestStatementsOfTheRegistersPages(t *testing.T) {
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	ana := h.As(t, "ana", "analyst", "manager")
	recurring(t, h, 5, exports)
	page := open(t, h).as(ana).get("/register/recurrence").body
	at := open(t, h).as(ana).post("/register/recurrence/raise", "key", keyOf(t, page)).is(t, 303).header.Get("Location")
	recurring(t, h, 5, casework.Opening{CWE: "CWE-22", Product: "gateway", Component: "upload"})
	id := watched(t, h, ref.ID(strings.TrimPrefix(at, "/risks/")), "Exports through the shared check")
	obs := noticed(t, h, observation.Opening{Title: "Nobody reviews exports"})
	var n atomic.Int64
	h.DB.Watch = func(string) { n.Add(1) }
	defer func() { h.DB.Watch = nil }()
	for _, path := range []string{"/register/recurrence", "/register/pictures/recurrence.svg", "/register/recurrence/others", "/register/recurrence/newest", "/kris", at + "/kris", "/kri/" + string(id), "/observations", "/observations/board", "/observations/new", "/observations/" + string(obs),
		"/register/appetite", "/tasks"} {
		s := open(t, h).as(ana)
		s.get("/account") // who is inside is remembered for a moment
		n.Store(0)
		s.get(path).is(t, 200)
		if have := n.Load(); have > most {
			t.Errorf("%s costs %d statements, want at most %d", path, have, most)
		}
	}
}

func TestAnIndicatorIsSetUpAndRecorded(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, aud := h.As(t, "mia", "manager"), h.As(t, "aud", "auditor")
		about, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports"})
		check(t, "raise", err)
		s, to := open(t, h), "/risks/"+string(about)+"/kris"
		m, a := s.as(mia), s.as(aud)
		m.get(to).is(t, 200, "Nothing watches this risk yet", "New, no incidents", "Set one up")
		m.get(to+"?situation=rare-severe").is(t, 200, "Counting would take years")
		m.get(to+"?kind=implementation").is(t, 200, "A new indicator: Implementation", `value="0.95"`)
		m.post(to, "kind", "implementation", "title", "Shared check", "better", "higher").is(t, 422, "an indicator needs a unit", `value="Shared check"`)
		m.post(to, "kind", "implementation", "title", "Shared check", "unit", "share", "better", "higher", "baseline", "much").is(t, 422, "“much” is no number")
		a.post(to, "kind", "implementation", "title", "Shared check", "unit", "share", "better", "higher").is(t, 403)
		a.post(to, "kind", "implementation", "baseline", "much").is(t, 403)
		at := m.post(to, "kind", "implementation", "title", "Shared check", "unit", "share", "better", "higher", "bands.green", "0.95", "bands.yellow", "0.75", "target", "1", "start", "2026-01-01").is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "The indicator is set up", "Shared check", "Without a value it is not green", "green at least 0.95")
		m.post(at+"/record", "record.at", "2026-10-31", "record.value", "").is(t, 422, "say the value")
		m.post(at+"/record", "record.at", "2099-10-31", "record.value", "0.5", "record.note", "kept").is(t, 422, "lies in the future", `value="kept"`)
		a.post(at+"/record", "record.at", "2026-10-31", "record.value", "0.5").is(t, 403)
		m.post(at+"/record", "record.at", "2026-10-31", "record.value", "1.500").is(t, 422, "“1.500” is 1500 to some and 1.500 to others; write 1500, or 1.5000", `value="1.500"`)
		m.post(at+"/record", "record.at", "2026-10-31", "record.value", "0,5").leads(t, at)
		m.get(at).is(t, 200, "The value is recorded", "Red", "31 Oct 2026", "by hand", "0.5 share")
		m.get("/kris?view=red").is(t, 200, "Shared check", string(about))
		m.get("/kris?view=stale").is(t, 200, "None here")
		m.get(at+"?do=edit").is(t, 200, `value="Shared check"`, `name="version"`)
		m.post(at+"/edit", "version", "1", "title", "Shared", "unit", "share", "better", "higher", "cadence_days", "30", "stale_days", "45").is(t, 409, "changed meanwhile")
		if csv := m.get(at+"/values").is(t, 200).body; !strings.HasPrefix(csv, "at,value") {
			t.Errorf("the file begins with %.40q", csv)
		}
		m.post(at+"/link", "link.risk", "RISK-00000000").is(t, 422, "there is no risk")
		m.post(at+"/retire", "version", "0", "retire.reason", "").is(t, 422, "say why")
		m.post(at+"/retire", "version", "0", "retire.reason", "Replaced.", "do", "retire").leads(t, at)
		m.get(at).is(t, 200, "retired", "Replaced.", "Use it again")
		m.get("/kris?view=retired").is(t, 200, "Shared check")
		m.get("/kri/kri-0000").is(t, 404)
	})
}

func TestValuesComeByFileSampleAndExperiment(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia := h.As(t, "mia", "manager")
		about, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports"})
		check(t, "raise", err)
		id, err := h.KRIs.Open(mia, about, kri.Opening{Title: "Logs with a secret", Kind: "sampling", Unit: "share", Start: h.Clock().AddDate(-1, 0, 0)})
		check(t, "open", err)
		m, at := open(t, h).as(mia), "/kri/"+string(id)
		m.post(at+"/import", "import.text", "at,value\n2026-09-30,0.2\nsoon,x\n", "do", "try").is(t, 422, "nothing was recorded", "Line", ">3<", "2026-09-30,0.2")
		m.post(at+"/import", "import.text", "at,value\n2026-09-30,0.2\n", "do", "try").is(t, 200, "1 value read: 1 new", "2026-09-30,0.2\n</textarea>")
		if n := len(rows(t, h, `select at from kri_points`)); n != 0 {
			t.Errorf("trying recorded %d values", n)
		}
		m.post(at+"/import", "import.text", "at,value\n2026-09-30,0.2\n", "do", "record").leads(t, at)
		m.post(at+"/draw", "draw.frame", "a\nb\nc", "draw.n", "5").is(t, 422)
		m.post(at+"/draw", "draw.frame", "a\nb\nc", "draw.n", "two").is(t, 422, "no whole number")
		m.post(at+"/draw", "draw.frame", "web;a\nb", "draw.n", "1", "draw.strata", "yes").is(t, 422, "line 2 names no stratum")
		m.post(at+"/draw", "draw.frame", "a\nb\nc", "draw.n", "2", "draw.seed", "42").leads(t, at+"#samples")
		page := m.get(at).is(t, 200, "2 members of 3", "seed 42", "0 of 2 are in").body
		sample := regexp.MustCompile(`name="sample" value="([^"]+)"`).FindStringSubmatch(page)[1]
		drawn := regexp.MustCompile(`name="id\.\d+" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
		form := []string{"sample", sample, "id.0", drawn[0][1], "found.0", "bad", "id.1", drawn[1][1], "found.1", ""}
		m.post(at+"/results", form...).leads(t, at+"#samples")
		m.get(at).is(t, 200, "1 of 2 are in")
		form[len(form)-1] = "good"
		m.post(at+"/results", form...).leads(t, at)
		m.get(at).is(t, 200, "from a sample", "(1 of 2)")
		m.post(at+"/tried", "try.at", "2026-11-01", "try.what", "Red team", "try.tried", "3", "try.bad", "5").is(t, 422, "0 to 3 can be bad", `value="Red team"`)
		m.post(at+"/tried", "try.at", "2026-11-01", "try.what", "Red team", "try.tried", "10", "try.bad", "1").leads(t, at)
		m.get(at).is(t, 200, "from an experiment", "(1 of 10)")
	})
}

func TestTasksAreDone(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		about, err := h.Risks.Raise(ana, risk.Raising{Title: "Incomplete checks may leak exports"})
		check(t, "raise", err)
		watched(t, h, about, "Shared check")
		a := open(t, h).as(ana)
		page := a.get("/tasks").is(t, 200, "It has turned red", "Shared check").body
		done := regexp.MustCompile(`action="(/tasks/[^"]+/done)"`).FindStringSubmatch(page)[1]
		a.get("/").is(t, 200, "Reviews and tasks", "It has turned red", done)
		open(t, h).as(h.As(t, "aud", "auditor")).post(done, "note", "").is(t, 403)
		a.post(done, "to", "//elsewhere").leads(t, "/")
		a.get("/tasks?state=done").is(t, 200, "Shared check", "done ")
		a.post(done).is(t, 409, "the task has ended already")
	})
}

func TestAnObservationGoesItsWay(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, eve, aud := h.As(t, "mia", "manager"), h.As(t, "eve", "engineer"), h.As(t, "aud", "auditor")
		s := open(t, h)
		m, e, a := s.as(mia), s.as(eve), s.as(aud)
		m.get("/observations").is(t, 200, "No observation is here", "Write one down")
		m.get("/observations/new").is(t, 200, "What is: what was found?", `value="4,4"`, "likelihood 4, impact 4")
		m.post("/observations", "title", "", "condition", "Kept text").is(t, 422, "an observation needs a title", "Kept text")
		at := a.post("/observations", "title", "Nobody reviews exports", "condition", "One person merges", "criteria", "Two people", "cause", "missing-review").is(t, 303).header.Get("Location")
		a.get(at).is(t, 200, "The observation is open")
		m.get(at).is(t, 200, "Next: validate", "Not rated yet", "missing:", "Unrated is not low")
		m.post(at+"/move", "verb", "observation.validate").is(t, 422, "a rating by likelihood and impact")
		m.get(at+"?edit=rating").is(t, 200, `name="cell"`, "What the impacts mean")
		m.post(at+"/rating", "cell", "9,9").is(t, 422)
		m.post(at+"/rating", "cell", "4,3").leads(t, at)
		m.post(at+"/statement", "title", "Nobody reviews exports", "condition", "One person merges", "criteria", "Two people", "root_cause", "No time", "consequence", "Faults pass").leads(t, at)
		m.get(at).is(t, 200, "High", ">12<", "Your turn: validate")
		a.post(at+"/statement", "title", "Mine").is(t, 403)
		m.post(at+"/move", "verb", "observation.validate").leads(t, at)
		m.post(at+"/details", "owner", "person-eve", "cause", "Missing Review").is(t, 422, "is no key of a root cause")
		m.post(at+"/details", "owner", "person-eve", "cause", "missing-review", "department", "Create").leads(t, at)
		e.post(at+"/move", "verb", "observation.start").leads(t, at)
		m.post(at+"/move", "verb", "observation.block").is(t, 422, "wants a reason", "Why")
		m.post(at+"/ask", "ask.reason", "Cheap", "ask.controls", "", "ask.months", "x").is(t, 422, "no whole number")
		m.post(at+"/ask", "ask.reason", "Cheap", "ask.controls", "", "ask.months", "3").is(t, 422, "which controls compensate", ">Cheap</textarea>")
		e.post(at+"/proof", "proof", "Two people merge since May.").leads(t, at)
		e.post(at+"/note", "note-text", "Done for @mia.").leads(t, at)
		e.post(at+"/move", "verb", "observation.remediate").leads(t, at)
		e.post(at+"/move", "verb", "observation.confirm").is(t, 422, "a second person")
		m.post(at+"/move", "verb", "observation.confirm").leads(t, at)
		m.get(at).is(t, 200, "Remediation accepted", "Two people merge since May.", "Done for")
		for path, want := range map[string]string{"/observations?state=closed": "Nobody reviews exports", "/observations?cause=missing-review": "No observation is here", "/observations?owner=unknown": `value="is:open owner:none"`,
			"/observations?state=any&rating=high": "Nobody reviews exports", "/observations/board?by=cause": "Open observations by root cause", "/observations?q=-is%3Aopen+reviews": "Remove not open", "/observations?late=yes": `value="is:open is:overdue"`,
			"/observations?stage=remediation-accepted": `value="stage:remediation-accepted"`, "/observations?q=cause%3Amissing-review": "1 observation", "/observations?q=": "All"} {
			m.get(path).is(t, 200, want)
		}
		m.get("/observations/OBS-00000000").is(t, 404)
		m.get("/observations?q=rating%3Ahihg").is(t, 422, "did you mean", "What this list can be asked")
		m.post("/views", "surface", "observations", "query", "q=is%3Aclosed+cause%3Amissing-review", "name", "What was mended").leads(t, "/observations?q=is%3Aclosed+cause%3Amissing-review")
		m.get("/observations?q=is%3Aclosed+cause%3Amissing-review").is(t, 200, "What was mended", "Nobody reviews exports")
	})
}

func TestObservationsOfOneCauseBecomeARisk(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		var ids []string
		for _, title := range []string{"Nobody reviews exports", "Nobody reviews uploads", "Nobody reviews searches"} {
			h.Pass(time.Minute)
			ids = append(ids, "ids", string(noticed(t, h, observation.Opening{Title: title})))
		}
		s := open(t, h)
		m, e := s.as(h.As(t, "mia", "manager")), s.as(h.As(t, "eve", "engineer"))
		m.get("/observations").is(t, 200, "3 observations share the root cause missing-review", "Raise the risk")
		m.post("/observations/upgrade", append(ids, "title", "")...).is(t, 422, "the risk needs a title")
		e.post("/observations/upgrade", append(ids, "title", "Missing reviews may let faults pass")...).is(t, 403)
		at := m.post("/observations/upgrade", append(ids, "title", "Missing reviews may let faults pass")...).is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "Missing reviews may let faults pass")
		m.get("/observations/"+ids[1]).is(t, 200, at)
	})
}

func TestTheAppetiteIsAskedForAnsweredAndDecided(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s := open(t, h)
		m, e := s.as(h.As(t, "mia", "manager")), s.as(h.As(t, "eve", "engineer"))
		m.get("/register/appetite").is(t, 200, "By the profile", `aria-current="true"`, "Open the survey")
		e.post("/register/appetite/open", "year", "2026").is(t, 403)
		e.post("/register/appetite/open", "year", "soon").is(t, 403)
		m.post("/register/appetite/open", "year", "soon").is(t, 422, "“soon” is no year", `value="soon"`)
		m.post("/register/appetite/open", "year", "2026").leads(t, "/register/appetite")
		m.post("/register/appetite/open", "year", "2027").is(t, 409, "open already")
		page := m.get("/register/appetite").is(t, 200, "Survey of 2026", "Taking risks or passing them on", "Nobody has answered yet").body
		survey := regexp.MustCompile(`name="survey" value="([^"]+)"`).FindStringSubmatch(page)[1]
		m.post("/register/appetite/answer", "survey", survey, "answers.taking", "9").is(t, 422)
		m.post("/register/appetite/answer", "survey", survey, "answers.taking", "1", "answers.objectives", "1").leads(t, "/register/appetite")
		m.get("/register/appetite").is(t, 200, "1 leader has answered", "by an average of 1.00", "Put it in force")
		m.post("/register/appetite/decide", "survey", survey, "appetite", "seeking").is(t, 422, "wants a reason")
		e.post("/register/appetite/decide", "survey", survey, "appetite", "averse").is(t, 403)
		m.post("/register/appetite/decide", "survey", survey, "appetite", "averse").leads(t, "/register/appetite")
		m.get("/register/appetite").is(t, 200, "The appetite is in force", "By the survey that was decided", "Survey of 2026, 1 answer")
	})
}

func TestAGroupIsPutToARiskThatStands(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		mia, aud := h.As(t, "mia", "manager"), h.As(t, "aud", "auditor")
		ids := recurring(t, h, 5, exports)
		id, err := h.Risks.Raise(mia, risk.Raising{Title: "Incomplete checks may leak exports"})
		check(t, "raise", err)
		m, a := open(t, h).as(mia), open(t, h).as(aud)
		page := m.get("/register/recurrence").is(t, 200, "It belongs to a risk").body
		form := []string{"key", keyOf(t, page), "weakness", "CWE-863", "product", exports.Product, "component", exports.Component}
		m.post("/register/recurrence/cover", append(form, "risk", "the exports")...).is(t, 422, "write the risk by its ID", `value="the exports"`)
		m.post("/register/recurrence/cover", append(form, "risk", "RISK-00000000")...).is(t, 422, "there is no risk RISK-00000000")
		a.post("/register/recurrence/cover", append(form, "risk", string(id))...).is(t, 403)
		a.get("/register/recurrence").is(t, 200).lacks(t, "It belongs to a risk")
		at := m.post("/register/recurrence/cover", append(form, "risk", string(id))...).is(t, 303).header.Get("Location")
		m.get(at).is(t, 200, "The risk stands for the group")
		check(t, "gather", h.Risks.Gather(mia, id))
		m.get("/risks/"+string(id)).is(t, 200, string(ids[0]), string(ids[4]))
		m.get("/register/recurrence").is(t, 200, "/risks/"+string(id)).lacks(t, "Proposed to the register")
	})
}
