package web

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/kri"
	"tocsin/internal/profile"
	"tocsin/internal/ref"
	"tocsin/internal/score/riskscore"
	"tocsin/internal/web/ui"
)

// optional reads a number that may be left out.
func optional(fs *fault.Fields, r *http.Request, name string) *float64 {
	s := strings.TrimSpace(r.PostFormValue(name))
	if s == "" {
		return nil
	}
	x, err := visitOf(r).reads.Parse(s)
	if err != nil {
		fs.Add(name, "%s", err)
		return nil
	}
	return &x
}

// whole reads a whole number; an empty field is 0.
func whole(fs *fault.Fields, r *http.Request, name string) int {
	s := strings.TrimSpace(r.PostFormValue(name))
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		fs.Add(name, "“%s” is no whole number; write it like 12", s)
	}
	return n
}

// fieldsOf gives the fields of a fault the names that they have in a form: prefix in
// place of cut.
func fieldsOf(err error, cut, prefix string) error {
	f, ok := formFault(err)
	if !ok {
		return err
	}
	out := *f
	out.Fields = append(fault.Fields{}, f.Fields...)
	for i := range out.Fields {
		out.Fields[i].Name = prefix + strings.TrimPrefix(out.Fields[i].Name, cut)
	}
	return &out
}

// sentKRI reads the form of an indicator.
func sentKRI(r *http.Request) (kri.Opening, error) {
	var fs fault.Fields
	v := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	bands := profile.Bands{Green: optional(&fs, r, "bands.green"), Yellow: optional(&fs, r, "bands.yellow"), GreenRate: optional(&fs, r, "bands.green_rate"),
		YellowRate: optional(&fs, r, "bands.yellow_rate"), Strict: v("bands.strict") != ""}
	o := kri.Opening{Title: v("title"), Kind: v("kind"), About: v("about"), Unit: v("unit"), Better: v("better"), Baseline: optional(&fs, r, "baseline"), Target: optional(&fs, r, "target"),
		Bands: &bands, Cadence: whole(&fs, r, "cadence_days"), StaleDays: whole(&fs, r, "stale_days"), Factor: v("factor"), How: v("how"), Owner: ref.ID(v("owner")),
		Start: *sentMoment(&fs, r, "start"), NextExposure: optional(&fs, r, "next_exposure"), Periods: whole(&fs, r, "periods")}
	if v("query.measure") != "" {
		o.Query = &kri.Query{Measure: v("query.measure"), Product: v("query.product"), Component: v("query.component"), CWE: weaknessOf(v("query.cwe")), Severity: v("query.severity")}
	}
	return o, fs.Err()
}

// setBands puts limits into a form.
func setBands(reads *ui.Reader, form url.Values, b profile.Bands) {
	for name, x := range map[string]*float64{"bands.green": b.Green, "bands.yellow": b.Yellow, "bands.green_rate": b.GreenRate, "bands.yellow_rate": b.YellowRate} {
		form.Set(name, plainNumber(reads, x))
	}
	if b.Strict {
		form.Set("bands.strict", "yes")
	}
}

// plainNumber writes a number as a field takes it, "" for none.
func plainNumber(reads *ui.Reader, x *float64) string {
	if x == nil {
		return ""
	}
	return reads.Typed(*x)
}

// form is the indicator as its form shows it.
func (p KRIPage) form() url.Values {
	if p.On == "edit" && p.Form != nil {
		return p.Form
	}
	f := url.Values{"title": {p.Title}, "kind": {p.Kind}, "about": {p.About}, "unit": {p.Unit}, "better": {p.Better}, "baseline": {plainNumber(p.Head.Reads, p.Baseline)}, "target": {plainNumber(p.Head.Reads, p.Target)},
		"cadence_days": {strconv.Itoa(p.Cadence)}, "stale_days": {strconv.Itoa(p.StaleDays)}, "factor": {p.Factor}, "how": {p.How}, "owner": {string(p.Owner)},
		"next_exposure": {plainNumber(p.Head.Reads, p.NextExposure)}, "periods": {strconv.Itoa(p.Periods)}}
	if !p.Start.IsZero() {
		f.Set("start", p.Start.Format("2006-01-02"))
	}
	setBands(p.Head.Reads, f, p.Bands)
	if q := p.Query; q != nil {
		for name, s := range map[string]string{"measure": q.Measure, "product": q.Product, "component": q.Component, "cwe": q.CWE, "severity": q.Severity} {
			f.Set("query."+name, s)
		}
	}
	return f
}

