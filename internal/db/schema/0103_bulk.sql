-- What somebody did to many records at once, so that it can be followed and undone.
create table bulks (
	id text primary key,
	at bigint not null,      -- microseconds UTC
	actor text not null,     -- whose it is; nobody else sees it
	who text not null,       -- JSON: the actor, whose authority is asked again at each record
	surface text not null,   -- the list: cases, inbox, register
	act text not null,       -- what is done to each
	input text not null,     -- JSON: with what
	query text not null,     -- JSON: by what the records were chosen; '' is one by one
	marker text not null,    -- how far the records that the query leaves are collected
	missing text not null,   -- JSON: what was chosen and is no record to the actor
	state text not null,     -- collecting, doing, stopping, done, stopped, undoing, undone
	quiet boolean not null,  -- people are told once of all of it
	until bigint not null    -- until when it can be undone
);
create index bulks_actor on bulks (actor, at desc);
create index bulks_at on bulks (at);

-- The records of it, each with what became of it. guard is the record.
create table bulk_rows ( -- guarded
	bulk text not null,
	n bigint not null,       -- 1, 2, 3 … in the order of the list
	guard text not null,
	audience text not null,
	state text not null,     -- waiting, done, same, refused, undone, left
	at bigint not null,      -- when it was changed; 0 is not yet
	was text not null,       -- JSON: the fields that were changed, before and after
	says text not null,      -- why it was not changed, or not set back
	primary key (bulk, n)
);
create index bulk_rows_state on bulk_rows (bulk, state, n);
create unique index bulk_rows_guard on bulk_rows (guard, bulk);
