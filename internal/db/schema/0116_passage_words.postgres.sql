-- Full text of passages; doc is their column doc. The kind stands among the words
-- behind a sign that no word begins with.
create table passage_words (
	doc bigint primary key,
	words tsvector not null
);
create index passage_words_words on passage_words using gin (words);
