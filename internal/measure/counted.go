package measure

// wordAt is the word at a place, and whether there is one.
func wordAt(all []string, place int64) (string, bool) {
	if place >= int64(len(all)) {
		return "", false
	}
	return all[place], true
}

// severities are those of a list that the question leaves.
func (q asked) severities(all []string) []string {
	switch q.Severity {
	case "":
		return all
	case Unknown:
		return []string{""}
	}
	return []string{q.Severity}
}

// tally is how many rounds of a clock were decided, or run.
type tally struct {
	what, severity             string
	before                     Share // met of decided, in the window before
	met, missed, open, running int   // of those missed are open
}

func scanTally(row func(...any) error) (t tally, err error) {
	var late int
	err = row(&t.what, &t.severity, &t.before.Part, &late, &t.met, &t.missed, &t.open, &t.running)
	t.before.Of = t.before.Part + late
	return t, err
}

// took is how many spans took so many whole hours without pauses, and how many
// seconds they took together.
type took struct {
	what, severity string // severity is a word of the list
	listed         bool   // the severity is one
	period, hours  int
	n              int
	seconds        int64
}

// keyed is how many share a key, and a sum of them.
type keyed struct {
	key, sum int64
	n        int
}

func scanKeyed(row func(...any) error) (k keyed, err error) {
	err = row(&k.key, &k.n, &k.sum)
	return k, err
}

// aged is how many open cases are of a band of ages, in all and of each severity of a
// list, and when the oldest of them began.
type aged struct {
	band, n int
	begun   int64
	by      []int
}

// flowed is how many cases began or ended in a month.
type flowed struct {
	month, n, again int // again began once more
	ended           bool
}

func scanFlow(row func(...any) error) (f flowed, err error) {
	err = row(&f.ended, &f.month, &f.n, &f.again)
	return f, err
}

// came is how many cases of a weakness came in from a source.
type came struct {
	cwe, source      string
	before, n, grave int
}

func scanCame(row func(...any) error) (c came, err error) {
	err = row(&c.cwe, &c.source, &c.before, &c.n, &c.grave)
	return c, err
}

// repeated is how often something began once more.
type repeated struct {
	what      string
	period, n int
}

func scanRepeated(row func(...any) error) (r repeated, err error) {
	err = row(&r.what, &r.period, &r.n)
	return r, err
}

// population is how many cases ended in the window and how many were opened in it,
// measured or not, when the middle one of those open at its end began, and how far
// the store is measured.
type population struct {
	ended, opened int
	middle        int64
	base
}

func scanPopulation(row func(...any) error) (p population, err error) {
	err = row(&p.ended, &p.opened, &p.middle, &p.rules, &p.upto)
	return p, err
}
