package web

import (
	"bytes"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/exchange"
	"tocsin/internal/fault"
	"tocsin/internal/web/ui"
)

// importMap keeps how the columns of a file are read, under a name, and tries the file so.
func importMap(w *Web, r *http.Request) (Answer, error) {
	return w.withKept(r, func(p *ImportPage, file []byte) error {
		m, err := p.mapped(r)
		if err != nil {
			return err
		}
		if err := w.Exchange.SaveMapping(r.Context(), m); err != nil {
			return err
		}
		if p.Mappings, err = w.Exchange.Mappings(r.Context()); err != nil {
			return err
		}
		p.Mapping = m.Name
		p.heads(file)
		p.Report, err = w.bringIn(r, *p, file, true)
		return err
	})
}

// format is that of the file, by its name.
func (p ImportPage) format() string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(p.Name), "."))
}

// chosen is the mapping that was chosen; nil is none.
func (p ImportPage) chosen() *exchange.Mapping {
	i := slices.IndexFunc(p.Mappings, func(m exchange.Mapping) bool { return m.Name == p.Mapping })
	if i < 0 {
		return nil
	}
	return &p.Mappings[i]
}

// heads reads the columns of the file.
func (p *ImportPage) heads(file []byte) {
	p.Heads = exchange.Heads(p.format(), bytes.NewReader(file), p.chosen())
	if m := p.chosen(); m != nil && !m.Shipped {
		p.Called = m.Title
	}
}

// asked is what is wrong, with a question for each column that nobody knows instead of
// all columns that there are.
func (p ImportPage) asked(f *fault.Fault) *fault.Fault {
	if len(p.Heads) == 0 || ui.ErrorFor(f, "columns") == "" {
		return f
	}
	out := &fault.Fault{Kind: f.Kind, Says: "the table has columns that nobody here knows; choose below what each of them is"}
	for i, h := range p.Heads {
		if h.Ours == "" {
			out.Fields = append(out.Fields, fault.Field{Name: columnField(i), Says: "what is “" + h.Theirs + "”? Choose a column, or that it is not read"})
		}
	}
	return out
}

// columnField is the field that says what a column is.
func columnField(i int) string { return "column-" + strconv.Itoa(i) }

// mapped is the mapping that was put together on the page: what was chosen for each
// column, over the mapping that the file was tried with.
func (p *ImportPage) mapped(r *http.Request) (exchange.Mapping, error) {
	m := exchange.Mapping{Columns: map[string]string{}}
	if base := p.chosen(); base != nil {
		m = *base
		m.Columns, m.Note = maps.Clone(base.Columns), ""
	}
	var wrong fault.Fields
	for i := range p.Heads {
		h := &p.Heads[i]
		h.Ours = r.PostFormValue(columnField(i))
		if h.Ours == "" {
			wrong.Add(columnField(i), "nobody has said what “%s” is; choose a column, or that it is not read", h.Theirs)
		}
		m.Columns[h.Theirs] = h.Ours
	}
	p.Called = strings.TrimSpace(r.PostFormValue("called"))
	m.Title, m.Name = p.Called, exchange.MappingName(p.Called)
	if m.Name == "" {
		wrong.Add("called", "the columns are kept under a name, such as Old sheet; write one with a letter from a to z in it")
	}
	if slices.ContainsFunc(p.Mappings, func(o exchange.Mapping) bool { return o.Name == m.Name && (o.Shipped || o.Name != p.Mapping) }) {
		wrong.Add("called", "“%s” is kept already; choose it under Columns and try the file again, or write another name", m.Title)
	}
	return m, wrong.Err()
}

// targets are what a column may be read as.
func (p ImportPage) targets() (out []ui.Option) {
	for _, t := range exchange.Targets() {
		out = append(out, ui.Option{Value: t.Name, Text: t.Name + " · " + t.About})
	}
	return out
}

// unread tells whether some column is not known yet, or its choice was wrong.
func (p ImportPage) unread() bool {
	return p.Report == nil || slices.ContainsFunc(p.Heads, func(h exchange.Head) bool { return h.Ours == "" })
}
