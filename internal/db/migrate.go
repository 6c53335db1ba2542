package db

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/fault"
)

//go:embed schema/*.sql
var schema embed.FS

// migration is one file of the schema, for one engine or for both.
type migration struct{ name, text, sum string }

// migrations lists the schema of an engine, oldest first. "0001_start.sql" is for
// both; "0002_x.sqlite.sql" and "0002_x.postgres.sql" are for one.
func migrations(e Engine) []migration {
	files, _ := fs.Glob(schema, "schema/*.sql")
	slices.Sort(files)
	var out []migration
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "schema/"), ".sql")
		base, only, special := strings.Cut(name, ".")
		if special && only != string(e) {
			continue
		}
		b, _ := schema.ReadFile(file)
		sum := sha256.Sum256(b)
		out = append(out, migration{base, string(b), hex.EncodeToString(sum[:])})
	}
	return out
}

// Schema names the schema of an engine: programs that name it alike make the same one.
func Schema(e Engine) string {
	all := sha256.New()
	for _, m := range migrations(e) {
		fmt.Fprintln(all, m.name, e.inSchema(m.text))
	}
	return hex.EncodeToString(all.Sum(nil))
}

// lockNumber names the advisory lock that lets one replica migrate at a time.
const lockNumber = 8420_0001

// Migrate brings the schema up and returns the names of what it ran. Replicas
// that start together wait for the first of them. A database that a newer
// version has written is refused.
func (d *DB) Migrate(ctx context.Context) (ran []string, err error) {
	err = d.Write(ctx, func(tx *Tx) error {
		if err := tx.lockSchema(ctx); err != nil {
			return err
		}
		todo, err := tx.pending(ctx)
		if err != nil {
			return err
		}
		for _, m := range todo {
			if err := tx.migrate(ctx, m); err != nil {
				return strange(err)
			}
			ran = append(ran, m.name)
		}
		return nil
	})
	return ran, err
}

// MigrateTo brings an empty store up by the named migrations alone, as an earlier
// version did. Only tests of upgrades ask for it; it stands here and not beside
// them because a package with files that only its tests see is compiled again
// for them, with all that stands on it.
func (d *DB) MigrateTo(ctx context.Context, names map[string]bool) error {
	return d.Write(ctx, func(tx *Tx) error {
		if err := tx.lockSchema(ctx); err != nil {
			return err
		}
		for _, m := range migrations(tx.Engine) {
			if !names[m.name] {
				continue
			}
			if err := tx.migrate(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Pending lists the migrations that the store still lacks. It changes nothing.
func (d *DB) Pending(ctx context.Context) (names []string, err error) {
	err = d.Read(ctx, func(tx *Tx) error {
		todo, err := tx.pending(ctx)
		for _, m := range todo {
			names = append(names, m.name)
		}
		return err
	})
	return names, err
}

// strange is a migration that fails although the store takes writes: there is
// something in it that none of ours has made.
func strange(err error) error {
	if fault.KindOf(known(err)) != fault.Internal {
		return err
	}
	return &fault.Fault{Kind: fault.Conflict, Says: "the schema cannot be brought up, so nothing was changed; does the store belong to another program? name one of Tocsin's, or an empty one", Err: err}
}

func (t *Tx) lockSchema(ctx context.Context) error {
	if t.Engine == Postgres {
		if _, err := t.Exec(ctx, lockSchema, int64(lockNumber)); err != nil {
			return err
		}
	}
	_, err := t.Exec(ctx, createSchemaLog)
	return err
}

func (t *Tx) pending(ctx context.Context) ([]migration, error) {
	done, err := t.applied(ctx)
	if err != nil {
		return nil, err
	}
	all := migrations(t.Engine)
	var todo []migration
	for _, m := range all {
		sum, ok := done[m.name]
		if !ok {
			todo = append(todo, m)
		} else if sum != m.sum {
			return nil, fault.New(fault.Conflict, "migration %s of this store is not the one that this version knows; the store was written by another build", m.name)
		}
		delete(done, m.name)
	}
	for name := range done {
		return nil, fault.New(fault.Conflict, "the store was written by a newer version (it has %s); run that version or a newer one", name)
	}
	return todo, nil
}

func (t *Tx) applied(ctx context.Context) (map[string]string, error) {
	done := map[string]string{}
	if has, err := t.hasSchemaLog(ctx); err != nil || !has {
		return done, err
	}
	rows, err := t.Query(ctx, selectSchemaLog)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name, &sum); err != nil {
			return nil, err
		}
		done[name] = sum
	}
	return done, rows.Err()
}

func (t *Tx) hasSchemaLog(ctx context.Context) (bool, error) {
	rows, err := t.Query(ctx, findSchemaLog[t.Engine])
	if err != nil {
		return false, err
	}
	defer rows.Close()
	return rows.Next(), rows.Err()
}

func (t *Tx) migrate(ctx context.Context, m migration) error {
	for _, stmt := range statements(m.text) {
		if _, err := t.run.exec(ctx, t.Engine.inSchema(stmt), nil); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	_, err := t.Exec(ctx, insertSchemaLog, m.name, m.sum)
	return err
}

var comment = regexp.MustCompile(`(?m)--.*$`)

// statements splits a migration at semicolons that end a line.
func statements(text string) []string {
	var out []string
	for _, s := range strings.Split(comment.ReplaceAllString(text, ""), ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, strings.TrimSuffix(s, ";"))
		}
	}
	return out
}

// Table is what the schema says of a guarded table.
type Table struct {
	Name string
	Kind string // the kind of ref.ID of its rows, where the table holds records of their own
}

var guardedLine = regexp.MustCompile(`(?m)^create table (\w+) \( -- guarded ?(\w*)$`)

// Guarded lists the tables whose "create table" line ends in "-- guarded", by
// name. "-- guarded case" says that the rows are records of the kind "case".
func Guarded() map[string]Table {
	out := map[string]Table{}
	for _, e := range []Engine{SQLite, Postgres} {
		for _, m := range migrations(e) {
			for _, f := range guardedLine.FindAllStringSubmatch(m.text, -1) {
				out[f[1]] = Table{f[1], f[2]}
			}
		}
	}
	return out
}
