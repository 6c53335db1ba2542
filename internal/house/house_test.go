package house_test

import (
	"testing"

	"tocsin/internal/house"
	"tocsin/internal/profile"
)

func TestShippedProfilesNameOnlyWhatTheCodeKnows(t *testing.T) {
	for _, name := range profile.Names() {
		if _, err := house.LoadProfile(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
