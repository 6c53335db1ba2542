package archive

import (
	"testing"

	"tocsin/internal/advisory"
)

// A case keeps one vector of each version; what others chose is told beside it.
func TestVectorsOfOthersAreStated(t *testing.T) {
	const (
		cna = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"
		nvd = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
		new = "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
		two = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
	)
	r := &Record{Stated: map[string]string{}}
	r.scores(&advisory.Document{}, &advisory.Vuln{Scores: []advisory.Score{{Vector: nvd, By: "NVD"}, {Vector: cna}, {Vector: cna, By: "Somebody who agrees"}, {Vector: new}, {Vector: two, By: "CISA-ADP"}}}, nil)
	if len(r.Scores) != 2 || r.Scores[0].Vector != cna || r.Scores[1].Vector != new {
		t.Errorf("kept are %+v", r.Scores)
	}
	if have, want := r.Stated["scores"], "NVD: "+nvd+"; CISA-ADP: "+two; have != want {
		t.Errorf("stated is %q, want %q", have, want)
	}
}
