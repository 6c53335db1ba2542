package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/observation"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/thread"
	"tocsin/internal/web/ui"
)

// composeRoutes help where notes, messages and minutes are written: what Markdown
// becomes, whom one can mention, and pictures that are put into a note.
var composeRoutes = []Route{
	{Pattern: "POST /preview", Do: preview},
	{Pattern: "POST /taken", Do: takenForm},
	{Pattern: "GET /mention", Do: mentionable},
	{Pattern: "POST /cases/{id}/pictures", Verb: casework.VerbAttach, Do: putPicture(casework.VerbAttach, casePicture), Max: maxPicture + 1<<20},
	{Pattern: "POST /risks/{id}/pictures", Verb: risk.VerbAttach, Do: putPicture(risk.VerbAttach, riskPicture), Max: maxPicture + 1<<20},
	{Pattern: "POST /observations/{id}/pictures", Verb: observation.VerbEdit, Do: putPicture(observation.VerbEdit, obsPicture), Max: maxPicture + 1<<20},
}

// preview shows what a text will look like. Nothing of it is kept.
func preview(_ *Web, r *http.Request) (Answer, error) {
	return show(200, ui.Notes(r.PostFormValue("text")))
}

// maxPicture is how large a picture in a note may be, in bytes.
const maxPicture = 5 << 20

// mentioned is somebody whom a note can mention.
type mentioned struct {
	Handle string `json:"handle"`
	Name   string `json:"name"`
}

// mentionable completes a mention on a record.
func mentionable(w *Web, r *http.Request) (Answer, error) {
	known, err := w.Parties.Mentionable(r.Context(), ref.Read(r.FormValue("on")), r.FormValue("q"))
	if err != nil {
		return Answer{}, err
	}
	out := make([]mentioned, 0, len(known))
	for _, k := range known {
		out = append(out, mentioned{k.Handle, k.Name})
	}
	return Answer{JSON: out}, nil
}

// pictures are the kinds of pictures that a note shows: none of them can hold a script.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// put puts a stored content on a record.
type put func(w *Web, r *http.Request, id ref.ID, name string, c content) (at string, err error)

func casePicture(w *Web, r *http.Request, id ref.ID, name string, c content) (string, error) {
	f, err := w.Cases.Attach(r.Context(), id, name, c, false)
	return caseAddress(id, "files") + "/" + string(f.ID), err
}

func riskPicture(w *Web, r *http.Request, id ref.ID, name string, c content) (string, error) {
	f, err := w.Risks.Attach(r.Context(), id, name, c)
	return riskAddress(id, "files") + "/" + string(f.ID), err
}

func obsPicture(w *Web, r *http.Request, id ref.ID, name string, c content) (string, error) {
	f, err := w.Observations.Attach(r.Context(), id, name, c)
	return "/observations/" + string(id) + "/files/" + string(f.ID), err
}

// putPicture takes a picture for a note: it becomes a file of the record, inside, and
// whoever may read the record sees it.
func putPicture(verb access.Verb, on put) func(*Web, *http.Request) (Answer, error) {
	return func(w *Web, r *http.Request) (Answer, error) {
		var at string
		err := w.eachFile(r, verb, func(name string, c content) (err error) {
			if !slices.Contains(pictures, c.Media) {
				return fault.New(fault.Invalid, "%s is no picture that a note can show; take PNG, JPEG, GIF or WebP, or add it under Files", ui.Visible(name))
			}
			at, err = on(w, r, ref.Read(r.PathValue("id")), name, c)
			return err
		})
		if f, ok := formFault(err); ok {
			return Answer{Status: statusOf(f), JSON: map[string]string{"detail": f.Says}}, nil
		}
		if err != nil {
			return Answer{}, err
		}
		return Answer{JSON: map[string]string{"href": at}}, nil
	}
}

// noteComposer is where a note on a record is written: sent is the form that came
// back with what is wrong, nil where none did.
func noteComposer(id ref.ID, action func(string) string, now time.Time, help string, sent url.Values, wrong *fault.Fault) ui.Composer {
	c := ui.Composer{Side: ui.Side(thread.Note), Action: action("note"), Hot: "n", Open: true, At: now, Record: string(id), Pictures: action("pictures"), Help: help}
	if sent != nil {
		c.Value, c.Error = sent.Get("note-text"), ui.ErrorFor(wrong, "text")
	}
	return c
}