func kriEdit(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	o, err := sentKRI(r)
	if err != nil {
		return w.kriAgain(r, "edit", w.afterFirst(r, kri.VerbEdit, id, err))
	}
	patch := kri.Patch{Version: rowVersion(r), Title: &o.Title, About: &o.About, Unit: &o.Unit, Better: &o.Better, Baseline: o.Baseline, Target: o.Target, Bands: o.Bands,
		Cadence: &o.Cadence, StaleDays: &o.StaleDays, Factor: &o.Factor, How: &o.How, Owner: &o.Owner, Start: &o.Start, Query: o.Query, NextExposure: o.NextExposure, Periods: &o.Periods}
	for name, gone := range map[string]bool{"baseline": o.Baseline == nil, "target": o.Target == nil, "next_exposure": o.NextExposure == nil, "query": o.Query == nil} {
		if gone {
			patch.Clear = append(patch.Clear, name)
		}
	}
	if err := w.KRIs.Edit(r.Context(), id, patch); err != nil {
		return w.kriAgain(r, "edit", err)
	}
	return lead(kriAddress(id), "saved")
}

func kriRecord(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	var fs fault.Fields
	x := kri.Point{At: *sentMoment(&fs, r, "record.at"), Note: r.PostFormValue("record.note"), Exposure: optional(&fs, r, "record.exposure")}
	if v := optional(&fs, r, "record.value"); v != nil {
		x.Value = *v
	} else if len(fs) == 0 {
		fs.Add("record.value", "say the value; a period without any event has the value 0")
	}
	if err := fs.Err(); err != nil {
		return w.kriAgain(r, "record", w.afterFirst(r, kri.VerbRecord, id, err))
	}
	_, err := w.KRIs.Record(once(r), id, kri.Manual, x)
	if err = unlessSent(err); err != nil {
		return w.kriAgain(r, "record", fieldsOf(err, "points.0.", "record."))
	}
	w.Jobs.Wake()
	return lead(kriAddress(id), "recorded")
}

// kriImport records the values of a file, or tells what that would do. What a file
// held comes back as text, so that it need not be chosen again.
func kriImport(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	if err := w.asks(r, kri.VerbRecord, id); err != nil {
		return Answer{}, err
	}
	text := r.PostFormValue("import.text")
	if f, _, err := r.FormFile("import.file"); err == nil {
		b, err := io.ReadAll(f)
		f.Close()
		if err == nil && len(b) > 0 {
			text = string(b)
		}
	}
	if r.PostForm == nil {
		r.PostForm = url.Values{}
	}
	r.PostForm.Set("import.text", text)
	dry := r.PostFormValue("do") != "record"
	got, err := w.KRIs.Import(r.Context(), id, strings.NewReader(text), dry)
	if err != nil {
		return w.kriAgain(r, "import", fieldsOf(err, "", "import."))
	}
	if !dry && len(got.Errors) == 0 {
		w.Jobs.Wake()
		return lead(kriAddress(id), "recorded")
	}
	p, err := w.readKRI(r)
	if err != nil {
		return Answer{}, err
	}
	p.On, p.Form, p.Tried = "import", r.PostForm, &got
	status := http.StatusOK
	if len(got.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return show(status, kriPageView(p))
}

func kriDraw(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	var fs fault.Fields
	d := kri.Drawing{N: whole(&fs, r, "draw.n")}
	if s := strings.TrimSpace(r.PostFormValue("draw.seed")); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			fs.Add("draw.seed", "“%s” is no seed; write a whole number, or leave it empty and one is drawn", s)
		}
		d.Seed = seed
	}
	if d.Frame = lines(r.PostFormValue("draw.frame")); r.PostFormValue("draw.strata") != "" {
		d.Frame, d.Strata = nil, strata(&fs, d.Frame)
	}
	if err := fs.Err(); err != nil {
		return w.kriAgain(r, "draw", w.afterFirst(r, kri.VerbRecord, id, err))
	}
	if err := w.asks(r, kri.VerbRecord, id); err != nil {
		return Answer{}, err
	}
	if _, err := w.KRIs.Draw(r.Context(), id, d); err != nil {
		return w.kriAgain(r, "draw", fieldsOf(err, "", "draw."))
	}
	return lead(kriAddress(id)+"#samples", "drawn")
}

