package risk

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"tocsin/internal/evidence"
	"tocsin/internal/gate"
	"tocsin/internal/recurrence"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
	"tocsin/internal/thread"
	"tocsin/internal/union"
)

// shownOn lists who is named on a risk, and as what.
func shownOn(v *gate.View, id ref.ID) ([]Shown, error) {
	return gate.All(v, func(row func(...any) error) (s Shown, err error) {
		err = row(&s.Who, &s.Role)
		return s, err
	}, `select s.principal, s.role from {visibility} s where s.subject = $1 order by s.principal limit 200`, string(id))
}

// person reads somebody's name and level of management; ok is false where there is
// no such person at work.
func person(v *gate.View, who ref.ID) (name, level string, ok bool, err error) {
	found, err := gate.All(v, func(row func(...any) error) (s [2]string, err error) {
		err = row(&s[0], &s[1])
		return s, err
	}, `select p.name, p.level from {people} p where p.id = $1 and p.state = 'active'`, string(who))
	if err != nil || len(found) == 0 {
		return "", "", false, err
	}
	return found[0][0], found[0][1], true, nil
}

// LevelOf is the level of management of a person at work, as a column of any
// statement; n is the number of the argument that names them.
func LevelOf(n int) string {
	return `coalesce((select l.level from {people} l where l.id = $` + strconv.Itoa(n) + ` and l.state = 'active'), '')`
}

