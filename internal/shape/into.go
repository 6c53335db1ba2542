package shape

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tocsin/internal/fault"
)

// Into reads one JSON value strictly into what v points to. Beyond what Decode
// refuses it refuses text that is not plain, members that v's type does not
// know, and values of the wrong type; the fault lists all of them, each field
// by its dotted name. Names match letter for letter. A null fits pointers,
// slices and maps only.
func Into(b []byte, v any, limits ...Limits) error {
	var l Limits
	if len(limits) > 0 {
		l = limits[0]
	}
	l.Plain = true
	decoded, err := Decode(b, l)
	if err != nil {
		return err
	}
	var f fitter
	f.fit(decoded, reflect.TypeOf(v).Elem())
	if err := f.fields.Err(); err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return asFault(err)
	}
	return nil
}

// asFault makes a sentence of what a type's own UnmarshalJSON refused.
func asFault(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fault.At(wrong.Field, "%s is a %s here; it must fit %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return &fault.Fault{Kind: fault.Invalid, Says: "the JSON does not fit: " + err.Error(), Err: err}
}

// fitter walks a decoded value and a type side by side.
type fitter struct {
	path   path
	fields fault.Fields
}

const mostFields = 100

func (f *fitter) add(format string, args ...any) {
	if len(f.fields) < mostFields {
		f.fields.Add(f.path.Dotted(), "%s: %s", place(f.path.Pointer()), fmt.Sprintf(format, args...))
	}
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (f *fitter) fit(v any, t reflect.Type) {
	switch pt := reflect.PointerTo(t); {
	case t == timeType:
		f.fitTime(v)
	case t.Kind() == reflect.Interface || pt.Implements(jsonUnmarshaler):
	case t.Kind() == reflect.Pointer:
		if v != nil {
			f.fit(v, t.Elem())
		}
	case pt.Implements(textUnmarshaler):
		f.want(v, "a string", isType[string](v))
	default:
		f.fitKind(v, t)
	}
}

func (f *fitter) fitKind(v any, t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		f.fitStruct(v, t)
	case reflect.Map:
		f.fitMap(v, t)
	case reflect.Slice, reflect.Array:
		f.fitList(v, t)
	case reflect.String:
		f.want(v, "a string", isType[string](v))
	case reflect.Bool:
		f.want(v, "true or false", isType[bool](v))
	default:
		f.fitNumber(v, t)
	}
}

func isType[T any](v any) bool { _, ok := v.(T); return ok }

// want notes that v is not what it must be, unless ok.
func (f *fitter) want(v any, what string, ok bool) {
	if !ok {
		f.add("this must be %s, not %s", what, kindOf(v))
	}
}

func (f *fitter) fitTime(v any) {
	s, ok := v.(string)
	if !ok {
		f.want(v, "a time as a string", false)
		return
	}
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		f.add("%s is no time; write it like 2026-03-09T14:30:00Z (RFC 3339)", brief(s))
	}
}

func (f *fitter) fitNumber(v any, t reflect.Type) {
	n, ok := v.(json.Number)
	if !ok {
		f.want(v, "a number", false)
		return
	}
	var err error
	switch {
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		_, err = strconv.ParseInt(n.String(), 10, t.Bits())
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
		_, err = strconv.ParseUint(n.String(), 10, t.Bits())
	default:
		_, err = strconv.ParseFloat(n.String(), 64)
	}
	if err != nil {
		f.add("the number %s does not fit; a whole number in the range of %s is due", n, t.Kind())
	}
}

func (f *fitter) fitList(v any, t reflect.Type) {
	if v == nil && t.Kind() == reflect.Slice {
		return
	}
	if t.Elem().Kind() == reflect.Uint8 {
		f.want(v, "a string of base64", isType[string](v))
		return
	}
	list, ok := v.([]any)
	f.want(v, "a list", ok)
	for i, x := range list {
		f.path = append(f.path, step{index: i})
		f.fit(x, t.Elem())
		f.path = f.path[:len(f.path)-1]
	}
}

func (f *fitter) fitMap(v any, t reflect.Type) {
	if v == nil {
		return
	}
	m, ok := v.(map[string]any)
	f.want(v, "an object", ok)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		f.path = append(f.path, step{name, -1})
		f.fit(m[name], t.Elem())
		f.path = f.path[:len(f.path)-1]
	}
}

func (f *fitter) fitStruct(v any, t reflect.Type) {
	m, ok := v.(map[string]any)
	f.want(v, "an object", ok)
	known := membersOf(t)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		f.path = append(f.path, step{name, -1})
		if sub, ok := known.types[name]; !ok {
			f.add("%s is not a field here%s", brief(name), didYouMean(name, known.names))
		} else if known.quoted[name] {
			f.want(m[name], "a string", isType[string](m[name]))
		} else {
			f.fit(m[name], sub)
		}
		f.path = f.path[:len(f.path)-1]
	}
}

// members is what encoding/json would read of a struct type.
type members struct {
	types  map[string]reflect.Type
	quoted map[string]bool // `json:",string"`
	names  []string
}

var memberCache sync.Map // reflect.Type -> *members

func membersOf(t reflect.Type) *members {
	if m, ok := memberCache.Load(t); ok {
		return m.(*members)
	}
	m := &members{types: map[string]reflect.Type{}, quoted: map[string]bool{}}
	for _, field := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || field.Tag.Get("json") == "-" || field.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		if _, shadowed := m.types[name]; shadowed && len(field.Index) > 1 {
			continue
		}
		m.types[name] = field.Type
		m.quoted[name] = slices.Contains(strings.Split(rest, ","), "string")
		m.names = append(m.names, name)
	}
	memberCache.Store(t, m)
	return m
}

// kindOf names a decoded value's type for people.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "true or false"
	case json.Number, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}
