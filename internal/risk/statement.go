package risk

import (
	"context"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/ref"
	"tocsin/internal/roll"
	"tocsin/internal/thread"
)

// unarticulated names the parts and elements of the statement that are missing,
// and the rules that it breaks: triage begins once a risk is well articulated
// (handbook 1.4 and 4).
func (s *Risks) unarticulated(r *Risk) []string {
	var out []string
	for _, f := range r.Statement.fields() {
		if f.name != "diagram" && *f.text == "" {
			out = append(out, f.name)
		}
	}
	for _, f := range Lint(s.Profile, r.Title, r.Statement) {
		if f.Level == Errors {
			out = append(out, f.Field+" ("+f.Rule+")")
		}
	}
	slices.Sort(out)
	return out
}

// Patch changes the fields that it names; a nil field stays as it is.
type Patch struct {
	Version    int               `json:"version,omitempty"`
	Title      *string           `json:"title,omitempty"`
	Kind       *string           `json:"kind,omitempty"`
	Scope      *string           `json:"scope,omitempty"`
	Department *string           `json:"department,omitempty"`
	Statement  map[string]string `json:"statement,omitempty"` // the named parts alone change
	Scoping    *Scoping          `json:"scoping,omitempty"`
	Origin     *Origin           `json:"origin,omitempty"`
	TLP        *string           `json:"tlp,omitempty"`
	Links      map[string]string `json:"links,omitempty"` // names elsewhere: URL; an empty one is taken away
	Committed  *string           `json:"committed,omitempty"`
	Fields     map[string]string `json:"fields,omitempty"` // of the house's own: the named ones alone change; an empty one is taken away
	Led        *bool             `json:"security_led,omitempty"`
}

// Edit changes what is said of the risk.
func (s *Risks) Edit(ctx context.Context, id ref.ID, p Patch) error {
	return s.change(ctx, VerbEdit, id, p.Version, func(tx *gate.Tx, r *Risk) error { return p.apply(s, tx, r) })
}

// EditIn is Edit inside the act that raises the risk.
func (s *Risks) EditIn(tx *gate.Tx, id ref.ID, p Patch) error {
	r, err := get(&tx.View, id)
	if err != nil {
		return err
	}
	return s.apply(tx, r, func(tx *gate.Tx, r *Risk) error { return p.apply(s, tx, r) })
}

func (p *Patch) apply(s *Risks, tx *gate.Tx, r *Risk) error {
	var fs fault.Fields
	thread.SetLine(&fs, "title", &r.Title, p.Title, MaxTitle)
	if p.Title != nil {
		fs.Want("title", r.Title, wantsTitle)
	}
	thread.SetLine(&fs, "department", &r.Department, p.Department, MaxLine)
	p.words(&fs, s, r)
	p.texts(&fs, s, r)
	p.fields(&fs, s.Profile, r)
	if p.Scoping != nil {
		p.Scoping.check(&fs, s.Profile)
		r.Scoping = *p.Scoping
		r.Scoping.By, r.Scoping.At = tx.Actor.ID, tx.Now
	}
	if p.Origin != nil {
		p.Origin.check(&fs, s.Profile, tx.Now)
		r.Origin = *p.Origin
	}
	if p.Led != nil {
		r.SecurityLed = *p.Led
	}
	r.record(tx.Now, "updated", nil)
	return fs.Err()
}

func (p *Patch) words(fs *fault.Fields, s *Risks, r *Risk) {
	for _, w := range []struct {
		field    string
		to, from *string
		of       []string
	}{{"kind", &r.Kind, p.Kind, kinds(s.Profile)}, {"scope", &r.Scope, p.Scope, names(s.Profile.Register.Scopes)}, {"tlp", &r.TLP, p.TLP, s.Profile.TLP}} {
		if w.from != nil {
			thread.Word(fs, w.field, *w.from, w.of)
			*w.to = *w.from
		}
	}
	if p.Committed != nil {
		r.Committed = thread.Cleaned(fs, "committed", *p.Committed, MaxNote)
	}
	if len(p.Links) > 50 {
		fs.Add("links", "there are %d of them; a risk has at most 50", len(p.Links))
		return
	}
	for name, url := range p.Links {
		r.setLink(fs, name, url)
	}
}

