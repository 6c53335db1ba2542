-- Where imported history came from: one row for each original that was taken in,
-- so that the same file again is known as the same and an old one stays on record.
create table origins (
	format text not null,     -- cve5, osv, csaf, bounty-csv
	name text not null,       -- what the record calls itself, unique in its format
	revision bigint not null, -- 1, 2, 3 … as its originals came
	sha256 text not null,     -- of the original, which is kept in blobs
	at bigint not null,       -- taken in
	advisory text not null,   -- '' where the record is none
	primary key (format, name, revision)
);

-- The case of each vulnerability that a record speaks of.
create table origin_cases (
	format text not null,
	name text not null,
	part text not null,       -- which vulnerability of the record: its CVE ID, or what else names it
	case_id text not null,
	primary key (format, name, part)
);
create index origin_cases_case on origin_cases (case_id);
