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
	h.Risks.Indicators = func(v *gate.View, ids ...ref.ID) (map[ref.ID][]risk.Indicator, error) {
		found, err := k.Indicators(v, ids...)
		out := map[ref.ID][]risk.Indicator{}
		for _, x := range found {
			out[x.On] = append(out[x.On], indicator(x.KRI))
		}
		return out, err
	}
	return k
}

func indicator(k *kri.KRI) risk.Indicator {
	return risk.Indicator{ID: k.ID, Title: k.Title, Kind: k.Kind, Unit: k.Unit, Light: k.Light, Says: k.Says, Value: k.Value, Baseline: k.Baseline,
		Target: k.Target, Better: k.Better, At: k.At, Next: k.Next, Tied: k.Tied(), OnTarget: k.OnTarget, Below: k.Below, Retired: k.State == kri.Retired}
}
