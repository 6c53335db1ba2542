package web_test

import (
	"testing"

	"tocsin/internal/rig"
	"tocsin/internal/web"
)

// TestTheGalleryIsForDemonstrations looks at the kit in a demonstration, and finds
// nothing where real work is done.
func TestTheGalleryIsForDemonstrations(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		open(t, h).as(ana).get("/style").is(t, 404)
		s := open(t, h)
		s.Handler = web.New(h.House, web.Options{Demo: &web.Demo{}})
		b := s.as(ana)
		b.get("/style").is(t, 200, "Tokens", "accent-soft", "Your turn: confirm the assessment", "?theme=darkmore")
		b.get("/style?theme=dark").is(t, 200, `data-theme="dark"`)
		b.get("/style?theme=more").is(t, 200, "contrast")
		b.get("/style?side=public").is(t, 200, "Report a vulnerability")
		b.get("/style?side=nothing").is(t, 404)
	})
}
