package web

import (
	"net/http"
	"slices"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/observation"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// composeRoutes help where notes, messages and minutes are written: what Markdown
// becomes, whom one can mention, and pictures that are put into a note.
var composeRoutes = []Route{
	{Pattern: "POST /preview", Do: preview},
	{Pattern: "GET /mention", Do: mentionable},
	{Pattern: "POST /cases/{id}/pictures", Verb: casework.VerbAttach, Do: putPicture(casework.VerbAttach, casePicture), Max: maxPicture + 1<<20},
	{Pattern: "POST /risks/{id}/pictures", Verb: risk.VerbAttach, Do: putPicture(risk.VerbAttach, riskPicture), Max: maxPicture + 1<<20},
	{Pattern: "POST /observations/{id}/pictures", Verb: observation.VerbEdit, Do: putPicture(observation.VerbEdit, obsPicture), Max: maxPicture + 1<<20},
}

// preview shows what a text will look like. Nothing of it is kept.
func preview(_ *Web, r *http.Request) (Answer, error) {
	return show(200, ui.Notes(r.PostFormValue("text")))
}

const (
	mostMentioned = 8       // names that a completion offers
	mostTried     = 60      // people that it asks for
	maxPicture    = 5 << 20 // of a picture in a note, in bytes
)

// mentioned is somebody whom a note can mention.
type mentioned struct {
	Handle string `json:"handle"`
	Name   string `json:"name"`
}

// mentionable answers with people who may read the record, for those inside who may
// read it themselves. Somebody who may not is not offered, whatever was typed.
func mentionable(w *Web, r *http.Request) (Answer, error) {
	on, out := ref.Read(r.FormValue("on")), []mentioned{}
	inside, err := w.mayRead(r, access.Actor{}, on)
	if err != nil {
		return Answer{}, err
	}
	q, tried := strings.ToLower(strings.TrimSpace(r.FormValue("q"))), 0
	for _, k := range w.who(r).all {
		if !inside || len(out) == mostMentioned || tried == mostTried {
			break
		}
		if !k.Active || k.Team || k.Handle == "" || !called(k, q) {
			continue
		}
		tried++
		if _, err := w.mayRead(r, access.Actor{ID: k.ID, Kind: access.Person, Name: k.Name}, on); err == nil {
			out = append(out, mentioned{k.Handle, k.Name})
		}
	}
	return Answer{JSON: out}, nil
}

// called tells whether somebody's handle or a word of their name begins as typed.
func called(k party.Known, q string) bool {
	words := append(strings.Fields(strings.ToLower(k.Name)), strings.ToLower(k.Handle))
	return slices.ContainsFunc(words, func(s string) bool { return strings.HasPrefix(s, q) })
}

// mayRead asks whether somebody may read a record, and whether they are inside; an
// actor without an ID is who asks.
func (w *Web) mayRead(r *http.Request, a access.Actor, id ref.ID) (inside bool, err error) {
	ctx := r.Context()
	if a.ID != "" {
		ctx = access.With(ctx, a)
	}
	if access.Reads(id.Kind()) == "" {
		return false, access.NoRecord()
	}
	err = w.Gate.View(ctx, func(v *gate.View) error {
		inside = v.IsStaff()
		return v.Reads(id)
	})
	return inside, err
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
