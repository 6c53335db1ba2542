package web_test

import (
	"net/url"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/rig"
)

// TestAskingAList types queries into the box of the list of cases.
func TestAskingAList(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		for title, severity := range map[string]string{"Export can be read": "high", "Import hangs": "low"} {
			id, _ := aCase(t, h, ana, casework.Opening{Title: title})
			check(t, "severity", h.Cases.Edit(ana, id, casework.Patch{Provisional: &severity}))
		}
		b := open(t, h).as(ana)
		b.get("/cases").is(t, 200, "Export can be read", "Import hangs", `value="is:open"`)
		b.get("/cases?q="+url.QueryEscape("sev>=high is:open")).is(t, 200, "Export can be read", "Severity at least High", `value="severity&gt;=high is:open"`).lacks(t, "Import hangs")
		b.get("/cases?severity=low").is(t, 200, "Import hangs", `value="is:open severity:low"`).lacks(t, "Export can be read")
		b.get("/cases?severity=unknown&state=any").is(t, 200, `value="severity:none"`, "No case fits")
		b.get("/cases?q="+url.QueryEscape("is:open sev>=hihg")).is(t, 422, "At character 14, no severity is called hihg; did you mean high?", "<mark>hihg</mark>", `aria-invalid="true"`)
		b.get("/cases?q=owner%3Anobodyhere").is(t, 422, "nobody whom you may name is called nobodyhere", "<mark>owner:nobodyhere</mark>")
		b.get("/cases/complete?q=sev%3E%3Dhi&at=7").is(t, 200, `data-text="sev&gt;=high "`, "High")
		b.get("/inbox?q=is%3Adecided").is(t, 200, "No report fits")
		b.get("/advisory?q=stage%3Anothing").is(t, 422, "no stage is called nothing")
		b.get("/register?q=rating%3E%3Dhgh").is(t, 422, "no rating is called hgh")
	})
}

// TestViewsOfAList saves a view, opens the list with it, and takes it away.
func TestViewsOfAList(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		b := open(t, h).as(ana)
		const query = "q=severity%3E%3Dhigh"
		b.post("/views", "surface", "cases", "query", query, "name", "Urgent", "shared", "yes").leads(t, "/cases?"+query)
		b.get("/cases").is(t, 200, "Urgent")
		eve := open(t, h).as(h.As(t, "eve", "engineer"))
		eve.get("/cases").is(t, 200, "Urgent")
		page := b.get("/cases?"+query).is(t, 200, "Open the list with this view", "Rename", "Delete this view")
		_, id, _ := strings.Cut(page.body, `name="view" value="`)
		id, _, _ = strings.Cut(id, `"`)
		b.post("/views/first", "surface", "cases", "query", query, "view", id).leads(t, "/cases?"+query)
		b.get("/cases").leads(t, "/cases?"+query)
		eve.get("/cases").is(t, 200)
		eve.post("/views/"+id+"/delete", "surface", "cases").is(t, 403)
		b.post("/views/"+id+"/name", "surface", "cases", "query", query, "name", "Burning").leads(t, "/cases?"+query)
		b.get("/cases?"+query).is(t, 200, "Burning").lacks(t, "Urgent")
		b.post("/views/"+id+"/delete", "surface", "cases").leads(t, "/cases")
		b.get("/cases").is(t, 200).lacks(t, "Burning")
	})
}

// lacks tests that a page does not say a word.
func (r reply) lacks(t *testing.T, word string) {
	t.Helper()
	if strings.Contains(r.body, word) {
		t.Errorf("the page says %q", word)
	}
}
