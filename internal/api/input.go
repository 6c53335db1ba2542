package api

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/shape"
)

// param is one field of an input that the address fills.
type param struct {
	index    []int
	name, in string // in: path, query
	kind     reflect.Type
	enum     []string
	min, max int
	doc      string
	required bool
}

// plan says how an input is filled: fields tagged path and query from the
// address, a field tagged match from If-Match, and a field Body from the body.
type plan struct {
	params []param
	query  map[string]*param
	body   reflect.Type
	bodyAt []int
	match  []int // a field that takes the version of If-Match
	record bool  // the address names a record with a version of its own
}

var recordType = reflect.TypeFor[record]()

// planOf reads the tags of an input's type.
func planOf(t reflect.Type) *plan {
	p := &plan{query: map[string]*param{}}
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Type == recordType:
			p.record = true
		case f.Tag.Get("match") != "":
			p.match = f.Index
		case f.Name == "Body":
			p.body, p.bodyAt = f.Type, f.Index
		default:
			for _, in := range []string{"path", "query"} {
				if name := f.Tag.Get(in); name != "" {
					p.params = append(p.params, paramOf(f, in, name))
				}
			}
		}
	}
	for i := range p.params {
		if p.params[i].in == "query" {
			p.query[p.params[i].name] = &p.params[i]
		}
	}
	return p
}

func paramOf(f reflect.StructField, in, name string) param {
	out := param{index: f.Index, name: name, in: in, kind: f.Type, doc: f.Tag.Get("doc"), required: in == "path" || f.Tag.Get("required") != ""}
	if words := f.Tag.Get("enum"); words != "" {
		out.enum = strings.Split(words, ",")
	}
	out.min, _ = strconv.Atoi(f.Tag.Get("min"))
	out.max, _ = strconv.Atoi(f.Tag.Get("max"))
	return out
}

// fill reads a request into the input that v points to.
func (p *plan) fill(w http.ResponseWriter, q *http.Request, v reflect.Value) error {
	if err := p.address(q, v); err != nil {
		return err
	}
	if p.body == nil {
		return noBody(q)
	}
	if p.body == rawType {
		b, err := readBody(w, q, MaxCheck)
		v.FieldByIndex(p.bodyAt).SetBytes(b)
		return err
	}
	b, err := readBody(w, q, MaxBody)
	if err != nil {
		return err
	}
	return shape.Into(b, v.FieldByIndex(p.bodyAt).Addr().Interface(), shape.Limits{Bytes: MaxBody, Depth: 32, Values: 50_000})
}

// rawType is a body that is taken as it is: a file to check.
var rawType = reflect.TypeFor[json.RawMessage]()

// address fills what path and query say.
func (p *plan) address(q *http.Request, v reflect.Value) error {
	for _, x := range p.params {
		if x.in == "path" {
			if err := x.path(q.PathValue(x.name), v.FieldByIndex(x.index)); err != nil {
				return err
			}
		}
	}
	values, err := readQuery(q.URL.RawQuery)
	if err != nil {
		return err
	}
	var fs fault.Fields
	for name, texts := range values {
		x := p.query[name]
		if x == nil {
			fs.Add(name, "there is no parameter %q here; there are: %s", short(name), strings.Join(p.names(), ", "))
			continue
		}
		x.set(&fs, texts, v.FieldByIndex(x.index))
	}
	for _, x := range p.params {
		if x.required && x.in == "query" && len(values[x.name]) == 0 {
			fs.Add(x.name, "the parameter %s is missing", x.name)
		}
	}
	slices.SortFunc(fs, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return fs.Err()
}

func readQuery(raw string) (url.Values, error) {
	if raw == "" {
		return nil, nil
	}
	if len(raw) > maxQuery {
		return nil, fault.New(fault.TooLarge, "the query has %d bytes; the limit is %d", len(raw), maxQuery)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the query cannot be read; write name=value&name=value, percent-encoded")
	}
	return values, nil
}

func (p *plan) names() []string {
	var out []string
	for _, x := range p.params {
		if x.in == "query" {
			out = append(out, x.name)
		}
	}
	if out == nil {
		return []string{"none"}
	}
	return out
}

func short(s string) string {
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// nameText is what can be the name of a record; anything else names none.
var nameText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$`)

// logged is a record's ID as the log shows it: what is none is left out.
func logged(id string) string {
	if !nameText.MatchString(id) {
		return ""
	}
	return id
}

func (x *param) path(text string, to reflect.Value) error {
	if !nameText.MatchString(text) {
		return access.NoRecord()
	}
	if x.kind == reflect.TypeFor[ref.ID]() {
		text = string(ref.Read(text))
	}
	to.SetString(text)
	return nil
}

// set reads the one value of a query parameter; an empty one is as if it were not there.
func (x *param) set(fs *fault.Fields, texts []string, to reflect.Value) {
	text := texts[0]
	if _, bad := shape.Unplain(text); len(texts) > 1 || bad || !utf8.ValidString(text) {
		fs.Add(x.name, "give %s one value, of plain text", x.name)
		return
	}
	if text == "" {
		return
	}
	switch {
	case x.kind == reflect.TypeFor[time.Time]():
		x.time(fs, text, to)
	case x.kind.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			fs.Add(x.name, "%s is true or false", x.name)
		}
		to.SetBool(text == "true")
	case x.kind.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil || n < x.min || x.max > 0 && n > x.max {
			fs.Add(x.name, "%s is a whole number from %d to %d", x.name, x.min, x.max)
		}
		to.SetInt(int64(n))
	case x.enum != nil && !slices.Contains(x.enum, text):
		fs.Add(x.name, "%s is one of %s", x.name, strings.Join(x.enum, ", "))
	default:
		to.SetString(text)
	}
}

func (x *param) time(fs *fault.Fields, text string, to reflect.Value) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			to.Set(reflect.ValueOf(at.UTC()))
			return
		}
	}
	fs.Add(x.name, "%s is a time like 2026-03-09T14:30:00Z, or a day like 2026-03-09", x.name)
}

func noBody(q *http.Request) error {
	if q.ContentLength > 0 || len(q.TransferEncoding) > 0 {
		return fault.New(fault.Invalid, "this takes no body; send none")
	}
	return nil
}

func readBody(w http.ResponseWriter, q *http.Request, most int64) ([]byte, error) {
	media, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, &refusal{fault.New(fault.Invalid, "send the body as Content-Type: application/json"), http.StatusUnsupportedMediaType}
	}
	if err := plainBody(q); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, q.Body, most))
	if err != nil {
		return nil, arrived(err)
	}
	return b, nil
}

// plainBody refuses a body that would have to be unpacked first.
func plainBody(q *http.Request) error {
	if e := q.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return &refusal{fault.New(fault.Invalid, "send the body as it is, without Content-Encoding"), http.StatusUnsupportedMediaType}
	}
	return nil
}
