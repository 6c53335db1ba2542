-- Webhooks: addresses that are told when something was done (package hook).
create table hooks (
	id text primary key,
	owner text not null,       -- a person: what they may not see, the hook is not told
	name text not null,
	address text not null,     -- where to
	kinds text not null,       -- JSON: kinds of records
	made_at bigint not null,
	seq bigint not null,       -- place in the sealed audit log up to which it was told
	state text not null,       -- on, stopped
	note text not null,        -- what the last try, or who stopped it, said
	fails integer not null,    -- tries since one last went well
	due_at bigint not null,    -- when to try next
	sent_at bigint not null    -- when one last went well; 0 is never
);
create unique index hooks_once on hooks (owner, name);
