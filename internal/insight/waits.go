package insight

import (
	"cmp"
	"slices"
	"time"

	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// read finds, in one statement, all that waits for the actor, and sorts it.
func (d *Desk) read(v *gate.View, w Waiting) error {
	q := &desk{v: v}
	q.cases(w.Soon, v.May(assignCases, ""))
	if len(w.Inbox) > 0 && v.May(readReports, "") {
		q.reports(w.Inbox)
	}
	if len(w.Approval) > 0 && v.May(approve, "") {
		q.advisories(w.Approval)
	}
	q.asked()
	found, err := q.find()
	if err != nil {
		return err
	}
	if found, err = w.signable(v, found); err != nil {
		return err
	}
	slices.SortStableFunc(found, earlier)
	for _, f := range found {
		d.take(f)
	}
	return nil
}

// signable leaves out the advisories whose approval is somebody else's to give.
func (w Waiting) signable(v *gate.View, found []Wait) ([]Wait, error) {
	var ids []ref.ID
	for _, f := range found {
		if f.Kind == WaitAdvisory {
			ids = append(ids, f.ID)
		}
	}
	if w.Signs == nil || len(ids) == 0 {
		return found, nil
	}
	may, err := w.Signs(v, ids)
	return slices.DeleteFunc(found, func(f Wait) bool { return f.Kind == WaitAdvisory && !may[f.ID] }), err
}

// earlier sorts by what is due first; what has no date comes last, the oldest first.
func earlier(a, b Wait) int {
	none := func(t time.Time) int {
		if t.IsZero() {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(none(a.Due), none(b.Due)), a.Due.Compare(b.Due), a.At.Compare(b.At), cmp.Compare(a.Of, b.Of))
}

// take puts a row where it belongs.
func (d *Desk) take(w Wait) {
	switch w.Kind {
	case "case":
		d.Cases = append(d.Cases, w.Brief)
	case "report":
		d.Reports = append(d.Reports, w.Brief)
	case "inbox":
		d.Inbox, d.Oldest = w.Version, w.At
	case "meeting":
		d.Meeting = &Meeting{ID: w.ID, Open: w.Stage == "open", Next: w.Due}
	case WaitAdvisory:
		d.Advisories = append(d.Advisories, w.Brief)
		d.Waits = append(d.Waits, w)
	default:
		d.Waits = append(d.Waits, w)
	}
}
