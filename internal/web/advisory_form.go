package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/score/cvss"
	"tocsin/internal/score/cwe"
)

// docForm is a Document as the fields of its editor, by name: "title",
// "vulns.0.affected.1.status". A row of a list has a field "was" with the place
// that it has in the stored Document, so that what the editor does not show is
// kept; "was" of a new row is empty.
type docForm struct{ url.Values }

// The lists of the form, and those inside a vulnerability.
var (
	docLists  = []string{"notes", "products", "vulns", "references", "credits"}
	vulnLists = []string{"scores", "affected", "remediations", "references", "credits"}
)

// rows lists the rows of a list by the beginning of their names: "products.0".
func (f docForm) rows(list string) []string {
	var at []int
	for name := range f.Values {
		rest, ok := strings.CutPrefix(name, list+".")
		if n, found := strings.CutSuffix(rest, ".was"); ok && found {
			if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < 10000 {
				at = append(at, i)
			}
		}
	}
	slices.Sort(at)
	out := make([]string, len(at))
	for i, n := range at {
		out[i] = fmt.Sprintf("%s.%d", list, n)
	}
	return out
}

// rowNumber is where the row stands in its list: 1, 2, 3.
func rowNumber(at string) string {
	n, err := strconv.Atoi(at[strings.LastIndexByte(at, '.')+1:])
	if err != nil {
		return "?"
	}
	return strconv.Itoa(n + 1)
}

// add puts an empty row at the end of a list and returns its name.
func (f docForm) add(list string) string {
	at := fmt.Sprintf("%s.%d", list, len(f.rows(list)))
	f.Set(at+".was", "")
	switch {
	case list == "products":
		f.Set(at+".id", f.freeID())
	case list == "vulns":
		f.add(at + ".affected")
	case strings.HasSuffix(list, ".affected") && len(f.rows("products")) == 1:
		f.Set(at+".product", f.Get(f.rows("products")[0]+".id"))
	}
	return at
}

// freeID is a product id that no product has.
func (f docForm) freeID() string {
	used := map[string]bool{}
	for _, at := range f.rows("products") {
		used[f.Get(at+".id")] = true
	}
	for n := len(used) + 1; ; n++ {
		if id := fmt.Sprintf("product-%d", n); !used[id] {
			return id
		}
	}
}

// drop takes a row away, with all that is in it.
func (f docForm) drop(at string) {
	for name := range f.Values {
		if strings.HasPrefix(name, at+".") {
			f.Del(name)
		}
	}
	f.tidy(false)
}

// tidy counts the rows of every list from 0; prune leaves out new rows into which
// nothing was written.
func (f docForm) tidy(prune bool) {
	for _, list := range docLists {
		f.count(list, prune)
	}
	for _, at := range f.rows("vulns") {
		for _, list := range vulnLists {
			f.count(at+"."+list, prune)
		}
	}
}

func (f docForm) count(list string, prune bool) {
	next := 0
	for _, at := range f.rows(list) {
		to := fmt.Sprintf("%s.%d", list, next)
		if keep := !prune || !f.blank(at); keep {
			next++
		} else {
			to = ""
		}
		f.move(at, to)
	}
}

// move renames all fields of a row; to no name, it takes them away.
func (f docForm) move(at, to string) {
	if at == to {
		return
	}
	for name, v := range f.Values {
		if rest, ok := strings.CutPrefix(name, at+"."); ok {
			f.Del(name)
			if to != "" {
				f.Values[to+"."+rest] = v
			}
		}
	}
}

// blank reports whether a row is new and nobody has written into it.
func (f docForm) blank(at string) bool {
	for name, v := range f.Values {
		rest, ok := strings.CutPrefix(name, at+".")
		given := rest == "id" || rest == "product" // the form fills these in itself
		if ok && !given && strings.Join(v, "") != "" {
			return false
		}
	}
	return true
}

// fillDoc returns the form of a Document; summary is what its next revision changes.
func fillDoc(d advisory.Document, summary string) docForm {
	f := docForm{url.Values{}}
	f.Set("title", d.Title)
	f.Set("summary", d.Summary)
	f.Set("severity", d.Severity)
	f.Set("tlp", d.TLP)
	f.Set("revision", summary)
	for i, n := range d.Notes {
		f.put(fmt.Sprintf("notes.%d", i), i, "category", n.Category, "title", n.Title, "text", n.Text)
	}
	for i, p := range d.Products {
		f.put(fmt.Sprintf("products.%d", i), i, "id", p.ID, "vendor", p.Vendor, "name", p.Name, "platform", p.Platform,
			"ecosystem", p.Ecosystem, "package", p.Package, "purl", p.PURL)
	}
	for i, v := range d.Vulns {
		f.fillVuln(fmt.Sprintf("vulns.%d", i), i, v)
	}
	f.fillLinks("", d.References, d.Credits)
	return f
}

func (f docForm) put(at string, was int, pairs ...string) {
	f.Set(at+".was", strconv.Itoa(was))
	for i := 0; i < len(pairs); i += 2 {
		f.Set(at+"."+pairs[i], pairs[i+1])
	}
}

