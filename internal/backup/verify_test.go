package backup_test

import (
	"os"
	"testing"

	"tocsin/internal/audit"
	"tocsin/internal/house"
)

// verified proves the whole audit log of a house.
func verified(t *testing.T, h *house.House) {
	t.Helper()
	r, err := audit.Verify(t.Context(), h.DB, audit.Options{})
	if err != nil || len(r.Findings) != 0 || r.Size == 0 || r.Waiting != 0 {
		t.Errorf("the audit log after the restore: %+v, %v", r, err)
	}
}

func ownerOnly(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want -rw-------", info.Mode(), err)
	}
}
