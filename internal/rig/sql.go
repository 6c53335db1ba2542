package rig

// shape is a sum of all that the schema says: relations, columns, constraints,
// indexes, triggers (and whether they are on), policies and functions, and which migrations
// are noted.
const shape = `(select md5(string_agg(line, ' ' order by line)) from (
		select 'r' || c.oid || c.relkind::text || c.relrowsecurity || c.relforcerowsecurity || coalesce(c.relacl::text, '') as line from pg_class c where c.relnamespace = 'public'::regnamespace
		union all select 'a' || a.attrelid || ' ' || a.attnum || a.attname || a.atttypid || a.attnotnull || a.atthasdef from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace
		union all select 'c' || oid || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
		union all select 't' || oid || tgenabled::text || tgfoid from pg_trigger
		union all select 'p' || oid || polname from pg_policy
		union all select 's' || name || sum from schema_log
		union all select 'f' || oid || prosrc from pg_proc where pronamespace = 'public'::regnamespace) lines)`

// keepShape keeps the shape of a migrated database in its own name.
const keepShape = `do $$ begin
	execute format('comment on database %I is %L', current_database(), ` + shape + `);
end $$`

// emptyTables empties what holds rows, past the triggers that guard the audit log,
// and begins all numbers anew.
const emptyTables = `do $$ declare t text; held boolean; full_ones text[] := '{}'; begin
	if shobj_description((select oid from pg_database where datname = current_database()), 'pg_database') is distinct from ` + shape + ` then
		raise exception 'the schema was changed';
	end if;
	perform set_config('session_replication_role', 'replica', true);
	for t in select quote_ident(c.relname) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'schema_log' loop
		execute 'select exists (select 1 from ' || t || ')' into held;
		if held then full_ones := full_ones || t; end if;
	end loop;
	if full_ones <> '{}' then execute 'truncate ' || array_to_string(full_ones, ', ') || ' restart identity cascade'; end if;
	delete from pg_statistic where starelid in (select oid from pg_class where relnamespace = 'public'::regnamespace);
end $$`

const (
	takeDatabase = `select pg_try_advisory_lock($1)`
	endOthers    = `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1`
)

const (
	insertPerson = `insert into people (id, name, handle, email, state, password, totp, totp_step, invite, invite_until, made_at, seen_at, version)
		values ($1, $2, $3, '', 'active', '', '', 0, '', 0, $4, 0, 1) on conflict (id) do nothing`
	insertMembership = `insert into membership (holder, principal) values ($1, $2) on conflict do nothing`
	countRows        = `select count(*) from `
	countDatabases   = `select count(*) from pg_database where datname = $1`
	tellReader       = `select set_config('tocsin.reader', $1, true)`
)

func makeRole(role string) string {
	return `do $$ begin create role ` + role + ` login; exception when duplicate_object or unique_violation then null; end $$`
}

func ownSchema(role string) string {
	return `grant all on schema public to ` + role
}
