-- The Merkle log over the audit entries: package audit.

-- Entries that no seal covers yet. A trigger of the engine inserts the row in the
-- same transaction as the entry, so that one which commits late is never passed
-- over; sealing deletes it.
create table audit_new (
	at bigint not null,
	id text not null,
	primary key (at, id)
);

-- The place of each sealed entry in the log, from 0 without gaps. The entry is
-- found by its moment and its id: so the index grows at its end.
create table audit_seal (
	seq integer not null primary key,
	at bigint not null,
	entry text not null,
	unique (at, entry)
);

-- The hashes of the log, in tiles of 256 as golang.org/x/mod/sumdb/tlog has them:
-- level 0 holds the leaves, level 1 the roots of 256 leaves each, and so on. Only
-- the last tile of a level is ever shorter, and only it is written again.
create table audit_tile (
	level integer not null,
	n integer not null,
	hashes bytea not null,
	primary key (level, n)
);

-- One row: the log itself.
create table audit_log (
	one integer not null primary key check (one = 1),
	origin text not null,  -- names the log in its checkpoints
	public text not null,  -- the key that checks its signatures
	size bigint not null   -- how many entries are sealed
);

-- Signed checkpoints: the newest, and at most one of each hour before.
create table audit_checkpoint (
	size bigint not null primary key,
	at bigint not null,
	note text not null
);
