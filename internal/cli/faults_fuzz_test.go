package cli_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	fuzzTime = flag.Duration("fuzztime-wire", 5*time.Second, "how long hostile requests are sent to a serving process")
	fuzzSeed = flag.Uint64("fuzzseed", 0, "begin the hostile requests with this number; 0 draws one")
)

// described is what the fuzzer reads of the API's own description (OpenAPI 3.1).
type described struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*shape }
}

type operation struct {
	OperationID string
	Parameters  []struct {
		Name, In string
		Schema   *shape
	}
	RequestBody *struct {
		Content map[string]struct {
			Schema  *shape
			Example json.RawMessage
		}
	}
}

type shape struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Enum                 []any
	Properties           map[string]*shape
	Items                *shape
	AdditionalProperties any
	AnyOf, OneOf         []*shape
}

// fuzzer makes requests of the description: right ones, and ones with hostile
// values where they hurt most.
type fuzzer struct {
	*rand.Rand
	doc described
	ids []string // of records that exist
}

// value is something for a place that the description shapes.
func (f *fuzzer) value(s *shape, deep int) any {
	if f.IntN(6) == 0 || s == nil || deep > 6 {
		return f.anything(deep)
	}
	if s.Ref != "" {
		return f.value(f.doc.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]], deep)
	}
	if all := slices.Concat(s.AnyOf, s.OneOf); len(all) > 0 {
		return f.value(all[f.IntN(len(all))], deep+1)
	}
	if len(s.Enum) > 0 && f.IntN(4) > 0 {
		return s.Enum[f.IntN(len(s.Enum))]
	}
	kind, _ := s.Type.(string)
	switch kind {
	case "object":
		return f.object(s, deep)
	case "array":
		out := []any{}
		for range f.IntN(4) {
			out = append(out, f.value(s.Items, deep+1))
		}
		return out
	case "integer", "number":
		return []any{0, 1, -1, 1 << 53, -1 << 62, 1e308, 0.5, 7, 100}[f.IntN(9)]
	case "boolean":
		return f.IntN(2) == 0
	}
	return f.text()
}

func (f *fuzzer) object(s *shape, deep int) any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if f.IntN(3) > 0 {
			out[name] = f.value(s.Properties[name], deep+1)
		}
	}
	if s.AdditionalProperties != nil || f.IntN(20) == 0 {
		out[f.text()] = f.anything(deep + 1)
	}
	return out
}

// anything is a value of no shape.
func (f *fuzzer) anything(deep int) any {
	switch f.IntN(9) {
	case 0:
		return nil
	case 1:
		return []any{[]any{[]any{}}}
	case 2:
		return map[string]any{}
	case 3:
		return json.Number([]string{"1e999", "-0", "123456789012345678901234567890", "0.1e-400", "1E+2"}[f.IntN(5)])
	case 4:
		return f.IntN(2) == 0
	}
	return f.text()
}

// words are texts that mean something to the house, so that requests get past the door.
var words = []string{"case.assess", "case.reject", "case.reopen", "case.confirm", "report.accept", "report.decline", "advisory.submit", "advisory.publish", "informative", "duplicate", "critical", "high", "triage", "closed", "CWE-79", "CVE-2026-12345",
	"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CVSS:3.1/AV:N", "2026-11-22T10:00:00Z", "2026-11-22", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "7d", "5bd", "99999999999bd", "-1d",
	"csaf-2.0", "cve-5", "osv-1", "openvex-0.2", "AMBER", "analyst", "admin", "open", "https://example.org/", "javascript:alert(1)", ">= 1.0, < 2.0", "1.0.0", "@ada @everyone", "[x](https://e.example)", "{{.}}", "%s%n", "\u202e", "\u0000", "\ufffd", "é", "🔔", "\r\nX-Evil: 1", "*", "\"", "\"a", "a\" OR", "NEAR(a b)", "case.*"}

func (f *fuzzer) text() string {
	switch f.IntN(8) {
	case 0:
		return hostile[f.IntN(len(hostile))]
	case 1:
		return f.ids[f.IntN(len(f.ids))]
	case 2:
		b := make([]byte, f.IntN(40))
		for i := range b {
			b[i] = byte(f.Uint32())
		}
		return string(b)
	case 3:
		return strings.Repeat(words[f.IntN(len(words))], f.IntN(400))
	}
	return words[f.IntN(len(words))]
}

// request makes one request for an operation.
func (f *fuzzer) request(method, path string, op operation) (target string, body any, header []string) {
	query := url.Values{}
	for _, p := range op.Parameters {
		switch {
		case p.In == "path" && f.IntN(5) > 0:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(f.ids[f.IntN(len(f.ids))]))
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(f.text()+"x"))
		case p.In == "query" && f.IntN(3) == 0:
			query.Set(p.Name, fmt.Sprint(f.value(p.Schema, 0)))
		case p.In == "header" && f.IntN(8) == 0:
			header = append(header, p.Name, strings.Map(printable, f.text()))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	if op.RequestBody != nil {
		body = f.body(op)
	}
	return path, body, header
}

// printable leaves out what no header can carry.
func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return -1
	}
	return r
}

