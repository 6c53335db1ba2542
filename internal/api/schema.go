package api

import (
	"encoding/json"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
)

// schema is a JSON Schema (2020-12), as OpenAPI 3.1 takes it.
type schema struct {
	Ref         string             `json:"$ref,omitempty"`
	Type        any                `json:"type,omitempty"` // a word, or several
	Format      string             `json:"format,omitempty"`
	Description string             `json:"description,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Maximum     *int               `json:"maximum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false, or the schema of a map's values
	AllOf       []*schema          `json:"allOf,omitempty"`
}

// schemas describes Go types as encoding/json writes them and package shape reads
// them. Named structs stand once, under components.
type schemas struct {
	all  map[string]*schema
	name map[reflect.Type]string
}

const components = "#/components/schemas/"

func (s *schemas) of(t reflect.Type) *schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return &schema{Type: "object"}
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return s.of(t.Elem())
	case t.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()):
		return &schema{Type: "string"}
	case t.Kind() == reflect.Struct && t.Name() != "":
		return &schema{Ref: components + s.named(t)}
	}
	return s.plain(t)
}

func (s *schemas) plain(t reflect.Type) *schema {
	switch t.Kind() {
	case reflect.Struct:
		return s.object(t)
	case reflect.Slice, reflect.Array:
		return &schema{Type: "array", Items: s.of(t.Elem())}
	case reflect.Map:
		return &schema{Type: "object", Additional: s.of(t.Elem())}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Float32, reflect.Float64:
		return &schema{Type: "number"}
	case reflect.Interface:
		return &schema{} // anything
	}
	return &schema{Type: "integer"}
}

// named describes a struct type under its name; two of one name in different
// packages carry their package's.
func (s *schemas) named(t reflect.Type) string {
	if name, ok := s.name[t]; ok {
		return name
	}
	name := t.Name()
	if inner, of, generic := strings.Cut(strings.TrimSuffix(name, "]"), "["); generic {
		of = strings.TrimPrefix(path.Base(of), "*")
		name = inner + "Of" + title(strings.ReplaceAll(of[strings.LastIndex(of, ".")+1:], "api", ""))
	}
	pkg := title(path.Base(t.PkgPath()))
	if _, taken := s.all[name]; taken || pkg != "Api" && pkg != name {
		name = pkg + name
	}
	s.name[t], s.all[name] = name, &schema{} // it may name itself
	o := s.object(t)
	o.Description = comments[path.Base(t.PkgPath())+"."+t.Name()]
	*s.all[name] = *o
	return name
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (s *schemas) object(t reflect.Type) *schema {
	o := &schema{Type: "object", Properties: map[string]*schema{}, Additional: false}
	for _, f := range members(t) {
		sub := s.of(f.field.Type)
		if f.comment != "" {
			if sub.Ref != "" {
				sub = &schema{AllOf: []*schema{sub}}
			}
			sub.Description = f.comment
		}
		o.Properties[f.name] = sub
		if !f.optional {
			o.Required = append(o.Required, f.name)
		}
	}
	slices.Sort(o.Required)
	return o
}

// member is one member that encoding/json writes of a struct.
type member struct {
	name     string
	field    reflect.StructField
	optional bool
	comment  string
}

// members lists what encoding/json writes of a struct: those of embedded structs
// too, of which one nearer to the top hides others of its name.
func members(t reflect.Type) (out []member) {
	depth := map[string]int{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if at, seen := depth[name]; seen && at <= len(f.Index) {
			continue
		}
		depth[name] = len(f.Index)
		out = slices.DeleteFunc(out, func(m member) bool { return m.name == name })
		out = append(out, member{name, f, strings.Contains(rest, "omitempty") || strings.Contains(rest, "omitzero"), commentOf(t, f)})
	}
	return out
}

// commentOf finds what the code says of a field, where it is declared.
func commentOf(t reflect.Type, f reflect.StructField) string {
	for _, i := range f.Index[:len(f.Index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return comments[path.Base(t.PkgPath())+"."+name+"."+f.Name]
}
