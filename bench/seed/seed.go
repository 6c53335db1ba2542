// Package seed fills a store for the benchmarks: cases with about 520 bytes of
// text each, their audit entries and search rows, written straight into the
// tables in big transactions, and two tokens, of one who may see nearly all of it
// and of one who may see 2 %. Only the benchmarks use it.
package seed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/clock"
	"tocsin/internal/db"
	"tocsin/internal/gate"
	"tocsin/internal/house"
	"tocsin/internal/party"
	"tocsin/internal/ref"
)

// Facts are what the load needs to know of a store.
type Facts struct {
	Cases  int
	IDs    []ref.ID // some that everybody inside may see
	Stage  string   // one that many cases are in
	Wide   string   // token of somebody inside
	Narrow string   // token of somebody outside who may see 2 % of the cases
	Person ref.ID   // somebody inside, for the pages
}

const (
	batch      = 2000
	sampled    = 2000
	namedShare = 20 // one case of so many is for named people only
	narrow     = 50 // one case of so many is shown to the narrow reader
)

// Fill makes the cases. told is called now and then with how many there are.
func Fill(ctx context.Context, h *house.House, n int, told func(done int)) (*Facts, error) {
	f := &Facts{Cases: n}
	var who ref.ID
	var err error
	if f.Wide, _, err = token(ctx, h, "wide"); err != nil {
		return nil, err
	}
	if f.Narrow, who, err = token(ctx, h, "narrow"); err != nil {
		return nil, err
	}
	m := &maker{w: newWriter(8420), profile: h.Rules.Version, narrow: who, facts: f, step: 2 * 365 * 24 * time.Hour / time.Duration(n),
		at: h.Now().Add(-2 * 365 * 24 * time.Hour).UTC().Truncate(time.Microsecond)}
	for _, s := range h.Rules.Lifecycle("case").Stages {
		m.stages = append(m.stages, stage{s.Name, s.Terminal})
	}
	f.Stage = m.stages[0].name
	for _, l := range h.Rules.Lifecycle("case").Labels {
		m.labels = append(m.labels, l.Name)
	}
	for range names {
		m.owners = append(m.owners, ref.New("person"))
	}
	f.Person = m.owners[0]
	if err := h.DB.Write(ctx, func(tx *db.Tx) error { return people(ctx, tx, m.owners, who) }); err != nil {
		return nil, err
	}
	for done := 0; done < n; done += batch {
		if err := h.DB.Write(ctx, func(tx *db.Tx) error { return m.cases(ctx, tx, min(batch, n-done)) }); err != nil {
			return nil, err
		}
		told(min(done+batch, n))
	}
	return f, settle(ctx, h)
}

// settle does what a server would begin with: the sums, the measures, the texts that
// the search finds and the seals, so that no run measures the work of filling.
func settle(ctx context.Context, h *house.House) error {
	house := access.With(ctx, access.System("bench"))
	if err := errors.Join(h.Recurrence.Fold(house), h.Measures.Fold(house), h.Passages.Fill(house)); err != nil {
		return err
	}
	return seal(ctx, h)
}

// names are those of the people inside.
var names = []string{"Ada Bench", "Bo Lindqvist", "Carla Nunes", "Dana Okafor", "Eli Sommer", "Farid Haddad", "Greta Moreau", "Hiro Tanaka"}

// people makes those inside, and puts the narrow reader outside.
func people(ctx context.Context, tx *db.Tx, inside []ref.ID, outside ref.ID) error {
	if _, err := tx.Exec(ctx, deleteMembership, string(outside), access.Staff); err != nil {
		return err
	}
	for i, id := range inside {
		handle, _, _ := strings.Cut(strings.ToLower(names[i]), " ")
		if _, err := tx.Exec(ctx, insertPerson, string(id), names[i], handle); err != nil {
			return err
		}
		for _, p := range []string{access.Staff, "role:analyst", "role:manager"} {
			if _, err := tx.Exec(ctx, insertMembership, string(id), p); err != nil {
				return err
			}
		}
	}
	return nil
}

// seal seals every entry, so that no run begins with the work of filling.
func seal(ctx context.Context, h *house.House) error {
	for {
		if n, err := h.Sealer.Step(ctx); err != nil || n == 0 {
			return err
		}
	}
}

func token(ctx context.Context, h *house.House, name string) (string, ref.ID, error) {
	t, secret, err := h.Parties.CreateToken(access.With(ctx, access.System("bench")), party.TokenRequest{Name: name, Roles: []string{"analyst"}})
	if err != nil {
		return "", "", err
	}
	return string(secret), t.ID, nil
}

