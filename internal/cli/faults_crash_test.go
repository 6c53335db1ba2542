package cli_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/audit"
	"tocsin/internal/db"
	"tocsin/internal/rig"
)

var kills = flag.Int("kills", 100, "how often a serving process is killed in the middle of writes")

// ledger is what callers were told, and what they have asked for without an answer.
type ledger struct {
	mu       sync.Mutex
	cases    map[string]string   // ID -> title
	notes    map[string]string   // text -> case
	stages   map[string][]string // case -> the stages that it may be in
	reports  map[string]string   // tracking number -> title
	files    map[string]int      // SHA-256 of what came with a report that was taken
	drafts   map[string]string   // ID -> case
	inFlight map[string]string   // idempotency key -> title of a case whose opening was not answered
	asked    int
}

func newLedger() *ledger {
	return &ledger{cases: map[string]string{}, notes: map[string]string{}, stages: map[string][]string{}, reports: map[string]string{}, files: map[string]int{}, drafts: map[string]string{}, inFlight: map[string]string{}}
}

// writer is one of those who write while the process is killed. What it does next
// it draws by lot; its cases are its own, so that it knows what they must be.
type writer struct {
	*client
	t     *testing.T
	book  *ledger
	name  string
	own   []string
	round int
}

// work writes until the process is gone.
func (w *writer) work() {
	for i := 0; ; i++ {
		w.book.mu.Lock()
		w.book.asked++
		w.book.mu.Unlock()
		name := fmt.Sprintf("%s-%d-%d", w.name, w.round, i)
		deed := w.open
		if len(w.own) > 0 {
			deed = []func(string) error{w.open, w.note, w.note, w.move, w.move, w.tell, w.draft}[rand.N(7)]
		}
		if err := deed(name); err != nil {
			return
		}
	}
}

func (w *writer) any() string { return w.own[rand.N(len(w.own))] }

// refused notes an answer that is not what it should be.
func (w *writer) refused(what string, g got) error {
	w.t.Errorf("%s: %v", what, g)
	return fmt.Errorf("%s", g)
}

func (w *writer) open(name string) error {
	w.book.mu.Lock()
	w.book.inFlight[name] = name
	w.book.mu.Unlock()
	g, err := w.api("POST", "/cases", map[string]any{"title": name, "summary": "crash " + name}, "Idempotency-Key", name)
	if err != nil {
		return err
	}
	if g.status != http.StatusCreated {
		return w.refused("open a case", g)
	}
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	delete(w.book.inFlight, name)
	w.book.cases[g.id()] = name
	w.book.stages[g.id()] = []string{"triage"}
	w.own = append(w.own, g.id())
	return nil
}

func (w *writer) note(name string) error {
	id := w.any()
	g, err := w.api("POST", "/cases/"+id+"/notes", map[string]any{"text": name})
	if err != nil {
		return err
	}
	if g.status != http.StatusCreated {
		return w.refused("write a note", g)
	}
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	w.book.notes[name] = id
	return nil
}

// move takes a case of its own to the end and back.
func (w *writer) move(string) error {
	id := w.any()
	w.book.mu.Lock()
	may := w.book.stages[id]
	w.book.mu.Unlock()
	if len(may) != 1 {
		return nil // what became of it is not known since a kill
	}
	body, next := map[string]any{"move": "case.reopen", "reason": "once more"}, "assessment"
	if may[0] != "closed" {
		body, next = map[string]any{"move": "case.reject", "reason": "no vulnerability", "disposition": "informative"}, "closed"
	}
	w.book.mu.Lock()
	w.book.stages[id] = []string{may[0], next}
	w.book.mu.Unlock()
	g, err := w.api("POST", "/cases/"+id+"/moves", body)
	if err != nil {
		return err
	}
	if g.status != http.StatusNoContent {
		return w.refused("move a case", g)
	}
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	w.book.stages[id] = []string{next}
	return nil
}

// tell reports through the portal, with a file.
func (w *writer) tell(name string) error {
	file := []byte(strings.Repeat(name+"\n", 1+rand.N(5000)))
	w.header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", rand.N(250), rand.N(250), rand.N(250)))
	id, g, err := w.report(name, file)
	if err != nil && g.status != 0 {
		return w.refused("report", g)
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file)
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	w.book.reports[id] = name
	w.book.files[hex.EncodeToString(sum[:])] = len(file)
	return nil
}

