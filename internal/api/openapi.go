package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/profile"
	"tocsin/internal/ref"
)

// The parts of an OpenAPI 3.1 document that ours has.
type (
	openAPI struct {
		OpenAPI    string                           `json:"openapi"`
		Info       info                             `json:"info"`
		Servers    []server                         `json:"servers"`
		Security   []map[string][]string            `json:"security"`
		Tags       []tag                            `json:"tags"`
		Paths      map[string]map[string]*operation `json:"paths"`
		Components parts                            `json:"components"`
	}
	info struct {
		Title       string            `json:"title"`
		Version     string            `json:"version"`
		Description string            `json:"description"`
		License     map[string]string `json:"license"`
	}
	server struct {
		URL string `json:"url"`
	}
	tag struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	parts struct {
		Schemas   map[string]*schema        `json:"schemas"`
		Responses map[string]*response      `json:"responses"`
		Security  map[string]map[string]any `json:"securitySchemes"`
	}
	operation struct {
		ID          string               `json:"operationId"`
		Summary     string               `json:"summary"`
		Description string               `json:"description,omitempty"`
		Tags        []string             `json:"tags"`
		Parameters  []parameter          `json:"parameters,omitempty"`
		Body        *body                `json:"requestBody,omitempty"`
		Responses   map[string]*response `json:"responses"`
	}
	parameter struct {
		Name        string  `json:"name"`
		In          string  `json:"in"`
		Required    bool    `json:"required,omitempty"`
		Description string  `json:"description,omitempty"`
		Schema      *schema `json:"schema"`
		Example     any     `json:"example,omitempty"`
	}
	body struct {
		Required bool              `json:"required"`
		Content  map[string]*media `json:"content"`
	}
	media struct {
		Schema  *schema         `json:"schema,omitempty"`
		Example json.RawMessage `json:"example,omitempty"`
	}
	response struct {
		Ref         string             `json:"$ref,omitempty"`
		Description string             `json:"description,omitempty"`
		Headers     map[string]*header `json:"headers,omitempty"`
		Content     map[string]*media  `json:"content,omitempty"`
	}
	header struct {
		Description string  `json:"description"`
		Schema      *schema `json:"schema"`
	}
)

// document is the description of the table of routes, and the page made of it.
type document struct {
	api  openAPI
	json json.RawMessage
	page []byte
}

const about = `Everything that people do in the pages, for programs. Send a token as "Authorization: Bearer TOKEN"; "tocsin admin token create" makes one.

Lists come in pages: limit rows, and next, the marker for after; the header Link leads to the same page. Parameters that a list does not know are refused.

A single record carries an ETag. Send it as If-Match with a change, and the change is made only if nobody else changed the record meanwhile (412 otherwise); send it as If-None-Match with a read, and an unchanged record is answered with 304.

Send an Idempotency-Key with anything that changes something, and it is done once, however often it is sent: for 24 hours the same request is answered with the first answer. Another request under the same key is refused with 409, and so is a repeat whose first answer is not kept.

Bodies are JSON in UTF-8, at most 1 MiB, without members that are not listed here, members that stand twice, control characters or characters that turn text around. Times are RFC 3339 in UTC. Files have at most 50 MiB.

Every failure is a problem (RFC 9457) with a sentence on how to mend it. A record that you may not know of is answered as one that does not exist.`

