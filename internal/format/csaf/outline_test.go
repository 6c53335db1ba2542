package csaf_test

import (
	"fmt"
	"slices"

	"tocsin/internal/advisory"
)

// outline lists what a Document says, in an order of its own where a file may
// choose the order.
func outline(d advisory.Document) []string {
	out := []string{fmt.Sprint("document ", d.ID, d.Title, d.Lang, d.TLP, d.Status, d.Version, d.Initial, d.Current, d.Severity, d.Summary),
		fmt.Sprintf("publisher %+v", d.Publisher)}
	for _, r := range d.Revisions {
		out = append(out, fmt.Sprintf("revision %+v", r))
	}
	for _, n := range d.Notes {
		out = append(out, fmt.Sprintf("note %+v", n))
	}
	for _, r := range d.References {
		r.Category = kind(r.Category)
		out = append(out, fmt.Sprintf("reference %+v", r))
	}
	out = append(out, credits(d.Credits)...)
	var products []string
	for _, p := range d.Products {
		products = append(products, fmt.Sprintf("product %s %s|%s|%s|%s", p.ID, p.Vendor, p.Version, p.PURL, p.CPE))
	}
	slices.Sort(products)
	out = append(out, products...)
	for _, v := range d.Vulns {
		out = append(out, vulnOutline(v)...)
	}
	return out
}

func kind(category string) string {
	if category == "self" {
		return category
	}
	return "external" // the default: CSAF 2.0, section 3.1.10.1
}

func credits(in []advisory.Credit) (out []string) {
	for _, c := range in {
		out = append(out, fmt.Sprintf("credit %+v", c))
	}
	return out
}

func vulnOutline(v advisory.Vuln) []string {
	out := []string{fmt.Sprint("vuln ", v.CVE, v.Aliases, v.Title, v.Discovered, v.Released, v.CWEs, v.Description)}
	for _, n := range v.Notes {
		out = append(out, fmt.Sprintf("note %+v", n))
	}
	for _, s := range v.Scores {
		out = append(out, fmt.Sprint("score ", s.Version, s.Base, s.Severity, len(s.Products)))
	}
	for _, a := range v.Affected {
		out = append(out, fmt.Sprint("affected ", a.Product, a.Status, a.Justification, a.Impact, a.Versions))
	}
	for _, r := range v.Remediations {
		out = append(out, fmt.Sprintf("remediation %s %s %s %s %d", r.Category, r.Details, r.URL, r.Date, len(r.Products)))
	}
	for _, x := range v.Threats {
		out = append(out, fmt.Sprintf("threat %+v", x))
	}
	return append(out, credits(v.Credits)...)
}
