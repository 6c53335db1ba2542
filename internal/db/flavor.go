package db

import (
	"regexp"
	"strings"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// words are what SQLite says otherwise than PostgreSQL. Both bind $1 by number.
var words = map[Engine]*strings.Replacer{
	SQLite: strings.NewReplacer(
		"for update skip locked", "", // one writer: nothing to skip
		"for update", "",
		"for share", "",
	),
	Postgres: strings.NewReplacer(),
}

var schemaWords = map[Engine]*regexp.Regexp{
	SQLite:   regexp.MustCompile(`\bbytea\b`),
	Postgres: regexp.MustCompile(`\bblob\b`),
}

// inSchema says a statement of the schema in the engine's words.
func (e Engine) inSchema(stmt string) string {
	if e == SQLite {
		return schemaWords[SQLite].ReplaceAllString(stmt, "blob")
	}
	return schemaWords[Postgres].ReplaceAllString(stmt, "bytea")
}

// say says a statement in the engine's words.
func (e Engine) say(q string) string { return words[e].Replace(q) }
