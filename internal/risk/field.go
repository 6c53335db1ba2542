package risk

import (
	"maps"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/profile"
	"tocsin/internal/query"
	"tocsin/internal/thread"
)

// What a house asks of a risk besides: the fields of its profile. They stand in the
// risk's body; where lists ask for them they stand in rows besides.

// ownField begins the name of a field wherever it stands among others.
const ownField = "field."

// fields takes over the named fields. One that the profile does not know is refused,
// but may be taken away where an older profile left it.
func (p *Patch) fields(fs *fault.Fields, rules *profile.Profile, r *Risk) {
	out := maps.Clone(r.Fields)
	if out == nil {
		out = map[string]string{}
	}
	r.numbers = map[string]int64{}
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		at := "fields." + name
		value := thread.Cleaned(fs, at, p.Fields[name], profile.MaxField)
		f, known := rules.Register.Field(name)
		switch {
		case known && value != "" && !f.Of(r.Kind):
			fs.Add(at, "%s is asked of risks of the kinds %s alone; leave it empty, or change the kind", f.Title, strings.Join(f.Kinds, ", "))
		case known:
			value, err := f.Read(value)
			if err != nil {
				fs.Add(at, "%v", err)
			}
			out[name], r.numbers[name] = value, f.Number(value, rules.Zone())
		case value != "" || out[name] == "":
			fs.Add(at, "the profile has no field %q; %s", name, knownFields(rules))
		}
		if out[name] == "" || value == "" {
			delete(out, name)
		}
	}
	if r.Fields = out; len(out) == 0 {
		r.Fields = nil
	}
}

func knownFields(rules *profile.Profile) string {
	var names []string
	for _, f := range rules.Register.Fields {
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		return "it has none: take the value out, or add the field to register.yaml"
	}
	return "it has " + strings.Join(names, ", ") + ": take the value out, or add the field to register.yaml"
}

// before lists the fields that must be filled in before a move.
func (s *Sight) before(verb string) (out []fault.Need) {
	for _, f := range s.Profile.Register.Fields {
		if slices.Contains(f.Before, verb) && f.Of(s.Kind) {
			out = append(out, fault.Need{Word: ownField + f.Name, Says: "the field " + f.Title + ", filled in", Link: "#fields"})
		}
	}
	return out
}

// unfilled are those of them that are empty.
func (s *Sight) unfilled(verb string) []fault.Need {
	return slices.DeleteFunc(s.before(verb), func(n fault.Need) bool { return s.Fields[strings.TrimPrefix(n.Word, ownField)] != "" })
}

// wanted names what a move lacks, in words.
func wanted(missing []string, fields []fault.Need) string {
	out := slices.Clone(missing)
	for _, n := range fields {
		out = append(out, n.Word)
	}
	return strings.Join(out, ", ")
}

// fieldKinds are the kinds of the house's fields, as lists ask for them.
func fieldKinds(p *profile.Profile) map[string]query.Kind {
	out := map[string]query.Kind{}
	for _, f := range p.Register.Fields {
		out[f.Name] = queryKinds[f.Kind]
	}
	return out
}

var queryKinds = map[string]query.Kind{"text": query.Text, "number": query.Number, "date": query.Date, "choice": query.Word, "yes-no": query.Word}

// ownFields are the house's fields in the vocabulary of the register.
func ownFields(p *profile.Profile) (out []query.Field) {
	for _, f := range p.Register.Fields {
		x := query.Field{Name: ownField + f.Name, Title: f.Title, Kind: queryKinds[f.Kind], None: true}
		switch f.Kind {
		case "choice":
			x.Values = profile.Values(f.Choices)
		case "yes-no":
			x.Values = []query.Value{{Name: "yes", Title: "yes"}, {Name: "no", Title: "no"}}
		}
		out = append(out, x)
	}
	return out
}
