package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestAReportBecomesAPublishedAdvisory walks the whole path over HTTP, with
// refusals on the way.
func TestAReportBecomesAPublishedAdvisory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		ana, eve, max := s.person(t, "ana", "analyst"), s.person(t, "eve", "engineer"), s.person(t, "max", "manager")
		rel, bot := s.person(t, "rel", "release-manager"), s.token(t, nil, "analyst")
		ana.want(204, "PUT", "/products/gateway", `{"title":"Gateway","public":true,"lines":[{"name":"18.7","supported":true},{"name":"18.6","supported":true}]}`)
		report := "/reports/" + bot.want(201, "POST", "/reports", `{"title":"Export can be read by others","product":"gateway","summary":"A member of a sibling group reads the export.","severity":"high","contact":"owl@example.org","credit":"named","credit_name":"Night Owl"}`).text(t, "id")
		inbox := bot.want(200, "GET", "/reports?open=true&q=sibling", nil).json(t)
		if n := len(inbox["items"].([]any)); n != 1 {
			t.Fatalf("%d reports in the inbox, want 1", n)
		}
		path := "/cases/" + ana.want(200, "POST", report+"/moves", `{"move":"report.accept","opening":{"component":"export","cwe":"CWE-863"}}`).text(t, "case")
		ana.lacks(path, "case.assess", "complete", "provisional-severity", "owner")
		triage(t, s, ana, path)
		ana.move(path, "case.assess")
		assess(t, eve, max, path)
		eve.move(path, "case.confirm")
		remediate(eve, rel, path)
		adv := publish(t, ana, eve, rel, path)
		ana.want(204, "POST", path+"/messages", `{"text":"It is out. Thank you."}`)
		ana.move(path, "case.close")

		c := max.want(200, "GET", path, nil).json(t)
		if c["closed"] != true || c["loops"] != 1.0 || c["severity"] != "high" || c["score"] != 7.7 {
			t.Errorf("closed %v, loops %v, severity %v %v", c["closed"], c["loops"], c["severity"], c["score"])
		}
		out := bot.want(200, "GET", "/publications/"+strings.ToLower(strings.TrimPrefix(adv, "/advisories/")), nil).json(t)
		if out["revision"] != 1.0 || out["document"].(map[string]any)["status"] != "final" {
			t.Errorf("published %v", out)
		}
		history := ana.want(200, "GET", path+"/history", nil).json(t)["items"].([]any)
		if len(history) < 15 {
			t.Errorf("%d entries in the history, want one for each step", len(history))
		}
	})
}

func triage(t *testing.T, s *site, ana *caller, path string) {
	done := map[string]bool{}
	for _, c := range s.Rules.Completeness {
		done[c.Name] = true
	}
	ana.want(204, "PATCH", path, map[string]any{"complete": done, "provisional": "high"})
	ana.want(204, "PUT", path+"/owner", `{"owner":"person-eve"}`)
	if who := ana.want(200, "GET", path, nil).text(t, "owner"); who != "person-eve" {
		t.Errorf("owner %s, want person-eve", who)
	}
}

func assess(t *testing.T, eve, max *caller, path string) {
	eve.lacks(path, "case.confirm", "reproduced", "environments", "scored", "stride", "votes")
	eve.want(204, "PATCH", path, `{"reproduction":{"verdict":"reproduced","steps":"as reported"},"stride":["information-disclosure"],"environments":[
		{"name":"self-managed","verdict":"affected","ranges":[{"introduced":"17.2","fixed":"18.7.2"}]},
		{"name":"gitlab-com","verdict":"affected","ranges":[{"introduced":"17.2","fixed":"18.8"}]},
		{"name":"dedicated","verdict":"not_affected","reason":"The export service is not there."}]}`)
	eve.want(204, "PUT", path+"/score", `{"vectors":["CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N","CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"]}`)
	eve.want(403, "POST", path+"/votes", `{"agrees":true}`)
	max.want(204, "POST", path+"/votes", `{"agrees":true}`)
	max.site.person(t, "bob", "engineer").want(204, "POST", path+"/votes", `{"agrees":true,"note":"as I read it"}`)
}

func remediate(eve, rel *caller, path string) {
	eve.lacks(path, "case.submit", "fixes")
	for _, line := range []string{"18.7", "18.6"} {
		rel.want(204, "PUT", path+"/fixes", `{"line":"`+line+`","state":"ready","link":"https://code.example/1","fixed":"`+line+`.2"}`)
	}
	eve.move(path, "case.submit")
	eve.want(400, "POST", path+"/moves", `{"move":"case.inadequate"}`)
	eve.move(path, "case.inadequate", "reason", "the second path is open")
	eve.move(path, "case.submit")
	eve.want(204, "PATCH", path, `{"validation":{"verdict":"adequate","reconfirmed":"yes"}}`)
	eve.move(path, "case.validate")
}

func publish(t *testing.T, ana, eve, rel *caller, path string) string {
	rel.lacks(path, "case.release", "release-date", "release-versions", "advisory-approved")
	ana.want(204, "PATCH", path, `{"release":{"date":"2026-11-23T09:00:00Z","versions":["18.7.2","18.6.2"]},"cve":"CVE-1900-0001"}`)
	adv := "/advisories/" + ana.want(201, "POST", path+"/advisories", nil).text(t, "id")
	ana.move(adv, "advisory.submit")
	ana.lacks(adv, "advisory.approve", "second-person")
	eve.move(adv, "advisory.approve")
	ana.lacks(adv, "advisory.publish", "released")
	rel.move(path, "case.release")
	full := ana.want(200, "GET", adv, nil)
	doc := full.json(t)["document"].(map[string]any)
	doc["summary"] = "Changed after the approval."
	ana.with("If-Match", full.Header.Get("ETag")).want(204, "PUT", adv, map[string]any{"document": doc})
	ana.with("If-Match", full.Header.Get("ETag")).want(412, "PUT", adv, map[string]any{"document": doc})
	ana.lacks(adv, "advisory.publish", "approval-current")
	ana.move(adv, "advisory.return", "reason", "changed")
	ana.move(adv, "advisory.submit")
	eve.move(adv, "advisory.approve")
	for _, form := range []string{"csaf-2.0", "cve-5", "osv-1", "openvex-0.2"} {
		checkForm(t, ana, adv, form)
	}
	ana.move(adv, "advisory.publish")
	return adv
}

// checkForm asks for a published form and has it checked as a stranger's file.
func checkForm(t *testing.T, c *caller, adv, form string) {
	var forms struct {
		Files []struct {
			Name     string
			Document json.RawMessage
		}
	}
	ok(t, json.Unmarshal(c.want(http.StatusOK, "GET", adv+"/forms/"+form, nil).body, &forms))
	if len(forms.Files) == 0 {
		t.Fatalf("%s has no file", form)
	}
	for _, f := range forms.Files {
		r := c.want(200, "POST", "/advisory-check?file="+f.Name, []byte(f.Document)).json(t)
		if r["valid"] != true || r["format"] != form {
			t.Errorf("%s of %s: %v", f.Name, form, r)
		}
	}
}
