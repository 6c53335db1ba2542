package backup

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/db"
)

// listColumns lists the columns of every table of the store itself, with the
// place that a column has in the table's key, 0 where it is not in it. What an
// engine keeps for its full-text index is none of them.
var listColumns = map[db.Engine]string{
	db.SQLite: `select t.name, c.name, lower(c.type), c.pk from pragma_table_list t join pragma_table_info(t.name) c
		where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite\_%' escape '\' order by t.name, c.name`,
	db.Postgres: `select c.table_name::text, c.column_name::text, c.data_type::text, coalesce(k.ordinal_position, 0)::bigint
		from information_schema.columns c
		join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
		left join information_schema.table_constraints p on p.table_schema = c.table_schema and p.table_name = c.table_name and p.constraint_type = 'PRIMARY KEY'
		left join information_schema.key_column_usage k on k.constraint_schema = p.constraint_schema and k.constraint_name = p.constraint_name
			and k.table_name = c.table_name and k.column_name = c.column_name
		where c.table_schema = current_schema() order by c.table_name::text collate "C", c.column_name::text collate "C"`,
}

// apart are tables that are no content: the log of the schema, which stands in
// the opening, and the full-text index with the texts that are kept for it, which are
// made anew.
var apart = []string{"schema_log", "search", "passages", "passage_words", "passage_base"}

// kinds are the types of the schema, as each engine calls them.
var kinds = map[string]string{"text": "text", "bigint": "int", "integer": "int", "boolean": "bool", "bytea": "bytes", "blob": "bytes"}

const listSchema = `select name from schema_log order by name`

func schema(ctx context.Context, tx *db.Tx) (names []string, err error) {
	rows, err := tx.Query(ctx, listSchema)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, rows.Err()
}

// tables lists the tables by name, their columns by name.
func tables(ctx context.Context, tx *db.Tx) (all []Table, err error) {
	rows, err := tx.Query(ctx, listColumns[tx.Engine])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	places := map[string]int64{}
	for rows.Next() {
		var table, column, kind string
		var key int64
		if err := rows.Scan(&table, &column, &kind, &key); err != nil {
			return nil, err
		}
		if slices.Contains(apart, table) {
			continue
		}
		if kinds[kind] == "" {
			return nil, fmt.Errorf("column %s.%s is of type %s, which no backup knows", table, column, kind)
		}
		if len(all) == 0 || all[len(all)-1].Name != table {
			all = append(all, Table{Name: table})
		}
		t := &all[len(all)-1]
		t.Columns = append(t.Columns, Column{column, kinds[kind]})
		if key > 0 {
			places[table+"."+column] = key
			t.key = append(t.key, column)
		}
	}
	for _, t := range all {
		slices.SortFunc(t.key, func(a, b string) int { return int(places[t.Name+"."+a] - places[t.Name+"."+b]) })
	}
	return all, rows.Err()
}

// selectRows reads a table in the order of its key, by bytes on each engine.
func selectRows(e db.Engine, t Table) string {
	by := t.key
	if len(by) == 0 {
		by = t.names()
	}
	var order []string
	for _, column := range by {
		if i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == column }); e == db.Postgres && t.Columns[i].Kind == "text" {
			column = quoted(column) + ` collate "C"`
		} else {
			column = quoted(column)
		}
		order = append(order, column)
	}
	return `select ` + t.list() + ` from ` + quoted(t.Name) + ` order by ` + strings.Join(order, ", ")
}

func (t Table) names() (out []string) {
	for _, c := range t.Columns {
		out = append(out, c.Name)
	}
	return out
}

func (t Table) list() string {
	names := t.names()
	for i := range names {
		names[i] = quoted(names[i])
	}
	return strings.Join(names, ", ")
}

// quoted names a table or a column. The names come from the engine's catalogue.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func insertRows(t Table, rows int) string {
	var b strings.Builder
	b.WriteString(`insert into ` + quoted(t.Name) + ` (` + t.list() + `) values `)
	for n := range rows {
		if n > 0 {
			b.WriteString(", ")
		}
		for i := range t.Columns {
			b.WriteString(map[bool]string{true: "(", false: ", "}[i == 0])
			b.WriteString("$" + strconv.Itoa(n*len(t.Columns)+i+1))
		}
		b.WriteString(")")
	}
	return b.String()
}

func count(ctx context.Context, tx *db.Tx, table string) (n int64, err error) {
	err = one(ctx, tx, `select count(*) from `+quoted(table), &n)
	return n, err
}

func one(ctx context.Context, tx *db.Tx, q string, into any) error {
	rows, err := tx.Query(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(into); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A store that was opened once has begun its audit log, with nothing in it.
const dropEmptyLog = `delete from audit_log where size = 0`

// The trigger of the audit log lets each restored entry wait for a seal; which of
// them really wait is in the copy.
const dropWaiting = `delete from audit_new`
