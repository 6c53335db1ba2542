package cvss

import "testing"

func rating(score float64) string {
	switch {
	case score >= 9:
		return "critical"
	case score >= 7:
		return "high"
	case score >= 4:
		return "medium"
	case score > 0:
		return "low"
	}
	return "none"
}

func TestTurnsAreTheSingleChangesThatGiveAnotherWord(t *testing.T) {
	for _, text := range []string{
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H/E:P/MAV:L",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:U/CR:L",
		"AV:N/AC:L/Au:N/C:P/I:P/A:P",
	} {
		v, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		listed := map[string]bool{}
		for _, x := range Turns(v, rating) {
			w, err := v.With(x.Metric, x.Value)
			if err != nil || w != x.Vector || w.Score().Score != x.Score || rating(x.Score) != x.Band {
				t.Errorf("%s: %s:%s is not what it says: %v %v", text, x.Metric, x.Value, x, err)
			}
			if x.Band == rating(v.Score().Score) {
				t.Errorf("%s: %s:%s turns nothing", text, x.Metric, x.Value)
			}
			listed[x.Metric+":"+x.Value] = true
		}
		for _, m := range Catalogue(v.Version()) {
			for _, c := range m.Choices {
				w, err := v.With(m.Abbrev, c.Value)
				unstated := m.Group == Environmental && m.Abbrev[0] == 'M' && (v.Get(m.Abbrev) == "X")
				if err != nil || unstated || c.Value == "X" || c.Value == "ND" || rating(w.Score().Score) == rating(v.Score().Score) {
					continue
				}
				if !listed[m.Abbrev+":"+c.Value] {
					t.Errorf("%s: %s:%s gives %.1f and is not listed", text, m.Abbrev, c.Value, w.Score().Score)
				}
			}
		}
	}
	if Turns(Vector{}, rating) != nil {
		t.Error("no vector has turns")
	}
}
