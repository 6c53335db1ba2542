package advisory

import (
	"reflect"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/thread"
)

// maxText is how long one text of a Document may be, in bytes.
const maxText = 256 << 10

// texts names every text of the Document that no reader should be given: longer
// than the limit, or with characters that make it read otherwise than it is.
func (d Document) texts(fs *fault.Fields) { textsIn(fs, "", reflect.ValueOf(d)) }

func textsIn(fs *fault.Fields, at string, v reflect.Value) {
	join := func(name string) string { return strings.TrimPrefix(at+"."+name, ".") }
	switch v.Kind() {
	case reflect.String:
		if _, err := thread.Clean(at, v.String(), maxText); err != nil {
			fs.Add(at, "%s", fault.Of(err).Says)
		}
	case reflect.Slice:
		for i := range v.Len() {
			textsIn(fs, join(strconv.Itoa(i)), v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			textsIn(fs, join(k.String()), v.MapIndex(k))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				textsIn(fs, join(name), v.Field(i))
			}
		}
	}
}
