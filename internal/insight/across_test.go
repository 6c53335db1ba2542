package insight_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/casework"
	"tocsin/internal/db"
	"tocsin/internal/insight"
	"tocsin/internal/kri"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/review"
	"tocsin/internal/rig"
	"tocsin/internal/risk"
)

// said is a register and a case on which a word stands in every kind of text; named
// says that only those who are named may see the risk and the case.
func said(t *testing.T, h *rig.House, ana context.Context, meeting ref.ID, word string, named bool) (id, at ref.ID) {
	t.Helper()
	id, err := h.Cases.Open(ana, casework.Opening{Title: "A case", Named: named})
	check(t, "open", err)
	_, err = h.Cases.Note(ana, id, "It is the "+word+" again.")
	check(t, "note", err)
	c, err := h.Files.Store(t.Context(), strings.NewReader("proof"))
	check(t, "store", err)
	_, err = h.Cases.Attach(ana, id, word+".txt", c, false)
	check(t, "attach", err)
	check(t, "analyse", h.Cases.StepRCA(ana, id, casework.VerbRCAOpen, casework.RCAStep{Reason: "to learn"}))
	why := "Nobody feeds the " + word
	check(t, "why", h.Cases.EditRCA(ana, id, casework.RCAPatch{Why: &why}))
	at, err = h.Risks.Raise(ana, risk.Raising{Title: "A risk", Named: named})
	check(t, "raise", err)
	check(t, "evidence", h.Risks.Link(ana, at, risk.Adding{About: "gazette-7", Kind: h.Rules.Register.Evidence.Kinds[0].Name, Title: "The " + word + " gazette"}))
	check(t, "evidence", h.Risks.Link(ana, at, risk.Adding{About: string(id), Kind: "case", Note: "the " + word + " of the case"}))
	_, err = h.Risks.SetPlan(ana, at, risk.Planning{Summary: "Fence the " + word})
	check(t, "plan", err)
	_, err = h.KRIs.Open(ana, at, kri.Opening{Title: "Share of " + word, Kind: "implementation", Unit: "share"})
	check(t, "indicator", err)
	_, err = h.Reviews.Decide(ana, meeting, review.Deciding{Risk: at, Text: "the " + word + " first"})
	check(t, "decide", err)
	check(t, "review", h.Reviews.Review(ana, at, review.Reviewing{Outcome: review.StillValid, Reason: word + " holds", Meeting: meeting}))
	return id, at
}

// kinds are how much a search finds of each kind.
func kinds(t *testing.T, h *rig.House, who context.Context, word string) map[string]int {
	t.Helper()
	found, err := h.Across.Search(who, word, 10)
	check(t, "search", err)
	out := map[string]int{}
	for _, f := range found {
		if f.Many > 0 {
			out[f.Kind] = f.Many
		}
	}
	return out
}

