package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"tocsin/internal/ref"
)

// answer is a response under way, with what the log line tells of it.
type answer struct {
	http.ResponseWriter
	id     string // of the request
	actor  ref.ID
	status int
	bytes  int
}

// WriteHeader begins the response.
func (w *answer) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *answer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// guard sets what every answer has: nothing is cached, framed, sniffed or run.
func (w *answer) guard() {
	h := w.Header()
	h.Set("X-Request-Id", w.id)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Authorization, Cookie")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
}

// reply is an answer that waits to be written.
type reply struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
}

// versioned is a value that is one record at a version of its row.
type versioned interface{ rowVersion() int }

// paged is a value that is a page of a list.
type paged interface{ marker() string }

// placed is a value that says where a new record stands.
type placed interface{ location() string }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// value answers a read with v, or with 304 where the reader has it already.
func (w *answer) value(q *http.Request, v any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := encode(b, v); err != nil {
		return err
	}
	h := w.Header()
	if r, ok := v.(versioned); ok {
		tag := etag(r.rowVersion(), b.Bytes())
		h.Set("ETag", tag)
		h.Set("Cache-Control", "no-store")
		if anyTag(q.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if p, ok := v.(paged); ok && p.marker() != "" {
		h.Set("Link", next(q.URL, p.marker()))
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b.Bytes()) // the reader has gone away: nobody is left to tell
	return nil
}

// made is the reply to something new.
func made(status int, v any) (reply, error) {
	var b bytes.Buffer
	if err := encode(&b, v); err != nil {
		return reply{}, err
	}
	r := reply{Status: status, Body: b.Bytes(), Header: map[string]string{"Content-Type": "application/json"}}
	if p, ok := v.(placed); ok {
		r.Header["Location"] = Base + p.location()
	}
	return r, nil
}

// send writes a reply.
func (w *answer) send(r reply) {
	for name, value := range r.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(r.Status)
	if len(r.Body) > 0 {
		_, _ = w.Write(r.Body) // the reader has gone away: nobody is left to tell
	}
}

// encode writes v as JSON, lists that are empty as such.
func encode(b *bytes.Buffer, v any) error {
	if _, list := v.(paged); !list {
		fill(reflect.ValueOf(v))
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// fill makes lists and maps that are nil empty ones, so that a reader meets [] and
// {} and never null. Values that are handed over by pointer are filled, pages of
// lists are not: their rows are made full.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Struct:
		for _, i := range fillable(v.Type()) {
			fill(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		if !holds(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}

// fields keeps which fields of a struct type hold something to fill.
var fields sync.Map // reflect.Type -> []int

func fillable(t reflect.Type) []int {
	if known, ok := fields.Load(t); ok {
		return known.([]int)
	}
	var out []int
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("json") != "-" && holds(f.Type) {
			out = append(out, i)
		}
	}
	fields.Store(t, out)
	return out
}

// holds reports whether a value of the type may have a list or map in it.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		return len(fillable(t)) > 0
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return true
	}
	return false
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// etag names a representation: the record's version, which If-Match asks for, and
// a check sum of all that was shown with it, which If-None-Match asks for.
func etag(version int, body []byte) string {
	return fmt.Sprintf(`"%d.%08x"`, version, crc32.Checksum(body, castagnoli))
}

// anyTag reports whether a list of entity tags holds tag: RFC 9110, section 13.1.2.
func anyTag(list, tag string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// next is the Link to the page after.
func next(u *url.URL, marker string) string {
	q := u.Query()
	q.Set("after", marker)
	return "<" + u.Path + "?" + q.Encode() + `>; rel="next"`
}
