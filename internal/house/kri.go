package house

import (
	"tocsin/internal/gate"
	"tocsin/internal/kri"
	"tocsin/internal/ref"
	"tocsin/internal/risk"
)

// indicators puts the key risk indicators together and hands what they say to the
// register.
func (h *House) indicators() *kri.KRIs {
	k := &kri.KRIs{Gate: h.Gate, Profile: h.Rules, Tracked: h.Risks.Tracked, Breached: h.Risks.Alarm}
	h.Risks.Indicators = func(v *gate.View, id ref.ID) (out []risk.Indicator, err error) {
		found, err := k.Indicators(v, id)
		for _, x := range found {
			out = append(out, indicator(x))
		}
		return out, err
	}
	return k
}

func indicator(k *kri.KRI) risk.Indicator {
	return risk.Indicator{ID: k.ID, Title: k.Title, Kind: k.Kind, Unit: k.Unit, Light: k.Light, Says: k.Says, Value: k.Value, Baseline: k.Baseline,
		Target: k.Target, Better: k.Better, At: k.At, Next: k.Next, Tied: k.Tied(), OnTarget: k.OnTarget, Below: k.Below, Retired: k.State == kri.Retired}
}