func (f *fuzzer) body(op operation) any {
	m := op.RequestBody.Content["application/json"]
	var example any
	if m.Example != nil && json.Unmarshal(m.Example, &example) == nil && f.IntN(3) == 0 {
		return f.bent(example)
	}
	v := f.value(m.Schema, 0)
	if b, err := json.Marshal(v); err == nil && f.IntN(20) == 0 && len(b) > 2 {
		b[f.IntN(len(b))] = byte(f.Uint32())
		return string(b)
	}
	return v
}

// bent is a right value with one part of it made wrong.
func (f *fuzzer) bent(v any) any {
	switch x := v.(type) {
	case map[string]any:
		if names := slices.Sorted(maps.Keys(x)); len(names) > 0 {
			name := names[f.IntN(len(names))]
			x[name] = f.bent(x[name])
			return x
		}
	case []any:
		if len(x) > 0 {
			i := f.IntN(len(x))
			x[i] = f.bent(x[i])
			return x
		}
	}
	if f.IntN(2) == 0 {
		return v
	}
	return f.anything(0)
}

func TestHostileRequestsToEveryOperationGetAnAnswerInWords(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			store := ""
			if engine == "postgres" {
				store = inPostgres(t)
			}
			fuzz(t, newSite(t, store))
		})
	}
}

func fuzz(t *testing.T, s *site) {
	v := s.start()
	seed := *fuzzSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-fuzzseed %d", seed)
	c := v.newClient("")
	var doc described
	if err := json.Unmarshal(c.must(t, 200, "GET", "/openapi.json", nil).body, &doc); err != nil || len(doc.Paths) < 40 {
		t.Fatalf("%d paths, %v", len(doc.Paths), err)
	}
	ids, tokens := c.records(t), make([]string, 4)
	for w := range tokens {
		var made struct{ Secret string }
		g := c.must(t, 201, "POST", "/tokens", map[string]any{"name": fmt.Sprintf("hostile %d", w), "roles": []string{"analyst", "engineer", "manager", "admin", "auditor"}})
		if err := json.Unmarshal(g.body, &made); err != nil || made.Secret == "" {
			t.Fatalf("no token: %v, %v", g, err)
		}
		tokens[w] = made.Secret
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	sent, statuses, deeds := 0, map[int]int{}, map[string]bool{}
	end := time.Now().Add(*fuzzTime)
	for w := range tokens {
		wg.Go(func() {
			f := &fuzzer{Rand: rand.New(rand.NewPCG(seed, uint64(w))), doc: doc, ids: ids}
			mine := v.newClient("")
			defer mine.close()
			mine.token = tokens[w] // each has a limit of its own
			for round := 0; time.Now().Before(end) || round == 0; round++ {
				for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
					for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
						op := doc.Paths[path][method]
						g, ok := mine.hostileTo(t, f, method, path, op)
						if !ok {
							return
						}
						mu.Lock()
						sent++
						statuses[g.status]++
						deeds[op.OperationID] = deeds[op.OperationID] || g.status < 300
						mu.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	good := 0
	for _, did := range deeds {
		if did {
			good++
		}
	}
	t.Logf("%d requests to %d operations, of which %d were carried out at least once; statuses %v", sent, len(deeds), good, statuses)
	c.must(t, 200, "GET", "/cases", nil)
	if strings.Contains(v.log.String(), "panic") {
		v.t.Errorf("something panicked")
		v.brokenLines()
	}
	if code := v.stop(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	s.verified()
}

// hostileTo sends one request and asserts that its answer is civil.
func (c *client) hostileTo(t *testing.T, f *fuzzer, method, path string, op operation) (got, bool) {
	target, body, header := f.request(method, path, op)
	if _, written := body.(string); !written && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			b = []byte("{")
		}
		body = string(b)
	}
	if op.OperationID == "token.revoke" || op.OperationID == "person.edit" {
		target = strings.ReplaceAll(target, "token-", "token-x") // not the branch that it sits on
	}
	g, err := c.api(strings.ToUpper(method), target, body, header...)
	what := fmt.Sprintf("%s %.300s %.1500v %q", method, target, body, header)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return g, false
	}
	civil(t, what, g)
	return g, g.status < 500 && g.status != http.StatusUnauthorized
}

// records makes one of most things, so that requests find something, and returns
// their IDs and names.
func (c *client) records(t *testing.T) []string {
	t.Helper()
	id := c.openCase(t, "a case to be hostile to")
	other := c.openCase(t, "another one")
	report := c.must(t, 201, "POST", "/reports", map[string]any{"title": "a report", "summary": "what happens", "product": "harbor", "contact": "f@example.org"}).id()
	draft := c.must(t, 201, "POST", "/cases/"+id+"/advisories", nil).id()
	person := c.must(t, 201, "POST", "/people", map[string]any{"name": "Grace Hopper", "roles": []string{"analyst"}}).id()
	team := c.must(t, 201, "POST", "/teams", map[string]any{"name": "harbor"}).id()
	g, err := c.send("POST", "/api/v1/cases/"+id+"/files?name=a.txt", strings.NewReader("hello"), "Authorization", "Bearer "+c.token, "Content-Type", "application/octet-stream")
	if err != nil || g.status != 201 {
		t.Fatalf("attach: %v, %v", g, err)
	}
	return []string{id, other, report, draft, person, team, g.id(), "heightened-watch", "blocked", "related", "duplicate-of", "csaf-2.0", "osv-1", "analyst", "harbor", "informative", "18.0", "core"}
}
