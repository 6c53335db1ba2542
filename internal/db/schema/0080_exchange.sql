-- Saved mappings of columns: how the tables of another program are read.
create table mappings (
	name text primary key,
	at bigint not null,
	author text not null,
	body text not null        -- JSON: title, columns, levels
);
