package query

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Holds is how a list's table holds a field.
type Holds int

// How a field is held.
const (
	Plain  Holds = iota // text, or a whole number for a Number; empty is none
	Set                 // words between blanks, with one before and behind; empty is none
	Moment              // microseconds since 1970; 0 is none
	Scaled              // a whole number, Scale for each 1; below 0 is none
	Asked               // by a condition of its own, in which ? is the value
)

// Column is where a list's SQL finds a field.
type Column struct {
	Expr  string // "c.stage"
	Holds Holds
	Scale float64
	Quick bool              // an index of the list answers whether it is equal to a value
	Is    map[string]string // of a field of conditions: the condition of each word; :now is the present moment, :words the list of Words
	Words []string
}

// Columns are the columns of a list by the names of their fields.
type Columns map[string]Column

// Reading is what conditions are made with.
type Reading struct {
	Columns Columns
	Now     time.Time
	Me      string
	People  map[string]string // the ids of people by what the query calls them
	Arg     func(any) string  // keeps an argument and returns its place: "$3"
}

// Conditions makes conditions of every term that has a field; the values are
// arguments. quick are those that an index answers.
func (r Reading) Conditions(q Query) (quick, where []string) {
	for _, t := range q.Terms {
		f, ok := q.field(t)
		if !ok {
			continue
		}
		c, ok := r.Columns[f.Name]
		if !ok {
			panic("query: the list has no column for the field " + f.Name) // met by the first test that asks for it
		}
		cond := r.condition(q, f, c, t)
		if t.Not {
			cond = `not (` + cond + `)`
		}
		if c.Quick && !t.Not && t.Op == Is && len(t.Values) == 1 {
			quick = append(quick, cond)
			continue
		}
		where = append(where, cond)
	}
	return quick, where
}

func (r Reading) condition(q Query, f *Field, c Column, t Term) string {
	switch {
	case c.Is != nil:
		return r.either(t, func(x string) string {
			cond := c.Is[x]
			if strings.Contains(cond, `:now`) {
				cond = strings.ReplaceAll(cond, `:now`, r.Arg(micros(r.Now)))
			}
			if strings.Contains(cond, `:words`) {
				cond = strings.ReplaceAll(cond, `:words`, r.list(c.Words))
			}
			return cond
		})
	case c.Holds == Asked:
		return r.either(t, func(x string) string { return strings.ReplaceAll(c.Expr, `?`, r.Arg(x)) })
	case c.Holds == Set:
		return r.either(t, func(x string) string {
			if x == None {
				return c.Expr + ` = ''`
			}
			return `replace(` + c.Expr + `, ` + r.Arg(" "+x+" ") + `, '') <> ` + c.Expr
		})
	case c.Holds == Moment:
		return r.either(t, func(x string) string { return r.moment(q.words.Zone, f, c, t.Op, x) })
	case c.Holds == Scaled:
		return r.either(t, func(x string) string { return r.scaled(c, t.Op, x) })
	}
	return r.equal(c, r.stored(f, t))
}

// either joins the conditions of a term's values: one of them has to hold.
func (r Reading) either(t Term, cond func(string) string) string {
	all := make([]string, len(t.Values))
	for i, x := range t.Values {
		all[i] = cond(x)
	}
	if len(all) == 1 {
		return all[0]
	}
	return `((` + strings.Join(all, `) or (`) + `))`
}

// equal asks whether a column holds one of the values.
func (r Reading) equal(c Column, values []string) string {
	if len(values) == 1 {
		return c.Expr + ` = ` + r.Arg(values[0])
	}
	if len(values) == 0 {
		return `1 = 0`
	}
	return c.Expr + ` in (` + r.list(values) + `)`
}

// list are values between commas.
func (r Reading) list(values []string) string {
	marks := make([]string, len(values))
	for i, x := range values {
		marks[i] = r.Arg(x)
	}
	return strings.Join(marks, `, `)
}

// stored are a term's values as a column of text holds them: those on one side of a
// word in the list's order, the ids of people.
func (r Reading) stored(f *Field, t Term) []string {
	if t.Op != Is {
		return f.beside(t.Op, t.Values[0])
	}
	out := make([]string, len(t.Values))
	for i, x := range t.Values {
		switch {
		case x == None && f.None:
			if _, word := f.value(x); !word {
				x = ""
			}
		case f.Kind == Person && x == Me:
			x = r.Me
		case f.Kind == Person:
			x = r.People[x]
		}
		out[i] = x
	}
	return out
}

// beside are the words of an ordered field on one side of a word.
func (f *Field) beside(op Op, x string) []string {
	at := slices.IndexFunc(f.Values, func(v Value) bool { return v.Name == x })
	var out []string
	for i, v := range f.Values {
		if op == Less && i < at || op == AtMost && i <= at || op == More && i > at || op == AtLeast && i >= at {
			out = append(out, v.Name)
		}
	}
	return out
}

func (r Reading) moment(zone *time.Location, f *Field, c Column, op Op, x string) string {
	if x == None {
		return c.Expr + ` = 0`
	}
	from, to := f.span(op, x, r.Now, zone)
	all := []string{c.Expr + ` <> 0`}
	if !from.IsZero() {
		all = append(all, c.Expr+` >= `+r.Arg(micros(from)))
	}
	if !to.IsZero() {
		all = append(all, c.Expr+` < `+r.Arg(micros(to)))
	}
	return strings.Join(all, ` and `)
}

func (r Reading) scaled(c Column, op Op, x string) string {
	if x == None {
		return c.Expr + ` < 0`
	}
	n, _ := strconv.ParseFloat(x, 64) // Parse lets nothing else through
	sign := string(op)
	if op == Is {
		sign = `=`
	}
	return c.Expr + ` >= 0 and ` + c.Expr + ` ` + sign + ` ` + r.Arg(int64(math.Round(n*c.Scale)))
}

func micros(t time.Time) int64 { return t.UnixMicro() }
