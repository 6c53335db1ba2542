package web_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/ref"
	"tocsin/internal/rig"
)

var (
	inputTag = regexp.MustCompile(`(?s)<(?:input|textarea)\b[^>]*>(?:[^<]*</textarea>)?`)
	nameAttr = regexp.MustCompile(` name="([^"]*)"`)
	holds    = regexp.MustCompile(`(?s) value="([^"]*)"|>([^<]+)</textarea>`)
)

// TestTwoPeopleSaveOneSection holds that the second sees, field by field, what both
// wrote; that what only the first changed is taken over; and that either text can be
// saved.
func TestTwoPeopleSaveOneSection(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		anaCtx, eveCtx := h.As(t, "ana", "analyst", "manager"), h.As(t, "eve", "engineer", "analyst")
		ana, at := open(t, h).as(anaCtx), "/cases/"+string(opened(t, h, anaCtx, "Export can be read"))
		page := ana.get(at+"/record?edit=details").is(t, 200, `name="was"`)
		form := fieldsOf(page.body)
		h.Pass(1)
		check(t, "eve", h.Cases.Edit(eveCtx, caseID(at), casework.Patch{Summary: ptrTo("Eve's words."), Component: ptrTo("import")}))
		send := func(form map[string]string, more ...string) reply {
			pairs := more
			for name, value := range form {
				pairs = append(pairs, name, value)
			}
			return ana.post(at+"/details", pairs...)
		}
		form["summary"], form["title"] = "Ana's words.", "Exports can be read"
		back := send(form).is(t, 409, "Both of you changed these", "Ana&#39;s words.", "Eve&#39;s words.", "keep mine", "take theirs", "taken over below: Component", `>eve <`)
		if n := strings.Count(back.body, `value="theirs"`); n != 1 {
			t.Errorf("%d fields clash, want the summary alone", n)
		}
		again := fieldsOf(back.body)
		if again["component"] != "import" || again["title"] != "Exports can be read" || again["version"] == form["version"] {
			t.Errorf("the form came back with %v", again)
		}
		send(again, "take.summary", "theirs", "theirs.summary", "Eve's words.").leads(t, at+"/record#details")
		full, err := h.Cases.Get(anaCtx, caseID(at))
		check(t, "case", err)
		if full.Summary != "Eve's words." || full.Title != "Exports can be read" || full.Component != "import" {
			t.Errorf("stored: %q %q %q", full.Summary, full.Title, full.Component)
		}
	})
}

// TestAFormThatComesBackForAnotherReasonDoesNotForgetItsVersion holds that mending
// a field does not save over what somebody stored meanwhile.
func TestAFormThatComesBackForAnotherReasonDoesNotForgetItsVersion(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ctx := h.As(t, "ana", "analyst", "manager")
		ana, at := open(t, h).as(ctx), "/cases/"+string(opened(t, h, ctx, "Export can be read"))
		form := fieldsOf(ana.get(at + "/record?edit=details").body)
		check(t, "other", h.Cases.Edit(ctx, caseID(at), casework.Patch{Summary: ptrTo("Other words.")}))
		back := ana.post(at+"/details", "version", form["version"], "was", form["was"], "at", form["at"], "title", "", "summary", "Mine.", "deadline", "nonsense").is(t, 422)
		if have := fieldsOf(back.body); have["version"] != form["version"] || have["was"] != form["was"] {
			t.Errorf("made from version %s, want %s", have["version"], form["version"])
		}
	})
}

// fieldsOf are some fields of a page's form with what stands in them.
func fieldsOf(page string) map[string]string {
	_, form, _ := strings.Cut(page, `/details"`)
	form, _, _ = strings.Cut(form, "</form>")
	out := map[string]string{}
	for _, tag := range inputTag.FindAllString(form, -1) {
		name, value := nameAttr.FindStringSubmatch(tag), holds.FindStringSubmatch(tag)
		if name != nil && value != nil && !strings.Contains(tag, `type="checkbox"`) && !strings.Contains(tag, `type="radio"`) && !strings.HasPrefix(name[1], "theirs.") {
			out[name[1]] = html.UnescapeString(value[1] + value[2])
		}
	}
	return out
}

// caseID is the case whose page is at an address.
func caseID(at string) ref.ID { return ref.ID(strings.TrimPrefix(at, "/cases/")) }
