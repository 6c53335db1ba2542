package exchange

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"tocsin/internal/risk"
)

// markdownWriter writes the register to be read.
type markdownWriter struct{ *exporting }

func newMarkdown(_ *Exchange, e *exporting) (writer, error) {
	_, err := fmt.Fprintf(e.to, "# Product security risk register\n\n%s\n", e.said.Counted)
	return &markdownWriter{e}, err
}

func (w *markdownWriter) risk(_ context.Context, f *risk.Full) error {
	w.said.Risks++
	r := w.known.recordOf(f)
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s: %s\n\n| | |\n|---|---|\n", f.ID, inline(f.Title))
	for _, row := range w.facts(f, r) {
		if row[1] != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", row[0], strings.ReplaceAll(inline(row[1]), "\n", "<br>"))
		}
	}
	for _, part := range [][2]string{{"What is at risk", r.Statement.Asset}, {"What may happen", r.Statement.Event}, {"Cause", r.Statement.Source},
		{"What follows", r.Statement.Consequence}, {"Problem", r.Statement.Problem}, {"Impact", r.Statement.Impact}, {"Evidence", r.Statement.Evidence},
		{"Scale", r.Statement.Scale}, {"Plan", r.Plan.Summary}} {
		if part[1] != "" {
			fmt.Fprintf(&b, "\n**%s**\n\n%s\n", part[0], inline(part[1]))
		}
	}
	if len(r.Plan.Milestones) > 0 {
		b.WriteString("\n| milestone | owner | due | done |\n|---|---|---|---|\n")
	}
	for _, m := range r.Plan.Milestones {
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s |\n", inline(m.ID), inline(m.Title), inline(m.Owner.Name), date(m.Due), date(m.Done))
	}
	if len(r.Controls) > 0 {
		b.WriteString("\n| control | lowers | state |\n|---|---|---|\n")
	}
	for _, c := range r.Controls {
		fmt.Fprintf(&b, "| %s %s | %s by %s | %s |\n", inline(c.ID), inline(c.Title), c.Factor, number0(c.Lowers), c.State)
	}
	_, err := io.WriteString(w.to, b.String())
	return err
}

func (w *markdownWriter) facts(f *risk.Full, r Record) [][2]string {
	s := f.Standing
	score := "unset"
	if s.Scored() {
		score = fmt.Sprintf("%s (likelihood %s, impact %s), %s", number0(s.Score), number0(s.Likelihood), number0(s.Impact), s.Rating)
	}
	if s.Held {
		score += "held: base and evidence disagree"
	}
	hidden := ""
	if f.Hidden > 0 {
		hidden = fmt.Sprintf(", of them %d that the reader may not open", f.Hidden)
	}
	return [][2]string{{"Stage", f.Stage}, {"Score in force", score}, {"Inherent, residual, target", strings.Join([]string{unsetOr(s.Inherent), unsetOr(s.Residual), unsetOr(s.Target)}, ", ")},
		{"Evidence", fmt.Sprintf("%d items, %d points%s", s.Items, s.Points, hidden)}, {"Business owner", contact(r.Owner)}, {"Security owner", contact(r.Security)},
		{"Department", f.Department}, {"Scope", f.Scope}, {"Response", join(", ", f.Response, f.Path)}, {"Acceptance", acceptance(r.Here).State},
		{"Raised", date(f.Raised)}, {"Review", date(f.Review)}, {"Labels", strings.Join(f.Labels, ", ")}}
}

func unsetOr(x float64) string {
	if x < 0 {
		return "unset"
	}
	return number0(x)
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// inline is a text that Markdown reads as it is.
func inline(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]<>()#+-!|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (w *markdownWriter) end() error { return nil }