// make describes the table, with the words of the profile in force, and returns
// the types that it describes.
func (d *document) make(p *profile.Profile) map[reflect.Type]string {
	s := &schemas{all: map[string]*schema{}, name: map[reflect.Type]string{}}
	d.api = openAPI{OpenAPI: "3.1.0", Info: info{Title: "Tocsin", Version: "1", Description: about, License: map[string]string{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		Servers: []server{{Base}}, Security: []map[string][]string{{"token": {}}, {"session": {}}}, Paths: map[string]map[string]*operation{}}
	problem := s.of(reflect.TypeFor[Problem]())
	d.api.Components = parts{s.all, problems(problem), map[string]map[string]any{
		"token":   {"type": "http", "scheme": "bearer", "description": "An API token. Its roles decide what it may do, its scopes can narrow that to verbs such as case.* or *.read."},
		"session": {"type": "apiKey", "in": "cookie", "name": Cookie, "description": "The session of the pages; changes must come from the same site."},
	}}
	for i := range Routes {
		d.add(s, &Routes[i], p)
	}
	for _, r := range Routes {
		if t := (tag{r.tag(), tags[r.tag()]}); !slices.Contains(d.api.Tags, t) {
			d.api.Tags = append(d.api.Tags, t)
		}
	}
	b, err := json.Marshal(d.api)
	if err != nil {
		panic(err) // the document is plain fields
	}
	d.json = b
	d.print()
	return s.name
}

// tags are the parts of the reference, by the first word of the path.
var tags = map[string]string{
	"cases": "The handling of single vulnerabilities, from triage to closure.", "reports": "What came in, until it is accepted, declined or found to be a duplicate.",
	"advisories": "Drafts, approvals and published forms.", "files": "What is attached to records.", "products": "The product tree: components and release lines.",
	"risks": "The risk register: statement, score, evidence, treatment, acceptance, closure, appetite.", "recurrence": "What keeps coming back, and the risks that it proposes.",
	"indicators": "Key risk indicators, their values and samples, and the tasks that they leave.", "observations": "Findings about single controls, and how they become risks.",
	"reviews": "Meetings on the register, their packs, reviews of single risks, what leaders choose, figures and hygiene.", "quantification": "What risks cost: scenarios, runs and portfolios.",
	"exchange": "The register as files: import with a dry run, export, saved columns.", "pictures": "The pictures of the register as SVG and PNG.",
	"people": "People, teams, roles and tokens.", "house": "The house itself: profile, audit trail, events, webhooks, jobs, notices, scores.",
}

// rooms are the first words of paths that stand in a room of another name.
var rooms = map[string]string{
	"events": "house", "webhooks": "house",
	"teams": "people", "tokens": "people", "whoami": "people", "publications": "advisories",
	"kris": "indicators", "samples": "indicators", "tasks": "indicators", "observation-board": "observations", "observation-imports": "observations", "observation-proposals": "observations",
	"meetings": "reviews", "meeting-preview": "reviews", "meeting-quarter": "reviews", "points": "reviews", "strategy": "reviews", "candidates": "reviews", "risk-escalations": "reviews", "risk-figures": "reviews", "risk-hygiene": "reviews",
	"risk-portfolio": "quantification", "quantifications": "quantification", "risk-charts": "pictures",
	"risk-export": "exchange", "risk-export-report": "exchange", "risk-import": "exchange", "risk-mappings": "exchange",
	"risk-board": "risks", "risk-lint": "risks", "risk-overview": "risks", "risk-reratings": "risks", "appetites": "risks",
}

// inner are the words after an ID that lead into another room.
var inner = map[string]string{"advisories": "advisories", "charts": "pictures", "kris": "indicators", "kri-suggestions": "indicators", "quantification": "quantification", "reviews": "reviews"}

// tag is the room that the route stands in.
func (r *Route) tag() string {
	words := strings.Split(r.Path, "/")
	if len(words) > 3 && inner[words[3]] != "" {
		return inner[words[3]]
	}
	for _, room := range []string{words[1], rooms[words[1]]} {
		if tags[room] != "" {
			return room
		}
	}
	if strings.Contains(r.Path, "advisor") {
		return "advisories"
	}
	return "house"
}

func (d *document) add(s *schemas, r *Route, p *profile.Profile) {
	op := &operation{ID: r.ID, Summary: r.Summary, Tags: []string{r.tag()}, Responses: map[string]*response{}}
	if r.Verb != "" {
		op.Description = "Permission: " + string(r.Verb)
	}
	for _, x := range r.do.plan.params {
		op.Parameters = append(op.Parameters, parameter{Name: x.name, In: x.in, Required: x.required, Description: x.doc, Schema: x.schema(), Example: x.example()})
	}
	op.headers(r)
	op.body(s, r, p)
	op.Responses[strconv.Itoa(r.do.status)] = success(s, r)
	for _, status := range r.failures() {
		op.Responses[strconv.Itoa(status)] = &response{Ref: "#/components/responses/Problem" + strconv.Itoa(status)}
	}
	if d.api.Paths[r.Path] == nil {
		d.api.Paths[r.Path] = map[string]*operation{}
	}
	d.api.Paths[r.Path][strings.ToLower(r.Method)] = op
}

func (x *param) schema() *schema {
	switch {
	case x.kind.Kind() == reflect.Bool:
		return &schema{Type: "boolean"}
	case x.kind.Kind() == reflect.Int:
		return &schema{Type: "integer", Minimum: &x.min, Maximum: &x.max}
	case x.kind.Kind() == reflect.Struct:
		return &schema{Type: "string", Description: "A time like 2026-03-09T14:30:00Z, or a day like 2026-03-09."}
	}
	return &schema{Type: "string", Enum: x.enum}
}

func (x *param) example() any {
	switch {
	case x.in == "path" && x.kind == reflect.TypeFor[ref.ID]():
		return "CASE-7QK3D9XB"
	case x.name == "vector":
		return "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"
	case x.name == "format" && x.in == "path":
		return "csaf-2.0"
	}
	return nil
}

// headers are what a request is tied to.
func (op *operation) headers(r *Route) {
	add := func(name, about string) {
		op.Parameters = append(op.Parameters, parameter{Name: name, In: "header", Description: about, Schema: &schema{Type: "string"}})
	}
	_, tagged := reflect.Zero(nonNil(r.do.out)).Interface().(versioned)
	if r.Method == http.MethodGet && tagged {
		add("If-None-Match", "The ETag that you have: 304 where nothing changed.")
	}
	if r.Method != http.MethodGet {
		add("Idempotency-Key", "A key of your own, at most 200 bytes: the request is done once under it.")
		if r.do.plan.record || r.do.plan.match != nil {
			add("If-Match", "The record's ETag: 412 where somebody changed it meanwhile.")
		}
	}
}

func nonNil(t reflect.Type) reflect.Type {
	if t == nil {
		return reflect.TypeFor[int]()
	}
	return t
}

func (op *operation) body(s *schemas, r *Route, p *profile.Profile) {
	if r.do.upload {
		op.Body = &body{true, map[string]*media{
			"application/octet-stream": {Schema: &schema{Type: "string", Format: "binary"}},
			"multipart/form-data":      {Schema: &schema{Type: "object", Properties: map[string]*schema{"file": {Type: "string", Format: "binary"}}, Required: []string{"file"}}},
		}}
		return
	}
	if r.do.plan.body == nil {
		return
	}
	m := &media{Schema: s.of(r.do.plan.body)}
	if e := examples[r.ID]; e != "" {
		m.Example = json.RawMessage(e)
	}
	op.Body = &body{true, map[string]*media{"application/json": m}}
	if kind, isMove := strings.CutSuffix(r.ID, ".move"); isMove && p.Lifecycle(kind) != nil {
		s.all[strings.TrimPrefix(m.Schema.Ref, components)].Properties["move"].Enum = p.Lifecycle(kind).Verbs()
	}
}

func success(s *schemas, r *Route) *response {
	out := &response{Description: http.StatusText(r.do.status), Headers: map[string]*header{"X-Request-Id": {"Names the request in answers and log.", &schema{Type: "string"}}}}
	switch {
	case r.do.download:
		out.Content = map[string]*media{"application/octet-stream": {Schema: &schema{Type: "string", Format: "binary"}}}
	case r.do.out != nil:
		m := &media{Schema: s.of(r.do.out)}
		if r.do.out != reflect.TypeFor[json.RawMessage]() {
			m.Example = sampleOf(r.do.out)
		}
		out.Content = map[string]*media{"application/json": m}
		zero := reflect.Zero(r.do.out).Interface()
		if _, ok := zero.(versioned); ok {
			out.Headers["ETag"] = &header{"The record's version and a check sum of this answer.", &schema{Type: "string"}}
		}
		if _, ok := zero.(paged); ok {
			out.Headers["Link"] = &header{"The next page, where there is one: rel=\"next\".", &schema{Type: "string"}}
		}
	}
	if r.do.status == http.StatusCreated {
		out.Headers["Location"] = &header{"Where the new record stands.", &schema{Type: "string"}}
	}
	return out
}

// failures lists the statuses that a route can answer with when it fails.
func (r *Route) failures() []int {
	out := []int{400, 401, 403, 429, 500, 503}
	if strings.Contains(r.Path, "{") {
		out = append(out, 404)
	}
	if r.Method != http.MethodGet {
		out = append(out, 409, 413, 507)
		if r.do.plan.record || r.do.plan.match != nil {
			out = append(out, 412)
		}
	}
	if r.do.plan.body != nil || r.do.upload {
		out = append(out, 415)
	}
	return out
}

// problems are the answers to failures, by status.
func problems(problem *schema) map[string]*response {
	out := map[string]*response{"Problem415": {Description: "The body is not of a kind that is taken here.", Content: map[string]*media{"application/problem+json": {Schema: problem}}}}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		row, name := kinds[kind], "Problem"+strconv.Itoa(kinds[kind].status)
		if old := out[name]; old != nil {
			old.Description += " " + row.title + ": " + row.about
			continue
		}
		out[name] = &response{Description: row.title + ": " + row.about, Content: map[string]*media{"application/problem+json": {Schema: problem}}}
	}
	return out
}

func (a *API) openapi(w *answer, q *http.Request) error { return w.value(q, a.doc.json) }
