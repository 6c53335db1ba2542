package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/house"
	"tocsin/internal/kri"
	"tocsin/internal/ref"
)

// kriRoutes are the rows about key risk indicators and the tasks that they leave.
var kriRoutes = []Route{
	{"kri.list", "GET", "/kris", kri.VerbRead, "Key risk indicators that you may see: those in use first, the worst light first, then by name", read(listKRIs)},
	{"kri.open", "POST", "/risks/{id}/kris", kri.VerbEdit, "Set an indicator up for a risk", create(openKRI)},
	{"kri.suggest", "GET", "/risks/{id}/kri-suggestions", kri.VerbRead, "Which indicators a risk in this situation could have", read(suggestKRIs)},
	{"kri.read", "GET", "/kris/{id}", kri.VerbRead, "One indicator with its values, samples, tasks and forecast", read(readKRI)},
	{"kri.edit", "PATCH", "/kris/{id}", kri.VerbEdit, "Change what an indicator is; only the fields that are sent change", change(editKRI)},
	{"kri.retire", "PUT", "/kris/{id}/retirement", kri.VerbEdit, "Stop measuring, with the reason", change(retireKRI)},
	{"kri.reinstate", "POST", "/kris/{id}/reinstatement", kri.VerbEdit, "Measure again, with the reason", change(reinstateKRI)},
	{"kri.link", "PUT", "/kris/{id}/risks/{to}", kri.VerbEdit, "Let an indicator tell of another risk, too", change(linkKRI)},
	{"kri.unlink", "DELETE", "/kris/{id}/risks/{to}", kri.VerbEdit, "End that", change(unlinkKRI)},
	{"kri.record", "POST", "/kris/{id}/points", kri.VerbRecord, "Record values; the same again changes nothing, another value of a moment corrects it", respond(recordKRI)},
	{"kri.import", "POST", "/kris/{id}/points/csv", kri.VerbRecord, "Record the values of a CSV file with the columns at, value, exposure and note, all of them or none", importedKRI()},
	{"kri.export", "GET", "/kris/{id}/points/csv", kri.VerbRead, "The values as a CSV file; always a download", exportedKRI()},
	{"kri.sample", "POST", "/kris/{id}/samples", kri.VerbRecord, "Draw a sample; seed and frame are kept, so that it can be drawn again", create(drawKRI)},
	{"kri.results", "POST", "/samples/{id}/results", kri.VerbRecord, "Tell what was found in a sample; with the last result it becomes a value with an interval", respond(resultsKRI)},
	{"kri.try", "POST", "/kris/{id}/outcomes", kri.VerbRecord, "Record the outcome of an experiment as a value with an interval", respond(tryKRI)},
	{"task.list", "GET", "/tasks", kri.VerbRead, "What indicators and reviews ask of people, by date", read(listTasks)},
	{"task.done", "POST", "/tasks/{id}/done", kri.VerbRecord, "Say that a task is done", change(doneTask)},
	{"task.assign", "PUT", "/tasks/{id}/owner", kri.VerbEdit, "Give a task to somebody else, or until another day", change(assignTask)},
}

// KRIQuery narrows the list of indicators.
type KRIQuery struct {
	Risk  ref.ID `query:"risk" doc:"That it tells of."`
	Owner ref.ID `query:"owner" doc:"ID of who records it."`
	Kind  string `query:"kind" doc:"Kind of indicator: a word of the profile."`
	State string `query:"state" enum:"active,retired" doc:"Those in use, or those retired."`
	Light string `query:"light" enum:"green,yellow,red,stale,unknown" doc:"What the newest value says; stale and unknown are not green."`
	Due   bool   `query:"due" doc:"Only those of which a value is due."`
	page
}

func listKRIs(ctx context.Context, h *house.House, in KRIQuery) (*Page[*kri.KRI], error) {
	l, err := h.KRIs.List(ctx, kri.Filter{Risk: in.Risk, Owner: in.Owner, Kind: in.Kind, State: in.State, Light: in.Light, Due: in.Due}, kri.Page{Limit: in.limit(), After: in.After})
	if err != nil {
		return nil, err
	}
	return pageOf(l.KRIs, l.Next, same[*kri.KRI]), nil
}

func openKRI(ctx context.Context, h *house.House, in struct {
	record
	Body kri.Opening
}) (*Made, error) {
	id, err := h.KRIs.Open(ctx, in.ID, in.Body)
	return &Made{id, "/kris/" + string(id)}, err
}