func (w *writer) draft(string) error {
	id := w.any()
	g, err := w.api("POST", "/cases/"+id+"/advisories", nil)
	if err != nil {
		return err
	}
	if g.status != http.StatusCreated {
		return w.refused("draft an advisory", g)
	}
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	w.book.drafts[g.id()] = id
	return nil
}

func TestKilledServerLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	n := *kills
	if testing.Short() {
		n = min(n, 10)
	}
	s, book := newSite(t, ""), newLedger()
	began, writers := time.Now(), make([]*writer, 6)
	var starts []time.Duration
	var live *server
	for round := range n {
		live = s.start()
		starts = append(starts, live.began)
		s.whole(book)
		s.again(live, book)
		if t.Failed() {
			t.Fatalf("after %d kills: %.3000s", round, live.log)
		}
		crowd(t, live, book, writers, round)
	}
	s.settled(book)
	slices.Sort(starts)
	t.Logf("%d kills in %.1f s; of %d deeds begun were acknowledged: %d cases, %d notes, %d reports, %d drafts; start to first 200: median %s, p99 %s", n, time.Since(began).Seconds(),
		book.asked, len(book.cases), len(book.notes), len(book.reports), len(book.drafts), starts[n/2].Round(time.Millisecond), starts[n*99/100].Round(time.Millisecond))
	if len(book.cases) == 0 || len(book.notes) == 0 || len(book.reports) == 0 || len(book.drafts) == 0 {
		t.Errorf("too little was written to tell anything: %d cases, %d notes, %d reports, %d drafts", len(book.cases), len(book.notes), len(book.reports), len(book.drafts))
	}
}

// wait waits until so many more deeds were begun, as fast as the machine is.
func (b *ledger) wait(more int) {
	begun := func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.asked
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for first, from := begun(), time.Now(); begun() < first+more && time.Since(from) < 5*time.Second; {
		<-tick.C
	}
}

// crowd lets all writers write and kills the process under them.
func crowd(t *testing.T, live *server, book *ledger, writers []*writer, round int) {
	var wg sync.WaitGroup
	for i := range writers {
		if writers[i] == nil {
			writers[i] = &writer{t: t, book: book, name: fmt.Sprintf("w%d", i)}
		}
		w := writers[i]
		w.client, w.round = live.newClient(""), round
		wg.Go(func() { defer w.close(); w.work() })
	}
	book.wait(rand.N(50))
	within := time.Duration(rand.N(10_000)) * time.Microsecond
	if round%20 == 19 {
		within = time.Second // long enough for a seal, a checkpoint and jobs
	}
	<-time.After(within)
	live.kill()
	wg.Wait()
}

// again sends once more what was asked for under a key and never answered: it must
// be there once, whether or not the first was carried out.
func (s *site) again(live *server, book *ledger) {
	s.t.Helper()
	c := live.newClient("")
	defer c.close()
	for key, title := range book.inFlight {
		g, err := c.api("POST", "/cases", map[string]any{"title": title, "summary": "crash " + title}, "Idempotency-Key", key)
		if err != nil || g.status != http.StatusCreated && g.status != http.StatusConflict {
			s.t.Errorf("sent again: %v, %v", g, err)
		}
		if g.status == http.StatusCreated {
			book.cases[g.id()], book.stages[g.id()] = title, []string{"triage"}
		}
		delete(book.inFlight, key)
	}
}

