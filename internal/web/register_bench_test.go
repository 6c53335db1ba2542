package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"tocsin/internal/rig"
	"tocsin/internal/risk"
	"tocsin/internal/web"
)

// BenchmarkTheRegistersFirstPage is the server's time for the page of a register of
// 10,000 scored risks: heat map, distributions, counts and the first fifty rows.
// The goal is below 50 ms.
func BenchmarkTheRegistersFirstPage(b *testing.B) {
	h := rig.Open(b, b.TempDir()+"/bench.db", "gitlab")
	mia := h.As(b, "mia", "manager")
	scopes := h.Rules.Register.Scopes
	for i := range 10_000 {
		id, err := h.Risks.Raise(mia, risk.Raising{Title: fmt.Sprintf("Incomplete check %d may reveal what others keep", i), Scope: scopes[i%len(scopes)].Name, Department: []string{"Create", "Plan", "Verify"}[i%3]})
		if err == nil {
			err = h.Risks.Judge(mia, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 1 + i%6, Impact: 1 + i/6%5})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	site := web.New(h.House, web.Options{})
	secret, err := h.Parties.SessionFor(mia, "person-mia")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, w := httptest.NewRequest("GET", "/register", nil), httptest.NewRecorder()
		r.AddCookie(&http.Cookie{Name: "tocsin_session", Value: string(secret)})
		if site.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
