package recurrence

import "tocsin/internal/gate"

// look counts for a reader: by the sums where they are near the window, else every
// case of it.
func (r *Recurrence) look(v *gate.View, w Window, ask Ask) (*sight, error) {
	s := &sight{visible: map[Key]tally{}, all: map[Key]tally{}, aggregate: v.Actor.IsSystem() || v.May(VerbAggregate, "")}
	cond, _, err := v.Where(readCases, "c", 1)
	if err != nil {
		return nil, err
	}
	if v.IsStaff() && cond == "" { // who may read but what names them has no sums
		b, err := baseOf(v, toRead)
		if err != nil {
			return nil, err
		}
		if b != nil && b.rules.text() == r.Rules.text() && near(b.window, w) {
			return s, r.quick(v, b.window, w, s, least(ask))
		}
	}
	return s, r.slow(v, w, s)
}

// least is how many cases a group has that is read.
func least(ask Ask) int {
	if ask.Parents || ask.Key != nil {
		return 1
	}
	return ask.Min
}

// slow counts every case of the window.
func (r *Recurrence) slow(v *gate.View, w Window, s *sight) error {
	source := "{cases}"
	if !v.IsStaff() {
		source = "{cases:newest}" // begins with what names the reader
	}
	rows, err := scan(v, r.Rules, w, source)
	if err != nil {
		return err
	}
	s.visible, s.undated = gather(rows)
	if !s.aggregate {
		return nil
	}
	if v.Actor.IsSystem() {
		s.all = s.visible
		return nil
	}
	return v.AsHouse(func(h *gate.View) error {
		rows, err := scan(h, r.Rules, w, "{cases}")
		s.all, s.undated = gather(rows)
		return err
	})
}

func gather(rows []row) (map[Key]tally, int) {
	out, undated := map[Key]tally{}, 0
	for _, x := range rows {
		t := out[x.key]
		t.add(x.tally)
		out[x.key] = t
		undated += x.undated
	}
	return out, undated
}

// quick takes the sums, and adds what changed since and what names the reader. A
// group that the sums hold too few cases of may have become one of those asked for:
// so those are read that are as many fewer as any group has gained.
func (r *Recurrence) quick(v *gate.View, from, w Window, s *sight, least int) error {
	var mine []row
	var err error
	if !v.Actor.IsSystem() {
		if mine, err = named(v, r.Rules, w); err != nil {
			return err
		}
	}
	read := func(h *gate.View) error {
		since, err := changes(h, r.Rules, from, w, s.aggregate)
		if err != nil {
			return err
		}
		most := gains(since, mine, s.aggregate)
		made, err := sums(h, max(1, least-most), s.aggregate)
		if err == nil {
			s.sum(made, since, mine)
		}
		return err
	}
	if !s.aggregate {
		return read(v)
	}
	err = v.AsHouse(read)
	if v.Actor.IsSystem() {
		s.visible = s.all
	}
	return err
}

// gains is the most that any group has gained.
func gains(since, mine []row, aggregate bool) (most int) {
	gained := map[Key]int{}
	for _, x := range since {
		gained[x.key] += x.n
		most = max(most, gained[x.key])
	}
	if aggregate {
		return most // the sums hold what names the reader, too
	}
	for _, x := range mine {
		gained[x.key] += x.n
		most = max(most, gained[x.key])
	}
	return most
}

// sum puts together what the sums, the changes and the reader's own cases say.
func (s *sight) sum(made, since, mine []row) {
	add := func(to map[Key]tally, x row) {
		t := to[x.key]
		t.add(x.tally)
		to[x.key] = t
	}
	for _, x := range made {
		switch {
		case x.key.Weakness == "*":
			s.undated += x.undated
		case x.audience == staff:
			add(s.visible, x)
		default:
			add(s.all, x)
		}
	}
	for _, x := range since {
		if x.audience == staff {
			add(s.visible, x)
		}
		add(s.all, x)
	}
	for _, x := range mine {
		add(s.visible, x)
		if !s.aggregate {
			s.undated += x.undated
		}
	}
}
