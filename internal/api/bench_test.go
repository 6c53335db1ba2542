package api_test

import (
	"fmt"
	"testing"

	"tocsin/internal/api"
	"tocsin/internal/casework"
	"tocsin/internal/rig"
)

// BenchmarkAPI measures answers from the token to the last byte, without a network.
func BenchmarkAPI(b *testing.B) {
	h := rig.Open(b, b.TempDir()+"/bench.db", "gitlab")
	s := open(b, h, api.Options{PerSecond: -1})
	ana := h.As(b, "ana", "analyst")
	var last string
	for i := range 2000 {
		id, err := h.Cases.Open(ana, casework.Opening{Title: fmt.Sprintf("Export %d can be read by members of sibling groups", i), Product: "gateway", Component: "export", CWE: "CWE-863", Severity: "high",
			Summary: "A member of a sibling group reads the export."})
		ok(b, err)
		last = string(id)
	}
	bot := s.token(b, nil, "analyst")
	for _, c := range []struct{ name, method, path, body string }{
		{"list of 50", "GET", "/cases", ""}, {"one case", "GET", "/cases/" + last, ""}, {"search", "GET", "/cases?q=sibling", ""}, {"create", "POST", "/cases", `{"title":"One more"}`}, {"who", "GET", "/whoami", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var body any
				if c.body != "" {
					body = c.body
				}
				if g := bot.do(c.method, c.path, body); g.StatusCode >= 300 {
					b.Fatalf("%d %s", g.StatusCode, g.body)
				}
			}
		})
	}
}
