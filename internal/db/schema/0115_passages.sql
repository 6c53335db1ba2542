-- Texts that stand on records beside the words of the records themselves, for the
-- search: notes and messages, names of files, meetings with what they decided, plans,
-- indicators, root causes. A row follows from the one that it is the text of, and is
-- guarded as that one is.
create table passages ( -- guarded
	doc bigint primary key,   -- its number in the index of their words; greater is later
	id text not null,         -- of what it is the text of
	kind text not null,       -- note, file, meeting, decision, plan, kri, cause, evidence
	guard text not null,
	audience text not null,
	about text not null,      -- the record on whose page it stands
	verb text not null,       -- that covers reading it there
	at bigint not null,       -- microseconds UTC
	title text not null,
	text text not null
);
create unique index passages_id on passages (id);
create index passages_guard on passages (guard);
create index passages_kind on passages (kind, doc);

-- How far the texts of an older store are in, of each kind of rows that have some.
create table passage_base (
	name text primary key,
	upto text not null        -- the last row, in order of IDs; '~' is all
);