// halves are rows that exist only where a write was taken in part.
var halves = map[string]string{
	"a case without its entry in the audit log":      `cases c where not exists (select 1 from audit a where a.subject = c.id and a.verb = 'case.open')`,
	"a case that search does not find":               `cases c where not exists (select 1 from search s where s.rowid = c.doc)`,
	"two cases of one request":                       `(select title from cases group by title having count(*) > 1) x`,
	"a report without its entry in the audit log":    `reports r where not exists (select 1 from audit a where a.subject = r.id and a.verb = 'report.submit')`,
	"a report that its reporter cannot see":          `reports r where not exists (select 1 from visibility v where v.subject = r.id and v.principal = r.reporter)`,
	"a report without its file":                      `reports r where not exists (select 1 from files f where f.subject = r.id)`,
	"a report whose acknowledgement was never left":  `reports r where (select count(*) from jobs j where j.kind = 'mail:acknowledgement' and j.subject = r.id) <> 1`,
	"a report that was acknowledged twice":           `(select about from mails group by about having count(*) > 1) x`,
	"a file without its content":                     `files f where f.size <> (select coalesce(sum(length(b.body)), 0) from blobs b where b.sha256 = f.sha256)`,
	"a message on nothing":                           `messages m where m.subject not in (select id from cases union all select id from reports)`,
	"a note without its entry in the audit log":      `messages m where m.side = 'note' and not exists (select 1 from audit a where a.subject = m.subject and a.at = m.at)`,
	"an advisory without its entry in the audit log": `advisories d where not exists (select 1 from audit a where a.subject = d.id and a.verb = 'advisory.draft')`,
	"an audit entry that is neither sealed nor waits for it": `audit a where not exists (select 1 from audit_seal s where s.at = a.at and s.entry = a.id)
		and not exists (select 1 from audit_new n where n.at = a.at and n.id = a.id)`,
	"an audit entry that is sealed and still waits": `audit_new n where exists (select 1 from audit_seal s where s.at = n.at and s.entry = n.id)`,
}

// whole asserts that everything acknowledged is in the store and nothing is there in part.
func (s *site) whole(book *ledger) {
	s.t.Helper()
	d := s.look()
	defer d.Close()
	for what, where := range halves {
		if n := rig.Count(s.t, d, where); n > 0 {
			s.t.Errorf("%d times %s", n, what)
		}
	}
	has(s.t, "case", pairs(s.t, d, "select id, title from cases"), book.cases)
	has(s.t, "report", pairs(s.t, d, "select id, title from reports"), book.reports)
	has(s.t, "note", pairs(s.t, d, "select text, subject from messages where side = 'note'"), book.notes)
	has(s.t, "draft", pairs(s.t, d, "select id, case_id from advisories"), book.drafts)
	files := pairs(s.t, d, "select sha256, '' from files")
	for sum := range book.files {
		if _, ok := files[sum]; !ok {
			s.t.Errorf("the file %s came with a report that was acknowledged, and is gone", sum)
		}
	}
	stages := pairs(s.t, d, "select id, stage from cases")
	for id, may := range book.stages {
		if !slices.Contains(may, stages[id]) {
			s.t.Errorf("%s is in stage %q, want one of %q", id, stages[id], may)
		}
		book.stages[id] = []string{stages[id]}
	}
	if have := pairs(s.t, d, "select 'is', integrity_check from pragma_integrity_check")["is"]; have != "ok" {
		s.t.Errorf("integrity: %s", have)
	}
	if r, err := audit.Verify(s.t.Context(), d, audit.Options{}); err != nil || !r.OK() {
		s.t.Errorf("audit: %v, %v", r.Sentences(), err)
	}
}

// look opens the store beside the server.
func (s *site) look() *db.DB {
	s.t.Helper()
	d, err := db.Open(context.Background(), s.db)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// settled lets the last of the jobs be done and asserts that each had its effect once.
func (s *site) settled(book *ledger) {
	s.t.Helper()
	live := s.start()
	s.again(live, book)
	d := s.look()
	defer d.Close()
	eventually(s.t, 90*time.Second, "every job is done", func() bool {
		return rig.Count(s.t, d, "jobs where state <> 'done' and kind not in ('clock:tick', 'house:clean', 'register:nightly')") == 0
	})
	s.whole(book)
	mails := pairs(s.t, d, "select about, recipient from mails")
	for id := range book.reports {
		if mails[id] != "finder@example.org" {
			s.t.Errorf("%s was never acknowledged by mail", id)
		}
	}
	if code := live.stop(); code != 0 {
		s.t.Errorf("exit code %d, want 0: %s", code, live.log)
	}
	s.verified()
}

func has(t *testing.T, what string, have, want map[string]string) {
	t.Helper()
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got, ok := have[id]; !ok || got != want[id] {
			t.Errorf("%s %q (%q) was acknowledged; the store has %q, %v", what, id, want[id], got, ok)
		}
	}
}

// pairs reads rows of two columns.
func pairs(t *testing.T, d *db.DB, q string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), q)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k, v string
			if err := rows.Scan(&k, &v); err != nil {
				return err
			}
			out[k] = v
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
