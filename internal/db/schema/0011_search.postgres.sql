-- Full text of reports, cases and advisories; doc is their column doc.
create table search (
	doc bigint primary key,
	words tsvector not null
);
create index search_words on search using gin (words);
