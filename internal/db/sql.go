package db

const (
	createSchemaLog = `create table if not exists schema_log (name text primary key, sum text not null)`
	selectSchemaLog = `select name, sum from schema_log`
	insertSchemaLog = `insert into schema_log (name, sum) values ($1, $2)`
	lockSchema      = `select pg_advisory_xact_lock($1)`

	// withoutJIT keeps PostgreSQL from translating a statement into machine code, which
	// it does where it thinks that one costs much: that takes 0.4 s, more than any
	// statement of the house does.
	withoutJIT = `set jit = off`
)

var findSchemaLog = map[Engine]string{
	SQLite:   `select 1 from sqlite_master where type = 'table' and name = 'schema_log'`,
	Postgres: `select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'schema_log'`,
}
