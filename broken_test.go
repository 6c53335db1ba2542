package house_test

import (
	"strings"
	"testing"
)

// broken breaks each wall once, or more often where it has several sides, and
// stands beside it what must pass. The key is the wall's sentence.
var broken = map[string][]struct{ name, path, text, want string }{
	"a package imports lower floors only": {
		{"upwards", "internal/ref/x.go", "package ref\nimport _ \"tocsin/internal/gate\"", "imports gate"},
		{"sideways", "internal/casework/x.go", "package casework\nimport _ \"tocsin/internal/intake\"", "imports intake"},
		{"the list from a format", "internal/format/csaf/x.go", "package csaf\nimport _ \"tocsin/internal/format/all\"", "imports format/all"},
		{"tests may", "internal/ref/x_test.go", "package ref_test\nimport _ \"tocsin/internal/gate\"", ""},
		{"downwards", "internal/gate/x.go", "package gate\nimport _ \"tocsin/internal/ref\"", ""},
	},
	"every package stands on a floor": {
		{"unknown", "internal/cellar/x.go", "package cellar", "cellar stands on no floor"},
		{"below a known one", "internal/gate/deep/x.go", "package deep", "gate/deep stands on no floor"},
		{"known by pattern", "internal/plug/smtp/x.go", "package smtp", ""},
	},
	"only the spine holds the store": {
		{"database/sql", "internal/casework/x.go", "package casework\nimport _ \"database/sql\"", "casework imports database/sql"},
		{"our own", "internal/web/x.go", "package web\nimport _ \"tocsin/internal/db\"", "web imports tocsin/internal/db"},
		{"a driver", "internal/insight/x.go", "package insight\nimport _ \"github.com/jackc/pgx/v5\"", "insight imports github.com/jackc/pgx/v5"},
		{"more than the engine", "internal/insight/x.go", "package insight\nimport \"tocsin/internal/db\"\nvar _ = db.Open", "insight imports tocsin/internal/db"},
		{"the engine", "internal/insight/x.go", "package insight\nimport \"tocsin/internal/db\"\nvar _ = db.Postgres", ""},
		{"gate may", "internal/gate/x.go", "package gate\nimport _ \"database/sql\"", ""},
	},
	"servers stand in the surfaces only": {
		{"a server", "internal/job/x.go", "package job\nimport \"net/http\"\nvar _ = http.Server{}", "job uses net/http.Server"},
		{"under another name", "internal/job/x.go", "package job\nimport h \"net/http\"\nvar _ = h.ListenAndServe", "net/http.ListenAndServe"},
		{"a listener", "internal/evidence/x.go", "package evidence\nimport \"net\"\nvar _, _ = net.Listen(``, ``)", "net.Listen"},
		{"the portal may", "internal/portal/x.go", "package portal\nimport \"net/http\"\nvar _ = http.Server{}", ""},
	},
	"clients stand under plug only": {
		{"get", "internal/web/x.go", "package web\nimport \"net/http\"\nvar _, _ = http.Get(``)", "web uses net/http.Get"},
		{"a client", "internal/advisory/x.go", "package advisory\nimport \"net/http\"\nvar _ = http.Client{}", "net/http.Client"},
		{"dial", "internal/effect/x.go", "package effect\nimport \"net\"\nvar _, _ = net.Dial(``, ``)", "net.Dial"},
		{"everything", "internal/effect/x.go", "package effect\nimport . \"net/http\"", "net/http.*"},
		{"a plug may", "internal/plug/gitlab/x.go", "package gitlab\nimport \"net/http\"\nvar _ = http.Client{}", ""},
	},
	"a format knows the Document and little else": {
		{"gate", "internal/format/osv/x.go", "package osv\nimport _ \"tocsin/internal/gate\"", "format/osv imports gate"},
		{"the Document", "internal/format/osv/x.go", "package osv\nimport _ \"tocsin/internal/advisory\"\nimport _ \"tocsin/internal/score/cvss\"", ""},
	},
	"a plug knows the shapes of the outside and little else": {
		{"a domain", "internal/plug/smtp/x.go", "package smtp\nimport _ \"tocsin/internal/casework\"", "plug/smtp imports casework"},
		{"the outside", "internal/plug/smtp/x.go", "package smtp\nimport _ \"tocsin/internal/outside\"", ""},
	},
	"only the wiring and the jobs look at the clock": {
		{"now", "internal/clock/x.go", "package clock\nimport \"time\"\nvar _ = time.Now()", "clock uses time.Now"},
		{"handed on", "internal/web/x.go", "package web\nimport \"time\"\nvar now = time.Now", "web uses time.Now"},
		{"since", "internal/db/x.go", "package db\nimport \"time\"\nvar _ = time.Since(time.Time{})", "db uses time.Since"},
		{"cli may", "internal/cli/x.go", "package cli\nimport \"time\"\nvar _ = time.Now()", ""},
	},
	"only ref and seal throw dice": {
		{"crypto", "internal/party/x.go", "package party\nimport _ \"crypto/rand\"", "party imports crypto/rand"},
		{"predictable ones", "internal/party/x.go", "package party\nimport _ \"math/rand/v2\"", "party imports math/rand/v2"},
		{"predictable secrets", "internal/seal/x.go", "package seal\nimport _ \"math/rand\"", "seal imports math/rand"},
		{"jitter", "internal/job/x.go", "package job\nimport _ \"math/rand/v2\"", ""},
		{"seal may", "internal/seal/x.go", "package seal\nimport _ \"crypto/rand\"", ""},
	},
	"SQL text stands in files named sql.go, or sql_ and its subject": {
		{"select", "internal/gate/view.go", "package gate\nconst q = `select c.id from {cases} c`", "gate/view.go:2: SQL text"},
		{"insert", "internal/job/job.go", "package job\nconst q = `insert into {job} (id) values ($1)`", "SQL text"},
		{"update", "internal/job/job.go", "package job\nconst q = `\n\tupdate {job} set tries = $1`", "SQL text"},
		{"delete", "internal/job/job.go", "package job\nconst q = \"DELETE FROM job\"", "SQL text"},
		{"with", "internal/job/job.go", "package job\nconst q = `with due as (select 1)`", "SQL text"},
		{"a name that only begins alike", "internal/gate/sqlite.go", "package gate\nconst q = `select c.id from {cases} c`", "SQL text"},
		{"at home", "internal/gate/sql.go", "package gate\nconst q = `select c.id from {cases} c`", ""},
		{"at home with a subject", "internal/gate/sql_sight.go", "package gate\nconst q = `select c.id from {cases} c`", ""},
		{"a sentence", "internal/web/x.go", "package web\nconst q = `Select one from the list`\nconst r = `update the fix matrix`\nconst s = `with a note`", ""},
	},
	"every package says what it is": {
		{"silent", "internal/gate/x.go", "package gate", "gate has no package comment"},
		{"about something else", "internal/gate/x.go", "// Copyright.\npackage gate", "gate has no package comment"},
		{"speaking", "internal/gate/x.go", "// Package gate is the door.\npackage gate", ""},
	},
	"package names tell something": {
		{"util", "internal/gate/x.go", "package util", "package util"},
		{"gate", "internal/gate/x.go", "package gate", ""},
	},
	"functions end before they are lost": {
		{"101 lines", "internal/gate/x.go", "package gate\nfunc f() {" + strings.Repeat("\n", refused) + "}", "f has 101 lines"},
		{"100 lines", "internal/gate/x.go", "package gate\nfunc f() {" + strings.Repeat("\n", refused-1) + "}", ""},
		{"generated", "internal/web/x_templ.go", "// Code generated by templ - DO NOT EDIT.\n\npackage web\nfunc f() {" + strings.Repeat("\n", refused) + "}", ""},
	},
	"files end before they are lost": {
		{"501 lines", "internal/gate/sql.go", "package gate" + strings.Repeat("\n", longFile+1), "internal/gate/sql.go has 501 lines: split at 500"},
		{"500 lines", "internal/gate/sql.go", "package gate" + strings.Repeat("\n", longFile), ""},
		{"a long test", "internal/gate/gate_test.go", "package gate" + strings.Repeat("\n", 2*longFile), ""},
		{"generated", "internal/web/x_templ.go", "// Code generated by templ - DO NOT EDIT.\n\npackage web" + strings.Repeat("\n", longFile), ""},
	},
	"nothing is left to do without an issue": {
		{"bare", "internal/gate/x.go", "package gate\n// TO" + "DO later", "without an issue"},
		{"in a template", "internal/web/x.templ", "/* FIX" + "ME */", "without an issue"},
		{"with an issue", "internal/gate/x.go", "package gate\n// TO" + "DO(#12): later", ""},
	},
	"lock files name no download address": {
		{"addresses", "tools/oracle/x/package-lock.json", `{"resolved": "somewhere"}`, "names download addresses"},
		{"none", "tools/oracle/x/package-lock.json", `{"integrity": "sha512-x"}`, ""},
	},
	"the binary holds no test code": {
		{"testing", "internal/gate/x.go", "package gate\nimport _ \"testing\"", "gate imports testing"},
		{"below it", "internal/profile/x.go", "package profile\nimport _ \"testing/fstest\"", "profile imports testing/fstest"},
		{"rig may", "internal/rig/x.go", "package rig\nimport _ \"testing\"", ""},
	},
	"stages are named in profiles only": {
		{"a stage", "internal/casework/x.go", "package casework\nvar open = stage == \"triage\"", "names the stage \"triage\""},
		{"on the way in", "internal/effect/x.go", "package effect\nconst e = \"enter:triage\"", "names the stage \"enter:triage\""},
		{"a recorded event", "internal/casework/x.go", "package casework\nconst e = \"closed\"", ""},
		{"a word that is no stage", "internal/casework/x.go", "package casework\nconst e = \"assessment\"", ""},
		{"the loader may", "internal/profile/x.go", "package profile\nconst e = \"triage\"", ""},
	},
	"whoever reads is asked for": {
		{"nobody", "internal/casework/x.go", viewing + "return get(v, id)\n})}", "casework.Cases.Get reads and asks nothing"},
		{"only the house", "internal/casework/x.go", viewing + "return v.AsHouse(func(h *gate.View) error { return h.Allow(VerbRead, id) })\n})}", "asks nothing"},
		{"something else that allows", "internal/casework/x.go", viewing + "return s.Limit.Allow(id)\n})}", "asks nothing"},
		{"in a function that is not given the view", "internal/casework/x.go", viewing + "return full(id)\n})}\nfunc full(id string) error { return nil }", "asks nothing"},
		{"in a circle", "internal/casework/x.go", viewing + "return full(v)\n})}\nfunc full(v *gate.View) error { return full(v) }", "asks nothing"},
		{"itself", "internal/casework/x.go", viewing + "return v.Allow(VerbRead, id)\n})}", ""},
		{"a function behind it", "internal/casework/x.go", viewing + "return s.full(v, id)\n})}\nfunc (s *Cases) full(x *gate.View, id string) error { return x.Reads(id) }", ""},
		{"in the table", "internal/casework/x.go", strings.Replace(viewing, "Get", "Tick", 1) + "return get(v, id)\n})}", ""},
	},
	"main hands over to cli and does nothing else": {
		{"gate", "cmd/tocsin/x.go", "package main\nimport _ \"tocsin/internal/gate\"", "imports gate"},
		{"cli", "cmd/tocsin/x.go", "package main\nimport _ \"tocsin/internal/cli\"", ""},
	},
}

// viewing begins an operation that reads.
const viewing = "package casework\nfunc (s *Cases) Get(ctx any, id string) error { return s.Gate.View(ctx, func(v *gate.View) error {\n"

// process is a life cycle that the examples are read beside.
var process = file{path: "profiles/x/lifecycle/case.yaml", text: "stages:\n  - name: triage\n  - name: closed\nmoves:\n  - name: assessment\n"}

// TestWallsNotice breaks every wall and sees that it says so, and only then.
func TestWallsNotice(t *testing.T) {
	for _, w := range walls {
		if len(broken[w.says]) < 2 {
			t.Errorf("%s: want an example that breaks it and one that does not", w.says)
		}
		for _, x := range broken[w.says] {
			t.Run(w.says+"/"+x.name, func(t *testing.T) {
				f, err := read(x.path, x.text)
				if err != nil {
					t.Fatal(err)
				}
				have := strings.Join(w.find([]file{f, process}), "\n")
				if (x.want == "" && have != "") || !strings.Contains(have, x.want) {
					t.Errorf("said %q, want %q", have, x.want)
				}
			})
		}
	}
}