func (f docForm) fillVuln(at string, i int, v advisory.Vuln) {
	var ids []string
	for _, w := range v.CWEs {
		if w.ID != "" {
			ids = append(ids, w.ID)
		}
	}
	f.put(at, i, "cve", v.CVE, "title", v.Title, "description", v.Description, "cwes", strings.Join(ids, ", "))
	for j, s := range v.Scores {
		f.put(fmt.Sprintf("%s.scores.%d", at, j), j, "vector", s.Vector)
	}
	for j, a := range v.Affected {
		f.put(fmt.Sprintf("%s.affected.%d", at, j), j, "product", a.Product, "status", string(a.Status), "ranges", rangeLines(a.Ranges),
			"versions", strings.Join(a.Versions, ", "), "justification", a.Justification, "impact", a.Impact)
	}
	for j, x := range v.Remediations {
		f.put(fmt.Sprintf("%s.remediations.%d", at, j), j, "category", x.Category, "details", x.Details, "url", x.URL, "date", dateField(x.Date))
	}
	f.fillLinks(at+".", v.References, v.Credits)
}

func (f docForm) fillLinks(at string, refs []advisory.Reference, credits []advisory.Credit) {
	for j, x := range refs {
		f.put(fmt.Sprintf("%sreferences.%d", at, j), j, "url", x.URL, "summary", x.Summary, "category", x.Category)
	}
	for j, x := range credits {
		f.put(fmt.Sprintf("%scredits.%d", at, j), j, "name", x.Name, "organization", x.Organization, "role", x.Role, "contact", strings.Join(x.Contact, " "))
	}
}

func rangeLines(rs []advisory.Range) string {
	var lines []string
	for _, r := range rs {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

func dateField(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// docReader reads a form over the Document that it was filled from.
type docReader struct {
	docForm
	wrong fault.Fields
}

// read returns the Document that the form says, and what of it cannot be read.
func (f docForm) read(was advisory.Document) (advisory.Document, error) {
	r, d := &docReader{docForm: f}, was
	d.Title, d.Summary, d.Severity, d.TLP = r.text("title"), r.text("summary"), r.text("severity"), r.text("tlp")
	d.Notes = readRows(r, "notes", was.Notes, (*docReader).note)
	d.Products = readRows(r, "products", was.Products, (*docReader).product)
	d.Vulns = readRows(r, "vulns", was.Vulns, (*docReader).vuln)
	d.References = readRows(r, "references", was.References, (*docReader).reference)
	d.Credits = readRows(r, "credits", was.Credits, (*docReader).credit)
	follow(d, was)
	return d, r.wrong.Err()
}

// follow lets the summary note and the descriptions that said the same as the
// summary say the same as the new one, so that no form goes out with the old words.
func follow(d, was advisory.Document) {
	if was.Summary == "" || d.Summary == was.Summary {
		return
	}
	for i := range d.Notes {
		if d.Notes[i].Category == "summary" && d.Notes[i].Text == was.Summary {
			d.Notes[i].Text = d.Summary
		}
	}
	for i := range d.Vulns {
		if d.Vulns[i].Description == was.Summary {
			d.Vulns[i].Description = d.Summary
		}
	}
}

// readRows reads the rows of a list, each over what the row was.
func readRows[T any](r *docReader, list string, was []T, one func(*docReader, string, T) T) (out []T) {
	for _, at := range r.rows(list) {
		var x T
		if i, err := strconv.Atoi(r.Get(at + ".was")); err == nil && i >= 0 && i < len(was) {
			x = was[i]
		}
		out = append(out, one(r, at, x))
	}
	return out
}

// text is a field's text, with line ends as Documents have them.
func (r *docReader) text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.Get(name), "\r\n", "\n"))
}

func (r *docReader) note(at string, n advisory.Note) advisory.Note {
	n.Category, n.Title, n.Text = r.text(at+".category"), r.text(at+".title"), r.text(at+".text")
	if n.Category == "" {
		r.wrong.Add(at+".category", "say what the note is: a summary, a description …")
	}
	return n
}

func (r *docReader) product(at string, p advisory.Product) advisory.Product {
	p.ID, p.Vendor, p.Name, p.Platform = r.text(at+".id"), r.text(at+".vendor"), r.text(at+".name"), r.text(at+".platform")
	p.Ecosystem, p.Package, p.PURL = r.text(at+".ecosystem"), r.text(at+".package"), r.text(at+".purl")
	if p.Name == "" && p.Package == "" {
		r.wrong.Add(at+".name", "a product needs a name, or take the row away")
	}
	return p
}

func (r *docReader) vuln(at string, v advisory.Vuln) advisory.Vuln {
	v.CVE, v.Title, v.Description = strings.ToUpper(r.text(at+".cve")), r.text(at+".title"), r.text(at+".description")
	v.CWEs = r.weaknesses(at+".cwes", v.CWEs)
	v.Scores = readRows(r, at+".scores", v.Scores, (*docReader).score)
	v.Affected = readRows(r, at+".affected", v.Affected, (*docReader).affected)
	v.Remediations = readRows(r, at+".remediations", v.Remediations, (*docReader).remediation)
	v.References = readRows(r, at+".references", v.References, (*docReader).reference)
	v.Credits = readRows(r, at+".credits", v.Credits, (*docReader).credit)
	return v
}

