package web

import (
	"net/http"
	"strings"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/fault"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// register fills in what the reader may do with risks, beside what they may do with
// the case.
func (p *CasePage) register(may func(access.Verb) bool) {
	for _, verb := range [...]access.Verb{risk.VerbRead, risk.VerbRaise, risk.VerbEvidence} {
		p.May[string(verb)] = may(risk.VerbRead) && may(verb)
	}
}

// bearsWords tell how a case bears on a risk.
func bearsWords(b casework.Bears) string {
	if b.As == "evidence" {
		return "evidence of"
	}
	return spaced(strings.ReplaceAll(b.As, "-", " "))
}

// saveCaseRisk makes the case evidence of a risk that is in the register.
func saveCaseRisk(w *Web, r *http.Request, id ref.ID) error {
	to := ref.Read(r.PostFormValue("risk"))
	if to.Kind() != "risk" {
		return fault.At("risk", "write the risk by its ID, such as RISK-7QK3D9XB; the register has them")
	}
	err := w.Risks.Link(r.Context(), to, risk.Adding{About: string(id), Kind: r.PostFormValue("evidence"), Note: r.PostFormValue("note")})
	if fault.KindOf(err) == fault.NotFound {
		return fault.At("risk", "there is no risk %s", to)
	}
	if f, ok := formFault(err); ok {
		return renamed(renamed(f, "kind", "evidence"), "about", "risk")
	}
	return err
}

// stands tells whether a section stands on the side that is shown. That of the
// register is for those alone who may read it.
func (p CasePage) stands(s section) bool {
	return s.side == p.Side && !s.plain && (s.word != "risks" || p.may(risk.VerbRead))
}
