package web

import (
	"net/http"
	"strconv"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/hook"
	"tocsin/internal/ref"
	"tocsin/internal/web/ui"
)

var hookRoutes = []Route{
	{Pattern: "GET /webhooks", Verb: hook.VerbKeep, Do: hookList},
	{Pattern: "POST /webhooks", Verb: hook.VerbKeep, Do: hookAdd},
	{Pattern: "POST /webhooks/{id}/secret", Verb: hook.VerbKeep, Do: hookSecret},
	{Pattern: "POST /webhooks/{id}/stop", Verb: hook.VerbKeep, Do: hookStop},
	{Pattern: "POST /webhooks/{id}/start", Verb: hook.VerbKeep, Do: hookStart},
	{Pattern: "POST /webhooks/{id}/delete", Verb: hook.VerbKeep, Do: hookDelete},
}

// HookPage lists the webhooks.
type HookPage struct {
	*PeoplePage
	Hooks []hook.Hook
	Me    ref.ID
}

// eventKinds are the kinds of records whose events are told, in words.
var eventKinds = []ui.Option{{Value: "case", Text: "Cases"}, {Value: "report", Text: "Reports"}, {Value: "adv", Text: "Advisories"}, {Value: "risk", Text: "Risks"},
	{Value: "obs", Text: "Observations"}, {Value: "kri", Text: "Key risk indicators"}}

func hookList(w *Web, r *http.Request) (Answer, error) { return w.hookPage(r, nil) }

func (w *Web) hookPage(r *http.Request, wrong *fault.Fault) (Answer, error) {
	p := HookPage{PeoplePage: w.peoplePage(r, "webhooks", "Webhooks"), Me: visitOf(r).actor.ID}
	p.Wrong = wrong
	var err error
	if p.Hooks, err = w.Hooks.List(r.Context()); err != nil {
		return Answer{}, err
	}
	return show(statusFor(wrong), hooksView(p))
}

func hookAdd(w *Web, r *http.Request) (Answer, error) {
	in := hook.Hook{Name: r.PostFormValue("name"), Address: r.PostFormValue("address"), Kinds: r.PostForm["kinds"]}
	id, err := w.Hooks.Add(r.Context(), in)
	if f, ok := formFault(err); ok {
		return w.hookPage(r, f)
	}
	if err != nil {
		return Answer{}, err
	}
	return w.showSecret(r, id)
}

func hookSecret(w *Web, r *http.Request) (Answer, error) {
	return w.showSecret(r, ref.ID(r.PathValue("id")))
}

// showSecret shows with what the receiver of a webhook checks signatures.
func (w *Web) showSecret(r *http.Request, id ref.ID) (Answer, error) {
	secret, err := w.Hooks.Secret(r.Context(), id)
	if err != nil {
		return Answer{}, err
	}
	p := w.peoplePage(r, "webhooks", "The secret of the webhook")
	p.Secret = Once{Title: "The secret of the webhook", Text: secret, Says: "The receiver checks with it that a message comes from here (Standard Webhooks, version 1). Only you can have it shown again, and each time is audited."}
	return show(200, onceView(p, "/webhooks", "To the webhooks"))
}

func hookStop(w *Web, r *http.Request) (Answer, error) {
	return done(w.Hooks.Stop(r.Context(), ref.ID(r.PathValue("id"))), "/webhooks")
}

func hookStart(w *Web, r *http.Request) (Answer, error) {
	return done(w.Hooks.Start(r.Context(), ref.ID(r.PathValue("id"))), "/webhooks")
}

func hookDelete(w *Web, r *http.Request) (Answer, error) {
	return done(w.Hooks.Drop(r.Context(), ref.ID(r.PathValue("id"))), "/webhooks")
}

// done leads on after something that needs no word.
func done(err error, to string) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	return lead(to, "saved")
}

// kindWords are the kinds of a hook in words.
func kindWords(x hook.Hook) string {
	var out []string
	for _, o := range eventKinds {
		for _, k := range x.Kinds {
			if k == o.Value {
				out = append(out, o.Text)
			}
		}
	}
	return strings.Join(out, ", ")
}

// hookState is the state of a hook in words, and the tone that it has.
func hookState(x hook.Hook) (ui.Tone, string) {
	switch {
	case x.State == hook.Stopped:
		return ui.Quiet, "stopped"
	case x.Fails > 0:
		return ui.Warn, "failed " + strconv.Itoa(x.Fails) + " times"
	case x.Sent.IsZero():
		return ui.Accent, "nothing told yet"
	}
	return ui.Good, "in order"
}