func suggestKRIs(ctx context.Context, h *house.House, in struct {
	record
	Situation string `query:"situation" doc:"A situation of the profile that the facts do not tell."`
}) (*Page[kri.Suggestion], error) {
	var more []string
	if in.Situation != "" {
		more = append(more, in.Situation)
	}
	out, err := h.KRIs.SuggestFor(ctx, in.ID, more...)
	return listOf(out, same[kri.Suggestion]), err
}

// Indicator is one key risk indicator with all that its page shows.
type Indicator struct{ *kri.Full }

func (i *Indicator) rowVersion() int { return i.Version }

func readKRI(ctx context.Context, h *house.House, in record) (*Indicator, error) {
	f, err := h.KRIs.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &Indicator{f}, nil
}

func editKRI(ctx context.Context, h *house.House, in struct {
	record
	Body kri.Patch
}) error {
	return h.KRIs.Edit(ctx, in.ID, in.Body)
}

// Because is a step with its reason.
type Because struct {
	Version int    `json:"version,omitempty"` // of the row that was seen
	Reason  string `json:"reason"`
}

func retireKRI(ctx context.Context, h *house.House, in struct {
	record
	Body Because
}) error {
	return h.KRIs.Retire(ctx, in.ID, in.Body.Version, in.Body.Reason)
}

func reinstateKRI(ctx context.Context, h *house.House, in struct {
	record
	Body Because
}) error {
	return h.KRIs.Reinstate(ctx, in.ID, in.Body.Version, in.Body.Reason)
}

// toRisk is the part of an input by which the address names a risk beside a record.
type toRisk struct {
	record
	To ref.ID `path:"to" doc:"The risk's ID."`
}

func linkKRI(ctx context.Context, h *house.House, in toRisk) error {
	return h.KRIs.Link(ctx, in.ID, in.To)
}

func unlinkKRI(ctx context.Context, h *house.House, in toRisk) error {
	return h.KRIs.Unlink(ctx, in.ID, in.To)
}

// Reading is one value of an indicator as it is recorded.
type Reading struct {
	At       time.Time `json:"at"` // the moment, or the end of the period
	Value    float64   `json:"value"`
	Exposure *float64  `json:"exposure,omitempty"` // how much could have been hit
	Note     string    `json:"note,omitempty"`
}

// Readings are values that are recorded in one act.
type Readings struct {
	Points []Reading `json:"points"`
}

func recordKRI(ctx context.Context, h *house.House, in struct {
	record
	Body Readings
}) (*kri.Recorded, error) {
	var points []kri.Point
	for _, p := range in.Body.Points {
		points = append(points, kri.Point{At: p.At, Value: p.Value, Exposure: p.Exposure, Note: p.Note})
	}
	out, err := h.KRIs.Record(ctx, in.ID, kri.API, points...)
	return &out, err
}

// KRIFile is how a file of values is brought in.
type KRIFile struct {
	record
	DryRun bool   `query:"dry_run" doc:"Change nothing, and report what would be recorded."`
	Name   string `query:"name" doc:"The file's name; it is not kept."`
}

// importedKRI is the endpoint that takes a file of values. Whether the actor may is
// asked before the file is read.
func importedKRI() endpoint {
	p := planOf(reflect.TypeFor[KRIFile]())
	return endpoint{in: reflect.TypeFor[KRIFile](), out: reflect.TypeFor[*kri.Imported](), plan: p, status: http.StatusOK, upload: true, run: func(c *call) error {
		var in KRIFile
		if err := p.address(c.q, reflect.ValueOf(&in).Elem()); err != nil {
			return err
		}
		if err := c.house.Gate.Act(c.ctx, c.route.Verb, in.ID, func(*gate.Tx) error { return nil }); err != nil {
			return err
		}
		file, err := c.table(kri.MaxCSV)
		if err != nil {
			return err
		}
		ctx, err := c.tied(p, reflect.ValueOf(&in).Elem())
		if err != nil {
			return err
		}
		sum := sha256.Sum256(file)
		return c.once(ctx, [2]any{in, hex.EncodeToString(sum[:])}, func(ctx context.Context) (reply, error) {
			out, err := c.house.KRIs.Import(ctx, in.ID, bytes.NewReader(file), in.DryRun)
			if err == nil && !in.DryRun {
				err = badRows(out.Errors)
			}
			if err != nil {
				return reply{}, err
			}
			return made(http.StatusOK, &out)
		})
	}}
}

