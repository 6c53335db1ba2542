// Package union reads several kinds of rows in one statement: each kind says its own
// columns and scans them into its own types, and what the engine needs for it, columns
// that fit each other, nobody sees. Packages whose pages show much of one record read
// it so. It is not for rows of one kind: those are gate.All's.
package union

import (
	"strings"

	"tocsin/internal/gate"
)

// Columns are the columns of a kind, in the order in which its rows are scanned. A
// column is text; one that begins with "#" is a whole number, for numbers, moments and
// booleans, which the text makes numbers of.
type Columns []string

// Text is the columns as a statement of this kind alone lists them.
func (c Columns) Text() string { return strings.ReplaceAll(strings.Join(c, ", "), "#", "") }

// Kind is one kind of rows.
type Kind struct {
	Columns Columns
	From    string // all that stands behind the columns: from, where, order, limit
	Scan    func(row func(...any) error) error
}

// Read reads the rows of every kind. Which kind comes first, and the order within one,
// is the engine's: whoever wants an order sorts.
func Read(v *gate.View, kinds []Kind, args ...any) error {
	_, err := gate.All(v, func(row func(...any) error) (struct{}, error) {
		var kind int
		if err := row(blank(kinds, &kind)...); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, kinds[kind].Scan(func(to ...any) error { return row(laid(kinds, kind, to)...) })
	}, text(kinds), args...)
	return err
}

// width is how many numbers and how many texts a row has: as many as the widest kind
// of each.
func width(kinds []Kind) (numbers, texts int) {
	for _, k := range kinds {
		n := 0
		for _, c := range k.Columns {
			if number(c) {
				n++
			}
		}
		numbers, texts = max(numbers, n), max(texts, len(k.Columns)-n)
	}
	return numbers, texts
}

func number(column string) bool { return strings.HasPrefix(column, "#") }

// blank are the places of a row of which only the kind is wanted.
func blank(kinds []Kind, kind *int) []any {
	numbers, texts := width(kinds)
	out := []any{kind}
	for range numbers + texts {
		out = append(out, new(any))
	}
	return out
}

// laid puts the places that a kind scans into where the row has its columns: the
// numbers first, then the texts.
func laid(kinds []Kind, kind int, to []any) []any {
	numbers, _ := width(kinds)
	out := blank(kinds, new(int))
	n, t := 1, 1+numbers
	for i, c := range kinds[kind].Columns {
		at := &t
		if number(c) {
			at = &n
		}
		out[*at] = to[i]
		*at++
	}
	return out
}
