// Package assets holds the styles, scripts, pictures and the font of all pages,
// and serves them under names that carry a hash of their content, so that a
// browser may keep each for ever. It knows no page and no data. The packages
// web, portal and api (for its reference page) use it, through web/ui.
//
// All of css/ is one style sheet, app.css, and all of js/ is one module, app.js,
// each joined in the order of the file names. A page that needs a rule of its own
// adds css/page-NAME.css with everything inside `@layer pages`. What one place of
// the site alone wants, such as the pictures of the register, stands in place/: each
// file there is a style sheet or a script of its own, fetched by the pages that name it. Its
// classes may mean something else at another place, so a page without it takes it off; a
// style sheet part-NAME.css, of a part that many places have, owns its classes and stays on.
// What a reader may never want, such as the palette, stands in late/: modules and their style
// sheets, which app.js names as asset:NAME and a browser fetches when they are first
// wanted.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/andybalholm/brotli"
	"github.com/tdewolff/minify/v2/js"
)

//go:embed css js img vendor place late
var files embed.FS

// Prefix is the path under which Handler expects to be mounted.
const Prefix = "/assets/"

// file is one thing served: its content, the same compressed where that helps, and
// better compressed once a browser that reads Brotli has asked for it.
type file struct {
	url, kind    string
	plain, small []byte
	brotli       func() []byte
	best         atomic.Pointer[[]byte]
}

// byName and byURL are everything served, by plain name and by address. They are
// made once, when the program starts, from what is embedded.
var byName, byURL = load()

// Path returns the address of the named asset, with its hash: Path("app.css").
// An unknown name is a programmer's mistake and panics.
func Path(name string) string {
	f, ok := byName[name]
	if !ok {
		panic("assets: nothing is called " + name)
	}
	return f.url
}

// Sizes returns the plain names of all assets with their sizes as browsers of today
// fetch them, in bytes: compressed with Brotli where that helps.
func Sizes() map[string]int {
	sizes := map[string]int{}
	for name, f := range byName {
		sizes[name] = len(f.plain)
		if f.small != nil {
			sizes[name] = len(f.brotli())
		}
	}
	return sizes
}

// Handler serves the assets under Prefix. A name that is not one of them, also
// one with an old hash, is not found.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h, body := w.Header(), f.plain
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if f.small != nil {
			h.Set("Vary", "Accept-Encoding")
			coding := ""
			if coding, body = f.coded(r.Header.Get("Accept-Encoding")); coding != "" {
				h.Set("Content-Encoding", coding)
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the reader has gone away: nobody is left to tell
		}
	})
}

// IconPath is where a browser looks for the picture of a site beside what is no page.
const IconPath = "/favicon.ico"

// Icon leads from IconPath to the picture that the pages name.
func Icon() http.Handler { return http.RedirectHandler(Path("bell.svg"), http.StatusFound) }

// refused is a quality of zero.
var refused = regexp.MustCompile(`q=0(\.0*)?\s*$`)

func accepts(accept, want string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, q, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) == want {
			return !refused.MatchString(q)
		}
	}
	return false
}

// coded is the content in the best coding that the asker takes and that is there. Brotli
// takes a tenth of a second, for which nobody waits: it is there for those who come next.
func (f *file) coded(accept string) (coding string, body []byte) {
	if accepts(accept, "br") {
		if best := f.best.Load(); best != nil {
			return "br", *best
		}
		go f.brotli()
	}
	if accepts(accept, "gzip") {
		return "gzip", f.small
	}
	return "", f.plain
}

// load reads what is embedded. Pictures and the font come first, because the
// style sheet names them.
func load() (names, urls map[string]*file) {
	names, urls = map[string]*file{}, map[string]*file{}
	add := func(name string, content []byte) {
		f := newFile(name, content)
		names[name], urls[f.url] = f, f
	}
	for _, dir := range []string{"img", "vendor"} {
		must(fs.WalkDir(files, dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && servable(p) {
				add(path.Base(p), read(p))
			}
			return err
		}))
	}
	add("app.css", withURLs(join("css"), names))
	for _, p := range [...]string{"place/*.css", "place/*.js", "late/*.css", "late/*.js"} { // styles first: modules name them
		all, err := fs.Glob(files, p)
		must(err)
		for _, name := range all {
			add(path.Base(name), withURLs(tidy(read(name), path.Ext(name) == ".css"), names))
		}
	}
	add("app.js", withURLs(join("js"), names))
	return names, urls
}