func (r *Risk) setLink(fs *fault.Fields, name, url string) {
	links := map[string]string{}
	for k, v := range r.Body.Links {
		links[k] = v
	}
	delete(links, name)
	if url != "" {
		if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") || len(url) > 2000 || strings.ContainsAny(url, " \n\t\"<>") {
			fs.Add("links."+name, "the link must be an address that starts with https:// or http://")
		}
		links[name] = url
	}
	r.Body.Links = links
}

func (p *Patch) texts(fs *fault.Fields, s *Risks, r *Risk) {
	known := r.Statement.fields()
	for name, text := range p.Statement {
		i := slices.IndexFunc(known, func(f field) bool { return f.name == name })
		switch {
		case name == "threat":
			thread.Word(fs, "statement.threat", text, names(s.Profile.Register.Threats))
			r.Statement.Threat = text
		case i < 0:
			fs.Add("statement."+name, "a statement has no part %q; its parts are asset, event, source, consequence, problem, impact, evidence, scale, diagram and threat", name)
		default:
			*known[i].text = thread.Cleaned(fs, "statement."+name, text, MaxText)
		}
	}
}

// Like is a risk that may be the same.
type Like struct {
	ID    ref.ID `json:"id"`
	Title string `json:"title"`
	Stage string `json:"stage"`
	Why   string `json:"why"` // the words that both have
}

// MaxLike is how many similar risks are proposed.
const MaxLike = 5

// Similar proposes risks that the reader may see and that share words, scope or
// weakness with a statement, the likeliest first, before another one is raised.
func (s *Risks) Similar(ctx context.Context, title string, st Statement, but ref.ID) (out []Like, err error) {
	words := telling(title + " " + st.Asset + " " + st.Event + " " + st.Source + " " + st.Problem)
	if len(words) == 0 {
		return nil, nil
	}
	err = s.Gate.View(ctx, func(v *gate.View) error {
		if err := v.Allow(VerbRead, ""); err != nil {
			return err
		}
		found := map[ref.ID]*Like{}
		for _, w := range words {
			rs, err := withWord(v, w)
			if err != nil {
				return err
			}
			for _, r := range rs {
				if found[r.ID] == nil && r.ID != but {
					found[r.ID] = &r
				}
				if l := found[r.ID]; l != nil {
					l.Why = strings.TrimPrefix(l.Why+", "+w, ", ")
				}
			}
		}
		out = likeliest(found, len(words))
		return nil
	})
	return out, err
}

// telling are the words of a text that tell what it is about: the longest, which
// are the rarest.
func telling(text string) []string {
	words := newProse(text).words
	slices.Sort(words)
	words = slices.Compact(words)
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 5 || len(w) > 40 })
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words[:min(len(words), 12)]
}

// likeliest are those that share the most words, and at least a third of them.
func likeliest(found map[ref.ID]*Like, words int) []Like {
	var out []Like
	for _, l := range found {
		if n := strings.Count(l.Why, ",") + 1; n >= 2 && n*3 >= words {
			out = append(out, *l)
		}
	}
	slices.SortFunc(out, func(a, b Like) int {
		if d := strings.Count(b.Why, ",") - strings.Count(a.Why, ","); d != 0 {
			return d
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out[:min(len(out), MaxLike)]
}

func withWord(v *gate.View, word string) ([]Like, error) {
	q, err := roll.New(v, roll.Reader{Verb: VerbRead, World: world(v)}, Filter{Text: word})
	if err != nil {
		return nil, err
	}
	rs, err := listed(v, q, 50)
	var out []Like
	for _, r := range rs {
		out = append(out, Like{ID: r.ID, Title: r.Title, Stage: r.Stage})
	}
	return out, err
}
