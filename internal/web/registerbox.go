package web

import (
	"strconv"

	"tocsin/internal/risk"
	"tocsin/internal/web/ui"
)

// RegisterBox is what waits in the register, on the desk of whoever may read it.
type RegisterBox struct {
	Rows []BoxRow
	All  int // risks that are open
}

// BoxRow is a number of risks and where they are looked at.
type BoxRow struct {
	Text, Href string
	Count      int
	Tone       ui.Tone
}

// registerBox is what waits, in words; nil for who may not read the register.
func registerBox(d *risk.Desk) *RegisterBox {
	if d == nil {
		return nil
	}
	b := &RegisterBox{All: d.Open}
	for _, x := range []BoxRow{
		{"above tolerance", "/register?view=above", d.Above, ui.Warn}, {"got worse since the last meeting", "/register?view=above", d.Worse, ui.Bad}, {"overdue", "/register?view=overdue", d.Overdue, ui.Bad},
		{"held for validation", "/register?view=held", d.Held, ui.Warn}, {"with an acceptance to decide", "/register?response=accept", d.Acceptances, ui.Warn},
		{"whose monitoring waits to be agreed to", "/register?response=monitor", d.Monitor, ui.Warn},
		{"to be reviewed", "/register?view=review", d.Review, ui.Warn}, {"of yours", "/register?view=mine", d.Mine, ui.Plain},
	} {
		if x.Count > 0 {
			b.Rows = append(b.Rows, x)
		}
	}
	return b
}

// says counts the open risks.
func (b *RegisterBox) says() string {
	if b.All == 0 {
		return "No risk is open."
	}
	return strconv.Itoa(b.All) + " open"
}
