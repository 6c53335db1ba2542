package walk

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"tocsin/internal/access"
	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/ref"
)

// TestManyAtOnce chooses rows of a list with the keyboard, changes all of them, and
// takes it back; so it is with advisories and people; then with ten thousand, all of
// which are as they were in the end.
func TestManyAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	t.Parallel()
	p := idle(t) // without workers: what is left for later is done where the test says so
	inside := access.With(t.Context(), access.Actor{ID: p.people.All["priya"], Kind: access.Person, Name: "Priya"})
	var one ref.ID
	for i := range 4 {
		id, err := p.house.Cases.Open(inside, casework.Opening{Title: fmt.Sprintf("Grain %d falls through", i), Product: "fernhollow-gateway", Component: "sieve"})
		check(t, "open", err)
		one = id
	}
	v := &lister{talk: talk{visitor: p.browser(), id: one, at: "/cases?q=component:sieve"}}
	v.as("priya")
	t.Log("rows are chosen by keys, changed together and set back")
	v.severs()
	t.Log("advisories and people are changed the same way")
	v.as("helena")
	v.both("/advisory?q=-is%3Apublished", "m", "AMBER", "Mark", "Marked TLP:AMBER")
	v.both("/people?q=role%3Aengineer", "r", "auditor", "Give a role", "Role given: Auditor")
	v.as("priya")
	t.Log("ten thousand are changed, and set back, whoever stays or leaves")
	v.copies(10_000 - 4)
	v.thousands()
}

const (
	chosenRows = `document.querySelector("#bulk").checkVisibility() && document.querySelector("#bulk .n").textContent`
	bulkNews   = `document.querySelector("#bulk-news [role=status]")?.textContent.replace(/\s+/g, " ").trim()`
	askedFor   = `document.querySelector("dialog.asking")?.open && document.activeElement.name`
)

// highly sets what is chosen to high, by keys alone.
func (v *lister) highly() {
	v.Helper()
	v.sets("s", "high", "Severity")
}

// sets does by keys alone to what is chosen what a key asks for.
func (v *lister) sets(key, value, button string) {
	v.Helper()
	v.strike(key)
	v.becomes(askedFor, "value")
	for range 20 {
		if v.strike(kb.ArrowDown); js[string](v.visitor, `document.activeElement.value`) == value {
			break
		}
	}
	v.becomes(`document.activeElement.name + "=" + document.activeElement.value`, "value="+value)
	v.strike("\t")
	v.becomes(`document.activeElement.textContent.trim()`, button)
	v.strike(kb.Enter)
}

// both changes the first two rows of a list, and takes it back.
func (v *lister) both(list, key, value, button, says string) {
	v.Helper()
	v.open(list)
	v.strike("j")
	v.strike("j")
	v.strike("K")
	v.becomes(chosenRows, "2 chosen")
	v.sets(key, value, button)
	v.becomes(bulkNews, says+" 2 changed")
	v.becomes(`Boolean(globalThis.tocsin)`, "true") // keys are heard once the script of the new page is there
	v.strike("z")
	v.becomes(bulkNews, "Undone · "+says+" 2 set back")
	v.becomes(`document.readyState`, "complete") // or the next way would be taken for there when this one is
}

func (v *lister) severs() {
	v.open(v.at)
	v.strike("x")
	v.becomes(chosenRows, "1 chosen")
	v.strike("J")
	v.strike("J")
	v.becomes(chosenRows, "3 chosen")
	v.strike("p")
	v.becomes(`document.querySelector("dialog.peek")?.open && document.activeElement.id`, "peek-title")
	v.strike(kb.Escape) // closes the quick look, and nothing else
	v.becomes(`document.querySelector("dialog.peek").open + " " + (`+chosenRows+`)`, "false 3 chosen")
	v.strike(kb.Escape)
	v.becomes(chosenRows, "false")
	v.strike("x") // the row at which the choice ended
	v.strike("K")
	v.strike("K")
	v.strike("s")
	v.becomes(askedFor, "value")
	v.strike(kb.Escape) // thinks again: what is chosen stays chosen
	v.becomes(chosenRows, "3 chosen")
	v.highly()
	v.becomes(bulkNews, "Severity: High 3 changed")
	v.open(js[string](v.visitor, `location.href`)) // it survives the page
	v.becomes(bulkNews, "Severity: High 3 changed")
	if n := js[int](v.visitor, `[...document.querySelectorAll("td.sevcell")].filter(x => x.textContent.includes("High")).length`); n != 3 {
		v.Errorf("%d rows are high, want 3", n)
	}
	v.strike("z")
	v.becomes(bulkNews, "Undone · Severity: High 3 set back")
	if n := js[int](v.visitor, `[...document.querySelectorAll("td.sevcell")].filter(x => x.textContent.includes("High")).length`); n != 0 {
		v.Errorf("%d rows are high after all, want none", n)
	}
}

