package api_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"tocsin/internal/api"
	"tocsin/internal/rig"
)

// TestTheLogTellsNoSecret: a request leaves one line with its route, record and
// status, and nothing that was sent or found.
func TestTheLogTellsNoSecret(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := open(t, rig.Open(t, t.TempDir()+"/test.db", "gitlab"), api.Options{Log: slog.New(slog.NewTextHandler(&out, nil))})
	ana := s.person(t, "ana", "analyst")
	id := ana.want(201, "POST", "/cases", `{"title":"`+marker+`","summary":"`+marker+`"}`).text(t, "id")
	ana.want(200, "GET", "/cases/"+id, nil)
	ana.want(200, "GET", "/cases?q="+marker, nil)
	ana.want(404, "GET", "/cases/"+marker+"%0ainjected", nil)
	ana.want(404, "GET", "/"+marker, nil)
	ana.want(400, "GET", "/cases?"+marker+"=1", nil)
	text := out.String()
	if n := strings.Count(text, "\n"); n != 6 {
		t.Errorf("%d lines, want 6:\n%s", n, text)
	}
	if strings.Contains(text, marker) || strings.Contains(text, strings.TrimPrefix(ana.header.Get("Cookie"), api.Cookie+"=")) {
		t.Errorf("the log tells what was sent:\n%s", text)
	}
	for _, word := range []string{"route=case.read", "record=" + id, "actor=person-ana", "status=200", "request=req-TEST"} {
		if !strings.Contains(text, word) {
			t.Errorf("the log does not tell %s:\n%s", word, text)
		}
	}
}
