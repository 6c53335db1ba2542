package api

import (
	"context"

	"tocsin/internal/hook"
	"tocsin/internal/house"
	"tocsin/internal/insight"
	"tocsin/internal/ref"
)

// eventRoutes are the rows about what was done, for programs that ask and for those
// that listen.
var eventRoutes = []Route{
	{"event.list", "GET", "/events", "", "What was done to records that you may read, oldest first: ask again with next", read(listEvents)},
	{"hook.list", "GET", "/webhooks", hook.VerbKeep, "The webhooks, by name", read(listHooks)},
	{"hook.add", "POST", "/webhooks", hook.VerbKeep, "Have an address told what you may see, from now on", create(addHook)},
	{"hook.secret", "GET", "/webhooks/{webhook}/secret", hook.VerbKeep, "With what the receiver of a webhook of yours checks signatures; reading it is audited", read(readHookSecret)},
	{"hook.stop", "POST", "/webhooks/{webhook}/stop", hook.VerbKeep, "Let a webhook rest; it is told later what happened meanwhile", change(stopHook)},
	{"hook.start", "POST", "/webhooks/{webhook}/start", hook.VerbKeep, "Let a webhook of yours go on at once", change(startHook)},
	{"hook.drop", "DELETE", "/webhooks/{webhook}", hook.VerbKeep, "Delete a webhook", change(dropHook)},
}

// Events are some events, and the place to go on from.
type Events struct {
	Items []insight.Event `json:"items"`
	Next  string          `json:"next"` // always there: ask with it again, now for the rest or later for what is new
}

func listEvents(ctx context.Context, h *house.House, in struct {
	After string `query:"after" doc:"The place that the answer before gave as next, or now for the end; the oldest event where it is not given."`
	Kind  string `query:"kind" doc:"A kind of records: case, report, adv, risk, obs or kri; all of them where it is not given."`
	Limit int    `query:"limit" min:"1" max:"200" doc:"At most so many; 50 where it is not given."`
}) (*Events, error) {
	var kinds []string
	if in.Kind != "" {
		kinds = []string{in.Kind}
	}
	items, next, err := h.Hooks.Events(ctx, in.After, kinds, page{Limit: in.Limit}.limit())
	if items == nil {
		items = []insight.Event{}
	}
	return &Events{items, next}, err
}

func listHooks(ctx context.Context, h *house.House, _ struct{}) (*Page[hook.Hook], error) {
	out, err := h.Hooks.List(ctx)
	return listOf(out, same[hook.Hook]), err
}

// NewHook is what a webhook is made from.
type NewHook struct {
	Name    string   `json:"name"`    // which program listens
	Address string   `json:"address"` // https://…
	Kinds   []string `json:"kinds"`   // of records: case, report, adv, risk, obs, kri
}

// MadeHook is a webhook and with what its receiver checks signatures.
type MadeHook struct {
	ID     ref.ID `json:"id"`
	Secret string `json:"secret"` // Standard Webhooks, version 1
}

func (*MadeHook) location() string { return "/webhooks" }

func addHook(ctx context.Context, h *house.House, in struct{ Body NewHook }) (*MadeHook, error) {
	id, err := h.Hooks.Add(ctx, hook.Hook{Name: in.Body.Name, Address: in.Body.Address, Kinds: in.Body.Kinds})
	if err != nil {
		return nil, err
	}
	secret, err := h.Hooks.Secret(ctx, id)
	return &MadeHook{id, secret}, err
}

// aHook names a webhook.
type aHook struct {
	Webhook ref.ID `path:"webhook" doc:"The ID of the webhook."`
}

func stopHook(ctx context.Context, h *house.House, in aHook) error {
	return h.Hooks.Stop(ctx, in.Webhook)
}

func startHook(ctx context.Context, h *house.House, in aHook) error {
	return h.Hooks.Start(ctx, in.Webhook)
}

func dropHook(ctx context.Context, h *house.House, in aHook) error {
	return h.Hooks.Drop(ctx, in.Webhook)
}

// HookSecret is with what a receiver checks signatures.
type HookSecret struct {
	Secret string `json:"secret"` // Standard Webhooks, version 1
}

func readHookSecret(ctx context.Context, h *house.House, in aHook) (*HookSecret, error) {
	secret, err := h.Hooks.Secret(ctx, in.Webhook)
	return &HookSecret{secret}, err
}
