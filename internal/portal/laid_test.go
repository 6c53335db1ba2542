package portal_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"tocsin/internal/rig"
	"tocsin/internal/web/assets"
)

// The form by which a reporter writes is laid out as any form: no class of its own has a
// second meaning in the style sheet of all pages.
func TestTheFormOfAReporterIsLaidOutAsAny(t *testing.T) {
	t.Parallel()
	h := rig.Open(t, t.TempDir()+"/test.db", "gitlab")
	s := open(h)
	link, id := s.report(t, good())
	s.get(t, link)
	class := regexp.MustCompile(`<form id="write" class="form sheet (\w+)"`).FindStringSubmatch(s.get(t, "/portal/r/"+string(id)).Body.String())
	if len(class) == 0 {
		t.Fatal("the page has no form to write")
	}
	css := httptest.NewRecorder()
	assets.Handler().ServeHTTP(css, httptest.NewRequest(http.MethodGet, assets.Path("app.css"), nil))
	if css.Code != http.StatusOK || regexp.MustCompile(`\.`+class[1]+`\s*\{`).MatchString(css.Body.String()) {
		t.Errorf("status %d: app.css has rules for .%s", css.Code, class[1])
	}
}
