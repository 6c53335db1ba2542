package api

import "tocsin/internal/shape"
import "reflect"

// Query lists the names of the route's query parameters, with the words that one
// may have.
func (r Route) Query() map[string][]string {
	out := map[string][]string{}
	for name, p := range r.do.plan.query {
		out[name] = p.enum
	}
	return out
}

// Example is the body that the reference shows.
func (r Route) Example() string { return examples[r.ID] }

// Uploads reports whether the route takes a file.
func (r Route) Uploads() bool { return r.do.upload }

// HasBody reports whether the route takes JSON.
func (r Route) HasBody() bool { return r.do.plan.body != nil }

// Reads reads a body as the route would.
func (r Route) Reads(body string) error {
	return shape.Into([]byte(body), reflect.New(r.do.plan.body).Interface())
}