// strata reads lines that begin with their stratum and a semicolon.
func strata(fs *fault.Fields, members []string) (out []riskscore.Stratum) {
	at := map[string]int{}
	for i, line := range members {
		name, member, ok := strings.Cut(line, ";")
		if !ok {
			fs.Add("draw.frame", "line %d names no stratum; write the stratum, a semicolon, and the member", i+1)
			return nil
		}
		name = strings.TrimSpace(name)
		if _, known := at[name]; !known {
			at[name] = len(out)
			out = append(out, riskscore.Stratum{Name: name})
		}
		s := &out[at[name]]
		s.Frame = append(s.Frame, strings.TrimSpace(member))
	}
	return out
}

func kriResults(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	if err := w.asks(r, kri.VerbRecord, id); err != nil {
		return Answer{}, err
	}
	var found []kri.Result
	for i := 0; r.PostForm.Has("id." + strconv.Itoa(i)); i++ {
		at := strconv.Itoa(i)
		if word := r.PostFormValue("found." + at); word != "" {
			found = append(found, kri.Result{ID: r.PostFormValue("id." + at), Bad: word == "bad", Note: r.PostFormValue("note." + at)})
		}
	}
	got, err := w.KRIs.Results(r.Context(), ref.ID(r.PostFormValue("sample")), found)
	if err != nil {
		return w.kriAgain(r, "results", err)
	}
	if got.New+got.Changed == 0 {
		return lead(kriAddress(id)+"#samples", "saved")
	}
	w.Jobs.Wake()
	return lead(kriAddress(id), "recorded")
}

func kriTried(w *Web, r *http.Request) (Answer, error) {
	id := ref.Read(r.PathValue("id"))
	if err := w.asks(r, kri.VerbRecord, id); err != nil {
		return Answer{}, err
	}
	var fs fault.Fields
	o := kri.Outcome{At: *sentMoment(&fs, r, "try.at"), Tried: whole(&fs, r, "try.tried"), Bad: whole(&fs, r, "try.bad"), What: r.PostFormValue("try.what"), Link: r.PostFormValue("try.link"), Note: r.PostFormValue("try.note")}
	if err := fs.Err(); err != nil {
		return w.kriAgain(r, "tried", err)
	}
	if _, err := w.KRIs.Tried(r.Context(), id, o); err != nil {
		return w.kriAgain(r, "tried", fieldsOf(err, "points.0.", "try."))
	}
	w.Jobs.Wake()
	return lead(kriAddress(id), "recorded")
}

func kriRetire(w *Web, r *http.Request) (Answer, error) {
	id, do := ref.Read(r.PathValue("id")), w.KRIs.Retire
	if r.PostFormValue("do") == "reinstate" {
		do = w.KRIs.Reinstate
	}
	if err := do(r.Context(), id, rowVersion(r), r.PostFormValue("retire.reason")); err != nil {
		return w.kriAgain(r, "retire", fieldsOf(err, "", "retire."))
	}
	return lead(kriAddress(id), "saved")
}

func kriLink(w *Web, r *http.Request) (Answer, error) {
	id, to, do := ref.Read(r.PathValue("id")), ref.Read(r.PostFormValue("link.risk")), w.KRIs.Link
	if err := w.asks(r, kri.VerbEdit, id); err != nil {
		return Answer{}, err
	}
	if off := r.PostFormValue("off"); off != "" {
		to, do = ref.Read(off), w.KRIs.Unlink
	}
	err := do(r.Context(), id, to)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.At("link.risk", "there is no risk %q that you may see; write its ID as its page shows it", to)
	}
	if err != nil {
		return w.kriAgain(r, "link", err)
	}
	return lead(kriAddress(id), "saved")
}
