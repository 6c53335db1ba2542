package portal

import (
	"fmt"
	"slices"

	"tocsin/internal/profile"
	"tocsin/internal/web/ui"
)

// promises says what a reporter can count on, from the profile's clocks that the
// team itself is measured by.
func promises(p *profile.Profile) []ui.Promise {
	var out []ui.Promise
	add := func(title, says string) {
		if title != "" {
			out = append(out, ui.Promise{Title: title, Says: says})
		}
	}
	add(within(p, firstAnswer), "a person reads your report and answers.")
	add(within(p, decision), "we tell you whether we treat it as a vulnerability.")
	if span, ok := target(p, update); ok {
		add("Every "+span.Words(), "at the latest, you hear from us while we work on it.")
	}
	add(disclosure(p))
	return out
}

func firstAnswer(c profile.Clock) bool {
	return c.On == "report" && c.Kind == "promise" && slices.Contains(c.Stop, "message:out")
}

func decision(c profile.Clock) bool {
	return c.On == "report" && c.Kind == "promise" && !slices.Contains(c.Stop, "message:out")
}

func update(c profile.Clock) bool {
	return c.On == "case" && c.Kind == "promise" && slices.Contains(c.Start, "message:out")
}

// target is the target of the first clock that is meant, at any severity.
func target(p *profile.Profile, meant func(profile.Clock) bool) (profile.Span, bool) {
	for _, c := range p.Clocks {
		if meant(c) {
			return c.TargetFor("")
		}
	}
	return profile.Span{}, false
}

func within(p *profile.Profile, meant func(profile.Clock) bool) string {
	span, ok := target(p, meant)
	if !ok {
		return ""
	}
	return "Within " + span.Words()
}

// disclosure says when details become public: so long after the release of the fix,
// or after the report, as the profile's clock begins.
func disclosure(p *profile.Profile) (title, says string) {
	days := p.Disclosure.Days
	for _, c := range p.Clocks {
		if c.Kind != "disclosure" || days == 0 {
			continue
		}
		if slices.Contains(c.Start, "released") {
			return fmt.Sprintf("After %d days", days), "from the release of the fix, details may be public. Tell us if you plan otherwise."
		}
		return fmt.Sprintf("%d days", days), "is how long we ask for between your report and its publication."
	}
	return "", ""
}
