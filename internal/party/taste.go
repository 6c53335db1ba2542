package party

import (
	"context"
	"regexp"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// Taste is how a person wants pages. What is empty is as the browser says.
type Taste struct {
	Zone     string `json:"zone,omitempty"`     // IANA name: Europe/Amsterdam
	Locale   string `json:"locale,omitempty"`   // how dates and numbers are written: en-GB
	Times    string `json:"times,omitempty"`    // exact: every instant to the second
	Theme    string `json:"theme,omitempty"`    // light, dark
	Contrast string `json:"contrast,omitempty"` // more
	Motion   string `json:"motion,omitempty"`   // less
}

// Sitter is who a session belongs to, and how they want pages.
type Sitter struct {
	access.Actor
	Taste Taste
}

var (
	zoneText   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)
	localeText = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// check cleans a taste and lists all that is wrong with it.
func (t *Taste) check() error {
	var fs fault.Fields
	t.Zone, t.Locale = strings.TrimSpace(t.Zone), strings.TrimSpace(t.Locale)
	if t.Zone != "" && !isZone(t.Zone) {
		fs.Add("zone", "%q is no time zone; use an IANA name such as Europe/Amsterdam or UTC, or leave it empty to follow the browser", t.Zone)
	}
	if t.Locale != "" && !localeText.MatchString(t.Locale) {
		fs.Add("locale", "%q is no way to write dates and numbers; choose one of the list", t.Locale)
	}
	for _, c := range []struct{ name, have, only string }{{"times", t.Times, "exact"}, {"theme", t.Theme, "light dark"}, {"contrast", t.Contrast, "more"}, {"motion", t.Motion, "less"}} {
		if c.have != "" && !strings.Contains(" "+c.only+" ", " "+c.have+" ") {
			fs.Add(c.name, "%q is no answer here; choose one of: %s", c.have, c.only)
		}
	}
	return fs.Err()
}

// isZone tells whether name is a zone that means the same everywhere.
func isZone(name string) bool {
	if len(name) > 64 || name == "Local" || !zoneText.MatchString(name) {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// SetTaste changes how the actor wants pages.
func (s *Parties) SetTaste(ctx context.Context, t Taste) error {
	if err := t.check(); err != nil {
		return err
	}
	return s.self(ctx, func(tx *gate.Tx, who ref.ID) error { return setTaste(tx, who, t) })
}
