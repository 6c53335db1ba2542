package insight

import (
	"encoding/json"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
)

const entryColumns = `a.id, a.at, a.actor, coalesce(p.name, t.name, ''), a.verb, a.subject, a.outcome, a.reason, a.detail, a.profile
	from {audit} a left join {people} p on p.id = a.actor left join {tokens} t on t.id = a.actor`

// trailOf leaves out that people were told of the record: the whole trail has it.
func trailOf(v *gate.View, subject ref.ID) ([]Entry, error) {
	return gate.All(v, scanEntry, `select `+entryColumns+` where a.subject = $1 and a.verb not in ('notice.put', 'mail.post', 'mail.settle') order by a.at desc, a.id desc limit 500`, string(subject))
}

// records are the guarded tables whose rows others speak of by name, by how the names
// begin.
var records = []struct{ table, begins string }{{"cases", "CASE-"}, {"reports", "REPORT-"}, {"advisories", "ADV-"}, {"risks", "RISK-"},
	{"observations", "OBS-"}, {"kris", "kri-"}, {"kri_samples", "sample-"}, {"tasks", "task-"}, {"quant_runs", "quant-"},

	{"meetings", "meeting-"}, {"meeting_points", "point-"}, {"candidates", "candidate-"}}

// visible leaves out rows about records that the reader may not see: column names
// the record. What is no record of a guarded kind is not left out.
func visible(column string) string {
	var all []string
	for _, r := range records {
		all = append(all, `(`+column+` not like '`+r.begins+`%' or exists (select 1 from {`+r.table+`} x where x.id = `+column+`))`)
	}
	return ` ` + strings.Join(all, " and ") + ` `
}

const jobColumns = `j.id, j.kind, j.subject, j.state, j.run_at, j.tries, j.last_error, j.made_at, j.done_at`

func scanJob(row func(...any) error) (j Job, err error) {
	var run, made, done int64
	err = row(&j.ID, &j.Kind, &j.Subject, &j.State, &run, &j.Tries, &j.Error, &made, &done)
	j.Runs, j.Made, j.Done = gate.Time(run), gate.Time(made), gate.Time(done)
	return j, err
}

// jobs lists those that were made before a place, newest first.
func jobs(v *gate.View, state string, at int64, id string, n int) ([]Job, error) {
	return gate.All(v, scanJob, `select `+jobColumns+` from {jobs} j where ($1 = '' or j.state = $1) and (j.made_at < $2 or (j.made_at = $2 and j.id < $3)) and`+
		visible("j.subject")+`order by j.made_at desc, j.id desc limit `+strconv.Itoa(n), state, at, id)
}

// countJobs counts the jobs of each state, to one past MostCounted.
func countJobs(v *gate.View) (map[string]int, error) {
	out := map[string]int{}
	for _, state := range JobStates {
		n, err := gate.One(v, gate.Value[int], `select count(*) from (select 1 from {jobs} j where j.state = $1 and`+visible("j.subject")+
			`limit `+strconv.Itoa(MostCounted+1)+`) n`, state)
		if err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, nil
}

func aboutJob(v *gate.View, id ref.ID) (ref.ID, error) {
	return gate.One(v, gate.Value[ref.ID], `select j.subject from {jobs} j where j.id = $1`, string(id))
}

func retryJob(tx *gate.Tx, id ref.ID) error {
	about, err := aboutJob(&tx.View, id)
	if err != nil {
		return err
	}
	if about == "" {
		about = id
	}
	n, err := tx.Maybe(about, gate.Change{Field: "job", Old: "parked", New: string(id) + " ready"}, `update {jobs} set state = 'ready', tries = 0, run_at = $2
		where id = $1 and state = 'parked'`, string(id), gate.Micros(tx.Now))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "only a parked job can be tried again; this one is not parked")
	}
	return err
}

// forgetJobs removes up to n jobs that were done before a moment. They ran when they
// were done, so that the index of what is ready finds them.
func forgetJobs(tx *gate.Tx, before int64, n int) (int64, error) {
	return tx.Maybe("", nil, `delete from {jobs} where id in (select j.id from {jobs} j where j.state = 'done' and j.run_at < $1 and j.done_at < $1
		order by j.run_at limit $2)`, before, n)
}

// telling leaves out what the house did for a record that the entry does not name:
// a file stored, a mail or a notice kept. It says nothing to those who may see the
// record, and to all others that there is one.
const telling = ` (a.subject <> '' or a.detail <> '[]' or a.outcome <> 'done' or a.verb like 'session.%') and`