// badRows says where a file is wrong: each field is a line and a column.
func badRows(rows []kri.RowError) error {
	var fs fault.Fields
	for _, r := range rows {
		fs.Add(strconv.Itoa(r.Line)+"."+r.Column, "line %d, %s: %s", r.Line, r.Column, r.Says)
	}
	return fs.Err()
}

// table reads the file that the request carries, whatever it calls it.
func (c *call) table(most int64) ([]byte, error) {
	if err := plainBody(c.q); err != nil {
		return nil, err
	}
	from := io.Reader(http.MaxBytesReader(c.w, c.q.Body, most))
	if media, params, err := mime.ParseMediaType(c.q.Header.Get("Content-Type")); err == nil && media == "multipart/form-data" {
		if _, from, err = filePart(multipart.NewReader(from, params["boundary"])); err != nil {
			return nil, err
		}
	}
	b, err := io.ReadAll(from)
	if err != nil {
		return nil, arrived(err)
	}
	return b, nil
}

// exportedKRI is the endpoint that answers with the values as a file.
func exportedKRI() endpoint {
	return saved(func(c *call, in record) (string, []byte, error) {
		var b bytes.Buffer
		err := c.house.KRIs.Export(c.ctx, in.ID, &b)
		return string(in.ID) + ".csv", b.Bytes(), err
	})
}

// saved is an endpoint that answers with a file of ours. Whatever it is, a browser
// saves it and runs nothing of it.
func saved[In any](fn func(*call, In) (name string, body []byte, err error)) endpoint {
	p := planOf(reflect.TypeFor[In]())
	return endpoint{in: reflect.TypeFor[In](), plan: p, status: http.StatusOK, download: true, run: func(c *call) error {
		in, err := input[In](c, p)
		if err != nil {
			return err
		}
		name, body, err := fn(c, in)
		if err != nil {
			return err
		}
		h := c.w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		c.w.WriteHeader(http.StatusOK)
		_, _ = c.w.Write(body) // the reader has gone away: nobody is left to tell
		return nil
	}}
}

// Sampled is a sample that was drawn.
type Sampled struct {
	*kri.Sample
	at string
}

func (s *Sampled) location() string { return s.at }

func drawKRI(ctx context.Context, h *house.House, in struct {
	record
	Body kri.Drawing
}) (*Sampled, error) {
	s, err := h.KRIs.Draw(ctx, in.ID, in.Body)
	return &Sampled{s, "/kris/" + string(in.ID)}, err
}

// Results are what was found in members of a sample.
type Results struct {
	Results []kri.Result `json:"results"`
}

func resultsKRI(ctx context.Context, h *house.House, in struct {
	record
	Body Results
}) (*kri.Recorded, error) {
	out, err := h.KRIs.Results(ctx, in.ID, in.Body.Results)
	return &out, err
}

func tryKRI(ctx context.Context, h *house.House, in struct {
	record
	Body kri.Outcome
}) (*kri.Recorded, error) {
	out, err := h.KRIs.Tried(ctx, in.ID, in.Body)
	return &out, err
}

// TaskQuery narrows the list of tasks.
type TaskQuery struct {
	Risk   ref.ID    `query:"risk" doc:"About this risk."`
	Who    ref.ID    `query:"who" doc:"ID of whose it is."`
	Mine   bool      `query:"mine" doc:"Your own, and those of nobody on risks that you own."`
	State  string    `query:"state" enum:"open,done,dropped" doc:"Open, done or dropped ones alone."`
	Before time.Time `query:"before" doc:"Due before this moment."`
	Limit  int       `query:"limit" min:"1" max:"200" doc:"At most so many; 50 where it is not given."`
}

func listTasks(ctx context.Context, h *house.House, in TaskQuery) (*Page[*kri.Task], error) {
	out, err := h.KRIs.Tasks(ctx, kri.TaskFilter{Risk: in.Risk, Who: in.Who, Mine: in.Mine, State: in.State, Before: in.Before, Limit: in.Limit})
	return listOf(out, same[*kri.Task]), err
}

func doneTask(ctx context.Context, h *house.House, in struct {
	record
	Body Noted
}) error {
	return h.KRIs.Done(ctx, in.ID, in.Body.Note)
}

// Taking is who takes a task on, and until when.
type Taking struct {
	Who ref.ID    `json:"who"`
	Due time.Time `json:"due,omitzero"` // zero leaves the day as it is
}

func assignTask(ctx context.Context, h *house.House, in struct {
	record
	Body Taking
}) error {
	return h.KRIs.Reassign(ctx, in.ID, in.Body.Who, in.Body.Due)
}
