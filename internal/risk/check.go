package risk

import "tocsin/internal/profile"

func names(list []profile.Named) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

func kinds(p *profile.Profile) []string {
	var out []string
	for _, k := range p.Register.Kinds {
		out = append(out, k.Name)
	}
	return out
}