// trail reads one entry more than a page has, from a place on. That a content was
// stored, for a record that is not named yet, is told by the entry of the record.
func trail(v *gate.View, s Span, from place) ([]Entry, error) {
	where, args := ` where a.verb <> 'file.store' and (a.at < $1 or (a.at = $1 and a.id < $2))`, []any{from.at, string(from.id)}
	for _, is := range [...]struct{ column, value string }{{"actor", string(s.Actor)}, {"subject", string(s.Subject)}, {"verb", s.Verb}, {"outcome", s.Outcome}} {
		if is.value != "" {
			args = append(args, is.value)
			where += ` and a.` + is.column + ` = $` + strconv.Itoa(len(args))
		}
	}
	return gate.All(v, scanEntry, `select `+entryColumns+where+` and`+telling+visible("a.subject")+`order by a.at desc, a.id desc limit `+strconv.Itoa(s.Limit+1), args...)
}

// seenOf tells which of the records the reader may see, in one statement.
func seenOf(v *gate.View, ids []ref.ID) (map[ref.ID]bool, error) {
	args, marks := []any{}, make([]string, len(ids))
	for i, id := range ids {
		args, marks[i] = append(args, string(id)), "$"+strconv.Itoa(i+1)
	}
	in := ` in (` + strings.Join(marks, ", ") + `)`
	var parts []string
	for _, r := range records {
		parts = append(parts, `select x.id from {`+r.table+`} x where x.id`+in)
	}
	found, err := gate.All(v, gate.Value[ref.ID], strings.Join(parts, ` union all `), args...)
	seen := map[ref.ID]bool{}
	for _, id := range found {
		seen[id] = true
	}
	return seen, err
}

func sealed(v *gate.View) (Seal, error) {
	found, err := gate.All(v, func(row func(...any) error) (s Seal, err error) { return s, row(&s.Size, &s.Open) },
		`select l.size, (select count(*) from (select 1 from {audit_new} n limit `+strconv.Itoa(MostCounted)+`) x) from {audit_log} l`)
	if err != nil || len(found) == 0 {
		return Seal{}, err
	}
	return found[0], nil
}

// entriesOf reads entries by their IDs, oldest first.
func entriesOf(v *gate.View, subject ref.ID, ids []ref.ID) ([]Entry, error) {
	args, in := []any{string(subject)}, make([]string, len(ids))
	for i, id := range ids {
		args, in[i] = append(args, string(id)), `$`+strconv.Itoa(i+2)
	}
	return gate.All(v, scanEntry, `select `+entryColumns+` where a.subject = $1 and a.id in (`+strings.Join(in, `, `)+`)
		and a.outcome = 'done' and a.verb not in ('notice.put', 'mail.post', 'mail.settle') order by a.at, a.id`, args...)
}

// doneSince reads what the sealed log says was done, from a place up to another.
func doneSince(v *gate.View, from, to int64) ([]gate.Done, error) {
	return gate.All(v, func(row func(...any) error) (d gate.Done, err error) {
		var detail string
		if err = row(&d.Entry, &d.Subject, &d.Actor, &d.Verb, &detail); err != nil {
			return d, err
		}
		var changes []gate.Change
		err = json.Unmarshal([]byte(detail), &changes)
		for _, c := range changes {
			d.Fields = append(d.Fields, c.Field)
		}
		return d, err
	}, `select a.id, a.subject, a.actor, a.verb, a.detail from {audit_seal} s join {audit} a on a.id = s.entry
		where s.seq >= $1 and s.seq < $2 and a.outcome = 'done' order by s.seq`, from, to)
}

// sealedEntry is an entry with its place in the sealed log.
type sealedEntry struct {
	Entry
	seq int64
}

// happened reads what a stretch of the sealed log says was done to records of the
// kinds; that people were told is left out.
func happened(v *gate.View, from, to int64, kinds []string) ([]sealedEntry, error) {
	var begins []string
	for _, k := range kinds {
		begins = append(begins, `a.subject like '`+beginning(k)+`%'`)
	}
	return gate.All(v, func(row func(...any) error) (e sealedEntry, err error) {
		e.Entry, err = scanEntry(func(into ...any) error { return row(append([]any{&e.seq}, into...)...) })
		return e, err
	}, `select s.seq, a.id, a.at, a.actor, '', a.verb, a.subject, a.outcome, a.reason, a.detail, a.profile from {audit_seal} s join {audit} a on a.id = s.entry
		where s.seq >= $1 and s.seq < $2 and a.outcome = 'done' and a.verb not in ('notice.put', 'mail.post', 'mail.settle')
		and (`+strings.Join(begins, ` or `)+`) order by s.seq`, from, to)
}

// beginning is how the names of a kind of record begin.
func beginning(kind string) string {
	for _, r := range records {
		if ref.ID(r.begins).Kind() == kind {
			return r.begins
		}
	}
	return kind + "-"
}
