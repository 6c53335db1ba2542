package fair

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// link joins the frequencies of risks by a Gaussian copula: the normal scores of a
// risk's rate, and those of its count, are mixtures of the risks' own scores.
type link struct {
	from   []stream // of each risk that is mixed, for the rate and for the count
	weight []float64
}

// What is linked, each by scores of its own.
const (
	rateLink  = 0
	countLink = 1
)

// scores is the table of the standard normal.
var scores = sync.OnceValue(func() *table { return newTable(normalSides(), func(x float64) float64 { return x }) })

// words are the linked random words of the years from first on.
func (l *link) words(what int, b *block, first uint64, out []uint64) {
	z := b.loss[:len(out)]
	for i := range z {
		z[i] = 0
	}
	t := scores()
	for k, w := range l.weight {
		s := l.from[2*k+what]
		for i := range z {
			z[i] += float64(w * t.at(s.word((first+uint64(i))<<eventBits)))
		}
	}
	for i, x := range z {
		out[i] = wordOf(normalCDF(x))
	}
}

// links makes the links of the risks that a correlation names, by id. The risks are
// taken by id, so that their order in the matrix changes nothing.
func (c *Correlation) links(seed uint64) map[string]*link {
	if c == nil {
		return nil
	}
	order := make([]int, len(c.Risks))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c.Risks[a] < c.Risks[b] {
			return -1
		}
		return 1
	})
	root, _ := root(c.Matrix, order)
	all := map[string]*link{}
	for i, row := range root {
		l := &link{}
		for j, w := range row[:i+1] {
			if id := c.Risks[order[j]]; w != 0 {
				l.weight = append(l.weight, w)
				l.from = append(l.from, newStream(seed, id, "linked rate"), newStream(seed, id, "linked count"))
			}
		}
		all[c.Risks[order[i]]] = l
	}
	return all
}

// root is the lower triangle whose square is the matrix with its rows and columns in the given order (Cholesky),
// and whether there is one.
func root(m [][]float64, order []int) (l [][]float64, ok bool) {
	const near = 1e-9
	l = make([][]float64, len(m))
	for i := range l {
		l[i] = make([]float64, len(m))
	}
	for j := range m {
		left := m[order[j]][order[j]]
		for k := range j {
			left -= float64(l[j][k] * l[j][k])
		}
		if left < -near {
			return nil, false
		}
		pivot := 0.0
		if left > near {
			pivot = math.Sqrt(left)
		}
		l[j][j] = pivot
		for i := j + 1; i < len(m); i++ {
			rest := m[order[i]][order[j]]
			for k := range j {
				rest -= float64(l[i][k] * l[j][k])
			}
			if pivot > 0 {
				l[i][j] = rest / pivot
			} else if math.Abs(rest) > 1e-4 {
				return nil, false
			}
		}
	}
	return l, true
}

func (c *checker) correlation(m *Correlation, ids map[string]int) {
	if m == nil {
		return
	}
	n := len(m.Risks)
	if n < 2 || n > maxLinked {
		c.bad("correlation.risks", fmt.Sprintf("it names %d risks", n), fmt.Sprintf("name 2 to %d", maxLinked))
		return
	}
	before, seen := len(c.Fields), map[string]bool{}
	for i, id := range m.Risks {
		at := fmt.Sprintf("correlation.risks.%d", i)
		if _, ok := ids[id]; !ok {
			c.bad(at, fmt.Sprintf("no scenario has the id %q", id), "name scenarios of this input")
		}
		c.once(at, "risk "+id, seen)
	}
	if len(m.Matrix) != n {
		c.bad("correlation.matrix", fmt.Sprintf("it has %d rows for %d risks", len(m.Matrix), n), "give one row for each risk")
	}
	for i, row := range m.Matrix {
		if len(row) != n {
			c.bad(fmt.Sprintf("correlation.matrix.%d", i), fmt.Sprintf("the row has %d numbers for %d risks", len(row), n), "give one for each risk")
		}
	}
	if len(c.Fields) == before {
		c.matrix(m.Matrix)
	}
}

// matrix checks the numbers of a square matrix.
func (c *checker) matrix(m [][]float64) {
	order := make([]int, len(m))
	for i, row := range m {
		order[i] = i
		for j, x := range row {
			at := fmt.Sprintf("correlation.matrix.%d.%d", i, j)
			switch {
			case !(x >= -1 && x <= 1):
				c.bad(at, fmt.Sprintf("%g is no correlation", x), "write a number from -1 to 1")
				return
			case i == j && x != 1:
				c.bad(at, fmt.Sprintf("the diagonal holds %g", x), "a risk goes with itself: write 1")
				return
			case x != m[j][i]:
				c.bad(at, fmt.Sprintf("%g here and %g across the diagonal", x, m[j][i]), "make the matrix symmetric")
				return
			}
		}
	}
	if _, ok := root(m, order); !ok {
		c.bad("correlation.matrix", "no risks can be correlated so: the matrix is not positive semi-definite", "lower the correlations that contradict each other")
	}
}
