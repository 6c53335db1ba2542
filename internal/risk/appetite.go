package risk

import "tocsin/internal/gate"

// appetite is the one in force: of the newest survey that was decided, else the
// profile's.
func (s *Risks) appetite(v *gate.View) (Appetite, error) {
	found, err := newestAppetite(v)
	return s.appetiteBy(found), err
}

// appetiteBy is the appetite in force, where the newest survey found that one.
func (s *Risks) appetiteBy(found Appetite) Appetite {
	name := s.Profile.Tolerance.Chosen
	if found.Name != "" {
		name = found.Name
	}
	for _, a := range s.Profile.Tolerance.Appetites {
		if a.Name == name {
			out := Appetite{Name: a.Name, Title: a.Title, UpTo: a.UpTo, From: "profile"}
			if found.Name != "" {
				out.From, out.At = found.From, found.At
			}
			return out
		}
	}
	for _, a := range s.Profile.Tolerance.Appetites { // a survey under an earlier profile, whose word this one does not have
		if a.Name == s.Profile.Tolerance.Chosen {
			return Appetite{Name: a.Name, Title: a.Title, UpTo: a.UpTo, From: "profile"}
		}
	}
	return Appetite{}
}
