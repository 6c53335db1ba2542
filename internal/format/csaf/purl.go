package csaf

import (
	"net/url"
	"strings"
)

// purlParts are types whose packages have a namespace or version always, by
// the definitions of the package URL types.
var purlParts = map[string]struct{ namespace, version bool }{
	"maven": {namespace: true}, "swift": {namespace: true, version: true}, "cran": {version: true},
}

// purlSays returns what is wrong with a package URL, or "": the package URL
// specification, ECMA-427.
func purlSays(s string) string {
	rest, ok := strings.CutPrefix(s, "pkg:")
	if !ok {
		return "it begins with pkg:"
	}
	rest, subpath, _ := strings.Cut(rest, "#")
	rest, qualifiers, _ := strings.Cut(rest, "?")
	kind, path, _ := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	path = strings.Trim(path, "/")
	namespace, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		namespace, name = strings.Trim(path[:i], "/"), path[i+1:]
	}
	version := ""
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		name, version = name[:i], name[i+1:]
	}
	need := purlParts[strings.ToLower(kind)]
	switch {
	case !isPURLType(kind):
		return "its type is not made of letters, digits, points, plus and dash, beginning with a letter"
	case name == "":
		return "it names no package"
	case need.namespace && namespace == "":
		return "a package of type " + kind + " has a namespace"
	case need.version && version == "":
		return "a package of type " + kind + " has a version"
	case !decodes(namespace, name, version, subpath):
		return "a percent sign is not followed by two hexadecimal digits"
	}
	return qualifiersSay(qualifiers)
}

func isPURLType(s string) bool {
	for i, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789.+-", rune(c))) {
			return false
		}
	}
	return s != ""
}

func decodes(parts ...string) bool {
	for _, p := range parts {
		if _, err := url.PathUnescape(p); err != nil {
			return false
		}
	}
	return true
}

func qualifiersSay(s string) string {
	if s == "" {
		return ""
	}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(s, "&") {
		key, value, ok := strings.Cut(pair, "=")
		lower := strings.ToLower(key)
		switch {
		case !ok || key == "" || strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" || digits(key[:1]):
			return "a qualifier is not of the form key=value"
		case seen[lower]:
			return "the qualifier " + key + " stands twice"
		case !decodes(value):
			return "a percent sign is not followed by two hexadecimal digits"
		}
		seen[lower] = true
	}
	return ""
}
