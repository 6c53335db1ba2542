package cvss

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// whole writes v with every metric, those that are not defined included, as
// some readers demand.
func whole(v Vector) string {
	var parts []string
	for _, m := range Catalogue(v.Version()) {
		parts = append(parts, m.Abbrev+":"+v.Get(m.Abbrev))
	}
	return schemes[v.scheme].prefix + strings.Join(parts, "/")
}

// pandatix scores v with another library: base, temporal, environmental, or
// for version 4.0 the one score three times.
func pandatix(v Vector) (s [3]float64, err error) {
	text := whole(v)
	switch v.scheme {
	case v20:
		c, err := gocvss20.ParseVector(text)
		if err != nil {
			return s, err
		}
		// It lets scores fall below zero, which no score can.
		return [3]float64{max(0, c.BaseScore()), max(0, c.TemporalScore()), max(0, c.EnvironmentalScore())}, nil
	case v30:
		c, err := gocvss30.ParseVector(text)
		if err != nil {
			return s, err
		}
		return [3]float64{c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()}, nil
	case v31:
		c, err := gocvss31.ParseVector(text)
		if err != nil {
			return s, err
		}
		return [3]float64{c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()}, nil
	}
	c, err := gocvss40.ParseVector(text)
	if err != nil {
		return s, err
	}
	return [3]float64{c.Score(), c.Score(), c.Score()}, nil
}

// TestAgainstAnotherLibrary compares every base vector of every version, and
// random whole ones, with pandatix/go-cvss. That library computes with binary
// fractions: in versions 4.0 and 2.0 it is 0.1 low for some of the vectors whose
// exact value is x.x5, where its sum falls just below (its issue 292).
func TestAgainstAnotherLibrary(t *testing.T) {
	t.Parallel()
	for n, base := range map[uint8]int{v20: 729, v30: 2592, v31: 2592, v40: 104_976} {
		t.Run(schemes[n].version, func(t *testing.T) {
			t.Parallel()
			count, low := 0, 0
			for v := range everyBase(n) {
				count++
				low += checkPandatix(t, v)
			}
			if count != base {
				t.Errorf("%d base vectors, want %d", count, base)
			}
			if n == v40 && low != 450 {
				t.Errorf("the library is 0.1 low for %d base vectors, want 450 as known of v0.6.4", low)
			}
			r := rand.New(rand.NewPCG(5, uint64(n)))
			for range 50_000 {
				low += checkPandatix(t, randomVector(r, n))
			}
			if n != v40 && n != v20 && low != 0 {
				t.Errorf("%d differences, want none", low)
			}
		})
	}
}

// checkPandatix is 1 where the other library is low in the way that is known.
func checkPandatix(t *testing.T, v Vector) int {
	t.Helper()
	there, err := pandatix(v)
	if err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	r := v.Score()
	here, tie := [3]float64{r.Base, r.Temporal, r.Environmental}, false
	if v.scheme == v20 && !v.States(Environmental) {
		there[2] = there[1]
	}
	if v.scheme == v40 {
		here = [3]float64{r.Score, r.Score, r.Score}
	}
	if here == there {
		return 0
	}
	switch v.scheme {
	case v20:
		_, tie = printed2Scores(v.Get)
	case v40:
		tie = sum4(instead(v.lo&base4, v.hi&base4)|v.lo&(e4|need4))%part == 0
	}
	for i := range here {
		if d := math.Round(10 * (here[i] - there[i])); !tie || d != 0 && d != 1 {
			t.Errorf("%s scores %v here and %v there", v, here, there)
			break
		}
	}
	return 1
}

// TestAgainstASecondOracle compares every base vector of every version, and
// random whole ones, with ae-cvss-calculator, which is written in another
// language by other people and agrees with the corrected reference.
func TestAgainstASecondOracle(t *testing.T) {
	t.Parallel()
	script := filepath.Join(root(t), "tools", "oracle", "cvss", "score.js")
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "ae-cvss-calculator")); err != nil {
		t.Skip("the second oracle is not installed; make tools installs it (npm ci in tools/oracle/cvss)")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed; make tools installs it")
	}
	vectors := oracleVectors()
	var wait sync.WaitGroup
	const parts = 2
	for i := range parts {
		wait.Go(func() {
			mine := vectors[i*len(vectors)/parts : (i+1)*len(vectors)/parts]
			lines, err := runOracle(script, mine)
			if err != nil {
				t.Error(err)
				return
			}
			for k, v := range mine {
				checkOracle(t, v, lines[k])
			}
		})
	}
	wait.Wait()
}

// oracleVectors leaves out the other metrics of two versions: in 2.0 that oracle
// rounds once at the end, where the guide rounds each score, and in 3.0 it rounds
// products such as 5.0 x 0.92 = 4.6 up to 4.7. The printed equations and the
// other library have those.
func oracleVectors() []Vector {
	var all []Vector
	for _, n := range []uint8{v40, v31, v30, v20} {
		for v := range everyBase(n) {
			all = append(all, v)
		}
		for r := range 2000 {
			if n == v40 || n == v31 {
				all = append(all, randomVector(rand.New(rand.NewPCG(7, uint64(r))), n))
			}
		}
	}
	rand.New(rand.NewPCG(8, 8)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// runOracle gives the script's line for each vector.
func runOracle(script string, vectors []Vector) ([]string, error) {
	var in, problems bytes.Buffer
	for _, v := range vectors {
		fmt.Fprintln(&in, v)
	}
	node := exec.Command("node", script)
	node.Stdin, node.Stderr = &in, &problems
	out, err := node.Output()
	if err != nil {
		return nil, fmt.Errorf("node %s: %w: %s", script, err, problems.String())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(vectors) {
		return nil, fmt.Errorf("%d answers to %d vectors: %s", len(lines), len(vectors), problems.String())
	}
	return lines, nil
}

func checkOracle(t *testing.T, v Vector, line string) {
	t.Helper()
	r := v.Score()
	have := []float64{r.Base, r.Temporal, r.Environmental, r.Score}
	if v.scheme == v40 {
		have = []float64{r.Score}
	}
	said := strings.Fields(line)
	if len(said) != len(have) {
		t.Errorf("%s: the oracle says %q", v, line)
		return
	}
	for i, s := range said {
		if s == "-" { // not stated
			continue
		}
		if want := number(t, s); want != have[i] {
			t.Errorf("%s: score %d is %.1f here, and the oracle says %q", v, i, have[i], line)
		}
	}
}
