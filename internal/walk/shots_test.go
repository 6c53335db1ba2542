package walk

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"tocsin/internal/advisory"
	"tocsin/internal/risk"
)

var update = flag.Bool("update", false, "make the pictures that the documentation shows, in docs/images")

// The moment at which the pictures are taken: a morning in the middle of a week.
var moment = time.Date(2026, 11, 25, 9, 40, 0, 0, time.UTC)

// shot is one picture of the documentation: somebody in front of a page.
type shot struct {
	name, as, path string
	part           string // the page is scrolled here; "" is its top
	views          []view
}

// TestShots takes every picture that the documentation shows from the demonstration, as
// it stands at one moment, with the same random numbers: what did not change looks the
// same. "make screenshots" calls it.
func TestShots(t *testing.T) {
	if !*update {
		return // nobody asked: make screenshots does
	}
	cryptotest.SetGlobalRandom(t, 1)
	var looks atomic.Int64
	p := startAt(t, func() time.Time { return moment.Add(time.Duration(looks.Add(1)) * time.Microsecond) })
	for more := true; more; { // what the workers would have done by then
		var err error
		more, err = p.house.Jobs.Step(p.inside())
		check(t, "work", err)
	}
	dir, err := filepath.Abs(filepath.Join("..", "..", "docs", "images"))
	check(t, "images", err)
	check(t, "images", os.MkdirAll(dir, 0o755))
	v := p.browser()
	v.run("a clock that stands", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf("{ const at = %d; Date.now = () => at }", moment.UnixMilli())})
		return err
	}))
	sum := 0
	for _, s := range p.shots() {
		v.as(s.as)
		for _, at := range s.views {
			b := v.shoot(s, at)
			file := s.name + map[bool]string{true: "-dark"}[at.dark] + map[bool]string{true: "-phone"}[at.width < 600] + ".png"
			check(t, file, os.WriteFile(filepath.Join(dir, file), b, 0o644))
			sum += len(b)
		}
	}
	if t.Logf("%d kB of pictures", sum>>10); sum > 4<<20 {
		t.Errorf("the pictures have %d kB, want at most 4 MB", sum>>10)
	}
}

// shots are all pictures, each of a record that is found.
func (p *place) shots() []shot {
	fork := "/cases/" + p.known("Builds of a fork see the secrets of the original")
	wide := []view{desk}
	return []shot{
		{"home", "ines", "/", "", []view{desk, night, phone}},
		{"tour", "ines", "/tour/2", "", wide},
		{"inbox", "ines", "/inbox", "", wide},
		{"cases", "ines", "/cases", "", wide},
		{"board", "ines", "/cases/board", "", wide},
		{"case", "priya", fork, "", []view{desk, night, phone}},
		{"score", "priya", fork + "?edit=score", "#score", wide},
		{"calculators", "priya", "/calculators?vector=CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:L/VA:N/SC:N/SI:N/SA:N", "", wide},
		{"advisory-draft", "helena", "/tour/4", "", wide},
		{"advisory", "helena", "/advisories/" + p.published(), "", wide},
		{"report", "helena", "/portal/report", "", wide},
		{"own", "helena", "/portal/r/" + p.people.Reporter, "", wide},
		{"register", "farida", "/register", "", wide},
		{"risk", "farida", "/risks/" + p.riskiest(), "", wide},
		{"recurrence", "farida", "/register/recurrence", "", wide},
		{"review", "farida", "/tour/6", "", wide},
		{"reports", "helena", "/reports", "", wide},
	}
}

// published is the name of the newest advisory that is out.
func (p *place) published() string {
	p.Helper()
	l, err := p.house.Advisories.List(p.inside(), advisory.Filter{Stage: "published"}, 1, "")
	check(p.T, "advisories", err)
	if len(l.Advisories) == 0 {
		p.Fatal("the demonstration has published nothing")
	}
	return l.Advisories[0].Name
}

// riskiest is the risk with the highest score.
func (p *place) riskiest() string {
	p.Helper()
	l, err := p.house.Risks.List(p.inside(), risk.Filter{State: "open"}, risk.Page{Limit: 1})
	check(p.T, "risks", err)
	return string(l.Risks[0].ID)
}

// shoot takes a picture, sharp on dense screens and small in bytes.
func (v *visitor) shoot(s shot, at view) []byte {
	v.Helper()
	scheme := "light"
	if at.dark {
		scheme = "dark"
	}
	v.run("view", chromedp.EmulateViewport(at.width, min(at.height, 800), chromedp.EmulateScale(1.5)), media(scheme))
	v.open(s.path)
	part := cmp.Or(s.part, "body")
	v.becomes(`document.fonts.status`, "loaded")
	v.becomes(`document.querySelectorAll("[data-load][aria-busy=true]").length`, "0")
	aside := ".demo, .offer, .tour" // of the demonstration, not of the page
	if s.name == "tour" {
		aside = ".demo"
	}
	js[bool](v, fmt.Sprintf(`(document.activeElement?.blur(), document.querySelectorAll(%s).forEach(e => e.remove()), document.querySelector(%s).scrollIntoView(), true)`, strconv.Quote(aside), strconv.Quote(part)))
	b, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	check(v.T, s.name, err)
	whole, err := png.Decode(bytes.NewReader(b))
	check(v.T, s.name, err)
	var out bytes.Buffer
	check(v.T, s.name, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, fewer(whole)))
	return out.Bytes()
}

// fewer is a picture in 256 colours: those that it has most of, and for each other the
// nearest of them. Pages have few colours; what is lost is in the edges of letters.
func fewer(in image.Image) *image.Paletted {
	r, counts := in.Bounds(), map[color.RGBA]int{}
	rgba := func(x, y int) color.RGBA { return color.RGBAModel.Convert(in.At(x, y)).(color.RGBA) }
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			counts[rgba(x, y)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range most[:min(len(most), 256)] {
		palette = append(palette, c)
	}
	out, place := image.NewPaletted(r, palette), map[color.RGBA]uint8{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := rgba(x, y)
			i, known := place[c]
			if !known {
				i = uint8(palette.Index(c))
				place[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
