package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"tocsin/internal/api"
	"tocsin/internal/rig"
)

// described loads the document as a program would.
func described(t *testing.T, s *site) (*openapi3.T, routers.Router) {
	t.Helper()
	g := (&caller{t: t, site: s}).want(200, "GET", "/openapi.json", nil)
	doc, err := openapi3.NewLoader().LoadFromData(g.body)
	ok(t, err)
	ok(t, doc.Validate(context.Background()))
	router, err := gorillamux.NewRouter(doc)
	ok(t, err)
	return doc, router
}

// one opens a house on SQLite alone, for tests in which the engine has no part.
func one(t *testing.T) *site {
	t.Helper()
	return open(t, rig.Open(t, t.TempDir()+"/test.db", "gitlab"))
}

// TestTheDocumentIsValid holds that the document is valid OpenAPI 3.1 with every
// route, each with summary, errors, security and examples, and described fields.
func TestTheDocumentIsValid(t *testing.T) {
	t.Parallel()
	doc, _ := described(t, one(t))
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s, want 3.1", doc.OpenAPI)
	}
	for _, r := range api.Routes {
		op := doc.Paths.Value(r.Path).GetOperation(r.Method)
		if op == nil || op.OperationID != r.ID || op.Summary == "" || len(op.Tags) != 1 {
			t.Fatalf("%s %s is described as %+v", r.Method, r.Path, op)
		}
		for _, status := range []int{400, 401, 403, 429, 500, 503} {
			if op.Responses.Status(status) == nil {
				t.Errorf("%s does not tell of %d", r.ID, status)
			}
		}
		if r.HasBody() && op.RequestBody.Value.Content["application/json"].Example == nil {
			t.Errorf("%s shows no example of its body", r.ID)
		}
	}
	bare := 0
	for _, s := range doc.Components.Schemas {
		if s.Value.Description == "" {
			bare++
		}
	}
	if bare > len(doc.Components.Schemas)/10 {
		t.Errorf("%d of %d schemas say nothing of themselves", bare, len(doc.Components.Schemas))
	}
}

// TestExamplesAreTaken holds that every example body is one that the route reads.
func TestExamplesAreTaken(t *testing.T) {
	t.Parallel()
	for _, r := range api.Routes {
		if !r.HasBody() {
			continue
		}
		if r.Example() == "" {
			t.Errorf("%s has no example", r.ID)
		} else if err := r.Reads(r.Example()); err != nil {
			t.Errorf("%s: its example is not read: %v", r.ID, err)
		}
	}
}

// checked is a handler that holds every answer against the document.
func checked(t *testing.T, router routers.Router, inside http.Handler, seen map[string]bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		sent, err := io.ReadAll(q.Body)
		ok(t, err)
		q.Body = io.NopCloser(bytes.NewReader(sent))
		rec := httptest.NewRecorder()
		inside.ServeHTTP(rec, q)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes()) // a recorder takes everything
		route, params, err := router.FindRoute(q)
		if err != nil {
			t.Errorf("%s %s is not in the document: %v", q.Method, q.URL.Path, err)
			return
		}
		seen[route.Operation.OperationID] = true
		q.Body = io.NopCloser(bytes.NewReader(sent))
		in := &openapi3filter.RequestValidationInput{Request: q, PathParams: params, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, ExcludeRequestBody: route.Operation.OperationID == "advisory.check"}}
		if rec.Code < 400 {
			if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
				t.Errorf("%s was taken, and the document says: %v", route.Operation.OperationID, err)
			}
		}
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: rec.Code, Header: rec.Header(), Options: in.Options}
		out.SetBodyBytes(rec.Body.Bytes())
		if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
			t.Errorf("%s %s answers %d otherwise than the document says: %v\n%s", q.Method, q.URL, rec.Code, err, rec.Body)
		}
	})
}

// TestAnswersAreAsDescribed sends requests to every route and holds requests and
// answers against the document.
func TestAnswersAreAsDescribed(t *testing.T) {
	t.Parallel()
	s := one(t)
	w := world(t, s.House)
	x := embargo(t, s.House, w)
	_, router := described(t, s)
	seen := map[string]bool{}
	s.handler = checked(t, router, s.handler, seen)
	all := s.token(t, nil, "analyst", "engineer", "manager", "auditor", "admin", "release-manager")
	for _, path := range readable(w) {
		if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/openapi") {
			continue
		}
		all.do("GET", path, nil)
	}
	for _, path := range []string{"/whoami", "/people", "/tokens", "/jobs?limit=1", "/profile", "/products", "/outbox", "/notices", "/search?q=export"} {
		all.want(200, "GET", path, nil)
	}
	made := all.want(201, "POST", "/tokens", `{"name":"n","roles":["auditor"],"scopes":["*.read"]}`).json(t)
	all.want(204, "DELETE", "/tokens/"+made["id"].(string), nil)
	for _, path := range []string{"/webhooks/hook-0000000000000000/stop", "/webhooks/hook-0000000000000000/start", "/bulk/bulk-0000000000000000/undo", "/bulk/bulk-0000000000000000/stop"} {
		all.want(404, "POST", path, nil)
	}
	all.want(404, "DELETE", "/webhooks/hook-0000000000000000", nil)
	team := all.want(201, "POST", "/teams", `{"name":"Gateway","members":["person-eve"]}`).text(t, "id")
	all.want(204, "PUT", "/teams/"+team, `{"name":"Gateway","members":[],"version":1}`)
	person := all.want(201, "POST", "/people", `{"name":"Ada Fictitious","roles":["analyst"]}`).text(t, "id")
	all.want(201, "POST", "/people/"+person+"/invitation", nil)
	all.want(204, "PUT", "/people/"+person, `{"name":"Ada Fictitious","handle":"ada","version":1}`)
	all.want(204, "PUT", "/people/"+person+"/roles/engineer", nil)
	all.want(204, "DELETE", "/people/"+person+"/roles/engineer", nil)
	for _, r := range api.Routes {
		for _, path := range append(w.named(r.Path), x.named(r)...) {
			if r.Method != "GET" && !strings.Contains(path, "{") {
				all.send(r, path)
			}
		}
	}
	all.do("POST", "/jobs/job-0000000000000000/retry", nil)
	for _, r := range api.Routes {
		if !seen[r.ID] {
			t.Errorf("%s was never called", r.ID)
		}
	}
}

// TestTheReferenceIsReadable holds that the page names every operation and needs
// nothing from elsewhere.
func TestTheReferenceIsReadable(t *testing.T) {
	t.Parallel()
	g := (&caller{t: t, site: one(t)}).want(200, "GET", "/api/docs", nil)
	page := string(g.body)
	for _, r := range api.Routes {
		if !strings.Contains(page, r.Path) || !strings.Contains(page, `id="`+r.ID+`"`) {
			t.Errorf("the page does not tell of %s", r.ID)
		}
	}
	for _, foreign := range []string{"http://", "https://", "<script", "//cdn"} {
		if strings.Contains(strings.ReplaceAll(page, "https://lantern.example.org", ""), `src="`+foreign) || foreign == "<script" && strings.Contains(page, foreign) {
			t.Errorf("the page holds %q", foreign)
		}
	}
	if csp := g.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy %q", csp)
	}
}
