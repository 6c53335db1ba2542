-- Vulnerability reports: what came in, until accepted, duplicate or declined.
create table reports ( -- guarded report
	id text primary key,
	guard text not null,
	audience text not null,   -- staff, or named: only those that visibility names
	at bigint not null,       -- received, microseconds UTC
	doc bigint not null,      -- its place in lists, newest first, and its number in the full-text index
	version bigint not null,
	stage text not null,
	title text not null,
	product text not null,
	component text not null,
	cwe text not null,
	severity text not null,   -- as claimed; '' is not stated
	source text not null,     -- channel it came by
	reporter text not null,   -- the reporter's actor id
	secret text not null,     -- hash of the secret link; '' where there is none
	case_id text not null,    -- the case it was accepted into, '' before
	due_at bigint not null,   -- what its clocks want next; 0 is nothing
	due text not null,        -- the clock that wants it
	breached boolean not null,
	look_at bigint not null,  -- when its clocks change by themselves; 0 is never
	events text not null,     -- JSON: the recorded events that its clocks run on
	body text not null        -- JSON: everything else that it says
);
create index reports_stage on reports (stage, doc desc);
create index reports_case on reports (case_id);
create index reports_look on reports (look_at);
create unique index reports_doc on reports (doc);
create index reports_secret on reports (secret);

-- Cases: the handling of one vulnerability.
create table cases ( -- guarded case
	id text primary key,
	guard text not null,
	audience text not null,
	at bigint not null,       -- opened, microseconds UTC; of imported history as published; 0 is unknown
	doc bigint not null,
	version bigint not null,
	stage text not null,
	closed boolean not null,  -- in a terminal stage
	title text not null,
	severity text not null,   -- word in force; '' is unknown
	score bigint not null,    -- tenths; -1 is unknown
	cwe text not null,        -- 'CWE-79'; '' is unknown
	product text not null,
	component text not null,
	owner text not null,
	source text not null,
	cve text not null,
	labels text not null,     -- ' a b ': names of the side labels, with blanks around
	due_at bigint not null,
	due text not null,
	breached boolean not null,
	look_at bigint not null,  -- when its clocks change by themselves; 0 is never
	events text not null,
	body text not null
);
create index cases_stage on cases (stage, doc desc);
create index cases_due on cases (closed, due_at, id);
create index cases_owner on cases (owner, doc desc);
create index cases_severity on cases (severity, doc desc);
create index cases_cwe on cases (cwe, doc desc);
create index cases_component on cases (component, doc desc);
create index cases_product on cases (product, doc desc);
create index cases_cve on cases (cve);
create index cases_look on cases (look_at);
create unique index cases_doc on cases (doc);

-- Advisories: a Document with its life cycle. guard is the case it speaks of.
create table advisories ( -- guarded adv
	id text primary key,
	guard text not null,
	audience text not null,
	at bigint not null,
	doc bigint not null,
	version bigint not null,
	stage text not null,
	title text not null,
	severity text not null,
	case_id text not null,
	name text not null,       -- the tracking ID it is published under
	published_at bigint not null, -- 0 is never
	events text not null,
	body text not null,       -- JSON: the Document in work and its approvals
	approved boolean not null, -- by a second person, and unchanged since
	original text not null    -- hash of the imported original, '' where there is none
);
create index advisories_case on advisories (case_id);
create unique index advisories_name on advisories (name);
create unique index advisories_doc on advisories (doc);

-- Publications: what went out, exactly, one row a revision. Public by nature.
create table publications (
	name text not null,       -- the tracking ID
	revision bigint not null, -- 1, 2, 3 …
	at bigint not null,
	advisory text not null,
	title text not null,
	severity text not null,
	hash text not null,       -- SHA-256 of document
	document text not null,   -- JSON: the Document as approved
	withdrawn boolean not null,
	newest boolean not null,  -- the revision in force
	primary key (name, revision)
);
create index publications_newest on publications (newest, at desc, name);

-- What was said, on any record.
create table messages ( -- guarded
	id text primary key,
	guard text not null,
	audience text not null,
	subject text not null,    -- the record it was said on
	at bigint not null,
	author text not null,
	name text not null,       -- how the author is shown
	side text not null,       -- note: internal; out: to the reporter; in: from the reporter
	text text not null
);
create index messages_subject on messages (subject, at, id);
create index messages_guard on messages (guard);

-- Files that came with a record or were put there.
create table files ( -- guarded
	id text primary key,
	guard text not null,
	audience text not null,
	subject text not null,
	at bigint not null,
	author text not null,
	name text not null,
	media text not null,      -- as guessed from the content, for show; never for serving
	size bigint not null,
	sha256 text not null,
	side text not null        -- as of messages: note stays inside, out and in are shared with the reporter
);
create index files_subject on files (subject, at, id);
create index files_guard on files (guard);

-- Contents of files, in pieces of at most a mebibyte, by what they are.
create table blobs (
	sha256 text not null,
	piece bigint not null,
	body bytea not null,
	primary key (sha256, piece)
);

-- Typed links between records.
create table links (
	source text not null,
	kind text not null,       -- duplicate-of, related, variant-of, caused-by
	target text not null,
	at bigint not null,
	author text not null,
	primary key (source, kind, target)
);
create index links_target on links (target);
