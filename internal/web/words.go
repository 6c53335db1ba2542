package web

import (
	"encoding/json"
	"fmt"
	"strings"
)

// deeds are verbs as a history says them: who did it stands before.
var deeds = map[string]string{
	"advisory.draft": "drafted the advisory", "advisory.edit": "changed the content", "advisory.submit": "submitted it for review", "advisory.approve": "approved exactly this content",
	"advisory.return": "returned it to the draft", "advisory.publish": "published it", "advisory.revise": "began a new revision", "advisory.withdraw": "withdrew it",
}

// deed says what a verb did; of a verb without words, its own.
func deed(verb string) string {
	if w, ok := deeds[verb]; ok {
		return w
	}
	noun, do, _ := strings.Cut(verb, ".")
	return strings.ReplaceAll(do, ".", " ") + " (" + noun + ")"
}

// valueText says a value of an audit entry.
func valueText(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case bool, float64, int:
		return fmt.Sprint(x)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
