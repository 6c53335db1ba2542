package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/api"
	"tocsin/internal/db"
	"tocsin/internal/rig"
)

// problem reads an answer that is one, and checks its shape.
func (g got) problem(t testing.TB) api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(g.body, &p); err != nil {
		t.Fatalf("%s: %v", g.body, err)
	}
	if media := g.Header.Get("Content-Type"); media != "application/problem+json" {
		t.Errorf("media type %q, want application/problem+json", media)
	}
	if p.Status != g.StatusCode || p.Type == "" || p.Title == "" || p.Detail == "" || p.Instance != g.Header.Get("X-Request-Id") {
		t.Errorf("status %d: %+v", g.StatusCode, p)
	}
	return p
}

// about names the fields that a problem tells of.
func (g got) about(t testing.TB) string {
	var names []string
	for _, f := range g.problem(t).Errors {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

// TestBadInputIsNamed: what is wrong with a request is said with the field that it
// is wrong in, and nothing is changed.
func TestBadInputIsNamed(t *testing.T) {
	t.Parallel()
	s := one(t)
	ana := s.person(t, "ana", "analyst")
	id := ana.want(201, "POST", "/cases", `{"title":"One"}`).text(t, "id")
	before := everything(t, s.House)
	deep := strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		about                    string
	}{
		{"an unknown member", "POST", "/cases", `{"title":"x","titel":"y"}`, 400, "titel"},
		{"two unknown members", "POST", "/cases", `{"title":"x","a":1,"b":1}`, 400, "a b"},
		{"an unknown member deep inside", "PATCH", "/cases/" + id, `{"environments":[{"name":"self-managed","verdct":"x"}]}`, 400, "environments.0.verdct"},
		{"a member that stands twice", "POST", "/cases", `{"title":"x","title":"y"}`, 400, "title"},
		{"a member in other letters", "POST", "/cases", `{"Title":"x"}`, 400, "Title"},
		{"a member of another type", "POST", "/cases", `{"title":1}`, 400, "title"},
		{"a time that is none", "PATCH", "/cases/" + id, `{"deadline":"tomorrow"}`, 400, "deadline"},
		{"a control character", "POST", "/cases", `{"title":"a\u0007b"}`, 400, "title"},
		{"text that is turned around", "POST", "/cases", `{"title":"a\u202eb"}`, 400, "title"},
		{"half a surrogate pair", "POST", "/cases", `{"title":"\ud83d"}`, 400, "title"},
		{"no JSON", "POST", "/cases", `title=x`, 400, ""},
		{"two values", "POST", "/cases", `{"title":"x"}{}`, 400, ""},
		{"no body", "POST", "/cases", ``, 400, ""},
		{"a list", "POST", "/cases", `[]`, 400, ""},
		{"a body that goes too deep", "POST", "/cases", `{"title":` + deep + `}`, 400, "title" + strings.Repeat(".0", 31)},
		{"a body that is too long", "POST", "/cases", `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, 413, ""},
		{"an empty title", "POST", "/cases", `{"title":"  "}`, 400, "title"},
		{"several wrong words", "POST", "/cases", `{"title":"x","cwe":"CWE-999999","severity":"awful"}`, 400, "cwe severity"},
		{"a vector that makes no sense", "PUT", "/cases/" + id + "/score", `{"vectors":["CVSS:3.1/AV:X"]}`, 400, ""},
		{"a move that is none", "POST", "/cases/" + id + "/moves", `{"move":"case.fly"}`, 400, ""},
		{"a version range that makes no sense", "PATCH", "/cases/" + id, `{"environments":[{"name":"self-managed","verdict":"affected","ranges":[{"introduced":"2.0","fixed":"1.0"}]}]}`, 400, "environments.0.ranges.0"},
		{"an unknown parameter", "GET", "/cases?stgae=new", "", 400, "stgae"},
		{"a parameter given twice", "GET", "/cases?stage=a&stage=b", "", 400, "stage"},
		{"a parameter with a control character", "GET", "/cases?q=a%00b", "", 400, "q"},
		{"a parameter that is not UTF-8", "GET", "/cases?q=%ff", "", 400, "q"},
		{"a limit of nothing", "GET", "/cases?limit=0", "", 400, "limit"},
		{"a limit of too much", "GET", "/cases?limit=201", "", 400, "limit"},
		{"a limit in words", "GET", "/cases?limit=ten", "", 400, "limit"},
		{"an order that is none", "GET", "/cases?order=title", "", 400, "order"},
		{"a time that is none in a filter", "GET", "/cases?opened_after=soon", "", 400, "opened_after"},
		{"a search for nothing", "GET", "/cases?q=%21%21", "", 400, "q"},
		{"a broken query", "GET", "/cases?q=%zz", "", 400, ""},
		{"a query that is too long", "GET", "/cases?q=" + strings.Repeat("x", 9000), "", 413, ""},
		{"no vector", "GET", "/score/cvss", "", 400, "vector"},
		{"a factor that is none", "GET", "/score/owasp?agent=5,2,7,10&vulnerability=3,6,9,2&technical=9,7,5,x", "", 400, "technical.3"},
		{"three factors of four", "GET", "/score/owasp?agent=5,2,7&vulnerability=3,6,9,2&technical=9,7,5,8", "", 400, "agent"},
		{"a level that is none", "GET", "/score/sp800-30?initiation=High&harm=certain&impact=High", "", 400, "harm"},
		{"a vector that is none", "GET", "/score/cvss?vector=CVSS:4.0/AV:N", "", 400, "vector"},
		{"a body where none is", "DELETE", "/cases/" + id + "/embargo", `{}`, 400, ""},
		{"an ID that can be none", "GET", "/cases/CASE-%00%ff", "", 404, ""},
		{"an ID that is a path", "GET", "/cases/..%2f..%2fwhoami", "", 404, ""},
		{"an address that is none", "GET", "/nothing", "", 404, ""},
		{"a method that is none", "DELETE", "/cases", "", 405, ""},
	} {
		var body any
		if c.method != "GET" {
			body = c.body
		}
		g := ana.do(c.method, c.path, body)
		if g.StatusCode != c.status {
			t.Errorf("%s: have %d %s, want %d", c.name, g.StatusCode, g.body, c.status)
			continue
		}
		if have := g.about(t); have != c.about {
			t.Errorf("%s: names %q, want %q", c.name, have, c.about)
		}
	}
	if tables := changed(before, everything(t, s.House)); len(tables) > 0 {
		t.Errorf("bad input changed %v", tables)
	}
}

// TestHeaders: what stands on every answer, and what stands on none.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := one(t)
	ana := s.person(t, "ana", "analyst")
	for _, path := range []string{"/cases", "/whoami", "/cases/CASE-00000000", "/nothing"} {
		h := ana.with("Origin", "https://elsewhere.example").do("GET", path, nil).Header
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Authorization, Cookie", "X-Request-Id": "req-TEST",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "", "Server": ""} {
			if have := h.Get(name); have != want {
				t.Errorf("%s: %s is %q, want %q", path, name, have, want)
			}
		}
	}
	if g := ana.want(204, "OPTIONS", "/cases", nil); g.Header.Get("Allow") != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("Allow %q", g.Header.Get("Allow"))
	}
	if g := ana.want(405, "PUT", "/cases", nil); g.Header.Get("Allow") != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("Allow %q", g.Header.Get("Allow"))
	}
	ana.want(200, "HEAD", "/cases", nil)
	ana.with("Content-Type", "text/plain").want(415, "POST", "/cases", `{"title":"x"}`).problem(t)
	ana.with("Content-Encoding", "gzip").want(415, "POST", "/cases", `{"title":"x"}`).problem(t)
}

// TestWhoAsks: every way not to be let in, and the session against other sites.
func TestWhoAsks(t *testing.T) {
	t.Parallel()
	s := one(t)
	ana, bot := s.person(t, "ana", "analyst"), s.token(t, []string{"report.*"}, "analyst")
	nobody := &caller{t: t, site: s, header: http.Header{}}
	for name, c := range map[string]*caller{
		"nobody": nobody, "a token that is none": nobody.with("Authorization", "Bearer tocsin_0000"), "another scheme": nobody.with("Authorization", "Basic YTpi"),
		"no token": nobody.with("Authorization", "Bearer"), "a session that is none": nobody.with("Cookie", api.Cookie+"=0000"), "a long cookie": nobody.with("Cookie", api.Cookie+"="+strings.Repeat("x", 4000)),
	} {
		for _, path := range []string{"/whoami", "/cases", "/cases/CASE-00000000"} {
			if g := c.do("GET", path, nil); g.StatusCode != 401 || g.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: GET %s: have %d, want 401", name, path, g.StatusCode)
			}
		}
	}
	ana.with("Sec-Fetch-Site", "cross-site").want(403, "POST", "/cases", `{"title":"x"}`)
	ana.with("Origin", "https://elsewhere.example").want(403, "POST", "/cases", `{"title":"x"}`)
	ana.with("Sec-Fetch-Site", "same-origin").want(201, "POST", "/cases", `{"title":"x"}`)
	id := ana.want(201, "POST", "/cases", `{"title":"x"}`).text(t, "id")
	for _, r := range api.Routes {
		if r.Verb == "" || strings.HasPrefix(string(r.Verb), "report.") || r.ID == "job.retry" {
			continue
		}
		path := strings.NewReplacer("{id}", id, "{label}", "x", "{with}", "x", "{kind}", "related", "{to}", "x", "{format}", "x", "{name}", "x", "{role}", "x", "{decision}", "x", "{item}", "x", "{control}", "x", "{survey}", "x", "{run}", "x", "{view}", "x", "{surface}", "x", "{webhook}", "x", "{picture}", "heatmap.svg").Replace(r.Path)
		refused := refusals(t, s)
		if g := bot.send(r, path); g.StatusCode != 403 {
			t.Errorf("%s with a token for report.*: have %d %s, want 403", r.ID, g.StatusCode, g.body)
		}
		if n := refusals(t, s) - refused; r.Method != "GET" && r.ID != "risk.lint" && n != 1 { // a check that keeps nothing is a read
			t.Errorf("%s with a token for report.*: %d refusals in the audit trail, want 1", r.ID, n)
		}
	}
	bot.want(200, "GET", "/reports", nil)
	ok(t, s.Parties.RevokeToken(rig.System(), bot.id))
	bot.want(401, "GET", "/reports", nil)
}

// TestTooMany: one token that asks too often waits; another is not held up.
func TestTooMany(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(t, h, api.Options{PerSecond: 2})
	a, b := s.token(t, nil, "analyst"), s.token(t, nil, "analyst")
	last := 0
	for range 6 {
		last = a.do("GET", "/whoami", nil).StatusCode
	}
	if last != 429 {
		t.Errorf("the sixth request: have %d, want 429", last)
	}
	if g := a.do("GET", "/whoami", nil); g.problem(t).Status != 429 || g.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", g.Header.Get("Retry-After"))
	}
	b.want(200, "GET", "/whoami", nil)
}

// TestEntityTags: a change is made only to the version that the caller saw, and an
// unchanged record is not sent again.
func TestEntityTags(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		ana := s.person(t, "ana", "analyst", "manager")
		path := "/cases/" + ana.want(201, "POST", "/cases", `{"title":"One"}`).text(t, "id")
		first := ana.want(200, "GET", path, nil).Header.Get("ETag")
		if g := ana.with("If-None-Match", first).do("GET", path, nil); g.StatusCode != 304 || len(g.body) != 0 {
			t.Errorf("unchanged: have %d with %d bytes, want 304 with none", g.StatusCode, len(g.body))
		}
		ana.with("If-Match", first).want(204, "PATCH", path, `{"summary":"Two"}`)
		ana.with("If-None-Match", first).want(200, "GET", path, nil)
		for name, send := range map[string]func(c *caller) got{
			"edit":  func(c *caller) got { return c.do("PATCH", path, `{"summary":"Three"}`) },
			"note":  func(c *caller) got { return c.do("POST", path+"/notes", `{"text":"x"}`) },
			"move":  func(c *caller) got { return c.do("POST", path+"/moves", `{"move":"case.assess"}`) },
			"owner": func(c *caller) got { return c.do("PUT", path+"/owner", `{"owner":"person-ana"}`) },
			"file":  func(c *caller) got { return c.with("Content-Type", "text/plain").do("POST", path+"/files?name=a", "x") },
		} {
			if g := send(ana.with("If-Match", first)); g.StatusCode != 412 {
				t.Errorf("%s at an old version: have %d %s, want 412", name, g.StatusCode, g.body)
			} else {
				g.problem(t)
			}
		}
		ana.want(409, "PATCH", path, `{"summary":"Three","version":1}`)
		ana.with("If-Match", "*").want(204, "PATCH", path, `{"summary":"Three"}`)
		for _, bad := range []string{"3", `W/"3"`, `"x"`, `"1", "2"`, `"-1"`} {
			ana.with("If-Match", bad).want(400, "PATCH", path, `{"summary":"Four"}`)
		}
		ana.with("If-Match", first).want(400, "POST", "/cases", `{"title":"One"}`)
		ana.want(204, "PUT", "/products/gateway", `{"title":"Gateway"}`)
		ana.with("If-Match", `"7"`).want(412, "PUT", "/products/gateway", `{"title":"Gate"}`)
		ana.with("If-Match", `"1"`).want(204, "PUT", "/products/gateway", `{"title":"Gate"}`)
	})
}

// TestCursors: the pages of a list hold every row once, and a marker of which any
// byte is changed, or of another list or caller, is refused.
func TestCursors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		ana, eve := s.person(t, "ana", "analyst", "manager"), s.person(t, "eve", "analyst")
		var want []string
		for i := range 7 {
			s.Pass(time.Second)
			want = append(want, ana.want(201, "POST", "/cases", fmt.Sprintf(`{"title":"Number %d"}`, i)).text(t, "id"))
		}
		slices.Reverse(want)
		var have []string
		link := "/cases?limit=3"
		marker := ""
		for link != "" {
			g := ana.want(200, "GET", link, nil)
			for _, x := range g.json(t)["items"].([]any) {
				have = append(have, x.(map[string]any)["id"].(string))
			}
			if n := g.json(t)["next"]; n != nil {
				marker = n.(string)
			}
			link = next(g)
		}
		if !slices.Equal(have, want) {
			t.Errorf("pages hold %v, want %v", have, want)
		}
		ana.want(200, "GET", "/cases?limit=3&after="+marker, nil)
		for i := range len(marker) {
			for _, flip := range []byte{1, 0x20} {
				b := []byte(marker)
				b[i] ^= flip
				if g := ana.do("GET", "/cases?limit=3&after="+url.QueryEscape(string(b)), nil); g.StatusCode != 400 {
					t.Errorf("byte %d of the marker changed: have %d, want 400", i, g.StatusCode)
				}
			}
		}
		for name, g := range map[string]got{"another filter": ana.do("GET", "/cases?limit=3&stage=triage&after="+marker, nil), "another list": ana.do("GET", "/reports?limit=3&after="+marker, nil),
			"another caller": eve.do("GET", "/cases?limit=3&after="+marker, nil), "a marker cut short": ana.do("GET", "/cases?after="+marker[:10], nil)} {
			if g.StatusCode != 400 || g.about(t) != "after" {
				t.Errorf("%s: have %d %s, want 400 about after", name, g.StatusCode, g.body)
			}
		}
	})
}

// TestIdempotency: what is sent twice under one key is done once and answered alike.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		ana, eve := s.person(t, "ana", "analyst", "manager", "admin"), s.person(t, "eve", "analyst")
		keyed := ana.with("Idempotency-Key", "k1")
		first := keyed.want(201, "POST", "/cases", `{"title":"<One> & only"}`)
		again := keyed.want(201, "POST", "/cases", `{"title":"<One> & only"}`)
		if string(first.body) != string(again.body) || first.Header.Get("Location") != again.Header.Get("Location") || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("the repeat is answered with %v %s, want %v %s", again.Header, again.body, first.Header, first.body)
		}
		if n := rig.Count(t, s.DB, "cases"); n != 1 {
			t.Errorf("%d cases, want 1", n)
		}
		keyed.want(409, "POST", "/cases", `{"title":"Another"}`).problem(t)
		eve.with("Idempotency-Key", "k1").want(201, "POST", "/cases", `{"title":"Another"}`)
		path := "/cases/" + first.text(t, "id")
		ana.with("Idempotency-Key", "k1").want(201, "POST", path+"/notes", `{"text":"said once"}`)
		ana.with("Idempotency-Key", "k1").want(201, "POST", path+"/notes", `{"text":"said once"}`)
		if n := rig.Count(t, s.DB, "messages"); n != 1 {
			t.Errorf("%d notes, want 1", n)
		}
		ana.with("Idempotency-Key", "k2").want(400, "POST", "/cases", `{"title":""}`)
		ana.with("Idempotency-Key", "k2").want(201, "POST", "/cases", `{"title":"A failure takes no key"}`)
		up := ana.with("Idempotency-Key", "k3").with("Content-Type", "text/plain")
		if a, b := up.want(201, "POST", path+"/files?name=a.txt", "x"), up.want(201, "POST", path+"/files?name=a.txt", "x"); a.text(t, "id") != b.text(t, "id") {
			t.Errorf("two files, want one")
		}
		up.want(409, "POST", path+"/files?name=a.txt", "y")
		secrets(t, s, ana)
		races(t, s, ana)
		lost(t, s, ana)
		s.Pass(25 * time.Hour)
		fresh := s.person(t, "ana", "analyst")
		fresh.with("Idempotency-Key", "k1").want(201, "POST", "/cases", `{"title":"A day later the key is free"}`)
	})
}

// secrets: an answer with a secret comes again, and the store does not hold it in clear.
func secrets(t *testing.T, s *site, ana *caller) {
	t.Helper()
	keyed := ana.with("Idempotency-Key", "secret")
	token := keyed.want(201, "POST", "/tokens", `{"name":"n","roles":["analyst"]}`).text(t, "secret")
	if again := keyed.want(201, "POST", "/tokens", `{"name":"n","roles":["analyst"]}`).text(t, "secret"); again != token {
		t.Errorf("the repeat tells the secret %q, want the same", again)
	}
	for name, table := range everything(t, s.House) {
		if strings.Contains(table, token) || strings.Contains(table, "<One>") && name == "idempotency" {
			t.Errorf("the table %s holds the answer in clear", name)
		}
	}
}

// races: of many that are sent at once under one key, one is done.
func races(t *testing.T, s *site, ana *caller) {
	t.Helper()
	before := rig.Count(t, s.DB, "cases")
	var made atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			g := ana.with("Idempotency-Key", "race").do("POST", "/cases", `{"title":"At once"}`)
			if g.StatusCode == 201 && g.Header.Get("Idempotency-Replayed") == "" {
				made.Add(1)
			} else if g.StatusCode != 201 && g.StatusCode != 409 {
				t.Errorf("have %d %s, want 201 or 409", g.StatusCode, g.body)
			}
		})
	}
	all.Wait()
	if n := rig.Count(t, s.DB, "cases") - before; n != 1 || made.Load() != 1 {
		t.Errorf("%d cases were made and %d callers told so, want 1", n, made.Load())
	}
}

// lost: the act was committed and its answer was not kept, as after a crash.
func lost(t *testing.T, s *site, ana *caller) {
	t.Helper()
	keyed := ana.with("Idempotency-Key", "lost")
	id := keyed.want(201, "POST", "/cases", `{"title":"Lost"}`).text(t, "id")
	ok(t, exec(t, s.House, `update idempotency set status = 0, answer = ''`))
	if p := keyed.want(409, "POST", "/cases", `{"title":"Lost"}`).problem(t); !strings.Contains(p.Detail, id) {
		t.Errorf("%q does not name %s", p.Detail, id)
	}
}

// TestMassAssignment sends the name of every column of the store as a member of
// every body: nothing is taken that the route does not list.
func TestMassAssignment(t *testing.T) {
	t.Parallel()
	s := one(t)
	boss := s.token(t, nil, "analyst", "engineer", "manager", "admin")
	id := boss.want(201, "POST", "/cases", `{"title":"One"}`).text(t, "id")
	var columns []string
	for _, r := range rows(t, s.House, `select distinct c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'search%' order by 1`) {
		columns = append(columns, r[0])
	}
	if len(columns) < 60 {
		t.Fatalf("only %d columns were found", len(columns))
	}
	doc, _ := described(t, s)
	before := everything(t, s.House)
	for _, r := range api.Routes {
		if !r.HasBody() || r.ID == "advisory.check" {
			continue
		}
		listed := doc.Paths.Value(r.Path).GetOperation(r.Method).RequestBody.Value.Content["application/json"].Schema.Value.Properties
		path := strings.NewReplacer("{id}", id, "{label}", "x", "{with}", "person-x", "{name}", "gateway", "{survey}", "appetite-x", "{decision}", "decision-x", "{item}", "item-x", "{surface}", "cases", "{view}", "view-x").Replace(r.Path)
		for _, c := range columns {
			if listed[c] != nil {
				continue
			}
			if g := boss.do(r.Method, path, map[string]any{c: "admin"}); g.StatusCode != 400 || !strings.Contains(g.about(t), c) {
				t.Errorf("%s takes the member %s: %d %s", r.ID, c, g.StatusCode, g.body)
			}
		}
	}
	if tables := changed(before, everything(t, s.House)); len(tables) > 0 {
		t.Errorf("column names as members changed %v", tables)
	}
	mine := `{"title":"Two","received":"2026-01-01T00:00:00Z"}`
	made := boss.want(200, "GET", "/cases/"+boss.want(201, "POST", "/cases", mine).text(t, "id"), nil).json(t)
	for name, want := range map[string]any{"stage": s.Rules.Lifecycle("case").Start(), "version": 1.0, "owner": "", "closed": false, "audience": "staff"} {
		if made[name] != want {
			t.Errorf("%s of a new case is %v, want %v", name, made[name], want)
		}
	}
}

// TestStatements counts what the store is asked for one answer.
func TestStatements(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		w := world(t, s.House)
		bot := s.token(t, nil, "analyst", "manager", "auditor", "admin")
		var n atomic.Int32
		s.DB.Watch = func(string) { n.Add(1) }
		for _, r := range api.Routes {
			if r.Method != "GET" || strings.HasPrefix(r.ID, "register.export") || strings.HasPrefix(r.ID, "meeting.pack") || strings.HasPrefix(r.ID, "quarter.") {
				continue // an export reads risk by risk, so that none waits for a whole register; a pack is one, too
			}
			most := int32(8)
			if strings.HasPrefix(r.ID, "meeting.") || r.ID == "strategy.read" || r.ID == "hygiene.check" {
				most = 11 // their rules look at every fact of the whole register, a statement a table
			}
			switch {
			case strings.HasPrefix(r.Path, "/recurrence") && s.DB.Engine == db.Postgres:
				most = 13 // each kind of proposal is a count of its own, and the day's sums are held while they are read
			case r.Path == "/recurrence/proposals":
				most = 9
			case r.Path == "/metrics":
				most = 10 // eight of the report, and who the reader is
			case r.Path == "/health-check":
				most = 19 // each row looks at something else of the house
			}
			for _, path := range w.named(r.Path) {
				n.Store(0)
				bot.do("GET", path, nil)
				if have := n.Load(); have > most {
					t.Errorf("GET %s asks the store %d times, want at most %d", path, have, most)
				}
			}
		}
		s.DB.Watch = nil
	})
}

// TestBadDays: a store that is full or gone is said to be, with when to come back.
func TestBadDays(t *testing.T) {
	t.Parallel()
	s := one(t)
	ana := s.person(t, "ana", "analyst")
	s.DB.Watch = func(q string) {
		if strings.Contains(q, "into cases") {
			panic("the programmer's mistake")
		}
	}
	p := ana.want(500, "POST", "/cases", `{"title":"x"}`).problem(t)
	if strings.Contains(p.Detail, "mistake") {
		t.Errorf("the cause is told: %q", p.Detail)
	}
	s.DB.Watch = nil
	ana.want(201, "POST", "/cases", `{"title":"x"}`)
	ok(t, s.DB.Close())
	g := ana.do("POST", "/cases", `{"title":"x"}`)
	if g.StatusCode != 503 && g.StatusCode != 500 {
		t.Errorf("a closed store: have %d %s", g.StatusCode, g.body)
	}
	g.problem(t)
}