// weaknesses reads a list of CWE IDs; what was there without a number stays.
func (r *docReader) weaknesses(name string, was []advisory.CWE) (out []advisory.CWE) {
	for _, word := range wordList(r.text(name)) {
		id := "CWE-" + strings.TrimPrefix(strings.ToUpper(word), "CWE-")
		i := slices.IndexFunc(was, func(w advisory.CWE) bool { return w.ID == id })
		w, known := cwe.Get(id)
		switch {
		case i >= 0:
			out = append(out, was[i])
		case known:
			out = append(out, advisory.CWE{ID: id, Name: w.Name})
		default:
			r.wrong.Add(name, "%q is no weakness of the CWE list; write numbers like CWE-79, with commas between", word)
		}
	}
	for _, w := range was {
		if w.ID == "" {
			out = append(out, w)
		}
	}
	return out
}

// wordList splits a list that people write with commas, blanks or lines.
func wordList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\t' })
}

func (r *docReader) score(at string, s advisory.Score) advisory.Score {
	text := r.text(at + ".vector")
	if text == s.Vector && text != "" {
		return s
	}
	vec, err := cvss.Parse(text)
	if err != nil {
		r.wrong.Add(at+".vector", "%s", fault.Of(err).Says)
		return s
	}
	sc := vec.Score()
	s.Version, s.Vector, s.Base, s.Severity = sc.Version, vec.String(), sc.Base, sc.Severity
	return s
}

func (r *docReader) affected(at string, a advisory.Affected) advisory.Affected {
	a.Product, a.Status = r.text(at+".product"), advisory.Status(r.text(at+".status"))
	a.Justification, a.Impact = r.text(at+".justification"), r.text(at+".impact")
	if a.Product == "" {
		r.wrong.Add(at+".product", "say which product it is, or take the row away")
	}
	if a.Status == "" {
		r.wrong.Add(at+".status", "say where the product stands")
	}
	a.Ranges = r.ranges(at+".ranges", a.Ranges)
	a.Versions = nil
	for _, v := range strings.FieldsFunc(r.text(at+".versions"), func(c rune) bool { return c == ',' || c == '\n' }) {
		if v = strings.TrimSpace(v); v != "" {
			a.Versions = append(a.Versions, v)
		}
	}
	return a
}

// ranges reads one range a line; a line that says what a range said before is
// that range, with its type and repository.
func (r *docReader) ranges(name string, was []advisory.Range) (out []advisory.Range) {
	for line := range strings.SplitSeq(r.text(name), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if i := slices.IndexFunc(was, func(x advisory.Range) bool { return x.String() == line }); i >= 0 {
			out = append(out, was[i])
			continue
		}
		x, ok := advisory.ReadRange(line)
		if err := x.Sound(); !ok || err != nil {
			r.wrong.Add(name, "%s", rangeSays(line, ok, err))
		}
		if x.Bounded() {
			x.Raw = ""
		}
		if len(was) > 0 {
			x.Type, x.Repo = was[0].Type, was[0].Repo
		}
		out = append(out, x)
	}
	return out
}

func rangeSays(line string, read bool, err error) string {
	if !read {
		return fmt.Sprintf("%q is no range of versions; write one a line, like >= 1.0, < 1.2 or <= 3.4 or before 2.0, or * for every version", line)
	}
	return fault.Of(err).Says
}

func (r *docReader) remediation(at string, x advisory.Remediation) advisory.Remediation {
	x.Category, x.Details, x.URL = r.text(at+".category"), r.text(at+".details"), r.text(at+".url")
	if x.Category == "" {
		r.wrong.Add(at+".category", "say what kind of remedy it is")
	}
	r.link(at+".url", x.URL)
	if day := r.text(at + ".date"); day != dateField(x.Date) {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil && day != "" {
			r.wrong.Add(at+".date", "%q is no date; write it like 2026-12-17", day)
		}
		x.Date = t
	}
	return x
}

func (r *docReader) link(name, address string) {
	if address != "" && !advisory.IsWebURL(address) {
		r.wrong.Add(name, "the link must be an address that starts with https:// or http://")
	}
}

func (r *docReader) reference(at string, x advisory.Reference) advisory.Reference {
	x.URL, x.Summary, x.Category = r.text(at+".url"), r.text(at+".summary"), r.text(at+".category")
	if x.URL == "" {
		r.wrong.Add(at+".url", "a reference needs its address, or take the row away")
	}
	r.link(at+".url", x.URL)
	return x
}

func (r *docReader) credit(at string, x advisory.Credit) advisory.Credit {
	x.Name, x.Organization, x.Role = r.text(at+".name"), r.text(at+".organization"), r.text(at+".role")
	if x.Name == "" && x.Organization == "" {
		r.wrong.Add(at+".name", "a credit needs a name, or take the row away")
	}
	x.Contact = nil
	for _, c := range wordList(r.text(at + ".contact")) {
		r.link(at+".contact", c)
		x.Contact = append(x.Contact, c)
	}
	return x
}
