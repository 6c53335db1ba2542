package union

import (
	"strconv"
	"strings"
)

// text is the statement: every kind has the same columns, the numbers first.
func text(kinds []Kind) string {
	numbers, texts := width(kinds)
	var parts []string
	for i, k := range kinds {
		var n, t []string
		for _, c := range k.Columns {
			if number(c) {
				n = append(n, c[1:])
			} else {
				t = append(t, c)
			}
		}
		n, t = padded(n, numbers, `0`, `n`), padded(t, texts, `''`, `t`)
		parts = append(parts, `select * from (select `+strings.Join(append(append([]string{strconv.Itoa(i) + ` as kind`}, n...), t...), `, `)+k.From+`) u`+strconv.Itoa(i))
	}
	return strings.Join(parts, ` union all `)
}

// padded names the columns, those that a kind does not have too.
func padded(columns []string, width int, none, name string) []string {
	out := make([]string, width)
	for i := range out {
		out[i] = none
		if i < len(columns) {
			out[i] = columns[i]
		}
		out[i] += ` as ` + name + strconv.Itoa(i)
	}
	return out
}
