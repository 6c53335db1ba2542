package exchange

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/risk"
)

// fields are those of a record by their names in files.
var fields = func() map[string]int {
	out := map[string]int{}
	t := reflect.TypeFor[Record]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out[name] = i
	}
	return out
}()

// over lays one field of another record over this one.
func (r *Record) over(name string, from Record) {
	i, ok := fields[name]
	if !ok || name == "here" {
		return
	}
	reflect.ValueOf(r).Elem().Field(i).Set(reflect.ValueOf(from).Field(i))
}

// settle brings a record that a row was laid over into the one form that records
// have: a score without levels is none, and what its reason said is kept.
func (r *Record) settle(m *Mapping) {
	for _, kind := range judged {
		at := r.Scores.of(kind)
		s := *at
		if s == nil {
			continue
		}
		if s.Likelihood == 0 && s.Impact == 0 && len(s.Categories) == 0 {
			if s.Reason != "" {
				r.Kept = with(r.Kept, kind+"_reason", s.Reason)
			}
			*at = nil
		}
	}
	s := r.Scores.Residual
	if m == nil || s == nil || len(s.Controls) > 0 || s.NoControls != "" {
		return
	}
	own := *s
	for _, c := range r.Controls {
		if c.State == risk.ControlActive {
			own.Controls = append(own.Controls, c.ID)
		}
	}
	if len(own.Controls) == 0 {
		own.NoControls = "the imported table names no control that is in place"
	}
	r.Scores.Residual = &own
}

// special reads a cell that a mapping leads to something else than a column.
func (t *table) special(r *Record, to, head, cell string) error {
	if cell == "" || slices.Contains(t.m.Unset, strings.ToLower(cell)) {
		return nil
	}
	switch to {
	case toKeep:
		r.Kept = with(r.Kept, head, cell)
	case toActive:
		r.addControls(cell, risk.ControlActive)
	case toPlanned:
		r.addControls(cell, risk.ControlPlanned)
	case toTreatment:
		t.treatment(r, head, cell)
	case toJustification:
		for _, s := range []**Score{&r.Scores.Residual, &r.Scores.Inherent} {
			if *s != nil {
				own := **s
				own.Reason = cell
				*s = &own
				return nil
			}
		}
		r.Kept = with(r.Kept, head, cell)
	}
	return nil
}

// addControls adds a control for each name that the risk has none of yet. How much
// it lowers nobody said, so it lowers nothing until somebody does.
func (r *Record) addControls(cell, state string) {
	r.Controls = slices.Clone(r.Controls)
	for _, name := range strings.FieldsFunc(cell, func(c rune) bool { return c == '\n' || c == ';' || c == '|' || c == ',' }) {
		name = strings.Join(strings.Fields(strings.TrimLeft(strings.TrimSpace(name), "-*• ")), " ")
		if name == "" || slices.ContainsFunc(r.Controls, func(c Control) bool { return c.Title == name }) {
			continue
		}
		last := 0
		for _, c := range r.Controls {
			if n, err := strconv.Atoi(strings.TrimPrefix(c.ID, "c")); err == nil {
				last = max(last, n)
			}
		}
		r.Controls = append(r.Controls, Control{ID: "c" + strconv.Itoa(last+1), Title: name, Factor: "likelihood", State: state})
	}
}

// treatment reads another program's word for the response. One that names no path
// of remediation leaves the response undecided; the word is kept.
func (t *table) treatment(r *Record, head, cell string) {
	r.Kept = with(r.Kept, head, cell)
	word := strings.ToLower(cell)
	if strings.HasPrefix(word, "accept") {
		r.Response, r.Path = risk.Accept, ""
		return
	}
	for _, w := range []string{"avoid", "transfer", "share"} {
		if !strings.HasPrefix(word, w) {
			continue
		}
		alike := []string{w}
		if w != "avoid" {
			alike = []string{"transfer", "share"}
		}
		for _, p := range t.p.Register.Paths {
			if slices.ContainsFunc(alike, func(a string) bool { return strings.Contains(p.Name, a) }) {
				r.Response, r.Path = risk.Remediate, p.Name
				return
			}
		}
	}
}

// clone is the scores apart from those that they were read from.
func (s Scores) clone() (out Scores) {
	for _, kind := range judged {
		if x := *s.of(kind); x != nil {
			own := *x
			*out.of(kind) = &own
		}
	}
	return out
}

// numbered gives each item of a list that has no id the one that the item of the
// same title has here, or a new one.
func numbered[T any](list, here []T, letter string, at func(*T) (id *string, title string)) {
	last := 0
	ids := map[string]string{}
	for _, l := range [][]T{here, list} {
		for i := range l {
			id, title := at(&l[i])
			if n, err := strconv.Atoi(strings.TrimPrefix(*id, letter)); err == nil {
				last = max(last, n)
			}
			if _, ok := ids[title]; !ok {
				ids[title] = *id
			}
		}
	}
	taken := map[string]bool{}
	for i := range list {
		id, _ := at(&list[i])
		taken[*id] = true
	}
	for i := range list {
		id, title := at(&list[i])
		if *id != "" {
			continue
		}
		if *id = ids[title]; *id == "" || taken[*id] {
			last++
			*id = letter + strconv.Itoa(last)
		}
		taken[*id] = true
	}
}

// merge takes over from the risk that is here what a file cannot change, and names
// people as the directory does.
func (r *Record) merge(cur Record, k known) {
	r.ID, r.Here = cur.ID, nil
	r.Owner, r.Security = k.exact(r.Owner), k.exact(r.Security)
	r.People, r.Controls, r.Plan.Milestones = slices.Clone(r.People), slices.Clone(r.Controls), slices.Clone(r.Plan.Milestones)
	for i := range r.People {
		r.People[i].Who = k.exact(r.People[i].Who)
	}
	numbered(r.Controls, cur.Controls, "c", func(c *Control) (*string, string) { return &c.ID, c.Title })
	numbered(r.Plan.Milestones, cur.Plan.Milestones, "m", func(m *Milestone) (*string, string) { return &m.ID, m.Title })
	if r.Origin.Found.IsZero() {
		r.Origin.Found = cur.Origin.Found
	}
	for i := range r.Controls {
		c := &r.Controls[i]
		c.Owner = k.exact(c.Owner)
		for _, o := range cur.Controls {
			if o.ID == c.ID && o.State == c.State {
				c.Since = o.Since
			}
		}
	}
	for i := range r.Plan.Milestones {
		m := &r.Plan.Milestones[i]
		m.Owner = k.exact(m.Owner)
		for _, o := range cur.Plan.Milestones {
			if o.ID == m.ID {
				m.Was = o.Was
			}
		}
	}
	for _, kind := range judged {
		if now := r.Scores.of(kind); *now == nil {
			*now = *cur.Scores.of(kind) // what was scored does not become unscored by a file
		}
	}
	if cur.ID == "" {
		return
	}
	r.Named = cur.Named
	r.Kept = joined(cur.Kept, r.Kept)
	news := slices.DeleteFunc(slices.Clone(r.Evidence), func(it Item) bool {
		return slices.ContainsFunc(cur.Evidence, func(o Item) bool { return o.About == it.About })
	})
	r.Evidence = append(slices.Clone(cur.Evidence), news...)
}

// joined is a map with another laid over it.
func joined(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, b)
	return some(out)
}
