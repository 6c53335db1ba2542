-- When a content was last taken in, so that one which nothing came to use can go
-- after a while. What was there before counts as old.
create table stored (
	sha256 text primary key,
	at bigint not null       -- microseconds UTC
);
insert into stored (sha256, at) select distinct b.sha256, 0 from blobs b;
create index stored_at on stored (at);
create index files_sha256 on files (sha256);
create index origins_sha256 on origins (sha256);

-- The list of jobs reads its newest, and no more.
create index jobs_made on jobs (made_at desc, id desc);
