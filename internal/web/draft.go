package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/party"
	"tocsin/internal/ref"
	"tocsin/internal/seal"
)

// Kept is a form that was sent when its session had ended. Nobody keeps it but the
// page: it travels with the sign-in and is shown again behind it, to be sent anew.
type Kept struct {
	Action string // where it was going, on this site
	Back   string // the page on which it stood
	Files  bool   // there were files with it, which do not travel
	Fields []KeptField
}

// KeptField is one value of it.
type KeptField struct{ Name, Value string }

// Long tells whether the value is a text to be read again before it is sent.
func (f KeptField) Long() bool { return len(f.Value) > 80 || strings.Contains(f.Value, "\n") }

// Texts are the fields that somebody wrote.
func (k *Kept) Texts() bool { return slices.ContainsFunc(k.Fields, KeptField.Long) }

// Names in the sign-in form under which a kept form travels.
const (
	keptAction = "kept-action"
	keptBack   = "kept-back"
	keptFiles  = "kept-files"
	keptField  = "kept."
)

// secrets are fields that never travel.
var secrets = []string{"password", "old", "code", "secret", "link"}

// keptForm takes down a form that came without a session. A form with secrets in it, one
// that goes elsewhere than to a page of the team, and an empty one are not kept.
func keptForm(r *http.Request) *Kept {
	k := &Kept{Action: local(r.URL.RequestURI()), Back: backOf(r)}
	if r.Method != http.MethodPost || k.Action == "/" || len(r.PostForm) == 0 || len(r.PostForm) == 1 && r.PostForm.Has(handField) {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if slices.Contains(secrets, name) {
			return nil
		}
		for _, v := range r.PostForm[name] {
			k.Fields = append(k.Fields, KeptField{name, v})
		}
	}
	k.Files = r.MultipartForm != nil && len(r.MultipartForm.File) > 0
	return k
}

// carried is the kept form that came with a sign-in, or nil.
func carried(r *http.Request) *Kept {
	k := &Kept{Action: local(r.PostFormValue(keptAction)), Back: local(r.PostFormValue(keptBack)), Files: r.PostFormValue(keptFiles) != ""}
	if k.Action == "/" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		field, ok := strings.CutPrefix(name, keptField)
		if !ok || slices.Contains(secrets, field) {
			continue
		}
		for _, v := range r.PostForm[name] {
			k.Fields = append(k.Fields, KeptField{field, v})
		}
	}
	return k
}

// backOf is the page on which a form stood, as the browser says it.
func backOf(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return "/"
	}
	return local(u.RequestURI())
}

// signInAgain answers a form whose session has ended with the sign-in page, which
// carries the form on.
func (w *Web) signInAgain(r *http.Request, err error) (Answer, bool) {
	if fault.KindOf(err) != fault.Unknown || visitOf(r).actor.ID != "" || r.Method != http.MethodPost {
		return Answer{}, false
	}
	p := SignInPage{Next: backOf(r), Ended: true, Kept: keptForm(r)}
	return Answer{Status: http.StatusUnauthorized, Page: signInView(p)}, true
}

// whose is the person for whom a kept form was made, "" where it does not say.
func (k *Kept) whose() string {
	for _, f := range k.Fields {
		if f.Name == handField {
			return f.Value
		}
	}
	return ""
}

// resumed shows a kept form behind the sign-in, to be looked at and sent. Nobody is shown
// what somebody else had typed: that waits in their browser for them.
func (w *Web) resumed(r *http.Request, secret *http.Cookie, k *Kept) Answer {
	sits, err := w.Parties.Session(r.Context(), party.Secret(secret.Value))
	if of := k.whose(); of != "" && (err != nil || of != string(sits.Actor.ID)) {
		return Answer{To: "/", Cookies: []*http.Cookie{secret}}
	}
	v := visitOf(r)
	v.actor, v.taste = sits.Actor, sits.Taste // in this browser somebody else may have sat until now
	v.reads = w.reader(r, v.taste)
	return Answer{Page: keptView(*k), Cookies: []*http.Cookie{secret}}
}

// once makes what a form does happen one time only, however often it is pressed: the
// same form with the same text, made at the same moment by the same person, is the
// same request. A form that does not say when it was made is not covered.
func once(r *http.Request) context.Context {
	if r.PostFormValue("at") == "" {
		return r.Context()
	}
	return gate.WithOnce(r.Context(), onceOf(r, r.URL.Path))
}

// onceOf names a form that was sent to an address. The lines of its texts may end as a browser sends
// them or as a script does.
func onceOf(r *http.Request, to string) gate.Once {
	who := visitOf(r).actor.ID
	sum := seal.Hash([]byte(string(who) + "\n" + to + "\n" + strings.ReplaceAll(r.PostForm.Encode(), "%0D%0A", "%0A")))
	return gate.Once{Actor: who, Key: "form:" + sum, Hash: sum}
}

// takenForm says whether the form that is sent to it was taken before, by the same person
// at the address of, with an answer that got lost on the way.
func takenForm(w *Web, r *http.Request) (Answer, error) {
	was, _, err := w.Gate.Spent(r.Context(), onceOf(r, r.URL.Query().Get("of")))
	return Answer{JSON: was}, err
}

// made is the record that the same form made when it was sent before, "" for none. What is
// asked of a form before it is taken is not asked of one that was.
func (w *Web) made(r *http.Request) (ref.ID, error) {
	_, id, err := w.Gate.Spent(r.Context(), onceOf(r, r.URL.Path))
	return id, err
}

// unrepeated is a request that does its one act once only, as once says. Files are
// acts of their own, one each.
func unrepeated(r *http.Request) *http.Request {
	if r.MultipartForm != nil {
		return r
	}
	return r.WithContext(once(r))
}

// twice tells whether a form failed only because it had been sent before, and which
// record that had made or changed.
func twice(err error) (ref.ID, bool) {
	again := (*gate.Again)(nil)
	if !errors.As(err, &again) {
		return "", false
	}
	return again.Subject, true
}

// unlessSent is what is wrong with a form, nothing where it had been sent before.
func unlessSent(err error) error {
	if _, sent := twice(err); sent {
		return nil
	}
	return err
}

// firstMade is what came of a form that makes a record of a kind: where it had been sent
// before, the record that it made then.
func firstMade(kind string, id ref.ID, err error) (ref.ID, error) {
	if made, sent := twice(err); sent && made.Kind() == kind {
		return made, nil
	}
	return id, err
}

// keptLabel is what a text of a kept form is called; most have one text alone.
func keptLabel(name string) string {
	_, last, ok := cutLast(name)
	if !ok {
		last = name
	}
	if strings.HasSuffix(last, "-text") {
		return "Your text"
	}
	return capital(spaced(last))
}
