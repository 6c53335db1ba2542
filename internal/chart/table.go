package chart

import (
	"slices"
	"strings"

	"tocsin/internal/locale"
)

// Table is what a picture shows, as rows for people and programs that read.
type Table struct {
	Caption string
	Columns []Column
	Rows    []Row
	Notes   []string // what stands below it: what is not counted, what is not shown
}

// Column is a column of a Table; those of numbers are set to the right.
type Column struct {
	Name   string
	Number bool
}

// Row is a row of a Table; Href leads to what it is about, where that is one thing.
// Links lead from its cells to what is counted in them.
type Row struct {
	Cells []string
	Href  string
	Links map[int]string
}

// columns makes columns of names; a name that begins with # is one of numbers.
func columns(names ...string) []Column {
	all := make([]Column, len(names))
	for i, n := range names {
		if n[0] == '#' {
			all[i] = Column{Name: n[1:], Number: true}
		} else {
			all[i] = Column{Name: n}
		}
	}
	return all
}

// row adds a row, cleaned.
func (t *Table) row(href string, cells ...string) {
	for i, c := range cells {
		cells[i] = cleanTo(c, longestCell)
	}
	if !leads(href) {
		href = ""
	}
	t.Rows = append(t.Rows, Row{Cells: cells, Href: href})
}

// link leads from a cell of the newest row to what is counted in it; a cell that counts
// nothing leads nowhere.
func (t *Table) link(cell, count int, href string) {
	if count == 0 || href == "" || !leads(href) {
		return
	}
	r := &t.Rows[len(t.Rows)-1]
	if r.Links == nil {
		r.Links = map[int]string{}
	}
	r.Links[cell] = href
}

// sorted is a sorted copy.
func sorted[T any](all []T, before func(a, b T) bool) []T {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b T) int {
		switch {
		case before(a, b):
			return -1
		case before(b, a):
			return 1
		}
		return 0
	})
	return all
}

// list joins names, and says how many more there are than most.
func list(reads *locale.Reader, names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + reads.Number(len(names)-most) + " more"
}
