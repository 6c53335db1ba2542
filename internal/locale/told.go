package locale

import (
	"regexp"
	"strings"
	"time"
)

// Days returns a sentence of the house with its days and instants as the reader
// writes them. Sentences that are made where nobody knows who will read them (why a
// clock stands where it does, why a light is red) hold them as ISO 8601 or as the
// house writes them, in UTC; a page hands them over here. What looks like a day and
// is none, and all else, stays as it is.
func (r *Reader) Days(says string) string {
	if !strings.ContainsAny(says, "0123456789") {
		return says
	}
	return told.ReplaceAllStringFunc(says, r.retold)
}

// Said is Days, and numbers with decimals as the reader writes them: only for a
// sentence without the words of a person, in which 7.14 may be a release.
func (r *Reader) Said(says string) string {
	_, point, _ := r.separators()
	if point == "." {
		return r.Days(says)
	}
	return r.Days(fraction.ReplaceAllString(says, "${1}${2}"+point+"${3}"))
}

var (
	told     = regexp.MustCompile(`\b\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)? UTC|T\d\d:\d\d(:\d\d)?Z)?\b|\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}( \d\d:\d\d UTC)?\b`)
	fraction = regexp.MustCompile(`(^|[\s(−-])(\d+)\.(\d+)\b`)
)

// toldAs are the forms of a moment in such a sentence, those of whole days first.
var toldAs = []string{time.DateOnly, "2 Jan 2006", "2006-01-02 15:04 UTC", "2006-01-02 15:04:05 UTC", "2006-01-02T15:04Z", time.RFC3339, "2 Jan 2006 15:04 UTC"}

func (r *Reader) retold(s string) string {
	for i, form := range toldAs {
		t, err := time.Parse(form, s)
		switch {
		case err != nil:
		case i < 2:
			return r.Whole(t)
		default:
			return r.Exact(t)
		}
	}
	return s
}