type stage struct {
	name   string
	closed bool
}

// maker makes one case after another.
type maker struct {
	w       *writer
	profile string
	narrow  ref.ID
	stages  []stage
	labels  []string
	owners  []ref.ID
	at      time.Time
	step    time.Duration
	made    int
	facts   *Facts
	used    map[ref.ID]bool
}

// fresh returns an id that no case has yet: of a million short codes two may well
// be the same.
func (m *maker) fresh() ref.ID {
	if m.used == nil {
		m.used = map[ref.ID]bool{}
	}
	for {
		if id := ref.New("case"); !m.used[id] {
			m.used[id] = true
			return id
		}
	}
}

func (m *maker) cases(ctx context.Context, tx *db.Tx, n int) error {
	for range n {
		if err := m.one(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

var (
	severities = []string{"low", "medium", "high", "critical", ""}
	weaknesses = []string{"CWE-79", "CWE-89", "CWE-787", "CWE-125", "CWE-22", "CWE-352", "CWE-78", ""}
	products   = []string{"harbor-gateway", "lighthouse", "foghorn", "buoy", "sextant"}
	components = []string{"parser", "session", "upload", "scheduler", "mailer", "importer", "api", "search"}
	sources    = []string{"bug-bounty", "customer", "internal", "portal", "public"}
)

func (m *maker) one(ctx context.Context, tx *db.Tx) error {
	w := m.w
	m.at = m.at.Add(m.step)
	m.made++
	id, at, doc := m.fresh(), m.at, gate.Doc(m.at)
	st := m.stages[min(len(m.stages)-1, w.dice.IntN(2*len(m.stages)))] // half of them in the last
	title, summary := w.text(70), w.text(450)
	if w.dice.IntN(1000) == 0 {
		summary += " " + Rare
	}
	product, component, weakness := pick(w, products), pick(w, components), pick(w, weaknesses)
	audience := access.Staff
	if m.made%namedShare == 0 {
		audience = access.Named
	} else if len(m.facts.IDs) < sampled && w.dice.IntN(max(1, m.facts.Cases/sampled/2)) == 0 {
		m.facts.IDs = append(m.facts.IDs, id)
	}
	events, err := json.Marshal([]clock.Event{{At: at, Name: "opened"}, {At: at, Name: "enter:" + m.stages[0].name}, {At: at.Add(m.step), Name: "enter:" + st.name}})
	if err != nil {
		return err
	}
	body, err := json.Marshal(casework.Body{Summary: summary, Profile: m.profile, Detected: at, TLP: "AMBER"})
	if err != nil {
		return err
	}
	severity, due := pick(w, severities), int64(0)
	if !st.closed {
		due = at.Add(90 * 24 * time.Hour).UnixMicro()
	}
	owner, label := m.handled()
	if _, err = tx.Exec(ctx, insertCase, string(id), audience, at.UnixMicro(), doc, st.name, st.closed, title, severity, int64(w.dice.IntN(100)), weakness,
		product, component, pick(w, sources), label, due, "assessment", string(events), string(body), string(owner)); err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, insertAudit, string(ref.New("audit")), at.UnixMicro(), "system-bench", string(id),
		fmt.Sprintf(`[{"field":"opened","new":%q}]`, title), m.profile, ref.Secret()); err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, insertWords[tx.Engine], doc, title, string(id)+"  "+weakness+" "+product+" "+component+"\n"+summary); err != nil {
		return err
	}
	return m.show(ctx, tx, id, doc, audience)
}

// handled is who handles the next case, of one in four nobody, and the label that one
// in six has.
func (m *maker) handled() (owner ref.ID, label string) {
	if m.w.dice.IntN(4) > 0 {
		owner = pick(m.w, m.owners)
	}
	if m.w.dice.IntN(6) == 0 && len(m.labels) > 0 {
		label = " " + pick(m.w, m.labels) + " "
	}
	return owner, label
}

// show names people on the case: on a restricted one somebody of fifty, and the
// narrow reader on their share.
func (m *maker) show(ctx context.Context, tx *db.Tx, id ref.ID, doc int64, audience string) error {
	if audience == access.Named {
		who := fmt.Sprintf("person-%d", m.w.dice.IntN(50))
		if _, err := tx.Exec(ctx, insertVisibility, string(id), who, doc); err != nil {
			return err
		}
	}
	if m.w.dice.IntN(narrow) != 0 {
		return nil
	}
	_, err := tx.Exec(ctx, insertVisibility, string(id), string(m.narrow), doc)
	return err
}