// copies makes more cases like the one that is there.
func (v *lister) copies(n int) {
	check(v.T, "copies", v.house.DB.Write(v.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(v.Context(), `with recursive n(i) as (select 1 union all select i + 1 from n where i < $2)
			insert into cases (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe, product, component, owner, source, cve, labels, due_at, due, breached, look_at, events, body, barred, rca)
			select 'CASE-' || (10000000 + n.i), 'CASE-' || (10000000 + n.i), c.audience, c.at, c.doc - n.i, c.version, c.stage, c.closed, c.title, c.severity, c.score, c.cwe, c.product, c.component,
				c.owner, c.source, c.cve, c.labels, c.due_at, c.due, c.breached, c.look_at, c.events, c.body, c.barred, c.rca from cases c, n where c.id = $1`, string(v.id), n)
		return err
	}))
}

func (v *lister) thousands() {
	before := v.severities()
	if len(before) < 10_000 {
		v.Fatalf("%d cases, want ten thousand and those of the demonstration", len(before))
	}
	v.open(v.at)
	v.strike("x")
	v.strike("X")
	v.becomes(chosenRows, "Chosen by the query")
	v.sees("all 1,000+ cases that match")
	v.highly()
	v.becomes(bulkNews+`.startsWith("Severity: High")`, "true")
	v.sees("You may leave this page: the work goes on, and what is done can be undone.")
	place := js[string](v.visitor, `location.href`)
	v.elsewhere()
	v.open(place)
	v.becomes(bulkNews, "Severity: High 10,000 changed")
	v.differ(before, 10_000)
	v.becomes(`document.querySelector("#bulk-news [data-hot=z]")?.textContent.trim()`, "Undo z")
	v.strike("z")
	v.becomes(bulkNews+`.startsWith("Severity: High setting back")`, "true")
	v.elsewhere()
	v.open(place)
	v.becomes(bulkNews, "Undone · Severity: High 10,000 set back")
	v.differ(before, 0)
}

// elsewhere looks at another page until everything that was left for later is done.
func (v *lister) elsewhere() {
	v.Helper()
	v.open("/inbox")
	for {
		more, err := v.house.Jobs.Step(v.Context())
		if check(v.T, "work", err); !more {
			return
		}
	}
}

// severities is what every case of the store says of how bad it is: its record, and
// what stands beside it for the lists.
func (v *lister) severities() map[string]string {
	v.Helper()
	all := map[string]string{}
	check(v.T, "severities", v.house.DB.Read(v.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(v.Context(), `select c.id, c.severity, c.score, c.stage, c.due_at, c.owner, c.body from cases c`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, severity, stage, owner, body string
			var score, due int64
			if err := rows.Scan(&id, &severity, &score, &stage, &due, &owner, &body); err != nil {
				return err
			}
			all[id] = fmt.Sprintln(severity, score, stage, due, owner, body)
		}
		return rows.Err()
	}))
	return all
}

// differ counts the cases that are not as they were.
func (v *lister) differ(before map[string]string, want int) {
	v.Helper()
	n := 0
	now := v.severities()
	for id, was := range before {
		if now[id] != was {
			n++
		}
	}
	if n != want || len(now) != len(before) {
		v.Errorf("%d of %d cases are not as they were, want %d of %d", n, len(now), want, len(before))
	}
}
