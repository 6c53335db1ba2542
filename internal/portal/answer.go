package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"tocsin/internal/web/assets"
	"tocsin/internal/web/ui"
)

// Answer is what a handler hands back: a page, a way on, a public file, or an
// attachment.
type Answer struct {
	Status  int // 0 is 200, or 303 with To
	Page    templ.Component
	To      string // leads on
	Public  *publicFile
	Save    *attachment
	Cookies []*http.Cookie
	Wait    time.Duration // when to come back
	Secret  bool          // the page is for one reader: never compressed, stored or indexed
	Shared  bool          // the page is the same for everybody and may be asked for again by its ETag
}

// publicFile is something that programs fetch: a published form, a feed, security.txt.
type publicFile struct {
	Media   string
	Body    []byte
	Changed time.Time
	Seconds int // how long a cache may keep it
}

// attachment is handed out to be saved, never to be shown.
type attachment struct {
	Name string
	Body []byte
}

// send writes an answer.
func (p *Portal) send(out http.ResponseWriter, r *http.Request, a Answer) {
	h := out.Header()
	assets.SetPageHeaders(h)
	h.Set("Cache-Control", "no-store")
	for _, c := range a.Cookies {
		http.SetCookie(out, c)
	}
	if a.Wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(a.Wait.Seconds())+1))
	}
	if a.Secret {
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	switch {
	case a.To != "":
		h.Set("Location", a.To)
		h.Set("Content-Length", "0")
		out.WriteHeader(or(a.Status, http.StatusSeeOther))
	case a.Public != nil:
		sendPublic(out, r, a.Public)
	case a.Save != nil:
		sendSave(out, r, a.Save)
	default:
		p.sendPage(out, r, a)
	}
}

func or(status, other int) int {
	if status == 0 {
		return other
	}
	return status
}

// sendPage renders first and writes then, so that a page is whole or a failure.
func (p *Portal) sendPage(out http.ResponseWriter, r *http.Request, a Answer) {
	var page bytes.Buffer
	if err := a.Page.Render(r.Context(), &page); err != nil {
		page.Reset()
		a = p.failed(r, err)
		_ = a.Page.Render(r.Context(), &page) // the page of a failure reads nothing that could fail
	}
	body := ui.Seen(page.Bytes())
	h := out.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if a.Shared && a.Status == 0 && p.options.Demo == nil {
		h.Set("Cache-Control", "no-cache")
		serveBytes(out, r, body, time.Time{})
		return
	}
	if !a.Secret {
		body = squeezed(h, r, body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	out.WriteHeader(or(a.Status, http.StatusOK))
	if r.Method != http.MethodHead {
		_, _ = out.Write(body) // the reader has gone away: nobody is left to tell
	}
}

// sendPublic answers programs of any site.
func sendPublic(out http.ResponseWriter, r *http.Request, f *publicFile) {
	h := out.Header()
	h.Set("Content-Security-Policy", assets.FileCSP)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Last-Modified")
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(f.Seconds))
	h.Set("Content-Type", f.Media)
	serveBytes(out, r, f.Body, f.Changed)
}

// serveBytes answers with a body, or that the asker has it already: by ETag, and by
// the time of change where there is one.
func serveBytes(out http.ResponseWriter, r *http.Request, body []byte, changed time.Time) {
	h := out.Header()
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	if body = squeezed(h, r, body); h.Get("Content-Encoding") != "" {
		tag += "-gzip"
	}
	h.Set("ETag", `"`+tag+`"`)
	r = r.WithContext(r.Context())
	r.Header = r.Header.Clone()
	r.Header.Del("Range") // a part of a compressed answer is of use to nobody, and these answers are small
	http.ServeContent(out, r, "", changed, bytes.NewReader(body))
}

// sendSave hands out an attachment: to be saved, and able to do nothing should a
// browser show it all the same.
func sendSave(out http.ResponseWriter, r *http.Request, f *attachment) {
	h := out.Header()
	h.Set("Content-Security-Policy", assets.FileCSP)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Body)))
	if r.Method != http.MethodHead {
		_, _ = out.Write(f.Body) // the reader has gone away: nobody is left to tell
	}
}

var zips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// worthIt is from how many bytes on compressing is of use.
const worthIt = 1000

// squeezed returns the body compressed where the asker can read that, and says so.
func squeezed(h http.Header, r *http.Request, body []byte) []byte {
	h.Set("Vary", "Accept-Encoding")
	if len(body) < worthIt || !takesGzip(r.Header.Get("Accept-Encoding")) {
		return body
	}
	var small bytes.Buffer
	z := zips.Get().(*gzip.Writer)
	defer zips.Put(z)
	z.Reset(&small)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	h.Set("Content-Encoding", "gzip")
	return small.Bytes()
}

// refused is a quality of zero.
var refused = regexp.MustCompile(`;\s*q=0(\.0*)?\s*$`)

func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, _, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) == "gzip" {
			return !refused.MatchString(part)
		}
	}
	return false
}
