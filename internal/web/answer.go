package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/access"
	"tocsin/internal/fault"
	"tocsin/internal/web/assets"
	"tocsin/internal/web/ui"
)

// Answer is what a handler hands back: a page, a way on, data or a file.
type Answer struct {
	Status  int             // 0 is 200, or 303 with To
	Page    templ.Component // a whole page
	To      string          // leads on, after a change
	Notice  string          // a word of notices, for the page that it leads to
	JSON    any             // for scripts of our own
	File    *File
	Stream  func(http.ResponseWriter) // events, until it returns
	Cookies []*http.Cookie
	Forget  bool          // the browser is told to forget what it keeps of this site's texts
	Wait    time.Duration // when to come back
}

// File is an attachment that is handed out to be saved, not to be shown.
type File struct {
	Name    string
	Body    []byte
	Picture string // the kind of a picture in a note, which is shown in its place; else ""
}

// statuses says which status each kind of failure has.
var statuses = map[fault.Kind]int{
	fault.Invalid: 422, fault.Unknown: 401, fault.NotFound: 404, fault.Forbidden: 403, fault.Conflict: 409, fault.Missing: 422,
	fault.TooLarge: 413, fault.TooMany: 429, fault.Full: 507, fault.Unavailable: 503, fault.Internal: 500,
}

// formFault returns the fault that a form can say above and beside its fields. Any
// other failure has a page of its own.
func formFault(err error) (*fault.Fault, bool) {
	if err == nil {
		return nil, false
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Missing, fault.Conflict, fault.TooLarge:
		return fault.Of(err), true
	}
	return nil, false
}

// statusOf is the status of a form that comes back with what is wrong.
func statusOf(f *fault.Fault) int { return statuses[f.Kind] }

// failed is the page of a failure. One of ours stands alone: it asks neither the store nor
// the directory for anything, which may be what failed. That of a record which does not exist, and of
// one that the asker may not know of, is the same to the last byte.
func (w *Web) failed(r *http.Request, err error) Answer {
	f := fault.Of(err)
	status := statuses[f.Kind]
	o, known := ui.Failures[status]
	if !known {
		o, status = ui.Failures[http.StatusInternalServerError], http.StatusInternalServerError
	}
	switch {
	case status >= http.StatusInternalServerError:
		o.Trace = visitOf(r).trace
		w.Log.Error("page", "trace", o.Trace, "pattern", r.Pattern, "status", status, "err", err)
	case refused(err) != "":
		o.Says, o.More = w.whoMay(refused(err)), []ui.Link{{Text: "Who may do what", Href: "/people/roles"}}
	case status != http.StatusNotFound:
		o.Says = strings.TrimSuffix(capital(f.Says), ".") + "."
	}
	if o.Back.Href == "" {
		o.Back.Href = local(r.URL.RequestURI())
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			o.Back.Href = backOf(r)
		}
	}
	page := ui.ErrorPage(o)
	if status < http.StatusInternalServerError {
		page = w.refusal(r, o)
	}
	return Answer{Status: status, Page: page, Wait: f.After}
}

// refusal is the page of what does not go: with the places of whoever is signed in, and
// without a word of the record whose address was asked.
func (w *Web) refusal(r *http.Request, o ui.Oops) templ.Component {
	if visitOf(r).actor.ID == "" {
		return ui.ErrorPage(o)
	}
	h := w.head(r, o.Title, "")
	h.Live, h.Since, h.Tour = "", "", nil
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Back = backOf(r)
	}
	return ui.Refusal(h, o)
}

// refused is the verb that the actor's roles do not cover, "" where something else failed.
func refused(err error) access.Verb {
	var r access.Refused
	errors.As(err, &r)
	return r.Verb
}

// whoMay says which roles cover a verb, and whom to ask.
func (w *Web) whoMay(v access.Verb) string {
	var roles []string
	for _, g := range w.Rules.Grants {
		for _, r := range g.Roles {
			if g.Verb == string(v) {
				roles = append(roles, titleOf(w.Rules.Roles, r))
			}
		}
	}
	if len(roles) == 0 {
		return "No role of the profile covers " + string(v) + "."
	}
	return "It takes the role " + orList(roles) + ". Ask somebody who has it, or an administrator to give it to you. In the table of roles it is called " + string(v) + "."
}

