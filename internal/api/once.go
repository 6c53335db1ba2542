package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"tocsin/internal/fault"
	"tocsin/internal/gate"
	"tocsin/internal/seal"
	"tocsin/internal/shape"
)

const sealedAnswer = "idempotent answer"

// once carries a write out; where the request has an Idempotency-Key, one time only.
// The key is taken down in the write's own transaction (see gate.Once), so that no
// crash can make it happen twice. The answer is kept beside it afterwards, sealed
// with the house's key, since it may hold a secret that is shown once.
func (c *call) once(ctx context.Context, in any, do func(context.Context) (reply, error)) error {
	key := c.q.Header.Get("Idempotency-Key")
	if key == "" {
		r, err := do(ctx)
		if err == nil {
			c.w.send(r)
		}
		return c.stale(err)
	}
	if _, bad := shape.Unplain(key); bad || len(key) > 200 {
		return fault.New(fault.Invalid, "an idempotency key has at most 200 bytes of plain text; a random UUID is a good one")
	}
	o := gate.Once{Actor: c.who.ID, Key: digest(string(c.who.ID), c.route.ID, key), Hash: c.request(in)}
	r, err := do(gate.WithOnce(ctx, o))
	if again := (*gate.Again)(nil); errors.As(err, &again) {
		return c.again(o, again)
	}
	if err != nil {
		return c.stale(err)
	}
	c.keep(o, r)
	c.w.send(r)
	return nil
}

// request is a digest of all that was asked for.
func (c *call) request(in any) string {
	b, err := json.Marshal(in)
	if err != nil {
		b = nil // a file to check that is no JSON: nothing is done with it but reading
	}
	return digest(c.route.ID, c.q.URL.RequestURI(), c.q.Header.Get("If-Match"), string(b))
}

func digest(parts ...string) string {
	sum := seal.Digest(parts...)
	return hex.EncodeToString(sum[:])
}

// keep stores the answer for those who ask again. Where that cannot be done they
// are told that the work is done and the answer lost.
func (c *call) keep(o gate.Once, r reply) {
	b, err := json.Marshal(r)
	if err == nil {
		err = c.house.Gate.Answered(context.WithoutCancel(c.ctx), o, r.Status, c.house.Key.Seal(sealedAnswer+o.Key, b))
	}
	if err != nil {
		c.opts.Log.Warn("api: the answer for repeats is not kept", "request", c.w.id, "err", err)
	}
}

// again answers a request that was carried out before.
func (c *call) again(o gate.Once, a *gate.Again) error {
	if a.Status == 0 {
		what := ""
		if a.Subject != "" {
			what = " on " + string(a.Subject)
		}
		return &refusal{fault.New(fault.Conflict, "this request was carried out%s, but its answer is not kept (yet); look at the record before you send it under another key", what), http.StatusConflict}
	}
	b, err := c.house.Key.Open(sealedAnswer+o.Key, a.Answer)
	if err != nil {
		return err
	}
	var r reply
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	c.w.send(r)
	return nil
}
