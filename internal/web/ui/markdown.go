package ui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"

	"github.com/a-h/templ"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// MarkdownLimit is the longest text that Markdown formats, in bytes. A longer
// one is shown as it was written.
const MarkdownLimit = 256 << 10

// Markdown shows src, GitHub's flavour of Markdown, as sanitised HTML. Raw HTML is
// shown as it was written, because reports quote it as evidence; a picture becomes a link to it, so that reading never tells a
// stranger's server; links open with rel="nofollow noopener noreferrer" and only
// to http, https and mailto; headings begin below the page's own.
func Markdown(src string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		safe, err := MarkdownHTML(src)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, `<div class="md">%s</div>`, safe)
		return err
	})
}

// MarkdownHTML returns what Markdown shows, for callers that keep it or put it
// into a feed.
func MarkdownHTML(src string) (string, error) {
	return render(src, converter, sanitizer)
}

func render(src string, with func() goldmark.Markdown, clean func() *bluemonday.Policy) (string, error) {
	src = Visible(src)
	if len(src) > MarkdownLimit {
		return "<pre>" + templ.EscapeString(src) + "</pre>", nil
	}
	var b bytes.Buffer
	if err := with().Convert([]byte(src), &b); err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return clean().Sanitize(b.String()), nil
}

// Notes shows what Markdown shows, and the pictures that are files of a record of
// this house in their place: the browser asks for each, and gets it only for who may
// see the record. A picture from elsewhere is a link.
func Notes(src string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		safe, err := render(src, pictured, picturing)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, `<div class="md">%s</div>`, safe)
		return err
	})
}

// ownPicture is the address of a file of a record of this house.
var ownPicture = regexp.MustCompile(`^/(cases|risks|observations)/[A-Z]+-[0-9A-Z]{8}/files/file-[0-9A-Z]{16}$`)

// shown is ownPicture as it is asked for.
var shown = regexp.MustCompile(`^/(cases|risks|observations)/[A-Z]+-[0-9A-Z]{8}/files/file-[0-9A-Z]{16}\?show$`)

var converter = sync.OnceValue(func() goldmark.Markdown { return converterWith(tame{}) })

var pictured = sync.OnceValue(func() goldmark.Markdown { return converterWith(tame{own: true}) })

func converterWith(t tame) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
			parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		)),
		goldmark.WithExtensions(
			extension.Linkify, extension.Strikethrough, extension.TaskList,
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
		),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(t, 500))),
	)
}

// without returns the parsers but the one.
func without(parsers []util.PrioritizedValue, one any) []util.PrioritizedValue {
	return slices.DeleteFunc(parsers, func(p util.PrioritizedValue) bool { return p.Value == one })
}

var sanitizer = sync.OnceValue(policy)

func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr",
		"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^\d{1,9}$`)).OnElements("ol")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(false)
	return p
}

var picturing = sync.OnceValue(func() *bluemonday.Policy {
	p := policy()
	p.AllowAttrs("src").Matching(shown).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowRelativeURLs(true) // of links, too: within this house
	return p
})

// tame turns pictures into links and lowers headings below h2. own leaves pictures of
// this house where they are.
type tame struct{ own bool }

func (t tame) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker below never fails
		switch n := n.(type) {
		case *ast.Heading:
			if entering {
				n.Level = min(n.Level+2, 6)
			}
		case *ast.Image:
			if entering {
				pictures = append(pictures, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, img := range pictures {
		if t.own && ownPicture.Match(img.Destination) {
			img.Destination = append(img.Destination, "?show"...)
			continue
		}
		linkTo(img)
	}
}

// linkTo replaces a picture by a link with the picture's text, or its address.
func linkTo(img *ast.Image) {
	link := ast.NewLink()
	link.Destination = img.Destination
	link.AppendChild(link, ast.NewString([]byte("picture: ")))
	if !img.HasChildren() {
		link.AppendChild(link, ast.NewString(img.Destination))
	}
	for c := img.FirstChild(); c != nil; {
		next := c.NextSibling()
		link.AppendChild(link, c)
		c = next
	}
	img.Parent().ReplaceChild(img.Parent(), img, link)
}
