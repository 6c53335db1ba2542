package ui

import (
	"context"

	"tocsin/internal/locale"
)

// Reader is whom a page is rendered for: everything on it that is a moment, a day or
// a number is written by them. See package locale.
type Reader = locale.Reader

type readerKey struct{}

// Read returns a context in which pages are rendered for r.
func Read(ctx context.Context, r *Reader) context.Context {
	return context.WithValue(ctx, readerKey{}, r)
}

// ReaderOf returns whom a page is rendered for; nil, which reads in UTC, where
// nobody said.
func ReaderOf(ctx context.Context) *Reader {
	r, _ := ctx.Value(readerKey{}).(*Reader)
	return r
}
