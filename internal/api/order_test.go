package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/risk"
)

// TestTheRegisterOverTheAPIIsByScoreTrendAndAge reads the list of risks page by page:
// its order is that of R37 however long a page is and however the list is narrowed, and
// each risk says its trend and what it was, in the list as by itself. Hidden risks
// between them change nothing.
func TestTheRegisterOverTheAPIIsByScoreTrendAndAge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		mia, eve := s.person(t, "mia", "manager", "leader"), s.person(t, "eve", "manager", "leader")
		risks := []struct {
			was, is     int    // impacts: at the review, where 0 is no review; and now, where 0 is no score
			trend, from string // what the API says of it
		}{
			{4, 4, "same", "6"}, {5, 4, "better", "8"}, {0, 4, "", ""}, {3, 4, "worse", "4"}, {0, 0, "", ""}, {4, 4, "same", "6"}, {0, 4, "", ""},
			{3, 4, "worse", "4"}, {2, 5, "worse", "2"}, {3, 3, "same", "4"}, {0, 0, "", ""},
		}
		const want = "8 37 26 05 1 9 4:" // by score; in a score worse, never reviewed, the same, better; in each the oldest first; those without a score last
		raise := func(c *caller, r risk.Raising, was, is int) ref.ID {
			s.Pass(time.Minute)
			id, err := s.Risks.Raise(c.ctx, r)
			ok(t, err)
			for i, impact := range []int{was, is} {
				if impact == 0 {
					continue
				}
				ok(t, s.Risks.Judge(c.ctx, id, risk.Judgement{Kind: risk.KindInherent, Likelihood: 3, Impact: impact, Reason: "seen"}))
				if i == 0 {
					ok(t, s.Reviews.Review(c.ctx, id, review.Reviewing{Outcome: review.StillValid, Reason: "looked at"}))
					s.Pass(time.Minute)
				}
			}
			return id
		}
		var ids []string
		for i, r := range risks {
			ids = append(ids, string(raise(mia, risk.Raising{Title: fmt.Sprintf("Check %d fails", i), Department: "Plan"}, r.was, r.is)))
			raise(eve, risk.Raising{Title: "Hidden", Named: true}, r.was, r.is)
		}
		name := func(i int) string { return strings.Replace(fmt.Sprint(i), "10", ":", 1) }
		says := func(where string, item map[string]any) string {
			i := slices.Index(ids, fmt.Sprint(item["id"]))
			if i < 0 {
				t.Fatalf("%s: %v is a risk that mia may not see", where, item["id"])
			}
			have := [2]string{}
			for n, field := range []string{"trend", "was"} {
				if x, ok := item[field]; ok {
					have[n] = fmt.Sprint(x)
				}
			}
			if r := risks[i]; have != [2]string{r.trend, r.from} {
				t.Errorf("%s: check %d has the trend %q from %q, want %q from %q", where, i, have[0], have[1], r.trend, r.from)
			}
			return name(i)
		}
		for _, narrowed := range []string{"", "&order=score", "&state=open&department=Plan", "&q=check"} {
			for _, n := range []int{1, 2, 3, 50} {
				var have strings.Builder
				for after, pages := "", 0; ; pages++ {
					at := fmt.Sprintf("/risks?limit=%d%s&after=%s", n, narrowed, url.QueryEscape(after))
					page := mia.want(200, "GET", at, nil).json(t)
					items := page["items"].([]any)
					if len(items) > n || pages > len(risks) {
						t.Fatalf("%s: page %d with %d risks, want at most %d and an end", at, pages, len(items), n)
					}
					for _, x := range items {
						have.WriteString(says(at, x.(map[string]any)))
					}
					if after, _ = page["next"].(string); after == "" {
						break
					}
				}
				if have.String() != strings.ReplaceAll(want, " ", "") {
					t.Errorf("%q in pages of %d: %s, want %s", narrowed, n, have.String(), want)
				}
			}
		}
		for _, id := range ids {
			at := "/risks/" + id
			says(at, mia.want(200, "GET", at, nil).json(t))
		}
		first := mia.want(200, "GET", "/risks?limit=3", nil).text(t, "next")
		mia.want(400, "GET", "/risks?limit=3&order=newest&after="+url.QueryEscape(first), nil) // a place in one order is none in another
	})
}

// TestObservationsOverTheAPIStandInTheOrderThatIsAskedFor reads them one a page.
func TestObservationsOverTheAPIStandInTheOrderThatIsAskedFor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *site) {
		mia := s.person(t, "mia", "manager")
		for _, o := range []map[string]any{{"title": "a", "likelihood": 2, "impact": 2}, {"title": "b", "likelihood": 4, "impact": 4}, {"title": "c"}} {
			s.Pass(time.Minute)
			mia.want(201, "POST", "/observations", o)
		}
		for order, want := range map[string]string{"": "cba", "newest": "cba", "score": "bac", "age": "abc", "due": "bac"} {
			have := ""
			for after := ""; len(have) <= len(want); {
				at := "/observations?limit=1&after=" + url.QueryEscape(after)
				if order != "" {
					at += "&order=" + order
				}
				page := mia.want(200, "GET", at, nil).json(t)
				have += fmt.Sprint(page["items"].([]any)[0].(map[string]any)["title"])
				if after, _ = page["next"].(string); after == "" {
					break
				}
			}
			if have != want {
				t.Errorf("order %q: %s, want %s", order, have, want)
			}
		}
		mia.want(400, "GET", "/observations?order=loudest", nil)
	})
}