// maySee reports whether a person may see a risk of that audience.
func maySee(v *gate.View, id ref.ID, audience string, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 and p.state = 'active' and (
		exists (select 1 from {visibility} s where s.subject = $2 and (s.principal = p.id or s.principal in
			(select m.principal from {membership} m where m.holder = p.id)))
		or ($3 = 'staff' and exists (select 1 from {membership} m where m.holder = p.id and m.principal = 'staff')))`,
		string(who), string(id), audience)
	return len(n) > 0, err
}

// beside reads in one statement what stands around a risk: its links both ways to
// records that the reader may see, the groups that it covers, its reviews, who is
// named on it, and the names of everybody that its page speaks of.
func beside(v *gate.View, f *Full) error {
	f.Persons = map[ref.ID]Person{}
	args, who := []any{string(f.ID), linkCovers}, ""
	f.everybody(func(id ref.ID) {
		if id.Kind() == "person" && !slices.Contains(args, any(string(id))) {
			args = append(args, string(id))
			who += ", $" + strconv.Itoa(len(args))
		}
	})
	kinds := []union.Kind{
		{Columns: union.Columns{"l.target"}, From: ` from {links} l where l.source = $1 and l.kind = $2 limit 200`, Scan: f.group},
		{Columns: union.Columns{"s.principal", "s.role", "coalesce(p.name, '')"}, From: ` from {visibility} s left join {people} p on p.id = s.principal where s.subject = $1 limit 200`, Scan: f.shown},
		{Columns: union.Columns{"p.id", "p.name", "p.level"}, From: ` from {people} p where p.id in (''` + who + `)`, Scan: f.person},
		{Columns: reviewColumns, From: ` from {risk_reviews} r where r.guard = $1 order by r.at desc, r.id desc limit 500`, Scan: into(&f.Reviews, scanReviewed)},
		{Columns: union.Columns{"k.department", "k.period", roll.Stands}, From: ` from {candidates} k join {risks} c on c.id = k.risk where k.risk = $1 and k.ended_at = 0 limit 50`, Scan: f.choice},
	}
	for _, to := range []string{`{risks}`, `{cases}`} {
		for _, ends := range []struct {
			here, there string
			back        bool
		}{{"source", "target", false}, {"target", "source", true}} {
			kinds = append(kinds, union.Kind{Columns: union.Columns{"l.kind", "c.id", "c.title", "#case when c.closed then 1 else 0 end"},
				From: ` from {links} l join ` + to + ` c on c.id = l.` + ends.there + ` where l.` + ends.here + ` = $1 limit 200`, Scan: f.link(ends.back)})
		}
	}
	err := union.Read(v, kinds, args...)
	way := map[bool]int{true: 1} // there before back
	slices.SortFunc(f.Links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), way[a.Back]-way[b.Back])
	})
	slices.SortFunc(f.Groups, func(a, b recurrence.Key) int {
		return cmp.Or(cmp.Compare(a.Weakness, b.Weakness), cmp.Compare(a.Product, b.Product), cmp.Compare(a.Component, b.Component))
	})
	slices.SortFunc(f.Reviews, func(a, b Reviewed) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	slices.SortFunc(f.Choices, func(a, b LeaderChoice) int {
		return cmp.Or(cmp.Compare(b.Period, a.Period), cmp.Compare(a.Department, b.Department))
	})
	slices.SortFunc(f.Shown, func(a, b Shown) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Who, b.Who)) })
	return err
}

var reviewColumns = union.Columns{"r.id", "#r.at", "r.outcome", "r.meeting", "r.author", "#r.next_at", "r.body"}

func scanReviewed(row func(...any) error) (x Reviewed, err error) {
	var at, next int64
	var body string
	if err = row(&x.ID, &at, &x.Outcome, &x.Meeting, &x.By, &next, &body); err != nil {
		return x, err
	}
	x.At, x.Next = gate.Time(at), gate.Time(next)
	return x, json.Unmarshal([]byte(body), &x) // its reason, and the name of who wrote it
}

func (f *Full) link(back bool) func(row func(...any) error) error {
	return func(row func(...any) error) error {
		l := Link{Back: back}
		err := row(&l.Kind, &l.ID, &l.Title, &l.Closed)
		f.Links = append(f.Links, l)
		return err
	}
}

func (f *Full) choice(row func(...any) error) error {
	var k LeaderChoice
	err := row(&k.Department, &k.Period, &k.State)
	f.Choices = append(f.Choices, k)
	return err
}

func (f *Full) group(row func(...any) error) error {
	var key string
	if err := row(&key); err != nil {
		return err
	}
	k, err := readGroup(key)
	f.Groups = append(f.Groups, k)
	return err
}

func (f *Full) shown(row func(...any) error) error {
	var s Shown
	err := row(&s.Who, &s.Role, &s.Name)
	f.Shown = append(f.Shown, s)
	return err
}

func (f *Full) person(row func(...any) error) error {
	var id ref.ID
	var p Person
	err := row(&id, &p.Name, &p.Level)
	f.Persons[id] = p
	return err
}

// said reads in one statement what was said on a risk and the files on it, the
// newest 500 of each, oldest first.
func said(v *gate.View, f *Full) error {
	err := union.Read(v, []union.Kind{
		{Columns: union.Columns{"m.id", "#m.at", "m.author", "m.name", "m.side", "m.text"}, From: ` from {messages} m where m.subject = $1 order by m.at desc, m.id desc limit 500`,
			Scan: func(row func(...any) error) error {
				m, at := thread.Message{Subject: f.ID}, int64(0)
				err := row(&m.ID, &at, &m.Author, &m.Name, &m.Side, &m.Text)
				m.At = gate.Time(at)
				f.Said = append(f.Said, m)
				return err
			}},
		{Columns: union.Columns{"f.id", "#f.at", "f.author", "f.name", "f.side", "f.media", "#f.size", "f.sha256"}, From: ` from {files} f where f.subject = $1 order by f.at desc, f.id desc limit 500`,
			Scan: func(row func(...any) error) error {
				x, at := evidence.File{Subject: f.ID}, int64(0)
				err := row(&x.ID, &at, &x.Author, &x.Name, &x.Side, &x.Media, &x.Size, &x.SHA256)
				x.At = gate.Time(at)
				f.Files = append(f.Files, x)
				return err
			}},
	}, string(f.ID))
	slices.SortFunc(f.Said, func(a, b thread.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(f.Files, func(a, b evidence.File) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return err
}

func insertLink(tx *gate.Tx, from ref.ID, kind string, to ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "link", New: kind + " " + string(to)},
		`insert into {links} (source, kind, target, at, author) values ($1, $2, $3, $4, $5) on conflict (source, kind, target) do nothing`,
		string(from), kind, string(to), gate.Micros(tx.Now), string(tx.Actor.ID))
}

func deleteLink(tx *gate.Tx, from ref.ID, kind string, to ref.ID) error {
	return tx.Exec(from, gate.Change{Field: "link", Old: kind + " " + string(to)},
		`delete from {links} where source = $1 and kind = $2 and target = $3`, string(from), kind, string(to))
}

// dependents lists the risks that depend on each other, as pairs: who, on whom.
func dependents(v *gate.View) ([][2]ref.ID, error) {
	return gate.All(v, func(row func(...any) error) (p [2]ref.ID, err error) {
		err = row(&p[0], &p[1])
		return p, err
	}, `select l.source, l.target from {links} l where l.kind = $1 order by l.source, l.target`, LinkDepends)
}

// someone reports whether there is such a person or team.
func someone(v *gate.View, who ref.ID) (bool, error) {
	n, err := gate.All(v, gate.Value[int], `select 1 from {people} p where p.id = $1 union all select 1 from {teams} t where t.id = $1`, string(who))
	return len(n) > 0, err
}
