package archive

import (
	"context"
	"errors"
	"slices"

	"tocsin/internal/advisory"
	"tocsin/internal/evidence"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

// A batch of records shares a transaction.
const (
	batchRecords = 100
	batchBytes   = 8 << 20
)

// Import brings the records of the files in. A record that cannot be read or
// kept is reported and left out alone; the error is of what stops the whole
// import, and the summary then says how far it came.
func (a *Archive) Import(ctx context.Context, kind string, files []File, o Options) (*Summary, error) {
	r := &run{Archive: a, ctx: ctx, kind: kind, opts: o, seen: map[string]string{}, sum: &Summary{Failed: []Failure{}}}
	if !slices.Contains(a.Kinds(), kind) {
		return r.sum, fault.At("kind", "%q is no kind of history; there are cve5, osv, csaf and bounty-csv", kind)
	}
	if err := a.Gate.View(ctx, func(v *gate.View) error { return v.Allow(VerbImport, "") }); err != nil {
		// the act itself refuses, so that the refusal is audited
		err := a.Gate.Act(ctx, VerbImport, "", func(*gate.Tx) error { return nil })
		return r.sum, err
	}
	for _, f := range files {
		r.total += f.Size
	}
	for _, f := range files {
		if err := r.file(f); err != nil {
			return r.sum, err
		}
	}
	return r.sum, r.flush()
}

// run is one import under way.
type run struct {
	*Archive
	ctx   context.Context
	kind  string
	opts  Options
	sum   *Summary
	batch []item
	bytes int
	seen  map[string]string // of a dry run: what would be here by now
	done  int64
	total int64
}

func (r *run) file(f File) error {
	r.sum.Files++
	for it := range r.items(r.kind, f, r.opts) {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if it.skip {
			r.sum.Skipped++
			continue
		}
		r.sum.Records++
		if it.err != nil {
			r.sum.Failed = append(r.sum.Failed, it.failure())
			continue
		}
		r.batch, r.bytes = append(r.batch, it), r.bytes+len(it.original)
		if len(r.batch) >= batchRecords || r.bytes >= batchBytes {
			if err := r.flush(); err != nil {
				return err
			}
			r.tell(it.end)
		}
	}
	r.done += f.Size
	r.tell(0)
	return nil
}

// tell says how far the import is, within the file that is read now.
func (r *run) tell(within int64) {
	if r.opts.Progress != nil {
		r.opts.Progress(r.done+within, r.total)
	}
}

// flush brings in what waits: together, and where that fails one by one, so that
// only what is bad is left out.
func (r *run) flush() error {
	batch := r.batch
	r.batch, r.bytes = nil, 0
	news, err := r.fresh(batch)
	if err != nil || len(news) == 0 {
		return err
	}
	if err := r.act(news); !alone(err) {
		return err
	}
	for _, it := range news {
		if err := r.act([]item{it}); alone(err) {
			it.err = err
			r.sum.Failed = append(r.sum.Failed, it.failure())
		} else if err != nil {
			return err
		}
	}
	return nil
}

// alone reports whether an error may be of one record, so that the others go on.
func alone(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	k := fault.KindOf(err)
	return !slices.Contains([]fault.Kind{fault.Forbidden, fault.Unknown, fault.Full, fault.Unavailable}, k)
}

// fresh leaves out what is here already, so that nothing new means no act.
func (r *run) fresh(batch []item) (out []item, err error) {
	twice := map[string]int{}
	for _, it := range batch {
		twice[it.key()]++
	}
	err = r.Gate.View(r.ctx, func(v *gate.View) error {
		for _, it := range batch {
			was, err := originOf(v, it.format, it.name)
			if err != nil {
				return err
			}
			if would, ok := r.seen[it.key()]; ok {
				was.sha256 = would
			}
			if was.sha256 == it.sum && twice[it.key()] == 1 {
				r.sum.Same++
				continue
			}
			out = append(out, it)
		}
		return nil
	})
	return out, err
}

// errRehearsed ends the act of a dry run: everything was done, nothing stays.
var errRehearsed = errors.New("a dry run")

func (r *run) act(batch []item) error {
	var tally Summary
	err := r.Gate.Act(r.ctx, VerbImport, "", func(tx *gate.Tx) error {
		tally = Summary{}
		for i := range batch {
			if err := r.take(tx, &batch[i], &tally); err != nil {
				return err
			}
		}
		if r.opts.DryRun {
			return errRehearsed
		}
		if n := tally.Imported + tally.Updated; n > 0 {
			tx.Touch("", gate.Change{Field: "imported", New: map[string]any{"kind": r.kind, "new": tally.Imported, "updated": tally.Updated}})
		}
		return nil
	})
	if errors.Is(err, errRehearsed) {
		for _, it := range batch {
			r.seen[it.key()] = it.sum
		}
		err = nil
	}
	if err == nil {
		r.sum.add(tally)
	}
	return err
}

func (s *Summary) add(t Summary) {
	s.Imported, s.Updated, s.Same = s.Imported+t.Imported, s.Updated+t.Updated, s.Same+t.Same
	s.Cases, s.Joined = s.Cases+t.Cases, s.Joined+t.Joined
	s.Unknown.Dates += t.Unknown.Dates
	s.Unknown.Scores += t.Unknown.Scores
	s.Unknown.Weaknesses += t.Unknown.Weaknesses
	s.Unknown.Components += t.Unknown.Components
}

func (u *Unknown) count(r Record) {
	for _, x := range [...]struct {
		n       *int
		unknown bool
	}{{&u.Dates, r.Opened.IsZero()}, {&u.Scores, len(r.Scores) == 0}, {&u.Weaknesses, r.CWE == ""}, {&u.Components, r.Component == ""}} {
		if x.unknown {
			*x.n++
		}
	}
}

// take brings one record in.
func (r *run) take(tx *gate.Tx, it *item, tally *Summary) error {
	was, err := originOf(&tx.View, it.format, it.name)
	if err != nil {
		return err
	}
	if would, ok := r.seen[it.key()]; ok {
		was.sha256, was.revision, was.rehearsed = would, 1, true
	}
	switch {
	case was.sha256 == it.sum:
		tally.Same++
		return nil
	case was.revision == 0:
		tally.Imported++
	default:
		tally.Updated++
	}
	for _, p := range it.parts {
		tally.Unknown.count(p.Record)
	}
	if was.rehearsed {
		return nil
	}
	return r.keep(tx, it, was, tally)
}

// keep writes the cases and the advisory of a record that is new or changed.
func (r *run) keep(tx *gate.Tx, it *item, was origin, tally *Summary) error {
	if err := evidence.Keep(tx, it.sum, it.original); err != nil {
		return err
	}
	before, err := r.before(tx, it, was)
	if err != nil {
		return err
	}
	var cases []ref.ID
	for _, p := range it.parts {
		id, err := r.keepCase(tx, it, p, before, tally)
		if err != nil {
			return err
		}
		cases = append(cases, id)
	}
	adv, err := r.keepAdvisory(tx, it, was, cases)
	if err != nil {
		return err
	}
	return insertOrigin(tx, it, origin{revision: was.revision + 1, advisory: adv}, first(string(adv), string(cases[0])))
}

// past is what the record was when it came last.
type past struct {
	cases map[string]ref.ID // by the part's key
	said  map[string]Record
}

func (r *run) before(tx *gate.Tx, it *item, was origin) (past, error) {
	p := past{said: map[string]Record{}}
	if was.revision == 0 {
		return p, nil
	}
	var err error
	if p.cases, err = casesOf(&tx.View, it.format, it.name); err != nil {
		return p, err
	}
	for _, id := range p.cases {
		if tx.Sees(id) != nil {
			return p, fault.New(fault.Conflict, "this record was brought in before and is restricted since; somebody whom it names must import the change")
		}
	}
	original, err := evidence.Blob(&tx.View, was.sha256)
	if err != nil {
		return p, err
	}
	old, err := r.again(it.format, original)
	if err != nil {
		return p, err
	}
	for _, o := range old.parts {
		p.said[o.key] = o.Record
	}
	return p, nil
}

func (r *run) keepCase(tx *gate.Tx, it *item, p part, before past, tally *Summary) (ref.ID, error) {
	id, known := before.cases[p.key]
	if !known {
		var err error
		if id, err = joins(&tx.View, it.format, p.CVE); err != nil {
			return "", err
		}
		if id == "" {
			tally.Cases++
		} else {
			tally.Joined++
		}
	}
	id, err := r.Case(tx, id, before.said[p.key], p.Record)
	if err != nil || known {
		return id, err
	}
	return id, insertPart(tx, it, p.key, id)
}

func (r *run) keepAdvisory(tx *gate.Tx, it *item, was origin, cases []ref.ID) (ref.ID, error) {
	if it.doc == nil {
		return "", nil
	}
	id, err := r.Advisories.Bring(tx, was.advisory, advisory.Past{Document: *it.doc, Names: it.names(), Case: cases[0], Original: it.sum})
	if err != nil {
		return "", err
	}
	for _, c := range cases[1:] {
		if err := insertLink(tx, c, id); err != nil {
			return "", err
		}
	}
	return id, nil
}
