package csaf

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"tocsin/internal/shape"
)

// The tests about versions and the revision history: 6.1.14, 6.1.16 to 6.1.22
// and 6.1.30.

// isInteger reports whether s is a version in integer versioning: section 3.1.11.1.
func isInteger(s string) bool { return digits(s) && (s == "0" || s[0] != '0') }

// isSemantic reports whether s is a version in semantic versioning: section 3.1.11.2.
func isSemantic(s string) bool {
	return semver.IsValid("v"+s) && strings.Count(semver.Canonical("v"+s), ".") == strings.Count(strings.SplitN(s, "+", 2)[0], ".")
}

func isVersion(s string) bool { return isInteger(s) || isSemantic(s) }

// major returns the major version, or "" where s is no version.
func major(s string) string {
	if isInteger(s) {
		return s
	}
	return strings.TrimPrefix(semver.Major("v"+s), "v")
}

func isPreRelease(s string) bool { return isSemantic(s) && semver.Prerelease("v"+s) != "" }

func compareVersions(a, b string) int { return semver.Compare("v"+a, "v"+b) }

func trackingAt() *place { return (*place)(nil).in("document").in("tracking") }

func historyAt() *place { return trackingAt().in("revision_history") }

// dated is a revision with its place in the file's list.
type dated struct {
	revision
	index int
	when  time.Time
}

// history returns the revisions by date, and by number where dates are equal.
// It is empty where a date or number cannot be read, which the structure check says.
func history(t *tracking) []dated {
	out := make([]dated, len(t.Revisions))
	for i, x := range t.Revisions {
		when, ok := shape.Time(x.Date)
		if !ok || !isVersion(x.Number) {
			return nil
		}
		out[i] = dated{x, i, when}
	}
	slices.SortStableFunc(out, func(a, b dated) int {
		return cmp.Or(a.when.Compare(b.when), compareVersions(a.Number, b.Number))
	})
	return out
}

func unsortedRevisions(s *subject, r *report) {
	h := s.history
	for i := 1; i < len(h); i++ {
		if compareVersions(h[i].Number, h[i-1].Number) < 0 {
			r.add(historyAt().at(h[i].index), "version %s is dated after version %s", h[i].Number, h[i-1].Number)
		}
	}
}

func notLatestVersion(s *subject, r *report) {
	t, h := &s.Document.Tracking, s.history
	if len(h) == 0 || !isVersion(t.Version) {
		return
	}
	same := func(v string) string {
		v, _, _ = strings.Cut(v, "+")
		if t.Status == "draft" {
			v, _, _ = strings.Cut(v, "-")
		}
		return v
	}
	if last := h[len(h)-1].Number; same(last) != same(t.Version) {
		r.add(trackingAt().in("version"), "the version is %s, but the latest revision is %s", t.Version, last)
	}
}

func released(status string) bool { return status == "final" || status == "interim" }

func notDraft(s *subject, r *report) {
	t := &s.Document.Tracking
	if isVersion(t.Version) && (major(t.Version) == "0" || isPreRelease(t.Version)) && released(t.Status) {
		r.add(trackingAt().in("status"), "version %s is that of a draft, not of a document that is %s", t.Version, t.Status)
	}
}

func releasedWithZero(s *subject, r *report) {
	if !released(s.Document.Tracking.Status) {
		return
	}
	for i, x := range s.Document.Tracking.Revisions {
		if isVersion(x.Number) && major(x.Number) == "0" {
			r.add(historyAt().at(i).in("number"), "a document that is %s has no revision %s", s.Document.Tracking.Status, x.Number)
		}
	}
}

func preReleaseRevision(s *subject, r *report) {
	for i, x := range s.Document.Tracking.Revisions {
		if isPreRelease(x.Number) {
			r.add(historyAt().at(i).in("number"), "the revision history holds no pre-release such as %s", x.Number)
		}
	}
}

func preReleaseReleased(s *subject, r *report) {
	t := &s.Document.Tracking
	if released(t.Status) && isPreRelease(t.Version) {
		r.add(trackingAt().in("version"), "a document that is %s has no pre-release version such as %s", t.Status, t.Version)
	}
}

func missingRevision(s *subject, r *report) {
	before := ""
	for i, x := range s.history {
		m := major(x.Number)
		switch {
		case i == 0 && m != "0" && m != "1":
			r.add(historyAt().at(x.index), "the history begins with version %s, not with 0 or 1", x.Number)
		case i > 0 && compareVersions(m, before) > 0 && m != next(before):
			r.add(historyAt().at(x.index), "version %s follows %s; one between them is missing", m, before)
		}
		before = m
	}
}

// next returns n+1 for a decimal number of any length.
func next(n string) string {
	b := []byte(n)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != '9' {
			b[i]++
			return string(b)
		}
		b[i] = '0'
	}
	return "1" + string(b)
}

func revisionTwice(s *subject, r *report) {
	seen := map[string]bool{}
	for i, x := range s.Document.Tracking.Revisions {
		if seen[x.Number] {
			r.add(historyAt().at(i).in("number"), "the history has already a revision %s", x.Number)
		}
		seen[x.Number] = true
	}
}

func mixedVersions(s *subject, r *report) {
	t := &s.Document.Tracking
	if !isVersion(t.Version) {
		return
	}
	for i, x := range t.Revisions {
		if isVersion(x.Number) && isInteger(x.Number) != isInteger(t.Version) {
			r.add(historyAt().at(i).in("number"), "revision %s and version %s: one is an integer, the other a semantic version", x.Number, t.Version)
		}
	}
}