// TestASearchFindsWhatStandsOnRecords looks for a word that stands in every kind of text
// once on what all staff see and once on what only named people see.
func TestASearchFindsWhatStandsOnRecords(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana, bob := h.As(t, "ana", "analyst", "manager"), h.As(t, "bob", "analyst", "manager")
		mary, gus := h.As(t, "mary", "communications"), h.As(t, "gus", "guest", "analyst")
		meeting, err := h.Reviews.Open(ana, review.Opening{Title: "The axolotl meeting"})
		check(t, "meeting", err)
		open, _ := said(t, h, ana, meeting, "axolotl", false)
		hidden, _ := said(t, h, ana, meeting, "axolotl", true)
		once := map[string]int{passage.Note: 1, passage.File: 1, passage.Cause: 1, passage.Evidence: 2, passage.Plan: 1, passage.KRI: 1, passage.Meeting: 2, passage.Decision: 1}
		twice := map[string]int{passage.Note: 2, passage.File: 2, passage.Cause: 2, passage.Evidence: 4, passage.Plan: 2, passage.KRI: 2, passage.Meeting: 3, passage.Decision: 2}
		for _, c := range []struct {
			name string
			who  context.Context
			want map[string]int
		}{
			{"who is named finds both", ana, twice},
			{"who is not named finds what all staff see", bob, once},
			{"who reads cases alone finds what stands on them", mary, map[string]int{passage.Note: 1, passage.File: 1, passage.Cause: 1}},
			{"who may read and sees nothing finds nothing", gus, map[string]int{}},
		} {
			if have := kinds(t, h, c.who, "axolotl"); !reflect.DeepEqual(have, c.want) {
				t.Errorf("%s: %v, want %v", c.name, have, c.want)
			}
		}
		found, err := h.Across.Search(bob, "axolotl aga*", 10, passage.Note)
		check(t, "narrow", err)
		texts := map[ref.ID]string{}
		for _, f := range found {
			for _, x := range f.Texts {
				texts[x.About] = f.Kind + ": " + x.On + ": " + x.Says
			}
		}
		if want := map[ref.ID]string{open: "note: A case: It is the axolotl again."}; !maps.Equal(texts, want) {
			t.Errorf("found %v, want %v", texts, want)
		}
		check(t, "lift", h.Cases.Lift(ana, hidden, "it is out"))
		if have := kinds(t, h, bob, "axolotl"); have[passage.Note] != 2 || have[passage.Plan] != 1 || have[passage.Evidence] != 2 {
			t.Errorf("once the case is open to all, and the risk is not, %v", have)
		}
		for _, word := range []string{"note", passage.Decision, passage.KRI} { // kinds are no words
			if have := kinds(t, h, ana, word+"*"); len(have) != 0 {
				t.Errorf("%s finds %v", word, have)
			}
		}
	})
}

// TestASearchForgetsWhatIsNoLongerSaid changes texts and takes evidence back.
func TestASearchForgetsWhatIsNoLongerSaid(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		meeting, err := h.Reviews.Open(ana, review.Opening{Title: "A meeting"})
		check(t, "meeting", err)
		id, at := said(t, h, ana, meeting, "axolotl", false)
		text := "A newt."
		check(t, "minutes", h.Reviews.Record(ana, meeting, review.Minutes{Text: &text}))
		check(t, "why", h.Cases.EditRCA(ana, id, casework.RCAPatch{Why: &text}))
		_, err = h.Risks.SetPlan(ana, at, risk.Planning{Summary: text})
		check(t, "plan", err)
		full, err := h.Risks.Get(ana, at)
		check(t, "get", err)
		for _, it := range full.Items {
			check(t, "take back", h.Risks.Drop(ana, at, it.ID, "not so"))
		}
		if have, want := kinds(t, h, ana, "newt"), (map[string]int{passage.Cause: 1, passage.Plan: 1, passage.Meeting: 1}); !maps.Equal(have, want) {
			t.Errorf("the new words: %v, want %v", have, want)
		}
		if have, want := kinds(t, h, ana, "axolotl"), (map[string]int{passage.Note: 1, passage.File: 1, passage.KRI: 1, passage.Meeting: 1, passage.Decision: 1}); !maps.Equal(have, want) {
			t.Errorf("the old ones: %v, want %v", have, want)
		}
		check(t, "link again", h.Risks.Link(ana, at, risk.Adding{About: "gazette-7", Kind: h.Rules.Register.Evidence.Kinds[0].Name, Title: "The axolotl gazette"}))
		if have := kinds(t, h, ana, "gazette"); have[passage.Evidence] != 1 {
			t.Errorf("evidence that counts again: %v", have)
		}
	})
}

