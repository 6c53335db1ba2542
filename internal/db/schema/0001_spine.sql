-- Who may see a record that not all staff may see: one row for each principal (a
-- person, a team, a reporter), with the role that it has on the record.
create table visibility (
	subject text not null,   -- the record
	principal text not null, -- who
	role text not null,      -- what they are on it; '' is to see it and no more
	kind text not null,      -- the record's kind, so that a list can start here
	doc bigint not null,     -- the record's place in lists, newest first
	primary key (subject, principal)
);
create index visibility_newest on visibility (principal, kind, doc desc, subject);

-- Which principals and roles an actor has: 'staff', a team's id, 'role:analyst'.
create table membership (
	holder text not null,
	principal text not null,
	primary key (holder, principal)
);

-- What happened: one row for each record that an act touched or was refused on.
-- Rows are never changed or deleted.
create table audit (
	id text primary key,
	at bigint not null,      -- microseconds UTC, of the transaction
	actor text not null,
	verb text not null,
	subject text not null,   -- '' is the house itself
	outcome text not null,   -- done, refused
	reason text not null,    -- as the actor gave it
	detail text not null,    -- JSON: what changed, old and new
	profile text not null,   -- version of the profile in force
	salt text not null       -- random; hides reason and detail in the entry's hash. 'erased:HEX' keeps that hash where they were erased
);
create index audit_subject on audit (subject, at);
create index audit_at on audit (at, id);

-- Work left for later, inserted in the transaction that asks for it.
create table jobs (
	id text primary key,
	kind text not null,
	args text not null,      -- JSON
	once text,               -- a key that at most one waiting job of the kind may have
	state text not null,     -- ready, running, done, parked
	run_at bigint not null,  -- not before
	tries bigint not null,
	lease_until bigint not null, -- a running job whose lease has passed is ready again
	worker text not null,
	last_error text not null,
	made_at bigint not null,
	done_at bigint not null
);
create index jobs_ready on jobs (state, run_at);
create unique index jobs_once on jobs (kind, once) where state = 'ready';
