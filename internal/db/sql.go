package db

const (
	createSchemaLog = `create table if not exists schema_log (name text primary key, sum text not null)`
	selectSchemaLog = `select name, sum from schema_log`
	insertSchemaLog = `insert into schema_log (name, sum) values ($1, $2)`
	lockSchema      = `select pg_advisory_xact_lock($1)`
)

var findSchemaLog = map[Engine]string{
	SQLite:   `select 1 from sqlite_master where type = 'table' and name = 'schema_log'`,
	Postgres: `select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'schema_log'`,
}
