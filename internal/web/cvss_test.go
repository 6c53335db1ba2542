package web_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/rig"
	"tocsin/internal/score/cvss"
)

const (
	ours   = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"
	theirs = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
)

// any returns a vector of the version with a value for every base metric and for
// some of the others.
func anyVector(r *rand.Rand, version string) string {
	parts := []string{"CVSS:" + version}
	for _, m := range cvss.Catalogue(version) {
		c := m.Choices[r.IntN(len(m.Choices))]
		if c.Value != "X" && (m.Mandatory || r.IntN(3) == 0) {
			parts = append(parts, m.Abbrev+":"+c.Value)
		}
	}
	return strings.Join(parts, "/")
}

// TestCalculatorSaysWhatTheEngineSays asks the route of the calculators for
// thousands of vectors.
func TestCalculatorSaysWhatTheEngineSays(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "store.db"), "generic")
	b := open(t, h).as(h.As(t, "ana", "analyst"))
	r := rand.New(rand.NewPCG(3, 1))
	for n := range 3000 {
		text := anyVector(r, []string{"3.1", "4.0"}[n%2])
		v, err := cvss.Parse(text)
		check(t, text, err)
		var have struct {
			Vector, Severity, More string
			Score                  float64
		}
		check(t, text, json.Unmarshal([]byte(b.get("/cvss?version="+v.Version()+"&vector="+url.QueryEscape(text)).is(t, 200).body), &have))
		want := v.Score()
		word := "none"
		if band, ok := h.Rules.SeverityOf(want.Score); ok {
			word = band.Word
		}
		if have.Score != want.Score || have.Vector != v.String() || have.Severity != word {
			t.Fatalf("%s: have %v %s, want %v %s", text, have.Score, have.Severity, want.Score, word)
		}
	}
}

func TestCalculatorNamesTheMetricAndTheMend(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "store.db"), "generic")
	b := open(t, h).as(h.As(t, "ana", "analyst"))
	for query, want := range map[string]string{
		"version=3.1&vector=CVSS:3.1/AV:N/AC:L":                           "lacks the metrics PR (Privileges Required)",
		"version=3.1&vector=CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N": "cannot be",
		"version=3.1&vector=CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N": "this is a vector of CVSS 3.0",
		"version=4.0&vector=": "choose a value for every base metric",
		"version=4.0&vector=CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:N/VI:N": "move it before",
		"vector=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/XX:1":       "has no metric",
	} {
		b.get("/cvss?"+query).is(t, 422, want)
	}
}

func TestCalculatorsWithoutARecordAndWithoutScript(t *testing.T) {
	h := rig.Open(t, filepath.Join(t.TempDir(), "store.db"), "generic")
	s := open(t, h)
	b := s.as(h.As(t, "ana", "analyst"))
	b.get("/calculators").is(t, 200, "CVSS 4.0", "CVSS 3.1", "From how far away can the vulnerability be exploited?", "nothing set")
	b.get("/calculators?vector="+ours).is(t, 200, "6.5", "What would change the severity")
	b.get("/calculators?cvss31="+ours+"&cvss31.was=&cvss31.against="+theirs).is(t, 200, "1 metric differs, 7 alike", "Privileges required", "7.5")
	chosen := "/calculators?cvss31=&cvss31.was=&cvss31.E=P"
	for _, m := range strings.Split(ours, "/")[1:] {
		k, v, _ := strings.Cut(m, ":")
		chosen += "&cvss31." + k + "=" + v
	}
	b.get(chosen).is(t, 200, ours+"/E:P", "Exploit code maturity Proof of concept")
	b.get("/calculators?vector=CVSS:2.9/AV:N").is(t, 200, "begins with")
	s.nobody().get("/calculators").is(t, 303)
}

func TestVectorsOfTwoPeopleAreCompared(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		s, ctx := open(t, h), h.As(t, "ana", "analyst")
		eve, bob := s.as(h.As(t, "eve", "engineer")), s.as(h.As(t, "bob", "engineer"))
		_, to := aCase(t, h, ctx, casework.Opening{Title: "Export can be read", Summary: "I would say CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N, at least."})
		eve.post(to+"/score", "cvss31", ours, "cvss31.was", "").leads(t, to+"#score")
		eve.get(to).is(t, 200, "2 metrics differ, 6 alike", "In the report")
		bob.post(to+"/votes", "agrees", "no", "own", "CVSS:3.1/AV:N").is(t, 422, "lacks the metrics")
		bob.post(to+"/votes", "agrees", "no", "own", theirs+"\n"+ours).is(t, 422, "there are two vectors of CVSS 3.1")
		bob.post(to+"/votes", "agrees", "no", "own", theirs, "note", "anybody can").leads(t, to+"#votes")
		eve.get(to).is(t, 200, "2 metrics differ, 6 alike", "bob", "7.5", "6.5")
		eve.get(to+"?edit=score").is(t, 200, "bob: None", "In the report: None")
	})
}
