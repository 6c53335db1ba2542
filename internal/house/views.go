package house

import (
	"tocsin/internal/advisory"
	"tocsin/internal/casework"
	"tocsin/internal/intake"
	"tocsin/internal/party"
	"tocsin/internal/review"
	"tocsin/internal/risk"
	"tocsin/internal/saved"
)

// viewPlaces are the lists whose queries can be saved. Who hands out the work of a
// list shares views of it; those of the register are shared by who holds its meetings.
var viewPlaces = []saved.Place{
	{Name: "cases", Read: casework.VerbRead, Share: casework.VerbAssign},
	{Name: "inbox", Read: intake.VerbRead, Share: intake.VerbAccept},
	{Name: "advisories", Read: advisory.VerbRead, Share: advisory.VerbPublish},
	{Name: "register", Read: risk.VerbRead, Share: review.VerbHold},
	{Name: "board", Read: risk.VerbRead, Share: review.VerbHold},
	{Name: "observations", Read: risk.VerbRead, Share: review.VerbHold},
	{Name: "recurrence", Read: risk.VerbRead, Share: review.VerbHold},
	{Name: "people", Read: "profile.read", Share: party.VerbEdit},
	{Name: "strategy", Read: risk.VerbRead, Share: review.VerbHold},
}