// TestAStoreThatWasFilledBeforeIsFound fills the index anew: it finds the same as the one
// that was written with the records.
func TestAStoreThatWasFilledBeforeIsFound(t *testing.T) {
	rig.Each(t, func(t *testing.T, h *rig.House) {
		ana := h.As(t, "ana", "analyst", "manager")
		meeting, err := h.Reviews.Open(ana, review.Opening{Title: "The axolotl meeting"})
		check(t, "meeting", err)
		said(t, h, ana, meeting, "axolotl", false)
		said(t, h, ana, meeting, "axolotl", true)
		id, err := h.Cases.Open(ana, casework.Opening{Title: "Much is said of it"})
		check(t, "open", err)
		for range 201 { // more than is read at once
			_, err := h.Cases.Note(ana, id, "axolotl")
			check(t, "note", err)
		}
		want := kinds(t, h, ana, "axolotl")
		if want[passage.Note] != insight.MostFound || len(want) != 8 {
			t.Fatalf("before, %v", want)
		}
		check(t, "forget", h.DB.Write(t.Context(), func(tx *db.Tx) error {
			for _, table := range []string{"passages", "passage_words", "passage_base"} {
				if _, err := tx.Exec(t.Context(), `delete from `+table); err != nil {
					return err
				}
			}
			return nil
		}))
		if have := kinds(t, h, ana, "axolotl"); len(have) != 0 {
			t.Fatalf("once forgotten, %v", have)
		}
		_, err = h.Cases.Note(ana, id, "axolotl")
		check(t, "note", err)
		n := rig.Count(t, h.DB, "audit where verb <> 'search.fill'")
		for range 2 { // the second finds nothing to do
			check(t, "fill", h.Passages.Fill(rig.System()))
		}
		if have := kinds(t, h, ana, "axolotl"); !maps.Equal(have, want) {
			t.Errorf("filled anew, %v, want %v", have, want)
		}
		if have := rig.Count(t, h.DB, "passages"); have != rig.Count(t, h.DB, "messages")+17 {
			t.Errorf("%d texts are in", have)
		}
		if have := rig.Count(t, h.DB, "audit where verb <> 'search.fill'"); have != n {
			t.Error("the trails of records tell of it")
		}
	})
}

func TestWhatWasLookedForStandsOut(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, c := range []struct {
		name, text, typed, want string
	}{
		{"a word in any case of letters", "The Axolotl, and axolotls", "aXolotl", "The [Axolotl], and axolotls"},
		{"a beginning", "The Axolotl, and axolotls", "axo*", "The [Axolotl], and [axolotls]"},
		{"the words of a phrase", "a stored script", `"stored script"`, "a [stored] [script]"},
		{"a part between dashes", "cross-site", "site", "[cross-site]"},
		{"the beginning where nothing is", "nothing here", "axolotl", "nothing here"},
		{"some words before it", long + "axolotl " + long, "axolotl", "… " + strings.Repeat("word ", 11) + "[axolotl] " + strings.Repeat("word ", 31) + "…"},
		{"letters of every script", "ein Żółw läuft", "żółw", "ein [Żółw] läuft"},
	} {
		var have strings.Builder
		for _, p := range insight.Mark(insight.Around(c.text, c.typed), c.typed) {
			if p.Hit {
				p.Text = "[" + p.Text + "]"
			}
			have.WriteString(p.Text)
		}
		if have.String() != c.want {
			t.Errorf("%s: %s, want %s", c.name, have.String(), c.want)
		}
	}
}

func TestASearchSaysHowItWasRead(t *testing.T) {
	for _, c := range []struct {
		name, typed, want string
	}{
		{"words alone", "stored script", ""},
		{"a quote that is not closed", `"stored script`, "not closed"},
		{"a condition of the lists", "stage:triage export", "stage:triage narrows the lists"},
		{"an operator", "wiki OR export", "OR was looked for"},
		{"an address", "https://code.example/7", ""},
	} {
		if have := insight.Hint(c.typed); !strings.Contains(have, c.want) || (have == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", c.name, have, c.want)
		}
	}
	if !slices.Contains(insight.Searched(), passage.Evidence) {
		t.Error("evidence is not searched")
	}
}
