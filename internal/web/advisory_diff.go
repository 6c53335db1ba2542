package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/advisory"
	"tocsin/internal/web/ui"
)

// docChanges lists what differs between two Documents in what they say, field by
// field, as a reviewer reads it. Dates, version and history, which publication
// itself sets, are left out.
func docChanges(old, now advisory.Document) []ui.Change {
	a, b := flatDoc(old.Content()), flatDoc(now.Content())
	names := slices.Collect(maps.Keys(b))
	for name := range a {
		if _, both := b[name]; !both {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byPlace)
	var out []ui.Change
	for _, name := range names {
		if a[name] != b[name] {
			out = append(out, ui.Change{Field: fieldWords(name), Old: a[name], New: b[name]})
		}
	}
	return out
}

// flatDoc returns every value of a Document by where it stands: "vulns.0.cve".
func flatDoc(d advisory.Document) map[string]string {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // a Document is plain fields
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		panic(err) // it was written a moment ago
	}
	out := map[string]string{}
	flatten(out, "", tree)
	return out
}

func flatten(out map[string]string, at string, v any) {
	join := func(k string) string { return strings.TrimPrefix(at+"."+k, ".") }
	switch x := v.(type) {
	case map[string]any:
		for k, v := range x {
			flatten(out, join(k), v)
		}
	case []any:
		for i, v := range x {
			flatten(out, join(strconv.Itoa(i)), v)
		}
	default:
		out[at] = fmt.Sprint(x)
	}
}

// docOrder is how the fields of a Document follow one another for its readers.
var docOrder = []string{"title", "summary", "severity", "tlp", "notes", "products", "vulns", "references", "credits"}

// byPlace orders names as the Document has them, numbers by their size.
func byPlace(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	if i, j := docPlace(x[0]), docPlace(y[0]); i != j {
		return i - j
	}
	return slices.CompareFunc(x, y, func(s, t string) int {
		m, err1 := strconv.Atoi(s)
		n, err2 := strconv.Atoi(t)
		if err1 == nil && err2 == nil {
			return m - n
		}
		return strings.Compare(s, t)
	})
}

func docPlace(word string) int {
	if i := slices.Index(docOrder, word); i >= 0 {
		return i
	}
	return len(docOrder)
}

// partWords are the parts of a Document in words, one of them.
var partWords = map[string]string{"vulns": "vulnerability", "products": "product", "notes": "note", "references": "reference", "credits": "credit",
	"affected": "status", "ranges": "range", "scores": "score", "remediations": "remediation", "cwes": "weakness", "tlp": "TLP", "cve": "CVE", "purl": "package URL", "url": "address"}

// fieldWords says where a value stands: "vulns.0.affected.1.status" is
// "vulnerability 1, status 2, status".
func fieldWords(name string) string {
	var out []string
	for part := range strings.SplitSeq(name, ".") {
		if n, err := strconv.Atoi(part); err == nil && len(out) > 0 {
			out[len(out)-1] += " " + strconv.Itoa(n+1)
			continue
		}
		if w, ok := partWords[part]; ok {
			part = w
		}
		out = append(out, strings.ReplaceAll(part, "_", " "))
	}
	return strings.Join(out, ", ")
}