// servable keeps licences and lists of versions, which stand beside what they
// are about, out of the served names.
func servable(p string) bool {
	switch path.Ext(p) {
	case ".js", ".css", ".svg", ".png", ".ico", ".woff2", ".webmanifest":
		return true
	}
	return false
}

// kinds are the content types; the table of the machine is not asked, because
// it differs from machine to machine.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".woff2": "font/woff2", ".ico": "image/x-icon",
}

func newFile(name string, content []byte) *file {
	ext := path.Ext(name)
	sum := sha256.Sum256(content)
	hash := base64.RawURLEncoding.EncodeToString(sum[:9])
	f := &file{url: Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext, kind: kinds[ext], plain: content}
	if f.kind == "" {
		f.kind = mime.TypeByExtension(ext)
	}
	small := compress(content, func(b *bytes.Buffer) io.WriteCloser {
		z, err := gzip.NewWriterLevel(b, gzip.BestCompression)
		must(err)
		return z
	})
	if len(small) < len(content)*9/10 {
		f.small = small
	}
	f.brotli = sync.OnceValue(func() []byte {
		one.Lock() // a first visitor asks for many
		defer one.Unlock()
		best := compress(content, func(b *bytes.Buffer) io.WriteCloser {
			return brotli.NewWriterOptions(b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: window})
		})
		f.best.Store(&best)
		return best
	})
	return f
}

// window is how far back Brotli looks, as a power of two: more than the largest of what
// is compressed. With the usual four megabytes it takes forty while it works.
const window = 18

// one is held by whoever compresses with Brotli, so that its memory is needed once.
var one sync.Mutex

func compress(content []byte, into func(*bytes.Buffer) io.WriteCloser) []byte {
	var b bytes.Buffer
	z := into(&b)
	_, err := z.Write(content)
	must(err)
	must(z.Close())
	return b.Bytes()
}

var (
	exports  = regexp.MustCompile(`(?m)^export `)
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	indents  = regexp.MustCompile(`(?m)^[ \t]+|[ \t]+$`)
	blanks   = regexp.MustCompile(`\n{2,}`)
	named    = regexp.MustCompile(`asset:([\w.-]+)`)
)

// join puts the files of dir together in the order of their names, without what only
// their readers want.
func join(dir string) []byte {
	entries, err := fs.ReadDir(files, dir)
	must(err)
	var b bytes.Buffer
	for _, e := range entries {
		b.Write(read(path.Join(dir, e.Name())))
	}
	return tidy(b.Bytes(), dir == "css")
}

// tidy is a file without what only its readers want. A script that exports nothing is
// put into a block, in which all of its names can be short.
func tidy(text []byte, style bool) []byte {
	if !style {
		if !exports.Match(text) {
			text = slices.Concat([]byte("{\n"), text, []byte("\n}"))
		}
		var b bytes.Buffer
		must((&js.Minifier{Version: 2022}).Minify(nil, &b, bytes.NewReader(text), nil))
		return append(b.Bytes(), '\n')
	}
	text = indents.ReplaceAll(tight(comments.ReplaceAll(text, nil)), nil)
	return append(bytes.TrimSpace(blanks.ReplaceAll(text, []byte("\n"))), '\n')
}

// tight is a style sheet without the spaces that only its readers want; what stands
// in quotes stays as it is.
func tight(css []byte) (out []byte) {
	at := 0
	for _, q := range append(quotes.FindAllIndex(css, -1), []int{len(css), len(css)}) {
		part := around.ReplaceAll(css[at:q[0]], []byte("$1"))
		out = append(append(out, afterColon.ReplaceAll(part, []byte(":"))...), css[q[0]:q[1]]...)
		at = q[1]
	}
	return bytes.ReplaceAll(out, []byte(";}"), []byte("}"))
}

var (
	quotes     = regexp.MustCompile(`"[^"\n]*"|'[^'\n]*'`)
	around     = regexp.MustCompile(`\s*([{};,])\s*`)
	afterColon = regexp.MustCompile(`:\s+`)
)

// withURLs replaces asset:NAME by the address of NAME.
func withURLs(text []byte, names map[string]*file) []byte {
	return named.ReplaceAllFunc(text, func(m []byte) []byte {
		name := string(m[len("asset:"):])
		f, ok := names[name]
		if !ok {
			panic("assets: something names " + name + ", which is not there")
		}
		return []byte(f.url)
	})
}

func read(name string) []byte {
	b, err := files.ReadFile(name)
	must(err)
	return b
}

// must is for what is embedded: when that cannot be read, the binary is broken.
func must(err error) {
	if err != nil {
		panic("assets: " + err.Error())
	}
}
