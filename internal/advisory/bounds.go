package advisory

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/thread"
)

// Limits of a Document that is written here.
const (
	MaxText    = 64 << 10 // of one text, in bytes
	MaxLine    = 1000     // of a title or a name
	MaxList    = 2000     // entries of one list
	MaxSummary = 4000     // of what a revision changes
	mostWrong  = 20       // mistakes that one answer lists
)

// bounds lists the texts that are too long or hold characters that make them read
// otherwise than they are, the lists that are too long, and the links that are none.
func (d Document) bounds(fs *fault.Fields) {
	if len(d.Title) > MaxLine || strings.Contains(d.Title, "\n") {
		fs.Add("title", "a title is one line of at most %d bytes; shorten it", MaxLine)
	}
	bound(fs, "", reflect.ValueOf(d))
	links(fs, "references", d.References)
	for i, v := range d.Vulns {
		links(fs, fmt.Sprintf("vulns.%d.references", i), v.References)
		for j, r := range v.Remediations {
			if r.URL != "" && !isLink(r.URL) {
				fs.Add(fmt.Sprintf("vulns.%d.remediations.%d.url", i, j), "%q is no address that can be linked to; write it with https://", r.URL)
			}
		}
	}
}

// bound walks a value; at is where it stands, in the names of the JSON form.
func bound(fs *fault.Fields, at string, v reflect.Value) {
	if len(*fs) >= mostWrong {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if _, err := thread.Clean(at, v.String(), MaxText); err != nil {
			fs.Add(at, "%s", fault.Of(err).Says)
		}
	case reflect.Slice:
		if v.Len() > MaxList {
			fs.Add(at, "there are %d of them; an advisory lists at most %d", v.Len(), MaxList)
			return
		}
		for i := range v.Len() {
			bound(fs, join(at, fmt.Sprint(i)), v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			bound(fs, at, k)
			bound(fs, at, v.MapIndex(k))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				bound(fs, join(at, name), v.Field(i))
			}
		}
	}
}

func join(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

func links(fs *fault.Fields, at string, refs []Reference) {
	for i, r := range refs {
		if r.URL != "" && !isLink(r.URL) {
			fs.Add(fmt.Sprintf("%s.%d.url", at, i), "%q is no address that can be linked to; write it with https://", r.URL)
		}
	}
}

// schemes are what a published link may begin with: nothing that a browser runs.
var schemes = []string{"https", "http", "ftp", "mailto", "git", "ssh"}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && slices.Contains(schemes, strings.ToLower(u.Scheme)) && !strings.ContainsAny(s, " \t\r\n\"<>")
}

// Marks are the labels that say who may read a document: FIRST, TLP 2.0.
var Marks = []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"}