// orList joins words as people do: "A, B or C".
func orList(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// send writes an answer.
func (w *Web) send(out http.ResponseWriter, r *http.Request, a Answer) {
	h := out.Header()
	assets.SetPageHeaders(h)
	h.Set("Cache-Control", "no-store")
	if _, err := r.Cookie(noticeCookie); err == nil && a.Page != nil && !quiet(r) {
		http.SetCookie(out, w.cookie(noticeCookie, "", -1)) // said once
	}
	for _, c := range a.Cookies {
		http.SetCookie(out, c)
	}
	if a.Forget {
		h.Set("Clear-Site-Data", `"storage"`)
	}
	if a.Wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(a.Wait.Seconds())+1))
	}
	switch {
	case a.To != "":
		w.sendOn(out, a)
	case a.File != nil:
		sendFile(out, a.File)
	case a.Stream != nil:
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no") // a proxy that holds back what it reads would hold back everything
		out.WriteHeader(http.StatusOK)
		a.Stream(out)
	case a.JSON != nil:
		sendJSON(out, r, a)
	default:
		w.sendPage(out, r, a)
	}
}

// sendOn leads on.
func (w *Web) sendOn(out http.ResponseWriter, a Answer) {
	if a.Notice != "" {
		http.SetCookie(out, w.cookie(noticeCookie, a.Notice, 60))
	}
	out.Header().Set("Location", a.To)
	status := a.Status
	if status == 0 {
		status = http.StatusSeeOther
	}
	out.WriteHeader(status)
}

// sendFile hands out an attachment: to be saved, and able to do nothing should a
// browser show it all the same.
func sendFile(out http.ResponseWriter, f *File) {
	h := out.Header()
	h.Set("Content-Security-Policy", assets.FileCSP)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	if f.Picture != "" {
		h.Set("Content-Type", f.Picture) // of a short list; opened by itself it is saved all the same
	}
	h.Set("Content-Length", strconv.Itoa(len(f.Body)))
	_, _ = out.Write(f.Body) // the reader has gone away: nobody is left to tell
}

func sendJSON(out http.ResponseWriter, r *http.Request, a Answer) {
	b, err := json.Marshal(a.JSON)
	if err != nil {
		panic(err) // what pages answer to scripts is plain values
	}
	out.Header().Set("Content-Type", "application/json")
	write(out, r, a.Status, b)
}

// sendPage renders first and writes then, so that a page is whole or a failure.
func (w *Web) sendPage(out http.ResponseWriter, r *http.Request, a Answer) {
	page := sheets.Get().(*bytes.Buffer)
	defer sheets.Put(page)
	page.Reset()
	if err := a.Page.Render(ui.Read(r.Context(), visitOf(r).reads), page); err != nil {
		page.Reset()
		a = w.failed(r, err)
		_ = a.Page.Render(r.Context(), page) // the page of a failure of ours reads nothing that could fail
	}
	h := out.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	write(out, r, a.Status, handed(ui.Seen(page.Bytes()), visitOf(r).actor.ID))
}

// sheets are what pages are rendered into, and used again.
var sheets = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var zips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// write sends a body, compressed where the asker can read that.
func write(out http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := out.Header()
	h.Set("Vary", "Accept-Encoding")
	if len(body) > 1000 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var small bytes.Buffer
		z := zips.Get().(*gzip.Writer)
		z.Reset(&small)
		_, _ = z.Write(body) // into memory
		_ = z.Close()
		zips.Put(z)
		h.Set("Content-Encoding", "gzip")
		body = small.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if status != 0 {
		out.WriteHeader(status)
	}
	if r.Method != http.MethodHead {
		_, _ = out.Write(body) // the reader has gone away: nobody is left to tell
	}
}
