-- Observations: single findings about controls, which may become risks.
create table observations ( -- guarded obs
	id text primary key,
	guard text not null,
	audience text not null,   -- staff, or named: need to know
	at bigint not null,       -- opened, microseconds UTC
	doc bigint not null,      -- its place in lists, newest first, and its number in the full-text index
	version bigint not null,
	stage text not null,
	closed boolean not null,
	title text not null,
	source text not null,     -- where it was found: an audit, a tool, a register
	external text not null,   -- its name where it was found
	rating text not null,     -- a word of the profile's observation ratings; '' is unrated
	score bigint not null,    -- likelihood times impact; 0 is unset
	priority text not null,   -- by the profile's equivalents
	cause text not null,      -- key of the root cause, shared by those that have it in common
	entity boolean not null,  -- of a control of the whole organisation
	owner text not null,
	department text not null,
	labels text not null,     -- ' a b ', with blanks around
	due_at bigint not null,   -- 0 is none
	found_at bigint not null,
	touched_at bigint not null,
	body text not null        -- JSON: everything else that it says
);
create unique index observations_doc on observations (doc);
create index observations_seen on observations (audience, doc desc);
create index observations_owner on observations (owner, doc desc);
create index observations_cause on observations (cause, closed);
create index observations_due on observations (closed, due_at);
create index observations_external on observations (external);
