package archive_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tocsin/internal/archive"
	"tocsin/internal/rig"
)

// data is a folder of the reference data, which lies beside the project.
func data(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the reference data is not beside the project: %v", err)
	}
	return dir
}

func bring(t testing.TB, h *rig.House, kind string, o archive.Options, paths ...string) *archive.Summary {
	t.Helper()
	files, err := archive.Files(kind, paths...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.Archive.Import(h.As(t, "Mara", "manager"), kind, files, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestImportReads(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		for _, x := range []struct{ kind, path string }{{"cve5", "govulndb/cve5"}, {"osv", "govulndb/osv"}, {"csaf", "csaf-cisa"}, {"csaf", "csaf-vendor"}, {archive.Bounty, "bounty/disclosed-reports.csv"}} {
			for range 2 {
				at := time.Now()
				s := bring(t, h, x.kind, archive.Options{Program: "gitlab"}, data(t, x.path))
				t.Logf("%s %v %+v", x.path, time.Since(at), *s)
			}
		}
	})
}
